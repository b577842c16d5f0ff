//! An endless sea of islands, a small game on `ringroad_streaming` alone. W, S: speed; A, D: turn.
//! `--headless [FRAMES]` flies without a window, `--screenshot FILE` saves a picture and ends.
use bevy::render::{renderer::RenderAdapterInfo, view::screenshot::*};
use bevy::{app::ScheduleRunnerPlugin, camera::primitives::Aabb, math::DVec2, mesh::*};
use bevy::{core_pipeline::tonemapping::Tonemapping, prelude::*};
use ringroad_streaming::*;
use std::{env::args, time::Duration};

const TREE: PaletteKey = PaletteKey("tree");
const HAZE: Color = Color::srgb(0.70, 0.83, 0.93);
const SEABED_M: f32 = -7.0;
const ALTITUDE_M: f32 = 50.0;
type Glider<'w, 's> = Single<'w, 's, &'static mut Transform, With<StreamingFocus>>;

/// Pure in seed, cell and level, so that an island is the same however one gets there.
struct Islands;

impl ChunkGenerator for Islands {
    fn generate(&self, ask: &ChunkRequest, end: &StopToken) -> Result<ChunkContent, GenerateError> {
        let (size_m, corner) = (ask.chunk_size_m as f32, ask.coord.corner(ask.chunk_size_m));
        let lift = |at: Vec3| at.with_y(height_m(ask.seed, corner + at.xz().as_dvec2()));
        // Each level has at most an eighth of the triangles of the one before; neighbours overlap.
        let cells = [28, 9, 3][usize::from(ask.detail.0.min(2))];
        let half = Vec3::new(size_m / 2.0, 0.0, size_m / 2.0);
        let flat = Plane3d::new(Vec3::Y, half.xz() * 1.01).mesh().subdivisions(cells - 1).build();
        let mesh = model(flat.translated_by(half), lift, ground);
        end.checkpoint()?;
        // Noise on its own lattice is chance: so many places, and trees where a grove is.
        let cell = DVec2::new(f64::from(ask.coord.x), f64::from(ask.coord.z));
        let place = |n: u64| lift(Vec3::new(noise(n, cell), 0.0, noise(n + 999, cell)) * size_m);
        let grove = |at: &Vec3| noise(7, (corner + at.xz().as_dvec2()) / 60.0) > 0.5;
        let grows = |at: &Vec3| cells == 28 && at.y > 1.3 && at.y < 24.0 && grove(at);
        let (material, offset_in_chunk, casts_shadow) = (TREE, Transform::IDENTITY, false);
        let meshes = vec![ChunkMesh { mesh, material, offset_in_chunk, casts_shadow }];
        let trees = (0..200).map(place).filter(grows).map(Transform::from_translation);
        let (mesh, offsets_in_chunk) = (TREE, trees.collect());
        let instances = vec![ChunkInstances { mesh, material, offsets_in_chunk, casts_shadow }];
        Ok(ChunkContent { meshes, instances, payload: None })
    }
}

/// Value noise, 0 to 1. Places are `f64`: as fine far out as in the middle of the world.
fn noise(seed: u64, at: DVec2) -> f32 {
    let (cell, part) = (at.floor(), at.fract_gl().as_vec2());
    let ease = part * part * (3.0 - 2.0 * part);
    let [a, b, c, d] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(x, z)| {
        let [x, z] = [cell.x + x, cell.y + z].map(|at| (at as i64).cast_unsigned());
        let key = seed.rotate_left(8) ^ x.rotate_left(40) ^ z.rotate_left(20);
        let hash = (key ^ (key >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / 16_777_216.0
    });
    a.lerp(b, ease.x).lerp(c.lerp(d, ease.x), ease.y)
}

fn height_m(seed: u64, at: DVec2) -> f32 {
    let octaves = [(0.5, 800.0), (0.3, 300.0), (0.14, 100.0), (0.06, 33.0)];
    let land = octaves.map(|(share, m)| share * noise(seed, at / m)).iter().sum::<f32>() - 0.5;
    if land < 0.0 { (110.0 * land).max(SEABED_M) } else { 30.0 * land + 850.0 * land * land }
}

fn ground(at: Vec3) -> Vec3 {
    let [sand, deep] = [Vec3::new(0.86, 0.74, 0.49), Vec3::new(0.0, 0.12, 0.22)];
    let [meadow, rock] = [Vec3::new(0.16, 0.32, 0.06), Vec3::new(0.38, 0.30, 0.26)];
    if at.y < 1.6 { sand.lerp(deep, at.y / SEABED_M) } else { meadow.lerp(rock, at.y / 180.0) }
}

/// Moves the corners of a mesh, paints them, and cuts it into flat facets.
fn model(mesh: Mesh, shape: impl Fn(Vec3) -> Vec3, paint: impl Fn(Vec3) -> Vec3) -> Mesh {
    let corners = mesh.attribute(Mesh::ATTRIBUTE_POSITION).and_then(|at| at.as_float3());
    let corners = corners.unwrap_or_default().iter().map(|at| shape(Vec3::from(*at)));
    let painted = corners.map(|at| (at, paint(at).extend(1.0)));
    let (corners, colours): (Vec<Vec3>, Vec<Vec4>) = painted.unzip();
    let mesh = mesh.with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, corners);
    let mesh = mesh.with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colours);
    mesh.with_duplicated_vertices().with_computed_flat_normals()
}

