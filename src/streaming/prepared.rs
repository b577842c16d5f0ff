//! Content on its way into the world: checked, bounded and counted on the worker.

use bevy::camera::primitives::Aabb;
use bevy::mesh::{Indices, Mesh, VertexAttributeValues};
use bevy::prelude::Transform;

use crate::content::{
    ChunkContent, ChunkInstances, ChunkMesh, ChunkPayload, ContentError, MAX_MESHES_PER_CHUNK,
};
use crate::content_checks::{NoBounds, Space, bounds, check_mesh};
use crate::layers::LayerTime;

/// Content that passed the checks, with all that the frame needs to know counted on the worker.
pub(crate) struct PreparedChunk {
    pub meshes: Vec<PreparedMesh>,
    pub instances: Vec<ChunkInstances>,
    pub payload: Option<ChunkPayload>,
    /// Only where somebody asks for it.
    pub content_hash: Option<u64>,
    /// What the layers of its making took, as far as the generator names them.
    pub layers: Vec<LayerTime>,
    /// What it holds: vertices and indices, places of copies, and what the payload says of itself.
    pub bytes: u64,
    pub entities: u64,
}

pub(crate) struct PreparedMesh {
    pub own: ChunkMesh,
    pub aabb: Aabb,
    pub bytes: u64,
}

impl PreparedChunk {
    /// Checks content, gives back what it does not use, and counts it. Cost: one pass over positions, indices
    /// and what else is written in floats.
    pub fn new(
        content: ChunkContent,
        chunk_size_m: f64,
        payload_bytes: u64,
        content_hash: Option<u64>,
    ) -> Result<Self, ContentError> {
        let ChunkContent {
            meshes,
            mut instances,
            payload,
        } = content;
        if meshes.len() > MAX_MESHES_PER_CHUNK {
            return Err(ContentError::TooManyMeshes(meshes.len()));
        }
        let space = Space::around_cell(chunk_size_m);
        for group in &mut instances {
            group.offsets_in_chunk.shrink_to_fit();
            let what = || format!("an instance of {}", group.mesh.0);
            for place in &group.offsets_in_chunk {
                space.check_copy(place, what)?;
            }
        }
        let meshes = meshes
            .into_iter()
            .enumerate()
            .map(|(index, own)| PreparedMesh::new(index, own, &space))
            .collect::<Result<Vec<_>, _>>()?;
        let copies: usize = instances
            .iter()
            .map(|group| group.offsets_in_chunk.len())
            .sum();
        let bytes = meshes.iter().map(|mesh| mesh.bytes).sum::<u64>()
            + (copies * size_of::<Transform>()) as u64
            + payload_bytes;
        let entities = (meshes.len() + copies) as u64;
        Ok(Self {
            meshes,
            instances,
            payload,
            content_hash,
            layers: Vec::new(),
            bytes,
            entities,
        })
    }
}

impl PreparedMesh {
    fn new(index: usize, mut own: ChunkMesh, space: &Space) -> Result<Self, ContentError> {
        let Some(positions) = own
            .mesh
            .attribute(Mesh::ATTRIBUTE_POSITION)
            .and_then(|values| values.as_float3())
        else {
            return Err(ContentError::NoPositions(index));
        };
        let aabb = bounds(positions).map_err(|problem| match problem {
            NoBounds::Empty => ContentError::NoPositions(index),
            NoBounds::NotFinite => ContentError::MeshNotFinite(index),
        })?;
        check_mesh(index, &own.mesh, positions.len())?;
        space.check_mesh(&aabb, &own.offset_in_chunk, || format!("mesh {index}"))?;
        give_back_spare_room(&mut own.mesh);
        let bytes = own.mesh.get_vertex_buffer_size() as u64
            + own
                .mesh
                .get_index_buffer_bytes()
                .map_or(0, |bytes| bytes.len() as u64);
        Ok(Self { own, aabb, bytes })
    }
}

