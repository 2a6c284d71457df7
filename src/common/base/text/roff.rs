//! Plain text as roff, the language of manual pages (groff_char(7)).

/// One line of text. Words in backticks become bold.
pub fn escaped(line: &str) -> String {
    let mut made = String::new();
    // A line that begins with one of these would be a request.
    if line.starts_with(['.', '\'']) {
        made.push_str("\\&");
    }
    let is_paired = line.matches('`').count().is_multiple_of(2);
    let mut is_bold = false;
    for c in line.chars() {
        match c {
            '`' if is_paired => {
                is_bold = !is_bold;
                made.push_str(if is_bold { "\\fB" } else { "\\fR" });
            }
            '`' => made.push_str("\\(ga"),
            '\\' => made.push_str("\\e"),
            // Otherwise these become typographic signs, which cannot be pasted into a shell.
            '-' => made.push_str("\\-"),
            '\'' => made.push_str("\\(aq"),
            '^' => made.push_str("\\(ha"),
            '~' => made.push_str("\\(ti"),
            c if c.is_ascii() => made.push(c),
            c => made.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    made
}

#[test]
fn text_survives_as_it_was_written() {
    for (text, expected) in [
        (".codling's", "\\&.codling\\(aqs"),
        ("use `--to X`, …", "use \\fB\\-\\-to X\\fR, \\[u2026]"),
        ("C:\\~ and a ` alone", "C:\\e\\(ti and a \\(ga alone"),
    ] {
        assert_eq!(escaped(text), expected);
    }
}
