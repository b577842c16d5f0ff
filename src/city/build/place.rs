//! Where what is drawn in the plan comes to lie in the world.

use std::sync::Arc;

use bevy::math::{Mat2, Vec2, Vec3};

use super::super::land::Survey;
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

/// See [`Place::Standing`].
#[derive(Clone, Debug)]
pub(super) struct StandingPlace {
    survey: Arc<Survey>,
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
}

impl Place {
    /// The ground of a chunk with sides of `size_m`.
    pub(super) fn ground(survey: &Arc<Survey>, size_m: f32) -> Self {
        Self::Ground(GroundPlace::new(Arc::clone(survey), size_m))
    }

    /// Upright on the height of the land at a place of the plan.
    pub(super) fn standing(survey: &Arc<Survey>, foot_in_plan: Vec2) -> Self {
        Self::Standing(StandingPlace {
            survey: Arc::clone(survey),
            base_m: survey.height_at(foot_in_plan),
            turn: rotation_in(survey.stretch_at(foot_in_plan)),
        })
    }

    /// Turned about a place of the plan.
    pub(super) fn rigid(survey: &Arc<Survey>, anchor_in_plan: Vec2) -> Self {
        let (world, height_m) = survey.lift(anchor_in_plan);
        Self::Rigid(RigidPlace {
            anchor_in_plan,
            anchor_in_world: Vec3::new(world.x, height_m, world.y),
            turn: rotation_in(survey.stretch_at(anchor_in_plan)),
        })
    }

    /// The place in the world of a point whose height is above the land.
    pub(super) fn point(&self, point: Vec3) -> Vec3 {
        match self {
            Self::AsGiven => point,
            Self::Ground(ground) => ground.point(point),
            Self::Standing(standing) => {
                let world = standing.survey.world_of(Vec2::new(point.x, point.z));
                Vec3::new(world.x, standing.base_m + point.y, world.y)
            }
            Self::Rigid(rigid) => {
                let offset = rigid.turn * (Vec2::new(point.x, point.z) - rigid.anchor_in_plan);
                rigid.anchor_in_world + Vec3::new(offset.x, point.y, offset.y)
            }
        }
    }

    /// The direction in the world of a normal.
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

/// The rotation that is nearest to a stretch (the orthogonal factor of its polar decomposition, in two dimensions).
pub(in super::super) fn rotation_in(stretch: Mat2) -> Mat2 {
    let (a, b) = (stretch.x_axis, stretch.y_axis);
    let axis = Vec2::new(a.x + b.y, a.y - b.x).normalize_or(Vec2::X);
    Mat2::from_cols(axis, Vec2::new(-axis.y, axis.x))
}
