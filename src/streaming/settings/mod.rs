//! The budgets and radii of streaming: one validated set of values, changeable on any frame (law 13).

mod composite;

use bevy::ecs::change_detection::DetectChangesMut;
use bevy::ecs::message::{Message, MessageReader, MessageWriter};
use bevy::ecs::resource::Resource;
use bevy::ecs::system::{Res, ResMut};
use bevy::prelude::ReflectResource;
use bevy::reflect::Reflect;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use composite::composite;
pub use composite::{COMPOSITES, CompositeSpec, DetailRings, NeedWeights};

/// The values as plain data; any of them may be wrong until [`StreamingSettings::new`] has looked.
///
/// The default is the preset `Conservative`.
#[derive(Clone, Debug, PartialEq, Reflect, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamingValues {
    /// Requests that may be generated at once; 0 means paused.
    pub max_concurrent_tasks: u32,
    /// Chunks that may land in the world in one frame; 0 means apply is paused.
    pub max_completed_per_frame: u32,
    /// Milliseconds per frame for applying and unloading together.
    pub apply_budget_ms: f64,
    /// Mesh bytes that may be handed to the renderer in one frame.
    pub upload_bytes_per_frame: u64,
    /// Bytes of finished chunks that may wait; when full, workers wait too.
    pub completed_bytes_cap: u64,
    /// Seconds between two looks at what should exist; 0 looks every frame.
    pub scan_interval_secs: f64,
    /// Inside this distance (m, to the nearest edge) a chunk must be there, or it counts as late.
    pub must_have_radius_m: f64,
    /// Chunks whose middle is within this distance (m) are loaded.
    pub load_radius_m: f64,
    /// Chunks whose middle is beyond this distance (m) are unloaded.
    pub unload_radius_m: f64,
    /// How far (m) the world is to be seen; the farthest coarse ring.
    pub view_radius_m: f64,
    /// How often a failed chunk is tried again before it is quarantined.
    pub retry_limit: u32,
    /// Seconds before the first retry; each further retry waits twice as long.
    pub retry_backoff_secs: f64,
    /// Seconds a loaded chunk stays beyond the unload radius before it goes.
    pub linger_secs: f64,
    /// Outer radii (m) of the coarse levels beyond `load_radius_m`; the last level reaches `view_radius_m`.
    pub detail_rings_m: DetailRings,
    /// What makes a chunk more needed than another at the same distance.
    pub need_weights: NeedWeights,
    /// Seconds that a focus is looked ahead along its way: a chunk is asked for so long before it is needed.
    pub look_ahead_secs: f64,
    /// MiB that chunks in the world and waiting results may hold; the least needed go first.
    pub memory_cap_mib: u64,
    /// Seconds after which a generation that has not ended is given up and its chunk asked for again.
    pub stuck_after_secs: f64,
    /// The side of a chunk in metres. Changing it regenerates the world.
    pub chunk_size_m: f64,
    /// The seed of the world. Changing it regenerates the world.
    pub seed: u64,
}

impl Default for StreamingValues {
    fn default() -> Self {
        Self {
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            apply_budget_ms: 2.0,
            upload_bytes_per_frame: 2 << 20,
            completed_bytes_cap: 64 << 20,
            scan_interval_secs: 0.2,
            must_have_radius_m: 500.0,
            load_radius_m: 1_200.0,
            unload_radius_m: 1_400.0,
            view_radius_m: 1_200.0,
            retry_limit: 3,
            retry_backoff_secs: 0.5,
            linger_secs: 1.0,
            detail_rings_m: DetailRings::default(),
            need_weights: NeedWeights::default(),
            look_ahead_secs: 2.0,
            memory_cap_mib: 1_024,
            stuck_after_secs: 10.0,
            chunk_size_m: 200.0,
            seed: 1,
        }
    }
}

/// What a panel or an error message says about one field.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct FieldSpec {
    /// The name in files, options and messages.
    pub name: &'static str,
    /// The unit of its value.
    pub unit: &'static str,
    /// The range a slider offers.
    pub soft: (f64, f64),
    /// The range that is legal.
    pub hard: (f64, f64),
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// More chunks than this around one focus would make a single plan take seconds.
pub(crate) const MAX_CELLS: f64 = 100_000.0;

