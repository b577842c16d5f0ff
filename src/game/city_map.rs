//! The streets of the city that is being streamed, kept in step with the settings, and the way of a car through it.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::SetupSet;
use super::body::yaw_towards;
use crate::city::{ArmSide, CityPlan, JunctionId, LaneGraph, LanePlace, Pose, RouteSearch};
use crate::streaming::{StreamingSet, StreamingSettings};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, read_plan.in_set(SetupSet::Map))
        .add_systems(
            Update,
            read_plan
                .run_if(resource_changed::<StreamingSettings>)
                .before(StreamingSet::Scan),
        );
}

/// A lane this near counts as the one that a car is on, metres.
const ON_LANE_M: f64 = 12.0;
/// What driving against a lane's direction counts for when the own lane is looked for, metres.
const WRONG_WAY_M: f32 = 7.0;
/// What a metre of height counts for: a deck or the street under it.
const OTHER_STOREY: f32 = 4.0;
/// Lanes farther than this from the last route are forgotten, metres.
const KEEP_LANES_M: f64 = 3_000.0;

/// The streets for the current seed.
#[derive(Resource, Deref)]
pub struct CityMap {
    #[deref]
    plan: CityPlan,
    lanes: LaneGraph,
    seed: u64,
}

/// A place on a lane, as a car is put there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneSpot {
    /// World x and z, metres.
    pub place: DVec2,
    /// The rotation about y of a car that drives there.
    pub yaw: f32,
    /// Height of the road, metres.
    pub height_m: f64,
}

/// Where a car is to drive.
#[derive(Clone, Debug, PartialEq)]
pub struct DriveRoute {
    /// Waypoints on the middles of lanes, world x and z in metres. Never empty.
    pub points: Vec<DVec2>,
    /// The lines at which lights may stop a car, in the order in which they come.
    pub lines: Vec<StopLine>,
    /// Whether they lead to the goal; else to the nearest place that was found, and from there one asks again.
    pub is_complete: bool,
}

/// Where a light stops a car.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StopLine {
    /// World x and z, metres.
    pub place: DVec2,
    /// The junction behind it.
    pub junction: JunctionId,
    /// The side from which the car comes.
    pub arm: ArmSide,
}

/// Looking for a way takes no longer than this many lanes in one fixed step: less than half a millisecond.
const LANES_PER_STEP: usize = 200;

/// A way that is being looked for.
#[derive(Clone, Debug)]
pub struct DriveSearch {
    from: DVec2,
    seed: u64,
    search: Option<RouteSearch>,
}

