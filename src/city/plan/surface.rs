//! The one height function: what the ground is at a place, and how high. Meshes, collision, spawning and traffic agree
//! because they all ask here or draw from the same outlines.

use std::sync::Arc;

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::land::Survey;
use super::ChunkPlan;
use super::banks::River;
use super::parks::Pond;
use super::streets::{KERB_HEIGHT_M, KerbOutline};
use super::viaduct::Viaduct;

/// What the ground is at a place.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum SurfaceKind {
    Road,
    Pavement,
    /// Inside the pavements.
    Block,
    /// The banks of a river, above the water.
    Bank,
    /// Below the water.
    Water,
}

/// Less room than this is none to stand under a bridge, metres.
const UNDER_BRIDGES_M: f32 = 1.5;
/// Side of the cells in which outlines are listed, metres.
const CELL_M: f32 = 48.0;

/// The ground of one chunk and a few metres around it, in plan-local metres.
#[derive(Clone, Debug)]
pub(in super::super) struct Surface {
    survey: Arc<Survey>,
    /// Raised ground and what of it is inside the pavements.
    outlines: Vec<(KerbOutline, Area)>,
    /// Which outlines each cell of the reach may meet.
    cells: Vec<Vec<u16>>,
    columns: usize,
    rows: usize,
    reach: Area,
    rivers: Vec<River>,
    ponds: Vec<Pond>,
    viaducts: Vec<Viaduct>,
}

impl Surface {
    /// About how many bytes it holds.
    pub(in super::super) fn bytes(&self) -> usize {
        let listed: usize = self.cells.iter().map(Vec::capacity).sum();
        let along_rivers: usize = self
            .rivers
            .iter()
            .map(|river| {
                size_of::<River>()
                    + size_of_val(river.strips.as_slice())
                    + size_of_val(river.furniture.trees.as_slice())
                    + size_of_val(river.furniture.lamps.as_slice())
                    + size_of_val(river.furniture.props.as_slice())
            })
            .sum();
        size_of::<Self>()
            + size_of::<Survey>()
            + size_of_val(self.outlines.as_slice())
            + self.cells.capacity() * size_of::<Vec<u16>>()
            + listed * size_of::<u16>()
            + along_rivers
            + size_of_val(self.ponds.as_slice())
            + size_of_val(self.viaducts.as_slice())
    }

    pub(in super::super) fn new(plan: &ChunkPlan) -> Self {
        let blocks = plan.blocks.iter().map(|block| (block.outline, block.inner));
        let strips = plan
            .rivers
            .iter()
            .flat_map(|river| &river.strips)
            .map(|strip| (*strip, Area::new(0.0, 0.0, 0.0, 0.0)));
        let reach = plan.frame.reach.inset(-8.0);
        let count = |length: f32| (length / CELL_M).ceil().max(1.0) as usize;
        let mut surface = Self {
            survey: Arc::clone(&plan.frame.survey),
            outlines: blocks.chain(strips).collect(),
            cells: Vec::new(),
            columns: count(reach.size_x()),
            rows: count(reach.size_z()),
            reach,
            rivers: plan.rivers.clone(),
            ponds: plan.parks().map(|park| park.pond.clone()).collect(),
            viaducts: plan.viaducts.clone(),
        };
        surface.cells = vec![Vec::new(); surface.columns * surface.rows];
        for number in 0..surface.outlines.len() {
            let area = surface.outlines[number].0.area;
            let (low, high) = (
                surface.cell_of(Vec2::new(area.x0, area.z0)),
                surface.cell_of(Vec2::new(area.x1, area.z1)),
            );
            for row in low.1..=high.1 {
                for column in low.0..=high.0 {
                    surface.cells[row * surface.columns + column].push(number as u16);
                }
            }
        }
        surface
    }

    fn cell_of(&self, place: Vec2) -> (usize, usize) {
        let cell = |at: f32, count: usize| ((at / CELL_M).max(0.0) as usize).min(count - 1);
        (
            cell(place.x - self.reach.x0, self.columns),
            cell(place.y - self.reach.z0, self.rows),
        )
    }

