//! How far each level of detail reaches around a focus, and what a focus wants of a cell.

use bevy::math::DVec2;

use super::coord::{ChunkCoord, DetailLevel};
use super::disc::{Disc, Measure};

/// More levels than this are never wanted.
pub const MAX_LEVELS: usize = 8;

/// The radii in force, in metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Rings {
    /// To the nearest edge: inside, a chunk must be there.
    pub must_have_m: f64,
    /// To the middle: inside, a chunk is wanted at full detail.
    pub load_m: f64,
    /// To the middle: beyond, a chunk of full detail is let go.
    pub unload_m: f64,
    /// To the middle: the farthest coarse level.
    pub view_m: f64,
    /// Outer radii of the coarse levels but the last.
    pub detail_m: Vec<f64>,
    /// Memory leaves no room for anything beyond; infinite while there is room.
    pub reach_m: f64,
    /// The side of a chunk.
    pub chunk_size_m: f64,
}

/// What a focus is for.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Purpose {
    /// To see: every level.
    See,
    /// To collide: the must-have radius at full detail.
    Collide,
    /// To be ready for a visit: the load radius at full detail.
    Preload,
    /// A preload of this radius, by ticket.
    Order(f64),
}

/// Which focus it is, so that one that goes is not taken for another that comes in the same frame.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FocusName {
    /// An entity, by its bits.
    Entity(u64),
    /// A preload, by its ticket.
    Order(u64),
}

/// Somewhere the world is needed.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Focus {
    /// Which one it is.
    pub name: FocusName,
    /// Where it is, on the ground plane of the world (x, z).
    pub at: DVec2,
    /// Where it will be after the look-ahead.
    pub ahead: DVec2,
    /// The way it moves, as a unit vector; zero at rest.
    pub heading: DVec2,
    /// m/s.
    pub speed_mps: f64,
    /// The way it looks, as a unit vector; zero if it looks nowhere.
    pub facing: DVec2,
    /// What for.
    pub purpose: Purpose,
}

impl Focus {
    /// One that stands and sees.
    #[cfg(test)]
    pub fn resting(at: DVec2) -> Self {
        Self {
            name: FocusName::Entity(0),
            at,
            ahead: at,
            heading: DVec2::ZERO,
            speed_mps: 0.0,
            facing: DVec2::ZERO,
            purpose: Purpose::See,
        }
    }

    /// Whether lateness is judged around it.
    pub fn is_judged(&self) -> bool {
        matches!(self.purpose, Purpose::See | Purpose::Collide)
    }
}

/// The outer radii of the levels that a purpose wants, finest first.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Reaches {
    outer_m: [f64; MAX_LEVELS],
    levels: usize,
    /// Memory leaves no room for anything beyond.
    most_m: f64,
}

impl Reaches {
    fn new(radii: impl IntoIterator<Item = f64>, most_m: f64) -> Self {
        let mut reaches = Self {
            outer_m: [0.0; MAX_LEVELS],
            levels: 0,
            most_m,
        };
        for radius in radii.into_iter().take(MAX_LEVELS) {
            reaches.outer_m[reaches.levels] = radius;
            reaches.levels += 1;
        }
        reaches
    }

    /// The radius of each level within one of the two borders, level 0 first; never falling.
    fn radii(&self, border: Border) -> impl Iterator<Item = f64> {
        let most_m = self.most_m + border.beyond_reach_m;
        self.outer_m[..self.levels]
            .iter()
            .map(move |outer| (outer + border.widened_m).min(most_m))
    }

    /// The finest level that reaches so far.
    fn level_at(&self, distance_m: f64, border: Border) -> Option<DetailLevel> {
        let level = self.radii(border).position(|radius| distance_m <= radius)?;
        Some(DetailLevel(level as u8))
    }
}

/// How far beyond its radius a level goes.
#[derive(Copy, Clone, Debug)]
struct Border {
    /// Beyond its own radius.
    widened_m: f64,
    /// Beyond what memory reaches.
    beyond_reach_m: f64,
}

/// Half a diagonal of a square of side 1: a cell that touches a circle has its middle within so much more.
const HALF_DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;

impl Rings {
    /// The width of the band in which a chunk is kept at a level that it would not be given: hysteresis
    /// in space.
    pub fn gap_m(&self) -> f64 {
        self.unload_m - self.load_m
    }

    /// How far beyond its radius a level is asked for, so that it is there when it comes inside.
    pub fn margin_m(&self) -> f64 {
        self.gap_m() / 2.0
    }

