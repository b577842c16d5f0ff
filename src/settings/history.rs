//! Undo and redo of setting changes. Pure: it is told what changed and says what to propose.

/// Steps kept.
const KEPT: usize = 64;

/// One field's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The setting.
    pub field: String,
    /// Before.
    pub old: String,
    /// After.
    pub new: String,
}

/// Changes that belong together: one drag of a slider, one press of a button.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoStep {
    changes: Vec<Changed>,
}

impl UndoStep {
    /// The changes, one per field.
    pub fn changes(&self) -> &[Changed] {
        &self.changes
    }

    /// `max_concurrent_tasks 3 > 6`, or how many fields it is.
    pub fn text(&self) -> String {
        match self.changes.as_slice() {
            [one] => format!("{} {} > {}", one.field, one.old, one.new),
            several => format!("{} settings", several.len()),
        }
    }

    /// Adds a change; of one field the first old and the newest new value count, and what is back where it began is
    /// no change.
    fn add(&mut self, changed: Changed) {
        match self
            .changes
            .iter_mut()
            .find(|kept| kept.field == changed.field)
        {
            Some(kept) => kept.new = changed.new,
            None => self.changes.push(changed),
        }
        self.changes.retain(|kept| kept.old != kept.new);
    }

    fn back(&self) -> Vec<(String, String)> {
        let old = |change: &Changed| (change.field.clone(), change.old.clone());
        self.changes.iter().map(old).collect()
    }

    fn forth(&self) -> Vec<(String, String)> {
        let new = |change: &Changed| (change.field.clone(), change.new.clone());
        self.changes.iter().map(new).collect()
    }
}

/// The way through the steps that an answer is awaited for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Way {
    Back,
    Forth,
}

/// The steps back and forth.
#[derive(Clone, Debug, Default)]
pub struct UndoHistory {
    undo: Vec<UndoStep>,
    redo: Vec<UndoStep>,
    dragged: Option<UndoStep>,
    asked: Option<Way>,
}

impl UndoHistory {
    /// All changes up to [`end_drag`](Self::end_drag) are one step.
    pub fn begin_drag(&mut self) {
        self.end_drag();
        self.dragged = Some(UndoStep::default());
    }

    /// The drag is over.
    pub fn end_drag(&mut self) {
        if let Some(step) = self.dragged.take() {
            self.push(step);
        }
    }

    /// Whether a drag is under way.
    pub fn is_dragging(&self) -> bool {
        self.dragged.is_some()
    }

    /// Told of the changes that one proposal by hand made: a step of its own, or part of the drag; it ends what could
    /// be done again.
    pub fn note(&mut self, changes: Vec<Changed>) {
        if changes.is_empty() {
            return;
        }
        self.redo.clear();
        if let Some(step) = &mut self.dragged {
            changes.into_iter().for_each(|changed| step.add(changed));
            return;
        }
        let mut step = UndoStep::default();
        changes.into_iter().for_each(|changed| step.add(changed));
        self.push(step);
    }

    /// Told how the undo or redo ended that was asked for: a refused one stays where it is. What it asks for is
    /// awaited no longer in any case.
    pub fn note_answer(&mut self, is_accepted: bool) {
        match self.asked.take() {
            Some(way) if is_accepted => self.go(way),
            _ => {}
        }
    }

    /// Takes the newest step of one side to the other.
    fn go(&mut self, way: Way) {
        let (from, to) = match way {
            Way::Back => (&mut self.undo, &mut self.redo),
            Way::Forth => (&mut self.redo, &mut self.undo),
        };
        to.extend(from.pop());
    }

    fn push(&mut self, step: UndoStep) {
        if step.changes.is_empty() {
            return;
        }
        if self.undo.len() == KEPT {
            self.undo.remove(0);
        }
        self.undo.push(step);
    }

