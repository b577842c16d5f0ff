//! What stands on the pavements around a block and along its kerbs.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{CAR_PAINT, SHOP_SIGN};
use super::super::hash::Dice;
use super::Scope;
use super::blocks::Block;
use super::districts::Zone;
use super::furniture::{CarBody, Furniture, Lamp, Prop, SignKind, Species, Tree};
use super::streets::StreetClass;

/// Distance from the kerb to the middle of trees and lamps, metres.
const FROM_KERB_M: f32 = 0.85;
/// The same for what is larger: people walk behind it, two metres from the kerb and more on main streets.
const SHELTER_FROM_KERB_M: f32 = 0.95;
const KIOSK_FROM_KERB_M: f32 = 0.95;
/// Distance from the wall to the middle of a table in front of it, metres.
const TABLE_FROM_WALL_M: f32 = 0.55;
/// Distance from the kerb to the middle of a parked car, metres.
const PARKED_FROM_KERB_M: f32 = 1.15;
/// Distance from the kerb to a sign at a corner, and how far past the end of the straight kerb it stands, metres: people
/// turn at corners, and nothing must be in their way.
const SIGN_FROM_KERB_M: f32 = 0.6;
const SIGN_BEFORE_KERB_M: f32 = 0.5;
/// How far street furniture keeps from the corners of a block, metres.
const CORNER_M: f32 = 7.6;
/// Distance between the places for trees and lamps, metres.
const SLOT_M: f32 = 8.0;
/// Every so many places there is a lamp.
const SLOTS_PER_LAMP: u32 = 5;

/// How far traffic lights at a corner stand from both kerbs: on the diagonal, three quarters of a metre inside the rounded kerb.
pub(in super::super) const fn corner_inset_m(radius_m: f32) -> f32 {
    radius_m - (radius_m - 0.75) * std::f32::consts::FRAC_1_SQRT_2
}

impl Furniture {
    /// Plants the pavements around a block; for the full detail it also furnishes them and parks cars along the kerbs.
    pub(super) fn line_streets(&mut self, block: &Block, scope: Scope, dice: &Dice) {
        for side in Side::ALL {
            let class = block.streets[side as usize];
            if class == StreetClass::Alley {
                continue;
            }
            let kerb = block.outline.area;
            let length = kerb.size(side.runs_along());
            let run = length - 2.0 * CORNER_M;
            if run < 6.0 {
                continue;
            }
            self.plant_pavement(
                block,
                side,
                (class, scope),
                run,
                &mut dice.part(side as u64),
            );
            if scope == Scope::Everything {
                self.furnish(block, side, run, &mut dice.part(8 + side as u64));
                if class == StreetClass::Street {
                    self.park_cars(block, side, run, &mut dice.part(4 + side as u64));
                }
            }
        }
        if scope == Scope::Everything {
            self.mark_corners(block, &mut dice.part(12));
        }
    }

    fn plant_pavement(
        &mut self,
        block: &Block,
        side: Side,
        (class, scope): (StreetClass, Scope),
        run: f32,
        dice: &mut Dice,
    ) {
        let tree_share = match block.zone {
            Zone::Core => 0.5,
            Zone::Midtown | Zone::Terraces => 0.6,
            Zone::Houses => 0.35,
            Zone::Campus => 0.7,
            Zone::Industry => 0.12,
        };
        // One kind of tree per street side: avenues were planted at one time.
        let species = dice.pick(&[
            Species::Broad,
            Species::Tall,
            Species::Plane,
            Species::Broad,
            Species::Birch,
        ]);
        let planted = dice.chance(0.8);
        let slots = (run / SLOT_M).floor().max(1.0) as u32;
        let step = run / slots as f32;
        for slot in 0..=slots {
            let at = on_side(
                &block.outline.area,
                side,
                CORNER_M + slot as f32 * step,
                FROM_KERB_M,
            );
            if slot % SLOTS_PER_LAMP == 1 {
                if scope == Scope::Everything {
                    self.lamps.push(Lamp { at, road: side });
                }
            } else if planted && dice.chance(tree_share) {
                let most = if class >= StreetClass::Arterial {
                    1.15
                } else {
                    0.85
                };
                self.trees.push(Tree {
                    at,
                    species,
                    scale: dice.between(0.65, most),
                    turn: dice.whole(0, 7) as u8,
                });
                if scope == Scope::Everything {
                    self.props.push(Prop::TreePit { at });
                }
            }
        }
    }

