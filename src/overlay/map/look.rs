//! How a cell looks on the map: place, then glyph and size, then colour. Pure.

use bevy_egui::egui::Color32;

use super::MapCell;
use crate::{
    overlay::style,
    streaming::{CellStage, DetailLevel},
    telemetry::text::bytes,
};

/// What the colours of the map mean.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum MapMode {
    /// What is being done about each chunk.
    #[default]
    State,
    /// The order in which waiting chunks are needed.
    Priority,
    /// How long a chunk has lacked what is wanted.
    Age,
    /// How long its last generation ran.
    RunTime,
    /// How often its work was thrown away.
    Discards,
    /// Bytes of it in the world.
    Bytes,
}

impl MapMode {
    /// Every mode, in the order of the buttons.
    pub const ALL: [Self; 6] = [
        Self::State,
        Self::Priority,
        Self::Age,
        Self::RunTime,
        Self::Discards,
        Self::Bytes,
    ];

    /// The word on the button.
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Priority => "order",
            Self::Age => "age",
            Self::RunTime => "run",
            Self::Discards => "waste",
            Self::Bytes => "bytes",
        }
    }

    /// What it shows.
    pub const fn help(self) -> &'static str {
        match self {
            Self::State => {
                "What is being done about each chunk, and which level is seen. The line below names every glyph."
            }
            Self::Priority => {
                "The order in which chunks that wait for a worker are needed, 1 first. Dark: soon."
            }
            Self::Age => "Seconds for which a chunk has lacked what is wanted of it. Bright: long.",
            Self::RunTime => {
                "Milliseconds that the last generation of the chunk ran on its worker. Bright: long."
            }
            Self::Discards => {
                "How often a request for the chunk was cancelled, found stale or failed. Bright: often."
            }
            Self::Bytes => "Bytes of the chunk that are in the world. Bright: many.",
        }
    }
}

/// How one cell is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct CellLook {
    /// Colour of the square.
    pub color: Color32,
    /// Side of the square as a share of the cell's; below 0.2 it is a mere dot.
    pub fill: f32,
    /// What is written on it where there is room.
    pub glyph: String,
    /// Colour of what is written; `None` follows the square.
    pub ink: Option<Color32>,
    /// Colour of what is seen of the cell under it.
    pub under: Option<Color32>,
}

/// Every state but rest: colour, and size of the square.
pub const STATES: [(CellStage, Color32, f32); 9] = [
    (CellStage::Missing, style::NEUTRAL, 0.3),
    (CellStage::Queued, style::WATCH, 0.55),
    (CellStage::Running, style::OK, 0.7),
    (CellStage::Ready, style::BLUE, 0.7),
    (CellStage::Applying, style::INFO, 0.8),
    (CellStage::Stopping, style::BAD, 0.5),
    (CellStage::Backoff, style::BAD, 0.7),
    (CellStage::Retiring, style::DIM, 0.5),
    (CellStage::Quarantined, style::CRITICAL, 0.95),
];

/// How a cell looks in a mode. `most` is the largest value of the mode among the cells shown.
pub fn look_of(cell: &MapCell, mode: MapMode, most: f64) -> CellLook {
    let value = value_of(cell, mode);
    match (mode, value) {
        (MapMode::State, _) => state_look(cell),
        (_, Some(value)) => CellLook {
            color: heat(share(value, most, mode)),
            fill: 0.92,
            glyph: glyph_of(value, mode),
            ink: None,
            under: None,
        },
        // Nothing to say about it: the ground plan stays readable.
        (_, None) => CellLook {
            color: style::DIM,
            fill: 0.25,
            glyph: String::new(),
            ink: None,
            under: None,
        },
    }
}

/// The value that a mode shows of a cell; `None` where there is none.
pub fn value_of(cell: &MapCell, mode: MapMode) -> Option<f64> {
    let some = |value: f64| (value > 0.0).then_some(value);
    match mode {
        MapMode::State => None,
        MapMode::Priority => cell.order.map(f64::from),
        MapMode::Age => some(cell.view.age_secs),
        MapMode::RunTime => cell.view.run_ms,
        MapMode::Discards => some(f64::from(cell.view.discards)),
        MapMode::Bytes => some(cell.view.bytes as f64),
    }
}

/// A value of a mode in words, with its unit.
pub fn value_text(value: f64, mode: MapMode) -> String {
    match mode {
        MapMode::State => String::new(),
        MapMode::Priority => format!("number {value:.0} in the order of need"),
        MapMode::Age => format!("lacking for {value:.1} s"),
        MapMode::RunTime => format!("last generation {value:.1} ms"),
        MapMode::Discards => format!("thrown away {value:.0} times"),
        MapMode::Bytes => bytes(value as u64),
    }
}

