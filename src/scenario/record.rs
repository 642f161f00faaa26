//! A row of a table or a table of a TOML file: cells with their positions, read as what their [`Field`]s declare.
//!
//! What cannot be read is reported and replaced by a stand-in value, so that one pass finds all problems.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::fields::{COMMON, Empty, Field, Kind, MAX_PERSONS, Table};
use super::problem::{At, Problems, nearest};
use super::scenario::{Confidence, GroupsCell, Provenance, Word};

/// A cell that holds something.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    /// The text, without blanks around it.
    pub text: Cow<'a, str>,
    /// Line in the file, from 1.
    pub line: usize,
}

/// The cells of a row, in the order of [`Table::all_fields`]; `None` where empty.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// File as the user named its folder.
    pub file: &'a str,
    /// Line on which the row begins, from 1.
    pub line: usize,
    /// What the cells mean.
    pub table: &'static Table,
    /// The cells.
    pub cells: Vec<Option<Cell<'a>>>,
    /// Fields whose key was misspelt or whose value was of another kind: told already, so that nothing more is said of their being empty.
    pub told: Vec<&'static str>,
}

/// Reads the cells of a record one by one and reports what is wrong with them.
pub struct Cells<'r> {
    record: &'r Record<'r>,
    problems: &'r mut Problems,
}

/// What is wrong with a cell, and what to do about it.
type Fault = (String, String);

impl<'r> Cells<'r> {
    /// Reads `record`, reports to `problems`.
    pub fn new(record: &'r Record<'r>, problems: &'r mut Problems) -> Self {
        Cells { record, problems }
    }

    /// Line of the row, as it stands in the structs of [`super::scenario`].
    pub fn line(&self) -> u32 {
        u32::try_from(self.record.line).unwrap_or(u32::MAX)
    }

    /// Line of the cell `name`; that of the row where the cell is empty.
    pub fn line_of(&self, name: &str) -> usize {
        self.at(name).line
    }

    /// Whether the cell `name` holds something.
    pub fn is_given(&self, name: &str) -> bool {
        self.find(name).is_some_and(|(_, cell)| cell.is_some())
    }

    /// Whether the cell `name` holds something, or was meant to.
    pub fn is_meant(&self, name: &str) -> bool {
        self.is_given(name) || self.record.told.contains(&name)
    }

    /// Reports an error about the cell `name`.
    pub fn error(&mut self, name: &str, message: impl Into<String>, fix: impl Into<String>) {
        let at = self.at(name);
        self.problems.error(at, message, fix);
    }

    /// Reports a warning about the cell `name`.
    pub fn warning(&mut self, name: &str, message: impl Into<String>, fix: impl Into<String>) {
        let at = self.at(name);
        self.problems.warning(at, message, fix);
    }

