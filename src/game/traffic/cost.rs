//! What the traffic costs, beside bare updates of as many transforms.

use std::time::{Duration, Instant};

use bevy::math::{DVec3, Vec2};
use bevy::prelude::*;

use super::*;

/// One core of a frame at 60 a second; vehicles may have a twentieth, people the other.
const FRAME: Duration = Duration::from_micros(16_667);

#[test]
fn two_hundred_vehicles_cost_at_most_a_twentieth_of_a_frame_on_one_core() {
    let mut sim = TrafficSim::new(7);
    // Twenty people on the streets, and a car that stands.
    let obstacles: Vec<Obstacle> = (0..21)
        .map(|number| Obstacle {
            place: DVec3::new(f64::from(number) * 17.0 - 180.0, 12.0, 30.0),
            forward: Vec2::X,
            half_length_m: 0.0,
            radius_m: 0.3,
            velocity: Vec2::Y * 1.2,
        })
        .collect();
    let surroundings = Surroundings {
        eye: Some(Eye {
            place: DVec3::new(0.0, 12.0, 0.0),
            forward: Vec2::NEG_Y,
        }),
        is_ready: &|_| true,
        obstacles: &obstacles,
        wanted: 200,
    };
    for _ in 0..32 * 20 {
        sim.step(1.0 / 32.0, &surroundings);
    }
    let mut drawn = vec![Transform::default(); 200];
    let mut times: Vec<Duration> = (0..320)
        .map(|_| {
            let start = Instant::now();
            sim.step(1.0 / 32.0, &surroundings);
            for (view, transform) in sim.vehicles().zip(&mut drawn) {
                transform.translation = view.pose.place.as_vec3();
                transform.rotation = Quat::from_rotation_y(view.pose.forward.to_angle());
            }
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    // A step serves two frames.
    let (median, worst) = (times[160] / 2, times[310] / 2);
    let mut bare = vec![Transform::default(); 400];
    let mut turn = 0.0_f32;
    let bare = (0..200)
        .map(|_| {
            let start = Instant::now();
            turn += 0.01;
            for (number, transform) in bare.iter_mut().enumerate() {
                transform.translation += Vec3::new(0.02, 0.0, number as f32 * 1e-4);
                transform.rotation = Quat::from_rotation_y(turn + number as f32);
            }
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    println!(
        "{} vehicles {median:?} a frame (97 of 100 below {worst:?}), 400 bare transforms {bare:?}",
        sim.vehicles().len()
    );
    assert!(sim.vehicles().len() > 180);
    assert!(median < FRAME / 20, "{median:?} for 200 vehicles");
}
