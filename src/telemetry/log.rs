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
    /// The drag of a slider that it is part of, by its number in the run: one drag is one mark for each setting, with
    /// the time of its last change.
    pub drag: Option<u64>,
    /// Who asked: `panel`, `file`, `script`, `remote`, `program`, `autopilot` or `compare`.
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
    /// Failed chunks are tried again.
    Retry,
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
            Self::Retry => "RETRY",
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
    /// The drag whose changes it tells, as one event for each setting.
    drag: Option<u64>,
}

/// Setting changes and events.
#[derive(Clone)]
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
        self.push_event(t_secs, kind, text, None);
    }

    fn push_event(&mut self, t_secs: f64, kind: EventKind, text: String, drag: Option<u64>) {
        self.events.push(Event {
            number: self.events.pushed(),
            t_secs,
            kind,
            text,
            drag,
        });
    }

    /// Adds a setting change, as a mark and as an event. Of one drag the newest takes the place of those before.
    pub fn push_mark(&mut self, mut mark: SettingMark) {
        if mark.drag.is_some()
            && let Some(before) = self.take_of_drag(&mark)
        {
            mark.old = before.old;
        }
        let text = format!(
            "{} {} > {} ({})",
            mark.field, mark.old, mark.new, mark.source
        );
        self.push_event(mark.t_secs, EventKind::Change, text, mark.drag);
        self.marks.push(mark);
    }

    /// Takes out mark and event of an earlier change of the same setting in the same drag.
    fn take_of_drag(&mut self, mark: &SettingMark) -> Option<SettingMark> {
        let is_same = |before: &SettingMark| before.drag == mark.drag && before.field == mark.field;
        let index = self.marks.iter().rposition(is_same)?;
        let tells = |event: &Event| {
            let name = event.text.split(' ').next();
            event.drag == mark.drag && name == Some(mark.field)
        };
        let told = self.events.iter().rposition(tells);
        if let Some(index) = told {
            self.events.remove(index);
        }
        self.marks.remove(index)
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
            drag: None,
            source: "panel",
        });
        assert_eq!(log.marks().len(), 1);
        assert_eq!(
            log.events().last().unwrap().text,
            "max_concurrent_tasks 3 > 6 (panel)"
        );
    }

    #[test]
    fn one_drag_is_one_mark_for_each_setting_and_hides_no_other() {
        let mut log = EventLog::default();
        let change = |t_secs: f64, field, old: u32, drag| SettingMark {
            t_secs,
            field,
            old: old.to_string(),
            new: (old + 1).to_string(),
            drag,
            source: "panel",
        };
        log.push_mark(change(0.5, "load_radius_m", 99, None));
        for step in 0..1_000 {
            let t_secs = 1.0 + f64::from(step) / 60.0;
            log.push_mark(change(t_secs, "load_radius_m", 100 + step, Some(1)));
            log.push_mark(change(t_secs, "unload_radius_m", 300 + step, Some(1)));
        }
        log.push_mark(change(20.0, "load_radius_m", 1_100, Some(2)));
        let texts: Vec<&str> = log
            .events()
            .iter()
            .map(|event| event.text.as_str())
            .collect();
        assert_eq!(
            texts,
            [
                "load_radius_m 99 > 100 (panel)",
                "load_radius_m 100 > 1100 (panel)",
                "unload_radius_m 300 > 1300 (panel)",
                "load_radius_m 1100 > 1101 (panel)",
            ]
        );
        let times: Vec<f64> = log.marks().iter().map(|mark| mark.t_secs).collect();
        assert_eq!(times, [0.5, 17.65, 17.65, 20.0]);
        // A reader that goes by numbers sees the newest of each.
        let last = log.events().last().map(|event| event.number).expect("one");
        assert_eq!(log.since(last).count(), 1);
    }
}
