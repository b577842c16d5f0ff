//! Long profiles along z: decks, ramps, parapets, each a strip between two lines.

use bevy::math::Vec3;

use super::super::colour::Rgb;
use super::mesh::MeshBuilder;

/// Places along z with the height of a surface there, ascending.
#[derive(Clone, Debug, Default)]
pub(super) struct Sweep {
    stations: Vec<(f32, f32)>,
}

/// A line beside a sweep: metres along x and above the sweep's surface.
pub(super) type Line = (f32, f32);

impl Sweep {
    pub(super) fn new(
        places: impl IntoIterator<Item = f32>,
        height_at: impl Fn(f32) -> f32,
    ) -> Self {
        let stations = places.into_iter().map(|z| (z, height_at(z))).collect();
        Self { stations }
    }

    pub(super) fn stations(&self) -> &[(f32, f32)] {
        &self.stations
    }

    /// The height of the surface as it is drawn: straight between the stations.
    pub(super) fn height_at(&self, z: f32) -> f32 {
        let after = self.stations.partition_point(|(at, _)| *at < z);
        match (
            after.checked_sub(1).map(|k| self.stations[k]),
            self.stations.get(after),
        ) {
            (Some((z0, h0)), Some((z1, h1))) => h0 + (h1 - h0) * (z - z0) / (z1 - z0),
            (Some((_, h)), None) => h,
            (None, Some((_, h))) => *h,
            (None, None) => 0.0,
        }
    }

    /// The part between two places.
    pub(super) fn between(&self, from: f32, to: f32) -> Self {
        let (first, last) = match (self.stations.first(), self.stations.last()) {
            (Some(first), Some(last)) => (first.0, last.0),
            _ => return Self::default(),
        };
        let (from, to) = (from.max(first), to.min(last));
        if to - from < 0.01 {
            return Self::default();
        }
        let inside = self
            .stations
            .iter()
            .filter(|(z, _)| *z > from + 1e-3 && *z < to - 1e-3);
        let ends = [from, to].map(|z| (z, self.height_at(z)));
        Self {
            stations: std::iter::once(ends[0])
                .chain(inside.copied())
                .chain([ends[1]])
                .collect(),
        }
    }

    /// A strip between two lines that looks along a normal.
    pub(super) fn strip(
        &self,
        mesh: &mut MeshBuilder,
        lines: [Line; 2],
        normal: Vec3,
        colours: [Rgb; 2],
    ) {
        self.strip_with(mesh, |_| lines, normal, colours);
    }

    /// A strip between two lines that change along the way.
    pub(super) fn strip_with(
        &self,
        mesh: &mut MeshBuilder,
        lines: impl Fn(f32) -> [Line; 2],
        normal: Vec3,
        colours: [Rgb; 2],
    ) {
        if self.stations.len() < 2 {
            return;
        }
        // Along z and then from one line to the other is counter-clockwise for a normal towards z × line.
        let middle = self.stations[self.stations.len() / 2].0;
        let [a, b] = lines(middle);
        let across = Vec3::new(b.0 - a.0, b.1 - a.1, 0.0);
        let is_turned = Vec3::Z.cross(across).dot(normal) < 0.0;
        let order = |row: usize| if is_turned { 1 - row } else { row };
        let place = |station: usize, row: usize| {
            let (z, height) = self.stations[station];
            let (x, above) = lines(z)[order(row)];
            Vec3::new(x, height + above, z)
        };
        let pieces = [self.stations.len() - 1, 1];
        mesh.lattice(pieces, normal, place, |_, row| colours[order(row)]);
    }
}
