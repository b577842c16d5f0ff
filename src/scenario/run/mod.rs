//! Builds the app of a run, drives it frame by frame, and judges what came out.
//!
//! ```text
//! headless, off screen:   run_virtual_workers(until = the coming frame) ─► app.update() ─► … until AppExit
//! window:                 the window system drives; the same systems play, record and judge
//! ```

mod build;
mod close;
mod drive;

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use bevy::app::PluginsState;
use bevy::prelude::*;
use ringroad_streaming::StreamingSettings;
use thiserror::Error;

use super::report::ReportTarget;
use super::{Depth, NoGraphics, Scenario, probe_adapter, probe_display};
use crate::modes::GraphicsQuality;
use crate::settings::SettingsFile;
use crate::telemetry::{ExportError, TelemetryFile};
use build::build;
use close::{Closed, Ending};
use drive::{drive_real, drive_virtual};

/// Where the picture goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A window.
    Window,
    /// An image of this size in pixels.
    Offscreen {
        /// Width and height.
        size: UVec2,
    },
    /// Nowhere: no renderer.
    Headless,
}

/// Which clock decides.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Every frame is a sixtieth of a second; work takes its stated cost.
    Virtual,
    /// Frames are paced at the target rate; everything takes what it takes.
    Real,
}

/// Everything that a run needs, already found legal.
#[derive(Debug)]
pub struct RunPlan {
    /// Where the picture goes.
    pub screen: Screen,
    /// Which clock decides.
    pub clock: Clock,
    /// The script, if one is played.
    pub scenario: Option<Scenario>,
    /// The settings at the start.
    pub settings: StreamingSettings,
    /// The settings file to watch.
    pub settings_file: Option<SettingsFile>,
    /// Generation workers; the plugin chooses if absent.
    pub threads: Option<NonZero<u16>>,
    /// Where the report goes.
    pub report: Option<ReportTarget>,
    /// One line per frame goes here.
    pub telemetry: Option<PathBuf>,
    /// The folder for pictures; the run makes it where it is not there.
    pub pictures: Option<PathBuf>,
    /// How the overlay starts.
    pub overlay: Option<Depth>,
    /// How finely the city is drawn; over what the scenario says. Chosen from the adapter if absent in both.
    pub graphics: Option<GraphicsQuality>,
    /// Whether each hitch writes a bundle.
    pub bundle_hitches: bool,
    /// The run ends after this many frames at the latest; frames that only wait for a picture do not count.
    pub max_frames: Option<u64>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As asked; every law held and every expectation was met.
    Fine,
    /// It ran, but this went wrong.
    Failed(Vec<String>),
    /// It never began: this is why.
    Refused(String),
    /// It ran, but its report could not be written.
    Unwritten {
        /// Why not.
        why: String,
        /// What else went wrong, which no report says now.
        failures: Vec<String>,
    },
}

impl Outcome {
    /// The exit code of the report page.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed(_) => 1,
            Self::Refused(_) | Self::Unwritten { .. } => 2,
        }
    }
}

/// Runs the plan to its end, writes the report and says how it went.
pub fn run(mut plan: RunPlan) -> Outcome {
    let ran = match plan.screen {
        Screen::Window => run_window(&mut plan),
        Screen::Offscreen { .. } | Screen::Headless => run_without_window(&mut plan, |_| {}),
    };
    concluded(&plan, ran)
}

/// The same without a window, with something added to the app.
#[cfg(test)]
pub(super) fn run_with(mut plan: RunPlan, add: impl FnOnce(&mut App)) -> Outcome {
    let ran = run_without_window(&mut plan, add);
    concluded(&plan, ran)
}

fn concluded(plan: &RunPlan, ran: Result<Closed, Refusal>) -> Outcome {
    match ran {
        Ok(closed) => conclude(plan, closed),
        Err(refusal) => Outcome::Refused(refusal.to_string()),
    }
}

/// Why a run did not begin.
#[derive(Debug, Error)]
enum Refusal {
    #[error(transparent)]
    Graphics(#[from] NoGraphics),
    #[error(transparent)]
    Telemetry(#[from] ExportError),
    #[error("--screenshot {}: the folder cannot be made: {source}", folder.display())]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
}

/// Makes what the run writes into. Only when nothing else can refuse the run: a refused run leaves everything as it was.
fn open_files(plan: &mut RunPlan, app: &mut App) -> Result<(), Refusal> {
    if let Some(folder) = &plan.pictures {
        std::fs::create_dir_all(folder).map_err(|source| Refusal::Folder {
            folder: folder.clone(),
            source,
        })?;
    }
    if let Some(path) = &plan.telemetry {
        app.insert_resource(TelemetryFile::create(path)?);
    }
    if let Some(file) = plan.settings_file.take() {
        app.insert_resource(file);
    }
    Ok(())
}

fn conclude(plan: &RunPlan, closed: Closed) -> Outcome {
    let Closed {
        report,
        mut failures,
    } = closed;
    let written = plan.report.iter().map(|target| target.write(&report));
    let unwritten = written.filter_map(Result::err).next();
    let expectations = plan.scenario.iter().flat_map(|scenario| &scenario.expect);
    failures.extend(
        expectations
            .map(|expectation| expectation.judge(&report))
            .filter(|finding| !finding.is_met)
            .map(|finding| format!("expectation not met: {}", finding.text)),
    );
    match unwritten {
        Some(error) => Outcome::Unwritten {
            why: error.to_string(),
            failures,
        },
        None if failures.is_empty() => Outcome::Fine,
        None => Outcome::Failed(failures),
    }
}

fn run_window(plan: &mut RunPlan) -> Result<Closed, Refusal> {
    probe_display()?;
    probe_adapter()?;
    let ending = Ending::default();
    // The window system panics where it finds no way to open a window, and only there is this caught: by then nothing runs.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let built = catch_unwind(AssertUnwindSafe(|| build(plan, &ending)));
    std::panic::set_hook(hook);
    let mut app = built.map_err(|payload| NoGraphics::NoWindow {
        why: panic_text(&*payload),
    })?;
    open_files(plan, &mut app)?;
    app.run();
    Ok(ending.take())
}

fn run_without_window(plan: &mut RunPlan, add: impl FnOnce(&mut App)) -> Result<Closed, Refusal> {
    if matches!(plan.screen, Screen::Offscreen { .. }) {
        probe_adapter()?;
    }
    let ending = Ending::default();
    let mut app = build(plan, &ending);
    add(&mut app);
    open_files(plan, &mut app)?;
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    match plan.clock {
        Clock::Virtual => drive_virtual(&mut app),
        Clock::Real => drive_real(&mut app),
    }
    Ok(ending.take())
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the window system could not be started".to_owned())
}
