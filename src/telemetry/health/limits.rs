//! Which limit holds the pipeline back, and what a higher one would be.

use super::advice::{Advice, step_to};
use super::room::waiting_for_room;
use super::{Health, HealthFacts, Verdict};

/// A stop reason counts as the limit from this share of frames on.
pub(super) const LIMITING_SHARE: f64 = 0.3;
/// The workers are the limit from this share of the time on.
const SATURATED_SHARE: f64 = 0.5;
/// Workers that have ended nothing for this long stand still, unless one of the two below is longer.
const STALLED_SECS: f64 = 0.75;
/// So many times the longest run that was seen is more than a run by chance.
const STALLED_RUNS: f64 = 4.0;
/// This share of `stuck_after_secs`, in which whoever sets it says how long a run may take.
const STALLED_SHARE: f64 = 0.1;
/// Not less of `stuck_after_secs` is proposed than this share of it.
const GIVE_UP_SHARE: f64 = 0.2;
/// A plan that is at most this old is as good as new, s.
const FRESH_PLAN_SECS: f64 = 0.25;
/// Work comes in bursts when workers have none in this share of the frames and too much in others.
const WITHOUT_WORK_SHARE: f64 = 0.3;
/// Sliders end here; more is for people who type it.
const MOST_TASKS: f64 = 16.0;
const MOST_PER_FRAME: f64 = 16.0;

/// Which budget holds the pipeline back now.
pub(super) fn narrow_place(facts: &HealthFacts) -> Option<Health> {
    stalled_pool(facts)
        .or_else(|| applying(facts))
        .or_else(|| waiting_for_room(facts))
        .or_else(|| small_pool(facts))
        .or_else(|| generating(facts))
        .or_else(|| scanning(facts))
}

