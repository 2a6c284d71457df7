//! Proof Key for Code Exchange (RFC 7636) and the state that ties a callback to its request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::base::Secret;

/// The secrets that one sign-in keeps to itself until its code is exchanged.
#[derive(Clone, Debug)]
pub struct Pkce {
    /// 86 characters: 64 random bytes.
    pub verifier: Secret,
    /// 43 characters: 32 random bytes.
    pub state: Secret,
}

impl Pkce {
    /// Makes a fresh verifier (64 random bytes) and state (32).
    ///
    /// # Errors
    ///
    /// Fails if the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self { verifier: Secret::new(random::<64>()?), state: Secret::new(random::<32>()?) })
    }

    /// The `S256` challenge of the verifier (RFC 7636, section 4.2).
    pub fn challenge(&self) -> String {
        challenge(self.verifier.expose())
    }
}

/// Random bytes as base64url without padding: safe in an address as it stands.
///
/// # Errors
///
/// The system has no random bytes.
pub fn random<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn every_sign_in_has_its_own_verifier_and_state() {
        let (one, two) = (Pkce::new().unwrap(), Pkce::new().unwrap());
        assert_eq!(
            (one.verifier.expose().len(), one.state.expose().len(), one.challenge().len()),
            (86, 43, 43)
        );
        assert_ne!(one.verifier, two.verifier);
        assert_ne!(one.state, two.state);
        assert!(
            one.verifier
                .expose()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert!(!format!("{one:?}").contains(one.state.expose()));
    }
}
