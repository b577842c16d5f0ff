//! A headless world with blocks that a player can move, one focus, and a store.

use bevy::asset::AssetPlugin;
use bevy::camera::primitives::Aabb;
use bevy::ecs::message::MessageCursor;
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy::transform::TransformPlugin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::state::WorldSide;
use crate::*;

const FRAME: Duration = Duration::from_micros(16_667);
const BLOCK: PaletteKey = PaletteKey("test/block");

/// Four blocks in every chunk.
pub struct Blocks;

impl ChunkGenerator for Blocks {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        stop.checkpoint()?;
        let at = |n: i32| Vec3::new(10.0 * n as f32, (request.seed % 100) as f32, 20.0);
        Ok(ChunkContent {
            instances: vec![ChunkInstances {
                mesh: BLOCK,
                material: BLOCK,
                offsets_in_chunk: (0..4).map(|n| Transform::from_translation(at(n))).collect(),
                casts_shadow: false,
            }],
            ..default()
        })
    }
}

/// Blocks that were moved, and how high they lie now.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct Moved(pub BTreeMap<usize, f32>);

impl ChunkDelta for Moved {
    const VERSION: u32 = 1;

    fn merge(
        &self,
        _request: &ChunkRequest,
        content: &mut ChunkContent,
        _stop: &StopToken,
    ) -> Result<(), GenerateError> {
        assert!(!self.0.contains_key(&13), "requested by the test");
        if self.0.contains_key(&14) {
            return Err(GenerateError::Failed("block 14 does not fit".to_owned()));
        }
        for (block, height) in &self.0 {
            content.instances[0].offsets_in_chunk[*block].translation.y = *height;
        }
        Ok(())
    }
}

pub struct World {
    pub app: App,
    focus: Entity,
    frame: u32,
    clock: WorkClock,
    failed: MessageCursor<ChunkFailed>,
    loaded: MessageCursor<ChunkLoaded>,
    /// Why chunks failed so far.
    pub failures: Vec<String>,
    /// The hash of each chunk that landed, in that order.
    pub landed: Vec<(ChunkCoord, u64)>,
}

pub fn virtual_clock() -> WorkClock {
    WorkClock::Virtual(VirtualCosts {
        service: ServiceCost::Fixed { us: 4_000.0 },
        apply_us_per_entity: 20.0,
        apply_ns_per_byte: 0.5,
    })
}

impl World {
    pub fn new(clock: WorkClock, store: impl ChunkStore) -> Self {
        Self::with_generator(clock, store, Blocks)
    }

    pub fn with_generator(
        clock: WorkClock,
        store: impl ChunkStore,
        generator: impl ChunkGenerator,
    ) -> Self {
        let values = StreamingValues {
            max_concurrent_tasks: 4,
            max_completed_per_frame: 8,
            apply_budget_ms: 8.0,
            chunk_size_m: 100.0,
            must_have_radius_m: 200.0,
            load_radius_m: 300.0,
            unload_radius_m: 400.0,
            view_radius_m: 300.0,
            scan_interval_secs: 0.05,
            retry_backoff_secs: 0.05,
            linger_secs: 0.1,
            ..StreamingValues::default()
        };
        let mut app = App::new();
        app.add_plugins((
            MinimalPlugins,
            AssetPlugin::default(),
            MeshPlugin,
            TransformPlugin,
        ))
        .init_asset::<StandardMaterial>()
        .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
        .add_plugins((
            AsyncChunkPlugin::new(generator)
                .with_clock(clock.clone())
                .with_settings(StreamingSettings::new(values).unwrap())
                .with_law_checks(),
            ChunkStorePlugin::<Moved>::new(store),
        ))
        .add_systems(Startup, fill_palette);
        let focus = app.world_mut().spawn(StreamingFocus).id();
        Self {
            app,
            focus,
            frame: 0,
            clock,
            failed: MessageCursor::default(),
            loaded: MessageCursor::default(),
            failures: Vec::new(),
            landed: Vec::new(),
        }
    }

