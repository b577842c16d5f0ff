//! Tuning, advice, tickets, graphs, stress and metrics: each button asks for what it says.

use super::*;

fn tuning() -> TuningView {
    TuningView {
        undo: Some("apply_budget_ms 2 > 4".to_owned()),
        redo: None,
        saved: Some("Mine".to_owned()),
        saved_values: None,
        unsaved: vec!["apply_budget_ms"],
        is_comparing: false,
        presets: vec![
            PresetView {
                name: "Balanced".to_owned(),
                ..PresetView::default()
            },
            PresetView {
                name: "Mine".to_owned(),
                is_own: true,
                problem: None,
            },
        ],
        error: None,
    }
}

#[test]
fn undo_is_asked_for_by_button_and_key_and_redo_only_when_there_is_one() {
    let mut stage = stage(&StreamingValues::default());
    stage.tuning = tuning();
    let mut harness = harness(stage);
    harness.get_by_label("undo").click();
    harness.run();
    harness.get_by_label("redo").click();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Y);
    harness.run();
    let undo = Intent::Tune(TuneRequest::Undo);
    assert_eq!(harness.state().intents, [undo.clone(), undo]);
}

#[test]
fn what_is_not_saved_is_marked_and_saved_under_a_name() {
    let mut stage = stage(&StreamingValues::default());
    stage.tuning = tuning();
    let mut harness = harness(stage);
    harness.get_by_label("* 1 unsaved");
    harness.state_mut().state.preset_name = "Mine".to_owned();
    harness.run();
    harness.get_by_label("save").click();
    harness.run();
    harness.get_by_label("delete").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [
            Intent::Tune(TuneRequest::SavePreset("Mine".to_owned())),
            Intent::Tune(TuneRequest::DeletePreset("Mine".to_owned())),
        ]
    );
}

#[test]
fn holding_compares_with_the_saved_values_and_letting_go_ends_it() {
    let mut stage = stage(&StreamingValues::default());
    stage.tuning = tuning();
    let mut harness = harness(stage);
    let at = harness.get_by_label("hold: saved").rect().center();
    harness.drag_at(at);
    harness.run_steps(3);
    harness.drop_at(at);
    harness.run();
    assert_eq!(
        harness.state().intents,
        [
            Intent::Tune(TuneRequest::HoldSaved(true)),
            Intent::Tune(TuneRequest::HoldSaved(false)),
        ]
    );
}

#[test]
fn the_advice_of_the_verdict_is_a_button_that_proposes_it() {
    let stage = stage(&StreamingValues::default());
    let advice = stage.data.health.advice.clone().expect("it is limited");
    let changes = advice.proposal().expect("a setting helps");
    let mut harness = harness(stage);
    harness
        .get_by_label_contains(&format!("do it: {}", advice.text()))
        .click();
    harness.run();
    assert_eq!(harness.state().intents, [Intent::Propose(changes)]);
}

#[test]
fn every_verdict_is_painted_with_its_word() {
    for verdict in crate::telemetry::health::Verdict::ALL {
        let mut stage = stage(&StreamingValues::default());
        stage.data.health.verdict = verdict;
        let harness = harness(stage);
        harness.get_by_label_contains(&format!("{}: ", verdict.word()));
    }
}

#[test]
fn nothing_below_the_verdict_moves_when_its_sentence_grows() {
    let top_of_flow = |sentence: &str| {
        let mut stage = stage(&StreamingValues::default());
        stage.data.health.sentence = sentence.to_owned();
        harness(stage).get_by_label("2 FLOW").rect().top()
    };
    let long = "a backlog of 14 ready chunks that grows by 3.1 a second, and a limit that is reached in most frames";
    assert_eq!(top_of_flow("short"), top_of_flow(long));
    let without_step = || {
        let mut stage = stage(&StreamingValues::default());
        stage.data.health.advice = None;
        harness(stage).get_by_label("2 FLOW").rect().top()
    };
    assert_eq!(without_step(), top_of_flow("short"), "button or not");
}

