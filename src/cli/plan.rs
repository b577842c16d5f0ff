//! What the options mean together: a plan that can be run, or the one reason why not. Nothing is written before all is legal.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use bevy::math::UVec2;
use thiserror::Error;

use super::Options;
use super::options::{ClockName, DepthName, ImageSize};
use crate::scenario::report::{ReportTarget, is_special, resolved_file, try_beside};
use crate::scenario::{Clock, Depth, RunPlan, Scenario, Screen, ScriptError};
use crate::settings::{LayerError, SettingsFile, SettingsLayer, about_unknown, layered};
use crate::telemetry::export::TelemetryFormat;

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
        let names = ringroad_streaming::FIELDS.iter().map(|field| field.name);
        for assignment in &self.set {
            if !names.clone().any(|name| name == assignment.field) {
                return Err(UsageError::UnknownSetting {
                    field: assignment.field.clone(),
                    hint: about_unknown(&assignment.field, names.clone()),
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

fn report_target(path: &Path) -> Result<ReportTarget, UsageError> {
    if path == Path::new("-") {
        return Ok(ReportTarget::StandardOutput);
    }
    check_file("--report", path)?;
    if !is_special(path) {
        try_beside(path).map_err(|error| {
            unusable("--report", path, format!("it cannot be written: {error}"))
        })?;
    }
    Ok(ReportTarget::File(path.to_owned()))
}

fn check_telemetry(path: &Path) -> Result<(), UsageError> {
    let refused = |why: String| unusable("--telemetry", path, why);
    if TelemetryFormat::of_path(path).is_none() {
        return Err(refused(
            "the ending says the form; legal are .csv and .jsonl".to_owned(),
        ));
    }
    check_file("--telemetry", path)?;
    // What is there is opened as it is, so that a run that is refused for another reason does not empty it.
    let tried = if is_special(path) {
        Ok(())
    } else if path.exists() {
        OpenOptions::new().write(true).open(path).map(drop)
    } else {
        try_beside(path)
    };
    tried.map_err(|error| refused(format!("it cannot be written: {error}")))
}

/// A file to write must not be a folder, and its folder must exist.
fn check_file(option: &'static str, path: &Path) -> Result<(), UsageError> {
    let refused = |why: &str| Err(unusable(option, path, why.to_owned()));
    if path.as_os_str().is_empty() || path.is_dir() {
        return refused("it is a folder or empty; name a file");
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return refused("its folder does not exist; make it first");
    }
    Ok(())
}

/// Two things cannot be written into one file.
fn check_two_files(report: &Path, telemetry: &Path) -> Result<(), UsageError> {
    match (resolved_file(report), resolved_file(telemetry)) {
        (Ok(one), Ok(other)) if one == other => Err(unusable(
            "--telemetry",
            telemetry,
            format!(
                "it is the file of --report {}; name two files",
                report.display()
            ),
        )),
        _ => Ok(()),
    }
}

/// A folder for files must be there and take some, or be one that can be made.
fn check_folder(path: &Path) -> Result<(), UsageError> {
    let refused = |why: String| Err(unusable("--screenshot", path, why));
    if path.as_os_str().is_empty() {
        return refused("it is empty; name a folder".to_owned());
    }
    let there = path.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new("."));
    if !there.is_dir() {
        return refused(format!("{} is no folder; name a folder", there.display()));
    }
    match try_beside(&there.join("picture")) {
        Ok(()) => Ok(()),
        Err(error) => refused(format!(
            "nothing can be written in {}: {error}",
            there.display()
        )),
    }
}

fn unusable(option: &'static str, path: &Path, why: String) -> UsageError {
    UsageError::Path {
        option,
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// A scratch folder of a test, removed at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("ringroad-cli-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a scratch folder");
            Self(folder)
        }

        fn file(&self, name: &str, content: &str) -> String {
            let path = self.0.join(name);
            std::fs::write(&path, content).expect("written");
            path.display().to_string()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn plan(arguments: &[&str]) -> Result<RunPlan, String> {
        let options = Options::try_parse_from(std::iter::once(&"ringroad").chain(arguments))
            .map_err(|error| error.to_string())?;
        options.plan().map_err(|error| error.to_string())
    }

    fn refusal(arguments: &[&str]) -> String {
        plan(arguments).expect_err("refused")
    }

    #[test]
    fn without_options_the_game_opens_a_window_on_the_real_clock() {
        let plan = plan(&[]).expect("legal");
        assert_eq!((plan.screen, plan.clock), (Screen::Window, Clock::Real));
    }

    #[test]
    fn the_clock_is_virtual_without_a_window_unless_asked_otherwise() {
        assert_eq!(
            plan(&["--headless", "--max-frames", "1"])
                .expect("legal")
                .clock,
            Clock::Virtual
        );
        let real = plan(&[
            "--offscreen",
            "--max-frames",
            "1",
            "--clock",
            "real",
            "--size",
            "320x200",
        ])
        .expect("legal");
        assert_eq!(real.clock, Clock::Real);
        assert_eq!(
            real.screen,
            Screen::Offscreen {
                size: UVec2::new(320, 200)
            }
        );
    }

    #[test]
    fn precedence_is_defaults_file_scenario_preset_set() {
        let scratch = Scratch::new("precedence");
        let file = scratch.file("s.ron", "(seed: 1, max_concurrent_tasks: 11, linger_secs: 3.0, retry_limit: 9, apply_budget_ms: 7)");
        let script = scratch.file(
            "x.ron",
            "Scenario(name: \"x\", seed: 7, preset: \"Balanced\", set: { \"linger_secs\": 4, \"apply_budget_ms\": 5 }, generator: City, events: [])",
        );
        let only_file = plan(&["--settings", &file]).expect("legal").settings;
        assert_eq!(
            (only_file.max_concurrent_tasks, only_file.linger_secs),
            (11, 3.0)
        );
        let with_script = ["--settings", &file, "--scenario", &script];
        let settings = plan(&with_script).expect("legal").settings;
        assert_eq!((settings.seed, settings.max_concurrent_tasks), (7, 4));
        assert_eq!(
            (
                settings.linger_secs,
                settings.retry_limit,
                settings.apply_budget_ms
            ),
            (4.0, 9, 5.0)
        );
        let mut over = with_script.to_vec();
        over.extend([
            "--preset",
            "conservative",
            "--seed",
            "8",
            "--set",
            "max_concurrent_tasks=2",
        ]);
        let settings = plan(&over).expect("legal").settings;
        assert_eq!(
            (
                settings.seed,
                settings.max_concurrent_tasks,
                settings.apply_budget_ms
            ),
            (8, 2, 2.0)
        );
        assert_eq!(settings.linger_secs, 4.0);
        over.extend(["--set", "seed=9"]);
        assert_eq!(plan(&over).expect("legal").settings.seed, 9);
    }

    #[test]
    fn contradictions_are_refused_with_a_reason() {
        for (arguments, reason) in [
            (&["--headless", "--offscreen"][..], "cannot be used with"),
            (&["--size", "640x360"][..], "--offscreen"),
            (
                &["--headless", "--max-frames", "9", "--screenshot", "p"][..],
                "cannot be used with",
            ),
            (&["--clock", "virtual"][..], "--headless or --offscreen"),
            (&["--headless"][..], "--max-frames"),
            (&["--offscreen"][..], "--max-frames"),
            (
                &["--headless", "--max-frames", "9", "--overlay", "full"][..],
                "renderer",
            ),
        ] {
            let text = refusal(arguments);
            assert!(text.contains(reason), "{arguments:?}: {text}");
        }
    }

    #[test]
    fn bad_values_are_refused_with_what_is_legal() {
        for (arguments, reason) in [
            (&["--bogus"][..], "--bogus"),
            (&["--seed", "-1"][..], "0 to 18446744073709551615"),
            (&["--seed", "abc"][..], "0 to 18446744073709551615"),
            (&["--size", "0x0", "--offscreen"][..], "16 to 8192"),
            (&["--size", "big", "--offscreen"][..], "16 to 8192"),
            (&["--threads", "0"][..], "1 to 256"),
            (&["--threads", "9999"][..], "1 to 256"),
            (&["--max-frames", "0"][..], "1 to 18446744073709551615"),
            (&["--max-frames", "-3"][..], "--max-frames"),
            (&["--clock", "sun"][..], "virtual, real"),
            (&["--overlay", "half"][..], "off, hud, full"),
            (&["--preset", "Fast"][..], "Conservative, Balanced"),
            (&["--set", "seed"][..], "FIELD=VALUE"),
            (&["--set", "sead=3"][..], "did you mean `seed`?"),
            (
                &["--set", "memory_cap_mib=9"][..],
                "not in this version yet",
            ),
            (
                &["--screenshot", "Cargo.toml/p"][..],
                "Cargo.toml is no folder",
            ),
            (&["--set", "apply_budget_ms=NaN"][..], "apply_budget_ms"),
            (
                &["--set", "max_concurrent_tasks=-1"][..],
                "max_concurrent_tasks",
            ),
            (&["--set", "load_radius_m=5000"][..], "--set: "),
            (&["--telemetry", "t.txt"][..], ".csv and .jsonl"),
            (&["--report", "no-such-folder/r.json"][..], "does not exist"),
            (&["--report", "."][..], "name a file"),
            (&["--scenario", "no-such.ron"][..], "no-such.ron"),
            (&["--settings", "no-such.ron"][..], "no-such.ron"),
        ] {
            let text = refusal(arguments);
            assert!(text.contains(reason), "{arguments:?}: {text}");
        }
    }

    #[test]
    fn report_and_telemetry_are_two_files_by_whatever_path() {
        let scratch = Scratch::new("two-files");
        let file = scratch.0.join("t.csv").display().to_string();
        let other = scratch.0.join(".").join("t.csv").display().to_string();
        let text = refusal(&["--telemetry", &file, "--report", &other]);
        assert!(text.contains("name two files"), "{text}");
        let report = scratch.0.join("r.json").display().to_string();
        plan(&["--telemetry", &file, "--report", &report]).expect("legal");
    }

    #[test]
    fn a_plan_leaves_files_and_folders_as_they_are() {
        let scratch = Scratch::new("untouched");
        let telemetry = scratch.file("keep.csv", "kept");
        let report = scratch.0.join("r.json").display().to_string();
        let pictures = scratch.0.join("a").join("b").display().to_string();
        plan(&[
            "--telemetry",
            &telemetry,
            "--report",
            &report,
            "--screenshot",
            &pictures,
        ])
        .expect("legal");
        let kept = std::fs::read_to_string(&telemetry).expect("there");
        assert_eq!(kept, "kept");
        assert_eq!(std::fs::read_dir(&scratch.0).expect("there").count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_refused_with_the_path_and_the_reason() {
        // Not even the administrator can make files here.
        for arguments in [
            ["--report", "/proc/r.json"],
            ["--telemetry", "/proc/t.csv"],
            ["--screenshot", "/proc/pictures"],
        ] {
            let text = refusal(&arguments);
            assert!(
                text.contains(arguments[1]) && text.contains("os error"),
                "{text}"
            );
        }
        plan(&["--report", "/dev/null"]).expect("a device is written into");
    }

    #[test]
    fn a_bad_scenario_setting_is_refused_with_file_line_and_column() {
        let scratch = Scratch::new("scenario");
        let script = scratch.file(
            "bad.ron",
            "Scenario(name: \"x\", generator: City,\n  set: { \"load_radius_m\": 5000 },\n  events: [])",
        );
        let text = refusal(&["--scenario", &script]);
        assert!(text.contains("bad.ron:2:11: "), "{text}");
    }
}
