//! The whole panel as text: for "copy report", for scenarios without a window, and for people who read by ear.

use std::fmt::Write;

use super::{
    snapshot::{CostLine, PanelData},
    timing::TimingSummary,
    tracy::TRACY_VERSION,
};
use crate::streaming::PreloadStatus;

/// Hitch tickets in the text.
const TICKETS_IN_TEXT: usize = 4;

/// Events in the text.
const EVENTS_IN_TEXT: usize = 40;

/// What stands where there is no data; never 0.
pub const NO_DATA: &str = "—";

/// A number with fixed decimals in a fixed width, or the sign for no data in the same width.
pub fn fixed(value: Option<f64>, width: usize, decimals: usize) -> String {
    match value.filter(|value| value.is_finite()) {
        Some(value) => format!("{value:>width$.decimals$}"),
        None => format!("{NO_DATA:>width$}"),
    }
}

/// Milliseconds in a width of 7, without the unit.
pub fn ms(value: Option<f64>) -> String {
    fixed(value, 7, 2)
}

/// A share (0–1) as whole percent in a width of 3, with the sign.
pub fn percent(share: Option<f64>) -> String {
    format!("{} %", fixed(share.map(|share| share * 100.0), 3, 0))
}

/// Bytes in the largest fitting binary unit, e.g. `12.3 MiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{count} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// `n 600 p50 16.70 p95 18.90 p99 22.40 max 41.00 ms`, or the sign for no data.
pub fn summary(summary: Option<TimingSummary>) -> String {
    match summary {
        Some(s) => format!(
            "n {} p50 {:.2} p95 {:.2} p99 {:.2} max {:.2} ms",
            s.n, s.p50, s.p95, s.p99, s.max
        ),
        None => format!("n 0 {NO_DATA}"),
    }
}

/// The panel as text, one section after the other, in the panel's order.
pub fn panel_text(data: &PanelData) -> String {
    let mut out = String::with_capacity(4_096);
    // Writing to a String cannot fail.
    let _ = write_text(&mut out, data);
    out
}

fn write_text(out: &mut String, data: &PanelData) -> std::fmt::Result {
    // The verdict first, whatever else somebody wants to know.
    writeln!(out, "{}", data.health.line())?;
    writeln!(
        out,
        "RINGROAD PANEL  t {:.2} s{}  frame {}  Tracy {TRACY_VERSION}.x fits",
        data.t_secs,
        if data.is_virtual {
            " of the virtual clock, on which frames are judged; the line \"frame\" is true time"
        } else {
            ""
        },
        data.frames
    )?;
    writeln!(out, "\nHEALTH")?;
    writeln!(out, "  {}", data.health.line())?;
    if let Some(advice) = &data.health.advice {
        writeln!(out, "  try     {} ({})", advice.text(), advice.why)?;
    }
    writeln!(
        out,
        "  frame   {}  (last {:.0} s, target {:.2} ms)",
        summary(data.frame_time),
        data.window_secs,
        data.target_ms
    )?;
    writeln!(out, "  fps     {}", fixed(data.fps, 0, 1))?;
    let ledger = &data.ledger;
    writeln!(
        out,
        "  ledger  requested {} = applied {} + stale {} + cancelled {} + failed {} + running {} + waiting {}  {}",
        ledger.requested,
        ledger.applied,
        ledger.stale,
        ledger.cancelled,
        ledger.failed,
        ledger.running,
        ledger.waiting,
        if ledger.is_balanced() {
            "OK"
        } else {
            "NOT BALANCED"
        }
    )?;
    let mut broken = 0;
    for law in data.broken_laws() {
        broken += 1;
        let first = law.first.as_deref().unwrap_or(NO_DATA);
        writeln!(
            out,
            "  law {} violated {} times of {}: {first}",
            law.number, law.violations, law.checked
        )?;
    }
    if broken == 0 {
        writeln!(out, "  laws    none violated")?;
    }
    writeln!(
        out,
        "  hitches {} (panel rule), {} (h1 rule)",
        data.hitches.0, data.hitches.1
    )?;
    writeln!(out, "  overlay {}", summary(data.overlay))?;
    write_flow(out, data)?;
    writeln!(out, "\nCOST per frame, ms (last {:.0} s)", data.window_secs)?;
    write_table(out, &data.stages)?;
    writeln!(out, "COST per chunk, ms (last {:.0} s)", data.window_secs)?;
    write_table(out, &data.chunk_times)?;
    write_layers(out, data)?;
    let stale = &data.stale;
    writeln!(
        out,
        "\nSTALE\n  total {} (gone {}, wrong state {}, old ticket {})  {} /s  wasted {:.1} worker ms",
        stale.total,
        stale.gone,
        stale.wrong_state,
        stale.old_ticket,
        fixed(stale.per_sec, 0, 1),
        stale.wasted_worker_ms
    )?;
    write_engine(out, data)?;
    write_settings(out, data)?;
    write_metrics(out, data)?;
    if !data.tickets.is_empty() {
        writeln!(out, "\nHITCHES (newest first)")?;
    }
    for ticket in data.tickets.iter().take(TICKETS_IN_TEXT) {
        write!(out, "{}", ticket.text())?;
    }
    writeln!(out, "\nEVENTS (newest first)")?;
    for event in data.events.iter().take(EVENTS_IN_TEXT) {
        writeln!(
            out,
            "  {:>9.2} s {:<8} {}",
            event.t_secs,
            event.kind.word(),
            event.text
        )?;
    }
    let older = data.events.len().saturating_sub(EVENTS_IN_TEXT);
    if older > 0 {
        writeln!(out, "  and {older} older ones; a bundle (F9) has all")?;
    }
    Ok(())
}

