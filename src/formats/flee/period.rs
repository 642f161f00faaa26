//! `sim_period.csv`: when the simulation starts and how long it lasts.

use chrono::NaiveDate;

use super::cells::{Table, date, whole};
use crate::scenario::problem::{Problems, nearest};

/// The simulated days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Day 0.
    pub start: NaiveDate,
    /// Number of days, 1 to 36,525.
    pub days: u32,
}

/// Reads the keys `StartDate` and `Length`; capital letters do not matter.
pub(super) fn read(table: &Table, problems: &mut Problems) -> Option<Period> {
    let (mut start, mut days) = (None, None);
    let (mut has_start, mut has_length) = (false, false);
    for row in table.rows.iter().filter(|row| !row.is_comment()) {
        match row.cell(0).to_lowercase().as_str() {
            "startdate" => {
                has_start = true;
                start = date(table.at(row, 1, "StartDate"), problems);
            }
            "length" => {
                has_length = true;
                days = whole(table.at(row, 1, "Length"), 1, problems).filter(|&days| {
                    if days > 36_525 {
                        problems.error(table.at(row, 1, "Length"), "more than 100 years", "write the number of days");
                    }
                    days <= 36_525
                });
            }
            "" => {}
            other => {
                let fix = match nearest(other, ["StartDate", "Length"]) {
                    Some(known) => format!("write '{known}' if that is meant"),
                    None => "keep the rows StartDate and Length only".to_owned(),
                };
                problems.warning(table.at(row, 0, "key"), "unknown key, ignored", fix);
            }
        }
    }
    if !has_start {
        problems.error(table.whole_file(), "no StartDate", "add a row: StartDate,YYYY-MM-DD");
    }
    if !has_length {
        problems.error(table.whole_file(), "no Length", "add a row: Length,days");
    }
    Some(Period { start: start?, days: u32::try_from(days?).ok()? })
}
