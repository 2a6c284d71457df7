//! A JSON object whose members are kept letter for letter: order, duplicates, and numbers no
//! machine type could hold.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Members in their order, keys and values as they were written. `Debug` shows no value: each may
/// be a secret.
#[derive(Clone, Default)]
pub struct JsonObject {
    members: Vec<Member>,
}

#[derive(Clone)]
struct Member {
    key: Box<RawValue>,
    value: Box<RawValue>,
}

impl JsonObject {
    /// Reads JSON text; anything but one whole object is an error with its line and column.
    ///
    /// # Errors
    ///
    /// The text is not one whole JSON object; the error has the line and the column.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// The value that counts for a name: the last, as in every reader of JSON.
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.members.iter().rev().find(|member| member.is(name)).map(|member| &*member.value)
    }

    /// Names and the values that count for them, each at its first place, as JavaScript would list
    /// them.
    pub fn iter(&self) -> impl Iterator<Item = (String, &RawValue)> {
        let mut seen: Vec<String> = Vec::new();
        for name in self.members.iter().filter_map(Member::name) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        seen.into_iter().filter_map(|name| self.get(&name).map(|value| (name, value)))
    }

    /// Gives a name a value: in its place where it has one, else at the end.
    pub fn set(&mut self, name: &str, value: Box<RawValue>) {
        match self.members.iter_mut().rev().find(|member| member.is(name)) {
            Some(member) => member.value = value,
            None => self.members.extend(raw(&Value::from(name)).map(|key| Member { key, value })),
        }
    }

    /// Takes a name away, however often it is there (an earlier duplicate would come to count), and
    /// says whether it was.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|member| !member.is(name));
        self.members.len() < before
    }

    /// The object as JSON text; white space outside of its values is gone.
    pub fn to_json(&self) -> String {
        let mut text = String::from("{");
        for (n, Member { key, value }) in self.members.iter().enumerate() {
            if n > 0 {
                text.push(',');
            }
            text.push_str(key.get());
            text.push(':');
            text.push_str(value.get());
        }
        text.push('}');
        text
    }

    /// The object as one value.
    pub fn to_raw(&self) -> Option<Box<RawValue>> {
        RawValue::from_string(self.to_json()).ok()
    }
}

impl fmt::Debug for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members.iter().map(|member| member.key.get())).finish()
    }
}

/// A value as JSON text. `None` never happens: a `Value` always has one.
pub fn raw(value: &Value) -> Option<Box<RawValue>> {
    RawValue::from_string(value.to_string()).ok()
}

impl Member {
    /// `None` for a key that is no Unicode text (half a surrogate pair): it is kept, and matches
    /// nothing.
    fn name(&self) -> Option<String> {
        serde_json::from_str(self.key.get()).ok()
    }

    fn is(&self, name: &str) -> bool {
        self.name().is_some_and(|own| own == name)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = JsonObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry()? {
                    members.push(Member { key, value });
                }
                Ok(JsonObject { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> JsonObject {
        JsonObject::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn members_come_out_as_they_went_in() {
        for text in [
            r#"{}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"10":1,"9":2,"a":3}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"n":1e400,"m":1.0,"o":123456789012345678901234567890,"p":-0}"#,
            r#"{"工作":"ü","\u5de5\u4f5c":"\u00fc\/\n"}"#,
            r#"{"\ud800":"\udfff","":null}"#,
        ] {
            assert_eq!(parse(text).to_json(), text);
        }
    }

    #[test]
    fn the_last_of_two_counts_and_both_go() {
        let mut object = parse(r#"{"a":1,"b":2,"a":3}"#);
        assert_eq!(object.get("a").unwrap().get(), "3");
        assert_eq!(
            object.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
            ["a=3", "b=2"]
        );
        object.set("a", raw(&Value::from(4)).unwrap());
        assert_eq!(object.to_json(), r#"{"a":1,"b":2,"a":4}"#);
        assert!(object.remove("a"));
        assert!(!object.remove("a"));
        assert_eq!(object.to_json(), r#"{"b":2}"#);
    }

    #[test]
    fn a_key_is_found_however_it_is_escaped() {
        let mut object = parse(r#"{"open\u0061i":1}"#);
        object.set("openai", raw(&Value::from(2)).unwrap());
        assert_eq!(object.to_json(), r#"{"open\u0061i":2}"#);
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        assert_eq!(
            format!("{:?}", parse(r#"{"a":"secret","b":{"c":"secret"}}"#)),
            r#"["\"a\"", "\"b\""]"#
        );
    }

    #[test]
    fn what_is_not_one_whole_object_is_an_error_with_its_place() {
        for (text, line, column) in [
            ("[]", 1, 1),
            ("{\n  \"a\": }", 2, 8),
            ("{} x", 1, 4),
            ("{\"a\":1,}", 1, 8),
            ("null", 1, 4),
        ] {
            let error = JsonObject::parse(text.as_bytes()).unwrap_err();
            assert_eq!((error.line(), error.column().max(1)), (line, column), "{text}: {error}");
        }
    }
}
