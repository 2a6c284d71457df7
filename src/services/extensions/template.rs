//! Templates of slash commands: placeholders for arguments, files after `@`, and commands of a
//! shell in `` !`…` ``. Arguments are put in last, so nothing in them is taken for more.

use std::ops::Range;

/// A piece of a template whose arguments are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A file that may be put in; the path stays where it may not.
    File(String),
    Shell {
        /// The command as the template has it, which a person says yes to.
        template: String,
        line: String,
    },
    Text(String),
}

/// Arguments after a command's name, as they were typed.
struct CommandArguments<'a> {
    all: &'a str,
    words: Vec<String>,
    named: Vec<(String, String)>,
}

/// Puts arguments into a template. Arguments for which it has no place are appended.
pub(super) fn fill(template: &str, arguments: &str) -> Vec<Piece> {
    let arguments = CommandArguments::new(template, arguments.trim());
    let last = (1..=9).rev().find(|number| has(template, &format!("${number}")));
    let mut pieces = Vec::new();
    let (mut at, mut is_used) = (0, false);
    let mut text = String::new();
    let mut put = |source: &str| {
        let (filled, used) = arguments.fill(source, last);
        is_used |= used;
        filled
    };
    while let Some((found, piece)) = special(template, at) {
        text.push_str(&put(&template[at..found.start]));
        at = found.end;
        let piece = match piece {
            Piece::Shell { template, .. } => Piece::Shell { line: put(&template), template },
            Piece::File(path) => Piece::File(put(&path)),
            Piece::Text(text) => Piece::Text(text),
        };
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(piece);
    }
    text.push_str(&put(&template[at..]));
    if !is_used && !arguments.all.is_empty() {
        text = format!("{}\n\n{}", text.trim_end(), arguments.all);
    }
    pieces.push(Piece::Text(text));
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    pieces
}

/// The commands of a shell in a template, in their order.
pub(super) fn shell_lines(template: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some((found, piece)) = special(template, at) {
        at = found.end;
        if let Piece::Shell { template, .. } = piece {
            lines.push(template);
        }
    }
    lines
}

/// The next command or file at or after a place, and where it stands.
fn special(template: &str, from: usize) -> Option<(Range<usize>, Piece)> {
    let begins = |at: usize| {
        template[..at].chars().next_back().is_none_or(|before| {
            before.is_whitespace() || matches!(before, '(' | '"' | '\'' | ':' | '`' | '[')
        })
    };
    for (offset, sign) in template[from..].char_indices() {
        let at = from + offset;
        let rest = &template[at + sign.len_utf8()..];
        if sign == '!' && begins(at) {
            let Some(rest) = rest.strip_prefix('`') else { continue };
            let Some(end) = rest.find('`').filter(|end| !rest[..*end].trim().is_empty()) else {
                continue;
            };
            let template = rest[..end].to_owned();
            return Some((at..at + end + 3, Piece::Shell { line: String::new(), template }));
        }
        if sign == '@' && begins(at) {
            let end = rest.find(|c: char| c.is_whitespace() || "`\"')]".contains(c));
            let path =
                rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ';', ':', '?']);
            if !path.is_empty() && !path.contains('@') {
                return Some((at..at + 1 + path.len(), Piece::File(path.to_owned())));
            }
        }
    }
    None
}

