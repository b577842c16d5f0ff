//! Where lanes meet: which lane leads to which, on what curve.

use std::sync::OnceLock;

use bevy::math::{DVec2, DVec3, Vec2};

use super::super::area::Axis;
use super::super::plan::streets::StreetClass;
use super::conflicts::{Conflict, conflicts_of};
use super::path::Path;
use super::piece::{Piece, PieceLane};
use super::signals::ArmSide;
use super::{CellId, LaneId, LaneRoad, right_of};

/// A place where lanes meet. The same id means the same junction whenever it is asked for.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct JunctionId {
    /// Its place in the plan, in sixteenths of a metre: exact.
    x: i64,
    z: i64,
    level: Level,
}

/// Whether a junction is on the ground or on the highway above it.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub(super) enum Level {
    Ground,
    Deck,
}

impl JunctionId {
    pub(super) fn at(plan: DVec2, level: Level) -> Self {
        Self {
            level,
            x: (plan.x * 16.0).round() as i64,
            z: (plan.y * 16.0).round() as i64,
        }
    }

    pub(super) const fn plan(self) -> DVec2 {
        DVec2::new(self.x as f64 / 16.0, self.z as f64 / 16.0)
    }

    pub(super) const fn level(self) -> Level {
        self.level
    }

    pub(super) const fn sixteenths(self) -> (i64, i64) {
        (self.x, self.z)
    }
}

/// Who goes first at a junction.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum JunctionKind {
    /// Traffic lights.
    Signals,
    /// The narrower street gives way to the wider, a street that ends to one that runs through.
    GiveWay,
    /// Lanes join and part on a highway or at the foot of a ramp: who comes from the ramp gives way.
    Merge,
    /// As with [`Self::GiveWay`], and nobody crosses the median: right in, right out.
    RightOnly,
}

/// Which way a connector turns.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Turn {
    /// Straight on.
    Straight,
    /// To the right.
    Right,
    /// To the left.
    Left,
    /// Back where it came from; only where there is no other way.
    Back,
}

/// The curve from one lane to another.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Connector {
    /// Its own id: it is a lane as well.
    pub lane: LaneId,
    /// The lane that ends where it begins.
    pub from: LaneId,
    /// The lane that begins where it ends.
    pub to: LaneId,
    /// Which way it turns.
    pub turn: Turn,
    /// The side from which it comes.
    pub arm: ArmSide,
    pub(super) path: Path,
    /// Larger goes first, of those that do not have lights.
    pub(super) rank: u8,
}

/// A mast with traffic lights, for the traffic of one arm.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct SignalMast {
    /// The arm whose traffic sees it.
    pub arm: ArmSide,
    /// Its foot beside the stop line, metres of the world.
    pub foot_in_world: DVec3,
    /// Where the traffic goes that sees it, (x, z), of length 1.
    pub traffic_direction: Vec2,
    /// How far its arm reaches over the lanes, metres.
    pub reach_m: f32,
}

/// What meets at a junction from one side.
#[derive(Copy, Clone, Debug)]
pub(super) struct Arm<'a> {
    pub(super) side: ArmSide,
    pub(super) cell: CellId,
    pub(super) piece: &'a Piece,
    /// Whether the junction is at the high end of the piece.
    pub(super) is_high_end: bool,
}

/// A junction with its connectors.
#[derive(Debug)]
pub(super) struct Junction {
    pub(super) id: JunctionId,
    pub(super) kind: JunctionKind,
    pub(super) connectors: Vec<Connector>,
    /// Where cars wait: side, the middle of the stop line's outer end, direction of traffic, width of the lanes.
    pub(super) stops: Vec<(ArmSide, DVec2, DVec2, f64)>,
    conflicts: OnceLock<Vec<Vec<Conflict>>>,
}

impl Arm<'_> {
    fn rank(&self) -> u8 {
        if self.is_ramp() {
            return 0;
        }
        1 + 2 * self.class() as u8 + u8::from(self.piece.is_through)
    }

    const fn class(&self) -> StreetClass {
        self.piece.road.class()
    }

    const fn is_ramp(&self) -> bool {
        matches!(self.piece.road, LaneRoad::Ramp)
    }

    /// How many lanes come from it, or lead into it.
    const fn lanes(&self, comes: bool) -> usize {
        self.piece.lanes(comes == self.is_high_end)
    }

    fn lane(&self, comes: bool, index: usize) -> LaneId {
        LaneId {
            cell: self.cell,
            number: self.piece.lane_number(comes == self.is_high_end, index),
        }
    }

    fn path(&self, comes: bool, index: usize) -> Path {
        self.piece.lane_path(PieceLane {
            piece: 0,
            towards_high: comes == self.is_high_end,
            index,
        })
    }

    /// Where traffic goes that comes from here.
    fn direction(&self) -> DVec2 {
        super::unit(self.piece.axis, self.is_high_end)
    }
}

impl Junction {
    /// `first_number` is the number in `cell` of its first connector.
    pub(super) fn new(id: JunctionId, cell: CellId, first_number: u32, arms: &[Arm]) -> Self {
        let kind = kind_of(arms);
        let mut connectors = Vec::new();
        for from in arms {
            connect(kind, from, arms, &mut connectors);
        }
        for (number, connector) in connectors.iter_mut().enumerate() {
            connector.lane = LaneId {
                cell,
                number: first_number + number as u32,
            };
        }
        let stops = arms
            .iter()
            .map(|arm| {
                let half = f64::from(arm.class().carriageway_m()) / 2.0;
                let center = id.plan();
                let outermost = match arm.lanes(true) {
                    0 => center,
                    lanes => arm.path(true, lanes - 1).end(),
                };
                let ahead = arm.direction();
                let stop = center + ahead * (outermost - center).dot(ahead);
                (arm.side, stop + right_of(ahead) * half, ahead, half)
            })
            .collect();
        Self {
            id,
            kind,
            connectors,
            stops,
            conflicts: OnceLock::new(),
        }
    }

