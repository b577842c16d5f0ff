//! The last frame of a run: the report, and what went wrong.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::app::AppExit;
use bevy::prelude::*;
use ringroad_streaming::LawBook;
use serde_json::Value;

use crate::scenario::pictures::Pictures;
use crate::scenario::record::RunRecord;
use crate::scenario::report::{ReportContext, build_report};
use crate::telemetry::TelemetryFile;

/// What the end of a run leaves behind, where a window system swallows the app.
#[derive(Resource, Clone, Default)]
pub(super) struct Ending(Arc<Mutex<Option<Closed>>>);

/// The report and what the run itself says went wrong.
pub(super) struct Closed {
    pub report: Value,
    pub failures: Vec<String>,
}

impl Ending {
    /// What there is at the end.
    pub fn take(&self) -> Closed {
        let closed = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        closed.unwrap_or_else(|| Closed {
            report: Value::Null,
            failures: vec!["the run ended without a last frame".to_owned()],
        })
    }
}

/// In the last frame: puts the report together while the world still stands.
pub(super) fn close_run(world: &mut World) {
    let mut failures = Vec::new();
    if let Some(exit) = world.get_resource::<Messages<AppExit>>()
        && exit.iter_current_update_messages().any(AppExit::is_error)
    {
        failures.push("the engine ended the run with an error".to_owned());
    }
    if world.resource::<Pictures>().is_busy() {
        failures.push("a picture was still on its way when the run ended".to_owned());
    }
    let context = world.resource::<ReportContext>().clone();
    world.resource_mut::<RunRecord>().close();
    let report = build_report(world, &context);
    failures.extend(world.resource::<RunRecord>().failures().iter().cloned());
    if let Some(laws) = world.get_resource::<LawBook>() {
        let broken = laws
            .laws()
            .iter()
            .filter(|law| law.violations > 0)
            .map(|law| {
                let first = law.first.as_deref().unwrap_or("no details");
                format!(
                    "law {} violated {} times, first: {first}",
                    law.number, law.violations
                )
            });
        failures.extend(broken);
        if !laws.ledger_balanced() {
            failures.push("the ledger of requests does not balance (law 1)".to_owned());
        }
    }
    if let Some(failure) = world
        .get_resource::<TelemetryFile>()
        .and_then(TelemetryFile::failure)
    {
        failures.push(failure.to_owned());
    }
    let ending = world.resource::<Ending>().clone();
    *ending.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Closed { report, failures });
}
