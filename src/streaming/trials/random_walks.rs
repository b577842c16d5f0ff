//! Random sequences of everything at once, on the virtual clock: every law at every step, and in the
//! end nothing missing and nothing too much.

use bevy::math::DVec2;
use bevy::prelude::Transform;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

use super::generators::Blocks;
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

#[derive(Clone, Debug)]
enum Event {
    Drive(i16, i16),
    Teleport(i16, i16),
    DropFocus,
    RestoreFocus,
    Tasks(u8),
    Completed(u8),
    Budget(u8),
    Radius(u8),
    PanicRate(u8),
    Slow(u8),
    Stall(u8),
    Seed(u8),
    RetryQuarantined,
    View(u8),
    Stick(i8, i8),
    Preload(i16, i16),
    Extra(u8, i16),
    GeneratorChanged,
    Linger(u8),
    Upload(u8),
    Nowhere,
    Nonsense(u8),
    Hold(u8),
    Pass(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (-60..60_i16, -60..60_i16).prop_map(|(x, z)| Event::Drive(x, z)),
        2 => (-3_000..3_000_i16, -3_000..3_000_i16).prop_map(|(x, z)| Event::Teleport(x, z)),
        1 => Just(Event::DropFocus),
        2 => Just(Event::RestoreFocus),
        1 => (0..20_u8).prop_map(Event::Tasks),
        1 => (0..9_u8).prop_map(Event::Completed),
        1 => (1..100_u8).prop_map(Event::Budget),
        1 => (2..8_u8).prop_map(Event::Radius),
        1 => (0..60_u8).prop_map(Event::PanicRate),
        1 => (0..40_u8).prop_map(Event::Slow),
        1 => (0..40_u8).prop_map(Event::Stall),
        1 => (0..4_u8).prop_map(Event::Seed),
        1 => Just(Event::RetryQuarantined),
        2 => (0..8_u8).prop_map(Event::View),
        1 => (-8..8_i8, -8..8_i8).prop_map(|(x, z)| Event::Stick(x, z)),
        1 => (-2_000..2_000_i16, -2_000..2_000_i16).prop_map(|(x, z)| Event::Preload(x, z)),
        1 => (0..4_u8, -2_000..2_000_i16).prop_map(|(kind, x)| Event::Extra(kind, x)),
        1 => Just(Event::GeneratorChanged),
        1 => (0..20_u8).prop_map(Event::Linger),
        1 => (1..40_u8).prop_map(Event::Upload),
        1 => Just(Event::Nowhere),
        1 => (0..6_u8).prop_map(Event::Nonsense),
        1 => (1..30_u8).prop_map(Event::Hold),
        4 => (1..30_u8).prop_map(Event::Pass),
    ]
}

/// The walk as a scenario of the game that uses the plugin, for playing a failure again.
fn as_scenario(events: &[Event]) -> String {
    let (mut lines, mut secs, mut place) = (Vec::new(), 0.0, (0.0, 0.0));
    for event in events {
        let (text, takes) = match event {
            Event::Drive(x, z) => {
                place = (place.0 + f64::from(*x), place.1 + f64::from(*z));
                (
                    format!("FlyTo(x: {}, z: {}, speed: 400)", place.0, place.1),
                    11,
                )
            }
            Event::Teleport(x, z) => {
                place = (f64::from(*x), f64::from(*z));
                (format!("Teleport(x: {x}, z: {z})"), 1)
            }
            Event::DropFocus => ("DropFocus".to_owned(), 1),
            Event::RestoreFocus => ("RestoreFocus".to_owned(), 1),
            Event::PanicRate(percent) => (format!("PanicRate({})", f64::from(*percent) / 100.0), 1),
            Event::Slow(ms) => (format!("SlowWorkers(ms: {ms})"), 1),
            Event::Stall(frames) => (format!("Stall(secs: {})", f64::from(*frames) / 60.0), 1),
            Event::Pass(frames) | Event::Hold(frames) => (String::new(), u32::from(*frames) + 1),
            other => (format!("/* {other:?} */"), 1),
        };
        if !text.is_empty() {
            lines.push(format!("        (at: {secs:.3}, do: {text}),"));
        }
        secs += f64::from(takes) / 60.0;
    }
    format!(
        "Scenario(\n    name: \"walk\",\n    generator: Synthetic(cost_us: 4000, entities: 13, bytes: 700),\n    events: [\n{}\n    ],\n    until: {secs:.3},\n)",
        lines.join("\n")
    )
}

