//! The run beside the record: every observation with the figure of the run that answers to it, and how far they lie apart.

use chrono::NaiveDate;
use serde::Serialize;

use super::fit::{quantile, relative_error, weighted_relative_error};
use crate::scenario::scenario::{ObservationRow, ObservedGroup};

use super::spread::{Spread, rounded};
use super::watch::{Replication, Watch};

/// An observation beside the run.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// The row of the record.
    pub row: &'a ObservationRow,
    /// The run, over replications, in persons.
    pub simulated: Spread,
    /// (median - recorded) / recorded; `None` where nobody was recorded.
    pub rel_error: Option<f64>,
    /// Whether parameters were set with its help (`fitted_until`); `None` where the scenario does not say.
    pub fitted: Option<bool>,
}

/// How well a set of observations is met: M47.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fit {
    /// Number of observations.
    pub observations: usize,
    /// Averaged relative difference: sum of |simulated - recorded| over sum of recorded.
    pub averaged_relative_difference: Option<f64>,
    /// Median of |simulated - recorded| / recorded.
    pub median_relative_error: Option<f64>,
}

/// Every one of `rows` that `watch` watches in `replications`, in order.
pub fn compare_rows<'a>(
    rows: &'a [ObservationRow],
    fitted_until: Option<NaiveDate>,
    watch: &Watch,
    replications: &[Replication],
) -> Vec<Compared<'a>> {
    watch
        .observations
        .iter()
        .enumerate()
        .filter_map(|(index, watched)| {
            let row = rows.get(watched.row)?;
            let figures = replications.iter().filter_map(|r| r.observed.get(index).copied());
            let simulated = Spread::of(figures)?;
            let rel_error = relative_error(simulated.median, row.value);
            Some(Compared { row, simulated, rel_error, fitted: fitted_until.map(|until| row.date <= until) })
        })
        .collect()
}

/// M47 over `compared`.
pub fn fit<'a>(compared: impl IntoIterator<Item = &'a Compared<'a>>) -> Fit {
    let (mut simulated, mut recorded, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for one in compared {
        simulated.push(one.simulated.median);
        recorded.push(one.row.value);
        errors.extend(one.rel_error.map(f64::abs));
    }
    Fit {
        observations: recorded.len(),
        averaged_relative_difference: weighted_relative_error(&simulated, &recorded).map(rounded),
        median_relative_error: quantile(&errors, 0.5).map(rounded),
    }
}

/// The word of `observations.csv` for whom an observation counts.
pub fn group_word(group: &ObservedGroup) -> String {
    match group {
        ObservedGroup::All => "all".to_owned(),
        ObservedGroup::Migrants => "migrants".to_owned(),
        ObservedGroup::Tcn => "tcn".to_owned(),
        ObservedGroup::Flow(nationality) => format!("flow:{nationality}"),
        ObservedGroup::Nationality(nationality) => format!("nationality:{nationality}"),
    }
}
