//! Completes a half-written end so that nothing jumps while text streams. Does not change finished
//! text.

use std::borrow::Cow;

/// The tail to show while more may come.
pub(super) fn mend(tail: &str) -> Cow<'_, str> {
    let tail = without_half_marker(tail);
    let tail = with_table_rule(tail);
    let paragraph = paragraph_start(&tail);
    match mended_paragraph(&tail[paragraph..]) {
        None => tail,
        Some(end) => Cow::Owned(format!("{}{end}", &tail[..paragraph])),
    }
}

/// Removes a last line that is only a marker, because it may become a heading, a rule, a list or a
/// fence.
fn without_half_marker(tail: &str) -> &str {
    let start = tail.rfind('\n').map_or(0, |feed| feed + 1);
    let line = tail[start..].trim();
    let rest = line.trim_start_matches(['>', ' ']);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_marker = !line.is_empty()
        && (rest.is_empty()
            || ["#", "-", "=", "*", "_", "+"]
                .iter()
                .any(|mark| rest.chars().all(|c| mark.contains(c)))
            || rest.starts_with("```")
            || rest.starts_with("~~~")
            || matches!(rest, "`" | "``" | "~" | "~~" | "<" | "[" | "![" | "!")
            || matches!(rest, "- [" | "- [ " | "- [x" | "* [" | "* [ " | "* [x")
            || (matches!(digits, "" | "." | ")") && digits.len() < rest.len()));
    if is_marker { &tail[..start] } else { tail }
}

/// Completes a table: its first row counts from the first bar on, and half a rule below it as a
/// whole one.
fn with_table_rule(tail: &str) -> Cow<'_, str> {
    let trimmed = tail.trim_end_matches('\n');
    let last = trimmed.rfind('\n').map_or(0, |feed| feed + 1);
    let line = trimmed[last..].trim();
    let before = trimmed[..last].trim_end_matches('\n');
    let header = before.rfind('\n').map_or(0, |feed| feed + 1);
    let is_rule = |line: &str| {
        line.starts_with('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
    };
    let begins_paragraph = |start: usize| start == 0 || tail[..start].ends_with("\n\n");
    let is_header = |line: &str, start: usize| {
        line.starts_with('|') && line.len() > 1 && !is_rule(line) && begins_paragraph(start)
    };
    if is_header(line, last) && !tail.ends_with("\n\n") {
        return Cow::Owned(format!("{trimmed}\n{}", rule_for(line)));
    }
    if last > 0
        && is_rule(line)
        && is_header(before[header..].trim(), header)
        && trimmed[..last].ends_with(&format!("{}\n", &before[header..]))
    {
        return Cow::Owned(format!("{}{}", &trimmed[..last], rule_for(before[header..].trim())));
    }
    Cow::Borrowed(tail)
}

fn rule_for(header: &str) -> String {
    let cells = header.trim_start_matches('|').trim_end_matches('|').split('|').count();
    format!("|{}", "---|".repeat(cells))
}

fn paragraph_start(tail: &str) -> usize {
    tail.rfind("\n\n").map_or(0, |at| at + 2)
}

/// The last paragraph with its open marks closed; `None` if there are none.
fn mended_paragraph(paragraph: &str) -> Option<String> {
    let (open, links) = open_marks(paragraph);
    let link = links.filter(|_| open.is_empty());
    if open.is_empty() && link.is_none() {
        return None;
    }
    if let Some(at) = link {
        // An incomplete address is not shown.
        return Some(format!("{})", &paragraph[..at]));
    }
    let mut end = paragraph.to_owned();
    for mark in open.iter().rev() {
        // Marks without text after them are not shown.
        let trimmed = end.trim_end();
        match trimmed.strip_suffix(*mark) {
            Some(rest) => end.truncate(rest.len()),
            None => {
                end.truncate(trimmed.len());
                end.push_str(mark);
            }
        }
    }
    Some(end)
}

/// The open marks at the end, outermost first, and the start of an unfinished link's address.
fn open_marks(paragraph: &str) -> (Vec<&str>, Option<usize>) {
    let bytes = paragraph.as_bytes();
    let mut open: Vec<&str> = Vec::new();
    let mut address = None;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' => {
                let run = &paragraph[at..at + run_of(bytes, at)];
                match closing_run(bytes, at + run.len(), run.len()) {
                    Some(end) => at = end - 1,
                    None => {
                        open.push(run);
                        return (open, None);
                    }
                }
            }
            b']' if bytes.get(at + 1) == Some(&b'(') => address = Some(at + 2),
            b')' => address = None,
            mark @ (b'*' | b'~') => {
                let length = run_of(bytes, at).min(if mark == b'~' { 2 } else { 3 });
                let run = &paragraph[at..at + length];
                let opens = bytes.get(at + length).is_none_or(|next| !next.is_ascii_whitespace());
                let closes = at > 0 && !bytes[at - 1].is_ascii_whitespace();
                if closes && open.last() == Some(&run) {
                    open.pop();
                } else if opens && !(mark == b'~' && length < 2) {
                    open.push(run);
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    (open, address)
}

fn run_of(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|byte| **byte == bytes[at]).count()
}

fn closing_run(bytes: &[u8], from: usize, length: usize) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at] == b'`' {
            let run = run_of(bytes, at);
            if run == length {
                return Some(at + run);
            }
            at += run;
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_written_ends_look_like_what_they_become() {
        let cases = [
            ("plain", "plain"),
            ("a **bo", "a **bo**"),
            ("a **", "a "),
            ("a **bo ", "a **bo**"),
            ("a **b** c", "a **b** c"),
            ("a *b", "a *b*"),
            ("2 * 3", "2 * 3"),
            ("a `co", "a `co`"),
            ("a ``co` ", "a ``co```"),
            ("**a `b", "**a `b`**"),
            ("see [text](htt", "see [text]()"),
            ("see [text](http://a)", "see [text](http://a)"),
            ("~~gone", "~~gone~~"),
            ("text\n-", "text\n"),
            ("text\n##", "text\n"),
            ("text\n1.", "text\n"),
            ("text\n```ru", "text\n"),
            ("text\n> ", "text\n"),
            ("| a | b", "| a | b\n|---|---|"),
            ("| a | b |\n|-", "| a | b |\n|---|---|"),
            ("done **x\n\nnew", "done **x\n\nnew"),
        ];
        for (tail, expected) in cases {
            assert_eq!(mend(tail), expected, "{tail:?}");
        }
    }
}