/// What the layers of generating took, where the generator names any.
fn write_layers(out: &mut String, data: &PanelData) -> std::fmt::Result {
    if data.layers.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "GENERATE by layer, true ms of a worker per chunk that has it (last {:.0} s)",
        data.window_secs
    )?;
    for line in &data.layers {
        writeln!(
            out,
            "  {:<20} {}  share {}",
            line.layer,
            summary(Some(line.window)),
            percent(Some(line.share))
        )?;
    }
    Ok(())
}

/// Every metric of the registry: value over limit, unit, and a mark where it asks for attention.
fn write_metrics(out: &mut String, data: &PanelData) -> std::fmt::Result {
    writeln!(out, "\nMETRICS (newest frame; ! asks for attention)")?;
    for line in &data.metrics {
        let value = line.metric.number_text(line.now);
        let limit = line.limit.map_or_else(String::new, |limit| {
            format!(" / {}", line.metric.number_text(Some(limit)))
        });
        let mark = if line.is_over { '!' } else { ' ' };
        writeln!(
            out,
            " {mark}{:<24}{value}{limit} {}",
            line.metric.id, line.metric.unit
        )?;
    }
    Ok(())
}

fn write_flow(out: &mut String, data: &PanelData) -> std::fmt::Result {
    let flow = &data.flow;
    let limits = &data.settings;
    writeln!(out, "\nFLOW")?;
    writeln!(
        out,
        "  wanted {} > queued {} > running {}/{} > ready {} > applied {}/frame of {} > complete {}/{} wanted",
        flow.wanted,
        flow.queued,
        flow.running,
        limits.max_concurrent_tasks,
        flow.ready,
        fixed(flow.applied_per_frame, 0, 2),
        limits.max_completed_per_frame,
        flow.wanted.saturating_sub(flow.missing),
        flow.wanted
    )?;
    writeln!(
        out,
        "  tasks   {}/{} running on {} threads, at the limit {} of 10 s{}",
        flow.running,
        limits.max_concurrent_tasks,
        flow.threads,
        percent(flow.share_at_task_limit),
        if limits.max_concurrent_tasks == 0 {
            "  0 = PAUSED"
        } else {
            ""
        }
    )?;
    writeln!(
        out,
        "  ready   {} chunks, {} of {}, {} /s, drained in {} s",
        flow.ready,
        bytes(flow.ready_bytes),
        bytes(limits.completed_bytes_cap),
        fixed(flow.ready_per_sec, 0, 1),
        fixed(flow.drain_secs, 0, 1)
    )?;
    writeln!(
        out,
        "  loading {}  loaded {}  missing {}  quarantined {}",
        flow.loading, flow.loaded, flow.missing, flow.quarantined
    )?;
    writeln!(
        out,
        "  rates   requested {} /s  applied {} /s  unloaded {} /s",
        fixed(flow.requested_per_sec, 0, 1),
        fixed(flow.applied_per_sec, 0, 1),
        fixed(flow.unloaded_per_sec, 0, 1)
    )?;
    writeln!(
        out,
        "  world   {} entities, {} in chunks; late {}, frames with a hole {}",
        flow.chunk_entities,
        bytes(flow.loaded_bytes),
        data.late.must_have,
        data.late.frames_with_hole
    )
}

fn write_engine(out: &mut String, data: &PanelData) -> std::fmt::Result {
    let engine = &data.engine;
    let cancels = &data.cancels;
    writeln!(
        out,
        "\nCANCELLED\n  total {} (unwanted {}, made anew {}, level changed {}, memory {})  {} /s",
        cancels.total,
        cancels.unwanted,
        cancels.regenerated,
        cancels.level_changed,
        cancels.memory,
        fixed(cancels.per_sec, 0, 1)
    )?;
    let levels = &engine.levels;
    writeln!(
        out,
        "\nENGINE\n  levels  full {}, coarse {}, holes {}; {} changes, {} /s",
        levels.full,
        levels.coarse,
        levels.holes,
        levels.changes,
        fixed(levels.changes_per_sec, 0, 1)
    )?;
    let memory = &engine.memory;
    writeln!(
        out,
        "  memory  {} of {}; held back {}, evicted {}",
        bytes(memory.bytes),
        bytes(memory.cap_bytes),
        memory.held_back,
        memory.evicted
    )?;
    writeln!(
        out,
        "  order   regret {} of the possible; origin shifts {}",
        percent(engine.regret),
        engine.origin_shifts
    )?;
    let stuck = &engine.stuck;
    writeln!(
        out,
        "  stuck   {} threads now; {} given up, {} came back late{}",
        stuck.workers,
        stuck.given_up,
        stuck.late_returns,
        stuck
            .newest
            .map_or_else(String::new, |chunk| format!("; newest chunk {chunk}"))
    )?;
    for preload in &engine.preloads {
        writeln!(out, "  {}", preload_text(preload))?;
    }
    for note in &engine.quarantined {
        writeln!(
            out,
            "  given up {} at attempt {}: {}",
            note.coord, note.attempt, note.reason
        )?;
    }
    Ok(())
}

