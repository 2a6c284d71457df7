//! Signing in and out: one sign-in at a time, each under a name of its own, and letting go of it
//! ends it.

mod lists;
pub(super) mod server_sign_in;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::sign_in::{self, KeyErrorKind, Opener};
use crate::auth::{AccountListing, AuthError, Revoked, SignInTarget};
use crate::base::Secret;
use crate::base::text::clean_line;
use crate::config::{self, Settings};
use crate::engine::work::{blocking, spawn};
use crate::model::ModelError;
use crate::protocol::{
    Access, AccessKind, AccountCommand, AccountList, BrowserLaunch, ClientId, ClientTokens,
    EventKind, KeyCheck, Notice, Problem, ProblemKind, Provider, ProviderId, Reply, ReplyResult,
    SentCredential, SignInId, SignInLifetime, SignInMethod, SignInPatience, SignInStep, SignInWay,
};

use super::link::client::{ClientFacts, Replier};
use super::link::engine_message::{EngineMessage, EngineSender};
use super::model_marks::{Marking, mark};
use super::problem;
use super::services::Services;
use super::session::open_session::EngineDefaults;
use super::work::owned_work::{Stopped, Work};
use lists::{
    ListWanted, accounts_changed, announce_limits, limits, list, models, offers, probe_all, renew,
    warn,
};
use server_sign_in::WantedServer;

const NOT_REVOKED: &str = "The sign-in is removed here, but the server could not be told to end it";
const END_SESSIONS: &str = "To be sure, sign out of all devices in the ChatGPT settings";

pub(super) struct SignIns {
    services: Services,
    settings: Settings,
    sender: EngineSender,
    running: Option<SignIn>,
    /// A cancelled sign-in on its way out, which may hold a port for a moment still.
    leaving: Option<JoinHandle<()>>,
    /// A background read of what is left of the plan; a newer one replaces the older.
    limits: Option<Work>,
}

struct SignIn {
    attempt: SignInId,
    client: ClientId,
    lifetime: SignInLifetime,
    pasted: mpsc::UnboundedSender<String>,
    work: Work,
}

/// How one is to go.
struct Attempt {
    attempt: SignInId,
    to: Goal,
    lifetime: SignInLifetime,
    open: Opener,
}

/// The server that one signs in to, and how.
enum Goal {
    Provider {
        /// One other than OpenAI.
        own: Option<Box<Provider>>,
        way: SignInWay,
        check: KeyCheck,
        patience: SignInPatience,
    },
    McpServer(WantedServer, Box<EngineDefaults>),
}

impl SignIns {
    pub(super) fn new(services: Services, settings: Settings, sender: EngineSender) -> Self {
        let wanted = sender.clone();
        services.auth.on_wanted(Arc::new(move |request, account| {
            let news = EventKind::TokensWanted { request, account };
            let _loop_ended = wanted.send(EngineMessage::Announce(news));
        }));
        Self { services, settings, sender, running: None, leaving: None, limits: None }
    }

