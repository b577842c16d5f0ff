//! The verdict: one word and one sentence that names the limit and the next step. Pure.

use super::hitch::Hitch;

/// What is wrong, or that nothing is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A limit of 0 stops the work on purpose.
    Paused,
    /// Nothing to do, or keeping up.
    Idle,
    /// Generation is the narrow place.
    GenBound,
    /// `max_completed_per_frame` is the narrow place.
    ApplyBound,
    /// `apply_budget_ms` is the narrow place.
    TimeBound,
    /// `upload_bytes_per_frame` is the narrow place.
    BytesBound,
    /// Holes are in view.
    Starved,
    /// Streaming broke frames.
    Hitching,
    /// Frames are slow and streaming is not why.
    NotUs,
}

impl Verdict {
    /// The word on the panel and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paused => "PAUSED",
            Self::Idle => "IDLE",
            Self::GenBound => "GEN-BOUND",
            Self::ApplyBound => "APPLY-BOUND",
            Self::TimeBound => "TIME-BOUND",
            Self::BytesBound => "BYTES-BOUND",
            Self::Starved => "STARVED",
            Self::Hitching => "HITCHING",
            Self::NotUs => "NOT-US",
        }
    }
}

/// What the verdict is based on. Shares are 0–1 of the last seconds; `None` is no data.
#[derive(Clone, Debug, Default)]
pub struct HealthFacts {
    /// Limit in force.
    pub max_concurrent_tasks: u32,
    /// Limit in force.
    pub max_completed_per_frame: u32,
    /// Limit in force, ms.
    pub apply_budget_ms: f64,
    /// Limit in force, bytes.
    pub upload_bytes_per_frame: u64,
    /// Generation threads.
    pub threads: u64,
    /// Target frame time, ms.
    pub target_ms: f64,
    /// Chunks wanted and not there.
    pub missing: u64,
    /// Requests waiting for a worker.
    pub queued: u64,
    /// Requests being generated.
    pub active: u64,
    /// Finished results that wait.
    pub ready: u64,
    /// Growth of `ready` per second.
    pub ready_per_sec: Option<f64>,
    /// Share of the time with every permitted task running.
    pub share_at_task_limit: Option<f64>,
    /// Share of frames whose applying the count ended.
    pub share_stopped_by_count: Option<f64>,
    /// Share of frames whose applying the milliseconds ended.
    pub share_stopped_by_time: Option<f64>,
    /// Share of frames whose applying the bytes ended.
    pub share_stopped_by_bytes: Option<f64>,
    /// Frames with a hole in view in the last second.
    pub frames_with_hole: u64,
    /// The newest panel hitch, if it is at most five seconds old.
    pub recent_hitch: Option<Hitch>,
    /// 95th percentile of frame time over the last seconds, ms.
    pub frame_p95_ms: Option<f64>,
    /// 95th percentile of all streaming stages per frame over the last seconds, ms.
    pub streaming_p95_ms: Option<f64>,
}

/// A verdict with its sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The word.
    pub verdict: Verdict,
    /// What limits, with its value, and what to do next.
    pub sentence: String,
}

impl Health {
    fn new(verdict: Verdict, sentence: String) -> Self {
        Self { verdict, sentence }
    }

    /// Verdict and sentence as one line.
    pub fn line(&self) -> String {
        format!("{}: {}", self.verdict.word(), self.sentence)
    }
}

/// A stop reason counts as the limit from this share of frames on.
const LIMITING_SHARE: f64 = 0.3;

/// Streaming is to blame for a hitch from this share of its frame on.
const BLAME_SHARE: f64 = 0.3;

