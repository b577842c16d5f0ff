//! Where a chunk lies in the plan: its land, what of the plan touches it, and what belongs to it.

use std::sync::Arc;

use bevy::math::{DVec2, Vec2};

use super::super::area::Area;
use super::super::land::{Land, MOST_BEND_M, Survey, plan_origin};
use super::super::network::PlanArea;
use crate::streaming::ChunkCoord;

/// How far around the cell the land is measured, metres: as far as it bends, and as far as a viaduct looks ahead.
const SURVEY_REACH_M: f64 = MOST_BEND_M + 120.0;
/// Distance of the places on the cell's border that are taken back into the plan, metres.
const BORDER_PITCH_M: f32 = 100.0;
/// How far a border may leave the straight line between two such places, metres.
const BORDER_SAG_M: f32 = 2.0;
/// How much the bend leaves a straight line of length 1 m, in metres per square metre of length.
const SAG: f32 = 5e-5;
/// Places so near to a border are asked for exactly, metres.
const NEAR_BORDER_M: f32 = 2e-3;
/// The raster on which neighbours agree about such a place, per metre.
const EXACT_PER_METRE: f64 = 256.0;

/// The cell of one chunk in the plan.
#[derive(Clone, Debug)]
pub(in super::super) struct Frame {
    pub(in super::super) land: Land,
    pub(in super::super) survey: Arc<Survey>,
    pub(in super::super) size_m: f32,
    /// The cell's minimum corner in the world, metres.
    pub(in super::super) corner_in_world: DVec2,
    /// The origin of plan-local coordinates in the plan, metres.
    pub(in super::super) origin_in_plan: DVec2,
    /// Encloses the cell in plan-local coordinates.
    pub(in super::super) reach: Area,
    /// Places of the plan that lie on the cell's border, evenly: the first is the one after
    /// the minimum corner to the east, the last that corner.
    pub(in super::super) border: Vec<Vec2>,
}

impl Frame {
    pub(in super::super) fn new(seed: u64, coord: ChunkCoord, chunk_size_m: f64) -> Self {
        let corner = DVec2::new(f64::from(coord.x), f64::from(coord.z)) * chunk_size_m;
        let land = Land::new(seed);
        let survey = Arc::new(Survey::new(&land, corner, chunk_size_m, SURVEY_REACH_M));
        let size_m = chunk_size_m as f32;
        let border = border_of(&survey, size_m);
        Self {
            land,
            reach: reach_of(&border),
            border,
            survey,
            size_m,
            corner_in_world: corner,
            origin_in_plan: plan_origin(corner),
        }
    }

    /// The part of the plan in which the cell lies, with a margin.
    pub(super) fn plan_area(&self, margin_m: f64) -> PlanArea {
        let at = |x: f32, z: f32| self.origin_in_plan + Vec2::new(x, z).as_dvec2();
        PlanArea::new(
            at(self.reach.x0, self.reach.z0),
            at(self.reach.x1, self.reach.z1),
        )
        .grown(margin_m)
    }

    pub(super) fn local_x(&self, u: f64) -> f32 {
        (u - self.origin_in_plan.x) as f32
    }

    pub(super) fn local_z(&self, v: f64) -> f32 {
        (v - self.origin_in_plan.y) as f32
    }

    pub(super) fn local(&self, area: &PlanArea) -> Area {
        Area::new(
            self.local_x(area.low.x),
            self.local_z(area.low.y),
            self.local_x(area.high.x),
            self.local_z(area.high.y),
        )
    }

    /// Places along z that cover the cell, a pitch apart; neighbours share them.
    pub(in super::super) fn raster_z(&self, pitch_m: f64) -> Vec<f32> {
        let places = self.plan_area(0.0);
        let first = (places.low.y / pitch_m).floor();
        let count = (places.high.y / pitch_m).ceil() - first;
        (0..=count as u32)
            .map(|k| self.local_z((first + f64::from(k)) * pitch_m))
            .collect()
    }

    /// Whether a thing with its anchor at a plan-local place belongs to this chunk: to exactly one of all.
    pub(in super::super) fn owns(&self, plan_local: Vec2) -> bool {
        let world = self.survey.world_of(plan_local);
        let size = Vec2::splat(self.size_m);
        let nearest = world.abs().min((size - world).abs()).min_element();
        if nearest > NEAR_BORDER_M {
            return world.cmpge(Vec2::ZERO).all() && world.cmplt(size).all();
        }
        let plan = ((self.origin_in_plan + plan_local.as_dvec2()) * EXACT_PER_METRE).round()
            / EXACT_PER_METRE;
        let world = self.land.world_of(plan);
        let next = self.corner_in_world + DVec2::splat(f64::from(self.size_m));
        world.cmpge(self.corner_in_world).all() && world.cmplt(next).all()
    }

