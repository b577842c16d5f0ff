//! What the people cost, beside bare updates of as many transforms.

use std::time::{Duration, Instant};

use bevy::math::DVec2;
use bevy::prelude::*;

use super::*;
use crate::game::crowd::{Chance, MoverKind};

/// One core of a frame at 60 a second; people may have a twentieth, vehicles the other.
const FRAME: Duration = Duration::from_micros(16_667);

/// What a piece of work takes in half of all tries, and in 97 of 100.
fn median_and_p97(mut work: impl FnMut()) -> [Duration; 2] {
    let mut tries: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    tries.sort();
    [tries[100], tries[194]]
}

#[test]
fn two_hundred_people_cost_at_most_a_twentieth_of_a_frame_on_one_core() {
    let walks = crate::city::Walks::around(7, DVec2::ZERO, 320.0);
    let mut chance = Chance::new(1);
    let mut crowd: Vec<(Person, Mover, Transform)> = (0..200)
        .map(|_| {
            let block = &walks.blocks()[chance.below(walks.blocks().len())];
            let corner = crate::city::Corner::ALL[chance.below(4)];
            let (from, to) = (
                block.corner(corner, 0.5),
                block.corner(corner.next(crate::city::Way::Clockwise), 0.5),
            );
            let place = from.lerp(to, chance.unit());
            let person = Person::new(&walks, block, place, Chance::new(chance.roll()));
            let (at, height_m) = person.in_world(&walks);
            let mover = person.as_mover(at, height_m);
            (person, mover, Transform::default())
        })
        .collect();
    // Two hundred vehicles to look out for.
    let vehicles: Vec<Mover> = (0..200)
        .map(|_| Mover {
            kind: MoverKind::Vehicle,
            place: DVec2::new(
                f64::from(chance.between(-250.0, 250.0)),
                f64::from(chance.between(-250.0, 250.0)),
            ),
            height_m: 10.0,
            velocity: Vec2::new(8.0, 0.0),
            forward: Vec2::X,
            half_length_m: 1.3,
            radius_m: 0.9,
        })
        .collect();
    let mut movers = Movers::default();
    let [people, slow] = median_and_p97(|| {
        let all = crowd.iter().map(|(_, mover, _)| *mover);
        movers.refill(all.chain(vehicles.iter().copied()));
        for (person, mover, transform) in &mut crowd {
            let street = Street {
                walks: &walks,
                movers: &movers,
                signals: crate::city::Signals { seed: 7, secs: 0.0 },
            };
            person.step(&street, mover, 1.0 / 64.0);
            let (place, height_m) = person.in_world(&walks);
            *mover = person.as_mover(place, height_m);
            *transform = Transform {
                translation: place.extend(height_m).xzy().as_vec3(),
                rotation: person.rotation(),
                scale: Vec3::ONE,
            };
        }
    });
    let mut bare = vec![Transform::default(); 400];
    let mut turn = 0.0_f32;
    let [bare, _] = median_and_p97(|| {
        turn += 0.01;
        for (number, transform) in bare.iter_mut().enumerate() {
            transform.translation += Vec3::new(0.02, 0.0, number as f32 * 1e-4);
            transform.rotation = Quat::from_rotation_y(turn + number as f32);
        }
    });
    println!(
        "200 people {people:?} a step (97 of 100 below {slow:?}), 400 bare transforms {bare:?}"
    );
    assert!(people < FRAME / 20, "{people:?} for 200 people");
}