    /// Smaller things, halfway between trees and lamps and in front of the shops.
    fn furnish(&mut self, block: &Block, side: Side, run: f32, dice: &mut Dice) {
        let class = block.streets[side as usize];
        let kerb = block.outline.area;
        let is_busy = matches!(block.zone, Zone::Core | Zone::Midtown);
        let slots = (run / SLOT_M).floor().max(1.0) as u32;
        let step = run / slots as f32;
        let hydrant = dice.whole(0, 2 * slots);
        let stop = if class >= StreetClass::Arterial && slots > 4 && dice.chance(0.55) {
            dice.whole(1, slots - 2)
        } else {
            u32::MAX
        };
        let meters = is_busy && class == StreetClass::Street && dice.chance(0.35);
        for slot in 0..slots {
            let along = CORNER_M + (slot as f32 + 0.5) * step;
            let at = on_side(&kerb, side, along, FROM_KERB_M - 0.15);
            if slot == stop {
                let at = on_side(&kerb, side, along, SHELTER_FROM_KERB_M);
                self.props.push(Prop::Shelter { at, faces: side });
                continue;
            }
            if slot == hydrant {
                self.props.push(Prop::Hydrant { at });
                continue;
            }
            if meters && slot % 2 == 0 {
                self.props.push(Prop::Meter { at });
                continue;
            }
            match dice.whole(0, if is_busy { 17 } else { 30 }) {
                0 | 1 => self.props.push(Prop::Bin { at }),
                2 | 3 => self.props.push(Prop::Bench {
                    at,
                    faces: side.opposite(),
                }),
                4 => self.props.push(Prop::PostBox { at }),
                5 if is_busy => self.props.push(Prop::Bicycles {
                    at,
                    along: side.runs_along(),
                }),
                6 if is_busy => self.props.push(Prop::PhoneBox { at }),
                7 if is_busy && class >= StreetClass::Arterial => {
                    let at = on_side(&kerb, side, along, KIOSK_FROM_KERB_M);
                    let colour = dice.pick(&SHOP_SIGN);
                    self.props.push(Prop::Kiosk { at, colour });
                }
                8 => self.props.push(Prop::Sign {
                    at,
                    faces: side,
                    kind: SignKind::NoParking,
                }),
                _ => {}
            }
        }
        if is_busy {
            self.serve_guests(block, side, run, dice);
        }
    }

    /// Tables and planters in front of some of the shops, at the walls.
    fn serve_guests(&mut self, block: &Block, side: Side, run: f32, dice: &mut Dice) {
        let pavement_m = block.streets[side as usize].pavement_m();
        if pavement_m < 3.0 || !dice.chance(0.3) {
            return;
        }
        let kerb = block.outline.area;
        let from = CORNER_M + dice.unit() * (run - 6.0).max(0.0);
        let colour = dice.pick(&SHOP_SIGN);
        let inwards = pavement_m - TABLE_FROM_WALL_M;
        // Their chairs stand beside them along x, and only a wide pavement has room for them and for those who walk by.
        let has_room = pavement_m > 4.0 && side.runs_along() == Axis::X;
        if dice.chance(0.6) && has_room {
            let count = dice.whole(2, 3);
            for number in 0..count {
                let along = from + number as f32 * 2.1;
                if along < CORNER_M + run {
                    let at = on_side(&kerb, side, along, inwards);
                    self.props.push(Prop::Table { at, colour });
                }
            }
        } else {
            for number in 0..2 {
                let along = (from + number as f32 * 3.0).min(CORNER_M + run);
                let bed = kerb.strip(side, pavement_m - 0.75, pavement_m - 0.2);
                let area = bed.span(side.runs_along(), along - 0.7, along + 0.7);
                self.props.push(Prop::Planter { area });
            }
        }
    }