/// Judges one moment. The order is the order of what a player must know first.
pub fn judge(facts: &HealthFacts) -> Health {
    if let Some(paused) = pause(facts) {
        return paused;
    }
    if let Some(hitch) = facts
        .recent_hitch
        .filter(|hitch| hitch.breakdown.streaming_share() >= BLAME_SHARE)
    {
        return hitching(facts, &hitch);
    }
    let limit = narrow_place(facts);
    if facts.frames_with_hole > 0 && facts.missing > 0 {
        let next = match &limit {
            Some(limit) => limit.sentence.clone(),
            None => {
                "no budget is exhausted: lower scan_interval_secs or raise load_radius_m".to_owned()
            }
        };
        return Health::new(
            Verdict::Starved,
            format!("holes in view, {} chunks missing; {next}", facts.missing),
        );
    }
    if let Some(limit) = limit {
        return limit;
    }
    if let Some(slow) = not_us(facts) {
        return slow;
    }
    if facts.missing == 0 && facts.active == 0 && facts.queued == 0 && facts.ready == 0 {
        return Health::new(
            Verdict::Idle,
            "everything wanted is loaded; nothing to do".to_owned(),
        );
    }
    Health::new(
        Verdict::Idle,
        format!(
            "keeping up: {}/{} tasks running, {} missing, no limit is exhausted; nothing to do",
            facts.active, facts.max_concurrent_tasks, facts.missing
        ),
    )
}

fn pause(facts: &HealthFacts) -> Option<Health> {
    let (field, effect) = if facts.max_concurrent_tasks == 0 {
        ("max_concurrent_tasks", "nothing is generated")
    } else if facts.max_completed_per_frame == 0 {
        ("max_completed_per_frame", "nothing is applied")
    } else {
        return None;
    };
    Some(Health::new(
        Verdict::Paused,
        format!(
            "{field} = 0: {effect} ({} missing). Set it to 1 or more to go on",
            facts.missing
        ),
    ))
}

fn hitching(facts: &HealthFacts, hitch: &Hitch) -> Health {
    let breakdown = &hitch.breakdown;
    let stages = [
        (breakdown.apply_ms, "apply"),
        (breakdown.unload_ms, "unload"),
        (breakdown.scan_ms, "scan"),
        (breakdown.queue_ms, "queue"),
    ];
    let (worst_ms, worst) = stages
        .into_iter()
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, "streaming"));
    let next = match worst {
        "apply" | "unload" if facts.max_completed_per_frame > 1 => format!(
            "Try max_completed_per_frame {} > {} or apply_budget_ms {:.2} > {:.2}",
            facts.max_completed_per_frame,
            facts.max_completed_per_frame - 1,
            facts.apply_budget_ms,
            facts.apply_budget_ms / 2.0,
        ),
        "apply" | "unload" => format!(
            "Try apply_budget_ms {:.2} > {:.2}",
            facts.apply_budget_ms,
            facts.apply_budget_ms / 2.0
        ),
        "scan" => "Try a higher scan_interval_secs or a smaller load_radius_m".to_owned(),
        _ => format!(
            "Try max_concurrent_tasks {} > {}",
            facts.max_concurrent_tasks,
            facts.max_concurrent_tasks.saturating_sub(1).max(1)
        ),
    };
    Health::new(
        Verdict::Hitching,
        format!(
            "a frame of {:.1} ms, {worst_ms:.1} ms of it {worst}. {next}",
            breakdown.dt_ms
        ),
    )
}

