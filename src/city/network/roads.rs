//! Streets as pieces with two ends and the places where others meet them: what asphalt, paint and lanes are made from.

use super::super::area::Axis;
use super::super::plan::streets::StreetClass;
use super::rivers;
use super::superblock::{Superblock, column_class};

/// A straight piece of street.
#[derive(Clone, PartialEq, Debug)]
pub(in super::super) struct Road {
    /// The direction in which it runs.
    pub(in super::super) axis: Axis,
    /// Its centre line on the other axis.
    pub(in super::super) center: f64,
    pub(in super::super) class: StreetClass,
    /// Both ends lie on the centre line of another street.
    pub(in super::super) start: RoadEnd,
    pub(in super::super) end: RoadEnd,
    /// The streets that meet it between its ends, ascending.
    pub(in super::super) crossings: Vec<Crossing>,
    /// Crosses a river from end to end.
    pub(in super::super) is_bridge: bool,
}

/// Where a road begins or ends.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct RoadEnd {
    /// The centre line of the other street.
    pub(in super::super) at: f64,
    /// The class of the other street.
    pub(in super::super) class: StreetClass,
}

/// A street that meets a road between its ends.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct Crossing {
    /// Its centre line.
    pub(in super::super) at: f64,
    /// Its class on the side of the smaller coordinates, if it comes from there.
    pub(in super::super) low: Option<StreetClass>,
    /// Likewise on the other side.
    pub(in super::super) high: Option<StreetClass>,
}

impl Crossing {
    /// The widest of the streets that meet here.
    pub(in super::super) fn class(&self) -> StreetClass {
        self.low.max(self.high).unwrap_or(StreetClass::Alley)
    }
}

impl Superblock {
    /// The streets inside, without the arterials around.
    pub(in super::super) fn inner_roads(&self) -> Vec<Road> {
        let arterials = self.arterials();
        // Where streets along and streets across end.
        let (start, end, first, last) = match self.along {
            Axis::X => (
                RoadEnd {
                    at: self.area.low.x,
                    class: arterials[0],
                },
                RoadEnd {
                    at: self.area.high.x,
                    class: arterials[1],
                },
                arterials[2],
                arterials[3],
            ),
            Axis::Z => (
                RoadEnd {
                    at: self.area.low.y,
                    class: arterials[2],
                },
                RoadEnd {
                    at: self.area.high.y,
                    class: arterials[3],
                },
                arterials[0],
                arterials[1],
            ),
        };
        let across = match self.along {
            Axis::X => Axis::Z,
            Axis::Z => Axis::X,
        };
        let mut roads = Vec::new();
        let last_strip = self.strips.len().saturating_sub(1);
        let mut class_before = first;
        for (number, strip) in self.strips.iter().enumerate() {
            let class_after = if number == last_strip {
                last
            } else {
                strip.class_at_end
            };
            roads.extend(strip.cuts.iter().map(|(center, class)| Road {
                axis: across,
                center: *center,
                class: *class,
                start: RoadEnd {
                    at: strip.from,
                    class: class_before,
                },
                end: RoadEnd {
                    at: strip.to,
                    class: class_after,
                },
                crossings: Vec::new(),
                is_bridge: false,
            }));
            if let Some(next) = self.strips.get(number + 1) {
                roads.push(Road {
                    axis: self.along,
                    center: strip.to,
                    class: strip.class_at_end,
                    start,
                    end,
                    crossings: meeting(&strip.cuts, &next.cuts),
                    is_bridge: false,
                });
            }
            class_before = class_after;
        }
        roads
    }

    /// The arterials along its west and its north side, each from one arterial to the next. `west` and `north` are the
    /// neighbours on those sides. The western one is missing where a river has no bridge.
    pub(in super::super) fn outer_roads(&self, seed: u64, west: &Self, north: &Self) -> Vec<Road> {
        let is_river = rivers::is_river(self.row);
        let mut roads = vec![Road {
            axis: Axis::X,
            center: self.area.low.y,
            class: StreetClass::Arterial,
            start: RoadEnd {
                at: self.area.low.x,
                class: column_class(self.column),
            },
            end: RoadEnd {
                at: self.area.high.x,
                class: column_class(self.column + 1),
            },
            crossings: meeting(&north.ends_on(Axis::X, true), &self.ends_on(Axis::X, false)),
            is_bridge: false,
        }];
        if !is_river || rivers::has_bridge(seed, self.column, self.row) {
            roads.push(Road {
                axis: Axis::Z,
                center: self.area.low.x,
                class: column_class(self.column),
                start: RoadEnd {
                    at: self.area.low.y,
                    class: StreetClass::Arterial,
                },
                end: RoadEnd {
                    at: self.area.high.y,
                    class: StreetClass::Arterial,
                },
                crossings: meeting(&west.ends_on(Axis::Z, true), &self.ends_on(Axis::Z, false)),
                is_bridge: is_river,
            });
        }
        roads
    }
}

/// Joins the streets that come from both sides.
fn meeting(low: &[(f64, StreetClass)], high: &[(f64, StreetClass)]) -> Vec<Crossing> {
    let mut crossings: Vec<Crossing> = low
        .iter()
        .map(|(at, class)| Crossing {
            at: *at,
            low: Some(*class),
            high: None,
        })
        .collect();
    for (at, class) in high {
        match crossings.iter_mut().find(|crossing| crossing.at == *at) {
            Some(crossing) => crossing.high = Some(*class),
            None => crossings.push(Crossing {
                at: *at,
                low: None,
                high: Some(*class),
            }),
        }
    }
    crossings.sort_by(|a, b| a.at.total_cmp(&b.at));
    crossings
}
