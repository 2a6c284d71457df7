//! Why the system refused, as text for people.

use std::fmt::Display;

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
