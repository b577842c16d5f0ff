//! Every decision of streaming as plain functions and data: no ECS, no clock, no threads, no IO.

pub mod budget;
pub mod coord;
pub mod disc;
pub mod horizon;
pub mod laws;
pub mod memory;
pub mod motion;
pub mod need;
pub mod plan;
pub mod recent;
pub mod retry;
pub mod rings;
pub mod rng;
pub mod room;
pub mod table;
pub mod ticket;
pub mod visited;
pub mod work_queue;
