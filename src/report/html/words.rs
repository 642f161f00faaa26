//! Words of a report in one language: sentences, names, numbers and dates, from the files in `report/languages/`.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::experiment::scores::Aim;

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Lang {
    /// English
    #[default]
    En,
    /// French
    Fr,
    /// Arabic
    Ar,
    /// Spanish
    Es,
}

impl Lang {
    /// All languages.
    pub const ALL: [Lang; 4] = [Lang::En, Lang::Fr, Lang::Ar, Lang::Es];

    /// Tag of the language (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
            Lang::Ar => "ar",
            Lang::Es => "es",
        }
    }

    /// Direction of its script.
    pub fn dir(self) -> &'static str {
        if self == Lang::Ar { "rtl" } else { "ltr" }
    }

    /// The file of its texts.
    pub fn file(self) -> &'static str {
        match self {
            Lang::En => include_str!("../languages/en.toml"),
            Lang::Fr => include_str!("../languages/fr.toml"),
            Lang::Ar => include_str!("../languages/ar.toml"),
            Lang::Es => include_str!("../languages/es.toml"),
        }
    }
}

/// Section of the texts about the trapped, in sections of their own.
const TRAPPED: &str = "trapped";

/// A blank between the groups of a number, at which no line breaks.
const BLANK: char = '\u{202f}';

/// The texts of one language.
#[derive(Debug, Clone)]
pub struct Words {
    /// The language.
    pub lang: Lang,
    texts: BTreeMap<String, String>,
    /// Whether texts about the trapped stand for those about the stranded.
    trapped: bool,
}

impl Words {
    /// The texts of `lang`, by `section.key`.
    pub fn new(lang: Lang) -> Self {
        let table: toml::Table = lang.file().parse().unwrap_or_default();
        let mut texts = BTreeMap::new();
        let mut add = |section: &str, values: &toml::Value| {
            for (key, value) in values.as_table().into_iter().flatten() {
                texts.insert(format!("{section}.{key}"), value.as_str().unwrap_or_default().to_owned());
            }
        };
        for (section, values) in &table {
            match values.as_table().filter(|_| section == TRAPPED) {
                None => add(section, values),
                Some(sections) => sections.iter().for_each(|(of, values)| add(&format!("{TRAPPED}.{of}"), values)),
            }
        }
        Self { lang, texts, trapped: false }
    }

    /// The texts of `lang` for a comparison with that `aim`: those about the stranded give way to those about the trapped where these are
    /// what it tells apart.
    pub fn for_aim(lang: Lang, aim: Aim) -> Self {
        Self { trapped: aim == Aim::Trapped, ..Self::new(lang) }
    }

    /// Every text, by `section.key`.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// The text of `key`, if there is one.
    pub fn known(&self, key: &str) -> Option<&str> {
        let of_trapped = self.trapped.then(|| self.texts.get(&format!("{TRAPPED}.{key}"))).flatten();
        of_trapped.or_else(|| self.texts.get(key)).map(String::as_str)
    }

    /// The text of `key`; the key itself in brackets where there is none, which a test excludes.
    pub fn say(&self, key: &str) -> String {
        self.known(key).map_or_else(|| format!("[{key}]"), str::to_owned)
    }

