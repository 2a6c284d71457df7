//! Signing in and out: one sign-in at a time, and letting go of it ends it.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::sign_in::{self, KeyErrorKind, Opener};
use crate::auth::{AuthError, Revoked};
use crate::base::Secret;
use crate::config::{self, Settings};
use crate::protocol::{
    AccountCommand, BrowserLaunch, EventKind, KeyCheck, ModelSource, Notice, Problem, ProblemKind,
    ProviderId, RequestId, SignInStep, SignInWay,
};

use super::engine_loop::{EngineMessage, EngineSender};
use super::problem;
use super::services::Services;
use super::work::{Stopped, Work};

const NOT_REVOKED: &str = "The sign-in is removed here, but the server could not be told to end it";
const END_SESSIONS: &str = "To be sure, sign out of all devices in the ChatGPT settings";

pub(super) struct SignIns {
    services: Services,
    settings: Settings,
    sender: EngineSender,
    running: Option<SignIn>,
    /// A cancelled sign-in on its way out, which may hold a port for a moment still.
    leaving: Option<JoinHandle<()>>,
    /// Counts sign-ins, so that a late step of an older one can be told apart.
    attempts: u64,
    /// Background reads of lists; a newer one replaces the older.
    models: Vec<Work>,
}

struct SignIn {
    pasted: mpsc::UnboundedSender<String>,
    work: Work,
}

impl SignIns {
    pub(super) fn new(services: Services, settings: Settings, sender: EngineSender) -> Self {
        Self {
            services,
            settings,
            sender,
            running: None,
            leaving: None,
            attempts: 0,
            models: Vec::new(),
        }
    }

    pub(super) fn command(&mut self, request: RequestId, command: AccountCommand) {
        match command {
            AccountCommand::CancelSignIn => self.cancel(),
            AccountCommand::List => self.list(Some(request)),
            AccountCommand::Models => self.models = self.read_models(),
            AccountCommand::OpenPage(url) => self.open_page(url),
            AccountCommand::PasteCallback(text) => {
                if let Some(running) = &self.running {
                    let _sign_in_ended = running.pasted.send(text);
                }
            }
            AccountCommand::ShareOpencode => self.share(request),
            AccountCommand::SignIn { provider, .. } if provider != ProviderId::openai() => {
                let problem = Problem::new(
                    ProblemKind::SignIn,
                    format!("codling cannot sign in to `{provider}`"),
                );
                self.event(EventKind::Failed {
                    request,
                    problem: problem.with_next("Sign in to `openai`, the one provider it talks to"),
                });
            }
            AccountCommand::SignIn { way, check, .. } => self.sign_in(way, check),
            AccountCommand::SignOut(provider) => self.sign_out(request, provider),
        }
    }

    /// Passes on a step of the newest sign-in; one of an older is dropped.
    pub(super) fn step(&mut self, attempt: u64, step: SignInStep) -> Option<SignInStep> {
        if attempt != self.attempts {
            return None;
        }
        if matches!(
            step,
            SignInStep::Completed(_)
                | SignInStep::Failed(_)
                | SignInStep::Unchecked(_)
                | SignInStep::Cancelled
        ) {
            self.running = None;
        }
        if matches!(step, SignInStep::Completed(_)) {
            self.list(None);
            let _loop_ended = self.sender.send(EngineMessage::AccountsChanged);
        }
        Some(step)
    }

    fn cancel(&mut self) {
        let Some(running) = self.running.take() else { return };
        let (services, sender, attempt) =
            (self.services.clone(), self.sender.clone(), self.attempts);
        self.leaving = Some(tokio::spawn(async move {
            // One that came to its end just now has told how, and that stands.
            if running.work.stop().await == Stopped::Midway {
                let _loop_ended =
                    sender.send(EngineMessage::SignIn(attempt, SignInStep::Cancelled));
            }
            list(services, sender, None);
        }));
    }

