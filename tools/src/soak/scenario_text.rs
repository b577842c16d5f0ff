//! An episode as a scenario that the game can play: `ringroad --headless --scenario FILE`.

use std::fmt::Write;

use bevy::math::DVec2;
use ringroad::streaming::{
    COMPOSITES, FocusPurpose, Gauges, StreamingRequest, StreamingSettings, StreamingValues,
};

use super::checkpoint::{Checkpoint, SETTLE_SECS};
use super::finding::{Finding, Kind};
use super::ground::{
    APPLY_COST, CITY_COST_US, Ground, SYNTHETIC_BYTES, SYNTHETIC_COST_US, SYNTHETIC_ENTITIES,
};
use super::plan::{ANTEROOM, Act, Answer, Episode, HOME, answer, home_settings};

/// What a scenario says about where it comes from.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// What fills the chunks.
    pub ground: Ground,
    /// The seed of the soak.
    pub seed: u64,
    /// What went wrong.
    pub finding: &'a Finding,
    /// How the script came about and what to think of it, one line.
    pub note: &'a str,
    /// What was counted at the first checkpoint.
    pub first: Option<&'a Checkpoint>,
}

/// The episode as the text of a scenario. What scenarios cannot say becomes a comment in its place.
pub fn scenario_text(origin: &Origin, episode: &Episode) -> String {
    let mut text = String::new();
    head(&mut text, origin, episode);
    let mut settings = home_settings();
    let mut extras: Vec<&str> = Vec::new();
    for step in &episode.steps {
        match &step.act {
            Act::AddFocus { name, .. } if !extras.contains(name) => extras.push(name),
            Act::RemoveFocus(name) => extras.retain(|known| known != name),
            _ => {}
        }
        match words(&step.act, &mut settings) {
            Words::Event(event) => event_line(&mut text, step.at, &event),
            Words::Comment(comment) => {
                let _ = writeln!(text, "    // at {}: {comment}", step.at);
            }
        }
    }
    let needs_checkpoint = matches!(
        origin.finding.kind,
        Kind::Unsettled | Kind::Growth(_) | Kind::Memory
    );
    if needs_checkpoint {
        come_home(&mut text, episode.secs, settings, &extras);
        let _ = writeln!(text, "  ],");
        expectations(&mut text, origin);
    } else {
        let _ = writeln!(text, "  ],\n  until: {},", episode.secs);
    }
    text.push_str(")\n");
    text
}

fn head(text: &mut String, origin: &Origin, episode: &Episode) {
    let Origin {
        ground,
        seed,
        finding,
        note,
        ..
    } = origin;
    let finding = finding.to_string().replace('\n', " ");
    let _ = writeln!(
        text,
        "// `soak --generator {} --seed {seed}` found: {finding}",
        ground.name()
    );
    let _ = writeln!(text, "// {note}");
    let _ = writeln!(text, "Scenario(");
    let home = home_settings();
    let conservative = StreamingValues::default();
    let set: Vec<String> = conservative
        .differences(&home)
        .into_iter()
        .map(|(field, _, value)| format!("\"{field}\": {}", value_text(field, &value)))
        .collect();
    let _ = writeln!(
        text,
        "  name: \"soak-{seed}-{}\", seed: {}, preset: \"Conservative\",",
        episode.index, home.seed
    );
    let _ = writeln!(text, "  set: {{ {} }},", set.join(", "));
    match ground {
        Ground::City => {
            let _ = writeln!(
                text,
                "  generator: City,\n  city_cost_us: {CITY_COST_US:?},"
            );
        }
        Ground::Synthetic => {
            let _ = writeln!(
                text,
                "  generator: Synthetic(cost_us: {SYNTHETIC_COST_US}, spread: Heavy, entities: {SYNTHETIC_ENTITIES}, bytes: {SYNTHETIC_BYTES}),"
            );
        }
    }
    let (us_per_entity, ns_per_byte) = APPLY_COST;
    let _ = writeln!(
        text,
        "  apply_cost: (us_per_entity: {us_per_entity:?}, ns_per_byte: {ns_per_byte:?}),"
    );
    let _ = writeln!(text, "  start: At({}),\n  events: [", place(HOME));
    event_line(text, 0.0, &format!("Settle(timeout: {SETTLE_SECS})"));
    event_line(text, 0.0, "Mark(\"before\")");
}

fn event_line(text: &mut String, at: f64, event: &str) {
    let _ = writeln!(text, "    (at: {at}, do: {event}),");
}

/// The checkpoint at the end of an episode.
fn come_home(text: &mut String, at: f64, mut settings: StreamingSettings, extras: &[&str]) {
    event_line(text, at, "PanicRate(0)");
    event_line(text, at, "SlowWorkers(ms: 0)");
    event_line(text, at, "RestoreFocus");
    for name in extras {
        event_line(text, at, &format!("RemoveFocus(name: \"{name}\")"));
    }
    // One at a time, in an order in which every step is legal.
    let mut left = settings.differences(&home_settings());
    loop {
        let legal = left.iter().position(|(field, _, value)| {
            let change = [((*field).to_owned(), value.clone())];
            settings.with_changes(&change).is_ok()
        });
        let Some(legal) = legal else { break };
        let (field, _, value) = left.remove(legal);
        if let Ok(next) = settings.with_changes(&[(field.to_owned(), value.clone())]) {
            settings = next;
        }
        event_line(text, at, &set_text(field, &value));
    }
    let settle = format!("Settle(timeout: {SETTLE_SECS})");
    event_line(text, at, &format!("Teleport({})", place(ANTEROOM)));
    event_line(text, at, &settle);
    event_line(text, 0.0, &format!("Teleport({})", place(HOME)));
    event_line(text, 0.0, &settle);
    event_line(text, 0.0, "Mark(\"after\")");
}

