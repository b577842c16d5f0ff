//! Streets as gameplay sees them: where they are, how to drive from here to there, where to begin.

use bevy::math::{DVec2, Vec2, Vec3};

use super::area::Axis;
use super::plan::streets::{
    KERB_HEIGHT_M, StreetClass, StreetGrid, StreetLine, Surface, border_class, lines_across,
};
use super::waypoints::{self, Leg};

/// The streets of the whole city as pure functions of (seed, chunk size). World coordinates, metres, (x, z).
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CityPlan {
    seed: u64,
    chunk_size_m: f64,
}

/// One street: a straight line without end.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Street {
    /// The direction in which it runs.
    pub axis: Axis,
    /// Where its centre line is on the other axis, metres in the world.
    pub center_in_world: f64,
    /// What kind of street it is.
    pub class: StreetClass,
}

impl Street {
    /// Width of the carriageway from kerb to kerb, metres.
    pub const fn width_m(&self) -> f64 {
        self.class.carriageway_m() as f64
    }

    /// Distance from the centre line to the middle of the driving lane, metres.
    pub const fn lane_center_m(&self) -> f64 {
        self.class.lane_center_m() as f64
    }
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
    /// The city of a seed for a chunk size, the same two values that its chunks are requested with.
    pub const fn new(seed: u64, chunk_size_m: f64) -> Self {
        Self { seed, chunk_size_m }
    }

    /// The streets along one axis whose centre lines lie within `radius_m` of a coordinate on the other axis, ascending.
    ///
    /// Streets along z are asked for by x, streets along x by z. The cost grows with the radius.
    pub fn street_lines(&self, axis: Axis, around_in_world: f64, radius_m: f64) -> Vec<Street> {
        let (low, high) = (around_in_world - radius_m, around_in_world + radius_m);
        let mut streets = Vec::new();
        for index in self.index_of(low)..=self.index_of(high) {
            let lines = lines_across(self.seed, axis, index, self.chunk_size_m);
            // The last line of a chunk is the first of the next.
            for StreetLine { center, class } in &lines[..lines.len() - 1] {
                let center_in_world = index as f64 * self.chunk_size_m + f64::from(*center);
                if (low..=high).contains(&center_in_world) {
                    streets.push(Street {
                        axis,
                        center_in_world,
                        class: *class,
                    });
                }
            }
        }
        streets
    }

    /// The nearest crossing of two streets that are not alleys.
    pub fn nearest_junction(&self, x: f64, z: f64) -> Junction {
        let (along_z, along_x) = (
            self.nearest_street(Axis::Z, x),
            self.nearest_street(Axis::X, z),
        );
        Junction {
            position_in_world: DVec2::new(along_z.center_in_world, along_x.center_in_world),
            along_z: along_z.class,
            along_x: along_x.class,
        }
    }

    /// True if the ground at a place is road rather than pavement or block.
    pub fn is_on_road(&self, x: f64, z: f64) -> bool {
        let (column, row) = (self.index_of(x), self.index_of(z));
        let offset = Vec2::new(
            (x - column as f64 * self.chunk_size_m) as f32,
            (z - row as f64 * self.chunk_size_m) as f32,
        );
        StreetGrid::between(self.seed, column, row, self.chunk_size_m).surface_at(offset)
            == Surface::Road
    }

    /// A drivable way along main streets: waypoints on the middle of right-hand lanes, from the street nearest to
    /// `from` to the place nearest to `to` that lies on a main street. Never empty.
    ///
    /// Main streets are those on chunk borders. The way turns at most twice; the cost grows with its length.
    pub fn route(&self, from: DVec2, to: DVec2) -> Vec<DVec2> {
        let corners = self.corners(from, to);
        let legs: Vec<Leg> = corners
            .windows(2)
            .filter(|pair| pair[0].distance_squared(pair[1]) > 1.0)
            .map(|pair| self.leg(pair[0], pair[1]))
            .collect();
        if legs.is_empty() {
            return vec![corners[corners.len() - 1]];
        }
        waypoints::along(&legs)
    }

