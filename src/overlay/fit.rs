//! For tests: paints with a bare egui context and says what does not fit.

use bevy_egui::egui::{self, Rect, Shape, epaint::ClippedShape};

/// Pictures as they are sold, and the scales that can be chosen: the points that are left of each.
pub(super) fn screens() -> Vec<egui::Vec2> {
    let pictures = [
        (1_280.0, 720.0),
        (1_920.0, 1_080.0),
        (2_560.0, 1_440.0),
        (3_840.0, 2_160.0),
    ];
    let mut screens = Vec::new();
    for (width, height) in pictures {
        for chosen in super::scale::CHOICES {
            let factor = super::scale::Scale { chosen }.factor(height);
            let screen = egui::vec2(width, height) / factor;
            if !screens.contains(&screen) {
                screens.push(screen);
            }
        }
    }
    screens
}

/// A row of a text as it was painted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Painted {
    pub text: String,
    pub place: Rect,
    /// Outside of this nothing of it is seen.
    pub clip: Rect,
    /// Whether its end was cut off for want of room.
    pub is_elided: bool,
}

/// Paints a few times, so that everything has its size, and returns the texts of the last time.
pub(super) fn painted(screen: egui::Vec2, mut add: impl FnMut(&egui::Context)) -> Vec<Painted> {
    let ctx = egui::Context::default();
    super::style::apply(&ctx);
    let mut shapes = Vec::new();
    for frame in 0..4 {
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, screen)),
            time: Some(f64::from(frame)),
            ..egui::RawInput::default()
        };
        shapes = ctx.run_ui(input, |ui| add(ui.ctx())).shapes;
    }
    let mut texts = Vec::new();
    for ClippedShape { clip_rect, shape } in &shapes {
        collect(shape, *clip_rect, &mut texts);
    }
    texts
}

fn collect(shape: &Shape, clip: Rect, texts: &mut Vec<Painted>) {
    match shape {
        Shape::Vec(shapes) => {
            for shape in shapes {
                collect(shape, clip, texts);
            }
        }
        Shape::Text(text) => {
            for placed in &text.galley.rows {
                // Where it wraps, a label begins behind what is before it in its first row.
                let (Some(first), Some(last)) =
                    (placed.row.glyphs.first(), placed.row.glyphs.last())
                else {
                    continue;
                };
                let row = first.logical_rect().union(last.logical_rect());
                let place = row.translate(text.pos.to_vec2() + placed.pos.to_vec2());
                let written = placed.row.text();
                // What is scrolled away is not in sight.
                if place.intersect(clip).is_positive() && !written.trim().is_empty() {
                    texts.push(Painted {
                        text: written,
                        place,
                        clip,
                        is_elided: text.galley.elided,
                    });
                }
            }
        }
        _ => {}
    }
}

/// What is cut off at a side or at its end, leaves the screen, or lies over another text. What is cut off above or below
/// is being scrolled.
pub(super) fn faults(texts: &[Painted], screen: egui::Vec2) -> Vec<String> {
    let picture = Rect::from_min_size(egui::Pos2::ZERO, screen).expand(0.5);
    let mut faults = Vec::new();
    for (index, one) in texts.iter().enumerate() {
        let sides = one.clip.expand(0.5).x_range();
        if !(sides.contains(one.place.left()) && sides.contains(one.place.right())) {
            faults.push(format!(
                "{:?} is cut off: {:?} of {:?}",
                one.text, one.place, one.clip
            ));
        }
        if one.is_elided {
            faults.push(format!("{:?} has no room for its end", one.text));
        }
        if !picture.contains_rect(one.place.intersect(one.clip)) {
            faults.push(format!("{:?} {:?} leaves the screen", one.text, one.place));
        }
        for other in &texts[index + 1..] {
            let both = one
                .place
                .intersect(one.clip)
                .intersect(other.place.intersect(other.clip));
            if both.width() > 1.0 && both.height() > 2.0 {
                faults.push(format!("{:?} lies over {:?}", one.text, other.text));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(add: impl Fn(&mut egui::Ui)) -> usize {
        let screen = egui::vec2(300.0, 200.0);
        let texts = painted(screen, |ctx| {
            egui::Area::new(egui::Id::new("probe"))
                .fixed_pos(egui::Pos2::ZERO)
                .constrain(false)
                .show(ctx, |ui| {
                    ui.set_max_width(200.0);
                    add(ui);
                });
        });
        assert!(!texts.is_empty());
        faults(&texts, screen).len()
    }

    #[test]
    fn what_does_not_fit_is_found() {
        let long = "a sentence that is much too long for a line of two hundred points";
        assert_eq!(faults_of(|ui| drop(ui.label("short"))), 0);
        let elided = |ui: &mut egui::Ui| drop(ui.add(egui::Label::new(long).truncate()));
        assert_eq!(faults_of(elided), 1);
        let beyond = |ui: &mut egui::Ui| drop(ui.add(egui::Label::new(long).extend()));
        assert!(faults_of(beyond) >= 1);
        let over = |ui: &mut egui::Ui| {
            ui.label("one");
            ui.add_space(-12.0);
            ui.label("two");
        };
        assert_eq!(faults_of(over), 1);
    }
}
