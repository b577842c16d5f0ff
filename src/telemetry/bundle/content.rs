//! The files of a bundle.

use std::fmt::Write;

use serde_json::json;

use super::{copy::Copied, script::script};
use crate::{
    streaming::StreamingValues,
    telemetry::{
        export::csv_text,
        recording::{Point, Window},
        registry::METRICS,
        text::panel_text,
        ticket::HitchTicket,
    },
};

/// Name and content of every file.
pub(super) fn files(copied: &Copied) -> Vec<(&'static str, Vec<u8>)> {
    let recorded = script(copied);
    let settings = &copied.panel.settings;
    let text = |name, text: String| (name, text.into_bytes());
    vec![
        text("about.json", about(copied)),
        text("settings.ron", settings_text(settings)),
        text(
            "settings-start.ron",
            settings_text(&recorded.values_at_start),
        ),
        ("frames.csv", csv_text(&copied.samples)),
        text("history.csv", history(copied)),
        text("route.csv", route(copied)),
        text("events.txt", events(copied)),
        text("panel.txt", panel_text(&copied.panel)),
        text(
            "hitches.txt",
            copied.tickets.iter().map(HitchTicket::text).collect(),
        ),
        text("scenario.ron", recorded.text),
    ]
}

fn about(copied: &Copied) -> String {
    let (panel, context) = (&copied.panel, &copied.context);
    let about = json!({
        "schema": "ringroad.bundle/1",
        "reason": copied.reason.word(),
        "t": panel.t_secs,
        "frames": panel.frames,
        "seed": panel.settings.seed,
        "commit": context.commit,
        "clock": context.clock,
        "scenario": context.scenario,
        "generator": context.generator,
        "verdict": panel.health.verdict.word(),
        "sentence": panel.health.sentence,
    });
    format!("{about:#}\n")
}

/// A settings file that `--settings` reads.
pub(super) fn settings_text(values: &StreamingValues) -> String {
    let mut text = String::from("(\n");
    for name in names() {
        let value = values.get(name).unwrap_or_default();
        let is_number = value.parse::<f64>().is_ok();
        let value = if is_number {
            value
        } else {
            format!("\"{value}\"")
        };
        text += &format!("    {name}: {value},\n");
    }
    text + ")\n"
}

/// Every setting.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let fields = crate::streaming::FIELDS.iter().map(|spec| spec.name);
    fields.chain(crate::streaming::COMPOSITES.iter().map(|spec| spec.name))
}

/// Every metric at every second of the last ten minutes: the second's largest value.
fn history(copied: &Copied) -> String {
    let from = copied.now_secs - Window::Mins10.secs();
    let points = |metric| {
        let points = copied
            .seconds
            .iter()
            .flat_map(move |seconds| seconds.points(metric));
        points.filter(|point| point.t_secs >= from).collect()
    };
    let series: Vec<Vec<Point>> = (0..METRICS.len()).map(points).collect();
    let mut text = METRICS
        .iter()
        .map(|metric| metric.id)
        .collect::<Vec<_>>()
        .join(",");
    text.push('\n');
    let mut at = vec![0_usize; series.len()];
    // The frame number is in every bucket.
    for row in &series[0] {
        for (column, points) in series.iter().enumerate() {
            if column > 0 {
                text.push(',');
            }
            let point = points
                .get(at[column])
                .filter(|point| point.t_secs == row.t_secs);
            if let Some(point) = point {
                at[column] += 1;
                let _ = write!(text, "{}", point.max);
            }
        }
        text.push('\n');
    }
    text
}

fn route(copied: &Copied) -> String {
    let mut text = String::from("t,x,y,z,heading_deg\n");
    for point in &copied.route {
        let _ = writeln!(
            text,
            "{:.3},{:.3},{:.3},{:.3},{:.2}",
            point.t_secs, point.x, point.y, point.z, point.heading_deg
        );
    }
    text
}

fn events(copied: &Copied) -> String {
    let mut text = String::new();
    for event in copied.log.events().iter() {
        let _ = writeln!(
            text,
            "{:>10.3} s {:<8} {}",
            event.t_secs,
            event.kind.word(),
            event.text
        );
    }
    text
}
