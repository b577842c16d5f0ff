//! Streets as gameplay sees them: where they are and where to begin. The way from here to there is [`super::lanes`]' own.

use bevy::math::{DVec2, Vec3};

use super::area::{Area, Axis};
use super::land::Land;
use super::network::{BlockSite, Ground, Superblock, arterial, arterial_near, is_highway, rivers};
use super::plan::streets::{KERB_HEIGHT_M, StreetClass, kerb_outline};

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
    /// The city of a seed; the same for every chunk size.
    pub fn new(seed: u64) -> Self {
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
            car_in_world: place(kerb_u - PARKED_FROM_KERB_M, v - 5.0, 0.0),
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
}

/// From the kerb to the middle of the car at the start: the traffic passes beside it, metres.
const PARKED_FROM_KERB_M: f64 = 1.0;

/// The class of the arterial of a column.
const fn class_of(column: i64) -> StreetClass {
    if is_highway(column) {
        StreetClass::Avenue
    } else {
        StreetClass::Arterial
    }
}
