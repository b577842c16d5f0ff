//! Where people walk: the pavements around the blocks of a neighbourhood, along its rivers and over their bridges, and where
//! they lead across a street.
//!
//! ```text
//!      ┌───────────────┐   ┌──────
//!      │ ┌───────────┐ │   │ ┌────      the pavement is a ring between kerb and building line;
//!      │ │   block   │ │···│ │          at a corner one goes round it, or across to the ring beyond
//!      │ └───────────┘ │   │ └────
//!      └───────────────┘   └──────
//! ```
//! Follows from seed and place alone, without a chunk. Places are in the plan, `f32` metres from an origin of the
//! neighbourhood's own, so that a pavement is straight.

mod riverside;
#[cfg(test)]
mod tests;

use bevy::math::{DVec2, Mat2, Vec2};

use super::area::{Area, Axis, Side};
use super::land::{Land, MOST_BEND_M, Survey};
use super::lanes::{JunctionId, junction_at};
use super::network::{PlanArea, superblocks_in};
use super::plan::banks::BRIDGE_CORNER_M;
use super::plan::districts::{Zone, density_at};
use super::plan::kerbside::corner_inset_m;
use super::plan::streets::{KERB_HEIGHT_M, StreetClass, corner_radius_m};

/// How far from kerb and building line people keep at least, metres.
const CLEAR_OF_KERB_M: f32 = 0.25;
const CLEAR_OF_WALLS_M: f32 = 0.3;
/// And how far from the middle of posts with lights, along both streets.
const CLEAR_OF_POSTS_M: f32 = 0.35;
/// The rise from road to pavement is spread over so much, metres, so that a step does not jerk.
const KERB_RUN_M: f32 = 0.3;

/// The name of a block, the same in every neighbourhood that it is in.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug, Hash)]
pub struct WalkBlockId {
    column: i64,
    row: i64,
    number: u32,
}

/// The pavement around one block.
#[derive(Clone, PartialEq, Debug)]
pub struct WalkBlock {
    /// Which block it is.
    pub id: WalkBlockId,
    /// How many people one meets here, from 0 to 1.
    pub liveliness: f32,
    kerb: Area,
    streets: [StreetClass; 4],
    /// It is no block but a pavement beside a river or on a bridge: on which side the bank or the water is.
    edge: Option<Side>,
}

/// A corner of a block as its pavement goes round it, clockwise from above.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Corner {
    /// Least x, least z.
    NorthWest,
    /// Most x, least z.
    NorthEast,
    /// Most x, most z.
    SouthEast,
    /// Least x, most z.
    SouthWest,
}

/// Which way round a block somebody walks.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Way {
    /// As a clock's hand seen from above.
    Clockwise,
    /// The other way.
    Anticlockwise,
}

impl Corner {
    /// All corners, clockwise.
    pub const ALL: [Self; 4] = [
        Self::NorthWest,
        Self::NorthEast,
        Self::SouthEast,
        Self::SouthWest,
    ];

    /// The next corner in a direction.
    #[must_use]
    pub const fn next(self, way: Way) -> Self {
        let step = match way {
            Way::Clockwise => 1,
            Way::Anticlockwise => 3,
        };
        Self::ALL[(self as usize + step) % 4]
    }

    /// The sides of the block that meet here: the one along x, the one along z.
    const fn sides(self) -> [Side; 2] {
        match self {
            Self::NorthWest => [Side::North, Side::West],
            Self::NorthEast => [Side::North, Side::East],
            Self::SouthEast => [Side::South, Side::East],
            Self::SouthWest => [Side::South, Side::West],
        }
    }
}

/// A way over a street.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Crossing {
    /// The block beyond.
    pub to: WalkBlockId,
    /// Where it arrives on the pavement there, in the plan.
    pub arrives_at: Vec2,
    /// Width of the carriageway, metres.
    pub width_m: f32,
    /// The class of the street that is crossed.
    pub class: StreetClass,
    /// The lights that say when: their junction, and the direction of the street that is crossed.
    pub light: Option<(JunctionId, Axis)>,
}

/// The pavements of one neighbourhood.
#[derive(Debug)]
pub struct Walks {
    seed: u64,
    origin: DVec2,
    survey: Survey,
    blocks: Vec<WalkBlock>,
}

