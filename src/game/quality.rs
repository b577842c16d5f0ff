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

fn choose(mut commands: Commands, adapter: Option<Res<RenderAdapterInfo>>) {
    // The type's own crate is not a dependency of ours; its names are stable.
    let kind = adapter
        .as_ref()
        .map(|adapter| format!("{:?}", adapter.device_type));
    let quality = quality_for(kind.as_deref().unwrap_or_default());
    if let Some(adapter) = adapter {
        info!("graphics: {} ({quality:?})", adapter.name);
    }
    commands.insert_resource(quality);
}

/// A software renderer gets the cheap settings, graphics without memory of its own what is between.
fn quality_for(kind_of_adapter: &str) -> GraphicsQuality {
    match kind_of_adapter {
        "Cpu" => GraphicsQuality::Software,
        "IntegratedGpu" => GraphicsQuality::Balanced,
        _ => GraphicsQuality::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adapter_decides_how_much_is_drawn() {
        for (kind, quality) in [
            ("Cpu", GraphicsQuality::Software),
            ("IntegratedGpu", GraphicsQuality::Balanced),
            ("DiscreteGpu", GraphicsQuality::Full),
            ("Other", GraphicsQuality::Full),
        ] {
            assert_eq!(quality_for(kind), quality);
        }
    }
}
