//! Bundles: everything that was recorded, in one folder, so that somebody else can look at it and `replay` can run it
//! again.
//!
//! ```text
//!  bundle-0001-key/
//!    about.json      seed, commit, clock, generator, why it was written, verdict
//!    settings.ron    the settings in force          settings-start.ron   those at the start of the recorded route
//!    frames.csv      every metric of every frame of the last minute    history.csv   of every second of ten minutes
//!    route.csv       where the player was           events.txt   the log, setting changes among it
//!    panel.txt       the panel as text              hitches.txt  the hitch tickets
//!    scenario.ron    the route and the setting changes as a script: what `replay` runs
//! ```
//!
//! The main thread only copies, a little in each frame; a thread makes text of it and writes. A program that ends
//! waits for what is being written.

mod content;
mod copy;
mod script;
mod write;

use std::{collections::VecDeque, path::PathBuf, thread::JoinHandle};

use bevy::{ecs::system::SystemParam, prelude::*};

use super::{Telemetry, record::TelemetrySystems};
use crate::streaming::{LawBook, StreamingMetrics, StreamingSettings};
use copy::Copied;
use write::{Target, write};

/// Bundles after hitches are at most so many per run: a stutter every second must not fill a disk.
const MOST_AFTER_HITCHES: u32 = 8;

/// Why there is no bundle of a program without streaming.
const NOTHING_RECORDED: &str = "nothing is recorded that a bundle could hold: the program has no `AsyncChunkPlugin`, whose `StreamingMetrics` and `StreamingSettings` telemetry reads";

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<BundlePolicy>()
        .init_resource::<RunContext>()
        .init_resource::<Writing>()
        .add_message::<SaveBundle>()
        .add_message::<BundleSaved>()
        .add_systems(
            Last,
            (
                ask_after_hitch,
                begin.run_if(on_message::<SaveBundle>),
                go_on.run_if(|writing: Res<Writing>| writing.is_busy()),
                end_with_program.run_if(on_message::<AppExit>),
            )
                .chain()
                .after(TelemetrySystems::Record),
        );
}

/// Where bundles go by themselves, and when.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct BundlePolicy {
    /// The folder that bundles get folders of their own in.
    pub folder: PathBuf,
    /// Whether each panel hitch writes one, at most eight in a run. Off unless somebody asks for it: files that
    /// nobody asked for are a nuisance.
    pub after_hitch: bool,
}

impl Default for BundlePolicy {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("ringroad-bundles"),
            after_hitch: false,
        }
    }
}

/// How the run was made, as far as a bundle must know to run it again. The defaults are those of the game.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct RunContext {
    /// The scenario's name, if one is played.
    pub scenario: Option<String>,
    /// What fills the chunks, as scenarios write it.
    pub generator: String,
    /// `virtual` or `real`.
    pub clock: &'static str,
    /// The commit that the program was built from.
    pub commit: Option<&'static str>,
    /// Stated service time by level, µs.
    pub city_cost_us: Vec<f64>,
    /// Stated cost of applying, µs per entity.
    pub apply_us_per_entity: f64,
    /// Stated cost of applying, ns per byte.
    pub apply_ns_per_byte: f64,
}

impl Default for RunContext {
    fn default() -> Self {
        Self {
            scenario: None,
            generator: "City".to_owned(),
            clock: "real",
            commit: None,
            city_cost_us: vec![8_000.0, 900.0, 120.0],
            apply_us_per_entity: 1.0,
            apply_ns_per_byte: 0.5,
        }
    }
}

/// Why a bundle is written.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum BundleReason {
    /// Somebody pressed the key.
    Key,
    /// The hitch ticket of this number.
    Hitch(u64),
    /// A script asked.
    Script,
}

impl BundleReason {
    fn word(self) -> String {
        match self {
            Self::Key => "key".to_owned(),
            Self::Hitch(number) => format!("hitch-{number}"),
            Self::Script => "script".to_owned(),
        }
    }
}

/// Asks for a bundle of now.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct SaveBundle {
    /// Why.
    pub reason: BundleReason,
    /// Exactly here; `None`: a new folder below that of the [`BundlePolicy`].
    pub folder: Option<PathBuf>,
}

/// A bundle was written, or could not be.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct BundleSaved {
    /// Its folder.
    pub folder: PathBuf,
    /// What went wrong, with the file.
    pub error: Option<String>,
}

/// Bundles that are being copied or written.
#[derive(Resource, Default)]
struct Writing {
    begun: u32,
    after_hitches: u32,
    told_ticket: u64,
    copying: VecDeque<(Copied, Target)>,
    threads: Vec<JoinHandle<BundleSaved>>,
}