    /// The text of `key` with `{name}` replaced by the value of that name.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.say(key);
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), &self.isolated(value));
        }
        text
    }

    /// `text` kept apart from the direction of what stands around it, where that is from right to left.
    fn isolated(&self, text: &str) -> String {
        if self.lang == Lang::Ar { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
    }

    /// A number of three digits that count, thousands apart; a dash for what is no number.
    pub fn number(&self, value: f64) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let size = value.abs();
        let text = if size < 99.95 {
            // Two digits that count below a tenth, as far as the sixth place.
            let small = || (-size.log10().floor()).clamp(1.0, 5.0) as usize + 1;
            let places = match size {
                s if s >= 9.995 || s.fract() == 0.0 => 1,
                s if s >= 0.9995 => 2,
                s if s >= 0.0995 => 3,
                _ => small(),
            };
            let text = format!("{size:.places$}");
            text.trim_end_matches('0').trim_end_matches('.').replace('.', &self.say("form.decimal"))
        } else {
            let unit = (0..9).map(|k| 10f64.powi(k)).find(|u| size < 999.5 * u).unwrap_or(1e9);
            grouped(&format!("{:.0}", (size / unit).round() * unit))
        };
        let zero = !text.contains(|c: char| ('1'..='9').contains(&c));
        if value < 0.0 && !zero { self.left_to_right(format!("\u{2212}{text}")) } else { text }
    }

    /// A number with a sign or another mark, which would change sides among words from right to left.
    fn left_to_right(&self, text: String) -> String {
        if self.lang == Lang::Ar { format!("\u{2066}{text}\u{2069}") } else { text }
    }

    /// A whole number, every digit.
    pub fn count(&self, value: u64) -> String {
        grouped(&value.to_string())
    }

    /// With its sign.
    pub fn signed(&self, value: f64) -> String {
        let text = self.number(value);
        if value > 0.0 && text != "0" { self.left_to_right(format!("+{text}")) } else { text }
    }

    /// `low to high`.
    pub fn range(&self, low: f64, high: f64) -> String {
        let (low, high) = (self.number(low), self.number(high));
        if low == high { low } else { self.fill("form.range", &[("low", &low), ("high", &high)]) }
    }

    /// A share as a whole percentage.
    pub fn percent(&self, share: f64) -> String {
        let text = self.say("form.percent").replace("{n}", &format!("{:.0}", 100.0 * share));
        if share.is_finite() { self.left_to_right(text) } else { "–".into() }
    }

    /// A share as a percentage of three digits that count.
    pub fn fine_percent(&self, share: f64) -> String {
        let text = self.say("form.percent").replace("{n}", &self.number(100.0 * share));
        if share.is_finite() { self.left_to_right(text) } else { "–".into() }
    }

    /// A date in words.
    pub fn date(&self, date: NaiveDate) -> String {
        let month = self.say(&format!("month.m{}", date.month()));
        // Not isolated: a date runs in the direction of its month.
        let day = if date.day() == 1 { self.say("form.first_day") } else { date.day().to_string() };
        let text = self.say("form.date").replace("{day}", &day);
        text.replace("{month}", &month).replace("{year}", &date.year().to_string())
    }

    /// From one date to another.
    pub fn range_of_dates(&self, first: NaiveDate, last: NaiveDate) -> String {
        let (first, last) = (self.date(first), self.date(last));
        if first == last { first } else { self.fill("form.dates", &[("first", &first), ("last", &last)]) }
    }

    /// Short names of the months, from January.
    pub fn months(&self) -> [String; 12] {
        std::array::from_fn(|k| self.say(&format!("month.s{}", k + 1)))
    }

    /// Words joined by commas.
    pub fn list(&self, parts: &[String]) -> String {
        parts.join(&self.say("form.comma"))
    }

    /// Name of the metric `id` in this language, else `name`.
    pub fn metric(&self, id: &str, name: &str) -> String {
        self.known(&format!("metric.{id}")).unwrap_or(name).to_owned()
    }
}

