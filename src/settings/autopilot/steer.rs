//! The autopilot in a running program: measures each frame, proposes, keeps pins and the log.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bevy::math::DVec3;
use bevy::prelude::*;
use bevy::time::{Real, TimeUpdateStrategy};
use ringroad_streaming::{
    FocusPurpose, ProposeSettings, SettingChanged, SettingRefused, SettingSource, StreamingFocus,
    StreamingHold, StreamingMetrics, StreamingSettings, WorldOrigin,
};
use serde::Serialize;

use super::decide::{AutopilotPhase, Controller, Judgement, Proposal, Situation};
use super::knob::STEERED;
use super::target::{AutopilotRequest, AutopilotTarget};
use super::window::{FrameMeasure, Stopwatch, Window, WindowFacts};
use crate::settings::tuning::Tuning;

/// Changes kept in the log.
const LOG_KEPT: usize = 64;

/// Frames after a change that do not count: what was under way is not its effect.
const SETTLING_FRAMES: usize = 30;

/// A focus that goes more than this in one frame was put somewhere else.
const JUMP_M: f64 = 100.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<SettingsAutopilot>()
        .add_message::<AutopilotRequest>()
        .add_message::<ProposeSettings>()
        .add_message::<SettingChanged>()
        .add_message::<SettingRefused>()
        .add_systems(Last, (answer_requests, note_changes, steer).chain());
}

/// One change that the autopilot made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AutopilotChange {
    /// Number of the frame, from 1; frames in which streaming was held do not count.
    pub frame: u64,
    /// Time of the run's clock.
    pub at: Duration,
    /// The field.
    pub field: &'static str,
    /// Its value before.
    pub old: String,
    /// Its value after.
    pub new: String,
    /// What was measured that asked for it.
    pub reason: String,
}

/// Sets tasks, budgets and radii so that a stated target holds. Off until [`AutopilotRequest::SwitchOn`].
#[derive(Resource, Debug, Default)]
pub struct SettingsAutopilot {
    is_on: bool,
    target: AutopilotTarget,
    pinned: BTreeSet<&'static str>,
    log: VecDeque<AutopilotChange>,
    changes_made: u64,
    windows_judged: u64,
    frame: u64,
    phase: AutopilotPhase,
    sentence: String,
    measured: Option<WindowFacts>,
    window: Window,
    controller: Controller,
    /// The proposal that has not been answered.
    proposed: Option<Proposal>,
    focus_before: Option<DVec3>,
}

impl SettingsAutopilot {
    /// Whether it steers.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// What it steers to, or last steered to.
    pub fn target(&self) -> AutopilotTarget {
        self.target
    }

    /// How it stands.
    pub fn phase(&self) -> AutopilotPhase {
        self.phase
    }

    /// Why it stands so, in one sentence.
    pub fn sentence(&self) -> &str {
        if self.sentence.is_empty() {
            "switched off"
        } else {
            &self.sentence
        }
    }

    /// The fields that it leaves alone, in alphabetical order.
    pub fn pinned(&self) -> impl Iterator<Item = &'static str> {
        self.pinned.iter().copied()
    }

    /// Its newest changes, oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &AutopilotChange> {
        self.log.iter()
    }

    /// All changes that it made, also those that the log no longer has.
    pub fn changes_made(&self) -> u64 {
        self.changes_made
    }

    /// Full windows that it judged.
    pub fn windows_judged(&self) -> u64 {
        self.windows_judged
    }

    /// What the newest full window said.
    pub fn measured(&self) -> Option<&WindowFacts> {
        self.measured.as_ref()
    }

    fn answer(&mut self, request: &AutopilotRequest) {
        match request {
            AutopilotRequest::SwitchOn(target) => self.switch_on(*target),
            AutopilotRequest::SwitchOff => {
                self.is_on = false;
                self.phase = AutopilotPhase::Off;
                self.sentence.clear();
                self.proposed = None;
            }
            AutopilotRequest::Pin(field) => match steered(field) {
                Some(field) => {
                    self.pinned.insert(field);
                }
                None => warn!(
                    "the autopilot never sets `{field}`, so it cannot be pinned; it sets {}",
                    STEERED.join(", ")
                ),
            },
            AutopilotRequest::Unpin(field) => {
                if self.pinned.remove(field.as_str()) {
                    self.learn_anew();
                }
            }
            AutopilotRequest::UnpinAll => {
                self.pinned.clear();
                self.learn_anew();
            }
        }
    }

    fn switch_on(&mut self, target: AutopilotTarget) {
        match AutopilotTarget::new(target.streaming_ms_p99, target.nothing_late) {
            Ok(target) => self.target = target,
            Err(error) => {
                warn!("autopilot not switched on: {error}");
                return;
            }
        }
        self.is_on = true;
        self.phase = AutopilotPhase::Working;
        self.sentence = format!("measuring for {}", self.target);
        self.proposed = None;
        self.learn_anew();
    }

    /// Forgets what was learnt under other conditions.
    fn learn_anew(&mut self) {
        self.controller = Controller::default();
        self.window.restart(0);
    }

    /// Another source set a field: it is theirs from now on.
    fn note_foreign(&mut self, field: &'static str) {
        self.window.restart(SETTLING_FRAMES);
        if let Some(field) = steered(field) {
            self.pinned.insert(field);
        } else {
            // The seed, the size of a chunk, a weight: what was learnt may not hold any more.
            self.controller = Controller::default();
        }
    }

    fn note_own(&mut self, changed: &SettingChanged, at: Duration) {
        self.window.restart(SETTLING_FRAMES);
        let reason = self
            .proposed
            .as_ref()
            .map(|proposal| proposal.reason.clone())
            .unwrap_or_default();
        info!(
            "autopilot: {} {} > {}: {reason}",
            changed.field, changed.old, changed.new
        );
        self.changes_made += 1;
        if self.log.len() == LOG_KEPT {
            self.log.pop_front();
        }
        self.log.push_back(AutopilotChange {
            frame: self.frame,
            at,
            field: changed.field,
            old: changed.old.clone(),
            new: changed.new.clone(),
            reason,
        });
    }

    /// The way since the last frame; none for a jump, or when another focus leads.
    fn way_m(&mut self, focus: Option<DVec3>) -> f64 {
        let before = std::mem::replace(&mut self.focus_before, focus);
        match before.zip(focus) {
            Some((before, focus)) => Some(before.distance(focus))
                .filter(|way_m| *way_m <= JUMP_M)
                .unwrap_or_default(),
            None => 0.0,
        }
    }

    /// Takes a frame; a full window may end in a proposal.
    fn take(&mut self, frame: FrameMeasure, settings: &StreamingSettings) -> Option<&Proposal> {
        let facts = self.window.take(frame)?;
        self.windows_judged += 1;
        let Judgement {
            phase,
            sentence,
            proposal,
        } = self.controller.judge(&Situation {
            facts: &facts,
            values: settings.values(),
            target: self.target,
            pinned: &self.pinned,
        });
        self.measured = Some(facts);
        self.phase = phase;
        self.sentence = sentence;
        self.proposed = proposal;
        self.proposed.as_ref()
    }
}

