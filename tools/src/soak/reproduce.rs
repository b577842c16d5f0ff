//! From a finding to a short script that leads to it again.

use std::time::{Duration, Instant};

use super::checkpoint::Checkpoint;
use super::finding::{Finding, Kind};
use super::plan::{Episode, Step};
use super::scenario_text::{Origin, scenario_text};
use super::shrink::shrink;
use super::watch::{Watch, on_its_own_thread};
use super::world::SoakWorld;
use super::{SoakOptions, opening, play};

/// How often an episode is played again at most, and for how long (on the wall) in all.
const TRIES: usize = 300;
const PATIENCE: Duration = Duration::from_secs(240);

/// The text of a scenario for a finding: the last episode, or as many of the last ones as it takes, cut and
/// shrunk while it still fails in the same way.
pub fn scenario_for(
    options: &SoakOptions,
    finding: &Finding,
    first: Option<&Checkpoint>,
    watch: &Watch,
) -> String {
    let episodes = watch.last_episodes();
    let (episode, note) = shortest(options, finding, &episodes);
    let origin = Origin {
        ground: options.ground,
        seed: options.seed,
        finding,
        note: &note,
        first,
    };
    scenario_text(&origin, &episode)
}

fn shortest(options: &SoakOptions, finding: &Finding, episodes: &[Episode]) -> (Episode, String) {
    let last = || Episode::joined(&episodes[episodes.len().saturating_sub(1)..]);
    match finding.kind {
        // Neither comes back in a short time.
        Kind::Memory | Kind::Hang => {
            return (last(), "The last episode as it was, not shrunk.".to_owned());
        }
        Kind::Law(number) if options.tolerated.contains(&number) => {
            return (last(), "A tolerated law; the last episode.".to_owned());
        }
        _ => {}
    }
    let began = Instant::now();
    let mut count = 1;
    while count <= episodes.len() && began.elapsed() < PATIENCE {
        let candidate = Episode::joined(&episodes[episodes.len() - count..]);
        if let Some(again) = replay(options, &candidate, finding) {
            return cut_and_shrunk(options, finding, &candidate, again, began);
        }
        count *= 2;
    }
    if episodes.is_empty() && replay(options, &last(), finding).is_some() {
        let note = "It fails before anything is done.".to_owned();
        return (last(), note);
    }
    let note = "The last episode; played alone it does not fail: what led there is longer.";
    (last(), note.to_owned())
}

fn cut_and_shrunk(
    options: &SoakOptions,
    finding: &Finding,
    whole: &Episode,
    again: Again,
    began: Instant,
) -> (Episode, String) {
    // Nothing after the failure can have led to it.
    let mut episode = whole.clone();
    if let Some(after_secs) = again.in_episode_secs {
        let secs = (after_secs + 0.5).ceil().min(whole.secs);
        episode.steps.retain(|step| step.at <= after_secs);
        episode.secs = secs;
    }
    let with = |steps: &[Step]| Episode {
        steps: steps.to_vec(),
        ..episode.clone()
    };
    let steps = shrink(&episode.steps, TRIES, |steps| {
        began.elapsed() < PATIENCE && replay(options, &with(steps), finding).is_some()
    });
    let note = format!(
        "Shrunk from {} acts to {}; times count from the end of the settling at home.",
        whole.steps.len(),
        steps.len()
    );
    (with(&steps), note)
}

/// That an episode failed again in the same way.
struct Again {
    /// When in the episode; `None` at the checkpoint after it.
    in_episode_secs: Option<f64>,
}

/// Plays an episode in a new world; `Some` if it fails as before.
fn replay(options: &SoakOptions, episode: &Episode, finding: &Finding) -> Option<Again> {
    let watch = Watch::default();
    let seen = watch.clone();
    let (played, options) = (episode.clone(), options.clone());
    let ran = on_its_own_thread(&watch, move || {
        let mut world = SoakWorld::new(&options);
        world.watch_with(seen.clone());
        let first = opening(&mut world)?;
        seen.begin(&played);
        let began = world.secs();
        let ended = play(&mut world, &played, Some(&first)).err();
        Ok((began, ended))
    });
    // The opening may fail as well, and a panic ends the thread.
    let (began, ended) = match ran {
        Ok(Ok((began, ended))) => (began, ended?),
        Ok(Err(opening)) => (0.0, opening),
        Err(died) => (0.0, died),
    };
    let in_episode = (ended.at_secs - began).max(0.0);
    let is_within = began > 0.0 && in_episode <= episode.secs;
    (ended.kind == finding.kind).then_some(Again {
        in_episode_secs: is_within.then_some(in_episode),
    })
}
