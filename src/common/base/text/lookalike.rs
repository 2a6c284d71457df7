//! Homoglyphs: letters and signs that look like ASCII ones and disguise a command or a host.

/// Offset and letter of each lookalike in a line, in order.
pub fn lookalikes(line: &str) -> Vec<(usize, char)> {
    if line.is_ascii() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (start, word) in words(line) {
        let letters = || word.char_indices().map(|(at, c)| (start + at, c));
        let (mut latin, mut other, mut alike) = (0, 0, 0);
        for (_, c) in letters() {
            match script(c) {
                Script::Latin => latin += 1,
                Script::Other => {
                    other += 1;
                    alike += usize::from(ALIKE.contains(c));
                }
                Script::Apart => {}
            }
        }
        if other > 0 && (latin > 0 || other > 1 && alike == other) {
            found.extend(letters().filter(|(_, c)| script(*c) == Script::Other));
        }
    }
    found.extend(signs(line));
    found.sort_unstable();
    found
}

/// A Punycode domain name (`xn--…`, RFC 3492) decoded; `None` if it is none.
pub fn domain_as_read(domain: &str) -> Option<String> {
    let is_coded = domain
        .split('.')
        .any(|label| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")));
    let (read, valid) = is_coded.then(|| idna::domain_to_unicode(domain))?;
    (valid.is_ok() && read != domain).then_some(read)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// A letter that may stand beside Latin ones, or no letter.
    Apart,
    Latin,
    Other,
}

/// Letters that most fonts draw like a Latin one: Cyrillic, Greek, Armenian.
const ALIKE: &str = "абсԁеһіјкӏорԛѕтуԝхүАВСЕҺІЈКМНОРЅТУХԚԜҮαγεηικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսհցՍՕ";

fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        // Latin with diacritics, and the micro sign.
        '\u{b5}' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            Script::Latin
        }
        // Modifier letters and marks, and the scripts of East and South-East Asia.
        '\u{2b0}'..='\u{36f}'
        | '\u{e00}'..='\u{fff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' => Script::Apart,
        '\u{2e80}'..='\u{9fff}'
        | '\u{a000}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' => Script::Apart,
        '\u{ff66}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}' => Script::Apart,
        c if c.is_alphabetic() && !is_styled(c) => Script::Other,
        _ => Script::Apart,
    }
}

/// Whether it is a styled Latin letter or digit: fullwidth, circled, mathematical.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}')
        || matches!(c, '\u{212a}' | '\u{212b}' | '\u{2100}'..='\u{214f}' if c.is_alphanumeric())
}

/// Runs of letters, digits and underscores, each with its offset.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(is_word)?;
        let end = line[start..].find(|c| !is_word(c)).map_or(line.len(), |len| start + len);
        at = end;
        Some((start, &line[start..end]))
    })
}

/// Signs that look like a slash, a semicolon, a dot or an option's dash, and styled letters.
fn signs(line: &str) -> impl Iterator<Item = (usize, char)> {
    line.char_indices().filter(move |(at, c)| {
        let before = line[..*at].chars().next_back();
        let after = line[*at + c.len_utf8()..].chars().next();
        match c {
            // They are normal in East Asian text.
            '；' | '／' | '｜' | '＆' | '．' | '：' | '＞' | '＜' | '＄' | '｀' | '～' | '＝'
            | '＂' | '＇' | '－' => ![before, after].into_iter().flatten().any(is_east_asian),
            '\u{37e}' | '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{2223}' | '\u{1c0}'
            | '\u{2cb}' | '\u{2024}' | '\u{fe52}' | '\u{fe69}' => true,
            '\u{589}' | '\u{2236}' | '\u{223c}' | '\u{2dc}' => true,
            // A dash between blanks belongs to a sentence; one before a letter looks like an
            // option.
            '\u{2010}'..='\u{2015}' | '\u{2212}' => {
                before.is_none_or(char::is_whitespace) && after.is_some_and(|c| !c.is_whitespace())
            }
            c => is_styled(*c),
        }
    })
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> String {
        lookalikes(line).into_iter().map(|(_, c)| c).collect()
    }

    #[test]
    fn letters_of_two_alphabets_in_one_word_are_found() {
        for (line, letters) in [
            ("curl https://gіthub.com/x", "і"),
            ("cd ~/аpp && ls", "а"),
            ("rm -rf ./ѕrс", "ѕс"),
            ("mv αbc x", "α"),
            ("сору a b", "сору"),
            ("cat file\u{37e} rm x", "\u{37e}"),
            ("ls \u{2215}tmp", "\u{2215}"),
            ("rm \u{2013}rf x", "\u{2013}"),
            ("echo 𝐡i ＡＢ", "𝐡ＡＢ"),
            ("echo a｜b", "｜"),
        ] {
            assert_eq!(found(line), letters, "{line}");
        }
    }

    #[test]
    fn a_coded_domain_is_read_as_its_letters() {
        assert_eq!(domain_as_read("xn--gthub-n2e.com").as_deref(), Some("gіthub.com"));
        assert_eq!(domain_as_read("api.xn--mnchen-3ya.de").as_deref(), Some("api.münchen.de"));
        assert_eq!(domain_as_read("github.com"), None);
        assert_eq!(domain_as_read("xn--\u{e9}-\u{1b}[2J"), None);
    }

    #[test]
    fn what_people_write_in_their_own_language_is_left_alone() {
        for line in [
            "git commit -m 'Исправить ошибку в парсере'",
            "git commit -m 'Διόρθωση σφάλματος'",
            "echo 'naïve café, größer, Łódź'",
            "echo '修正；日本語のREADMEを更新：完了'",
            "echo 'README를 고침' # 한국어",
            "echo 'a – b — c' 5µs",
            "echo 'תיקון שגיאה' 'إصلاح'",
            "echo '✓ done → next 🎉'",
            "plain ascii | only",
        ] {
            assert_eq!(found(line), "", "{line}");
        }
    }
}
