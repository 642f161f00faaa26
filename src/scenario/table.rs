//! CSV tables: bytes to [`Record`]s with line numbers.

use std::borrow::Cow;

use super::fields::{Empty, MAX_CELL, MAX_ROWS, Table};
use super::problem::{At, Problems, nearest};
use super::record::{Cell, Record};

/// Problems of one file that are listed; a file with more is broken as a whole.
const MAX_PROBLEMS: usize = 1000;

/// Columns that would hold data about single persons. No scenario needs them, so they are refused.
const PERSONAL: &[&str] = &[
    "person_name",
    "full_name",
    "first_name",
    "last_name",
    "given_name",
    "family_name",
    "surname",
    "phone",
    "phone_number",
    "telephone",
    "mobile",
    "passport",
    "passport_number",
    "passport_no",
    "id_number",
    "national_id",
    "case_number",
    "registration_number",
    "date_of_birth",
    "birth_date",
    "birthdate",
    "dob",
    "email",
    "e_mail",
    "address",
    "fingerprint",
    "iris",
    "photo",
    "biometric_id",
    "person_id",
    "individual_id",
];

/// Reads `bytes` as rows of `table` and hands each to `row`. Returns whether the file was read to its end.
///
/// Comma, semicolon or tab; a byte-order mark, Windows line ends, a missing last newline, quotes, blanks around values, empty
/// lines, a first line `sep=,` and a second header row of HXL hashtags are accepted. `file` is the name for messages.
pub fn read_rows(
    file: &str,
    bytes: &[u8],
    table: &'static Table,
    problems: &mut Problems,
    mut row: impl FnMut(&Record<'_>, &mut Problems),
) -> bool {
    let Some(text) = decode(file, bytes, problems) else { return false };
    let first = text.trim_start_matches(['\n', '\r']).lines().next().unwrap_or("");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(first))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Lines { text, byte: 0, line: 1 };
    let mut raw = csv::StringRecord::new();
    let mut header: Option<Header> = None;
    let mut rows = 0;
    let before = problems.0.len();
    loop {
        match reader.read_record(&mut raw) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                problems.error(
                    At { file, ..At::default() },
                    format!("the table cannot be read: {error}"),
                    "save it again as CSV UTF-8",
                );
                return false;
            }
        }
        let line = lines.of(raw.position().map_or(0, |p| p.byte() as usize));
        if raw.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(header) = &header else {
            // The line by which Excel is told the delimiter.
            if raw.get(0).is_some_and(|cell| cell.len() <= 5 && cell.to_lowercase().starts_with("sep=")) {
                continue;
            }
            match Header::read(file, line, &raw, table, problems) {
                Some(read) => header = Some(read),
                None => return false,
            }
            continue;
        };
        if rows == 0 && is_hxl(&raw) {
            continue;
        }
        rows += 1;
        if rows > MAX_ROWS {
            let at = At { file, line, ..At::default() };
            problems.error(at, format!("more than {MAX_ROWS} rows"), "split or aggregate the table");
            return false;
        }
        if problems.0.len() - before >= MAX_PROBLEMS {
            let at = At { file, line, ..At::default() };
            problems.error(
                at,
                format!("{MAX_PROBLEMS} problems so far; the rest of the file was not read"),
                "repair these and check again",
            );
            return false;
        }
        if let Some(record) = header.record(file, line, &raw, table, problems) {
            row(&record, problems);
        }
    }
    if header.is_none() {
        problems.error(
            At { file, ..At::default() },
            "the file is empty",
            format!("begin it with the header {}", headers(table)),
        );
        return false;
    }
    if rows == 0 && table.rows_required {
        problems.error(
            At { file, ..At::default() },
            "the table has a header and no rows",
            format!("add a row: {}", table.doc.to_lowercase()),
        );
    }
    true
}

/// The text of a file without its byte-order mark, or `None` with a message where it is no UTF-8 or holds a NUL byte.
pub fn decode<'a>(file: &str, bytes: &'a [u8], problems: &mut Problems) -> Option<&'a str> {
    let line_of = |byte: usize| 1 + bytes[..byte].iter().filter(|b| **b == b'\n').count();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        problems.error(
            At { file, line: 1, ..At::default() },
            "the file is UTF-16",
            "save it as UTF-8 (in Excel: CSV UTF-8)",
        );
        return None;
    }
    if let Some(byte) = bytes.iter().position(|b| *b == 0) {
        problems.error(
            At { file, line: line_of(byte), ..At::default() },
            "a NUL byte stands in the file",
            "save it again as plain text, UTF-8",
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let at = At { file, line: line_of(error.valid_up_to()), ..At::default() };
            problems.error(
                at,
                format!("byte {:#04x} is not UTF-8", bytes[error.valid_up_to()]),
                "save the file as UTF-8 (in Excel: CSV UTF-8)",
            );
            None
        }
    }
}

