//! What a driver needs to see, at the lower right.

use bevy::prelude::*;

use super::body::Body;
use super::camera::FreeCamera;
use super::car::Car;
use super::control::{Control, is_in_reach};
use super::pilot::Autopilot;
use super::travel::{Travel, wait_text};
use super::walker::Walker;
use super::{DrawSet, ui};
use crate::streaming::Preloads;

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, spawn)
        .add_systems(Update, write.in_set(DrawSet::Ui));
}

/// Text changes cost layout: this often is enough to read.
const WRITE_EVERY_SECS: f32 = 0.1;

#[derive(Component)]
struct HudPanel;

#[derive(Component, Clone, Copy, PartialEq, Eq)]
enum HudLine {
    Speed,
    State,
    Hint,
}

/// What the HUD says.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
struct HudText {
    speed: String,
    state: String,
    hint: String,
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Name::new("HUD"),
        HudPanel,
        GlobalZIndex(5),
        Node {
            position_type: PositionType::Absolute,
            right: px(18),
            bottom: px(16),
            padding: UiRect::axes(px(16), px(10)),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::FlexEnd,
            row_gap: px(2),
            border_radius: BorderRadius::all(px(8)),
            ..default()
        },
        BackgroundColor(ui::PANEL.with_alpha(0.62)),
        Visibility::Hidden,
        children![
            (HudLine::Speed, ui::line("", 30.0, ui::TEXT)),
            (HudLine::State, ui::line("", 16.0, ui::DIM)),
            (HudLine::Hint, ui::line("", 16.0, ui::ACCENT)),
        ],
    ));
}

fn text_for(
    control: Control,
    free: FreeCamera,
    autopilot: &Autopilot,
    walker: &Body,
    car: &Car,
    body: &Body,
    loading: Option<String>,
) -> HudText {
    let mut said = text_of_bodies(control, free, autopilot, walker, car, body);
    if let Some(loading) = loading {
        said.hint = loading;
    }
    said
}

fn text_of_bodies(
    control: Control,
    free: FreeCamera,
    autopilot: &Autopilot,
    walker: &Body,
    car: &Car,
    body: &Body,
) -> HudText {
    if free.is_on && free.is_posed {
        return HudText::default();
    }
    if free.is_on {
        return HudText {
            state: "free camera".to_owned(),
            hint: "F6: back".to_owned(),
            ..default()
        };
    }
    let hint = match control {
        Control::OnFoot if is_in_reach(walker, body) => "F: get in",
        Control::InCar if car.motion.velocity.length() < 1.0 => "F: get out",
        _ => "",
    }
    .to_owned();
    if control == Control::OnFoot {
        return HudText { hint, ..default() };
    }
    let forward = car.motion.forward_speed();
    let gear = match forward {
        speed if speed < -0.3 => "R",
        speed if speed > 0.3 => "D",
        _ => "N",
    };
    let mut state = gear.to_owned();
    if car.input.handbrake {
        state.push_str("  handbrake");
    }
    if !matches!(autopilot, Autopilot::Off) {
        state.push_str("  autopilot");
    }
    HudText {
        speed: format!("{:>3.0} km/h", body.velocity.xz().length() * 3.6),
        state,
        hint,
    }
}

fn write(
    time: Res<Time<Real>>,
    control: Res<Control>,
    free: Res<FreeCamera>,
    autopilot: Res<Autopilot>,
    travel: Res<Travel>,
    preloads: Res<Preloads>,
    walkers: Query<&Body, (With<Walker>, Without<Car>)>,
    cars: Query<(&Car, &Body)>,
    mut panels: Query<&mut Visibility, With<HudPanel>>,
    mut lines: Query<(&HudLine, &mut Text, &mut Node)>,
    mut wait_secs: Local<f32>,
) {
    *wait_secs -= time.delta_secs();
    let (Ok(walker), Ok((car, body))) = (walkers.single(), cars.single()) else {
        return;
    };
    if *wait_secs > 0.0 {
        return;
    }
    *wait_secs = WRITE_EVERY_SECS;
    let waits_for = travel.ticket().and_then(|ticket| preloads.status(ticket));
    let loading = waits_for.as_ref().map(wait_text);
    let said = text_for(*control, *free, &autopilot, walker, car, body, loading);
    let visible = if said == HudText::default() {
        Visibility::Hidden
    } else {
        Visibility::Visible
    };
    for mut panel in &mut panels {
        panel.set_if_neq(visible);
    }
    for (line, mut text, mut node) in &mut lines {
        let wanted = match line {
            HudLine::Speed => &said.speed,
            HudLine::State => &said.state,
            HudLine::Hint => &said.hint,
        };
        if text.0 == *wanted {
            continue;
        }
        text.0.clone_from(wanted);
        let display = if wanted.is_empty() {
            Display::None
        } else {
            Display::DEFAULT
        };
        if node.display != display {
            node.display = display;
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::DVec3;

    use super::*;

    fn said(control: Control, car: &Car, distance_m: f64) -> HudText {
        let walker = Body::waiting_at(DVec3::X * distance_m, 0.0);
        let mut body = Body::waiting_at(DVec3::ZERO, 0.0);
        body.velocity = Vec3::new(car.motion.velocity.x, 0.0, car.motion.velocity.y);
        text_for(
            control,
            FreeCamera::default(),
            &Autopilot::Off,
            &walker,
            car,
            &body,
            None,
        )
    }

    #[test]
    fn the_hint_to_get_in_is_shown_only_beside_the_car() {
        let car = Car::default();
        assert_eq!(said(Control::OnFoot, &car, 2.0).hint, "F: get in");
        assert_eq!(said(Control::OnFoot, &car, 20.0), HudText::default());
    }

    #[test]
    fn the_driver_sees_speed_and_gear() {
        let mut car = Car::default();
        car.motion.velocity = Vec2::new(0.0, -20.0);
        let text = said(Control::InCar, &car, 0.0);
        assert_eq!((text.speed.trim(), text.state.as_str()), ("72 km/h", "D"));
        car.motion.velocity = Vec2::new(0.0, 3.0);
        car.input.handbrake = true;
        assert_eq!(said(Control::InCar, &car, 0.0).state, "R  handbrake");
    }
}
