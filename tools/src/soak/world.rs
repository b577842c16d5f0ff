//! The app of a soak: streaming alone, without a game, frame by frame on the virtual clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::ecs::schedule::{ScheduleLabel, SingleThreadedExecutor};
use bevy::math::{DVec2, DVec3};
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::time::{Real, TimeUpdateStrategy};
use ringroad::city::CityMaterial;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkCoord, ChunkLoaded, ChunkUnloaded, FaultSwitches, FaultyGenerator,
    FocusPurpose, LawBook, LawStatus, PreloadTicket, Preloads, ProposeSettings, SettingRefused,
    SettingSource, StreamingFocus, StreamingMetrics, StreamingSettings, WorkClock, WorldOrigin,
    run_virtual_workers,
};

use super::SoakOptions;
use super::driver::Driver;
use super::finding::{Finding, Kind};
use super::ground::Sabotage;
use super::plan::{Act, Answer, HOME, Step, answer, home_settings};
use super::watch::Watch;

/// The frame rate of the virtual clock, as scenarios have it.
const FRAMES_PER_SEC: f64 = 60.0;

/// What is loaded, as the messages say: the content of each cell.
#[derive(Resource, Default)]
struct Told {
    loaded: BTreeMap<ChunkCoord, u64>,
    refused: u64,
    /// Only under [`Sabotage::Leak`].
    kept: Option<Vec<Handle<Mesh>>>,
}

/// Streaming with one driver, and everything that an act can reach.
pub struct SoakWorld {
    app: App,
    faults: Arc<FaultSwitches>,
    driver: Driver,
    has_place: bool,
    focus: Option<Entity>,
    extras: BTreeMap<&'static str, Entity>,
    tickets: Vec<PreloadTicket>,
    /// What the settings must be after the coming frame.
    expected: StreamingSettings,
    /// How many refusals must have been heard after the coming frame.
    refusals: u64,
    tolerated: Vec<u8>,
    violations: u64,
    frames: u64,
    watch: Watch,
}

impl SoakWorld {
    /// At home, with the settings of checkpoints, before the first frame.
    pub fn new(options: &SoakOptions) -> Self {
        let (ground, sabotage) = (options.ground, options.sabotage);
        let faults = Arc::new(FaultSwitches::default());
        let settings = home_settings();
        let generator = FaultyGenerator::new(ground.generator(sabotage), Arc::clone(&faults));
        let frame = Duration::from_secs_f64(1.0 / FRAMES_PER_SEC);
        let mut app = App::new();
        app.add_plugins((
            MinimalPlugins,
            AssetPlugin::default(),
            MeshPlugin,
            TransformPlugin,
        ))
        .init_asset::<StandardMaterial>()
        .init_asset::<CityMaterial>()
        .insert_resource(TimeUpdateStrategy::ManualDuration(frame))
        .insert_resource(Told {
            kept: (sabotage == Some(Sabotage::Leak)).then(Vec::new),
            ..Told::default()
        })
        .add_plugins(
            AsyncChunkPlugin::new(generator)
                .with_settings(settings.clone())
                .with_faults(Arc::clone(&faults))
                .with_clock(WorkClock::Virtual(ground.costs()))
                .with_law_checks(),
        )
        .add_systems(Last, (note_messages, leak.run_if(is_leaking)));
        // There is too little to do in parallel for the parallel executor to pay.
        for label in [
            First.intern(),
            PreUpdate.intern(),
            RunFixedMainLoop.intern(),
            Update.intern(),
            PostUpdate.intern(),
            Last.intern(),
        ] {
            app.edit_schedule(label, |schedule| {
                schedule.set_executor(SingleThreadedExecutor::new());
            });
        }
        app.finish();
        app.cleanup();
        ground.fill_palette(app.world_mut());
        let mut world = Self {
            app,
            faults,
            driver: Driver::new(HOME),
            has_place: true,
            focus: None,
            extras: BTreeMap::new(),
            tickets: Vec::new(),
            expected: settings,
            refusals: 0,
            tolerated: options.tolerated.clone(),
            violations: 0,
            frames: 0,
            watch: Watch::default(),
        };
        world.act(&Act::RestoreFocus);
        world
    }

    /// Lets somebody see from now on how far it is.
    pub fn watch_with(&mut self, watch: Watch) {
        self.watch = watch;
    }