    /// A pavement beside the arterial road through the world's origin, and a kerb space for a car beside it.
    pub fn spawn_point(&self) -> SpawnPoint {
        let road = Street {
            axis: Axis::Z,
            center_in_world: 0.0,
            class: border_class(0, self.chunk_size_m),
        };
        let rows = lines_across(self.seed, Axis::X, 0, self.chunk_size_m);
        let z = (rows[0].center + rows[0].half_road() + rows[1].center - rows[1].half_road()) / 2.0;
        let kerb_x = road.class.carriageway_m() / 2.0;
        // Behind the row of trees and lamps on wide pavements, in the middle of narrow ones.
        let person_x = kerb_x + (road.class.pavement_m() * 0.5);
        let car_x = if road.class == StreetClass::Alley {
            road.class.lane_center_m()
        } else {
            kerb_x - 1.3
        };
        SpawnPoint {
            person_in_world: Vec3::new(person_x, KERB_HEIGHT_M, z),
            heading_rad: 0.0,
            car_in_world: Vec3::new(car_x, 0.0, z - 5.0),
            car_heading_rad: 0.0,
        }
    }

    fn index_of(&self, at: f64) -> i64 {
        (at / self.chunk_size_m).floor() as i64
    }

    /// The nearest street along an axis that is not an alley; where there are only alleys, the nearest alley.
    fn nearest_street(&self, axis: Axis, at: f64) -> Street {
        // Border streets are one chunk apart, so this radius always holds one.
        let streets = self.street_lines(axis, at, self.chunk_size_m);
        let nearest = |streets: &mut dyn Iterator<Item = &Street>| {
            streets
                .min_by(|a, b| {
                    (a.center_in_world - at)
                        .abs()
                        .total_cmp(&(b.center_in_world - at).abs())
                })
                .copied()
        };
        nearest(
            &mut streets
                .iter()
                .filter(|street| street.class != StreetClass::Alley),
        )
        .or_else(|| nearest(&mut streets.iter()))
        .unwrap_or_else(|| self.main_street(axis, at))
    }

    /// The nearest street on a chunk border.
    fn main_street(&self, axis: Axis, at: f64) -> Street {
        let index = (at / self.chunk_size_m).round();
        let class = border_class(index as i64, self.chunk_size_m);
        Street {
            axis,
            center_in_world: index * self.chunk_size_m,
            class,
        }
    }

    /// The corners of a way over centre lines of main streets, ends included.
    fn corners(&self, from: DVec2, to: DVec2) -> Vec<DVec2> {
        let (start_axis, start) = self.onto_main_street(from);
        let (end_axis, end) = self.onto_main_street(to);
        match (start_axis, end_axis) {
            (Axis::Z, Axis::X) => vec![start, DVec2::new(start.x, end.y), end],
            (Axis::X, Axis::Z) => vec![start, DVec2::new(end.x, start.y), end],
            (Axis::Z, Axis::Z) if start.x == end.x => vec![start, end],
            (Axis::X, Axis::X) if start.y == end.y => vec![start, end],
            (Axis::Z, Axis::Z) => {
                let cross = self.main_street(Axis::X, end.y).center_in_world;
                vec![
                    start,
                    DVec2::new(start.x, cross),
                    DVec2::new(end.x, cross),
                    end,
                ]
            }
            (Axis::X, Axis::X) => {
                let cross = self.main_street(Axis::Z, end.x).center_in_world;
                vec![
                    start,
                    DVec2::new(cross, start.y),
                    DVec2::new(cross, end.y),
                    end,
                ]
            }
        }
    }

    /// The nearest point on the centre line of a main street, and the axis of that street.
    fn onto_main_street(&self, point: DVec2) -> (Axis, DVec2) {
        let x = self.main_street(Axis::Z, point.x).center_in_world;
        let z = self.main_street(Axis::X, point.y).center_in_world;
        if (point.x - x).abs() <= (point.y - z).abs() {
            (Axis::Z, DVec2::new(x, point.y))
        } else {
            (Axis::X, DVec2::new(point.x, z))
        }
    }

    /// Moves a stretch of centre line onto its right-hand lane.
    fn leg(&self, from: DVec2, to: DVec2) -> Leg {
        let along_x = (to.x - from.x).abs() > (to.y - from.y).abs();
        let street = if along_x {
            self.main_street(Axis::X, from.y)
        } else {
            self.main_street(Axis::Z, from.x)
        };
        let direction = (to - from).normalize_or_zero();
        // Right of (x, z) on the ground plane, y up.
        let right = DVec2::new(-direction.y, direction.x);
        let offset = right * street.lane_center_m();
        Leg {
            start: from + offset,
            end: to + offset,
            direction,
        }
    }
}
