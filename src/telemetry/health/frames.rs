//! Long frames: those that streaming made, and those that it did not.

use super::advice::{Advice, FieldChange, shrink_radii, step_to};
use super::{Health, HealthFacts, Verdict};
use crate::{
    streaming::{StoppedBy, StreamingValues},
    telemetry::hitch::{FrameBreakdown, Hitch, stop_name},
};

/// Streaming is to blame for a hitch from this share of its frame on.
const BLAME_SHARE: f64 = 0.3;
/// Streaming is to blame for frames that are too long all the time from this share of them on.
const SLOWED_SHARE: f64 = 0.2;
/// Frames this much longer than the target are slow, whoever is to blame.
const SLOW: f64 = 1.25;

/// One frame that was felt.
pub(super) fn hitching(facts: &HealthFacts) -> Option<Health> {
    let hitch: &Hitch = facts
        .recent_hitch
        .as_ref()
        .filter(|hitch| hitch.breakdown.streaming_share() >= BLAME_SHARE)?;
    let parts = &hitch.breakdown;
    let (worst, worst_ms) = worst_stage(parts);
    Some(Health::new(
        Verdict::Hitching,
        format!(
            "a frame of {:.1} ms, {worst_ms:.1} ms of it {worst}",
            parts.dt_ms
        ),
        Some(lower(facts, parts)),
    ))
}

/// Frames that are too long all the time, by what streaming takes of them.
pub(super) fn slowed(facts: &HealthFacts) -> Option<Health> {
    let frame_ms = facts.over_target_ms()?;
    let parts = facts.slow_frame.as_ref()?;
    let streaming_ms = parts.streaming_ms();
    if streaming_ms <= SLOWED_SHARE * frame_ms {
        return None;
    }
    let (worst, worst_ms) = worst_stage(parts);
    Some(Health::new(
        Verdict::Hitching,
        format!(
            "frame p95 {frame_ms:.1} ms{} is over the target {:.1} ms, streaming takes {streaming_ms:.1} ms of it, most of that {worst} ({worst_ms:.1} ms)",
            without_sleep(parts),
            facts.target_ms
        ),
        Some(lower(facts, parts)),
    ))
}

/// Where frames are paced, the length that is judged is not the one that COST shows.
fn without_sleep(parts: &FrameBreakdown) -> &'static str {
    if parts.sleep_ms.is_some_and(|sleep_ms| sleep_ms > 0.0) {
        " without sleep"
    } else {
        ""
    }
}

fn worst_stage(parts: &FrameBreakdown) -> (&'static str, f64) {
    [
        ("apply", parts.apply_ms),
        ("unload", parts.unload_ms),
        ("scan", parts.scan_ms),
        ("queue", parts.queue_ms),
    ]
    .into_iter()
    .max_by(|a, b| a.1.total_cmp(&b.1))
    .unwrap_or(("streaming", 0.0))
}

/// What makes the largest stage of a frame smaller: the first step that is one, or where to look.
fn lower(facts: &HealthFacts, parts: &FrameBreakdown) -> Advice {
    let values = &facts.settings;
    let (worst, _) = worst_stage(parts);
    let (steps, look): (Vec<Vec<FieldChange>>, _) = match worst {
        "scan" => (
            vec![seldomer_scans(values), smaller_radii(values)],
            "view_radius_m and chunk_size_m: as few cells as can be",
        ),
        "queue" => (
            vec![fewer_tasks(values)],
            "what the queue stage does (COST, Tracy): it cannot do less",
        ),
        _ => {
            let pot_ms = parts.apply_ms + parts.unload_ms;
            let fewer = fewer_chunks(values, parts.applied_now);
            let sleep_ms = parts.sleep_ms.unwrap_or(0.0);
            let less = smaller_budget(facts, parts.dt_ms - sleep_ms - pot_ms);
            // A budget that was overrun is no limit; fewer chunks are, and what ended the frame's applying is one.
            let is_overrun = pot_ms > 1.5 * values.apply_budget_ms;
            let is_count = parts.stopped_by == stop_name(StoppedBy::Count);
            let is_time = parts.stopped_by == stop_name(StoppedBy::Time);
            let steps = if is_count || (is_overrun && !is_time) {
                vec![fewer, less]
            } else {
                vec![less, fewer]
            };
            (
                steps,
                "what one chunk costs to apply (COST, per chunk): less than one cannot land in a frame",
            )
        }
    };
    match steps.into_iter().find(|changes| !changes.is_empty()) {
        Some(changes) => Advice::set(
            changes,
            "the same work takes more frames, each of them shorter",
        ),
        None => Advice::look(look, "each setting that could help is at its end"),
    }
}

