//! Hours of seeded use on the virtual clock, with every law checked at every frame, and the world counted
//! at checkpoints where it must be as it was at the first one.
//!
//! ```text
//!  draw (seed, number) ─► episode of timed acts ─► world: act, frame, check ─┐
//!        ▲                                                                  ▼ nothing wrong
//!        └──────────── checkpoint: clean up, go home, settle, count, compare ◄┘
//!                            │ something wrong, here or in the episode
//!                            ▼
//!               replay the episode alone ─► shrink its acts ─► scenario text
//! ```

mod checkpoint;
mod draw;
mod driver;
mod finding;
mod ground;
mod json;
mod memory;
mod plan;
mod reproduce;
mod scenario_text;
mod shrink;
mod watch;
mod world;

use std::time::Instant;

use ringroad::streaming::LawStatus;

use checkpoint::{Checkpoint, MemoryGrowth, compare, memory_growth};
use draw::Draw;
pub use finding::{Finding, Kind};
pub use ground::{Ground, Sabotage};
pub use json::{OF_THE_MACHINE, report};
pub use memory::CountingAllocator;
use plan::{Act, Episode};
pub use watch::Watch;
use watch::on_its_own_thread;
use world::SoakWorld;

/// What to soak, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct SoakOptions {
    /// Simulated hours.
    pub hours: f64,
    /// What fills the chunks.
    pub ground: Ground,
    /// Of every choice; the seed of the world is the settings'.
    pub seed: u64,
    /// Something to be found.
    pub sabotage: Option<Sabotage>,
    /// Laws that do not end the soak when they are broken, only fail it: to look past a known fault.
    pub tolerated: Vec<u8>,
}

/// How a soak went.
#[derive(Clone, Debug, Default)]
pub struct Soak {
    /// Seconds on the virtual clock.
    pub simulated_secs: f64,
    /// Seconds on the wall, without the search for a short script.
    pub wall_secs: f64,
    /// Frames.
    pub frames: u64,
    /// Episodes that were begun.
    pub episodes: u64,
    /// What was done in them.
    pub acts: u64,
    /// How the laws stood at the end.
    pub laws: Vec<LawStatus>,
    /// In order of time.
    pub checkpoints: Vec<Checkpoint>,
    /// What streaming counted, by name.
    pub counters: Vec<(&'static str, u64)>,
    /// What went wrong.
    pub finding: Option<Finding>,
    /// A scenario for it.
    pub reproduce: Option<String>,
}

impl Soak {
    /// Writes down how things stand in the world.
    fn see(&mut self, world: &SoakWorld) {
        self.simulated_secs = world.secs();
        self.frames = world.frames();
        self.laws = world.laws().to_vec();
        self.counters = counters(world);
    }

