//! The fastest way from one place on a lane to another: A* over lanes, with changes between lanes side by side.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use bevy::math::{DVec2, Vec2};

use super::curve::Pose;
use super::graph::{LaneGraph, LanePlace};
use super::junction::{JunctionKind, Turn};
use super::{LaneId, LaneRoad};

/// The search asks after so many lanes at most; what is farther gets a way to the nearest place that was found.
const MOST_LANES: usize = 120_000;
/// How much the search prefers lanes towards the goal over ones that are surely fastest; 1 is exact.
const GREED: f64 = 1.25;
/// What changing to the lane beside costs, seconds.
const CHANGE_SECS: f64 = 2.5;
/// A change of lanes needs this much way, metres.
const CHANGE_ROOM_M: f32 = 25.0;
/// How far apart the waypoints of a route are at most on streets and in the bends of junctions, metres.
const WAYPOINT_M: f32 = 8.0;
const WAYPOINT_IN_BEND_M: f32 = 3.0;
/// Nearer points make bends out of nothing, metres.
const CLOSEST_M: f64 = 1.5;

/// A way along lanes.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// The lanes in the order in which they are driven.
    pub steps: Vec<RouteStep>,
    /// Where on the last lane it ends.
    pub end: LanePlace,
    /// Whether it ends at the place that was asked for; else, at the nearest that was found.
    pub is_complete: bool,
}

/// One lane of a route.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct RouteStep {
    /// The lane.
    pub lane: LaneId,
    /// From where on it is driven, metres along it.
    pub from_m: f32,
    /// Up to where.
    pub to_m: f32,
    /// Whether the next step is the lane beside it: one changes over between `from_m` and `to_m`.
    pub changes: bool,
}

/// A lane to look at, cheapest estimate first.
#[derive(Clone, Debug)]
struct Open {
    estimate: f64,
    lane: LaneId,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.estimate.total_cmp(&other.estimate)).then(self.lane.cmp(&other.lane))
    }
}

/// How a lane was reached.
#[derive(Copy, Clone, Debug)]
struct Reached {
    /// Seconds from the start to the end of this lane.
    secs: f64,
    by: Way,
    is_done: bool,
}

#[derive(Copy, Clone, Debug)]
enum Way {
    Start,
    /// Over a connector from a lane.
    Over(LaneId, LaneId),
    /// From the lane beside.
    Beside(LaneId),
}

/// A search for the fastest way that is done a slice at a time, so that nobody waits for it.
#[derive(Clone, Debug)]
pub struct RouteSearch {
    from: LanePlace,
    to: LanePlace,
    /// Where the goal's lane ends in the plan.
    goal: DVec2,
    /// Metres from the start to the end of its lane.
    rest_m: f32,
    reached: BTreeMap<LaneId, Reached>,
    open: BinaryHeap<Reverse<Open>>,
    /// The lane that ends nearest to the goal, and how near.
    nearest: (f64, LaneId),
    state: SearchState,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum SearchState {
    /// There is more to look at.
    Open,
    /// The goal was reached.
    Reached,
    /// There is no way, or it is too far.
    GaveUp,
}

impl RouteSearch {
    /// Whether nothing is left to look at: [`LaneGraph::route_of`] has the way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state != SearchState::Open
    }

    /// How many lanes were reached so far.
    #[must_use]
    pub fn lanes_reached(&self) -> usize {
        self.reached.len()
    }
}

impl LaneGraph {
    /// The fastest way between two places on lanes. Nothing only if the ids are of another seed.
    ///
    /// Cost: about half a millisecond per kilometre of way, at once; [`Self::begin_route`] is for who cannot wait.
    pub fn route(&mut self, from: LanePlace, to: LanePlace) -> Option<Route> {
        let mut search = self.begin_route(from, to)?;
        while !search.is_over() {
            self.search_on(&mut search, usize::MAX);
        }
        self.route_of(&search)
    }

    /// Begins to look for the fastest way between two places on lanes. Nothing if the ids are of another seed.
    pub fn begin_route(&mut self, from: LanePlace, to: LanePlace) -> Option<RouteSearch> {
        let goal = self.plan_end(to.lane)?;
        let start = self.lane(from.lane)?;
        let rest_m = (start.plan_length_m - from.along_m).max(0.0);
        let first = Reached {
            secs: f64::from(rest_m / start.speed_mps),
            by: Way::Start,
            is_done: false,
        };
        let is_there = from.lane == to.lane && from.along_m <= to.along_m;
        Some(RouteSearch {
            from,
            to,
            goal,
            rest_m,
            reached: BTreeMap::from([(from.lane, first)]),
            open: BinaryHeap::from([Reverse(Open {
                estimate: 0.0,
                lane: from.lane,
            })]),
            nearest: (f64::MAX, from.lane),
            state: if is_there {
                SearchState::Reached
            } else {
                SearchState::Open
            },
        })
    }

