//! Cells of Flee's tables: text with its place, read as tolerantly as Flee's files are written.

use std::path::Path;

use crate::scenario::problem::{At, Problems};

/// The most persons (or days, or anything else counted) that a cell may hold: ten thousand million.
pub(super) const MOST: i64 = 10_000_000_000;

/// The text of the file `path`, without a byte-order mark; `None` (with an error) if it cannot be read as UTF-8.
pub(super) fn text(path: &Path, problems: &mut Problems) -> Option<String> {
    let file = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let at = At { file: &file, ..At::default() };
            problems.error(at, format!("cannot be read: {error}"), "put the file there and make it readable");
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..good].iter().filter(|&&byte| byte == b'\n').count();
            problems.error(At { file: &file, line, ..At::default() }, "not UTF-8 text", "save the file as UTF-8");
            None
        }
    }
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Line in the file, from 1.
    pub line: usize,
    /// Cells without blanks and quotes around them.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell in column `index`, empty where the row is shorter.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }

    /// A comment, a header, or a row that says nothing.
    pub fn is_comment(&self) -> bool {
        self.cell(0).starts_with('#') || self.is_empty()
    }

    /// Whether no cell holds anything.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// A comma-separated table: all rows, comments included, empty lines left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// See [`crate::scenario::problem::Problem::file`].
    pub file: String,
    /// Rows in file order.
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads the table at `path`; `None` (with an error) if it is no readable text.
    pub fn read(path: &Path, problems: &mut Problems) -> Option<Table> {
        let text = text(path, problems)?;
        Some(Table::parse(&path.display().to_string(), &text, problems))
    }

    /// Splits `text` into rows and cells, as Python's `csv.reader` does, then trims each cell.
    pub fn parse(file: &str, text: &str, problems: &mut Problems) -> Table {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut lines = Lines { text: text.as_bytes(), position: 0, line: 1 };
        let mut table = Table { file: file.to_owned(), rows: Vec::new() };
        for record in reader.records() {
            // Reading from UTF-8 text with rows of any length cannot fail; a failure would only end the table early.
            let Ok(record) = record else { break };
            let line = lines.line_of_row_from(record.position().map_or(0, csv::Position::byte));
            if let Some(cell) = record.iter().find(|cell| cell.contains(['\n', '\r'])) {
                let at = At { file, line, value: cell, ..At::default() };
                problems.error(at, "a quoted cell runs over the end of its line", "close the quote");
            }
            table.rows.push(Row { line, cells: record.iter().map(trim).collect() });
        }
        table
    }

    /// Where column `index` (called `column`) of `row` stands.
    pub fn at<'a>(&'a self, row: &'a Row, index: usize, column: &'a str) -> At<'a> {
        At { file: &self.file, line: row.line, column, value: row.cell(index) }
    }

    /// Where the file as a whole stands.
    pub fn whole_file(&self) -> At<'_> {
        At { file: &self.file, ..At::default() }
    }

    /// Rows that are neither comment nor header.
    pub fn data(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_comment())
    }
}

/// Counts line ends up to ever later positions of a text.
struct Lines<'a> {
    text: &'a [u8],
    position: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first row that starts at or after `byte`; empty lines before it are passed over.
    fn line_of_row_from(&mut self, byte: u64) -> usize {
        while let Some(&here) = self.text.get(self.position) {
            if self.position as u64 >= byte && here != b'\n' && here != b'\r' {
                break;
            }
            let next_is_newline = self.text.get(self.position + 1) == Some(&b'\n');
            if here == b'\n' || (here == b'\r' && !next_is_newline) {
                self.line += 1;
            }
            self.position += 1;
        }
        self.line
    }
}

/// `cell` without blanks around it, nor quotes that a blank after the comma has turned into letters.
fn trim(cell: &str) -> String {
    let cell = cell.trim();
    let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or(cell, str::trim).to_owned()
}