    /// Whether the chunk owns all places of a straight line of the plan, or none of them, if that is plain from its ends.
    pub(super) fn owns_between(&self, from: Vec2, to: Vec2) -> Option<bool> {
        let sag = Vec2::splat(0.5 + SAG * from.distance_squared(to));
        let (a, b) = (self.survey.world_of(from), self.survey.world_of(to));
        let (low, high) = (a.min(b), a.max(b));
        let size = Vec2::splat(self.size_m);
        if low.cmpgt(sag).all() && high.cmplt(size - sag).all() {
            return Some(true);
        }
        let is_beyond = high.cmplt(-sag).any() || low.cmpgt(size + sag).any();
        is_beyond.then_some(false)
    }

    /// Whether a plan-local place is in the cell or within a distance of it along both axes of the world.
    pub(in super::super) fn is_near(&self, plan_local: Vec2, reach_m: f32) -> bool {
        let world = self.survey.world_of(plan_local);
        let (low, high) = (Vec2::splat(-reach_m), Vec2::splat(self.size_m + reach_m));
        world.cmpge(low).all() && world.cmple(high).all()
    }

    /// Whether a rectangle of the plan may touch the cell, grown by a margin.
    pub(super) fn touches(&self, area: &Area, margin_m: f32) -> bool {
        let grown = area.inset(-margin_m);
        let far = grown.x1 < self.reach.x0
            || grown.z1 < self.reach.z0
            || grown.x0 > self.reach.x1
            || grown.z0 > self.reach.z1;
        if far {
            return false;
        }
        let middle = self.survey.world_of(area.center());
        let away = middle.distance_squared(middle.clamp(Vec2::ZERO, Vec2::splat(self.size_m)));
        if away == 0.0 {
            return true;
        }
        // Half of its diagonal in the plan; the bend makes it longer by less than half.
        let reach_m = 0.75 * (area.size_x() + area.size_z()) + margin_m;
        if away > reach_m * reach_m {
            return false;
        }
        let (low, high) = self.in_world(area);
        let margin = Vec2::splat(margin_m);
        (high + margin).cmpge(Vec2::ZERO).all()
            && (low - margin).cmple(Vec2::splat(self.size_m)).all()
    }

    /// Whether a rectangle of the plan lies in the cell wholly.
    pub(in super::super) fn encloses(&self, area: &Area) -> bool {
        let middle = self.survey.world_of(area.center());
        let inside = middle.min(Vec2::splat(self.size_m) - middle).min_element();
        // The bend leaves at least three fifths of half of its shorter side, and half of its diagonal at most one and a half
        // times as long.
        if inside < 0.3 * area.shorter() {
            return false;
        }
        if inside > 0.75 * (area.size_x() + area.size_z()) {
            return true;
        }
        let (low, high) = self.in_world(area);
        low.cmpgt(Vec2::ZERO).all() && high.cmplt(Vec2::splat(self.size_m)).all()
    }

    /// A box around a rectangle of the plan in the world.
    fn in_world(&self, area: &Area) -> (Vec2, Vec2) {
        let longer = area.size_x().max(area.size_z());
        // More than the sides between the corners leave the straight line.
        let sag = Vec2::splat(0.5 + SAG * longer * longer);
        let world = |x: f32, z: f32| self.survey.world_of(Vec2::new(x, z));
        let [a, b, c, d] = [
            world(area.x0, area.z0),
            world(area.x1, area.z0),
            world(area.x1, area.z1),
            world(area.x0, area.z1),
        ];
        (a.min(b).min(c.min(d)) - sag, a.max(b).max(c.max(d)) + sag)
    }
}

/// Into how many pieces each side of the cell is divided.
pub(in super::super) fn border_steps(size_m: f32) -> usize {
    (size_m / BORDER_PITCH_M).ceil().max(1.0) as usize
}

fn border_of(survey: &Survey, size_m: f32) -> Vec<Vec2> {
    let steps = border_steps(size_m);
    // Each side starts where the one before ended.
    let corners = [
        Vec2::ZERO,
        Vec2::new(size_m, 0.0),
        Vec2::splat(size_m),
        Vec2::new(0.0, size_m),
        Vec2::ZERO,
    ];
    let mut border = Vec::with_capacity(4 * steps);
    let mut plan = survey.plan_of(corners[0]);
    let mut before = corners[0];
    for side in corners.windows(2) {
        for step in 1..=steps {
            let place = side[0] + (side[1] - side[0]) * (step as f32 / steps as f32);
            plan = survey.plan_from(place, plan + (place - before));
            border.push(plan);
            before = place;
        }
    }
    border
}

fn reach_of(border: &[Vec2]) -> Area {
    let (mut low, mut high) = (Vec2::MAX, Vec2::MIN);
    for plan in border {
        (low, high) = (low.min(*plan), high.max(*plan));
    }
    Area::new(low.x, low.y, high.x, high.y).inset(-BORDER_SAG_M)
}
