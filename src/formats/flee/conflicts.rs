//! `conflicts.csv`: which places are in conflict on which day, and the changes that Flee makes of it.

use super::cells::Table;
use super::closures::LocationChange;
use super::day_table;
use super::locations::{Location, LocationType, Names, suggestion};
use crate::scenario::problem::{At, Problems};

/// Below this an intensity is no conflict.
const PEACE: f64 = 0.000_001;

/// The intensities of one place, one value for each day.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictColumn {
    /// Which place.
    pub location: usize,
    /// Intensity on day 0, 1, 2, ...; 0 is peace.
    pub intensity: Vec<f64>,
}

/// All that `conflicts.csv` says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conflicts {
    /// Columns whose place is known, in file order.
    pub columns: Vec<ConflictColumn>,
    /// The file's line for each day.
    pub lines: Vec<usize>,
}

/// Reads the table. A column whose name no place has is an error if there is ever conflict in it, else a warning.
pub(super) fn read(table: &Table, names: &Names, days: Option<u32>, problems: &mut Problems) -> Conflicts {
    let Some(table_by_day) = day_table::read(table, f64::MAX, problems) else { return Conflicts::default() };
    if let Some(days) = days {
        table_by_day.check_days(&table.file, days, problems);
    }
    let mut columns = Vec::new();
    for column in table_by_day.columns {
        let at = At { file: &table.file, line: table_by_day.header_line, column: &column.name, value: &column.name };
        match names.get(&column.name) {
            Some(&location) => {
                if column.values.iter().any(|&value| value > 1.0) {
                    problems.warning(at, "an intensity above 1", "write intensities from 0 to 1");
                }
                columns.push(ConflictColumn { location, intensity: column.values });
            }
            None if column.values.iter().any(|&value| value >= PEACE) => {
                problems.error(at, "no such place in locations.csv", suggestion(&column.name, names));
            }
            None => problems.warning(
                at,
                "no such place in locations.csv; never in conflict, ignored",
                suggestion(&column.name, names),
            ),
        }
    }
    Conflicts { columns, lines: table_by_day.lines }
}

/// A place becomes, or stops being, a conflict zone at the start of a day, before anybody is placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConflictChange {
    /// On which day.
    pub day: u32,
    /// Which place.
    pub location: usize,
    /// The new intensity; 0: the conflict has ended.
    pub intensity: f64,
    /// The day from which the age of the conflict counts (Flee's time_of_conflict); -1 where the place is in conflict from
    /// the start by locations.csv alone.
    pub onset: i32,
    /// Whether the place became what it is through its type (locations.csv or location_changes.csv), not through conflicts.csv.
    pub by_type: bool,
}

/// The changes of `days` days by Flee's rules: a conflict zone of locations.csv is one from the start; on each day first
/// the changes of type, then the columns of conflicts.csv in order, of which after day 0 only the steps between nothing and
/// something count. `changed_intensity` is the intensity of a place that a change of type makes a conflict zone.
pub(super) fn changes(
    locations: &[Location],
    conflicts: &Conflicts,
    location_changes: &[LocationChange],
    changed_intensity: f64,
    days: u32,
) -> Vec<ConflictChange> {
    let mut changes = Vec::new();
    let mut onset = vec![-1; locations.len()];
    for (location, place) in locations.iter().enumerate().filter(|(_, place)| place.kind == LocationType::Conflict) {
        let intensity = place.attribute_number("conflict_intensity").unwrap_or(1.0);
        changes.push(ConflictChange { day: 0, location, intensity, onset: -1, by_type: true });
    }
    for day in 0..days {
        for change in location_changes.iter().filter(|change| change.day == i64::from(day)) {
            let intensity = if change.kind == LocationType::Conflict { changed_intensity } else { 0.0 };
            let (location, onset) = (change.location, onset[change.location]);
            changes.push(ConflictChange { day, location, intensity, onset, by_type: true });
        }
        for column in &conflicts.columns {
            let index = day as usize;
            let Some(&now) = column.intensity.get(index) else { continue };
            let before = if index == 0 { 0.0 } else { column.intensity[index - 1] };
            if now > PEACE && before < PEACE {
                onset[column.location] = day.cast_signed();
                changes.push(ConflictChange {
                    day,
                    location: column.location,
                    intensity: now,
                    onset: day.cast_signed(),
                    by_type: false,
                });
            } else if now < PEACE && before >= PEACE {
                changes.push(ConflictChange {
                    day,
                    location: column.location,
                    intensity: 0.0,
                    onset: onset[column.location],
                    by_type: false,
                });
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steps_between_nothing_and_something_count() {
        let place = |kind| Location {
            name: String::new(),
            region: String::new(),
            country: String::new(),
            lat: 0.0,
            lon: 0.0,
            kind,
            persons: 1,
            attributes: Vec::new(),
            line: 1,
        };
        let locations = [place(LocationType::Conflict), place(LocationType::Town)];
        let columns = vec![
            ConflictColumn { location: 0, intensity: vec![0.0, 0.0, 0.0, 0.0] },
            ConflictColumn { location: 1, intensity: vec![0.0, 0.5, 0.9, 0.0] },
        ];
        let conflicts = Conflicts { columns, lines: vec![2, 3, 4, 5] };
        let change =
            |day, location, intensity, onset, by_type| ConflictChange { day, location, intensity, onset, by_type };
        let town = LocationChange { location: 0, kind: LocationType::Town, day: 2 };
        assert_eq!(
            changes(&locations, &conflicts, &[town], 1.0, 4),
            [
                change(0, 0, 1.0, -1, true),
                change(1, 1, 0.5, 1, false),
                change(2, 0, 0.0, -1, true),
                change(3, 1, 0.0, 1, false)
            ]
        );
    }
}