/// Workers are busy and nothing comes of it. One task alone is no pool that stands still: it may make a chunk that takes
/// longer than those before.
fn stalled_pool(facts: &HealthFacts) -> Option<Health> {
    let values = &facts.settings;
    let longest_secs = facts.longest_generate_ms.unwrap_or(0.0) / 1_000.0;
    let patience_secs = STALLED_SECS
        .max(STALLED_RUNS * longest_secs)
        .max(STALLED_SHARE * values.stuck_after_secs);
    let is_full = facts.active >= u64::from(values.max_concurrent_tasks) || facts.queued > 0;
    let is_stalled =
        facts.working() > 1 && is_full && facts.missing > 0 && facts.stalled_secs > patience_secs;
    is_stalled.then(|| {
        let mut changes = vec![step_to(
            values,
            "max_concurrent_tasks",
            f64::from(values.max_concurrent_tasks) + facts.active as f64,
        )];
        // What is only slow must not be given up: those that run now have run for as long as nothing ended.
        let give_up_secs = (2.0 * longest_secs.max(facts.stalled_secs))
            .max(GIVE_UP_SHARE * values.stuck_after_secs)
            .max(2.0);
        if give_up_secs < values.stuck_after_secs {
            changes.push(step_to(values, "stuck_after_secs", give_up_secs));
        }
        let longest = facts
            .longest_generate_ms
            .map_or_else(String::new, |ms| format!(" (longest run {ms:.0} ms)"));
        Health::new(
            Verdict::PoolBound,
            format!(
                "{} of {} tasks have run for {:.1} s and none has ended{longest}, {} queued",
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
    if let Some(frame_ms) = without_room(facts, verdict) {
        let limit = match verdict {
            Verdict::BytesBound => "upload_bytes_per_frame",
            Verdict::TimeBound => "apply_budget_ms",
            _ => "max_completed_per_frame",
        };
        return Some(Health::new(
            verdict,
            format!(
                "{backlog}, limited by {limit}; but frames take {frame_ms:.1} ms (p95) already, over the target {:.1} ms: no larger {limit}",
                facts.target_ms
            ),
            Some(Advice::look(
                "what takes the frame (COST: game, render)",
                "the frame has no time left for more applying",
            )),
        ));
    }
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

/// The length of frames that have no room for more of what a limit holds back: those that miss the target, where the limit
/// is time itself, or where they would meet the target without streaming.
fn without_room(facts: &HealthFacts, verdict: Verdict) -> Option<f64> {
    let frame_ms = facts.over_target_ms()?;
    let streaming_ms = facts.streaming_of_slow_ms().unwrap_or(0.0);
    let is_ours = frame_ms - streaming_ms <= facts.target_ms;
    (verdict == Verdict::TimeBound || is_ours).then_some(frame_ms)
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

/// Every permitted task is running, and more wait or will: a run that goes on for so long keeps the next one waiting.
fn generating(facts: &HealthFacts) -> Option<Health> {
    let is_saturated = facts
        .share_at_task_limit
        .is_some_and(|share| share >= SATURATED_SHARE);
    let values = &facts.settings;
    let is_long = facts.missing > 0
        && facts.working() >= u64::from(values.max_concurrent_tasks)
        && facts.stalled_secs > STALLED_SECS;
    if !is_saturated || !(facts.queued > 0 || is_long) {
        return None;
    }
    let waits = if facts.queued > 0 {
        format!("{} queued", facts.queued)
    } else {
        format!(
            "{} missing, none ended for {:.1} s",
            facts.missing, facts.stalled_secs
        )
    };
    let share = facts.share_at_task_limit.unwrap_or(0.0) * 100.0;
    if let Some((cores, frame_ms)) = without_cores(facts) {
        return Some(Health::new(
            Verdict::GenBound,
            format!(
                "{waits}, limited by max_concurrent_tasks = {} (at the limit {share:.0} % of the time); but all {cores} cores are busy and frames take {frame_ms:.1} ms (p95), over the target {:.1} ms",
                values.max_concurrent_tasks, facts.target_ms
            ),
            Some(Advice::look(
                "smaller radii, or fewer max_concurrent_tasks",
                "more tasks would take the cores from the frame",
            )),
        ));
    }
    let now = f64::from(values.max_concurrent_tasks);
    let comes = facts.completed_per_sec.unwrap_or(0.0);
    // Where none ended lately, the longest run says how fast they are: the step is the same whenever one looks.
    let ends = facts
        .completed_per_sec
        .filter(|ended| *ended > 0.0)
        .or_else(|| {
            let run_ms = facts.longest_generate_ms.filter(|run_ms| *run_ms > 0.0)?;
            Some(facts.active as f64 * 1_000.0 / run_ms)
        });
    let factor = facts.shortfall(ends, comes, facts.queued).unwrap_or(2.0);
    // A processor has no more to give than its cores; a generator that waits for something else has.
    let most = facts.cores.map_or(MOST_TASKS, |cores| {
        (2.0 * cores as f64 + 2.0).min(MOST_TASKS)
    });
    let to = (now * factor.max(2.0)).ceil().min(most.max(now + 1.0));
    Some(Health::new(
        Verdict::GenBound,
        format!(
            "{waits}, limited by max_concurrent_tasks = {} (at the limit {share:.0} % of the time, {} threads)",
            values.max_concurrent_tasks, facts.threads
        ),
        Some(Advice::set(
            vec![step_to(values, "max_concurrent_tasks", to)],
            "more chunks are generated at once, as far as there are cores",
        )),
    ))
}

/// The cores that tasks fill already, and the length of frames that miss the target beside them.
fn without_cores(facts: &HealthFacts) -> Option<(u64, f64)> {
    let frame_ms = facts.over_target_ms()?;
    let cores = facts
        .cores
        .filter(|cores| u64::from(facts.settings.max_concurrent_tasks) >= *cores)?;
    Some((cores, frame_ms))
}

/// The world is looked at so seldom for the speed that work comes in bursts, or too late.
///
/// A moving focus is planned for when it is time to look, or before when it has used up half of the margin: the plan is
/// never older than that.
fn scanning(facts: &HealthFacts) -> Option<Health> {
    let values = &facts.settings;
    let speed_mps = facts.speed_mps.filter(|speed| *speed > 0.0)?;
    let margin_m = (values.unload_radius_m - values.load_radius_m) / 2.0;
    let plan_secs = (margin_m / 2.0 / speed_mps).min(values.scan_interval_secs);
    if plan_secs <= FRESH_PLAN_SECS {
        return None;
    }
    let most = facts.most_in_work.unwrap_or(0);
    let without = facts.share_without_work.unwrap_or(0.0);
    let comes_in_bursts =
        without >= WITHOUT_WORK_SHARE && most > u64::from(values.max_concurrent_tasks);
    let effect = if facts.late > 0 {
        format!(
            "{} chunks came too late for the must-have ring in the last second",
            facts.late
        )
    } else if comes_in_bursts {
        format!(
            "work comes in bursts of {most}, and {:.0} % of the time workers have none",
            without * 100.0
        )
    } else {
        return None;
    };
    Some(Health::new(
        Verdict::ScanBound,
        format!(
            "{effect}: at {speed_mps:.0} m/s chunks are asked for up to {plan_secs:.1} s late; limited by scan_interval_secs = {}",
            values.scan_interval_secs
        ),
        Some(Advice::set(
            vec![step_to(values, "scan_interval_secs", 0.8 * FRESH_PLAN_SECS)],
            "chunks are asked for as soon as they are needed",
        )),
    ))
}
