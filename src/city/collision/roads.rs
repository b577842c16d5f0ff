//! The solid parts of bridges and highways: parapets, pillars, and what closes the room under ramps.

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::plan::banks::{ABUTMENT_M, EMBANKMENT_M, River};
use super::super::plan::viaduct::{DECK_M, LocalRamp, RAMP_M, SLAB_M, Viaduct};
use super::Collector;

/// Parapets: height and thickness, metres.
const PARAPET_M: f32 = 1.0;
const PARAPET_THICK_M: f32 = 0.3;
/// How far parapets of bridges are from the embankments' centre lines at their ends, metres.
const RAILED_FROM_M: f32 = EMBANKMENT_M;
/// What follows a slope is cut into pieces of this length, metres.
const PIECE_M: f32 = 6.0;
/// Less than this above the ground a ramp has no walls, metres.
const LOW_RAMP_M: f32 = 0.35;
/// Less room than this under a ramp is closed, metres.
const ROOM_M: f32 = 2.0;

impl Collector<'_> {
    /// The parapets on both sides of the bridges over a river.
    pub(super) fn rail_bridges(&mut self, river: &River) {
        for bridge in &river.bridges {
            let (from, to) = (river.north + RAILED_FROM_M, river.south - RAILED_FROM_M);
            for side in [-1.0, 1.0] {
                let x = bridge.x + side * (bridge.half_m - PARAPET_THICK_M / 2.0);
                self.along(from, to, |collector, z0, z1| {
                    let area =
                        Area::new(x - PARAPET_THICK_M / 2.0, z0, x + PARAPET_THICK_M / 2.0, z1);
                    let land_m = collector.plan.frame.survey.height_at(area.center());
                    // Over the banks down to the ground: nobody slips in beside an abutment.
                    let is_abutment = (z0 - river.north).min(river.south - z1) < ABUTMENT_M;
                    let base_m = if is_abutment { 3.0 } else { 0.4 };
                    collector.add(&area, land_m - base_m, land_m + PARAPET_M + 0.15);
                });
            }
        }
    }

    /// The parapets of decks and ramps, and the pillars.
    pub(super) fn wall_viaduct(&mut self, viaduct: &Viaduct) {
        let reach = *self.reach;
        if viaduct.x + 16.0 < reach.x0 || viaduct.x - 16.0 > reach.x1 {
            return;
        }
        for pillar in viaduct.pillars() {
            if pillar.z1 < reach.z0 || pillar.z0 > reach.z1 {
                continue;
            }
            let foot_m = self.plan.frame.survey.height_at(pillar.center());
            let top_m = viaduct.deck_height_at(pillar.center().y) - SLAB_M / 2.0;
            self.add(&pillar, foot_m - 1.0, top_m);
        }
        for side in [-1.0, 1.0] {
            self.along(viaduct.from_z, viaduct.to_z, |collector, z0, z1| {
                let outer = DECK_M.1 - PARAPET_THICK_M;
                let heights = [z0, z1].map(|z| viaduct.deck_height_at(z));
                collector.parapet(viaduct, side, outer, [z0, z1], heights);
                // Open where a ramp of this side joins: what is left before and behind.
                let joined = viaduct
                    .ramps
                    .iter()
                    .filter(|ramp| ramp.side() == side)
                    .map(joined)
                    .find(|(from, to)| *from < z1 && *to > z0);
                let (before, behind) =
                    joined.map_or((z1, z1), |(from, to)| (from.max(z0), to.min(z1)));
                for range in [[z0, before], [behind, z1]] {
                    if range[1] > range[0] {
                        let heights = range.map(|z| viaduct.deck_height_at(z));
                        collector.parapet(viaduct, side, DECK_M.0, range, heights);
                    }
                }
            });
        }
        for ramp in &viaduct.ramps {
            self.wall_ramp(viaduct, ramp);
        }
    }

    fn wall_ramp(&mut self, viaduct: &Viaduct, ramp: &LocalRamp) {
        let (from, to) = ramp.range();
        let side = ramp.side();
        let mut is_closed_below = false;
        // From the ground up, so that the first place with too little room under it is found.
        let mut pieces = pieces_of(from, to);
        if ramp.ground_z > ramp.deck_z {
            pieces.reverse();
        }
        for (z0, z1) in pieces {
            let heights = [z0, z1].map(|z| viaduct.ramp_height_at(ramp, z).unwrap_or_default());
            let ground_m = self
                .plan
                .frame
                .survey
                .height_at(Vec2::new(viaduct.x, (z0 + z1) / 2.0));
            let above_m = (heights[0] + heights[1]) / 2.0 - ground_m;
            if above_m < LOW_RAMP_M {
                continue;
            }
            // On the side of the middle, and towards the deck until both are one surface.
            self.parapet(viaduct, side, RAMP_M.0, [z0, z1], heights);
            if !merges(ramp, z0, z1) {
                self.parapet(viaduct, side, RAMP_M.1 - PARAPET_THICK_M, [z0, z1], heights);
            }
            if above_m - SLAB_M < ROOM_M {
                // The flanks below, down to the ground.
                for from_middle in [RAMP_M.0, RAMP_M.1 - PARAPET_THICK_M] {
                    self.flank(
                        viaduct,
                        side,
                        from_middle,
                        [z0, z1],
                        ground_m - 1.0,
                        heights,
                    );
                }
            } else if !is_closed_below {
                is_closed_below = true;
                let (a, b) = (side * RAMP_M.0, side * RAMP_M.1);
                let (x0, x1) = (viaduct.x + a.min(b), viaduct.x + a.max(b));
                let top_m = heights[0].min(heights[1]) - SLAB_M / 2.0;
                self.add(&Area::new(x0, z0, x1, z1), ground_m - 1.0, top_m);
            }
        }
        // Across the end of the lane beside the deck.
        let away = (ramp.merge_z - ramp.deck_z).signum();
        let (a, b) = (side * RAMP_M.0, side * DECK_M.0);
        let (z0, z1) = (ramp.merge_z, ramp.merge_z + away * PARAPET_THICK_M);
        let area = Area::new(
            viaduct.x + a.min(b),
            z0.min(z1),
            viaduct.x + a.max(b),
            z0.max(z1),
        );
        let deck_m = viaduct.deck_height_at(ramp.merge_z);
        self.add(&area, deck_m - 0.4, deck_m + PARAPET_M);
    }

    fn parapet(
        &mut self,
        viaduct: &Viaduct,
        side: f32,
        from_middle: f32,
        range: [f32; 2],
        heights: [f32; 2],
    ) {
        let base_m = heights[0].min(heights[1]) - 0.4;
        self.flank(viaduct, side, from_middle, range, base_m, heights);
    }

    fn flank(
        &mut self,
        viaduct: &Viaduct,
        side: f32,
        from_middle: f32,
        [z0, z1]: [f32; 2],
        base_m: f32,
        heights: [f32; 2],
    ) {
        let (a, b) = (side * from_middle, side * (from_middle + PARAPET_THICK_M));
        let area = Area::new(viaduct.x + a.min(b), z0, viaduct.x + a.max(b), z1);
        self.add(&area, base_m, heights[0].max(heights[1]) + PARAPET_M);
    }

    /// Calls for each piece of a way along z that comes near the cell.
    fn along(&mut self, from: f32, to: f32, mut piece: impl FnMut(&mut Self, f32, f32)) {
        let (from, to) = (
            from.max(self.reach.z0 - PIECE_M),
            to.min(self.reach.z1 + PIECE_M),
        );
        for (z0, z1) in pieces_of(from, to) {
            piece(self, z0, z1);
        }
    }
}

/// Where the upper end of a ramp is one surface with the deck, along z, ascending.
const fn joined(ramp: &LocalRamp) -> (f32, f32) {
    (ramp.merge_z.min(ramp.deck_z), ramp.merge_z.max(ramp.deck_z))
}

/// Whether a piece lies where the upper end of a ramp is one surface with the deck.
fn merges(ramp: &LocalRamp, z0: f32, z1: f32) -> bool {
    let (from, to) = joined(ramp);
    (from..to).contains(&((z0 + z1) / 2.0))
}

fn pieces_of(from: f32, to: f32) -> Vec<(f32, f32)> {
    let length = to - from;
    if length <= 0.0 {
        return Vec::new();
    }
    let count = (length / PIECE_M).ceil().max(1.0) as u32;
    (0..count)
        .map(|piece| {
            let at = |number: u32| from + length * number as f32 / count as f32;
            (at(piece), at(piece + 1))
        })
        .collect()
}
