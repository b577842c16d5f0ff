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

mod content;
mod script;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, channel},
};

use bevy::prelude::*;

use super::{Telemetry, record::TelemetrySystems, snapshot::PanelData};
use crate::streaming::{LawBook, StreamingMetrics, StreamingSettings};
use content::{File, files};

/// Bundles after hitches are at most so many per run: a stutter every second must not fill a disk.
const MOST_AFTER_HITCHES: u32 = 8;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<BundlePolicy>()
        .init_resource::<RunContext>()
        .init_resource::<Writing>()
        .add_message::<SaveBundle>()
        .add_message::<BundleSaved>()
        .add_systems(
            Last,
            (ask_after_hitch, save_bundles, hear_of_written)
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

/// Bundles that a thread writes.
#[derive(Resource, Default)]
struct Writing {
    written: u32,
    after_hitches: u32,
    answers: Vec<std::sync::Mutex<Receiver<BundleSaved>>>,
    told_ticket: u64,
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

fn save_bundles(
    mut asks: MessageReader<SaveBundle>,
    policy: Res<BundlePolicy>,
    context: Res<RunContext>,
    telemetry: Res<Telemetry>,
    metrics: Option<Res<StreamingMetrics>>,
    settings: Option<Res<StreamingSettings>>,
    laws: Option<Res<LawBook>>,
    mut writing: ResMut<Writing>,
    mut saved: MessageWriter<BundleSaved>,
) {
    let (Some(metrics), Some(settings)) = (metrics, settings) else {
        return;
    };
    for ask in asks.read() {
        let folder = ask.folder.clone().unwrap_or_else(|| {
            writing.written += 1;
            new_folder(&policy.folder, writing.written, ask.reason)
        });
        let panel = PanelData::collect(&telemetry, &metrics, settings.values(), laws.as_deref());
        let files = files(&telemetry, &panel, &context, ask.reason);
        if ask.reason == BundleReason::Script {
            // A script ends when it is done, and must find the files.
            saved.write(write(&folder, &files));
            continue;
        }
        let (tell, answer) = channel();
        let begun = std::thread::Builder::new()
            .name("bundle".to_owned())
            .spawn({
                let folder = folder.clone();
                move || {
                    // Nobody listens any more when the program has ended.
                    let _ = tell.send(write(&folder, &files));
                }
            });
        match begun {
            Ok(_) => writing.answers.push(std::sync::Mutex::new(answer)),
            Err(error) => {
                saved.write(BundleSaved {
                    folder,
                    error: Some(error.to_string()),
                });
            }
        }
    }
}

fn hear_of_written(mut writing: ResMut<Writing>, mut saved: MessageWriter<BundleSaved>) {
    if writing.answers.is_empty() {
        return;
    }
    writing.answers.retain(|answer| {
        let answer = answer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match answer.try_recv() {
            Ok(answer) => {
                saved.write(answer);
                false
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => true,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => false,
        }
    });
}

/// A folder that is not there yet.
fn new_folder(below: &Path, from: u32, reason: BundleReason) -> PathBuf {
    let named = |number: u32| below.join(format!("bundle-{number:04}-{}", reason.word()));
    (from..)
        .map(named)
        .find(|folder| !folder.exists())
        .unwrap_or_else(|| named(from))
}

fn write(folder: &Path, files: &[File]) -> BundleSaved {
    let failed = |path: &Path, error: std::io::Error| BundleSaved {
        folder: folder.to_owned(),
        error: Some(format!("bundle {}: {error}", path.display())),
    };
    if let Err(error) = fs::create_dir_all(folder) {
        return failed(folder, error);
    }
    for file in files {
        let path = folder.join(file.name);
        if let Err(error) = fs::write(&path, file.content()) {
            return failed(&path, error);
        }
    }
    BundleSaved {
        folder: folder.to_owned(),
        error: None,
    }
}

#[cfg(test)]
mod tests;
