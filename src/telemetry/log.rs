//! What happened, in words: setting changes and events, in rings of fixed size.

use super::ring::Ring;

/// Setting changes kept.
const MARKS_KEPT: usize = 256;

/// Events kept.
const EVENTS_KEPT: usize = 512;

/// A change of a setting, for the vertical mark in every graph.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingMark {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Name of the setting.
    pub field: &'static str,
    /// Value before.
    pub old: String,
    /// Value after.
    pub new: String,
    /// Who asked: `panel`, `file`, `script`, `remote`, `program` or `autopilot`.
    pub source: &'static str,
}

/// The kind of an event; also its glyph's meaning on the panel.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A frame the player felt.
    Hitch,
    /// Results discarded as stale.
    Stale,
    /// A generator panicked or failed.
    Failure,
    /// A chunk was given up.
    Quarantine,
    /// A setting changed.
    Change,
    /// A setting was refused.
    Refusal,
    /// A law was violated.
    Law,
    /// Something else that a person should know.
    Warning,
}

impl EventKind {
    /// The word shown before the event.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hitch => "HITCH",
            Self::Stale => "STALE",
            Self::Failure => "FAIL",
            Self::Quarantine => "QUARANT",
            Self::Change => "SET",
            Self::Refusal => "REFUSED",
            Self::Law => "LAW",
            Self::Warning => "WARN",
        }
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Position in the whole log, from 0; never reused.
    pub number: u64,
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// What kind.
    pub kind: EventKind,
    /// The text, without time and kind.
    pub text: String,
}

/// Setting changes and events.
pub struct EventLog {
    marks: Ring<SettingMark>,
    events: Ring<Event>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self {
            marks: Ring::with_capacity(MARKS_KEPT),
            events: Ring::with_capacity(EVENTS_KEPT),
        }
    }
}

impl EventLog {
    /// Adds an event.
    pub fn push(&mut self, t_secs: f64, kind: EventKind, text: String) {
        self.events.push(Event {
            number: self.events.pushed(),
            t_secs,
            kind,
            text,
        });
    }

    /// Adds a setting change, as a mark and as an event.
    pub fn push_mark(&mut self, mark: SettingMark) {
        self.push(
            mark.t_secs,
            EventKind::Change,
            format!(
                "{} {} > {} ({})",
                mark.field, mark.old, mark.new, mark.source
            ),
        );
        self.marks.push(mark);
    }

    /// The setting changes kept, oldest first.
    pub fn marks(&self) -> &Ring<SettingMark> {
        &self.marks
    }

    /// The events kept, oldest first.
    pub fn events(&self) -> &Ring<Event> {
        &self.events
    }

    /// Events numbered `number` and above, oldest first.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.events.since(move |event| event.number >= number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_when_old_events_are_gone() {
        let mut log = EventLog::default();
        for index in 0..EVENTS_KEPT + 10 {
            log.push(index as f64, EventKind::Warning, index.to_string());
        }
        assert_eq!(log.events().len(), EVENTS_KEPT);
        let newest: Vec<_> = log
            .since(EVENTS_KEPT as u64 + 8)
            .map(|event| event.text.clone())
            .collect();
        assert_eq!(
            newest,
            [(EVENTS_KEPT + 8).to_string(), (EVENTS_KEPT + 9).to_string()]
        );
    }

    #[test]
    fn change_is_a_mark_and_an_event() {
        let mut log = EventLog::default();
        log.push_mark(SettingMark {
            t_secs: 1.0,
            field: "max_concurrent_tasks",
            old: "3".into(),
            new: "6".into(),
            source: "panel",
        });
        assert_eq!(log.marks().len(), 1);
        assert_eq!(
            log.events().last().unwrap().text,
            "max_concurrent_tasks 3 > 6 (panel)"
        );
    }
}
