//! The lanes and junctions that traffic is on right now, and who is on them.

use bevy::math::DVec2;
use bevy::platform::collections::HashMap;

use super::junctions::{Claim, JunctionState};
use crate::city::{Curve, JunctionId, LaneGraph, LaneId};

/// Lanes that nobody used for so many steps are forgotten.
const FORGET_AFTER_STEPS: u64 = 160;
/// Curves from one lane are apart from here on: where they are so far from each other, metres.
const APART_M: f64 = 2.4;

/// A vehicle or a part of one on a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occupant {
    pub(super) vehicle: usize,
    /// Metres along this lane, also beyond its ends.
    pub(super) front_m: f32,
    pub(super) rear_m: f32,
    pub(super) speed_mps: f32,
}

/// A lane in use.
#[derive(Debug)]
pub(super) struct ActiveLane {
    pub(super) id: LaneId,
    pub(super) curve: Curve,
    pub(super) speed_mps: f32,
    /// The junction at its end, or which it crosses.
    pub(super) junction: usize,
    /// Its number among the connectors of that junction, if it is one.
    pub(super) connector: Option<usize>,
    /// The lanes beside it in the same direction.
    pub(super) beside: Vec<LaneId>,
    /// Other connectors from the same lane, and from where on they are apart.
    pub(super) siblings: Vec<(LaneId, f32)>,
    /// Ascending by their fronts.
    pub(super) occupants: Vec<Occupant>,
    used_at: u64,
}

/// All lanes and junctions in use.
#[derive(Debug, Default)]
pub(super) struct Roadway {
    lanes: Vec<Option<ActiveLane>>,
    numbers: HashMap<LaneId, usize>,
    junctions: Vec<Option<JunctionState>>,
    junction_numbers: HashMap<JunctionId, usize>,
    step: u64,
}

impl Roadway {
    pub(super) fn lane(&self, number: usize) -> &ActiveLane {
        self.lanes[number].as_ref().expect("a lane in use is kept")
    }

    pub(super) fn junction(&self, number: usize) -> &JunctionState {
        self.junctions[number]
            .as_ref()
            .expect("the junction of a lane in use is kept")
    }

    pub(super) fn junction_mut(&mut self, number: usize) -> &mut JunctionState {
        self.junctions[number]
            .as_mut()
            .expect("the junction of a lane in use is kept")
    }

    /// A vehicle gives a claim back, if it is one.
    pub(super) fn give_back(&mut self, claim: Option<Claim>, vehicle: u64) {
        if let Some(claim) = claim {
            self.junction_mut(claim.junction).release(&claim, vehicle);
        }
    }

    pub(super) fn junctions(&self) -> impl Iterator<Item = (usize, &JunctionState)> {
        let junctions = self.junctions.iter().enumerate();
        junctions.filter_map(|(number, junction)| Some((number, junction.as_ref()?)))
    }

    /// The number of a lane, which is measured if it is not in use yet.
    pub(super) fn open(&mut self, id: LaneId, graph: &mut LaneGraph) -> Option<usize> {
        if let Some(number) = self.numbers.get(&id).copied() {
            self.touch(number);
            return Some(number);
        }
        let lane = graph.lane(id)?;
        let curve = graph.curve(id)?;
        let junction = self.open_junction(graph.end_of(id)?, graph)?;
        let connectors = &self.junction(junction).connectors;
        let connector = connectors.iter().position(|connector| connector.lane == id);
        let siblings: Vec<LaneId> = connector.map_or_else(Vec::new, |number| {
            connectors
                .iter()
                .filter(|other| other.from == connectors[number].from && other.lane != id)
                .map(|other| other.lane)
                .collect()
        });
        let siblings = siblings
            .into_iter()
            .filter_map(|other| Some((other, apart_from(&curve, &graph.curve(other)?))))
            .collect();
        let active = ActiveLane {
            id,
            curve,
            speed_mps: lane.speed_mps,
            junction,
            connector,
            beside: graph.beside(id),
            siblings,
            occupants: Vec::new(),
            used_at: self.step,
        };
        let number = put(&mut self.lanes, active);
        self.numbers.insert(id, number);
        Some(number)
    }

