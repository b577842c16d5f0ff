//! Streets as gameplay sees them: where they are, how to drive from here to there, where to begin.

use bevy::math::{DVec2, Vec3};

use super::area::Area;
use super::area::Axis;
use super::land::Land;
use super::network::{BlockSite, Ground, Superblock, arterial, arterial_near, is_highway, rivers};
use super::plan::streets::{KERB_HEIGHT_M, StreetClass, kerb_outline};
use super::waypoints::{self, Leg};

/// The streets of the whole city as pure functions of the seed. World coordinates, metres, (x, z).
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CityPlan {
    seed: u64,
    land: Land,
}

/// Where two streets cross.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Junction {
    /// Where the centre lines meet, (x, z) in the world, metres.
    pub position_in_world: DVec2,
    /// The class of the street that runs along z.
    pub along_z: StreetClass,
    /// The class of the street that runs along x.
    pub along_x: StreetClass,
}

/// Where a game begins: a person on a pavement, a car at the kerb beside.
///
/// Headings are rotations about the vertical, radians, counter-clockwise from above; 0 looks along negative z.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct SpawnPoint {
    /// Where the person stands (feet), metres in the world.
    pub person_in_world: Vec3,
    /// Where the person looks: along the street.
    pub heading_rad: f32,
    /// Where the car stands (the ground under its middle), metres in the world.
    pub car_in_world: Vec3,
    /// Where the car points: with the traffic of its lane.
    pub car_heading_rad: f32,
}

impl CityPlan {
    /// The city of a seed. It is the same for every chunk size.
    pub fn new(seed: u64, _chunk_size_m: f64) -> Self {
        Self {
            seed,
            land: Land::new(seed),
        }
    }

    /// The nearest crossing of two arterials.
    pub fn nearest_junction(&self, x: f64, z: f64) -> Junction {
        let plan = self.land.plan_of(DVec2::new(x, z));
        let (column, u) = self.nearest_arterial(Axis::Z, plan.x);
        let (_, v) = self.nearest_arterial(Axis::X, plan.y);
        Junction {
            position_in_world: self.land.world_of(DVec2::new(u, v)),
            along_z: class_of(column),
            along_x: StreetClass::Arterial,
        }
    }

    /// True if the ground at a place is road rather than pavement or block or river.
    pub fn is_on_road(&self, x: f64, z: f64) -> bool {
        let plan = self.land.plan_of(DVec2::new(x, z));
        let column = arterial_near(self.seed, Axis::Z, plan.x);
        let row = arterial_near(self.seed, Axis::X, plan.y);
        let superblock = Superblock::new(self.seed, column, row);
        let site = match superblock.ground {
            Ground::River => return self.is_on_river_road(&superblock, plan),
            Ground::Blocks | Ground::Park => superblock
                .blocks()
                .into_iter()
                .find(|site| site.area.contains(plan)),
        };
        site.is_none_or(|BlockSite { area, streets, .. }| {
            let size = (area.high - area.low).as_vec2();
            let outline = kerb_outline(&Area::new(0.0, 0.0, size.x, size.y), streets);
            !outline.is_raised((plan - area.low).as_vec2())
        })
    }

    fn is_on_river_road(&self, river: &Superblock, plan: DVec2) -> bool {
        let half = f64::from(StreetClass::Arterial.carriageway_m()) / 2.0;
        let from_embankment = (plan.y - river.area.low.y).min(river.area.high.y - plan.y);
        let is_on_bridge = [river.column, river.column + 1].into_iter().any(|column| {
            let u = arterial(self.seed, Axis::Z, column);
            rivers::has_bridge(self.seed, column, river.row)
                && (plan.x - u).abs() <= f64::from(class_of(column).carriageway_m()) / 2.0
        });
        from_embankment <= half || is_on_bridge
    }

    /// A drivable way along arterials: waypoints on the middle of right-hand lanes, from the arterial nearest to `from`
    /// to the place nearest to `to` that lies on one. Never empty.
    pub fn route(&self, from: DVec2, to: DVec2) -> Vec<DVec2> {
        let mut corners = self.corners(self.land.plan_of(from), self.land.plan_of(to));
        corners.dedup_by(|a, b| a.distance_squared(*b) < 1.0);
        let legs: Vec<Leg> = corners
            .windows(2)
            .map(|pair| self.leg(pair[0], pair[1]))
            .collect();
        let way = if legs.is_empty() {
            corners
        } else {
            waypoints::along(&legs)
        };
        way.into_iter()
            .map(|plan| self.land.world_of(plan))
            .collect()
    }

