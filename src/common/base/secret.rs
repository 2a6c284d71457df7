//! Secret text: wiped on drop, never printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A token, a key or a verifier. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a text that must not be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for requests and credential files only, never for logs or screens.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", Secret::new("sk-123")), "Secret(…)");
    }
}
