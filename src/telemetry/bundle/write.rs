//! Writes the files of a bundle, into a folder that no other bundle has.

use std::{
    fs,
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
};

use super::{BundleSaved, content::files, copy::Copied};

/// Where a bundle goes.
pub(super) enum Target {
    /// Exactly there.
    This(PathBuf),
    /// Into a new folder below this one, the first free number from this on.
    New { below: PathBuf, from: u32 },
}

impl Target {
    /// What is named when not even a folder can be made.
    pub fn folder_for_errors(&self) -> PathBuf {
        match self {
            Self::This(folder) | Self::New { below: folder, .. } => folder.clone(),
        }
    }

    /// Makes the folder. A new one is made by exactly one of those that ask, also of several programs.
    fn make(&self, word: &str) -> Result<PathBuf, (PathBuf, Error)> {
        let folder = self.folder_for_errors();
        fs::create_dir_all(&folder).map_err(|error| (folder, error))?;
        let (below, from) = match self {
            Self::This(folder) => return Ok(folder.clone()),
            Self::New { below, from } => (below, *from),
        };
        let mut number = from;
        loop {
            let folder = below.join(format!("bundle-{number:04}-{word}"));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err((folder, error)),
            }
        }
    }
}

/// Writes what was copied.
pub(super) fn write(copied: &Copied, target: &Target) -> BundleSaved {
    let failed = |folder: PathBuf, path: &Path, error: Error| BundleSaved {
        folder,
        error: Some(format!("bundle {}: {error}", path.display())),
    };
    let folder = match target.make(&copied.reason.word()) {
        Ok(folder) => folder,
        Err((path, error)) => return failed(target.folder_for_errors(), &path, error),
    };
    for (name, content) in files(copied) {
        let path = folder.join(name);
        if let Err(error) = fs::write(&path, content) {
            return failed(folder, &path, error);
        }
    }
    BundleSaved {
        folder,
        error: None,
    }
}
