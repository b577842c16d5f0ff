//! Live reload of the settings file: a change on disk becomes a proposal, a bad file becomes a refusal.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bevy::prelude::*;
use ringroad_streaming::{
    ProposeSettings, SettingRefused, SettingSource, StreamingSet, StreamingSettings,
    StreamingValues,
};

use super::{LayerError, SettingsLayer};

/// How often the file's time stamp is looked at, in real time.
const POLL_EVERY: Duration = Duration::from_secs(1);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        reload_settings_file
            .before(StreamingSet::Scan)
            .run_if(resource_exists::<SettingsFile>),
    );
}

/// The settings file that the program was started with, and what was last read from it.
#[derive(Resource, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    stamp: Option<(SystemTime, u64)>,
    next_poll: Duration,
    applied: Vec<(String, String)>,
}

impl SettingsFile {
    /// Watches `path`, whose content `read` is already in force.
    pub fn new(path: PathBuf, read: &SettingsLayer) -> Self {
        Self {
            stamp: stamp(&path),
            path,
            next_poll: POLL_EVERY,
            applied: read.changes().to_vec(),
        }
    }

    /// What to do at `now` (real time since the start): nothing, propose changes, or refuse the file.
    fn poll(&mut self, now: Duration, current: &StreamingValues) -> Poll {
        if now < self.next_poll {
            return Poll::Unchanged;
        }
        self.next_poll = now + POLL_EVERY;
        let stamp = stamp(&self.path);
        if stamp == self.stamp {
            return Poll::Unchanged;
        }
        self.stamp = stamp;
        let layer = match SettingsLayer::read(&self.path) {
            Ok(layer) => layer,
            Err(error) => return Poll::Refused(Vec::new(), error),
        };
        // Only what the file itself changed since it was last read, so that a reload does not undo the sliders.
        let edited: Vec<(String, String)> = layer
            .changes()
            .iter()
            .filter(|change| !self.applied.contains(change))
            .cloned()
            .collect();
        match judged(&layer, &edited, current) {
            Ok(changes) => {
                self.applied = layer.changes().to_vec();
                if changes.is_empty() {
                    Poll::Unchanged
                } else {
                    Poll::Propose(changes)
                }
            }
            Err(error) => Poll::Refused(edited, error),
        }
    }
}

/// The outcome of one look at the file.
#[derive(Debug)]
enum Poll {
    Unchanged,
    Propose(Vec<(String, String)>),
    Refused(Vec<(String, String)>, LayerError),
}

fn stamp(path: &std::path::Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The edited fields that differ from what is in force, after the whole file over the current values was found legal.
fn judged(
    layer: &SettingsLayer,
    edited: &[(String, String)],
    current: &StreamingValues,
) -> Result<Vec<(String, String)>, LayerError> {
    layer.check_values()?;
    let refused = |source| LayerError::Refused {
        place: "settings file over the values in force".into(),
        source,
    };
    let mut after = current.clone();
    for (field, value) in edited {
        after.set(field, value).map_err(refused)?;
    }
    StreamingSettings::new(after.clone()).map_err(refused)?;
    Ok(current
        .differences(&after)
        .into_iter()
        .map(|(field, _, new)| (field.to_owned(), new))
        .collect())
}

fn reload_settings_file(
    time: Res<Time<Real>>,
    mut file: ResMut<SettingsFile>,
    settings: Res<StreamingSettings>,
    mut proposals: MessageWriter<ProposeSettings>,
    mut refusals: MessageWriter<SettingRefused>,
) {
    match file
        .bypass_change_detection()
        .poll(time.elapsed(), settings.values())
    {
        Poll::Unchanged => {}
        Poll::Propose(changes) => {
            proposals.write(ProposeSettings {
                changes,
                source: SettingSource::File,
            });
        }
        Poll::Refused(changes, error) => {
            warn!("{error}; the last good settings stay in force");
            refusals.write(SettingRefused {
                changes,
                reason: error.to_string(),
                source: SettingSource::File,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A settings file in a folder of its own, removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, source: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("ringroad-{}-{name}", std::process::id()));
            fs::create_dir_all(&folder).expect("a scratch folder");
            let path = folder.join("s.ron");
            fs::write(&path, source).expect("written");
            Self(path)
        }

        fn watched(&self) -> SettingsFile {
            let layer = SettingsLayer::read(&self.0).expect("legal");
            SettingsFile::new(self.0.clone(), &layer)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Some(folder) = self.0.parent() {
                let _ = fs::remove_dir_all(folder);
            }
        }
    }

    const LATER: Duration = Duration::from_secs(2);

    #[test]
    fn a_changed_file_proposes_only_what_differs() {
        let scratch = Scratch::new("differs", "(seed: 1, max_concurrent_tasks: 3)");
        let mut file = scratch.watched();
        fs::write(&scratch.0, "(seed: 1, max_concurrent_tasks: 14)").expect("written");
        let Poll::Propose(changes) = file.poll(LATER, &StreamingValues::default()) else {
            panic!("a proposal");
        };
        assert_eq!(
            changes,
            [("max_concurrent_tasks".to_owned(), "14".to_owned())]
        );
        assert!(matches!(
            file.poll(LATER * 2, &StreamingValues::default()),
            Poll::Unchanged
        ));
    }

    #[test]
    fn a_reload_does_not_undo_what_a_slider_changed() {
        let scratch = Scratch::new("slider", "(apply_budget_ms: 2.0)");
        let mut file = scratch.watched();
        let by_slider = StreamingValues {
            apply_budget_ms: 5.0,
            ..Default::default()
        };
        fs::write(
            &scratch.0,
            "(apply_budget_ms: 2.0, max_concurrent_tasks: 6)",
        )
        .expect("written");
        let Poll::Propose(changes) = file.poll(LATER, &by_slider) else {
            panic!("a proposal");
        };
        assert_eq!(
            changes,
            [("max_concurrent_tasks".to_owned(), "6".to_owned())]
        );
    }

    #[test]
    fn half_written_and_illegal_files_are_refused_and_a_repaired_one_is_taken() {
        let scratch = Scratch::new("half", "()");
        let mut file = scratch.watched();
        let current = StreamingValues::default();
        for (round, bad) in [
            "(max_concurrent_ta",
            "(apply_budget_ms: NaN)",
            "(gravity: 9.81)",
            "(load_radius_m: 90000.0)",
        ]
        .iter()
        .enumerate()
        {
            fs::write(&scratch.0, bad).expect("written");
            let now = LATER * (round as u32 + 1);
            assert!(
                matches!(file.poll(now, &current), Poll::Refused(..)),
                "{bad}"
            );
        }
        fs::write(&scratch.0, "(max_concurrent_tasks: 7)").expect("written");
        assert!(matches!(file.poll(LATER * 9, &current), Poll::Propose(_)));
    }

    #[test]
    fn the_file_is_looked_at_about_once_per_second() {
        let scratch = Scratch::new("rate", "()");
        let mut file = scratch.watched();
        fs::write(&scratch.0, "(max_concurrent_tasks: 7)").expect("written");
        let soon = Duration::from_millis(500);
        assert!(matches!(
            file.poll(soon, &StreamingValues::default()),
            Poll::Unchanged
        ));
        assert!(matches!(
            file.poll(LATER, &StreamingValues::default()),
            Poll::Propose(_)
        ));
    }
}