/// Whether a placeholder stands in a text and is not the beginning of a longer one.
fn has(text: &str, name: &str) -> bool {
    let mut ends = text.match_indices(name).map(|(at, _)| at + name.len());
    ends.any(|end| !text[end..].starts_with(is_of_name))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'a> CommandArguments<'a> {
    fn new(template: &str, all: &'a str) -> Self {
        let (mut named, mut rest) = (Vec::new(), Vec::new());
        for word in words(all) {
            let pair = word.split_once('=').filter(|(name, _)| {
                !name.is_empty()
                    && name.chars().all(is_of_name)
                    && has(template, &format!("${name}"))
            });
            match pair {
                Some((name, value)) => named.push((name.to_owned(), value.to_owned())),
                None => rest.push(word),
            }
        }
        Self { all, words: rest, named }
    }

    /// Replaces the placeholders of a text, and says whether there was one. The highest number
    /// takes all words that are left.
    fn fill(&self, text: &str, last: Option<usize>) -> (String, bool) {
        let mut filled = String::new();
        let (mut rest, mut is_used) = (text, false);
        while let Some(at) = rest.find('$') {
            filled.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let name = &after[..after.find(|c| !is_of_name(c)).unwrap_or(after.len())];
            let value = match name.parse::<usize>() {
                Ok(number @ 1..=9) => {
                    let words = self.words.get(number - 1..).unwrap_or_default();
                    let taken = if Some(number) == last { words.len() } else { 1 };
                    Some(words[..taken.min(words.len())].join(" "))
                }
                Ok(_) => None,
                Err(_) if name == "ARGUMENTS" => Some(self.all.to_owned()),
                Err(_) => {
                    let named = self.named.iter().find(|(known, _)| known == name);
                    named.map(|(_, value)| value.clone())
                }
            };
            is_used |= value.is_some();
            match value {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&rest[at..=at + name.len()]),
            }
            rest = &after[name.len()..];
        }
        filled.push_str(rest);
        (filled, is_used)
    }
}

/// Splits at white space, but not within quotes; a quote without an end is a letter.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (mut word, mut at) = (String::new(), 0);
        while let Some(c) = rest[at..].chars().next().filter(|c| !c.is_whitespace()) {
            at += c.len_utf8();
            let end = matches!(c, '"' | '\'').then(|| rest[at..].find(c)).flatten();
            match end {
                Some(end) => {
                    word.push_str(&rest[at..at + end]);
                    at += end + 1;
                }
                None => word.push(c),
            }
        }
        words.push(word);
        rest = rest[at..].trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(template: &str, arguments: &str) -> String {
        let text = |piece| match piece {
            Piece::Text(text) => text,
            Piece::File(path) => format!("<file {path}>"),
            Piece::Shell { line, .. } => format!("<run {line}>"),
        };
        fill(template, arguments).into_iter().map(text).collect()
    }

    #[test]
    fn arguments_go_where_the_template_wants_them() {
        for (template, arguments, filled) in [
            ("fix $ARGUMENTS now", "the  bug", "fix the  bug now"),
            ("$1 then $2", "a b c d", "a then b c d"),
            ("$1 and $1", "a b", "a b and a b"),
            ("$2 $1", "'a b' c", "c a b"),
            ("$1|$2|$3", "a", "a||"),
            ("fix it", "soon", "fix it\n\nsoon"),
            ("fix it\n", "", "fix it\n"),
            ("$FILE in $1", "FILE=x.rs now", "x.rs in now"),
            ("$HOME costs $5.00 or $0", "", "$HOME costs .00 or $0"),
            ("say $ARGUMENTSX", "a", "say $ARGUMENTSX\n\na"),
            ("$1", "it's", "it's"),
            ("ä$1ö", "ü", "äüö"),
        ] {
            assert_eq!(text(template, arguments), filled, "{template} {arguments}");
        }
    }

    #[test]
    fn files_and_commands_are_found_in_the_template_alone() {
        for (template, arguments, filled) in [
            ("see @src/a.rs.", "", "see <file src/a.rs>."),
            ("see @$1", "b.rs", "see <file b.rs>"),
            ("mail a@b.c and @ alone", "", "mail a@b.c and @ alone"),
            ("diff: !`git diff $1`", "HEAD~1", "diff: <run git diff HEAD~1>"),
            ("wow!`x` and !`` and !`open", "", "wow!`x` and !`` and !`open"),
            ("$1", "'!`rm -rf .` @secret'", "!`rm -rf .` @secret"),
            ("!`a` !`b`", "", "<run a> <run b>"),
        ] {
            assert_eq!(text(template, arguments), filled, "{template} {arguments}");
        }
        assert_eq!(shell_lines("x !`a $1` @b !`c`"), ["a $1", "c"]);
    }
}
