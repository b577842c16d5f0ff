//! A headless world with one focus, stepped by hand.

use std::time::{Duration, Instant};

use bevy::asset::AssetPlugin;
use bevy::camera::visibility::VisibilityPlugin;
use bevy::ecs::schedule::{ScheduleLabel, SingleThreadedExecutor};
use bevy::math::DVec2;
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy::transform::TransformPlugin;
use ringroad::city::CityMaterial;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkCoord, DetailRings, ProposeSettings, SettingSource, StreamingFocus,
    StreamingMetrics, StreamingSettings, StreamingValues, WorldOrigin, run_virtual_workers,
};

use super::generators::fill_palette;
use super::seen::{self, Seen, Spent};

/// The frame of the virtual clock and of a paced run.
pub const FRAME: Duration = Duration::from_micros(16_667);

/// A place so far away that nothing of the origin is kept there.
pub const ELSEWHERE: DVec2 = DVec2::new(20_000.0, 0.0);

/// How frames follow each other.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At once, with true times.
    BackToBack,
    /// Not before that much true time has passed.
    Every(Duration),
    /// At once, but each counts as [`FRAME`]; a plugin on the virtual clock is served.
    Stated,
}

/// Budgets so wide that only the work itself takes time, in a world of about `chunks` small chunks.
pub fn open_budgets(tasks: u32, chunk_size_m: f64, chunks: u32) -> StreamingValues {
    let reach_m = chunk_size_m * (f64::from(chunks) / std::f64::consts::PI).sqrt();
    let load_radius_m = reach_m.max(2.0 * chunk_size_m);
    StreamingValues {
        max_concurrent_tasks: tasks,
        max_completed_per_frame: 1_000,
        apply_budget_ms: 100.0,
        upload_bytes_per_frame: 1 << 30,
        completed_bytes_cap: 1 << 34,
        memory_cap_mib: 1 << 20,
        scan_interval_secs: 0.0,
        must_have_radius_m: 2.0 * chunk_size_m,
        load_radius_m,
        unload_radius_m: load_radius_m + 1.5 * chunk_size_m,
        view_radius_m: load_radius_m,
        detail_rings_m: DetailRings(Vec::new()),
        linger_secs: 0.0,
        chunk_size_m,
        ..StreamingValues::default()
    }
}

/// A world with one focus at its origin.
pub struct Rig {
    pub app: App,
    focus: Entity,
    pace: Pace,
    frame: u32,
    last_began: Option<Instant>,
    spent: Spent,
}

impl Rig {
    /// A world that has not seen a frame.
    pub fn new(plugin: AsyncChunkPlugin, values: StreamingValues, pace: Pace) -> Self {
        let settings = StreamingSettings::new(values).expect("the bench states legal settings");
        let mut app = App::new();
        app.add_plugins((
            MinimalPlugins,
            AssetPlugin::default(),
            MeshPlugin,
            TransformPlugin,
            VisibilityPlugin,
        ))
        .init_asset::<StandardMaterial>()
        .init_asset::<CityMaterial>()
        .add_plugins(plugin.with_settings(settings).without_law_checks())
        .add_plugins(seen::plugin)
        .add_systems(Startup, fill_palette);
        if pace == Pace::Stated {
            app.insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
        }
        for label in [
            First.intern(),
            PreUpdate.intern(),
            Update.intern(),
            PostUpdate.intern(),
            Last.intern(),
        ] {
            app.edit_schedule(label, |schedule| {
                schedule.set_executor(SingleThreadedExecutor::new());
            });
        }
        let focus = app.world_mut().spawn(StreamingFocus).id();
        Self {
            app,
            focus,
            pace,
            frame: 0,
            last_began: None,
            spent: Spent::default(),
        }
    }

    /// One frame.
    pub fn step(&mut self) {
        if let (Pace::Every(length), Some(began)) = (self.pace, self.last_began) {
            std::thread::sleep(length.saturating_sub(began.elapsed()));
        }
        let world = self.app.world_mut();
        run_virtual_workers(world, FRAME * self.frame);
        self.frame += 1;
        let began = Instant::now();
        self.last_began = Some(began);
        self.app.update();
        self.add_spent(began.elapsed().as_secs_f64() * 1e3);
    }