impl CityMap {
    /// The map of a city.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            plan: CityPlan::new(seed),
            lanes: LaneGraph::new(seed),
            seed,
        }
    }

    /// The place nearest to another on the nearest lane of a street at ground level.
    #[must_use]
    pub fn nearest_lane(&mut self, place: DVec2) -> LaneSpot {
        let on_lane = self.lanes.nearest_lane(place);
        match self.lanes.pose(on_lane) {
            Some(pose) => spot(&pose),
            // The lane is of this very graph, so there is a pose.
            None => LaneSpot {
                place,
                yaw: 0.0,
                height_m: 0.0,
            },
        }
    }

    /// The way of a car from where it stands and looks to the place on a lane that is nearest to `to`, at once.
    #[must_use]
    pub fn drive_route(&mut self, from: DVec3, forward: Vec2, to: DVec2) -> DriveRoute {
        let mut search = self.begin_drive(from, forward, to);
        loop {
            if let Some(route) = self.search_drive(&mut search, usize::MAX) {
                return route;
            }
        }
    }

    /// Begins to look for the way of a car from where it stands and looks to the place on a lane that is nearest to `to`.
    #[must_use]
    pub fn begin_drive(&mut self, from: DVec3, forward: Vec2, to: DVec2) -> DriveSearch {
        let start = self.own_lane(from, forward);
        let goal = self.lanes.nearest_lane(to);
        DriveSearch {
            from: from.xz(),
            seed: self.seed,
            search: self.lanes.begin_route(start, goal),
        }
    }

    /// Goes on looking for as long as one fixed step bears. The way once it is found; of another city, only where the car
    /// stands.
    #[must_use]
    pub fn search_in_step(&mut self, search: &mut DriveSearch) -> Option<DriveRoute> {
        self.search_drive(search, LANES_PER_STEP)
    }

    fn search_drive(&mut self, search: &mut DriveSearch, most_lanes: usize) -> Option<DriveRoute> {
        let here = DriveRoute {
            points: vec![search.from],
            lines: Vec::new(),
            is_complete: true,
        };
        let of_this_city = search.search.as_mut().filter(|_| search.seed == self.seed);
        let Some(lanes) = of_this_city else {
            return Some(here);
        };
        self.lanes.search_on(lanes, most_lanes);
        if !lanes.is_over() {
            return None;
        }
        let route = self.lanes.route_of(lanes);
        let found = route.map(|route| DriveRoute {
            points: self.lanes.waypoints(&route),
            lines: (self.lanes.lights_on(&route).into_iter())
                .map(|(place, junction, arm)| StopLine {
                    place,
                    junction,
                    arm,
                })
                .collect(),
            is_complete: route.is_complete,
        });
        self.lanes.forget_beyond(search.from, KEEP_LANES_M);
        let found = found.filter(|route| !route.points.is_empty());
        Some(found.unwrap_or(here))
    }

    /// The lane that a car is on: near, on its height, and in the direction in which it looks.
    fn own_lane(&mut self, place: DVec3, forward: Vec2) -> LanePlace {
        let mut best: Option<(f32, LanePlace)> = None;
        for (lane, _) in self.lanes.lanes_near(place.xz(), ON_LANE_M) {
            let Some(curve) = self.lanes.curve(lane) else {
                continue;
            };
            let (along_m, away_m) = curve.nearest(place.xz());
            let pose = curve.at(along_m);
            let against = 1.0 - pose.direction.dot(forward);
            let above_m = (pose.place.y - place.y).abs() as f32;
            let badness = away_m + against * WRONG_WAY_M + above_m * OTHER_STOREY;
            if best.is_none_or(|(least, _)| badness < least) {
                best = Some((badness, LanePlace { lane, along_m }));
            }
        }
        best.map_or_else(|| self.lanes.nearest_lane(place.xz()), |(_, place)| place)
    }
}

fn spot(pose: &Pose) -> LaneSpot {
    LaneSpot {
        place: DVec2::new(pose.place.x, pose.place.z),
        yaw: yaw_towards(pose.direction),
        height_m: pose.place.y,
    }
}

fn read_plan(mut commands: Commands, settings: Res<StreamingSettings>, map: Option<Res<CityMap>>) {
    if map.is_none_or(|map| map.seed != settings.seed) {
        commands.insert_resource(CityMap::new(settings.seed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_car_in_a_block_is_led_over_the_nearest_lane_on_roads_only() {
        let mut map = CityMap::new(7);
        for place in [[90.0, 70.0], [130.0, -60.0], [-345.0, 777.0]].map(DVec2::from) {
            let near = map.nearest_lane(place);
            assert!(map.is_on_road(near.place.x, near.place.y), "{near:?}");
            let goal = DVec2::new(1_000.0, 0.0);
            let from = place.extend(near.height_m).xzy();
            let route = map.drive_route(from, Vec2::NEG_Y, goal);
            assert!(route.is_complete);
            assert!(route.points[0].distance(near.place) < 12.0, "{route:?}");
            let end = route.points[route.points.len() - 1];
            assert!(end.distance(goal) < 60.0, "{end}");
            for pair in route.points.windows(2) {
                let middle = pair[0].midpoint(pair[1]);
                assert!(
                    map.is_on_road(middle.x, middle.y),
                    "{pair:?} leaves the road"
                );
            }
        }
    }

    #[test]
    fn a_car_on_a_street_starts_in_the_direction_in_which_it_looks() {
        let mut map = CityMap::new(7);
        let spot = map.nearest_lane(DVec2::new(5.0, -60.0));
        for sign in [1.0, -1.0] {
            let forward = crate::game::body::forward_of(spot.yaw) * sign;
            let from = spot.place.extend(spot.height_m).xzy();
            let route = map.drive_route(from, forward, DVec2::new(900.0, 300.0));
            let way = (route.points[1] - route.points[0]).as_vec2();
            assert!(way.normalize().dot(forward) > 0.9, "{way} {forward}");
        }
    }
}