impl Walks {
    /// The pavements within `reach_m` of a place of the world, metres.
    #[must_use]
    pub fn around(seed: u64, place_in_world: DVec2, reach_m: f64) -> Self {
        let land = Land::new(seed);
        let reach = DVec2::splat(reach_m);
        // A whole number of metres: places move from one origin to the next without an error.
        let origin = (land.plan_of(place_in_world) - reach).floor();
        let area = PlanArea::new(origin, origin + 2.0 * reach);
        let mut blocks = Vec::new();
        for superblock in superblocks_in(seed, &area) {
            for (number, site) in superblock.blocks().into_iter().enumerate() {
                if !site.area.overlaps(&area) {
                    continue;
                }
                let (low, high) = (site.area.low - origin, site.area.high - origin);
                let center = site.area.center();
                let zone = Zone::of(density_at(seed, center.x, center.y));
                let outline = Area::new(low.x as f32, low.y as f32, high.x as f32, high.y as f32);
                blocks.push(WalkBlock {
                    id: WalkBlockId {
                        column: superblock.column,
                        row: superblock.row,
                        number: number as u32,
                    },
                    liveliness: liveliness(zone),
                    kerb: outline.inset_by(site.streets.map(|class| class.carriageway_m() / 2.0)),
                    streets: site.streets,
                    edge: None,
                });
            }
        }
        blocks.extend(riverside::pavements_in(seed, &area, origin));
        Self {
            seed,
            origin,
            survey: Survey::new(&land, origin, 2.0 * reach_m, MOST_BEND_M),
            blocks,
        }
    }

    /// The seed of the city.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The place of the plan that all places are told from, metres.
    #[must_use]
    pub const fn origin_in_plan(&self) -> DVec2 {
        self.origin
    }

    /// All blocks, in a fixed order.
    #[must_use]
    pub fn blocks(&self) -> &[WalkBlock] {
        &self.blocks
    }

    /// A block by its name, if it is in the neighbourhood.
    #[must_use]
    pub fn block(&self, id: WalkBlockId) -> Option<&WalkBlock> {
        self.blocks.iter().find(|block| block.id == id)
    }

    /// The place in the world of a place in the plan, and the height of the land there above the water, metres.
    #[must_use]
    pub fn in_world(&self, place: Vec2) -> (DVec2, f32) {
        let (world, height_m) = self.survey.lift(place);
        (self.origin + world.as_dvec2(), height_m)
    }

    /// The place in the plan of a place in the world.
    #[must_use]
    pub fn in_plan(&self, place_in_world: DVec2) -> Vec2 {
        self.survey
            .plan_of((place_in_world - self.origin).as_vec2())
    }

    /// How small steps in the plan become steps in the world there.
    #[must_use]
    pub fn stretch_at(&self, place: Vec2) -> Mat2 {
        self.survey.stretch_at(place)
    }

    /// Across the street at a corner of a block: on along the side that somebody walks on, or to the other side of the
    /// street beside. Nothing where no pavement is beyond.
    #[must_use]
    pub fn crossing(
        &self,
        block: &WalkBlock,
        corner: Corner,
        way: Way,
        course: Course,
        share: f32,
    ) -> Option<Crossing> {
        let from = block.corner(corner, share);
        let side = block.side_crossed(corner, way, course);
        let class = block.streets[side as usize];
        let width_m = block.width_m(side);
        let beyond = from + side.outward() * (block.inset_at(corner, side, share) + width_m + 0.4);
        let other = self
            .blocks
            .iter()
            .find(|other| other.kerb.contains(beyond))?;
        let lane = other.lane(share);
        let arrives_at = beyond.clamp(Vec2::new(lane.x0, lane.z0), Vec2::new(lane.x1, lane.z1));
        // Only straight across, and not where the block beyond begins farther down the street.
        let across = arrives_at - from;
        let astray = across - side.outward() * across.dot(side.outward());
        (astray.length() < 4.0).then_some(Crossing {
            to: other.id,
            arrives_at,
            width_m,
            class,
            light: self
                .light_at(block, corner)
                .map(|junction| (junction, side.runs_along())),
        })
    }

