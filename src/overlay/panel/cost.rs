//! COST: per stage and per chunk now, p50, p95, p99, max; stale discards.

use bevy_egui::egui;

use crate::{
    overlay::style,
    telemetry::{
        LayerSummary,
        snapshot::{CostLine, PanelData},
        text::{fixed, percent},
    },
};

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData, all_of_it: Option<bool>) {
    heading(ui, "per frame", "share");
    let is_low = style::is_low(ui);
    // A low picture has no room for what is next to nothing; it is among the METRICS, too.
    let stages = data.stages.iter();
    for line in stages.filter(|line| !is_low || line.label != "recording") {
        row(ui, line, &percent(line.share_of_frame));
    }
    let is_open = !is_low;
    egui::CollapsingHeader::new(heading_text("per chunk", "n"))
        .id_salt("cost per chunk")
        .default_open(is_open)
        .open(all_of_it)
        .show_unindented(ui, |ui| {
            for line in &data.chunk_times {
                row(
                    ui,
                    line,
                    &format!("{:>5}", line.window.map_or(0, |window| window.n)),
                );
            }
        });
    layers(ui, &data.layers, all_of_it);
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

/// The generator's run by the layers that it names; closed until somebody asks.
fn layers(ui: &mut egui::Ui, layers: &[LayerSummary], open: Option<bool>) {
    if layers.is_empty() {
        return;
    }
    egui::CollapsingHeader::new(
        style::mono(format!(
            "{:<17}{:>6} {:>6} {:>6} {:>6} {:>6}",
            "generate by layer", "p50", "p95", "p99", "max", "share"
        ))
        .color(style::NEUTRAL),
    )
    .id_salt("cost by layer")
    .default_open(false)
    .open(open)
    .show_unindented(ui, |ui| {
        for line in layers {
            let window = line.window;
            let value = |value: f64| fixed(Some(value), 6, decimals(Some(value)));
            style::line(
                ui,
                format!(
                    "{:<19}{} {} {} {} {:>6}",
                    short(line.layer),
                    value(window.p50),
                    value(window.p95),
                    value(window.p99),
                    value(window.max),
                    percent(Some(line.share)),
                ),
                style::TEXT,
            )
            .on_hover_text(format!(
                "{}: true ms of a worker, per chunk that has this layer, n {} of the last minute (the newest 2,048 at most); share of the time of all layers. Named by the generator.",
                line.layer, window.n
            ));
        }
    });
}

/// A name that leaves room for its numbers.
fn short(layer: &str) -> String {
    const LETTERS: usize = 18;
    if layer.chars().count() <= LETTERS {
        return layer.to_owned();
    }
    let mut short: String = layer.chars().take(LETTERS - 1).collect();
    short.push('…');
    short
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
