//! Feeds Bevy's `Diagnostics` from the registry, for tools that read `DiagnosticsStore`.

use bevy::{
    diagnostic::{Diagnostic, Diagnostics, RegisterDiagnostic},
    prelude::*,
};

use super::{Telemetry, record::TelemetrySystems, registry::plotted_metrics};

pub(super) fn plugin(app: &mut App) {
    for (_, metric, path) in plotted_metrics() {
        app.register_diagnostic(Diagnostic::new(path.clone()).with_suffix(metric.unit));
    }
    app.add_systems(Last, feed_diagnostics.after(TelemetrySystems::Record));
}

fn feed_diagnostics(telemetry: Res<Telemetry>, mut diagnostics: Diagnostics) {
    let Some(sample) = telemetry.samples().last() else {
        return;
    };
    for (_, metric, path) in plotted_metrics() {
        if let Some(value) = (metric.read)(sample) {
            diagnostics.add_measurement(path, || value);
        }
    }
}
