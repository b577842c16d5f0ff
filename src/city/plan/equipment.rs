//! What stands on flat roofs: stair heads, coolers, tanks, masts, gardens, helipads.

use super::super::area::{Area, Axis};
use super::super::colour::{IRON, LEAF, METAL, Rgb, SHOP_SIGN, SOIL, WOOD, srgb};
use super::super::hash::Dice;
use super::buildings::{
    Building, Detail, DetailKind, Facade, Life, Mass, Outline, PARAPET_M, Roof,
};

/// Above this height a roof has a plant room instead of sheds, metres.
const HIGH_M: f32 = 45.0;
/// How far equipment keeps from the edge of the roof, metres.
const EDGE_M: f32 = 1.6;
const SOLAR: Rgb = srgb(0x1F2A44);

impl Building {
    /// Puts what belongs there on all flat roofs that are not built over.
    pub(super) fn add_roof_equipment(&mut self, dice: &mut Dice) {
        let is_open = |number: usize, mass: &Mass| {
            mass.roof == Roof::Flat
                && !self.masses.iter().enumerate().any(|(other, above)| {
                    other != number
                        && above.base_m >= mass.top_m - 1.5 * PARAPET_M
                        && above.base_m <= mass.top_m
                        && above.area.x0 < mass.area.x1
                        && mass.area.x0 < above.area.x1
                        && above.area.z0 < mass.area.z1
                        && mass.area.z0 < above.area.z1
                })
        };
        let open: Vec<(Area, f32)> = self
            .masses
            .iter()
            .enumerate()
            .filter(|(number, mass)| is_open(*number, mass))
            .map(|(_, mass)| {
                let edge = match mass.outline {
                    Outline::Rectangle => EDGE_M,
                    Outline::Chamfered(corner_m) => EDGE_M + 0.6 * corner_m,
                    Outline::Round | Outline::Twisted(_) => mass.area.shorter() * 0.22,
                };
                (mass.area.inset(edge), mass.flat_roof_m())
            })
            .collect();
        for (number, (free, roof_m)) in open.into_iter().enumerate() {
            if free.shorter() < 3.0 {
                continue;
            }
            let mut own = dice.part(900 + number as u64);
            if roof_m > HIGH_M {
                self.crown_tower(&free, roof_m, &mut own);
            } else {
                self.furnish_roof(&free, roof_m, &mut own);
            }
        }
    }

    fn add(&mut self, kind: DetailKind, area: Area, heights: (f32, f32), colour: Rgb) {
        self.details.push(Detail {
            area,
            base_m: heights.0,
            top_m: heights.1,
            colour,
            kind,
        });
    }

    fn crown_tower(&mut self, free: &Area, roof_m: f32, dice: &mut Dice) {
        let shorter = free.shorter();
        if shorter > 15.0 && dice.chance(0.12) {
            let size_m = (shorter - 2.0).min(17.0);
            let pad = Area::around(free.center(), size_m, size_m);
            self.add(DetailKind::Helipad, pad, (roof_m, roof_m + 1.4), METAL);
            return;
        }
        let most = shorter / 2.0 - 1.4;
        let plant = free.inset(dice.between(0.6, 0.2 * shorter + 0.6).min(most));
        let plant_top_m = roof_m + dice.between(3.4, 6.5);
        let colour = match dice.whole(0, 2) {
            0 => self.look.trim * 0.8,
            1 => self.look.wall * 0.75,
            _ => METAL * 0.7,
        };
        self.add(DetailKind::Box, plant, (roof_m, plant_top_m), colour);
        match dice.whole(0, 5) {
            0 | 1 if roof_m > 70.0 => {
                let mast_m = plant_top_m + dice.between(9.0, 24.0);
                let foot = Area::around(plant.center(), 0.8, 0.8);
                self.add(DetailKind::Mast, foot, (plant_top_m, mast_m), METAL);
            }
            2 if plant.shorter() > 5.0 => {
                let crown = plant.inset(-0.25);
                let heights = (plant_top_m - 1.1, plant_top_m - 0.3);
                self.add(DetailKind::Crown, crown, heights, self.look.accent);
            }
            3 | 4 if plant.shorter() > 6.0 => {
                self.row_of_coolers(&plant.inset(0.8), plant_top_m, dice);
            }
            _ => {}
        }
    }

