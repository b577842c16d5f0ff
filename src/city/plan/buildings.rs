//! What a building is before it becomes triangles: masses with faces, a roof each, and one look.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{FLAT_ROOF, Rgb};
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
    /// A wall with one wide door for cars.
    Garage,
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
    /// Corrugated sheets with a band of light under the eaves.
    Shed,
    /// Tall arched openings between columns or buttresses.
    Civic,
    /// Open decks of a car park.
    Decks,
}

/// Who is behind the windows: when light goes on there.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Life {
    Offices,
    Homes,
    /// Halls and works: few lights.
    Halls,
}

/// What stands out of the street faces of a building.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Ornament {
    Plain,
    /// A ledge below the windows of each floor.
    Courses,
    Balconies,
    FireEscape,
    /// Columns of glazed bays that stand out of the wall.
    Oriels,
    /// Upright blades in front of the glass.
    Fins,
}

/// What the ground floor is used for.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum GroundFloor {
    Shops,
    Lobby,
    Home,
    /// Loading docks and plain gates.
    Docks,
    /// Nothing of its own: the facade goes down to the ground.
    Same,
}

/// Colours and measures that all masses of a building share.
#[derive(Clone, Debug)]
pub(in super::super) struct Look {
    pub(in super::super) facade: Facade,
    pub(in super::super) ground: GroundFloor,
    pub(in super::super) life: Life,
    pub(in super::super) ornament: Ornament,
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
    /// Steep sides with a flat top that stands in by `inset_m`.
    Mansard { inset_m: f32, rise_m: f32 },
    /// A barrel vault along the axis.
    Vault { ridge: Axis, rise_m: f32 },
    /// Teeth of northern light, one behind the other along the axis.
    Sawtooth {
        along: Axis,
        teeth: u32,
        rise_m: f32,
    },
    /// One slope, highest along a side.
    Slant { high: Side, rise_m: f32 },
    /// A round dome on the inscribed ellipse.
    Dome { rise_m: f32 },
}

impl Roof {
    /// Height of the roof above the walls, metres.
    pub(in super::super) const fn rise_m(&self) -> f32 {
        match self {
            Self::Flat => 0.0,
            Self::Gable { rise_m, .. }
            | Self::Hip { rise_m }
            | Self::Mansard { rise_m, .. }
            | Self::Vault { rise_m, .. }
            | Self::Sawtooth { rise_m, .. }
            | Self::Slant { rise_m, .. }
            | Self::Dome { rise_m } => *rise_m,
        }
    }
}

/// The outline of a mass within its area.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) enum Outline {
    Rectangle,
    /// A rectangle whose corners are cut off by so many metres.
    Chamfered(f32),
    /// The inscribed ellipse, in sixteen sides.
    Round,
    /// A square that turns by so many steps of 3.75 degrees on its way up; it never leaves the inscribed circle.
    Twisted(u32),
}

/// One box of a building.
#[derive(Clone, Debug)]
pub(in super::super) struct Mass {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) faces: [Face; 4],
    pub(in super::super) roof: Roof,
    pub(in super::super) outline: Outline,
}

/// Height of the parapet around flat roofs, metres.
pub(in super::super) const PARAPET_M: f32 = 0.9;

/// Roofs of other outlines than rectangles have no parapet; they end so far below the top of the walls, metres.
const OPEN_ROOF_M: f32 = 0.02;

impl Mass {
    /// The height on which things on its flat roof stand, metres.
    pub(in super::super) const fn flat_roof_m(&self) -> f32 {
        match self.outline {
            Outline::Rectangle => self.top_m - PARAPET_M,
            Outline::Chamfered(_) | Outline::Round | Outline::Twisted(_) => {
                self.top_m - OPEN_ROOF_M
            }
        }
    }

    pub(super) fn at_ground(area: Area, height_m: f32, faces: [Face; 4], roof: Roof) -> Self {
        Self {
            area,
            base_m: KERB_HEIGHT_M,
            top_m: KERB_HEIGHT_M + height_m,
            faces,
            roof,
            outline: Outline::Rectangle,
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
            outline: Outline::Rectangle,
        }
    }

    pub(super) const fn outlined(mut self, outline: Outline) -> Self {
        self.outline = outline;
        self
    }

    pub(super) const fn roofed(mut self, roof: Roof) -> Self {
        self.roof = roof;
        self
    }

    pub(in super::super) fn stands_on_ground(&self) -> bool {
        self.base_m <= KERB_HEIGHT_M
    }

    /// The highest point, roof included.
    pub(in super::super) fn ridge_m(&self) -> f32 {
        self.top_m + self.roof.rise_m()
    }
}

/// Something on or beside a building: roof equipment, a chimney, a spire.
#[derive(Clone, Debug)]
pub(in super::super) struct Detail {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) colour: Rgb,
    pub(in super::super) kind: DetailKind,
}