    /// The junction with lights at a corner of a block.
    fn light_at(&self, block: &WalkBlock, corner: Corner) -> Option<JunctionId> {
        if !block.has_lights(corner) {
            return None;
        }
        let middles = block
            .kerb
            .inset_by(block.streets.map(|class| -class.carriageway_m() / 2.0));
        let at = match corner {
            Corner::NorthWest => Vec2::new(middles.x0, middles.z0),
            Corner::NorthEast => Vec2::new(middles.x1, middles.z0),
            Corner::SouthEast => Vec2::new(middles.x1, middles.z1),
            Corner::SouthWest => Vec2::new(middles.x0, middles.z1),
        };
        Some(junction_at(self.origin + at.as_dvec2()))
    }
}

/// How many people one meets in a zone, from 0 to 1.
const fn liveliness(zone: Zone) -> f32 {
    match zone {
        Zone::Core => 1.0,
        Zone::Midtown => 0.8,
        Zone::Terraces => 0.45,
        Zone::Houses => 0.25,
        Zone::Campus => 0.5,
        Zone::Industry => 0.15,
    }
}

/// Which street is crossed at a corner.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Course {
    /// The street ahead.
    Straight,
    /// The street beside.
    Aside,
}

impl WalkBlock {
    /// The length of a walk around it, metres.
    #[must_use]
    pub const fn length_m(&self) -> f32 {
        2.0 * (self.kerb.size_x() + self.kerb.size_z())
    }

    /// Where somebody turns at a corner who walks at a share of the pavement's width, 0 by the kerb to 1 by the walls.
    #[must_use]
    pub fn corner(&self, corner: Corner, share: f32) -> Vec2 {
        let [along_x, along_z] = corner.sides();
        let inwards = self.around_corner(
            corner,
            Vec2::new(
                self.inset_at(corner, along_z, share),
                self.inset_at(corner, along_x, share),
            ),
        );
        let at = |side: Side, inwards: f32| match side {
            Side::West => self.kerb.x0 + inwards,
            Side::East => self.kerb.x1 - inwards,
            Side::North => self.kerb.z0 + inwards,
            Side::South => self.kerb.z1 - inwards,
        };
        Vec2::new(at(along_z, inwards.x), at(along_x, inwards.y))
    }

    /// A place at a corner, so far from both kerbs, moved to where it is inside the rounded kerb.
    fn around_corner(&self, corner: Corner, inwards: Vec2) -> Vec2 {
        let radius_m = self.radius_m(corner);
        let from_middle = Vec2::splat(radius_m) - inwards;
        let is_in_arc = from_middle.min_element() > 0.0;
        if !is_in_arc {
            return inwards;
        }
        Vec2::splat(radius_m) - from_middle.clamp_length_max(radius_m - CLEAR_OF_KERB_M)
    }

    /// The corner to walk to next from a place on the pavement, which need not be a corner: the end of the side that is
    /// nearest in metres.
    #[must_use]
    pub fn next_corner(&self, place: Vec2, way: Way) -> Corner {
        let away_m = |corner: Corner| {
            let (from, to) = (
                self.corner(corner, 0.5),
                self.corner(corner.next(Way::Clockwise), 0.5),
            );
            let share = (place - from).dot(to - from) / from.distance_squared(to).max(1e-6);
            place.distance(from.lerp(to, share.clamp(0.0, 1.0)))
        };
        let start_of_side = Corner::ALL
            .into_iter()
            .min_by(|a, b| away_m(*a).total_cmp(&away_m(*b)))
            .unwrap_or(Corner::NorthWest);
        match way {
            Way::Clockwise => start_of_side.next(Way::Clockwise),
            Way::Anticlockwise => start_of_side,
        }
    }

    /// The nearest place that is on the pavement, clear of kerb and walls.
    #[must_use]
    pub fn keep_on(&self, place: Vec2) -> Vec2 {
        let outer = self.kerb.inset(CLEAR_OF_KERB_M);
        let place = place.clamp(Vec2::new(outer.x0, outer.z0), Vec2::new(outer.x1, outer.z1));
        self.keep_out(place)
    }

    /// The nearest place that is not inside the building line.
    #[must_use]
    pub fn keep_out(&self, place: Vec2) -> Vec2 {
        let inner = self.kerb.inset_by(
            self.streets
                .map(|class| class.pavement_m() - CLEAR_OF_WALLS_M),
        );
        if !inner.contains(place) || inner.is_empty() {
            return place;
        }
        let ways = [
            (place.x - inner.x0, Vec2::new(inner.x0, place.y)),
            (inner.x1 - place.x, Vec2::new(inner.x1, place.y)),
            (place.y - inner.z0, Vec2::new(place.x, inner.z0)),
            (inner.z1 - place.y, Vec2::new(place.x, inner.z1)),
        ];
        ways.into_iter()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(place, |(_, out)| out)
    }

