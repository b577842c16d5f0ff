//! Presets of a person's own: RON files in one folder, beside those that come with the program.

use std::fs;
use std::path::{Path, PathBuf};

use ringroad_streaming::{StreamingSettings, StreamingValues};
use thiserror::Error;

use super::{LayerError, Preset, SettingsLayer, layered, setting_names};

/// Why a preset could not be saved or loaded.
#[derive(Debug, Error)]
pub enum PresetError {
    /// A name that is no file's name.
    #[error("preset name `{name}`: {why}; legal are letters, digits, `-` and `_`, at most 40")]
    Name {
        /// The name given.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The name of one that comes with the program.
    #[error("`{0}` comes with the program and cannot be changed or deleted; choose another name")]
    Builtin(&'static str),
    /// No such preset.
    #[error("there is no preset `{name}`; there are {known}")]
    Unknown {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] LayerError),
    /// The system refused.
    #[error("preset {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where a preset comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetOrigin {
    /// It comes with the program.
    Builtin,
    /// A file of the person's own.
    File(PathBuf),
}

/// A preset in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetEntry {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: PresetOrigin,
    /// What is wrong with it, with file, line and what would be legal; `None`: nothing.
    pub fault: Option<String>,
}

/// The presets of one folder and those of the program.
#[derive(Clone, Debug)]
pub struct PresetShelf {
    folder: PathBuf,
}

impl PresetShelf {
    /// Presets are kept in `folder`, which is made with the first one that is saved.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where presets are kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every preset: the program's, then the files in the order of their names.
    pub fn entries(&self) -> Vec<PresetEntry> {
        let builtin = Preset::ALL.iter().map(|preset| PresetEntry {
            name: preset.name.to_owned(),
            origin: PresetOrigin::Builtin,
            fault: None,
        });
        builtin.chain(self.files()).collect()
    }

    fn files(&self) -> Vec<PresetEntry> {
        // A folder that is not there holds none.
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
            .collect();
        paths.sort();
        let entry = |path: PathBuf| {
            let name = path.file_stem()?.to_str()?.to_owned();
            // What could not be loaded by this name is no good preset, whatever is in it.
            let fault = match self.path_of(&name) {
                Err(error) => Some(format!("{}: {error}; rename the file", path.display())),
                Ok(_) => read(&path).err().map(|error| error.to_string()),
            };
            Some(PresetEntry {
                name,
                origin: PresetOrigin::File(path),
                fault,
            })
        };
        paths.into_iter().filter_map(entry).collect()
    }

    /// The values of a preset; what it does not name is as in `over`. Seed and chunk size stay.
    ///
    /// # Errors
    /// The preset is unknown, or its file is wrong: file, line, and what would be legal.
    pub fn load(&self, name: &str, over: &StreamingValues) -> Result<StreamingValues, PresetError> {
        let builtin = Preset::ALL
            .iter()
            .find(|preset| preset.name.eq_ignore_ascii_case(name));
        let layer = match builtin {
            Some(preset) => preset.layer(),
            None => {
                let path = self.path_of(name)?;
                if !path.is_file() {
                    let known: Vec<String> =
                        self.entries().into_iter().map(|entry| entry.name).collect();
                    return Err(PresetError::Unknown {
                        name: name.to_owned(),
                        known: known.join(", "),
                    });
                }
                read(&path)?
            }
        };
        let over = SettingsLayer::new("the settings in force", changes_of(over));
        Ok(layered(&[over, layer])?.values().clone())
    }

    /// Saves values under a name, replacing what was there; returns the file.
    ///
    /// # Errors
    /// The name is not legal or the program's own, or the file cannot be written; what was there stays then.
    pub fn save(&self, name: &str, values: &StreamingValues) -> Result<PathBuf, PresetError> {
        let path = self.path_of(name)?;
        let io = |path: &Path, source| PresetError::Io {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(|error| io(&self.folder, error))?;
        // Beside it first, so that a full disk leaves the old one whole.
        let beside = path.with_extension("ron.new");
        fs::write(&beside, text_of(values)).map_err(|error| io(&beside, error))?;
        fs::rename(&beside, &path).map_err(|error| io(&path, error))?;
        Ok(path)
    }

    /// Deletes a preset.
    ///
    /// # Errors
    /// It comes with the program, is not there, or cannot be deleted.
    pub fn delete(&self, name: &str) -> Result<(), PresetError> {
        let path = self.path_of(name)?;
        fs::remove_file(&path).map_err(|source| PresetError::Io { path, source })
    }

    fn path_of(&self, name: &str) -> Result<PathBuf, PresetError> {
        let refused = |why| {
            Err(PresetError::Name {
                name: name.to_owned(),
                why,
            })
        };
        if name.is_empty() {
            return refused("it is empty");
        }
        if name.len() > 40 {
            return refused("it is too long");
        }
        let is_legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !name.chars().all(is_legal) {
            return refused("it has other letters in it");
        }
        let builtin = Preset::ALL
            .iter()
            .find(|preset| preset.name.eq_ignore_ascii_case(name));
        match builtin {
            Some(preset) => Err(PresetError::Builtin(preset.name)),
            None => Ok(self.folder.join(format!("{name}.ron"))),
        }
    }
}

/// What makes the world another one is no matter of tuning.
fn is_tuning(field: &str) -> bool {
    !matches!(field, "seed" | "chunk_size_m")
}

fn changes_of(values: &StreamingValues) -> Vec<(String, String)> {
    setting_names()
        .filter_map(|name| Some((name.to_owned(), values.get(name)?)))
        .collect()
}

/// Reads a file and judges it as a whole, over the defaults. A seed or chunk size in it is left out.
fn read(path: &Path) -> Result<SettingsLayer, LayerError> {
    let layer = SettingsLayer::read(path)?;
    layered(std::slice::from_ref(&layer))?;
    let source = fs::read_to_string(path).unwrap_or_default();
    let kept = layer
        .changes()
        .iter()
        .filter(|(field, _)| is_tuning(field))
        .cloned()
        .collect();
    Ok(SettingsLayer::new(path.display().to_string(), kept).with_source(&source))
}

/// The form of a settings file.
pub(super) fn text_of(values: &StreamingValues) -> String {
    let mut text = String::from("// A preset of Ringroad, saved from the panel.\n(\n");
    for (field, value) in changes_of(values) {
        if is_tuning(&field) {
            let is_number = value.parse::<f64>().is_ok();
            let value = if is_number {
                value
            } else {
                format!("\"{value}\"")
            };
            text += &format!("    {field}: {value},\n");
        }
    }
    text + ")\n"
}

/// The fields of two sets of values that differ, but for what makes the world another one.
pub(super) fn tuned_differences(
    saved: &StreamingValues,
    now: &StreamingValues,
) -> Vec<(&'static str, String, String)> {
    let mut differences = saved.differences(now);
    differences.retain(|(field, ..)| is_tuning(field));
    differences
}

/// Whether values are legal as a whole.
pub(super) fn is_legal(values: &StreamingValues) -> bool {
    StreamingSettings::new(values.clone()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scratch(PresetShelf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir()
                .join(format!("ringroad-presets-{}-{name}", std::process::id()));
            Self(PresetShelf::at(folder))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.folder);
        }
    }

