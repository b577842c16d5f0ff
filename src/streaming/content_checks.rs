//! What content must be like to be let into the world, checked on the worker that made it.

use bevy::camera::primitives::Aabb;
use bevy::math::{Vec3, Vec3A};
use bevy::mesh::{Indices, Mesh, VertexAttributeValues};
use bevy::prelude::Transform;

use crate::content::ContentError;

/// Content may reach this many cells beyond its own, in every direction.
pub(crate) const REACH_CELLS: f32 = 4.0;

/// … or this far (m), whichever is more: a skyline or a tree over the border of a small cell is no mistake.
pub(crate) const LEAST_REACH_M: f32 = 1_000.0;

/// No copy of a shared mesh is larger than so many times the mesh.
pub(crate) const MOST_SCALE: f32 = 10_000.0;

/// The space that the content of one cell may fill: the cell and what is around it, in the cell's own
/// measure. It finds places of the world given as places of the cell, and numbers that ran away.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Space {
    size_m: f32,
    reach_m: f32,
}

impl Space {
    pub fn around_cell(chunk_size_m: f64) -> Self {
        let size_m = chunk_size_m as f32;
        Self {
            size_m,
            reach_m: (REACH_CELLS * size_m).max(LEAST_REACH_M),
        }
    }

    /// Checks the place and size of a copy of a shared mesh, whose own size only the palette knows.
    pub fn check_copy(
        &self,
        place: &Transform,
        what: impl Fn() -> String,
    ) -> Result<(), ContentError> {
        if !place.is_finite() {
            return Err(ContentError::TransformNotFinite(what()));
        }
        let scale = place.scale.abs().max_element();
        if scale > MOST_SCALE {
            return Err(ContentError::TooLarge {
                what: what(),
                scale: scale.to_string(),
            });
        }
        self.check(place.translation, place.translation, what)
    }

    /// Checks the box that a mesh fills where it stands.
    pub fn check_mesh(
        &self,
        aabb: &Aabb,
        place: &Transform,
        what: impl Fn() -> String,
    ) -> Result<(), ContentError> {
        if !place.is_finite() {
            return Err(ContentError::TransformNotFinite(what()));
        }
        let stands = place.compute_affine();
        let centre = stands.transform_point3a(aabb.center);
        let axes = stands.matrix3;
        let half = axes.x_axis.abs() * aabb.half_extents.x
            + axes.y_axis.abs() * aabb.half_extents.y
            + axes.z_axis.abs() * aabb.half_extents.z;
        self.check((centre - half).into(), (centre + half).into(), what)
    }

    fn check(&self, low: Vec3, high: Vec3, what: impl Fn() -> String) -> Result<(), ContentError> {
        let least = Vec3::splat(-self.reach_m);
        let most = Vec3::new(self.size_m, 0.0, self.size_m) + self.reach_m;
        // Written so that NaN is refused.
        if low.cmpge(least).all() && high.cmple(most).all() {
            return Ok(());
        }
        Err(ContentError::OutOfReach {
            what: what(),
            low: format!("{low}"),
            high: format!("{high}"),
            least: format!("{least}"),
            most: format!("{most}"),
        })
    }
}

/// Checks everything of a mesh but its positions: every attribute has a value for every vertex, every float
/// is finite, and every index has a vertex. Cost: one pass over float attributes and indices; packed attributes
/// cannot be wrong and are not looked at.
pub(crate) fn check_mesh(index: usize, mesh: &Mesh, vertices: usize) -> Result<(), ContentError> {
    for (attribute, values) in mesh.attributes() {
        if values.len() != vertices {
            return Err(ContentError::AttributeCount {
                mesh: index,
                attribute: attribute.name,
                values: values.len(),
                vertices,
            });
        }
        if attribute.id != Mesh::ATTRIBUTE_POSITION.id && !is_finite(values) {
            return Err(ContentError::AttributeNotFinite {
                mesh: index,
                attribute: attribute.name,
            });
        }
    }
    let most = match mesh.indices() {
        Some(Indices::U16(indices)) => indices.iter().copied().max().map(u32::from),
        Some(Indices::U32(indices)) => indices.iter().copied().max(),
        None => None,
    };
    match most {
        Some(most) if most as usize >= vertices => Err(ContentError::IndexOutOfRange {
            mesh: index,
            index: most,
            vertices,
        }),
        _ => Ok(()),
    }
}

