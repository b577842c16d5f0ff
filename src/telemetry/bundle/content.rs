//! The files of a bundle.

use std::fmt::Write;

use serde_json::json;

use super::{BundleReason, RunContext, script::script};
use crate::{
    streaming::StreamingValues,
    telemetry::{
        Telemetry, export::csv_text, recording::Window, registry::METRICS, sample::Sample,
        snapshot::PanelData, text::panel_text, ticket::HitchTicket,
    },
};

/// One file; frames become text only when they are written, off the frame.
pub(super) struct File {
    pub name: &'static str,
    content: Content,
}

enum Content {
    Text(String),
    Frames(Vec<Sample>),
}

impl File {
    fn text(name: &'static str, text: String) -> Self {
        Self {
            name,
            content: Content::Text(text),
        }
    }

    pub fn content(&self) -> Vec<u8> {
        match &self.content {
            Content::Text(text) => text.clone().into_bytes(),
            Content::Frames(samples) => csv_text(samples),
        }
    }
}

/// Everything that was recorded, copied.
pub(super) fn files(
    telemetry: &Telemetry,
    panel: &PanelData,
    context: &RunContext,
    reason: BundleReason,
) -> Vec<File> {
    let recorded = script(telemetry, &panel.settings, context);
    vec![
        File::text("about.json", about(panel, context, reason)),
        File::text("settings.ron", settings_text(&panel.settings)),
        File::text(
            "settings-start.ron",
            settings_text(&recorded.values_at_start),
        ),
        File {
            name: "frames.csv",
            content: Content::Frames(telemetry.samples().iter().copied().collect()),
        },
        File::text("history.csv", history(telemetry)),
        File::text("route.csv", route(telemetry)),
        File::text("events.txt", events(telemetry)),
        File::text("panel.txt", panel_text(panel)),
        File::text(
            "hitches.txt",
            telemetry.tickets().map(HitchTicket::text).collect(),
        ),
        File::text("scenario.ron", recorded.text),
    ]
}

fn about(panel: &PanelData, context: &RunContext, reason: BundleReason) -> String {
    let about = json!({
        "schema": "ringroad.bundle/1",
        "reason": reason.word(),
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
fn history(telemetry: &Telemetry) -> String {
    let series: Vec<Vec<_>> = (0..METRICS.len())
        .map(|metric| telemetry.series(metric, Window::Mins10))
        .collect();
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

fn route(telemetry: &Telemetry) -> String {
    let mut text = String::from("t,x,y,z,heading_deg\n");
    for point in telemetry.route().points() {
        let _ = writeln!(
            text,
            "{:.3},{:.3},{:.3},{:.3},{:.2}",
            point.t_secs, point.x, point.y, point.z, point.heading_deg
        );
    }
    text
}

fn events(telemetry: &Telemetry) -> String {
    let mut text = String::new();
    for event in telemetry.log().events().iter() {
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