    fn at<'n>(&self, name: &'n str) -> At<'n>
    where
        'r: 'n,
    {
        let (line, value) = match self.find(name).and_then(|(_, cell)| cell) {
            Some(cell) => (cell.line, cell.text.as_ref()),
            None => (self.record.line, ""),
        };
        At { file: self.record.file, line, column: name, value }
    }

    fn find(&self, name: &str) -> Option<(&'static Field, Option<&'r Cell<'r>>)> {
        let mut fields = self.record.table.all_fields().zip(&self.record.cells);
        fields.find(|(field, _)| field.name == name).map(|(field, cell)| (field, cell.as_ref()))
    }

    /// The cell `name` read with `read`. `None` where it is empty without a default, or where it cannot be read.
    fn cell<T>(&mut self, name: &str, read: impl Fn(&str, &Kind) -> Result<T, Fault>) -> Option<T> {
        let Some((field, cell)) = self.find(name) else {
            debug_assert!(false, "'{name}' is no field of {}", self.record.table.name);
            return None;
        };
        let text = match (cell, field.empty) {
            (Some(cell), _) => cell.text.as_ref(),
            (None, Empty::Means(default)) => default,
            (None, Empty::Told(_)) => return None,
            (None, Empty::Refused) if self.record.told.contains(&name) => return None,
            (None, Empty::Refused) => {
                self.error(name, "this cell must not be empty", format!("write {}", wanted(field)));
                return None;
            }
        };
        match read(text, &field.kind) {
            Ok(value) => Some(value),
            Err((message, fix)) => {
                self.error(name, message, fix);
                None
            }
        }
    }

    /// Text, or `None` where the cell is empty and has no default.
    pub fn text_or_none(&mut self, name: &str) -> Option<String> {
        self.cell(name, |text, kind| match kind {
            Kind::Id => read_id(text),
            _ => Ok(text.to_owned()),
        })
    }

    /// Text or id.
    pub fn text(&mut self, name: &str) -> String {
        self.text_or_none(name).unwrap_or_default()
    }

    /// Number, or `None` where the cell is empty and has no default.
    pub fn number_or_none(&mut self, name: &str) -> Option<f64> {
        self.cell(name, read_number)
    }

    /// Number; the stand-in is NaN, which no later check finds fault with.
    pub fn number(&mut self, name: &str) -> f64 {
        self.number_or_none(name).unwrap_or(f64::NAN)
    }

    /// Whole number, or `None` where the cell is empty and has no default.
    pub fn whole_or_none(&mut self, name: &str) -> Option<u64> {
        self.cell(name, |text, _| read_whole(text))
    }

    /// Whole number.
    pub fn whole(&mut self, name: &str) -> u64 {
        self.whole_or_none(name).unwrap_or(1)
    }

    /// Flag, or `None` where the cell is empty and has no default.
    pub fn flag_or_none(&mut self, name: &str) -> Option<bool> {
        self.cell(name, |text, _| match text {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(("this is neither 0 nor 1".into(), "write 1 for yes or 0 for no".into())),
        })
    }

    /// Day, or `None` where the cell is empty and has no default.
    pub fn date_or_none(&mut self, name: &str) -> Option<NaiveDate> {
        self.cell(name, |text, _| read_date(text))
    }

    /// The day that stands in the cell `name`, whose faults were told before.
    pub fn said_date(&self, name: &str) -> Option<NaiveDate> {
        self.find(name).and_then(|(_, cell)| read_date(&cell?.text).ok())
    }

    /// Day; `stand_in` where it is missing or cannot be read.
    pub fn date_or(&mut self, name: &str, stand_in: NaiveDate) -> NaiveDate {
        self.date_or_none(name).unwrap_or(stand_in)
    }

    /// One of a few words, or `None` where the cell is empty and has no default.
    pub fn word_or_none<T: Word>(&mut self, name: &str) -> Option<T> {
        self.cell(name, |text, _| read_word(text))
    }

    /// One of a few words; `stand_in` where it cannot be read.
    pub fn word_or<T: Word>(&mut self, name: &str, stand_in: T) -> T {
        self.word_or_none(name).unwrap_or(stand_in)
    }

    /// List of words.
    pub fn words<T: Word>(&mut self, name: &str) -> Vec<T> {
        self.cell(name, |text, _| parts(text).map(read_word).collect()).unwrap_or_default()
    }

    /// List of ids.
    pub fn ids(&mut self, name: &str) -> Vec<String> {
        self.cell(name, |text, _| parts(text).map(read_id).collect()).unwrap_or_default()
    }

    /// Groups cell.
    pub fn groups(&mut self, name: &str) -> GroupsCell {
        self.cell(name, |text, _| read_groups(text)).unwrap_or_default()
    }

    /// The columns `source`, `confidence` and `notes`.
    pub fn provenance(&mut self) -> Provenance {
        Provenance {
            source: self.text("source"),
            confidence: self.word_or_none::<Confidence>("confidence"),
            notes: self.text("notes"),
        }
    }
}

impl<'a> Record<'a> {
    /// A record of `table` without any cell.
    pub fn empty(file: &'a str, line: usize, table: &'static Table) -> Self {
        Record { file, line, table, cells: vec![None; table.fields.len() + COMMON.len()], told: Vec::new() }
    }
}

/// What to write into an empty cell, in words.
fn wanted(field: &Field) -> String {
    let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
    format!("the {}: {}{unit}", field.name, field.kind.describe())
}

/// The entries of a list cell.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

fn read_id(text: &str) -> Result<String, Fault> {
    let odd = text
        .chars()
        .find(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | ':' | ' ' | '\'' | '/' | '(' | ')' | '&'));
    match odd {
        None if text.chars().count() <= 100 => Ok(text.to_owned()),
        None => Err(("an id of more than 100 characters".into(), "use a short id".into())),
        Some(c) => Err((
            format!("the character '{}' cannot stand in an id", c.escape_default()),
            "use letters, digits, '_', '-', '.' and blanks inside".into(),
        )),
    }
}