/// What a detail is; its area and heights are the box around it.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum DetailKind {
    Box,
    /// A box with a door: the head of a stair.
    StairHead,
    /// A box with a fan on top.
    Cooler,
    /// A water tank on legs.
    Tank,
    /// An upright cylinder.
    Drum,
    /// A chimney of a works: a slender cone without a top.
    Stack,
    /// A round cone.
    Cone,
    /// A four-sided pyramid.
    Pyramid,
    /// A half ball.
    Dome,
    /// A mast with red lights.
    Mast,
    /// A lattice mast with red lights and dishes.
    Lattice,
    /// A railing around the area.
    Railing,
    /// A bed of plants.
    Garden,
    /// A landing place for helicopters.
    Helipad,
    /// Tilted panels.
    Solar,
    /// A board with a picture that is lit at night, facing the sides along which it is longer.
    Billboard,
    /// A clock face on each side of a tower.
    Clock,
    /// A band or a crown that is lit at night.
    Crown,
    /// A column.
    Column,
    /// The jib of a crane, along its longer side.
    Jib,
    /// A slab on thin columns.
    Canopy,
    /// A stand of a stadium that rises outwards to the side.
    Stand(Side),
}

impl DetailKind {
    /// Whether the thing is round seen from above.
    pub(in super::super) const fn is_round(self) -> bool {
        matches!(
            self,
            Self::Tank | Self::Drum | Self::Stack | Self::Cone | Self::Dome | Self::Column
        )
    }

    /// Whether the thing reads from kilometres away on a landmark.
    pub(in super::super) const fn is_skyline(self) -> bool {
        !matches!(
            self,
            Self::StairHead
                | Self::Cooler
                | Self::Tank
                | Self::Railing
                | Self::Garden
                | Self::Helipad
                | Self::Solar
                | Self::Billboard
                | Self::Column
        )
    }
}

#[derive(Clone, Debug)]
pub(in super::super) struct Building {
    pub(in super::super) front: Side,
    /// The place that decides to which chunk it belongs, the same at all levels: the middle of its lot, or of its first mass
    /// where it has none.
    pub(in super::super) anchor: Vec2,
    /// The first mass stands on the ground and is the largest in area.
    pub(in super::super) masses: Vec<Mass>,
    pub(in super::super) details: Vec<Detail>,
    pub(in super::super) look: Look,
    /// Shown at every level of detail with all that reads from afar.
    pub(in super::super) is_landmark: bool,
}

impl Building {
    pub(super) fn new(front: Side, mut masses: Vec<Mass>, look: Look) -> Self {
        step_back(&mut masses);
        Self {
            front,
            anchor: masses[0].area.center(),
            masses,
            details: Vec::new(),
            look,
            is_landmark: false,
        }
    }

    /// The same on a lot.
    pub(super) fn on(mut self, lot: &Lot) -> Self {
        self.anchor = lot.area.center();
        self
    }

    /// The same building elsewhere.
    pub(super) fn moved_by(&self, step: Vec2) -> Self {
        let mut moved = self.clone();
        moved.anchor += step;
        for mass in &mut moved.masses {
            mass.area = mass.area.moved_by(step);
        }
        for detail in &mut moved.details {
            detail.area = detail.area.moved_by(step);
        }
        moved
    }

    pub(in super::super) fn height_m(&self) -> f32 {
        let masses = self.masses.iter().map(Mass::ridge_m);
        masses.fold(0.0, f32::max)
    }

    /// The highest point with all that stands on it.
    #[cfg(test)]
    pub(in super::super) fn tip_m(&self) -> f32 {
        let details = self.details.iter().map(|detail| detail.top_m);
        details.fold(self.height_m(), f32::max)
    }
}

/// Upper masses whose walls are flush with those below step back by a little: where both are drawn, below the parapet, they
/// would flicker.
fn step_back(masses: &mut [Mass]) {
    const FLUSH_M: f32 = 0.02;
    const STEP_M: f32 = 0.03;
    for upper in 1..masses.len() {
        for lower in 0..masses.len() {
            let (above, below) = (&masses[upper], &masses[lower]);
            let meet = above.base_m > below.base_m
                && above.base_m < below.top_m
                && above.area.overlaps(&below.area);
            if !meet {
                continue;
            }
            let is_flush = |a: f32, b: f32| (a - b).abs() < FLUSH_M;
            let (a, b) = (above.area, below.area);
            let flush = [
                is_flush(a.x0, b.x0),
                is_flush(a.x1, b.x1),
                is_flush(a.z0, b.z0),
                is_flush(a.z1, b.z1),
            ];
            masses[upper].area = a.inset_by(flush.map(|is| if is { STEP_M } else { 0.0 }));
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
