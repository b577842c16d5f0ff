//! The numbers of the HUD, each a metric of the registry.

use bevy::{
    ecs::system::{SystemParam, lifetimeless::SRes},
    prelude::*,
};
use iyes_perf_ui::{entry::PerfUiEntry, prelude::*};

use crate::telemetry::{Telemetry, registry, sample::Sample};

pub(super) fn plugin(app: &mut App) {
    app.add_perf_ui_simple_entry::<TasksEntry>()
        .add_perf_ui_simple_entry::<ReadyEntry>()
        .add_perf_ui_simple_entry::<LoadingEntry>()
        .add_perf_ui_simple_entry::<CompleteEntry>()
        .add_perf_ui_simple_entry::<HolesEntry>()
        .add_perf_ui_simple_entry::<StaleEntry>();
}

/// All of them, in no order of their own. Colour says what is wrong here, so what is right has none.
pub(super) fn all() -> impl Bundle {
    (
        PerfUiEntryFPS {
            label: "fps".to_owned(),
            color_gradient: ColorGradient::default(),
            threshold_highlight: Some(50.0),
            ..default()
        },
        PerfUiEntryFrameTime {
            label: "frame".to_owned(),
            color_gradient: ColorGradient::default(),
            threshold_highlight: Some(25.0),
            precision: 1,
            ..default()
        },
        TasksEntry,
        ReadyEntry,
        LoadingEntry,
        CompleteEntry,
        HolesEntry,
        StaleEntry,
    )
}

/// Value over limit with no unit: the label is the unit.
pub(super) fn registry_text(metric: Option<(&registry::Metric, &Sample)>) -> String {
    let Some((metric, sample)) = metric else {
        return "—".to_owned();
    };
    let value = metric.number_text(metric.value(sample));
    match metric.limit_in(sample) {
        Some(limit) => format!("{value}/{}", metric.number_text(Some(limit))),
        None => value,
    }
}

/// A number of the HUD that shows one metric of the registry.
macro_rules! metric_entry {
    ($name:ident, $label:literal, $id:literal, $order:literal) => {
        #[doc = concat!("HUD number: metric `", $id, "`.")]
        #[derive(Component, Default)]
        pub struct $name;

        impl PerfUiEntry for $name {
            type SystemParam = SRes<Telemetry>;
            type Value = Sample;

            fn label(&self) -> &str {
                $label
            }

            fn sort_key(&self) -> i32 {
                $order
            }

            fn update_value(
                &self,
                telemetry: &mut <Self::SystemParam as SystemParam>::Item<'_, '_>,
            ) -> Option<Self::Value> {
                telemetry.samples().last().copied()
            }

            fn format_value(&self, value: &Self::Value) -> String {
                registry_text(registry::find($id).map(|metric| (metric, value)))
            }

            fn value_highlight(&self, value: &Self::Value) -> bool {
                registry::find($id).is_some_and(|metric| metric.is_over(value))
            }
        }
    };
}

/// HUD number: wanted chunks that are there, over those that are wanted. What is loaded and not wanted any more does
/// not count, so it is never more than all.
#[derive(Component, Default)]
pub struct CompleteEntry;

impl PerfUiEntry for CompleteEntry {
    type SystemParam = SRes<Telemetry>;
    type Value = Sample;

    fn label(&self) -> &str {
        "complete"
    }

    fn sort_key(&self) -> i32 {
        1_003
    }

    fn update_value(
        &self,
        telemetry: &mut <Self::SystemParam as SystemParam>::Item<'_, '_>,
    ) -> Option<Self::Value> {
        telemetry.samples().last().copied()
    }

    fn format_value(&self, value: &Self::Value) -> String {
        let there = value.wanted.saturating_sub(value.missing);
        format!("{there}/{}", value.wanted)
    }
}

metric_entry!(TasksEntry, "tasks", "active", 1_000);
metric_entry!(ReadyEntry, "ready", "ready", 1_001);
metric_entry!(LoadingEntry, "loading", "loading", 1_002);
metric_entry!(HolesEntry, "holes", "holes", 1_004);
metric_entry!(StaleEntry, "stale", "stale", 1_005);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_from_the_registry_and_stand_over_their_limits() {
        let sample = Sample {
            active: 2,
            max_concurrent_tasks: 3,
            loaded: 211,
            wanted: 152,
            missing: 105,
            ..Sample::default()
        };
        assert_eq!(TasksEntry.format_value(&sample), "2/3");
        assert_eq!(CompleteEntry.format_value(&sample), "47/152");
        assert!(!TasksEntry.value_highlight(&sample));
    }

    #[test]
    fn a_metric_that_is_added_to_the_registry_reads_like_the_others() {
        let probe = registry::find("test_probe").expect("tests add it");
        let sample = Sample {
            frame: 4,
            ..Sample::default()
        };
        assert_eq!(registry_text(Some((probe, &sample))), "12");
    }

    #[test]
    fn every_number_of_the_hud_is_a_metric() {
        for id in [
            "active", "ready", "loading", "wanted", "missing", "holes", "stale",
        ] {
            assert!(registry::find(id).is_some(), "{id}");
        }
    }
}
