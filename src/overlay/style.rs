//! Colours, fonts and spacing of the panel. Colour is always the third cue, after place and glyph.

use bevy_egui::egui::{self, Color32, FontFamily, FontId, RichText, TextStyle};

use crate::telemetry::log::EventKind;

/// Okabe–Ito blue: fine.
pub const OK: Color32 = Color32::from_rgb(0x56, 0xB4, 0xE9);
/// Okabe–Ito green: good, loaded.
pub const GOOD: Color32 = Color32::from_rgb(0x00, 0x9E, 0x73);
/// Okabe–Ito yellow: watch.
pub const WATCH: Color32 = Color32::from_rgb(0xF0, 0xE4, 0x42);
/// Okabe–Ito orange: bad.
pub const BAD: Color32 = Color32::from_rgb(0xE6, 0x9F, 0x00);
/// Okabe–Ito vermilion: critical, refused.
pub const CRITICAL: Color32 = Color32::from_rgb(0xFF, 0x7A, 0x33);
/// Okabe–Ito purple: information, setting marks.
pub const INFO: Color32 = Color32::from_rgb(0xCC, 0x79, 0xA7);
/// Grey: labels and what is not used.
pub const NEUTRAL: Color32 = Color32::from_rgb(0xBB, 0xBB, 0xBB);
/// Okabe–Ito dark blue, lightened to be read on the ground: finished and waiting.
pub const BLUE: Color32 = Color32::from_rgb(0x3D, 0x8F, 0xD6);
/// Dark green: loaded at a coarse level.
pub const COARSE: Color32 = Color32::from_rgb(0x2B, 0x62, 0x55);
/// The same, light enough for text.
pub const COARSE_TEXT: Color32 = Color32::from_rgb(0x5C, 0xA8, 0x95);
/// Dark grey: there, and of no interest now.
pub const DIM: Color32 = Color32::from_rgb(0x5A, 0x60, 0x68);
/// Text.
pub const TEXT: Color32 = Color32::from_rgb(0xF2, 0xF2, 0xF2);
/// The panel's ground: #101418, nearly opaque. Light is added before it is put on its curve, so that of a bright window
/// behind a twentieth would be a quarter.
pub const GROUND: Color32 = Color32::from_rgba_premultiplied(0x10, 0x13, 0x16, 0xFC);

/// Width of the panel's content, points.
pub const CONTENT_WIDTH: f32 = 352.0;
/// Beside it, for the bar that scrolls: it floats, and would lie over the last letters.
pub const SCROLL_BAR: f32 = 8.0;

/// Where the panel ends at the right, with a gap, points.
pub const PANEL_RIGHT: f32 = CONTENT_WIDTH + SCROLL_BAR + 26.0;

/// Size of all text, points.
const TEXT_SIZE: f32 = 10.5;

/// Sets fonts, spacing and colours of a context. Without animation, so that a still picture is the final one.
pub fn apply(ctx: &egui::Context) {
    ctx.set_visuals(egui::Visuals::dark());
    // With frames of half a second a quick press takes longer than egui grants a click.
    ctx.options_mut(|options| options.input_options.max_click_duration = f64::INFINITY);
    ctx.all_styles_mut(|style| {
        style.animation_time = 0.0;
        style.text_styles = [
            (
                TextStyle::Heading,
                FontId::new(TEXT_SIZE + 1.0, FontFamily::Monospace),
            ),
            (
                TextStyle::Body,
                FontId::new(TEXT_SIZE, FontFamily::Proportional),
            ),
            (
                TextStyle::Monospace,
                FontId::new(TEXT_SIZE, FontFamily::Monospace),
            ),
            (
                TextStyle::Button,
                FontId::new(TEXT_SIZE, FontFamily::Proportional),
            ),
            (
                TextStyle::Small,
                FontId::new(TEXT_SIZE - 1.5, FontFamily::Proportional),
            ),
        ]
        .into();
        style.visuals.override_text_color = Some(TEXT);
        style.visuals.extreme_bg_color = Color32::from_rgb(0x08, 0x0A, 0x0C);
        style.spacing.item_spacing = egui::vec2(4.0, 1.0);
        style.spacing.button_padding = egui::vec2(4.0, 0.0);
        style.spacing.interact_size = egui::vec2(30.0, 15.0);
        style.spacing.slider_width = 92.0;
        style.spacing.icon_width = 10.0;
        style.spacing.indent = 6.0;
    });
}

/// A picture of fewer points in height has no room for everything at once: what is looked at less is closed at first.
pub fn is_low(ui: &egui::Ui) -> bool {
    ui.ctx().content_rect().height() < 900.0
}

/// Fixed-width text.
pub fn mono(text: impl Into<String>) -> RichText {
    RichText::new(text).monospace()
}

/// A fixed-width line in one colour.
pub fn line(ui: &mut egui::Ui, text: impl Into<String>, color: Color32) -> egui::Response {
    ui.add(egui::Label::new(mono(text).color(color)).wrap_mode(egui::TextWrapMode::Truncate))
}

/// The colour for a frame time against its target: good up to it, watch to 1.25, bad to 2, then critical.
pub fn frame_color(frame_ms: f64, target_ms: f64) -> Color32 {
    match frame_ms / target_ms {
        ratio if ratio <= 1.02 => GOOD,
        ratio if ratio <= 1.25 => WATCH,
        ratio if ratio <= 2.0 => BAD,
        _ => CRITICAL,
    }
}

/// The colour of an event's kind.
pub fn event_color(kind: EventKind) -> Color32 {
    match kind {
        EventKind::Hitch | EventKind::Failure | EventKind::Warning => BAD,
        EventKind::Quarantine | EventKind::Law | EventKind::Refusal => CRITICAL,
        EventKind::Stale | EventKind::Retry => WATCH,
        EventKind::Change => INFO,
    }
}
