//! Chunk streaming for Bevy: an endless world around the entities that need it, generated on worker
//! threads, applied within a budget of milliseconds, and measured at every step.
//!
//! ```text
//!  Update, every frame, in this order
//!
//!   Scan ───────────────► GenQueue ────────────────► GenApply
//!   which chunks should   hand out work, most        spawn finished chunks in slices,
//!   exist, at what        needed first; collect      swap levels, take unwanted ones
//!   level, for whom?      what has finished          away, all from one pot
//!      │                     │ ▲                         │
//!      ▼                     ▼ │ completed_results       ▼
//!   chunk table        generation threads          entities, ChunkCollidable / ChunkLoaded /
//!                                                  ChunkUnloaded
//! ```
//!
//! | to know | read |
//! | --- | --- |
//! | how to bring your generator, step by step | [`docs::guide`] |
//! | what happens in a frame, and in the life of a chunk | [`docs::flow`] |
//! | what is promised, what keeps it, and how it is checked | [`docs::laws`] |
//! | what it costs | [`docs::costs`] |
//! | every setting with its default and legal range | [`docs::settings`] |
//! | how to keep what the player changed | [`docs::changes`] |
//!
//! Implement [`ChunkGenerator`], add [`AsyncChunkPlugin`], and put [`StreamingFocus`] on the player:
//!
//! ```
//! use bevy::prelude::*;
//! use ringroad_streaming::*;
//!
//! struct Pillars;
//!
//! const PILLAR: PaletteKey = PaletteKey("pillar");
//!
//! impl ChunkGenerator for Pillars {
//!     fn generate(&self, request: &ChunkRequest, stop: &StopToken) -> Result<ChunkContent, GenerateError> {
//!         stop.checkpoint()?;
//!         let middle = Vec3::splat(request.chunk_size_m as f32 / 2.0).with_y(0.0);
//!         Ok(ChunkContent {
//!             instances: vec![ChunkInstances {
//!                 mesh: PILLAR,
//!                 material: PILLAR,
//!                 offsets_in_chunk: vec![Transform::from_translation(middle)],
//!                 casts_shadow: true,
//!             }],
//!             ..default()
//!         })
//!     }
//! }
//!
//! fn fill_palette(
//!     mut palette: ResMut<ChunkPalette>,
//!     mut meshes: ResMut<Assets<Mesh>>,
//!     mut materials: ResMut<Assets<StandardMaterial>>,
//! ) {
//!     let aabb = bevy::camera::primitives::Aabb::from_min_max(Vec3::new(-1.0, 0.0, -1.0), Vec3::new(1.0, 9.0, 1.0));
//!     palette.insert_mesh(PILLAR, meshes.add(Cuboid::new(2.0, 18.0, 2.0)), aabb);
//!     palette.insert_material(PILLAR, materials.add(Color::srgb(0.8, 0.7, 0.6)));
//! }
//!
//! let mut app = App::new();
//! app.add_plugins((MinimalPlugins, AssetPlugin::default(), bevy::mesh::MeshPlugin, TransformPlugin))
//!     .init_asset::<StandardMaterial>()
//!     .add_plugins(AsyncChunkPlugin::new(Pillars))
//!     .add_systems(Startup, fill_palette);
//! app.world_mut().spawn(StreamingFocus);
//! app.update();
//! assert!(app.world().resource::<StreamingMetrics>().gauges.wanted > 90);
//! ```
//!
//! `StreamingSet` is named by the project's requirement; Bevy's own habit since 0.17 is `*Systems`.
#![warn(missing_docs)]

#[cfg(panic = "abort")]
compile_error!(
    "ringroad_streaming contains the panics of generators; build with panic = \"unwind\""
);

mod apply;
mod clock;
mod content;
mod content_checks;
pub mod docs;
mod faults;
mod focus;
mod generator;
mod instruments;
mod layers;
mod logic;
mod messages;
mod metrics;
mod origin;
mod palette;
mod placeholder;
mod preload;
mod prepared;
mod publish;
mod queue;
mod readiness;
mod scan;
mod settings;
mod state;
mod store;
#[cfg(test)]
mod trials;
mod workers;

