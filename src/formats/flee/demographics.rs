//! `demographics_ATTRIBUTE.csv` and `agents.csv`: who the agents are.

use std::path::Path;

use super::cells::{Table, number};
use super::locations::{Names, find};
use crate::scenario::problem::Problems;

/// The distribution of one attribute among new agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Demographic {
    /// Name of the attribute, e.g. `age`.
    pub attribute: String,
    /// Its values.
    pub values: Vec<String>,
    /// Weight of each value (any scale) where a place has no column of its own.
    pub default: Vec<f64>,
    /// Places with weights of their own.
    pub by_location: Vec<(usize, Vec<f64>)>,
}

/// The attribute that a file's name stands for: the text between its first `_` and the next `_` or `.`.
fn attribute(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let stem = name.split('.').next()?;
    stem.split('_').nth(1).map(str::to_owned)
}

/// Reads one distribution; `path` tells its attribute.
pub(super) fn read(path: &Path, table: &Table, names: &Names, problems: &mut Problems) -> Option<Demographic> {
    let attribute = attribute(path)?;
    let Some((header, rows)) = table.rows.split_first() else {
        problems.error(
            table.whole_file(),
            "empty table",
            format!("write a header '{attribute},Default' and a row for each value"),
        );
        return None;
    };
    if header.cell(0) != attribute {
        let message = format!("the first column must be called '{attribute}', as the file is");
        problems.error(table.at(header, 0, "header"), message, format!("write '{attribute}'"));
        return None;
    }
    if !header.cells.iter().any(|cell| cell == "Default") {
        problems.error(table.at(header, 1, "header"), "no column 'Default'", "add the column 'Default'");
        return None;
    }
    let mut result = Demographic { attribute, values: Vec::new(), default: Vec::new(), by_location: Vec::new() };
    let rows: Vec<_> = rows.iter().filter(|row| !row.is_empty()).collect();
    if rows.is_empty() {
        problems.error(table.whole_file(), "no values", "write a row for each value");
        return None;
    }
    for row in &rows {
        if result.attribute == "age" {
            number(table.at(row, 0, "age"), 0.0, 150.0, problems);
        }
        result.values.push(row.cell(0).to_owned());
    }
    for (index, name) in header.cells.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
        let mut weights = Vec::with_capacity(rows.len());
        for row in &rows {
            let at = table.at(row, index, name);
            let weight = if at.value.is_empty() { Some(0.0) } else { number(at, 0.0, f64::MAX, problems) };
            weights.push(weight.unwrap_or(1.0));
        }
        if weights.iter().sum::<f64>() <= 0.0 {
            problems.error(table.at(header, index, name), "all weights are 0", "give one value a weight above 0");
        }
        if name == "Default" {
            result.default = weights;
        } else if let Some(&location) = names.get(name) {
            result.by_location.push((location, weights));
        } else {
            let fix = super::locations::suggestion(name, names);
            problems.warning(table.at(header, index, name), "no such place in locations.csv, column ignored", fix);
        }
    }
    Some(result)
}

/// One agent of `agents.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Where the agent is at the start.
    pub location: usize,
    /// Attributes as name and text.
    pub attributes: Vec<(String, String)>,
}

/// Reads `agents.csv`: the first row that is no comment names the attributes, each further one is an agent.
pub(super) fn read_agents(table: &Table, names: &Names, problems: &mut Problems) -> Vec<Agent> {
    let mut rows = table.data();
    let Some(header) = rows.next() else {
        problems.error(
            table.whole_file(),
            "empty table",
            "write a header 'location,attribute,...' and a row for each agent",
        );
        return Vec::new();
    };
    let mut agents = Vec::new();
    for row in rows {
        let Some(location) = find(table.at(row, 0, "location"), names, problems) else { continue };
        if row.cells.len() > header.cells.len() {
            let at = table.at(row, header.cells.len(), "");
            problems.error(at, "more cells than the header has", "name the column in the header");
        }
        let attributes = header.cells.iter().cloned().zip(row.cells.iter().cloned()).skip(1).collect();
        agents.push(Agent { location, attributes });
    }
    agents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_tells_the_attribute() {
        assert_eq!(attribute(Path::new("x_y/demographics_age.csv")).as_deref(), Some("age"));
        assert_eq!(attribute(Path::new("demographics_age_new.csv")).as_deref(), Some("age"));
    }

    #[test]
    fn weights_are_read_for_places_with_a_column() {
        let mut problems = Problems::default();
        let table =
            Table::parse("demographics_gender.csv", "gender,Default,A,Z\nmale,1,3,0\nfemale,1.1,,1\n", &mut problems);
        let names: Names = [("A".to_owned(), 0)].into();
        let read = read(Path::new("demographics_gender.csv"), &table, &names, &mut problems).unwrap();
        assert_eq!(read.default, [1.0, 1.1]);
        assert_eq!(read.by_location, [(0, vec![3.0, 0.0])]);
        assert!(!problems.has_errors() && problems.0.len() == 1, "{problems}");
    }
}