struct Walk {
    trial: Trial,
    extras: u8,
    switches: Arc<FaultSwitches>,
    place: (f32, f32),
    frames: u64,
}

impl Walk {
    fn new() -> Self {
        let switches = Arc::new(FaultSwitches::default());
        let generator = FaultyGenerator::new(Blocks, Arc::clone(&switches));
        let plugin = AsyncChunkPlugin::new(generator)
            .with_clock(virtual_clock())
            .with_faults(Arc::clone(&switches));
        Self {
            trial: Trial::with(plugin, small_world()),
            switches,
            extras: 0,
            place: (0.0, 0.0),
            frames: 0,
        }
    }

    fn step(&mut self) {
        if self.trial.focus.is_some() {
            self.trial.place_focus(self.place.0, self.place.1);
        }
        self.trial.step();
        self.frames += 1;
        self.trial.assert_lawful();
    }

    fn act(&mut self, event: &Event) {
        match event {
            Event::Drive(x, z) => {
                for _ in 0..10 {
                    self.place.0 += f32::from(*x) / 10.0;
                    self.place.1 += f32::from(*z) / 10.0;
                    self.step();
                }
            }
            Event::Teleport(x, z) => self.place = (f32::from(*x), f32::from(*z)),
            Event::DropFocus => self.trial.drop_focus(),
            Event::RestoreFocus => self.trial.restore_focus(self.place.0, self.place.1),
            Event::Tasks(n) => self.trial.set(&[("max_concurrent_tasks", &n.to_string())]),
            Event::Completed(n) => self
                .trial
                .set(&[("max_completed_per_frame", &n.to_string())]),
            Event::Budget(n) => self
                .trial
                .set(&[("apply_budget_ms", &(f64::from(*n) / 20.0).to_string())]),
            Event::Radius(n) => {
                let load = f64::from(*n) * 100.0;
                let (load, unload) = (load.to_string(), (load + 100.0).to_string());
                self.trial.set(&[
                    ("load_radius_m", &load),
                    ("unload_radius_m", &unload),
                    ("view_radius_m", &load),
                ]);
            }
            Event::PanicRate(percent) => self.switches.set_panic_rate(f64::from(*percent) / 100.0),
            Event::Slow(ms) => self.switches.set_slow_ms(f64::from(*ms)),
            Event::Stall(frames) => {
                self.switches
                    .stall_until(super::trial::FRAME * (self.frames as u32 + u32::from(*frames)));
            }
            Event::Seed(seed) => self.trial.set(&[("seed", &seed.to_string())]),
            Event::RetryQuarantined => {
                self.trial
                    .app
                    .world_mut()
                    .write_message(StreamingRequest::RetryQuarantined);
            }
            Event::View(n) => {
                let view = f64::from(*n) * 150.0;
                let load = self
                    .trial
                    .app
                    .world()
                    .resource::<StreamingSettings>()
                    .load_radius_m;
                self.trial.set(&[
                    ("view_radius_m", &(load + view).to_string()),
                    ("detail_rings_m", &format!("{}", load + view / 2.0 + 32.0)),
                ]);
            }
            Event::Stick(x, z) => self
                .switches
                .stick_at(ChunkCoord::new(i32::from(*x), i32::from(*z))),
            Event::Preload(x, z) => {
                let mut preloads = self.trial.app.world_mut().resource_mut::<Preloads>();
                let at = DVec2::new(f64::from(*x), f64::from(*z));
                let ticket = preloads.preload(at, 250.0, Duration::from_secs(1));
                if x % 2 == 0 {
                    preloads.release(ticket.unwrap());
                }
            }
            Event::Extra(kind, x) => {
                let purpose = match kind {
                    0 => FocusPurpose::See,
                    1 => FocusPurpose::Collide,
                    _ => FocusPurpose::Preload,
                };
                // A few are enough; each costs a world of its own.
                if self.extras < 2 {
                    self.extras += 1;
                    self.trial.app.world_mut().spawn((
                        StreamingFocus,
                        purpose,
                        Transform::from_xyz(f32::from(*x), 0.0, 300.0),
                    ));
                }
            }
            Event::GeneratorChanged => {
                self.trial
                    .app
                    .world_mut()
                    .write_message(StreamingRequest::GeneratorChanged);
            }
            Event::Linger(n) => self
                .trial
                .set(&[("linger_secs", &(f64::from(*n) / 10.0).to_string())]),
            Event::Upload(n) => self.trial.set(&[(
                "upload_bytes_per_frame",
                &(u32::from(*n) * 4_096).to_string(),
            )]),
            Event::Nowhere => {
                let place = std::mem::replace(&mut self.place, (f32::NAN, 1e9));
                for _ in 0..3 {
                    self.step();
                }
                self.place = place;
            }
            Event::Nonsense(n) => {
                let (field, value) = [
                    ("load_radius_m", "NaN"),
                    ("unload_radius_m", "1"),
                    ("max_concurrent_tasks", "10000"),
                    ("detail_rings_m", "9,8"),
                    ("memory_cap_mib", "0"),
                    ("view_radius_m", "1e12"),
                ][usize::from(*n)];
                self.trial.set(&[(field, value)]);
            }
            Event::Hold(frames) => {
                self.trial.app.world_mut().resource_mut::<StreamingHold>().0 = true;
                for _ in 0..*frames {
                    self.step();
                }
                self.trial.app.world_mut().resource_mut::<StreamingHold>().0 = false;
            }
            Event::Pass(frames) => {
                for _ in 0..*frames {
                    self.step();
                }
            }
        }
        self.step();
    }

