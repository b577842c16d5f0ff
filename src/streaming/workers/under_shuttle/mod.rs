//! The meeting place of frame and threads once more, on Shuttle's primitives: many orders of the same
//! steps are tried out, and one that waits for ever, loses something or hands it out twice is printed.
//!
//! ```text
//!   shared.rs  frame_side.rs  thread_side.rs  virtual_side.rs      the files of the product, as they are
//!        └──────────┴───────────────┴───────────────┘
//!                       super::sync                                std's there, Shuttle's here
//! ```
//! No second Bevy is built for it, since no feature and no flag differs. State that is only touched under
//! the lock, messages and generators are the product's own. Shuttle knows nothing of the stop switch,
//! which is an ordinary atomic: it is set and, where it matters, read under the lock.

#[path = "../frame_side.rs"]
#[expect(
    dead_code,
    clippy::duplicate_mod,
    reason = "compiled against other primitives here, for those methods that threads meet in"
)]
mod frame_side;
#[path = "../shared.rs"]
#[expect(
    dead_code,
    clippy::duplicate_mod,
    reason = "compiled against other primitives here, for those methods that threads meet in"
)]
mod shared;
#[path = "../thread_side.rs"]
#[expect(
    dead_code,
    clippy::duplicate_mod,
    reason = "compiled against other primitives here, for those methods that threads meet in"
)]
mod thread_side;
#[path = "../virtual_side.rs"]
#[expect(
    clippy::duplicate_mod,
    reason = "compiled against other primitives here"
)]
mod virtual_side;

mod sync;
mod trials;
mod yard;

use super::{WorkerCount, contained, parcel, state};
