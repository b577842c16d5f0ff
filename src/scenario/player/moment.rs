//! Saves the moment as a bundle when a key asks for it, and says where it is.

use bevy::prelude::*;

use crate::modes::{SaveMoment, Toast};
use crate::telemetry::{BundleReason, BundleSaved, SaveBundle};

pub(super) fn plugin(app: &mut App) {
    app.add_message::<SaveMoment>()
        .add_message::<SaveBundle>()
        .add_message::<BundleSaved>()
        .add_message::<Toast>()
        .add_systems(
            PreUpdate,
            (
                ask.run_if(on_message::<SaveMoment>),
                tell.run_if(on_message::<BundleSaved>),
            ),
        );
}

fn ask(mut asked: MessageReader<SaveMoment>, mut bundles: MessageWriter<SaveBundle>) {
    for SaveMoment in asked.read() {
        bundles.write(SaveBundle {
            reason: BundleReason::Key,
            folder: None,
        });
    }
}

fn tell(mut saved: MessageReader<BundleSaved>, mut toasts: MessageWriter<Toast>) {
    for BundleSaved { folder, error } in saved.read() {
        let folder = folder.display();
        toasts.write(Toast::new(match error {
            None => format!("bundle written to {folder}"),
            Some(error) => format!("bundle {folder}: {error}"),
        }));
    }
}