/// About how many chunks are inside a radius.
pub(crate) fn cells_within(radius_m: f64, chunk_size_m: f64) -> f64 {
    let reach = radius_m / chunk_size_m;
    std::f64::consts::PI * reach * reach
}

/// Calls a macro with the fields in order: name, type, unit, soft range, hard range, help.
/// The one place a field is described.
macro_rules! with_fields {
    ($call:ident) => {
        $call! {
            max_concurrent_tasks: u32, "requests", (0.0, 16.0), (0.0, 256.0),
                "Chunks generated at once. 0 = paused.";
            max_completed_per_frame: u32, "chunks", (1.0, 16.0), (0.0, 1000.0),
                "Chunks that may land in one frame. 0 = apply paused.";
            apply_budget_ms: f64, "ms", (0.25, 8.0), (0.05, 100.0),
                "Time per frame for applying and unloading together.";
            upload_bytes_per_frame: u64, "bytes", (262_144.0, 16_777_216.0), (4_096.0, 1_073_741_824.0),
                "Mesh bytes handed to the renderer per frame.";
            completed_bytes_cap: u64, "bytes", (8_388_608.0, 268_435_456.0), (65_536.0, 17_179_869_184.0),
                "Bytes of finished chunks that may wait; workers wait when it is full.";
            scan_interval_secs: f64, "s", (0.0, 1.0), (0.0, 10.0),
                "Time between two looks at what should exist. 0 = every frame.";
            must_have_radius_m: f64, "m", (400.0, 1_000.0), (32.0, 100_000.0),
                "A chunk whose edge comes nearer than this must be there, or it is late.";
            load_radius_m: f64, "m", (400.0, 4_000.0), (32.0, 100_000.0),
                "Chunks whose middle is nearer than this are loaded.";
            unload_radius_m: f64, "m", (500.0, 5_000.0), (32.0, 100_000.0),
                "Chunks whose middle is farther than this are unloaded.";
            view_radius_m: f64, "m", (400.0, 6_000.0), (32.0, 100_000.0),
                "How far the world is to be seen.";
            retry_limit: u32, "tries", (0.0, 8.0), (0.0, 100.0),
                "Retries of a failed chunk before it is quarantined.";
            retry_backoff_secs: f64, "s", (0.1, 5.0), (0.0, 60.0),
                "Wait before the first retry; it doubles with each.";
            linger_secs: f64, "s", (0.0, 10.0), (0.0, 600.0),
                "How long a chunk stays beyond the unload radius before it goes.";
            look_ahead_secs: f64, "s", (0.0, 6.0), (0.0, 30.0),
                "How long before a moving focus needs a chunk it is asked for.";
            memory_cap_mib: u64, "MiB", (64.0, 8_192.0), (1.0, 1_048_576.0),
                "What loaded chunks and waiting results may hold; the least needed go first.";
            stuck_after_secs: f64, "s", (1.0, 60.0), (0.1, 3_600.0),
                "A generation that takes longer is given up and its chunk asked for again.";
            chunk_size_m: f64, "m", (64.0, 512.0), (16.0, 4_096.0),
                "Side of a chunk. Changing it regenerates the world.";
            seed: u64, "", (0.0, 9_999.0), (0.0, 18_446_744_073_709_551_615.0),
                "Seed of the world. Changing it regenerates the world.";
        }
    };
}

