//! Medians, quantiles, and the interval of a median that assumes nothing about the noise.

/// The widest share of cases in which the interval may miss the true median, where there are enough values.
const MISSED_SHARE: f64 = 0.10;

/// A value with the interval that its repetitions leave open.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The median of the repetitions.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// The median with the interval of the sign test; `None` without values, or where one is not finite.
    ///
    /// The interval reaches from the k-th smallest to the k-th largest value, with the largest k for which
    /// it holds the true median in at least 90 % of all cases. With five values those are the least and the
    /// greatest (94 %); with three as well, but then it is 75 %.
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values)?;
        let drop = dropped_at_each_end(sorted.len());
        Some(Self {
            value: quantile_of_sorted(&sorted, 0.5),
            low: sorted[drop],
            high: sorted[sorted.len() - 1 - drop],
        })
    }

    /// How far the interval reaches.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// The value below which a share `at` (0 to 1) of the values lies, by linear interpolation; `None` without
/// values, or where one is not finite.
pub fn quantile(values: &[f64], at: f64) -> Option<f64> {
    Some(quantile_of_sorted(&sorted(values)?, at))
}

/// The median, for a text; NaN without values.
pub fn middle(values: impl Iterator<Item = f64>) -> f64 {
    quantile(&values.collect::<Vec<_>>(), 0.5).unwrap_or(f64::NAN)
}

/// The mean; `None` without values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

fn quantile_of_sorted(sorted: &[f64], at: f64) -> f64 {
    let place = at.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// How many values the sign test may leave out at each end of `count`.
fn dropped_at_each_end(count: usize) -> usize {
    // P(at most k of `count` fair coins show heads), summed from k = 0.
    let mut of_this_many = 0.5_f64.powi(count as i32);
    let mut at_most = of_this_many;
    let mut dropped = 0;
    for heads in 1..=count / 2 {
        of_this_many *= (count - heads + 1) as f64 / heads as f64;
        at_most += of_this_many;
        if 2.0 * at_most > MISSED_SHARE {
            break;
        }
        dropped = heads;
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_quantiles_of_known_series_are_right() {
        let odd = [5.0, 1.0, 3.0];
        assert_eq!(quantile(&odd, 0.5), Some(3.0));
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        let hundred_and_one: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(quantile(&hundred_and_one, 0.99), Some(99.0));
        assert_eq!(quantile(&hundred_and_one, 1.0), Some(100.0));
        assert_eq!(mean(&odd), Some(3.0));
    }

    #[test]
    fn the_interval_is_the_one_of_the_sign_test() {
        // From tables of the binomial distribution: ranks 1–5 of 5, 2–7 of 8 (93 %), 4–12 of 15 (96 %), 6–15 of 20 (96 %).
        for (count, dropped) in [(1, 0), (3, 0), (5, 0), (7, 0), (8, 1), (15, 3), (20, 5)] {
            assert_eq!(dropped_at_each_end(count), dropped, "{count} values");
        }
        let values: Vec<f64> = (1..=15).rev().map(f64::from).collect();
        let estimate = Estimate::of(&values).unwrap();
        assert_eq!(
            (estimate.low, estimate.value, estimate.high),
            (4.0, 8.0, 12.0)
        );
        assert_eq!(estimate.width(), 8.0);
    }

    #[test]
    fn one_outlier_moves_neither_the_median_nor_the_interval_of_many() {
        let calm: Vec<f64> = (0..20).map(|n| 1.0 + f64::from(n) / 100.0).collect();
        let mut noisy = calm.clone();
        noisy[19] = 1_000.0;
        assert_eq!(Estimate::of(&calm), Estimate::of(&noisy));
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_estimate() {
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(Estimate::of(&[1.0, f64::NAN]), None);
        assert_eq!(quantile(&[f64::INFINITY], 0.5), None);
    }
}