/// Key of the text for the unit of a parameter.
pub fn unit_key(unit: &str) -> String {
    format!("per.{}", unit.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(BLANK);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The `{names}` in a text.
    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn all_languages_have_the_same_keys_and_placeholders_and_no_empty_text() {
        let english = Words::new(Lang::En);
        assert!(english.texts.len() > 100, "{}", english.texts.len());
        for lang in Lang::ALL {
            let words = Words::new(lang);
            let keys = |words: &Words| words.texts.keys().cloned().collect::<Vec<_>>();
            let missing: Vec<_> = keys(&english).into_iter().filter(|k| !words.texts.contains_key(k)).collect();
            let odd: Vec<_> = keys(&words).into_iter().filter(|k| !english.texts.contains_key(k)).collect();
            assert!(missing.is_empty() && odd.is_empty(), "{lang:?} lacks {missing:?}, has {odd:?}");
            for (key, text) in &words.texts {
                assert!(!text.trim().is_empty(), "{lang:?}: {key} is empty");
                assert_eq!(placeholders(text), placeholders(&english.texts[key]), "{lang:?}: {key}");
                assert_eq!(text.matches('{').count(), text.matches('}').count(), "{lang:?}: {key}");
            }
        }
    }

    #[test]
    fn every_text_that_is_asked_for_is_there_and_every_text_there_is_asked_for() {
        let sources = [
            include_str!("mod.rs"),
            include_str!("words.rs"),
            include_str!("figure.rs"),
            include_str!("shared.rs"),
            include_str!("brief.rs"),
            include_str!("comparison.rs"),
            include_str!("plan.rs"),
            include_str!("run.rs"),
            include_str!("../pictures.rs"),
            include_str!("../comparison_pictures.rs"),
        ]
        .join("\n");
        let english = Words::new(Lang::En);
        let sections: BTreeSet<&str> = english.texts.keys().filter_map(|k| k.split('.').next()).collect();
        for quoted in sources.split('"') {
            let asked = quoted.split_once('.').is_some_and(|(section, key)| {
                sections.contains(section)
                    && !["", "rs"].contains(&key)
                    && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
            assert!(!asked || english.texts.contains_key(quoted), "{quoted} is asked for and not there");
        }
        // Made of a word of the model: asked for by the part before it.
        let made = [
            "month.",
            "metric.",
            "constraint.",
            "lever.",
            "status.",
            "confidence.",
            "measure.",
            "whom.",
            "unit.",
            "per.",
        ];
        for key in english.texts.keys() {
            // A text about the trapped stands for one that is there.
            let key = key.strip_prefix("trapped.").unwrap_or(key);
            let used = sources.contains(&format!("\"{key}\"")) || made.iter().any(|m| key.starts_with(m));
            assert!(used, "{key} is there and never asked for");
        }
    }

    #[test]
    fn every_unit_of_a_parameter_has_a_name() {
        let words = Words::new(Lang::En);
        for parameter in crate::scenario::parameters::PARAMETERS {
            assert!(words.known(&unit_key(parameter.unit)).is_some(), "{}", parameter.unit);
        }
    }

    #[test]
    fn every_lever_has_a_name() {
        let words = Words::new(Lang::En);
        for lever in crate::scenario::scenario::Lever::WORDS {
            assert!(words.known(&format!("lever.{lever}")).is_some(), "{lever}");
        }
    }

    #[test]
    fn numbers_and_dates_are_written_as_the_language_does() {
        let (en, fr, ar) = (Words::new(Lang::En), Words::new(Lang::Fr), Words::new(Lang::Ar));
        assert_eq!(en.number(1_234_567.0), "1\u{202f}230\u{202f}000");
        assert_eq!((en.number(-4.25), fr.number(-4.25)), ("\u{2212}4.25".to_owned(), "\u{2212}4,25".to_owned()));
        assert_eq!((en.number(-1e-9), en.number(f64::NAN), en.signed(12.0)), ("0".into(), "–".into(), "+12".into()));
        assert_eq!((en.number(0.00123), en.number(0.25)), ("0.0012".to_owned(), "0.25".to_owned()));
        assert_eq!(en.number(999.7), "1\u{202f}000");
        let day = NaiveDate::from_ymd_opt(2011, 3, 5).unwrap();
        assert_eq!((en.date(day), fr.date(day)), ("5 March 2011".to_owned(), "5 mars 2011".to_owned()));
        assert!(ar.date(day).contains("مارس"));
        let (first, last) =
            (NaiveDate::from_ymd_opt(2030, 3, 1).unwrap(), NaiveDate::from_ymd_opt(2030, 5, 29).unwrap());
        assert_eq!(fr.range_of_dates(first, last), "du 1er mars 2030 au 29 mai 2030");
        assert_eq!(en.range_of_dates(first, last), "1 March 2030 to 29 May 2030");
        assert_eq!((fr.fine_percent(0.0157), en.fine_percent(0.0157)), ("1,57 %".to_owned(), "1.57 %".to_owned()));
        assert_eq!(en.range(2.0, 2.0), "2");
    }
}
