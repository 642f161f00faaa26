//! The pages of docs/ agree with the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use corridor::scenario::parameters::{PARAMETERS, SECTIONS};

/// The part of `text` after the line `head`, up to the next line that begins with one of `ends`.
fn part<'a>(text: &'a str, head: &str, ends: &[&str]) -> &'a str {
    let start = text.find(head).unwrap_or_else(|| panic!("there is no '{head}'")) + head.len();
    let end = ends.iter().filter_map(|end| text[start..].find(end)).min().map_or(text.len(), |end| start + end);
    &text[start..end]
}

#[test]
fn the_page_of_the_format_tells_every_parameter() {
    let text = include_str!("../docs/scenario-format.md");
    for section in SECTIONS {
        let told = part(text, &format!("\n### `[{section}]`\n"), &["\n### ", "\n## "]);
        let rows: Vec<&str> = told.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> = PARAMETERS
            .iter()
            .filter(|info| info.section == *section)
            .map(|info| {
                let unit = if info.unit == "1" { "-" } else { info.unit };
                let (name, default, min, max) = (info.name, info.default, info.min, info.max);
                format!("| `{name}` | {default} | {unit} | {min} to {max} | {} |", info.doc)
            })
            .collect();
        assert_eq!(rows, expected, "[{section}]");
    }
}

#[test]
fn the_page_of_the_format_tells_every_key_of_a_range() {
    let told = part(include_str!("../docs/scenario-format.md"), "\n## Files of futures\n", &["\n## "]);
    let schema = corridor::scenario::schema::futures();
    let range = &schema["properties"]["range"]["items"];
    for key in range["properties"].as_object().unwrap().keys() {
        assert!(told.contains(&format!("`{key}`")), "{key}");
    }
    let example: toml::Table = told.split("```").nth(1).unwrap().trim_start_matches("toml").parse().unwrap();
    let names = range["properties"]["parameter"]["enum"].as_array().unwrap();
    for range in example["range"].as_array().unwrap() {
        assert!(names.iter().any(|name| name.as_str() == range["parameter"].as_str()), "{range}");
    }
}

/// Every source file by its name; several may have the same.
fn sources(folder: &Path, all: &mut BTreeMap<String, Vec<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.entry(name).or_default().push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// Whether `name` stands in `text` as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[test]
fn every_term_of_the_model_is_where_its_page_says() {
    let text = include_str!("../docs/model.md");
    let mut files = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut looked_up, mut missing) = (0, Vec::new());
    for line in part(text, "\n## Where each term is in the code\n", &["\n## "]).lines().skip(3) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        for code in [2, 5].iter().filter_map(|cell| cells.get(*cell)).flat_map(|cell| cell.split(';')) {
            let mut file = "";
            // What stands in backticks, in order: a file, then names in it.
            for word in code.split('`').skip(1).step_by(2) {
                if word.ends_with(".rs") {
                    file = word.rsplit('/').next().unwrap();
                    if !files.contains_key(file) {
                        missing.push(word.to_owned());
                    }
                } else if !file.is_empty() && !word.contains('.') {
                    looked_up += 1;
                    let is_there = |text: &String| word.split("::").all(|name| has_word(text, name));
                    if !files.get(file).is_some_and(|texts| texts.iter().any(is_there)) {
                        missing.push(format!("{file} {word}"));
                    }
                }
            }
        }
    }
    assert!(looked_up > 100, "{looked_up}");
    assert!(missing.is_empty(), "docs/model.md names what is not there: {}", missing.join(", "));
}