use bevy::app::{App, First, Plugin, Startup, Update};
use bevy::ecs::message::MessageUpdateSystems;
use bevy::ecs::prelude::{IntoScheduleConfigs, Res, Resource, SystemSet};
use std::sync::{Arc, Mutex, PoisonError};

pub use clock::{ServiceCost, VirtualCosts, WorkClock};
pub use content::{
    ChunkContent, ChunkInstances, ChunkMesh, ChunkPayload, ContentError, MAX_MESHES_PER_CHUNK,
    content_hash,
};
pub use faults::{FaultSwitches, FaultyGenerator};
pub use focus::{FocusPurpose, InChunk, StreamingFocus};
pub use generator::{ChunkGenerator, ChunkRequest, GenerateError, StopToken};
pub use instruments::{
    CellStage, CellView, ChunkQuestion, FocusView, LifeEvent, LifeStep, Outlook, PastCell,
    StreamingInstruments, ThreadName,
};
pub use layers::{LayerTime, MOST_LAYERS, OTHER_LAYERS};
pub use logic::coord::{ChunkCoord, DetailLevel};
pub use logic::laws::{LAWS, LawBook, LawStatus};
pub use logic::ticket::GenerationId;
pub use messages::{
    ChunkCollidable, ChunkFailed, ChunkLoaded, ChunkTimes, ChunkUnloaded, StreamingRequest,
};
pub use metrics::{
    CancelReasons, Counters, FrameFacts, Gauges, GaugesMax, Late, Regret, StaleReasons, StoppedBy,
    StreamingMetrics,
};
pub use origin::{KeepsPlace, LeadsOrigin, OriginShifted, OriginSystems, WorldOrigin};
pub use palette::{ChunkPalette, PaletteKey};
pub use placeholder::{PLACEHOLDER_MATERIAL, PLACEHOLDER_MESH};
pub use preload::{PreloadError, PreloadStatus, PreloadTicket, Preloads};
pub use queue::AsyncChunkQueue;
pub use readiness::{ChunkReadiness, Readiness};
pub use settings::{
    COMPOSITES, CompositeSpec, DetailRings, FIELDS, FieldSpec, NeedWeights, ProposeSettings,
    SettingChanged, SettingError, SettingRefused, SettingSource, StreamingSettings,
    StreamingValues, field,
};
pub use store::{
    ChunkChangesLost, ChunkDelta, ChunkDeltas, ChunkSaveFailed, ChunkStore, ChunkStorePlugin,
    DiskStore, MemoryStore, StoreError, StoreLimits, StoreMetrics, StorePlace, StoreWorld,
    StoredDelta,
};
pub use workers::{WorkerCount, run_virtual_workers};

/// While true, streaming stands still: no stage runs and nothing is counted. For runners that draw a
/// picture of one instant; a game that pauses keeps streaming.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamingHold(pub bool);

fn is_streaming(hold: Res<StreamingHold>) -> bool {
    !hold.0
}

/// The stages, in this order, in `Update`.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum StreamingSet {
    /// Which chunks should exist.
    Scan,
    /// Hand out work, collect results.
    GenQueue,
    /// Spawn and despawn within the budget.
    GenApply,
}

/// Streams chunks around every [`StreamingFocus`].
///
/// Needs `TransformPlugin`, `AssetPlugin`, `MeshPlugin` and the asset type `StandardMaterial`; a window
/// or a renderer is not needed.
pub struct AsyncChunkPlugin {
    generator: Mutex<Option<Arc<dyn ChunkGenerator>>>,
    settings: StreamingSettings,
    count: WorkerCount,
    clock: WorkClock,
    faults: Arc<FaultSwitches>,
    checks_laws: bool,
    takes_hashes: bool,
}

impl AsyncChunkPlugin {
    /// A plugin with the preset `Conservative` on the real clock; laws are checked in debug builds.
    pub fn new(generator: impl ChunkGenerator) -> Self {
        Self {
            generator: Mutex::new(Some(Arc::new(generator))),
            settings: StreamingSettings::conservative(),
            count: WorkerCount::default(),
            clock: WorkClock::Real,
            faults: Arc::default(),
            checks_laws: cfg!(debug_assertions),
            takes_hashes: false,
        }
    }