    pub fn step(&mut self) {
        run_virtual_workers(self.app.world_mut(), FRAME * self.frame);
        if self.clock == WorkClock::Real {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.frame += 1;
        self.app.update();
        let world = self.app.world();
        let failed = self.failed.read(world.resource());
        self.failures
            .extend(failed.map(|chunk| chunk.reason.clone()));
        let loaded = self.loaded.read(world.resource());
        self.landed
            .extend(loaded.map(|chunk| (chunk.coord, chunk.content_hash.unwrap())));
        for law in self.app.world().resource::<LawBook>().laws() {
            assert_eq!(law.violations, 0, "law {}: {:?}", law.number, law.first);
        }
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..5_000 {
            if done(self) {
                return;
            }
            self.step();
        }
        panic!("it never came to this: {what}");
    }

    /// Steps until nothing is missing, on its way out or unsaved that could be saved.
    #[track_caller]
    pub fn settle(&mut self) {
        for _ in 0..12 {
            self.step();
        }
        self.until("settled", |world| {
            let gauges = &world.metrics().gauges;
            let is_leaving = !world.app.world().resource::<WorldSide>().leaving.is_empty();
            let book = world.deltas().depot().book();
            let is_saving = book.due() + book.busy() > 0;
            gauges.missing + gauges.unwanted + gauges.loading == 0 && !is_leaving && !is_saving
        });
    }

    pub fn place_focus(&mut self, x: f32, z: f32) {
        let place = Transform::from_xyz(x, 0.0, z);
        *self.app.world_mut().get_mut(self.focus).unwrap() = place;
    }

    #[track_caller]
    pub fn go_to(&mut self, x: f32, z: f32) {
        self.place_focus(x, z);
        self.settle();
    }

    /// Away, far enough that nothing of here stays, and back.
    #[track_caller]
    pub fn leave_and_come_back(&mut self) {
        self.go_to(3_000.0, 3_000.0);
        self.go_to(0.0, 0.0);
    }

    pub fn metrics(&self) -> &StreamingMetrics {
        self.app.world().resource()
    }

    pub fn deltas(&self) -> &ChunkDeltas<Moved> {
        self.app.world().resource()
    }

    pub fn store_metrics(&self) -> &StoreMetrics {
        self.app.world().resource()
    }

    /// Notes that a block lies at a height now, and moves it if it is there.
    pub fn move_block(&mut self, coord: ChunkCoord, block: usize, height: f32) {
        let world = self.app.world_mut();
        let mut deltas = world.resource_mut::<ChunkDeltas<Moved>>();
        deltas.edit(coord, move |moved| _ = moved.0.insert(block, height));
        for (chunk, mut transform) in world.query::<(&InChunk, &mut Transform)>().iter_mut(world) {
            if chunk.0 == coord
                && (transform.translation.x - 10.0 * block as f32).rem_euclid(100.0) < 0.1
            {
                transform.translation.y = height;
            }
        }
    }

    /// The heights of a chunk's blocks, in order.
    pub fn heights(&mut self, coord: ChunkCoord) -> Vec<f32> {
        let world = self.app.world_mut();
        let mut blocks: Vec<Vec3> = world
            .query::<(&InChunk, &Transform)>()
            .iter(world)
            .filter(|(chunk, _)| chunk.0 == coord)
            .map(|(_, transform)| transform.translation)
            .collect();
        blocks.sort_by(|a, b| a.x.total_cmp(&b.x));
        blocks.into_iter().map(|block| block.y).collect()
    }
}

fn fill_palette(
    mut palette: ResMut<ChunkPalette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let half = Vec3::splat(0.5);
    let aabb = Aabb::from_min_max(-half, half);
    palette.insert_mesh(BLOCK, meshes.add(Cuboid::from_length(1.0)), aabb);
    palette.insert_material(BLOCK, materials.add(Color::WHITE));
}