impl Writing {
    fn is_busy(&self) -> bool {
        !self.copying.is_empty() || !self.threads.is_empty()
    }

    /// Hands what was copied to a thread; the answer, if there is none to be had.
    fn hand_over(&mut self, copied: Copied, target: Target) -> Option<BundleSaved> {
        let folder = target.folder_for_errors();
        let begun = std::thread::Builder::new()
            .name("bundle".to_owned())
            .spawn(move || write(&copied, &target));
        match begun {
            Ok(thread) => {
                self.threads.push(thread);
                None
            }
            Err(error) => Some(BundleSaved {
                folder,
                error: Some(format!("no thread to write with: {error}")),
            }),
        }
    }

    /// The answers of the threads that are done, or, after waiting for them, of all.
    fn answers(&mut self, waits: bool) -> Vec<BundleSaved> {
        let is_done = |thread: &mut JoinHandle<_>| waits || thread.is_finished();
        let done: Vec<_> = self.threads.extract_if(.., is_done).collect();
        done.into_iter().map(answer).collect()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.answers(true);
    }
}

fn answer(thread: JoinHandle<BundleSaved>) -> BundleSaved {
    thread.join().unwrap_or_else(|_| BundleSaved {
        folder: PathBuf::new(),
        error: Some("writing a bundle panicked".to_owned()),
    })
}

fn ask_after_hitch(
    policy: Res<BundlePolicy>,
    telemetry: Res<Telemetry>,
    mut writing: ResMut<Writing>,
    mut asks: MessageWriter<SaveBundle>,
) {
    let Some(newest) = telemetry.tickets().next_back() else {
        return;
    };
    if newest.number <= writing.told_ticket {
        return;
    }
    writing.told_ticket = newest.number;
    if policy.after_hitch && writing.after_hitches < MOST_AFTER_HITCHES {
        writing.after_hitches += 1;
        asks.write(SaveBundle {
            reason: BundleReason::Hitch(newest.number),
            folder: None,
        });
    }
}

/// What there is to copy.
#[derive(SystemParam)]
struct Recorded<'w> {
    context: Res<'w, RunContext>,
    telemetry: Res<'w, Telemetry>,
    metrics: Option<Res<'w, StreamingMetrics>>,
    settings: Option<Res<'w, StreamingSettings>>,
    laws: Option<Res<'w, LawBook>>,
}

impl Recorded<'_> {
    fn copy(&self, reason: BundleReason) -> Option<Copied> {
        let (metrics, settings) = (self.metrics.as_ref()?, self.settings.as_ref()?);
        Some(Copied::begin(
            &self.telemetry,
            metrics,
            settings.values(),
            self.laws.as_deref(),
            &self.context,
            reason,
        ))
    }
}

fn begin(
    mut asks: MessageReader<SaveBundle>,
    policy: Res<BundlePolicy>,
    recorded: Recorded,
    mut writing: ResMut<Writing>,
    mut saved: MessageWriter<BundleSaved>,
) {
    for ask in asks.read() {
        let Some(copied) = recorded.copy(ask.reason) else {
            saved.write(BundleSaved {
                folder: ask.folder.clone().unwrap_or_else(|| policy.folder.clone()),
                error: Some(NOTHING_RECORDED.to_owned()),
            });
            continue;
        };
        let target = match &ask.folder {
            Some(folder) => Target::This(folder.clone()),
            None => {
                writing.begun += 1;
                Target::New {
                    below: policy.folder.clone(),
                    from: writing.begun,
                }
            }
        };
        if ask.reason == BundleReason::Script {
            // A script ends when it is done, and must find the files.
            let copied = copied.finish(&recorded.telemetry);
            saved.write(write(&copied, &target));
        } else {
            writing.copying.push_back((copied, target));
        }
    }
}

fn go_on(
    telemetry: Res<Telemetry>,
    mut writing: ResMut<Writing>,
    mut saved: MessageWriter<BundleSaved>,
) {
    let is_copied = writing
        .copying
        .front_mut()
        .is_some_and(|(copied, _)| copied.step(&telemetry));
    if is_copied && let Some((copied, target)) = writing.copying.pop_front() {
        saved.write_batch(writing.hand_over(copied, target));
    }
    saved.write_batch(writing.answers(false));
}

fn end_with_program(
    telemetry: Res<Telemetry>,
    mut writing: ResMut<Writing>,
    mut saved: MessageWriter<BundleSaved>,
) {
    while let Some((copied, target)) = writing.copying.pop_front() {
        let copied = copied.finish(&telemetry);
        saved.write_batch(writing.hand_over(copied, target));
    }
    for answer in writing.answers(true) {
        if let Some(error) = &answer.error {
            error!("{error}");
        }
        saved.write(answer);
    }
}

#[cfg(test)]
mod tests;
