//! From straight legs on lanes to the points that a driver aims at.

use bevy::math::DVec2;

/// Spacing of the waypoints of a route on straight streets, metres.
const WAYPOINT_PITCH_M: f64 = 20.0;
/// How far before and after a turn the curve begins and ends, metres.
const TURN_M: f64 = 8.0;
const TURN_STEPS: u32 = 4;

/// A straight stretch on the middle of a lane.
pub(super) struct Leg {
    pub(super) start: DVec2,
    pub(super) end: DVec2,
    pub(super) direction: DVec2,
}

/// The points along a chain of legs, with rounded turns.
pub(super) fn along(legs: &[Leg]) -> Vec<DVec2> {
    let mut waypoints = Vec::new();
    for (number, leg) in legs.iter().enumerate() {
        let start = if number == 0 {
            leg.start
        } else {
            turning_point(&legs[number - 1], leg)
        };
        let end = legs
            .get(number + 1)
            .map_or(leg.end, |next| turning_point(leg, next));
        let length = (end - start).dot(leg.direction).max(0.0);
        let room = (length / 2.0 - 1.0).clamp(0.0, TURN_M);
        let (cut_before, cut_after) = (
            if number == 0 { 0.0 } else { room },
            if number + 1 == legs.len() { 0.0 } else { room },
        );
        if number > 0 {
            let entry = waypoints.last().copied().unwrap_or(start);
            curve(
                &mut waypoints,
                entry,
                start,
                start + leg.direction * cut_before,
            );
        }
        straight(
            &mut waypoints,
            start + leg.direction * cut_before,
            end - leg.direction * cut_after,
        );
    }
    waypoints
}

/// Where the lanes of two legs at a right angle meet; for legs in one line, the end of the first.
fn turning_point(before: &Leg, after: &Leg) -> DVec2 {
    if before.direction.dot(after.direction).abs() > 0.5 {
        return before.end;
    }
    before.start + before.direction * (after.start - before.start).dot(before.direction)
}

fn straight(waypoints: &mut Vec<DVec2>, from: DVec2, to: DVec2) {
    let steps = (from.distance(to) / WAYPOINT_PITCH_M).ceil().max(1.0) as u32;
    for step in 0..=steps {
        push(waypoints, from.lerp(to, f64::from(step) / f64::from(steps)));
    }
}

/// A curve from `from` to `to` that bends at `corner` (a quadratic Bézier curve).
fn curve(waypoints: &mut Vec<DVec2>, from: DVec2, corner: DVec2, to: DVec2) {
    for step in 1..TURN_STEPS {
        let t = f64::from(step) / f64::from(TURN_STEPS);
        push(waypoints, from.lerp(corner, t).lerp(corner.lerp(to, t), t));
    }
}

fn push(waypoints: &mut Vec<DVec2>, point: DVec2) {
    if waypoints
        .last()
        .is_none_or(|last| last.distance_squared(point) > 0.25)
    {
        waypoints.push(point);
    }
}
