//! What is known for the whole program, whatever is on screen: who is signed in, which models there
//! are, what time it is.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::Timestamp;
use crate::fronts::tui::start::StartInfo;
use crate::protocol::{
    Account, CredentialStanding, EventKind, Limits, Model, ModelRef, ModelSource, ProviderId,
    SessionId, SessionSummary,
};

#[derive(Clone, Debug)]
pub struct Facts {
    pub start: StartInfo,
    pub now: Timestamp,
    /// For the hours that are shown.
    pub zone: TimeZone,
    /// `None` until the engine has read them.
    pub accounts: Option<Accounts>,
    /// `None` until the engine has told them.
    pub models: Option<Models>,
    pub limits: Limits,
    /// The credential that the server turned down, until another sign-in takes its place.
    pub refused: Option<Account>,
    /// `None` until somebody asked for them.
    pub sessions: Option<Arc<[SessionSummary]>>,
    /// Of the session that was looked at last.
    pub preview: Option<LastWords>,
}

/// The last words of a session.
#[derive(Clone, Debug)]
pub struct LastWords {
    pub id: SessionId,
    pub prompt: String,
    pub answer: String,
}

#[derive(Clone, Debug)]
pub struct Accounts {
    pub all: Vec<Account>,
    pub file: PathBuf,
    pub opencode: OpencodeFile,
}

/// Whether opencode's auth.json holds a sign-in that ours does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpencodeFile {
    NothingToShare,
    Offered,
}

#[derive(Clone, Debug)]
pub struct Models {
    pub all: Vec<Model>,
    pub source: ModelSource,
}

impl Facts {
    pub fn new(start: StartInfo, now: Timestamp) -> Self {
        Self {
            start,
            now,
            zone: TimeZone::UTC,
            accounts: None,
            models: None,
            limits: Limits::default(),
            refused: None,
            sessions: None,
            preview: None,
        }
    }

    /// Takes in what an event says about the program as a whole.
    pub fn learn(&mut self, event: &EventKind) {
        match event {
            EventKind::Accounts { accounts, file, opencode_offer } => {
                let opencode = if *opencode_offer {
                    OpencodeFile::Offered
                } else {
                    OpencodeFile::NothingToShare
                };
                self.accounts =
                    Some(Accounts { all: accounts.clone(), file: file.clone(), opencode });
            }
            EventKind::Models { models, source, .. } => {
                self.models = Some(Models { all: models.clone(), source: *source })
            }
            EventKind::Sessions(sessions) => self.sessions = Some(Arc::clone(sessions)),
            EventKind::Preview { id, prompt, answer } => {
                self.preview = Some(LastWords {
                    id: id.clone(),
                    prompt: prompt.clone(),
                    answer: answer.clone(),
                });
            }
            EventKind::Limits(limits) => self.limits = newer(&self.limits, limits),
            EventKind::SignedOut(provider) if *provider == ProviderId::openai() => {
                self.models = None;
                self.limits = Limits::default();
            }
            _ => {}
        }
    }

    /// Whether the server turned down the credential that requests use.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some() && self.refused.as_ref() == self.account()
    }

    /// The credential that requests use; `None` also while that is not known yet.
    pub fn account(&self) -> Option<&Account> {
        self.accounts.as_ref()?.of(&ProviderId::openai())
    }

    pub fn connection(&self) -> Connection {
        match (&self.accounts, self.account()) {
            (None, _) => Connection::NotKnown,
            (Some(_), None) => Connection::None,
            (Some(_), Some(_)) => Connection::Some,
        }
    }

    pub fn model(&self, named: &ModelRef) -> Option<&Model> {
        self.models
            .as_ref()?
            .all
            .iter()
            .find(|model| model.id == named.id && model.provider == named.provider)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    None,
    /// The credentials are still being read.
    NotKnown,
    Some,
}

impl Accounts {
    /// The one of a provider's credentials that requests use.
    pub fn of(&self, provider: &ProviderId) -> Option<&Account> {
        self.all.iter().find(|account| {
            account.provider == *provider && account.standing == CredentialStanding::Wins
        })
    }
}

/// Headers of one response may hold only one window; the other keeps what was told before.
fn newer(before: &Limits, now: &Limits) -> Limits {
    Limits {
        primary: now.primary.or(before.primary),
        secondary: now.secondary.or(before.secondary),
    }
}