    /// What to propose to take the newest step back, given the values in force. A step that is already taken back,
    /// since somebody else set the same values meanwhile, is passed over: nothing would answer its proposal.
    pub fn ask_undo(
        &mut self,
        in_force: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<(String, String)>> {
        self.end_drag();
        self.ask(Way::Back, in_force)
    }

    /// What to propose to do the newest step again that was taken back, given the values in force.
    pub fn ask_redo(
        &mut self,
        in_force: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<(String, String)>> {
        self.end_drag();
        self.ask(Way::Forth, in_force)
    }

    fn ask(
        &mut self,
        way: Way,
        in_force: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<(String, String)>> {
        loop {
            let mut proposal = match way {
                Way::Back => self.undo.last()?.back(),
                Way::Forth => self.redo.last()?.forth(),
            };
            proposal.retain(|(field, value)| in_force(field).as_ref() != Some(value));
            if !proposal.is_empty() {
                self.asked = Some(way);
                return Some(proposal);
            }
            self.go(way);
        }
    }

    /// The steps that can be taken back, oldest first.
    pub fn undo_steps(&self) -> &[UndoStep] {
        &self.undo
    }

    /// The steps that can be done again, the next one last.
    pub fn redo_steps(&self) -> &[UndoStep] {
        &self.redo
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(field: &str, old: u32, new: u32) -> Changed {
        Changed {
            field: field.to_owned(),
            old: old.to_string(),
            new: new.to_string(),
        }
    }

    /// Values in force that no step knows.
    fn other(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn one_drag_is_one_step() {
        let mut history = UndoHistory::default();
        history.begin_drag();
        for value in 3..9 {
            history.note(vec![changed("tasks", value, value + 1)]);
        }
        history.end_drag();
        assert_eq!(history.undo_steps().len(), 1);
        assert_eq!(history.undo_steps()[0].text(), "tasks 3 > 9");
        assert_eq!(
            history.ask_undo(other),
            Some(vec![("tasks".into(), "3".into())])
        );
    }

    #[test]
    fn a_drag_that_comes_back_is_no_step() {
        let mut history = UndoHistory::default();
        history.begin_drag();
        history.note(vec![changed("tasks", 3, 8)]);
        history.note(vec![changed("tasks", 8, 3)]);
        history.end_drag();
        assert_eq!(history.ask_undo(other), None);
    }

    #[test]
    fn a_refused_undo_stays_and_a_new_change_ends_redo() {
        let mut history = UndoHistory::default();
        history.note(vec![changed("tasks", 3, 4)]);
        assert!(history.ask_undo(other).is_some());
        history.note_answer(false);
        assert_eq!(history.undo_steps().len(), 1);
        assert!(history.ask_undo(other).is_some());
        history.note_answer(true);
        assert_eq!(
            (history.undo_steps().len(), history.redo_steps().len()),
            (0, 1)
        );
        history.note(vec![changed("budget", 2, 4)]);
        assert_eq!(history.ask_redo(other), None);
    }

    #[test]
    fn a_step_that_is_taken_back_already_is_passed_over() {
        let mut history = UndoHistory::default();
        history.note(vec![changed("budget", 2, 4)]);
        history.note(vec![changed("tasks", 3, 4)]);
        // A file has set the tasks to 3 again.
        let in_force = |field: &str| Some(if field == "tasks" { "3" } else { "4" }.to_owned());
        let proposal = history.ask_undo(in_force);
        assert_eq!(proposal, Some(vec![("budget".into(), "2".into())]));
        history.note_answer(true);
        assert_eq!(
            (history.undo_steps().len(), history.redo_steps().len()),
            (0, 2)
        );
        // Nothing is left and nothing is awaited: the next change is a step like any other.
        assert_eq!(history.ask_undo(in_force), None);
        history.note(vec![changed("tasks", 3, 8)]);
        assert_eq!(history.undo_steps().len(), 1);
    }

    proptest! {
        /// Against values that are simply kept: undoing everything is the start, redoing everything is the end.
        #[test]
        fn undo_to_the_start_and_redo_to_the_end(steps in prop::collection::vec((0usize..3, 0u32..20), 0..40)) {
            let names = ["a", "b", "c"];
            let mut values = [0_u32; 3];
            let mut history = UndoHistory::default();
            for (field, value) in steps {
                if values[field] != value {
                    history.note(vec![changed(names[field], values[field], value)]);
                    values[field] = value;
                }
            }
            let end = values;
            let apply = |values: &mut [u32; 3], proposal: &[(String, String)]| {
                for (field, value) in proposal {
                    let index = names.iter().position(|name| name == field).unwrap();
                    values[index] = value.parse().unwrap();
                }
            };
            let in_force = |values: [u32; 3]| {
                move |field: &str| Some(values[names.iter().position(|name| *name == field)?].to_string())
            };
            while let Some(proposal) = history.ask_undo(in_force(values)) {
                apply(&mut values, &proposal);
                history.note_answer(true);
            }
            prop_assert_eq!(values, [0; 3]);
            while let Some(proposal) = history.ask_redo(in_force(values)) {
                apply(&mut values, &proposal);
                history.note_answer(true);
            }
            prop_assert_eq!(values, end);
        }
    }
}
