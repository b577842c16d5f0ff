//! HUD: one compact list by `iyes_perf_ui`. Off means despawned: a hidden one goes on working.

use bevy::{
    ecs::system::{SystemParam, lifetimeless::SRes},
    prelude::*,
};
use iyes_perf_ui::{PerfUiSet, entry::PerfUiEntry, prelude::*};

use crate::{
    modes::OverlayDepth,
    telemetry::{Telemetry, sample::Sample, text::bytes},
};

pub(super) fn plugin(app: &mut App) {
    app.add_perf_ui_simple_entry::<TasksEntry>()
        .add_perf_ui_simple_entry::<ReadyEntry>()
        .add_perf_ui_simple_entry::<LoadingEntry>()
        .add_perf_ui_simple_entry::<LoadedEntry>()
        .add_perf_ui_simple_entry::<HolesEntry>()
        .add_perf_ui_simple_entry::<StaleEntry>()
        .add_systems(
            Update,
            (
                spawn_hud.run_if(is_hud_wanted.and_then(not(any_with_component::<Hud>))),
                despawn_hud.run_if(not(is_hud_wanted).and_then(any_with_component::<Hud>)),
            )
                .before(PerfUiSet::Setup),
        );
}

/// Marks the root of the HUD.
#[derive(Component)]
pub struct Hud;

fn is_hud_wanted(depth: Option<Res<OverlayDepth>>) -> bool {
    depth.is_some_and(|depth| *depth == OverlayDepth::Hud)
}

fn spawn_hud(mut commands: Commands) {
    commands.spawn((
        Name::new("streaming HUD"),
        Hud,
        PerfUiRoot {
            background_color: Color::srgba(0.063, 0.078, 0.094, 0.85),
            position: PerfUiPosition::TopLeft,
            margin: 8.0,
            padding: 4.0,
            values_col_width: 120.0,
            text_err: "—".to_owned(),
            ..default()
        },
        PerfUiEntryFPS::default(),
        PerfUiEntryFrameTime::default(),
        TasksEntry,
        ReadyEntry,
        LoadingEntry,
        LoadedEntry,
        HolesEntry,
        StaleEntry,
    ));
}

fn despawn_hud(mut commands: Commands, huds: Query<Entity, With<Hud>>) {
    for hud in &huds {
        commands.entity(hud).despawn();
    }
}

/// A line of the HUD that shows the newest sample.
macro_rules! sample_entry {
    ($name:ident, $label:literal, $order:literal, $text:expr, $highlight:expr) => {
        #[doc = concat!("HUD line: ", $label, ".")]
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
                let text: fn(&Sample) -> String = $text;
                text(value)
            }

            fn value_highlight(&self, value: &Self::Value) -> bool {
                let is_high: fn(&Sample) -> bool = $highlight;
                is_high(value)
            }
        }
    };
}

sample_entry!(
    TasksEntry,
    "Chunk tasks",
    1_000,
    |s| match s.max_concurrent_tasks {
        0 => format!("{}/0 PAUSED", s.active),
        limit => format!("{}/{limit}", s.active),
    },
    |s| s.max_concurrent_tasks == 0
);
sample_entry!(
    ReadyEntry,
    "Ready",
    1_001,
    |s| format!("{} ({})", s.ready, bytes(s.ready_bytes)),
    |s| s.ready > u64::from(s.max_completed_per_frame)
);
sample_entry!(
    LoadingEntry,
    "Loading",
    1_002,
    |s| s.loading.to_string(),
    |_| false
);
sample_entry!(
    LoadedEntry,
    "Loaded",
    1_003,
    |s| format!("{}/{}", s.loaded, s.wanted),
    |s| s.missing > 0
);
sample_entry!(HolesEntry, "Holes", 1_004, |s| s.holes.to_string(), |s| s
    .holes
    > 0);
sample_entry!(StaleEntry, "Stale", 1_005, |s| s.stale.to_string(), |_| {
    false
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_over_their_limits() {
        let sample = Sample {
            active: 2,
            max_concurrent_tasks: 3,
            loaded: 98,
            wanted: 113,
            ..Sample::default()
        };
        assert_eq!(TasksEntry.format_value(&sample), "2/3");
        assert_eq!(LoadedEntry.format_value(&sample), "98/113");
        let paused = Sample {
            max_concurrent_tasks: 0,
            ..sample
        };
        assert_eq!(TasksEntry.format_value(&paused), "2/0 PAUSED");
        assert!(TasksEntry.value_highlight(&paused) && !TasksEntry.value_highlight(&sample));
    }
}
