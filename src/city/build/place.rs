//! Where what is drawn in the plan comes to lie in the world.

use bevy::math::{Mat2, Quat, Vec2, Vec3};

use super::super::area::Area;
use super::super::land::{Footing, Survey};
use super::super::plan::frame::Frame;
use super::ground::GroundPlace;

/// Where what is drawn comes to lie.
#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    /// As it is given: shared meshes.
    #[default]
    AsGiven,
    /// Bent and draped over the land, cut at the border of the chunk.
    Ground(GroundPlace),
    /// Bent like the streets around it, upright on one height: houses in a row.
    Standing(StandingPlace),
    /// Turned like the streets around it but not bent: what is built at right angles and stands alone.
    Rigid(RigidPlace),
}

/// See [`Place::Standing`]. A rectangle of the plan on the four places where its corners come to lie: what is straight
/// and parallel to an axis stays straight, so the layers of a facade stay apart, and party walls meet at their ends.
#[derive(Clone, Debug)]
pub(super) struct StandingPlace {
    corner_in_plan: Vec2,
    /// The corner in the world, the ways from there along x and along z for each metre, and what both together add.
    origin: Vec2,
    by_x: Vec2,
    by_z: Vec2,
    by_both: Vec2,
    base_m: f32,
    /// Of the normals.
    turn: Mat2,
}

/// See [`Place::Rigid`].
#[derive(Clone, Debug)]
pub(super) struct RigidPlace {
    anchor_in_plan: Vec2,
    anchor_in_world: Vec3,
    turn: Mat2,
    /// How much higher it lies for each metre of the plan.
    lean: Vec2,
}

impl Place {
    /// The ground of a chunk at full detail.
    pub(super) fn ground(frame: &Frame) -> Self {
        Self::Ground(GroundPlace::new(frame))
    }

    /// The ground of a chunk with edges up to a length.
    pub(super) fn ground_in(frame: &Frame, longest_edge_m: f32) -> Self {
        Self::Ground(GroundPlace::new(frame).divided(longest_edge_m))
    }

    /// The same for one smooth surface, whose pieces share the vertices from a number on.
    pub(super) fn sharing_from(self, first: u32) -> Self {
        match self {
            Self::Ground(ground) => Self::Ground(ground.sharing_from(first)),
            other => other,
        }
    }

    /// The ground of a chunk with heights above the water.
    pub(super) fn above_water(frame: &Frame) -> Self {
        Self::Ground(GroundPlace::new(frame).above_water())
    }

    /// Upright on the height of the land at a place of the plan, on a rectangle whose corners are bent.
    pub(super) fn standing(survey: &Survey, foot_in_plan: Vec2, area: &Area) -> Self {
        let world = |x: f32, z: f32| survey.world_of(Vec2::new(x, z));
        let [a, b, c, d] = [
            world(area.x0, area.z0),
            world(area.x1, area.z0),
            world(area.x0, area.z1),
            world(area.x1, area.z1),
        ];
        let (per_x, per_z) = (1.0 / area.size_x().max(0.1), 1.0 / area.size_z().max(0.1));
        let along = Mat2::from_cols(
            (b - a + d - c) * (0.5 * per_x),
            (c - a + d - b) * (0.5 * per_z),
        );
        Self::Standing(StandingPlace {
            corner_in_plan: Vec2::new(area.x0, area.z0),
            origin: a,
            by_x: (b - a) * per_x,
            by_z: (c - a) * per_z,
            by_both: (d - c - b + a) * (per_x * per_z),
            base_m: survey.height_at(foot_in_plan),
            turn: rotation_in(along),
        })
    }

    /// Turned about a place of the plan.
    pub(super) fn rigid(survey: &Survey, anchor_in_plan: Vec2) -> Self {
        Self::rigid_on(anchor_in_plan, &survey.footing(anchor_in_plan), Vec2::ZERO)
    }