    /// `facts`: where the person sits who asks.
    pub(super) fn command(
        &mut self,
        client: ClientId,
        facts: Option<&ClientFacts>,
        command: AccountCommand,
        replier: Replier,
    ) {
        match command {
            AccountCommand::CancelSignIn(attempt) => match self.take(&attempt) {
                Some(running) => {
                    self.end(running);
                    replier.done();
                }
                None => replier.refuse(over()),
            },
            AccountCommand::GiveTokens { request, tokens } => {
                self.services.auth.give(request, tokens);
                replier.done();
            }
            AccountCommand::HoldTokens(tokens) => self.hold(tokens, replier),
            AccountCommand::Renew => renew(self.services.clone(), self.sender.clone(), replier),
            AccountCommand::Limits => limits(self.services.clone(), self.sender.clone(), replier),
            AccountCommand::List => list(self.services.clone(), self.sender.clone(), replier),
            AccountCommand::LocalModels => {
                probe_all(&self.services, &self.sender);
                replier.done();
            }
            AccountCommand::MarkModel(model) => {
                let (services, sender) = (self.services.clone(), self.sender.clone());
                mark(services, sender, Marking::Toggled(model), Some(replier));
            }
            AccountCommand::ProviderOffers(catalogue) => {
                offers(self.services.clone(), self.sender.clone(), catalogue);
                replier.done();
            }
            AccountCommand::Models => self.models(ListWanted::Known, replier),
            AccountCommand::ServerModels => self.models(ListWanted::FromServer, replier),
            AccountCommand::OpenPage(url) => open_page(url, replier),
            AccountCommand::PasteCallback { attempt, text } => {
                match self.running.as_ref().filter(|running| running.attempt == attempt) {
                    Some(running) => {
                        let _sign_in_ended = running.pasted.send(text);
                        replier.done();
                    }
                    None => replier.refuse(over()),
                }
            }
            AccountCommand::ShareOpencode => self.share(replier),
            AccountCommand::TakeOverCodex => self.take_over_codex(replier),
            AccountCommand::SignIn { attempt, provider, way, check, lifetime } => {
                let own = match self.signed_into(&provider, &way) {
                    Ok(own) => own,
                    Err(problem) => return replier.refuse(problem),
                };
                let patience = facts.map(|facts| facts.patience).unwrap_or_default();
                // The answer comes before the first step.
                replier.done();
                let own = own.map(Box::new);
                let to = Goal::Provider { own, way, check, patience };
                let open = opener(facts);
                self.sign_in(client, Attempt { attempt, to, lifetime, open });
            }
            AccountCommand::SignOut(provider) => self.sign_out(provider, replier),
        }
    }

    /// Passes on a step. Of one that was let go of only its end is news.
    pub(super) fn step(&mut self, attempt: &SignInId, step: SignInStep) -> Option<SignInStep> {
        let is_end = matches!(
            step,
            SignInStep::Completed(_)
                | SignInStep::McpSignedIn(_)
                | SignInStep::Failed(_)
                | SignInStep::Unchecked(_)
                | SignInStep::Cancelled
        );
        let runs = self.running.as_ref().is_some_and(|running| running.attempt == *attempt);
        if runs && is_end {
            self.running = None;
        }
        if let SignInStep::McpSignedIn(server) = &step {
            self.services.mcp.sign_in_changed(server);
        }
        if matches!(step, SignInStep::Completed(_)) {
            accounts_changed(self.services.clone(), self.sender.clone());
        }
        (runs || is_end).then_some(step)
    }

    /// A client is gone, and with it what it began for itself alone.
    pub(super) fn leave(&mut self, client: ClientId) {
        let its = |running: &mut SignIn| {
            running.client == client && running.lifetime == SignInLifetime::Client
        };
        if let Some(running) = self.running.take_if(its) {
            self.end(running);
        }
    }

    fn take(&mut self, attempt: &SignInId) -> Option<SignIn> {
        self.running.take_if(|running| running.attempt == *attempt)
    }

    fn end(&mut self, running: SignIn) {
        let sender = self.sender.clone();
        self.leaving = Some(spawn(end(running, sender)));
    }

