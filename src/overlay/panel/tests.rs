//! The panel driven as a person would, without Bevy.

mod cards;
mod fit;

use bevy_egui::egui::{
    self,
    accesskit::{Action, ActionData, ActionRequest, Role},
};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};

use super::{tune::TUNED, *};
use crate::{
    settings::{
        TuneRequest,
        autopilot::{AutopilotChange, AutopilotPhase, AutopilotRequest, AutopilotTarget},
    },
    streaming::{ChunkCoord, StreamingRequest, StreamingSettings, StreamingValues},
    telemetry::{
        fixture::{busy_panel, busy_telemetry, troubled_panel},
        record::Refusal,
        recording::{Scrub, Window},
    },
};

struct Stage {
    data: PanelData,
    history: History,
    state: PanelState,
    mode: ControlMode,
    autopilot: AutopilotView,
    tuning: TuningView,
    stress: StressState,
    intents: Vec<Intent>,
}

/// A panel over a busy run with the given settings; proposals are collected and not applied.
fn stage(settings: &StreamingValues) -> Stage {
    let mut history = History::default();
    history.update(&busy_telemetry(), Window::Secs60, Scrub::default());
    Stage {
        data: busy_panel(settings),
        history,
        state: PanelState::default(),
        mode: ControlMode::Tune,
        autopilot: AutopilotView::default(),
        tuning: TuningView::default(),
        stress: StressState {
            is_served: true,
            ..StressState::default()
        },
        intents: Vec::new(),
    }
}

fn harness(stage: Stage) -> Harness<'static, Stage> {
    harness_of_height(stage, 2_000.0)
}

fn harness_of_height(stage: Stage, height: f32) -> Harness<'static, Stage> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(372.0, height))
        .build_ui_state(
            |ui, stage: &mut Stage| {
                style::apply(ui.ctx());
                let input = PanelInput {
                    data: &stage.data,
                    history: &stage.history,
                    mode: stage.mode,
                    tracy: "tracy: not in this build",
                    autopilot: Some(&stage.autopilot),
                    tuning: Some(&stage.tuning),
                    stress: stage.stress,
                    saves_bundles: Some(false),
                    scale: None,
                    own: OwnCost::default(),
                };
                stage.intents.extend(panel(ui, &input, &mut stage.state));
            },
            stage,
        );
    harness.run();
    harness
}

fn slider_index(name: &str) -> usize {
    TUNED.iter().position(|tuned| *tuned == name).unwrap()
}

fn set_slider(harness: &mut Harness<'static, Stage>, name: &str, value: f64) {
    let slider = harness
        .get_all_by_role(Role::Slider)
        .nth(slider_index(name))
        .unwrap();
    let (target_node, target_tree) = slider.accesskit_node().locate();
    harness.event(egui::Event::AccessKitActionRequest(ActionRequest {
        action: Action::SetValue,
        target_tree,
        target_node,
        data: Some(ActionData::NumericValue(value)),
    }));
    harness.run();
}