fn read_word<T: Word>(text: &str) -> Result<T, Fault> {
    T::from_word(text).or_else(|| T::from_word(&text.to_lowercase())).ok_or_else(|| not_a_word(text, T::WORDS))
}

fn not_a_word(text: &str, words: &[&str]) -> Fault {
    let fix = match nearest(text, words.iter().copied()) {
        Some(word) => format!("write '{word}', if that is meant; known are {}", words.join(", ")),
        None => format!("write one of {}", words.join(", ")),
    };
    ("this word is not known here".into(), fix)
}

/// A day written as `2011-02-16`.
pub fn read_date(text: &str) -> Result<NaiveDate, Fault> {
    let fix = || "write a day of the calendar as YYYY-MM-DD, e.g. 2011-02-16".to_owned();
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if (1..=9999).contains(&date.year()) => Ok(date),
        Ok(_) => Err(("the year is not between 1 and 9999".into(), fix())),
        Err(_) => Err(("this is not a date".into(), fix())),
    }
}

fn read_whole(text: &str) -> Result<u64, Fault> {
    let number = read_number(text, &Kind::Whole)?;
    if number.fract() != 0.0 {
        return Err(("this is not a whole number".into(), format!("write {}", number.round())));
    }
    Ok(number as u64)
}

/// A number in the range of `kind`.
pub fn read_number(text: &str, kind: &Kind) -> Result<f64, Fault> {
    let (low, high, above) = match *kind {
        Kind::Number { min, max } => (min, max, false),
        Kind::Positive { max } => (0.0, max, true),
        Kind::Whole => (0.0, MAX_PERSONS as f64, false),
        _ => (f64::MIN, f64::MAX, false),
    };
    let range = || format!("write a {}", kind.describe());
    let number: f64 = text.parse().map_err(|_| number_fault(text))?;
    if number.is_nan()
        || (number.is_infinite() && text.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')))
    {
        return Err(("this is not a finite number".into(), range()));
    }
    let message = if number < low && low == 0.0 {
        "a negative number"
    } else if number < low {
        "this number is too small"
    } else if above && number == 0.0 {
        "this number must be greater than 0"
    } else if number > high && high == 1.0 {
        "a share or intensity above 1"
    } else if number > high {
        "this number is too large"
    } else {
        return Ok(number);
    };
    Err((message.into(), range()))
}

/// Why `text` is not a number: the usual slips have a fix of their own.
fn number_fault(text: &str) -> Fault {
    let without = |separators: &[char]| text.replace(separators, "");
    let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    if text.ends_with('%') && is_number(text.trim_end_matches('%').trim_end()) {
        return ("a percentage".into(), "write a share from 0 to 1, e.g. 0.25 for 25 %".into());
    }
    let groups_of_three = text
        .split([',', ' ', '\u{a0}', '\u{202f}', '\''])
        .skip(1)
        .all(|part| part.split('.').next().is_some_and(|d| d.len() == 3));
    let bare = without(&[',', ' ', '\u{a0}', '\u{202f}', '\'']);
    if groups_of_three && is_number(&bare) {
        return ("a number with a thousands separator".into(), format!("write {bare}"));
    }
    let point = text.replace(',', ".");
    if is_number(&point) {
        return ("a number with a decimal comma".into(), format!("write {point}"));
    }
    ("this is not a number".into(), "write a number with a point and no unit, e.g. 0.5".into())
}

fn read_groups(text: &str) -> Result<GroupsCell, Fault> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(GroupsCell::All);
    }
    let (list, except) = match text.split_once(':') {
        Some((head, list)) if head.trim().eq_ignore_ascii_case("non") => (list, true),
        _ => (text, false),
    };
    let ids = parts(list).map(read_id).collect::<Result<Vec<String>, Fault>>()?;
    match (ids.is_empty(), except) {
        (true, _) => Err(("no group is named".into(), "write all, a list such as EGY;TUN, or non:LBY".into())),
        (false, true) => Ok(GroupsCell::Except(ids)),
        (false, false) => Ok(GroupsCell::Only(ids)),
    }
}
