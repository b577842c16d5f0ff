//! The time of day: a clock that runs, stands still, and can be set.

use bevy::prelude::*;

use super::GameSet;
use super::keys::{Action, Actions};
use super::pause::PauseMenu;
use super::script::GameRequest;
use crate::modes::Toast;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Daylight>()
        .add_systems(PreUpdate, press.in_set(GameSet::Act))
        .add_systems(RunFixedMainLoop, serve.in_set(GameSet::Requests))
        .add_systems(Update, pass);
}

/// True seconds of a whole day while time runs.
const DAY_SECS: f64 = 24.0 * 60.0;
/// When the game begins, hours.
const FIRST_HOUR: f64 = 10.0;

/// The time of day.
#[derive(Resource, Copy, Clone, Debug, PartialEq, Reflect)]
#[reflect(Resource)]
pub struct Daylight {
    elapsed_hours: f64,
    /// Whether time goes on.
    pub runs: bool,
}

impl Default for Daylight {
    fn default() -> Self {
        Self {
            elapsed_hours: FIRST_HOUR,
            runs: true,
        }
    }
}

impl Daylight {
    /// Hours since midnight, 0 to 24.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.elapsed_hours.rem_euclid(24.0)
    }

    /// Hours since the first midnight.
    #[must_use]
    pub const fn elapsed_hours(&self) -> f64 {
        self.elapsed_hours
    }

    /// Makes it that hour of the present day; hours beyond 24 wrap.
    pub fn set_hours(&mut self, hours: f64) {
        self.elapsed_hours = (self.elapsed_hours / 24.0).floor() * 24.0 + hours.rem_euclid(24.0);
    }

    fn clock_text(&self) -> String {
        let minutes = (self.hours() * 60.0) as u32;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

fn pass(time: Res<Time>, mut daylight: ResMut<Daylight>) {
    if daylight.runs {
        daylight.elapsed_hours += time.delta_secs_f64() * 24.0 / DAY_SECS;
    }
}

fn press(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    mut daylight: ResMut<Daylight>,
    mut toasts: MessageWriter<Toast>,
) {
    if menu.is_open {
        return;
    }
    if actions.started(Action::LaterHour) {
        daylight.elapsed_hours = (daylight.elapsed_hours + 1.0).floor();
        toasts.write(Toast::new(format!("time: {}", daylight.clock_text())));
    }
    if actions.started(Action::HoldTime) {
        daylight.runs = !daylight.runs;
        let state = if daylight.runs {
            "runs"
        } else {
            "stands still"
        };
        toasts.write(Toast::new(format!(
            "time {state} at {}",
            daylight.clock_text()
        )));
    }
}

fn serve(mut requests: MessageReader<GameRequest>, mut daylight: ResMut<Daylight>) {
    for request in requests.read() {
        if let GameRequest::SetTime { hours, runs } = *request
            && hours.is_finite()
        {
            daylight.set_hours(hours);
            daylight.runs = runs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_an_hour_keeps_the_day() {
        let mut daylight = Daylight {
            elapsed_hours: 49.0,
            runs: true,
        };
        daylight.set_hours(18.5);
        assert_eq!((daylight.elapsed_hours, daylight.hours()), (66.5, 18.5));
        assert_eq!(daylight.clock_text(), "18:30");
    }
}
