//! Looks for a display and a graphics adapter before anything is built, since the engine panics where one is missing.

use std::ops::Deref;

use bevy::render::renderer::RenderInstance;
use bevy::render::settings::WgpuSettings;
use thiserror::Error;

/// Nothing can be drawn, or nowhere.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NoGraphics {
    /// No X display is named.
    #[error(
        "no display: DISPLAY is not set; use --offscreen for pictures without a window, or --headless for a run without a renderer"
    )]
    NoDisplay,
    /// The named display does not answer.
    #[error(
        "no display: `{display}` (from DISPLAY) does not answer: {why}; use --offscreen for pictures without a window, or --headless for a run without a renderer"
    )]
    DeadDisplay {
        /// What DISPLAY says.
        display: String,
        /// What the system said.
        why: String,
    },
    /// The window system refused the window.
    #[error(
        "no window: {why}; use --offscreen for pictures without a window, or --headless for a run without a renderer"
    )]
    NoWindow {
        /// What the window system said.
        why: String,
    },
    /// There is no driver that could draw.
    #[error(
        "no graphics adapter: no Vulkan or OpenGL driver was found; install one (a software one is `mesa-vulkan-drivers` on Debian and Ubuntu), or use --headless for a run without a renderer"
    )]
    NoAdapter,
}

/// The engine's own graphics library, named through a type that the engine exports.
type Instance = <<<RenderInstance as Deref>::Target as Deref>::Target as Deref>::Target;

/// Whether the engine will find an adapter to draw with.
pub fn probe_adapter() -> Result<(), NoGraphics> {
    let Some(backends) = WgpuSettings::default().backends else {
        return Err(NoGraphics::NoAdapter);
    };
    let instance = Instance::default();
    let adapters = bevy::tasks::block_on(instance.enumerate_adapters(backends));
    if adapters.is_empty() {
        Err(NoGraphics::NoAdapter)
    } else {
        Ok(())
    }
}

/// Whether there is a display that answers. Only X is built in; elsewhere than on Linux there always is one.
pub fn probe_display() -> Result<(), NoGraphics> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let display = std::env::var("DISPLAY").unwrap_or_default();
    if display.is_empty() {
        return Err(NoGraphics::NoDisplay);
    }
    connect(&display).map_err(|why| NoGraphics::DeadDisplay { display, why })
}

/// The X protocol's fixed place for the sockets of local displays.
#[cfg(target_os = "linux")]
const X_SOCKETS: &str = concat!("/", "tmp", "/.X11-unix/X");

/// Connects to an X server as X clients do: `:N` by a socket of the system, `HOST:N` over TCP.
#[cfg(target_os = "linux")]
fn connect(display: &str) -> Result<(), String> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};

    let (host, rest) = display
        .rsplit_once(':')
        .ok_or_else(|| "it is not of the form HOST:NUMBER".to_owned())?;
    let number: u16 = rest
        .split('.')
        .next()
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| "it is not of the form HOST:NUMBER".to_owned())?;
    if host.is_empty() || host == "unix" {
        let path = format!("{X_SOCKETS}{number}");
        let by_name = SocketAddr::from_abstract_name(&path)
            .and_then(|address| UnixStream::connect_addr(&address));
        by_name
            .or_else(|_| UnixStream::connect(&path))
            .map(drop)
            .map_err(|error| error.to_string())
    } else {
        let port = 6_000_u16
            .checked_add(number)
            .ok_or_else(|| format!("there is no display {number}"))?;
        std::net::TcpStream::connect((host.trim_matches(['[', ']']), port))
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

#[cfg(not(target_os = "linux"))]
fn connect(_display: &str) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn displays_that_are_malformed_or_dead_are_refused() {
        for display in ["nonsense", ":", ":x", ":64999", "unix:64998", ":99999"] {
            assert!(connect(display).is_err(), "{display}");
        }
    }
}
