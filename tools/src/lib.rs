//! What the command-line tools share: reading reports and telemetry, comparing them, drawing them as one page.

#![warn(missing_docs)]

mod compare;
mod input;
mod page;
mod plot;

pub use compare::{Difference, compare, flatten};
pub use input::{Input, InputError, Telemetry};
pub use page::page;