macro_rules! define_access {
    ($($name:ident: $kind:ty, $unit:literal, ($soft_low:literal, $soft_high:literal), ($low:literal, $high:literal), $help:literal;)+) => {
        /// Every field of [`StreamingValues`], in its order.
        pub const FIELDS: &[FieldSpec] = &[$(FieldSpec {
            name: stringify!($name), unit: $unit, soft: ($soft_low, $soft_high), hard: ($low, $high), help: $help,
        }),+];

        impl StreamingValues {
            /// Sets one field from text, checking the field's own range; contradictions between fields
            /// are found by [`StreamingSettings::new`].
            ///
            /// # Errors
            /// The field is unknown, or the value is unreadable or out of range; nothing is changed then.
            pub fn set(&mut self, field: &str, value: &str) -> Result<(), SettingError> {
                match field {
                    $(stringify!($name) => {
                        let parsed = value.trim().replace('_', "").parse::<$kind>().map_err(|_| SettingError::Unreadable {
                            field: stringify!($name), value: value.to_owned(), kind: kind_text(stringify!($kind)), low: $low, high: $high,
                        })?;
                        check_range(stringify!($name), value, parsed as f64)?;
                        self.$name = parsed;
                    })+
                    "detail_rings_m" => self.detail_rings_m = composite("detail_rings_m", value)?,
                    "need_weights" => self.need_weights = composite("need_weights", value)?,
                    _ => return Err(SettingError::UnknownField { field: field.to_owned(), known: known_fields() }),
                }
                Ok(())
            }

            /// One field as text that [`set`](Self::set) reads back.
            pub fn get(&self, field: &str) -> Option<String> {
                match field {
                    $(stringify!($name) => Some(self.$name.to_string()),)+
                    "detail_rings_m" => Some(self.detail_rings_m.to_string()),
                    "need_weights" => Some(self.need_weights.to_string()),
                    _ => None,
                }
            }

            /// One field as a number, for sliders and plots.
            pub fn number(&self, field: &str) -> Option<f64> {
                match field {
                    $(stringify!($name) => Some(self.$name as f64),)+
                    _ => None,
                }
            }

            /// The fields that differ from `new`, as (name, value here, value there).
            pub fn differences(&self, new: &Self) -> Vec<(&'static str, String, String)> {
                let mut found = Vec::new();
                $(if self.$name != new.$name {
                    found.push((stringify!($name), self.$name.to_string(), new.$name.to_string()));
                })+
                if self.detail_rings_m != new.detail_rings_m {
                    found.push(("detail_rings_m", self.detail_rings_m.to_string(), new.detail_rings_m.to_string()));
                }
                if self.need_weights != new.need_weights {
                    found.push(("need_weights", self.need_weights.to_string(), new.need_weights.to_string()));
                }
                found
            }

            fn check_ranges(&self) -> Result<(), SettingError> {
                $(check_range(stringify!($name), &self.$name.to_string(), self.$name as f64)?;)+
                composite::<DetailRings>("detail_rings_m", &self.detail_rings_m.to_string())?;
                composite::<NeedWeights>("need_weights", &self.need_weights.to_string())?;
                Ok(())
            }
        }
    };
}
with_fields!(define_access);

/// The description of one field.
pub fn field(name: &str) -> Option<&'static FieldSpec> {
    FIELDS.iter().find(|spec| spec.name == name)
}

/// Why a value was refused; the text names the field, the value and what would be legal.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
pub enum SettingError {
    /// No such field.
    #[error("unknown setting `{field}`; the settings are {known}")]
    UnknownField {
        /// The name given.
        field: String,
        /// The names there are.
        known: String,
    },
    /// The text is no value of the field's kind.
    #[error("`{field}` = `{value}` is not {kind}; legal is {low} to {}", bound(*high))]
    Unreadable {
        /// The field.
        field: &'static str,
        /// The text given.
        value: String,
        /// What it should have been.
        kind: &'static str,
        /// The least legal value.
        low: f64,
        /// The greatest legal value.
        high: f64,
    },
    /// The text is no value of a field that is more than one number.
    #[error("`{field}` = `{value}`: {what}; legal is {legal}")]
    Malformed {
        /// The field.
        field: &'static str,
        /// The text given.
        value: String,
        /// What is wrong with it.
        what: String,
        /// The form it must have.
        legal: &'static str,
    },
    /// NaN, infinite, or outside the hard range.
    #[error("`{field}` = {value} is out of range; legal is {low} to {}{unit}", bound(*high))]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The value given.
        value: String,
        /// The least legal value.
        low: f64,
        /// The greatest legal value.
        high: f64,
        /// The unit with a space before it, or nothing.
        unit: String,
    },
    /// Two fields contradict each other.
    #[error("`{field}` = {value} contradicts `{other}` = {other_value}; legal is {legal}")]
    Contradiction {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// The other field.
        other: &'static str,
        /// The other field's value.
        other_value: String,
        /// The rule they must keep.
        legal: &'static str,
    },
}

