//! The walker: ground, kerbs, walls, jumps.

use super::*;

#[test]
fn nobody_falls_while_the_ground_is_not_loaded_yet() {
    let mut app = game();
    let start = body::<Walker>(&mut app).position;
    run(&mut app, 2.0);
    assert_eq!(body::<Walker>(&mut app).position, start);
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let (walker, car) = (body::<Walker>(&mut app), body::<Car>(&mut app));
    assert!(!walker.awaits_ground && !car.awaits_ground);
    assert!(walker.position.distance(start) < 3.0, "{}", walker.position);
    // The chunk goes again: the walker stays at its height.
    app.world_mut()
        .resource_mut::<CollisionIndex>()
        .remove(ChunkCoord::containing_ground(walker.position.xz(), SIZE_M));
    run(&mut app, 2.0);
    assert!((body::<Walker>(&mut app).position.y - walker.position.y).abs() < 0.01);
}

#[test]
fn the_walker_steps_up_the_kerb_and_stops_at_a_wall() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    // From the middle of the arterial road to the east: road, kerb, pavement, sooner or later a wall.
    let v = CityRelief::new(SEED)
        .in_plan(body::<Walker>(&mut app).position.xz())
        .y;
    let (road, beside) = (bent(2.0, v), bent(12.0, v));
    teleport_to(&mut app, road, heading(road, beside));
    run(&mut app, 0.2);
    let start = body::<Walker>(&mut app).position;
    let land = CityRelief::new(SEED).height_at(road);
    assert!((start.y - land).abs() < 0.01, "starts on the road");
    press(&mut app, KeyCode::KeyW);
    let mut boxes = Vec::new();
    let mut before = body::<Walker>(&mut app).position;
    for _ in 0..64 * 20 {
        app.update();
        let position = body::<Walker>(&mut app).position;
        assert!(
            (position.y - before.y).abs() < 0.06,
            "a jerk from {before} to {position}"
        );
        app.world()
            .resource::<CollisionIndex>()
            .boxes_near(position.xz(), 1.0, &mut boxes);
        for solid in &boxes {
            let depth = solid.push_out(position.xz(), walker::RADIUS_M - 0.02);
            let in_the_way =
                solid.blocks(position.y + 0.45, position.y + f64::from(walker::HEIGHT_M));
            assert!(
                !in_the_way || depth.is_none(),
                "{position} inside {solid:?}"
            );
        }
        before = position;
    }
    let land = CityRelief::new(SEED).height_at(before.xz());
    assert!(
        (before.y - land - 0.15).abs() < 0.3,
        "on the pavement or a doorstep: {before}"
    );
    let way = start.xz().distance(before.xz());
    assert!(
        way > 6.0 && way < 60.0,
        "crossed the kerb, stopped by something: {before}"
    );
}

#[test]
fn a_jump_goes_up_and_comes_down() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let floor = body::<Walker>(&mut app).position.y;
    tap(&mut app, KeyCode::Space);
    let mut top = floor;
    for _ in 0..96 {
        app.update();
        top = top.max(body::<Walker>(&mut app).position.y);
    }
    assert!(
        (0.7..1.5).contains(&(top - floor)),
        "jumped {} m",
        top - floor
    );
    assert!((body::<Walker>(&mut app).position.y - floor).abs() < 0.02);
}

#[test]
fn a_jump_asked_for_in_the_menu_is_not_jumped_afterwards() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let floor = body::<Walker>(&mut app).position.y;
    for key in [KeyCode::Escape, KeyCode::Space, KeyCode::Escape] {
        tap(&mut app, key);
    }
    for _ in 0..32 {
        app.update();
        assert!((body::<Walker>(&mut app).position.y - floor).abs() < 0.02);
    }
}
