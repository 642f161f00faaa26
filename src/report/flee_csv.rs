//! Flee's `out.csv`: one row for each day, column by column as Flee prints it, so that Flee's own scripts can read a run.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use crate::outcome::fit::round4;

/// What one day's row is made of, in agents (Flee does not multiply by `hasten`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleeDay<'a> {
    /// Agents in each camp at the end of the day.
    pub sim: &'a [i64],
    /// The record of each camp on the day.
    pub data: &'a [i64],
    /// All agents in the system, those on the way included.
    pub agents: u64,
    /// Sum of the daily differences of the record so far; on day 0 `total` and the camps together.
    pub raw: i64,
    /// Agents too many in the system after a fall of the record.
    pub debt: u64,
    /// Agents in the home country, if the settings ask for that column.
    pub idps: Option<u64>,
}

/// The whole of `out.csv`: `camps` names the camps in the order of [`FleeDay::sim`]; day 0 is `start`; line ends are `\n`.
pub fn out_csv(camps: &[&str], start: NaiveDate, days: &[FleeDay<'_>]) -> String {
    let with_idps = days.first().is_some_and(|day| day.idps.is_some());
    let mut text = header(camps, with_idps);
    text.push('\n');
    for (day, values) in (0..).zip(days) {
        text.push_str(&row(day, start, values));
        text.push('\n');
    }
    text
}

/// The header. Names of camps are not quoted, as in Flee; a comma in a name is written as a blank, which Flee would print as it is
/// and so break the table.
pub fn header(camps: &[&str], with_idps: bool) -> String {
    let mut text = "Day,Date,".to_owned();
    for camp in camps {
        let camp = camp.replace([',', '\n', '\r'], " ");
        let _ = write!(text, "{camp} sim,{camp} data,{camp} error,");
    }
    text.push_str("Total error,refugees in camps (UNHCR),total refugees (simulation),raw UNHCR refugee count,");
    text.push_str("refugees in camps (simulation),refugee_debt");
    if with_idps {
        text.push_str(",total IDPs");
    }
    text
}

/// The row of day `day`, without line end. Its date is that of the next day, as in Flee, where the calendar advances before the
/// row is printed. A camp's error is |sim / data - 1| to 4 decimals, 0 where there are no data; the total error is the sum of
/// |sim - data| over the raw count. Where the raw count is not above 0, the fields made from it are 0.
pub fn row(day: u32, start: NaiveDate, values: &FleeDay<'_>) -> String {
    let date = start.checked_add_days(Days::new(u64::from(day) + 1)).unwrap_or(NaiveDate::MAX);
    let mut text = format!("{day},{}", date.format("%Y-%m-%d"));
    let mut missed = 0.0;
    for (&sim, &data) in values.sim.iter().zip(values.data) {
        let error = if data > 0 { round4((sim as f64 / data as f64 - 1.0).abs()) } else { 0.0 };
        missed += (sim as f64 - data as f64).abs();
        let _ = write!(text, ",{sim},{data},{}", python_float(error));
    }
    let in_camps: i64 = values.sim.iter().sum();
    let FleeDay { agents, raw, debt, .. } = values;
    if *raw > 0 {
        let recorded: i64 = values.data.iter().sum();
        let total_error = python_float(missed / *raw as f64);
        let _ = write!(text, ",{total_error},{recorded},{agents},{raw},{in_camps},{debt}");
    } else {
        let _ = write!(text, ",0.0,0,{agents},0,{in_camps},0");
    }
    if let Some(idps) = values.idps {
        let _ = write!(text, ",{idps}");
    }
    text
}

/// A finite number of at least 0 as Python prints it: the shortest digits that give it back, always with a point or exponent,
/// an exponent of at least two digits below 0.0001 and from 1e16 on.
fn python_float(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e16).contains(&value.abs()) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = value.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (2.0, "2.0"),
            (0.1234, "0.1234"),
            (1.0 / 3.0, "0.3333333333333333"),
            (0.0001, "0.0001"),
            (0.000025, "2.5e-05"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
        ] {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn a_table_of_two_days() {
        let start = NaiveDate::from_ymd_opt(2020, 2, 28).unwrap();
        let days = [
            FleeDay { sim: &[30, 7], data: &[40, 0], agents: 60, raw: 90, debt: 0, idps: None },
            FleeDay { sim: &[44, 9], data: &[41, 3], agents: 64, raw: 94, debt: 2, idps: None },
        ];
        assert_eq!(
            out_csv(&["East", "West, new"], start, &days),
            "Day,Date,East sim,East data,East error,West  new sim,West  new data,West  new error,Total error,\
             refugees in camps (UNHCR),total refugees (simulation),raw UNHCR refugee count,refugees in camps (simulation),\
             refugee_debt\n\
             0,2020-02-29,30,40,0.25,7,0,0.0,0.18888888888888888,40,60,90,37,0\n\
             1,2020-03-01,44,41,0.0732,9,3,2.0,0.09574468085106383,44,64,94,53,2\n"
        );
    }

    #[test]
    fn without_a_record_the_fields_made_of_it_are_zero() {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let day = FleeDay { sim: &[5], data: &[9], agents: 8, raw: 0, debt: 4, idps: Some(3) };
        assert_eq!(row(0, start, &day), "0,2020-01-02,5,9,0.4444,0.0,0,8,0,5,0,3");
        assert!(header(&["A"], true).ends_with("refugee_debt,total IDPs"));
    }
}
