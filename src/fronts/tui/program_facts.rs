//! What is known for the whole program, whatever is on screen: who is signed in, which models there
//! are, what time it is.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::Timestamp;
use crate::fronts::tui::start::StartInfo;
use crate::protocol::{
    Account, AccountList, CredentialStanding, EventKind, Limits, Model, ModelList, ModelRef,
    ModelSource, Provider, ProviderId, Reply, SessionId, SessionSummary,
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
    /// What Codex is signed in with, where codling is not.
    pub codex: Option<Account>,
}

/// Whether opencode's auth.json holds a sign-in that ours does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpencodeFile {
    NothingToShare,
    Offered,
}

#[derive(Clone, Debug)]
pub struct Models {
    /// OpenAI's first, then those of other providers by name.
    pub all: Vec<Model>,
    /// Of OpenAI's.
    pub source: ModelSource,
}

impl Models {
    fn without_openais(mut self) -> Option<Self> {
        self.all.retain(|model| !model.provider.is_openai());
        (!self.all.is_empty()).then_some(self)
    }

    fn learn(&mut self, ModelList { provider, models, source }: &ModelList) {
        self.all.retain(|model| model.provider != *provider);
        self.all.extend_from_slice(models);
        // Of one provider they stay in the order they were told in.
        self.all.sort_by_key(|model| (!model.provider.is_openai(), model.provider.clone()));
        if provider.is_openai() {
            self.source = *source;
        }
    }
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
            EventKind::Accounts(list) => self.accounts = Some(Accounts::listed(list)),
            EventKind::Models(list) => self.learn_models(list),
            EventKind::Sessions(sessions) => self.sessions = Some(Arc::clone(sessions)),
            EventKind::Limits(limits) => self.limits = newer(&self.limits, limits),
            EventKind::SignedOut(provider) if *provider == ProviderId::openai() => {
                self.forget_models();
                self.limits = Limits::default();
            }
            _ => {}
        }
    }

    /// Takes in what an answer says about it.
    pub fn heed(&mut self, reply: &Reply) {
        match reply {
            Reply::Accounts(list) => self.accounts = Some(Accounts::listed(list)),
            Reply::Models(list) => self.learn_models(list),
            Reply::Sessions(sessions) => self.sessions = Some(Arc::clone(sessions)),
            Reply::Preview { id, prompt, answer } => {
                self.preview = Some(LastWords {
                    id: id.clone(),
                    prompt: prompt.clone(),
                    answer: answer.clone(),
                });
            }
            _ => {}
        }
    }

    fn learn_models(&mut self, list: &ModelList) {
        self.models
            .get_or_insert_with(|| Models { all: Vec::new(), source: list.source })
            .learn(list);
    }

    /// Another account of OpenAI's may have others.
    pub fn forget_models(&mut self) {
        self.models = self.models.take().and_then(Models::without_openais);
    }

    /// Whether the server turned down the credential that requests use.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some() && self.refused.as_ref() == self.account()
    }

    /// The credential that requests use; `None` also while that is not known yet.
    pub fn account(&self) -> Option<&Account> {
        self.accounts.as_ref()?.of(&ProviderId::openai())
    }

    /// Whether there is anybody to send to, with a model of this provider.
    pub fn connection(&self, provider: &ProviderId) -> Connection {
        if !provider.is_openai() {
            return Connection::Some;
        }
        match (&self.accounts, self.account()) {
            (None, _) => Connection::NotKnown,
            (Some(_), None) => Connection::None,
            (Some(_), Some(_)) => Connection::Some,
        }
    }

    /// The provider of the settings with this name.
    pub fn own_provider(&self, id: &ProviderId) -> Option<&Provider> {
        self.start.providers.iter().find(|own| own.id == *id)
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
    fn listed(list: &AccountList) -> Self {
        let opencode =
            if list.opencode_offer { OpencodeFile::Offered } else { OpencodeFile::NothingToShare };
        let codex = list.codex_offer.clone();
        Self { all: list.accounts.clone(), file: list.file.clone(), opencode, codex }
    }

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