/// Whether all values are finite; whole numbers, packed or not, always are.
fn is_finite(values: &VertexAttributeValues) -> bool {
    use VertexAttributeValues as V;
    match values {
        V::Float32(values) => are_finite(values),
        V::Float32x2(values) => are_finite(values.as_flattened()),
        V::Float32x3(values) => are_finite(values.as_flattened()),
        V::Float32x4(values) => are_finite(values.as_flattened()),
        V::Float16(values) => values.iter().all(|value| value.is_finite()),
        V::Float16x2(values) => values.as_flattened().iter().all(|value| value.is_finite()),
        V::Float16x4(values) => values.as_flattened().iter().all(|value| value.is_finite()),
        V::Float64(values) => values.iter().all(|value| value.is_finite()),
        V::Float64x2(values) => values.as_flattened().iter().all(|value| value.is_finite()),
        V::Float64x3(values) => values.as_flattened().iter().all(|value| value.is_finite()),
        V::Float64x4(values) => values.as_flattened().iter().all(|value| value.is_finite()),
        _ => true,
    }
}

/// Without a way out in the middle, so that the compiler can look at several values at a time.
fn are_finite(values: &[f32]) -> bool {
    const EXPONENT: u32 = 0x7F80_0000;
    let spoiled = values.iter().fold(false, |spoiled, value| {
        spoiled | (value.to_bits() & EXPONENT == EXPONENT)
    });
    !spoiled
}

/// Why vertices have no bounding box.
pub(crate) enum NoBounds {
    Empty,
    NotFinite,
}