    #[test]
    fn what_is_saved_is_loaded_and_seed_and_size_stay() {
        let Scratch(shelf) = &Scratch::new("round");
        let mut values = StreamingValues {
            max_concurrent_tasks: 6,
            apply_budget_ms: 3.25,
            seed: 99,
            ..StreamingValues::default()
        };
        values.set("detail_rings_m", "800,2400").expect("legal");
        shelf.save("race-track", &values).expect("saved");
        let now = StreamingValues {
            seed: 7,
            ..StreamingValues::default()
        };
        let loaded = shelf.load("race-track", &now).expect("loaded");
        assert_eq!(loaded.seed, 7);
        assert_eq!(tuned_differences(&loaded, &values), []);
        let names: Vec<_> = shelf
            .entries()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        assert_eq!(names, ["Conservative", "Balanced", "race-track"]);
        shelf.delete("race-track").expect("deleted");
        assert_eq!(shelf.entries().len(), 2);
    }

    #[test]
    fn a_bad_file_is_listed_with_its_fault_and_refused_with_its_place() {
        let Scratch(shelf) = &Scratch::new("bad");
        fs::create_dir_all(&shelf.folder).expect("made");
        for (name, text, parts) in [
            ("half", "(\n  max_concurrent_ta", ["half.ron:2", ""]),
            (
                "far",
                "(\n  apply_budget_ms: 900,\n)",
                ["far.ron:2:3", "0.05 to 100"],
            ),
            ("odd", "(gravity: 9.81)", ["odd.ron:1", "gravity"]),
        ] {
            fs::write(shelf.folder.join(format!("{name}.ron")), text).expect("written");
            let error = shelf
                .load(name, &StreamingValues::default())
                .expect_err("refused")
                .to_string();
            for part in parts {
                assert!(error.contains(part), "{name}: {error}");
            }
        }
        assert!(
            shelf.entries()[2..]
                .iter()
                .all(|entry| entry.fault.is_some())
        );
    }

    #[test]
    fn a_file_that_no_name_loads_is_listed_with_what_is_wrong_with_its_name() {
        let Scratch(shelf) = &Scratch::new("odd-names");
        fs::create_dir_all(&shelf.folder).expect("made");
        for name in ["a b", "Balanced", "fine"] {
            let text = text_of(&StreamingValues::default());
            fs::write(shelf.folder.join(format!("{name}.ron")), text).expect("written");
        }
        let faults: Vec<_> = shelf.entries()[2..]
            .iter()
            .map(|entry| (entry.name.clone(), entry.fault.clone()))
            .collect();
        let [(_, taken), (_, illegal), (_, fine)] = &faults[..] else {
            panic!("{faults:?}");
        };
        for (fault, parts) in [
            (taken, ["Balanced.ron", "comes with the program", "rename"]),
            (illegal, ["a b.ron", "letters", "rename"]),
        ] {
            let fault = fault.as_deref().expect("no good preset");
            assert!(parts.iter().all(|part| fault.contains(part)), "{fault}");
        }
        assert_eq!(*fine, None);
    }

    #[test]
    fn names_that_leave_the_folder_or_are_taken_are_refused() {
        let Scratch(shelf) = &Scratch::new("names");
        for name in ["", "../up", "a b", "Balanced", "balanced"] {
            assert!(
                shelf.save(name, &StreamingValues::default()).is_err(),
                "{name}"
            );
        }
        let unknown = shelf
            .load("nowhere", &StreamingValues::default())
            .expect_err("unknown")
            .to_string();
        assert!(
            unknown.contains("`nowhere`") && unknown.contains("Conservative"),
            "{unknown}"
        );
    }

    #[test]
    fn presets_of_the_program_are_loaded_by_name() {
        let Scratch(shelf) = &Scratch::new("builtin");
        let loaded = shelf
            .load("balanced", &StreamingValues::default())
            .expect("it comes with the program");
        assert_eq!(loaded.max_concurrent_tasks, 4);
    }
}
