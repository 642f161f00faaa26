//! One section of simsetting.yml, asked key by key, with the line of everything found.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::scenario::problem::{At, Problems, nearest};

/// Keys that Flee's documents or packs have and its code does not read, with the key that it does read.
const MISNAMED: [(&str, &str); 3] = [
    ("camps_are_sinks", "camps_are_sicks"),
    ("flood_spawn_mode", "spawn_mode"),
    ("flood_driven_spawning", "flood_driven_spawn_mode"),
];

/// Any YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        struct AnyNode;
        impl<'de> Visitor<'de> for AnyNode {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Nothing)
            }
            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Nothing)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Flag(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Number(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Number(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Text(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(Node::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }
        deserializer.deserialize_any(AnyNode)
    }
}

/// `text` as a tree; `None` with an error if it is no YAML.
pub(super) fn parse(file: &str, text: &str, problems: &mut Problems) -> Option<Spanned<Node>> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        problems.error(At { file, ..At::default() }, "empty file", "write at least 'optimisations: {hasten: 1}'");
        return None;
    }
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(node) => Some(node),
        Err(error) => {
            let line = error.location().map_or(0, |place| usize::try_from(place.line()).unwrap_or(0));
            let message = format!("not YAML: {}", error.to_string().lines().next().unwrap_or_default());
            problems.error(At { file, line, ..At::default() }, message, "correct the indentation or the punctuation");
            None
        }
    }
}

fn line_of<T>(node: &Spanned<T>) -> usize {
    usize::try_from(node.referenced.line()).unwrap_or(0)
}

/// One section of the file, asked key by key; [`Section::finish`] then warns of keys that nobody asked for.
pub(super) struct Section<'a> {
    /// Full name with a point behind it; empty for the top.
    prefix: String,
    file: &'a str,
    entries: &'a [(Spanned<String>, Spanned<Node>)],
    asked: BTreeSet<String>,
    /// Whether the file has the section with something in it.
    pub is_present: bool,
    problems: &'a RefCell<Problems>,
}