#[test]
fn a_hitch_ticket_opens_on_click_and_freezes_everything_at_its_frame() {
    let stage = stage(&StreamingValues::default());
    let ticket = stage
        .data
        .tickets
        .first()
        .expect("one frame was long")
        .clone();
    let mut harness = harness(stage);
    harness.get_by_label_contains("6 HITCHES").click();
    harness.run();
    harness
        .get_by_label_contains(&format!("#{:<3}", ticket.number))
        .click();
    harness.run();
    harness.get_by_label_contains("? unattr");
    harness.get_by_label("freeze here").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [Intent::Scrub(Some(ticket.hitch.t_secs))]
    );
}

#[test]
fn a_click_on_an_event_freezes_everything_at_its_moment() {
    let stage = stage(&StreamingValues::default());
    let event = stage.data.events[0].clone();
    let mut harness = harness(stage);
    harness.get_by_label_contains(&event.text).click();
    harness.run();
    assert_eq!(harness.state().intents, [Intent::Scrub(Some(event.t_secs))]);
}

#[test]
fn a_click_on_the_event_of_a_hitch_opens_its_ticket() {
    let mut stage = stage(&StreamingValues::default());
    let ticket = stage
        .data
        .tickets
        .first()
        .expect("one frame was long")
        .clone();
    stage.data.events = vec![crate::telemetry::snapshot::EventLine {
        t_secs: ticket.hitch.t_secs,
        kind: crate::telemetry::log::EventKind::Hitch,
        text: "a long frame".to_owned(),
    }];
    let mut harness = harness(stage);
    assert_eq!(harness.query_all_by_label("freeze here").count(), 0);
    harness.get_by_label_contains("a long frame").click();
    harness.run();
    harness.get_by_label("freeze here");
    assert_eq!(harness.state().state.open_ticket, None, "said once");
}

#[test]
fn the_event_of_an_old_hitch_opens_its_ticket_too() {
    let mut stage = stage(&StreamingValues::default());
    let ticket = stage.data.tickets[0].clone();
    stage.data.tickets = (0..16)
        .map(|age| {
            let mut old = ticket.clone();
            old.number = 100 - age;
            old
        })
        .collect();
    stage.state.open_ticket = Some(85);
    let mut harness = harness(stage);
    harness.run();
    harness.get_by_label("freeze here");
    harness.get_by_label_contains("#85 ");
}

#[test]
fn a_click_on_a_graph_freezes_and_live_goes_on() {
    let mut harness = harness(stage(&StreamingValues::default()));
    let legend = harness.get_by_label_contains("■ frame ms").rect();
    let at = egui::pos2(legend.left() + 100.0, legend.bottom() + 15.0);
    harness.hover_at(at);
    harness.run();
    harness.drag_at(at);
    harness.run();
    harness.drop_at(at);
    harness.run();
    let [Intent::Scrub(Some(at_secs))] = harness.state().intents[..] else {
        panic!("{:?}", harness.state().intents);
    };
    harness.state_mut().intents.clear();
    harness.state_mut().history.update(
        &busy_telemetry(),
        Window::Secs60,
        Scrub {
            at_secs: Some(at_secs),
        },
    );
    harness.run();
    harness.get_by_label("live").click();
    harness.run();
    assert_eq!(harness.state().intents, [Intent::Scrub(None)]);
}

#[test]
fn the_graphs_look_back_as_far_as_is_chosen() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label("10 min").click();
    harness.run();
    assert_eq!(harness.state().state.window, Window::Mins10);
}

