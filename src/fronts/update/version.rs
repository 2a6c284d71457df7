//! Versions, in the order of Semantic Versioning (<https://semver.org/spec/v2.0.0.html>).

use std::cmp::Ordering;
use std::fmt;

use super::error::UpdateError;

/// `0.2.0`, or `0.2.0-beta.1`, as it was written. It holds no letter that means something in an
/// address, in a path or to a shell.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    numbers: [u64; 3],
    /// The parts between dots behind the hyphen; none for a release.
    early: Vec<String>,
}

impl Version {
    /// Reads a version; a `v` before it is forgiven.
    ///
    /// # Errors
    ///
    /// [`UpdateError::Version`] if the text is none.
    pub fn parse(text: &str) -> Result<Self, UpdateError> {
        let text = text.trim();
        let wrong = || UpdateError::Version { text: text.chars().take(60).collect() };
        let text = text.strip_prefix('v').unwrap_or(text);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if text.len() > 60 || !text.chars().all(is_plain) {
            return Err(wrong());
        }
        let (kept, _build) = text.split_once('+').unwrap_or((text, ""));
        let (numbers, early) = match kept.split_once('-') {
            Some((numbers, early)) => (numbers, early.split('.').map(str::to_owned).collect()),
            None => (kept, Vec::new()),
        };
        let numbers: Option<Vec<u64>> = numbers.split('.').map(number).collect();
        let numbers = numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(wrong)?;
        match early.iter().any(String::is_empty) {
            true => Err(wrong()),
            false => Ok(Self { text: text.to_owned(), numbers, early }),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let early = || match (self.early.is_empty(), other.early.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => early_order(&self.early, &other.early),
        };
        self.numbers.cmp(&other.numbers).then_with(early)
    }
}

fn early_order(one: &[String], other: &[String]) -> Ordering {
    let parts = one.iter().zip(other).map(|(one, other)| match (number(one), number(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    });
    parts.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_order_of_semantic_versioning() {
        let rising = [
            "0.1.0",
            "0.2.0-alpha",
            "0.2.0-alpha.1",
            "0.2.0-alpha.beta",
            "0.2.0-beta.2",
            "0.2.0-beta.11",
            "0.2.0-rc.1",
            "0.2.0",
            "0.10.0",
            "1.0.0",
        ];
        let versions: Vec<Version> =
            rising.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(versions.is_sorted_by(|one, other| one < other));
        assert_eq!(Version::parse("v1.0.0+x\n").unwrap(), Version::parse("1.0.0").unwrap());
    }

    #[test]
    fn other_texts_are_no_versions() {
        for wrong in ["", "1", "1.0", "1.0.0.0", "1.0.x", "1.0.0-", "+1.0.0", "../1.0.0", "1.0.0/"]
        {
            assert!(Version::parse(wrong).is_err(), "{wrong}");
        }
    }
}
