//! Who may enter a junction: lights, priority, room behind it, and that nobody is in the way.
//!
//! A vehicle that may go *claims* its curve, and nobody else gets one that conflicts with it until the vehicle's rear
//! has left. So vehicles of crossing curves never meet, whatever they think of each other. Who asks when is in `grants`.

use crate::city::{
    ArmSide, Conflict, Connector, JunctionId, JunctionKind, JunctionLanes, Signal, Turn,
};

/// A vehicle may go: the junction and the number of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Claim {
    pub(super) junction: usize,
    pub(super) connector: usize,
    /// The time of the lights when it was given, seconds.
    pub(super) since_secs: f64,
}

/// A vehicle that comes to a junction and has not entered it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approach {
    pub(super) vehicle: usize,
    pub(super) connector: usize,
    /// From its front to the stop line, metres.
    pub(super) distance_m: f32,
    pub(super) speed_mps: f32,
    pub(super) stood_secs: f32,
    /// Length of its curve and of itself, metres.
    pub(super) curve_m: f32,
    pub(super) length_m: f32,
}

/// A junction in use.
#[derive(Debug)]
pub(super) struct JunctionState {
    pub(super) id: JunctionId,
    pub(super) kind: JunctionKind,
    pub(super) connectors: Vec<Connector>,
    pub(super) conflicts: Vec<Vec<Conflict>>,
    /// The curves that are claimed, and the numbers of their vehicles.
    pub(super) claims: Vec<(usize, u64)>,
    /// Who comes, rebuilt each step.
    pub(super) approaches: Vec<Approach>,
}

/// Whoever has stood so long takes smaller gaps, seconds.
const IMPATIENT_SECS: f32 = 9.0;
/// How comfortably a vehicle must be able to stop to do so at amber, m/s².
const AMBER_BRAKE_MPS2: f32 = 3.2;

impl JunctionState {
    pub(super) fn new(id: JunctionId, lanes: JunctionLanes) -> Self {
        Self {
            id,
            kind: lanes.kind,
            connectors: lanes.connectors,
            conflicts: lanes.conflicts,
            claims: Vec::new(),
            approaches: Vec::new(),
        }
    }

    pub(super) fn has_lights(&self) -> bool {
        self.kind == JunctionKind::Signals
    }

    pub(super) fn release(&mut self, claim: &Claim, vehicle: u64) {
        self.claims
            .retain(|(connector, holder)| (*connector, *holder) != (claim.connector, vehicle));
    }

    /// Whether an approach has to stop for a light.
    pub(super) fn is_stopped_by_light(
        &self,
        approach: &Approach,
        light: impl Fn(ArmSide) -> Signal,
    ) -> bool {
        if !self.has_lights() {
            return false;
        }
        match light(self.connectors[approach.connector].arm) {
            Signal::Green => false,
            Signal::Amber => {
                let needed =
                    approach.speed_mps * approach.speed_mps / (2.0 * approach.distance_m.max(0.3));
                needed < AMBER_BRAKE_MPS2
            }
            Signal::Red => true,
        }
    }

    /// Whether a curve must not be driven together with that of an approach.
    pub(super) fn is_conflict(&self, approach: &Approach, connector: usize) -> bool {
        let conflicts = &self.conflicts[approach.connector];
        conflicts.iter().any(|conflict| conflict.other == connector)
    }

    /// Whether somebody is on a curve that conflicts, or may go there.
    pub(super) fn is_taken_for(&self, approach: &Approach) -> bool {
        let mut claims = self.claims.iter();
        claims.any(|(claimed, _)| self.is_conflict(approach, *claimed))
    }

    /// Whether nobody is on a curve that conflicts, and nobody comes on one that goes first.
    pub(super) fn is_free_for(
        &self,
        approach: &Approach,
        light: impl Fn(ArmSide) -> Signal,
    ) -> bool {
        let conflicts = &self.conflicts[approach.connector];
        if self.is_taken_for(approach) {
            return false;
        }
        let way = approach.distance_m + approach.curve_m + approach.length_m;
        let own_secs = way / (0.5 * approach.speed_mps + 4.0);
        let patience = if approach.stood_secs > IMPATIENT_SECS {
            0.4
        } else {
            1.0
        };
        self.approaches.iter().all(|other| {
            let goes_first = conflicts
                .iter()
                .any(|conflict| conflict.must_yield && conflict.other == other.connector);
            if !goes_first || other.vehicle == approach.vehicle {
                return true;
            }
            if self.has_lights() && light(self.connectors[other.connector].arm) == Signal::Red {
                return true;
            }
            // One that stands at the line waits for something else.
            if other.speed_mps < 0.5 && other.stood_secs > 1.5 {
                return true;
            }
            let other_secs = other.distance_m / other.speed_mps.max(1.5);
            other_secs > (own_secs + 0.8) * patience
        })
    }

    /// The order in which approaches are asked: who waits longest, then who is nearest.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.approaches.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&self.approaches[*a], &self.approaches[*b]);
            (b.stood_secs.floor().total_cmp(&a.stood_secs.floor()))
                .then(a.distance_m.total_cmp(&b.distance_m))
                .then(a.vehicle.cmp(&b.vehicle))
        });
        order
    }
}

/// How likely a driver takes a turn.
pub(super) const fn liking(turn: Turn) -> f32 {
    match turn {
        Turn::Straight => 6.0,
        Turn::Right => 2.0,
        Turn::Left => 1.6,
        Turn::Back => 0.2,
    }
}
