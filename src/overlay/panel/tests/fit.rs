//! Everything has room in every picture at every scale.

use super::*;
use crate::{
    overlay::{fit, screen},
    telemetry::health::fixture::longest_healths,
};

const CARDS: [PanelCard; 11] = [
    PanelCard::Health,
    PanelCard::Flow,
    PanelCard::Cost,
    PanelCard::History,
    PanelCard::Tune,
    PanelCard::Hitches,
    PanelCard::Events,
    PanelCard::Stress,
    PanelCard::Autopilot,
    PanelCard::Engine,
    PanelCard::Metrics,
];

/// What may be cut off at its end: texts of any length, all of which the pointer over them tells.
fn may_be_cut(text: &str, stage: &Stage) -> bool {
    let whole = |whole: &str| whole.starts_with(text.trim_end_matches('…'));
    text.starts_with("do it: ")
        || stage
            .data
            .events
            .iter()
            .any(|event| text.contains(event.text.get(..8).unwrap_or(&event.text)))
        || whole("tracy: not in this build")
}

fn faults(stage: &mut Stage, size: egui::Vec2, card: Option<PanelCard>) -> Vec<String> {
    if let Some(card) = card {
        stage.state.show_alone(card);
    }
    let mut texts = fit::painted(size, |ctx| {
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
        screen::paint(ctx, &input, &mut stage.state);
    });
    assert!(texts.len() > 10, "{texts:?}");
    for text in &mut texts {
        text.is_elided &= !may_be_cut(&text.text, stage);
    }
    fit::faults(&texts, size)
}

/// A run with a backlog, and one with everything else that has a line of its own.
fn stages() -> [Stage; 2] {
    let settings = StreamingValues::default();
    let mut troubled = stage(&settings);
    troubled.data = troubled_panel(&settings);
    troubled.autopilot = steering();
    troubled.stress.panic_rate = 0.05;
    [stage(&settings), troubled]
}

#[test]
fn every_card_has_room_in_every_picture_at_every_scale() {
    let mut found = Vec::new();
    for size in fit::screens() {
        for (index, mut stage) in stages().into_iter().enumerate() {
            for card in std::iter::once(None).chain(CARDS.map(Some)) {
                let faults = faults(&mut stage, size, card).into_iter();
                found.extend(
                    faults.map(|fault| format!("{card:?} of stage {index}, {size}: {fault}")),
                );
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_verdict_has_room() {
    let mut found = Vec::new();
    for size in fit::screens() {
        for health in longest_healths() {
            let mut stage = stage(&StreamingValues::default());
            let line = health.line();
            stage.data.health = health;
            let faults = faults(&mut stage, size, Some(PanelCard::Health)).into_iter();
            found.extend(faults.map(|fault| format!("{size}: {line}: {fault}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
