//! The desk where people sign in and out: one sign-in at a time, and letting go of it ends it.

use tokio::sync::mpsc;

use crate::auth::sign_in::{self, KeyErrorKind, Opener};
use crate::auth::{AuthError, Revoked};
use crate::base::{Advice, Secret};
use crate::config::{self, Settings};
use crate::protocol::{AccountCommand, Check, EventKind, ModelSource, Notice, ProviderId, RequestId, SignInStep, SignInWay};

use super::core::{Message, Post};
use super::hands::{Hands, kind_in_use};
use super::problem;
use super::work::Work;

const NOT_REVOKED: &str = "The sign-in is removed here, but the server could not be told to end it";
const END_SESSIONS: &str = "To be sure, sign out of all devices in the ChatGPT settings";

pub(super) struct Desk {
    hands: Hands,
    settings: Settings,
    post: Post,
    running: Option<SignIn>,
    /// Counts sign-ins, so that a late step of an older one can be told apart.
    attempts: u64,
    /// Background reads of lists; a newer one replaces the older.
    models: Option<Work>,
}

struct SignIn {
    attempt: u64,
    pasted: mpsc::UnboundedSender<String>,
    work: Work,
}

impl Desk {
    pub(super) fn new(hands: Hands, settings: Settings, post: Post) -> Self {
        Self { hands, settings, post, running: None, attempts: 0, models: None }
    }

    pub(super) fn command(&mut self, request: RequestId, command: AccountCommand) {
        match command {
            AccountCommand::CancelSignIn => self.cancel(),
            AccountCommand::List => list(self.hands.clone(), self.post.clone(), Asked::By(request)),
            AccountCommand::Models => self.models = Some(self.read_models()),
            AccountCommand::OpenPage(url) => self.open_page(url),
            AccountCommand::PasteCallback(text) => {
                if let Some(running) = &self.running {
                    let _sign_in_ended = running.pasted.send(text);
                }
            }
            AccountCommand::ShareOpencode => self.share(request),
            AccountCommand::SignIn { provider: _, way, check } => self.sign_in(way, check),
            AccountCommand::SignOut(provider) => self.sign_out(request, provider),
        }
    }

    /// Passes on a step of the sign-in that runs; one of an older is dropped.
    pub(super) fn step(&mut self, attempt: u64, step: SignInStep) -> Option<SignInStep> {
        if self.running.as_ref().is_none_or(|running| running.attempt != attempt) {
            return None;
        }
        if matches!(step, SignInStep::Completed(_) | SignInStep::Failed(_) | SignInStep::Unchecked(_) | SignInStep::Cancelled) {
            self.running = None;
        }
        if matches!(step, SignInStep::Completed(_)) {
            self.list();
            let _loop_ended = self.post.send(Message::AccountsChanged);
            self.models = Some(self.read_models());
        }
        Some(step)
    }

    fn cancel(&mut self) {
        let Some(running) = self.running.take() else { return };
        let (hands, post) = (self.hands.clone(), self.post.clone());
        tokio::spawn(async move {
            running.work.stop().await;
            let _loop_ended = post.send(Message::Event(EventKind::SignIn(SignInStep::Cancelled)));
            list(hands, post, Asked::ByNobody);
        });
    }

    fn sign_in(&mut self, way: SignInWay, check: Check) {
        let earlier = self.running.take();
        self.attempts += 1;
        let attempt = self.attempts;
        let (pasted, pastes) = mpsc::unbounded_channel();
        let (hands, post) = (self.hands.clone(), self.post.clone());
        let open = if self.settings.surroundings.browser_is_near() { Opener::System } else { Opener::None };
        let ports = self.settings.callback_ports;
        let ports = sign_in::Ports { first: ports[0], second: ports[1] };
        let work = Work::start(async move {
            if let Some(earlier) = earlier {
                // Its port must be free before this one asks for it.
                earlier.work.stop().await;
            }
            let tell = |step| drop(post.send(Message::SignIn(attempt, step)));
            let last = match way {
                SignInWay::ApiKey(key) => with_key(&hands, key, check, &tell).await,
                SignInWay::Browser => match sign_in::browser(&hands.ground, ports, open, pastes, &tell).await {
                    Ok(tokens) => saved(hands.auth.save_tokens(tokens).await),
                    Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                },
                SignInWay::Headless => match sign_in::headless(&hands.ground, &tell).await {
                    Ok(tokens) => saved(hands.auth.save_tokens(tokens).await),
                    Err(error) => SignInStep::Failed(problem::of_sign_in(&error)),
                },
            };
            tell(last);
        });
        self.running = Some(SignIn { attempt, pasted, work });
    }

    fn list(&self) {
        list(self.hands.clone(), self.post.clone(), Asked::ByNobody);
    }

