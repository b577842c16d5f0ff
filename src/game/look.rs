//! Where the player looks: the mouse turns it, getting in and out resets it.

use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::GameSet;
use super::body::yaw_from_heading;
use super::control::Control;
use super::keys::game_has_mouse;
use super::pause::PauseMenu;
use crate::modes::ControlMode;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Look>()
        .init_resource::<MouseSettings>()
        .add_systems(RunFixedMainLoop, turn_by_mouse.in_set(GameSet::Look));
}

/// How far the mouse turns the view; the hardware's counts differ, so it is a setting.
#[derive(Resource, Clone, Copy, Debug, Reflect)]
#[reflect(Resource)]
pub struct MouseSettings {
    /// Radians per count, sideways and up.
    pub radians_per_count: Vec2,
}

impl Default for MouseSettings {
    fn default() -> Self {
        Self {
            radians_per_count: Vec2::new(0.0025, 0.002),
        }
    }
}

/// Steepest look up or down in radians.
const PITCH_MAX: f32 = 1.45;
/// A still mouse for this long lets the view swing back behind a driving car.
const RECENTRE_AFTER_SECS: f32 = 1.5;

/// The direction of view.
#[derive(Resource, Clone, Copy, Debug, Reflect)]
#[reflect(Resource)]
pub struct Look {
    /// On foot and in the free camera: rotation about y in radians.
    pub yaw: f32,
    /// In the car: rotation about y relative to the car, radians.
    pub orbit_yaw: f32,
    /// Up is positive, radians.
    pub pitch: f32,
    /// Set by a script: the view does not swing back by itself.
    pub is_pinned: bool,
    idle_secs: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            yaw: 0.0,
            orbit_yaw: 0.0,
            pitch: -0.12,
            is_pinned: false,
            idle_secs: RECENTRE_AFTER_SECS,
        }
    }
}

impl Look {
    /// Looks over the nose of the car.
    pub fn face_ahead(&mut self) {
        self.orbit_yaw = 0.0;
        self.pitch = Self::default().pitch;
        self.is_pinned = false;
    }

    /// Looks along a rotation about y in radians.
    pub fn face(&mut self, yaw: f32) {
        self.yaw = yaw;
        self.face_ahead();
    }

    /// Looks where a script says: compass heading on foot, clockwise from the nose in the car; degrees. Stays until the mouse moves.
    pub fn pin(&mut self, yaw_deg: f64, pitch_deg: f64, control: Control) {
        match control {
            Control::OnFoot => self.yaw = yaw_from_heading(yaw_deg),
            Control::InCar => self.orbit_yaw = yaw_from_heading(yaw_deg),
        }
        self.pitch = (pitch_deg.to_radians() as f32).clamp(-PITCH_MAX, PITCH_MAX);
        self.is_pinned = true;
    }

    fn turn(&mut self, by: Vec2, on_orbit: bool) {
        let yaw = if on_orbit {
            &mut self.orbit_yaw
        } else {
            &mut self.yaw
        };
        *yaw = (*yaw - by.x + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU)
            - std::f32::consts::PI;
        self.pitch = (self.pitch - by.y).clamp(-PITCH_MAX, PITCH_MAX);
        self.is_pinned = false;
        self.idle_secs = 0.0;
    }

    /// Lets the view swing back behind a car that drives, once the mouse has been still for a while.
    pub fn recentre(&mut self, speed_mps: f32, dt: f32) {
        self.idle_secs += dt;
        if !self.is_pinned && self.idle_secs > RECENTRE_AFTER_SECS && speed_mps > 2.0 {
            let kept = (-2.5 * dt).exp();
            self.orbit_yaw *= kept;
            let rest = Self::default().pitch;
            self.pitch = rest + (self.pitch - rest) * kept;
        }
    }
}

fn turn_by_mouse(
    motion: Res<AccumulatedMouseMotion>,
    settings: Res<MouseSettings>,
    mode: Res<State<ControlMode>>,
    menu: Res<PauseMenu>,
    control: Res<Control>,
    free_camera: Res<super::camera::FreeCamera>,
    window: Query<&Window, With<PrimaryWindow>>,
    mut look: ResMut<Look>,
) {
    let Ok(window) = window.single() else {
        return;
    };
    if motion.delta == Vec2::ZERO || !game_has_mouse(*mode.get(), menu.is_open, window.focused) {
        return;
    }
    let on_orbit = *control == Control::InCar && !free_camera.is_on;
    look.turn(motion.delta * settings.radians_per_count, on_orbit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_swings_back_only_after_the_mouse_rests_and_never_when_pinned() {
        let mut look = Look::default();
        look.turn(Vec2::new(1.0, 0.0), true);
        look.recentre(20.0, 0.5);
        assert_eq!(look.orbit_yaw, -1.0);
        for _ in 0..200 {
            look.recentre(20.0, 0.05);
        }
        assert!(look.orbit_yaw.abs() < 0.01);
        look.pin(90.0, 10.0, Control::InCar);
        look.recentre(20.0, 10.0);
        assert!((look.orbit_yaw + std::f32::consts::FRAC_PI_2).abs() < 1e-5);
    }

    #[test]
    fn the_view_never_turns_over_the_top() {
        let mut look = Look::default();
        look.turn(Vec2::new(0.0, -100.0), false);
        assert_eq!(look.pitch, PITCH_MAX);
    }
}
