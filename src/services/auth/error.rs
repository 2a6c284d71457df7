//! Credential errors: a sentence for each and what a person does about it. Never holds a secret.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::auth::endpoint::answer::EndpointError;
use crate::base::Advice;
use crate::base::files::FileError;
use crate::protocol::ProviderId;

/// The reasons why no credential can be used, saved or removed.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum AuthError {
    /// Someone signed in to another account while a request of the former one was under way.
    #[error("another account was signed in meanwhile in `{}`", path.display())]
    AccountChanged { path: PathBuf },
    #[error("another program holds `{}` locked", path.display())]
    Busy { path: PathBuf },
    #[error("`{}` is a credential file of Codex, which has another form", path.display())]
    CodexShape { path: PathBuf },
    /// `kept` is the copy that was made of it, if any.
    #[error("`{}` is damaged at line {line}, column {column}{}", path.display(), copy_kept(kept.as_ref()))]
    Damaged { path: PathBuf, line: usize, column: usize, kept: Option<PathBuf> },
    /// The client that owns the tokens gave no others.
    #[error("auth refresh request failed: {reason}")]
    ClientRefused { reason: String },
    #[error("auth refresh request timed out after {seconds}s")]
    ClientLate { seconds: u64 },
    #[error("auth refresh returned invalid credentials")]
    ClientInvalid,
    #[error("invalid ID token format")]
    NotAToken,
    /// The settings allow others only.
    #[error("Login is restricted to workspace(s) {}, but current credentials belong to {}", allowed.join(", "), found_or_none(found))]
    OtherWorkspace { allowed: Vec<String>, found: String },
    /// The settings allow the other method only.
    #[error("the settings allow {allowed} alone")]
    OtherMethod { allowed: &'static str },
    /// The access token has ended, and the entry holds no refresh token.
    #[error("the sign-in has ended")]
    Ended,
    #[error(transparent)]
    File { source: FileError },
    #[error("the API key from {place} was refused")]
    KeyRefused { place: String },
    #[error("the key of `{provider}` was entered for {entered}, and is not sent to {origin}")]
    KeyOfOtherOrigin { provider: ProviderId, origin: String, entered: String },
    /// `variable` is the environment variable that its key may stand in.
    #[error("{name} is not connected")]
    NoKey { provider: ProviderId, name: String, variable: Option<String> },
    #[error("there is no provider `{provider}`: {}", known_providers(known))]
    NoProvider { provider: ProviderId, known: Vec<ProviderId> },
    #[error("nobody is signed in to OpenAI")]
    NotSignedIn,
    /// It signed out, or was signed out, since that was offered.
    #[error("`{}` holds no sign-in any more", path.display())]
    NotInCodex { path: PathBuf },
    /// Transient: the sign-in is untouched, and the same may go well later.
    #[error("the sign-in could not be renewed: {source}")]
    RenewalFailed { source: Arc<EndpointError> },
    /// Permanent for this refresh token.
    #[error("the sign-in has ended and cannot be renewed: {source}")]
    RenewalRefused { source: Arc<EndpointError> },
    /// The program is ending, or a defect of ours.
    #[error("the work on the credentials was stopped")]
    Stopped,
    /// The entry `openai` is there, and kept, but holds nothing requests could use.
    #[error("the entry `openai` in `{}` holds no credential codling understands", path.display())]
    Unusable { path: PathBuf },
}

/// The kinds of errors that the engine tells apart in a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthErrorKind {
    /// A credential file is damaged, locked or cannot be used.
    CredentialFile,
    /// The settings do not allow it.
    Forbidden,
    /// The work was stopped.
    Internal,
    /// Proxy, certificate, name or connection.
    Network,
    /// Sign in, or sign in again.
    NotSignedIn,
    /// They name no such provider, or another address than the key was entered for.
    Settings,
    /// The sign-in server has a fault or is busy.
    Unavailable,
}