    fn sign_in(&mut self, client: ClientId, wanted: Attempt) {
        let (earlier, leaving) = (self.running.take(), self.leaving.take());
        let Attempt { attempt, to, lifetime, open } = wanted;
        let (pasted, pastes) = mpsc::unbounded_channel();
        let (services, sender) = (self.services.clone(), self.sender.clone());
        let ports = self.settings.callback_ports;
        let ports = sign_in::Ports { first: ports[0], second: ports[1] };
        let (waiting, broken, named) = (self.sender.clone(), attempt.clone(), attempt.clone());
        let broke = move |problem| {
            drop(waiting.send(EngineMessage::SignIn(broken, SignInStep::Failed(problem))))
        };
        let body = async move {
            // Their port must be free before this one asks for it.
            if let Some(earlier) = earlier {
                end(earlier, sender.clone()).await;
            }
            if let Some(leaving) = leaving {
                let _ended = leaving.await;
            }
            let report = |step| drop(sender.send(EngineMessage::SignIn(named.clone(), step)));
            let (own, way, check, patience) = match to {
                Goal::Provider { own, way, check, patience } => (own, way, check, patience),
                Goal::McpServer(wanted, defaults) => {
                    let target = match wanted.target(*defaults).await {
                        Ok(target) => target,
                        Err(problem) => return report(SignInStep::Failed(problem)),
                    };
                    let browser = (ports, open, pastes);
                    return report(to_server(&services, target, browser, &report).await);
                }
            };
            if let Err(error) = can_be_kept(&services).await {
                return report(SignInStep::Failed(problem::of_auth(&error)));
            }
            let last = match way {
                SignInWay::ApiKey(key) => {
                    with_key(&services, own.as_deref(), key, check, &report).await
                }
                SignInWay::Browser => {
                    match sign_in::browser(&services.context, ports, open, pastes, &report).await {
                        Ok(tokens) => saved(services.auth.save_tokens(tokens).await),
                        Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                    }
                }
                SignInWay::Headless => {
                    match sign_in::headless(&services.context, patience, &report).await {
                        Ok(tokens) => saved(services.auth.save_tokens(tokens).await),
                        Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                    }
                }
            };
            // Before the last step: whoever waits for that one alone hears them too.
            warn(&services, &sender);
            report(last);
        };
        let work = Work::awaited(body, broke);
        self.running = Some(SignIn { attempt, client, lifetime, pasted, work });
    }

    /// Begins a sign-in to an MCP server.
    pub(super) fn sign_in_to(
        &mut self,
        client: ClientId,
        facts: Option<&ClientFacts>,
        (attempt, wanted, defaults): (SignInId, WantedServer, EngineDefaults),
        replier: Replier,
    ) {
        replier.done();
        let to = Goal::McpServer(wanted, Box::new(defaults));
        let (lifetime, open) = (SignInLifetime::Client, opener(facts));
        self.sign_in(client, Attempt { attempt, to, lifetime, open });
    }

