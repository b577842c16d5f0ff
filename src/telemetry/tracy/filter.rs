//! What the log lets through: warnings to standard error, and the spans that a build sends to Tracy.
//!
//! The log's filter is one for all layers, so what it holds back never reaches Tracy; standard error gets its own.

use bevy::{
    log::{
        BoxedFmtLayer,
        tracing_subscriber::{EnvFilter, Layer, fmt},
    },
    prelude::*,
};

use super::TARGETS;

/// What reaches standard error. The software renderer is a choice here, and the engine's warning about it no news.
const QUIET: &str = "wgpu=error,naga=error,bevy_render::renderer=error";

/// Whose spans a build sends to Tracy.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Spans {
    /// Nobody's: a build without Tracy.
    None,
    /// Ours: feature `tracy`.
    Ours,
    /// Ours and the engine's: feature `tracy-full`.
    OursAndEngine,
}

impl Spans {
    /// What this build sends.
    pub const BUILT: Self = if cfg!(feature = "tracy-full") {
        Self::OursAndEngine
    } else if cfg!(feature = "tracy") {
        Self::Ours
    } else {
        Self::None
    };
}

/// The filter of the whole log, to be used with level `WARN`: it lets the spans through as well.
pub fn log_filter(spans: Spans) -> String {
    let mut filter = QUIET.to_owned();
    if spans != Spans::None {
        for target in TARGETS {
            filter += &format!(",{target}=info");
        }
    }
    if spans == Spans::OursAndEngine {
        // A target is a prefix. The renderer's mark of a frame is an event of level info; the last word on a target counts.
        filter += ",bevy=info,bevy_render::renderer=info";
    }
    filter
}

/// The layer for standard error: use it as `LogPlugin::fmt_layer`.
///
/// `None` without the feature `tracy`: then the log's own filter is as quiet.
pub fn stderr_layer(_app: &mut App) -> Option<BoxedFmtLayer> {
    if Spans::BUILT == Spans::None {
        return None;
    }
    let wish = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let layer = fmt::Layer::default().with_writer(std::io::stderr);
    Some(Box::new(layer.with_filter(stderr_filter(&wish))))
}

/// Warnings and worse, and what `wish` (the text of `RUST_LOG`) asks for.
fn stderr_filter(wish: &str) -> EnvFilter {
    EnvFilter::builder().parse_lossy(format!("warn,{QUIET},{wish}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bevy::log::tracing_subscriber::{Registry, prelude::*};
    use tracing::Level;

    use super::{
        super::tests::{Capture, SETS, streaming_app},
        *,
    };

    /// The filter as the log plugin puts it together.
    fn filter_of(filter: &str) -> EnvFilter {
        EnvFilter::builder().parse_lossy(format!("{},{filter}", Level::WARN))
    }

    /// The names of the spans of some real frames that reach a layer in Tracy's place, and one in standard error's.
    fn spans_through(filter: EnvFilter) -> [BTreeSet<&'static str>; 2] {
        let tracy = Capture::default();
        let stderr = Capture::default();
        let subscriber = Registry::default()
            .with(tracy.clone())
            .with(filter)
            .with(stderr.clone().with_filter(stderr_filter("")));
        tracing::subscriber::with_default(subscriber, || {
            let mut app = streaming_app();
            for _ in 0..3 {
                app.update();
            }
        });
        [tracy, stderr].map(|capture| capture.take().into_keys().collect())
    }

    #[test]
    fn spans_of_the_sets_pass_the_programs_own_filter_exactly_with_tracy() {
        let log = crate::log();
        assert_eq!(log.level, Level::WARN);
        let [tracy, stderr] = spans_through(filter_of(&log.filter));
        for set in SETS {
            assert_eq!(tracy.contains(set), cfg!(feature = "tracy"), "{set}");
        }
        assert!(stderr.is_empty(), "{stderr:?}");
    }

    #[test]
    fn spans_pass_where_they_are_sent_and_never_reach_standard_error() {
        for (spans, passes) in [
            (Spans::None, false),
            (Spans::Ours, true),
            (Spans::OursAndEngine, true),
        ] {
            let [tracy, stderr] = spans_through(filter_of(&log_filter(spans)));
            for set in SETS {
                assert_eq!(tracy.contains(set), passes, "{set} with {spans:?}");
            }
            assert!(stderr.is_empty(), "{stderr:?} with {spans:?}");
        }
    }

    #[test]
    fn engine_is_heard_with_its_spans_only() {
        for (spans, passes) in [
            (Spans::None, false),
            (Spans::Ours, false),
            (Spans::OursAndEngine, true),
        ] {
            let subscriber = Registry::default().with(filter_of(&log_filter(spans)));
            tracing::subscriber::with_default(subscriber, || {
                let heard = [
                    tracing::enabled!(target: "bevy_ecs::system", Level::INFO),
                    tracing::enabled!(target: "bevy_render::renderer", Level::INFO),
                ];
                assert_eq!(heard, [passes; 2], "{spans:?}");
            });
        }
    }

    #[test]
    fn standard_error_is_louder_on_request() {
        for (wish, passes) in [("", false), ("ringroad=info", true), ("info", true)] {
            let subscriber = Registry::default().with(stderr_filter(wish));
            tracing::subscriber::with_default(subscriber, || {
                let is_heard = tracing::enabled!(target: "ringroad", Level::INFO);
                assert_eq!(is_heard, passes, "{wish:?}");
            });
        }
    }

    /// With `tracy-full` the engine's own layer carries the spans.
    #[test]
    fn program_gives_the_log_the_layers_of_its_build() {
        let log = crate::log();
        let app = &mut App::new();
        assert_eq!(
            (log.custom_layer)(app).is_some(),
            Spans::BUILT == Spans::Ours
        );
        assert_eq!((log.fmt_layer)(app).is_some(), Spans::BUILT != Spans::None);
    }
}