/// An upper bound as text; the greatest `u64` has no `f64`, and the next one above it would be refused.
fn bound(high: f64) -> String {
    if high >= u64::MAX as f64 {
        u64::MAX.to_string()
    } else {
        high.to_string()
    }
}

fn known_fields() -> String {
    let composites = COMPOSITES.iter().map(|spec| spec.name);
    FIELDS
        .iter()
        .map(|spec| spec.name)
        .chain(composites)
        .collect::<Vec<_>>()
        .join(", ")
}

fn kind_text(kind: &str) -> &'static str {
    if kind == "f64" {
        "a number"
    } else {
        "a whole number"
    }
}

fn check_range(name: &'static str, text: &str, value: f64) -> Result<(), SettingError> {
    let spec = field(name).expect("the name comes from the table of fields");
    let (low, high) = spec.hard;
    // Written so that NaN is refused.
    if value >= low && value <= high {
        return Ok(());
    }
    let unit = if spec.unit.is_empty() {
        String::new()
    } else {
        format!(" {}", spec.unit)
    };
    Err(SettingError::OutOfRange {
        field: name,
        value: text.to_owned(),
        low,
        high,
        unit,
    })
}

/// Settings that were checked as a whole. Read through the fields of [`StreamingValues`]; change by
/// sending [`ProposeSettings`].
///
/// Reflection can reach the values without a proposal. What is legal counts from the next frame on, as if the
/// program had proposed it; what is not is refused, and the last good settings stay.
#[derive(Resource, Reflect, Clone, Debug, PartialEq)]
#[reflect(Resource)]
pub struct StreamingSettings(StreamingValues);

impl Deref for StreamingSettings {
    type Target = StreamingValues;
    fn deref(&self) -> &StreamingValues {
        &self.0
    }
}

impl StreamingSettings {
    /// The preset `Conservative`: the values of the requirement.
    pub fn conservative() -> Self {
        Self::new(StreamingValues::default()).expect("a test checks the default values")
    }

    /// Checks values as a whole: refused rather than clamped.
    ///
    /// # Errors
    /// The first field that is out of range, or the first pair of fields that contradict each other.
    pub fn new(values: StreamingValues) -> Result<Self, SettingError> {
        values.check_ranges()?;
        let v = &values;
        let contradiction = |field: &'static str, other: &'static str, legal: &'static str| {
            Err(SettingError::Contradiction {
                field,
                value: v.get(field).unwrap_or_default(),
                other,
                other_value: v.get(other).unwrap_or_default(),
                legal,
            })
        };
        if v.must_have_radius_m < 2.0 * v.chunk_size_m {
            return contradiction(
                "must_have_radius_m",
                "chunk_size_m",
                "must_have_radius_m ≥ 2 × chunk_size_m",
            );
        }
        if v.load_radius_m < v.must_have_radius_m {
            return contradiction(
                "load_radius_m",
                "must_have_radius_m",
                "load_radius_m ≥ must_have_radius_m",
            );
        }
        if v.unload_radius_m <= v.load_radius_m {
            return contradiction(
                "unload_radius_m",
                "load_radius_m",
                "unload_radius_m > load_radius_m",
            );
        }
        if v.view_radius_m < v.load_radius_m {
            return contradiction(
                "view_radius_m",
                "load_radius_m",
                "view_radius_m ≥ load_radius_m",
            );
        }
        // What is kept reaches beyond the view by the gap.
        let kept_m = v.view_radius_m + (v.unload_radius_m - v.load_radius_m);
        for (field, radius_m, legal) in [
            (
                "unload_radius_m",
                v.unload_radius_m,
                "at most 100,000 chunks inside it: π × (unload_radius_m ÷ chunk_size_m)² ≤ 100,000",
            ),
            (
                "view_radius_m",
                kept_m,
                "at most 100,000 chunks kept: π × ((view_radius_m + unload_radius_m − load_radius_m) ÷ chunk_size_m)² ≤ 100,000",
            ),
        ] {
            if cells_within(radius_m, v.chunk_size_m) > MAX_CELLS {
                return contradiction(field, "chunk_size_m", legal);
            }
        }
        Ok(Self(values))
    }

    /// The values, for copying and comparing.
    pub fn values(&self) -> &StreamingValues {
        &self.0
    }

    /// These settings with some fields set from text: all of them or none.
    ///
    /// # Errors
    /// As [`StreamingValues::set`] and [`new`](Self::new).
    pub fn with_changes(&self, changes: &[(String, String)]) -> Result<Self, SettingError> {
        let mut values = self.0.clone();
        for (field, value) in changes {
            values.set(field, value)?;
        }
        Self::new(values)
    }
}

