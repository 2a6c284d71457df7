//! The hands of the engine, made from the settings.

use std::sync::Arc;

use crate::auth::{Auth, Ground, Place};
use crate::base::Clock;
use crate::config::Settings;
use crate::model::{Api, ApiOptions};
use crate::net::{Net, NetSettings};
use crate::protocol::{AccessKind, Account, AccountKind, Model, ModelSource, Standing};
use crate::store::{History, Sessions};

#[derive(Clone)]
pub(super) struct Hands {
    pub(super) auth: Auth,
    pub(super) ground: Ground,
    pub(super) api: Arc<Api>,
    pub(super) history: Arc<History>,
    pub(super) sessions: Sessions,
}

impl Hands {
    pub(super) fn new(settings: &Settings) -> Self {
        let net = Net::new(NetSettings { ca_file: settings.ca_file.clone() });
        let user_agent = format!("codling/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
        let ground = Ground { net: net.clone(), origins: settings.origins.clone(), clock: Clock::system(), user_agent: user_agent.clone() };
        let place =
            Place { file: settings.auth_file.clone(), opencode_file: settings.opencode_file.clone(), api_key: settings.api_key.clone() };
        let options = ApiOptions { user_agent, idle_limit: settings.idle_limit, cache: settings.paths.cache.clone() };
        Self {
            auth: Auth::new(ground.clone(), place),
            ground,
            api: Arc::new(Api::new(net, settings.origins.clone(), options)),
            history: Arc::new(History::open(settings.paths.state.join("history.jsonl"))),
            sessions: Sessions::new(settings.paths.data.join("sessions"), Clock::system()),
        }
    }

    /// The kind of access requests would use now; ChatGPT's while nobody is signed in, so that its models can be named.
    pub(super) fn access_kind(&self) -> AccessKind {
        let accounts = self.auth.accounts().map(|listing| listing.accounts).unwrap_or_default();
        kind_in_use(&accounts).unwrap_or(AccessKind::ChatGpt { account: None, residency: None })
    }

    /// Models as they can be known without a request.
    pub(super) fn known_models(&self) -> (Vec<Model>, ModelSource) {
        self.api.known_models(&self.access_kind())
    }
}

/// What the winning account of a list lets requests use.
pub(super) fn kind_in_use(accounts: &[Account]) -> Option<AccessKind> {
    accounts.iter().find(|account| account.standing == Standing::Wins).and_then(|account| match &account.kind {
        AccountKind::ApiKey => Some(AccessKind::ApiKey),
        AccountKind::ChatGpt { account, .. } => Some(AccessKind::ChatGpt { account: account.clone(), residency: None }),
        AccountKind::OAuth | AccountKind::Unknown { .. } | AccountKind::WellKnown => None,
    })
}