/// The bounding box, and whether every vertex is finite, in one pass.
pub(crate) fn bounds(positions: &[[f32; 3]]) -> Result<Aabb, NoBounds> {
    let first = positions.first().ok_or(NoBounds::Empty)?;
    let (mut low, mut high) = (Vec3A::from(*first), Vec3A::from(*first));
    // Zero times anything that is not finite is NaN, and NaN stays.
    let mut spoiled = Vec3A::ZERO;
    for position in positions {
        let place = Vec3A::from(*position);
        spoiled += place * 0.0;
        low = low.min(place);
        high = high.max(place);
    }
    if spoiled.is_nan() {
        return Err(NoBounds::NotFinite);
    }
    Ok(Aabb::from_min_max(low.into(), high.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::asset::RenderAssetUsages;
    use bevy::mesh::PrimitiveTopology;

    fn mesh_at(corner: Vec3) -> Mesh {
        let corners = [corner, corner + Vec3::X, corner + Vec3::Y].map(|at| at.to_array());
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, corners.to_vec())
        .with_inserted_indices(Indices::U32(vec![0, 1, 2]))
    }

    fn place_of_mesh(size_m: f64, corner: Vec3, place: Transform) -> Result<(), ContentError> {
        let mesh = mesh_at(corner);
        let positions = mesh.attribute(Mesh::ATTRIBUTE_POSITION).unwrap();
        let aabb = bounds(positions.as_float3().unwrap()).ok().unwrap();
        Space::around_cell(size_m).check_mesh(&aabb, &place, || "mesh 0".to_owned())
    }

    #[test]
    fn what_reaches_over_a_border_is_legal_and_what_is_a_place_of_the_world_is_not() {
        let legal = [
            (16.0, Vec3::new(-900.0, 600.0, 900.0)),
            (200.0, Vec3::new(1_100.0, 400.0, -990.0)),
            (4_096.0, Vec3::new(20_000.0, -16_000.0, -16_000.0)),
        ];
        for (size_m, corner) in legal {
            assert_eq!(place_of_mesh(size_m, corner, Transform::IDENTITY), Ok(()));
        }
        let refused = [
            (16.0, Vec3::new(-1_001.0, 0.0, 0.0)),
            (200.0, Vec3::new(0.0, 0.0, 1e5)),
            (200.0, Vec3::new(0.0, 1e30, 0.0)),
            (4_096.0, Vec3::new(-20_000.0, 0.0, 0.0)),
        ];
        for (size_m, corner) in refused {
            let error = place_of_mesh(size_m, corner, Transform::IDENTITY).unwrap_err();
            assert!(matches!(error, ContentError::OutOfReach { .. }), "{error}");
        }
    }

    #[test]
    fn a_mesh_is_judged_where_its_transform_puts_it() {
        let turned = Transform::from_rotation(bevy::math::Quat::from_rotation_y(1.0));
        assert_eq!(place_of_mesh(200.0, Vec3::splat(300.0), turned), Ok(()));
        for place in [
            Transform::from_xyz(0.0, 0.0, 1e6),
            Transform::from_scale(Vec3::splat(1e6)),
            Transform::from_xyz(f32::NAN, 0.0, 0.0),
        ] {
            assert!(place_of_mesh(200.0, Vec3::ONE, place).is_err(), "{place:?}");
        }
    }

    #[test]
    fn copies_far_away_or_without_end_are_refused() {
        let space = Space::around_cell(200.0);
        let check = |place: Transform| space.check_copy(&place, || "a tree".to_owned());
        assert_eq!(check(Transform::from_xyz(-30.0, 2.0, 230.0)), Ok(()));
        for place in [
            Transform::from_xyz(2_000.0, 0.0, 0.0),
            Transform::from_xyz(0.0, f32::INFINITY, 0.0),
            Transform::from_scale(Vec3::new(1.0, -1e30, 1.0)),
        ] {
            let error = check(place).unwrap_err().to_string();
            assert!(error.contains("a tree"), "{error}");
        }
    }

    #[test]
    fn attributes_and_indices_that_no_renderer_can_use_are_named() {
        let normals = |value: f32, count| vec![[0.0, value, 0.0]; count];
        let with_normals = |value, count| {
            mesh_at(Vec3::ZERO)
                .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals(value, count))
        };
        let with_indices = |indices| mesh_at(Vec3::ZERO).with_inserted_indices(indices);
        assert_eq!(check_mesh(0, &with_normals(1.0, 3), 3), Ok(()));
        assert_eq!(
            check_mesh(0, &with_indices(Indices::U16(vec![2, 1, 0])), 3),
            Ok(())
        );
        for (mesh, says) in [
            (with_normals(f32::NAN, 3), "Vertex_Normal"),
            (with_normals(f32::NEG_INFINITY, 3), "Vertex_Normal"),
            (with_normals(1.0, 2), "2 values"),
            (with_indices(Indices::U16(vec![0, 1, 3])), "index 3"),
            (
                with_indices(Indices::U32(vec![0, 1, u32::MAX])),
                "4294967295",
            ),
        ] {
            let error = check_mesh(7, &mesh, 3).unwrap_err().to_string();
            assert!(error.contains("mesh 7") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn one_value_among_many_that_is_not_finite_is_found_wherever_it_stands() {
        for at in [0, 1, 500, 998] {
            for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut values = vec![[f32::MAX, -0.0, f32::MIN_POSITIVE]; 333];
                assert!(is_finite(&VertexAttributeValues::Float32x3(values.clone())));
                values.as_flattened_mut()[at] = wrong;
                assert!(!is_finite(&VertexAttributeValues::Float32x3(values)));
            }
        }
        assert!(is_finite(&VertexAttributeValues::Snorm8x4(vec![[-128; 4]])));
    }
}