/// Who asked for a change.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Reflect)]
pub enum SettingSource {
    /// A slider or field of the panel.
    Panel,
    /// A settings file that changed on disk.
    File,
    /// A scenario.
    Script,
    /// The remote door.
    Remote,
    /// The program itself.
    Program,
    /// The controller that keeps a stated target.
    Autopilot,
    /// Values held for a while to compare with, and given back: nobody's decision.
    Compare,
}

/// Asks for changes, as (field, value) texts: all of them or none. Answered in the same frame, before
/// the scan, by [`SettingChanged`] for each field or one [`SettingRefused`].
#[derive(Message, Clone, Debug)]
pub struct ProposeSettings {
    /// The fields and their new values.
    pub changes: Vec<(String, String)>,
    /// Who asks.
    pub source: SettingSource,
}

/// One field has a new value.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct SettingChanged {
    /// The field.
    pub field: &'static str,
    /// Its value before.
    pub old: String,
    /// Its value now.
    pub new: String,
    /// Who asked.
    pub source: SettingSource,
}

/// A proposal was refused; the last good settings stay in force.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct SettingRefused {
    /// What was asked.
    pub changes: Vec<(String, String)>,
    /// The field, the value and what would be legal.
    pub reason: String,
    /// Who asked.
    pub source: SettingSource,
}

/// The settings that were in force last, by which a change is found that nobody proposed: reflection (a remote
/// protocol, an inspector) reaches every field.
#[derive(Resource, Clone, Debug)]
pub(crate) struct LastGood {
    settings: StreamingSettings,
    /// Before the first frame a program may put in what it likes, as long as it is legal.
    is_started: bool,
}

impl LastGood {
    pub fn new(settings: StreamingSettings) -> Self {
        Self {
            settings,
            is_started: false,
        }
    }

    /// Puts the last good settings back where those in force are not legal.
    fn restore(
        &self,
        settings: &mut ResMut<StreamingSettings>,
        refused: &mut MessageWriter<SettingRefused>,
    ) {
        if **settings == self.settings {
            return;
        }
        let Err(error) = StreamingSettings::new(settings.0.clone()) else {
            return;
        };
        tracing::warn!("settings that were changed without a proposal are refused: {error}");
        let changes = self.settings.differences(settings);
        refused.write(SettingRefused {
            changes: changes
                .into_iter()
                .map(|(field, _, asked)| (field.to_owned(), asked))
                .collect(),
            reason: error.to_string(),
            source: SettingSource::Program,
        });
        **settings = self.settings.clone();
    }
}

/// Before anything of the frame reads the settings, also while streaming is held.
pub(crate) fn keep_settings_legal(
    mut settings: ResMut<StreamingSettings>,
    last: Res<LastGood>,
    mut refused: MessageWriter<SettingRefused>,
) {
    last.restore(&mut settings, &mut refused);
}

