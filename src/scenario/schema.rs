//! Schemas of all files of a scenario, made from the declarations in [`super::fields`] and [`super::parameters`]: JSON Schema for the
//! TOML files, Frictionless Table Schema for the tables.

use serde_json::{Map, Value, json};

use super::fields::{
    Empty, Field, HEADER, INTERVENTION, Kind, MAX_PERSONS, SERVICES, SHELTERS, STRATEGY, TABLES, Table,
};
use super::parameters::{PARAMETERS, ParameterInfo, SECTIONS};
use super::scenario::Confidence;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Everything: `scenario`, `strategy`, `tables` (by name) and `futures`.
pub fn all() -> Value {
    json!({ "scenario": scenario(), "strategy": strategy(), "tables": tables(), "futures": futures() })
}

/// JSON Schema of `scenario.toml`.
pub fn scenario() -> Value {
    let mut schema = object(&HEADER);
    for section in SECTIONS {
        let parameters = PARAMETERS.iter().filter(|p| p.section == *section);
        let properties: Map<String, Value> = parameters.map(|p| (p.name.to_owned(), parameter(p))).collect();
        schema["properties"][*section] =
            json!({ "type": "object", "properties": properties, "additionalProperties": false });
    }
    titled(schema, "scenario.toml")
}

/// JSON Schema of `strategies/NAME.toml`.
pub fn strategy() -> Value {
    let mut schema = object(&STRATEGY);
    schema["properties"]["intervention"] = json!({ "type": "array", "items": object(&INTERVENTION) });
    titled(schema, "strategies/NAME.toml")
}

/// JSON Schema of the file that `corridor compare --futures` reads.
pub fn futures() -> Value {
    let names: Vec<String> = PARAMETERS.iter().filter(|p| !p.is_whole()).map(ParameterInfo::dotted).collect();
    let range = json!({
        "type": "object",
        "properties": {
            "parameter": { "enum": names }, "low": { "type": "number" }, "high": { "type": "number" },
            "source": { "type": "string" }, "confidence": { "type": "string" }, "notes": { "type": "string" },
        },
        "required": ["parameter", "low", "high"],
        "additionalProperties": false,
    });
    let ranges = json!({ "type": "array", "minItems": 1, "items": range });
    let schema = json!({
        "type": "object", "properties": { "range": ranges }, "required": ["range"], "additionalProperties": false,
    });
    titled(schema, "file of corridor compare --futures")
}

/// Frictionless Table Schema of every table, by name.
pub fn tables() -> Value {
    let all = TABLES.iter().copied().chain([&SERVICES, &SHELTERS]);
    Value::Object(all.map(|table| (table.name.to_owned(), table_schema(table))).collect())
}

fn titled(mut schema: Value, title: &str) -> Value {
    schema["$schema"] = json!(DRAFT);
    schema["title"] = json!(title);
    schema
}

fn object(table: &Table) -> Value {
    let properties: Map<String, Value> = table.all_fields().map(|field| (field.name.to_owned(), key(field))).collect();
    let required: Vec<&str> = table.fields.iter().filter(|f| f.empty == Empty::Refused).map(|f| f.name).collect();
    json!({ "type": "object", "description": table.doc, "properties": properties, "required": required, "additionalProperties": false })
}

fn key(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text | Kind::Id => json!({ "type": "string" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Positive { max } => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": max }),
        Kind::Whole => json!({ "type": "integer", "minimum": 0, "maximum": MAX_PERSONS }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Words(words) => json!({ "type": "array", "items": { "enum": words } }),
        Kind::Ids => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Groups => json!({ "type": "string", "examples": ["all", "EGY;TUN", "non:LBY;EGY"] }),
    };
    schema["description"] = json!(meaning(field));
    schema
}

/// Meaning, unit and what an empty cell means, in words.
fn meaning(field: &Field) -> String {
    let unit = if field.unit.is_empty() { String::new() } else { format!(" Unit: {}.", field.unit) };
    let default = match field.empty {
        Empty::Refused | Empty::Means("") => String::new(),
        Empty::Means(default) => format!(" Default: {default}."),
        Empty::Told(told) => format!(" Default: {told}."),
    };
    format!("{}.{unit}{default}", field.doc)
}

fn parameter(info: &ParameterInfo) -> Value {
    let kind = if info.is_whole() { "integer" } else { "number" };
    let number = json!({ "type": [kind, "boolean"], "minimum": info.min, "maximum": info.max });
    json!({
        "description": format!("{} Unit: {}. Default: {}.", info.doc, info.unit, info.default),
        "anyOf": [number, {
            "type": "object",
            "properties": {
                "value": number, "low": number, "high": number, "source": { "type": "string" },
                "confidence": { "enum": Confidence::WORDS }, "notes": { "type": "string" },
            },
            "required": ["value"],
            "additionalProperties": false,
        }],
    })
}

fn table_schema(table: &Table) -> Value {
    let fields: Vec<Value> = table.all_fields().map(column).collect();
    json!({ "description": table.doc, "fields": fields, "missingValues": [""] })
}

fn column(field: &Field) -> Value {
    let (kind, mut constraints) = match field.kind {
        Kind::Text | Kind::Id | Kind::Ids | Kind::Groups | Kind::Words(_) => ("string", json!({})),
        Kind::Date => ("date", json!({})),
        Kind::Number { min, max } => ("number", json!({ "minimum": min, "maximum": max })),
        Kind::Positive { max } => ("number", json!({ "exclusiveMinimum": 0, "maximum": max })),
        Kind::Whole => ("integer", json!({ "minimum": 0, "maximum": MAX_PERSONS })),
        Kind::Flag => ("integer", json!({ "enum": [0, 1] })),
        Kind::Word(words) => ("string", json!({ "enum": words })),
    };
    constraints["required"] = json!(field.empty == Empty::Refused);
    json!({
        "name": field.name, "type": kind, "constraints": constraints,
        "description": format!("{} Holds: {}.", meaning(field), field.kind.describe()),
    })
}
