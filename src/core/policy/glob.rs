//! Patterns of rules.
//!
//! `*` is any text, also none and also with `/` in it; `?` is one letter. A backslash before `*`,
//! `?` or a backslash makes it a letter; before anything else it is a letter like others. ` *` at
//! the end also fits when nothing follows: `git status *` fits `git status`.

/// Whether a pattern fits a whole text. Takes at worst the product of both lengths in steps.
pub fn fits(pattern: &str, text: &str) -> bool {
    let pieces = pieces(pattern);
    let text: Vec<char> = text.chars().collect();
    match pieces.as_slice() {
        [head @ .., Piece::Letter(' '), Piece::Any] if walk(head, &text) => true,
        all => walk(all, &text),
    }
}

/// The text before the first wildcard, without backslashes.
pub fn stem(pattern: &str) -> String {
    pieces(pattern).iter().map_while(Piece::letter).collect()
}

/// Whether a pattern fits one text only.
pub fn is_exact(pattern: &str) -> bool {
    pieces(pattern).iter().all(|piece| piece.letter().is_some())
}

/// The pattern that fits exactly this text.
pub fn exactly(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Any,
    Letter(char),
    One,
}

impl Piece {
    fn letter(&self) -> Option<char> {
        match self {
            Self::Letter(c) => Some(*c),
            Self::Any | Self::One => None,
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(c) = letters.next() {
        pieces.push(match c {
            '*' if pieces.last() == Some(&Piece::Any) => continue,
            '*' => Piece::Any,
            '?' => Piece::One,
            '\\' => Piece::Letter(
                letters.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\'),
            ),
            c => Piece::Letter(c),
        });
    }
    pieces
}

/// Goes back to the last `*` only, which is enough: an earlier one could not fit more.
fn walk(pieces: &[Piece], text: &[char]) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                back = Some((piece, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) => {
                piece += 1;
                at += 1;
                continue;
            }
            Some(Piece::Letter(c)) if *c == text[at] => {
                piece += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, from)) = back else { return false };
        back = Some((star, from + 1));
        (piece, at) = (star + 1, from + 1);
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_what_it_says() {
        for (pattern, text, fit) in [
            ("*", "", true),
            ("*", "a/b c", true),
            ("git status *", "git status", true),
            ("git status *", "git status -s", true),
            ("git status *", "git statusx", false),
            ("git status*", "git statusx", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("src/*.rs", "src/deep/a.rs", true),
            ("src/*.rs", "src/a.rsx", false),
            (r"echo \*", "echo *", true),
            (r"echo \*", "echo x", false),
            (r"echo \?", "echo ?", true),
            (r"echo \\", r"echo \", true),
            (r"echo \n", r"echo \n", true),
            (r"\", r"\", true),
            ("é?", "éü", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} ~ {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_others() {
        let pattern = format!("{}b", "a*".repeat(2000));
        assert!(!fits(&pattern, &"a".repeat(20_000)));
        assert!(!fits(&format!("{}b", "*?".repeat(2000)), &"a".repeat(20_000)));
    }

    #[test]
    fn what_is_learned_to_the_letter_fits_only_that() {
        for text in ["ls *", r"a\*b", r"\\", "a?", "", r"x\"] {
            let pattern = exactly(text);
            assert!(fits(&pattern, text) && is_exact(&pattern) && stem(&pattern) == text, "{text}");
        }
        assert!(!fits(&exactly("ls *"), "ls x"));
        assert_eq!(stem(r"a\*b*c"), "a*b");
    }
}
