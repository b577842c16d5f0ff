//! S1, L1: how fast one may go before chunks are late, and how many are late below that.

use ringroad::streaming::{ServiceCost, StreamingValues};

use super::Workshop;
use super::case::Case;
use super::cells::{Entered, rows_by_edge, rows_by_middle};
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
    let service = if is_heavy {
        ServiceCost::HeavyTailed { us: SLOW_US }
    } else {
        ServiceCost::Fixed { us: SLOW_US }
    };
    let mut rig = virtual_rig(&generator, service, SLOW_WORKERS, values.clone());
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
    let metres_per_row = |rows: usize| values.chunk_size_m / rows as f64;
    let load_mps =
        made_per_sec * metres_per_row(rows_by_middle(values.load_radius_m, values.chunk_size_m));
    let must_mps =
        made_per_sec * metres_per_row(rows_by_edge(values.must_have_radius_m, values.chunk_size_m));
    let length_m = shop.sized(2_500.0, 5_000.0);
    let (mut fine, mut late) = (0.0, 1.3 * must_mps);
    for _ in 0..shop.sized(5, 7) {
        let tried = if fine == 0.0 {
            load_mps
        } else {
            (fine + late) / 2.0
        };
        let tried = if tried >= late { late / 2.0 } else { tried };
        let drive = drive_at(shop, Path::Straight, tried, length_m, is_heavy)?;
        if drive.late == 0 {
            fine = tried;
        } else {
            late = tried;
        }
    }
    let sustained = |what: &str, bound: f64| Measured {
        id: Id::S1,
        case: format!("{name}, of what {what} allows"),
        samples: vec![fine / bound],
        target: Target::at_least(0.8, 0.9),
        kind: Kind::Counted,
        note: format!(
            "virtual clock, {} ms per chunk, {SLOW_WORKERS} workers, straight for {length_m} m; no late chunk at {fine:.0} m/s, some at {late:.0} m/s; the bound is {bound:.0} m/s",
            SLOW_US / 1e3,
        ),
    };
    let mut rows = vec![
        sustained("filling the load radius", load_mps),
        sustained("filling the must-have radius alone", must_mps),
    ];
    for path in [Path::Straight, Path::Circle(900.0), Path::ZigZag] {
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
