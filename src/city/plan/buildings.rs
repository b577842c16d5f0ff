//! What a building is before it becomes triangles: masses with faces, a roof each, and one look.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{FLAT_ROOF, IRON, METAL, Rgb};
use super::super::hash::Dice;
use super::lots::Lot;
use super::streets::KERB_HEIGHT_M;

/// What is on one side of a mass.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Face {
    /// The full facade, with shops or entrances where it touches the ground.
    Street,
    /// A plainer facade with fewer windows.
    Rear,
    /// A wall without openings.
    Blank,
}

/// How the upper floors of a facade are made.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Facade {
    /// Single windows in a wall.
    Punched,
    /// Unbroken bands of windows between parapets.
    Bands,
    /// Glass with thin mullions.
    Curtain,
    /// Strong piers over the full height, dark panels between the floors.
    Vertical,
    /// A few framed windows and a front door.
    Cottage,
}

/// What the ground floor is used for.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum GroundFloor {
    Shops,
    Lobby,
    Home,
}

/// Colours and measures that all masses of a building share.
#[derive(Clone, Debug)]
pub(in super::super) struct Look {
    pub(in super::super) facade: Facade,
    pub(in super::super) ground: GroundFloor,
    pub(in super::super) wall: Rgb,
    pub(in super::super) trim: Rgb,
    pub(in super::super) glass: Rgb,
    pub(in super::super) roof: Rgb,
    pub(in super::super) accent: Rgb,
    pub(in super::super) floor_m: f32,
    pub(in super::super) ground_floor_m: f32,
    pub(in super::super) bay_m: f32,
    /// How far a cornice stands out at the top of street faces, metres; 0 for none.
    pub(in super::super) cornice_m: f32,
}

#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) enum Roof {
    /// Flat behind a parapet.
    Flat,
    /// Two slopes; the ridge runs along the axis, `rise_m` above the walls.
    Gable { ridge: Axis, rise_m: f32 },
    /// Four slopes.
    Hip { rise_m: f32 },
}

/// One box of a building.
#[derive(Clone, Debug)]
pub(in super::super) struct Mass {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) faces: [Face; 4],
    pub(in super::super) roof: Roof,
}

/// Height of the parapet around flat roofs, metres.
pub(in super::super) const PARAPET_M: f32 = 0.9;

impl Mass {
    pub(super) fn at_ground(area: Area, height_m: f32, faces: [Face; 4], roof: Roof) -> Self {
        Self {
            area,
            base_m: KERB_HEIGHT_M,
            top_m: KERB_HEIGHT_M + height_m,
            faces,
            roof,
        }
    }

    /// A mass that stands on the flat roof of this one.
    pub(super) fn on_top(&self, area: Area, height_m: f32, faces: [Face; 4]) -> Self {
        Self {
            area,
            base_m: self.top_m - PARAPET_M,
            top_m: self.top_m + height_m,
            faces,
            roof: Roof::Flat,
        }
    }

    pub(in super::super) fn stands_on_ground(&self) -> bool {
        self.base_m <= KERB_HEIGHT_M
    }

    /// The highest point, roof included.
    pub(in super::super) fn ridge_m(&self) -> f32 {
        match self.roof {
            Roof::Flat => self.top_m,
            Roof::Gable { rise_m, .. } | Roof::Hip { rise_m } => self.top_m + rise_m,
        }
    }
}

/// A plain box on a building: roof equipment, a chimney, a mast.
#[derive(Clone, Debug)]
pub(in super::super) struct Detail {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) colour: Rgb,
}

#[derive(Clone, Debug)]
pub(in super::super) struct Building {
    pub(in super::super) front: Side,
    /// The first mass stands on the ground and is the largest in area.
    pub(in super::super) masses: Vec<Mass>,
    pub(in super::super) details: Vec<Detail>,
    pub(in super::super) look: Look,
}

impl Building {
    pub(in super::super) fn height_m(&self) -> f32 {
        self.masses.iter().map(Mass::ridge_m).fold(0.0, f32::max)
    }

    /// Puts stair heads, plant rooms and, on tall buildings, a mast on the highest flat roof.
    pub(super) fn add_roof_equipment(&mut self, dice: &mut Dice) {
        let Some(top) = self
            .masses
            .iter()
            .filter(|mass| mass.roof == Roof::Flat)
            .max_by(|a, b| a.top_m.total_cmp(&b.top_m))
        else {
            return;
        };
        let (roof_m, free) = (top.top_m - PARAPET_M, top.area.inset(1.6));
        if free.shorter() < 3.0 {
            return;
        }
        if self.height_m() > 45.0 {
            let plant = free.inset(
                dice.between(1.0, 0.2 * free.shorter() + 1.0)
                    .min(free.shorter() / 2.0 - 1.4),
            );
            let plant_top_m = roof_m + dice.between(4.0, 6.5);
            self.details.push(Detail {
                area: plant,
                base_m: roof_m,
                top_m: plant_top_m,
                colour: self.look.trim * 0.8,
            });
            if self.height_m() > 85.0 && dice.chance(0.55) {
                let mast_top_m = (plant_top_m + dice.between(10.0, 22.0)).min(160.0);
                let foot = Area::around(plant.center(), 0.7, 0.7);
                self.details.push(Detail {
                    area: foot,
                    base_m: plant_top_m,
                    top_m: mast_top_m,
                    colour: METAL,
                });
            }
            return;
        }
        let boxes = dice.whole(1, if free.square_metres() > 150.0 { 2 } else { 1 });
        // Each box has its own strip of the roof, so that two never overlap.
        let axis = if free.size_x() >= free.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let strip = free.size(axis) / boxes as f32;
        for number in 0..boxes {
            let place = free
                .span(axis, number as f32 * strip, (number + 1) as f32 * strip)
                .inset(0.3);
            let size_x = dice.between(1.6, 4.0).min(place.size_x());
            let size_z = dice.between(1.6, 4.0).min(place.size_z());
            let x0 = place.x0 + dice.unit() * (place.size_x() - size_x);
            let z0 = place.z0 + dice.unit() * (place.size_z() - size_z);
            let colour = dice.pick(&[METAL, self.look.wall, IRON * 2.0, self.look.roof]);
            let area = Area::new(x0, z0, x0 + size_x, z0 + size_z);
            self.details.push(Detail {
                area,
                base_m: roof_m,
                top_m: roof_m + dice.between(1.1, 3.0),
                colour,
            });
        }
    }
}

/// The faces of a building that may not fill its lot: where it stands clear of a neighbour it gets windows.
pub(super) fn faces_on(lot: &Lot, area: &Area) -> [Face; 4] {
    Side::ALL.map(|side| match lot.faces[side as usize] {
        Face::Blank if area.gap(&lot.area, side) > 1.2 => Face::Rear,
        face => face,
    })
}

/// A roof colour for flat roofs.
pub(super) fn flat_roof(dice: &mut Dice) -> Rgb {
    dice.pick(&FLAT_ROOF)
}
