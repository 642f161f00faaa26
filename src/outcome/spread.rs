//! How a figure spreads over replications: its median and the range that holds nine in ten.

use serde::Serialize;

use super::fit::quantile;

/// Median, 5 % and 95 % points of a figure over replications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// 5 % of replications lie below.
    pub p05: f64,
    /// 5 % of replications lie above.
    pub p95: f64,
}

impl Spread {
    /// The spread of `figures`; those that are not finite are left out. None of nothing.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let finite: Vec<f64> = figures.into_iter().filter(|f| f.is_finite()).collect();
        let at = |p: f64| quantile(&finite, p);
        Some(Self { median: at(0.5)?, p05: at(0.05)?, p95: at(0.95)? })
    }

    /// The spread with each point made another.
    pub fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { median: change(self.median), p05: change(self.p05), p95: change(self.p95) }
    }
}

/// `figure` rounded to six significant digits, as tables and summaries give it.
pub fn rounded(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_left_out() {
        let spread = Spread::of([4.0, f64::NAN, 2.0]).unwrap();
        assert_eq!((spread.median, rounded(spread.p05), rounded(spread.p95)), (3.0, 2.1, 3.9));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn six_digits_are_kept() {
        assert_eq!(rounded(1_234_567.0), 1_234_570.0);
        assert_eq!(rounded(0.1 + 0.2), 0.3);
        assert_eq!(rounded(0.0), 0.0);
    }
}
