//! S1, L1: how fast one may go before chunks are late, and how many are late below that.

use ringroad::streaming::{ServiceCost, StreamingValues};

use super::Workshop;
use super::case::Case;
use super::cells::{Entered, rows_by_middle};
use super::deadline::Strip;
use super::generators::{Filler, TINY};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::view::timed_values;
use super::virtual_world::{Path, SETTLE_LIMIT, drive, virtual_rig};
use super::world::FRAME;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for is_heavy in [false, true] {
        let name = if is_heavy { "heavy-tailed" } else { "constant" };
        cases.push(Case::new(&[Id::S1, Id::L1], name, 5, move |shop| {
            speed(shop, name, is_heavy)
        }));
    }
    cases
}

/// Stated microseconds of a generation in the runs about speed: slow enough that the bound is a speed of this world.
const SLOW_US: f64 = 100_000.0;
const SLOW_WORKERS: usize = 2;
const PATHS: [Path; 3] = [Path::Straight, Path::Circle(900.0), Path::ZigZag];

fn speed_values() -> StreamingValues {
    let load_radius_m = 500.0;
    StreamingValues {
        chunk_size_m: load_radius_m / 5.0,
        must_have_radius_m: load_radius_m / 2.0,
        load_radius_m,
        view_radius_m: load_radius_m,
        unload_radius_m: load_radius_m * 1.24,
        ..timed_values(SLOW_WORKERS as u32, load_radius_m)
    }
}

fn service(is_heavy: bool) -> ServiceCost {
    if is_heavy {
        ServiceCost::HeavyTailed { us: SLOW_US }
    } else {
        ServiceCost::Fixed { us: SLOW_US }
    }
}

/// The highest speed at which nothing is late and the lowest one tried at which something is, in m/s: by
/// halving, from a first guess on.
fn highest_in_time(
    first_mps: f64,
    most_mps: f64,
    tries: u32,
    mut is_in_time: impl FnMut(f64) -> Result<bool, String>,
) -> Result<(f64, f64), String> {
    let (mut fine, mut late) = (0.0, most_mps);
    let mut tried = first_mps.min(most_mps / 2.0);
    for _ in 0..tries {
        if is_in_time(tried)? {
            fine = tried;
        } else {
            late = tried;
        }
        tried = (fine + late) / 2.0;
    }
    Ok((fine, late))
}

/// What became of a drive.
struct Drive {
    late: u64,
    entered: usize,
    worst_ms: f64,
}

fn drive_at(
    shop: &Workshop,
    path: Path,
    speed_mps: f64,
    length_m: f64,
    is_heavy: bool,
) -> Result<Drive, String> {
    let values = speed_values();
    let generator = Filler::Free(TINY).generator(shop.turns_per_us);
    let mut rig = virtual_rig(&generator, service(is_heavy), SLOW_WORKERS, values.clone());
    rig.settle(SETTLE_LIMIT)?;
    let before = rig.metrics().late.must_have;
    let mut entered = Entered::default();
    let frames = (length_m / speed_mps / FRAME.as_secs_f64()).ceil() as u32;
    let mut frame = 0;
    drive(&mut rig, path, speed_mps, frames, |_, at| {
        // Cells are larger than the way of a few frames.
        if frame % 4 == 0 {
            entered.look(at, values.must_have_radius_m, values.chunk_size_m);
        }
        frame += 1;
    });
    let late = &rig.metrics().late;
    Ok(Drive {
        late: late.must_have - before,
        entered: entered.count(),
        worst_ms: late.worst_ms,
    })
}

fn speed(shop: &Workshop, name: &str, is_heavy: bool) -> Result<Vec<Measured>, String> {
    let values = speed_values();
    let made_per_sec = SLOW_WORKERS as f64 * 1e6 / SLOW_US;
    let load_mps = made_per_sec * values.chunk_size_m
        / rows_by_middle(values.load_radius_m, values.chunk_size_m) as f64;
    let length_m = shop.sized(2_500.0, 5_000.0);
    let strip = Strip::new(&values, &service(is_heavy), length_m);
    // The raw workers want little time: their speed to a metre per second.
    let (raw_mps, _) = highest_in_time(load_mps, 2.0 * load_mps, 12, |mps| {
        Ok(strip.late(mps, SLOW_WORKERS) == 0)
    })?;
    let raw_note = format!(
        ": a schedule by deadline of the must-have strip and nothing else, whose longest chunk takes {:.2} s",
        strip.longest_secs()
    );
    let mut rows = Vec::new();
    for path in PATHS {
        let (fine, late) = highest_in_time(load_mps, 1.3 * raw_mps, shop.sized(5, 7), |mps| {
            Ok(drive_at(shop, path, mps, length_m, is_heavy)?.late == 0)
        })?;
        let mut sustained = |what: &str, bound: f64, more: &str| {
            rows.push(Measured {
                id: Id::S1,
                case: format!("{name}, {}, of what {what}", path.name()),
                samples: vec![fine / bound],
                target: Target::at_least(0.8, 0.9),
                kind: Kind::Counted,
                note: format!(
                    "virtual clock, {} ms per chunk, {SLOW_WORKERS} workers, {length_m} m; no late chunk at {fine:.0} m/s, some at {late:.0} m/s; the bound is {bound:.0} m/s{more}",
                    SLOW_US / 1e3,
                ),
            });
        };
        sustained("filling the load radius allows", load_mps, "");
        if path == Path::Straight {
            sustained("raw workers reach", raw_mps, &raw_note);
        }
    }
    for path in PATHS {
        let mps = 0.8 * load_mps;
        let drive = drive_at(shop, path, mps, length_m, is_heavy)?;
        rows.push(Measured {
            id: Id::L1,
            case: format!("{name}, {}", path.name()),
            samples: vec![drive.late as f64 / drive.entered.max(1) as f64],
            target: Target::at_most(0.01, 0.0),
            kind: Kind::Counted,
            note: format!(
                "virtual clock, {mps:.0} m/s = 0.8 of what filling the load radius allows; {} late of {} that entered the must-have radius, the worst by {:.0} ms",
                drive.late, drive.entered, drive.worst_ms
            ),
        });
    }
    Ok(rows)
}
