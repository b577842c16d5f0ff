//! How large the overlay is: as the picture asks, or as somebody chose, from 100 to 200 %.

use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

use super::{context::primary_context, pace::Paint};

/// A picture of so many points in height is shown at 100 %.
const HEIGHT_AT_100: f32 = 960.0;

/// egui says so much, or more, while it does not know the picture.
const UNKNOWN_HEIGHT: f32 = 9_000.0;

/// What can be chosen; `None` follows the height of the picture.
pub const CHOICES: [Option<f32>; 6] = [
    None,
    Some(1.0),
    Some(1.25),
    Some(1.5),
    Some(1.75),
    Some(2.0),
];

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Scale>()
        .add_systems(EguiPrimaryContextPass, apply.in_set(Paint));
}

/// The scale in force.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq)]
pub struct Scale {
    /// What somebody chose.
    pub chosen: Option<f32>,
}

impl Scale {
    /// The factor for a picture of this height in points at 100 %.
    pub fn factor(self, height: f32) -> f32 {
        self.chosen.unwrap_or_else(|| {
            let steps_of_5_percent = (height / HEIGHT_AT_100 * 20.0).floor() / 20.0;
            steps_of_5_percent.clamp(1.0, 2.0)
        })
    }
}

fn apply(world: &mut World) {
    let Some(ctx) = primary_context(world) else {
        return;
    };
    let before = ctx.zoom_factor();
    let height = ctx.content_rect().height() * before;
    if height > UNKNOWN_HEIGHT {
        return;
    }
    let factor = world.resource::<Scale>().factor(height);
    if factor != before {
        // In force from the next painting on.
        ctx.set_zoom_factor(factor);
    }
}

/// A choice in words.
pub fn choice_text(choice: Option<f32>) -> String {
    match choice {
        None => "auto".to_owned(),
        Some(factor) => format!("{:.0} %", factor * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_sets_the_scale_until_somebody_does() {
        let scale = Scale::default();
        for (height, factor) in [(720.0, 1.0), (1_080.0, 1.1), (1_440.0, 1.5), (2_160.0, 2.0)] {
            assert_eq!(scale.factor(height), factor, "{height}");
        }
        let chosen = Scale { chosen: Some(1.25) };
        assert_eq!(chosen.factor(2_160.0), 1.25);
    }
}
