//! Scripted runs: (time, event) files that drive the same game for tests, tools and bug reports.
//!
//! ```text
//! script (RON, all checked before the run) ─► cursor (pure: time + facts → acts) ─► player (acts → requests of the game)
//!                                                                                     │
//! runner: paces frames, runs the virtual workers ◄── pictures hold the time ──────────┤
//!                                                                                     ▼
//! record (what only this run knows) ─► report (JSON) ─► expect (path op number) ─► verdict and exit code
//! ```

mod charges;
mod content;
mod cursor;
mod expect;
mod frame_costs;
mod keys;
mod pictures;
mod player;
mod preloads;
mod probe;
mod record;
pub mod report;
mod run;
mod script;
mod synthetic;
#[cfg(test)]
mod tests;

pub use cursor::{Act, Facts, ScriptCursor};
pub use expect::{Expectation, Finding};
pub use probe::{NoGraphics, probe_adapter, probe_display};
pub use record::physical_mib;
pub use run::{Clock, Outcome, RunPlan, Screen, run};
pub use script::{
    ApplyCost, Depth, Event, Generator, Graphics, Purpose, Scenario, ScriptError, Spread, Start,
    TimedEvent, Weather,
};
pub use synthetic::{SyntheticGenerator, register_palette as register_synthetic_palette};
