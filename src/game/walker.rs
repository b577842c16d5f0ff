//! On foot: gravity, walls, kerbs, jumping.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::body::{Body, Footing, forward_of, right_of, yaw_towards};
use super::car::{CIRCLE_RADIUS_M, Car};
use super::collision::{CollisionIndex, Floor, Solid};
use super::control::Control;
use super::pilot::Autopilot;
use crate::modes::Toast;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WalkIntent>()
        .add_systems(FixedUpdate, walk.in_set(GameSet::Move));
}

/// Half the width of a walker in metres.
pub const RADIUS_M: f32 = 0.35;
/// How tall a walker is in metres.
pub const HEIGHT_M: f32 = 1.8;
const STEP_UP_M: f32 = 0.4;
/// How far ahead a step too high is looked for, metres.
const FACE_AHEAD_M: f64 = 0.3;
const STEP_SPEED_MPS: f32 = 2.5;
const WALK_SPEED_MPS: f32 = 3.0;
const RUN_SPEED_MPS: f32 = 7.0;
const AGILITY_MPS2: f32 = 30.0;
const JUMP_SPEED_MPS: f32 = 4.6;
const GRAVITY_MPS2: f32 = 9.81;
const TERMINAL_SPEED_MPS: f32 = 50.0;
/// A step is cut into pieces no longer than this, so that no wall is stepped over.
const PIECE_M: f32 = 0.2;

/// The person on foot.
#[derive(Component, Clone, Debug, Default)]
pub struct Walker {
    /// Whether the feet are on something.
    pub is_grounded: bool,
    /// Distance walked in metres, for the swing of arms and legs.
    pub stride_m: f32,
}

/// What the walker is asked to do in the next fixed steps.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct WalkIntent {
    /// Right and forward, each -1 to 1, seen from where the camera looks.
    pub direction: Vec2,
    /// Where the camera looks, rotation about y in radians.
    pub yaw: f32,
    /// Run instead of walking.
    pub run: bool,
    /// Jump at the next step with ground under the feet; cleared by it.
    pub jump: bool,
}

fn walk(
    time: Res<Time>,
    index: Res<CollisionIndex>,
    control: Res<Control>,
    autopilot: Res<Autopilot>,
    mut intent: ResMut<WalkIntent>,
    mut walkers: Query<(&mut Walker, &mut Body), Without<Car>>,
    cars: Query<(&Body, &Car)>,
    mut boxes: Local<Vec<Solid>>,
    mut circles: Local<Vec<DVec2>>,
    mut toasts: MessageWriter<Toast>,
) {
    let wish = *intent;
    intent.jump = false;
    for (mut walker, mut body) in &mut walkers {
        if *control == Control::InCar {
            if let Ok((car, _)) = cars.single() {
                body.place(car.position, car.rotation);
            }
            continue;
        }
        if autopilot.is_flying() {
            walker.is_grounded = false;
            continue;
        }
        match body.find_footing(&index) {
            Footing::Firm => {}
            Footing::Found => land(&mut body, &index),
            Footing::Awaited => continue,
        }
        index.boxes_near(body.position.xz(), 2.0, &mut boxes);
        circles.clear();
        circles.extend(
            cars.iter()
                .filter(|(car, _)| (car.position.y - body.position.y).abs() < 1.5)
                .flat_map(|(_, car)| car.motion.circles()),
        );
        let surroundings = Surroundings {
            index: &index,
            boxes: &boxes,
            circles: &circles,
        };
        step(
            &mut walker,
            &mut body,
            wish,
            &surroundings,
            time.delta_secs(),
        );
        let floor = index.floor_under(body.position);
        if let Some(bank) = floor.and_then(|floor| body.way_out_of_water(floor)) {
            let rotation = body.rotation;
            body.place(bank, rotation);
            walker.is_grounded = true;
            toasts.write(Toast::new("back on dry land"));
        }
    }
}

/// Puts the walker at the nearest free place.
fn land(body: &mut Body, index: &CollisionIndex) {
    let mut place = index.free_spot(body.position, &[Vec2::ZERO], RADIUS_M + 0.1, HEIGHT_M);
    place.y = index
        .floor_under(place)
        .map_or(place.y, |floor| floor.height_m);
    let rotation = body.rotation;
    body.place(place, rotation);
}

struct Surroundings<'a> {
    index: &'a CollisionIndex,
    boxes: &'a [Solid],
    circles: &'a [DVec2],
}

