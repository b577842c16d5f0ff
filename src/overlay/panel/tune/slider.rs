//! One numeric setting as a slider with a reset.

use std::sync::LazyLock;

use bevy_egui::egui::{self, Slider, SliderClamping};

use super::{
    super::{Intent, PanelState},
    change::{Saved, reset_of, shown, with_margins},
};
use crate::{
    overlay::style,
    settings::TuneRequest,
    streaming::{FIELDS, FieldSpec, SettingError, StreamingValues},
    telemetry::{snapshot::PanelData, text::bytes},
};

/// The fields that hold whole numbers: those that cannot read a half.
static WHOLE: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut values = StreamingValues::default();
    let names = FIELDS.iter().map(|spec| spec.name);
    names
        .filter(|name| {
            matches!(
                values.set(name, "0.5"),
                Err(SettingError::Unreadable { .. })
            )
        })
        .collect()
});

pub(super) fn slider(
    ui: &mut egui::Ui,
    spec: &'static FieldSpec,
    data: &PanelData,
    saved: Saved<'_>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let Some(current) = data.settings.number(spec.name) else {
        return;
    };
    let mut value = current;
    let is_whole = WHOLE.contains(&spec.name);
    // Never clamped: a value from a file beyond the soft range stays, and what is typed is judged by streaming.
    let mut slider = Slider::new(&mut value, spec.soft.0..=spec.soft.1)
        .clamping(SliderClamping::Never)
        .update_while_editing(false)
        .text(style::mono(spec.name));
    slider = match spec.unit {
        // Over such ranges equal ways are equal factors.
        "bytes" => slider
            .integer()
            .logarithmic(true)
            .custom_formatter(|value, _| bytes(value as u64))
            .custom_parser(parsed_bytes),
        "MiB" => slider.integer().logarithmic(true).suffix(" MiB"),
        "m" => slider.max_decimals(0).suffix(" m"),
        "ms" => slider.max_decimals(2).suffix(" ms"),
        "s" => slider.max_decimals(2).suffix(" s"),
        _ if is_whole => slider.integer(),
        _ => slider.max_decimals(2),
    };
    let response = ui.add(slider).on_hover_text(range_text(spec));
    let text = shown(value, is_whole);
    if response.drag_started() {
        intents.push(Intent::Tune(TuneRequest::BeginDrag));
    }
    if response.changed() && Some(&text) != data.settings.get(spec.name).as_ref() {
        let proposal = (spec.name, text);
        if state.sent.as_ref() != Some(&proposal) {
            intents.push(Intent::Propose(with_margins(
                spec.name,
                value,
                &proposal.1,
                &data.settings,
            )));
            state.sent = Some(proposal);
        }
    } else if !response.dragged()
        && state
            .sent
            .as_ref()
            .is_some_and(|(sent, _)| *sent == spec.name)
    {
        state.sent = None;
    }
    if response.drag_stopped() {
        intents.push(Intent::Tune(TuneRequest::EndDrag));
        // Arrow keys would go on moving a slider that keeps the focus.
        response.surrender_focus();
    }
    let value_saved = saved.values.get(spec.name);
    let is_changed = value_saved != data.settings.get(spec.name);
    let reset = ui.add_enabled(is_changed, egui::Button::new("reset").small());
    if reset
        .on_hover_text(format!(
            "Back to {} {} of {}.",
            value_saved.as_deref().unwrap_or("—"),
            spec.unit,
            saved.whose()
        ))
        .clicked()
    {
        intents.push(reset_of(spec.name, data, saved));
    }
}

/// What a field does, its unit, what the slider offers and what may be typed.
fn range_text(spec: &FieldSpec) -> String {
    let number = |value: f64| match spec.unit {
        "bytes" => bytes(value as u64),
        "" => value.to_string(),
        unit => format!("{value} {unit}"),
    };
    format!(
        "{}\nSlider: {} to {}. Typed: {} to {}.",
        spec.help,
        number(spec.soft.0),
        number(spec.soft.1),
        number(spec.hard.0),
        number(spec.hard.1)
    )
}

/// Bytes as a person types them: `2097152`, `2 MiB`, `512 KiB`.
fn parsed_bytes(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let number: f64 = number.trim().replace('_', "").parse().ok()?;
    Some((number * factor).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_back_what_they_print_and_plain_numbers() {
        for (text, expected) in [
            ("2.0 MiB", 2_097_152.0),
            ("256 kib", 262_144.0),
            ("4_096", 4_096.0),
            ("1 G", 1_073_741_824.0),
        ] {
            assert_eq!(parsed_bytes(text), Some(expected), "{text}");
        }
        assert_eq!(parsed_bytes("2 miles"), None);
        assert_eq!(parsed_bytes(&bytes(8 << 20)), Some(8_388_608.0));
    }

    #[test]
    fn counts_and_bytes_are_whole_and_durations_are_not() {
        for name in ["max_concurrent_tasks", "retry_limit", "memory_cap_mib"] {
            assert!(WHOLE.contains(&name), "{name}");
        }
        for name in ["apply_budget_ms", "load_radius_m", "stuck_after_secs"] {
            assert!(!WHOLE.contains(&name), "{name}");
        }
    }
}
