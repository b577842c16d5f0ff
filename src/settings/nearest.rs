//! A hint for a misspelt name: the legal name nearest to it.

/// Settings and events that the documentation names and that are not in this version.
const LATER: &[&str] = &["FollowAdvice"];

/// What there is to say of an unknown name: that it comes later, or which legal one is near.
pub fn about_unknown<'a>(given: &str, legal: impl IntoIterator<Item = &'a str>) -> String {
    if LATER.contains(&given) {
        " (it is not in this version yet)".to_owned()
    } else {
        did_you_mean(given, legal)
    }
}

/// ` (did you mean …?)` when a legal name is close to `given`, else nothing.
pub fn did_you_mean<'a>(given: &str, legal: impl IntoIterator<Item = &'a str>) -> String {
    let given = given.to_lowercase();
    legal
        .into_iter()
        .map(|name| (edits(&given, &name.to_lowercase()), name))
        .filter(|(edits, name)| *edits <= (name.len().max(given.len()) / 3).max(1))
        .min()
        .map(|(_, name)| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

/// Levenshtein's distance, in characters.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest_legal_one() {
        let legal = ["load_radius_m", "unload_radius_m", "seed"];
        assert_eq!(
            did_you_mean("load_radus_m", legal),
            " (did you mean `load_radius_m`?)"
        );
        assert_eq!(did_you_mean("Sead", legal), " (did you mean `seed`?)");
    }

    #[test]
    fn a_name_of_a_later_version_is_told_from_a_misspelt_one() {
        let legal = ["memory_cap", "seed"];
        for later in LATER {
            assert!(about_unknown(later, legal).contains("not in this version yet"));
        }
        assert_eq!(
            about_unknown("memory_cup", legal),
            " (did you mean `memory_cap`?)"
        );
    }

    #[test]
    fn a_name_like_no_other_gets_no_hint() {
        assert_eq!(did_you_mean("gravity", ["load_radius_m", "seed"]), "");
        assert_eq!(did_you_mean("", ["seed"]), "");
    }
}
