//! What the command-line tools share: reading reports and telemetry, comparing them, drawing them as one page.

#![warn(missing_docs)]

pub mod bench;
mod compare;
mod input;
mod page;
mod plot;
pub mod replay;
pub mod soak;

pub use compare::{Difference, compare, flatten};
pub use input::{Input, InputError, Telemetry};
pub use page::page;
