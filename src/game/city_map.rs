//! The streets of the city that is being streamed, kept in step with the settings, and the way of a car through it.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::SetupSet;
use super::body::yaw_towards;
use crate::city::{CityPlan, LaneGraph, LanePlace, Pose};
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
    /// Whether they lead to the goal; else to the nearest place that was found, and from there one asks again.
    pub is_complete: bool,
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

    /// The way of a car from where it stands and looks to the place on a lane that is nearest to `to`.
    #[must_use]
    pub fn drive_route(&mut self, from: DVec2, forward: Vec2, to: DVec2) -> DriveRoute {
        let start = self.own_lane(from, forward);
        let goal = self.lanes.nearest_lane(to);
        let route = self.lanes.route(start, goal);
        let points = route
            .as_ref()
            .map_or_else(Vec::new, |route| self.lanes.waypoints(route));
        self.lanes.forget_beyond(from, KEEP_LANES_M);
        match route {
            Some(route) if !points.is_empty() => DriveRoute {
                points,
                is_complete: route.is_complete,
            },
            _ => DriveRoute {
                points: vec![from],
                is_complete: true,
            },
        }
    }

    /// The lane that a car is on: near, and in the direction in which it looks.
    fn own_lane(&mut self, place: DVec2, forward: Vec2) -> LanePlace {
        let mut best: Option<(f32, LanePlace)> = None;
        for (lane, of) in self.lanes.lanes_near(place, ON_LANE_M) {
            let Some(curve) = self.lanes.curve(lane).filter(|_| of.road.is_on_ground()) else {
                continue;
            };
            let (along_m, away_m) = curve.nearest(place);
            let against = 1.0 - curve.at(along_m).direction.dot(forward);
            let badness = away_m + against * WRONG_WAY_M;
            if best.is_none_or(|(least, _)| badness < least) {
                best = Some((badness, LanePlace { lane, along_m }));
            }
        }
        best.map_or_else(|| self.lanes.nearest_lane(place), |(_, place)| place)
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
            let route = map.drive_route(place, Vec2::NEG_Y, goal);
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
            let route = map.drive_route(spot.place, forward, DVec2::new(900.0, 300.0));
            let way = (route.points[1] - route.points[0]).as_vec2();
            assert!(way.normalize().dot(forward) > 0.9, "{way} {forward}");
        }
    }
}