    /// How high the pavement is above the road at a place: the kerb's height on it, 0 beside it, metres.
    #[must_use]
    pub fn rise_at(&self, place: Vec2) -> f32 {
        // How far inside the kerbs along x and along z, and the corner between.
        let (west, east) = (place.x - self.kerb.x0, self.kerb.x1 - place.x);
        let (north, south) = (place.y - self.kerb.z0, self.kerb.z1 - place.y);
        let corner = match (west < east, north < south) {
            (true, true) => Corner::NorthWest,
            (false, true) => Corner::NorthEast,
            (false, false) => Corner::SouthEast,
            (true, false) => Corner::SouthWest,
        };
        let inwards = Vec2::new(west.min(east), north.min(south));
        let radius_m = self.radius_m(corner);
        let from_middle = Vec2::splat(radius_m) - inwards;
        let inside_m = if from_middle.min_element() > 0.0 {
            radius_m - from_middle.length()
        } else {
            inwards.min_element()
        };
        KERB_HEIGHT_M * ((inside_m + KERB_RUN_M) / KERB_RUN_M).clamp(0.0, 1.0)
    }

    /// By how much the kerb is rounded at a corner, metres.
    fn radius_m(&self, corner: Corner) -> f32 {
        match self.edge {
            // Bridges are rounded towards their road; promenades not at all.
            Some(edge) if edge.runs_along() == Axis::X || corner.sides().contains(&edge) => {
                return 0.0;
            }
            Some(_) => return BRIDGE_CORNER_M,
            None => {}
        }
        let [one, other] = corner.sides().map(|side| self.streets[side as usize]);
        corner_radius_m(one, other)
    }

    /// The rectangle that somebody walks along.
    fn lane(&self, share: f32) -> Area {
        self.kerb
            .inset_by(Side::ALL.map(|side| self.inset(side, share)))
    }

    /// Width of what is beyond a side, metres: where pavements meet, only the kerb between them.
    fn width_m(&self, side: Side) -> f32 {
        if self.edge.is_some() && self.streets[side as usize] == StreetClass::Alley {
            riverside::STEP_M
        } else {
            self.streets[side as usize].carriageway_m()
        }
    }

    /// How far from the kerb somebody walks: clear of what stands beside it, and of tables and planters at the walls.
    fn inset(&self, side: Side, share: f32) -> f32 {
        let (from, to) = match self.streets[side as usize] {
            _ if self.edge == Some(side) => riverside::BY_THE_WATER_M,
            _ if self.edge == Some(side.opposite()) => riverside::BY_THE_ROAD_M,
            StreetClass::Alley => (0.45, 0.85),
            StreetClass::Street => (1.65, 2.25),
            StreetClass::Arterial | StreetClass::Avenue => (2.0, 3.3),
        };
        from + (to - from) * share
    }

    /// The same at a corner, where lights may stand.
    fn inset_at(&self, corner: Corner, side: Side, share: f32) -> f32 {
        let inset = self.inset(side, share);
        if !self.has_lights(corner) {
            return inset;
        }
        let post = corner_inset_m(self.radius_m(corner));
        if inset < post {
            inset.min(post - CLEAR_OF_POSTS_M)
        } else {
            inset.max(post + CLEAR_OF_POSTS_M)
        }
    }

    /// Whether lights stand at a corner: where two main streets cross.
    fn has_lights(&self, corner: Corner) -> bool {
        let classes = corner.sides().map(|side| self.streets[side as usize]);
        classes.iter().all(|class| *class >= StreetClass::Arterial)
    }

    /// The side whose street is crossed at a corner.
    fn side_crossed(&self, corner: Corner, way: Way, course: Course) -> Side {
        let [along_x, along_z] = corner.sides();
        // Who walks clockwise comes to NE and SW along x.
        let comes_along_x =
            matches!(corner, Corner::NorthEast | Corner::SouthWest) == (way == Way::Clockwise);
        match (comes_along_x, course) {
            (true, Course::Straight) | (false, Course::Aside) => along_z,
            (true, Course::Aside) | (false, Course::Straight) => along_x,
        }
    }
}
