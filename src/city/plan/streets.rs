//! The street grid: one street on every chunk border, and side streets that depend only on the chunk's column or row,
//! so that streets run through all chunks and meet at the borders without asking a neighbour.
//!
//! ```text
//!        column 0      column 1            the line between two chunks is a street of its own: each chunk draws its half.
//!     ║      │     ║    │    │   ║         A side street's place and class come from hash(seed, column) alone, so every
//!   ══╬══════╪═════╬════╪════╪═══╬══       chunk of the column has it at the same place.
//!     ║      │     ║    │    │   ║  row 0
//! ```

use bevy::math::Vec2;

use super::super::area::{Area, Axis};
use super::super::hash::{Dice, Topic};
use crate::streaming::ChunkCoord;

/// Height of pavements and everything else inside the kerbs above the road, metres.
pub const KERB_HEIGHT_M: f32 = 0.15;

/// How far apart arterial roads should be, metres.
const ARTERIAL_PITCH_M: f64 = 400.0;
/// The size of a block including its share of the streets that side streets aim for, metres.
const BLOCK_PITCH_M: f32 = 66.0;
/// Chunks larger than this many block pitches get larger blocks, not more of them.
const MOST_BLOCKS_PER_AXIS: f32 = 16.0;
/// Chunks smaller than this have alleys only, since nothing wider leaves room for a block.
const SMALLEST_WITH_STREETS_M: f64 = 48.0;

/// The kinds of street.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug, Hash)]
pub enum StreetClass {
    /// A lane's width between back walls, without markings.
    Alley,
    /// One lane each way and parking along both kerbs.
    Street,
    /// Two lanes each way.
    Arterial,
    /// Two lanes each way on both sides of a wide median: the arterial under a highway.
    Avenue,
}

impl StreetClass {
    /// Width of the carriageway from kerb to kerb, metres.
    pub const fn carriageway_m(self) -> f32 {
        match self {
            StreetClass::Alley => 5.5,
            StreetClass::Street => 11.5,
            StreetClass::Arterial => 17.0,
            StreetClass::Avenue => 30.0,
        }
    }

    /// Width of the pavement on each side, metres.
    pub const fn pavement_m(self) -> f32 {
        match self {
            StreetClass::Alley => 1.25,
            StreetClass::Street => 3.25,
            StreetClass::Arterial | StreetClass::Avenue => 4.5,
        }
    }

    /// Distance from the centre line to the middle of the lane next to it, metres.
    pub const fn lane_center_m(self) -> f32 {
        match self {
            StreetClass::Alley => 1.3,
            StreetClass::Street => 1.75,
            StreetClass::Arterial => 2.0,
            StreetClass::Avenue => 7.0,
        }
    }
}

/// One street of a chunk: a straight line across the whole chunk.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct StreetLine {
    /// Where its centre line is, metres from the chunk's minimum side. 0 or the chunk size for the border streets.
    pub(in super::super) center: f32,
    pub(in super::super) class: StreetClass,
}

impl StreetLine {
    pub(in super::super) const fn half_road(&self) -> f32 {
        self.class.carriageway_m() / 2.0
    }
}

/// All streets that touch a chunk. Both lists start and end with a border street and are in ascending order.
#[derive(Clone, Debug)]
pub(in super::super) struct StreetGrid {
    /// Streets that run along z, each at a constant x.
    pub(in super::super) along_z: Vec<StreetLine>,
    /// Streets that run along x, each at a constant z.
    pub(in super::super) along_x: Vec<StreetLine>,
    pub(in super::super) size_m: f32,
}

/// What the ground is at a point.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Surface {
    Road,
    Raised,
}

impl StreetGrid {
    pub(in super::super) fn new(seed: u64, coord: ChunkCoord, chunk_size_m: f64) -> Self {
        Self::between(seed, i64::from(coord.x), i64::from(coord.z), chunk_size_m)
    }

    /// The streets of a column and a row that need not be a legal chunk coordinate.
    pub(in super::super) fn between(seed: u64, column: i64, row: i64, chunk_size_m: f64) -> Self {
        Self {
            along_z: lines_across(seed, Axis::Z, column, chunk_size_m),
            along_x: lines_across(seed, Axis::X, row, chunk_size_m),
            size_m: chunk_size_m as f32,
        }
    }