    /// What is known at once, then what the server says, where somebody is signed in.
    fn read_models(&self) -> Work {
        let (hands, post) = (self.hands.clone(), self.post.clone());
        Work::start(async move {
            let send = |kind| drop(post.send(Message::Event(kind)));
            let (models, source) = hands.known_models();
            send(EventKind::Models { provider: ProviderId::openai(), models, source });
            let signed_in = hands.auth.accounts().is_ok_and(|listing| kind_in_use(&listing.accounts).is_some());
            if !signed_in {
                return;
            }
            let Ok(access) = hands.auth.access().await else { return };
            match hands.api.fetch_models(&access).await {
                Ok(models) => {
                    send(EventKind::Models { provider: ProviderId::openai(), models, source: ModelSource::Server });
                    let _loop_ended = post.send(Message::AccountsChanged);
                }
                Err(error) => tracing::info!("the list of models stays as it was: {error}"),
            }
            if let Ok(limits) = hands.api.limits(&access).await {
                send(EventKind::Limits(limits));
            }
        })
    }

    fn open_page(&self, url: String) {
        let post = self.post.clone();
        tokio::spawn(async move {
            if sign_in::open_page(&url).await == crate::protocol::Opened::Failed {
                let notice =
                    Notice { message: "No browser could be opened on this machine".into(), next: Some("Copy the link with `u`".into()) };
                let _loop_ended = post.send(Message::Event(EventKind::Notice(notice)));
            }
        });
    }

    fn share(&mut self, request: RequestId) {
        match config::remember_auth_file(&self.settings.paths, "opencode") {
            Ok(()) => {
                self.hands.auth.share_opencode();
                self.list();
                let _loop_ended = self.post.send(Message::AccountsChanged);
            }
            Err(error) => self.event(EventKind::Failed { request, problem: problem::of_config(&error) }),
        }
    }

    fn sign_out(&self, request: RequestId, provider: ProviderId) {
        let (hands, post) = (self.hands.clone(), self.post.clone());
        tokio::spawn(async move {
            let send = |kind| drop(post.send(Message::Event(kind)));
            match hands.auth.sign_out(&provider).await {
                Ok(done) => {
                    if done.revoked == Revoked::Failed {
                        send(EventKind::Notice(Notice { message: NOT_REVOKED.into(), next: Some(END_SESSIONS.into()) }));
                    }
                    send(EventKind::SignedOut(provider));
                }
                Err(error) => send(EventKind::Failed { request, problem: problem::of_auth(&error) }),
            }
            let _loop_ended = post.send(Message::AccountsChanged);
            list(hands, post, Asked::ByNobody);
        });
    }

    fn event(&self, kind: EventKind) {
        let _loop_ended = self.post.send(Message::Event(kind));
    }
}

async fn with_key(hands: &Hands, key: Secret, check: Check, tell: &(dyn Fn(SignInStep) + Send + Sync)) -> SignInStep {
    let key = match sign_in::tidy_key(key.expose()) {
        Ok(key) => key,
        Err(error) => return SignInStep::Failed(problem::of_key(&error)),
    };
    if check == Check::First {
        tell(SignInStep::Checking);
        match sign_in::check_key(&hands.ground, &key).await {
            Ok(()) => {}
            Err(error) if error.kind() == KeyErrorKind::Unchecked => return SignInStep::Unchecked(problem::of_key(&error)),
            Err(error) => return SignInStep::Failed(problem::of_key(&error)),
        }
    }
    saved(hands.auth.save_key(key).await)
}

fn saved(result: Result<crate::protocol::Account, AuthError>) -> SignInStep {
    match result {
        Ok(account) => SignInStep::Completed(account),
        Err(error) => SignInStep::Failed(problem::of_auth(&error)),
    }
}

/// Whose wish a list is.
enum Asked {
    By(RequestId),
    /// Something changed, and all who listen are told.
    ByNobody,
}

/// Reads who is signed in, away from the loop. A file that cannot be read is the failure of the request that asked, and is told before
/// the list that is empty for it.
fn list(hands: Hands, post: Post, asked: Asked) {
    tokio::task::spawn_blocking(move || {
        let send = |kind| drop(post.send(Message::Event(kind)));
        match hands.auth.accounts() {
            Ok(listing) => {
                for warning in &listing.warnings {
                    send(EventKind::Notice(Notice { message: warning.to_string(), next: warning.next_step() }));
                }
                send(EventKind::Accounts { accounts: listing.accounts, file: hands.auth.file(), opencode_offer: listing.opencode_offer });
            }
            Err(error) => {
                let problem = problem::of_auth(&error);
                send(match asked {
                    Asked::By(request) => EventKind::Failed { request, problem },
                    Asked::ByNobody => EventKind::Notice(Notice { message: problem.message, next: problem.next }),
                });
                send(EventKind::Accounts { accounts: Vec::new(), file: hands.auth.file(), opencode_offer: false });
            }
        }
    });
}
