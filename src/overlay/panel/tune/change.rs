//! What a change of one setting takes along, and the way back to the start.

use crate::{
    streaming::{COMPOSITES, FIELDS, StreamingValues},
    telemetry::snapshot::PanelData,
};

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

/// The proposal that takes one slider back to the start.
pub(super) fn reset_of(name: &str, data: &PanelData) -> Vec<(String, String)> {
    let fields: &[&str] = match name {
        "load_radius_m" => &[
            "load_radius_m",
            "unload_radius_m",
            "view_radius_m",
            "must_have_radius_m",
        ],
        _ => &[name],
    };
    changes_to_start(data)
        .into_iter()
        .filter(|(field, _)| fields.contains(&field.as_str()))
        .collect()
}

/// Every setting that differs from the start, with its value at the start.
pub(super) fn changes_to_start(data: &PanelData) -> Vec<(String, String)> {
    FIELDS
        .iter()
        .map(|spec| spec.name)
        .chain(COMPOSITES.iter().map(|spec| spec.name))
        .filter(|name| !REGENERATING.contains(name))
        .filter_map(|name| {
            let start = data.settings_at_start.get(name)?;
            (data.settings.get(name)? != start).then(|| (name.to_owned(), start))
        })
        .collect()
}
