//! The capability token of a listener: a client that sends it may connect. Only its hash is kept.

use std::fmt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::base::files;

/// The largest token file that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// The token that a client must send.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// Reads the token from a file that no other user may read, without surrounding whitespace.
    ///
    /// # Errors
    ///
    /// Fails with a sentence if the file is empty, cannot be read, or can be read by other users.
    pub fn in_file(path: &Path) -> Result<Self, String> {
        let bytes = files::read_private(path, LARGEST).map_err(|error| {
            format!("the token file `{}` cannot be read: {error}", path.display())
        })?;
        let token = bytes.trim_ascii();
        if token.is_empty() {
            return Err(format!("the token file `{}` is empty", path.display()));
        }
        Ok(Self(Sha256::digest(token).into()))
    }

    /// Returns the token with this hash, in hexadecimal.
    pub fn hashed(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(hash))
    }

    /// Whether the `Authorization` header holds the token. Hashes are compared, so that the timing
    /// reveals nothing about the token.
    pub fn is_brought_by(&self, header: Option<&[u8]>) -> bool {
        let Some((scheme, token)) = header.and_then(|header| header.split_at_checked(7)) else {
            return false;
        };
        let hash: [u8; 32] = Sha256::digest(token.trim_ascii()).into();
        scheme.eq_ignore_ascii_case(b"bearer ") && hash == self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_file_and_by_its_hash() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, "  s3cret\n").unwrap();
        #[cfg(unix)]
        for (mode, is_refused) in [(0o644, true), (0o620, true), (0o601, true), (0o600, false)] {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let why = Token::in_file(&path).err().unwrap_or_default();
            assert_eq!(why.contains("chmod 600"), is_refused, "{mode:o}: {why}");
            assert!(!why.contains("s3cret"));
        }
        let token = Token::in_file(&path).unwrap();
        let hash = "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0";
        assert_eq!(Token::hashed(hash).unwrap(), token);
        for (header, fits) in [
            (Some("Bearer s3cret"), true),
            (Some("bearer s3cret"), true),
            (Some("Bearer other"), false),
            (Some("Bearer "), false),
            (Some("s3cret"), false),
            (Some("Basic s3cret!"), false),
            (None, false),
        ] {
            assert_eq!(token.is_brought_by(header.map(str::as_bytes)), fits, "{header:?}");
        }
        assert!(!format!("{token:?}").contains("s3"));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, " \n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        assert!(Token::in_file(&path).unwrap_err().contains("is empty"));
        assert!(Token::in_file(&home.path().join("none")).is_err());
        for text in ["", "ab", &"g".repeat(64), &"+1".repeat(32)] {
            assert_eq!(Token::hashed(text), None, "{text}");
        }
    }
}