fn proposal(changes: &[(&str, &str)]) -> Intent {
    Intent::Propose(
        changes
            .iter()
            .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

#[test]
fn painting_changes_nothing_however_often() {
    let odd = StreamingValues {
        max_concurrent_tasks: 200,
        apply_budget_ms: 0.07,
        ..StreamingValues::default()
    };
    let mut harness = harness(stage(&odd));
    for _ in 0..5 {
        harness.run();
    }
    assert_eq!(harness.state().intents, []);
    assert_eq!(
        harness.state().data.settings,
        odd,
        "a value beyond the soft range is not clamped"
    );
    assert_eq!(harness.state().state, PanelState::default());
}

#[test]
fn setting_a_slider_proposes_that_value() {
    let mut harness = harness(stage(&StreamingValues::default()));
    set_slider(&mut harness, "max_concurrent_tasks", 6.0);
    set_slider(&mut harness, "max_completed_per_frame", 4.0);
    set_slider(&mut harness, "apply_budget_ms", 3.5);
    set_slider(&mut harness, "scan_interval_secs", 0.1);
    assert_eq!(
        harness.state().intents,
        [
            proposal(&[("max_concurrent_tasks", "6")]),
            proposal(&[("max_completed_per_frame", "4")]),
            proposal(&[("apply_budget_ms", "3.5")]),
            proposal(&[("scan_interval_secs", "0.1")]),
        ]
    );
}

#[test]
fn dragging_a_slider_proposes_each_new_value_once() {
    let mut harness = harness(stage(&StreamingValues::default()));
    let rail = harness.get_all_by_role(Role::Slider).next().unwrap().rect();
    harness.drag_at(egui::pos2(rail.left() + 20.0, rail.center().y));
    harness.run();
    harness.hover_at(egui::pos2(rail.left() + 60.0, rail.center().y));
    harness.run();
    harness.run_steps(5);
    harness.drop_at(egui::pos2(rail.left() + 60.0, rail.center().y));
    harness.run();
    let intents = &harness.state().intents;
    assert!(!intents.is_empty());
    let mut distinct = intents.clone();
    distinct.dedup();
    assert_eq!(*intents, distinct, "a slider held still says nothing");
    assert_eq!(intents[0], Intent::Tune(TuneRequest::BeginDrag));
    assert_eq!(*intents.last().unwrap(), Intent::Tune(TuneRequest::EndDrag));
    for intent in &intents[1..intents.len() - 1] {
        let Intent::Propose(changes) = intent else {
            panic!("{intent:?}")
        };
        assert_eq!(changes[0].0, "max_concurrent_tasks");
        assert!(
            changes[0].1.parse::<u32>().is_ok_and(|tasks| tasks <= 16),
            "{changes:?}"
        );
    }
}

#[test]
fn load_radius_takes_the_other_radii_along_and_stays_legal() {
    let settings = StreamingSettings::conservative();
    for radius in [400.0, 800.0, 2_000.0, 4_000.0] {
        let mut harness = harness(stage(settings.values()));
        set_slider(&mut harness, "load_radius_m", radius);
        let [Intent::Propose(changes)] = harness.state().intents.as_slice() else {
            panic!("{:?}", harness.state().intents);
        };
        let next = settings
            .with_changes(changes)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(next.load_radius_m, radius);
        assert_eq!(next.unload_radius_m, radius + 200.0);
        assert_eq!(next.view_radius_m, radius);
    }
}

#[test]
fn reset_asks_for_the_saved_value() {
    let start = StreamingValues::default();
    let changed = StreamingValues {
        max_concurrent_tasks: 9,
        apply_budget_ms: 4.0,
        seed: 5,
        ..start.clone()
    };
    let mut stage = stage(&changed);
    stage.data.settings_at_start = start;
    let mut harness = harness(stage);
    harness.get_all_by_label("reset").next().unwrap().click();
    harness.run();
    harness.get_by_label("reset all").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [
            Intent::Tune(TuneRequest::ResetField("max_concurrent_tasks".to_owned())),
            Intent::Tune(TuneRequest::ResetAll),
        ]
    );
}

#[test]
fn reset_goes_back_to_the_preset_that_was_loaded_and_not_to_the_start() {
    let loaded = StreamingValues {
        max_concurrent_tasks: 9,
        load_radius_m: 450.0,
        ..StreamingValues::default()
    };
    let mut stage = stage(&loaded);
    stage.data.settings_at_start = StreamingValues::default();
    stage.tuning.saved = Some("mine".to_owned());
    stage.tuning.saved_values = Some(loaded);
    let mut harness = harness(stage);
    // Nothing differs from what was loaded, so there is nothing to reset.
    harness.get_all_by_label("reset").next().unwrap().click();
    harness.run();
    harness.get_by_label("reset all").click();
    harness.run();
    assert_eq!(harness.state().intents, []);
}

#[test]
fn reset_of_what_did_not_change_does_nothing() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_all_by_label("reset").next().unwrap().click();
    harness.run();
    harness.get_by_label("reset all").click();
    harness.run();
    assert_eq!(harness.state().intents, []);
}

#[test]
fn refusal_is_shown_with_its_reason() {
    let mut stage = stage(&StreamingValues::default());
    stage.data.refusal = Some(Refusal {
        t_secs: 3.0,
        changes: vec![("apply_budget_ms".to_owned(), "NaN".to_owned())],
        reason: "`apply_budget_ms` = NaN is out of range; legal is 0.05 to 100 ms".to_owned(),
    });
    let harness = harness(stage);
    harness.get_by_label_contains("legal is 0.05 to 100 ms");
}

#[test]
fn zero_tasks_is_said_to_be_paused() {
    let harness = harness(stage(&StreamingValues {
        max_concurrent_tasks: 0,
        ..StreamingValues::default()
    }));
    harness.get_by_label("0 = PAUSED");
    harness.get_by_label_contains("PAUSED: max_concurrent_tasks = 0");
}

