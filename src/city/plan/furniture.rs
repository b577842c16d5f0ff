//! What stands in streets, gardens and parks: trees, lamps, benches, hedges, parked cars.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{CAR_PAINT, Rgb};
use super::super::hash::Dice;
use super::Scope;
use super::blocks::Block;
use super::districts::Zone;
use super::streets::{KERB_HEIGHT_M, StreetClass};

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Species {
    Broad,
    Tall,
    Conifer,
}

#[derive(Clone, Debug)]
pub(in super::super) struct Tree {
    pub(in super::super) at: Vec2,
    pub(in super::super) species: Species,
    pub(in super::super) scale: f32,
    /// One of eight directions, so that a rotation needs no trigonometry.
    pub(in super::super) turn: u8,
}

/// A street lamp whose arm reaches over the road.
#[derive(Clone, Debug)]
pub(in super::super) struct Lamp {
    pub(in super::super) at: Vec2,
    pub(in super::super) road: Side,
}

/// Smaller things that become part of the chunk's own mesh.
#[derive(Clone, Debug)]
pub(in super::super) enum Prop {
    Bench {
        at: Vec2,
        faces: Side,
    },
    Hedge {
        area: Area,
        height_m: f32,
    },
    Bush {
        at: Vec2,
    },
    Bin {
        at: Vec2,
    },
    TreePit {
        at: Vec2,
    },
    Fountain {
        at: Vec2,
        radius_m: f32,
    },
    Car {
        at: Vec2,
        along: Axis,
        paint: Rgb,
        van: CarBody,
    },
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum CarBody {
    Saloon,
    Van,
}

impl CarBody {
    /// Length, width and height, metres.
    pub(in super::super) const fn size_m(self) -> [f32; 3] {
        match self {
            CarBody::Saloon => [4.3, 1.8, 1.42],
            CarBody::Van => [5.0, 1.95, 2.15],
        }
    }
}

#[derive(Clone, Default, Debug)]
pub(in super::super) struct Furniture {
    pub(in super::super) trees: Vec<Tree>,
    pub(in super::super) lamps: Vec<Lamp>,
    pub(in super::super) props: Vec<Prop>,
}

/// Distance from the kerb to the middle of trees and lamps, metres.
const FROM_KERB_M: f32 = 0.85;
/// Distance from the kerb to the middle of a parked car, metres.
const PARKED_FROM_KERB_M: f32 = 1.15;
/// How far street furniture keeps from the corners of a block, metres.
const CORNER_M: f32 = 7.0;

impl Furniture {
    pub(super) fn garden_tree(&mut self, at: Vec2, dice: &mut Dice) {
        let species = if dice.chance(0.3) {
            Species::Conifer
        } else {
            Species::Broad
        };
        self.trees.push(Tree {
            at,
            species,
            scale: dice.between(0.6, 1.0),
            turn: dice.whole(0, 7) as u8,
        });
    }

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
            self.plant_pavement(block, side, class, run, &mut dice.part(side as u64));
            if class == StreetClass::Street && scope == Scope::Everything {
                self.park_cars(&kerb, side, run, &mut dice.part(4 + side as u64));
            }
        }
    }

    fn plant_pavement(
        &mut self,
        block: &Block,
        side: Side,
        class: StreetClass,
        run: f32,
        dice: &mut Dice,
    ) {
        let tree_share = match block.zone {
            Zone::Core => 0.5,
            Zone::Midtown | Zone::Terraces => 0.6,
            Zone::Houses => 0.3,
        };
        // One kind of tree per street side: avenues were planted at one time.
        let species = if dice.chance(0.5) {
            Species::Broad
        } else {
            Species::Tall
        };
        let planted = dice.chance(0.8);
        let slots = (run / 8.0).floor().max(1.0) as u32;
        let step = run / slots as f32;
        for slot in 0..=slots {
            let at = on_side(
                &block.outline.area,
                side,
                CORNER_M + slot as f32 * step,
                FROM_KERB_M,
            );
            if slot % 5 == 1 {
                self.lamps.push(Lamp { at, road: side });
            } else if planted && dice.chance(tree_share) {
                let most = if class == StreetClass::Arterial {
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
                self.props.push(Prop::TreePit { at });
            } else if dice.chance(0.12) {
                self.props.push(Prop::Bin { at });
            } else if class == StreetClass::Arterial && dice.chance(0.2) {
                self.props.push(Prop::Bench {
                    at,
                    faces: side.opposite(),
                });
            }
        }
    }

    fn park_cars(&mut self, kerb: &Area, side: Side, run: f32, dice: &mut Dice) {
        let share = dice.between(0.15, 0.6);
        let slots = (run / 6.3).floor() as u32;
        for slot in 0..slots {
            if !dice.chance(share) {
                continue;
            }
            let along =
                CORNER_M + (slot as f32 + 0.5) * run / slots as f32 + dice.between(-0.3, 0.3);
            let at = on_side(kerb, side, along, -PARKED_FROM_KERB_M);
            let van = if dice.chance(0.14) {
                CarBody::Van
            } else {
                CarBody::Saloon
            };
            self.props.push(Prop::Car {
                at,
                along: side.runs_along(),
                paint: dice.pick(&CAR_PAINT),
                van,
            });
        }
    }

    /// Scatters trees over an area, at least `clear_of` away from what is listed there.
    pub(super) fn scatter_trees(
        &mut self,
        area: &Area,
        pitch_m: f32,
        share: f32,
        clear_of: &[Area],
        dice: &mut Dice,
    ) {
        let (columns, rows) = (
            (area.size_x() / pitch_m).floor() as u32,
            (area.size_z() / pitch_m).floor() as u32,
        );
        for row in 0..rows {
            for column in 0..columns {
                let at = Vec2::new(
                    area.x0 + (column as f32 + dice.between(0.2, 0.8)) * pitch_m,
                    area.z0 + (row as f32 + dice.between(0.2, 0.8)) * pitch_m,
                );
                if dice.chance(share)
                    && !clear_of.iter().any(|taken| taken.inset(-1.0).contains(at))
                {
                    let species = dice.pick(&[
                        Species::Broad,
                        Species::Broad,
                        Species::Broad,
                        Species::Conifer,
                        Species::Tall,
                    ]);
                    self.trees.push(Tree {
                        at,
                        species,
                        scale: dice.between(0.8, 1.35),
                        turn: dice.whole(0, 7) as u8,
                    });
                } else if dice.chance(0.15)
                    && !clear_of.iter().any(|taken| taken.inset(-1.0).contains(at))
                {
                    self.props.push(Prop::Bush { at });
                }
            }
        }
    }
}