    fn sign_in(&mut self, way: SignInWay, check: KeyCheck) {
        let (earlier, leaving) = (self.running.take(), self.leaving.take());
        self.attempts += 1;
        let attempt = self.attempts;
        let (pasted, pastes) = mpsc::unbounded_channel();
        let (services, sender) = (self.services.clone(), self.sender.clone());
        let open = if self.settings.surroundings.browser_is_near() {
            Opener::System
        } else {
            Opener::None
        };
        let ports = self.settings.callback_ports;
        let ports = sign_in::Ports { first: ports[0], second: ports[1] };
        let waiting = self.sender.clone();
        let broke = move |problem| {
            drop(waiting.send(EngineMessage::SignIn(attempt, SignInStep::Failed(problem))))
        };
        let body = async move {
            // Their port must be free before this one asks for it.
            if let Some(earlier) = earlier {
                earlier.work.stop().await;
            }
            if let Some(leaving) = leaving {
                let _ended = leaving.await;
            }
            let tell = |step| drop(sender.send(EngineMessage::SignIn(attempt, step)));
            if let Err(error) = can_be_kept(&services).await {
                return tell(SignInStep::Failed(problem::of_auth(&error)));
            }
            let last = match way {
                SignInWay::ApiKey(key) => with_key(&services, key, check, &tell).await,
                SignInWay::Browser => {
                    match sign_in::browser(&services.ground, ports, open, pastes, &tell).await {
                        Ok(tokens) => saved(services.auth.save_tokens(tokens).await),
                        Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                    }
                }
                SignInWay::Headless => match sign_in::headless(&services.ground, &tell).await {
                    Ok(tokens) => saved(services.auth.save_tokens(tokens).await),
                    Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                },
            };
            // Before the last step: whoever waits for that one alone hears them too.
            services.notices().for_each(|notice| {
                drop(sender.send(EngineMessage::Event(EventKind::Notice(notice))))
            });
            tell(last);
        };
        let work = Work::awaited(body, broke);
        self.running = Some(SignIn { pasted, work });
    }

    fn list(&self, asked: Option<RequestId>) {
        list(self.services.clone(), self.sender.clone(), asked);
    }

    /// Of each provider on its own: one that cannot be reached keeps nobody from hearing of the others.
    fn read_models(&self) -> Vec<Work> {
        let own = self.services.providers.iter().map(|own| own.id.clone());
        std::iter::once(ProviderId::openai())
            .chain(own)
            .map(|provider| {
                Work::start(read_models(self.services.clone(), self.sender.clone(), provider))
            })
            .collect()
    }

    fn open_page(&self, url: String) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            if sign_in::open_page(&url).await == BrowserLaunch::Failed {
                let notice = Notice {
                    message: "No browser could be opened on this machine".into(),
                    next: Some("Copy the link with `u`".into()),
                };
                let _loop_ended = sender.send(EngineMessage::Event(EventKind::Notice(notice)));
            }
        });
    }

    fn share(&mut self, request: RequestId) {
        match config::remember_auth_file(&self.settings.paths, "opencode") {
            Ok(()) => {
                self.services.auth.share_opencode();
                self.list(None);
                let _loop_ended = self.sender.send(EngineMessage::AccountsChanged);
            }
            Err(error) => {
                self.event(EventKind::Failed { request, problem: problem::of_config(&error) })
            }
        }
    }

    fn sign_out(&self, request: RequestId, provider: ProviderId) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        tokio::spawn(async move {
            let send = |kind| drop(sender.send(EngineMessage::Event(kind)));
            match services.auth.sign_out(&provider).await {
                Ok(done) => {
                    if done.revoked == Revoked::Failed {
                        send(EventKind::Notice(Notice {
                            message: NOT_REVOKED.into(),
                            next: Some(END_SESSIONS.into()),
                        }));
                    }
                    send(EventKind::SignedOut(provider));
                }
                Err(error) => {
                    send(EventKind::Failed { request, problem: problem::of_auth(&error) })
                }
            }
            let _loop_ended = sender.send(EngineMessage::AccountsChanged);
            list(services, sender, None);
        });
    }

    fn event(&self, kind: EventKind) {
        let _loop_ended = self.sender.send(EngineMessage::Event(kind));
    }
}

