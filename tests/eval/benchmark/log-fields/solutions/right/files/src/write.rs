//! From fields to a line.

/// A line with these keys and values. Keys have to be valid ones.
pub fn write<'a>(fields: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let mut line = String::new();
    for (key, value) in fields {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(key);
        let Some(value) = value else { continue };
        line.push('=');
        if value.contains([' ', '\t', '"', '\n']) {
            quote(&mut line, value);
        } else {
            line.push_str(value);
        }
    }
    line
}

fn quote(line: &mut String, value: &str) {
    line.push('"');
    for char in value.chars() {
        match char {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            other => line.push(other),
        }
    }
    line.push('"');
}
