//! Validation against a record: every observation beside the run, and the errors by country and overall, before and after the
//! last date whose observations were used to set parameters.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::outcome::record::{Compared, Fit, compare_rows, fit, group_word};
use crate::outcome::spread::rounded;
use crate::outcome::watch::{Replication, Watch};
use crate::scenario::scenario::ObservationRow;
use crate::scenario::world::World;

use super::replicate::replicate;

/// Runs of a world beside a record.
#[derive(Debug)]
pub struct Validation<'a> {
    rows: &'a [ObservationRow],
    /// Every observation that the run answers to, in the order of the record.
    pub compared: Vec<Compared<'a>>,
    /// What was kept of each replication.
    pub replications: Vec<Replication>,
    fitted_until: Option<NaiveDate>,
}

/// Runs `replications` of `world` and sets each of `rows` beside them. `on_day` hears of every day that is over.
pub fn validate<'a>(
    world: &World,
    rows: &'a [ObservationRow],
    fitted_until: Option<NaiveDate>,
    seed: u64,
    replications: u32,
    on_day: impl Fn() + Sync,
) -> Validation<'a> {
    let watch = Watch::new(rows, world);
    let replications = replicate(world, seed, replications, on_day, |_, outcome| watch.reduce(world, &outcome));
    let compared = compare_rows(rows, fitted_until, &watch, &replications);
    Validation { rows, compared, replications, fitted_until }
}

impl Validation<'_> {
    /// Errors by where it was observed, and overall (`all`), before and after the last date that was fitted.
    fn errors(&self) -> BTreeMap<(String, &'static str), Fit> {
        let mut errors = BTreeMap::new();
        let mut spots: Vec<String> = self.compared.iter().map(|c| c.row.where_.clone()).collect();
        spots.sort();
        spots.dedup();
        for (part, fitted) in [("all dates", None), ("fitted", Some(true)), ("after", Some(false))] {
            let of_part = |c: &&Compared<'_>| fitted.is_none() || c.fitted == fitted;
            for spot in &spots {
                let found = fit(self.compared.iter().filter(of_part).filter(|c| c.row.where_ == *spot));
                errors.insert((spot.clone(), part), found);
            }
            errors.insert(("all".to_owned(), part), fit(self.compared.iter().filter(of_part)));
        }
        errors.retain(|_, fit| fit.observations > 0);
        errors
    }

    /// The comparison as JSON: every observation of the record, those that no run answers to with nulls.
    pub fn json(&self) -> Value {
        let row = |row: &ObservationRow| {
            let found = self.compared.iter().find(|c| std::ptr::eq(c.row, row));
            let figure = |of: fn(&Compared<'_>) -> f64| found.map(|c| rounded(of(c)));
            json!({
                "date": row.date.to_string(),
                "where": row.where_,
                "measure": row.measure.as_str(),
                "group": group_word(&row.group),
                "recorded": row.value,
                "median": figure(|c| c.simulated.median),
                "p05": figure(|c| c.simulated.p05),
                "p95": figure(|c| c.simulated.p95),
                "rel_error": found.and_then(|c| c.rel_error).map(rounded),
                "fitted": found.and_then(|c| c.fitted),
            })
        };
        let errors: Vec<Value> = self
            .errors()
            .into_iter()
            .map(|((spot, part), fit)| json!({ "where": spot, "dates": part, "fit": fit }))
            .collect();
        json!({
            "simulated": true,
            "disclaimer": crate::report::DISCLAIMER,
            "replications": self.replications.len(),
            "fitted_until": self.fitted_until.map(|d| d.to_string()),
            "observations": self.rows.iter().map(row).collect::<Vec<_>>(),
            "errors": errors,
        })
    }

    /// The comparison as a plain table.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{:<10}  {:<16} {:<21} {:<16} {:>9} {:>9} {:>9} {:>9} {:>7}",
            "date", "where", "measure", "group", "recorded", "median", "5 %", "95 %", "error"
        );
        for c in &self.compared {
            let error = c.rel_error.map_or("-".to_owned(), |e| format!("{:+.0} %", 100.0 * e));
            let mark = if c.fitted == Some(false) { " *" } else { "" };
            let _ = writeln!(
                text,
                "{}  {:<16} {:<21} {:<16} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {:>7}{mark}",
                c.row.date,
                c.row.where_,
                c.row.measure.as_str(),
                group_word(&c.row.group),
                c.row.value,
                c.simulated.median,
                c.simulated.p05,
                c.simulated.p95,
                error
            );
        }
        if let Some(until) = self.fitted_until {
            let _ = writeln!(text, "* after {until}: not used to set any parameter");
        }
        let _ = writeln!(
            text,
            "\n{:<16} {:<10} {:>13} {:>22} {:>14}",
            "where", "dates", "observations", "sum |error| / record", "median |error|"
        );
        for ((spot, part), fit) in self.errors() {
            let percent = |share: Option<f64>| share.map_or("-".to_owned(), |s| format!("{:.0} %", 100.0 * s));
            let _ = writeln!(
                text,
                "{spot:<16} {part:<10} {:>13} {:>22} {:>14}",
                fit.observations,
                percent(fit.averaged_relative_difference),
                percent(fit.median_relative_error)
            );
        }
        let _ = writeln!(text, "\n{}", crate::report::DISCLAIMER);
        text
    }
}
