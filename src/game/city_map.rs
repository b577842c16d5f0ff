//! The street plan of the city that is being streamed, kept in step with the settings, and the way of a car through it.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::SetupSet;
use super::body::yaw_towards;
use crate::city::CityPlan;
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

/// Nearer than this to the middle of a main street a car simply joins it, metres.
const ON_MAIN_STREET_M: f64 = 14.0;
/// The way along a side street ends this far before the main street, so that the bend has room, metres.
const BEND_ROOM_M: f64 = 8.0;

/// The street plan for the current seed and chunk size.
#[derive(Resource, Deref)]
pub struct CityMap {
    #[deref]
    plan: CityPlan,
    seed: u64,
    chunk_size_m: f64,
}

/// The way from a place off the main streets: the nearest point of any street, and where that street meets a main one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SideStreet {
    /// Nearest point of the street's middle, world x and z in metres.
    pub nearest: DVec2,
    /// Where it meets the nearest main street.
    pub meets_main_at: DVec2,
}

impl SideStreet {
    /// The rotation about y of a car on its way to the main street.
    #[must_use]
    pub fn yaw(&self) -> f32 {
        yaw_towards((self.meets_main_at - self.nearest).as_vec2())
    }
}

impl CityMap {
    /// The map of a city.
    #[must_use]
    pub fn new(seed: u64, chunk_size_m: f64) -> Self {
        Self {
            plan: CityPlan::new(seed, chunk_size_m),
            seed,
            chunk_size_m,
        }
    }

    /// The nearest street of any kind; nothing for a place on or beside a main street.
    #[must_use]
    pub fn side_street(&self, place: DVec2) -> Option<SideStreet> {
        let route = self.plan.route(place, place);
        let nearest = *route.first()?;
        (nearest.distance(place) > ON_MAIN_STREET_M).then_some(SideStreet {
            nearest: place,
            meets_main_at: nearest,
        })
    }

    /// Waypoints for a car: by the nearest side street to a main street if need be, then along main streets to the place
    /// nearest to `to` that lies on one. World x and z, metres.
    #[must_use]
    pub fn drive_route(&self, from: DVec2, to: DVec2) -> Vec<DVec2> {
        let Some(street) = self.side_street(from) else {
            return self.plan.route(from, to);
        };
        let way = street.meets_main_at - street.nearest;
        let length = way.length().max(0.01);
        let bend = street.nearest + way * (1.0 - BEND_ROOM_M / length).max(0.0);
        let mut route = vec![street.nearest, bend];
        route.extend(self.plan.route(street.meets_main_at, to));
        route
    }
}

fn read_plan(mut commands: Commands, settings: Res<StreamingSettings>, map: Option<Res<CityMap>>) {
    let (seed, chunk_size_m) = (settings.seed, settings.chunk_size_m);
    if map.is_some_and(|map| map.seed == seed && map.chunk_size_m == chunk_size_m) {
        return;
    }
    commands.insert_resource(CityMap::new(seed, chunk_size_m));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_car_off_the_main_streets_drives_to_one_and_stays_on_roads() {
        let map = CityMap::new(7, 200.0);
        let route = map.drive_route(DVec2::new(3.0, 90.0), DVec2::new(1_000.0, 0.0));
        assert!(route.len() > 10);
        for point in &route[3..] {
            assert!(map.is_on_road(point.x, point.y), "{point} is off the road");
        }
    }
}
