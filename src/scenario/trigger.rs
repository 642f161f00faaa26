//! Triggers: conditions on what was published, on which a response begins, e.g. `waiting(ras_ajdir_tn) > 5000 for 2 days`.
//!
//! ```text
//! trigger   = all { "or" all }
//! all       = clause { "and" clause }
//! clause    = measure "(" where ")" ( ">" | ">=" | "<" | "<=" ) number [ "for" number "days" ]
//! where     = location id | country | "all"
//! ```
//! `and` binds closer than `or`. A clause with `for N days` holds on the N-th day in a row on which its comparison is true.

/// What a clause looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Persons who wait there.
    Waiting,
    /// Persons on the move who are there.
    Present,
    /// Persons stranded there.
    Stranded,
    /// Persons trapped there.
    Trapped,
    /// Persons who came there on the day.
    Arrived,
    /// Persons who left there on a link on the day.
    Departed,
    /// Persons who died or went missing there on the day.
    Deaths,
    /// Highest intensity of conflict or hazard there, 0-1.
    Intensity,
}

impl Watched {
    /// Names in conditions.
    pub const NAMES: [(&'static str, Watched); 8] = [
        ("waiting", Watched::Waiting),
        ("present", Watched::Present),
        ("stranded", Watched::Stranded),
        ("trapped", Watched::Trapped),
        ("arrived", Watched::Arrived),
        ("departed", Watched::Departed),
        ("deaths", Watched::Deaths),
        ("intensity", Watched::Intensity),
    ];
}

/// How a clause compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// Above.
    Above,
    /// At or above.
    AtLeast,
    /// Below.
    Below,
    /// At or below.
    AtMost,
}

impl Comparator {
    /// Whether `value` compares so with `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparator::Above => value > limit,
            Comparator::AtLeast => value >= limit,
            Comparator::Below => value < limit,
            Comparator::AtMost => value <= limit,
        }
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// What it looks at.
    pub watched: Watched,
    /// Where: a location id, a country, or `all`.
    pub where_: String,
    /// How it compares.
    pub comparator: Comparator,
    /// With what: persons, or intensity.
    pub limit: f64,
    /// Days in a row for which the comparison must be true, at least 1.
    pub days: u16,
}

impl Clause {
    /// Whether its comparison can ever be true: nothing that is watched is below 0, and no intensity is above 1.
    pub fn can_hold(&self) -> bool {
        let most = if self.watched == Watched::Intensity { 1.0 } else { f64::INFINITY };
        match self.comparator {
            Comparator::Above => self.limit < most,
            Comparator::AtLeast => self.limit <= most,
            Comparator::Below => self.limit > 0.0,
            Comparator::AtMost => true,
        }
    }
}

/// A condition: any of the lists holds of which all clauses hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Lists of clauses joined by `and`; the lists are joined by `or`.
    pub any: Vec<Vec<Clause>>,
}

impl Condition {
    /// All clauses, in the order in which they are written.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.any.iter().flatten()
    }
}

/// What is wrong with the text of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerFault {
    /// Character of the text at which it is, from 1.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Open,
    Close,
    Compare(Comparator),
}

/// Reads the text of a condition.
pub fn parse(text: &str) -> Result<Condition, TriggerFault> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.chars().count() + 1 };
    let mut any = vec![vec![parser.clause()?]];
    while let Some((at, token)) = parser.take() {
        match token {
            Token::Word(word) if word == "and" => {
                let clause = parser.clause()?;
                if let Some(all) = any.last_mut() {
                    all.push(clause);
                }
            }
            Token::Word(word) if word == "or" => any.push(vec![parser.clause()?]),
            _ => return Err(fault(at, "the condition goes on after its end", "join clauses by 'and' or 'or'")),
        }
    }
    Ok(Condition { any })
}

fn fault(at: usize, message: impl Into<String>, fix: impl Into<String>) -> TriggerFault {
    TriggerFault { at, message: message.into(), fix: fix.into() }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, TriggerFault> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < characters.len() {
        let at = i + 1;
        let equal = characters.get(i + 1) == Some(&'=');
        let (token, length) = match characters[i] {
            c if c.is_whitespace() => {
                i += 1;
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '>' if equal => (Token::Compare(Comparator::AtLeast), 2),
            '<' if equal => (Token::Compare(Comparator::AtMost), 2),
            '>' => (Token::Compare(Comparator::Above), 1),
            '<' => (Token::Compare(Comparator::Below), 1),
            c if c.is_alphanumeric() || "_-.+:".contains(c) => {
                let is_word = |c: &char| c.is_alphanumeric() || "_-.+:".contains(*c);
                let word: String = characters[i..].iter().take_while(|c| is_word(c)).collect();
                let length = word.chars().count();
                (Token::Word(word), length)
            }
            c => return Err(fault(at, format!("'{c}' means nothing in a condition"), EXAMPLE)),
        };
        tokens.push((at, token));
        i += length;
    }
    Ok(tokens)
}

const EXAMPLE: &str = "write something like: waiting(border_post) > 5000 for 2 days";

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
}

impl Parser {
    fn take(&mut self) -> Option<(usize, Token)> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn word(&mut self, wanted: &str) -> Result<(usize, String), TriggerFault> {
        match self.take() {
            Some((at, Token::Word(word))) => Ok((at, word)),
            Some((at, _)) => Err(fault(at, format!("{wanted} is missing here"), EXAMPLE)),
            None => Err(fault(self.end, format!("the condition ends where {wanted} should stand"), EXAMPLE)),
        }
    }