    /// Looks at so many more lanes at most. The way that is found does not depend on how the search is divided.
    pub fn search_on(&mut self, search: &mut RouteSearch, most_lanes: usize) {
        for _ in 0..most_lanes {
            if search.is_over() {
                return;
            }
            search.state = self.look_at_next(search).unwrap_or(SearchState::GaveUp);
        }
    }

    /// Looks at the most promising lane. Nothing if there is none.
    fn look_at_next(&mut self, search: &mut RouteSearch) -> Option<SearchState> {
        let Reverse(Open { lane, .. }) = search.open.pop()?;
        let Some(here) = search.reached.get_mut(&lane).filter(|here| !here.is_done) else {
            return Some(SearchState::Open);
        };
        here.is_done = true;
        let (here, from, to) = (*here, search.from, search.to);
        // The start counts as the goal only if it is reached again: the goal lies behind it.
        if lane == to.lane && !matches!(here.by, Way::Start) {
            return Some(SearchState::Reached);
        }
        let away = self.plan_end(lane)?.distance(search.goal);
        if away < search.nearest.0 {
            search.nearest = (away, lane);
        }
        if search.reached.len() >= MOST_LANES {
            return Some(SearchState::GaveUp);
        }
        for (next, secs, by) in self.onward(lane) {
            let secs = here.secs + secs;
            // A lane that was the start may be driven again from its beginning.
            let is_better = search.reached.get(&next).is_none_or(|old| {
                !old.is_done && secs < old.secs
                    || next == to.lane && matches!((old.by, by), (Way::Start, Way::Over(..)))
            });
            let is_abrupt = matches!(by, Way::Beside(_))
                && (matches!(here.by, Way::Start) && search.rest_m < CHANGE_ROOM_M
                    || next == to.lane && to.along_m < CHANGE_ROOM_M
                    || next == to.lane
                        && matches!(here.by, Way::Start)
                        && to.along_m < from.along_m + CHANGE_ROOM_M);
            if !is_better || is_abrupt {
                continue;
            }
            let reached = Reached {
                secs,
                by,
                is_done: false,
            };
            search.reached.insert(next, reached);
            let left = self.plan_end(next)?.distance(search.goal);
            let fastest = f64::from(LaneRoad::Street(super::StreetClass::Avenue).speed_mps());
            search.open.push(Reverse(Open {
                estimate: secs + left / fastest * GREED,
                lane: next,
            }));
        }
        Some(SearchState::Open)
    }

    /// The way that a search has found: up to the goal, or up to the nearest place that it has come to so far.
    pub fn route_of(&mut self, search: &RouteSearch) -> Option<Route> {
        let (from, to) = (search.from, search.to);
        if from.lane == to.lane && from.along_m <= to.along_m {
            let step = RouteStep {
                lane: from.lane,
                from_m: from.along_m,
                to_m: to.along_m,
                changes: false,
            };
            return Some(Route {
                steps: vec![step],
                end: to,
                is_complete: true,
            });
        }
        let is_complete = search.state == SearchState::Reached;
        let end = if is_complete {
            to
        } else {
            let lane = search.nearest.1;
            let along_m = self.curve(lane)?.length_m();
            LanePlace { lane, along_m }
        };
        let steps = self.trace(&search.reached, from, end)?;
        Some(Route {
            steps,
            end,
            is_complete,
        })
    }

    /// The lights on a route, in the order in which they come: where their stop lines are, (x, z) in the world, and whose
    /// they are.
    pub fn lights_on(&mut self, route: &Route) -> Vec<(DVec2, super::JunctionId, super::ArmSide)> {
        let mut lights = Vec::new();
        for pair in route.steps.windows(2) {
            let [before, over] = [pair[0].lane, pair[1].lane];
            let Some(junction) = self.end_of(over) else {
                continue;
            };
            if self.junction_kind(junction) != Some(JunctionKind::Signals) {
                continue;
            }
            let connector = self
                .connectors_after(before)
                .into_iter()
                .find(|connector| connector.lane == over);
            if let (Some(connector), Some(curve)) = (connector, self.curve(over)) {
                lights.push((ground(&curve.at(0.0)), junction, connector.arm));
            }
        }
        lights
    }

    /// The lanes after one: over a connector, or beside it. With the seconds up to their ends.
    fn onward(&mut self, lane: LaneId) -> Vec<(LaneId, f64, Way)> {
        let mut onward = Vec::new();
        let junction = self.end_of(lane);
        let kind = junction.and_then(|junction| self.junction_kind(junction));
        for connector in self.connectors_after(lane) {
            let (Some(turn), Some(next)) = (self.lane(connector.lane), self.lane(connector.to))
            else {
                continue;
            };
            let waits = match (kind, connector.turn) {
                (Some(JunctionKind::Signals), Turn::Right) => 8.0,
                (Some(JunctionKind::Signals), _) => 12.0,
                (_, Turn::Left) => 5.0,
                (_, Turn::Right) => 2.0,
                (_, Turn::Back) => 20.0,
                (_, Turn::Straight) => 0.0,
            };
            let secs = turn.plan_length_m / turn.speed_mps + next.plan_length_m / next.speed_mps;
            onward.push((
                connector.to,
                f64::from(secs) + waits,
                Way::Over(lane, connector.lane),
            ));
        }
        let has_room = self
            .lane(lane)
            .is_some_and(|own| own.plan_length_m > CHANGE_ROOM_M);
        if has_room {
            onward.extend(
                self.beside(lane)
                    .into_iter()
                    .map(|beside| (beside, CHANGE_SECS, Way::Beside(lane))),
            );
        }
        onward
    }