#[test]
fn mode_line_says_who_has_the_mouse_and_how_to_change_it() {
    let mut tuning = harness(stage(&StreamingValues::default()));
    tuning.get_by_label("TUNE – F4 to drive");
    tuning.state_mut().mode = ControlMode::Drive;
    tuning.run();
    tuning.get_by_label("DRIVE – F4 to tune");
}

#[test]
fn readings_stand_over_their_limits() {
    let stage = stage(&StreamingValues::default());
    let flow = &stage.data.flow;
    assert!(flow.missing > 0 && flow.wanted == 240, "{flow:?}");
    let complete = format!("complete {}/240 wanted", 240 - flow.missing);
    let harness = harness(stage);
    harness.get_by_label_contains("running 3/3");
    harness.get_by_label_contains(&complete);
    harness.get_by_label_contains("APPLY-BOUND");
    harness.get_by_label_contains("stale 6 = 6 gone");
}

#[test]
fn the_report_is_saved_and_copied_by_one_press_each() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label("Save").click();
    harness.run();
    harness.get_by_label("Copy").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [Intent::SaveReport, Intent::CopyReport]
    );
}

#[test]
fn nothing_is_wider_than_the_column() {
    for height in [700.0, 2_000.0] {
        let harness = harness_of_height(stage(&StreamingValues::default()), height);
        assert_within_the_column(&harness);
    }
}

fn assert_within_the_column(harness: &Harness<'static, Stage>) {
    for node in harness.root().children_recursive() {
        let Some(bounds) = node.accesskit_node().bounding_box() else {
            continue;
        };
        let label = node.accesskit_node().label();
        assert!(
            bounds.x1 <= 372.5 + f64::from(style::SCROLL_BAR),
            "{label:?} reaches {}",
            bounds.x1
        );
    }
}

#[test]
fn graphs_and_all_main_sliders_fit_a_picture_of_720_lines() {
    let harness = harness_of_height(stage(&StreamingValues::default()), 720.0 - 24.0);
    for label in ["■ frame ms", "load_radius_m", "apply ended"] {
        let last = harness
            .query_all_by_label_contains(label)
            .map(|node| node.rect().bottom())
            .fold(f32::NEG_INFINITY, f32::max);
        assert!(last <= 720.0 - 18.0, "{label} ends at {last}");
    }
}

/// A panel over a run with given-up chunks, a stuck worker and a preload.
fn troubled() -> Stage {
    let settings = StreamingValues::default();
    Stage {
        data: troubled_panel(&settings),
        ..stage(&settings)
    }
}

#[test]
fn a_given_up_chunk_shows_its_reason_and_its_button_asks_for_that_chunk() {
    let mut harness = harness(troubled());
    assert_eq!(
        harness
            .query_all_by_label_contains("panicked at roofs.rs:7: no roof")
            .count(),
        2
    );
    harness.get_by_label("retry (4, -2) now").click();
    harness.run();
    harness.get_by_label("retry all now").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [
            Intent::Streaming(StreamingRequest::RetryChunk(ChunkCoord::new(4, -2))),
            Intent::Streaming(StreamingRequest::RetryQuarantined)
        ]
    );
}

#[test]
fn without_given_up_chunks_there_is_nothing_to_retry() {
    let harness = harness(stage(&StreamingValues::default()));
    assert_eq!(harness.query_all_by_label_contains("retry (").count(), 0);
    assert_eq!(harness.query_all_by_label_contains("given up").count(), 1);
}

#[test]
fn the_engine_shows_levels_memory_order_and_what_is_stuck() {
    let mut harness = harness(troubled());
    harness.get_by_label("10 ENGINE").click();
    harness.run();
    for part in [
        "full  207 coarse   20 holes   0",
        "8.0 MiB/1.0 GiB  held back 0 evicted 5",
        "regret    4 %",
        "cancelled 9 = 4 unwanted + 3 level + 2 memory + 0 anew",
        "stuck   1 threads  given up 1 came back 0",
        "newest (7, 7)",
        "preload (4000, -900) 300 m",
        "STUCK: the generation of chunk (7, 7) does not end",
    ] {
        harness.get_by_label_contains(part);
    }
}

#[test]
fn nothing_of_a_troubled_run_is_wider_than_the_column() {
    let mut stage = troubled();
    stage.autopilot = steering();
    let mut harness = harness(stage);
    for closed in [
        "more settings",
        "6 HITCHES",
        "8 STRESS",
        "9 AUTOPILOT",
        "10 ENGINE",
        "11 METRICS",
    ] {
        harness.get_by_label_contains(closed).click();
        harness.run();
    }
    assert_within_the_column(&harness);
}

