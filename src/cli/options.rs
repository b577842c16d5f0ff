//! The options as they are written; what they mean together is in `plan`.

use std::num::NonZero;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, ValueEnum};

use super::version_text;
use crate::settings::{PresetName, SettingValue};

/// Drive through an endless city that is made while you play.
#[derive(Clone, Debug, Parser)]
#[command(name = "ringroad", version = version_text(), max_term_width = 100)]
pub struct Options {
    /// Play a script (RON) instead of waiting for input; the run ends when the script ends
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// Run without a renderer
    #[arg(long, conflicts_with = "offscreen")]
    pub headless: bool,

    /// Draw into an image instead of a window, for pictures where there is no display
    #[arg(long)]
    pub offscreen: bool,

    /// The size of that image in pixels [default: 1280x720]
    #[arg(long, value_name = "WxH", requires = "offscreen")]
    pub size: Option<ImageSize>,

    /// Which clock decides [default: virtual with --headless or --offscreen, else real]
    #[arg(long, value_enum)]
    pub clock: Option<ClockName>,

    /// The seed of the world
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub seed: Option<Seed>,

    /// Read settings from this file (RON) and follow its changes
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,

    /// Start from a named set of settings: Conservative or Balanced
    #[arg(long, value_name = "NAME")]
    pub preset: Option<PresetName>,

    /// Change one setting; may be given again. Over everything else
    #[arg(long, value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    pub set: Vec<Assignment>,

    /// Generation workers, 1 to 256 [default: by the machine]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub threads: Option<WorkerCount>,

    /// Write the run report (JSON) at the end; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Write one line per frame, as .csv or .jsonl
    #[arg(long, value_name = "FILE")]
    pub telemetry: Option<PathBuf>,

    /// Save what the scenario asks for in this folder: pictures (not with --headless), panel texts, bundles
    #[arg(long, value_name = "DIR")]
    pub screenshot: Option<PathBuf>,

    /// How the overlay starts
    #[arg(long, value_enum)]
    pub overlay: Option<DepthName>,

    /// How finely the city is drawn [default: from the graphics adapter]
    #[arg(long, value_enum, conflicts_with = "headless")]
    pub graphics: Option<GraphicsName>,

    /// Save a bundle of the last minutes after each hitch, at most eight; the panel has the same switch
    #[arg(long)]
    pub bundle_hitches: bool,

    /// End after this many frames at the latest
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub max_frames: Option<FrameCount>,
}

/// The names of the clocks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClockName {
    /// Exact: every frame is a sixtieth of a second and work takes its stated cost
    Virtual,
    /// True times, paced at the target rate
    Real,
}

/// The names of the overlay's depths.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum DepthName {
    /// Nothing
    Off,
    /// One compact strip
    Hud,
    /// The whole panel
    Full,
}

/// The names of the graphics qualities.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphicsName {
    /// For a graphics card: four samples, shadows, bloom
    Full,
    /// For graphics in the processor: one sample, shadows nearby
    Balanced,
    /// For a software renderer: no shadows, light at corners only
    Software,
}

/// A size in pixels.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ImageSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl ImageSize {
    /// The size without `--size`.
    pub const DEFAULT: Self = Self {
        width: 1280,
        height: 720,
    };
    const LEGAL: std::ops::RangeInclusive<u32> = 16..=8192;
}

impl FromStr for ImageSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(['x', 'X']).and_then(|(width, height)| {
            Some(Self {
                width: width.parse().ok()?,
                height: height.parse().ok()?,
            })
        });
        parsed
            .filter(|size| Self::LEGAL.contains(&size.width) && Self::LEGAL.contains(&size.height))
            .ok_or_else(|| {
                "legal is WIDTHxHEIGHT in pixels, each 16 to 8192, for example 1280x720".to_owned()
            })
    }
}

/// A number of workers.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct WorkerCount(pub NonZero<u16>);

impl FromStr for WorkerCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text
            .parse::<NonZero<u16>>()
            .ok()
            .filter(|count| count.get() <= 256);
        count
            .map(Self)
            .ok_or_else(|| "legal is 1 to 256".to_owned())
    }
}

/// A seed of the world.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seed = text.parse().map(Self);
        seed.map_err(|_| format!("legal is 0 to {}", u64::MAX))
    }
}

/// A number of frames.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct FrameCount(pub NonZero<u64>);

impl FromStr for FrameCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().map(Self);
        count.map_err(|_| format!("legal is 1 to {}", u64::MAX))
    }
}

/// `FIELD=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The setting.
    pub field: String,
    /// Its value.
    pub value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, value) = text
            .split_once('=')
            .ok_or("legal is FIELD=VALUE, for example max_concurrent_tasks=4")?;
        Ok(Self {
            field: field.trim().to_owned(),
            value: SettingValue::from_text(value).0,
        })
    }
}
