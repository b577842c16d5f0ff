//! Nobody stands about without a reason: at corners, before each other, in front of cars that wait.

use std::collections::BTreeMap;

use super::*;

/// Somebody who stays so near to a place stands, metres.
const STANDS_M: f64 = 0.6;

/// Since when somebody stands, and without a reason for it.
#[derive(Clone, Copy, Debug)]
struct Standing {
    place: DVec2,
    secs: f32,
    idle_secs: f32,
}

#[test]
fn nobody_stands_still_for_long_without_a_reason() {
    for (x, z) in [(0.0, 0.0), (420.0, -260.0), (-600.0, 350.0)] {
        let mut app = game();
        load_around(&mut app, x, z, 2);
        ask(
            &mut app,
            crate::game::script::GameRequest::Teleport {
                x,
                z,
                heading_deg: None,
                after_preload: false,
            },
        );
        run(&mut app, 2.0);
        let mut standing: BTreeMap<Entity, Standing> = BTreeMap::new();
        let (mut idle_secs, mut any_secs, mut who) = (0.0_f32, 0.0_f32, String::new());
        for _ in 0..8 * 180 {
            run(&mut app, 0.125);
            let mut query = app.world_mut().query::<(Entity, &Person, &Mover)>();
            for (entity, person, mover) in query.iter(app.world()) {
                let now = Standing {
                    place: mover.place,
                    secs: 0.0,
                    idle_secs: 0.0,
                };
                let stand = standing.entry(entity).or_insert(now);
                if stand.place.distance(mover.place) > STANDS_M {
                    *stand = now;
                    continue;
                }
                stand.secs += 0.125;
                let goes = matches!(person.mind(), Mind::Walking | Mind::Crossing);
                stand.idle_secs = if goes { stand.idle_secs + 0.125 } else { 0.0 };
                any_secs = any_secs.max(stand.secs);
                if stand.idle_secs > idle_secs {
                    (idle_secs, who) = (stand.idle_secs, format!("{person:?}"));
                }
            }
        }
        println!(
            "{x} {z}: of {} people nobody stood longer than {idle_secs} s without a reason, {any_secs} s with one",
            standing.len()
        );
        assert!(standing.len() > 150);
        // Round somebody, or back from a wall.
        assert!(idle_secs < 8.0, "{idle_secs} s: {who}");
        // Lights are waited for for 75 seconds at most.
        assert!(any_secs < 95.0, "{any_secs} s");
    }
}
