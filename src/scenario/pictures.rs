//! Pictures that a script asks for: each waits until the renderer has all its pipelines, then for its file.
//!
//! ```text
//! asked ─► WarmingUp ── 3 frames in a row without a waiting pipeline ─► Taken ── file written ─► done
//! ```
//! While a picture is on its way the script stands still. Off screen on the virtual clock everything does: time, streaming
//! and the laws; frames that only wait for a picture are in no count, no mark and no telemetry row, so that taking pictures
//! changes no number of a report but wall times and memory. There, too, nothing is drawn between pictures: nobody sees it,
//! and a software renderer takes most of a second for a frame of the whole city.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::render_resource::PipelineCache;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured, save_to_disk};
use bevy::render::{Render, RenderApp, RenderSystems};
use ringroad_streaming::StreamingHold;

use super::record::RunRecord;
use crate::modes::RenderMode;
use crate::telemetry::TelemetrySystems;

/// Frames in a row without a waiting pipeline before a picture is taken; the number may be 0 for a moment and rise again.
const CLEAN_FRAMES: u32 = 3;
/// Frames to draw at least after a picture was asked for, so that what the script changed before it is in it.
const FRAMES_BEFORE: u32 = 6;
/// A picture that takes longer on the wall has failed.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Pictures>()
        .add_systems(
            First,
            (
                take_pictures,
                draw_for_pictures.run_if(resource_exists::<DrawsForPicturesOnly>),
            )
                .chain(),
        )
        .configure_sets(Last, TelemetrySystems::Record.run_if(not(is_held)));
    let waiting = WaitingPipelines(Arc::new(AtomicUsize::new(usize::MAX)));
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.insert_resource(waiting.clone()).add_systems(
            Render,
            count_waiting_pipelines.in_set(RenderSystems::Cleanup),
        );
    }
    app.insert_resource(waiting);
}

/// Pipelines that are not compiled yet, shared by both worlds.
#[derive(Resource, Clone)]
struct WaitingPipelines(Arc<AtomicUsize>);

/// Nothing is drawn but pictures.
#[derive(Resource)]
pub(super) struct DrawsForPicturesOnly;

/// Whether this frame only waits for a picture, on the virtual clock.
pub(super) fn is_held(hold: Res<StreamingHold>) -> bool {
    hold.0
}

/// The pictures of a run.
#[derive(Resource, Debug, Default)]
pub(super) struct Pictures {
    folder: Option<PathBuf>,
    asked: VecDeque<PathBuf>,
    current: Option<Picture>,
}

#[derive(Debug)]
struct Picture {
    file: PathBuf,
    since: Instant,
    frames: u32,
    clean_frames: u32,
    is_taken: bool,
    captured: bool,
}

impl Pictures {
    /// Pictures go into `folder`, which exists when the first one is taken; without one they are not taken.
    pub fn into_folder(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            ..Default::default()
        }
    }

    /// Where files of the run go.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Asks for a picture; the error says why there will be none.
    pub fn ask(&mut self, name: &str, mode: &RenderMode) -> Result<(), &'static str> {
        if !mode.draws() {
            return Err("there is no renderer");
        }
        let folder = self
            .folder
            .as_ref()
            .ok_or("no --screenshot folder was given")?;
        let file = if name.ends_with(".png") {
            name.to_owned()
        } else {
            format!("{name}.png")
        };
        self.asked.push_back(folder.join(file));
        Ok(())
    }

    /// Whether a picture is on its way.
    pub fn is_busy(&self) -> bool {
        self.current.is_some() || !self.asked.is_empty()
    }
}

fn count_waiting_pipelines(cache: Res<PipelineCache>, waiting: Res<WaitingPipelines>) {
    waiting
        .0
        .store(cache.waiting_pipelines().count(), Ordering::Relaxed);
}

fn take_pictures(
    mut commands: Commands,
    mut pictures: ResMut<Pictures>,
    mut record: ResMut<RunRecord>,
    waiting: Res<WaitingPipelines>,
    mode: Res<RenderMode>,
) {
    let pictures = &mut *pictures;
    if pictures.current.is_none() {
        let Some(file) = pictures.asked.pop_front() else {
            return;
        };
        pictures.current = Some(Picture {
            file,
            since: Instant::now(),
            frames: 0,
            clean_frames: 0,
            is_taken: false,
            captured: false,
        });
    }
    let Some(picture) = &mut pictures.current else {
        return;
    };
    if picture.since.elapsed() > PATIENCE {
        record.fail(format!(
            "picture {}: not there after {} s",
            picture.file.display(),
            PATIENCE.as_secs()
        ));
        pictures.current = None;
        return;
    }
    if picture.captured {
        // The file is written while the captured picture is handed out; only what can be read counts.
        match std::fs::metadata(&picture.file) {
            Ok(metadata) if metadata.len() > 0 => info!("picture {}", picture.file.display()),
            _ => record.fail(format!(
                "picture {}: could not be written",
                picture.file.display()
            )),
        }
        pictures.current = None;
        return;
    }
    if picture.is_taken {
        return;
    }
    picture.frames += 1;
    picture.clean_frames = if waiting.0.load(Ordering::Relaxed) == 0 {
        picture.clean_frames + 1
    } else {
        0
    };
    if picture.frames < FRAMES_BEFORE || picture.clean_frames < CLEAN_FRAMES {
        return;
    }
    let screenshot = match &*mode {
        RenderMode::Window => Screenshot::primary_window(),
        RenderMode::Offscreen { image, .. } => Screenshot::image(image.clone()),
        RenderMode::Headless => return,
    };
    // An old file of that name must not be taken for the new one.
    let _ = std::fs::remove_file(&picture.file);
    picture.is_taken = true;
    commands
        .spawn((Name::new("Picture"), screenshot))
        .observe(save_to_disk(picture.file.clone()))
        .observe(note_captured);
}

fn draw_for_pictures(pictures: Res<Pictures>, mut cameras: Query<&mut Camera>) {
    let draws = pictures.is_busy();
    for mut camera in &mut cameras {
        if camera.is_active != draws {
            camera.is_active = draws;
        }
    }
}

fn note_captured(_: On<ScreenshotCaptured>, mut pictures: ResMut<Pictures>) {
    if let Some(picture) = &mut pictures.current {
        picture.captured = true;
    }
}
