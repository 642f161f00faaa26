//! What can be wrong with input: every finding names file, line, column, value and the fix.

use std::fmt;

/// How bad a finding is: an [`Severity::Error`] stops the run with exit code 2, a [`Severity::Warning`] is printed only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used as it is.
    Error,
    /// The input can be used; something in it is probably not what its author meant.
    Warning,
}

/// One finding about the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// File as the user named its folder, e.g. `scenarios/libya-2011/routes.csv`.
    pub file: String,
    /// Line in the file, counted from 1; 0 where a finding is about the whole file.
    pub line: usize,
    /// Column or key name; empty where a finding is about the whole line.
    pub column: String,
    /// The value found, shortened to 60 characters; empty where there is none.
    pub value: String,
    /// What is wrong, in a few words.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{kind}: {}", self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column '{}'", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, ", value '{}'", self.value)?;
        }
        write!(f, ": {}. Fix: {}.", self.message, self.fix)
    }
}

/// All findings of one pass over the input, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Where a value stands: builds [`Problem`]s about it.
#[derive(Debug, Clone, Default)]
pub struct At<'a> {
    /// See [`Problem::file`].
    pub file: &'a str,
    /// See [`Problem::line`].
    pub line: usize,
    /// See [`Problem::column`].
    pub column: &'a str,
    /// See [`Problem::value`].
    pub value: &'a str,
}

impl Problems {
    /// Adds an error about the value at `at`.
    pub fn error(&mut self, at: At<'_>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Severity::Error, at, message.into(), fix.into());
    }

    /// Adds a warning about the value at `at`.
    pub fn warning(&mut self, at: At<'_>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Severity::Warning, at, message.into(), fix.into());
    }

    fn push(&mut self, severity: Severity, at: At<'_>, message: String, fix: String) {
        self.0.push(Problem {
            severity,
            file: at.file.to_owned(),
            line: at.line,
            column: at.column.to_owned(),
            value: shorten(at.value),
            message,
            fix,
        });
    }

    /// Whether any finding stops the run.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|p| p.severity == Severity::Error)
    }

    /// How many findings there are, e.g. `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let errors = self.0.iter().filter(|p| p.severity == Severity::Error).count();
        let warnings = self.0.len() - errors;
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        format!("{errors} error{}, {warnings} warning{}", plural(errors), plural(warnings))
    }

    /// `value` if nothing stops the run, else all findings.
    pub fn into_result<T>(self, value: T) -> Result<(T, Problems), Problems> {
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }
}

/// `text` on one line with control characters replaced, at most 60 characters.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}

/// The entry of `known` that a mistyped `word` most likely means, if one is near: similar by Jaro and Winkler, or one slip away.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let similarity = |known: &str| {
        let known = known.to_lowercase();
        let one_slip = known.chars().count() > 2 && strsim::osa_distance(&word, &known) <= 1;
        strsim::jaro_winkler(&word, &known).max(if one_slip { 0.76 } else { 0.0 })
    };
    known
        .into_iter()
        .map(|k| (similarity(k), k))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}
