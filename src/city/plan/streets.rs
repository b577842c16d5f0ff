//! What the network's streets are in one chunk: kerbs around blocks, and roads from kerb to kerb in plan-local metres.
//!
//! ```text
//!   centre line   a road's own asphalt ends at the kerbs of the streets that it meets; through streets and the
//!       │         squares where arterials cross are whole, so that all asphalt lies exactly once
//!    ┌──┴──┐
//!    │     │◄── kerb ── pavement ── block
//! ```

use bevy::math::Vec2;

use super::super::area::{Area, Axis};
use super::super::network::Road;
use super::frame::Frame;

/// Height of pavements and everything else inside the kerbs above the road, metres.
pub const KERB_HEIGHT_M: f32 = 0.15;

/// The kinds of street.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug, Hash)]
pub enum StreetClass {
    /// A lane's width between back walls, without markings.
    Alley,
    /// One lane each way and parking along both kerbs.
    Street,
    /// Two lanes each way.
    Arterial,
    /// Two lanes each way on both sides of a wide median: the arterial under a highway.
    Avenue,
}

impl StreetClass {
    /// Width of the carriageway from kerb to kerb, metres.
    pub const fn carriageway_m(self) -> f32 {
        match self {
            StreetClass::Alley => 5.5,
            StreetClass::Street => 11.5,
            StreetClass::Arterial => 17.0,
            StreetClass::Avenue => 30.0,
        }
    }

    /// Width of the pavement on each side, metres.
    pub const fn pavement_m(self) -> f32 {
        match self {
            StreetClass::Alley => 1.25,
            StreetClass::Street => 3.25,
            StreetClass::Arterial | StreetClass::Avenue => 4.5,
        }
    }

    /// Distance from the centre line to the middle of the lane next to it, metres.
    pub const fn lane_center_m(self) -> f32 {
        match self {
            StreetClass::Alley => 1.3,
            StreetClass::Street => 1.75,
            StreetClass::Arterial => 2.0,
            StreetClass::Avenue => 7.0,
        }
    }
}

/// A corner of a block is rounded by so much of the narrower pavement: the corner house keeps a way around it.
const CORNER_ROUNDING: f32 = 1.55;

/// The line of kerbs around a block: a rectangle with rounded corners.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct KerbOutline {
    pub(in super::super) area: Area,
    /// Corner radii: north-west, north-east, south-east, south-west.
    pub(in super::super) radii: [f32; 4],
}

impl KerbOutline {
    pub(in super::super) fn is_raised(&self, point: Vec2) -> bool {
        if !self.area.contains(point) {
            return false;
        }
        let [west, north] = [point.x - self.area.x0, point.y - self.area.z0];
        let [east, south] = [self.area.x1 - point.x, self.area.z1 - point.y];
        let corners = [(west, north), (east, north), (east, south), (west, south)];
        corners
            .into_iter()
            .zip(self.radii)
            .all(|((from_x, from_z), radius)| {
                if from_x >= radius || from_z >= radius {
                    return true;
                }
                let (dx, dz) = (radius - from_x, radius - from_z);
                dx * dx + dz * dz <= radius * radius
            })
    }
}

/// The radius of the kerb where two streets meet, metres.
pub(in super::super) const fn corner_radius_m(a: StreetClass, b: StreetClass) -> f32 {
    a.pavement_m().min(b.pavement_m()) * CORNER_ROUNDING
}

/// The kerbs around a block whose area reaches to the centre lines of its four streets (west, east, north, south).
pub(in super::super) fn kerb_outline(area: &Area, streets: [StreetClass; 4]) -> KerbOutline {
    let [west, east, north, south] = streets;
    KerbOutline {
        area: area.inset_by(streets.map(|class| class.carriageway_m() / 2.0)),
        radii: [
            corner_radius_m(west, north),
            corner_radius_m(east, north),
            corner_radius_m(east, south),
            corner_radius_m(west, south),
        ],
    }
}

/// A piece of street in plan-local metres.
#[derive(Clone, PartialEq, Debug)]
pub(in super::super) struct LocalRoad {
    /// The direction in which it runs.
    pub(in super::super) axis: Axis,
    /// Its centre line on the other axis.
    pub(in super::super) center: f32,
    pub(in super::super) class: StreetClass,
    /// The kerbs of the streets at its ends: its own asphalt lies between them.
    pub(in super::super) from: f32,
    pub(in super::super) to: f32,
    /// The classes of the streets at its ends.
    pub(in super::super) ends: [StreetClass; 2],
    /// The streets that meet it between its ends, ascending.
    pub(in super::super) crossings: Vec<LocalCrossing>,
    /// Crosses a river from end to end.
    pub(in super::super) is_bridge: bool,
}

/// A street that meets a road between its ends.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct LocalCrossing {
    /// Its centre line.
    pub(in super::super) at: f32,
    /// Its class on the side of the smaller coordinates, if it comes from there.
    pub(in super::super) low: Option<StreetClass>,
    /// Likewise on the other side.
    pub(in super::super) high: Option<StreetClass>,
}

impl LocalCrossing {
    /// Half the width of the widest street that meets here, metres.
    pub(in super::super) fn half_m(&self) -> f32 {
        self.low
            .max(self.high)
            .map_or(0.0, |class| class.carriageway_m() / 2.0)
    }
}

impl LocalRoad {
    pub(super) fn new(road: &Road, frame: &Frame) -> Self {
        let (across, along): (fn(&Frame, f64) -> f32, fn(&Frame, f64) -> f32) = match road.axis {
            Axis::X => (Frame::local_z, Frame::local_x),
            Axis::Z => (Frame::local_x, Frame::local_z),
        };
        Self {
            axis: road.axis,
            center: across(frame, road.center),
            class: road.class,
            from: along(frame, road.start.at) + road.start.class.carriageway_m() / 2.0,
            to: along(frame, road.end.at) - road.end.class.carriageway_m() / 2.0,
            ends: [road.start.class, road.end.class],
            crossings: road
                .crossings
                .iter()
                .map(|crossing| LocalCrossing {
                    at: along(frame, crossing.at),
                    low: crossing.low,
                    high: crossing.high,
                })
                .collect(),
            is_bridge: road.is_bridge,
        }
    }

    pub(in super::super) const fn half_m(&self) -> f32 {
        self.class.carriageway_m() / 2.0
    }

    /// Its asphalt.
    pub(in super::super) const fn area(&self) -> Area {
        self.strip(self.from, self.to, -self.half_m(), self.half_m())
    }

    /// A rectangle between two places along it and two distances from its centre line.
    pub(in super::super) const fn strip(&self, from: f32, to: f32, low: f32, high: f32) -> Area {
        match self.axis {
            Axis::X => Area::new(from, self.center + low, to, self.center + high),
            Axis::Z => Area::new(self.center + low, from, self.center + high, to),
        }
    }
}

/// The square in which two arterials cross, in plan-local metres.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct Square {
    pub(in super::super) area: Area,
    /// The class of the arterial along z.
    pub(in super::super) along_z: StreetClass,
    /// Which of the four arms there are: west, east, north, south.
    pub(in super::super) arms: [bool; 4],
}