fn steered(field: &str) -> Option<&'static str> {
    STEERED.iter().copied().find(|name| *name == field)
}

fn answer_requests(
    mut autopilot: ResMut<SettingsAutopilot>,
    mut requests: MessageReader<AutopilotRequest>,
) {
    for request in requests.read() {
        autopilot.answer(request);
    }
}

fn note_changes(
    mut autopilot: ResMut<SettingsAutopilot>,
    mut changed: MessageReader<SettingChanged>,
    mut refused: MessageReader<SettingRefused>,
    time: Res<Time<Real>>,
) {
    if !autopilot.is_on {
        changed.clear();
        refused.clear();
        return;
    }
    for changed in changed.read() {
        match changed.source {
            SettingSource::Autopilot => autopilot.note_own(changed, time.elapsed()),
            // Held to look at and given back: nobody took the field.
            SettingSource::Compare => autopilot.window.restart(SETTLING_FRAMES),
            _ => autopilot.note_foreign(changed.field),
        }
    }
    for refused in refused.read() {
        if refused.source == SettingSource::Autopilot {
            autopilot.phase = AutopilotPhase::Stuck;
            autopilot.sentence = format!("its change was refused: {}", refused.reason);
        }
    }
}

/// Only what is seen makes somebody late; a preload stands still.
type Leads<'w, 's> = Query<
    'w,
    's,
    (
        Entity,
        &'static GlobalTransform,
        Option<&'static FocusPurpose>,
    ),
    With<StreamingFocus>,
>;

fn steer(
    mut autopilot: ResMut<SettingsAutopilot>,
    metrics: Option<Res<StreamingMetrics>>,
    settings: Option<Res<StreamingSettings>>,
    hold: Option<Res<StreamingHold>>,
    origin: Option<Res<WorldOrigin>>,
    strategy: Option<Res<TimeUpdateStrategy>>,
    foci: Leads,
    tuning: Option<Res<Tuning>>,
    time: Res<Time<Real>>,
    mut proposals: MessageWriter<ProposeSettings>,
) {
    let (Some(metrics), Some(settings)) = (metrics, settings) else {
        return;
    };
    if hold.is_some_and(|hold| hold.0) {
        return;
    }
    let autopilot = autopilot.bypass_change_detection();
    autopilot.frame += 1;
    // Values that somebody holds to compare with are not to be steered meanwhile.
    if !autopilot.is_on || tuning.is_some_and(|tuning| tuning.is_comparing()) {
        return;
    }
    let stopwatch = match strategy.as_deref() {
        Some(TimeUpdateStrategy::ManualDuration(_) | TimeUpdateStrategy::FixedTimesteps(_)) => {
            Stopwatch::Virtual
        }
        _ => Stopwatch::Real,
    };
    let lead = foci
        .iter()
        .filter(|(_, _, purpose)| purpose.is_none_or(|purpose| *purpose == FocusPurpose::See))
        .min_by_key(|(entity, ..)| *entity)
        .map(|(_, transform, _)| {
            let place = transform.translation();
            origin.map_or(place.as_dvec3(), |origin| origin.to_world(place))
        })
        .filter(|place| place.is_finite());
    let frame = FrameMeasure {
        way_m: autopilot.way_m(lead),
        secs: time.delta_secs_f64(),
        ..FrameMeasure::read(&metrics, settings.max_concurrent_tasks, stopwatch)
    };
    if let Some(proposal) = autopilot.take(frame, &settings) {
        proposals.write(ProposeSettings {
            changes: proposal
                .changes
                .iter()
                .map(|(field, value)| ((*field).to_owned(), value.clone()))
                .collect(),
            source: SettingSource::Autopilot,
        });
    }
}

#[cfg(test)]
mod tests;
