//! The look that help, menu, HUD and toasts share.

use bevy::prelude::*;

/// Background of a panel.
pub(super) const PANEL: Color = Color::srgba(0.05, 0.07, 0.10, 0.86);
/// Text that matters.
pub(super) const TEXT: Color = Color::srgb(0.94, 0.96, 0.98);
/// Text beside it.
pub(super) const DIM: Color = Color::srgb(0.68, 0.73, 0.79);
/// Keys and what is hovered.
pub(super) const ACCENT: Color = Color::srgb(0.98, 0.80, 0.36);

/// One line of text of a size in pixels.
pub(super) fn line(text: impl Into<String>, size_px: f32, color: Color) -> impl Bundle {
    (
        Text::new(text),
        TextFont::from_font_size(size_px),
        TextColor(color),
    )
}

/// A node over the whole picture that centres its children.
pub(super) fn full_screen() -> Node {
    Node {
        position_type: PositionType::Absolute,
        width: percent(100),
        height: percent(100),
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        ..default()
    }
}
