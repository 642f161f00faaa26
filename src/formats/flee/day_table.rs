//! Tables with one row for each day and one column for each place or region: conflicts, floods, food security.

use std::collections::BTreeSet;

use super::cells::{Row, Table, number};
use crate::scenario::problem::{At, Problems};

/// One named column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Name in the header.
    pub name: String,
    /// Values, one for each row.
    pub values: Vec<f64>,
}

/// A table by days.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct DayTable {
    /// Named columns after the first, in file order.
    pub columns: Vec<Column>,
    /// Cells of the first column as written.
    pub days: Vec<String>,
    /// Line of each row.
    pub lines: Vec<usize>,
    /// Line of the header.
    pub header_line: usize,
}

/// Reads `table`, whose first row is always a header; values must lie in `0..=most`. Cells under a header cell without a name
/// are ignored. `None` with an error if there is no header.
pub(super) fn read(table: &Table, most: f64, problems: &mut Problems) -> Option<DayTable> {
    let Some((header, rows)) = table.rows.split_first() else {
        problems.error(table.whole_file(), "empty table", "write a header '#Day,place,...' and one row for each day");
        return None;
    };
    if header.cell(0).parse::<f64>().is_ok() {
        let message = "no header: the first row must name the columns";
        problems.error(table.at(header, 0, "#Day"), message, "begin the file with '#Day,place,...'");
        return None;
    }
    let named: Vec<usize> = (1..header.cells.len()).filter(|&index| !header.cell(index).is_empty()).collect();
    let mut seen = BTreeSet::new();
    for &index in &named {
        if !seen.insert(header.cell(index)) {
            problems.error(table.at(header, index, "header"), "the same column twice", "delete one of the two columns");
        }
    }
    if named.is_empty() {
        problems.error(table.whole_file(), "no column besides the day", "add a column for each place");
    }
    let mut result = DayTable {
        columns: named
            .iter()
            .map(|&index| Column { name: header.cell(index).to_owned(), values: Vec::new() })
            .collect(),
        header_line: header.line,
        ..DayTable::default()
    };
    let short = named.last().map_or(0, |last| last + 1);
    for row in rows.iter().filter(|row| !is_remark(row)) {
        if row.cells.len() < short {
            let at = At { file: &table.file, line: row.line, ..At::default() };
            let message = format!("{} cells where the header has {short}", row.cells.len());
            problems.error(at, message, "write one value for each column");
        } else if let Some(extra) = unnamed(header, row) {
            problems.error(
                table.at(row, extra, ""),
                "a value without a column name",
                "name the column, or delete the cell",
            );
        }
        result.days.push(row.cell(0).to_owned());
        result.lines.push(row.line);
        for (column, &index) in result.columns.iter_mut().zip(&named) {
            let value = if index < row.cells.len() {
                number(table.at(row, index, header.cell(index)), 0.0, most, problems)
            } else {
                None
            };
            column.values.push(value.unwrap_or(0.0));
        }
    }
    if result.days.is_empty() {
        problems.error(table.whole_file(), "no days", "write one row for each day");
    }
    Some(result)
}

/// Whether a row gives no value at all: a single cell, nothing, or a comment with nothing behind it.
fn is_remark(row: &Row) -> bool {
    let rest_is_empty = row.cells.iter().skip(1).all(String::is_empty);
    row.cells.len() == 1 || row.is_empty() || (row.is_comment() && rest_is_empty)
}

/// The first filled cell of `row` that has no name above it.
fn unnamed(header: &Row, row: &Row) -> Option<usize> {
    (1..row.cells.len()).find(|&index| !row.cell(index).is_empty() && header.cell(index).is_empty())
}

impl DayTable {
    /// An error if there are fewer rows than `days`, a warning where the day column does not count 0, 1, 2, ... as the rows do.
    pub fn check_days(&self, file: &str, days: u32, problems: &mut Problems) {
        let rows = self.days.len();
        if rows > 0 && rows < days as usize {
            let value = rows.to_string();
            let line = self.lines.last().copied().unwrap_or(0);
            let at = At { file, line, column: "#Day", value: &value };
            let message = format!("{rows} rows for {days} days");
            problems.error(at, message, "add one row for each day, or shorten Length in sim_period.csv");
        }
        let wrong = (0..rows).find(|&index| self.days[index].parse::<f64>() != Ok(index as f64));
        if let Some(index) = wrong {
            let at = At { file, line: self.lines[index], column: "#Day", value: &self.days[index] };
            let fix = format!("write {index} if that is the day that is meant");
            problems.warning(
                at,
                format!("the row is taken as day {index}: Flee counts rows and does not read this column"),
                fix,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Option<DayTable>, Problems) {
        let mut problems = Problems::default();
        let table = Table::parse("conflicts.csv", text, &mut problems);
        let result = read(&table, f64::MAX, &mut problems);
        (result, problems)
    }

    #[test]
    fn nameless_columns_and_blanks_are_read_as_nothing() {
        let (table, problems) = read_text("\"#Day\",\" A\", B ,\n0, 1,0\n1,0.5,1,\n");
        assert_eq!(problems, Problems::default());
        let table = table.unwrap();
        assert_eq!(table.columns[0], Column { name: "A".to_owned(), values: vec![1.0, 0.5] });
        assert_eq!(table.columns[1], Column { name: "B".to_owned(), values: vec![0.0, 1.0] });
        let mut problems = Problems::default();
        table.check_days("c", 2, &mut problems);
        assert_eq!(problems, Problems::default());
        table.check_days("c", 3, &mut problems);
        assert!(problems.has_errors());
    }

    #[test]
    fn faults_of_shape_are_found() {
        for (text, part) in [
            ("", "empty table"),
            ("0,1\n", "no header"),
            ("#Day,A,A\n0,1,1\n", "twice"),
            ("#Day,A,B\n0,1\n", "2 cells where the header has 3"),
            ("#Day,A\n0,1,1\n", "without a column name"),
            ("#Day,A\n", "no days"),
            ("#Day,A\n0,nan\n", "not a finite"),
            ("#Day,A,B\n0,,\n", "empty where a number"),
            ("#Day,A\n0,-1\n", "out of range"),
        ] {
            let (_, problems) = read_text(text);
            assert!(problems.has_errors() && problems.to_string().contains(part), "{text:?}: {problems}");
        }
    }
}
