//! Axis-aligned rectangles on the ground and their four sides.

use bevy::math::Vec2;
use serde::{Deserialize, Serialize};

/// The direction in which something runs on the ground plane.
#[derive(Serialize, Deserialize, Copy, Clone, Eq, PartialEq, Debug, Hash)]
pub enum Axis {
    /// East and west.
    X,
    /// South (towards positive z) and north.
    Z,
}

/// A side of a rectangle, in the order in which arrays by side are laid out.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Side {
    /// Towards negative x.
    West,
    /// Towards positive x.
    East,
    /// Towards negative z.
    North,
    /// Towards positive z.
    South,
}

impl Side {
    pub(super) const ALL: [Side; 4] = [Side::West, Side::East, Side::North, Side::South];

    pub(super) const fn opposite(self) -> Side {
        match self {
            Side::West => Side::East,
            Side::East => Side::West,
            Side::North => Side::South,
            Side::South => Side::North,
        }
    }

    /// The axis along which the side runs.
    pub(super) const fn runs_along(self) -> Axis {
        match self {
            Side::West | Side::East => Axis::Z,
            Side::North | Side::South => Axis::X,
        }
    }

    /// The unit vector that points out of the rectangle, as (x, z).
    pub(super) const fn outward(self) -> Vec2 {
        match self {
            Side::West => Vec2::new(-1.0, 0.0),
            Side::East => Vec2::new(1.0, 0.0),
            Side::North => Vec2::new(0.0, -1.0),
            Side::South => Vec2::new(0.0, 1.0),
        }
    }
}

/// A rectangle on the ground, in metres from the chunk's minimum corner unless said otherwise.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) struct Area {
    pub(super) x0: f32,
    pub(super) z0: f32,
    pub(super) x1: f32,
    pub(super) z1: f32,
}

impl Area {
    pub(super) const fn new(x0: f32, z0: f32, x1: f32, z1: f32) -> Self {
        Self { x0, z0, x1, z1 }
    }

    pub(super) const fn around(center: Vec2, size_x: f32, size_z: f32) -> Self {
        Self::new(
            center.x - size_x / 2.0,
            center.y - size_z / 2.0,
            center.x + size_x / 2.0,
            center.y + size_z / 2.0,
        )
    }

    pub(super) const fn size_x(&self) -> f32 {
        self.x1 - self.x0
    }

    pub(super) const fn size_z(&self) -> f32 {
        self.z1 - self.z0
    }

    /// The extent along an axis.
    pub(super) const fn size(&self, axis: Axis) -> f32 {
        match axis {
            Axis::X => self.size_x(),
            Axis::Z => self.size_z(),
        }
    }

    pub(super) const fn shorter(&self) -> f32 {
        self.size_x().min(self.size_z())
    }

    pub(super) const fn square_metres(&self) -> f32 {
        self.size_x() * self.size_z()
    }

    pub(super) const fn is_empty(&self) -> bool {
        !(self.x1 > self.x0 && self.z1 > self.z0)
    }

    /// The middle, as (x, z).
    pub(super) const fn center(&self) -> Vec2 {
        Vec2::new((self.x0 + self.x1) / 2.0, (self.z0 + self.z1) / 2.0)
    }

    pub(super) const fn contains(&self, point: Vec2) -> bool {
        point.x >= self.x0 && point.x <= self.x1 && point.y >= self.z0 && point.y <= self.z1
    }

    /// True if the two share more than an edge.
    pub(super) const fn overlaps(&self, other: &Area) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.z0 < other.z1 && other.z0 < self.z1
    }

    /// The same rectangle elsewhere.
    pub(super) const fn moved_by(&self, step: Vec2) -> Area {
        Area::new(
            self.x0 + step.x,
            self.z0 + step.y,
            self.x1 + step.x,
            self.z1 + step.y,
        )
    }

    /// Moves each side inwards by its margin, in the order of [`Side::ALL`].
    pub(super) const fn inset_by(&self, margins: [f32; 4]) -> Area {
        Area::new(
            self.x0 + margins[0],
            self.z0 + margins[2],
            self.x1 - margins[1],
            self.z1 - margins[3],
        )
    }

    pub(super) const fn inset(&self, margin: f32) -> Area {
        self.inset_by([margin; 4])
    }

    pub(super) const fn clip(&self, other: &Area) -> Area {
        Area::new(
            self.x0.max(other.x0),
            self.z0.max(other.z0),
            self.x1.min(other.x1),
            self.z1.min(other.z1),
        )
    }

    /// The strip between two distances measured inwards from a side.
    pub(super) const fn strip(&self, side: Side, from: f32, to: f32) -> Area {
        match side {
            Side::West => Area::new(self.x0 + from, self.z0, self.x0 + to, self.z1),
            Side::East => Area::new(self.x1 - to, self.z0, self.x1 - from, self.z1),
            Side::North => Area::new(self.x0, self.z0 + from, self.x1, self.z0 + to),
            Side::South => Area::new(self.x0, self.z1 - to, self.x1, self.z1 - from),
        }
    }

    /// The part between two distances measured along an axis from the minimum corner.
    pub(super) const fn span(&self, axis: Axis, from: f32, to: f32) -> Area {
        match axis {
            Axis::X => Area::new(self.x0 + from, self.z0, self.x0 + to, self.z1),
            Axis::Z => Area::new(self.x0, self.z0 + from, self.x1, self.z0 + to),
        }
    }

    /// The gap between this side and the same side of an enclosing rectangle.
    pub(super) const fn gap(&self, outer: &Area, side: Side) -> f32 {
        match side {
            Side::West => self.x0 - outer.x0,
            Side::East => outer.x1 - self.x1,
            Side::North => self.z0 - outer.z0,
            Side::South => outer.z1 - self.z1,
        }
    }
}