    /// The same, leaning with the land: what is long or lies flat.
    pub(super) fn resting(survey: &Survey, anchor_in_plan: Vec2) -> Self {
        let footing = survey.footing(anchor_in_plan);
        Self::rigid_on(anchor_in_plan, &footing, footing.rise)
    }

    fn rigid_on(anchor_in_plan: Vec2, footing: &Footing, lean: Vec2) -> Self {
        Self::Rigid(RigidPlace {
            anchor_in_plan,
            anchor_in_world: Vec3::new(footing.world.x, footing.height_m, footing.world.y),
            turn: rotation_in(footing.stretch),
            lean,
        })
    }

    /// The places in the world of points whose heights are above the land.
    #[inline]
    pub(super) fn points<const N: usize>(&self, points: &[Vec3; N]) -> [[f32; 3]; N] {
        let mut placed = [[0.0; 3]; N];
        // One decision for all of them, and by number, since adapters of iterators stay calls in the development profile:
        // most of a chunk comes through here.
        match self {
            Self::AsGiven => {
                for k in 0..N {
                    placed[k] = points[k].to_array();
                }
            }
            Self::Ground(ground) => {
                for k in 0..N {
                    placed[k] = ground.point(points[k]).to_array();
                }
            }
            Self::Standing(standing) => {
                for k in 0..N {
                    placed[k] = standing.point(points[k]);
                }
            }
            Self::Rigid(rigid) => {
                for k in 0..N {
                    placed[k] = rigid.point(points[k]);
                }
            }
        }
        placed
    }

    /// The direction in the world of a normal.
    #[inline]
    pub(super) fn normal(&self, normal: Vec3) -> Vec3 {
        match self {
            Self::AsGiven | Self::Ground(_) => normal,
            Self::Standing(StandingPlace { turn, .. }) | Self::Rigid(RigidPlace { turn, .. }) => {
                let level = *turn * Vec2::new(normal.x, normal.z);
                Vec3::new(level.x, normal.y, level.y)
            }
        }
    }
}

impl StandingPlace {
    #[inline(always)]
    fn point(&self, point: Vec3) -> [f32; 3] {
        let (x, z) = (
            point.x - self.corner_in_plan.x,
            point.z - self.corner_in_plan.y,
        );
        let both = x * z;
        [
            self.origin.x + self.by_x.x * x + self.by_z.x * z + self.by_both.x * both,
            self.base_m + point.y,
            self.origin.y + self.by_x.y * x + self.by_z.y * z + self.by_both.y * both,
        ]
    }
}

impl RigidPlace {
    #[inline(always)]
    fn point(&self, point: Vec3) -> [f32; 3] {
        let (x, z) = (
            point.x - self.anchor_in_plan.x,
            point.z - self.anchor_in_plan.y,
        );
        let (along, across) = (self.turn.x_axis, self.turn.y_axis);
        [
            self.anchor_in_world.x + along.x * x + across.x * z,
            self.anchor_in_world.y + point.y + self.lean.x * x + self.lean.y * z,
            self.anchor_in_world.z + along.y * x + across.y * z,
        ]
    }
}

/// The rotation that is nearest to a stretch (the orthogonal factor of its polar decomposition, in two dimensions).
pub(in super::super) fn rotation_in(stretch: Mat2) -> Mat2 {
    let (a, b) = (stretch.x_axis, stretch.y_axis);
    let axis = Vec2::new(a.x + b.y, a.y - b.x).normalize_or(Vec2::X);
    Mat2::from_cols(axis, Vec2::new(-axis.y, axis.x))
}

/// A rotation of the plane (x, z) as one about the vertical, without trigonometry.
pub(in super::super) fn quat_of(turn: Mat2) -> Quat {
    let (cosine, sine) = (turn.x_axis.x.clamp(-1.0, 1.0), turn.x_axis.y);
    let half_cosine = ((1.0 + cosine) / 2.0).sqrt();
    let half_sine = ((1.0 - cosine) / 2.0).sqrt().copysign(sine);
    // From x towards z is a negative turn about y.
    Quat::from_xyzw(0.0, -half_sine, 0.0, half_cosine)
}
