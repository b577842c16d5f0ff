//! F10: the picture as it is, into `screenshots/` of the current directory.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured, save_to_disk};

use super::GameSet;
use super::keys::{Action, Actions};
use crate::modes::{RenderMode, Toast};

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(PreUpdate, shoot.in_set(GameSet::Act));
}

const FOLDER: &str = "screenshots";

fn shoot(
    mut commands: Commands,
    actions: Res<Actions>,
    mode: Res<RenderMode>,
    mut toasts: MessageWriter<Toast>,
) {
    if !actions.started(Action::Photo) {
        return;
    }
    let folder = Path::new(FOLDER);
    if let Err(error) = std::fs::create_dir_all(folder) {
        warn!("no photo: cannot create {FOLDER}: {error}");
        toasts.write(Toast::new(format!("no photo: cannot create {FOLDER}")));
        return;
    }
    let path = free_name(folder);
    let picture = match &*mode {
        RenderMode::Window => Screenshot::primary_window(),
        RenderMode::Offscreen { image, .. } => Screenshot::image(image.clone()),
        RenderMode::Headless => return,
    };
    let shown = path.display().to_string();
    commands
        .spawn((Name::new("Photo"), picture))
        .observe(save_to_disk(path.clone()))
        // After saving, so that the message is not in the picture and says what is true.
        .observe(
            move |_: On<ScreenshotCaptured>, mut toasts: MessageWriter<Toast>| {
                let text = if path.exists() {
                    format!("photo: {shown}")
                } else {
                    format!("no photo: {shown} could not be written")
                };
                toasts.write(Toast::new(text));
            },
        );
}

/// The first `ringroad-NNNN.png` that does not exist yet.
fn free_name(folder: &Path) -> PathBuf {
    (1_u32..)
        .map(|number| folder.join(format!("ringroad-{number:04}.png")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join("ringroad.png"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_never_overwrites_another() {
        let folder = std::env::temp_dir().join(format!("ringroad-photo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = free_name(&folder);
        std::fs::write(&first, b"x").unwrap();
        let second = free_name(&folder);
        assert!(first != second && second.ends_with("ringroad-0002.png"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
