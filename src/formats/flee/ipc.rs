//! `region_attributes_IPC.csv`: the share of people in critical food insecurity, by region.

use super::cells::{Table, number};
use super::day_table;
use super::locations::Location;
use crate::scenario::problem::{At, Problems, nearest};

/// Food insecurity by region, to be interpolated between the days that the file has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoodInsecurity {
    /// Days of the file, rising.
    pub days: Vec<f64>,
    /// Region and its percentages, 0 to 100, one for each of `days`.
    pub regions: Vec<(String, Vec<f64>)>,
}

impl FoodInsecurity {
    /// Percentage in `region` on `day`, linear between the days of the file; `None` for an unknown region or a day outside.
    pub fn at(&self, region: &str, day: u32) -> Option<f64> {
        let (_, values) = self.regions.iter().find(|(name, _)| name == region)?;
        let day = f64::from(day);
        let after = self.days.iter().position(|&known| known >= day)?;
        if self.days[after] == day {
            return values.get(after).copied();
        }
        let before = after.checked_sub(1)?;
        let share = (day - self.days[before]) / (self.days[after] - self.days[before]);
        Some(values[before] + share * (values[after] - values[before]))
    }
}

/// Reads the table, whose days must rise and reach from day 0 to the last of `days`.
pub(super) fn read(
    table: &Table,
    locations: &[Location],
    days: Option<u32>,
    problems: &mut Problems,
) -> FoodInsecurity {
    let Some(table_by_day) = day_table::read(table, 100.0, problems) else { return FoodInsecurity::default() };
    let mut known: Vec<f64> = Vec::new();
    for (text, &line) in table_by_day.days.iter().zip(&table_by_day.lines) {
        let at = At { file: &table.file, line, column: "#Day", value: text };
        let Some(day) = number(at.clone(), f64::MIN, f64::MAX, problems) else { continue };
        if known.last().is_some_and(|&before| day <= before) {
            problems.error(at.clone(), "not after the day before it", "put the rows in order of days");
        }
        known.push(day);
    }
    let last_needed = f64::from(days.unwrap_or(1).saturating_sub(1));
    if let (Some(&first), Some(&last)) = (known.first(), known.last())
        && (first > 0.0 || last < last_needed)
    {
        let message = format!("covers days {first} to {last}, but days 0 to {last_needed} are needed");
        problems.error(table.whole_file(), message, "add rows for the first and the last day");
    }
    for column in &table_by_day.columns {
        if !locations.iter().any(|location| location.region == column.name) {
            let at =
                At { file: &table.file, line: table_by_day.header_line, column: &column.name, value: &column.name };
            let fix = match nearest(&column.name, locations.iter().map(|location| location.region.as_str())) {
                Some(region) => format!("write '{region}' if that is meant"),
                None => "write a region as in locations.csv".to_owned(),
            };
            problems.warning(at, "no place of locations.csv is in this region", fix);
        }
    }
    let regions = table_by_day.columns.into_iter().map(|column| (column.name, column.values)).collect();
    FoodInsecurity { days: known, regions }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_linear_between_days() {
        let food = FoodInsecurity { days: vec![0.0, 10.0], regions: vec![("R".to_owned(), vec![20.0, 40.0])] };
        assert_eq!(food.at("R", 0), Some(20.0));
        assert_eq!(food.at("R", 5), Some(30.0));
        assert_eq!(food.at("R", 10), Some(40.0));
        assert_eq!((food.at("R", 11), food.at("S", 0)), (None, None));
    }
}
