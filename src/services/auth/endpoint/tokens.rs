//! The tokens that a token endpoint answers with, and the clock, network and rules that every
//! sign-in needs.

use std::time::Duration;

use crate::base::{Clock, Secret};
use crate::net::Net;
use crate::protocol::{Origins, SignInRule};

/// A whole answer of `POST {auth}/oauth/token`.
#[derive(Clone, Debug)]
pub struct OAuthTokens {
    pub access: Secret,
    pub refresh: Secret,
    pub id: Option<Secret>,
    /// `expires_in`, where it was sent.
    pub lifetime: Option<Duration>,
}

/// Where requests go, and what time it is.
#[derive(Clone, Debug)]
pub struct AuthContext {
    /// Makes the HTTP clients of all requests.
    pub net: Net,
    /// OpenAI's servers, or those that tests and `codling demo` put in their place.
    pub origins: Origins,
    /// Judges when tokens end.
    pub clock: Clock,
    /// `codling/<version> (<os>; <arch>)`
    pub user_agent: String,
    /// Which sign-ins the settings allow.
    pub rule: SignInRule,
}
