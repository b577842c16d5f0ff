//! The controller against simple plants: it settles, without a value swinging to and fro.

use ringroad_streaming::StreamingSettings;

use super::*;
use crate::settings::autopilot::knob::STEERED;

/// A world that streams: how much is needed, what a chunk costs, how many can be made.
#[derive(Copy, Clone)]
struct Plant {
    speed_m_s: f64,
    /// Main-thread time of one chunk and of its largest slice, ms.
    chunk_ms: f64,
    slice_ms: f64,
    /// Chunks that one task makes per second; more tasks than `cores` make no more.
    per_task_and_sec: f64,
    cores: f64,
    /// Scan and queue, ms per 1,000 cells.
    unbudgeted_ms: f64,
    /// Share by which the milliseconds differ from window to window.
    noise: f64,
    /// Chunks that are late per window however fast they are made, without this look-ahead.
    needed_look_ahead_secs: f64,
}

const EASY: Plant = Plant {
    speed_m_s: 20.0,
    chunk_ms: 0.2,
    slice_ms: 0.05,
    per_task_and_sec: 30.0,
    cores: 4.0,
    unbudgeted_ms: 0.5,
    noise: 0.0,
    needed_look_ahead_secs: 0.0,
};

impl Plant {
    fn window(&self, values: &StreamingValues, number: u32) -> WindowFacts {
        let size_m = values.chunk_size_m;
        let radius_m = values.load_radius_m;
        let needed_per_sec = self.speed_m_s * 2.0 * radius_m / (size_m * size_m);
        let made_per_sec =
            f64::from(values.max_concurrent_tasks).min(self.cores) * self.per_task_and_sec;
        let by_count = f64::from(values.max_completed_per_frame);
        let by_time = values.apply_budget_ms / self.chunk_ms;
        let applied_per_sec = 60.0 * by_count.min(by_time);
        let done_per_sec = made_per_sec.min(applied_per_sec);
        let short = (needed_per_sec - done_per_sec).max(0.0);
        // Chunks come in rows: a frame applies all that it may while a row lands.
        let row = (2.0 * radius_m / size_m).min(by_count);
        let applying_ms = (row * self.chunk_ms).min(values.apply_budget_ms + self.slice_ms);
        let cells = std::f64::consts::PI * (radius_m / size_m).powi(2);
        let noise = 1.0 + self.noise * (f64::from(number % 7) / 3.0 - 1.0);
        let unbudgeted = self.unbudgeted_ms * cells / 1_000.0;
        let is_blind = values.look_ahead_secs < self.needed_look_ahead_secs;
        let is_apply_bound = short > 0.0 && applied_per_sec <= made_per_sec;
        let share = |holds: bool| if holds { 0.9 } else { 0.02 };
        WindowFacts {
            frames: 120,
            streaming_ms_p99: (applying_ms + unbudgeted) * noise,
            charged_ms_p99: applying_ms * noise,
            unbudgeted_ms_p99: unbudgeted * noise,
            slice_ms_p99: self.slice_ms,
            late: (2.0 * short).round() as u64 + if is_blind { 4 } else { 0 },
            missing: (short * 2.0) as u64,
            is_falling_behind: short > 0.0,
            share_by_count: share(is_apply_bound && by_count <= by_time),
            share_by_time: share(is_apply_bound && by_time < by_count),
            share_at_task_limit: share(short > 0.0 && !is_apply_bound),
            speed_m_s: self.speed_m_s,
            ..WindowFacts::default()
        }
    }
}

/// A run of the controller against a plant.
struct Run {
    settings: StreamingSettings,
    controller: Controller,
    target: AutopilotTarget,
    pinned: BTreeSet<&'static str>,
    windows: u32,
    /// Window, field, value before, value after.
    changes: Vec<(u32, &'static str, f64, f64)>,
    last: Option<Judgement>,
}

impl Run {
    fn new(target: AutopilotTarget) -> Self {
        Self {
            settings: StreamingSettings::conservative(),
            controller: Controller::default(),
            target,
            pinned: BTreeSet::new(),
            windows: 0,
            changes: Vec::new(),
            last: None,
        }
    }

    fn go(&mut self, plant: Plant, windows: u32) {
        for _ in 0..windows {
            self.windows += 1;
            let facts = plant.window(self.settings.values(), self.windows);
            let judgement = self.controller.judge(&Situation {
                facts: &facts,
                values: self.settings.values(),
                target: self.target,
                pinned: &self.pinned,
            });
            for (field, value) in judgement
                .proposal
                .iter()
                .flat_map(|proposal| &proposal.changes)
            {
                assert!(STEERED.contains(field) && !self.pinned.contains(field));
                let before = self.settings.number(field).unwrap();
                self.changes
                    .push((self.windows, field, before, value.parse().unwrap()));
            }
            if let Some(proposal) = &judgement.proposal {
                let changes: Vec<_> = proposal
                    .changes
                    .iter()
                    .map(|(field, value)| ((*field).to_owned(), value.clone()))
                    .collect();
                self.settings = self
                    .settings
                    .with_changes(&changes)
                    .unwrap_or_else(|error| panic!("{error}"));
                assert!(!proposal.reason.is_empty());
            }
            self.last = Some(judgement);
        }
    }

