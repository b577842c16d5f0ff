//! O1: what the instruments cost: recording, the panel and the HUD, each timed by itself and cross-checked with it absent.

use std::sync::Arc;
use std::time::Instant;

use ringroad::UnseenInstruments;
use ringroad::modes::OverlayDepth;
use ringroad::streaming::{ChunkGenerator, ServiceCost, StreamingValues};
use ringroad::telemetry::{Telemetry, TelemetryPlugin, TimingId};

use super::Workshop;
use super::case::Case;
use super::generators::{BUSY, Filler};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::middle;
use super::virtual_world::{Path, SETTLE_LIMIT, drive, virtual_rig};
use super::world::Rig;

/// A frame of 60 in a second, in ms.
const FRAME_MS: f64 = 16.7;

pub(super) fn cases() -> Vec<Case> {
    let name = "recording, synthetic at 100 m/s";
    let mut cases = vec![Case::new(&[Id::O1], name, 4, move |shop| {
        recording(shop, name)
    })];
    if UnseenInstruments::ARE_BUILT {
        let shown = [
            ("panel at 1280 × 720", OverlayDepth::Full, PANEL_MS),
            ("HUD", OverlayDepth::Hud, HUD_MS),
        ];
        cases.extend(shown.map(|(name, depth, limit_ms)| {
            Case::new(&[Id::O1], name, 4, move |shop| {
                overlay(shop, name, depth, limit_ms)
            })
        }));
    }
    cases
}

/// What the panel may cost per frame: this, or 3 % of a frame where that is more. Frames of the bench are short.
const PANEL_MS: f64 = 0.3;
/// What the HUD may cost per frame, without the engine's layout of its text.
const HUD_MS: f64 = 0.05;

/// One drive with and one without panel or HUD, the recorder and all else in both. Means, since it is not painted in
/// every frame.
fn overlay(
    shop: &Workshop,
    name: &str,
    depth: OverlayDepth,
    limit_ms: f64,
) -> Result<Vec<Measured>, String> {
    let frames = shop.sized(600, 2_400);
    let filler = Filler::Free(BUSY);
    let generator: Arc<dyn ChunkGenerator> = filler.generator(shop.turns_per_us);
    let drive_once = |depth: OverlayDepth| -> Result<Driven, String> {
        let service = ServiceCost::Fixed { us: 1_000.0 };
        let mut rig = virtual_rig(&generator, service, 2, StreamingValues::default());
        rig.app
            .add_plugins((TelemetryPlugin, UnseenInstruments))
            .insert_resource(depth);
        rig.settle(SETTLE_LIMIT)?;
        let began = Instant::now();
        drive(&mut rig, Path::Straight, 100.0, frames, |_, _| {});
        Ok(Driven {
            step_ms: began.elapsed().as_secs_f64() * 1e3 / f64::from(frames),
            own_ms: mean_ms(&rig, TimingId::Overlay),
        })
    };
    let pairs = shop.in_pairs(|| drive_once(depth), || drive_once(OverlayDepth::Off))?;
    let own: Vec<f64> = pairs
        .iter()
        .filter_map(|(with, _)| Some(with.own_ms? / limit_ms))
        .collect();
    let apart = pairs
        .iter()
        .map(|(with, without)| (with.step_ms - without.step_ms) / limit_ms);
    let own_ms = middle(own.iter().copied()) * limit_ms;
    let row = |case: &str, samples: Vec<f64>, note: String| Measured {
        id: Id::O1,
        case: format!("{name}, {case}"),
        samples,
        target: Target::at_most(1.0, 1.0).with_goal_alone(),
        kind: Kind::Timed,
        note,
    };
    let apart = apart.collect();
    Ok(vec![
        row(
            "timed by itself",
            own,
            format!("mean per frame ÷ {limit_ms} ms: {own_ms:.3} ms"),
        ),
        row(
            "frames with − without",
            apart,
            format!("difference of the means of {frames} frames ÷ {limit_ms} ms; nothing is drawn"),
        ),
    ])
}

/// One drive with and one without the recorder, frame by frame the same.
fn recording(shop: &Workshop, name: &str) -> Result<Vec<Measured>, String> {
    let frames = shop.sized(600, 2_400);
    let filler = Filler::Free(BUSY);
    let generator: Arc<dyn ChunkGenerator> = filler.generator(shop.turns_per_us);
    let drive_once = |with: bool| -> Result<Driven, String> {
        let service = ServiceCost::Fixed { us: 1_000.0 };
        let mut rig = virtual_rig(&generator, service, 2, StreamingValues::default());
        if with {
            rig.app.add_plugins(TelemetryPlugin);
        }
        rig.settle(SETTLE_LIMIT)?;
        let mut steps_ms = Vec::with_capacity(frames as usize);
        let mut began = Instant::now();
        drive(&mut rig, Path::Straight, 100.0, frames, |_, _| {
            steps_ms.push(began.elapsed().as_secs_f64() * 1e3);
            began = Instant::now();
        });
        Ok(Driven {
            // The median: what else the machine does meanwhile hits one side or the other.
            step_ms: middle(steps_ms.iter().copied()),
            own_ms: mean_ms(&rig, TimingId::Record),
        })
    };
    let pairs = shop.in_pairs(|| drive_once(true), || drive_once(false))?;
    let own: Vec<f64> = pairs
        .iter()
        .filter_map(|(with, _)| Some(with.own_ms? / FRAME_MS))
        .collect();
    let apart: Vec<f64> = pairs
        .iter()
        .map(|(with, without)| (with.step_ms - without.step_ms) / FRAME_MS)
        .collect();
    let own_us = middle(own.iter().copied()) * FRAME_MS * 1e3;
    let row = |case: &str, samples: Vec<f64>, note: String| Measured {
        id: Id::O1,
        case: format!("{name}, {case}"),
        samples,
        target: Target::at_most(0.02, 0.005),
        kind: Kind::Timed,
        note,
    };
    Ok(vec![
        row(
            "timed by itself",
            own,
            format!("mean of {frames} frames ÷ a frame of {FRAME_MS} ms: {own_us:.1} µs"),
        ),
        row(
            "frames with − without",
            apart,
            format!(
                "difference of the medians of {frames} frames ÷ a frame of {FRAME_MS} ms, Diagnostics included"
            ),
        ),
    ])
}

struct Driven {
    step_ms: f64,
    own_ms: Option<f64>,
}

fn mean_ms(rig: &Rig, id: TimingId) -> Option<f64> {
    let telemetry = rig.app.world().get_resource::<Telemetry>()?;
    Some(telemetry.run_summary(id)?.mean)
}
