//! What is seen of a chunk from kilometres away: the ground of its blocks, one volume for each row of houses or closed
//! block, and the towers. It comes from the same sites, rows and designs as the whole plan, so that it has the same
//! outline; it leaves out whatever is smaller than a row, so that it costs a fraction.
//!
//! Beside a chunk at a nearer level nothing is missing and nothing there twice: what stands for several buildings ends where
//! the last of them is that belongs to the chunk, and what stands for one belongs where the building does.

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::colour::{PAVING, Rgb};
use super::super::hash::Dice;
use super::banks::River;
use super::buildings::{Building, Face, Mass, Outline, Roof};
use super::frame::Frame;
use super::streets::StreetClass;
use super::viaduct::Viaduct;
use super::{Quarter, Site};
use crate::streaming::{ChunkCoord, GenerateError, StopToken};

/// A piece of ground inside kerbs.
#[derive(Clone, Debug)]
pub(in super::super) struct Ground {
    pub(in super::super) area: Area,
    pub(in super::super) colour: Rgb,
}

/// Houses that are seen as one, or a tower.
#[derive(Clone, Debug)]
pub(in super::super) struct Volume {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) roof: Roof,
    pub(in super::super) wall: Rgb,
    /// Which walls anyone sees, by side.
    pub(in super::super) walls: [bool; 4],
    pub(in super::super) roof_colour: Rgb,
    /// How many windows are seen lit at night, at most.
    pub(in super::super) lights: u32,
    /// What its windows' dice are.
    pub(in super::super) dice: Dice,
}

impl Volume {
    /// The volume as a mass without openings.
    pub(in super::super) fn mass(&self) -> Mass {
        Mass {
            area: self.area,
            base_m: self.base_m,
            top_m: self.top_m,
            faces: self
                .walls
                .map(|is_seen| if is_seen { Face::Street } else { Face::Blank }),
            roof: self.roof,
            outline: Outline::Rectangle,
        }
    }
}

/// The coarsest plan of a chunk.
#[derive(Clone, Debug)]
pub(in super::super) struct SkylinePlan {
    pub(in super::super) frame: Frame,
    pub(in super::super) rivers: Vec<River>,
    pub(in super::super) viaducts: Vec<Viaduct>,
    pub(in super::super) grounds: Vec<Ground>,
    /// Only those that belong to the chunk.
    pub(in super::super) volumes: Vec<Volume>,
    /// The insides of the blocks that the volumes stand in, each with the number of volumes up to its end: all of a block
    /// are bent alike, or their faces would meet askew.
    pub(in super::super) blocks: Vec<(Area, usize)>,
    /// Drawn like at the middle level, so that their outline is the same. Only those that belong to the chunk.
    pub(in super::super) landmarks: Vec<Building>,
}

/// How far below its base a volume is drawn, metres; a tower that is flush with its podium must not reach into it.
pub(in super::super) const SUNK_M: f32 = 0.15;

impl SkylinePlan {
    /// Plans a chunk. Fails only when stopped.
    pub(in super::super) fn new(
        seed: u64,
        coord: ChunkCoord,
        chunk_size_m: f64,
        stop: &StopToken,
    ) -> Result<Self, GenerateError> {
        let frame = Frame::new(seed, coord, chunk_size_m);
        stop.checkpoint()?;
        let quarter = Quarter::new(seed, &frame, 0);
        let sites = quarter.sites(&frame, 0.0);
        let mut plan = Self {
            rivers: quarter.bare_rivers(seed, &frame),
            viaducts: quarter.bare_viaducts(seed, &frame),
            grounds: Vec::with_capacity(sites.len()),
            volumes: Vec::with_capacity(4 * sites.len()),
            blocks: Vec::with_capacity(sites.len()),
            landmarks: Vec::new(),
            frame,
        };
        for site in &sites {
            stop.checkpoint()?;
            plan.add(site);
        }
        Ok(plan)
    }

    fn add(&mut self, site: &Site<'_>) {
        let area = site.outline.area;
        if area.is_empty() {
            return;
        }
        let inner = area.inset_by(site.streets.map(StreetClass::pavement_m));
        let before = self.volumes.len();
        let is_whole = self.frame.encloses(&area);
        let far = site.known.far(site.block);
        let low = site.block.site.area.low;
        let corner = Vec2::new(self.frame.local_x(low.x), self.frame.local_z(low.y));
        self.take(far, corner, is_whole);
        let colour = far.colour;
        self.blocks.push((inner, self.volumes.len()));
        if self.volumes[before..]
            .iter()
            .any(|volume| volume.area == inner)
        {
            // Nothing is left of its ground but the pavements.
            return;
        }
        // The eye mixes the pavements in.
        let share = inner.square_metres() / area.square_metres();
        let colour = if inner.is_empty() {
            PAVING
        } else {
            PAVING.lerp(colour, share)
        };
        self.grounds.push(Ground { area, colour });
    }
}
