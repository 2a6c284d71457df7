//! Advice: how to go on after an error, kept apart from the sentence that says what failed, and the
//! system's reason in that sentence.

use std::fmt::Display;

/// An error that can say what the person may do next.
pub trait Advice: std::error::Error {
    /// One sentence for the person, without a full stop. Implementations match exhaustively, so
    /// that a new variant must bring its own.
    fn next_step(&self) -> Option<String>;
}

/// The error's own text without ` (os error 2)`, which tells a person nothing.
pub fn cause(error: &(impl Display + ?Sized)) -> String {
    let mut words = error.to_string();
    words.truncate(words.find(" (os error ").unwrap_or(words.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_error_is_left_out() {
        assert_eq!(cause(&std::io::Error::from_raw_os_error(2)), "No such file or directory");
        assert_eq!(cause(&std::io::Error::other("the disk is gone")), "the disk is gone");
    }
}
