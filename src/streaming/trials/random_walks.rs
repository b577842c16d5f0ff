//! Random sequences of everything at once, on the virtual clock: every law at every step, and in the
//! end nothing missing and nothing too much.

use bevy::asset::RenderAssetUsages;
use bevy::math::DVec2;
use bevy::mesh::{Mesh, PrimitiveTopology};
use bevy::prelude::Transform;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::generators::{BLOCK, blocks};
use super::trial::{Trial, small_world, virtual_clock};
use super::walk_script::{Event, NONSENSE, as_scenario, view_and_rings};
use crate::*;

/// That leaving ends at all; tests of law 12 hold it to a second, where nothing else is timed.
const LONGEST_LEAVE: Duration = Duration::from_secs(10);

/// Blocks, and at full detail vertices enough for the caps on bytes to matter in so small a world.
struct Heaps;

/// Vertices of the heap: 24 KB.
const HEAP: usize = 2_000;

impl ChunkGenerator for Heaps {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        stop.checkpoint()?;
        let mut content = blocks(request, 12);
        if request.detail == DetailLevel::FULL {
            let size_m = request.chunk_size_m as f32;
            let corners: Vec<[f32; 3]> = (0..HEAP)
                .map(|n| [size_m * n as f32 / HEAP as f32, 0.0, (n % 3) as f32])
                .collect();
            let mesh = Mesh::new(
                PrimitiveTopology::TriangleList,
                RenderAssetUsages::RENDER_WORLD,
            )
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, corners);
            content.meshes.push(ChunkMesh {
                mesh,
                material: BLOCK,
                offset_in_chunk: Transform::IDENTITY,
                casts_shadow: false,
            });
        }
        Ok(content)
    }
}

struct Walk {
    trial: Trial,
    extras: u8,
    preloads: Vec<PreloadTicket>,
    switches: Arc<FaultSwitches>,
    place: (f32, f32),
    frames: u64,
}

impl Walk {
    fn new() -> Self {
        let switches = Arc::new(FaultSwitches::default());
        let generator = FaultyGenerator::new(Heaps, Arc::clone(&switches));
        let plugin = AsyncChunkPlugin::new(generator)
            .with_clock(virtual_clock())
            .with_faults(Arc::clone(&switches));
        Self {
            trial: Trial::with(plugin, small_world()),
            switches,
            extras: 0,
            preloads: Vec::new(),
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

    fn ask(&mut self, request: StreamingRequest) {
        self.trial.app.world_mut().write_message(request);
    }

    /// Ends the program in the middle of its work, and starts it again.
    fn leave(&mut self) {
        let next = Self::new();
        let before = std::mem::replace(self, next);
        let began = Instant::now();
        drop(before);
        let took = began.elapsed();
        assert!(took < LONGEST_LEAVE, "law 12: leaving took {took:?}");
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
            Event::RetryQuarantined => self.ask(StreamingRequest::RetryQuarantined),
            Event::View(n) => {
                let load = self
                    .trial
                    .app
                    .world()
                    .resource::<StreamingSettings>()
                    .load_radius_m;
                let (view, ring) = view_and_rings(load, *n);
                self.trial.set(&[
                    ("view_radius_m", &view.to_string()),
                    ("detail_rings_m", &ring.to_string()),
                ]);
            }
            Event::Stick(x, z) => self
                .switches
                .stick_at(ChunkCoord::new(i32::from(*x), i32::from(*z))),
            Event::Preload(x, z) => {
                let mut preloads = self.trial.app.world_mut().resource_mut::<Preloads>();
                let at = DVec2::new(f64::from(*x), f64::from(*z));
                let ticket = preloads.preload(at, 250.0, Duration::from_secs(1));
                self.preloads.push(ticket.unwrap());
            }
            Event::ReleasePreloads => {
                let mut preloads = self.trial.app.world_mut().resource_mut::<Preloads>();
                for ticket in self.preloads.drain(..) {
                    preloads.release(ticket);
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
            Event::GeneratorChanged => self.ask(StreamingRequest::GeneratorChanged),
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
                let (field, value) = NONSENSE[usize::from(*n)];
                self.trial.set(&[(field, value)]);
            }
            Event::WaitingBytes(n) => self
                .trial
                .set(&[("completed_bytes_cap", &(u32::from(*n) * 65_536).to_string())]),
            Event::Memory(mib) => self.trial.set(&[("memory_cap_mib", &mib.to_string())]),
            Event::ChunkSize(metres) => self.trial.set(&[("chunk_size_m", &metres.to_string())]),
            Event::MakeAnew(x, z) => {
                let coord = ChunkCoord::new(i32::from(*x), i32::from(*z));
                self.ask(StreamingRequest::MakeAnew(coord));
            }
            Event::SweepOrphans => self.ask(StreamingRequest::SweepOrphans),
            Event::Leave => self.leave(),
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
            ("completed_bytes_cap", "67108864"),
            ("memory_cap_mib", "1024"),
            ("chunk_size_m", "100"),
        ]);
        // A last attempt that panicked before the faults were taken away is heard of only now.
        for _ in 0..2 {
            self.trial.settle();
            self.ask(StreamingRequest::RetryQuarantined);
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
    fn every_law_holds_at_every_step_and_everything_settles(events in proptest::collection::vec(Event::any(), 1..40)) {
        let walked = std::panic::catch_unwind(|| {
            let mut walk = Walk::new();
            for event in &events {
                walk.act(event);
            }
            let gauges = walk.finish().0.gauges;
            assert_eq!((gauges.missing, gauges.unwanted, gauges.quarantined), (0, 0, 0));
            assert!(gauges.loaded >= gauges.wanted, "{gauges:?}");
        });
        prop_assert!(walked.is_ok(), "as a scenario:\n{}", as_scenario(&events));
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