    /// Traffic lights where main streets cross, signs elsewhere, and bollards.
    fn mark_corners(&mut self, block: &Block, dice: &mut Dice) {
        let kerb = block.outline.area;
        if kerb.shorter() < 16.0 {
            return;
        }
        let corners = [
            (Side::West, Side::North),
            (Side::East, Side::North),
            (Side::East, Side::South),
            (Side::West, Side::South),
        ];
        for ((x_side, z_side), radius) in corners.into_iter().zip(block.outline.radii) {
            let classes = [x_side, z_side].map(|side| block.streets[side as usize]);
            if classes.contains(&StreetClass::Alley) {
                continue;
            }
            let at = |inset: f32| {
                let corner = kerb.strip(x_side, inset, inset).strip(z_side, inset, inset);
                corner.center()
            };
            let inset = corner_inset_m(radius);
            let is_arterial = classes.map(|class| class >= StreetClass::Arterial);
            // Only where two main streets cross are there lights: elsewhere one gives way.
            if is_arterial == [true; 2] {
                self.props.push(Prop::Signal {
                    at: at(inset),
                    faces: [x_side, z_side],
                });
            } else {
                // Traffic keeps right: on the kerb at this corner it comes to the junction along one of the two only.
                let [comes, crosses] = if (x_side == Side::West) == (z_side == Side::North) {
                    [(x_side, classes[0]), (z_side, classes[1])]
                } else {
                    [(z_side, classes[1]), (x_side, classes[0])]
                };
                let gives_way = comes.1 < crosses.1;
                let faces = if gives_way || dice.chance(0.5) {
                    comes.0
                } else {
                    crosses.0
                };
                let across = if faces == x_side { z_side } else { x_side };
                let along = radius - SIGN_BEFORE_KERB_M;
                let at = kerb
                    .strip(faces, SIGN_FROM_KERB_M, SIGN_FROM_KERB_M)
                    .strip(across, along, along)
                    .center();
                self.props.push(Prop::Sign {
                    at,
                    faces,
                    kind: if gives_way {
                        SignKind::GiveWay
                    } else {
                        SignKind::StreetName
                    },
                });
            }
            if block.zone == Zone::Core {
                for step in [0.2, 1.7, 3.2] {
                    let along =
                        kerb.strip(z_side, 0.55, 0.55)
                            .strip(x_side, radius + step, radius + step);
                    self.props.push(Prop::Bollard { at: along.center() });
                }
            }
        }
    }

    fn park_cars(&mut self, block: &Block, side: Side, run: f32, dice: &mut Dice) {
        let most = match block.zone {
            Zone::Core | Zone::Midtown | Zone::Terraces => 0.5,
            _ => 0.35,
        };
        let share = dice.between(0.15, most);
        let slots = (run / 6.3).floor() as u32;
        for slot in 0..slots {
            if !dice.chance(share) {
                continue;
            }
            let along =
                CORNER_M + (slot as f32 + 0.5) * run / slots as f32 + dice.between(-0.3, 0.3);
            let at = on_side(&block.outline.area, side, along, -PARKED_FROM_KERB_M);
            self.props.push(Prop::Car {
                at,
                along: side.runs_along(),
                paint: dice.pick(&CAR_PAINT) * dice.between(0.9, 1.08),
                body: CarBody::any_small(dice),
                on_road: true,
            });
        }
    }
}

/// A point on a side of a rectangle: so far along it, so far inwards.
fn on_side(area: &Area, side: Side, along: f32, inwards: f32) -> Vec2 {
    area.strip(side, inwards, inwards)
        .span(side.runs_along(), along, along)
        .center()
}
