//! `data_layout.csv`, the data files it names, and `registration_corrections.csv`: the record of people in camps, and what Flee
//! makes of it for one agent in `scale` persons.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::cells::{Row, Table, date, whole};
use super::folder::Folder;
use super::locations::{Location, Names, suggestion};
use crate::scenario::problem::{At, Problems, nearest};

/// One row of `data_layout.csv` with the files it names, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Name in the layout: `total`, or a place.
    pub name: String,
    /// Which place, if locations.csv has the name.
    pub location: Option<usize>,
    /// For each file its rows: day counted from the start (negative before it), and persons.
    pub files: Vec<Vec<(i64, i64)>>,
    /// Line in `data_layout.csv`.
    pub line: usize,
}

/// One row of `registration_corrections.csv` that has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// Index into the records.
    pub record: usize,
    /// Day counted from the start.
    pub day: i64,
}

/// Reads the layout and all files that it names. Each of `camps` must have a row.
pub(super) fn read(
    folder: &Folder,
    start: Option<NaiveDate>,
    (locations, names): (&[Location], &Names),
    camps: &[usize],
    problems: &mut Problems,
) -> Vec<Record> {
    let Some(path) = folder.data_file("data_layout.csv", problems) else { return Vec::new() };
    let Some(layout) = Table::read(&path, problems) else { return Vec::new() };
    // Without a start date no day can be counted; any date serves to find the other faults.
    let start = start.unwrap_or_default();
    let mut records: Vec<Record> = Vec::new();
    let mut read: BTreeMap<String, Option<Vec<(i64, i64)>>> = BTreeMap::new();
    for row in layout.data().filter(|row| row.cells.len() > 1) {
        let mut files = Vec::new();
        for (index, name) in row.cells.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
            let rows = read.entry(name.clone()).or_insert_with(|| {
                if !folder.data.join(name).is_file() {
                    let fix = match nearest(name, data_files(folder).iter().map(String::as_str)) {
                        Some(known) => {
                            format!("write '{known}' if that is meant, else add the file to {}", folder.data.display())
                        }
                        None => format!("add the file to {}", folder.data.display()),
                    };
                    problems.error(layout.at(row, index, "file"), "missing data file", fix);
                    return None;
                }
                let table = Table::read(&folder.data.join(name), problems)?;
                Some(counts(&table, start, problems))
            });
            files.extend(rows.clone());
        }
        if row.cells.iter().skip(1).all(String::is_empty) {
            problems.error(layout.at(row, 1, "file"), "no file named", "write the name of the camp's data file");
        }
        let location = names.get(row.cell(0)).copied();
        records.push(Record { name: row.cell(0).to_owned(), location, files, line: row.line });
    }
    check(&layout, &records, locations, camps, names, problems);
    records
}