/// What is known at once, then what the server says, where there is a sign-in for it.
async fn read_models(services: Services, sender: EngineSender, provider: ProviderId) {
    let send = |kind| drop(sender.send(EngineMessage::Event(kind)));
    let told = |models, source| EventKind::Models { provider: provider.clone(), models, source };
    let (reading, of) = (services.clone(), provider.clone());
    let known = tokio::task::spawn_blocking(move || {
        let may_ask = !of.is_openai() || reading.kind_in_use().is_some();
        (reading.known_models(&of), may_ask)
    })
    .await;
    let Ok(((models, source), may_ask)) = known else { return };
    send(told(models, source));
    if !may_ask {
        return;
    }
    let access = match services.auth.access(&provider).await {
        Ok(access) => access,
        Err(error) => return tracing::info!(%error, "the list of models stays as it was"),
    };
    match services.api.fetch_models(&access).await {
        Ok(models) => {
            send(told(models, ModelSource::Server));
            let _loop_ended = sender.send(EngineMessage::AccountsChanged);
        }
        Err(error) => tracing::info!("the list of models stays as it was: {error}"),
    }
    if let (true, Ok(limits)) = (provider.is_openai(), services.api.limits(&access).await) {
        send(EventKind::Limits(limits));
    }
}

/// A sign-in that could not be saved is refused before anybody approves it. A damaged file is no obstacle: it is set aside, copied.
async fn can_be_kept(services: &Services) -> Result<(), AuthError> {
    let services = services.clone();
    match tokio::task::spawn_blocking(move || services.auth.accounts()).await {
        Ok(Err(error)) if !matches!(error, AuthError::Damaged { .. }) => Err(error),
        _ => Ok(()),
    }
}

async fn with_key(
    services: &Services,
    key: Secret,
    check: KeyCheck,
    tell: &(dyn Fn(SignInStep) + Send + Sync),
) -> SignInStep {
    let key = match sign_in::tidy_key(key.expose()) {
        Ok(key) => key,
        Err(error) => return SignInStep::Failed(problem::of_key(&error)),
    };
    if check == KeyCheck::First {
        tell(SignInStep::Checking);
        match sign_in::check_key(&services.ground, &key).await {
            Ok(()) => {}
            Err(error) if error.kind() == KeyErrorKind::Unchecked => {
                return SignInStep::Unchecked(problem::of_key(&error));
            }
            Err(error) => return SignInStep::Failed(problem::of_key(&error)),
        }
    }
    saved(services.auth.save_key(key).await)
}

fn saved(result: Result<crate::protocol::Account, AuthError>) -> SignInStep {
    match result {
        Ok(account) => SignInStep::Completed(account),
        Err(error) => SignInStep::Failed(problem::of_auth(&error)),
    }
}

/// Reads who is signed in, away from the loop. Where that fails, whoever asked hears it as the answer, ahead of an empty list.
fn list(services: Services, sender: EngineSender, asked: Option<RequestId>) {
    tokio::task::spawn_blocking(move || {
        let send = |kind| drop(sender.send(EngineMessage::Event(kind)));
        match services.auth.accounts() {
            Ok(listing) => {
                services.notices().for_each(|notice| send(EventKind::Notice(notice)));
                send(EventKind::Accounts {
                    accounts: listing.accounts,
                    file: services.auth.file(),
                    opencode_offer: listing.opencode_offer,
                });
            }
            Err(error) => {
                let problem = problem::of_auth(&error);
                send(match asked {
                    Some(request) => EventKind::Failed { request, problem },
                    None => {
                        EventKind::Notice(Notice { message: problem.message, next: problem.next })
                    }
                });
                send(EventKind::Accounts {
                    accounts: Vec::new(),
                    file: services.auth.file(),
                    opencode_offer: false,
                });
            }
        }
    });
}
