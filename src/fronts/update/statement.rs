//! The signed statement of which release is the latest: its version, and the day it was signed. Who
//! serves it cannot name another release, but can go on serving an old one: so its day is told.

use jiff::ToSpan;
use jiff::civil::Date;

use super::error::UpdateError;
use super::version::Version;

/// How old it is, in days, when a person is warned. It is signed anew more often than that, whether
/// or not there is a release (CONTRIBUTING.md).
const FRESH: i64 = 90;

/// The file `latest`: a line with the version, and one with the day.
#[derive(Debug)]
pub struct Statement {
    pub version: Version,
    pub day: Date,
}

impl Statement {
    /// Reads it. The signature was checked before, but the same key signs other files as well.
    ///
    /// # Errors
    ///
    /// [`UpdateError::Statement`] if it is anything else than a version and a day.
    pub fn parse(text: &str) -> Result<Self, UpdateError> {
        let read = || {
            let mut lines = text.lines();
            let (version, day) = (lines.next()?, lines.next()?);
            let statement = Self { version: Version::parse(version).ok()?, day: day.parse().ok()? };
            lines.next().is_none().then_some(statement)
        };
        read().ok_or(UpdateError::Statement)
    }

    /// A sentence for a person, where the statement is old.
    pub fn warning(&self, today: Date) -> Option<String> {
        let is_fresh = self.day.checked_add(FRESH.days()).is_ok_and(|end| today <= end);
        let warning = || {
            format!(
                "The word that {} is the latest version is from {}: the server may hold a later one back",
                self.version, self.day
            )
        };
        (!is_fresh).then(warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_a_version_and_a_day() {
        let statement = Statement::parse("9.0.0\n2026-11-26\n").unwrap();
        assert_eq!(statement.version.to_string(), "9.0.0");
        assert_eq!(statement.day, jiff::civil::date(2026, 11, 26));
        let sums = include_str!("fixtures/SHA256SUMS");
        for wrong in ["", "9.0.0\n", "9.0.0\nsoon\n", "9.0.0\n2026-11-26\nmore\n", "\n\n", sums] {
            assert!(Statement::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_old_statement_is_told_and_a_clock_that_goes_slow_is_not() {
        let statement = Statement::parse("9.0.0\n2026-11-26\n").unwrap();
        for (days, warns) in [(-400, false), (0, false), (90, false), (91, true), (4000, true)] {
            let today = statement.day + days.days();
            assert_eq!(statement.warning(today).is_some(), warns, "{days}");
        }
    }
}
