//! METRICS: every metric of the registry, with its limit, and the words that it is known by elsewhere.

use bevy_egui::egui;

use super::PanelState;
use crate::{
    overlay::style,
    telemetry::{
        registry::Metric,
        snapshot::{MetricLine, PanelData},
    },
};

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData, state: &mut PanelState) {
    ui.horizontal(|ui| {
        let label = ui.label(style::mono("search").color(style::NEUTRAL));
        ui.add(
            egui::TextEdit::singleline(&mut state.metric_search)
                .hint_text("stale")
                .desired_width(160.0),
        )
        .labelled_by(label.id)
        .on_hover_text("Words that the name or the meaning of a metric must contain.");
    });
    let mut shown = 0;
    for line in &data.metrics {
        if !is_found(line.metric, &state.metric_search) {
            continue;
        }
        shown += 1;
        row(ui, data, line);
    }
    if shown == 0 {
        style::line(ui, "— no metric of that name", style::NEUTRAL);
    }
}

fn row(ui: &mut egui::Ui, data: &PanelData, line: &MetricLine) {
    let metric = line.metric;
    let number = metric.number_text(line.now);
    let value = match line.limit {
        Some(limit) => format!("{number} / {}", metric.number_text(Some(limit))),
        None => number,
    };
    let color = if line.is_over {
        style::BAD
    } else {
        style::TEXT
    };
    let mark = if line.is_over { '!' } else { ' ' };
    style::line(
        ui,
        format!("{mark}{:<24.24}{value:>18} {}", metric.id, metric.unit),
        color,
    )
    .on_hover_ui(|ui| {
        ui.label(format!(
            "{}\nworst of the last 0.25 s: {}",
            help_of(metric, data),
            metric.number_text(line.worst)
        ));
    });
}

/// Definition, formula, number of values and window of a metric.
fn help_of(metric: &Metric, data: &PanelData) -> String {
    let n = data.frame_time.map_or(0, |summary| summary.n);
    metric.tooltip(n as usize, data.window_secs)
}

/// The hover text of a line that shows several metrics: one sentence, then each metric as the registry knows it. Made
/// only while somebody looks.
pub(super) fn explain(
    response: egui::Response,
    data: &PanelData,
    sentence: &str,
    ids: &[&str],
) -> egui::Response {
    response.on_hover_ui(|ui| {
        ui.label(sentence);
        for id in ids {
            if let Some(line) = data.metrics.iter().find(|line| line.metric.id == *id) {
                ui.separator();
                ui.label(help_of(line.metric, data));
            }
        }
    })
}

fn is_found(metric: &Metric, search: &str) -> bool {
    let text = format!("{} {}", metric.id, metric.help).to_lowercase();
    search
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}