    fn exactly(&mut self, wanted: &Token, name: &str) -> Result<(), TriggerFault> {
        match self.take() {
            Some((_, token)) if token == *wanted => Ok(()),
            Some((at, _)) => Err(fault(at, format!("{name} is missing here"), EXAMPLE)),
            None => Err(fault(self.end, format!("the condition ends where {name} should stand"), EXAMPLE)),
        }
    }

    fn number(&mut self, wanted: &str) -> Result<f64, TriggerFault> {
        let (at, word) = self.word(wanted)?;
        let value = word.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
        value.ok_or_else(|| fault(at, format!("'{word}' is no number of 0 or more"), "write digits, e.g. 5000"))
    }

    fn clause(&mut self) -> Result<Clause, TriggerFault> {
        let (at, name) = self.word("a measure")?;
        let names = Watched::NAMES.map(|(name, _)| name);
        let Some((_, watched)) = Watched::NAMES.iter().find(|(known, _)| *known == name) else {
            let fix = match super::problem::nearest(&name, names) {
                Some(near) => format!("write '{near}', if that is meant; known are {}", names.join(", ")),
                None => format!("write one of {}", names.join(", ")),
            };
            return Err(fault(at, format!("'{name}' cannot be watched"), fix));
        };
        self.exactly(&Token::Open, "'('")?;
        let mut where_ = self.word("a place")?.1;
        // Ids may have blanks inside.
        while let Some((_, Token::Word(more))) = self.tokens.get(self.next) {
            where_ = format!("{where_} {more}");
            self.next += 1;
        }
        self.exactly(&Token::Close, "')'")?;
        let comparator = match self.take() {
            Some((_, Token::Compare(comparator))) => comparator,
            Some((at, _)) => return Err(fault(at, "a comparison is missing here", "write >, >=, < or <=")),
            None => {
                return Err(fault(
                    self.end,
                    "the condition ends where a comparison should stand",
                    "write >, >=, < or <=",
                ));
            }
        };
        let limit = self.number("a number")?;
        let mut days = 1;
        if matches!(self.tokens.get(self.next), Some((_, Token::Word(word))) if word == "for") {
            self.next += 1;
            let at = self.tokens.get(self.next).map_or(self.end, |t| t.0);
            let number = self.number("a number of days")?;
            if number.fract() != 0.0 || !(1.0..=1000.0).contains(&number) {
                return Err(fault(at, "this is no whole number of days from 1 to 1000", "write e.g. for 2 days"));
            }
            days = number as u16;
            let (at, word) = self.word("'days'")?;
            if word != "days" && word != "day" {
                return Err(fault(at, format!("'{word}' stands where 'days' should"), "write e.g. for 2 days"));
            }
        }
        Ok(Clause { watched: *watched, where_, comparator, limit, days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_and_their_joints_are_read() {
        let one = parse("waiting(ras_ajdir_tn) > 5000 for 2 days").unwrap();
        let clause = &one.any[0][0];
        assert_eq!((clause.watched, clause.where_.as_str()), (Watched::Waiting, "ras_ajdir_tn"));
        assert_eq!((clause.comparator, clause.limit, clause.days), (Comparator::Above, 5000.0, 2));
        let many = parse("intensity(LBY)>=0.3 and arrived( all )<1e4 or deaths(a b) > 0 for 1 day").unwrap();
        assert_eq!(many.any.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(many.any[1][0].where_, "a b");
        assert_eq!(many.clauses().count(), 3);
    }

    #[test]
    fn what_can_never_hold_is_known() {
        let can = |text: &str| parse(text).unwrap().clauses().all(Clause::can_hold);
        assert!(can("intensity(all) >= 1 and waiting(x) > 5000 and deaths(x) <= 0"));
        for never in ["intensity(all) > 3", "intensity(all) > 1", "intensity(all) >= 1.5", "waiting(x) < 0"] {
            assert!(!can(never), "{never}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_character_and_a_fix() {
        let cases = [
            ("", 1, "a measure"),
            ("waitng(x) > 1", 1, "'waitng' cannot be watched"),
            ("waiting x > 1", 9, "'('"),
            ("waiting(x > 1", 11, "')'"),
            ("waiting() > 1", 9, "a place"),
            ("waiting(x) 5", 12, "a comparison"),
            ("waiting(x)", 11, "a comparison"),
            ("waiting(x) > many", 14, "'many' is no number"),
            ("waiting(x) > -4", 14, "'-4' is no number"),
            ("waiting(x) > 5 for 0 days", 20, "whole number of days"),
            ("waiting(x) > 5 for 2 weeks", 22, "'weeks'"),
            ("waiting(x) > 5 waiting(y) > 2", 16, "goes on"),
            ("waiting(x) > 5 and", 19, "a measure"),
            ("waiting(x) = 5", 12, "'=' means nothing"),
            ("wäiting(x) > 5", 1, "cannot be watched"),
        ];
        for (text, at, expected) in cases {
            let fault = parse(text).unwrap_err();
            assert_eq!(fault.at, at, "{text}: {fault:?}");
            assert!(fault.message.contains(expected) && !fault.fix.is_empty(), "{text}: {fault:?}");
        }
        assert!(parse("waitng(x) > 1").unwrap_err().fix.contains("'waiting'"));
    }
}
