//! The arguments of a call as the model wrote them: broken JSON, wrong types and unknown names are
//! answered, not fatal.

use serde_json::{Map, Value};

use super::refusal::ToolRefusal;
use crate::base::phrases::shorten;

/// A JSON object that is taken apart field by field; what is left over at [`Arguments::end`] is
/// unknown.
#[derive(Debug)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// No text at all counts as no arguments.
    ///
    /// # Errors
    ///
    /// Refuses text that is no JSON object.
    pub fn parse(text: &str) -> Result<Self, ToolRefusal> {
        if text.trim().is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(other) => {
                Err(ToolRefusal::Arguments { reason: format!("they are {}", kind(&other)) })
            }
            Err(error) => Err(ToolRefusal::Arguments { reason: error.to_string() }),
        }
    }

    /// Fields that are known to be an object.
    pub fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// For a tool that also takes plain text: text that is no JSON object becomes the value of
    /// `name`.
    ///
    /// # Errors
    ///
    /// Refuses JSON that is neither an object nor a text, and an object that breaks off.
    pub fn parse_or_text(text: &str, name: &str) -> Result<Self, ToolRefusal> {
        let plain = match serde_json::from_str(text) {
            Ok(Value::String(text)) => text,
            Ok(_) => return Self::parse(text),
            // An object that broke off is no text.
            Err(_) if text.trim_start().starts_with('{') => return Self::parse(text),
            Err(_) => text.to_owned(),
        };
        Ok(Self(Map::from_iter([(name.to_owned(), Value::String(plain))])))
    }

    /// The subject of the call, for its title, before any argument is checked.
    pub fn subject(&self) -> Option<String> {
        let text = ["filePath", "pattern", "path", "command", "cmd", "url", "question"]
            .iter()
            .find_map(|name| self.0.get(*name)?.as_str())?;
        (!text.is_empty()).then(|| shorten(text, 80))
    }

    /// The path that a call is about, before anything is known to be good.
    pub fn path(&self) -> Option<String> {
        ["filePath", "path"]
            .iter()
            .find_map(|name| self.0.get(*name)?.as_str())
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
    }

    /// A text that may not be empty.
    ///
    /// # Errors
    ///
    /// Refuses a call without it, with an empty text, or with something else than a text.
    pub fn text(&mut self, name: &'static str) -> Result<String, ToolRefusal> {
        self.optional_text(name)?.ok_or(ToolRefusal::MissingArgument { name })
    }

    /// A text that may be empty.
    ///
    /// # Errors
    ///
    /// Refuses a call without it, or with something else than a text.
    pub fn any_text(&mut self, name: &'static str) -> Result<String, ToolRefusal> {
        match self.0.shift_remove(name) {
            Some(Value::String(text)) => Ok(text),
            None | Some(Value::Null) => Err(ToolRefusal::MissingArgument { name }),
            Some(other) => Err(not_a_text(name, &other)),
        }
    }

    /// `true` or `false`; models also write `"true"`.
    ///
    /// # Errors
    ///
    /// Refuses anything else.
    pub fn optional_flag(&mut self, name: &'static str) -> Result<Option<bool>, ToolRefusal> {
        match self.0.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if ["true", "false"].contains(&text.as_str()) => {
                Ok(Some(text == "true"))
            }
            Some(other) => Err(ToolRefusal::WrongArgument {
                name,
                wanted: "`true` or `false`",
                found: kind(&other),
            }),
        }
    }

    /// `null` and the empty text count as left out.
    ///
    /// # Errors
    ///
    /// Refuses anything else than a text.
    pub fn optional_text(&mut self, name: &'static str) -> Result<Option<String>, ToolRefusal> {
        match self.0.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(not_a_text(name, &other)),
        }
    }

    /// Whatever stands under the first of these names that has something.
    pub fn optional_value(&mut self, names: &[&str]) -> Option<Value> {
        let found: Vec<Value> =
            names.iter().filter_map(|name| self.0.shift_remove(*name)).collect();
        found.into_iter().find(|value| !value.is_null())
    }

    /// A whole number from 0 on; models also write `"20"` and `20.0`.
    ///
    /// # Errors
    ///
    /// Refuses anything else, such as a negative number.
    pub fn optional_number(&mut self, name: &'static str) -> Result<Option<u64>, ToolRefusal> {
        self.number(name, |number| number)
    }

    /// The same for an amount, such as a time or a length: a part of one counts as a whole one.
    ///
    /// # Errors
    ///
    /// Refuses anything else, such as a negative number.
    pub fn optional_amount(&mut self, name: &'static str) -> Result<Option<u64>, ToolRefusal> {
        self.number(name, f64::ceil)
    }

    fn number(
        &mut self,
        name: &'static str,
        rounded: fn(f64) -> f64,
    ) -> Result<Option<u64>, ToolRefusal> {
        let whole = |number: f64| {
            let is_negative = number < 0.0;
            whole(rounded(number)).filter(|_| !is_negative)
        };
        let wrong = |found: String| ToolRefusal::WrongArgument {
            name,
            wanted: "a whole number from 0 on",
            found,
        };
        match self.0.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => {
                match number.as_u64().or_else(|| whole(number.as_f64()?)) {
                    Some(number) => Ok(Some(number)),
                    None => Err(wrong(number.to_string())),
                }
            }
            Some(Value::String(text)) => {
                match text.trim().parse::<u64>().ok().or_else(|| whole(text.trim().parse().ok()?)) {
                    Some(number) => Ok(Some(number)),
                    None if text.trim().is_empty() => Ok(None),
                    None => Err(wrong(format!("`{}`", shorten(&text, 40)))),
                }
            }
            Some(other) => Err(wrong(kind(&other))),
        }
    }

    /// Everything that a tool takes has been taken.
    ///
    /// # Errors
    ///
    /// Refuses an argument that the tool does not know.
    pub fn end(&self) -> Result<(), ToolRefusal> {
        match self.0.keys().next() {
            Some(name) => Err(ToolRefusal::UnknownArgument { name: shorten(name, 40) }),
            None => Ok(()),
        }
    }
}

fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
}

fn not_a_text(name: &'static str, found: &Value) -> ToolRefusal {
    ToolRefusal::WrongArgument { name, wanted: "a text", found: kind(found) }
}

pub fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_many_spellings() {
        for (text, number) in [
            (r#"{"n":20}"#, Some(20)),
            (r#"{"n":"20"}"#, Some(20)),
            (r#"{"n":" 20 "}"#, Some(20)),
            (r#"{"n":20.0}"#, Some(20)),
            (r#"{"n":"20.0"}"#, Some(20)),
            (r#"{"n":null}"#, None),
            (r#"{"n":""}"#, None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(
                Arguments::parse(text).unwrap().optional_number("n").unwrap(),
                number,
                "{text}"
            );
        }
        for text in [
            r#"{"n":-1}"#,
            r#"{"n":1.5}"#,
            r#"{"n":"x"}"#,
            r#"{"n":[1]}"#,
            r#"{"n":1e300}"#,
            r#"{"n":"-3"}"#,
        ] {
            assert!(Arguments::parse(text).unwrap().optional_number("n").is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_whole_where_a_part_was_sent_and_other_numbers_are_not() {
        for (text, number) in [
            (r#"{"n":250.5}"#, Some(251)),
            (r#"{"n":"250.5"}"#, Some(251)),
            (r#"{"n":"250"}"#, Some(250)),
            (r#"{"n":0.1}"#, Some(1)),
            (r#"{"n":null}"#, None),
        ] {
            let mut arguments = Arguments::parse(text).unwrap();
            assert_eq!(arguments.optional_amount("n").unwrap(), number, "{text}");
        }
        for text in [r#"{"n":-0.5}"#, r#"{"n":"NaN"}"#, r#"{"n":"inf"}"#, r#"{"n":1e300}"#] {
            assert!(Arguments::parse(text).unwrap().optional_amount("n").is_err(), "{text}");
        }
    }

    #[test]
    fn plain_text_is_taken_where_a_tool_takes_it() {
        for (text, wanted) in [
            ("*** Begin Patch\n", Some("*** Begin Patch\n")),
            (r#"{"input":"*** Begin Patch"}"#, Some("*** Begin Patch")),
            (r#""*** Begin Patch""#, Some("*** Begin Patch")),
            ("[x", Some("[x")),
            (r#"{"input":"*** Beg"#, None),
            ("[1]", None),
            ("", Some("")),
        ] {
            let input = Arguments::parse_or_text(text, "input")
                .and_then(|mut arguments| arguments.any_text("input"));
            assert_eq!(input.ok().as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn flags_are_true_or_false() {
        for (text, flag) in [
            (r#"{"f":true}"#, Some(true)),
            (r#"{"f":"false"}"#, Some(false)),
            (r#"{"f":null}"#, None),
            ("{}", None),
        ] {
            assert_eq!(Arguments::parse(text).unwrap().optional_flag("f").unwrap(), flag, "{text}");
        }
        assert!(Arguments::parse(r#"{"f":1}"#).unwrap().optional_flag("f").is_err());
    }

    #[test]
    fn what_is_no_object_is_named() {
        for (text, words) in [
            ("[1]", "a list"),
            ("\"x\"", "a text"),
            ("{\"a\":", "EOF"),
            ("nonsense", "line 1 column"),
        ] {
            let refusal = Arguments::parse(text).unwrap_err().to_string();
            assert!(refusal.contains(words), "{refusal}");
        }
    }
}
