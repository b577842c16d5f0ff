//! What the player on foot sees of somebody, from places and the camera's angle of view alone.

use super::*;
use crate::game::body::right_of;
use crate::game::camera::{FOV, FOV_AT_SPEED};

/// Lines of the picture that is judged, and its width as a multiple of its height.
const LINES: f32 = 720.0;
const ASPECT: f32 = 16.0 / 9.0;
/// The camera is so far behind the walker, and so high above the ground, metres.
const BEHIND_M: f32 = 3.1;
const EYE_M: f64 = 1.65;

/// Somebody or something upright.
#[derive(Clone, Copy, Debug)]
pub(in crate::game) struct Upright {
    /// The ground under its middle.
    pub(in crate::game) foot: DVec3,
    pub(in crate::game) height_m: f32,
    /// From its middle to its nose.
    pub(in crate::game) half_length: Vec2,
}

/// The eye of a player on foot, and where it looks.
#[derive(Clone, Copy, Debug)]
pub(in crate::game) struct Picture {
    eye: DVec3,
    forward: Vec2,
    right: Vec2,
}

impl Picture {
    pub(in crate::game) fn now(app: &mut App) -> Self {
        let yaw = app.world().resource::<Look>().yaw;
        let [forward, right] = [crate::game::body::forward_of(yaw), right_of(yaw)];
        let back = -(forward * BEHIND_M).as_dvec2();
        let base = body::<Walker>(app).position;
        Self {
            eye: base + DVec3::new(back.x, EYE_M, back.y),
            forward,
            right,
        }
    }

    /// How many lines of the picture something is high; none if it is beside the picture.
    pub(in crate::game) fn lines_of(&self, what: &Upright) -> f32 {
        let offset = (what.foot - self.eye).xz().as_vec2();
        let half_m = what.half_length.length() + 0.3;
        let (ahead, aside) = (offset.dot(self.forward), offset.dot(self.right).abs());
        let half_width = (FOV_AT_SPEED / 2.0).tan() * ASPECT;
        if aside - half_m > (ahead + half_m) * half_width {
            return 0.0;
        }
        what.height_m / offset.length() / (FOV / LINES)
    }

    /// Whether boxes that stop bodies are before all of its middle and its ends.
    pub(in crate::game) fn is_behind_walls(&self, what: &Upright, index: &CollisionIndex) -> bool {
        let top = what.foot + DVec3::Y * f64::from(what.height_m);
        let half = what.half_length.as_dvec2();
        let parts = [-1.0, 0.0, 1.0].map(|end| top + DVec3::new(half.x, 0.0, half.y) * end);
        parts.into_iter().all(|part| {
            let way = part - self.eye;
            let length_m = way.length() as f32;
            let mut boxes = Vec::new();
            let middle = self.eye.midpoint(part).xz();
            index.boxes_near(middle, length_m / 2.0 + 1.0, &mut boxes);
            let direction = Dir3::new(way.as_vec3()).unwrap();
            boxes.iter().any(|solid| {
                solid
                    .cast(self.eye, direction, length_m, Vec3::splat(0.02))
                    .is_some()
            })
        })
    }
}

#[test]
fn the_picture_knows_what_is_before_the_eye() {
    let picture = Picture {
        eye: DVec3::new(1e5, 1.65, -40.0),
        forward: Vec2::NEG_Y,
        right: Vec2::X,
    };
    let lines = |east: f64, ahead: f64| {
        picture.lines_of(&Upright {
            foot: picture.eye + DVec3::new(east, -1.65, -ahead),
            height_m: 1.8,
            half_length: Vec2::ZERO,
        })
    };
    assert!(
        (40.0..42.0).contains(&lines(0.0, 30.0)),
        "{}",
        lines(0.0, 30.0)
    );
    assert!(lines(30.0, 30.0) > 25.0 && lines(0.0, 120.0) < 11.0);
    assert_eq!((lines(0.0, -30.0), lines(60.0, 30.0)), (0.0, 0.0));
}
