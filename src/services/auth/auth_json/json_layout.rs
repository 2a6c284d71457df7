//! Lays JSON text out with two spaces, as `JSON.stringify(value, null, 2)` does. Changes white
//! space between tokens and nothing else.

/// `json` is well formed; strings and numbers come out letter for letter.
pub fn lay_out(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut place = JsonPlace::Between;
    let mut tokens = json.chars().filter_map(|c| place.of(c)).peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(c) => out.push(c),
            Token::Open(c) => {
                out.push(c);
                match tokens.next_if(|next| matches!(next, Token::Close(_))) {
                    Some(Token::Close(end)) => out.push(end),
                    _ => {
                        depth += 1;
                        new_line(&mut out, depth);
                    }
                }
            }
            Token::Close(c) => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            Token::Comma => {
                out.push(',');
                new_line(&mut out, depth);
            }
            Token::Colon => out.push_str(": "),
        }
    }
    out
}

/// A character by what it does to the layout.
enum Token {
    Close(char),
    Colon,
    Comma,
    Open(char),
    /// Part of a string, a number or a word.
    Text(char),
}

/// Where the reading stands.
enum JsonPlace {
    Between,
    /// After a backslash in a string.
    Escaped,
    InString,
}

impl JsonPlace {
    /// Moves on by one character; white space between tokens is dropped.
    fn of(&mut self, c: char) -> Option<Token> {
        let token = match (&self, c) {
            (Self::Escaped | Self::InString, _) => Token::Text(c),
            (Self::Between, ' ' | '\t' | '\n' | '\r') => return None,
            (Self::Between, '{' | '[') => Token::Open(c),
            (Self::Between, '}' | ']') => Token::Close(c),
            (Self::Between, ',') => Token::Comma,
            (Self::Between, ':') => Token::Colon,
            (Self::Between, _) => Token::Text(c),
        };
        *self = match (&self, c) {
            (Self::Between, '"') | (Self::Escaped, _) => Self::InString,
            (Self::InString, '\\') => Self::Escaped,
            (Self::InString, '"') | (Self::Between, _) => Self::Between,
            (Self::InString, _) => Self::InString,
        };
        Some(token)
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _level in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            r#"[\\"{}\[\]:, \n]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_comes_out_as_another_program_lays_it_out(value in any_json()) {
            let wanted = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(lay_out(&value.to_string()), wanted.clone());
            prop_assert_eq!(lay_out(&wanted), wanted);
        }
    }

    #[test]
    fn text_is_laid_out_like_json_stringify_with_two_spaces() {
        for (text, wanted) in [
            ("{}", "{}"),
            (" { \n } ", "{}"),
            (r#"{"a":[]}"#, "{\n  \"a\": []\n}"),
            (
                r#"{"a" : [1 ,{"b":null}],"c":true}"#,
                "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": true\n}",
            ),
            (r#"{"a: {,}":"[ \" \\"}"#, "{\n  \"a: {,}\": \"[ \\\" \\\\\"\n}"),
        ] {
            assert_eq!(lay_out(text), wanted);
            assert_eq!(lay_out(wanted), wanted, "laying out again changes nothing");
        }
    }
}
