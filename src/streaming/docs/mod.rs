//! Pages about streaming as a whole, for who brings a game of their own.
//!
//! | page | tells |
//! | --- | --- |
//! | [`guide`] | how to bring your generator, step by step |
//! | [`flow`] | what happens in a frame, and in the life of a chunk |
//! | [`laws`] | the fifteen laws, what keeps each, and how it is checked |
//! | [`costs`] | what it takes of a machine, as ratios, and how they were measured |
//! | [`settings`] | every setting with its default and its legal range |
//! | [`changes`] | how to keep what the player changed |
//!
//! They are written as files of their own in the folder `docs` of this package, and hold no items.

#[expect(unused_imports, reason = "the pages link to what they speak of")]
use crate::*;

// Each page names its neighbours by file, for who reads it as one; here the same names lead to modules. The first
// of two definitions counts, so these come before the page.

#[doc = "[settings]: crate::docs::settings\n[changes]: crate::docs::changes\n"]
#[doc = include_str!("guide.md")]
pub mod guide {}

#[doc = "[laws]: crate::docs::laws\n[costs]: crate::docs::costs\n[guide]: crate::docs::guide\n[settings]: crate::docs::settings\n"]
#[doc = include_str!("flow.md")]
pub mod flow {}

#[doc = include_str!("laws.md")]
pub mod laws {}

#[doc = include_str!("costs.md")]
pub mod costs {}

#[doc = include_str!("settings.md")]
pub mod settings {}

#[doc = include_str!("changes.md")]
pub mod changes {}

#[cfg(test)]
mod tests {
    use crate::{COMPOSITES, FIELDS, LAWS, MAX_MESHES_PER_CHUNK, StreamingValues};

    #[test]
    fn the_page_of_settings_states_every_field_with_its_default_and_its_range() {
        // Names in sentences have backticks there.
        let page = include_str!("settings.md").replace('`', "");
        let defaults = StreamingValues::default();
        for spec in FIELDS {
            let (low, high) = spec.hard;
            let high = if high >= u64::MAX as f64 {
                u64::MAX.to_string()
            } else {
                high.to_string()
            };
            let default = defaults.get(spec.name).unwrap();
            let row = format!(
                "| {} | {} | {default} | {low} to {high} | {} |",
                spec.name, spec.unit, spec.help
            );
            assert!(page.contains(&row), "missing: {row}");
        }
        for spec in COMPOSITES {
            let default = defaults.get(spec.name).unwrap();
            let row = format!("| {default} | {} | {} |", spec.form, spec.help);
            assert!(page.contains(&row), "missing: {row}");
        }
    }

    #[test]
    fn the_page_of_laws_has_each_law_and_each_check() {
        let page = include_str!("laws.md");
        for number in 1..=LAWS {
            let rows = page.matches(&format!("\n| {number} | ")).count();
            assert_eq!(rows, 2, "law {number}");
        }
    }

    #[test]
    fn the_guide_states_the_limits_in_force() {
        let page = include_str!("guide.md");
        assert_eq!(MAX_MESHES_PER_CHUNK, 4);
        let reach = crate::content_checks::REACH_CELLS;
        let least = crate::content_checks::LEAST_REACH_M;
        let scale = crate::content_checks::MOST_SCALE;
        assert_eq!((reach, least, scale), (4.0, 1_000.0, 10_000.0));
        for limit in [
            "more than four meshes",
            "four cells, or 1,000 m",
            "10,000 times",
        ] {
            assert!(page.contains(limit), "{limit}");
        }
    }
}