#[test]
fn stress_is_asked_for_by_its_button_and_said_in_the_heading_while_it_is_on() {
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label("8 STRESS").click();
    harness.run();
    for label in ["teleport ×10", "panic 5 %", "CALM"] {
        harness.get_by_label(label).click();
        harness.run();
    }
    assert_eq!(
        harness.state().intents,
        [
            StressRequest::TeleportTen,
            StressRequest::PanicRate(0.05),
            StressRequest::Calm
        ]
        .map(Intent::Stress)
    );
    harness.state_mut().stress.panic_rate = 0.05;
    harness.run();
    harness.get_by_label("8 STRESS  5 % panic");
    harness.state_mut().intents.clear();
    harness.get_by_label("panic 5 %").click();
    harness.run();
    assert_eq!(
        harness.state().intents,
        [Intent::Stress(StressRequest::PanicRate(0.0))],
        "a second press ends it"
    );
}

#[test]
fn five_hundred_chunks_are_a_legal_proposal() {
    let settings = StreamingSettings::conservative();
    let mut harness = harness(stage(settings.values()));
    harness.get_by_label("8 STRESS").click();
    harness.run();
    for count in ["500 chunks", "2000 chunks"] {
        harness.state_mut().intents.clear();
        harness.get_by_label(count).click();
        harness.run();
        let [Intent::Propose(changes)] = harness.state().intents.as_slice() else {
            panic!("{:?}", harness.state().intents);
        };
        settings
            .with_changes(changes)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_metric_that_is_added_to_the_registry_is_in_the_panel_and_can_be_found() {
    let probe = crate::telemetry::registry::find("test_probe").expect("tests add it");
    let mut harness = harness(stage(&StreamingValues::default()));
    harness.get_by_label_contains("11 METRICS").click();
    harness.run();
    harness.get_by_label_contains(probe.id);
    harness.state_mut().state.metric_search = "probe".to_owned();
    harness.run();
    harness.get_by_label_contains(probe.id);
    assert_eq!(
        harness.query_all_by_label_contains("loaded_coarse").count(),
        0,
        "others are not listed"
    );
}

#[test]
fn a_right_click_shows_a_card_alone_and_another_one_the_cards_as_at_the_start() {
    let mut harness = harness(stage(&StreamingValues::default()));
    let is_open = |harness: &Harness<'static, Stage>| {
        [
            harness.query_by_label_contains("ledger").is_some(),
            harness.query_by_label("reset all").is_some(),
            harness.query_by_label_contains("need_weights").is_some(),
            harness
                .query_by_label("save a bundle after each hitch")
                .is_some(),
        ]
    };
    let at_the_start = [true, true, false, false];
    assert_eq!(is_open(&harness), at_the_start);
    harness.get_by_label("5 TUNE").click_secondary();
    harness.run();
    assert_eq!(is_open(&harness), [false, true, true, false]);
    harness.get_by_label_contains("6 HITCHES").click_secondary();
    harness.run();
    assert_eq!(is_open(&harness), [false, false, false, true]);
    harness.get_by_label_contains("6 HITCHES").click_secondary();
    harness.run();
    assert_eq!(is_open(&harness)[..2], at_the_start[..2]);
    assert!(!is_open(&harness)[3]);
    assert_eq!(harness.state().intents, []);
}

#[test]
fn the_layers_of_generating_are_one_click_away_with_their_shares() {
    let mut harness = harness(stage(&StreamingValues::default()));
    assert!(harness.query_by_label_contains("lamplight").is_none());
    harness.get_by_label_contains("generate by layer").click();
    harness.run();
    let line = |harness: &Harness<'static, Stage>, label: &str| {
        let node = harness.get_by_label_contains(label);
        node.accesskit_node().value().unwrap_or_default()
    };
    let words = |text: String| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words(line(&harness, "lamplight")),
        ["lamplight", "2.00", "2.00", "2.00", "2.00", "25", "%"]
    );
    assert_eq!(
        words(line(&harness, "pavements")),
        [
            "pavements",
            "and",
            "blo…",
            "6.00",
            "6.00",
            "6.00",
            "6.00",
            "75",
            "%"
        ]
    );
}