    /// From what was reached back to the start.
    fn trace(
        &mut self,
        reached: &BTreeMap<LaneId, Reached>,
        from: LanePlace,
        end: LanePlace,
    ) -> Option<Vec<RouteStep>> {
        let mut steps = Vec::new();
        let mut lane = end.lane;
        let mut to_m = end.along_m;
        loop {
            let by = reached.get(&lane)?.by;
            let changes = steps.last().is_some_and(|after: &RouteStep| {
                matches!(
                    reached.get(&after.lane).map(|after| after.by),
                    Some(Way::Beside(_))
                )
            });
            steps.push(RouteStep {
                lane,
                from_m: 0.0,
                to_m,
                changes,
            });
            match by {
                Way::Start => break,
                Way::Over(before, connector) => {
                    let length = self.curve(connector)?.length_m();
                    steps.push(RouteStep {
                        lane: connector,
                        from_m: 0.0,
                        to_m: length,
                        changes: false,
                    });
                    to_m = self.curve(before)?.length_m();
                    lane = before;
                }
                Way::Beside(before) => {
                    to_m = self.curve(before)?.length_m();
                    lane = before;
                }
            }
            // A way that comes back to its start by driving round ends where it began, however it came there.
            if lane == from.lane && steps.len() > 1 && lane == end.lane {
                steps.push(RouteStep {
                    lane,
                    from_m: from.along_m,
                    to_m,
                    changes: false,
                });
                break;
            }
        }
        steps.reverse();
        if let Some(first) = steps.first_mut() {
            first.from_m = from.along_m.min(first.to_m);
        }
        Some(steps)
    }

    /// Points along a route on the middles of its lanes, (x, z) in the world, at most 8 m apart. Never empty.
    pub fn waypoints(&mut self, route: &Route) -> Vec<DVec2> {
        let mut points: Vec<DVec2> = Vec::new();
        let mut end = None;
        let mut number = 0;
        while number < route.steps.len() {
            let step = route.steps[number];
            let Some(curve) = self.curve(step.lane) else {
                break;
            };
            let beside = if step.changes {
                route
                    .steps
                    .get(number + 1)
                    .and_then(|next| Some((*next, self.curve(next.lane)?)))
            } else {
                None
            };
            let to_m = match beside {
                Some((next, _)) => next.to_m.max(step.from_m),
                None => step.to_m,
            };
            let room = to_m - step.from_m;
            let is_bend = self.lane(step.lane).is_some_and(|lane| lane.turn.is_some());
            let apart = if is_bend {
                WAYPOINT_IN_BEND_M
            } else {
                WAYPOINT_M
            };
            let count = (room / apart).ceil().max(1.0);
            for k in 0..=count as u32 {
                let share = k as f32 / count;
                let along_m = step.from_m + room * share;
                let pose = curve.at(along_m);
                let place = match &beside {
                    Some((_, other)) => {
                        let over = ((share - 0.2) / 0.6).clamp(0.0, 1.0);
                        let over = over * over * (3.0 - 2.0 * over);
                        let across = other.at(other.nearest(ground(&pose)).0);
                        ground(&pose).lerp(ground(&across), f64::from(over))
                    }
                    None => ground(&pose),
                };
                if points
                    .last()
                    .is_none_or(|last| last.distance(place) > CLOSEST_M)
                {
                    points.push(place);
                }
                end = Some(place);
            }
            // The lane that was changed to has been driven as well.
            number += if beside.is_some() { 2 } else { 1 };
        }
        // The very end counts, however near the point before it is.
        if let (Some(end), Some(last)) = (end, points.last_mut())
            && *last != end
        {
            *last = end;
        }
        points
    }

    fn junction_kind(&mut self, id: super::JunctionId) -> Option<JunctionKind> {
        let cell = super::CellId::containing(self.seed(), id.plan());
        Some(self.cell(cell).junction(id)?.kind)
    }
}

fn ground(pose: &Pose) -> DVec2 {
    DVec2::new(pose.place.x, pose.place.z)
}

impl Pose {
    /// The right-hand side of the lane's direction, (x, z), of length 1.
    #[must_use]
    pub fn right(&self) -> Vec2 {
        Vec2::new(-self.direction.y, self.direction.x)
    }
}