/// The whole number at `at`, from `least` to [`MOST`]; `None` with an error otherwise.
pub(super) fn whole(at: At<'_>, least: i64, problems: &mut Problems) -> Option<i64> {
    match at.value.parse::<i64>() {
        Ok(number) if number < least => {
            problems.error(at, format!("smaller than {least}"), format!("write a whole number of at least {least}"));
            None
        }
        Ok(number) if number > MOST => {
            problems.error(at, format!("larger than {MOST}"), "check the number of digits");
            None
        }
        Ok(number) => Some(number),
        Err(_) if at.value.is_empty() => {
            problems.error(at, "empty where a whole number is needed", "write a whole number");
            None
        }
        Err(_) if at.value.parse::<f64>().is_ok() => {
            problems.error(at, "not a whole number", "write it without point, exponent or separators");
            None
        }
        Err(_) => {
            problems.error(at, "not a number", "write a whole number, without separators");
            None
        }
    }
}

/// The finite number at `at`, from `least` to `most`; `None` with an error otherwise.
pub(super) fn number(at: At<'_>, least: f64, most: f64, problems: &mut Problems) -> Option<f64> {
    match at.value.parse::<f64>() {
        Ok(number) if !number.is_finite() => {
            problems.error(at, "not a finite number", "write a number");
            None
        }
        Ok(number) if number < least || number > most => {
            let range = if most == f64::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
            problems.error(at, "out of range", format!("write a number in the range: {range}"));
            None
        }
        Ok(number) => Some(number),
        Err(_) if at.value.is_empty() => {
            problems.error(at, "empty where a number is needed", "write a number");
            None
        }
        Err(_) => {
            problems.error(at, "not a number", "write a number with a point and without separators");
            None
        }
    }
}

/// The day `at`, written year-month-day; `None` with an error otherwise.
pub(super) fn date(at: At<'_>, problems: &mut Problems) -> Option<chrono::NaiveDate> {
    let parsed = chrono::NaiveDate::parse_from_str(at.value, "%Y-%m-%d").ok();
    let date = parsed.filter(|date| (1900..=2200).contains(&chrono::Datelike::year(date)));
    if date.is_none() {
        problems.error(at, "not a date", "write it as YYYY-MM-DD, a year from 1900 to 2200");
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Table, Problems) {
        let mut problems = Problems::default();
        let table = Table::parse("t.csv", text, &mut problems);
        (table, problems)
    }

    #[test]
    fn quotes_blanks_and_line_ends_are_simply_read() {
        let (table, problems) = parse("\"#name\", \"b\",c \r\n\r\n\"A, B\",\t2\n\nC,3");
        assert_eq!(problems, Problems::default());
        let rows: Vec<(usize, Vec<&str>)> =
            table.rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect();
        assert_eq!(rows, [(1, vec!["#name", "b", "c"]), (3, vec!["A, B", "2"]), (5, vec!["C", "3"])]);
        assert_eq!(table.data().count(), 2);
    }

    #[test]
    fn old_mac_line_ends_are_counted() {
        let (table, _) = parse("a\r\rb\rc");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn an_unclosed_quote_is_found_where_it_opens() {
        let (_, problems) = parse("a,b\n\"c,d\ne,f\n");
        assert_eq!(problems.0.len(), 1);
        assert_eq!(problems.0[0].line, 2);
    }

    #[test]
    fn numbers_name_their_fault() {
        let mut problems = Problems::default();
        let at = |value| At { value, ..At::default() };
        assert_eq!(whole(at("12"), 0, &mut problems), Some(12));
        for bad in ["", "1.0e6", "many", "-1", "99999999999999", "nan"] {
            assert_eq!(whole(at(bad), 0, &mut problems), None, "{bad}");
        }
        assert_eq!(number(at("1e-3"), 0.0, 1.0, &mut problems), Some(0.001));
        for bad in ["", "nan", "inf", "x", "1.5", "-0.1"] {
            assert_eq!(number(at(bad), 0.0, 1.0, &mut problems), None, "{bad}");
        }
        assert!(date(at("2012-02-29"), &mut problems).is_some());
        for bad in ["2013-02-29", "29/02/2012", "", "0012-01-01"] {
            assert_eq!(date(at(bad), &mut problems), None, "{bad}");
        }
        assert_eq!(problems.0.len(), 16);
    }
}