/// Which budget holds the pipeline back now.
fn narrow_place(facts: &HealthFacts) -> Option<Health> {
    let backlog = match facts.ready_per_sec {
        Some(growth) => format!("{} ready ({growth:+.1}/s)", facts.ready),
        None => format!("{} ready", facts.ready),
    };
    let reaches = |share: Option<f64>| share.is_some_and(|share| share >= LIMITING_SHARE);
    if facts.ready > 0 {
        let stops = [
            (facts.share_stopped_by_bytes, Verdict::BytesBound),
            (facts.share_stopped_by_time, Verdict::TimeBound),
            (facts.share_stopped_by_count, Verdict::ApplyBound),
        ];
        let most = stops
            .into_iter()
            .filter(|(share, _)| reaches(*share))
            .max_by(|a, b| a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0)));
        if let Some((_, verdict)) = most {
            let sentence = match verdict {
                Verdict::BytesBound => {
                    let kib = facts.upload_bytes_per_frame / 1024;
                    format!(
                        "{backlog}, limited by upload_bytes_per_frame = {kib} KiB. Try {} KiB",
                        kib * 2
                    )
                }
                Verdict::TimeBound => format!(
                    "{backlog}, limited by apply_budget_ms = {:.2}. Try {:.2}",
                    facts.apply_budget_ms,
                    facts.apply_budget_ms * 1.5
                ),
                _ => format!(
                    "{backlog}, limited by max_completed_per_frame = {}. Try {}",
                    facts.max_completed_per_frame,
                    facts.max_completed_per_frame.saturating_mul(2)
                ),
            };
            return Some(Health::new(verdict, sentence));
        }
    }
    let is_saturated = facts.share_at_task_limit.is_some_and(|share| share >= 0.5);
    if facts.queued > 0 && is_saturated {
        let share = facts.share_at_task_limit.unwrap_or(0.0) * 100.0;
        let next = facts.max_concurrent_tasks.saturating_mul(2);
        return Some(Health::new(
            Verdict::GenBound,
            format!(
                "{} queued, limited by max_concurrent_tasks = {} (at the limit {share:.0} % of 10 s, {} threads). Try {next}",
                facts.queued, facts.max_concurrent_tasks, facts.threads
            ),
        ));
    }
    None
}

