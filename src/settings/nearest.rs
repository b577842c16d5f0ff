//! A hint for a misspelt name: the legal name nearest to it.

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
    fn a_name_like_no_other_gets_no_hint() {
        assert_eq!(did_you_mean("gravity", ["load_radius_m", "seed"]), "");
        assert_eq!(did_you_mean("", ["seed"]), "");
    }
}
