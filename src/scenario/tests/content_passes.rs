//! What our generators make passes the checks of streaming, at the smallest and the largest chunks.

use bevy::asset::AssetPlugin;
use bevy::ecs::message::Messages;
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use ringroad_streaming::{
    AsyncChunkPlugin, ChunkFailed, ChunkGenerator, DetailRings, StreamingFocus, StreamingMetrics,
    StreamingSettings, StreamingValues,
};
use std::time::{Duration, Instant};

use crate::city::CityGenerator;
use crate::scenario::SyntheticGenerator;

/// What failed while a view of so many chunks to each side was made, other than that nobody has filled the
/// palette, which is asked for after everything else.
fn failures(generator: impl ChunkGenerator, chunk_size_m: f64, at: Vec3) -> Vec<String> {
    let load_radius_m = 2.0 * chunk_size_m;
    let values = StreamingValues {
        chunk_size_m,
        must_have_radius_m: load_radius_m.max(32.0),
        load_radius_m: load_radius_m.max(32.0),
        unload_radius_m: 3.0 * chunk_size_m.max(16.0),
        view_radius_m: 4.0 * chunk_size_m,
        detail_rings_m: DetailRings(vec![3.0 * chunk_size_m]),
        max_completed_per_frame: 1_000,
        memory_cap_mib: 16_384,
        completed_bytes_cap: 1 << 34,
        stuck_after_secs: 3_600.0,
        retry_limit: 0,
        ..StreamingValues::default()
    };
    let settings = StreamingSettings::new(values).expect("legal");
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        AssetPlugin::default(),
        MeshPlugin,
        TransformPlugin,
    ))
    .init_asset::<StandardMaterial>()
    .add_plugins(AsyncChunkPlugin::new(generator).with_settings(settings));
    app.world_mut()
        .spawn((StreamingFocus, Transform::from_translation(at)));
    let mut failures = Vec::new();
    let mut seen = 0;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        app.update();
        std::thread::sleep(Duration::from_millis(1));
        let failed = app.world().resource::<Messages<ChunkFailed>>();
        for failure in failed.iter_current_update_messages() {
            seen += 1;
            if !failure.reason.starts_with("the palette has no") {
                failures.push(format!("{}: {}", failure.coord, failure.reason));
            }
        }
        let gauges = &app.world().resource::<StreamingMetrics>().gauges;
        if gauges.wanted > 0 && gauges.missing == 0 {
            assert!(seen + gauges.loaded > 10, "{chunk_size_m} m: {gauges:?}");
            return failures;
        }
    }
    panic!("chunks of {chunk_size_m} m were not made within a minute");
}

#[test]
fn the_city_passes_the_checks_of_content_at_every_chunk_size_and_level() {
    for chunk_size_m in [16.0, 64.0, 200.0, 512.0] {
        for at in [Vec3::ZERO, Vec3::new(3_900.0, 0.0, -2_700.0)] {
            let failures = failures(CityGenerator, chunk_size_m, at);
            assert!(failures.is_empty(), "{chunk_size_m} m: {failures:#?}");
        }
    }
}

#[test]
fn synthetic_chunks_pass_the_checks_of_content_at_every_size() {
    for chunk_size_m in [16.0, 200.0, 4_096.0] {
        let failures = failures(SyntheticGenerator::new(20, 4_000), chunk_size_m, Vec3::ZERO);
        assert!(failures.is_empty(), "{chunk_size_m} m: {failures:#?}");
    }
}
