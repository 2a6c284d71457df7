//! Facts about the whole program: accounts, models, settings and the current time.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::{Timestamp, text};
use crate::protocol::{
    Account, AccountList, CredentialStanding, Effort, EventKind, GuidancePlace, Limits, Model,
    ModelList, ModelMarks, ModelName, ModelRef, ModelSource, Provider, ProviderId, ProviderOffer,
    ProviderSource, Reply, SessionId, SessionSummary, SessionView,
};
use crate::tui::app::status_command::StatusCommand;
use crate::tui::messages::Cmd;
use crate::tui::start::StartInfo;
use crate::tui::wording;

#[derive(Clone, Debug)]
pub struct Facts {
    pub start: StartInfo,
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// `None` until the engine has read them.
    pub accounts: Option<Accounts>,
    /// `None` until the engine has sent them.
    pub models: Option<Models>,
    pub limits: Limits,
    /// The credential that the server refused, until another sign-in replaces it.
    pub refused: Option<Account>,
    /// Providers that the public catalogue has; `None` until it was read.
    pub offers: Option<Arc<[ProviderOffer]>>,
    /// The models that the person comes back to.
    pub marks: Arc<ModelMarks>,
    /// `None` until they were requested.
    pub sessions: Option<Arc<[SessionSummary]>>,
    /// The preview of the session that was selected last.
    pub preview: Option<LastWords>,
    pub status: StatusCommand,
    /// The terminal is GNU screen, which passes a lone esc on only with the next key while a
    /// program has the mouse (seen in 4.9).
    pub keeps_esc_back: bool,
    /// Where lines are remembered, once a person chose.
    pub remembers_in: Option<GuidancePlace>,
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
    /// Codex's account, if codling has none.
    pub codex: Option<Account>,
}

/// Whether opencode's auth.json has a sign-in that ours lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpencodeFile {
    NothingToShare,
    Offered,
}

#[derive(Clone, Debug)]
pub struct Models {
    /// OpenAI's first, then other providers' by name.
    pub all: Vec<Model>,
    /// The source of OpenAI's list.
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
        // The sort is stable, so each provider's models keep their order.
        self.all.sort_by_key(|model| (!model.provider.is_openai(), model.provider.clone()));
        if provider.is_openai() {
            self.source = *source;
        }
    }
}

impl Facts {
    pub fn new(start: StartInfo, now: Timestamp) -> Self {
        let status = StatusCommand::new(start.status.clone());
        Self {
            start,
            now,
            zone: TimeZone::UTC,
            accounts: None,
            models: None,
            limits: Limits::default(),
            refused: None,
            offers: None,
            marks: Arc::default(),
            sessions: None,
            preview: None,
            status,
            keeps_esc_back: false,
            remembers_in: None,
        }
    }

    /// Runs the person's own command for the status line, if it is time.
    pub fn run_status(&mut self, view: &SessionView) -> Option<Cmd> {
        self.status.run(view, &self.limits, self.now)
    }

    /// Takes the facts of an event.
    pub fn learn(&mut self, event: &EventKind) {
        match event {
            EventKind::Accounts(list) => self.accounts = Some(Accounts::listed(list)),
            EventKind::Models(list) => self.learn_models(list),
            EventKind::Sessions(sessions) => self.sessions = Some(Arc::clone(sessions)),
            EventKind::Providers(providers) => self.start.providers = Arc::clone(providers),
            EventKind::ModelMarks(marks) => self.marks = Arc::clone(marks),
            EventKind::ProviderOffers(offers) => {
                self.offers = Some(Arc::clone(offers));
            }
            EventKind::Limits(limits) => self.limits = newer(&self.limits, limits),
            EventKind::SignedOut(provider) if *provider == ProviderId::openai() => {
                self.forget_models();
                self.limits = Limits::default();
            }
            _ => {}
        }
    }

    /// Takes the facts of a reply.
    pub fn heed(&mut self, reply: &Reply) {
        match reply {
            Reply::Accounts(list) => self.accounts = Some(Accounts::listed(list)),
            Reply::GuidanceAdded { place, .. } => self.remembers_in = Some(*place),
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

    /// Forgets the models, because another OpenAI account may have others.
    pub fn forget_models(&mut self) {
        self.models = self.models.take().and_then(Models::without_openais);
    }

    /// Whether the server refused the credential in use.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some() && self.refused.as_ref() == self.account()
    }

    /// The credential in use; `None` also while it is not known yet.
    pub fn account(&self) -> Option<&Account> {
        self.accounts.as_ref()?.of(&ProviderId::openai())
    }

    /// Whether a prompt for a model of this provider can be sent.
    pub fn connection(&self, provider: &ProviderId) -> Connection {
        // Others may want no key.
        let needs_key = |own: &Provider| own.source == ProviderSource::BuiltIn;
        if !provider.is_openai() && !self.own_provider(provider).is_some_and(needs_key) {
            return Connection::Some;
        }
        let account = self.accounts.as_ref().and_then(|accounts| accounts.of(provider));
        match (&self.accounts, account) {
            (None, _) => Connection::NotKnown,
            (Some(_), None) => Connection::None,
            (Some(_), Some(_)) => Connection::Some,
        }
    }

    /// Whether models of some provider can be asked without connecting one first.
    pub fn can_ask_somebody(&self) -> bool {
        let is_set = |own: &Provider| own.source == ProviderSource::Settings;
        let accounts = self.accounts.iter().flat_map(|accounts| &accounts.all);
        let mut in_use = accounts.filter(|account| account.standing == CredentialStanding::Wins);
        self.connection(&ProviderId::openai()) != Connection::None
            || self.start.providers.iter().any(is_set)
            || self.models.iter().flat_map(|models| &models.all).any(|it| !it.provider.is_openai())
            || in_use.next().is_some()
    }

    /// The name of a provider for people.
    pub fn provider_name(&self, id: &ProviderId) -> String {
        match self.own_provider(id) {
            Some(own) => text::clean_line(&own.name).into_owned(),
            None => wording::provider(id),
        }
    }

    /// The provider with this name, other than OpenAI.
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

    /// Says that the model in use sees no pictures, or that of the settings if none is in use;
    /// `None` where it may see them.
    pub fn sees_no_pictures(&self, in_use: Option<&ModelRef>) -> Option<String> {
        let model = in_use.or(self.start.model.as_ref())?;
        let is_blind = self.model(model)?.pictures == Some(false);
        is_blind
            .then(|| format!("`{model}` sees no pictures: choose another model with `ctrl+x m`"))
    }

    /// The model that a text names completely, with its provider or by an id that the present
    /// provider knows, and the effort behind it, if there is one.
    pub fn named_model(
        &self,
        text: &str,
        present: &ProviderId,
    ) -> Option<(ModelName, Option<Effort>)> {
        let mut words = text.split_whitespace();
        let name = ModelName::parse(words.next()?);
        let effort = words.next().map(|effort| Effort(effort.to_lowercase()));
        let is_known = name.provider.is_some() || self.model(&name.clone().of(present)).is_some();
        (is_known && words.next().is_none()).then_some((name, effort))
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

    /// The credential in use for a provider.
    pub fn of(&self, provider: &ProviderId) -> Option<&Account> {
        self.all.iter().find(|account| {
            account.provider == *provider && account.standing == CredentialStanding::Wins
        })
    }
}

/// Merges limits, because the headers of one response may hold only one window.
fn newer(before: &Limits, now: &Limits) -> Limits {
    Limits {
        primary: now.primary.or(before.primary),
        secondary: now.secondary.or(before.secondary),
    }
}
