//! What streaming follows.

use super::*;

#[test]
fn exactly_one_focus_is_at_the_controlled_body_in_every_frame() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 0.5);
    let car = body::<Car>(&mut app).position;
    ask(
        &mut app,
        GameRequest::Teleport {
            x: car.x + 2.5,
            z: car.z,
            heading_deg: None,
            after_preload: false,
        },
    );
    run(&mut app, 0.3);
    let mut switches = 0;
    for frame in 0..400 {
        match frame {
            20 | 200 => tap(&mut app, KeyCode::KeyF),
            40 => press(&mut app, KeyCode::KeyW),
            120 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::KeyW),
            130 => press(&mut app, KeyCode::KeyS),
            145 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::KeyS),
            150 => press(&mut app, KeyCode::Space),
            190 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::Space),
            _ => app.update(),
        }
        let control = *app.world().resource::<Control>();
        let controlled = match control {
            Control::OnFoot => body::<Walker>(&mut app),
            Control::InCar => body::<Car>(&mut app),
        };
        let focuses = focus_places(&mut app);
        assert_eq!(focuses.len(), 1, "frame {frame}");
        let lag = focuses[0].distance(controlled.position);
        assert!(lag < 0.8, "frame {frame}: {lag} m away as {control:?}");
        if frame == 60 {
            assert_eq!(control, Control::InCar, "F gets in");
            switches += 1;
        }
        if frame == 399 {
            assert_eq!(control, Control::OnFoot, "F gets out");
            switches += 1;
        }
    }
    assert_eq!(switches, 2);
    let (walker, car) = (body::<Walker>(&mut app), body::<Car>(&mut app));
    let apart = walker.position.xz().distance(car.position.xz());
    assert!((1.0..6.0).contains(&apart), "{apart} m beside the car");
}

#[test]
fn the_focus_can_be_dropped_restored_and_joined_by_others() {
    let mut app = game();
    assert_eq!(focus_places(&mut app).len(), 1);
    ask(&mut app, GameRequest::DropFocus);
    app.update();
    assert!(focus_places(&mut app).is_empty());
    ask(&mut app, GameRequest::RestoreFocus);
    ask(&mut app, GameRequest::RestoreFocus);
    app.update();
    assert_eq!(focus_places(&mut app).len(), 1);
    ask(
        &mut app,
        GameRequest::AddFocus {
            name: "a".into(),
            x: 5000.0,
            z: -100.0,
            purpose: FocusPurpose::See,
        },
    );
    app.update();
    assert!(focus_places(&mut app).contains(&DVec3::new(5000.0, 0.0, -100.0)));
    ask(&mut app, GameRequest::RemoveFocus { name: "a".into() });
    app.update();
    let mut mains = app.world_mut().query_filtered::<(), With<MainFocus>>();
    assert_eq!(
        (
            focus_places(&mut app).len(),
            mains.iter(app.world()).count()
        ),
        (1, 1)
    );
}
