//! `locations.csv`: the places.

use std::collections::BTreeMap;

use super::cells::{Row, Table, number, whole};
use crate::scenario::problem::{At, Problems, nearest};

/// What a place is when the simulation starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationType {
    /// A camp: has a capacity and a record of people.
    Camp,
    /// A camp for people who are displaced inside their country; counts as a camp everywhere.
    IdpCamp,
    /// A place in conflict from the start.
    Conflict,
    /// A place that people pass through.
    Forward,
    /// A point on a way where nobody stops.
    Marker,
    /// A place that a flood can reach.
    FloodZone,
    /// Any other place with residents.
    Town,
}

impl LocationType {
    /// The type whose key word `text` contains; Flee's order of search decides between several.
    pub fn parse(text: &str) -> Option<LocationType> {
        let text = text.to_lowercase();
        let has = |word: &str| text.contains(word);
        Some(match () {
            () if has("camp") && has("idp") => LocationType::IdpCamp,
            () if has("camp") => LocationType::Camp,
            () if has("conflict") => LocationType::Conflict,
            () if has("forward") => LocationType::Forward,
            () if has("marker") => LocationType::Marker,
            () if has("flood_zone") => LocationType::FloodZone,
            () if has("default") || has("town") => LocationType::Town,
            () => return None,
        })
    }

    /// Whether it is a camp of either kind.
    pub fn is_camp(self) -> bool {
        matches!(self, LocationType::Camp | LocationType::IdpCamp)
    }
}

/// Type names offered where one is mistyped.
const TYPES: [&str; 7] = ["camp", "idpcamp", "conflict_zone", "forwarding_hub", "marker", "flood_zone", "town"];

/// The location type at `at`; `None` with an error if there is no such type.
pub(super) fn location_type(at: At<'_>, problems: &mut Problems) -> Option<LocationType> {
    let found = LocationType::parse(at.value);
    if found.is_none() {
        let fix = match nearest(at.value, TYPES) {
            Some(known) => format!("write '{known}' if that is meant"),
            None => format!("use one of {}", TYPES.join(", ")),
        };
        problems.error(at, "unknown location type", fix);
    }
    found
}

/// One place.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// Unique name.
    pub name: String,
    /// Region, `unknown` where none is given.
    pub region: String,
    /// Country, `unknown` where none is given.
    pub country: String,
    /// Column 3 of the file: degrees north, as Flee's files have it (Flee's code calls it x).
    pub lat: f64,
    /// Column 4 of the file: degrees east (Flee's code calls it y).
    pub lon: f64,
    /// What it is on day 0. A conflict zone with a later `conflict_date` starts as a town.
    pub kind: LocationType,
    /// Persons, before any scaling: capacity of a camp, residents of any other place.
    pub persons: i64,
    /// Further columns as name and text, in file order; blank cells left out.
    pub attributes: Vec<(String, String)>,
    /// Line in `locations.csv`.
    pub line: usize,
}

impl Location {
    /// Residents at one agent for `scale` persons, rounded down as Flee does; 0 for camps.
    pub fn residents(&self, scale: u32) -> i64 {
        if self.kind.is_camp() { 0 } else { self.persons / i64::from(scale.max(1)) }
    }

    /// Places in a camp at one agent for `scale` persons, rounded down; 0 (no limit) for anything else.
    pub fn capacity(&self, scale: u32) -> i64 {
        if self.kind.is_camp() { self.persons / i64::from(scale.max(1)) } else { 0 }
    }

    /// The text of the further column `name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The number in the further column `name`.
    pub fn attribute_number(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok()
    }