fn build(
    (mut commands, mut palette): (Commands, ResMut<ChunkPalette>),
    (mut meshes, mut materials): (ResMut<Assets<Mesh>>, ResMut<Assets<StandardMaterial>>),
    (adapter, mut windows): (Option<Res<RenderAdapterInfo>>, Query<&mut Window>),
) {
    let is_slow = adapter.is_some_and(|it| format!("{:?}", it.device_type) == "Cpu");
    windows.iter_mut().filter(|_| is_slow).for_each(|mut it| it.resolution.set(640.0, 360.0));
    let cone = Cone::new(2.6, 9.0).mesh().resolution(6).build().translated_by(Vec3::Y * 4.0);
    let tree = model(cone, |at| at, |at| Vec3::new(0.03, 0.05 + 0.02 * at.y, 0.02));
    let bounds = Aabb::from_min_max(Vec3::new(-3.0, -1.0, -3.0), Vec3::new(3.0, 9.0, 3.0));
    palette.insert_mesh(TREE, meshes.add(tree), bounds);
    palette.insert_material(TREE, materials.add(Color::WHITE));
    let water = MeshMaterial3d(materials.add(Color::srgba(0.0, 0.42, 0.58, 0.75)));
    let surface = Mesh3d(meshes.add(Plane3d::new(Vec3::Y, Vec2::splat(6000.0))));
    let sea = (surface, water, Transform::from_xyz(0.0, -ALTITUDE_M, 0.0));
    let fog = DistanceFog { color: HAZE, falloff: FogFalloff::from_visibility(4e3), ..default() };
    let lens = Projection::from(PerspectiveProjection { far: 9000.0, ..default() });
    let ahead = Transform::from_rotation(Quat::from_rotation_x(-0.12));
    let eye = (Camera3d::default(), Tonemapping::AcesFitted, lens, fog, ahead);
    let hue = |at: Vec3| Vec3::new(0.5, 0.7, 1.).lerp(Vec3::new(0., 0.2, 0.6), (at.y / 8e3).cbrt());
    let dome = model(Sphere::new(8e3).mesh().uv(48, 48), |at| at, hue);
    let air = StandardMaterial { unlit: true, fog_enabled: false, cull_mode: None, ..default() };
    let sky = (Mesh3d(meshes.add(dome)), MeshMaterial3d(materials.add(air)));
    // What moves with the glider are its children: a shift of the origin concerns the glider alone.
    let glider = (StreamingFocus, Visibility::default(), children![eye, sea, sky]);
    commands.spawn((glider, Transform::from_xyz(1450.0, ALTITUDE_M, 0.0)));
    let sun = DirectionalLight { illuminance: 9000.0, ..default() };
    commands.spawn((sun, Transform::default().looking_to(Vec3::new(-0.6, -0.7, -0.4), Vec3::Y)));
}

fn fly(time: Res<Time>, keys: Option<Res<ButtonInput<KeyCode>>>, mut glider: Glider) {
    let held = |key| f32::from(u8::from(keys.as_ref().is_some_and(|keys| keys.pressed(key))));
    let cruise_mps = if args().any(|word| word == "--screenshot") { 0.0 } else { 60.0 };
    let speed_mps = cruise_mps + 50.0 * (held(KeyCode::KeyW) - held(KeyCode::KeyS));
    glider.rotate_y(0.8 * (held(KeyCode::KeyA) - held(KeyCode::KeyD)) * time.delta_secs());
    glider.translation = glider.transform_point(Vec3::NEG_Z * speed_mps * time.delta_secs());
}

fn report(
    (metrics, laws, mut cameras): (Res<StreamingMetrics>, Res<LawBook>, Query<&mut Camera>),
    (mut commands, mut frame, mut calm): (Commands, Local<u64>, Local<u64>),
) {
    let (gauges, late, kept) = (&metrics.gauges, metrics.late.must_have, laws.is_clean());
    let is_whole = gauges.loaded > 0 && gauges.missing == 0;
    (*frame, *calm) = (*frame + 1, if is_whole { *calm + 1 } else { 0 });
    let [mode, value] = [1, 2].map(|n| args().nth(n).unwrap_or_default());
    // For a picture all of it must be there, and then the pipelines take some frames.
    cameras.iter_mut().for_each(|mut it| it.is_active = is_whole || mode != "--screenshot");
    if mode == "--headless" && *frame >= value.parse().unwrap_or(600) {
        println!("{} loaded, {late} late, laws kept: {kept}", gauges.loaded);
        commands.write_message(if kept { AppExit::Success } else { AppExit::error() });
    } else if mode == "--screenshot" && *calm == 12 {
        let end =
            |_: On<ScreenshotCaptured>, mut c: Commands| _ = c.write_message(AppExit::Success);
        commands.spawn(Screenshot::primary_window()).observe(save_to_disk(value)).observe(end);
    }
}

fn main() -> AppExit {
    let values = StreamingValues { view_radius_m: 3e3, max_completed_per_frame: 64, ..default() };
    let settings = StreamingSettings::new(values).expect("radii that rise");
    let mut app = App::new();
    if args().any(|word| word == "--headless") {
        let steps = MinimalPlugins.set(ScheduleRunnerPlugin::run_loop(Duration::from_millis(8)));
        app.add_plugins((steps, AssetPlugin::default(), MeshPlugin, TransformPlugin));
        app.init_asset::<StandardMaterial>();
    } else {
        app.add_plugins(DefaultPlugins).insert_resource(ClearColor(HAZE));
    }
    app.add_plugins(AsyncChunkPlugin::new(Islands).with_settings(settings).with_law_checks());
    app.add_systems(Startup, build).add_systems(Update, (fly, report)).run()
}
