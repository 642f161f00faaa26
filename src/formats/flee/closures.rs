//! `closures.csv` and `location_changes.csv`: what closes, opens or becomes something else, and when.

use super::cells::{Table, whole};
use super::locations::{Location, LocationType, Names, find, location_type};
use crate::scenario::problem::{Problems, nearest};

/// What a row closes on its first day and opens again on its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// All links between two countries, both directions.
    Country(String, String),
    /// All links into and out of a place. Flee ignores the second name.
    Location(usize),
    /// The links between two places. In Flee this does nothing when it comes from a file.
    Link(usize, usize),
    /// The place becomes a town on the first day and a camp on the last.
    Camp(usize),
    /// As [`Closing::Camp`], but a camp for internally displaced people.
    IdpCamp(usize),
    /// Clears a flag that Flee never reads.
    ForcedRedirection(usize, usize),
}

/// One row of `closures.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// What it closes.
    pub what: Closing,
    /// Day on which it closes; -1: never.
    pub start: i64,
    /// Day on which it opens again; -1: never. May be before `start`.
    pub end: i64,
    /// Line in `closures.csv`.
    pub line: usize,
}

const KINDS: [&str; 6] = ["country", "location", "link", "camp", "idpcamp", "remove_forced_redirection"];

/// Reads all closures, in file order, which is the order in which they act within a day.
pub(super) fn read(table: &Table, locations: &[Location], names: &Names, problems: &mut Problems) -> Vec<Closure> {
    let mut closures = Vec::new();
    for (index, row) in table.data().enumerate() {
        if index == 0 && row.cell(0).contains("type") {
            let message = "the header does not begin with '#', so Flee takes it for a closure";
            problems.error(table.at(row, 0, "closure_type"), message, format!("write '#{}'", row.cell(0)));
            continue;
        }
        let kind = table.at(row, 0, "closure_type");
        let (name1, name2) = (table.at(row, 1, "name1"), table.at(row, 2, "name2"));
        let what = match kind.value {
            "country" => {
                let mut known = true;
                for name in [&name1, &name2] {
                    if !locations.iter().any(|location| location.country == name.value) {
                        known = false;
                        let countries = locations.iter().map(|location| location.country.as_str());
                        let fix = match nearest(name.value, countries) {
                            Some(country) => format!("write '{country}' if that is meant"),
                            None => "write a country as in locations.csv".to_owned(),
                        };
                        problems.error(name.clone(), "no place of locations.csv is in this country", fix);
                    }
                }
                known.then(|| Closing::Country(name1.value.to_owned(), name2.value.to_owned()))
            }
            "location" => find(name1, names, problems).map(Closing::Location),
            "camp" => find(name1, names, problems).map(Closing::Camp),
            "idpcamp" => find(name1, names, problems).map(Closing::IdpCamp),
            "link" | "remove_forced_redirection" => {
                let (first, second) = (find(name1, names, problems), find(name2, names, problems));
                let make = if kind.value == "link" { Closing::Link } else { Closing::ForcedRedirection };
                first.zip(second).map(|(first, second)| make(first, second))
            }
            other => {
                let fix = match nearest(other, KINDS) {
                    Some(known) => format!("write '{known}' if that is meant"),
                    None => format!("use one of {}", KINDS.join(", ")),
                };
                problems.error(kind, "unknown closure type", fix);
                None
            }
        };
        let start = whole(table.at(row, 3, "closure_start"), -1, problems);
        let end = whole(table.at(row, 4, "closure_end"), -1, problems);
        if let (Some(what), Some(start), Some(end)) = (what, start, end) {
            closures.push(Closure { what, start, end, line: row.line });
        }
    }
    closures
}

/// One row of `location_changes.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocationChange {
    /// Which place.
    pub location: usize,
    /// What it becomes.
    pub kind: LocationType,
    /// On which day.
    pub day: i64,
}

/// Reads all changes of type, in file order.
pub(super) fn read_changes(table: &Table, names: &Names, problems: &mut Problems) -> Vec<LocationChange> {
    let mut changes = Vec::new();
    for row in table.data() {
        let location = find(table.at(row, 0, "name"), names, problems);
        let kind = location_type(table.at(row, 1, "new_type"), problems);
        let day = whole(table.at(row, 2, "day"), -1, problems);
        if let (Some(location), Some(kind), Some(day)) = (location, kind, day) {
            changes.push(LocationChange { location, kind, day });
        }
    }
    changes
}
