//! One table of a TOML or JSON file as a JSON value.

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::{Map, Number, Value};
use toml_edit::{Document, Item, Value as Toml};

use crate::base::text::JSONC;

/// The table at the top of a TOML file.
///
/// # Errors
///
/// Fails with the reason if the text is no TOML.
pub fn toml(text: &str, table: &str) -> Result<Option<Value>, String> {
    let document = Document::parse(text).map_err(|error| error.message().replace('\n', ", "))?;
    Ok(document.get(table).map(of_item))
}

fn of_item(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => of_toml(value),
        Item::Table(table) => {
            let entries = table.iter().map(|(name, item)| (name.to_owned(), of_item(item)));
            Value::Object(entries.collect())
        }
        Item::ArrayOfTables(tables) => {
            Value::Array(tables.iter().map(|table| of_item(&Item::Table(table.clone()))).collect())
        }
    }
}

fn of_toml(value: &Toml) -> Value {
    match value {
        Toml::String(text) => Value::String(text.value().clone()),
        Toml::Integer(number) => Value::Number((*number.value()).into()),
        Toml::Float(number) => Number::from_f64(*number.value()).map_or(Value::Null, Value::Number),
        Toml::Boolean(is_set) => Value::Bool(*is_set.value()),
        Toml::Datetime(time) => Value::String(time.value().to_string()),
        Toml::Array(values) => Value::Array(values.iter().map(of_toml).collect()),
        Toml::InlineTable(table) => {
            let entries = table.iter().map(|(name, value)| (name.to_owned(), of_toml(value)));
            Value::Object(entries.collect())
        }
    }
}

/// The member of the object that a JSON file is.
///
/// # Errors
///
/// Fails with the reason if the text is no JSON object.
pub fn jsonc(text: &str, member: &str) -> Result<Option<Value>, String> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &JSONC)
        .map_err(|error| format!("it is not valid JSON: {}", error.kind()))?;
    let Some(ast::Value::Object(object)) = parsed.value else {
        return Err("it is not a JSON object".into());
    };
    let mut members = object.properties.into_iter();
    Ok(members.rfind(|entry| entry.name.as_str() == member).map(|entry| of_ast(&entry.value)))
}

fn of_ast(value: &ast::Value<'_>) -> Value {
    match value {
        ast::Value::StringLit(text) => Value::String(text.value.to_string()),
        ast::Value::NumberLit(number) => number.value.parse().map_or(Value::Null, Value::Number),
        ast::Value::BooleanLit(is_set) => Value::Bool(is_set.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => Value::Array(array.elements.iter().map(of_ast).collect()),
        ast::Value::Object(object) => {
            let mut entries = Map::new();
            for entry in &object.properties {
                entries.insert(entry.name.as_str().to_owned(), of_ast(&entry.value));
            }
            Value::Object(entries)
        }
    }
}
