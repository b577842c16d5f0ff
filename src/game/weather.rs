//! The weather: what it is, what it turns into by itself, and how wet everything is.
//!
//! ```text
//! hours since the start ── hash of every third hour ─► WeatherKind ── slowly ─► WeatherMix ─► daylight, rain, haze
//!                            (or held by key or script)
//! ```

use bevy::prelude::*;

use super::GameSet;
use super::daylight::Daylight;
use super::keys::{Action, Actions};
use super::pause::PauseMenu;
use super::script::GameRequest;
use crate::modes::Toast;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Weather>()
        .add_systems(PreUpdate, press.in_set(GameSet::Act))
        .add_systems(RunFixedMainLoop, serve.in_set(GameSet::Requests))
        .add_systems(Update, turn);
}

/// How the sky behaves.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Reflect)]
pub enum WeatherKind {
    /// Sun, or stars, and a few clouds.
    Clear,
    /// Grey from end to end.
    Overcast,
    /// Grey, and it rains.
    Rain,
    /// The haze comes near.
    Mist,
}

impl WeatherKind {
    const ALL: [Self; 4] = [Self::Clear, Self::Overcast, Self::Rain, Self::Mist];

    const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Overcast => "overcast",
            Self::Rain => "rain",
            Self::Mist => "mist",
        }
    }

    /// What it is when it has fully come; ground that rains on is wet.
    const fn mix(self) -> WeatherMix {
        let (clouds, overcast, rain, wetness, mist) = match self {
            Self::Clear => (0.34, 0.0, 0.0, 0.0, 0.0),
            Self::Overcast => (0.95, 0.85, 0.0, 0.0, 0.06),
            Self::Rain => (1.0, 1.0, 1.0, 1.0, 0.22),
            Self::Mist => (0.5, 0.45, 0.0, 0.15, 1.0),
        };
        WeatherMix {
            clouds,
            overcast,
            rain,
            wetness,
            mist,
        }
    }
}

/// How much there is of everything, each 0 to 1.
#[derive(Copy, Clone, Debug, PartialEq, Reflect)]
pub struct WeatherMix {
    /// Share of the sky with clouds in it.
    pub clouds: f32,
    /// How much of the sun they take away.
    pub overcast: f32,
    /// How many drops fall.
    pub rain: f32,
    /// How wet the ground is.
    pub wetness: f32,
    /// How near the haze comes.
    pub mist: f32,
}

/// The weather of the moment.
#[derive(Resource, Copy, Clone, Debug, PartialEq, Reflect)]
#[reflect(Resource)]
pub struct Weather {
    /// The weather that stays, if it was asked for.
    pub held: Option<WeatherKind>,
    /// What is there now.
    pub mix: WeatherMix,
}

impl Default for Weather {
    fn default() -> Self {
        Self {
            held: None,
            mix: WeatherKind::Clear.mix(),
        }
    }
}

/// Game hours between two changes, at least.
const SPELL_HOURS: f64 = 3.0;
/// Game hours in which one weather turns into another.
const TURN_HOURS: f64 = 0.5;
/// Game hours until a wet road is dry.
const DRY_HOURS: f64 = 1.5;

impl Weather {
    /// Holds a weather that is there at once.
    pub const fn hold(&mut self, kind: WeatherKind) {
        self.held = Some(kind);
        self.mix = kind.mix();
    }

    /// Moves towards `kind` by so many hours of the game.
    fn approach(&mut self, kind: WeatherKind, hours: f64) {
        let wanted = kind.mix();
        let step = (hours / TURN_HOURS) as f32;
        let dry = (hours / DRY_HOURS) as f32;
        let towards =
            |now: f32, wanted: f32, up: f32, down: f32| now + (wanted - now).clamp(-down, up);
        let mix = &mut self.mix;
        mix.clouds = towards(mix.clouds, wanted.clouds, step, step);
        mix.overcast = towards(mix.overcast, wanted.overcast, step, step);
        // It rains from a closed sky only.
        let rain = if mix.overcast > 0.7 { wanted.rain } else { 0.0 };
        mix.rain = towards(mix.rain, rain, step, step);
        let wet = if mix.rain > 0.3 { 1.0 } else { wanted.wetness };
        mix.wetness = towards(mix.wetness, wet, step, dry);
        mix.mist = towards(mix.mist, wanted.mist, step, step);
    }
}