    /// The land that the ground lies on.
    pub(in super::super) const fn survey(&self) -> &Arc<Survey> {
        &self.survey
    }

    fn pond_at(&self, place: Vec2) -> Option<(f32, bool)> {
        self.ponds
            .iter()
            .find_map(|pond| pond.height_at(&self.survey, place))
    }

    fn river_at(&self, place: Vec2) -> Option<&River> {
        self.rivers.iter().find(|river| river.is_dug_at(place))
    }

    /// What the ground is: the bridge where one crosses a river.
    pub(in super::super) fn kind_at(&self, plan_local: Vec2) -> SurfaceKind {
        let (column, row) = self.cell_of(plan_local);
        let raised = self.cells[row * self.columns + column]
            .iter()
            .map(|number| &self.outlines[usize::from(*number)])
            .find(|(outline, _)| outline.is_raised(plan_local));
        match (raised, self.river_at(plan_local)) {
            (Some((_, inner)), _) if inner.contains(plan_local) => match self.pond_at(plan_local) {
                Some((_, true)) => SurfaceKind::Water,
                _ => SurfaceKind::Block,
            },
            (Some(_), _) => SurfaceKind::Pavement,
            (None, None) => SurfaceKind::Road,
            (None, Some(river)) if river.has_bridge_at(plan_local) => SurfaceKind::Road,
            (None, Some(river)) if river.height_at(&self.survey, plan_local) > 0.0 => {
                SurfaceKind::Bank
            }
            (None, Some(_)) => SurfaceKind::Water,
        }
    }

    /// Height of the ground above the water, metres: roads, pavements, blocks, bridges, banks, the bed of a river.
    pub(in super::super) fn height_at(&self, plan_local: Vec2) -> f32 {
        let land = || self.survey.height_at(plan_local);
        if let Some((height_m, _)) = self.pond_at(plan_local) {
            return height_m;
        }
        match self.kind_at(plan_local) {
            SurfaceKind::Road => land(),
            SurfaceKind::Pavement | SurfaceKind::Block => land() + KERB_HEIGHT_M,
            SurfaceKind::Bank | SurfaceKind::Water => self
                .river_at(plan_local)
                .map_or_else(land, |river| river.height_at(&self.survey, plan_local)),
        }
    }

    /// Height of the water's surface above a place, if there is any: 0 for rivers, its own for a pond.
    #[cfg(test)]
    pub(in super::super) fn water_at(&self, plan_local: Vec2) -> Option<f32> {
        let pond = self
            .ponds
            .iter()
            .find(|pond| matches!(pond.height_at(&self.survey, plan_local), Some((_, true))));
        if let Some(pond) = pond {
            return Some(pond.level_m(&self.survey));
        }
        (self.kind_at(plan_local) == SurfaceKind::Water).then_some(0.0)
    }

    /// The highest surface that is not above `most_m`, of the ground, the bed under a bridge, and the decks and ramps of
    /// highways; the lowest where all are above it. Heights above the water, metres.
    pub(in super::super) fn floor_below(
        &self,
        plan_local: Vec2,
        most_m: f32,
    ) -> (f32, SurfaceKind) {
        let ground = (self.height_at(plan_local), self.kind_at(plan_local));
        let bed = self
            .river_at(plan_local)
            .filter(|river| river.has_bridge_at(plan_local))
            .map(|river| river.height_at(&self.survey, plan_local))
            .filter(|bed_m| *bed_m < ground.0 - UNDER_BRIDGES_M)
            .map(|bed_m| {
                let kind = if bed_m > 0.0 {
                    SurfaceKind::Bank
                } else {
                    SurfaceKind::Water
                };
                (bed_m, kind)
            });
        let decks = self
            .viaducts
            .iter()
            .filter_map(|viaduct| viaduct.height_at(plan_local))
            .map(|deck_m| (deck_m, SurfaceKind::Road));
        let all = || decks.clone().chain(bed).chain([ground]);
        let lowest = all().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(ground);
        all()
            .filter(|(height_m, _)| *height_m <= most_m)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or(lowest)
    }
}