    /// The checkpoints in a few lines of text.
    pub fn growth_lines(&self) -> Vec<String> {
        let (Some(first), Some(last)) = (self.checkpoints.first(), self.checkpoints.last()) else {
            return vec!["no checkpoint was reached".to_owned()];
        };
        let counts = first.counts.iter().zip(&last.counts);
        let mut lines = vec![format!(
            "{} checkpoints, first and last:",
            self.checkpoints.len()
        )];
        lines.extend(
            counts
                .filter(|((name, _), _)| *name != "content")
                .map(|((name, before), (_, after))| format!("  {name}: {before}, {after}")),
        );
        if let [_, second, .., last] = &self.checkpoints[..] {
            let memory = times(memory_growth(second, last));
            lines.push(format!("  memory: {memory} that of the second checkpoint"));
        }
        lines
    }
}

/// How long an episode takes, in simulated seconds.
const EPISODE_SECS: (f64, f64) = (30.0, 120.0);
/// The threads that the pool must have had before memory is compared: as many as any episode asks for.
const MOST_TASKS: &str = "16";

/// Soaks to the end or to the first thing that is wrong, and shrinks what led to it. `watch` sees how far it is.
pub fn soak(options: &SoakOptions, watch: &Watch) -> Soak {
    let began = Instant::now();
    let (seen, of_run) = (watch.clone(), options.clone());
    let ran = on_its_own_thread(watch, move || run(&of_run, &seen));
    let mut soak = ran.unwrap_or_else(|finding| Soak {
        simulated_secs: watch.secs(),
        frames: watch.frames(),
        finding: Some(finding),
        ..watch.last_known()
    });
    soak.wall_secs = began.elapsed().as_secs_f64();
    soak.episodes = watch.episodes();
    if let Some(finding) = &soak.finding {
        let first = soak.checkpoints.first();
        soak.reproduce = Some(reproduce::scenario_for(options, finding, first, watch));
    }
    soak
}

fn run(options: &SoakOptions, watch: &Watch) -> Soak {
    let mut soak = Soak::default();
    let mut world = SoakWorld::new(options);
    if let Err(finding) = run_to_the_end(options, watch, &mut world, &mut soak) {
        soak.finding = Some(finding);
    }
    soak.see(&world);
    soak
}

fn run_to_the_end(
    options: &SoakOptions,
    watch: &Watch,
    world: &mut SoakWorld,
    soak: &mut Soak,
) -> Result<(), Finding> {
    let total_secs = options.hours * 3_600.0;
    world.watch_with(watch.clone());
    soak.checkpoints.push(opening(world)?);
    let mut lengths = Draw::new(options.seed, 0);
    let mut index = 0;
    while world.secs() < total_secs {
        let left = total_secs - world.secs() - checkpoint::ABOUT_SECS;
        let (least, most) = EPISODE_SECS;
        let secs = lengths.within(least, most).min(left).max(1.0).ceil();
        let episode = draw::episode(options.seed, index, secs);
        soak.acts += episode.steps.len() as u64;
        watch.begin(&episode);
        index += 1;
        let now = play(world, &episode, soak.checkpoints.first())?;
        soak.checkpoints.push(now);
        soak.see(world);
        watch.keep(soak);
    }
    if let [_, second, .., last] = &soak.checkpoints[..]
        && let memory = memory_growth(second, last)
        && !memory.is_fine
    {
        let text = format!("{} that of the second checkpoint", times(memory));
        return Err(world.finding(Kind::Memory, text));
    }
    world.first_broken_law().map_or(Ok(()), Err)
}

/// The first checkpoint, after the pool was once as large as it will ever be.
fn opening(world: &mut SoakWorld) -> Result<Checkpoint, Finding> {
    world.act(&Act::Set {
        field: "max_concurrent_tasks",
        value: MOST_TASKS.to_owned(),
    });
    world.play(&[], 2.0)?;
    checkpoint::take(world)
}

/// An episode and its checkpoint, compared with the first one.
fn play(
    world: &mut SoakWorld,
    episode: &Episode,
    first: Option<&Checkpoint>,
) -> Result<Checkpoint, Finding> {
    world.play(&episode.steps, episode.secs)?;
    let now = checkpoint::take(world)?;
    if let Some(first) = first {
        compare(world, first, &now)?;
    }
    Ok(now)
}

/// The growth of memory in words.
fn times(memory: MemoryGrowth) -> String {
    let ratio =
        |ratio: Option<f64>| ratio.map_or_else(|| "—".to_owned(), |ratio| format!("{ratio:.3}"));
    format!(
        "{} (in use), {} (in memory) times",
        ratio(memory.heap_ratio),
        ratio(memory.resident_ratio)
    )
}

fn counters(world: &SoakWorld) -> Vec<(&'static str, u64)> {
    let counters = &world.metrics().counters;
    vec![
        ("requested", counters.requested),
        ("applied", counters.applied),
        ("distinct_loaded", counters.distinct_loaded),
        ("unloaded", counters.unloaded),
        ("level_changes", counters.level_changes),
        ("stale_discarded", counters.stale_discarded),
        ("cancelled", counters.cancelled),
        ("failed", counters.failed),
        ("panicked", counters.panicked),
        ("retried", counters.retried),
        ("quarantined", counters.quarantined),
        ("requeued_by_watchdog", counters.requeued_by_watchdog),
        ("stuck", counters.stuck),
        ("late_returns", counters.late_returns),
        ("evicted", counters.evicted),
        ("origin_shifts", counters.origin_shifts),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(seed: u64, sabotage: Option<Sabotage>) -> SoakOptions {
        SoakOptions {
            hours: 30.0 / 3_600.0,
            ground: Ground::Synthetic,
            seed,
            sabotage,
            tolerated: Vec::new(),
        }
    }

    /// A report without what belongs to the machine.
    fn without_the_machine(mut value: serde_json::Value) -> serde_json::Value {
        match &mut value {
            serde_json::Value::Object(fields) => {
                fields.retain(|name, _| !OF_THE_MACHINE.contains(&name.as_str()));
                for field in fields.values_mut() {
                    *field = without_the_machine(field.take());
                }
            }
            serde_json::Value::Array(rows) => {
                for row in rows {
                    *row = without_the_machine(row.take());
                }
            }
            _ => {}
        }
        value
    }

    #[test]
    fn equal_seeds_give_equal_reports_and_a_short_soak_passes() {
        let once = |seed| {
            let options = short(seed, None);
            let soak = soak(&options, &Watch::default());
            assert_eq!(soak.finding, None, "{:?}", soak.reproduce);
            without_the_machine(report(&options, &soak))
        };
        let first = once(1);
        assert_eq!(first, once(1));
        assert_ne!(first["counters"], once(2)["counters"]);
        assert!(first["frames"].as_u64() >= Some(30 * 60), "{first}");
        for law in ["1", "2", "3", "5", "6", "9"] {
            assert!(first["laws"][law]["checked"].as_u64() > Some(0), "{first}");
        }
    }

    #[test]
    fn what_is_broken_on_purpose_is_found_and_comes_with_a_script() {
        for (sabotage, kind) in [
            (Sabotage::Content, Kind::Law(9)),
            (Sabotage::Leak, Kind::Growth("mesh assets")),
        ] {
            let soak = soak(&short(1, Some(sabotage)), &Watch::default());
            let finding = soak.finding.expect("found");
            assert_eq!(finding.kind, kind, "{finding}");
            let script = soak.reproduce.expect("a script");
            let read = ringroad::scenario::Scenario::parse(std::path::Path::new("s.ron"), &script);
            assert!(read.is_ok(), "{script}");
        }
    }

    #[test]
    fn a_tolerated_law_fails_the_soak_without_ending_it() {
        let options = SoakOptions {
            tolerated: vec![9],
            ..short(1, Some(Sabotage::Content))
        };
        let strict = soak(&short(1, Some(Sabotage::Content)), &Watch::default());
        let soak = soak(&options, &Watch::default());
        // It goes on until the end, or until the same content is found to differ at home.
        let kind = soak.finding.map(|finding| finding.kind);
        assert!(
            matches!(kind, Some(Kind::Law(9) | Kind::Growth("content"))),
            "{kind:?}"
        );
        assert!(
            soak.simulated_secs > strict.simulated_secs,
            "{} and {}",
            soak.simulated_secs,
            strict.simulated_secs
        );
    }
}