    /// Simulated seconds so far.
    pub fn secs(&self) -> f64 {
        self.frames as f64 / FRAMES_PER_SEC
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// What streaming counted.
    pub fn metrics(&self) -> &StreamingMetrics {
        self.app.world().resource::<StreamingMetrics>()
    }

    /// How the laws stand.
    pub fn laws(&self) -> &[LawStatus] {
        self.app.world().resource::<LawBook>().laws()
    }

    /// The settings in force.
    pub fn settings(&self) -> &StreamingSettings {
        self.app.world().resource::<StreamingSettings>()
    }

    /// The content of each loaded cell, as the messages told it.
    pub fn loaded(&self) -> &BTreeMap<ChunkCoord, u64> {
        &self.app.world().resource::<Told>().loaded
    }

    /// The engine's world, to count in.
    pub fn world(&self) -> &World {
        self.app.world()
    }

    /// One frame, and every check that is due on each.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn step(&mut self) -> Result<(), Finding> {
        let step = 1.0 / FRAMES_PER_SEC;
        self.driver.advance(step);
        self.place_focus();
        let now = self.app.world().resource::<Time<Real>>().elapsed();
        let until = now + Duration::from_secs_f64(step);
        run_virtual_workers(self.app.world_mut(), until);
        self.app.update();
        self.frames += 1;
        self.watch.see(self.frames, self.secs());
        self.check_laws()?;
        self.check_settings()
    }

