//! The ratios of streaming: each compares two things that were measured in turn in one process.
//!
//! ```text
//! selection ─► cases ─► pairs A B B A … ─► samples ─┐
//!                 │                                 ├─► judge ─► table, JSON
//!                 └─ before each: raw ÷ raw ─► control ┘
//! ```
//! Real-clock cases run the plugin against bare threads or bare spawns; counts are taken on the virtual clock.

mod apply;
mod bare;
mod bare_spawn;
mod case;
mod cells;
mod city;
mod control;
mod crowd;
mod deadline;
mod generators;
mod id;
mod json;
mod main_thread;
mod memory;
mod order;
mod pipeline;
mod ratio;
mod recording;
mod scan;
mod seen;
mod speed;
mod stats;
mod table;
mod view;
mod virtual_world;
mod waste;
mod world;

use std::fmt;
use std::time::{Duration, Instant};

use bare::Foreman;
use case::Case;
use control::Control;

pub use control::CALM;
pub use id::Id;
pub use json::json;
pub use memory::{MemoryProbe, probe_memory};
pub use ratio::{Kind, Measured, Row, Sense, Target, Verdict};
pub use stats::Estimate;
pub use table::table;

/// Which ratios to measure, and how closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchOptions {
    /// These alone; all of them if empty.
    pub only: Vec<Id>,
    /// A look of under two minutes that never judges.
    pub is_quick: bool,
}

/// What a run of the bench found.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Raw ÷ raw; `None` without a pair.
    pub control: Option<Estimate>,
    /// Pairs of the control.
    pub control_pairs: usize,
    /// One line for each case.
    pub rows: Vec<Row>,
    /// Whether it was a quick look.
    pub is_quick: bool,
    /// Seconds that it took.
    pub wall_secs: f64,
}

/// A name that is no ratio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown ratio `{given}`; the ratios are {}", Names)]
pub struct UnknownId {
    given: String,
}

struct Names;

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Id::ALL.iter().map(|id| id.name()).collect();
        f.write_str(&names.join(", "))
    }
}

/// Reads a list such as `P1,A1`; upper and lower case do not matter.
///
/// # Errors
/// The first name that is no ratio.
pub fn read_ids(text: &str) -> Result<Vec<Id>, UnknownId> {
    text.split(',').map(|name| read_id(name.trim())).collect()
}

fn read_id(name: &str) -> Result<Id, UnknownId> {
    Id::ALL
        .into_iter()
        .find(|id| id.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| UnknownId {
            given: name.to_owned(),
        })
}

/// What the bench tells while it runs.
pub trait Watch {
    /// So many units of work are ahead.
    fn plans(&self, units: u64);
    /// This is being measured now.
    fn begins(&self, what: &str);
    /// So many units are done.
    fn has_done(&self, units: u64);
}

/// What every case may use.
struct Workshop {
    is_quick: bool,
    turns_per_us: f64,
    foreman: Foreman,
}

impl Workshop {
    /// Pairs of a timed ratio.
    fn pairs(&self) -> usize {
        if self.is_quick { 3 } else { 5 }
    }

    /// One of two values, for a quick look and for a measurement.
    fn sized<T>(&self, quick: T, full: T) -> T {
        if self.is_quick { quick } else { full }
    }

    /// Measures two sides in turn, A B B A …, and hands out what each pair gave.
    fn in_pairs<A, B>(
        &self,
        mut first: impl FnMut() -> Result<A, String>,
        mut second: impl FnMut() -> Result<B, String>,
    ) -> Result<Vec<(A, B)>, String> {
        (0..self.pairs())
            .map(|pair| {
                if pair.is_multiple_of(2) {
                    let a = first()?;
                    Ok((a, second()?))
                } else {
                    let b = second()?;
                    Ok((first()?, b))
                }
            })
            .collect()
    }
}

/// Pairs of the control before the first case; one more comes before each case.
const OPENING_PAIRS: usize = 5;
const OPENING_PAIRS_QUICK: usize = 3;

/// After this a quick look begins nothing more: on a busy machine it leaves out rather than takes long.
const QUICK_LIMIT: Duration = Duration::from_secs(105);

/// Measures what was asked for. Takes minutes, or under two with `is_quick`.
pub fn bench(options: &BenchOptions, watch: &dyn Watch) -> Bench {
    let began = Instant::now();
    let is_asked = |id: &Id| options.only.is_empty() || options.only.contains(id);
    let cases: Vec<Case> = all_cases(options.is_quick)
        .into_iter()
        .filter(|case| case.ids.iter().any(is_asked))
        .collect();
    watch.plans(cases.iter().map(|case| case.weight).sum());
    watch.begins("control");
    let turns_per_us = generators::turns_per_us();
    let shop = Workshop {
        is_quick: options.is_quick,
        turns_per_us,
        foreman: Foreman::hire(),
    };
    let mut control = Control::new(turns_per_us);
    let opening = shop.sized(OPENING_PAIRS_QUICK, OPENING_PAIRS);
    for _ in 0..opening {
        control.add_pair(&shop.foreman);
    }
    let mut measured = Vec::new();
    for case in &cases {
        if options.is_quick && began.elapsed() > QUICK_LIMIT {
            measured.extend(case.unmeasured("a quick look had no time left for it"));
            continue;
        }
        watch.begins(&format!("{} {}", case.ids[0], case.name));
        // A quick look has no time for a control between all cases.
        if !options.is_quick || measured.len() % 6 == 5 {
            control.add_pair(&shop.foreman);
        }
        measured.extend(case.measure(&shop));
        watch.has_done(case.weight);
    }
    measured.retain(|case| is_asked(&case.id));
    measured.sort_by_key(|case| case.id);
    let estimate = control.estimate();
    let judges = !options.is_quick;
    Bench {
        control: estimate,
        control_pairs: control.pairs(),
        rows: measured
            .into_iter()
            .map(|case| ratio::judge(case, estimate.as_ref(), judges))
            .collect(),
        is_quick: options.is_quick,
        wall_secs: began.elapsed().as_secs_f64(),
    }
}

fn all_cases(is_quick: bool) -> Vec<Case> {
    let mut cases = pipeline::cases(is_quick);
    cases.extend(apply::cases());
    cases.extend(main_thread::cases());
    cases.extend(view::cases());
    cases.extend(speed::cases());
    cases.extend(waste::cases());
    cases.extend(memory::cases());
    cases.extend(scan::cases());
    cases.extend(order::cases());
    cases.extend(recording::cases());
    cases.extend(city::cases());
    cases.extend(crowd::cases());
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_ids_is_read_and_an_unknown_one_is_refused_with_the_legal_ones() {
        assert_eq!(read_ids("P1, a1").unwrap(), [Id::P1, Id::A1]);
        assert_eq!(read_ids("city,Crowd").unwrap(), [Id::City, Id::Crowd]);
        let refusal = read_ids("P1,P9").unwrap_err().to_string();
        assert!(refusal.contains("`P9`"), "{refusal}");
        for id in Id::ALL {
            assert!(refusal.contains(id.name()), "{refusal}");
        }
    }

    #[test]
    fn every_ratio_has_a_case_in_both_sizes() {
        for is_quick in [false, true] {
            let cases = all_cases(is_quick);
            for id in Id::ALL {
                assert!(cases.iter().any(|case| case.ids.contains(&id)), "{id}");
            }
        }
    }
}
