//! What a change of one setting takes along, and the way back to what is saved.

use crate::{
    overlay::panel::{Intent, TuningView},
    settings::TuneRequest,
    streaming::{COMPOSITES, FIELDS, StreamingValues},
    telemetry::snapshot::PanelData,
};

/// What resets go back to: the preset that was saved or loaded last, or the start where nothing was.
#[derive(Copy, Clone, Debug)]
pub(super) struct Saved<'a> {
    /// The values.
    pub values: &'a StreamingValues,
    /// Their name; `None` is the start.
    name: Option<&'a str>,
}

impl<'a> Saved<'a> {
    pub fn of(data: &'a PanelData, view: Option<&'a TuningView>) -> Self {
        let view = view.and_then(|view| Some((view.saved_values.as_ref()?, view.saved.as_deref())));
        let (values, name) = view.unwrap_or((&data.settings_at_start, None));
        Self { values, name }
    }

    /// Whose values these are, in words.
    pub fn whose(&self) -> String {
        match self.name {
            None => "the start".to_owned(),
            Some(name) => format!("“{name}”, saved or loaded last"),
        }
    }
}

/// Settings that only an explicit regeneration changes: they have no slider, and "reset all" leaves them alone.
pub(super) const REGENERATING: [&str; 2] = ["chunk_size_m", "seed"];

/// A value as settings read it: whole numbers without decimals, others as short as they are exact.
pub(super) fn shown(value: f64, is_whole: bool) -> String {
    if is_whole && value.is_finite() {
        format!("{value:.0}")
    } else {
        value.to_string()
    }
}

/// The change of one field, and of those that must move with it to stay legal:
/// the load radius takes the unload and view radii along, their margins kept, and never passes under the must-have radius.
pub(super) fn with_margins(
    name: &str,
    value: f64,
    text: &str,
    now: &StreamingValues,
) -> Vec<(String, String)> {
    let mut changes = vec![(name.to_owned(), text.to_owned())];
    if name == "load_radius_m" {
        let unload_margin_m = now.unload_radius_m - now.load_radius_m;
        let view_margin_m = now.view_radius_m - now.load_radius_m;
        changes.push((
            "unload_radius_m".to_owned(),
            shown(value + unload_margin_m, false),
        ));
        changes.push((
            "view_radius_m".to_owned(),
            shown(value + view_margin_m, false),
        ));
        if value < now.must_have_radius_m {
            changes.push(("must_have_radius_m".to_owned(), shown(value, false)));
        }
    }
    changes
}

/// The proposal of another load radius, in metres, with all that must follow it.
pub(in crate::overlay::panel) fn load_radius(
    radius_m: f64,
    now: &StreamingValues,
) -> Vec<(String, String)> {
    with_margins("load_radius_m", radius_m, &shown(radius_m, false), now)
}

/// What takes one slider back to what is saved. The radii that follow the load radius go back with it.
pub(super) fn reset_of(name: &str, data: &PanelData, saved: Saved<'_>) -> Intent {
    if name != "load_radius_m" {
        return Intent::Tune(TuneRequest::ResetField(name.to_owned()));
    }
    let together = [
        "load_radius_m",
        "unload_radius_m",
        "view_radius_m",
        "must_have_radius_m",
    ];
    let changes = changes_to_saved(data, saved)
        .into_iter()
        .filter(|(field, _)| together.contains(&field.as_str()));
    Intent::Propose(changes.collect())
}

/// Every setting that differs from what is saved, with its saved value.
pub(super) fn changes_to_saved(data: &PanelData, saved: Saved<'_>) -> Vec<(String, String)> {
    FIELDS
        .iter()
        .map(|spec| spec.name)
        .chain(COMPOSITES.iter().map(|spec| spec.name))
        .filter(|name| !REGENERATING.contains(name))
        .filter_map(|name| {
            let then = saved.values.get(name)?;
            (data.settings.get(name)? != then).then(|| (name.to_owned(), then))
        })
        .collect()
}