    /// The border within which a level is given, and the one within which it is kept.
    fn borders(&self) -> [Border; 2] {
        let give = Border {
            widened_m: self.margin_m(),
            beyond_reach_m: 0.0,
        };
        let keep = Border {
            widened_m: self.gap_m(),
            beyond_reach_m: self.margin_m(),
        };
        [give, keep]
    }

    /// Whether there are coarse levels at all.
    pub fn has_coarse_levels(&self) -> bool {
        self.view_m > self.load_m
    }

    /// How far a focus sees.
    pub fn sight_m(&self) -> f64 {
        self.view_m.min(self.reach_m)
    }

    /// The radii that a purpose asks for.
    pub fn reaches(&self, purpose: Purpose) -> Reaches {
        let touching = HALF_DIAGONAL * self.chunk_size_m;
        match purpose {
            Purpose::See => {
                let mut outer = self.load_m;
                let coarse = self.detail_m.iter().map(|ring| ring.min(self.view_m));
                let mut radii: Vec<f64> = vec![outer];
                for ring in coarse.chain([self.view_m]) {
                    outer = outer.max(ring);
                    radii.push(outer);
                }
                Reaches::new(radii, self.reach_m)
            }
            Purpose::Collide => Reaches::new([self.must_have_m + touching], self.reach_m),
            Purpose::Preload => Reaches::new([self.load_m], self.reach_m),
            // Memory limits preloads like everything else: one that does not fit is never ready.
            Purpose::Order(radius_m) => Reaches::new([radius_m + touching], self.reach_m),
        }
    }

    /// Whether a cell must be there for one of the foci.
    pub fn is_must_have(&self, coord: ChunkCoord, foci: &[Focus]) -> bool {
        foci.iter()
            .filter(|focus| focus.is_judged())
            .any(|focus| coord.edge_distance(focus.at, self.chunk_size_m) <= self.must_have_m)
    }

    /// Whether a cell is in view of one of the foci.
    pub fn is_in_view(&self, coord: ChunkCoord, foci: &[Focus]) -> bool {
        foci.iter().any(|focus| {
            focus.purpose == Purpose::See
                && coord.center_distance(focus.at, self.chunk_size_m) <= self.sight_m()
        })
    }

    /// The discs in which a focus judges: must-have, then view.
    pub fn judging_discs(&self, focus: &Focus) -> impl Iterator<Item = Disc> {
        let disc = |radius_m, measure| Disc {
            centre: focus.at,
            radius_m,
            measure,
            chunk_size_m: self.chunk_size_m,
            role: measure as u16,
        };
        let must_have = focus
            .is_judged()
            .then(|| disc(self.must_have_m, Measure::Edge));
        let view = (focus.purpose == Purpose::See).then(|| disc(self.sight_m(), Measure::Middle));
        must_have.into_iter().chain(view)
    }

    /// The discs whose borders change a wish: for each level where it is given and where it is kept, here
    /// and ahead.
    pub fn wishing_discs(&self, focus: &Focus, mut each: impl FnMut(Disc)) {
        let reaches = self.reaches(focus.purpose);
        for (place, centre) in [focus.at, focus.ahead].into_iter().enumerate() {
            for (kind, border) in self.borders().into_iter().enumerate() {
                for (level, radius_m) in reaches.radii(border).enumerate() {
                    each(Disc {
                        centre,
                        radius_m,
                        measure: Measure::Middle,
                        chunk_size_m: self.chunk_size_m,
                        role: (4 * level + 2 * place + kind) as u16,
                    });
                }
            }
        }
    }

    /// What the foci want of a cell.
    pub fn wish(&self, coord: ChunkCoord, foci: &[Focus]) -> Wish {
        let mut wish = Wish::default();
        let [give, keep] = self.borders();
        for focus in foci {
            let reaches = self.reaches(focus.purpose);
            for place in focus.places() {
                let distance = coord.center_distance(place, self.chunk_size_m);
                wish.give = finer(wish.give, reaches.level_at(distance, give));
                wish.keep = finer(wish.keep, reaches.level_at(distance, keep));
            }
        }
        wish
    }
}

impl Focus {
    fn places(&self) -> impl Iterator<Item = DVec2> {
        let ahead = (self.ahead != self.at).then_some(self.ahead);
        std::iter::once(self.at).chain(ahead)
    }
}

fn finer(a: Option<DetailLevel>, b: Option<DetailLevel>) -> Option<DetailLevel> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What all foci together want of a cell.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The level it should be given at least; `None`: it is not wanted.
    pub give: Option<DetailLevel>,
    /// The finest level that it may keep; `None`: it is to go. Never coarser than `give`.
    pub keep: Option<DetailLevel>,
}
