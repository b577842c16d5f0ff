//! Which limit holds the pipeline back, and what a higher one would be.

use super::advice::{Advice, step_to};
use super::{Health, HealthFacts, Verdict};

/// A stop reason counts as the limit from this share of frames on.
const LIMITING_SHARE: f64 = 0.3;
/// The workers are the limit from this share of the time on.
const SATURATED_SHARE: f64 = 0.5;
/// Workers that have ended nothing for this long, or for eight usual runs, stand still.
const STALLED_SECS: f64 = 0.75;
/// The same before anything was generated: nobody knows yet what is usual.
const STALLED_AT_FIRST_SECS: f64 = 4.0;
/// Sliders end here; more is for people who type it.
const MOST_TASKS: f64 = 16.0;
const MOST_PER_FRAME: f64 = 16.0;

/// Which budget holds the pipeline back now.
pub(super) fn narrow_place(facts: &HealthFacts) -> Option<Health> {
    stalled_pool(facts)
        .or_else(|| applying(facts))
        .or_else(|| small_pool(facts))
        .or_else(|| generating(facts))
        .or_else(|| scanning(facts))
}

/// Workers are busy and nothing comes of it.
fn stalled_pool(facts: &HealthFacts) -> Option<Health> {
    let usual_secs = facts.usual_generate_ms.map(|ms| ms / 1_000.0);
    let patience = usual_secs.map_or(STALLED_AT_FIRST_SECS, |usual| {
        (8.0 * usual).max(STALLED_SECS)
    });
    let values = &facts.settings;
    let is_stalled = facts.active > 0 && facts.missing > 0 && facts.stalled_secs > patience;
    is_stalled.then(|| {
        let mut changes = vec![step_to(
            values,
            "max_concurrent_tasks",
            f64::from(values.max_concurrent_tasks) + facts.active as f64,
        )];
        let give_up_secs = usual_secs.map_or(2.0, |usual| (20.0 * usual).max(2.0));
        if give_up_secs < values.stuck_after_secs {
            changes.push(step_to(values, "stuck_after_secs", give_up_secs));
        }
        let usual = facts
            .usual_generate_ms
            .map_or_else(String::new, |ms| format!(" (usual run {ms:.0} ms)"));
        Health::new(
            Verdict::PoolBound,
            format!(
                "{} of {} tasks have run for {:.1} s and none has ended{usual}, {} queued",
                facts.active, values.max_concurrent_tasks, facts.stalled_secs, facts.queued
            ),
            Some(Advice::set(
                changes,
                "others go on beside what stands still, and that is given up and tried again",
            )),
        )
    })
}

/// The frame's side of the pipeline.
fn applying(facts: &HealthFacts) -> Option<Health> {
    if facts.ready == 0 {
        return None;
    }
    let reaches = |share: Option<f64>| share.is_some_and(|share| share >= LIMITING_SHARE);
    let stops = [
        (facts.share_stopped_by_bytes, Verdict::BytesBound),
        (facts.share_stopped_by_time, Verdict::TimeBound),
        (facts.share_stopped_by_count, Verdict::ApplyBound),
    ];
    let (_, verdict) = stops
        .into_iter()
        .filter(|(share, _)| reaches(*share))
        .max_by(|a, b| a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0)))?;
    let backlog = match facts.ready_per_sec {
        Some(growth) => format!("{} ready ({growth:+.1}/s)", facts.ready),
        None => format!("{} ready", facts.ready),
    };
    let values = &facts.settings;
    let comes = facts.completed_per_sec.unwrap_or(0.0);
    let factor = facts
        .shortfall(facts.applied_per_sec, comes, facts.ready)
        .unwrap_or(2.0);
    let (limit, change, why) = match verdict {
        Verdict::BytesBound => {
            let now = values.upload_bytes_per_frame as f64;
            // A mesh that is larger than the cap goes alone: the cap must pass what truly goes.
            let goes = facts.uploaded_per_frame.unwrap_or(0.0).max(now);
            let to = (goes * factor.max(2.0))
                .min((16 << 20) as f64)
                .max(now * 2.0);
            (
                format!(
                    "upload_bytes_per_frame = {} KiB",
                    values.upload_bytes_per_frame / 1024
                ),
                step_to(
                    values,
                    "upload_bytes_per_frame",
                    (to / 1024.0).ceil() * 1024.0,
                ),
                "more mesh bytes may go to the renderer in a frame",
            )
        }
        Verdict::TimeBound => {
            let now = values.apply_budget_ms;
            let most = (facts.target_ms / 4.0).max(now * 1.5);
            (
                format!("apply_budget_ms = {now:.2}"),
                step_to(values, "apply_budget_ms", (now * factor.max(1.5)).min(most)),
                "more of each frame may go to applying",
            )
        }
        _ => {
            let now = f64::from(values.max_completed_per_frame);
            let to = (now * factor.max(2.0))
                .ceil()
                .min(MOST_PER_FRAME.max(now * 2.0));
            (
                format!(
                    "max_completed_per_frame = {}",
                    values.max_completed_per_frame
                ),
                step_to(values, "max_completed_per_frame", to),
                "more chunks may land in a frame, within the same milliseconds",
            )
        }
    };
    Some(Health::new(
        verdict,
        format!("{backlog}, limited by {limit}"),
        Some(Advice::set(vec![change], why)),
    ))
}

