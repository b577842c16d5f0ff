//! From a long list that fails to a short one that still does.

/// Drops items while the list still fails, until dropping any single one would let it pass or `budget`
/// tries were made. Items keep their order. This is `ddmin` (Zeller and Hildebrandt: "Simplifying and
/// isolating failure-inducing input", 2002) with complements only.
pub fn shrink<T: Clone>(
    items: &[T],
    mut budget: usize,
    mut still_fails: impl FnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut kept = items.to_vec();
    let mut part = kept.len().div_ceil(2);
    while part > 0 && !kept.is_empty() {
        let mut start = 0;
        let mut has_dropped = false;
        while start < kept.len() {
            if budget == 0 {
                return kept;
            }
            budget -= 1;
            let end = (start + part).min(kept.len());
            let candidate: Vec<T> = kept[..start].iter().chain(&kept[end..]).cloned().collect();
            if still_fails(&candidate) {
                kept = candidate;
                has_dropped = true;
            } else {
                start = end;
            }
        }
        part = match part {
            // Dropping one may have made another needless.
            1 if has_dropped => 1,
            1 => 0,
            _ => part.div_ceil(2),
        };
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_cause_of_two_is_found_among_many() {
        let items: Vec<u32> = (0..200).collect();
        let mut tries = 0;
        let found = shrink(&items, 1_000, |list| {
            tries += 1;
            let first = list.iter().position(|item| *item == 31);
            let second = list.iter().position(|item| *item == 170);
            matches!((first, second), (Some(first), Some(second)) if first < second)
        });
        assert_eq!(found, [31, 170]);
        assert!(tries < 100, "{tries}");
    }

    #[test]
    fn what_fails_by_itself_shrinks_to_nothing_and_a_budget_is_kept() {
        assert!(shrink(&[1, 2, 3], 100, |_| true).is_empty());
        let mut tries = 0;
        let all: Vec<u32> = (0..50).collect();
        let kept = shrink(&all, 7, |list| {
            tries += 1;
            list.len() == 50
        });
        assert_eq!((kept.len(), tries), (50, 7));
    }
}
