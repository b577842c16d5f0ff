//! Puts the city's shared meshes and its materials where streaming finds them.

use bevy::prelude::*;

use super::SetupSet;
use crate::city::{CityMaterial, Shading, register_palette};
use crate::modes::GraphicsQuality;
use crate::streaming::ChunkPalette;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, fill.in_set(SetupSet::Palette));
}

/// The city's shading at a quality.
pub(super) const fn shading(quality: GraphicsQuality) -> Shading {
    match quality {
        GraphicsQuality::Software => Shading::Lean,
        GraphicsQuality::Full | GraphicsQuality::Balanced => Shading::Lit,
    }
}

/// Without a renderer the assets may be absent altogether, in tests; then nothing can be named.
fn fill(
    quality: Option<Res<GraphicsQuality>>,
    palette: Option<ResMut<ChunkPalette>>,
    meshes: Option<ResMut<Assets<Mesh>>>,
    materials: Option<ResMut<Assets<CityMaterial>>>,
) {
    let (Some(mut palette), Some(mut meshes), Some(mut materials)) = (palette, meshes, materials)
    else {
        return;
    };
    let quality = quality.map_or(GraphicsQuality::Full, |quality| *quality);
    register_palette(&mut palette, &mut meshes, &mut materials, shading(quality));
}
