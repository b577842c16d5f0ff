//! A1, A2: what streaming takes to apply and to unload, against bare spawns and despawns.

use std::time::Duration;

use ringroad::streaming::{AsyncChunkPlugin, StreamingValues, WorkClock, WorkerCount};

use super::Workshop;
use super::bare_spawn::{Cost, bare};
use super::case::Case;
use super::generators::{BUSY, Filler, Load};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::middle;
use super::world::{ELSEWHERE, Pace, Rig, open_budgets};

const LIMIT: Duration = Duration::from_secs(30);

/// Entities alone, without a mesh of the chunk's own.
const COPIES: Load = Load {
    entities: 150,
    bytes: 0,
};
const FEW: Load = Load {
    entities: 20,
    bytes: 0,
};

pub(super) fn cases() -> Vec<Case> {
    let spawned = |name: &'static str, filler: Filler, chunks: (u32, u32), secs| {
        Case::new(&[Id::A1, Id::A2], name, secs, move |shop| {
            against_bare(shop, &filler, shop.sized(chunks.0, chunks.1), name)
        })
    };
    vec![
        spawned("150 copies", Filler::Free(COPIES), (150, 400), 2),
        spawned(
            "149 copies and a mesh of 200 kB",
            Filler::Free(BUSY),
            (120, 300),
            2,
        ),
        spawned("city", Filler::City, (30, 80), 4),
        Case::new(&[Id::A2], "slope from 100 to 1,000 loaded chunks", 3, slope),
    ]
}

/// A world in which every chunk is made and none has landed.
pub(super) fn piled_up(
    shop: &Workshop,
    filler: &Filler,
    mut values: StreamingValues,
) -> Result<Rig, String> {
    values.max_completed_per_frame = 0;
    let plugin = AsyncChunkPlugin::new(filler.generator(shop.turns_per_us))
        .with_workers(WorkerCount::Fixed(2))
        .with_clock(WorkClock::Real);
    let mut rig = Rig::new(plugin, values, Pace::Every(Duration::from_millis(1)));
    rig.until("piled up", LIMIT, |rig| {
        let gauges = &rig.metrics().gauges;
        gauges.wanted > 0 && gauges.completed_results >= gauges.wanted
    })?;
    Ok(rig)
}

fn through_plugin(shop: &Workshop, filler: &Filler, chunks: u32) -> Result<Cost, String> {
    let values = open_budgets(2, filler.chunk_size_m(), chunks);
    let mut rig = piled_up(shop, filler, values)?;
    let wanted = rig.metrics().gauges.wanted as usize;
    let before = rig.spent();
    rig.set("max_completed_per_frame", "1000");
    rig.until("landed", LIMIT, |rig| rig.seen().there.len() >= wanted)?;
    let applied = rig.spent().since(&before);
    rig.set("max_concurrent_tasks", "0");
    rig.step();
    let before = rig.spent();
    rig.place_focus(ELSEWHERE);
    rig.until("unloaded", LIMIT, |rig| {
        rig.seen().there.is_empty() && rig.metrics().gauges.chunk_entities == 0
    })?;
    let unloaded = rig.spent().since(&before);
    let each = |ms: f64| ms / wanted as f64;
    Ok(Cost {
        apply_ms: each(applied.apply_ms),
        apply_set_ms: each(applied.gen_apply_ms),
        unload_ms: each(unloaded.unload_ms),
        unload_set_ms: each(unloaded.gen_apply_ms),
    })
}

fn against_bare(
    shop: &Workshop,
    filler: &Filler,
    chunks: u32,
    name: &str,
) -> Result<Vec<Measured>, String> {
    let pairs = shop.in_pairs(
        || through_plugin(shop, filler, chunks),
        || bare(shop, filler, chunks),
    )?;
    let target = Target::at_most(1.5, 1.2);
    let row = |id, case: String, of: fn(&Cost) -> f64, what: &str| Measured {
        id,
        case,
        samples: pairs.iter().map(|(a, b)| of(a) / of(b)).collect(),
        target,
        kind: Kind::Timed,
        note: format!(
            "real clock, {chunks} chunks at once with open budgets; {what}: {:.1} µs per chunk, bare {:.1} µs",
            middle(pairs.iter().map(|(a, _)| of(a))) * 1e3,
            middle(pairs.iter().map(|(_, b)| of(b))) * 1e3,
        ),
    };
    let whole = format!("{name}, whole stage");
    Ok(vec![
        row(
            Id::A1,
            name.to_owned(),
            |c| c.apply_ms,
            "slices (frame.apply_ms)",
        ),
        row(Id::A1, whole.clone(), |c| c.apply_set_ms, "all of GenApply"),
        row(
            Id::A2,
            name.to_owned(),
            |c| c.unload_ms,
            "slices (frame.unload_ms)",
        ),
        row(Id::A2, whole, |c| c.unload_set_ms, "all of GenApply"),
    ])
}

fn slope(shop: &Workshop) -> Result<Vec<Measured>, String> {
    let filler = Filler::Free(FEW);
    let pairs = shop.in_pairs(
        || {
            Ok((
                through_plugin(shop, &filler, 1_000)?,
                bare(shop, &filler, 1_000)?,
            ))
        },
        || {
            Ok((
                through_plugin(shop, &filler, 100)?,
                bare(shop, &filler, 100)?,
            ))
        },
    )?;
    let ratio = |of: fn(&Cost) -> f64, (plugin, bare): &(Cost, Cost)| of(plugin) / of(bare);
    let row = |case: &str, of: fn(&Cost) -> f64| Measured {
        id: Id::A2,
        case: case.to_owned(),
        samples: pairs
            .iter()
            .map(|(many, few)| ratio(of, many) / ratio(of, few))
            .collect(),
        target: Target::at_most(1.05, 1.05).with_goal_alone(),
        kind: Kind::Timed,
        note: format!(
            "real clock; (unload ÷ bare despawn) at 1,000 loaded chunks of 20 entities ÷ the same at 100: {:.2} ÷ {:.2}",
            middle(pairs.iter().map(|(many, _)| ratio(of, many))),
            middle(pairs.iter().map(|(_, few)| ratio(of, few))),
        ),
    };
    Ok(vec![
        row("slope from 100 to 1,000 loaded chunks", |c| c.unload_ms),
        row("slope from 100 to 1,000 loaded chunks, whole stage", |c| {
            c.unload_set_ms
        }),
    ])
}
