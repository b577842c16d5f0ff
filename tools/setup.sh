# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the lists are read, and `root` is set, by the scripts that source this
# What ./tools/play and ./tools/test share: finding cargo, installing packages, where things are built.
# Sourced, never run. The caller has set `root` to the top of the checkout.

# Needed to build and to open a window, as `package probe`: the probe tells on any system whether it is there.
# Nothing is linked at build time but libc: X11, xkbcommon and Vulkan are opened when the game starts,
# so no -dev package is on the list.
packages_to_play=(
    "gcc command:cc"
    "libc6-dev file:/usr/include/stdlib.h"
    "ca-certificates file:/etc/ssl/certs"
    "libx11-6 library:libX11.so.6"
    "libx11-xcb1 library:libX11-xcb.so.1"
    "libxcursor1 library:libXcursor.so.1"
    "libxi6 library:libXi.so.6"
    "libxkbcommon0 library:libxkbcommon.so.0"
    "libxkbcommon-x11-0 library:libxkbcommon-x11.so.0"
    "libvulkan1 library:libvulkan.so.1"
    "mesa-vulkan-drivers vulkan:lvp"
)

# Needed by the checks only: Tracy's client is C++, the scripts are linted, the windowed run (--full) has a display
# of its own with keys and a mouse.
packages_to_test=(
    "g++ command:c++"
    "shellcheck command:shellcheck"
    "xvfb command:Xvfb"
    "xdotool command:xdotool"
)

say() {
    printf '%s\n' "$*" >&2
}

# Bad usage or a machine that cannot do it: exit 2, like the game.
refuse() {
    printf 'ringroad: %s\n' "$*" >&2
    exit 2
}

# A person who can answer sits there. Never in CI.
is_attended() {
    [[ -t 0 && -t 2 && "${CI:-}" != "true" ]]
}

is_debian_like() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null
}

# Is the entry `package probe` of a list above there?
is_present() {
    local package=$1 probe=$2 kind value
    kind=${probe%%:*}
    value=${probe#*:}
    # A compiler may come from anywhere, so it is looked for, not asked for.
    if is_debian_like && [[ $kind != command ]]; then
        # A line per architecture that the package is known for.
        grep -qx installed <<<"$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null)"
        return
    fi
    case $kind in
        command) command -v "$value" >/dev/null ;;
        file) [[ -e $value ]] ;;
        library) known_libraries | grep -qF "$value" ;;
        vulkan) [[ -n "$(software_vulkan_driver)" ]] ;;
    esac
}

known_libraries() {
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true
}

# The manifest of Mesa's software Vulkan driver, or nothing.
software_vulkan_driver() {
    local manifest
    for manifest in /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json; do
        if [[ -e $manifest ]]; then
            printf '%s\n' "$manifest"
            return
        fi
    done
}

# need_packages ENTRY...: installs those that are missing, or says which and exits 2.
need_packages() {
    local entry missing=()
    for entry in "$@"; do
        # An entry is two words; splitting it is the point.
        # shellcheck disable=SC2086
        is_present $entry || missing+=("${entry%% *}")
    done
    ((${#missing[@]} > 0)) || return 0

    local command="apt-get install --no-install-recommends ${missing[*]}"
    if ! is_debian_like; then
        say "Missing on this system (names as in Debian): ${missing[*]}"
        refuse "install what your system calls these, then run this again"
    elif ((EUID == 0)); then
        say "Installing: ${missing[*]}"
        install_packages env -- "${missing[@]}"
    elif command -v sudo >/dev/null && is_attended; then
        say "Missing packages: ${missing[*]}"
        local answer
        read -r -p "Install them with sudo? [Y/n] " answer
        case $answer in
            "" | [Yy]*) install_packages sudo -- "${missing[@]}" ;;
            *) refuse "not installed; to do it yourself: sudo $command" ;;
        esac
    else
        say "Missing packages: ${missing[*]}"
        refuse "no right to install them from here; as root run: $command"
    fi
}

# install_packages PREFIX... -- PACKAGE...
install_packages() {
    local prefix=()
    while [[ $1 != -- ]]; do
        prefix+=("$1")
        shift
    done
    shift
    # An index that cannot be refreshed is no reason to stop: the packages may still be known.
    "${prefix[@]}" apt-get update -qq </dev/null >&2 || say "apt-get update failed; going on with the index at hand"
    if ! "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2; then
        refuse "apt-get could not install: $*"
    fi
}

# Puts cargo on the PATH and checks that it is new enough.
find_cargo() {
    if ! command -v cargo >/dev/null; then
        local home="${CARGO_HOME:-$HOME/.cargo}"
        [[ -x $home/bin/cargo ]] || refuse "cargo was not found on the PATH nor in $home/bin; install Rust from https://rustup.rs"
        export PATH="$home/bin:$PATH"
    fi
    local wanted found
    wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
    found=$(cd "$root" && cargo --version | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
    if [[ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]]; then
        refuse "cargo $found is too old, Ringroad needs $wanted or newer: rustup update"
    fi
}

# Builds outside the checkout, so that a fresh clone finds what an earlier one built.
choose_target_dir() {
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ringroad/target}"
    # The program does not lie beside its assets then, so it is told where they are.
    export BEVY_ASSET_ROOT="$root"
    bin_dir="$CARGO_TARGET_DIR/debug"
}

is_cold() {
    ! compgen -G "$bin_dir/deps/libbevy_pbr-*.rlib" >/dev/null
}