impl AuthError {
    /// Sorts the error for the engine's `Problem`.
    pub fn kind(&self) -> AuthErrorKind {
        match self {
            Self::Busy { .. }
            | Self::CodexShape { .. }
            | Self::Damaged { .. }
            | Self::File { .. } => AuthErrorKind::CredentialFile,
            Self::AccountChanged { .. }
            | Self::ClientInvalid
            | Self::ClientLate { .. }
            | Self::ClientRefused { .. }
            | Self::NotAToken
            | Self::Ended
            | Self::NoKey { .. }
            | Self::KeyRefused { .. }
            | Self::NotInCodex { .. }
            | Self::NotSignedIn
            | Self::RenewalRefused { .. }
            | Self::Unusable { .. } => AuthErrorKind::NotSignedIn,
            Self::RenewalFailed { source } => match **source {
                EndpointError::Blocked { .. }
                | EndpointError::BrokenOff { .. }
                | EndpointError::Setup { .. }
                | EndpointError::Unreachable { .. } => AuthErrorKind::Network,
                EndpointError::Incomplete { .. }
                | EndpointError::Malformed { .. }
                | EndpointError::Refused { .. }
                | EndpointError::Unavailable { .. } => AuthErrorKind::Unavailable,
            },
            Self::OtherMethod { .. } | Self::OtherWorkspace { .. } => AuthErrorKind::Forbidden,
            Self::KeyOfOtherOrigin { .. } | Self::NoProvider { .. } => AuthErrorKind::Settings,
            Self::Stopped => AuthErrorKind::Internal,
        }
    }

    /// Whether the sign-in server gave no answer at all, which may be over in a moment.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::RenewalFailed { source } if source.is_unreachable())
    }
}

impl Advice for AuthError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::AccountChanged { .. } => Some("Send the prompt again to go on with that account, or sign in with `/connect`".into()),
            Self::Busy { .. } => Some("End the other program, or wait for it, and try again".into()),
            Self::CodexShape { .. } => {
                Some("Name another file in `CODLING_AUTH_FILE` or unset it, then sign in with `/connect` or `codling auth login`".into())
            }
            Self::Damaged { kept: Some(_), .. } => {
                Some("Repair it, or sign in again with `/connect` or `codling auth login`: the copy stays".into())
            }
            Self::Damaged { kept: None, .. } => {
                Some("Repair it, or move it away and sign in again with `/connect` or `codling auth login`".into())
            }
            Self::ClientInvalid | Self::ClientLate { .. } | Self::ClientRefused { .. } | Self::NotAToken => {
                Some("Sign in again in the program that uses codling".into())
            }
            Self::OtherMethod { .. } => Some("Sign in that way with `/connect`, or change `forced_login_method` in your settings".into()),
            Self::OtherWorkspace { .. } => {
                Some("Sign in to one of them with `/connect`, or change `forced_chatgpt_workspace_id` in your settings".into())
            }
            Self::File { source } => source.next_step(),
            Self::KeyRefused { .. } => Some("Sign in with another key or a ChatGPT account: `/connect`".into()),
            Self::KeyOfOtherOrigin { .. } => Some("Enter the key again with `/connect`, if it is meant for the new address".into()),
            Self::NoKey { provider, variable, .. } => {
                let variable = variable.as_ref().map(|name| format!(", or set `{name}`"));
                let variable = variable.unwrap_or_default();
                Some(format!("Enter its key with `/connect` or `codling auth login {provider}`{variable}"))
            }
            Self::NoProvider { provider, .. } => Some(format!("Choose another model with `/models`, or name it in your own `config.toml` as `[provider.{provider}]`")),
            Self::NotInCodex { .. } => Some("Sign in with `/connect` or `codling auth login`".into()),
            Self::NotSignedIn => Some("Sign in with `/connect` or `codling auth login`".into()),
            Self::RenewalFailed { source } => match &**source {
                EndpointError::Refused { .. } => Some("Try again in a minute; if it keeps happening, sign in again with `/connect`".into()),
                other => other.next_step(),
            },
            Self::Ended | Self::RenewalRefused { .. } => Some("Sign in again with `/connect` or `codling auth login`".into()),
            Self::Stopped => Some("Try again".into()),
            Self::Unusable { .. } => Some("Sign in with `/connect` or `codling auth login`, which replaces that entry".into()),
        }
    }
}

impl From<FileError> for AuthError {
    fn from(source: FileError) -> Self {
        Self::File { source }
    }
}

fn found_or_none(found: &str) -> &str {
    if found.is_empty() { "none" } else { found }
}

fn known_providers(known: &[ProviderId]) -> String {
    let names: Vec<String> = known.iter().map(|id| format!(", `{id}`")).collect();
    format!("the settings know `openai`{}", names.concat())
}

fn copy_kept(kept: Option<&PathBuf>) -> String {
    kept.map(|copy| format!("; a copy is kept as `{}`", copy.display())).unwrap_or_default()
}
