//! The graph that all who drive ask: makes the lanes of a superblock when they are asked for, and keeps them for a while.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::math::{DVec2, DVec3, Vec2};

use super::super::land::Land;
use super::super::plan::districts;
use super::super::plan::viaduct::deck_height;
use super::cell::{Cell, Numbered};
use super::conflicts::Conflict;
use super::curve::{Curve, Pose};
use super::junction::{Connector, JunctionId, JunctionKind, Level, SignalMast, Turn};
use super::path::Path;
use super::piece::{Piece, pieces_of};
use super::signals::{ArmSide, Signal, signal_at};
use super::{CellId, LaneId, LaneRoad};

/// More superblocks than this are not kept: about 17 km around in every direction, 100 MB at most.
const MOST_CELLS: usize = 1_600;

/// All lanes of the city of one seed, made on demand.
#[derive(Clone, Debug)]
pub struct LaneGraph {
    land: Land,
    cells: BTreeMap<CellId, Arc<Cell>>,
    pieces: BTreeMap<CellId, Arc<Vec<Piece>>>,
}

/// A place on a lane.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct LanePlace {
    /// Which lane.
    pub lane: LaneId,
    /// Metres of the world from its beginning.
    pub along_m: f32,
}

/// A lane as it is asked for.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Lane {
    /// What it is a part of; a connector is a part of the narrower of its two streets.
    pub road: LaneRoad,
    /// Which way it turns, if it is a connector.
    pub turn: Option<Turn>,
    /// How fast one may and can drive on it, m/s.
    pub speed_mps: f32,
    /// Its length in the plan, metres: about that in the world.
    pub plan_length_m: f32,
}

/// A junction as it is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct JunctionLanes {
    /// Who goes first.
    pub kind: JunctionKind,
    /// Its connectors.
    pub connectors: Vec<Connector>,
    /// What each connector must not be driven together with.
    pub conflicts: Vec<Vec<Conflict>>,
}

/// Sideways acceleration in the bends of junctions, m/s².
const BEND_GRIP_MPS2: f64 = 2.4;