/// Names of the files in the data folder, sorted.
fn data_files(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(&folder.data).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Finds camps without data and rows without a place.
fn check(
    layout: &Table,
    records: &[Record],
    locations: &[Location],
    camps: &[usize],
    names: &Names,
    problems: &mut Problems,
) {
    let Some(first) = records.first() else {
        problems.error(
            layout.whole_file(),
            "empty table",
            "write 'total,refugees.csv' and one row 'camp,file.csv' for each camp",
        );
        return;
    };
    let at = |record: &Record, problems: &mut Problems, message: &str, fix: String, is_error: bool| {
        let at = At { file: &layout.file, line: record.line, column: "name", value: &record.name };
        if is_error { problems.error(at, message, fix) } else { problems.warning(at, message, fix) }
    };
    if first.name != "total" {
        let message = "the first row is not 'total', yet the first row is never part of the sum of arrivals";
        at(first, problems, message, "put 'total,refugees.csv' first".to_owned(), false);
    }
    let missing: Vec<usize> =
        camps.iter().copied().filter(|&camp| !records.iter().any(|record| record.location == Some(camp))).collect();
    for &camp in &missing {
        let name = &locations[camp].name;
        let message = format!("no data for the camp '{name}' (locations.csv, line {})", locations[camp].line);
        problems.error(layout.whole_file(), message, format!("add a row '{name},file.csv', or make the place a town"));
    }
    for (index, record) in records.iter().enumerate().skip(1) {
        if record.location.is_none() {
            // A name that no place has is counted among the arrivals, as Flee does; a camp without data beside it shows a slip.
            let message = "no such place in locations.csv; its people are counted among the arrivals all the same";
            at(record, problems, message, suggestion(&record.name, names), !missing.is_empty());
        }
        if records[..index].iter().any(|earlier| earlier.name == record.name) {
            let message = "listed twice: its first row is counted twice among the arrivals";
            at(record, problems, message, "delete one of the rows".to_owned(), false);
        }
    }
}

/// The counts of one data file as days from `start` and persons.
fn counts(table: &Table, start: NaiveDate, problems: &mut Problems) -> Vec<(i64, i64)> {
    let mut counts: Vec<(i64, i64)> = Vec::new();
    let mut faulty = false;
    for (index, row) in table.rows.iter().enumerate() {
        if row.is_comment() || row.cells.len() < 2 || row.cell(1).is_empty() || (index == 0 && is_header(row)) {
            continue;
        }
        let day = date(table.at(row, 0, "date"), problems).map(|day| (day - start).num_days());
        let persons = whole(table.at(row, 1, "persons"), 0, problems);
        let (Some(day), Some(persons)) = (day, persons) else {
            faulty = true;
            continue;
        };
        if let Some(&(before, _)) = counts.last() {
            if day < before {
                // Flee reads on, and published crises have such rows, so this does not stop the run.
                let message = "before the date above it; as in Flee, days in between are reckoned from this row";
                problems.warning(
                    table.at(row, 0, "date"),
                    message,
                    "correct the date, or put the rows in order of dates",
                );
            } else if day == before {
                let message = "the same date twice; the later row counts from that day on";
                problems.warning(table.at(row, 0, "date"), message, "delete one of the rows");
            }
        }
        counts.push((day, persons));
    }
    if counts.is_empty() && !faulty {
        problems.error(table.whole_file(), "empty table", "write rows 'YYYY-MM-DD,persons'");
    }
    counts
}

/// Whether the first row of a data file names its columns.
fn is_header(row: &Row) -> bool {
    matches!(row.cell(0).to_lowercase().as_str(), "" | "date" | "datetime")
}

/// Reads the corrections. Those before the start are left out with a warning; any other must name a record and a date that
/// its (summed) data have, not as the first.
pub(super) fn read_corrections(
    table: &Table,
    start: Option<NaiveDate>,
    records: &[Record],
    problems: &mut Problems,
) -> Vec<Correction> {
    let mut corrections = Vec::new();
    let mut series: Vec<Vec<(i64, f64)>> = records.iter().map(|record| sum(record, 1)).collect();
    for row in table.data().filter(|row| row.cells.len() > 1) {
        let name = table.at(row, 0, "camp");
        let record = records.iter().position(|record| record.name == name.value);
        if record.is_none() {
            let fix = match nearest(name.value, records.iter().map(|record| record.name.as_str())) {
                Some(known) => format!("write '{known}' if that is meant"),
                None => "write a name as in data_layout.csv".to_owned(),
            };
            problems.error(name, "no such name in data_layout.csv", fix);
        }
        let at = table.at(row, 1, "date");
        let (Some(date), Some(start)) = (date(at.clone(), problems), start) else { continue };
        let day = (date - start).num_days();
        if day < 0 {
            problems.warning(at, "before the start of the simulation, ignored", "delete the row");
            continue;
        }
        let Some(record) = record else { continue };
        let rows = &mut series[record];
        if rows.is_empty() {
            continue; // The empty table has been reported.
        }
        let Some(row) = (1..rows.len()).find(|&row| rows[row].0 == day) else {
            let is_first = rows[0].0 == day;
            let message = if is_first { "the first date of the data" } else { "not a date of the data" };
            let message = format!("{message} of '{}', so there is nothing to correct", records[record].name);
            problems.error(at, message, "write a later date that the camp's data have, or delete the row");
            continue;
        };
        if rows[row - 1].1 <= 0.0 {
            problems.error(
                at,
                "nobody was registered before this date",
                "write a date with people before it, or delete the row",
            );
            continue;
        }
        correct(rows, day);
        corrections.push(Correction { record, day });
    }
    corrections
}

/// Multiplies all rows before `day` so that the last of them meets the value on `day`; done at each row of that day.
fn correct(rows: &mut [(i64, f64)], day: i64) {
    for row in 1..rows.len() {
        if rows[row].0 == day && rows[row - 1].1 > 0.0 {
            let factor = rows[row].1 / rows[row - 1].1;
            for earlier in &mut rows[..row] {
                earlier.1 *= factor;
            }
        }
    }
}

/// The files of a record added up, at one agent for `scale` persons.
fn sum(record: &Record, scale: u32) -> Vec<(i64, f64)> {
    let scaled = |file: &[(i64, i64)]| -> Vec<(i64, f64)> {
        file.iter().map(|&(day, persons)| (day, persons as f64 / f64::from(scale.max(1)))).collect()
    };
    let mut files = record.files.iter();
    let first = files.next().map(|file| scaled(file)).unwrap_or_default();
    files.fold(first, |total, file| add(&total, &scaled(file)))
}

/// Adds two series as Flee does, without interpolation: a date of both gets the sum; a date of the first alone the last value
/// of the second (0 before its first); a date of the second alone the next value of the first. Rows of either after the end
/// of the other are lost, but for the last of the first.
fn add(first: &[(i64, f64)], second: &[(i64, f64)]) -> Vec<(i64, f64)> {
    let mut total = Vec::new();
    let mut next = 0;
    let mut last_of_second = 0.0;
    if first.is_empty() {
        return total;
    }
    for &(day, value) in second {
        while day > first[next].0 {
            total.push((first[next].0, last_of_second + first[next].1));
            if next + 1 == first.len() {
                break;
            }
            next += 1;
        }
        if day <= first[next].0 {
            total.push((day, value + first[next].1));
            if day == first[next].0 && next + 1 < first.len() {
                next += 1;
            }
            last_of_second = value;
        }
    }
    total
}

/// The record of one place at some scale, ready to be asked for any day.
#[derive(Debug, Clone, PartialEq)]
pub struct CampSeries {
    /// Days and agents, in file order.
    rows: Vec<(i64, f64)>,
    /// Subtracted from every value: what the camp held on day 0 if camps are to start empty, else 0.
    base: i64,
}

impl CampSeries {
    /// Agents on `day`: linear between the rows, constant before the first and after the last, decimals cut off. Where dates are
    /// out of order the first row that is later than `day` counts with the row above it, as in Flee.
    pub fn at(&self, day: i64) -> i64 {
        let (Some(&first), Some(&last)) = (self.rows.first(), self.rows.last()) else { return -self.base };
        let value = match self.rows.windows(2).find(|pair| day < pair[1].0) {
            _ if day <= first.0 => first.1,
            Some(pair) => {
                let ((day0, value0), (day1, value1)) = (pair[0], pair[1]);
                value0 + (day - day0) as f64 / (day1 - day0) as f64 * (value1 - value0)
            }
            None => last.1,
        };
        value.trunc() as i64 - self.base
    }
}

/// The record of all places at one agent for `scale` persons, corrected.
#[derive(Debug, Clone, PartialEq)]
pub struct CampData {
    /// One series for each row of data_layout.csv.
    pub series: Vec<CampSeries>,
    /// For each row the first row of the same name, which is the one that Flee asks.
    first_of_name: Vec<usize>,
    /// Index of the row called `total`.
    total: Option<usize>,
    /// Day-0 values before anything is subtracted.
    day0: Vec<i64>,
    empty_at_start: bool,
    sum_from_camps: bool,
}

impl CampData {
    pub(super) fn new(
        records: &[Record],
        corrections: &[Correction],
        scale: u32,
        empty_at_start: bool,
        sum_from_camps: bool,
    ) -> CampData {
        let mut tables: Vec<Vec<(i64, f64)>> = records.iter().map(|record| sum(record, scale)).collect();
        for correction in corrections {
            correct(&mut tables[correction.record], correction.day);
        }
        let first_of_name = records
            .iter()
            .enumerate()
            .map(|(index, record)| records.iter().position(|other| other.name == record.name).unwrap_or(index))
            .collect();
        let mut series: Vec<CampSeries> = tables.into_iter().map(|rows| CampSeries { rows, base: 0 }).collect();
        let day0: Vec<i64> = series.iter().map(|series| series.at(0)).collect();
        if empty_at_start {
            for (series, &base) in series.iter_mut().zip(&day0) {
                series.base = base;
            }
        }
        let total = records.iter().position(|record| record.name == "total");
        CampData { series, first_of_name, total, day0, empty_at_start, sum_from_camps }
    }

    /// Agents that row `record` of the layout has on day 0, whether or not camps start empty.
    pub fn on_day_zero(&self, record: usize) -> i64 {
        self.day0[record]
    }

    /// What Flee takes for the number of arrivals on `day`: the growth since the day before, summed over all rows of the layout
    /// after the first (or of `total` alone, without `sum_from_camps`). On day 0 the people already there, `total` and the camps
    /// together, so about twice their number; 0 where camps start empty. Negative when numbers fall.
    pub fn daily_difference(&self, day: u32) -> i64 {
        let growth =
            |record: usize| self.series[record].at(i64::from(day)) - self.series[record].at(i64::from(day) - 1);
        match (day, self.sum_from_camps) {
            (0, _) if self.empty_at_start => 0,
            (0, true) => self.first_of_name.iter().map(|&record| self.day0[record]).sum(),
            (0, false) => self.total.map_or(0, |total| self.day0[total]),
            (_, true) => self.first_of_name.iter().skip(1).map(|&record| growth(record)).sum(),
            (_, false) => self.total.map_or(0, growth),
        }
    }

    /// Arrivals of the first `days` days. With `insert_day0` nobody new arrives on day 0. A fall is carried as a debt that later
    /// growth pays off first.
    pub fn arrivals(&self, days: u32, insert_day0: bool) -> Arrivals {
        let mut arrivals = Arrivals::default();
        let (mut debt, mut raw) = (0, 0);
        for day in 0..days {
            let difference = self.daily_difference(day);
            raw += difference;
            let due = if day == 0 && insert_day0 { 0 } else { difference - debt };
            debt = (-due).max(0);
            arrivals.new.push(due.max(0).unsigned_abs());
            arrivals.debt.push(debt.unsigned_abs());
            arrivals.raw.push(raw);
        }
        arrivals
    }
}

/// Who arrives when, one value for each day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Agents to be placed.
    pub new: Vec<u64>,
    /// Agents too many in the system, still to be made up for (out.csv: refugee_debt).
    pub debt: Vec<u64>,
    /// Sum of the daily differences (out.csv: raw UNHCR refugee count).
    pub raw: Vec<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(rows: &[(i64, f64)]) -> CampSeries {
        CampSeries { rows: rows.to_vec(), base: 0 }
    }

    #[test]
    fn values_are_linear_between_rows_and_cut_off() {
        let series = series(&[(-10, 0.0), (10, 99.0), (20, 50.0), (20, 40.0), (30, 41.0)]);
        assert_eq!(series.at(-20), 0);
        assert_eq!(series.at(0), 49);
        assert_eq!(series.at(10), 99);
        assert_eq!(series.at(15), 74);
        assert_eq!(series.at(20), 40);
        assert_eq!(series.at(25), 40);
        assert_eq!(series.at(99), 41);
    }

    #[test]
    fn a_date_out_of_order_counts_with_its_neighbours() {
        let series = series(&[(0, 0.0), (10, 100.0), (20, 200.0), (5, 300.0), (35, 0.0)]);
        assert_eq!([5, 15, 20, 25].map(|day| series.at(day)), [50, 150, 150, 100]);
    }

    #[test]
    fn sums_are_made_without_interpolation() {
        let first = [(0, 10.0), (5, 20.0), (9, 30.0), (12, 40.0)];
        let second = [(0, 1.0), (7, 2.0), (9, 3.0)];
        assert_eq!(add(&first, &second), [(0, 11.0), (5, 21.0), (7, 32.0), (9, 33.0)]);
        // Rows of the second after the end of the first are lost.
        assert_eq!(add(&[(0, 10.0), (5, 20.0)], &[(0, 1.0), (8, 9.0)]), [(0, 11.0), (5, 21.0)]);
        assert_eq!(add(&[(0, 10.0)], &[(3, 1.0)]), [(0, 10.0)]);
        assert_eq!(add(&[], &[(3, 1.0)]), []);
    }

    #[test]
    fn a_correction_removes_the_jump_at_each_row_of_its_day() {
        let mut rows = [(0, 100.0), (5, 200.0), (9, 100.0), (9, 80.0), (12, 90.0)];
        correct(&mut rows, 9);
        assert_eq!(rows, [(0, 40.0), (5, 80.0), (9, 80.0), (9, 80.0), (12, 90.0)]);
    }

    fn record(name: &str, rows: &[(i64, i64)]) -> Record {
        Record { name: name.to_owned(), location: None, files: vec![rows.to_vec()], line: 1 }
    }

    #[test]
    fn a_fall_is_paid_off_before_anybody_arrives() {
        let records = [record("total", &[(0, 7)]), record("A", &[(0, 10), (1, 30), (2, 5), (3, 20), (4, 60)])];
        let data = CampData::new(&records, &[], 1, false, true);
        let arrivals = data.arrivals(5, true);
        assert_eq!(arrivals.new, [0, 20, 0, 0, 30]);
        assert_eq!(arrivals.debt, [0, 0, 25, 10, 0]);
        // Day 0 counts the total and the camps.
        assert_eq!(arrivals.raw, [17, 37, 12, 27, 67]);
        assert_eq!(data.arrivals(1, false).new, [17]);
    }

    #[test]
    fn camps_that_start_empty_lose_their_first_value() {
        let records =
            [record("total", &[(0, 7), (1, 9)]), record("A", &[(0, 10), (1, 30)]), record("A", &[(0, 1), (1, 2)])];
        let data = CampData::new(&records, &[], 2, true, true);
        assert_eq!((data.series[1].at(0), data.series[1].at(1)), (0, 10));
        assert_eq!((data.on_day_zero(1), data.daily_difference(0)), (5, 0));
        // A name that stands twice is counted twice with its first row.
        assert_eq!(data.daily_difference(1), 20);
        let total = CampData::new(&records, &[], 1, false, false);
        assert_eq!((total.daily_difference(0), total.daily_difference(1)), (7, 2));
    }
}