    fn open_junction(&mut self, id: JunctionId, graph: &mut LaneGraph) -> Option<usize> {
        if let Some(number) = self.junction_numbers.get(&id) {
            return Some(*number);
        }
        let state = JunctionState::new(id, graph.junction(id)?);
        let number = put(&mut self.junctions, state);
        self.junction_numbers.insert(id, number);
        Some(number)
    }

    /// The number of a lane, if it is in use.
    pub(super) fn find(&self, id: LaneId) -> Option<usize> {
        self.numbers.get(&id).copied()
    }

    /// Keeps a lane for another while.
    pub(super) fn touch(&mut self, number: usize) {
        let step = self.step;
        if let Some(lane) = &mut self.lanes[number] {
            lane.used_at = step;
        }
    }

    pub(super) fn push_occupant(&mut self, lane: usize, occupant: Occupant) {
        self.touch(lane);
        if let Some(lane) = &mut self.lanes[lane] {
            lane.occupants.push(occupant);
        }
    }

    /// Adds somebody in the order of the others.
    pub(super) fn insert_occupant(&mut self, lane: usize, occupant: Occupant) {
        self.touch(lane);
        if let Some(lane) = &mut self.lanes[lane] {
            let place = lane
                .occupants
                .partition_point(|other| other.front_m < occupant.front_m);
            lane.occupants.insert(place, occupant);
        }
    }

    /// Begins a step: nobody is anywhere.
    pub(super) fn clear_occupants(&mut self) {
        self.step += 1;
        for lane in self.lanes.iter_mut().flatten() {
            lane.occupants.clear();
        }
    }

    pub(super) fn sort_occupants(&mut self) {
        for lane in self.lanes.iter_mut().flatten() {
            lane.occupants.sort_by(|a, b| {
                a.front_m
                    .total_cmp(&b.front_m)
                    .then(a.vehicle.cmp(&b.vehicle))
            });
        }
    }

    /// Forgets lanes that nobody used for a while, and junctions without lanes.
    pub(super) fn forget_unused(&mut self) {
        let oldest = self.step.saturating_sub(FORGET_AFTER_STEPS);
        let mut is_needed = vec![false; self.junctions.len()];
        for slot in &mut self.lanes {
            let Some(lane) = slot else { continue };
            if lane.used_at < oldest {
                self.numbers.remove(&lane.id);
                *slot = None;
            } else {
                is_needed[lane.junction] = true;
            }
        }
        for (slot, is_needed) in self.junctions.iter_mut().zip(is_needed) {
            if let (Some(junction), false) = (&slot, is_needed) {
                self.junction_numbers.remove(&junction.id);
                *slot = None;
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self {
            step: self.step,
            ..Self::default()
        };
    }

    /// How many lanes and junctions are in use.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.numbers.len(), self.junction_numbers.len())
    }
}

/// Puts something where there is room.
fn put<T>(slots: &mut Vec<Option<T>>, value: T) -> usize {
    if let Some(number) = slots.iter().position(Option::is_none) {
        slots[number] = Some(value);
        number
    } else {
        slots.push(Some(value));
        slots.len() - 1
    }
}

/// From how many metres on two curves that begin together are apart.
fn apart_from(a: &Curve, b: &Curve) -> f32 {
    let end = a.length_m().min(b.length_m());
    let mut along_m = 0.0;
    while along_m < end {
        let [a, b] = [a, b].map(|curve| {
            let place = curve.at(along_m).place;
            DVec2::new(place.x, place.z)
        });
        if a.distance(b) > APART_M {
            break;
        }
        along_m += 1.0;
    }
    along_m
}