fn state_look(cell: &MapCell) -> CellLook {
    let stage = cell.view.stage;
    let state = STATES.iter().find(|(listed, ..)| *listed == stage);
    if let Some((_, color, fill)) = state {
        return CellLook {
            color: *color,
            fill: *fill,
            glyph: stage.glyph().to_string(),
            ink: None,
            under: cell.view.shown.map(|level| match level {
                DetailLevel::FULL => style::GOOD.gamma_multiply(0.5),
                _ => style::COARSE.gamma_multiply(0.7),
            }),
        };
    }
    let (color, fill, glyph, ink) = match cell.view.shown {
        Some(DetailLevel::FULL) => (style::GOOD, 0.95, String::new(), None),
        Some(level) => {
            let ink = Some(style::COARSE_TEXT);
            (style::COARSE, 0.95, level.0.to_string(), ink)
        }
        None => (style::DIM, 0.15, String::new(), None),
    };
    CellLook {
        color,
        fill,
        glyph,
        ink,
        under: None,
    }
}

/// Orders are ranks; the others are compared by factors, since a long one is many times a short one.
fn share(value: f64, most: f64, mode: MapMode) -> f32 {
    if most <= 0.0 {
        return 0.0;
    }
    let share = match mode {
        MapMode::Priority | MapMode::Discards => value / most,
        _ => (1.0 + value).ln() / (1.0 + most).ln(),
    };
    share.clamp(0.0, 1.0) as f32
}

fn glyph_of(value: f64, mode: MapMode) -> String {
    match mode {
        MapMode::State => String::new(),
        MapMode::Bytes if value >= 1_048_576.0 => format!("{:.0}M", value / 1_048_576.0),
        MapMode::Bytes => format!("{:.0}k", value / 1_024.0),
        MapMode::Age if value < 10.0 => format!("{value:.1}"),
        _ if value < 1_000.0 => format!("{value:.0}"),
        _ => "…".to_owned(),
    }
}

/// From dark blue over grey to yellow: the ends differ in lightness, so that they are told apart without colour
/// (the range of cividis: Nuñez, Anderton and Renslow, 2018).
pub fn heat(share: f32) -> Color32 {
    const STOPS: [[f32; 3]; 5] = [
        [0.0, 52.0, 110.0],
        [66.0, 87.0, 112.0],
        [124.0, 123.0, 120.0],
        [186.0, 165.0, 106.0],
        [253.0, 231.0, 65.0],
    ];
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let lower = (place.floor() as usize).min(STOPS.len() - 2);
    let part = place - lower as f32;
    let mixed = |channel: usize| {
        let (a, b) = (STOPS[lower][channel], STOPS[lower + 1][channel]);
        (a + (b - a) * part).round() as u8
    };
    Color32::from_rgb(mixed(0), mixed(1), mixed(2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::overlay::map::tests::cell;

    #[test]
    fn every_state_has_a_glyph_of_its_own_so_colour_is_never_the_only_cue() {
        let glyphs: BTreeSet<char> = CellStage::ALL.iter().map(|stage| stage.glyph()).collect();
        assert_eq!(glyphs.len(), CellStage::ALL.len());
        for (stage, ..) in STATES {
            let look = look_of(&cell(0, 0, stage, None), MapMode::State, 0.0);
            assert_eq!(look.glyph, stage.glyph().to_string());
        }
        assert_eq!(STATES.len() + 1, CellStage::ALL.len(), "all but rest");
    }

    #[test]
    fn full_and_coarse_levels_are_told_apart_by_a_digit() {
        let look = |level| {
            look_of(
                &cell(0, 0, CellStage::Idle, Some(level)),
                MapMode::State,
                0.0,
            )
        };
        assert_eq!((look(0).glyph.as_str(), look(2).glyph.as_str()), ("", "2"));
        assert_ne!(look(0).color, look(1).color);
    }

    #[test]
    fn a_mode_without_a_value_for_a_cell_writes_nothing() {
        for mode in MapMode::ALL {
            let look = look_of(&cell(0, 0, CellStage::Idle, None), mode, 100.0);
            assert_eq!(look.glyph, "", "{mode:?}");
            assert!(look.fill < 0.3, "{mode:?}");
        }
    }

    #[test]
    fn the_longest_wait_is_the_brightest() {
        let look = |secs| {
            let mut waiting = cell(0, 0, CellStage::Queued, None);
            waiting.view.age_secs = secs;
            look_of(&waiting, MapMode::Age, 40.0)
        };
        let light = |look: CellLook| u32::from(look.color.r()) + u32::from(look.color.g());
        assert!(light(look(1.0)) < light(look(10.0)) && light(look(10.0)) < light(look(40.0)));
        assert_eq!(look(40.0).glyph, "40");
        assert_eq!(look(40.0).color, heat(1.0));
    }
}
