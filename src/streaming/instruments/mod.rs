//! What an instrument may ask of streaming beyond the counts: the life of each cell, how a cell stands, and when
//! the first hole is to be expected. Off, none of it runs and nothing is written.
//!
//! ```text
//!  trace (where the act happens) ──► Lives (a ring) ──┐
//!  table, queue, foci ────────────────────────────────┴─► ChunkQuestion: one cell, the map, "why is it not here?"
//!  foci, table, landings ──► look_out, twice a second ──► Outlook
//! ```

mod life;
mod outlook;
mod question;
mod sweep;

use bevy::ecs::resource::Resource;

pub use life::{LifeEvent, LifeStep, PastCell, ThreadName};
pub(crate) use life::{Lives, Run};
pub use outlook::Outlook;
pub(crate) use outlook::look_out;
pub use question::{CellStage, CellView, ChunkQuestion, FocusView};
pub(crate) use sweep::{Sweep, sweep_orphans, sweep_slice};

/// Whether anybody looks at the instruments of streaming. Off, the lives of chunks are not written down and no
/// horizon is reckoned.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamingInstruments(pub bool);

pub(crate) fn are_on(instruments: bevy::ecs::prelude::Res<StreamingInstruments>) -> bool {
    instruments.0
}