    /// A pavement beside the arterial road through the world's origin, and a kerb space for a car beside it.
    pub fn spawn_point(&self) -> SpawnPoint {
        let road = StreetClass::Arterial;
        let kerb_u = f64::from(road.carriageway_m()) / 2.0;
        // Behind the row of trees and lamps; between two streets that meet the arterial.
        let superblock = Superblock::new(self.seed, 0, 0);
        let mut ends: Vec<f64> = vec![0.0];
        ends.extend(superblock.ends_on(Axis::Z, false).iter().map(|(at, _)| *at));
        ends.push(superblock.area.high.y);
        let v = (ends[0] + ends[1]) / 2.0;
        let place = |u: f64, v: f64, above_m: f32| {
            let plan = DVec2::new(u, v);
            let world = self.land.world_of(plan);
            let height_m = self.land.height_at(plan) as f32 + above_m;
            Vec3::new(world.x as f32, height_m, world.y as f32)
        };
        // North along the street at that place.
        let north = -self.land.stretch_at(DVec2::new(kerb_u, v)).y_axis;
        let heading_rad = ((-north.x).atan2(-north.y)) as f32;
        SpawnPoint {
            person_in_world: place(
                kerb_u + f64::from(road.pavement_m()) * 0.5,
                v,
                KERB_HEIGHT_M,
            ),
            heading_rad,
            car_in_world: place(kerb_u - 1.3, v - 5.0, 0.0),
            car_heading_rad: heading_rad,
        }
    }

    fn nearest_arterial(&self, axis: Axis, at: f64) -> (i64, f64) {
        let low = arterial_near(self.seed, axis, at);
        let places = [low, low + 1].map(|index| (index, arterial(self.seed, axis, index)));
        if at - places[0].1 <= places[1].1 - at {
            places[0]
        } else {
            places[1]
        }
    }

    /// The nearest point on an arterial that is not over water, and the axis of that arterial.
    fn onto_arterial(&self, plan: DVec2) -> (Axis, DVec2) {
        let (_, u) = self.nearest_arterial(Axis::Z, plan.x);
        let (_, v) = self.nearest_arterial(Axis::X, plan.y);
        let row = arterial_near(self.seed, Axis::X, plan.y);
        if (plan.x - u).abs() <= (plan.y - v).abs() && !rivers::is_river(row) {
            (Axis::Z, DVec2::new(u, plan.y))
        } else {
            (Axis::X, DVec2::new(plan.x, v))
        }
    }

    /// The corners of a way over centre lines of arterials, ends included, in the plan.
    fn corners(&self, from: DVec2, to: DVec2) -> Vec<DVec2> {
        let (start_axis, start) = self.onto_arterial(from);
        let (end_axis, end) = self.onto_arterial(to);
        if start_axis == end_axis
            && ((start_axis == Axis::X && start.y == end.y)
                || (start_axis == Axis::Z
                    && start.x == end.x
                    && self.crosses_all(self.nearest_arterial(Axis::Z, end.x).0, start.y, end.y)))
        {
            return vec![start, end];
        }
        // Onto rows at both ends, and between the rows along a column with all the bridges.
        let row_beside = |axis: Axis, place: DVec2, other: DVec2| match axis {
            Axis::X => place.y,
            Axis::Z => {
                let row = arterial_near(self.seed, Axis::X, place.y);
                arterial(
                    self.seed,
                    Axis::X,
                    if other.y > place.y { row + 1 } else { row },
                )
            }
        };
        let (first, last) = (
            row_beside(start_axis, start, end),
            row_beside(end_axis, end, start),
        );
        let wanted = if end_axis == Axis::Z { end.x } else { start.x };
        let (nearest, _) = self.nearest_arterial(Axis::Z, wanted);
        let column = (0..12)
            .flat_map(|step| [nearest - step, nearest + step])
            .find(|column| self.crosses_all(*column, first, last))
            .unwrap_or(0);
        let u = arterial(self.seed, Axis::Z, column);
        vec![
            start,
            DVec2::new(start.x, first),
            DVec2::new(u, first),
            DVec2::new(u, last),
            DVec2::new(end.x, last),
            end,
        ]
    }

    /// Whether the arterial of a column crosses every river between two places.
    fn crosses_all(&self, column: i64, from_v: f64, to_v: f64) -> bool {
        let (low, high) = (from_v.min(to_v), from_v.max(to_v));
        let first = arterial_near(self.seed, Axis::X, low + 0.5);
        let last = arterial_near(self.seed, Axis::X, high - 0.5);
        (first..=last)
            .filter(|row| rivers::is_river(*row))
            .all(|row| rivers::has_bridge(self.seed, column, row))
    }

    /// Moves a stretch of centre line onto its right-hand lane.
    fn leg(&self, from: DVec2, to: DVec2) -> Leg {
        let class = if (to.x - from.x).abs() > (to.y - from.y).abs() {
            StreetClass::Arterial
        } else {
            class_of(self.nearest_arterial(Axis::Z, from.x).0)
        };
        let direction = (to - from).normalize_or_zero();
        // Right of (x, z) on the ground plane, y up.
        let right = DVec2::new(-direction.y, direction.x);
        let offset = right * f64::from(class.lane_center_m());
        Leg {
            start: from + offset,
            end: to + offset,
            direction,
        }
    }
}

/// The class of the arterial of a column.
const fn class_of(column: i64) -> StreetClass {
    if is_highway(column) {
        StreetClass::Avenue
    } else {
        StreetClass::Arterial
    }
}