fn open_more_settings(harness: &mut Harness<'static, Stage>) {
    harness.get_by_label("more settings").click();
    harness.run();
}

fn type_into(harness: &mut Harness<'static, Stage>, label: &str, text: &str) {
    let field = harness.get_by_role_and_label(Role::TextInput, label);
    field.focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.run();
    harness
        .get_by_role_and_label(Role::TextInput, label)
        .type_text(text);
    harness.run();
}

#[test]
fn a_composite_setting_refuses_bad_text_with_the_words_of_the_engine() {
    let mut harness = harness(stage(&StreamingValues::default()));
    open_more_settings(&mut harness);
    type_into(&mut harness, "detail_rings_m", "2400,800");
    harness.key_press(egui::Key::Enter);
    harness.run();
    let words = StreamingValues::default()
        .set("detail_rings_m", "2400,800")
        .expect_err("the rings fall")
        .to_string();
    harness.get_by_label_contains(&words);
    assert_eq!(harness.state().intents, [], "nothing is proposed");
}

#[test]
fn a_composite_setting_is_proposed_when_it_is_legal_and_entered() {
    let mut harness = harness(stage(&StreamingValues::default()));
    open_more_settings(&mut harness);
    type_into(&mut harness, "need_weights", "age=5");
    assert_eq!(harness.state().intents, [], "not while it is typed");
    harness.key_press(egui::Key::Enter);
    harness.run();
    assert_eq!(
        harness.state().intents,
        [proposal(&[("need_weights", "age=5")])]
    );
    type_into(&mut harness, "detail_rings_m", "800,2400");
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert_eq!(harness.state().intents.len(), 1, "taken back");
}

#[test]
fn a_setting_without_a_place_of_its_own_has_a_slider_too() {
    let mut harness = harness(stage(&StreamingValues::default()));
    open_more_settings(&mut harness);
    for name in ["memory_cap_mib", "look_ahead_secs", "stuck_after_secs"] {
        harness.get_by_role_and_label(Role::Slider, name);
    }
}

/// An autopilot that is on, with a pin and a change.
fn steering() -> AutopilotView {
    AutopilotView {
        is_on: true,
        target: AutopilotTarget::default(),
        phase: AutopilotPhase::Working,
        sentence:
            "streaming 1.63 ms p99 is over the target of 1 ms; measuring apply_budget_ms = 0.9"
                .to_owned(),
        pinned: vec!["load_radius_m", "max_concurrent_tasks"],
        log: vec![AutopilotChange {
            frame: 240,
            at: std::time::Duration::from_secs(4),
            field: "apply_budget_ms",
            old: "2".to_owned(),
            new: "0.9".to_owned(),
            reason: "a budget of 2 ms could be spent, and the target is 1 ms".to_owned(),
        }],
        changes_made: 3,
    }
}

#[test]
fn the_autopilot_shows_target_state_change_reason_and_pins() {
    let mut stage = stage(&StreamingValues::default());
    stage.autopilot = steering();
    let mut harness = harness(stage);
    harness
        .get_by_label("9 AUTOPILOT  working: ≤ 1 ms, nothing late")
        .click();
    harness.run();
    for part in [
        "streaming 1.63 ms p99 is over",
        "4.0 s apply_budget_ms 2 > 0.9",
        "a budget of 2 ms could be spent",
        "2 changes before",
    ] {
        harness.get_by_label_contains(part);
    }
    harness.get_by_label("unpin max_concurrent_tasks").click();
    harness.run();
    harness.get_by_label("unpin all").click();
    harness.run();
    harness.get_by_label("on").click();
    harness.run();
    let requests = [
        AutopilotRequest::Unpin("max_concurrent_tasks".to_owned()),
        AutopilotRequest::UnpinAll,
        AutopilotRequest::SwitchOff,
    ];
    assert_eq!(harness.state().intents, requests.map(Intent::Autopilot));
}

#[test]
fn the_autopilot_is_switched_on_with_the_target_that_was_set_up() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label("9 AUTOPILOT  off").click();
    harness.run();
    harness.get_by_label("nothing late").click();
    harness.run();
    assert_eq!(harness.state().intents, [], "it is off: nothing to ask yet");
    harness.get_by_label("on").click();
    harness.run();
    let target = AutopilotTarget::new(1.0, false).expect("a legal target");
    assert_eq!(
        harness.state().intents,
        [Intent::Autopilot(AutopilotRequest::SwitchOn(target))]
    );
}
