//! FLOW: the pipeline from wanted to loaded, each value over its limit, with rates.

use bevy_egui::egui;

use super::{Intent, given_up, metrics::explain};
use crate::{
    overlay::style,
    telemetry::{
        snapshot::{Flow, PanelData},
        text::{bytes, fixed, percent},
    },
};

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData, intents: &mut Vec<Intent>) {
    let flow = &data.flow;
    let limits = &data.settings;
    let shown = style::line(
        ui,
        format!(
            "wanted {} > queued {} > running {}/{} > ready {}",
            flow.wanted, flow.queued, flow.running, limits.max_concurrent_tasks, flow.ready
        ),
        style::TEXT,
    );
    explain(
        shown,
        data,
        "Chunks on their way, stage by stage, at the end of the newest frame.",
        &["wanted", "queued", "active", "ready"],
    );
    let shown = style::line(
        ui,
        format!(
            "  > applied {}/{} per frame > complete {}/{} wanted",
            fixed(flow.applied_per_frame, 4, 2),
            limits.max_completed_per_frame,
            flow.wanted.saturating_sub(flow.missing),
            flow.wanted
        ),
        style::TEXT,
    );
    explain(
        shown,
        data,
        &format!(
            "Applied per frame: mean of the last second over max_completed_per_frame. Complete: wanted less missing, over wanted; what is loaded and no longer wanted counts in the line of loaded only.\nOver the last 10 s: {}.",
            rates_text(flow)
        ),
        &["applied_now", "wanted", "missing"],
    );
    tasks(ui, data);
    let full = flow.ready_bytes as f64 / (limits.completed_bytes_cap.max(1)) as f64;
    let shown = style::line(
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
    );
    explain(
        shown,
        data,
        "completed_results: finished chunks that wait to be applied, their bytes over completed_bytes_cap (when full, workers wait), growth over 2 s, and, where they do not grow, the time to drain at the present rate.",
        &["ready", "ready_bytes"],
    );
    let shown = style::line(
        ui,
        format!(
            "loading {:>3} loaded {:>4} missing {:>3} given up {} late {}",
            flow.loading, flow.loaded, flow.missing, flow.quarantined, data.late.must_have
        ),
        style::TEXT,
    );
    explain(
        shown,
        data,
        "Loading: between request and loaded. Loaded: with a visible level. Missing: wanted and not loaded. Given up: quarantined after the last retry. Late: the nearest edge entered must_have_radius_m before the chunk was there.",
        &["loading", "loaded", "missing", "quarantined"],
    );
    if !style::is_low(ui) {
        rates(ui, data);
    }
    seen(ui, data);
    ahead(ui, data);
    memory(ui, data);
    if flow.quarantined > 0 {
        given_up::show(ui, data, intents);
    }
}

fn rates_text(flow: &Flow) -> String {
    format!(
        "requested {} applied {} unloaded {} /s",
        fixed(flow.requested_per_sec, 5, 1),
        fixed(flow.applied_per_sec, 5, 1),
        fixed(flow.unloaded_per_sec, 5, 1)
    )
}

fn rates(ui: &mut egui::Ui, data: &PanelData) {
    let text = format!("rates   {}", rates_text(&data.flow));
    let shown = style::line(ui, text, style::NEUTRAL);
    explain(
        shown,
        data,
        "Per second, over the last 10 s.",
        &["requested", "applied"],
    );
}

fn seen(ui: &mut egui::Ui, data: &PanelData) {
    let levels = &data.engine.levels;
    let shown = style::line(
        ui,
        format!(
            "seen    full {:>4} coarse {:>4} holes {:>3}  {} changes/s",
            levels.full,
            levels.coarse,
            levels.holes,
            fixed(levels.changes_per_sec, 0, 1)
        ),
        if levels.holes > 0 && data.late.frames_with_hole > 0 {
            style::BAD
        } else {
            style::TEXT
        },
    );
    explain(
        shown,
        data,
        "Cells with a visible level: at full detail, and at a coarse one. Holes: cells in view that show nothing. Changes of level per second over 10 s.",
        &["loaded_coarse", "holes", "level_changes"],
    );
}

/// The horizon of starvation: when the player reaches a hole, going on as now.
fn ahead(ui: &mut egui::Ui, data: &PanelData) {
    let value = |id: &str| {
        let line = data.metrics.iter().find(|line| line.metric.id == id);
        line.and_then(|line| line.now)
    };
    let horizon = value("horizon_secs");
    let shown = style::line(
        ui,
        format!(
            "ahead   {}  needs {}/{} /s at {} m/s",
            match horizon {
                None => "none near in 30 s".to_owned(),
                Some(secs) if secs < 0.05 => "hole near now".to_owned(),
                Some(secs) => format!("hole near in {secs:.1} s"),
            },
            fixed(value("need_per_sec"), 0, 1),
            fixed(value("rate_per_sec"), 0, 1),
            fixed(value("speed_mps"), 0, 0)
        ),
        if horizon.is_some() {
            style::BAD
        } else {
            style::NEUTRAL
        },
    );
    explain(
        shown,
        data,
        "When the first chunk that is not there comes as near as must_have_radius_m at this speed and heading; none: no hole is to be expected there within 30 s, whatever is missing farther away. Chunks needed per second over those that can land.",
        &["horizon_secs", "need_per_sec", "rate_per_sec", "speed_mps"],
    );
}

fn memory(ui: &mut egui::Ui, data: &PanelData) {
    let memory = &data.engine.memory;
    let color = match memory.share() {
        _ if memory.held_back > 0 => style::BAD,
        share if share >= 0.9 => style::WATCH,
        _ => style::TEXT,
    };
    let shown = style::line(
        ui,
        format!(
            "memory  {}/{}  held back {} evicted {}",
            bytes(memory.bytes),
            bytes(memory.cap_bytes),
            memory.held_back,
            memory.evicted
        ),
        color,
    );
    explain(
        shown,
        data,
        "Bytes of loaded chunks and of results that wait, over memory_cap_mib. Held back: cells in view that are not wanted because the cap is reached. Evicted: chunks that left because of it, since the start.",
        &["memory_bytes", "held_back", "evicted"],
    );
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
    explain(
        style::line(ui, text, color),
        data,
        "Running over max_concurrent_tasks; share of the last 10 s with every permitted task running.",
        &["active", "max_concurrent_tasks"],
    );
}
