//! Replaces tokens, keys and passwords in a text.

use std::borrow::Cow;

const GONE: &str = "[redacted]";
/// Prefixes of well-known providers' keys.
const BEGINNINGS: [&str; 27] = [
    "sk-",
    "sk_",
    "pk_live_",
    "rk_live_",
    "rt_",
    "at_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "npm_",
    "pypi-",
    "hf_",
    "SG.",
    "dop_v1_",
    "whsec_",
];
/// Names whose values are secrets.
const NAMES: [&str; 13] = [
    "token",
    "secret",
    "password",
    "passwd",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "private_key",
    "client_key",
    "credential",
    "encryption_key",
    "signing_key",
];
const SCHEMES: [&str; 3] = ["bearer", "basic", "token"];
/// A shorter word is not taken for a key.
const LEAST: usize = 16;
/// A shorter value after a name or a scheme is a placeholder.
const LEAST_NAMED: usize = 6;

/// The text with every secret replaced; borrowed if it holds none.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut result = String::new();
    let mut kept = 0;
    let mut before = TextBefore::default();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("-----BEGIN ")
            && rest.lines().next().is_some_and(|line| line.contains("PRIVATE KEY"))
        {
            let end = rest.find("-----END ").map_or(text.len(), |end| at + end);
            let end = text[end..].find('\n').map_or(text.len(), |line| end + line);
            result.push_str(&text[kept..at]);
            result.push_str(GONE);
            (kept, at) = (end, end);
            continue;
        }
        let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        if length == 0 {
            let letter = rest.chars().next().unwrap_or(' ');
            before.pass(letter);
            at += letter.len_utf8();
            continue;
        }
        let word = &rest[..length];
        if let Some((from, to)) = secret(word, &before, &rest[length..]) {
            result.push_str(&text[kept..at + from]);
            result.push_str(GONE);
            kept = at + to;
        }
        before.take(word);
        at += length;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    result.push_str(&text[kept..]);
    Cow::Owned(result)
}

/// Context before a word that tells what it is.
#[derive(Default)]
struct TextBefore {
    /// The name of a secret, and how much of an assignment was seen.
    name: NamePart,
    scheme: bool,
    /// `://` came last, so that a user name may follow.
    colon: bool,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum NamePart {
    #[default]
    None,
    Named,
    Assigned,
}

impl TextBefore {
    fn pass(&mut self, letter: char) {
        self.name = match (self.name, letter) {
            (NamePart::Named, ':') => NamePart::Assigned,
            (name, '"' | '\'' | ' ' | '\t' | '\\' | '`' | '>') => name,
            (NamePart::Assigned, ':') => NamePart::Assigned,
            _ => NamePart::None,
        };
        self.scheme &= matches!(letter, ' ' | '"' | '\'');
        self.colon = letter == ':';
    }

    fn take(&mut self, word: &str) {
        let lower = word.to_lowercase();
        // `=` can be part of a word, because base64 uses it.
        let (name, assigned) = match lower.strip_suffix('=') {
            Some(name) => (name, NamePart::Assigned),
            None => (lower.as_str(), NamePart::Named),
        };
        let waits = self.name == NamePart::Named && word == "=";
        self.name = if waits {
            NamePart::Assigned
        } else if is_name(name) {
            assigned
        } else {
            NamePart::None
        };
        self.scheme = SCHEMES.contains(&lower.as_str());
        self.colon = false;
    }
}

/// The range of a word that is a secret.
fn secret(word: &str, before: &TextBefore, after: &str) -> Option<(usize, usize)> {
    let end = word.trim_end_matches('.').len();
    if let Some((name, value)) = word[..end].split_once('=')
        && value.len() >= LEAST_NAMED
        && is_name(&name.to_lowercase())
    {
        return Some((name.len() + 1, end));
    }
    if before.name == NamePart::Assigned
        && end >= LEAST_NAMED
        && !SCHEMES.contains(&word.to_lowercase().as_str())
    {
        return Some((0, end));
    }
    if before.scheme
        && end >= LEAST_NAMED
        && (word.chars().any(|letter| letter.is_ascii_digit()) || end >= 12)
    {
        return Some((0, end));
    }
    // In `https://name:password@host` the word stands between the colon and the at sign.
    if before.colon && after.starts_with('@') && !word.starts_with("//") {
        return Some((0, end));
    }
    if end < LEAST {
        return None;
    }
    let from = ["eyJ"].into_iter().chain(BEGINNINGS).find_map(|beginning| {
        let at = word.find(beginning)?;
        let starts = at == 0 || word[..at].ends_with(['=', '/', '.', '+', '-']);
        (starts
            && end.saturating_sub(at) >= LEAST
            && word[at..end].chars().any(|letter| letter.is_ascii_digit()))
        .then_some(at)
    });
    from.map(|from| (from, end))
}

fn is_name(word: &str) -> bool {
    NAMES.iter().any(|name| word.ends_with(name)) && word.len() < 40
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '_' | '-' | '.' | '+' | '/' | '=' | '~' | '%' | '!' | '$' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_taken_out() {
        for (text, expected) in [
            ("key sk-proj-abcdef0123456789XYZ.", "key [redacted]."),
            ("Authorization: Bearer abc123def456", "Authorization: Bearer [redacted]"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.abc-DEF_1", "[redacted]"),
            ("OPENAI_API_KEY=abcdef", "OPENAI_API_KEY=[redacted]"),
            ("{\"refresh_token\": \"v1.abcdefgh\"}", "{\"refresh_token\": \"[redacted]\"}"),
            ("password = hunter22", "password = [redacted]"),
            ("password: 'correct-horse'", "password: '[redacted]'"),
            ("ghp_0123456789abcdefghij0123456789 x", "[redacted] x"),
            ("https://me:s3cr3t@host/x", "https://me:[redacted]@host/x"),
            (
                "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
                "a\n[redacted]\nb",
            ),
            ("?x=1&token=abcdef0123", "?x=1&token=[redacted]"),
            ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for text in [
            "",
            "The token is read from the file",
            "fn token(&self) -> u8 { 0 }",
            "a bearer of good news",
            "see https://host:8080/path and src/main.rs",
            "asking-for-a-long-dashed-word",
            "é — ü",
            "max_tokens: 128000",
        ] {
            assert!(matches!(redact(text), Cow::Borrowed(_)), "{text:?} {}", redact(text));
        }
    }
}