impl Surroundings<'_> {
    /// Pushes a point on the plane (x, z) out of everything that stands between knees and head.
    fn push_out(&self, mut point: DVec2, feet: f64) -> DVec2 {
        for _ in 0..3 {
            let before = point;
            for solid in self.boxes {
                if solid.blocks(feet + f64::from(STEP_UP_M), feet + f64::from(HEIGHT_M))
                    && let Some(push) = solid.push_out(point, RADIUS_M)
                {
                    point += push.as_dvec2();
                }
            }
            for circle in self.circles {
                let offset = (point - *circle).as_vec2();
                let gap = RADIUS_M + CIRCLE_RADIUS_M - offset.length();
                if gap > 0.0 {
                    point += (offset.normalize_or(Vec2::X) * gap).as_dvec2();
                }
            }
            if point == before {
                break;
            }
        }
        point
    }

    /// Height of what the feet stand on: the ground, or a low box; nothing over a chunk that was given up.
    fn support(&self, position: DVec3) -> Option<f64> {
        let Floor { height_m, .. } = self.index.floor_under(position)?;
        let under_feet = self.boxes.iter().filter(|solid| {
            solid.top_m() <= position.y + f64::from(STEP_UP_M)
                && solid.way_from(position.xz()).length() < RADIUS_M * 0.7
        });
        Some(under_feet.fold(height_m, |height, solid| height.max(solid.top_m())))
    }

    /// Where a way from `start` to `end` on the plane (x, z) leads: into no chunk that is not there yet and against no
    /// face of ground that is too high for a step, but along it.
    fn stay_on_ground(&self, start: DVec2, end: DVec2, feet: f64) -> DVec2 {
        let is_low = |point: DVec2| {
            self.index
                .floor_under(point.extend(feet).xzy())
                .is_none_or(|floor| floor.height_m <= feet + f64::from(STEP_UP_M))
        };
        let is_open = |point: &DVec2| {
            // A little ahead too: no wall is so steep that many small steps do not lead up it.
            let ahead = (*point - start).normalize_or_zero() * FACE_AHEAD_M;
            self.index.may_enter(*point) && is_low(*point) && is_low(*point + ahead)
        };
        [end, DVec2::new(end.x, start.y), DVec2::new(start.x, end.y)]
            .into_iter()
            .find(is_open)
            .unwrap_or(start)
    }

    fn ceiling_hit(&self, position: DVec3, rise: f32) -> bool {
        let head = position.y + f64::from(HEIGHT_M);
        self.boxes.iter().any(|solid| {
            (head..head + f64::from(rise)).contains(&solid.bottom_m())
                && solid.push_out(position.xz(), RADIUS_M * 0.9).is_some()
        })
    }
}

fn step(
    walker: &mut Walker,
    body: &mut Body,
    wish: WalkIntent,
    surroundings: &Surroundings,
    dt: f32,
) {
    let direction = wish.direction.clamp_length_max(1.0);
    let heading = right_of(wish.yaw) * direction.x + forward_of(wish.yaw) * direction.y;
    let speed = if wish.run {
        RUN_SPEED_MPS
    } else {
        WALK_SPEED_MPS
    };
    let control = if walker.is_grounded { 1.0 } else { 0.25 };
    let mut along = body
        .velocity
        .xz()
        .move_towards(heading * speed, AGILITY_MPS2 * control * dt);

    let start = body.position.xz();
    let way = along * dt;
    let pieces = (way.length() / PIECE_M).ceil().max(1.0);
    let mut point = start;
    for _ in 0..pieces as u32 {
        point = surroundings.push_out(point + (way / pieces).as_dvec2(), body.position.y);
    }
    point = surroundings.stay_on_ground(start, point, body.position.y);
    // Walls take the part of the velocity that they stopped.
    let moved = (point - start).as_vec2();
    if moved.length() < way.length() {
        along = moved / dt;
    }
    walker.stride_m += moved.length();
    body.position.x = point.x;
    body.position.z = point.y;
    if heading.length_squared() > 0.01 {
        let towards = Quat::from_rotation_y(yaw_towards(heading));
        body.rotation = body.rotation.slerp(towards, 1.0 - (-14.0 * dt).exp());
    }

    let mut rise = body.velocity.y;
    // Over a chunk that was given up: keep the height.
    let Some(support) = surroundings.support(body.position) else {
        body.velocity = Vec3::new(along.x, 0.0, along.y);
        return;
    };
    let gap = (body.position.y - support) as f32;
    if walker.is_grounded && wish.jump {
        walker.is_grounded = false;
        rise = JUMP_SPEED_MPS;
    }
    if walker.is_grounded && gap <= STEP_UP_M {
        let reach = STEP_SPEED_MPS * dt;
        let left = gap.clamp(-STEP_UP_M, STEP_UP_M) - gap.clamp(-reach, reach);
        body.position.y = support + f64::from(left);
        rise = 0.0;
    } else {
        rise = (rise - GRAVITY_MPS2 * dt).max(-TERMINAL_SPEED_MPS);
        if rise > 0.0 && surroundings.ceiling_hit(body.position, rise * dt) {
            rise = 0.0;
        }
        body.position.y += f64::from(rise * dt);
        walker.is_grounded = body.position.y <= support && rise <= 0.0;
        if walker.is_grounded {
            body.position.y = body.position.y.max(support);
            rise = 0.0;
        }
    }
    body.velocity = Vec3::new(along.x, rise, along.y);
}