/// The delimiter that stands most often in the header line, outside quotes; a comma where none does.
fn delimiter(header: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(d, _)| *d == byte && !quoted) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0).map_or(b',', |(d, _)| d)
}

/// Line numbers of ascending byte positions.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    /// Line, from 1, of the first character at or after `byte` that does not end a line.
    fn of(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        while let Some(c) = bytes.get(self.byte).filter(|c| self.byte < byte || matches!(c, b'\n' | b'\r')) {
            self.line += usize::from(*c == b'\n');
            self.byte += 1;
        }
        self.line
    }
}

/// Whether a row holds HXL hashtags.
fn is_hxl(raw: &csv::StringRecord) -> bool {
    raw.iter().all(|cell| cell.is_empty() || cell.starts_with('#'))
}

/// `Población total` -> `poblacion_total`: how headers are compared.
pub fn plain(header: &str) -> String {
    header.trim().chars().flat_map(char::to_lowercase).filter_map(without_accent).collect()
}

fn without_accent(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        '\u{300}'..='\u{36f}' => return None,
        ' ' | '-' => '_',
        other => other,
    })
}

fn headers(table: &Table) -> String {
    table.fields.iter().map(|f| f.name).collect::<Vec<_>>().join(",")
}

/// Which field each column of a file holds.
struct Header {
    /// Place in [`Table::all_fields`]; `None` for a column that is not known.
    columns: Vec<Option<usize>>,
    line: usize,
}

impl Header {
    /// `None` where the rows cannot be understood with it.
    fn read(file: &str, line: usize, raw: &csv::StringRecord, table: &Table, problems: &mut Problems) -> Option<Self> {
        let names: Vec<&str> = table.all_fields().map(|f| f.name).collect();
        let mut columns: Vec<Option<usize>> = Vec::new();
        let mut usable = true;
        for (number, written) in raw.iter().enumerate() {
            let at = At { file, line, column: written, value: "" };
            let name = plain(written);
            if PERSONAL.contains(&name.as_str()) && !names.contains(&name.as_str()) {
                problems.error(
                    at,
                    "this column looks like data about single persons; scenarios hold numbers of people only",
                    "remove the column, and keep such data out of this folder",
                );
                columns.push(None);
                continue;
            }
            let known = names.iter().position(|n| *n == name);
            if known.is_some() && columns.contains(&known) {
                problems.error(
                    at,
                    format!("the column stands in the header twice (again as number {})", number + 1),
                    "remove one of the two",
                );
                usable = false;
            } else if known.is_none() && !name.is_empty() {
                let fix = match nearest(&name, names.iter().copied()) {
                    Some(near) => format!("write '{near}', if that is meant"),
                    None => format!("remove it; known are {}", names.join(", ")),
                };
                problems.warning(at, "this column is not known and is left out", fix);
            }
            columns.push(known);
        }
        for (index, field) in table.all_fields().enumerate() {
            if field.empty == Empty::Refused && !columns.contains(&Some(index)) {
                let at = At { file, line, column: field.name, value: "" };
                problems.error(
                    at,
                    "this column is missing",
                    format!("add it: {} ({})", field.doc, field.kind.describe()),
                );
                usable = false;
            }
        }
        usable.then_some(Header { columns, line })
    }

    /// `None` where the row has too few or too many cells.
    fn record<'a>(
        &self,
        file: &'a str,
        line: usize,
        raw: &'a csv::StringRecord,
        table: &'static Table,
        problems: &mut Problems,
    ) -> Option<Record<'a>> {
        if raw.len() != self.columns.len() {
            let at = At { file, line, column: "", value: raw.get(0).unwrap_or("") };
            let message =
                format!("the row has {} cells, the header in line {} has {}", raw.len(), self.line, self.columns.len());
            let fix = if raw.iter().any(|cell| cell.contains('\n')) {
                "close the quotation mark that is left open in this row"
            } else if raw.len() > self.columns.len() {
                "put quotes around a value that holds the delimiter, or remove the surplus cells"
            } else {
                "add the missing cells (empty ones are fine)"
            };
            problems.error(at, message, fix);
            return None;
        }
        let mut record = Record::empty(file, line, table);
        for (text, column) in raw.iter().zip(&self.columns) {
            let Some(index) = column.filter(|_| !text.is_empty()) else { continue };
            if text.chars().nth(MAX_CELL).is_some() {
                let column = table.all_fields().nth(index).map_or("", |f| f.name);
                let at = At { file, line, column, value: text };
                problems.error(
                    at,
                    format!("a cell of more than {MAX_CELL} characters"),
                    "shorten it, or close the quotation mark that is left open",
                );
                return None;
            }
            record.cells[index] = Some(Cell { text: Cow::Borrowed(text), line });
        }
        Some(record)
    }
}
