//! What `--version` prints.

use std::sync::LazyLock;

pub use crate::telemetry::tracy::TRACY_VERSION;

/// Version, commit, profile, and the Tracy version that fits.
pub fn version_text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let commit = option_env!("RINGROAD_COMMIT").unwrap_or("unknown");
        let tracy = if cfg!(feature = "tracy") {
            "built in"
        } else {
            "not built in, see --features tracy"
        };
        format!(
            "{} (commit {commit}, profile {})\nTracy {TRACY_VERSION} fits ({tracy})",
            env!("CARGO_PKG_VERSION"),
            env!("RINGROAD_PROFILE"),
        )
    });
    &TEXT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_version_commit_and_tracy() {
        let text = version_text();
        assert!(
            text.contains(env!("CARGO_PKG_VERSION"))
                && text.contains("commit")
                && text.contains("Tracy 0.14")
        );
    }
}
