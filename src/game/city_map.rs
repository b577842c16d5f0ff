//! The street plan of the city that is being streamed, kept in step with the settings, and the way of a car through it.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::SetupSet;
use super::body::yaw_towards;
use crate::city::{Axis, CityPlan};
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
        let border = |at: f64| (at / self.chunk_size_m).round() * self.chunk_size_m;
        let to_main = (place.x - border(place.x))
            .abs()
            .min((place.y - border(place.y)).abs());
        if to_main < ON_MAIN_STREET_M {
            return None;
        }
        let nearest_line = |axis: Axis, at: f64| {
            self.plan
                .street_lines(axis, at, self.chunk_size_m)
                .into_iter()
                .map(|street| street.center_in_world)
                .min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()))
        };
        let x = nearest_line(Axis::Z, place.x)?;
        let z = nearest_line(Axis::X, place.y)?;
        let street = if (x - place.x).abs() <= (z - place.y).abs() {
            SideStreet {
                nearest: DVec2::new(x, place.y),
                meets_main_at: DVec2::new(x, border(place.y)),
            }
        } else {
            SideStreet {
                nearest: DVec2::new(place.x, z),
                meets_main_at: DVec2::new(border(place.x), z),
            }
        };
        Some(street)
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
    fn a_car_in_a_block_takes_the_nearest_street_to_a_main_one() {
        let map = CityMap::new(7, 200.0);
        assert_eq!(map.side_street(DVec2::new(3.0, 90.0)), None);
        for place in [[90.0, 70.0], [130.0, -60.0], [-345.0, 777.0]].map(DVec2::from) {
            let street = map.side_street(place).unwrap();
            assert!(
                map.is_on_road(street.nearest.x, street.nearest.y),
                "{street:?}"
            );
            let on_border = |at: f64| (at / 200.0 - (at / 200.0).round()).abs() < 1e-9;
            let end = street.meets_main_at;
            assert!(on_border(end.x) || on_border(end.y), "{street:?}");
            let route = map.drive_route(place, DVec2::new(1_000.0, 0.0));
            assert_eq!(route[0], street.nearest);
            for pair in route.windows(2) {
                let middle = pair[0].midpoint(pair[1]);
                assert!(
                    map.is_on_road(middle.x, middle.y),
                    "{pair:?} leaves the road"
                );
            }
        }
    }
}