    /// Starts with these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: StreamingSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Generates with this many threads.
    #[must_use]
    pub fn with_workers(mut self, count: WorkerCount) -> Self {
        self.count = count;
        self
    }

    /// Works on this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: WorkClock) -> Self {
        self.clock = clock;
        self
    }

    /// Lets delays and panics be switched on. Panics need a [`FaultyGenerator`] with the same switches.
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<FaultSwitches>) -> Self {
        self.faults = faults;
        self
    }

    /// Checks the laws on every frame even in builds without debug assertions.
    #[must_use]
    pub fn with_law_checks(mut self) -> Self {
        self.checks_laws = true;
        self
    }

    /// Says in each [`ChunkLoaded`] what the hash of the content is, even where no laws are checked.
    #[must_use]
    pub fn with_content_hashes(mut self) -> Self {
        self.takes_hashes = true;
        self
    }

    /// Checks no laws even in builds with debug assertions: for measuring what streaming itself costs.
    #[must_use]
    pub fn without_law_checks(mut self) -> Self {
        self.checks_laws = false;
        self
    }
}

impl Plugin for AsyncChunkPlugin {
    fn build(&self, app: &mut App) {
        let generator = self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let generator = generator.expect("a plugin is built once");
        let takes_hashes = self.checks_laws || self.takes_hashes;
        let shared = workers::Shared::new(
            self.clock.clone(),
            self.count,
            Arc::clone(&self.faults),
            takes_hashes,
        );
        app.insert_resource(AsyncChunkQueue::new(shared, generator))
            .insert_resource(self.settings.clone())
            .insert_resource(settings::LastGood::new(self.settings.clone()))
            .insert_resource(state::Trace {
                is_on: self.checks_laws,
                ..state::Trace::default()
            })
            .init_resource::<ChunkPalette>()
            .init_resource::<StreamingMetrics>()
            .init_resource::<LawBook>()
            .init_resource::<StreamingHold>()
            .init_resource::<WorldOrigin>()
            .insert_resource(Preloads::for_chunks(self.settings.chunk_size_m))
            .init_resource::<state::Chunks>()
            .init_resource::<state::WorldSide>()
            .init_resource::<focus::FocusPoints>()
            .init_resource::<StreamingInstruments>()
            .init_resource::<Outlook>()
            .add_message::<ChunkLoaded>()
            .add_message::<ChunkUnloaded>()
            .add_message::<ChunkCollidable>()
            .add_message::<OriginShifted>()
            .add_message::<ChunkFailed>()
            .add_message::<StreamingRequest>()
            .add_message::<ProposeSettings>()
            .add_message::<SettingChanged>()
            .add_message::<SettingRefused>()
            .register_type::<StreamingSettings>()
            .register_type::<StreamingMetrics>()
            .configure_sets(
                Update,
                (
                    StreamingSet::Scan,
                    StreamingSet::GenQueue,
                    StreamingSet::GenApply,
                )
                    .chain(),
            )
            .add_systems(
                First,
                (
                    settings::keep_settings_legal,
                    origin::shift_origin.in_set(OriginSystems),
                )
                    .chain()
                    .after(MessageUpdateSystems),
            )
            .add_systems(Startup, placeholder::register)
            .add_systems(
                Update,
                (
                    (
                        settings::answer_proposals,
                        scan::regenerate_when_asked,
                        instruments::sweep_orphans,
                    )
                        .chain()
                        .before(StreamingSet::Scan),
                    scan::scan_stage.in_set(StreamingSet::Scan),
                    queue::gen_queue_stage.in_set(StreamingSet::GenQueue),
                    apply::gen_apply_stage.in_set(StreamingSet::GenApply),
                    (palette::count_materials, publish::publish_gauges)
                        .chain()
                        .after(StreamingSet::GenApply),
                    instruments::look_out
                        .after(publish::publish_gauges)
                        .run_if(instruments::are_on),
                )
                    .run_if(is_streaming),
            );
        if self.checks_laws {
            app.add_systems(
                Update,
                publish::keep_the_law_book
                    .after(publish::publish_gauges)
                    .after(instruments::look_out)
                    .run_if(is_streaming),
            );
        }
    }
}
