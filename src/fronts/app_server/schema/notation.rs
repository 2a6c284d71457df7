//! The short notation of `protocol.txt`, read into JSON Schema.

use serde_json::{Map, Value, json};

/// A parser for types on one line.
#[derive(Debug)]
pub struct Notation<'a> {
    rest: &'a str,
    gate: Gated,
}

/// Whether the schema includes members that only clients with `experimentalApi` may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Gated {
    LeftOut,
    Told,
}

impl<'a> Notation<'a> {
    pub fn new(text: &'a str, gate: Gated) -> Self {
        Self { rest: text.trim(), gate }
    }

    /// Parses the whole text as one type.
    ///
    /// # Errors
    ///
    /// Fails with a sentence about the part that could not be read.
    pub fn whole(mut self) -> Result<Value, String> {
        let schema = self.union()?;
        match self.rest.is_empty() {
            true => Ok(schema),
            false => Err(self.unread("the end")),
        }
    }

    fn union(&mut self) -> Result<Value, String> {
        let mut all = vec![self.counted()?];
        while self.take("|") {
            all.push(self.counted()?);
        }
        if all.len() == 1 {
            return Ok(all.remove(0));
        }
        let words: Option<Vec<Value>> =
            all.iter().map(|one| Some(one["enum"].as_array()?.first()?.clone())).collect();
        Ok(match words {
            Some(words) => json!({ "type": "string", "enum": words }),
            None => json!({ "anyOf": all }),
        })
    }

    /// Parses a type, a list of it, or either of them or null.
    fn counted(&mut self) -> Result<Value, String> {
        let mut schema = self.single()?;
        loop {
            if self.take("[]") {
                schema = json!({ "type": "array", "items": schema });
            } else if self.take("?") {
                schema = json!({ "anyOf": [schema, { "type": "null" }] });
            } else {
                return Ok(schema);
            }
        }
    }

    fn single(&mut self) -> Result<Value, String> {
        if self.take("{") {
            return self.object();
        }
        if self.take("(") {
            let inner = self.union()?;
            return self.expect(")").map(|()| inner);
        }
        if self.take("\"") {
            let end = self.rest.find('"').ok_or_else(|| self.unread("a quote"))?;
            let word = &self.rest[..end];
            self.rest = self.rest[end + 1..].trim_start();
            return Ok(json!({ "type": "string", "enum": [word] }));
        }
        if self.take("map<") {
            let inner = self.union()?;
            self.expect(">")?;
            return Ok(json!({ "type": "object", "additionalProperties": inner }));
        }
        Ok(match self.name()? {
            "any" => json!({}),
            "bool" => json!({ "type": "boolean" }),
            "int" => json!({ "type": "integer" }),
            "null" => json!({ "type": "null" }),
            "num" => json!({ "type": "number" }),
            "str" => json!({ "type": "string" }),
            "uint" => json!({ "type": "integer", "minimum": 0 }),
            name => json!({ "$ref": format!("#/definitions/{name}") }),
        })
    }

    fn object(&mut self) -> Result<Value, String> {
        let (mut members, mut required) = (Map::new(), Vec::new());
        while !self.take("}") {
            let name = self.name()?.to_owned();
            let is_optional = self.take("?");
            let is_gated = self.take("!");
            self.expect(":")?;
            let schema = self.union()?;
            if !self.rest.starts_with('}') {
                self.expect(",")?;
            }
            if is_gated && self.gate == Gated::LeftOut {
                continue;
            }
            if !is_optional {
                required.push(name.clone());
            }
            members.insert(name, schema);
        }
        let mut object = json!({ "type": "object", "properties": members });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        Ok(object)
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.unread("a name"));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        Ok(name)
    }

    fn take(&mut self, what: &str) -> bool {
        let rest = self.rest.strip_prefix(what);
        rest.inspect(|rest| self.rest = rest.trim_start()).is_some()
    }

    fn expect(&mut self, what: &str) -> Result<(), String> {
        if self.take(what) { Ok(()) } else { Err(self.unread(what)) }
    }

    fn unread(&self, wanted: &str) -> String {
        format!("{wanted} is missing before `{}`", self.rest.chars().take(40).collect::<String>())
    }
}