/// Vertices and indices are handed over as large as they are: a list that grew by doubling may hold twice
/// of what it needs for as long as its chunk is there.
fn give_back_spare_room(mesh: &mut Mesh) {
    for (_, values) in mesh.attributes_mut() {
        shrink(values);
    }
    match mesh.indices_mut() {
        Some(Indices::U16(indices)) => indices.shrink_to_fit(),
        Some(Indices::U32(indices)) => indices.shrink_to_fit(),
        None => {}
    }
}

macro_rules! shrink_each {
    ($values:ident: $($variant:ident)+) => {
        match $values { $(VertexAttributeValues::$variant(values) => values.shrink_to_fit(),)+ }
    };
}

fn shrink(values: &mut VertexAttributeValues) {
    shrink_each!(values:
        Uint8 Uint8x2 Uint8x4 Sint8 Sint8x2 Sint8x4 Unorm8 Unorm8x2 Unorm8x4 Snorm8 Snorm8x2
        Snorm8x4 Uint16 Uint16x2 Uint16x4 Sint16 Sint16x2 Sint16x4 Unorm16 Unorm16x2 Unorm16x4
        Snorm16 Snorm16x2 Snorm16x4 Float16 Float16x2 Float16x4 Float32 Float32x2 Float32x3
        Float32x4 Uint32 Uint32x2 Uint32x3 Uint32x4 Sint32 Sint32x2 Sint32x3 Sint32x4 Float64
        Float64x2 Float64x3 Float64x4 Unorm8x4Bgra Unorm10_10_10_2
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::PaletteKey;
    use bevy::asset::RenderAssetUsages;
    use bevy::mesh::PrimitiveTopology;

    /// A vector that has room for four times of what it holds.
    fn roomy<T: Clone>(value: T, count: usize) -> Vec<T> {
        let mut values = Vec::with_capacity(4 * count);
        values.resize(count, value);
        values
    }

    fn capacity(mesh: &Mesh, attribute: bevy::mesh::MeshVertexAttribute) -> usize {
        match mesh.attribute(attribute) {
            Some(VertexAttributeValues::Float32x3(values)) => values.capacity(),
            Some(VertexAttributeValues::Unorm8x4(values)) => values.capacity(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_handed_over_has_no_spare_room_and_all_of_it_is_counted() {
        let colours =
            bevy::mesh::MeshVertexAttribute::new("Colour", 7, bevy::mesh::VertexFormat::Unorm8x4);
        let mesh = Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, roomy([1.0_f32; 3], 300))
        .with_inserted_attribute(
            colours,
            VertexAttributeValues::Unorm8x4(roomy([1, 2, 3, 4], 300)),
        )
        .with_inserted_indices(Indices::U16(roomy(0, 300)));
        let key = PaletteKey("test");
        let content = ChunkContent {
            meshes: vec![ChunkMesh {
                mesh,
                material: key,
                offset_in_chunk: Transform::IDENTITY,
                casts_shadow: true,
            }],
            instances: vec![ChunkInstances {
                mesh: key,
                material: key,
                offsets_in_chunk: roomy(Transform::IDENTITY, 10),
                casts_shadow: true,
            }],
            payload: None,
        };
        let prepared = PreparedChunk::new(content, 200.0, 1_000, None).unwrap();
        let mesh = &prepared.meshes[0].own.mesh;
        assert_eq!(capacity(mesh, Mesh::ATTRIBUTE_POSITION), 300);
        assert_eq!(capacity(mesh, colours), 300);
        let Some(Indices::U16(indices)) = mesh.indices() else {
            panic!("the indices are gone");
        };
        assert_eq!(indices.capacity(), 300);
        assert_eq!(prepared.instances[0].offsets_in_chunk.capacity(), 10);
        let vertices = 300 * (12 + 4 + 2);
        let places = 10 * size_of::<Transform>() as u64;
        assert_eq!(prepared.bytes, vertices + places + 1_000);
    }
}
