//! What a generator returns: finished meshes, places of shared meshes, and the game's own data.

use bevy::mesh::{Indices, Mesh};
use bevy::prelude::Transform;
use std::any::Any;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3Default;

use crate::palette::PaletteKey;

/// The most meshes that one chunk may own (law 5): content with more is refused.
pub const MAX_MESHES_PER_CHUNK: usize = 4;

/// The game's own data about a chunk (collision, for example), handed over with
/// [`ChunkLoaded`](crate::ChunkLoaded) and read back with `downcast`.
pub type ChunkPayload = Arc<dyn Any + Send + Sync>;

/// The content of one chunk, made on a worker. Places are relative to the chunk's corner with the
/// least X and Z.
#[derive(Default)]
pub struct ChunkContent {
    /// Meshes that only this chunk uses, at most [`MAX_MESHES_PER_CHUNK`].
    pub meshes: Vec<ChunkMesh>,
    /// Places of meshes from the palette, one entity each.
    pub instances: Vec<ChunkInstances>,
    /// The game's own data.
    pub payload: Option<ChunkPayload>,
}

/// A mesh that only one chunk uses. Build it with `RenderAssetUsages::RENDER_WORLD`: the renderer then
/// takes the vertices instead of cloning them.
pub struct ChunkMesh {
    /// The final vertices.
    pub mesh: Mesh,
    /// The shared material that draws it.
    pub material: PaletteKey,
    /// Its place in the chunk.
    pub offset_in_chunk: Transform,
    /// Whether it throws shadows.
    pub casts_shadow: bool,
}

/// Copies of one shared mesh.
pub struct ChunkInstances {
    /// The shared mesh.
    pub mesh: PaletteKey,
    /// The shared material.
    pub material: PaletteKey,
    /// One place per copy.
    pub offsets_in_chunk: Vec<Transform>,
    /// Whether the copies throw shadows.
    pub casts_shadow: bool,
}

/// Why content was refused on the worker, before it could reach the world.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// More own meshes than law 5 allows.
    #[error("{0} meshes in one chunk; at most {MAX_MESHES_PER_CHUNK} are allowed (merge them)")]
    TooManyMeshes(usize),
    /// A mesh without positions, so without a place in the world.
    #[error("mesh {0} has no vertex positions")]
    NoPositions(usize),
    /// NaN or infinity among the vertices of a mesh.
    #[error("mesh {0} has a vertex that is not finite")]
    MeshNotFinite(usize),
    /// NaN or infinity in a transform.
    #[error("{0} has a transform that is not finite")]
    TransformNotFinite(String),
    /// Something far outside of its cell: most likely a place of the world instead of one of the cell.
    #[error(
        "{what} reaches from {low} to {high}, but content of this cell may reach from {least} to {most} (metres from the cell's corner)"
    )]
    OutOfReach {
        /// Which mesh or copy.
        what: String,
        /// Its least corner.
        low: String,
        /// Its greatest corner.
        high: String,
        /// The least that is legal.
        least: String,
        /// The most that is legal.
        most: String,
    },
    /// A copy of a shared mesh that is scaled out of all measure.
    #[error(
        "{what} is scaled {scale} times; at most {} is legal",
        crate::content_checks::MOST_SCALE
    )]
    TooLarge {
        /// Which copy.
        what: String,
        /// Its greatest scale.
        scale: String,
    },
    /// NaN or infinity in an attribute other than the positions.
    #[error("mesh {mesh} has a value of {attribute} that is not finite")]
    AttributeNotFinite {
        /// Which mesh, from 0.
        mesh: usize,
        /// The attribute, by Bevy's name for it.
        attribute: &'static str,
    },
    /// An attribute that some vertices do not have.
    #[error("mesh {mesh} has {values} values of {attribute} for {vertices} vertices")]
    AttributeCount {
        /// Which mesh, from 0.
        mesh: usize,
        /// The attribute, by Bevy's name for it.
        attribute: &'static str,
        /// How many it has.
        values: usize,
        /// How many it needs.
        vertices: usize,
    },
    /// An index without a vertex.
    #[error("mesh {mesh} has the index {index}, but only {vertices} vertices (0 to {})", .vertices - 1)]
    IndexOutOfRange {
        /// Which mesh, from 0.
        mesh: usize,
        /// The greatest index.
        index: u32,
        /// How many vertices there are.
        vertices: usize,
    },
}

/// A stable hash (XXH3, 64 bits: equal on every machine, and cheaper than writing the vertices) of everything that will appear in the world: vertices,
/// indices, transforms, palette keys and shadow flags. The payload is not part of it.
pub fn content_hash(content: &ChunkContent) -> u64 {
    let mut hasher = Xxh3Default::new();
    for ChunkMesh {
        mesh,
        material,
        offset_in_chunk,
        casts_shadow,
    } in &content.meshes
    {
        hash_text(&mut hasher, material.0);
        hash_transform(&mut hasher, offset_in_chunk);
        hasher.update(&[u8::from(*casts_shadow)]);
        for (attribute, values) in mesh.attributes() {
            hash_text(&mut hasher, attribute.name);
            hasher.update(values.get_bytes());
        }
        match mesh.indices() {
            Some(Indices::U16(_)) => hasher.update(b"u16"),
            Some(Indices::U32(_)) => hasher.update(b"u32"),
            None => hasher.update(b"none"),
        };
        hasher.update(mesh.get_index_buffer_bytes().unwrap_or_default());
    }
    for ChunkInstances {
        mesh,
        material,
        offsets_in_chunk,
        casts_shadow,
    } in &content.instances
    {
        hash_text(&mut hasher, mesh.0);
        hash_text(&mut hasher, material.0);
        hasher.update(&[u8::from(*casts_shadow)]);
        for offset in offsets_in_chunk {
            hash_transform(&mut hasher, offset);
        }
    }
    hasher.digest()
}

fn hash_text(hasher: &mut Xxh3Default, text: &str) {
    // The length keeps "ab" + "c" apart from "a" + "bc".
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn hash_transform(hasher: &mut Xxh3Default, transform: &Transform) {
    for value in transform
        .translation
        .to_array()
        .into_iter()
        .chain(transform.rotation.to_array())
        .chain(transform.scale.to_array())
    {
        hasher.update(&value.to_le_bytes());
    }
}
