//! Systems that open a frame before each streaming set and close it after, and plot once per frame.

use bevy::prelude::*;

use super::{StreamingStage, TracyAppInfo, TracyOut};
use crate::{
    streaming::StreamingSet,
    telemetry::{
        Telemetry, TelemetrySystems,
        log::{Event, EventKind},
        registry::plotted_metrics,
    },
};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            begin_scan.before(StreamingSet::Scan),
            end_scan
                .after(StreamingSet::Scan)
                .before(StreamingSet::GenQueue),
            begin_queue.after(end_scan).before(StreamingSet::GenQueue),
            end_queue
                .after(StreamingSet::GenQueue)
                .before(StreamingSet::GenApply),
            begin_apply.after(end_queue).before(StreamingSet::GenApply),
            end_apply.after(StreamingSet::GenApply),
        ),
    )
    .add_systems(
        Last,
        (
            plot_metrics.run_if(resource_exists::<Telemetry>),
            tell_events.run_if(resource_exists::<Telemetry>),
            tell_app_info.run_if(resource_exists::<TracyAppInfo>),
            mark_frame,
        )
            .chain()
            .after(TelemetrySystems::Record),
    );
}

fn begin_scan(out: Res<TracyOut>) {
    out.0.frame_begin(StreamingStage::Scan);
}

fn end_scan(out: Res<TracyOut>) {
    out.0.frame_end(StreamingStage::Scan);
}

fn begin_queue(out: Res<TracyOut>) {
    out.0.frame_begin(StreamingStage::GenQueue);
}

fn end_queue(out: Res<TracyOut>) {
    out.0.frame_end(StreamingStage::GenQueue);
}

fn begin_apply(out: Res<TracyOut>) {
    out.0.frame_begin(StreamingStage::GenApply);
}

fn end_apply(out: Res<TracyOut>) {
    out.0.frame_end(StreamingStage::GenApply);
}

fn plot_metrics(out: Res<TracyOut>, telemetry: Res<Telemetry>) {
    let Some(sample) = telemetry.samples().last().filter(|_| out.0.is_listening()) else {
        return;
    };
    for (index, metric, _) in plotted_metrics() {
        if let Some(value) = (metric.read)(sample) {
            out.0.plot(index, value);
        }
    }
}

/// Sends setting changes, hitches and failures; `told` is the number of the next event to send.
fn tell_events(out: Res<TracyOut>, telemetry: Res<Telemetry>, mut told: Local<u64>) {
    for event in telemetry.log().since(*told) {
        *told = event.number + 1;
        if out.0.is_listening() && is_for_profiler(event) {
            out.0
                .message(&format!("{} {}", event.kind.word(), event.text));
        }
    }
}

fn is_for_profiler(event: &Event) -> bool {
    match event.kind {
        EventKind::Hitch
        | EventKind::Failure
        | EventKind::Quarantine
        | EventKind::Change
        | EventKind::Refusal
        | EventKind::Law
        | EventKind::Warning => true,
        // Plots of their own show them.
        EventKind::Stale | EventKind::Retry => false,
    }
}

/// A profiler may connect at any time, and hears nothing of what was said before.
fn tell_app_info(out: Res<TracyOut>, info: Res<TracyAppInfo>, mut was_listening: Local<bool>) {
    let is_listening = out.0.is_listening();
    if is_listening && (!*was_listening || info.is_changed()) {
        out.0.app_info(&info.0);
    }
    *was_listening = is_listening;
}

fn mark_frame(out: Res<TracyOut>) {
    out.0.frame_mark();
}
