//! A headless world with one focus, stepped by hand.

use bevy::asset::AssetPlugin;
use bevy::camera::primitives::Aabb;
use bevy::ecs::schedule::{ScheduleLabel, SingleThreadedExecutor};
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy::transform::TransformPlugin;
use std::time::Duration;

use super::generators::BLOCK;
use crate::state::{Chunks, WorldSide};
use crate::*;

pub const FRAME: Duration = Duration::from_micros(16_667);

/// Costs that make a step of every kind take some, but not much, virtual time.
pub fn virtual_clock() -> WorkClock {
    WorkClock::Virtual(VirtualCosts {
        service: ServiceCost::Fixed { us: 4_000.0 },
        apply_us_per_entity: 20.0,
        apply_ns_per_byte: 0.5,
    })
}

/// A small world: about 50 chunks of 100 m.
pub fn small_world() -> StreamingValues {
    StreamingValues {
        max_concurrent_tasks: 4,
        max_completed_per_frame: 4,
        chunk_size_m: 100.0,
        must_have_radius_m: 200.0,
        load_radius_m: 400.0,
        unload_radius_m: 500.0,
        view_radius_m: 400.0,
        scan_interval_secs: 0.05,
        retry_backoff_secs: 0.05,
        linger_secs: 0.1,
        ..StreamingValues::default()
    }
}

pub struct Trial {
    pub app: App,
    pub focus: Option<Entity>,
    frame: u32,
}

impl Trial {
    /// A trial on the virtual clock in the small world.
    pub fn new(generator: impl ChunkGenerator) -> Self {
        Self::with(
            AsyncChunkPlugin::new(generator).with_clock(virtual_clock()),
            small_world(),
        )
    }

    pub fn with(plugin: AsyncChunkPlugin, values: StreamingValues) -> Self {
        let mut app = App::new();
        app.add_plugins((
            MinimalPlugins,
            AssetPlugin::default(),
            MeshPlugin,
            TransformPlugin,
        ))
        .init_asset::<StandardMaterial>()
        .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
        .add_plugins(
            plugin
                .with_settings(StreamingSettings::new(values).unwrap())
                .with_law_checks(),
        )
        .add_systems(Startup, fill_palette);
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
        let focus = Some(app.world_mut().spawn(StreamingFocus).id());
        Self {
            app,
            focus,
            frame: 0,
        }
    }

    /// One frame.
    pub fn step(&mut self) {
        run_virtual_workers(self.app.world_mut(), FRAME * self.frame);
        self.frame += 1;
        self.app.update();
    }

    pub fn steps(&mut self, count: u32) {
        for _ in 0..count {
            self.step();
        }
    }

    /// One frame on the real clock, which gives the workers time.
    pub fn real_step(&mut self) {
        std::thread::sleep(Duration::from_millis(2));
        self.step();
    }

    /// Steps until `done`, and says whether it came to that.
    pub fn until(&mut self, limit: u32, mut done: impl FnMut(&mut Self) -> bool) -> bool {
        for _ in 0..limit {
            if done(self) {
                return true;
            }
            self.real_or_virtual_step();
        }
        done(self)
    }

    fn real_or_virtual_step(&mut self) {
        let clock = self
            .app
            .world()
            .resource::<AsyncChunkQueue>()
            .shared()
            .clock()
            .clone();
        if clock == WorkClock::Real {
            self.real_step();
        } else {
            self.step();
        }
    }

    /// Steps until nothing wanted is missing and nothing is on its way in or out.
    #[track_caller]
    pub fn settle(&mut self) {
        // The first frames see no wish yet: transforms arrive in the second, scans have an interval.
        for _ in 0..8 {
            self.real_or_virtual_step();
        }
        let settled = self.until(6_000, |trial| {
            let gauges = &trial.metrics().gauges;
            let side = trial.app.world().resource::<WorldSide>();
            gauges.missing == 0
                && gauges.unwanted == 0
                && gauges.loading == 0
                && side.leaving.is_empty()
        });
        assert!(settled, "not settled: {:?}", self.metrics().gauges);
    }

