//! `flood_level.csv`: how deep the water is, where and when.

use super::cells::Table;
use super::day_table;
use super::locations::{Names, suggestion};
use crate::scenario::problem::{At, Problems};

/// The flood levels of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct FloodColumn {
    /// Which place.
    pub location: usize,
    /// Level on day 0, 1, 2, ...; 0 is dry. Flee cuts off the decimals when it applies a level.
    pub level: Vec<f64>,
}

/// Reads the table; places that it does not have stay dry.
pub(super) fn read(table: &Table, names: &Names, days: Option<u32>, problems: &mut Problems) -> Vec<FloodColumn> {
    let Some(table_by_day) = day_table::read(table, f64::MAX, problems) else { return Vec::new() };
    if let Some(days) = days {
        table_by_day.check_days(&table.file, days, problems);
    }
    let mut floods = Vec::new();
    for column in table_by_day.columns {
        let at = At { file: &table.file, line: table_by_day.header_line, column: &column.name, value: &column.name };
        match names.get(&column.name) {
            Some(&location) => floods.push(FloodColumn { location, level: column.values }),
            None if column.values.iter().any(|&level| level > 0.0) => {
                problems.error(at, "no such place in locations.csv", suggestion(&column.name, names));
            }
            None => problems.warning(
                at,
                "no such place in locations.csv; never flooded, ignored",
                suggestion(&column.name, names),
            ),
        }
    }
    floods
}