impl LaneGraph {
    /// The lanes of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            land: Land::new(seed),
            cells: BTreeMap::new(),
            pieces: BTreeMap::new(),
        }
    }

    /// The seed of the city.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.land.seed()
    }

    /// How many superblocks are kept now.
    #[must_use]
    pub fn cells_kept(&self) -> usize {
        self.cells.len()
    }

    /// Forgets the superblocks of which no part is within a distance of a place of the world.
    pub fn forget_beyond(&mut self, place_in_world: DVec2, radius_m: f64) {
        let plan = self.land.plan_of(place_in_world);
        self.cells.retain(|_, cell| {
            let away = plan.clamp(cell.low, cell.high).distance(plan);
            away <= radius_m
        });
        let cells = &self.cells;
        self.pieces.retain(|id, _| cells.contains_key(id));
    }

    /// What a lane is; nothing for an id that is of another seed.
    pub fn lane(&mut self, id: LaneId) -> Option<Lane> {
        let cell = self.cell(id.cell);
        let numbered = cell.numbered(id.number)?;
        let path = numbered.path();
        let (road, turn) = match numbered {
            Numbered::Road(piece, _) => (piece.road, None),
            Numbered::Turn(_, connector) => {
                let (from, to) = (self.road_of(connector.from)?, self.road_of(connector.to)?);
                (from.min(to), Some(connector.turn))
            }
        };
        let bend_mps = (BEND_GRIP_MPS2 * path.radius_m()).sqrt() as f32;
        Some(Lane {
            road,
            turn,
            speed_mps: road.speed_mps().min(bend_mps.max(3.5)),
            plan_length_m: path.length_m() as f32,
        })
    }

    /// The lane in the world. Some microseconds: keep it while it is used.
    pub fn curve(&mut self, id: LaneId) -> Option<Curve> {
        let cell = self.cell(id.cell);
        let numbered = cell.numbered(id.number)?;
        let survey = cell.survey(&self.land);
        let land_ahead = |local: Vec2, step_m: f32| survey.height_at(local + Vec2::Y * step_m);
        let deck = |local: Vec2| deck_height(0.0, |step_m| land_ahead(local, step_m));
        let height_m = |local: Vec2, land_m: f32| match numbered {
            Numbered::Road(piece, _) => match (piece.road, piece.ramp) {
                (LaneRoad::Deck, _) => deck(local),
                (_, Some(ramp)) => {
                    let v = cell.low.y + f64::from(local.y);
                    ramp.height_over(v, |step_m| land_ahead(local, step_m))
                }
                _ => land_m,
            },
            Numbered::Turn(junction, _) => match junction.id.level() {
                Level::Ground => land_m,
                Level::Deck => deck(local),
            },
        };
        Some(Curve::new(&numbered.path(), survey, cell.low, height_m))
    }

    /// The lanes that one can drive on to: connectors after a lane of a street, that lane after a connector.
    pub fn next(&mut self, id: LaneId) -> Vec<LaneId> {
        let cell = self.cell(id.cell);
        match cell.numbered(id.number) {
            Some(Numbered::Road(..)) => self
                .connectors_after(id)
                .iter()
                .map(|connector| connector.lane)
                .collect(),
            Some(Numbered::Turn(_, connector)) => vec![connector.to],
            None => Vec::new(),
        }
    }

    /// The connectors that begin where a lane of a street ends.
    pub fn connectors_after(&mut self, id: LaneId) -> Vec<Connector> {
        let Some(junction) = self.end_of(id) else {
            return Vec::new();
        };
        let cell = self.cell_of_junction(junction);
        cell.junction(junction).map_or_else(Vec::new, |junction| {
            junction
                .connectors
                .iter()
                .filter(|connector| connector.from == id)
                .copied()
                .collect()
        })
    }

    /// The other lanes of the same piece of street in the same direction, beside it: left one first.
    pub fn beside(&mut self, id: LaneId) -> Vec<LaneId> {
        let cell = self.cell(id.cell);
        let Some(Numbered::Road(piece, lane)) = cell.numbered(id.number) else {
            return Vec::new();
        };
        (0..piece.lanes(lane.towards_high))
            .filter(|index| index.abs_diff(lane.index) == 1)
            .map(|index| LaneId {
                cell: id.cell,
                number: piece.lane_number(lane.towards_high, index),
            })
            .collect()
    }

    /// The junction at which a lane of a street ends, or which a connector crosses.
    pub fn end_of(&mut self, id: LaneId) -> Option<JunctionId> {
        let cell = self.cell(id.cell);
        Some(match cell.numbered(id.number)? {
            Numbered::Road(piece, lane) => piece.junction(lane.towards_high),
            Numbered::Turn(junction, _) => junction.id,
        })
    }

    /// The lanes of a junction.
    pub fn junction(&mut self, id: JunctionId) -> Option<JunctionLanes> {
        let cell = self.cell_of_junction(id);
        let junction = cell.junction(id)?;
        Some(JunctionLanes {
            kind: junction.kind,
            connectors: junction.connectors.clone(),
            conflicts: junction.conflicts().to_vec(),
        })
    }

    /// Where a junction is, metres of the world.
    #[must_use]
    pub fn junction_place(&self, id: JunctionId) -> DVec3 {
        self.lift(id.plan())
    }

    /// What the light of an arm of a junction shows at a time in seconds, if the junction has lights.
    #[must_use]
    pub fn signal(&self, junction: JunctionId, arm: ArmSide, secs: f64) -> Signal {
        signal_at(self.seed(), junction, arm, secs)
    }

    /// The junctions with lights whose middles are within a distance of a place of the world.
    pub fn signals_near(&mut self, place_in_world: DVec2, radius_m: f64) -> Vec<JunctionId> {
        let plan = self.land.plan_of(place_in_world);
        let mut found = Vec::new();
        for cell in self.cells_near(plan, radius_m) {
            found.extend(
                cell.junctions
                    .iter()
                    .filter(|junction| junction.kind == JunctionKind::Signals)
                    .map(|junction| junction.id)
                    .filter(|junction| junction.plan().distance(plan) <= radius_m),
            );
        }
        found
    }

    /// Where the masts of a junction's lights stand.
    pub fn masts(&mut self, id: JunctionId) -> Vec<SignalMast> {
        let cell = self.cell_of_junction(id);
        let Some(junction) = cell.junction(id) else {
            return Vec::new();
        };
        junction
            .stops
            .iter()
            .map(|(arm, kerb, ahead, half_width_m)| {
                let aside = super::right_of(*ahead);
                let foot = *kerb + aside * MAST_FROM_KERB_M + *ahead * MAST_AFTER_STOP_M;
                let turned = self.land.stretch_at(foot) * *ahead;
                SignalMast {
                    arm: *arm,
                    foot_in_world: self.lift(foot),
                    traffic_direction: turned.normalize().as_vec2(),
                    reach_m: (half_width_m * 0.55 + MAST_FROM_KERB_M) as f32,
                }
            })
            .collect()
    }

    /// The lane of a street at ground level whose middle is nearest to a place of the world.
    pub fn nearest_lane(&mut self, place_in_world: DVec2) -> LanePlace {
        self.nearest_lane_where(place_in_world, |_| true)
    }

    /// The same among the lanes of some streets only. If there are none of these within a kilometre, of all.
    pub fn nearest_lane_where(
        &mut self,
        place_in_world: DVec2,
        is_wanted: fn(LaneRoad) -> bool,
    ) -> LanePlace {
        let plan = self.land.plan_of(place_in_world);
        let mut best: Option<(f64, LaneId)> = None;
        for radius_m in [60.0, 250.0, 1_000.0] {
            for cell in self.cells_near(plan, radius_m) {
                nearest_in(&cell, plan, is_wanted, &mut best);
            }
            if best.is_some_and(|(distance, _)| distance <= radius_m) {
                break;
            }
        }
        let Some((_, lane)) = best else {
            return self.nearest_lane_where(place_in_world, |_| true);
        };
        self.place_on(lane, place_in_world)
    }

    /// The place on a lane that is nearest to a place of the world.
    pub fn place_on(&mut self, lane: LaneId, place_in_world: DVec2) -> LanePlace {
        let along_m = self
            .curve(lane)
            .map_or(0.0, |curve| curve.nearest(place_in_world).0);
        LanePlace { lane, along_m }
    }

    /// The lanes of streets that come within a distance of a place of the world, in a fixed order.
    pub fn lanes_near(&mut self, place_in_world: DVec2, radius_m: f64) -> Vec<(LaneId, Lane)> {
        let plan = self.land.plan_of(place_in_world);
        let mut found = Vec::new();
        for cell in self.cells_near(plan, radius_m) {
            for (number, lane) in cell.lanes.iter().enumerate() {
                let piece = &cell.pieces[lane.piece];
                let path = piece.lane_path(*lane);
                if distance_to(&path, plan) > radius_m {
                    continue;
                }
                let id = LaneId {
                    cell: cell.id,
                    number: number as u32,
                };
                let lane = Lane {
                    road: piece.road,
                    turn: None,
                    speed_mps: piece.road.speed_mps(),
                    plan_length_m: path.length_m() as f32,
                };
                found.push((id, lane));
            }
        }
        found
    }

    /// The pose of a place on a lane.
    pub fn pose(&mut self, place: LanePlace) -> Option<Pose> {
        Some(self.curve(place.lane)?.at(place.along_m))
    }

    /// How busy the city is around a place of the world: 0 among gardens, 1 among towers.
    #[must_use]
    pub fn density_at(&self, place_in_world: DVec2) -> f32 {
        let plan = self.land.plan_of(place_in_world);
        districts::density_at(self.seed(), plan.x, plan.y)
    }

    /// Height of the land at a place of the world, metres above the water.
    #[must_use]
    pub fn land_height(&self, place_in_world: DVec2) -> f64 {
        self.land.height_at(self.land.plan_of(place_in_world))
    }

    pub(super) const fn land(&self) -> &Land {
        &self.land
    }

    pub(super) fn plan_end(&mut self, id: LaneId) -> Option<DVec2> {
        let cell = self.cell(id.cell);
        Some(cell.numbered(id.number)?.path().end())
    }

    fn lift(&self, plan: DVec2) -> DVec3 {
        let world = self.land.world_of(plan);
        DVec3::new(world.x, self.land.height_at(plan), world.y)
    }

    fn road_of(&mut self, id: LaneId) -> Option<LaneRoad> {
        let cell = self.cell(id.cell);
        Some(
            cell.numbered(id.number)?
                .road(|_| LaneRoad::Street(super::StreetClass::Street)),
        )
    }

    fn cell_of_junction(&mut self, id: JunctionId) -> Arc<Cell> {
        let cell = CellId::containing(self.seed(), id.plan());
        self.cell(cell)
    }

    /// The superblocks that come within a distance of a place of the plan, in a fixed order.
    pub(super) fn cells_near(&mut self, plan: DVec2, radius_m: f64) -> Vec<Arc<Cell>> {
        let reach = DVec2::splat(radius_m);
        let (low, high) = (
            CellId::containing(self.seed(), plan - reach),
            CellId::containing(self.seed(), plan + reach),
        );
        (low.row..=high.row)
            .flat_map(|row| (low.column..=high.column).map(move |column| CellId { column, row }))
            .map(|id| self.cell(id))
            .collect()
    }

    pub(super) fn cell(&mut self, id: CellId) -> Arc<Cell> {
        if let Some(cell) = self.cells.get(&id) {
            return Arc::clone(cell);
        }
        if self.cells.len() >= MOST_CELLS {
            self.cells.clear();
            self.pieces.clear();
        }
        let seed = self.seed();
        let west = CellId {
            column: id.column - 1,
            ..id
        };
        let north = CellId {
            row: id.row - 1,
            ..id
        };
        let [own, west, north] = [id, west, north].map(|id| {
            Arc::clone(
                self.pieces
                    .entry(id)
                    .or_insert_with(|| Arc::new(pieces_of(seed, id))),
            )
        });
        let cell = Arc::new(Cell::new(seed, id, [&own, &west, &north]));
        self.cells.insert(id, Arc::clone(&cell));
        cell
    }
}

/// Where a mast stands: so far from the kerb, and so far after the stop line.
const MAST_FROM_KERB_M: f64 = 0.7;
const MAST_AFTER_STOP_M: f64 = 0.8;

fn nearest_in(
    cell: &Cell,
    plan: DVec2,
    is_wanted: fn(LaneRoad) -> bool,
    best: &mut Option<(f64, LaneId)>,
) {
    for (number, lane) in cell.lanes.iter().enumerate() {
        let piece = &cell.pieces[lane.piece];
        if !piece.road.is_on_ground() || !is_wanted(piece.road) {
            continue;
        }
        let distance = distance_to(&piece.lane_path(*lane), plan);
        if best.is_none_or(|(least, _)| distance < least) {
            let id = LaneId {
                cell: cell.id,
                number: number as u32,
            };
            *best = Some((distance, id));
        }
    }
}

/// The distance of a place from a straight lane in the plan.
fn distance_to(path: &Path, plan: DVec2) -> f64 {
    let (from, to) = (path.start(), path.end());
    let way = to - from;
    let share = ((plan - from).dot(way) / way.length_squared().max(1e-9)).clamp(0.0, 1.0);
    plan.distance(from + way * share)
}
