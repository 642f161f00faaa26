//! TOML files: tables of keys to [`Record`]s with line numbers; keys that are not known are errors that name the nearest known one.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::fields::{Kind, Table};
use super::problem::{At, Problems, nearest};
use super::record::{Cell, Record};
use super::table::decode;

/// A key with its value, as the TOML reader gives it.
pub type Entry<'t, 'i> = (&'t toml::Spanned<Cow<'i, str>>, &'t toml::Spanned<DeValue<'i>>);

/// A TOML file: turns places in the text into lines.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// File as the user named its folder.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Document<'a> {
    /// The text of `bytes` and its top table; what is no TOML is reported, and `None` returned where nothing could be read.
    pub fn parse(file: &'a str, bytes: &'a [u8], problems: &mut Problems) -> Option<(Self, DeTable<'a>)> {
        let document = Document { file, text: decode(file, bytes, problems)? };
        let (table, errors) = DeTable::parse_recoverable(document.text);
        let mut doubled = None;
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let (line, character) = document.position(span.start);
            let value = document.text.get(span).unwrap_or("").lines().next().unwrap_or("");
            let (message, fix) = if error.message().starts_with("duplicate key") {
                // The keys of a section that stands twice stand twice with it.
                let section = document.section(line);
                if doubled == Some(section) && line > section {
                    continue;
                }
                doubled = Some(section).filter(|section| *section == line);
                ("this key or section stands here a second time".to_owned(), "remove one of the two, or join them")
            } else if error.message().contains("invalid date") {
                (
                    error.message().replace('\n', "; "),
                    "write a day of the calendar as YYYY-MM-DD, e.g. 2011-02-16; what else is wrong in this file is told then",
                )
            } else {
                let message = error.message().replace('\n', "; ");
                (
                    format!("this is not TOML: {message}"),
                    "write key = value, texts in quotes; what else is wrong in this file is told then",
                )
            };
            let message = format!("{message} (character {character} of the line)");
            problems.error(At { file, line, column: "", value }, message, fix);
        }
        errors.is_empty().then(|| (document, table.into_inner()))
    }

    /// Line and character, both from 1, of a byte of the text.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = 1 + before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, 1 + before[start..].chars().count())
    }

    /// The line of the head of the section in which a line stands; 0 before the first.
    fn section(&self, line: usize) -> usize {
        let heads = self.text.lines().take(line).enumerate().filter(|(_, text)| text.trim_start().starts_with('['));
        heads.last().map_or(0, |(index, _)| index + 1)
    }

    /// The text between two bytes.
    pub fn written(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or("")
    }

    /// Reports an error about the value of a key.
    pub fn error(&self, problems: &mut Problems, path: &str, entry: Entry<'_, '_>, message: &str, fix: &str) {
        let (line, character) = self.position(entry.1.span().start);
        let at = At { file: self.file, line, column: path, value: self.written(entry.1.span()) };
        problems.error(at, format!("{message} (character {character} of the line)"), fix);
    }

    /// Reports a key that is not known.
    pub fn unknown(&self, problems: &mut Problems, path: &str, entry: Entry<'_, '_>, known: &[&str]) {
        let (line, character) = self.position(entry.0.span().start);
        let key: &str = entry.0.get_ref();
        let fix = match nearest(key, known.iter().copied()) {
            Some(near) => format!("write '{near}', if that is meant, or remove the key"),
            None => format!("remove the key; known are {}", known.join(", ")),
        };
        let at = At { file: self.file, line, column: path, value: key };
        problems.error(at, format!("this key is not known (character {character} of the line)"), fix);
    }

    /// The keys of `table` as a record of `fields`; those for which `elsewhere` is true are left to the caller.
    pub fn record(
        &self,
        line: usize,
        table: &DeTable<'a>,
        fields: &'static Table,
        elsewhere: &[&str],
        problems: &mut Problems,
    ) -> Record<'a> {
        let mut record = Record::empty(self.file, line, fields);
        for entry in table.iter() {
            let key: &str = entry.0.get_ref();
            let Some((index, field)) = fields.all_fields().enumerate().find(|(_, field)| field.name == key) else {
                if !elsewhere.contains(&key) {
                    let names = fields.all_fields().map(|f| f.name);
                    let mut known: Vec<&str> = names.clone().collect();
                    known.extend(elsewhere);
                    self.unknown(problems, key, entry, &known);
                    record.told.extend(nearest(key, names));
                }
                continue;
            };
            match text_of(entry.1.get_ref(), &field.kind) {
                Some(text) if text.is_empty() => {}
                Some(text) => {
                    let (line, _) = self.position(entry.1.span().start);
                    record.cells[index] = Some(Cell { text: Cow::Owned(text), line });
                }
                None => {
                    let fix = format!("write {}, as {}", field.kind.describe(), example(&field.kind));
                    self.error(problems, key, entry, "this is not the kind of value that belongs here", &fix);
                    record.told.push(field.name);
                }
            }
        }
        record
    }
}

/// The value as it would stand in a cell of a table; `None` where it is of another type than `kind` asks for.
fn text_of(value: &DeValue<'_>, kind: &Kind) -> Option<String> {
    match (value, kind) {
        (DeValue::Integer(_) | DeValue::Float(_), Kind::Number { .. } | Kind::Positive { .. } | Kind::Whole) => {
            number(value).map(|n| n.to_string())
        }
        (DeValue::Boolean(flag), Kind::Flag) => Some(u8::from(*flag).to_string()),
        (DeValue::Integer(_), Kind::Flag) => number(value).map(|n| n.to_string()),
        (DeValue::Datetime(date), Kind::Date) => Some(date.to_string()),
        (
            DeValue::String(text),
            Kind::Text | Kind::Id | Kind::Date | Kind::Word(_) | Kind::Words(_) | Kind::Ids | Kind::Groups,
        ) => Some(text.trim().to_owned()),
        (DeValue::Array(list), Kind::Words(_) | Kind::Ids) => {
            let texts = list.iter().map(|item| item.get_ref().as_str().map(str::trim));
            texts.collect::<Option<Vec<&str>>>().map(|texts| texts.join(";"))
        }
        _ => None,
    }
}

/// The number that a value is; `true` is 1, `false` 0.
pub fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix()).ok().map(|i| i as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Boolean(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

fn example(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number { .. } | Kind::Positive { .. } | Kind::Whole => "a number without quotes",
        Kind::Flag => "true or false",
        Kind::Date => "2011-02-16 or \"2011-02-16\"",
        Kind::Words(_) | Kind::Ids => "[\"a\", \"b\"]",
        Kind::Text | Kind::Id | Kind::Word(_) | Kind::Groups => "a text in quotes",
    }
}
