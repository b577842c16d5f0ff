//! What stands in streets, gardens and parks: trees, lamps, benches, hedges, parked cars.

use bevy::math::Vec2;
use serde::{Deserialize, Serialize};

use super::super::area::{Area, Axis, Side};
use super::super::colour::Rgb;
use super::super::hash::Dice;
use super::THINGS_REACH_M;
use super::frame::Frame;
use super::streets::KERB_HEIGHT_M;

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Species {
    Broad,
    Tall,
    Conifer,
    /// Light bark, light and airy leaves.
    Birch,
    /// A wide crown on a strong trunk.
    Plane,
}

impl Species {
    pub(super) fn of_garden(dice: &mut Dice) -> Self {
        dice.pick(&[
            Species::Broad,
            Species::Broad,
            Species::Conifer,
            Species::Birch,
            Species::Plane,
        ])
    }
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
    /// Bars or mesh; thin along one axis.
    Fence {
        area: Area,
        height_m: f32,
    },
    /// Boards around a building site; thin along one axis.
    Hoarding {
        area: Area,
        colour: Rgb,
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
    Statue {
        at: Vec2,
    },
    Hydrant {
        at: Vec2,
    },
    Bollard {
        at: Vec2,
    },
    PostBox {
        at: Vec2,
    },
    PhoneBox {
        at: Vec2,
    },
    /// Where a bus stops.
    Shelter {
        at: Vec2,
        faces: Side,
    },
    /// Newspapers or flowers.
    Kiosk {
        at: Vec2,
        colour: Rgb,
    },
    /// A parking meter.
    Meter {
        at: Vec2,
    },
    /// A sign on a post, seen from along the road.
    Sign {
        at: Vec2,
        faces: Side,
        kind: SignKind,
    },
    /// The post and the dark heads of traffic lights at a corner; which lamp is on is not part of the chunk.
    Signal {
        at: Vec2,
        faces: [Side; 2],
    },
    Planter {
        area: Area,
    },
    /// A table with chairs under a parasol.
    Table {
        at: Vec2,
        colour: Rgb,
    },
    Bicycles {
        at: Vec2,
        along: Axis,
    },
    Container {
        area: Area,
        stacked: u32,
        colour: Rgb,
    },
    Pump {
        at: Vec2,
        along: Axis,
        colour: Rgb,
    },
    Car {
        at: Vec2,
        along: Axis,
        paint: Rgb,
        body: CarBody,
        /// On the carriageway, or on the higher ground inside the kerbs.
        on_road: bool,
    },
}

/// What a traffic sign says.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum SignKind {
    /// For those who come from the narrower street.
    GiveWay,
    NoParking,
    StreetName,
}

#[derive(Serialize, Deserialize, Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum CarBody {
    Saloon,
    Estate,
    Hatch,
    Van,
    Truck,
}

impl CarBody {
    /// Length, width and height, metres.
    pub(in super::super) const fn size_m(self) -> [f32; 3] {
        match self {
            CarBody::Saloon => [4.5, 1.8, 1.42],
            CarBody::Estate => [4.6, 1.82, 1.5],
            CarBody::Hatch => [3.9, 1.74, 1.48],
            CarBody::Van => [5.1, 1.95, 2.2],
            CarBody::Truck => [7.2, 2.3, 3.1],
        }
    }

    /// What stands in car parks.
    pub(super) fn any_small(dice: &mut Dice) -> Self {
        dice.pick(&[
            CarBody::Saloon,
            CarBody::Saloon,
            CarBody::Estate,
            CarBody::Hatch,
            CarBody::Hatch,
            CarBody::Van,
        ])
    }
}

#[derive(Clone, Default, Debug)]
pub(in super::super) struct Furniture {
    pub(in super::super) trees: Vec<Tree>,
    pub(in super::super) lamps: Vec<Lamp>,
    pub(in super::super) props: Vec<Prop>,
}

impl Furniture {
    /// Takes over what another has.
    pub(super) fn append(&mut self, mut other: Self) {
        self.trees.append(&mut other.trees);
        self.lamps.append(&mut other.lamps);
        self.props.append(&mut other.props);
    }

