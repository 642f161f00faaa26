//! `routes.csv` and `major_routes.csv`: the ways between places.

use super::cells::{Row, Table, number};
use super::locations::{Names, find, suggestion};
use crate::scenario::problem::{At, Problems};

/// The column `forced_redirection`. Flee stores it and never reads it when people move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirection {
    /// Blank or 0.
    None,
    /// 1: from the first place to the second. Through a slip in Flee's code such a row makes its pair of links twice.
    Forward,
    /// 2: from the second place to the first.
    Backward,
}

/// One row: a way that can be used in both directions.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// First place, an index into the locations.
    pub from: usize,
    /// Second place.
    pub to: usize,
    /// Length in km, at least 0.
    pub km: f64,
    /// See [`Redirection`].
    pub redirection: Redirection,
    /// Speed limit in km/day; `None`: that of the settings.
    pub max_move_speed: Option<f64>,
    /// Chance for each day of travel on it to go at walking speed instead.
    pub walk_probability: f64,
    /// All further columns as name and text; blank cells left out.
    pub attributes: Vec<(String, String)>,
    /// Line in `routes.csv`.
    pub line: usize,
}

/// One direction of a route, as Flee builds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Which route it belongs to.
    pub route: usize,
}

/// The directed links in Flee's order, which is the order in which they stand in each place's list.
pub fn links(routes: &[Route]) -> Vec<Link> {
    let mut links = Vec::with_capacity(2 * routes.len());
    for (route, row) in routes.iter().enumerate() {
        let (a, b) = match row.redirection {
            Redirection::Backward => (row.to, row.from),
            Redirection::None | Redirection::Forward => (row.from, row.to),
        };
        let times = if row.redirection == Redirection::Forward { 2 } else { 1 };
        for _ in 0..times {
            links.push(Link { from: a, to: b, route });
            links.push(Link { from: b, to: a, route });
        }
    }
    links
}

const COLUMNS: [&str; 4] = ["name1", "name2", "distance", "forced_redirection"];

/// Reads all routes. A route from a place to itself is left out with a warning, as nobody can use it.
pub(super) fn read(table: &Table, names: &Names, problems: &mut Problems) -> Vec<Route> {
    let header = table.rows.iter().find(|row| row.cell(0).starts_with('#'));
    let mut routes = Vec::new();
    let mut header_missing = false;
    let mut rows = 0;
    for row in table.data() {
        if rows == 0
            && header.is_none()
            && !row.cell(2).is_empty()
            && is_word(row.cell(2))
            && !names.contains_key(row.cell(0))
        {
            let message = "the header does not begin with '#', so Flee takes it for a route";
            problems.error(table.at(row, 0, "name1"), message, format!("write '#{}'", row.cell(0)));
            header_missing = true;
            rows += 1;
            continue;
        }
        rows += 1;
        if row.cells.len() > COLUMNS.len() && header.is_none() && !header_missing {
            header_missing = true;
            let message = "more than 4 columns, but no header that names them";
            problems.error(
                table.at(row, 0, "name1"),
                message,
                "begin the file with a header row, its first cell '#name1'",
            );
        }
        if let Some(route) = route(table, row, header, names, problems) {
            if route.from == route.to {
                problems.warning(
                    table.at(row, 1, "name2"),
                    "a route from a place to itself, left out",
                    "delete the row",
                );
            } else {
                routes.push(route);
            }
        }
    }
    if rows == 0 {
        problems.error(table.whole_file(), "no routes", "add one row for each route: #name1,name2,distance");
    }
    routes
}

fn is_word(text: &str) -> bool {
    text.parse::<f64>().is_err()
}

