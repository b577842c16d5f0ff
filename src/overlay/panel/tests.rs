//! The panel driven as a person would, without Bevy.

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
    streaming::{StreamingSettings, StreamingValues},
    telemetry::{
        fixture::{busy_panel, busy_telemetry},
        record::Refusal,
    },
};

struct Stage {
    data: PanelData,
    history: History,
    state: PanelState,
    mode: ControlMode,
    intents: Vec<Intent>,
}

/// A panel over a busy run with the given settings; proposals are collected and not applied.
fn stage(settings: &StreamingValues) -> Stage {
    let mut history = History::default();
    history.update(&busy_telemetry());
    Stage {
        data: busy_panel(settings),
        history,
        state: PanelState::default(),
        mode: ControlMode::Tune,
        intents: Vec::new(),
    }
}

fn harness(stage: Stage) -> Harness<'static, Stage> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(372.0, 1_600.0))
        .build_ui_state(
            |ui, stage: &mut Stage| {
                style::apply(ui.ctx());
                let input = PanelInput {
                    data: &stage.data,
                    history: &stage.history,
                    mode: stage.mode,
                    tracy: "tracy: not in this build",
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
    for intent in intents {
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
fn reset_proposes_the_value_of_the_start() {
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
            proposal(&[("max_concurrent_tasks", "3")]),
            proposal(&[("max_concurrent_tasks", "3"), ("apply_budget_ms", "2")]),
        ],
        "the seed is left alone: it would regenerate the world"
    );
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
    let harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label_contains("running 3/3");
    harness.get_by_label_contains("loaded 200/240");
    harness.get_by_label_contains("APPLY-BOUND");
    harness.get_by_label_contains("stale 6 = 6 gone");
}

#[test]
fn copy_report_asks_for_it_once() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label("Save report").click();
    harness.run();
    assert_eq!(harness.state().intents, [Intent::SaveReport]);
}

#[test]
fn nothing_is_wider_than_the_column() {
    let harness = harness(stage(&StreamingValues::default()));
    for node in harness.root().children_recursive() {
        let Some(bounds) = node.accesskit_node().bounding_box() else {
            continue;
        };
        let label = node.accesskit_node().label();
        assert!(bounds.x1 <= 372.5, "{label:?} reaches {}", bounds.x1);
    }
}

#[test]
fn sliders_and_the_first_graphs_fit_a_picture_of_720_lines() {
    let harness = harness(stage(&StreamingValues::default()));
    let bottom = |label: &str| harness.get_by_label_contains(label).rect().bottom();
    let margins = 24.0;
    let graph = 38.0;
    assert!(
        bottom("reset all") + margins <= 720.0,
        "{}",
        bottom("reset all")
    );
    assert!(
        bottom("■ loaded") + graph + margins <= 720.0,
        "{}",
        bottom("■ loaded")
    );
}
