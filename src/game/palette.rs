//! Puts the city's shared meshes and its material where streaming finds them.

use bevy::prelude::*;

use super::SetupSet;
use crate::city::{Shading, register_palette};
use crate::modes::GraphicsQuality;
use crate::streaming::ChunkPalette;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, fill.in_set(SetupSet::Palette));
}

/// Without a renderer the assets may be absent altogether, in tests; then nothing can be named.
fn fill(
    quality: Option<Res<GraphicsQuality>>,
    palette: Option<ResMut<ChunkPalette>>,
    meshes: Option<ResMut<Assets<Mesh>>>,
    materials: Option<ResMut<Assets<StandardMaterial>>>,
) {
    let (Some(mut palette), Some(mut meshes), Some(mut materials)) = (palette, meshes, materials)
    else {
        return;
    };
    let shading = match quality.as_deref() {
        Some(GraphicsQuality::Software) => Shading::Baked,
        Some(GraphicsQuality::Full) | None => Shading::Lit,
    };
    register_palette(&mut palette, &mut meshes, &mut materials, shading);
}