    /// Takes the faults away and lets everything come to rest.
    fn finish(mut self) -> (StreamingMetrics, [LawStatus; LAWS]) {
        self.switches.clear_panics();
        self.switches.set_slow_ms(0.0);
        self.trial.restore_focus(self.place.0, self.place.1);
        self.trial.set(&[
            ("max_concurrent_tasks", "8"),
            ("max_completed_per_frame", "8"),
            ("apply_budget_ms", "10"),
            ("upload_bytes_per_frame", "4194304"),
            ("linger_secs", "0.1"),
        ]);
        // A last attempt that panicked before the faults were taken away is heard of only now.
        for _ in 0..2 {
            self.trial.settle();
            self.trial
                .app
                .world_mut()
                .write_message(StreamingRequest::RetryQuarantined);
        }
        self.trial.settle();
        self.trial.assert_lawful();
        let laws = self.trial.app.world().resource::<LawBook>().laws().clone();
        (self.trial.metrics().clone(), laws)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_law_holds_at_every_step_and_everything_settles(events in proptest::collection::vec(event(), 1..40)) {
        let walked = std::panic::catch_unwind(|| {
            let mut walk = Walk::new();
            for event in &events {
                walk.act(event);
            }
            walk.finish().0
        });
        prop_assert!(walked.is_ok(), "as a scenario:\n{}", as_scenario(&events));
        let Ok(metrics) = walked else { return Ok(()) };
        let gauges = &metrics.gauges;
        prop_assert_eq!((gauges.missing, gauges.unwanted, gauges.quarantined), (0, 0, 0));
        prop_assert!(gauges.loaded >= gauges.wanted);
    }
}

/// All that two equal virtual runs must agree on: everything but the true times.
fn without_wall_times(mut metrics: StreamingMetrics) -> StreamingMetrics {
    metrics.frame = FrameFacts::default();
    metrics
}

#[test]
fn two_virtual_runs_of_one_story_are_equal() {
    let story = [
        Event::Pass(20),
        Event::PanicRate(20),
        Event::Drive(50, 20),
        Event::Teleport(900, -900),
        Event::Pass(3),
        Event::Tasks(9),
        Event::Teleport(0, 0),
        Event::Slow(15),
        Event::Drive(-50, 10),
        Event::Pass(25),
    ];
    let run = || {
        let mut walk = Walk::new();
        for event in &story {
            walk.act(event);
        }
        let (metrics, laws) = walk.finish();
        (without_wall_times(metrics), laws)
    };
    let first = run();
    assert!(
        first.0.counters.cancelled > 0 && first.0.counters.panicked > 0,
        "{:?}",
        first.0.counters
    );
    for _ in 0..3 {
        assert_eq!(run(), first);
    }
}