    fn add_spent(&mut self, update_ms: f64) {
        let gen_apply_ms = self.seen().gen_apply_ms;
        let facts = self.metrics().frame.clone();
        self.spent.add(&facts, gen_apply_ms, update_ms);
    }

    /// Steps until `done`; an error with `what` after so much true time.
    pub fn until(
        &mut self,
        what: &str,
        limit: Duration,
        mut done: impl FnMut(&mut Self) -> bool,
    ) -> Result<(), String> {
        let began = Instant::now();
        loop {
            if done(self) {
                return Ok(());
            }
            if began.elapsed() > limit {
                let gauges = &self.metrics().gauges;
                return Err(format!(
                    "not {what} within {limit:?}: {} wanted, {} missing, {} loaded",
                    gauges.wanted, gauges.missing, gauges.loaded
                ));
            }
            self.step();
        }
    }

    /// Steps until every cell inside the load radius is there and nothing is on its way in or out.
    pub fn settle(&mut self, limit: Duration) -> Result<(), String> {
        for _ in 0..4 {
            self.step();
        }
        self.until("settled", limit, |rig| {
            let gauges = &rig.metrics().gauges;
            let is_calm = gauges.missing == 0 && gauges.loading == 0 && gauges.unwanted == 0;
            is_calm && rig.is_view_complete()
        })
    }

    /// The cells whose middle lies inside the load radius of the focus.
    pub fn cells_in_view(&self) -> Vec<ChunkCoord> {
        let settings = self.app.world().resource::<StreamingSettings>();
        cells_within(
            self.focus_in_world(),
            settings.load_radius_m,
            settings.chunk_size_m,
        )
    }

    /// Whether each of them has landed.
    pub fn is_view_complete(&self) -> bool {
        let there = &self.seen().there;
        self.cells_in_view()
            .iter()
            .all(|coord| there.contains_key(coord))
    }

    /// Where the focus is.
    pub fn focus_in_world(&self) -> DVec2 {
        let place = self
            .app
            .world()
            .get::<Transform>(self.focus)
            .map_or(Vec3::ZERO, |transform| transform.translation);
        let place = self.app.world().resource::<WorldOrigin>().to_world(place);
        DVec2::new(place.x, place.z)
    }

    /// Puts the focus there.
    pub fn place_focus(&mut self, at_in_world: DVec2) {
        let world = self.app.world_mut();
        let scene = world
            .resource::<WorldOrigin>()
            .to_scene(bevy::math::DVec3::new(at_in_world.x, 0.0, at_in_world.y));
        if let Some(mut transform) = world.get_mut::<Transform>(self.focus) {
            transform.translation = scene;
        }
    }

    /// Puts the focus there for the very next frame: without it, the scan sees a move one frame later.
    pub fn place_focus_at_once(&mut self, at_in_world: DVec2) {
        self.place_focus(at_in_world);
        let world = self.app.world_mut();
        let place = world.get::<Transform>(self.focus).copied();
        if let (Some(place), Some(mut global)) =
            (place, world.get_mut::<GlobalTransform>(self.focus))
        {
            *global = GlobalTransform::from(place);
        }
    }

    /// Asks for one setting.
    pub fn set(&mut self, field: &str, value: &str) {
        self.app.world_mut().write_message(ProposeSettings {
            changes: vec![(field.to_owned(), value.to_owned())],
            source: SettingSource::Program,
        });
    }

    pub fn metrics(&self) -> &StreamingMetrics {
        self.app.world().resource::<StreamingMetrics>()
    }

    pub fn seen(&self) -> &Seen {
        self.app.world().resource::<Seen>()
    }

    pub fn spent(&self) -> Spent {
        self.spent
    }
}

/// The cells whose middle lies within a radius.
pub fn cells_within(at: DVec2, radius_m: f64, chunk_size_m: f64) -> Vec<ChunkCoord> {
    let reach = (radius_m / chunk_size_m).ceil() as i32 + 1;
    let middle = ChunkCoord::containing_ground(at, chunk_size_m);
    let mut cells = Vec::new();
    for x in -reach..=reach {
        for z in -reach..=reach {
            let coord = ChunkCoord::new(middle.x + x, middle.z + z);
            if coord.center_distance(at, chunk_size_m) <= radius_m {
                cells.push(coord);
            }
        }
    }
    cells
}
