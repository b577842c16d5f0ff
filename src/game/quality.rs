//! How much the renderer may cost, from the adapter it found.

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;

use super::SetupSet;
use crate::modes::GraphicsQuality;

pub(super) fn drawn(app: &mut App) {
    app.add_systems(
        PreStartup,
        choose
            .in_set(SetupSet::Quality)
            .run_if(not(resource_exists::<GraphicsQuality>)),
    );
}

/// A software renderer gets the cheap settings.
fn choose(mut commands: Commands, adapter: Option<Res<RenderAdapterInfo>>) {
    let is_software = adapter.as_ref().is_some_and(|adapter| {
        // The type's own crate is not a dependency of ours; its name is stable.
        format!("{:?}", adapter.device_type) == "Cpu"
    });
    let quality = if is_software {
        GraphicsQuality::Software
    } else {
        GraphicsQuality::Full
    };
    if let Some(adapter) = adapter {
        info!("graphics: {} ({quality:?})", adapter.name);
    }
    commands.insert_resource(quality);
}
