//! FLOW: the pipeline from wanted to loaded, each value over its limit, with rates.

use bevy_egui::egui;

use super::Intent;
use crate::{
    overlay::style,
    telemetry::{
        snapshot::PanelData,
        text::{bytes, fixed, percent},
    },
};

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData, intents: &mut Vec<Intent>) {
    let flow = &data.flow;
    let limits = &data.settings;
    style::line(
        ui,
        format!(
            "wanted {} > queued {} > running {}/{} > ready {}",
            flow.wanted, flow.queued, flow.running, limits.max_concurrent_tasks, flow.ready
        ),
        style::TEXT,
    )
    .on_hover_text("Chunks on their way, stage by stage, at the end of the newest frame.");
    style::line(
        ui,
        format!(
            "  > applied {}/{} per frame > loaded {}/{} wanted",
            fixed(flow.applied_per_frame, 4, 2),
            limits.max_completed_per_frame,
            flow.loaded,
            flow.wanted
        ),
        style::TEXT,
    )
    .on_hover_text("Applied per frame: mean of the last second over max_completed_per_frame.");
    tasks(ui, data);
    let full = flow.ready_bytes as f64 / (limits.completed_bytes_cap.max(1)) as f64;
    style::line(
        ui,
        format!(
            "ready {:>3}  {}/{}  {} /s  drain {} s",
            flow.ready,
            bytes(flow.ready_bytes),
            bytes(limits.completed_bytes_cap),
            fixed(flow.ready_per_sec, 5, 1),
            fixed(flow.drain_secs, 0, 1)
        ),
        if full >= 0.9 { style::BAD } else { style::TEXT },
    )
    .on_hover_text("completed_results: finished chunks that wait to be applied, their bytes over completed_bytes_cap (when full, workers wait), growth over 10 s, time to drain at the present rate.");
    style::line(
        ui,
        format!(
            "loading {:>3} loaded {:>4} missing {:>3} given up {} late {}",
            flow.loading, flow.loaded, flow.missing, flow.quarantined, data.late.must_have
        ),
        style::TEXT,
    )
    .on_hover_text("Loading: between request and loaded. Loaded: with a visible level. Missing: wanted and not loaded. Given up: quarantined after the last retry. Late: the nearest edge entered must_have_radius_m before the chunk was there.");
    style::line(
        ui,
        format!(
            "rates   requested {} applied {} unloaded {} /s",
            fixed(flow.requested_per_sec, 5, 1),
            fixed(flow.applied_per_sec, 5, 1),
            fixed(flow.unloaded_per_sec, 5, 1)
        ),
        style::NEUTRAL,
    )
    .on_hover_text("Per second, over the last 10 s.");
    if flow.quarantined > 0
        && ui
            .small_button(format!("retry {} given-up chunks", flow.quarantined))
            .clicked()
    {
        intents.push(Intent::RetryQuarantined);
    }
}

fn tasks(ui: &mut egui::Ui, data: &PanelData) {
    let flow = &data.flow;
    let limit = data.settings.max_concurrent_tasks;
    let text = if limit == 0 {
        format!(
            "tasks   {}/0  0 = PAUSED: nothing is generated",
            flow.running
        )
    } else {
        format!(
            "tasks {:>3}/{limit} on {} threads  at the limit {} of 10 s",
            flow.running,
            flow.threads,
            percent(flow.share_at_task_limit)
        )
    };
    let color = if limit == 0 { style::INFO } else { style::TEXT };
    style::line(ui, text, color).on_hover_text(
        "Running over max_concurrent_tasks; share of the last 10 s with every permitted task running.",
    );
}