/// A point on a side of a rectangle: so far along it, so far inwards.
fn on_side(area: &Area, side: Side, along: f32, inwards: f32) -> Vec2 {
    area.strip(side, inwards, inwards)
        .span(side.runs_along(), along, along)
        .center()
}

impl Prop {
    /// The place that decides to which chunk it belongs, and about which it is turned.
    pub(in super::super) const fn anchor(&self) -> Vec2 {
        match self {
            Prop::Hedge { area, .. } => area.center(),
            Prop::Bench { at, .. }
            | Prop::Bush { at }
            | Prop::Bin { at }
            | Prop::TreePit { at }
            | Prop::Fountain { at, .. }
            | Prop::Car { at, .. } => *at,
        }
    }

    /// The box that stops bodies, if the thing is solid: minimum and maximum corner as (area, bottom, top).
    pub(in super::super) fn solid(&self) -> Option<(Area, f32, f32)> {
        match self {
            Prop::Bench { at, .. } => Some((Area::around(*at, 1.2, 1.2), KERB_HEIGHT_M, 0.8)),
            Prop::Hedge { area, height_m } => {
                Some((*area, KERB_HEIGHT_M, KERB_HEIGHT_M + height_m))
            }
            Prop::Fountain { at, radius_m } => Some((
                Area::around(*at, 1.7 * radius_m, 1.7 * radius_m),
                KERB_HEIGHT_M,
                0.75,
            )),
            Prop::Car { at, along, van, .. } => {
                let [length, width, height] = van.size_m();
                let (size_x, size_z) = if *along == Axis::X {
                    (length, width)
                } else {
                    (width, length)
                };
                Some((Area::around(*at, size_x, size_z), 0.0, height))
            }
            Prop::Bush { .. } | Prop::Bin { .. } | Prop::TreePit { .. } => None,
        }
    }
}
