//! Paths into a report, checked against what every report has.

use serde_json::Value;

use crate::scenario::report::{LIST_PATHS, MARK_PATHS, legal_paths};
use crate::settings::did_you_mean;

/// A path into the report.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    root: Root,
    keys: Vec<String>,
}

/// Where the keys of a path begin.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Root {
    /// The report itself.
    Report,
    /// The mark of this name.
    Mark(String),
    /// An item of a list of the report, by its index.
    Item {
        /// The path of the list.
        list: String,
        /// From 0.
        index: usize,
    },
}

impl Path {
    /// A path that every report has, or why it is none.
    pub fn checked(root: Root, keys: &str) -> Result<Self, String> {
        let path = Self {
            root,
            keys: keys.split('.').map(str::to_owned).collect(),
        };
        path.check(keys)?;
        Ok(path)
    }

    /// The name of the mark that it goes into.
    pub fn mark(&self) -> Option<&str> {
        match &self.root {
            Root::Mark(name) => Some(name),
            Root::Report | Root::Item { .. } => None,
        }
    }

    /// What stands there.
    pub fn find<'a>(&self, report: &'a Value) -> Option<&'a Value> {
        let root = match &self.root {
            Root::Report => report,
            Root::Mark(name) => report
                .get("marks")?
                .as_array()?
                .iter()
                .find(|mark| mark["name"] == name.as_str())?,
            Root::Item { list, index } => list
                .split('.')
                .try_fold(report, |value, key| value.get(key))?
                .get(*index)?,
        };
        self.keys.iter().try_fold(root, |value, key| value.get(key))
    }

    fn check(&self, path: &str) -> Result<(), String> {
        let (legal, whose): (Vec<&str>, &str) = match &self.root {
            Root::Report => (legal_paths().iter().map(String::as_str).collect(), "report"),
            Root::Mark(_) => (MARK_PATHS.iter().map(String::as_str).collect(), "mark"),
            Root::Item { list, .. } => {
                let lists = || LIST_PATHS.iter().map(|(name, _)| *name);
                let found = LIST_PATHS.iter().find(|(name, _)| name == list);
                let (_, keys) = found.ok_or_else(|| {
                    format!(
                        "there is no list `{list}` in a report{}; the lists are {}",
                        did_you_mean(list, lists()),
                        lists().collect::<Vec<_>>().join(", ")
                    )
                })?;
                (keys.to_vec(), "list item")
            }
        };
        if legal.contains(&path) {
            return Ok(());
        }
        let prefix = format!("{path}.");
        let below: Vec<&str> = legal
            .iter()
            .filter(|legal| legal.starts_with(&prefix))
            .copied()
            .collect();
        if !below.is_empty() {
            return Err(format!(
                "`{path}` is not one value; its values are {}",
                below.join(", ")
            ));
        }
        Err(format!(
            "there is no `{path}` in a {whose}{}; legal are {}",
            did_you_mean(path, legal.iter().copied()),
            legal.join(", ")
        ))
    }
}
