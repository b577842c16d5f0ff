//! How vertices are packed: what their attributes are, and how normals, colours and indices become few bytes.

use bevy::math::Vec3;
use bevy::mesh::{self, Mesh, MeshVertexAttribute, VertexFormat};

use super::super::colour::Rgb;
use super::glow::Glow;

/// Bevy's normals in a third of the bytes; the fourth is the light of street lamps, 0 to 1. The shader asks for the
/// attribute's number and reads any format.
pub(in super::super) const NORMAL: MeshVertexAttribute = MeshVertexAttribute {
    format: VertexFormat::Snorm8x4,
    ..Mesh::ATTRIBUTE_NORMAL
};
/// Bevy's vertex colours in a quarter of the bytes: the square roots of shares of [`BRIGHTEST`], since steps between
/// bytes are then about as wide as the eye's; alpha is the [`Glow`].
pub(in super::super) const COLOUR: MeshVertexAttribute = MeshVertexAttribute {
    format: VertexFormat::Unorm8x4,
    ..Mesh::ATTRIBUTE_COLOR
};
/// The brightest colour that a vertex can have: lit white is more than 1. The material squares and multiplies by it.
pub(in super::super) const BRIGHTEST: f32 = 2.0;

/// Added to a number between 0 and 2^22, it leaves the number, rounded, in the low bits: a conversion without the checks
/// of a cast.
const ROUNDS: f32 = 8_388_608.0;
/// Likewise for numbers that may be negative.
const ROUNDS_SIGNED: f32 = 12_582_912.0;

/// Normals and packed colours of vertices.
pub(super) struct Paint<const N: usize> {
    pub(super) normals: [Vec3; N],
    pub(super) colours: [[u8; 4]; N],
}

impl<const N: usize> Paint<N> {
    /// Packs colours.
    pub(super) fn new(vertices: [(Vec3, Rgb); N]) -> Self {
        let none = Glow::None.packed();
        Self {
            normals: vertices.map(|(normal, _)| normal),
            colours: vertices.map(|(_, colour)| packed_colour(colour, none)),
        }
    }
}

/// A normal without lamplight.
#[inline]
pub(super) fn packed_normal(normal: Vec3) -> [i8; 4] {
    [snorm(normal.x), snorm(normal.y), snorm(normal.z), 0]
}

/// A colour with the alpha of its glow.
#[inline]
pub(super) fn packed_colour(colour: Rgb, alpha: u8) -> [u8; 4] {
    [root(colour.x), root(colour.y), root(colour.z), alpha]
}

/// Several colours; what equals the one before is packed once.
#[inline]
pub(super) fn packed_colours<const N: usize>(colours: &[Rgb; N], alpha: u8) -> [[u8; 4]; N] {
    let mut packed = [[0; 4]; N];
    let mut last = packed_colour(colours[0], alpha);
    packed[0] = last;
    // By number: adapters of iterators stay calls in the development profile.
    for k in 1..N {
        if colours[k] != colours[k - 1] {
            last = packed_colour(colours[k], alpha);
        }
        packed[k] = last;
    }
    packed
}

/// A number in -1..=1 as the renderer reads it back from a byte.
#[inline(always)]
pub(super) fn snorm(value: f32) -> i8 {
    (value * 127.0 + ROUNDS_SIGNED).to_bits() as i8
}

/// The root of a number in 0..=[`BRIGHTEST`] as the renderer reads it back from a byte.
#[inline(always)]
fn root(value: f32) -> u8 {
    ((value * (1.0 / BRIGHTEST)).sqrt().min(1.0) * 255.0 + ROUNDS).to_bits() as u8
}

/// Indices of triangles: two bytes each as long as that suffices.
pub(super) struct Indices {
    narrow: Vec<u16>,
    /// All of them, once there are more vertices.
    wide: Option<Vec<u32>>,
}

impl Default for Indices {
    fn default() -> Self {
        Self::with_room_for(0)
    }
}

impl Indices {
    pub(super) fn with_room_for(count: usize) -> Self {
        Self {
            narrow: Vec::with_capacity(count),
            wide: None,
        }
    }

    /// Adds a few indices.
    #[inline]
    pub(super) fn add<const N: usize>(&mut self, indices: &[u32; N]) {
        let mut narrow = [0; N];
        let mut bits = 0;
        // By number: adapters of iterators stay calls in the development profile.
        for k in 0..N {
            narrow[k] = indices[k] as u16;
            bits |= indices[k];
        }
        if bits <= u32::from(u16::MAX) && self.wide.is_none() {
            self.narrow.extend_from_slice(&narrow);
        } else {
            self.widened().extend_from_slice(indices);
        }
    }

    fn widened(&mut self) -> &mut Vec<u32> {
        let narrow = std::mem::take(&mut self.narrow);
        self.wide
            .get_or_insert_with(|| narrow.into_iter().map(u32::from).collect())
    }

    pub(super) fn finished(self) -> mesh::Indices {
        match self.wide {
            Some(wide) => mesh::Indices::U32(wide),
            None => mesh::Indices::U16(self.narrow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_come_back_within_half_a_step() {
        for k in 0..=1_000 {
            let value = k as f32 / 500.0;
            let read = (f32::from(root(value)) / 255.0).powi(2) * BRIGHTEST;
            let step = 2.0 * (value / BRIGHTEST).sqrt() * BRIGHTEST / 255.0 + 1e-4;
            assert!(
                (read - value).abs() <= 0.6 * step,
                "{value} came back as {read}"
            );
            let normal = value - 1.0;
            assert!((f32::from(snorm(normal)) / 127.0 - normal).abs() < 0.501 / 127.0);
        }
        assert_eq!(root(7.0), 255);
    }

    #[test]
    fn indices_grow_when_they_must_and_keep_what_there_was() {
        let mut indices = Indices::default();
        indices.add(&[0, 1, 65_535]);
        let mut wide = Indices::default();
        wide.add(&[0, 1, 65_535]);
        wide.add(&[65_536, 65_537, 3]);
        assert!(matches!(indices.finished(), mesh::Indices::U16(_)));
        let mesh::Indices::U32(all) = wide.finished() else {
            panic!("they do not fit into two bytes");
        };
        assert_eq!(all, [0, 1, 65_535, 65_536, 65_537, 3]);
    }
}