    /// Forgets the tokens of the MCP servers of this name.
    pub(super) fn sign_out_of(&self, server: String, replier: Replier) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        spawn(async move {
            let done = match services.server_tokens.forget(&server).await {
                Ok(true) => {
                    services.mcp.sign_in_changed(&server);
                    Ok(Reply::Done)
                }
                Ok(false) => {
                    let name = clean_line(&server);
                    let message = format!("Nobody is signed in to an MCP server `{name}`");
                    Err(Problem::new(ProblemKind::NotNow, message))
                }
                Err(error) => Err(problem::of_sign_in(&error.into())),
            };
            answer(&sender, replier, done);
        });
    }

    /// The provider that a sign-in in this way is to, `None` for OpenAI.
    ///
    /// # Errors
    ///
    /// It may not begin: other providers take keys alone.
    fn signed_into(
        &self,
        provider: &ProviderId,
        way: &SignInWay,
    ) -> Result<Option<Provider>, Problem> {
        if provider.is_openai() {
            return self.refusal(way).map_or(Ok(None), Err);
        }
        let providers = self.services.providers();
        let own = providers.iter().find(|own| own.id == *provider).cloned();
        match (own, way) {
            (Some(own), SignInWay::ApiKey(_)) => Ok(Some(own)),
            (Some(own), SignInWay::Browser | SignInWay::Headless) => {
                let message = format!("{} is connected by an API key", own.name);
                Err(Problem::new(ProblemKind::SignIn, message))
            }
            (None, _) => Err(problem::no_provider(provider, &providers)),
        }
    }

    /// Why a sign-in to OpenAI in this way may not begin.
    fn refusal(&self, way: &SignInWay) -> Option<Problem> {
        if self.services.auth.holds_client_tokens() {
            return Some(held());
        }
        match (way, self.settings.sign_in_rule.method?) {
            (SignInWay::ApiKey(_), SignInMethod::ChatGpt) => {
                Some(forbidden("API key login is disabled", "Use ChatGPT login instead"))
            }
            (SignInWay::Browser | SignInWay::Headless, SignInMethod::ApiKey) => {
                Some(forbidden("ChatGPT login is disabled", "Use API key login instead"))
            }
            _ => None,
        }
    }

    fn hold(&mut self, tokens: ClientTokens, replier: Replier) {
        let rule = &self.settings.sign_in_rule;
        if rule.method == Some(SignInMethod::ApiKey) {
            let message = "External ChatGPT auth is disabled";
            return replier.refuse(forbidden(message, "Use API key login instead"));
        }
        let is_allowed = |workspace: &String| *workspace == tokens.account;
        if !rule.workspaces.is_empty() && !rule.workspaces.iter().any(is_allowed) {
            let allowed = rule.workspaces.join(", ");
            let message = format!("External auth must use one of workspace(s) {allowed}");
            return replier.refuse(Problem::new(ProblemKind::SignInForbidden, message));
        }
        if let Err(error) = self.services.auth.hold(tokens) {
            return replier.refuse(problem::of_auth(&error));
        }
        let sender = self.sender.clone();
        // The answer comes before the end of a sign-in that ran.
        answer(&sender, replier, Ok(Reply::Done));
        if let Some(running) = self.running.take() {
            self.end(running);
        }
        accounts_changed(self.services.clone(), sender);
    }

    fn models(&mut self, wanted: ListWanted, replier: Replier) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        models(services.clone(), sender.clone(), wanted, replier);
        self.limits = Some(Work::start(announce_limits(services, sender)));
    }

    fn share(&self, replier: Replier) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        let paths = self.settings.paths.clone();
        drop(blocking(move || match config::remember_auth_file(&paths, "opencode") {
            Ok(()) => {
                services.auth.share_opencode();
                answer(&sender, replier, Ok(Reply::Done));
                accounts_changed(services, sender);
            }
            Err(error) => answer(&sender, replier, Err(problem::of_config(&error))),
        }));
    }

    fn take_over_codex(&self, replier: Replier) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        spawn(async move {
            let done = services.auth.take_over_codex().await;
            let done = done.map(|_account| Reply::Done).map_err(|error| problem::of_auth(&error));
            answer(&sender, replier, done);
            accounts_changed(services, sender);
        });
    }

    fn sign_out(&self, provider: ProviderId, replier: Replier) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        spawn(async move {
            let send = |kind| drop(sender.send(EngineMessage::Announce(kind)));
            match services.auth.sign_out(&provider).await {
                Ok(done) => {
                    if done.revoked == Revoked::Failed {
                        send(EventKind::Notice(Notice {
                            message: NOT_REVOKED.into(),
                            next: Some(END_SESSIONS.into()),
                        }));
                    }
                    send(EventKind::SignedOut(provider.clone()));
                    answer(&sender, replier, Ok(Reply::SignedOut(provider)));
                }
                Err(error) => answer(&sender, replier, Err(problem::of_auth(&error))),
            }
            accounts_changed(services, sender);
        });
    }
}

/// Where a page is opened for the person who sits there.
fn opener(facts: Option<&ClientFacts>) -> Opener {
    let is_near = facts.is_some_and(|facts| facts.surroundings.browser_is_near());
    if is_near { Opener::System } else { Opener::None }
}

/// Signs in to an MCP server and keeps its tokens.
async fn to_server(
    services: &Services,
    target: SignInTarget,
    (ports, open, pastes): (sign_in::Ports, Opener, mpsc::UnboundedReceiver<String>),
    report: &(dyn Fn(SignInStep) + Send + Sync),
) -> SignInStep {
    let context = &services.context;
    match sign_in::to_server(context, &target, ports, open, pastes, report).await {
        Ok(grant) => match services.server_tokens.keep(&target, grant).await {
            Ok(()) => SignInStep::McpSignedIn(target.name),
            Err(error) => SignInStep::Failed(problem::of_sign_in(&error.into())),
        },
        Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
    }
}

/// In one order with what was announced before it.
fn answer(sender: &EngineSender, replier: Replier, result: ReplyResult) {
    let _loop_ended = sender.send(EngineMessage::Answer(replier, result));
}

