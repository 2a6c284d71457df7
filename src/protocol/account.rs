//! Who is signed in, and the steps of signing in.

use std::path::PathBuf;

use crate::base::{Secret, Timestamp};

use super::{Problem, ProviderId};

/// One credential as a person may see it: never a secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub provider: ProviderId,
    pub kind: AccountKind,
    /// When the access token ends; the refresh token outlives it.
    pub expires: Option<Timestamp>,
    pub source: CredentialSource,
    pub standing: CredentialStanding,
}

/// The credentials there are, and the file they are kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountList {
    pub accounts: Vec<Account>,
    pub file: PathBuf,
    /// opencode is signed in to OpenAI, and codling is not.
    pub opencode_offer: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    ApiKey,
    /// A ChatGPT sign-in. `plan` as the server words it: `plus`, `pro`, `team`, …
    ChatGpt {
        account: Option<String>,
        email: Option<String>,
        plan: Option<String>,
    },
    /// OAuth with a provider codling cannot talk to.
    OAuth,
    /// An entry that is kept but not understood; the word after `type`, when there is one.
    Unknown {
        kind: String,
    },
    WellKnown,
}

/// Where a credential was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// The name of an environment variable.
    Environment(String),
    File(PathBuf),
}

/// Whether requests to the provider use this credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialStanding {
    /// Another credential of the same provider comes first.
    Shadowed,
    /// codling has no use for the entry, and keeps it.
    Unused,
    /// The one that requests use.
    Wins,
}

/// One of the three ways to sign in to OpenAI.
#[derive(Clone, Debug)]
pub enum SignInWay {
    ApiKey(Secret),
    Browser,
    Headless,
}

/// How a sign-in goes on. After `Completed`, `Failed` or `Cancelled` nothing more comes, and no port is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// The listener is up; the address to approve at.
    Browser {
        url: String,
        port: u16,
        opened: BrowserLaunch,
        expires: Timestamp,
        /// Who holds the first port, where the second had to be taken.
        busy: Option<PortHolder>,
        /// Why nothing listens, where no port could be had: only a pasted address ends the sign-in then.
        deaf: Option<Problem>,
    },
    Cancelled,
    /// A key is being checked against the provider.
    Checking,
    /// What to open and to type on any device; comes again with a new code when one has expired.
    Code {
        url: String,
        code: String,
        expires: Timestamp,
    },
    Completed(Account),
    /// The approval came; the tokens are being fetched.
    Exchanging,
    Failed(Problem),
    /// The server answers again, after `Retrying`.
    Reconnected,
    /// The server did not answer as it should; the sign-in goes on.
    Retrying(Problem),
    /// A key could not be checked; sending it again with [`super::KeyCheck::Skip`] saves it as it is.
    Unchecked(Problem),
    /// A pasted address could not be used; the sign-in goes on.
    PasteRefused(Problem),
}

/// What came of the try to open a browser on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserLaunch {
    Failed,
    /// Over SSH, in a container or without a display nothing was tried.
    NotTried,
    /// It was started; whether a page came up is not known.
    Started,
}

/// The process that holds a port, as far as the system tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortHolder {
    pub port: u16,
    pub pid: Option<u32>,
    pub name: Option<String>,
}