fn not_us(facts: &HealthFacts) -> Option<Health> {
    let frame_ms = facts.frame_p95_ms?;
    let streaming_ms = facts.streaming_p95_ms?;
    let is_slow = frame_ms > 1.25 * facts.target_ms;
    let is_ours = streaming_ms > 0.2 * frame_ms;
    (is_slow && !is_ours).then(|| {
        Health::new(
            Verdict::NotUs,
            format!(
                "frame p95 {frame_ms:.1} ms is over the target {:.1} ms, streaming takes {streaming_ms:.2} ms of it. Look at rendering, the driver or vsync",
                facts.target_ms
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::hitch::FrameBreakdown;

    fn calm() -> HealthFacts {
        HealthFacts {
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            apply_budget_ms: 2.0,
            upload_bytes_per_frame: 2 << 20,
            threads: 2,
            target_ms: 16.7,
            share_at_task_limit: Some(0.0),
            share_stopped_by_count: Some(0.0),
            share_stopped_by_time: Some(0.0),
            share_stopped_by_bytes: Some(0.0),
            frame_p95_ms: Some(16.9),
            streaming_p95_ms: Some(0.4),
            ..HealthFacts::default()
        }
    }

    fn backlog() -> HealthFacts {
        HealthFacts {
            missing: 31,
            queued: 12,
            active: 3,
            ready: 14,
            ready_per_sec: Some(3.1),
            ..calm()
        }
    }

    #[track_caller]
    fn check(facts: &HealthFacts, verdict: Verdict, parts: &[&str]) {
        let health = judge(facts);
        assert_eq!(health.verdict, verdict, "{}", health.line());
        for part in parts {
            assert!(
                health.sentence.contains(part),
                "{:?} is not in {:?}",
                part,
                health.sentence
            );
        }
    }

    #[test]
    fn zero_tasks_is_paused_before_anything_else() {
        let facts = HealthFacts {
            max_concurrent_tasks: 0,
            frames_with_hole: 9,
            ..backlog()
        };
        check(
            &facts,
            Verdict::Paused,
            &[
                "max_concurrent_tasks = 0",
                "nothing is generated",
                "1 or more",
            ],
        );
        let facts = HealthFacts {
            max_completed_per_frame: 0,
            ..backlog()
        };
        check(
            &facts,
            Verdict::Paused,
            &["max_completed_per_frame = 0", "nothing is applied"],
        );
    }

    #[test]
    fn quiet_world_is_idle() {
        check(&calm(), Verdict::Idle, &["nothing to do"]);
        check(
            &HealthFacts {
                active: 1,
                missing: 2,
                ..calm()
            },
            Verdict::Idle,
            &["keeping up", "1/3"],
        );
    }

    #[test]
    fn full_workers_with_a_queue_are_gen_bound() {
        let facts = HealthFacts {
            ready: 0,
            share_at_task_limit: Some(0.92),
            ..backlog()
        };
        check(
            &facts,
            Verdict::GenBound,
            &["max_concurrent_tasks = 3", "92 %", "Try 6"],
        );
    }

    #[test]
    fn full_workers_without_a_queue_are_not_gen_bound() {
        let facts = HealthFacts {
            ready: 0,
            queued: 0,
            share_at_task_limit: Some(1.0),
            ..backlog()
        };
        assert_ne!(judge(&facts).verdict, Verdict::GenBound);
    }

    #[test]
    fn the_stop_reason_with_the_largest_share_names_the_limit() {
        let count = HealthFacts {
            share_stopped_by_count: Some(0.8),
            share_stopped_by_time: Some(0.4),
            ..backlog()
        };
        check(
            &count,
            Verdict::ApplyBound,
            &["14 ready (+3.1/s)", "max_completed_per_frame = 2", "Try 4"],
        );
        let time = HealthFacts {
            share_stopped_by_count: Some(0.4),
            share_stopped_by_time: Some(0.6),
            ..backlog()
        };
        check(
            &time,
            Verdict::TimeBound,
            &["apply_budget_ms = 2.00", "Try 3.00"],
        );
        let bytes = HealthFacts {
            share_stopped_by_bytes: Some(0.5),
            ..backlog()
        };
        check(
            &bytes,
            Verdict::BytesBound,
            &["upload_bytes_per_frame = 2048 KiB", "Try 4096"],
        );
    }

    #[test]
    fn holes_name_the_limit_behind_them() {
        let facts = HealthFacts {
            frames_with_hole: 20,
            share_stopped_by_count: Some(0.9),
            ..backlog()
        };
        check(
            &facts,
            Verdict::Starved,
            &["31 chunks missing", "max_completed_per_frame = 2"],
        );
        let free = HealthFacts {
            frames_with_hole: 20,
            ..backlog()
        };
        check(&free, Verdict::Starved, &["scan_interval_secs"]);
    }

    fn hitch(dt_ms: f64, apply_ms: f64) -> Hitch {
        Hitch {
            frame: 1,
            t_secs: 1.0,
            median_ms: 16.7,
            breakdown: FrameBreakdown {
                dt_ms,
                apply_ms,
                unexplained_ms: dt_ms - apply_ms,
                ..FrameBreakdown::default()
            },
            before: [None, None],
        }
    }

    #[test]
    fn hitch_that_streaming_caused_says_what_to_lower() {
        let facts = HealthFacts {
            recent_hitch: Some(hitch(48.2, 31.0)),
            ..backlog()
        };
        check(
            &facts,
            Verdict::Hitching,
            &[
                "48.2 ms",
                "31.0 ms of it apply",
                "max_completed_per_frame 2 > 1",
            ],
        );
        let single = HealthFacts {
            max_completed_per_frame: 1,
            ..facts
        };
        check(&single, Verdict::Hitching, &["apply_budget_ms 2.00 > 1.00"]);
    }

    #[test]
    fn slow_frames_without_streaming_are_not_us() {
        let facts = HealthFacts {
            frame_p95_ms: Some(41.0),
            recent_hitch: Some(hitch(48.2, 0.4)),
            ..calm()
        };
        check(&facts, Verdict::NotUs, &["41.0 ms", "0.40 ms", "rendering"]);
    }

    #[test]
    fn missing_data_never_makes_a_verdict() {
        let facts = HealthFacts {
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            target_ms: 16.7,
            ready: 3,
            queued: 3,
            missing: 3,
            ..HealthFacts::default()
        };
        check(&facts, Verdict::Idle, &["keeping up"]);
    }
}
