//! Feeds Bevy's `Diagnostics` from the registry, for tools that read `DiagnosticsStore`.

use bevy::{
    diagnostic::{Diagnostic, DiagnosticPath, Diagnostics, RegisterDiagnostic},
    prelude::*,
};

use super::{
    Telemetry,
    record::TelemetrySystems,
    registry::{Metric, plotted_metrics},
};

pub(super) fn plugin(app: &mut App) {
    let fed = Fed(plotted_metrics()
        .map(|(_, metric, path)| (metric, DiagnosticPath::const_new(path)))
        .collect());
    for (metric, path) in &fed.0 {
        app.register_diagnostic(Diagnostic::new(path.clone()).with_suffix(metric.unit));
    }
    app.insert_resource(fed)
        .add_systems(Last, feed_diagnostics.after(TelemetrySystems::Record));
}

/// The plotted metrics with their paths, whose hashes are reckoned once.
#[derive(Resource)]
struct Fed(Vec<(&'static Metric, DiagnosticPath)>);

fn feed_diagnostics(telemetry: Res<Telemetry>, fed: Res<Fed>, mut diagnostics: Diagnostics) {
    let Some(sample) = telemetry.samples().last() else {
        return;
    };
    for (metric, path) in &fed.0 {
        if let Some(value) = metric.value(sample) {
            diagnostics.add_measurement(path, || value);
        }
    }
}
