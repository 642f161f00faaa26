//! What rows may refer to: the days, places, countries, groups and links of the scenario, and the checks of such references.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::problem::nearest;
use super::record::Cells;
use super::scenario::{GroupRow, GroupsCell, LocationRow, RouteRow};

/// Days by which a date may miss the scenario before it is taken for a slip of the pen and not for a row of no effect.
const FAR: i64 = 5 * 366;
/// Names that are compared when the nearest one is looked for.
const COMPARED: usize = 5000;

/// What rows may refer to. What could not be read is `None`, and references to it are not checked.
#[derive(Debug, Default)]
pub struct Known {
    /// First and last day of the scenario.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Location id to country.
    pub places: Option<BTreeMap<String, String>>,
    /// Countries of all places.
    pub countries: BTreeSet<String>,
    /// Group id to whether it has a home.
    pub groups: Option<BTreeMap<String, bool>>,
    /// Joined pairs of places, of countries, and of a place and a country, both ways.
    links: Option<BTreeSet<(String, String)>>,
}

impl Known {
    /// Takes note of the places.
    pub fn set_places(&mut self, rows: &[LocationRow]) {
        self.countries = rows.iter().map(|row| row.country.clone()).collect();
        self.places = Some(rows.iter().map(|row| (row.id.clone(), row.country.clone())).collect());
    }

    /// Takes note of the groups.
    pub fn set_groups(&mut self, rows: &[GroupRow]) {
        self.groups = Some(rows.iter().map(|row| (row.id.clone(), row.home.is_some())).collect());
    }

    /// Takes note of the routes; after [`Known::set_places`].
    pub fn set_links(&mut self, rows: &[RouteRow]) {
        let Some(places) = &self.places else { return };
        let mut links = BTreeSet::new();
        for row in rows {
            let (Some(a), Some(b)) = (places.get(&row.from), places.get(&row.to)) else { continue };
            let mut pairs = vec![(&row.from, &row.to)];
            if a != b {
                pairs.extend([(a, b), (&row.from, b), (a, &row.to)]);
            }
            for (x, y) in pairs {
                links.insert((x.clone(), y.clone()));
                links.insert((y.clone(), x.clone()));
            }
        }
        self.links = Some(links);
    }

    /// First day of the scenario; where it could not be read, one before all others, with which no row is at odds.
    pub fn start(&self) -> NaiveDate {
        self.days.map_or(NaiveDate::MIN, |days| days.0)
    }

    /// Last day of the scenario; where it could not be read, one after all others.
    pub fn end(&self) -> NaiveDate {
        self.days.map_or(NaiveDate::MAX, |days| days.1)
    }

    /// Checks that `id`, the value of `column`, is a place.
    pub fn place(&self, cells: &mut Cells<'_>, column: &str, id: &str) {
        let Some(places) = &self.places else { return };
        if !id.is_empty() && !places.contains_key(id) {
            cells.error(column, unknown("place", id), fix(id, places.keys(), "add it to locations.csv"));
        }
    }

    /// Checks that `id`, the value of `column`, is a place, a country, or one of `words`.
    pub fn place_or_country(&self, cells: &mut Cells<'_>, column: &str, id: &str, words: &[&str]) {
        let Some(places) = &self.places else { return };
        if id.is_empty() || places.contains_key(id) || self.countries.contains(id) || words.contains(&id) {
            return;
        }
        let all = places.keys().chain(&self.countries);
        cells.error(column, unknown("place or country", id), fix(id, all, "add it to locations.csv"));
    }

    /// Checks that `id`, the value of `column`, is a group.
    pub fn group(&self, cells: &mut Cells<'_>, column: &str, id: &str) {
        let Some(groups) = &self.groups else { return };
        if !id.is_empty() && !groups.contains_key(id) {
            cells.error(column, unknown("group", id), fix(id, groups.keys(), "add it to groups.csv"));
        }
    }

    /// Checks the groups of a groups cell.
    pub fn groups_cell(&self, cells: &mut Cells<'_>, column: &str, cell: &GroupsCell) {
        if let GroupsCell::Only(ids) | GroupsCell::Except(ids) = cell {
            ids.iter().for_each(|id| self.group(cells, column, id));
        }
    }

    /// Warns, at `column`, where no route joins `from` and `to`.
    pub fn link(&self, cells: &mut Cells<'_>, column: &str, from: &str, to: &str) {
        let (Some(links), Some(places)) = (&self.links, &self.places) else { return };
        let known = |id: &str| places.contains_key(id) || self.countries.contains(id);
        if known(from) && known(to) && !links.contains(&(from.to_owned(), to.to_owned())) {
            let message = format!("no route joins '{from}' and '{to}'; the row has no effect");
            cells.warning(column, message, "name two places that a row of routes.csv joins");
        }
    }

    /// Checks that a day is not far outside the scenario; warns where the row has no effect because of it.
    pub fn day(&self, cells: &mut Cells<'_>, column: &str, date: NaiveDate) {
        self.outside(cells, column, date, date, true);
    }

    /// Checks that a day is not far outside the scenario.
    pub fn day_not_far(&self, cells: &mut Cells<'_>, column: &str, date: NaiveDate) {
        self.outside(cells, column, date, date, false);
    }

    /// Checks that a period is not reversed and not far outside the scenario; warns where it lies wholly outside.
    pub fn period(&self, cells: &mut Cells<'_>, (first, last): (&str, &str), start: NaiveDate, end: NaiveDate) {
        if end < start {
            if cells.is_given(last) {
                let message = format!("the dates are reversed: {first} {start} is after {last} {end}");
                cells.error(last, message, format!("write a day not before {start}"));
            }
            return;
        }
        let too_early = self.days.is_some_and(|days| end < days.0);
        self.outside(cells, if too_early { last } else { first }, start, end, true);
    }

    fn outside(&self, cells: &mut Cells<'_>, column: &str, first: NaiveDate, last: NaiveDate, warn: bool) {
        let Some((start, end)) = self.days else { return };
        let missed = (start - last).num_days().max((first - end).num_days());
        let message = format!("this is {missed} days outside the scenario ({start} to {end})");
        if missed > FAR {
            cells.error(column, message, "correct the year, or the dates in scenario.toml");
        } else if missed > 0 && warn {
            cells.warning(
                column,
                format!("{message}; the row has no effect"),
                "correct the date, or leave it if the scenario was shortened",
            );
        }
    }
}

fn unknown(what: &str, id: &str) -> String {
    format!("there is no {what} '{id}'")
}

/// `write 'near', if that is meant`, or `otherwise`.
pub fn fix<'a>(id: &str, known: impl IntoIterator<Item = &'a String>, otherwise: &str) -> String {
    match nearest(id, known.into_iter().take(COMPARED).map(String::as_str)) {
        Some(near) => format!("write '{near}', if that is meant, or {otherwise}"),
        None => otherwise.to_owned(),
    }
}