    fn furnish_roof(&mut self, free: &Area, roof_m: f32, dice: &mut Dice) {
        let axis = if free.size_x() >= free.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let strips = ((free.size(axis) / 7.5) as u32).clamp(1, 3);
        let strip_m = free.size(axis) / strips as f32;
        let first = dice.whole(0, 7);
        for number in 0..strips {
            // Each thing has its own strip of the roof, so that two never overlap.
            let from = number as f32 * strip_m;
            let place = free.span(axis, from, from + strip_m).inset(0.3);
            if place.shorter() >= 1.4 {
                self.furnish_strip(&place, roof_m, first + number * 3, dice);
            }
        }
    }

    fn furnish_strip(&mut self, place: &Area, roof_m: f32, what: u32, dice: &mut Dice) {
        let some = |size_x: f32, size_z: f32, dice: &mut Dice| {
            let (size_x, size_z) = (size_x.min(place.size_x()), size_z.min(place.size_z()));
            let x0 = place.x0 + dice.unit() * (place.size_x() - size_x);
            let z0 = place.z0 + dice.unit() * (place.size_z() - size_z);
            Area::new(x0, z0, x0 + size_x, z0 + size_z)
        };
        let is_home = self.look.life == Life::Homes;
        match what % 9 {
            0 | 8 => {
                let area = some(dice.between(2.2, 3.4), dice.between(2.4, 3.6), dice);
                let top_m = roof_m + dice.between(2.3, 2.8);
                self.add(
                    DetailKind::StairHead,
                    area,
                    (roof_m, top_m),
                    self.look.wall * 0.9,
                );
            }
            1 if is_home && self.look.facade == Facade::Punched && place.shorter() > 3.4 => {
                let area = some(3.2, 3.2, dice);
                let top_m = roof_m + dice.between(4.6, 6.0);
                self.add(
                    DetailKind::Tank,
                    area,
                    (roof_m, top_m),
                    WOOD * dice.between(0.7, 1.0),
                );
            }
            2 if place.shorter() > 3.5 => {
                let top_m = roof_m + 0.4;
                let bed = place.inset(0.4);
                self.add(
                    DetailKind::Garden,
                    bed,
                    (roof_m, top_m),
                    SOIL.lerp(LEAF[1], 0.5),
                );
                self.add(
                    DetailKind::Railing,
                    place.inset(0.1),
                    (roof_m, roof_m + 1.5),
                    IRON * 1.5,
                );
            }
            3 if place.shorter() > 2.6 => {
                self.add(
                    DetailKind::Solar,
                    place.inset(0.3),
                    (roof_m + 0.15, roof_m + 0.9),
                    SOLAR,
                );
            }
            4 => {
                let area = some(dice.between(4.0, 8.0), 0.9, dice);
                self.add(
                    DetailKind::Box,
                    area,
                    (roof_m + 0.3, roof_m + 1.1),
                    METAL * 0.85,
                );
            }
            5 => {
                let area = some(0.5, 0.5, dice);
                let top_m = roof_m + dice.between(3.5, 7.0);
                self.add(DetailKind::Mast, area, (roof_m, top_m), METAL * 0.8);
            }
            6 if place.size_x().max(place.size_z()) > 6.0 && !is_home && dice.chance(0.5) => {
                let length = dice.between(5.0, 7.5);
                let area = if place.size_x() > place.size_z() {
                    some(length, 0.6, dice)
                } else {
                    some(0.6, length, dice)
                };
                let colour = dice.pick(&SHOP_SIGN);
                let top_m = roof_m + dice.between(4.6, 6.2);
                self.add(DetailKind::Billboard, area, (roof_m, top_m), colour);
            }
            _ => self.row_of_coolers(place, roof_m, dice),
        }
    }

    fn row_of_coolers(&mut self, place: &Area, roof_m: f32, dice: &mut Dice) {
        let axis = if place.size_x() >= place.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let count = ((place.size(axis) / 2.6) as u32).clamp(1, 2);
        let step = place.size(axis) / count as f32;
        let width = dice.between(1.4, 2.0).min(place.shorter());
        for number in 0..count {
            let middle = place.span(axis, number as f32 * step, (number + 1) as f32 * step);
            let area = Area::around(middle.center(), width.min(step - 0.3), width);
            let area = area.clip(place);
            let top_m = roof_m + dice.between(1.1, 1.7);
            self.add(DetailKind::Cooler, area, (roof_m, top_m), METAL * 0.9);
        }
    }
}