/// Stops it, and says so; one that came to its end just now has told how, and that stands.
async fn end(running: SignIn, sender: EngineSender) {
    if running.work.stop().await == Stopped::Midway {
        let _loop_ended =
            sender.send(EngineMessage::SignIn(running.attempt, SignInStep::Cancelled));
    }
}

fn held() -> Problem {
    let message = "The tokens in use are another program's";
    Problem::new(ProblemKind::TokensHeld, message).with_next("Sign out first")
}

fn forbidden(message: &str, next: &str) -> Problem {
    Problem::new(ProblemKind::SignInForbidden, message).with_next(next)
}

fn over() -> Problem {
    Problem::new(ProblemKind::Resolved, "That sign-in is over").with_next("Begin a new one")
}

fn open_page(url: String, replier: Replier) {
    spawn(async move {
        if sign_in::open_page(&url).await == BrowserLaunch::Failed {
            let problem =
                Problem::new(ProblemKind::SignIn, "No browser could be opened on this machine");
            return replier.refuse(problem.with_next("Copy the link with `u`"));
        }
        replier.done();
    });
}

/// A sign-in that could not be saved is refused before anybody approves it. A damaged file is no
/// obstacle: it is set aside, copied.
async fn can_be_kept(services: &Services) -> Result<(), AuthError> {
    let services = services.clone();
    match blocking(move || services.auth.accounts()).await {
        Ok(Err(error)) if !matches!(error, AuthError::Damaged { .. }) => Err(error),
        _ => Ok(()),
    }
}

/// Checks the key of OpenAI, or of this other provider, and saves it.
async fn with_key(
    services: &Services,
    own: Option<&Provider>,
    key: Secret,
    check: KeyCheck,
    report: &(dyn Fn(SignInStep) + Send + Sync),
) -> SignInStep {
    let key = match sign_in::tidy_key(key.expose()) {
        Ok(key) => key,
        Err(error) => return SignInStep::Failed(problem::of_key(&error)),
    };
    if check == KeyCheck::First {
        report(SignInStep::Checking);
        let failed = match own {
            None => failed_check(services, &key).await,
            Some(own) => failed_provider_check(services, own, &key).await,
        };
        if let Some(step) = failed {
            return step;
        }
    }
    saved(match own {
        None => services.auth.save_key(key).await,
        Some(own) => services.auth.save_provider_key(own, key).await,
    })
}

async fn failed_check(services: &Services, key: &Secret) -> Option<SignInStep> {
    let error = sign_in::check_key(&services.context, key).await.err()?;
    let problem = problem::of_key(&error);
    Some(match error.kind() {
        KeyErrorKind::Unchecked => SignInStep::Unchecked(problem),
        KeyErrorKind::Malformed | KeyErrorKind::Refused => SignInStep::Failed(problem),
    })
}

/// The key of another provider is checked by asking for its list of models.
async fn failed_provider_check(
    services: &Services,
    own: &Provider,
    key: &Secret,
) -> Option<SignInStep> {
    let credential = SentCredential::Key { place: "what you typed".into() };
    let kind = AccessKind::Provider { id: own.id.clone(), credential };
    let access = Access { token: key.clone(), kind };
    Some(match services.api.fetch_models(&access).await.err()? {
        ModelError::ProviderKey { .. } => {
            let message = format!("{} does not know this key", own.name);
            let next = "Copy it again, alone and whole, or make a new one there";
            SignInStep::Failed(Problem::new(ProblemKind::SignIn, message).with_next(next))
        }
        error => {
            let found = problem::of_model(&error, Duration::ZERO).problem;
            let message = format!("The key could not be checked: {}", found.message);
            let next = "Try again, or save the key unchecked";
            SignInStep::Unchecked(Problem::new(found.kind, message).with_next(next))
        }
    })
}

fn saved(result: Result<crate::protocol::Account, AuthError>) -> SignInStep {
    match result {
        Ok(account) => SignInStep::Completed(account),
        Err(error) => SignInStep::Failed(problem::of_auth(&error)),
    }
}
