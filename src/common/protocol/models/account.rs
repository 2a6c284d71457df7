//! Who is signed in, and the steps of signing in.

use std::path::PathBuf;

use std::sync::Arc;

use crate::base::{Secret, Timestamp};

use crate::protocol::{Problem, ProviderId};

/// One credential as a person may see it, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose servers it is for, as auth.json or the settings key it.
    pub provider: ProviderId,
    /// The kind of credential, and known facts about its holder.
    pub kind: AccountKind,
    /// When the access token ends; the refresh token outlives it.
    pub expires: Option<Timestamp>,
    /// Where it was found: an environment variable, or auth.json.
    pub source: CredentialSource,
    /// Whether requests use it, or why they do not.
    pub standing: CredentialStanding,
}

/// All known credentials, and the file they are kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountList {
    /// Those of auth.json in the file's order, then the keys in environment variables.
    pub accounts: Vec<Account>,
    /// The auth.json in use, which need not exist yet.
    pub file: PathBuf,
    /// opencode is signed in to OpenAI, and codling is not.
    pub opencode_offer: bool,
    /// Whose sign-in to OpenAI Codex keeps here, where codling has none.
    pub codex_offer: Option<Account>,
}

impl AccountList {
    /// The account that requests to OpenAI use.
    pub fn in_use(&self) -> Option<&Account> {
        self.accounts.iter().find(|account| {
            account.provider.is_openai() && account.standing == CredentialStanding::Wins
        })
    }
}

/// The kind of credential, by the `type` of its entry in auth.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A key: of OpenAI's platform, or of a provider of the settings.
    ApiKey,
    /// A ChatGPT sign-in.
    ChatGpt {
        /// The ChatGPT account (workspace) id, where the tokens name one.
        account: Option<String>,
        /// The holder's email address, from the token's claims.
        email: Option<String>,
        /// The plan as the server words it: `plus`, `pro`, `team`, …
        plan: Option<String>,
    },
    /// OAuth with a provider codling cannot talk to.
    OAuth,
    /// An entry that is kept but not understood.
    Unknown {
        /// The word after `type`; empty where there is none.
        kind: String,
    },
    /// A `wellknown` entry of opencode's: a token, and the environment variable it belongs in.
    WellKnown,
}

/// Where a credential was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// A client owns it, and it is kept in memory alone.
    Client,
    /// The name of an environment variable.
    Environment(String),
    /// The auth.json that holds it.
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

/// Tokens of a ChatGPT account that a client owns: it brings them, and others when they are
/// refused. They are kept in memory alone.
#[derive(Clone, Debug)]
pub struct ClientTokens {
    /// The access token, a JSON Web Token.
    pub access: Secret,
    /// The ChatGPT account (workspace) that requests are for.
    pub account: String,
    /// The plan as the client words it; `None` leaves that to the token's claims.
    pub plan: Option<String>,
}

/// Which sign-ins the person's settings allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInRule {
    /// The one method; `None` allows every one.
    pub method: Option<SignInMethod>,
    /// The ChatGPT workspaces that may be used; empty where all may.
    pub workspaces: Arc<[String]>,
}

/// The kind of credential that a sign-in stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// An API key.
    ApiKey,
    /// The tokens of a ChatGPT account.
    ChatGpt,
}

/// Who waits for a sign-in, and so how long trouble is tried away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignInPatience {
    /// A person: what may pass is tried again, and an expired device code replaced by another one.
    #[default]
    Person,
    /// A person with one device code before them, whose program begins anew when it has expired:
    /// what may pass is tried again, unless no server can be reached.
    OneCode,
    /// A program, which was told one device code and begins anew by itself: trouble ends it.
    Program,
}

/// One of the three ways to sign in to OpenAI.
#[derive(Clone, Debug)]
pub enum SignInWay {
    /// With a key of OpenAI's platform.
    ApiKey(Secret),
    /// On OpenAI's page in a browser, which comes back to a port of this machine.
    Browser,
    /// With a code that is typed on any device.
    Headless,
}

/// How far a sign-in has come. Nothing follows `Completed`, `Failed` or `Cancelled`, and no port is
/// held any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// The person can approve the sign-in in a browser.
    Browser {
        /// Where the person approves the sign-in.
        url: String,
        /// The loopback port of the redirect address, also where nothing listens there.
        port: u16,
        /// Whether a browser was opened at `url` on this machine.
        opened: BrowserLaunch,
        /// When the sign-in is given up.
        expires: Timestamp,
        /// The process on the first port; `None` unless the second one had to be taken.
        busy: Option<PortHolder>,
        /// Why nothing listens, where no port could be had: then only a pasted address completes
        /// the sign-in.
        deaf: Option<Problem>,
    },
    /// The person, or the front that began it, ended it.
    Cancelled,
    /// A key is being checked against the provider.
    Checking,
    /// A code to type on any device; when it has expired, a new one follows.
    Code {
        /// The page that asks for the code.
        url: String,
        /// The user code, as it is typed there.
        code: String,
        /// When the code is no longer accepted.
        expires: Timestamp,
    },
    /// The credential is saved, and this is what it says of its holder.
    Completed(Account),
    /// The person has approved, and the tokens are being fetched.
    Exchanging,
    /// It ended without a credential.
    Failed(Problem),
    /// The tokens of this MCP server are saved.
    McpSignedIn(String),
    /// The server answers again, after `Retrying`.
    Reconnected,
    /// The server did not answer as it should; the sign-in goes on.
    Retrying(Problem),
    /// A key could not be checked; sending it again with [`crate::protocol::KeyCheck::Skip`] saves
    /// it as it is.
    Unchecked(Problem),
    /// A pasted address could not be used; the sign-in goes on.
    PasteRefused(Problem),
}

/// The result of trying to open a browser on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserLaunch {
    /// No browser with a window of its own could be started.
    Failed,
    /// No attempt was made: over SSH, without a display or in a container that names no browser,
    /// nobody would see it.
    NotTried,
    /// It was started; whether a page came up is not known.
    Started,
}

/// The process that holds a port, as far as the system tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortHolder {
    /// The port that was wanted.
    pub port: u16,
    /// The process id; `None` where the system does not tell.
    pub pid: Option<u32>,
    /// The name of the process, without control characters; `None` where it is not known.
    pub name: Option<String>,
}