/// The weather that comes by itself at a time in hours since the first midnight: mostly clear.
#[must_use]
pub fn weather_at(elapsed_hours: f64) -> WeatherKind {
    let spell = (elapsed_hours / SPELL_HOURS).floor() as i64 as u64;
    // Splitmix64 (Steele et al. 2014): neighbouring spells have nothing in common.
    let mut dice = spell.wrapping_add(3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    dice = (dice ^ (dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    dice = (dice ^ (dice >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    match (dice >> 33) % 100 {
        0..58 => WeatherKind::Clear,
        58..76 => WeatherKind::Overcast,
        76..90 => WeatherKind::Rain,
        _ => WeatherKind::Mist,
    }
}

fn turn(daylight: Res<Daylight>, mut weather: ResMut<Weather>, mut last: Local<Option<f64>>) {
    let now = daylight.elapsed_hours();
    // Time may jump; the weather does not.
    let hours = (now - last.unwrap_or(now)).clamp(0.0, 0.1);
    *last = Some(now);
    if weather.held.is_none() && hours > 0.0 {
        weather.approach(weather_at(now), hours);
    }
}

fn press(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    mut weather: ResMut<Weather>,
    mut toasts: MessageWriter<Toast>,
) {
    if !actions.started(Action::NextWeather) || menu.is_open {
        return;
    }
    let place = |kind: WeatherKind| WeatherKind::ALL.iter().position(|one| *one == kind);
    let next = weather.held.and_then(place).map_or(0, |place| place + 1);
    // After the last one the weather is its own again.
    match WeatherKind::ALL.get(next) {
        Some(kind) => {
            weather.hold(*kind);
            toasts.write(Toast::new(format!("weather: {}", kind.name())));
        }
        None => {
            weather.held = None;
            toasts.write(Toast::new("weather: as it comes"));
        }
    }
}

fn serve(mut requests: MessageReader<GameRequest>, mut weather: ResMut<Weather>) {
    for request in requests.read() {
        if let GameRequest::SetWeather(kind) = request {
            match kind {
                Some(kind) => weather.hold(*kind),
                None => weather.held = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weather_comes_and_most_of_it_is_clear() {
        let days = 400;
        let count = |kind| {
            (0..days * 8)
                .filter(|spell| weather_at(f64::from(*spell) * SPELL_HOURS + 1.0) == kind)
                .count()
        };
        for kind in WeatherKind::ALL {
            assert!(count(kind) > 100, "{kind:?}");
        }
        assert!(count(WeatherKind::Clear) * 2 > days as usize * 8);
    }

    #[test]
    fn weather_turns_slowly_and_the_road_dries_last() {
        let mut weather = Weather::default();
        let mut largest = 0.0_f32;
        for _ in 0..200 {
            let before = weather.mix;
            weather.approach(WeatherKind::Rain, 0.01);
            largest = largest.max(weather.mix.rain - before.rain);
        }
        assert_eq!(weather.mix, WeatherKind::Rain.mix());
        assert!(largest < 0.05);
        for _ in 0..60 {
            weather.approach(WeatherKind::Clear, 0.01);
        }
        assert!(weather.mix.rain == 0.0 && weather.mix.wetness > 0.3);
        for _ in 0..200 {
            weather.approach(WeatherKind::Clear, 0.01);
        }
        assert_eq!(weather.mix, WeatherKind::Clear.mix());
    }
}
