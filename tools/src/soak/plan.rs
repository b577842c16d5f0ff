//! What a soak does, as data: timed acts, grouped into episodes that end where the last checkpoint began.

use bevy::math::DVec2;
use ringroad::streaming::{FocusPurpose, StreamingRequest, StreamingSettings, StreamingValues};

/// Where every checkpoint is taken (x, z), metres: inside a cell, far from its borders.
pub const HOME: DVec2 = DVec2::new(100.0, 100.0);

/// Where a checkpoint comes from, farther from home than anything is seen: whatever the episode left
/// around home has gone when the focus returns, so what is loaded there follows from the settings alone.
pub const ANTEROOM: DVec2 = DVec2::new(30_100.0, -30_100.0);

/// No setting of a soak asks for more cells than this around a focus, so that a soak stays fast.
const MOST_CELLS: f64 = 1_200.0;

/// One thing that happens. Places on the ground plane in metres, speeds in m/s.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Flies (or drives, low and slow) straight to a place.
    FlyTo {
        /// Where to (x, z).
        to: DVec2,
        /// Above the ground.
        height: f64,
        /// How fast.
        speed: f64,
    },
    /// Is somewhere else at once.
    Teleport(DVec2),
    /// Goes east by so much and back, so often.
    Shuttle {
        /// How far.
        metres: f64,
        /// How often.
        times: u32,
    },
    /// Circles around where it is until the next order.
    Orbit {
        /// Of the circle.
        radius: f64,
        /// How fast.
        speed: f64,
    },
    /// A second place to stream around; the same name moves it.
    AddFocus {
        /// To remove it by.
        name: &'static str,
        /// Where.
        at: DVec2,
        /// What for.
        purpose: FocusPurpose,
    },
    /// Removes an added place, if it is there.
    RemoveFocus(&'static str),
    /// Takes the focus away.
    DropFocus,
    /// Brings it back.
    RestoreFocus,
    /// The focus is at no place at all (NaN) until it moves again.
    LosePlace,
    /// The chunk there panics on every attempt.
    PanicAt(DVec2),
    /// This share of generations panics.
    PanicRate(f64),
    /// Generations take longer by so many ms.
    SlowWorkers(f64),
    /// No generation ends for so many seconds.
    Stall(f64),
    /// The next generation of the chunk there never ends.
    StickAt(DVec2),
    /// Proposes a value, legal or not.
    Set {
        /// The setting.
        field: &'static str,
        /// Its value as text.
        value: String,
    },
    /// Wants a place to be ready.
    Preload {
        /// Its middle.
        at: DVec2,
        /// Its radius.
        radius: f64,
        /// In so many seconds.
        within: f64,
    },
    /// Gives all preloads back.
    ReleasePreloads,
    /// Asks something of streaming.
    Ask(StreamingRequest),
}

/// An act with its time in seconds since its episode began.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Seconds.
    pub at: f64,
    /// What happens.
    pub act: Act,
}

/// What happens between two checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Its number, from 0.
    pub index: u64,
    /// How long it takes, seconds.
    pub secs: f64,
    /// In order of time.
    pub steps: Vec<Step>,
}

impl Episode {
    /// Several episodes as one, in their order.
    pub fn joined(episodes: &[Self]) -> Self {
        let mut joined = Self {
            index: episodes.first().map_or(0, |episode| episode.index),
            secs: 0.0,
            steps: Vec::new(),
        };
        for episode in episodes {
            let start = joined.secs;
            joined.steps.extend(episode.steps.iter().map(|step| Step {
                at: start + step.at,
                act: step.act.clone(),
            }));
            joined.secs += episode.secs;
        }
        joined
    }
}

/// The settings at every checkpoint: three levels of detail, and a world that settles within seconds.
pub fn home_settings() -> StreamingSettings {
    let changes = [
        ("max_concurrent_tasks", "4"),
        ("max_completed_per_frame", "8"),
        ("apply_budget_ms", "4"),
        ("scan_interval_secs", "0.1"),
        ("must_have_radius_m", "400"),
        ("load_radius_m", "800"),
        ("unload_radius_m", "1000"),
        ("view_radius_m", "2000"),
        ("detail_rings_m", "1400"),
        ("retry_backoff_secs", "0.1"),
        ("linger_secs", "0.5"),
        ("stuck_after_secs", "5"),
    ];
    let changes: Vec<(String, String)> = changes
        .iter()
        .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
        .collect();
    StreamingSettings::conservative()
        .with_changes(&changes)
        .expect("a test reads these values")
}

/// What streaming must answer to a proposal.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// These settings are in force.
    Accepted(Box<StreamingSettings>),
    /// Nothing changes.
    Refused,
    /// Legal, but more chunks than a soak has time for: it is not asked.
    NotAsked,
}

/// What must become of one proposed value.
pub fn answer(settings: &StreamingSettings, field: &str, value: &str) -> Answer {
    match settings.with_changes(&[(field.to_owned(), value.to_owned())]) {
        Err(_) => Answer::Refused,
        Ok(next) if cells_around(next.values()) > MOST_CELLS => Answer::NotAsked,
        Ok(next) => Answer::Accepted(Box::new(next)),
    }
}

fn cells_around(values: &StreamingValues) -> f64 {
    let reach = values.view_radius_m.max(values.unload_radius_m) / values.chunk_size_m;
    std::f64::consts::PI * reach * reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_checkpoints_are_legal_and_within_the_limit_of_cells() {
        assert!(cells_around(home_settings().values()) <= MOST_CELLS);
        let reach = home_settings().view_radius_m + home_settings().unload_radius_m;
        assert!(HOME.distance(ANTEROOM) > 2.0 * reach);
    }

    #[test]
    fn proposals_are_judged_as_streaming_judges_them_and_too_large_worlds_are_not_asked_for() {
        let settings = home_settings();
        let Answer::Accepted(next) = answer(&settings, "max_concurrent_tasks", "0") else {
            panic!("0 means paused and is legal");
        };
        assert_eq!(next.max_concurrent_tasks, 0);
        assert_eq!(answer(&settings, "apply_budget_ms", "NaN"), Answer::Refused);
        assert_eq!(answer(&settings, "load_radius_m", "5000"), Answer::Refused);
        assert_eq!(answer(&settings, "view_radius_m", "9000"), Answer::NotAsked);
    }

    #[test]
    fn joined_episodes_keep_their_times_one_after_the_other() {
        let episode = |index, at| Episode {
            index,
            secs: 10.0,
            steps: vec![Step {
                at,
                act: Act::DropFocus,
            }],
        };
        let joined = Episode::joined(&[episode(4, 1.0), episode(5, 2.0)]);
        assert_eq!((joined.index, joined.secs), (4, 20.0));
        assert_eq!(
            joined.steps.iter().map(|step| step.at).collect::<Vec<_>>(),
            [1.0, 12.0]
        );
    }
}
