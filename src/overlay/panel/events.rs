//! EVENTS: the last lines of the log, with a filter.

use bevy_egui::egui;

use super::{Intent, PanelState};
use crate::{
    overlay::style,
    telemetry::{
        log::EventKind,
        snapshot::{EventLine, PanelData},
    },
};

/// Two hitches are at least 250 ms apart.
const SAME_FRAME_SECS: f64 = 0.1;

/// Lines shown at once.
const LINES: usize = 12;

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &PanelData,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    ui.horizontal(|ui| {
        let label = ui.label(style::mono("filter").color(style::NEUTRAL));
        ui.add(
            egui::TextEdit::singleline(&mut state.filter)
                .hint_text("apply -stale")
                .desired_width(160.0),
        )
        .labelled_by(label.id)
        .on_hover_text("Words that a line must contain; with a minus in front, must not: apply -stale. Case does not matter.");
    });
    let mut shown = 0;
    let filter = state.filter.clone();
    for event in passing(data, &filter).take(LINES) {
        shown += 1;
        let text = format!(
            "{:>7.1} s {:<7} {}",
            event.t_secs,
            event.kind.word(),
            event.text
        );
        let label = egui::Label::new(style::mono(text).color(style::event_color(event.kind)))
            .wrap_mode(egui::TextWrapMode::Truncate)
            .sense(egui::Sense::click());
        if ui
            .add(label)
            .on_hover_text(format!(
                "{}\nclick: graphs and map show this moment",
                event.text
            ))
            .clicked()
        {
            intents.push(Intent::Scrub(Some(event.t_secs)));
            if event.kind == EventKind::Hitch {
                state.open_ticket = ticket_of(event, data);
            }
        }
    }
    if shown == 0 {
        style::line(ui, "—", style::NEUTRAL);
    }
}

/// The ticket of a hitch that the log tells of; both were written in the same frame.
fn ticket_of(event: &EventLine, data: &PanelData) -> Option<u64> {
    data.tickets
        .iter()
        .find(|ticket| (ticket.hitch.t_secs - event.t_secs).abs() < SAME_FRAME_SECS)
        .map(|ticket| ticket.number)
}

/// The events of the whole log that pass the filter, newest first.
fn passing<'a>(data: &'a PanelData, filter: &'a str) -> impl Iterator<Item = &'a EventLine> {
    data.events
        .iter()
        .filter(move |event| passes(event, filter))
}

/// Whether an event has every word of the filter and none that has a minus in front; case does not matter.
fn passes(event: &EventLine, filter: &str) -> bool {
    let has = |word| contains(event.kind.word(), word) || contains(&event.text, word);
    filter
        .split_whitespace()
        .all(|word| match word.strip_prefix('-') {
            Some(excluded) => excluded.is_empty() || !has(excluded),
            None => has(word),
        })
}

/// Whether a text contains a word, whatever the case of its Latin letters. No allocation: the whole log is looked through
/// in every painted frame.
fn contains(text: &str, word: &str) -> bool {
    text.as_bytes()
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_finds_what_is_older_than_the_lines_that_are_shown() {
        let mut telemetry = crate::telemetry::fixture::busy_telemetry();
        telemetry.note(EventKind::Warning, "the needle".to_owned());
        for line in 0..300 {
            telemetry.note(EventKind::Stale, format!("{line} results discarded"));
        }
        let data = PanelData::collect(
            &telemetry,
            &crate::streaming::StreamingMetrics::default(),
            &crate::streaming::StreamingValues::default(),
            None,
        );
        let found: Vec<_> = passing(&data, "NEEDLE -stale").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "the needle");
        assert_eq!(passing(&data, "").count(), data.events.len());
    }

    #[test]
    fn filter_wants_every_word_and_none_with_a_minus() {
        let event = EventLine {
            t_secs: 1.0,
            kind: EventKind::Hitch,
            text: "48.2 ms: apply 31.0".into(),
        };
        for (filter, expected) in [
            ("", true),
            ("apply", true),
            ("HITCH apply", true),
            ("apply -stale", true),
            ("apply -hitch", false),
            ("stale", false),
            ("-", true),
        ] {
            assert_eq!(passes(&event, filter), expected, "{filter}");
        }
    }
}