    fn phase(&self) -> AutopilotPhase {
        self.last.as_ref().unwrap().phase
    }

    fn sentence(&self) -> &str {
        &self.last.as_ref().unwrap().sentence
    }

    /// No change in the second half, and no field that turns round more than once.
    #[track_caller]
    fn check_calm(&self) {
        let settled = self.changes.last().map_or(0, |(window, ..)| *window);
        assert!(settled < self.windows / 2, "{:?}", self.changes);
        for field in STEERED {
            let ways: Vec<bool> = self
                .changes
                .iter()
                .filter(|(_, name, ..)| name == field)
                .map(|(_, _, before, after)| after > before)
                .collect();
            let turns = ways.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(
                turns <= 1,
                "{field} turns {turns} times: {:?}",
                self.changes
            );
        }
    }
}

fn target(ms: f64) -> AutopilotTarget {
    AutopilotTarget::new(ms, true).unwrap()
}

#[test]
fn a_target_that_holds_already_changes_nothing() {
    let mut run = Run::new(target(3.0));
    run.go(EASY, 60);
    assert_eq!(run.changes, []);
    assert_eq!(run.phase(), AutopilotPhase::Reached);
    assert!(
        run.sentence().contains("nothing late"),
        "{}",
        run.sentence()
    );
}

#[test]
fn the_step_response_settles_without_oscillation_for_every_plant() {
    let apply_bound = Plant {
        speed_m_s: 250.0,
        chunk_ms: 0.3,
        per_task_and_sec: 90.0,
        ..EASY
    };
    let costly_slices = Plant {
        slice_ms: 0.6,
        chunk_ms: 0.7,
        ..EASY
    };
    let gen_bound = Plant {
        speed_m_s: 250.0,
        chunk_ms: 0.05,
        per_task_and_sec: 4.0,
        cores: 12.0,
        ..EASY
    };
    let blind = Plant {
        needed_look_ahead_secs: 4.0,
        ..EASY
    };
    let noisy = Plant {
        noise: 0.3,
        chunk_ms: 0.6,
        ..EASY
    };
    let too_fast = Plant {
        speed_m_s: 1_500.0,
        chunk_ms: 2.0,
        ..EASY
    };
    let slow_scan = Plant {
        unbudgeted_ms: 30.0,
        ..EASY
    };
    for (name, plant, ms, end) in [
        ("apply", apply_bound, 1.0, AutopilotPhase::Reached),
        ("slices", costly_slices, 1.0, AutopilotPhase::Reached),
        ("gen", gen_bound, 1.0, AutopilotPhase::Reached),
        ("blind", blind, 1.0, AutopilotPhase::Reached),
        ("noise", noisy, 1.0, AutopilotPhase::Reached),
        ("fast", too_fast, 1.0, AutopilotPhase::Stuck),
        ("scan", slow_scan, 2.0, AutopilotPhase::Reached),
        ("no ms", costly_slices, 0.3, AutopilotPhase::Stuck),
    ] {
        let mut run = Run::new(target(ms));
        run.go(plant, 200);
        assert_eq!(
            run.phase(),
            end,
            "{name}: {} {:?}",
            run.sentence(),
            run.changes
        );
        run.check_calm();
        let facts = plant.window(run.settings.values(), 0);
        if end == AutopilotPhase::Reached {
            assert!(facts.late == 0, "{name}: {facts:?}");
            assert!(facts.streaming_ms_p99 <= ms, "{name}: {facts:?}");
        }
    }
}

#[test]
fn what_cannot_both_hold_is_said_with_the_speed_and_the_reasons() {
    let mut run = Run::new(target(1.0));
    run.go(
        Plant {
            speed_m_s: 900.0,
            chunk_ms: 2.0,
            ..EASY
        },
        60,
    );
    assert_eq!(run.phase(), AutopilotPhase::Stuck);
    for part in [
        "1 ms p99 and nothing late cannot both hold at this speed (900 m/s)",
        "chunks late",
        "apply_budget_ms = 0.75 is the most that 1 ms leaves room for",
        "load_radius_m = 700 is the least",
    ] {
        assert!(run.sentence().contains(part), "{part}: {}", run.sentence());
    }
}

#[test]
fn a_slice_over_the_target_is_said_and_nothing_is_squeezed_for_it() {
    let mut run = Run::new(target(1.0));
    run.go(
        Plant {
            slice_ms: 2.5,
            chunk_ms: 2.6,
            ..EASY
        },
        40,
    );
    assert_eq!(run.phase(), AutopilotPhase::Stuck);
    assert!(
        run.sentence().contains("one slice alone takes 2.50 ms"),
        "{}",
        run.sentence()
    );
    assert!(run.changes.len() <= 1, "only the budget: {:?}", run.changes);
}

#[test]
fn a_pinned_field_is_left_alone_and_named() {
    let plant = Plant {
        speed_m_s: 250.0,
        chunk_ms: 0.05,
        per_task_and_sec: 4.0,
        cores: 12.0,
        ..EASY
    };
    let mut run = Run::new(target(1.0));
    run.pinned = ["max_concurrent_tasks", "load_radius_m"].into();
    run.go(plant, 60);
    assert_eq!(run.phase(), AutopilotPhase::Stuck);
    assert!(
        run.sentence().contains("max_concurrent_tasks is pinned"),
        "{}",
        run.sentence()
    );
    assert!(
        run.changes
            .iter()
            .all(|(_, field, ..)| *field == "apply_budget_ms")
    );
}

#[test]
fn tasks_that_do_not_help_are_not_raised_to_the_top() {
    let no_more_cores = Plant {
        speed_m_s: 400.0,
        chunk_ms: 0.05,
        per_task_and_sec: 2.0,
        cores: 2.0,
        ..EASY
    };
    let mut run = Run::new(target(1.0));
    run.go(no_more_cores, 100);
    run.check_calm();
    assert!(run.settings.max_concurrent_tasks <= 6, "{:?}", run.changes);
    assert!(
        run.sentence().contains("did not help"),
        "{}",
        run.sentence()
    );
}

#[test]
fn a_radius_that_was_cut_comes_back_when_the_drive_is_slow_again_and_stays() {
    let jet = Plant {
        speed_m_s: 600.0,
        chunk_ms: 1.5,
        per_task_and_sec: 90.0,
        ..EASY
    };
    let car = Plant {
        speed_m_s: 15.0,
        chunk_ms: 0.1,
        ..jet
    };
    let mut run = Run::new(target(1.0));
    run.go(jet, 40);
    let cut_m = run.settings.load_radius_m;
    assert!(cut_m < 1_200.0, "{:?}", run.changes);
    run.go(car, 60);
    assert_eq!(run.settings.load_radius_m, 1_200.0, "{:?}", run.changes);
    assert_eq!(run.settings.unload_radius_m, 1_400.0);
    assert_eq!(run.settings.view_radius_m, 1_200.0);
    let changes = run.changes.len();
    run.go(car, 100);
    assert_eq!(run.changes.len(), changes, "it is calm then");
}

#[test]
fn one_window_is_enough_when_budget_and_slice_explain_it() {
    let facts = WindowFacts {
        frames: 120,
        streaming_ms_p99: 1.03,
        charged_ms_p99: 1.03,
        slice_ms_p99: 0.6,
        ..WindowFacts::default()
    };
    let mut values = StreamingValues::default();
    for (budget, is_enough) in [("0.5", true), ("0.4", false)] {
        values.set("apply_budget_ms", budget).unwrap();
        let judgement = Controller::default().judge(&Situation {
            facts: &facts,
            values: &values,
            target: target(1.0),
            pinned: &BTreeSet::new(),
        });
        assert_eq!(judgement.proposal.is_some(), is_enough, "{budget}");
    }
}

#[test]
fn one_window_over_the_target_is_no_reason_and_two_are() {
    let over = WindowFacts {
        frames: 120,
        streaming_ms_p99: 1.4,
        charged_ms_p99: 1.3,
        ..WindowFacts::default()
    };
    let mut values = StreamingValues::default();
    values.set("apply_budget_ms", "0.9").unwrap();
    let mut controller = Controller::default();
    let mut judge = |facts: &WindowFacts| {
        controller.judge(&Situation {
            facts,
            values: &values,
            target: target(1.0),
            pinned: &BTreeSet::new(),
        })
    };
    assert_eq!(judge(&over).proposal, None);
    assert_eq!(
        judge(&WindowFacts::default()).phase,
        AutopilotPhase::Reached
    );
    assert_eq!(judge(&over).proposal, None, "a calm window was between");
    let proposal = judge(&over).proposal.expect("twice running");
    assert_eq!(proposal.changes, [("apply_budget_ms", "0.4".to_owned())]);
    assert!(
        proposal.reason.contains("1.40 ms p99"),
        "{}",
        proposal.reason
    );
}

#[test]
fn a_pause_is_not_ended() {
    for field in ["max_concurrent_tasks", "max_completed_per_frame"] {
        let mut run = Run::new(target(1.0));
        let pause = [(field.to_owned(), "0".to_owned())];
        run.settings = run.settings.with_changes(&pause).unwrap();
        run.go(
            Plant {
                speed_m_s: 900.0,
                ..EASY
            },
            20,
        );
        assert_eq!(run.changes, []);
        assert!(run.sentence().contains(field), "{}", run.sentence());
    }
}

#[test]
fn without_the_second_half_of_the_target_late_chunks_are_let_be() {
    let mut run = Run::new(AutopilotTarget::new(1.0, false).unwrap());
    run.go(
        Plant {
            speed_m_s: 900.0,
            chunk_ms: 2.0,
            ..EASY
        },
        40,
    );
    assert_eq!(run.phase(), AutopilotPhase::Reached, "{}", run.sentence());
    assert!(
        run.changes
            .iter()
            .all(|(_, field, ..)| *field == "apply_budget_ms")
    );
}