    /// Agents put into the place on day 0 by `initial_idps`. Flee does so in camps only and does not scale the number.
    pub fn initial_idps(&self) -> u64 {
        self.attribute("initial_idps").and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// Places by name.
pub(super) type Names = BTreeMap<String, usize>;

/// Names of the columns that every file has, in Flee's order.
const COLUMNS: [&str; 8] =
    ["name", "region", "country", "latitude", "longitude", "location_type", "conflict_date", "population"];

/// Reads all places. Everything wrong is added to `problems`; the places returned are for looking up names.
pub(super) fn read(table: &Table, problems: &mut Problems) -> (Vec<Location>, Names) {
    let header = table.rows.iter().find(|row| row.cell(0).starts_with('#'));
    let mut locations: Vec<Location> = Vec::new();
    let mut names = Names::new();
    let mut header_missing = false;
    for (index, row) in table.data().enumerate() {
        if index == 0 && header.is_none() && looks_like_header(row) {
            let message = "the header does not begin with '#', so Flee takes it for a place";
            problems.error(table.at(row, 0, "name"), message, format!("write '#{}'", row.cell(0)));
            header_missing = true;
            continue;
        }
        if row.cells.len() > COLUMNS.len() && header.is_none() && !header_missing {
            header_missing = true;
            let message = "more than 8 columns, but no header that names them";
            problems.error(
                table.at(row, 0, "name"),
                message,
                "begin the file with a header row, its first cell '#name'",
            );
        }
        if row.cell(0).is_empty() {
            problems.error(table.at(row, 0, "name"), "the place has no name", "name it, or delete the row");
            continue;
        }
        if row.cells.len() < COLUMNS.len() {
            let at = At { value: "", ..table.at(row, 0, COLUMNS[row.cells.len()]) };
            let message = format!("only {} of 8 columns", row.cells.len());
            problems.error(at, message, "fill the row up; cells may be empty, but the commas must be there");
        }
        let location = location(table, row, header, problems);
        if let Some(&first) = names.get(&location.name) {
            let message = format!("the same name as in line {}", locations[first].line);
            problems.error(table.at(row, 0, "name"), message, "give each place its own name");
        } else {
            names.insert(location.name.clone(), locations.len());
        }
        locations.push(location);
    }
    if locations.is_empty() {
        problems.error(table.whole_file(), "no places", "add one row for each place");
    }
    (locations, names)
}

/// Whether a first row without `#` holds column names and not a place.
fn looks_like_header(row: &Row) -> bool {
    let is_word = |index: usize| !row.cell(index).is_empty() && row.cell(index).parse::<f64>().is_err();
    is_word(3) && is_word(4)
}

/// Reads one place; cells that cannot be read become errors and zeros.
fn location(table: &Table, row: &Row, header: Option<&Row>, problems: &mut Problems) -> Location {
    let at = |index: usize| table.at(row, index, COLUMNS[index]);
    let or_unknown = |index: usize| if row.cell(index).is_empty() { "unknown" } else { row.cell(index) }.to_owned();
    let degrees = |index: usize, problems: &mut Problems| {
        if row.cell(index).is_empty() {
            return 0.0;
        }
        let degrees = number(at(index), -1e9, 1e9, problems).unwrap_or(0.0);
        let most = if index == 3 { 90.0 } else { 180.0 };
        if degrees.abs() > most {
            problems.warning(at(index), format!("beyond {most} degrees"), "check whether lat and lon are swapped");
        }
        degrees
    };
    let (lat, lon) = (degrees(3, problems), degrees(4, problems));
    let mut kind = if row.cells.len() > 5 { location_type(at(5), problems) } else { None };
    if kind == Some(LocationType::Conflict)
        && row.cells.len() > 6
        && whole(at(6), -1, problems).is_some_and(|day| day > 0)
    {
        kind = Some(LocationType::Town);
    }
    let persons = if row.cell(7).is_empty() { 0 } else { whole(at(7), 0, problems).unwrap_or(0) };
    let mut attributes = Vec::new();
    for (index, value) in row.cells.iter().enumerate().skip(COLUMNS.len()).filter(|(_, value)| !value.is_empty()) {
        let name = header.map_or("", |header| header.cell(index));
        let at = table.at(row, index, name);
        if header.is_some() && name.is_empty() {
            problems.error(at, "the column has no name in the header", "name the column, or delete the cell");
            continue;
        }
        match name {
            "initial_idps" | "capacity_per_day" => drop(whole(at, 0, problems)),
            "deactivation_probability" | "farmer_fraction" => drop(number(at, 0.0, 1.0, problems)),
            "conflict_intensity" | "trade_volume" | "hdi" => drop(number(at, 0.0, f64::MAX, problems)),
            _ => {}
        }
        attributes.push((name.to_owned(), value.clone()));
    }
    Location {
        name: row.cell(0).to_owned(),
        region: or_unknown(1),
        country: or_unknown(2),
        lat,
        lon,
        kind: kind.unwrap_or(LocationType::Town),
        persons,
        attributes,
        line: row.line,
    }
}

/// The place called by the cell at `at`; `None` with an error that names the nearest known place.
pub(super) fn find(at: At<'_>, names: &Names, problems: &mut Problems) -> Option<usize> {
    let found = names.get(at.value).copied();
    if found.is_none() {
        problems.error(at.clone(), "no such place in locations.csv", suggestion(at.value, names));
    }
    found
}

/// What to do about a name that no place has.
pub(super) fn suggestion(name: &str, names: &Names) -> String {
    match nearest(name, names.keys().map(String::as_str)) {
        Some(known) => format!("write '{known}' if that is meant"),
        None => "correct the name, or add the place to locations.csv".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Vec<Location>, Problems) {
        let mut problems = Problems::default();
        let table = Table::parse("locations.csv", text, &mut problems);
        let (locations, _) = read(&table, &mut problems);
        (locations, problems)
    }

    #[test]
    fn the_key_word_decides_the_type() {
        assert_eq!(LocationType::parse("IDPcamp"), Some(LocationType::IdpCamp));
        assert_eq!(LocationType::parse("refugee_camp"), Some(LocationType::Camp));
        assert_eq!(LocationType::parse("conflict_town"), Some(LocationType::Conflict));
        assert_eq!(LocationType::parse("Town"), Some(LocationType::Town));
        assert_eq!(LocationType::parse("village"), None);
    }

    #[test]
    fn pop_and_capacity_are_rounded_down() {
        let (locations, problems) = read_text(
            "#name,r,c,lat,lon,t,d,p,initial_idps\nA,,,1,2,conflict_zone,0,1999,\nB,R,X,,,camp,,1999,7\nC,,,1,2,conflict,5,9,\n",
        );
        assert_eq!(problems, Problems::default());
        assert_eq!((locations[0].residents(1000), locations[0].capacity(1000)), (1, 0));
        assert_eq!((locations[1].residents(1000), locations[1].capacity(1000)), (0, 1));
        assert_eq!((locations[0].country.as_str(), locations[1].country.as_str()), ("unknown", "X"));
        assert_eq!((locations[1].initial_idps(), locations[0].initial_idps()), (7, 0));
        assert_eq!(locations[2].kind, LocationType::Town);
    }

    #[test]
    fn a_header_without_its_sign_is_found() {
        let (_, problems) = read_text("name,region,country,lat,lon,type,date,pop\nA,,,1,2,town,,5\n");
        assert_eq!(problems.0.len(), 1, "{problems}");
        assert_eq!(problems.0[0].fix, "write '#name'");
    }
}
