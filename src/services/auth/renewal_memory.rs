//! The memory of one process about renewals: which tokens are of no more use, when to try again,
//! and what could not be saved. Writes nothing.

use std::sync::Arc;
use std::time::Duration;

use super::error::AuthError;
use super::warning::AuthWarning;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::endpoint::answer::EndpointError;
use crate::base::{Secret, Timestamp};

/// The first wait after a failure that may pass; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The longest a server's own Retry-After is believed.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// A token that came this recently is not renewed again for its `exp`: the two clocks disagree, or
/// it lives for minutes.
const FRESH: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct RenewalMemory {
    refused: Option<(Secret, Arc<EndpointError>)>,
    pause: Option<RenewalPause>,
    /// A refresh token that the server may have spent: the answer to it broke off.
    broken_off: Option<Secret>,
    unsaved: Option<Unsaved>,
    renewed: Option<(Secret, Timestamp)>,
    waiting: Vec<AuthWarning>,
    reported: Vec<AuthWarning>,
}

#[derive(Debug)]
struct RenewalPause {
    token: Secret,
    error: Arc<EndpointError>,
    since: Timestamp,
    until: Timestamp,
    tries: u32,
}

#[derive(Debug)]
struct Unsaved {
    /// The refresh token that the file still holds, spent by now.
    on_disk: Secret,
    grant: OAuthGrant,
}

impl RenewalMemory {
    /// Refuses a refresh token that failed before: for ever, or until the pause is over.
    ///
    /// # Errors
    ///
    /// The error of the last try, as long as it still stands for this token.
    pub fn check(&self, token: &Secret, now: Timestamp) -> Result<(), AuthError> {
        if let Some((refused, error)) = &self.refused
            && refused == token
        {
            return Err(AuthError::RenewalRefused { source: error.clone() });
        }
        match &self.pause {
            // A clock that was set back must not make the pause longer.
            Some(pause) if pause.token == *token && pause.since <= now && now < pause.until => {
                Err(AuthError::RenewalFailed { source: pause.error.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a failed try, and gives the error to tell.
    pub fn failed(&mut self, token: &Secret, error: EndpointError, now: Timestamp) -> AuthError {
        let error = Arc::new(error);
        if error.ends_token() || error.may_have_spent() {
            self.refused = Some((token.clone(), error.clone()));
            return AuthError::RenewalRefused { source: error };
        }
        let tries = self
            .pause
            .as_ref()
            .filter(|pause| pause.token == *token)
            .map_or(0, |pause| pause.tries);
        // A server that was not reached needs no sparing; whoever asks waits between the tries.
        let doublings = if error.is_unreachable() { 0 } else { tries.min(10) };
        let doubled = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        let wait = error.wait().map_or(doubled, |asked_for| asked_for.clamp(doubled, LONGEST_WAIT));
        self.pause = Some(RenewalPause {
            token: token.clone(),
            error: error.clone(),
            since: now,
            until: now + wait,
            tries: tries + 1,
        });
        AuthError::RenewalFailed { source: error }
    }

    /// Remembers that the answer to this refresh token broke off. `true` the first time: it may be
    /// sent once more. A server that takes single-use tokens for stolen when they come again is not
    /// to see it more often.
    pub fn broke_off(&mut self, token: &Secret) -> bool {
        self.broken_off.replace(token.clone()).as_ref() != Some(token)
    }

    /// A renewal went well.
    pub fn succeeded(&mut self, grant: &OAuthGrant, now: Timestamp) {
        self.refused = None;
        self.pause = None;
        self.renewed = Some((grant.access.clone(), now));
    }

    /// Whether this access token came only just now.
    pub fn is_fresh(&self, grant: &OAuthGrant, now: Timestamp) -> bool {
        self.renewed.as_ref().is_some_and(|(access, at)| {
            *access == grant.access && *at <= now && now.since(*at) < FRESH
        })
    }

    /// The tokens that could not be saved, and the refresh token that the file still holds.
    pub fn unsaved(&self) -> Option<(OAuthGrant, Secret)> {
        self.unsaved.as_ref().map(|unsaved| (unsaved.grant.clone(), unsaved.on_disk.clone()))
    }

    /// New tokens that could not be saved; told at the first failure and kept until `saved`.
    pub fn keep_unsaved(&mut self, on_disk: Secret, grant: OAuthGrant, error: &AuthError) {
        tracing::warn!(%error, "the renewed sign-in could not be saved; it is kept in memory");
        self.warn_once(AuthWarning::Unsaved { reason: error.to_string() });
        self.unsaved = Some(Unsaved { on_disk, grant });
    }

    pub fn saved(&mut self) {
        self.unsaved = None;
        // Were it to happen again, that would be news.
        self.reported.retain(|reported| !matches!(reported, AuthWarning::Unsaved { .. }));
    }

    /// The sign-in as it stands: what could not be saved goes before what it was bought with. A
    /// file that changed since goes first.
    pub fn overlay(&self, in_file: OAuthGrant) -> OAuthGrant {
        match &self.unsaved {
            Some(unsaved) if unsaved.on_disk == in_file.refresh => unsaved.grant.clone(),
            _ => in_file,
        }
    }

    /// Another sign-in took the place: nothing that was learned about the former counts. Warnings
    /// stay.
    pub fn forget(&mut self) {
        let (waiting, reported) =
            (std::mem::take(&mut self.waiting), std::mem::take(&mut self.reported));
        *self = Self { waiting, reported, ..Self::default() };
    }

    pub fn warn_once(&mut self, warning: AuthWarning) {
        if !self.reported.contains(&warning) {
            self.reported.push(warning.clone());
            self.waiting.push(warning);
        }
    }

    pub fn take_warnings(&mut self) -> Vec<AuthWarning> {
        std::mem::take(&mut self.waiting)
    }
}