fn route(table: &Table, row: &Row, header: Option<&Row>, names: &Names, problems: &mut Problems) -> Option<Route> {
    let at = |index: usize| table.at(row, index, COLUMNS[index]);
    let from = find(at(0), names, problems);
    let to = find(at(1), names, problems);
    let km = number(at(2), 0.0, f64::MAX, problems);
    if km == Some(0.0) {
        problems.warning(at(2), "a route of length 0", "write the distance in km");
    }
    let redirection = match row.cell(3) {
        "" | "0" => Some(Redirection::None),
        "1" => Some(Redirection::Forward),
        "2" => Some(Redirection::Backward),
        _ => {
            problems.error(at(3), "not a redirection", "leave it empty, or write 0, 1 or 2");
            None
        }
    };
    let (mut max_move_speed, mut walk_probability) = (None, 0.0);
    let mut attributes = Vec::new();
    for (index, value) in row.cells.iter().enumerate().skip(COLUMNS.len()).filter(|(_, value)| !value.is_empty()) {
        let name = header.map_or("", |header| header.cell(index));
        let at = table.at(row, index, name);
        if header.is_some() && name.is_empty() {
            problems.error(at, "the column has no name in the header", "name the column, or delete the cell");
            continue;
        }
        match name {
            "max_move_speed" => max_move_speed = number(at, f64::MIN_POSITIVE, f64::MAX, problems),
            "walk_probability" => walk_probability = number(at, 0.0, 1.0, problems).unwrap_or(0.0),
            _ => {}
        }
        attributes.push((name.to_owned(), value.clone()));
    }
    Some(Route {
        from: from?,
        to: to?,
        km: km?,
        redirection: redirection?,
        max_move_speed,
        walk_probability,
        attributes,
        line: row.line,
    })
}

/// Reads `major_routes.csv`: each row a way through two or more places. Unless `used` (the setting `fixed_routes`), a row with an
/// unknown name is left out with a warning.
pub(super) fn read_major(table: &Table, names: &Names, used: bool, problems: &mut Problems) -> Vec<Vec<usize>> {
    let mut routes = Vec::new();
    for row in table.data() {
        let mut stops = Vec::new();
        let mut complete = true;
        for (index, name) in row.cells.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let at = At { column: "stop", ..table.at(row, index, "") };
            match names.get(name) {
                Some(&place) => stops.push(place),
                None if used => {
                    complete = false;
                    problems.error(at, "no such place in locations.csv", suggestion(name, names));
                }
                None => {
                    complete = false;
                    problems.warning(at, "no such place in locations.csv, row left out", suggestion(name, names));
                }
            }
        }
        if complete && stops.len() >= 2 {
            routes.push(stops);
        } else if complete {
            problems.warning(
                table.at(row, 0, "stop"),
                "a major route with one stop, left out",
                "name two places or more",
            );
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        ["A", "B"].into_iter().enumerate().map(|(index, name)| (name.to_owned(), index)).collect()
    }

    fn read_text(text: &str) -> (Vec<Route>, Problems) {
        let mut problems = Problems::default();
        let table = Table::parse("routes.csv", text, &mut problems);
        let routes = read(&table, &names(), &mut problems);
        (routes, problems)
    }

    #[test]
    fn a_redirection_doubles_or_turns_its_links() {
        let (routes, problems) = read_text("A,B,10\nA,B,10,1\nA,B,10,2\n");
        assert_eq!(problems, Problems::default());
        let pairs: Vec<(usize, usize)> = links(&routes).iter().map(|link| (link.from, link.to)).collect();
        assert_eq!(pairs, [(0, 1), (1, 0), (0, 1), (1, 0), (0, 1), (1, 0), (1, 0), (0, 1)]);
    }

    #[test]
    fn link_attributes_are_read_by_the_names_in_the_header() {
        let (routes, problems) = read_text("#a,b,km,f,walk_probability,max_move_speed\nA,B,10,,0.5,20\nB,A,1.5,0,,\n");
        assert_eq!(problems, Problems::default());
        assert_eq!((routes[0].walk_probability, routes[0].max_move_speed), (0.5, Some(20.0)));
        assert_eq!((routes[1].walk_probability, routes[1].max_move_speed), (0.0, None));
    }

    #[test]
    fn all_faults_of_a_row_are_found_at_once() {
        let (routes, problems) = read_text("#a,b,km,f\nA,Bb,x,3\n");
        assert!(routes.is_empty());
        let columns: Vec<&str> = problems.0.iter().map(|problem| problem.column.as_str()).collect();
        assert_eq!(columns, ["name2", "distance", "forced_redirection"]);
    }
}