/// What the game's world must show at home: the gauges of the first checkpoint.
fn expectations(text: &mut String, origin: &Origin) {
    let gauges = Gauges::default().by_name();
    let is_gauge = |name: &str| gauges.iter().any(|(known, _)| *known == name);
    let counts = origin
        .first
        .into_iter()
        .flat_map(|first| first.counts.iter().chain(&first.leftovers))
        .filter(|(name, _)| is_gauge(name))
        .map(|(name, count)| format!("\"marks[\\\"after\\\"].gauges.{name} == {count}\""));
    let counts: Vec<String> = counts.collect();
    let _ = writeln!(text, "  expect: [{}],", counts.join(", "));
}

enum Words {
    Event(String),
    Comment(String),
}

fn words(act: &Act, settings: &mut StreamingSettings) -> Words {
    Words::Event(match act {
        Act::FlyTo { to, height, speed } => {
            format!("FlyTo({}, height: {height}, speed: {speed})", place(*to))
        }
        Act::Teleport(to) => format!("Teleport({})", place(*to)),
        Act::Shuttle { metres, times } => format!("Shuttle(metres: {metres}, times: {times})"),
        Act::Orbit { radius, speed } => format!("Orbit(radius: {radius}, speed: {speed})"),
        Act::AddFocus { name, at, purpose } => {
            let purpose = match purpose {
                FocusPurpose::See => "See",
                FocusPurpose::Collide => "Collide",
                FocusPurpose::Preload => "Preload",
            };
            format!(
                "AddFocus(name: \"{name}\", {}, purpose: {purpose})",
                place(*at)
            )
        }
        Act::RemoveFocus(name) => format!("RemoveFocus(name: \"{name}\")"),
        Act::DropFocus => "DropFocus".to_owned(),
        Act::RestoreFocus => "RestoreFocus".to_owned(),
        Act::PanicAt(at) => format!("PanicAt({})", place(*at)),
        Act::PanicRate(rate) => format!("PanicRate({rate})"),
        Act::SlowWorkers(ms) => format!("SlowWorkers(ms: {ms})"),
        Act::Stall(secs) => format!("Stall(secs: {secs})"),
        Act::StickAt(at) => format!("StickAt({})", place(*at)),
        Act::Preload { at, radius, within } => {
            format!(
                "Preload({}, radius: {radius}, within: {within})",
                place(*at)
            )
        }
        Act::Set { field, value } => match answer(settings, field, value) {
            Answer::Accepted(next) => {
                *settings = *next;
                set_text(field, value)
            }
            Answer::Refused => {
                return Words::Comment(format!("{field} = {value:?} is proposed and refused"));
            }
            Answer::NotAsked => {
                return Words::Comment(format!("{field} = {value} would be too large a world"));
            }
        },
        Act::Ask(StreamingRequest::RetryQuarantined) => "RetryQuarantined".to_owned(),
        Act::Ask(StreamingRequest::GeneratorChanged) => "GeneratorChanged".to_owned(),
        Act::Ask(request) => return Words::Comment(format!("{request:?} is asked for")),
        Act::LosePlace => return Words::Comment("the focus is nowhere (NaN)".to_owned()),
        Act::ReleasePreloads => return Words::Comment("all preloads are released".to_owned()),
    })
}

fn place(at: DVec2) -> String {
    format!("x: {}, z: {}", at.x, at.y)
}

fn set_text(field: &str, value: &str) -> String {
    format!(
        "Set(field: \"{field}\", value: {})",
        value_text(field, value)
    )
}

fn value_text(field: &str, value: &str) -> String {
    let is_composite = COMPOSITES.iter().any(|spec| spec.name == field);
    if is_composite {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ringroad::scenario::Scenario;

    use super::super::draw::episode;
    use super::*;

    fn text_of(kind: Kind, ground: Ground, episode: &Episode) -> String {
        let finding = Finding {
            kind,
            at_secs: 12.0,
            text: "two\nlines".to_owned(),
        };
        let first = Checkpoint {
            at_secs: 0.0,
            counts: vec![("loaded", 49), ("entities", 500)],
            leftovers: vec![("queued", 0)],
            distinct_cells: 49,
            most_entities: 500,
            tables: 0,
            resident: None,
            heap: None,
        };
        let origin = Origin {
            ground,
            seed: 3,
            finding: &finding,
            note: "for a test",
            first: Some(&first),
        };
        scenario_text(&origin, episode)
    }

    #[test]
    fn every_episode_becomes_a_scenario_that_the_game_reads() {
        for index in 0..60 {
            let episode = episode(3, index, 60.0);
            for kind in [Kind::Law(9), Kind::Growth("loaded")] {
                for ground in [Ground::City, Ground::Synthetic] {
                    let text = text_of(kind.clone(), ground, &episode);
                    if let Err(error) = Scenario::parse(Path::new("soak.ron"), &text) {
                        panic!("{error}\n{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_growth_is_expected_not_to_be_there_and_only_gauges_are_named() {
        let episode = episode(3, 0, 60.0);
        let text = text_of(Kind::Growth("loaded"), Ground::Synthetic, &episode);
        assert!(
            text.contains(r#"marks[\"after\"].gauges.loaded == 49"#),
            "{text}"
        );
        assert!(!text.contains("gauges.entities"), "{text}");
        let text = text_of(Kind::Law(1), Ground::Synthetic, &episode);
        assert!(
            !text.contains("expect") && text.contains("until: 60"),
            "{text}"
        );
    }
}
