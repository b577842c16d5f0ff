//! The way of a lane in the plan: straight, round a corner, or shifted sideways.

use bevy::math::DVec2;

/// The shape of a lane, plan coordinates, metres.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Path {
    /// Straight.
    Line { from: DVec2, to: DVec2 },
    /// Straight towards a corner, round it, and straight on.
    Corner {
        from: DVec2,
        corner: DVec2,
        to: DVec2,
    },
    /// From one straight line onto another beside it: `direction` is that of both ends.
    Shift {
        from: DVec2,
        to: DVec2,
        direction: DVec2,
    },
    /// Round to the opposite direction; `direction` is that of the beginning.
    Around {
        from: DVec2,
        to: DVec2,
        direction: DVec2,
    },
}

/// A place on a path.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) struct PathPoint {
    pub(super) place: DVec2,
    /// Of length 1.
    pub(super) direction: DVec2,
}

/// No curve is larger than this, so that long ones do not leave their junction, metres.
const LARGEST_BEND_M: f64 = 40.0;

impl Path {
    pub(super) const fn line(from: DVec2, to: DVec2) -> Self {
        Self::Line { from, to }
    }

    /// From the end of one lane to the beginning of another at a right angle to it.
    pub(super) fn corner(from: DVec2, direction: DVec2, to: DVec2) -> Self {
        let corner = from + direction * (to - from).dot(direction);
        Self::Corner { from, corner, to }
    }

    pub(super) const fn start(&self) -> DVec2 {
        match self {
            Self::Line { from, .. }
            | Self::Corner { from, .. }
            | Self::Shift { from, .. }
            | Self::Around { from, .. } => *from,
        }
    }

    pub(super) const fn end(&self) -> DVec2 {
        match self {
            Self::Line { to, .. }
            | Self::Corner { to, .. }
            | Self::Shift { to, .. }
            | Self::Around { to, .. } => *to,
        }
    }

    /// Its length; of curves a close estimate.
    pub(super) fn length_m(&self) -> f64 {
        match *self {
            Self::Line { from, to } | Self::Shift { from, to, .. } => from.distance(to),
            Self::Corner { from, corner, to } => {
                let reach = reach(from, corner, to);
                // A quadratic curve round a right angle is 1.6232 times its reach long.
                from.distance(corner) + corner.distance(to) - (2.0 - 1.623_2) * reach
            }
            Self::Around { from, to, .. } => from.distance(to) + 2.0 * AROUND_M,
        }
    }

    /// Radius of its narrowest bend; infinite where it is straight.
    pub(super) fn radius_m(&self) -> f64 {
        match *self {
            Self::Line { .. } | Self::Shift { .. } => f64::INFINITY,
            // The least radius of the quadratic curve, in its middle.
            Self::Corner { from, corner, to } => {
                reach(from, corner, to) * std::f64::consts::FRAC_1_SQRT_2
            }
            Self::Around { from, to, .. } => from.distance(to) / 2.0,
        }
    }

    /// Points from start to end, at most `step_m` apart on straights and closer in bends.
    pub(super) fn points(&self, step_m: f64) -> Vec<PathPoint> {
        let mut points = Vec::new();
        match *self {
            Self::Line { from, to } => straight(&mut points, from, to, step_m, Ends::Both),
            Self::Corner { from, corner, to } => {
                let reach = reach(from, corner, to);
                let (into, out) = (
                    (corner - from).normalize_or_zero(),
                    (to - corner).normalize_or_zero(),
                );
                let (enter, leave) = (corner - into * reach, corner + out * reach);
                if from.distance_squared(enter) > 0.01 {
                    straight(&mut points, from, enter, step_m, Ends::First);
                }
                let steps = (reach / 1.6).ceil().clamp(3.0, 10.0);
                for step in 0..=steps as u32 {
                    let t = f64::from(step) / steps;
                    let (a, b) = (enter.lerp(corner, t), corner.lerp(leave, t));
                    points.push(PathPoint {
                        place: a.lerp(b, t),
                        direction: into.lerp(out, t).normalize_or(into),
                    });
                }
                if leave.distance_squared(to) > 0.01 {
                    straight(&mut points, leave, to, step_m, Ends::Last);
                }
            }
            Self::Shift {
                from,
                to,
                direction,
            } => {
                let handle = direction * (from.distance(to) * 0.4);
                let curve = Cubic([from, from + handle, to - handle, to]);
                curve.push_points(&mut points, (from.distance(to) / step_m).ceil().max(4.0));
            }
            Self::Around {
                from,
                to,
                direction,
            } => {
                let handle = direction * (AROUND_M * 4.0 / 3.0);
                Cubic([from, from + handle, to + handle, to]).push_points(&mut points, 10.0);
            }
        }
        points
    }
}

/// How far a turn to the opposite direction goes ahead, metres.
const AROUND_M: f64 = 6.0;

/// How far before and after the corner the bend begins and ends.
fn reach(from: DVec2, corner: DVec2, to: DVec2) -> f64 {
    from.distance(corner)
        .min(corner.distance(to))
        .min(LARGEST_BEND_M)
}

#[derive(Copy, Clone, Eq, PartialEq)]
enum Ends {
    Both,
    First,
    Last,
}

fn straight(points: &mut Vec<PathPoint>, from: DVec2, to: DVec2, step_m: f64, ends: Ends) {
    let steps = (from.distance(to) / step_m).ceil().max(1.0) as u32;
    let direction = (to - from).normalize_or_zero();
    let (first, last) = (
        u32::from(ends == Ends::Last),
        steps - u32::from(ends == Ends::First),
    );
    points.extend((first..=last).map(|step| PathPoint {
        place: from.lerp(to, f64::from(step) / f64::from(steps)),
        direction,
    }));
}

/// A cubic Bézier curve.
struct Cubic([DVec2; 4]);

impl Cubic {
    fn push_points(&self, points: &mut Vec<PathPoint>, steps: f64) {
        let [a, b, c, d] = self.0;
        for step in 0..=steps as u32 {
            let t = f64::from(step) / steps;
            let (ab, bc, cd) = (a.lerp(b, t), b.lerp(c, t), c.lerp(d, t));
            let (abc, bcd) = (ab.lerp(bc, t), bc.lerp(cd, t));
            points.push(PathPoint {
                place: abc.lerp(bcd, t),
                direction: (bcd - abc).normalize_or_zero(),
            });
        }
    }
}
