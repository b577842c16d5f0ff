//! What the options mean together: a plan that can be run, or the one reason why not. Nothing is written before all is legal.

mod files;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use bevy::math::UVec2;
use thiserror::Error;

use super::Options;
use super::options::{ClockName, DepthName, GraphicsName, ImageSize};
use crate::modes::GraphicsQuality;
use crate::scenario::report::ReportTarget;
use crate::scenario::{Clock, Depth, RunPlan, Scenario, Screen, ScriptError};
use crate::settings::{
    LayerError, SettingsFile, SettingsLayer, did_you_mean, layered, setting_names,
};
use files::{check_folder, check_telemetry, check_two_files, report_target};

/// Bad usage or bad input: the thing, the place, and what would be legal.
#[derive(Debug, Error)]
pub enum UsageError {
    /// A scenario was refused.
    #[error(transparent)]
    Scenario(#[from] ScriptError),
    /// Settings were refused.
    #[error(transparent)]
    Settings(#[from] LayerError),
    /// `--set` names no setting.
    #[error("--set: unknown setting `{field}`{hint}; the settings are {legal}")]
    UnknownSetting {
        /// The name given.
        field: String,
        /// The nearest one, or that it comes later.
        hint: String,
        /// All of them.
        legal: String,
    },
    /// Options that contradict each other, or need another one.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A file or folder that cannot be used as it is meant to.
    #[error("{option} {}: {why}", path.display())]
    Path {
        /// The option that names it.
        option: &'static str,
        /// What it names.
        path: PathBuf,
        /// What is wrong, and what would be legal.
        why: String,
    },
}

impl Options {
    /// The plan. Reads the files that are named and tries the folders to write to; leaves nothing behind, starts nothing.
    pub fn plan(&self) -> Result<RunPlan, UsageError> {
        self.check_together()?;
        let scenario = self.scenario.as_deref().map(Scenario::read).transpose()?;
        let (scenario, scenario_layer) = match scenario {
            Some((scenario, layer)) => (Some(scenario), Some(layer)),
            None => (None, None),
        };
        let file_layer = self
            .settings
            .as_deref()
            .map(SettingsLayer::read)
            .transpose()?;
        let settings_file = self
            .settings
            .as_ref()
            .zip(file_layer.as_ref())
            .map(|(path, layer)| SettingsFile::new(path.clone(), layer));
        // Defaults < settings file < scenario < preset < set; a seed of its own is set like any other.
        let layers: Vec<SettingsLayer> = file_layer
            .into_iter()
            .chain(scenario_layer)
            .chain(self.preset.map(|preset| preset.0.layer()))
            .chain(self.seed.map(|seed| {
                SettingsLayer::new("--seed", vec![("seed".into(), seed.0.to_string())])
            }))
            .chain(self.set_layer()?)
            .collect();
        let settings = layered(&layers)?;
        let report = self.report.as_deref().map(report_target).transpose()?;
        self.telemetry.as_deref().map(check_telemetry).transpose()?;
        if let (Some(ReportTarget::File(report)), Some(telemetry)) = (&report, &self.telemetry) {
            check_two_files(report, telemetry)?;
        }
        self.screenshot.as_deref().map(check_folder).transpose()?;
        Ok(RunPlan {
            screen: self.screen(),
            clock: self.clock(),
            scenario,
            settings,
            settings_file,
            threads: self.threads.map(|count| count.0),
            report,
            telemetry: self.telemetry.clone(),
            pictures: self.screenshot.clone(),
            overlay: self.overlay.map(|depth| match depth {
                DepthName::Off => Depth::Off,
                DepthName::Hud => Depth::Hud,
                DepthName::Full => Depth::Full,
            }),
            graphics: self.graphics.map(|name| match name {
                GraphicsName::Full => GraphicsQuality::Full,
                GraphicsName::Balanced => GraphicsQuality::Balanced,
                GraphicsName::Software => GraphicsQuality::Software,
            }),
            bundle_hitches: self.bundle_hitches,
            max_frames: self.max_frames.map(|count| count.0.get()),
        })
    }

    fn screen(&self) -> Screen {
        if self.headless {
            Screen::Headless
        } else if self.offscreen {
            let ImageSize { width, height } = self.size.unwrap_or(ImageSize::DEFAULT);
            Screen::Offscreen {
                size: UVec2::new(width, height),
            }
        } else {
            Screen::Window
        }
    }

    fn clock(&self) -> Clock {
        match self.clock {
            Some(ClockName::Real) => Clock::Real,
            None if self.screen() == Screen::Window => Clock::Real,
            Some(ClockName::Virtual) | None => Clock::Virtual,
        }
    }

    fn check_together(&self) -> Result<(), UsageError> {
        let has_window = self.screen() == Screen::Window;
        let shows_overlay = matches!(self.overlay, Some(DepthName::Hud | DepthName::Full));
        let reason = if has_window && self.clock == Some(ClockName::Virtual) {
            "--clock virtual needs --headless or --offscreen: in a window the display sets the pace"
        } else if !has_window && self.scenario.is_none() && self.max_frames.is_none() {
            "without a window nobody can end the run: give --scenario FILE or --max-frames N"
        } else if self.headless && shows_overlay {
            "--overlay hud and full need a renderer; leave out --headless or use --offscreen"
        } else if shows_overlay && !cfg!(feature = "overlay") {
            "--overlay hud and full need the feature `overlay`, which this build was made without"
        } else {
            return Ok(());
        };
        Err(UsageError::Contradiction(reason))
    }

    fn set_layer(&self) -> Result<Option<SettingsLayer>, UsageError> {
        let names = setting_names();
        for assignment in &self.set {
            if !names.clone().any(|name| name == assignment.field) {
                return Err(UsageError::UnknownSetting {
                    field: assignment.field.clone(),
                    hint: did_you_mean(&assignment.field, names.clone()),
                    legal: names.collect::<Vec<_>>().join(", "),
                });
            }
        }
        let changes = self
            .set
            .iter()
            .map(|assignment| (assignment.field.clone(), assignment.value.clone()));
        Ok((!self.set.is_empty()).then(|| SettingsLayer::new("--set", changes.collect())))
    }
}
