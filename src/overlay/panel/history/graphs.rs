//! Which metrics the graphs show, and how.

use bevy_egui::egui::Color32;

use crate::overlay::style;

/// How a metric is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// A line through the largest values.
    Line,
    /// The band between least and largest.
    Band,
    /// A thin line: what the others are held against.
    Limit,
}

/// One metric in a graph.
#[derive(Copy, Clone, Debug)]
pub(super) struct Series {
    /// The metric's name in the registry.
    pub id: &'static str,
    /// The word in the legend.
    pub word: &'static str,
    pub color: Color32,
    pub drawn: Drawn,
}

/// One graph.
#[derive(Copy, Clone, Debug)]
pub(super) struct Graph {
    pub title: &'static str,
    /// What it is called where the words of its series have no room.
    pub short_name: &'static str,
    pub series: &'static [Series],
    /// Top of a scale that does not move; `None` follows the values.
    pub top: Option<f64>,
}

const fn series(id: &'static str, word: &'static str, color: Color32, drawn: Drawn) -> Series {
    Series {
        id,
        word,
        color,
        drawn,
    }
}

pub(super) const GRAPHS: [Graph; 6] = [
    Graph {
        title: "tasks that run, over their limit",
        short_name: "",
        series: &[
            series(
                "max_concurrent_tasks",
                "limit",
                style::NEUTRAL,
                Drawn::Limit,
            ),
            series("active", "run", style::OK, Drawn::Line),
        ],
        top: None,
    },
    Graph {
        title: "finished results that wait (completed_results)",
        short_name: "",
        series: &[
            series("queued", "queued", style::WATCH, Drawn::Line),
            series("ready", "ready", style::BAD, Drawn::Line),
        ],
        top: None,
    },
    Graph {
        title: "chunks between request and loaded, and loaded",
        short_name: "",
        series: &[
            series("loading", "loading", style::WATCH, Drawn::Line),
            series("loaded", "loaded", style::GOOD, Drawn::Line),
        ],
        top: None,
    },
    Graph {
        title: "results discarded since the start, by reason",
        short_name: "stale",
        series: &[
            series("stale_gone", "gone", style::BAD, Drawn::Line),
            series("stale_wrong_state", "state", style::CRITICAL, Drawn::Line),
            series("stale_old_ticket", "ticket", style::INFO, Drawn::Line),
        ],
        top: None,
    },
    Graph {
        title: "run of the generator, least to longest",
        short_name: "",
        series: &[series("generate_ms", "gen ms", style::INFO, Drawn::Band)],
        top: None,
    },
    Graph {
        title: "frame time; the line is the target",
        short_name: "",
        series: &[series("frame_ms", "frame ms", style::OK, Drawn::Band)],
        top: Some(33.0),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::registry;

    #[test]
    fn every_graph_shows_metrics_of_the_registry() {
        for graph in GRAPHS {
            assert!(!graph.series.is_empty());
            for series in graph.series {
                assert!(registry::find(series.id).is_some(), "{}", series.id);
            }
        }
    }
}
