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
pub mod retry;
pub mod rings;
pub mod rng;
pub mod table;
pub mod ticket;
pub mod work_queue;