    /// The conflicts of each connector, in the order of the connectors; measured when first asked for.
    pub(super) fn conflicts(&self) -> &[Vec<Conflict>] {
        self.conflicts
            .get_or_init(|| conflicts_of(self.kind, &self.connectors))
    }
}

fn kind_of(arms: &[Arm]) -> JunctionKind {
    let is_highway = |arm: &Arm| !arm.piece.road.is_on_ground();
    if arms.iter().any(is_highway) {
        return JunctionKind::Merge;
    }
    let is_main = |arm: &&Arm| arm.class() >= StreetClass::Arterial;
    let main_by_axis = |axis| {
        arms.iter()
            .filter(is_main)
            .filter(|arm| arm.piece.axis == axis)
            .count()
    };
    let (along_x, along_z) = (main_by_axis(Axis::X), main_by_axis(Axis::Z));
    let is_avenue = arms.iter().any(|arm| arm.class() == StreetClass::Avenue);
    if along_x > 0 && along_z > 0 {
        JunctionKind::Signals
    } else if is_avenue {
        JunctionKind::RightOnly
    } else {
        JunctionKind::GiveWay
    }
}

/// The connectors of everything that comes from one arm.
fn connect(kind: JunctionKind, from: &Arm, arms: &[Arm], connectors: &mut Vec<Connector>) {
    let lanes = from.lanes(true);
    for index in 0..lanes {
        if kind == JunctionKind::Merge {
            let leading = arms.iter().filter(|to| merges(from, index, to));
            connectors.extend(leading.map(|to| connector(from, index, to, Turn::Straight)));
            continue;
        }
        let before = connectors.len();
        for to in arms {
            let Some(turn) = turn(from, to) else { continue };
            let is_through = from.class() == to.class();
            let may = match turn {
                Turn::Straight => kind != JunctionKind::RightOnly || is_through,
                Turn::Right => index + 1 == lanes,
                Turn::Left => index == 0 && kind != JunctionKind::RightOnly,
                Turn::Back => false,
            };
            if may
                && (kind != JunctionKind::RightOnly
                    || from.class() >= StreetClass::Avenue
                    || turn == Turn::Right)
            {
                connectors.push(connector(from, index, to, turn));
            }
        }
        if connectors.len() == before {
            lead_on(from, index, arms, connectors);
        }
    }
}

/// Whether a lane leads into an arm where lanes only join and part: ramps are beside the inner lanes.
fn merges(from: &Arm, index: usize, to: &Arm) -> bool {
    let leads_on = from.side.opposite() == to.side && to.lanes(false) > 0;
    leads_on
        && match (from.is_ramp(), to.is_ramp()) {
            (false, false) => true,
            (true, true) => false,
            _ => index == 0,
        }
}

/// A lane from which none of the usual turns leads anywhere takes any; the last resort is to turn back.
fn lead_on(from: &Arm, index: usize, arms: &[Arm], connectors: &mut Vec<Connector>) {
    let other = arms
        .iter()
        .filter_map(|to| Some((to, turn(from, to)?)))
        .min_by_key(|(_, turn)| *turn as u8);
    match other {
        Some((to, turn)) => connectors.push(connector(from, index, to, turn)),
        None => connectors.push(connector(from, index, from, Turn::Back)),
    }
}

fn connector(from: &Arm, index: usize, to: &Arm, turn: Turn) -> Connector {
    let lanes = to.lanes(false);
    let target = match turn {
        Turn::Straight if from.is_ramp() || to.is_ramp() => 0,
        Turn::Straight => index.min(lanes - 1),
        Turn::Right => lanes - 1,
        Turn::Left | Turn::Back => 0,
    };
    let (start, end) = (from.path(true, index).end(), to.path(false, target).start());
    let direction = from.direction();
    let path = match turn {
        Turn::Straight if (end - start).dot(right_of(direction)).abs() < 1e-6 => {
            Path::line(start, end)
        }
        Turn::Straight => Path::Shift {
            from: start,
            to: end,
            direction,
        },
        Turn::Right | Turn::Left => Path::corner(start, direction, end),
        Turn::Back => Path::Around {
            from: start,
            to: end,
            direction,
        },
    };
    Connector {
        lane: LaneId {
            cell: from.cell,
            number: u32::MAX,
        },
        from: from.lane(true, index),
        to: to.lane(false, target),
        turn,
        arm: from.side,
        path,
        rank: from.rank(),
    }
}

/// Which way one turns from an arm into another; nothing for the same arm.
fn turn(from: &Arm, to: &Arm) -> Option<Turn> {
    if from.side == to.side {
        return None;
    }
    let (ahead, leaving) = (from.direction(), -to.direction());
    Some(if ahead.dot(leaving) > 0.5 {
        Turn::Straight
    } else if right_of(ahead).dot(leaving) > 0.5 {
        Turn::Right
    } else {
        Turn::Left
    })
}

/// The side of a junction on which a piece lies.
pub(super) const fn side_of(piece: &Piece, is_high_end: bool) -> ArmSide {
    match (piece.axis, is_high_end) {
        (Axis::X, true) => ArmSide::West,
        (Axis::X, false) => ArmSide::East,
        (Axis::Z, true) => ArmSide::North,
        (Axis::Z, false) => ArmSide::South,
    }
}