/// A preload in one line: where, how far, and when.
pub fn preload_text(preload: &PreloadStatus) -> String {
    let PreloadStatus {
        at_in_world,
        radius_m,
        is_ready,
        missing,
        total,
        late_by,
        will_be_ready_in,
    } = *preload;
    let done = total.saturating_sub(missing);
    let when = match (is_ready, will_be_ready_in) {
        (true, _) => "ready".to_owned(),
        (false, Some(wait)) => format!("ready in {:.1} s", wait.as_secs_f64()),
        (false, None) => "not begun".to_owned(),
    };
    let late = late_by.map_or_else(String::new, |late| {
        format!(", late by {:.1} s", late.as_secs_f64())
    });
    format!(
        "preload ({:.0}, {:.0}) {radius_m:.0} m  {done}/{total}  {when}{late}",
        at_in_world.x, at_in_world.y
    )
}

fn write_table(out: &mut String, lines: &[CostLine]) -> std::fmt::Result {
    writeln!(
        out,
        "  {:<13}{:>7}{:>8}{:>8}{:>8}{:>8}{:>7}",
        "", "now", "p50", "p95", "p99", "max", "n"
    )?;
    for line in lines {
        let window = line.window;
        writeln!(
            out,
            "  {:<13}{} {} {} {} {}{:>7}",
            line.label,
            ms(line.now_ms),
            ms(window.map(|w| w.p50)),
            ms(window.map(|w| w.p95)),
            ms(window.map(|w| w.p99)),
            ms(window.map(|w| w.max)),
            window.map_or(0, |w| w.n)
        )?;
    }
    Ok(())
}

fn write_settings(out: &mut String, data: &PanelData) -> std::fmt::Result {
    writeln!(out, "\nTUNE (applying stopped by: {})", data.stops.newest)?;
    let stops = &data.stops;
    writeln!(
        out,
        "  last 10 s: empty {}, count {}, time {}, bytes {}",
        percent(stops.empty),
        percent(stops.count),
        percent(stops.time),
        percent(stops.bytes)
    )?;
    for field in crate::streaming::FIELDS {
        let now = data.settings.get(field.name);
        let start = data.settings_at_start.get(field.name);
        let now_text = now.as_deref().unwrap_or(NO_DATA);
        write!(out, "  {:<24}{now_text} {}", field.name, field.unit)?;
        match start {
            Some(start) if Some(&start) != now.as_ref() => writeln!(out, "  (at start {start})")?,
            _ => writeln!(out)?,
        }
    }
    for spec in crate::streaming::COMPOSITES {
        let now = data.settings.get(spec.name);
        writeln!(
            out,
            "  {:<24}{}",
            spec.name,
            now.as_deref().unwrap_or(NO_DATA)
        )?;
    }
    if let Some(refusal) = &data.refusal {
        writeln!(
            out,
            "  refused at {:.2} s: {}",
            refusal.t_secs, refusal.reason
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_has_the_width_of_a_number_and_is_never_zero() {
        assert_eq!(ms(None).chars().count(), ms(Some(1.0)).chars().count());
        assert_eq!(ms(Some(f64::NAN)), ms(None));
        assert!(!ms(None).contains('0'));
        assert_eq!(
            percent(None).chars().count(),
            percent(Some(0.5)).chars().count()
        );
        assert_eq!(summary(None), "n 0 —");
    }

    #[test]
    fn a_preload_says_when_it_is_ready_and_how_late() {
        let mut status = PreloadStatus {
            at_in_world: bevy::math::DVec2::new(4_000.0, -900.0),
            radius_m: 300.0,
            is_ready: false,
            missing: 2,
            total: 9,
            late_by: None,
            will_be_ready_in: Some(std::time::Duration::from_millis(1_250)),
        };
        assert_eq!(
            preload_text(&status),
            "preload (4000, -900) 300 m  7/9  ready in 1.2 s"
        );
        status.late_by = Some(std::time::Duration::from_secs(2));
        assert!(preload_text(&status).ends_with("ready in 1.2 s, late by 2.0 s"));
        status.is_ready = true;
        assert!(preload_text(&status).ends_with("ready, late by 2.0 s"));
    }

    #[test]
    fn bytes_choose_their_unit() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(2 << 20), "2.0 MiB");
        assert_eq!(bytes(3 << 40), "3072.0 GiB");
    }
}