impl<'a> Section<'a> {
    pub fn new(
        name: &str,
        node: Option<&'a Spanned<Node>>,
        file: &'a str,
        problems: &'a RefCell<Problems>,
    ) -> Section<'a> {
        let mut section = Section {
            prefix: if name.is_empty() { String::new() } else { format!("{name}.") },
            file,
            entries: &[],
            asked: BTreeSet::new(),
            is_present: false,
            problems,
        };
        match node {
            None => {}
            Some(Spanned { value: Node::Nothing, .. }) => {}
            Some(Spanned { value: Node::Map(entries), .. }) => {
                section.entries = entries;
                section.is_present = true;
            }
            Some(other) => {
                let at = At { file, line: line_of(other), column: name, value: &shown(&other.value) };
                problems.borrow_mut().error(at, "not a section", "write keys and values below it, one in each line");
            }
        }
        section
    }

    /// The value of `key`; of several the last one counts, as in Flee.
    fn value(&mut self, key: &str) -> Option<&'a Spanned<Node>> {
        self.asked.insert(key.to_owned());
        self.entries.iter().rev().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    /// Says that `key` is known but not used.
    pub fn known(&mut self, key: &str) {
        self.asked.insert(key.to_owned());
    }

    pub fn section(&mut self, key: &str) -> Section<'a> {
        let node = self.value(key);
        Section::new(&format!("{}{key}", self.prefix), node, self.file, self.problems)
    }

    /// `read` of the value, or `default` where there is no key or (with an error that says `expected`) where `read` finds nothing.
    fn get<T>(&mut self, key: &str, default: T, expected: &str, read: impl Fn(&Node) -> Option<T>) -> T {
        let Some(node) = self.value(key) else { return default };
        read(&node.value).unwrap_or_else(|| {
            let column = format!("{}{key}", self.prefix);
            let value = shown(&node.value);
            let at = At { file: self.file, line: line_of(node), column: &column, value: &value };
            self.problems.borrow_mut().error(at, format!("not {expected}"), format!("write {expected}"));
            default
        })
    }

    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        self.get(key, default, "True or False", |node| match node {
            Node::Flag(flag) => Some(*flag),
            Node::Number(number) => Some(*number != 0.0),
            Node::Text(text) => match text.to_lowercase().as_str() {
                "true" | "yes" | "on" => Some(true),
                "false" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    pub fn number(&mut self, key: &str, default: f64, least: f64, most: f64) -> f64 {
        let expected = match (least == f64::MIN, least == f64::MIN_POSITIVE, most == f64::MAX) {
            (true, _, _) => "a number".to_owned(),
            (_, true, _) => "a number above 0".to_owned(),
            (_, _, true) => format!("a number of at least {least}"),
            _ => format!("a number from {least} to {most}"),
        };
        self.get(key, default, &expected, |node| as_number(node).filter(|number| (least..=most).contains(number)))
    }

    /// A chance for each day; above 1 it means always, and is probably a slip.
    pub fn chance(&mut self, key: &str, default: f64) -> f64 {
        let chance = self.number(key, default, 0.0, f64::MAX);
        if chance > 1.0 {
            self.warning(key, "a chance above 1", "write a number from 0 to 1");
        }
        chance
    }

    pub fn whole(&mut self, key: &str, default: i64, least: i64, most: i64) -> i64 {
        let range = if most >= 100_000 { format!("of at least {least}") } else { format!("from {least} to {most}") };
        self.get(key, default, &format!("a whole number {range}"), |node| {
            let number = as_number(node).filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?;
            Some(number as i64).filter(|whole| (least..=most).contains(whole))
        })
    }

    pub fn numbers(&mut self, key: &str, default: &[f64]) -> Vec<f64> {
        self.get(key, default.to_vec(), "a list of numbers of at least 0, as [1.0, 0.5]", |node| match node {
            Node::Nothing => Some(default.to_vec()),
            Node::List(list) => {
                list.iter().map(|item| as_number(&item.value).filter(|number| *number >= 0.0)).collect()
            }
            _ => None,
        })
    }

    pub fn months(&mut self, key: &str) -> Vec<u32> {
        self.get(key, Vec::new(), "a list of months from 1 to 12", |node| match node {
            Node::List(list) => list
                .iter()
                .map(|item| (1..=12).find(|month| as_number(&item.value) == Some(f64::from(*month))))
                .collect(),
            _ => None,
        })
    }

    pub fn text(&mut self, key: &str, default: &str) -> String {
        self.get(key, default.to_owned(), "text", |node| match node {
            Node::Text(text) => Some(text.clone()),
            Node::Nothing => Some(String::new()),
            _ => None,
        })
    }

    /// One of `words`; capital letters do not matter.
    pub fn word(&mut self, key: &str, default: &str, words: &[&str]) -> String {
        self.get(key, default.to_owned(), &format!("one of {}", words.join(", ")), |node| match node {
            Node::Text(text) => Some(text.to_lowercase()).filter(|text| words.contains(&text.as_str())),
            _ => None,
        })
    }

    pub fn error(&self, key: &str, message: &str, fix: &str) {
        let column = format!("{}{key}", self.prefix);
        self.problems.borrow_mut().error(self.at(key, &column), message, fix);
    }

    pub fn warning(&self, key: &str, message: &str, fix: &str) {
        let column = format!("{}{key}", self.prefix);
        self.problems.borrow_mut().warning(self.at(key, &column), message, fix);
    }

    fn at<'b>(&'b self, key: &str, column: &'b str) -> At<'b> {
        let line = self.entries.iter().rev().find(|(name, _)| name.value == key).map_or(0, |(name, _)| line_of(name));
        At { file: self.file, line, column, value: "" }
    }

    /// Warns of every key that was not asked for, and of keys that stand twice.
    pub fn finish(self) {
        for (index, (key, value)) in self.entries.iter().enumerate() {
            let column = format!("{}{}", self.prefix, key.value);
            let value = shown(&value.value);
            let at = At { file: self.file, line: line_of(key), column: &column, value: &value };
            if self.entries[..index].iter().any(|(earlier, _)| earlier.value == key.value) {
                let message = "the same key twice; the last one counts";
                self.problems.borrow_mut().warning(at.clone(), message, "delete one of the two");
            }
            if self.asked.contains(&key.value) {
                continue;
            }
            let misnamed = MISNAMED.iter().find(|(wrong, _)| *wrong == key.value).map(|(_, right)| *right);
            let fix = match misnamed.or_else(|| nearest(&key.value, self.asked.iter().map(String::as_str))) {
                Some(known) => format!("write '{known}' if that is meant"),
                None => "delete the key".to_owned(),
            };
            self.problems.borrow_mut().warning(at, "unknown key, ignored", fix);
        }
    }
}

/// The finite number that a value means.
fn as_number(node: &Node) -> Option<f64> {
    match node {
        Node::Number(number) => Some(*number),
        Node::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Node::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A value as it stands in a message.
fn shown(node: &Node) -> String {
    match node {
        Node::Nothing => String::new(),
        Node::Flag(flag) => flag.to_string(),
        Node::Number(number) => number.to_string(),
        Node::Text(text) => text.clone(),
        Node::List(list) => {
            let items: Vec<String> = list.iter().map(|item| shown(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(_) => "{...}".to_owned(),
    }
}