    /// Only what is near a cell; nothing if nothing is.
    pub(super) fn near(mut self, frame: &Frame) -> Option<Self> {
        let is_near = |at: Vec2| frame.is_near(at, THINGS_REACH_M);
        self.trees.retain(|tree| is_near(tree.at));
        self.lamps.retain(|lamp| is_near(lamp.at));
        self.props.retain(|prop| is_near(prop.anchor()));
        let count = self.trees.len() + self.lamps.len() + self.props.len();
        (count > 0).then_some(self)
    }

    pub(super) fn garden_tree(&mut self, at: Vec2, dice: &mut Dice) {
        let species = Species::of_garden(dice);
        self.trees.push(Tree {
            at,
            species,
            scale: dice.between(0.55, 1.0),
            turn: dice.whole(0, 7) as u8,
        });
    }

    /// Puts up something along a thin area in pieces of equal length, so that it climbs and bends with the land.
    pub(super) fn line_up(&mut self, area: &Area, piece_m: f32, piece: impl Fn(Area) -> Prop) {
        let axis = if area.size_x() >= area.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let length = area.size(axis);
        let count = (length / piece_m).ceil().max(1.0);
        for number in 0..count as u32 {
            let [from, to] = [number, number + 1].map(|k| length * k as f32 / count);
            self.props.push(piece(area.span(axis, from, to)));
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
                        Species::Plane,
                        Species::Conifer,
                        Species::Birch,
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

/// Sizes of what stands on pavements, as drawn and as solid, metres.
pub(in super::super) mod sizes {
    /// A bench: along its back, and across.
    pub(in super::super::super) const BENCH_M: [f32; 2] = [1.7, 0.5];
    pub(in super::super::super) const BIN_RADIUS_M: f32 = 0.27;
    pub(in super::super::super) const BIN_HEIGHT_M: f32 = 0.9;
    pub(in super::super::super) const BOLLARD_RADIUS_M: f32 = 0.11;
    pub(in super::super::super) const BOLLARD_HEIGHT_M: f32 = 0.85;
    pub(in super::super::super) const HYDRANT_RADIUS_M: f32 = 0.19;
    pub(in super::super::super) const HYDRANT_HEIGHT_M: f32 = 0.8;
    pub(in super::super::super) const KIOSK_M: f32 = 1.6;
    pub(in super::super::super) const KIOSK_HEIGHT_M: f32 = 2.55;
    pub(in super::super::super) const PHONE_BOX_M: f32 = 0.85;
    pub(in super::super::super) const POLE_RADIUS_M: f32 = 0.05;
    pub(in super::super::super) const POST_BOX_M: f32 = 0.55;
    pub(in super::super::super) const POST_BOX_HEIGHT_M: f32 = 1.4;
    /// A petrol pump on its island.
    pub(in super::super::super) const PUMP_M: [f32; 2] = [0.8, 0.6];
    pub(in super::super::super) const PUMP_HEIGHT_M: f32 = 1.85;
}

impl Prop {
    /// The box that stops bodies, if the thing is solid: its ground area, bottom and top.
    pub(in super::super) fn solid(&self) -> Option<(Area, f32, f32)> {
        let upright = |at: &Vec2, size_x: f32, size_z: f32, top_m: f32| {
            let area = Area::around(*at, size_x, size_z);
            Some((area, KERB_HEIGHT_M, KERB_HEIGHT_M + top_m))
        };
        let round = |at: &Vec2, radius_m: f32, top_m: f32| {
            upright(at, 2.0 * radius_m, 2.0 * radius_m, top_m)
        };
        let along = |axis: Axis, [long, across]: [f32; 2]| match axis {
            Axis::X => [long, across],
            Axis::Z => [across, long],
        };
        match self {
            Prop::Bench { at, faces } => {
                let [size_x, size_z] = along(faces.runs_along(), sizes::BENCH_M);
                upright(at, size_x, size_z, 0.85)
            }
            Prop::Hedge { area, height_m } | Prop::Fence { area, height_m } => {
                Some((*area, KERB_HEIGHT_M, KERB_HEIGHT_M + height_m))
            }
            Prop::Hoarding { area, .. } => Some((*area, KERB_HEIGHT_M, KERB_HEIGHT_M + 2.3)),
            Prop::Fountain { at, radius_m } => upright(at, 1.7 * radius_m, 1.7 * radius_m, 0.6),
            Prop::Statue { at } => upright(at, 1.9, 1.9, 3.6),
            Prop::Car {
                at,
                along,
                body,
                on_road,
                ..
            } => {
                let [length, width, height] = body.size_m();
                let (size_x, size_z) = if *along == Axis::X {
                    (length, width)
                } else {
                    (width, length)
                };
                let base_m = if *on_road { 0.0 } else { KERB_HEIGHT_M };
                Some((Area::around(*at, size_x, size_z), base_m, base_m + height))
            }
            Prop::Container { area, stacked, .. } => {
                let top_m = KERB_HEIGHT_M + 2.6 * *stacked as f32;
                Some((*area, KERB_HEIGHT_M, top_m))
            }
            Prop::Shelter { at, faces } => {
                let (size_x, size_z) = if faces.runs_along() == Axis::X {
                    (3.6, 1.2)
                } else {
                    (1.2, 3.6)
                };
                upright(at, size_x, size_z, 2.4)
            }
            Prop::Kiosk { at, .. } => {
                upright(at, sizes::KIOSK_M, sizes::KIOSK_M, sizes::KIOSK_HEIGHT_M)
            }
            Prop::Planter { area } => Some((*area, KERB_HEIGHT_M, KERB_HEIGHT_M + 0.85)),
            Prop::Pump { at, .. } => {
                let [size_x, size_z] = sizes::PUMP_M;
                upright(at, size_x, size_z, sizes::PUMP_HEIGHT_M)
            }
            Prop::PostBox { at } => {
                let size_m = sizes::POST_BOX_M;
                upright(at, size_m, size_m, sizes::POST_BOX_HEIGHT_M)
            }
            Prop::PhoneBox { at } => upright(at, sizes::PHONE_BOX_M, sizes::PHONE_BOX_M, 2.45),
            Prop::Bin { at } => round(at, sizes::BIN_RADIUS_M, sizes::BIN_HEIGHT_M),
            Prop::Hydrant { at } => round(at, sizes::HYDRANT_RADIUS_M, sizes::HYDRANT_HEIGHT_M),
            Prop::Bollard { at } => round(at, sizes::BOLLARD_RADIUS_M, sizes::BOLLARD_HEIGHT_M),
            Prop::Meter { at } => round(at, sizes::POLE_RADIUS_M, 1.45),
            Prop::Sign { at, .. } => round(at, sizes::POLE_RADIUS_M, 2.5),
            // With its two chairs, which stand east and west of it.
            Prop::Table { at, .. } => upright(at, 1.64, 0.8, 0.85),
            // Their outer wheels reach over the kerb.
            Prop::Bicycles { at, along: axis } => {
                let [size_x, size_z] = along(*axis, [0.75, 1.36]);
                upright(at, size_x, size_z, 1.0)
            }
            Prop::Signal { at, .. } => upright(at, 0.3, 0.3, 3.4),
            Prop::Bush { .. } | Prop::TreePit { .. } => None,
        }
    }

    /// Where it stands: the place whose height and turn it takes.
    pub(in super::super) fn anchor(&self) -> Vec2 {
        match self {
            Prop::Bench { at, .. }
            | Prop::Bush { at }
            | Prop::Bin { at }
            | Prop::TreePit { at }
            | Prop::Fountain { at, .. }
            | Prop::Statue { at }
            | Prop::Car { at, .. }
            | Prop::Shelter { at, .. }
            | Prop::Kiosk { at, .. }
            | Prop::Pump { at, .. }
            | Prop::PostBox { at }
            | Prop::PhoneBox { at }
            | Prop::Signal { at, .. }
            | Prop::Hydrant { at }
            | Prop::Bollard { at }
            | Prop::Meter { at }
            | Prop::Sign { at, .. }
            | Prop::Table { at, .. }
            | Prop::Bicycles { at, .. } => *at,
            Prop::Hedge { area, .. }
            | Prop::Fence { area, .. }
            | Prop::Hoarding { area, .. }
            | Prop::Container { area, .. }
            | Prop::Planter { area } => area.center(),
        }
    }
}
