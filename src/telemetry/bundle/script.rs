//! The recorded route and setting changes as a scenario, so that the same drive can be made again.

use std::fmt::Write;

use super::{content::names, copy::Copied};
use crate::{
    streaming::StreamingValues,
    telemetry::{log::SettingMark, route::RoutePoint},
};

/// Between two orders, s.
const ORDER_SECS: f64 = 1.0;
/// Two points of a route are at least this far apart in time, s.
const LEAST_STEP_SECS: f64 = 1.0 / 240.0;
/// What is faster than this (m/s) was a jump.
const JUMP_MPS: f64 = 1_500.0;
/// What is slower than this (m/s) stands.
const STILL_MPS: f64 = 0.1;
/// A walker's or driver's eyes; the flight that stands for both is not lower.
const LEAST_HEIGHT_M: f64 = 2.0;

/// The scenario, and the settings that it begins with.
pub(super) struct Recorded {
    pub text: String,
    pub values_at_start: StreamingValues,
}

/// Writes the scenario of the last ten minutes.
pub(super) fn script(copied: &Copied) -> Recorded {
    let (points, context) = (&copied.route, &copied.context);
    let begin_secs = points.first().map_or(0.0, |point| point.t_secs);
    let end_secs = copied.now_secs.max(begin_secs);
    let marks: Vec<&SettingMark> = copied
        .log
        .marks()
        .iter()
        .filter(|mark| mark.t_secs > begin_secs)
        .collect();
    let values_at_start = before(&copied.panel.settings, &marks);
    let start = points.first().copied().unwrap_or_default();
    let mut events: Vec<(f64, String)> = together(&marks)
        .iter()
        .map(|marks| (secs_of(marks) - begin_secs, set(marks)))
        .collect();
    events.extend(orders(points, begin_secs));
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut text = String::from(
        "// Written by a bundle: the recorded route and setting changes.\nScenario(\n    name: \"bundle\",\n",
    );
    let _ = writeln!(text, "    seed: {},\n    set: {{", values_at_start.seed);
    for name in names().filter(|name| *name != "seed") {
        let value = values_at_start.get(name).unwrap_or_default();
        let _ = writeln!(text, "        \"{name}\": \"{value}\",");
    }
    let _ = write!(
        text,
        "    }},\n    generator: {},\n    city_cost_us: {:?},\n    apply_cost: (us_per_entity: {:?}, ns_per_byte: {:?}),\n    start: At(x: {:.2}, z: {:.2}, heading_deg: {:.1}),\n    events: [\n        (at: 0.0, do: Settle(timeout: 120)),\n        (at: 0.0, do: Mark(\"begin\")),\n",
        context.generator,
        cost_us(copied),
        context.apply_us_per_entity,
        context.apply_ns_per_byte,
        start.x,
        start.z,
        start.heading_deg,
    );
    for (at, event) in &events {
        let _ = writeln!(text, "        (at: {at:.3}, do: {event}),");
    }
    let length = end_secs - begin_secs;
    let _ = write!(
        text,
        "        (at: {length:.3}, do: Mark(\"end\")),\n    ],\n    until: {length:.3},\n)\n"
    );
    Recorded {
        text,
        values_at_start,
    }
}

/// The changes that were made together: by one drag, or in one frame. One by one they might break a rule between
/// fields that they kept together.
fn together<'a>(marks: &[&'a SettingMark]) -> Vec<Vec<&'a SettingMark>> {
    let mut groups: Vec<Vec<&SettingMark>> = Vec::new();
    for mark in marks.iter().copied() {
        let is_with = |group: &Vec<&SettingMark>| match mark.drag {
            Some(drag) => group.iter().any(|one| one.drag == Some(drag)),
            // Times of one frame are the same number.
            None => group
                .iter()
                .any(|one| one.drag.is_none() && one.t_secs == mark.t_secs),
        };
        match groups.iter_mut().rev().find(|group| is_with(group)) {
            Some(group) => group.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}

/// When a group took its last values, on the run's clock.
fn secs_of(group: &[&SettingMark]) -> f64 {
    group.iter().map(|mark| mark.t_secs).fold(0.0, f64::max)
}

/// The event that makes the changes of a group; of a field that is in it twice the last counts.
fn set(group: &[&SettingMark]) -> String {
    let mut values: Vec<(&str, &str)> = Vec::new();
    for mark in group {
        values.retain(|(field, _)| *field != mark.field);
        values.push((mark.field, &mark.new));
    }
    match values.as_slice() {
        [(field, value)] => format!("Set(field: \"{field}\", value: \"{value}\")"),
        several => {
            let entry = |(field, value): &(&str, &str)| format!("\"{field}\": \"{value}\"");
            let entries: Vec<String> = several.iter().map(entry).collect();
            format!("SetTogether({{{}}})", entries.join(", "))
        }
    }
}

/// The settings before these changes.
fn before(settings: &StreamingValues, marks: &[&SettingMark]) -> StreamingValues {
    let mut values = settings.clone();
    for mark in marks.iter().rev() {
        // What was in force was legal.
        let _ = values.set(mark.field, &mark.old);
    }
    values
}

/// Flights from second to second, and jumps. Each aims at where the player truly was, so errors do not add up.
fn orders(points: &[RoutePoint], begin_secs: f64) -> Vec<(f64, String)> {
    let mut orders = Vec::new();
    let Some(mut last) = points.first().copied() else {
        return orders;
    };
    let between = |from: &RoutePoint, to: &RoutePoint| (to.x - from.x).hypot(to.z - from.z);
    for pair in points.windows(2) {
        let (before, point) = (&pair[0], &pair[1]);
        let secs = point.t_secs - last.t_secs;
        let way = between(&last, point);
        let at = last.t_secs - begin_secs;
        // A jump lies between two points of the route; an order may span several.
        if between(before, point) > JUMP_MPS * (point.t_secs - before.t_secs).max(LEAST_STEP_SECS) {
            let jump = format!("Teleport(x: {:.2}, z: {:.2})", point.x, point.z);
            orders.push((point.t_secs - begin_secs, jump));
        } else if secs < ORDER_SECS - 1e-3 {
            continue;
        } else if way > STILL_MPS * secs {
            let height = point.y.max(LEAST_HEIGHT_M);
            let speed = (way / secs).clamp(0.1, JUMP_MPS);
            orders.push((
                at,
                format!(
                    "FlyTo(x: {:.2}, z: {:.2}, height: {height:.1}, speed: {speed:.2})",
                    point.x, point.z
                ),
            ));
        }
        last = *point;
    }
    orders
}

/// The stated costs, or, of a run on the real clock, the measured ones, level by level.
fn cost_us(copied: &Copied) -> Vec<f64> {
    let stated = copied.context.city_cost_us.iter().copied();
    if copied.context.clock == "virtual" {
        return stated.collect();
    }
    let measured = copied.generate_ms.iter().copied();
    stated
        .zip(measured.chain(std::iter::repeat(None)))
        .map(|(stated, ms)| ms.map_or(stated, |ms| (ms * 1_000.0).round()))
        .collect()
}
