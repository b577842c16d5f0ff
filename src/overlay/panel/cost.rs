//! COST: per stage and per chunk now, p50, p95, p99, max; stale discards.

use bevy_egui::egui;

use crate::{
    overlay::style,
    telemetry::{
        snapshot::{CostLine, PanelData},
        text::{fixed, percent},
    },
};

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData) {
    heading(ui, "per frame", "share");
    for line in &data.stages {
        row(ui, line, &percent(line.share_of_frame));
    }
    let is_open = !style::is_low(ui);
    egui::CollapsingHeader::new(heading_text("per chunk", "n"))
        .id_salt("cost per chunk")
        .default_open(is_open)
        .show_unindented(ui, |ui| {
            for line in &data.chunk_times {
                row(
                    ui,
                    line,
                    &format!("{:>5}", line.window.map_or(0, |window| window.n)),
                );
            }
        });
    let stale = &data.stale;
    let color = if stale.total > 0 {
        style::WATCH
    } else {
        style::NEUTRAL
    };
    style::line(
        ui,
        format!(
            "stale {} = {} gone + {} state + {} ticket  {}/s  {:.0} ms",
            stale.total,
            stale.gone,
            stale.wrong_state,
            stale.old_ticket,
            fixed(stale.per_sec, 0, 1),
            stale.wasted_worker_ms
        ),
        color,
    )
    .on_hover_text("Results discarded since the start: their chunk was gone, was not being generated (state), or held another ticket. Per second over 10 s. Worker ms spent on results nobody got.");
}

fn heading(ui: &mut egui::Ui, what: &str, last: &str) {
    let columns = format!(
        "{what:<12}{:>6} {:>6} {:>6} {:>6} {:>6} {last:>6}",
        "now", "p50", "p95", "p99", "max"
    );
    style::line(ui, columns, style::NEUTRAL);
}

/// The heading of a part that closes; its arrow takes the place of two letters.
fn heading_text(what: &str, last: &str) -> egui::RichText {
    let columns = format!(
        "{what:<10}{:>6} {:>6} {:>6} {:>6} {:>6} {last:>6}",
        "now", "p50", "p95", "p99", "max"
    );
    style::mono(columns).color(style::NEUTRAL)
}

fn row(ui: &mut egui::Ui, line: &CostLine, last: &str) {
    let window = line.window;
    let value = |value: Option<f64>| fixed(value, 6, decimals(value));
    style::line(
        ui,
        format!(
            "{:<12}{} {} {} {} {} {last:>6}",
            line.label,
            value(line.now_ms),
            value(window.map(|w| w.p50)),
            value(window.map(|w| w.p95)),
            value(window.map(|w| w.p99)),
            value(window.map(|w| w.max)),
        ),
        style::TEXT,
    )
    .on_hover_ui(|ui| {
        ui.label(format!(
            "{}\nms, n {} in the time that the section names. \"now\" is the worst of the last 0.25 s; percentiles by nearest rank.",
            line.help,
            window.map_or(0, |w| w.n)
        ));
    });
}

/// Decimals that keep a duration within six places.
fn decimals(value: Option<f64>) -> usize {
    match value {
        Some(value) if value >= 1_000.0 => 0,
        Some(value) if value >= 100.0 => 1,
        _ => 2,
    }
}
