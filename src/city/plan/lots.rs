//! Cutting the inside of a block into lots.

use super::super::area::{Area, Axis, Side};
use super::super::hash::Dice;
use super::buildings::Face;

/// A piece of ground for one building.
#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub(super) area: Area,
    /// The side with the main entrance; always on a street.
    pub(super) front: Side,
    /// What lies beyond each side: a street, a neighbour's wall (`Blank`) or the inside of the block (`Rear`).
    pub(super) faces: [Face; 4],
}

/// Cuts a length into pieces of about `piece_m`, none shorter than about two thirds of it. Returns the cuts, ends included.
pub(super) fn cuts(length: f32, piece_m: f32, dice: &mut Dice) -> Vec<f32> {
    let count = (length / piece_m).round().max(1.0) as usize;
    let mut cuts = Vec::with_capacity(count + 1);
    cuts.push(0.0);
    // First the sums of the pieces' weights.
    let mut sum = 0.0;
    for _ in 0..count {
        sum += dice.between(0.75, 1.3);
        cuts.push(sum);
    }
    for cut in &mut cuts[1..count] {
        *cut = (length * *cut / sum * 8.0).round() / 8.0;
    }
    cuts[count] = length;
    cuts
}

/// A row of lots along one side of a block.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) area: Area,
    pub(super) front: Side,
    /// Rows of one block may differ in mood.
    pub(super) number: u64,
}

impl Row {
    /// Cuts the row into lots.
    pub(super) fn lots(&self, inner: &Area, lot_width_m: f32, dice: &mut Dice) -> Vec<Lot> {
        let front = self.front;
        let axis = front.runs_along();
        let cuts = cuts(self.area.size(axis), lot_width_m, dice);
        let lots = cuts.windows(2).map(|pair| {
            let area = self.area.span(axis, pair[0], pair[1]);
            let faces = Side::ALL.map(|side| {
                if area.gap(inner, side) == 0.0 {
                    Face::Street
                } else if side == front.opposite() {
                    Face::Rear
                } else {
                    Face::Blank
                }
            });
            Lot { area, front, faces }
        });
        lots.collect()
    }
}

/// The rows along the streets around a block: the two long sides own the corners, the short sides fill in between,
/// and whatever is left in the middle is a court.
pub(super) fn rows(inner: &Area, row_depth_m: f32, dice: &mut Dice) -> Vec<Row> {
    let (long_sides, short_sides, short) = if inner.size_x() >= inner.size_z() {
        (
            [Side::North, Side::South],
            [Side::West, Side::East],
            inner.size_z(),
        )
    } else {
        (
            [Side::West, Side::East],
            [Side::North, Side::South],
            inner.size_x(),
        )
    };
    let mut rows = Vec::with_capacity(4);
    if short < 1.5 * row_depth_m {
        // Too shallow for two rows: the lots reach from street to street.
        rows.push(Row {
            area: *inner,
            front: long_sides[dice.whole(0, 1) as usize],
            number: 0,
        });
        return rows;
    }
    let depth = row_depth_m.min(short / 2.0);
    for (front, number) in long_sides.into_iter().zip(0..) {
        rows.push(Row {
            area: inner.strip(front, 0.0, depth),
            front,
            number,
        });
    }
    let mut middle = *inner;
    for side in long_sides {
        middle = middle.inset_by(margin_on(side, depth));
    }
    let between = middle.size(short_sides[0].runs_along());
    let across = middle.size(long_sides[0].runs_along());
    if between >= 9.0 && across >= 2.0 * depth {
        for (front, number) in short_sides.into_iter().zip(2..) {
            rows.push(Row {
                area: middle.strip(front, 0.0, depth),
                front,
                number,
            });
        }
    }
    rows
}

/// Lots in [`rows`] around a block.
pub(super) fn perimeter(
    inner: &Area,
    row_depth_m: f32,
    lot_width_m: f32,
    dice: &mut Dice,
) -> Vec<Lot> {
    let mut lots = Vec::new();
    for row in rows(inner, row_depth_m, dice) {
        lots.extend(row.lots(inner, lot_width_m, dice));
    }
    lots
}

/// Lots in a grid of about `lot_m` by `lot_m` that fill the block.
pub(super) fn grid(inner: &Area, lot_m: f32, dice: &mut Dice) -> Vec<Lot> {
    let rows = cuts(inner.size_z(), lot_m * 1.25, dice);
    let mut lots = Vec::new();
    for north_south in rows.windows(2) {
        let strip = inner.span(Axis::Z, north_south[0], north_south[1]);
        let columns = cuts(inner.size_x(), lot_m, dice);
        lots.reserve((rows.len() - 1) * (columns.len() - 1));
        for west_east in columns.windows(2) {
            let area = strip.span(Axis::X, west_east[0], west_east[1]);
            let faces = Side::ALL.map(|side| {
                if area.gap(inner, side) == 0.0 {
                    Face::Street
                } else {
                    Face::Blank
                }
            });
            let front = Side::ALL
                .into_iter()
                .find(|side| faces[*side as usize] == Face::Street)
                .unwrap_or(Side::North);
            lots.push(Lot { area, front, faces });
        }
    }
    lots
}

const fn margin_on(side: Side, margin: f32) -> [f32; 4] {
    let mut margins = [0.0; 4];
    margins[side as usize] = margin;
    margins
}