    /// Frames for so long, with the steps at their times.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn play(&mut self, steps: &[Step], secs: f64) -> Result<(), Finding> {
        let start = self.frames;
        let mut steps = steps.iter().peekable();
        loop {
            let now = (self.frames - start) as f64 / FRAMES_PER_SEC;
            while let Some(step) = steps.next_if(|step| step.at <= now) {
                self.act(&step.act);
            }
            if now >= secs {
                return Ok(());
            }
            self.step()?;
        }
    }

    /// Takes away everything that an episode may have left behind.
    pub fn clean_up(&mut self) {
        self.faults.clear_panics();
        self.faults.set_slow_ms(0.0);
        self.faults.stall_until(Duration::ZERO);
        self.act(&Act::RestoreFocus);
        self.act(&Act::ReleasePreloads);
        for name in self.extras.keys().copied().collect::<Vec<_>>() {
            self.act(&Act::RemoveFocus(name));
        }
        let home = home_settings();
        let changes = self
            .expected
            .differences(&home)
            .into_iter()
            .map(|(field, _, new)| (field.to_owned(), new))
            .collect();
        self.propose(changes);
        self.expected = home;
    }

    /// Does one thing, before the coming frame.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::FlyTo { to, height, speed } => self.driver.fly_to(*to, *height, *speed),
            Act::Teleport(to) => {
                self.driver.teleport(*to);
                self.has_place = true;
            }
            Act::Shuttle { metres, times } => self.driver.shuttle(*metres, *times),
            Act::Orbit { radius, speed } => self.driver.orbit(*radius, *speed),
            Act::AddFocus { name, at, purpose } => self.add_focus(name, *at, *purpose),
            Act::RemoveFocus(name) => {
                if let Some(entity) = self.extras.remove(name) {
                    self.app.world_mut().despawn(entity);
                }
            }
            Act::DropFocus => {
                if let Some(entity) = self.focus.take() {
                    self.app.world_mut().despawn(entity);
                }
            }
            Act::RestoreFocus => {
                if self.focus.is_none() {
                    let place = self.in_scene(self.driver.at, self.driver.height);
                    let focus = (StreamingFocus, Transform::from_translation(place));
                    self.focus = Some(self.app.world_mut().spawn(focus).id());
                }
            }
            Act::LosePlace => self.has_place = false,
            Act::PanicAt(at) => self.faults.panic_at(self.cell(*at)),
            Act::PanicRate(rate) => self.faults.set_panic_rate(*rate),
            Act::SlowWorkers(ms) => self.faults.set_slow_ms(*ms),
            Act::Stall(secs) => {
                let now = self.app.world().resource::<Time<Real>>().elapsed();
                self.faults
                    .stall_until(now + Duration::from_secs_f64(*secs));
            }
            Act::StickAt(at) => self.faults.stick_at(self.cell(*at)),
            Act::Set { field, value } => self.set(field, value),
            Act::Preload { at, radius, within } => self.preload(*at, *radius, *within),
            Act::ReleasePreloads => {
                let mut preloads = self.app.world_mut().resource_mut::<Preloads>();
                for ticket in self.tickets.drain(..) {
                    preloads.release(ticket);
                }
            }
            Act::Ask(request) => {
                self.app.world_mut().write_message(*request);
            }
        }
    }

    fn set(&mut self, field: &'static str, value: &str) {
        match answer(&self.expected, field, value) {
            Answer::NotAsked => return,
            Answer::Accepted(next) => self.expected = *next,
            Answer::Refused => self.refusals += 1,
        }
        self.propose(vec![(field.to_owned(), value.to_owned())]);
    }

    fn propose(&mut self, changes: Vec<(String, String)>) {
        self.app.world_mut().write_message(ProposeSettings {
            changes,
            source: SettingSource::Script,
        });
    }

    fn preload(&mut self, at: DVec2, radius: f64, within: f64) {
        let within = Duration::from_secs_f64(within);
        let mut preloads = self.app.world_mut().resource_mut::<Preloads>();
        let ticket = preloads.preload(at, radius, within);
        self.tickets
            .push(ticket.expect("episodes preload finite places within the legal radii"));
    }

    fn add_focus(&mut self, name: &'static str, at: DVec2, purpose: FocusPurpose) {
        self.act(&Act::RemoveFocus(name));
        let place = Transform::from_translation(self.in_scene(at, 1.0));
        let focus = self.app.world_mut().spawn((StreamingFocus, purpose, place));
        self.extras.insert(name, focus.id());
    }

    fn in_scene(&self, at: DVec2, height: f64) -> Vec3 {
        let origin = self.app.world().resource::<WorldOrigin>();
        origin.to_scene(DVec3::new(at.x, height, at.y))
    }

    fn cell(&self, at: DVec2) -> ChunkCoord {
        ChunkCoord::containing_ground(at, self.expected.chunk_size_m)
    }

    fn place_focus(&mut self) {
        let Some(focus) = self.focus else { return };
        let place = if self.has_place {
            self.in_scene(self.driver.at, self.driver.height)
        } else {
            Vec3::NAN
        };
        let ahead = self.driver.direction();
        let ahead = Vec3::new(ahead.x as f32, 0.0, ahead.y as f32);
        if let Some(mut transform) = self.app.world_mut().get_mut::<Transform>(focus) {
            let next = Transform::from_translation(place).looking_to(ahead, Vec3::Y);
            if *transform != next {
                *transform = next;
            }
        }
    }

    fn check_laws(&mut self) -> Result<(), Finding> {
        let counted = self.laws().iter();
        let counted = counted.filter(|law| !self.tolerated.contains(&law.number));
        let violations = counted.map(|law| law.violations).sum();
        if violations == self.violations {
            return Ok(());
        }
        self.violations = violations;
        self.first_broken_law().map_or(Ok(()), Err)
    }

    /// A law that was ever broken, one that is not tolerated first.
    pub fn first_broken_law(&self) -> Option<Finding> {
        let broken = self.laws().iter().filter(|law| law.violations > 0);
        let law = broken.min_by_key(|law| self.tolerated.contains(&law.number))?;
        let text = law.first.clone().unwrap_or_default();
        Some(self.finding(Kind::Law(law.number), text))
    }

    /// Law 13 from outside: what was legal is in force, what was not left everything as it was.
    fn check_settings(&self) -> Result<(), Finding> {
        let refused = self.app.world().resource::<Told>().refused;
        if refused != self.refusals {
            let text = format!("{refused} refusals were heard, not {}", self.refusals);
            return Err(self.finding(Kind::Settings, text));
        }
        if *self.settings() != self.expected {
            let differences = self.expected.differences(self.settings());
            let text = format!("the settings in force are not those asked for: {differences:?}");
            return Err(self.finding(Kind::Settings, text));
        }
        Ok(())
    }

    /// Something wrong, now.
    pub fn finding(&self, kind: Kind, text: String) -> Finding {
        Finding {
            kind,
            at_secs: self.secs(),
            text,
        }
    }
}

fn note_messages(
    mut told: ResMut<Told>,
    mut loaded: MessageReader<ChunkLoaded>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut refused: MessageReader<SettingRefused>,
) {
    // A chunk never leaves and lands within one frame.
    for message in loaded.read() {
        // Laws are checked here, so the hash is taken.
        let hash = message.content_hash.unwrap_or_default();
        told.loaded.insert(message.coord, hash);
    }
    for message in unloaded.read() {
        told.loaded.remove(&message.coord);
    }
    told.refused += refused.read().count() as u64;
}

fn is_leaking(told: Res<Told>) -> bool {
    told.kept.is_some()
}

/// Between two frames in which a mesh is made and kept for ever.
const LEAK_EVERY: u32 = 300;

/// Breaks law 5 from outside, on purpose.
fn leak(mut told: ResMut<Told>, mut frame: Local<u32>, mut meshes: ResMut<Assets<Mesh>>) {
    *frame += 1;
    if frame.is_multiple_of(LEAK_EVERY)
        && let Some(kept) = &mut told.kept
    {
        kept.push(meshes.add(Cuboid::from_length(1.0)));
    }
}