/// Fewer threads than permitted tasks, all of them busy.
fn small_pool(facts: &HealthFacts) -> Option<Health> {
    let is_full = facts
        .share_at_pool_limit
        .is_some_and(|share| share >= SATURATED_SHARE);
    (facts.queued > 0 && is_full).then(|| {
        Health::new(
            Verdict::PoolBound,
            format!(
                "{} queued, all {} threads busy, max_concurrent_tasks = {} permits more",
                facts.queued, facts.threads, facts.settings.max_concurrent_tasks
            ),
            Some(Advice::look(
                "--threads, or leave it out so that the pool grows with max_concurrent_tasks",
                "more threads work on what waits",
            )),
        )
    })
}

/// Every permitted task is running and more wait.
fn generating(facts: &HealthFacts) -> Option<Health> {
    let is_saturated = facts
        .share_at_task_limit
        .is_some_and(|share| share >= SATURATED_SHARE);
    if facts.queued == 0 || !is_saturated {
        return None;
    }
    let values = &facts.settings;
    let share = facts.share_at_task_limit.unwrap_or(0.0) * 100.0;
    let now = f64::from(values.max_concurrent_tasks);
    let comes = facts.completed_per_sec.unwrap_or(0.0);
    let factor = facts
        .shortfall(facts.completed_per_sec, comes, facts.queued)
        .unwrap_or(2.0);
    // A processor has no more to give than its cores; a generator that waits for something else has.
    let most = facts.cores.map_or(MOST_TASKS, |cores| {
        (2.0 * cores as f64 + 2.0).min(MOST_TASKS)
    });
    let to = (now * factor.max(2.0)).ceil().min(most.max(now + 1.0));
    Some(Health::new(
        Verdict::GenBound,
        format!(
            "{} queued, limited by max_concurrent_tasks = {} (at the limit {share:.0} % of the time, {} threads)",
            facts.queued, values.max_concurrent_tasks, facts.threads
        ),
        Some(Advice::set(
            vec![step_to(values, "max_concurrent_tasks", to)],
            "more chunks are generated at once, as far as there are cores",
        )),
    ))
}

/// The world is looked at too seldom for the speed.
fn scanning(facts: &HealthFacts) -> Option<Health> {
    let values = &facts.settings;
    let speed_mps = facts.speed_mps?;
    let margin_m = (values.unload_radius_m - values.load_radius_m) / 2.0;
    let way_m = speed_mps * values.scan_interval_secs;
    let is_too_seldom = way_m > margin_m && values.scan_interval_secs > 0.25;
    is_too_seldom.then(|| {
        let to = (0.25 * margin_m / speed_mps).min(0.2);
        Health::new(
            Verdict::ScanBound,
            format!(
                "{way_m:.0} m between two scans at {speed_mps:.0} m/s, more than the margin of {margin_m:.0} m; limited by scan_interval_secs = {}",
                values.scan_interval_secs
            ),
            Some(Advice::set(
                vec![step_to(values, "scan_interval_secs", to)],
                "chunks are asked for as soon as they are needed",
            )),
        )
    })
}
