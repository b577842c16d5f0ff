//! The lamps of the traffic lights nearby: a pool of entities, one for each post, whose mesh follows the signal plan.
//!
//! The posts are part of the chunks, dark; which lamp is on changes, so it cannot be.

use bevy::math::{DVec2, DVec3};
use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::Traffic;
use crate::city::{
    ArmSide, CITY_MATERIAL, CityMaterial, JunctionId, Signal, SignalPost, signal_mesh,
};
use crate::game::DrawSet;
use crate::game::body::yaw_towards;
use crate::game::crowd::{SignalClock, Viewer};
use crate::streaming::{ChunkPalette, WorldOrigin};

pub(super) fn drawn(app: &mut App) {
    app.init_resource::<Lamps>()
        .add_systems(PostUpdate, (choose, show).chain().in_set(DrawSet::Bodies));
}

/// Lamps farther than this are too small to see, metres.
const REACH_M: f64 = 320.0;
/// The lights around are looked up again after so much way, metres.
const LOOK_AGAIN_M: f64 = 40.0;

/// What is lit on one post.
#[derive(Component)]
struct PostLamps {
    junction: JunctionId,
    post: SignalPost,
    place: DVec3,
    shown: Option<[Signal; 4]>,
}

/// The meshes of all that posts can show, made when first needed.
#[derive(Resource, Default)]
struct Lamps {
    /// The seed of the city and where lamps were chosen last.
    around: Option<(u64, DVec2)>,
    meshes: HashMap<([bool; 2], [Signal; 4]), Handle<Mesh>>,
}

/// Keeps lamps on the posts nearby, and none elsewhere.
fn choose(
    mut commands: Commands,
    viewer: Res<Viewer>,
    mut traffic: ResMut<Traffic>,
    mut lamps: ResMut<Lamps>,
    posts: Query<(Entity, &PostLamps)>,
) {
    let here = viewer.place.xz();
    let Some(sim) = traffic.sim_mut() else { return };
    let seed = sim.seed();
    let is_same_city = lamps.around.is_none_or(|(known, _)| known == seed);
    let is_near = |place: DVec2| place.distance(here) < LOOK_AGAIN_M;
    if is_same_city && lamps.around.is_some_and(|(_, place)| is_near(place)) {
        return;
    }
    lamps.around = Some((seed, here));
    let graph = sim.graph();
    let wanted = graph.signals_near(here, REACH_M);
    let mut there = Vec::new();
    for (entity, post) in &posts {
        // A junction of another city may have the same name.
        if is_same_city && wanted.contains(&post.junction) {
            there.push(post.junction);
        } else {
            commands.entity(entity).despawn();
        }
    }
    for junction in wanted
        .into_iter()
        .filter(|junction| !there.contains(junction))
    {
        for post in graph.signal_posts(junction) {
            let lamps = PostLamps {
                junction,
                post,
                place: post.foot_in_world,
                shown: None,
            };
            commands.spawn((lamps, Transform::default(), Visibility::default()));
        }
    }
}

/// Shows what the signal plan says now.
fn show(
    mut commands: Commands,
    clock: Res<SignalClock>,
    origin: Res<WorldOrigin>,
    palette: Option<Res<ChunkPalette>>,
    mut lamps: ResMut<Lamps>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut posts: Query<(Entity, &mut PostLamps, &mut Transform)>,
) {
    let paint =
        palette.and_then(|palette| palette.material::<CityMaterial>(CITY_MATERIAL).cloned());
    let Some(paint) = paint else { return };
    for (entity, mut lamp, mut transform) in &mut posts {
        transform.translation = origin.to_scene(lamp.place);
        let shown = ArmSide::ALL.map(|arm| clock.shows(lamp.junction, arm));
        if lamp.shown == Some(shown) {
            continue;
        }
        lamp.shown = Some(shown);
        // North of a street is to the left of its east.
        let north = Vec2::new(lamp.post.east.y, -lamp.post.east.x);
        transform.rotation = Quat::from_rotation_y(yaw_towards(north));
        let quadrant = lamp.post.quadrant;
        let mesh = lamps
            .meshes
            .entry((quadrant.cmpgt(Vec2::ZERO).into(), shown))
            .or_insert_with(|| meshes.add(signal_mesh(quadrant, shown)))
            .clone();
        commands
            .entity(entity)
            .insert((Mesh3d(mesh), MeshMaterial3d(paint.clone())));
    }
}