/// A step downwards, or nothing if the value is there already.
fn down_to(values: &StreamingValues, name: &'static str, now: f64, to: f64) -> Vec<FieldChange> {
    let change = step_to(values, name, to);
    let is_lower = change.to.parse::<f64>().is_ok_and(|to| to < now);
    Some(change).filter(|_| is_lower).into_iter().collect()
}

/// A count below what landed in the frame to blame: a larger one would have changed nothing about it.
fn fewer_chunks(values: &StreamingValues, applied_now: u64) -> Vec<FieldChange> {
    let now = values.max_completed_per_frame;
    let landed = u32::try_from(applied_now).unwrap_or(u32::MAX);
    if landed <= 1 {
        return Vec::new();
    }
    let to = now.min(landed).saturating_sub(1).max(1);
    down_to(
        values,
        "max_completed_per_frame",
        f64::from(now),
        f64::from(to),
    )
}

fn fewer_tasks(values: &StreamingValues) -> Vec<FieldChange> {
    let now = values.max_concurrent_tasks;
    let to = now.saturating_sub(1).max(1);
    down_to(
        values,
        "max_concurrent_tasks",
        f64::from(now),
        f64::from(to),
    )
}

/// Half of what the frame has to spare, and at most half of the budget.
fn smaller_budget(facts: &HealthFacts, rest_ms: f64) -> Vec<FieldChange> {
    let now = facts.settings.apply_budget_ms;
    let spare_ms = 0.5 * (facts.target_ms - rest_ms);
    let to = spare_ms.max(0.25).min(now / 2.0);
    down_to(&facts.settings, "apply_budget_ms", now, to)
}

fn seldomer_scans(values: &StreamingValues) -> Vec<FieldChange> {
    const MOST_SECS: f64 = 1.0;
    let now = values.scan_interval_secs;
    let to = (2.0 * now).clamp(0.1, MOST_SECS);
    let change = (now < to).then(|| step_to(values, "scan_interval_secs", to));
    change.into_iter().collect()
}

fn smaller_radii(values: &StreamingValues) -> Vec<FieldChange> {
    let to = (0.75 * values.load_radius_m).max(values.must_have_radius_m);
    if to < values.load_radius_m {
        shrink_radii(values, to)
    } else {
        Vec::new()
    }
}

/// Long frames in which streaming takes next to nothing.
pub(super) fn not_us(facts: &HealthFacts) -> Option<Health> {
    let frame_ms = facts.frame_p95_ms?;
    let streaming_ms = facts.streaming_of_slow_ms()?;
    if frame_ms <= SLOW * facts.target_ms || streaming_ms > SLOWED_SHARE * frame_ms {
        return None;
    }
    let largest = facts.slow_frame.as_ref().and_then(largest_part);
    let (rest, look) = match largest {
        Some((name, part_ms)) => (
            format!("most of the rest is {name}, {part_ms:.1} ms"),
            match name {
                "overlay" => "the panel itself; F3 hides it",
                "unattributed" => {
                    "other programs: the main thread did not run, or the window held it up"
                }
                _ => "rendering, the driver or vsync",
            },
        ),
        None => (
            "rendering, the driver or vsync takes the rest".to_owned(),
            "rendering, the driver or vsync",
        ),
    };
    let radii = smaller_radii(&facts.settings);
    let depends_on_chunks = matches!(largest, None | Some(("render" | "game", _)));
    let advice = if depends_on_chunks && !radii.is_empty() {
        Advice::set(
            radii,
            "fewer chunks to draw; without effect, the pixels, the driver or vsync are the limit",
        )
    } else {
        Advice::look(look, "streaming takes next to nothing")
    };
    Some(Health::new(
        Verdict::NotUs,
        format!(
            "frame p95 {frame_ms:.1} ms is over the target {:.1} ms, streaming takes {streaming_ms:.2} ms of it; {rest}",
            facts.target_ms
        ),
        Some(advice),
    ))
}

/// The largest part of a frame that is not streaming; none of a frame of which nobody measured any.
fn largest_part(parts: &FrameBreakdown) -> Option<(&'static str, f64)> {
    let measured = parts.game_ms.or(parts.render_ms);
    measured?;
    [
        ("game", parts.game_ms),
        ("render", parts.render_ms),
        ("overlay", parts.overlay_ms),
        ("unattributed", Some(parts.unattributed_ms)),
    ]
    .into_iter()
    .filter_map(|(name, part_ms)| Some((name, part_ms?)))
    .max_by(|a, b| a.1.total_cmp(&b.1))
}