/// Answers proposals before anything of this frame reads the settings, and takes over what was changed
/// without one.
pub(crate) fn answer_proposals(
    mut settings: ResMut<StreamingSettings>,
    mut last: ResMut<LastGood>,
    mut proposals: MessageReader<ProposeSettings>,
    mut changed: MessageWriter<SettingChanged>,
    mut refused: MessageWriter<SettingRefused>,
) {
    last.restore(&mut settings, &mut refused);
    if last.is_started {
        for (field, old, new) in last.settings.differences(&settings) {
            changed.write(SettingChanged {
                field,
                old,
                new,
                source: SettingSource::Program,
            });
        }
    }
    last.is_started = true;
    for ProposeSettings { changes, source } in proposals.read() {
        match settings.with_changes(changes) {
            Ok(next) => {
                for (field, old, new) in settings.differences(&next) {
                    changed.write(SettingChanged {
                        field,
                        old,
                        new,
                        source: *source,
                    });
                }
                settings.set_if_neq(next);
            }
            Err(error) => {
                tracing::warn!("settings refused: {error}");
                refused.write(SettingRefused {
                    changes: changes.clone(),
                    reason: error.to_string(),
                    source: *source,
                });
            }
        }
    }
    if last.settings != *settings {
        last.settings = settings.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_is_the_preset_of_the_requirement() {
        let settings = StreamingSettings::conservative();
        assert_eq!(settings.max_concurrent_tasks, 3);
        assert_eq!(settings.max_completed_per_frame, 2);
        assert_eq!(settings.scan_interval_secs, 0.2);
        assert_eq!(settings.chunk_size_m, 200.0);
    }

    #[test]
    fn refusals_name_field_value_and_legal_range() {
        let mut values = StreamingValues::default();
        let cases = [
            ("max_concurrent_tasks", "257", "0 to 256"),
            ("max_concurrent_tasks", "-1", "0 to 256"),
            ("apply_budget_ms", "NaN", "0.05 to 100 ms"),
            ("apply_budget_ms", "soon", "0.05 to 100"),
            ("scan_interval_secs", "inf", "0 to 10 s"),
        ];
        for (name, value, legal) in cases {
            let message = values.set(name, value).unwrap_err().to_string();
            assert!(
                message.contains(name) && message.contains(value) && message.contains(legal),
                "{message}"
            );
        }
        assert_eq!(values, StreamingValues::default());
        let message = values.set("max_task", "3").unwrap_err().to_string();
        assert!(
            message.contains("max_task") && message.contains("max_concurrent_tasks"),
            "{message}"
        );
    }

    #[test]
    fn contradictions_are_refused_as_a_whole() {
        let settings = StreamingSettings::conservative();
        for changes in [
            vec![("load_radius_m", "1400")],
            vec![("unload_radius_m", "1200")],
            vec![("must_have_radius_m", "399")],
            vec![("chunk_size_m", "300")],
            vec![("view_radius_m", "1000")],
            vec![("unload_radius_m", "40000")],
            // The gap alone makes the view hold 400,000 chunks.
            vec![
                ("chunk_size_m", "16"),
                ("must_have_radius_m", "32"),
                ("load_radius_m", "32"),
                ("unload_radius_m", "2854"),
                ("view_radius_m", "2854"),
            ],
        ] {
            let changes: Vec<_> = changes
                .into_iter()
                .map(|(f, v)| (f.to_owned(), v.to_owned()))
                .collect();
            let error = settings.with_changes(&changes).unwrap_err();
            assert!(
                matches!(error, SettingError::Contradiction { .. }),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_proposed_the_settings_stay_valid(
            picks in proptest::collection::vec((0..FIELDS.len(), "[-0-9a-zN.]{0,6}"), 0..6)
        ) {
            let before = StreamingSettings::conservative();
            let changes: Vec<_> = picks.into_iter().map(|(i, v)| (FIELDS[i].name.to_owned(), v)).collect();
            if let Ok(after) = before.with_changes(&changes) {
                prop_assert!(StreamingSettings::new(after.values().clone()).is_ok());
            }
        }

        #[test]
        fn a_field_reads_back_what_it_prints(index in 0..FIELDS.len()) {
            let mut values = StreamingValues::default();
            let name = FIELDS[index].name;
            let text = values.get(name).unwrap();
            values.set(name, &text).unwrap();
            prop_assert_eq!(values, StreamingValues::default());
        }
    }
}
