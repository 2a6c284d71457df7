//! Paths of pictures that were dropped on the terminal or pasted, in the forms that terminals give
//! them: plain, in quotes, with backslashes, as `file://` addresses, one or several.

use std::path::{Path, PathBuf};

/// A longer paste is a text.
const LONGEST: usize = 8 << 10;
/// More at once are not meant to be looked at.
const MOST: usize = 20;

/// A path as it was pasted, and the file that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub pasted: String,
    pub path: PathBuf,
}

/// The files of a paste that holds nothing but whole paths of pictures; empty for any other text.
/// A bare name such as `a.png` is a text.
pub fn pictures(pasted: &str, home: Option<&Path>) -> Vec<Dropped> {
    if pasted.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    for line in pasted.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let whole = || Some(vec![whole_path(line, home)?]);
        let words = || {
            let words = shell_words(line)?;
            let word = |(pasted, word): (&str, String)| {
                Some(Dropped { pasted: pasted.to_owned(), path: path_of(&word, home)? })
            };
            words.into_iter().map(word).collect::<Option<Vec<_>>>()
        };
        // A plain path may hold blanks and quotes of its own.
        match words().or_else(whole) {
            Some(paths) => found.extend(paths),
            None => return Vec::new(),
        }
    }
    if found.len() > MOST { Vec::new() } else { found }
}

/// Whether a file's name is that of a picture which models take.
pub fn is_picture(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("png" | "jpg" | "jpeg" | "gif" | "webp"))
}

/// The path without `~`.
pub fn at_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn whole_path(line: &str, home: Option<&Path>) -> Option<Dropped> {
    Some(Dropped { pasted: line.to_owned(), path: path_of(line, home)? })
}

/// The path that a word names, if it says where it begins and is that of a picture.
fn path_of(word: &str, home: Option<&Path>) -> Option<PathBuf> {
    if let Some(address) = word.strip_prefix("file://") {
        let path = address.strip_prefix("localhost").unwrap_or(address);
        let path = path.starts_with('/').then(|| without_percent(path))??;
        return is_picture(path.to_str()?).then_some(path);
    }
    let is_path = ["/", "~/", "./", "../"].iter().any(|begin| word.starts_with(begin));
    (is_path && is_picture(word)).then(|| at_home(word, home))
}

/// Decodes `%20` and its like (RFC 3986, 2.1).
fn without_percent(path: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Splits a line as a shell does, without expansions: each word as it was written, and its text.
/// `None` where a quote does not end.
fn shell_words(line: &str) -> Option<Vec<(&str, String)>> {
    let mut words = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let (mut text, mut end, mut quote) = (String::new(), start, None);
        while let Some(&(at, c)) = chars.peek() {
            if quote.is_none() && c.is_whitespace() {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            match (quote, c) {
                (Some(open), _) if c == open => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None | Some('"'), '\\') => {
                    let (at, escaped) = chars.next()?;
                    end = at + escaped.len_utf8();
                    text.push(escaped);
                }
                _ => text.push(c),
            }
        }
        if quote.is_some() {
            return None;
        }
        words.push((&line[start..end], text));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(pasted: &str) -> Vec<String> {
        let found = pictures(pasted, Some(Path::new("/home/me")));
        found.into_iter().map(|it| it.path.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn paths_are_known_in_every_form_that_a_terminal_gives_them() {
        let cases: [(&str, &[&str]); 17] = [
            ("/tmp/a.png", &["/tmp/a.png"]),
            ("  /tmp/a.PNG \n", &["/tmp/a.PNG"]),
            ("'/tmp/a b.png' ", &["/tmp/a b.png"]),
            ("\"/tmp/a 'b'.jpg\"", &["/tmp/a 'b'.jpg"]),
            ("'/tmp/it'\\''s.png'", &["/tmp/it's.png"]),
            (r"/tmp/a\ b\(1\).jpeg", &["/tmp/a b(1).jpeg"]),
            ("/tmp/My Pictures/a.gif", &["/tmp/My Pictures/a.gif"]),
            ("/tmp/it's.png", &["/tmp/it's.png"]),
            ("file:///tmp/a%20%E4%B8%AD.webp\r\n", &["/tmp/a 中.webp"]),
            ("file://localhost/tmp/a.png", &["/tmp/a.png"]),
            ("~/a.png", &["/home/me/a.png"]),
            ("../a.png ./b.png", &["../a.png", "./b.png"]),
            ("'/tmp/a b.png' /tmp/c.png", &["/tmp/a b.png", "/tmp/c.png"]),
            ("/tmp/a.png\n/tmp/b c.png\n", &["/tmp/a.png", "/tmp/b c.png"]),
            ("file:///a.png\r\nfile:///b.png\r\n", &["/a.png", "/b.png"]),
            ("/tmp/中文 图.png", &["/tmp/中文 图.png"]),
            ("/tmp/.png", &["/tmp/.png"]),
        ];
        for (pasted, expected) in cases {
            assert_eq!(paths(pasted), expected, "{pasted}");
        }
    }

    #[test]
    fn any_other_text_stays_a_text() {
        for pasted in [
            "",
            "a.png",
            "/tmp/a.txt",
            "/tmp/a.png is broken",
            "see /tmp/a.png",
            "https://example.org/a.png",
            "file://server/share/a.png",
            "file:///tmp/a%2.png",
            "file:///tmp/a%ff.png",
            "/tmp/a.png\nand a second line",
            "'/tmp/a.txt' /tmp/b.png",
            &"/tmp/a.png ".repeat(21),
            &format!("/{}.png", "x".repeat(LONGEST)),
        ] {
            assert_eq!(paths(pasted), Vec::<String>::new(), "{pasted}");
        }
    }

    #[test]
    fn each_is_known_as_it_was_pasted() {
        let found = pictures(r"'/a b.png' /c\ d.png", None);
        let pasted: Vec<&str> = found.iter().map(|it| it.pasted.as_str()).collect();
        assert_eq!(pasted, ["'/a b.png'", r"/c\ d.png"]);
    }
}