    pub fn place_focus(&mut self, x: f32, z: f32) {
        self.place_focus_at(Vec3::new(x, 0.0, z));
    }

    pub fn place_focus_at(&mut self, place: Vec3) {
        let focus = self.focus.expect("this trial has a focus");
        let place = self.to_scene(place);
        *self.app.world_mut().get_mut::<Transform>(focus).unwrap() =
            Transform::from_translation(place);
    }

    fn to_scene(&self, point_in_world: Vec3) -> Vec3 {
        self.app
            .world()
            .resource::<WorldOrigin>()
            .to_scene(point_in_world.as_dvec3())
    }

    pub fn drop_focus(&mut self) {
        if let Some(focus) = self.focus.take() {
            self.app.world_mut().despawn(focus);
        }
    }

    pub fn restore_focus(&mut self, x: f32, z: f32) {
        if self.focus.is_none() {
            let place = self.to_scene(Vec3::new(x, 0.0, z));
            let focus = self
                .app
                .world_mut()
                .spawn((StreamingFocus, Transform::from_translation(place)));
            self.focus = Some(focus.id());
        }
    }

    pub fn set(&mut self, changes: &[(&str, &str)]) {
        let changes = changes
            .iter()
            .map(|(f, v)| ((*f).to_owned(), (*v).to_owned()))
            .collect();
        self.app.world_mut().write_message(ProposeSettings {
            changes,
            source: SettingSource::Script,
        });
    }

    pub fn metrics(&self) -> &StreamingMetrics {
        self.app.world().resource::<StreamingMetrics>()
    }

    pub fn chunks(&mut self) -> Mut<'_, Chunks> {
        self.app.world_mut().resource_mut::<Chunks>()
    }

    pub fn side(&mut self) -> Mut<'_, WorldSide> {
        self.app.world_mut().resource_mut::<WorldSide>()
    }

    pub fn queue(&self) -> &AsyncChunkQueue {
        self.app.world().resource::<AsyncChunkQueue>()
    }

    pub fn law(&self, number: usize) -> &LawStatus {
        &self.app.world().resource::<LawBook>().laws()[number - 1]
    }

    /// Asserts that no law was broken so far.
    #[track_caller]
    pub fn assert_lawful(&self) {
        for law in self.app.world().resource::<LawBook>().laws() {
            assert_eq!(law.violations, 0, "law {}: {:?}", law.number, law.first);
        }
    }

    /// Asserts that law `number` was checked and reported broken.
    #[track_caller]
    pub fn assert_broken(&self, number: usize) {
        let law = self.law(number);
        assert!(
            law.violations > 0,
            "law {number} was checked {} times and found kept",
            law.checked
        );
        assert!(law.first.is_some());
    }

    /// Every streamed entity as (chunk, transform), sorted for comparing.
    pub fn streamed(&mut self) -> Vec<(ChunkCoord, String)> {
        let offset = self
            .app
            .world()
            .resource::<WorldOrigin>()
            .offset()
            .as_vec3();
        let world = self.app.world_mut();
        let mut all: Vec<_> = world
            .query::<(&InChunk, &Transform)>()
            .iter(world)
            .map(|(chunk, transform)| {
                let mut in_world = *transform;
                in_world.translation += offset;
                (chunk.0, format!("{in_world:?}"))
            })
            .collect();
        all.sort();
        all
    }
}

fn fill_palette(
    mut palette: ResMut<ChunkPalette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let half = Vec3::splat(0.5);
    palette.insert_mesh(
        BLOCK,
        meshes.add(Cuboid::from_length(1.0)),
        Aabb::from_min_max(-half, half),
    );
    palette.insert_material(BLOCK, materials.add(Color::WHITE));
}