    /// What the ground is at a point of the chunk; points outside are treated as on its edge.
    pub(in super::super) fn surface_at(&self, offset_in_chunk: Vec2) -> Surface {
        let (x, z) = (
            offset_in_chunk.x.clamp(0.0, self.size_m),
            offset_in_chunk.y.clamp(0.0, self.size_m),
        );
        let (Some(west_east), Some(north_south)) =
            (gap_around(&self.along_z, x), gap_around(&self.along_x, z))
        else {
            return Surface::Road;
        };
        if kerb_outline(west_east, north_south).is_raised(Vec2::new(x, z)) {
            Surface::Raised
        } else {
            Surface::Road
        }
    }
}

/// The pair of neighbouring streets with the coordinate between their centre lines.
fn gap_around(lines: &[StreetLine], at: f32) -> Option<(StreetLine, StreetLine)> {
    lines
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .find(|(low, high)| at >= low.center && at <= high.center)
}

/// The line of kerbs around a block: a rectangle with rounded corners.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct KerbOutline {
    pub(in super::super) area: Area,
    /// Corner radii: north-west, north-east, south-east, south-west.
    pub(in super::super) radii: [f32; 4],
}

impl KerbOutline {
    fn is_raised(&self, point: Vec2) -> bool {
        if !self.area.contains(point) {
            return false;
        }
        let [west, north] = [point.x - self.area.x0, point.y - self.area.z0];
        let [east, south] = [self.area.x1 - point.x, self.area.z1 - point.y];
        let corners = [(west, north), (east, north), (east, south), (west, south)];
        corners
            .into_iter()
            .zip(self.radii)
            .all(|((from_x, from_z), radius)| {
                if from_x >= radius || from_z >= radius {
                    return true;
                }
                let (dx, dz) = (radius - from_x, radius - from_z);
                dx * dx + dz * dz <= radius * radius
            })
    }
}

/// The kerbs around the block between two streets along z and two along x.
pub(in super::super) fn kerb_outline(
    west_east: (StreetLine, StreetLine),
    north_south: (StreetLine, StreetLine),
) -> KerbOutline {
    let ((west, east), (north, south)) = (west_east, north_south);
    // The rounding must stay inside the narrower pavement, or a corner building would stand on the road.
    let radius = |a: StreetLine, b: StreetLine| a.class.pavement_m().min(b.class.pavement_m());
    KerbOutline {
        area: Area::new(
            west.center + west.half_road(),
            north.center + north.half_road(),
            east.center - east.half_road(),
            south.center - south.half_road(),
        ),
        radii: [
            radius(west, north),
            radius(east, north),
            radius(east, south),
            radius(west, south),
        ],
    }
}

/// The class of the street on border line `index` (the one at `index * chunk_size_m`); line 0 is always arterial.
pub(in super::super) fn border_class(index: i64, chunk_size_m: f64) -> StreetClass {
    if chunk_size_m < SMALLEST_WITH_STREETS_M {
        return StreetClass::Alley;
    }
    let period = ((ARTERIAL_PITCH_M / chunk_size_m).round() as i64).max(1);
    if index.rem_euclid(period) == 0 {
        StreetClass::Arterial
    } else {
        StreetClass::Street
    }
}

/// All streets along `axis` that touch column or row `index`, in ascending order.
pub(in super::super) fn lines_across(
    seed: u64,
    axis: Axis,
    index: i64,
    chunk_size_m: f64,
) -> Vec<StreetLine> {
    let size = chunk_size_m as f32;
    let blocks = (size / BLOCK_PITCH_M)
        .round()
        .clamp(1.0, MOST_BLOCKS_PER_AXIS) as u32;
    let mut dice = Dice::at(seed, Topic::SideStreets, axis as i64, index);
    // Leaving out one side street here and there gives long blocks beside square ones.
    let skipped = if blocks >= 3 && dice.chance(0.4) {
        dice.whole(1, blocks - 1)
    } else {
        0
    };
    let pitch = size / blocks as f32;

    let mut lines = vec![StreetLine {
        center: 0.0,
        class: border_class(index, chunk_size_m),
    }];
    for k in 1..blocks {
        let shift = dice.between(-0.11, 0.11) * pitch;
        let class = if dice.chance(0.4) {
            StreetClass::Alley
        } else {
            StreetClass::Street
        };
        if k == skipped {
            continue;
        }
        // A sixteenth of a metre is exact in f32, so that the same street is at the same place in every sum.
        let center = ((k as f32 * pitch + shift) * 16.0).round() / 16.0;
        lines.push(StreetLine { center, class });
    }
    lines.push(StreetLine {
        center: size,
        class: border_class(index + 1, chunk_size_m),
    });
    lines
}
