//! The desk where people sign in and out: one sign-in at a time, and letting go of it ends it.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::sign_in::{self, KeyErrorKind, Opener};
use crate::auth::{AuthError, Revoked};
use crate::base::Secret;
use crate::config::{self, Settings};
use crate::protocol::{
    AccountCommand, Check, EventKind, ModelSource, Notice, Opened, Problem, ProblemKind, ProviderId, RequestId, SignInStep, SignInWay,
};

use super::core::{Message, Post};
use super::hands::Hands;
use super::problem;
use super::work::{Stopped, Work};

const NOT_REVOKED: &str = "The sign-in is removed here, but the server could not be told to end it";
const END_SESSIONS: &str = "To be sure, sign out of all devices in the ChatGPT settings";

pub(super) struct Desk {
    hands: Hands,
    settings: Settings,
    post: Post,
    running: Option<SignIn>,
    /// A cancelled sign-in on its way out, which may hold a port for a moment still.
    leaving: Option<JoinHandle<()>>,
    /// Counts sign-ins, so that a late step of an older one can be told apart.
    attempts: u64,
    /// Background reads of lists; a newer one replaces the older.
    models: Option<Work>,
}

struct SignIn {
    pasted: mpsc::UnboundedSender<String>,
    work: Work,
}

impl Desk {
    pub(super) fn new(hands: Hands, settings: Settings, post: Post) -> Self {
        Self { hands, settings, post, running: None, leaving: None, attempts: 0, models: None }
    }

    pub(super) fn command(&mut self, request: RequestId, command: AccountCommand) {
        match command {
            AccountCommand::CancelSignIn => self.cancel(),
            AccountCommand::List => self.list(Some(request)),
            AccountCommand::Models => self.models = Some(self.read_models()),
            AccountCommand::OpenPage(url) => self.open_page(url),
            AccountCommand::PasteCallback(text) => {
                if let Some(running) = &self.running {
                    let _sign_in_ended = running.pasted.send(text);
                }
            }
            AccountCommand::ShareOpencode => self.share(request),
            AccountCommand::SignIn { provider, .. } if provider != ProviderId::openai() => {
                let problem = Problem::new(ProblemKind::SignIn, format!("codling cannot sign in to `{provider}`"));
                self.event(EventKind::Failed { request, problem: problem.with_next("Sign in to `openai`, the one provider it talks to") });
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
        if matches!(step, SignInStep::Completed(_) | SignInStep::Failed(_) | SignInStep::Unchecked(_) | SignInStep::Cancelled) {
            self.running = None;
        }
        if matches!(step, SignInStep::Completed(_)) {
            self.list(None);
            let _loop_ended = self.post.send(Message::AccountsChanged);
        }
        Some(step)
    }

    fn cancel(&mut self) {
        let Some(running) = self.running.take() else { return };
        let (hands, post, attempt) = (self.hands.clone(), self.post.clone(), self.attempts);
        self.leaving = Some(tokio::spawn(async move {
            // One that came to its end just now has told how, and that stands.
            if running.work.stop().await == Stopped::Midway {
                let _loop_ended = post.send(Message::SignIn(attempt, SignInStep::Cancelled));
            }
            list(hands, post, None);
        }));
    }

    fn sign_in(&mut self, way: SignInWay, check: Check) {
        let (earlier, leaving) = (self.running.take(), self.leaving.take());
        self.attempts += 1;
        let attempt = self.attempts;
        let (pasted, pastes) = mpsc::unbounded_channel();
        let (hands, post) = (self.hands.clone(), self.post.clone());
        let open = if self.settings.surroundings.browser_is_near() { Opener::System } else { Opener::None };
        let ports = self.settings.callback_ports;
        let ports = sign_in::Ports { first: ports[0], second: ports[1] };
        let waiting = self.post.clone();
        let broke = move |problem| drop(waiting.send(Message::SignIn(attempt, SignInStep::Failed(problem))));
        let body = async move {
            // Their port must be free before this one asks for it.
            if let Some(earlier) = earlier {
                earlier.work.stop().await;
            }
            if let Some(leaving) = leaving {
                let _ended = leaving.await;
            }
            let tell = |step| drop(post.send(Message::SignIn(attempt, step)));
            if let Err(error) = can_be_kept(&hands).await {
                return tell(SignInStep::Failed(problem::of_auth(&error)));
            }
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
            // Before the last step: whoever waits for that one alone hears them too.
            hands.notices().for_each(|notice| drop(post.send(Message::Event(EventKind::Notice(notice)))));
            tell(last);
        };
        let work = Work::awaited(body, broke);
        self.running = Some(SignIn { pasted, work });
    }

    fn list(&self, asked: Option<RequestId>) {
        list(self.hands.clone(), self.post.clone(), asked);
    }

    /// What is known at once, then what the server says, where somebody is signed in.
    fn read_models(&self) -> Work {
        let (hands, post) = (self.hands.clone(), self.post.clone());
        Work::start(async move {
            let send = |kind| drop(post.send(Message::Event(kind)));
            let reading = hands.clone();
            let known = tokio::task::spawn_blocking(move || (reading.known_models(), reading.kind_in_use())).await;
            let Ok(((models, source), in_use)) = known else { return };
            send(EventKind::Models { provider: ProviderId::openai(), models, source });
            if in_use.is_none() {
                return;
            }
            let access = match hands.auth.access().await {
                Ok(access) => access,
                Err(error) => return tracing::info!(%error, "the list of models stays as it was"),
            };
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
            if sign_in::open_page(&url).await == Opened::Failed {
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
                self.list(None);
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
            list(hands, post, None);
        });
    }

    fn event(&self, kind: EventKind) {
        let _loop_ended = self.post.send(Message::Event(kind));
    }
}

/// A sign-in that could not be saved is refused before anybody approves it. A damaged file is no obstacle: it is set aside, copied.
async fn can_be_kept(hands: &Hands) -> Result<(), AuthError> {
    let hands = hands.clone();
    match tokio::task::spawn_blocking(move || hands.auth.accounts()).await {
        Ok(Err(error)) if !matches!(error, AuthError::Damaged { .. }) => Err(error),
        _ => Ok(()),
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

/// Reads who is signed in, away from the loop. Where that fails, whoever asked hears it as the answer, ahead of an empty list.
fn list(hands: Hands, post: Post, asked: Option<RequestId>) {
    tokio::task::spawn_blocking(move || {
        let send = |kind| drop(post.send(Message::Event(kind)));
        match hands.auth.accounts() {
            Ok(listing) => {
                hands.notices().for_each(|notice| send(EventKind::Notice(notice)));
                send(EventKind::Accounts { accounts: listing.accounts, file: hands.auth.file(), opencode_offer: listing.opencode_offer });
            }
            Err(error) => {
                let problem = problem::of_auth(&error);
                send(match asked {
                    Some(request) => EventKind::Failed { request, problem },
                    None => EventKind::Notice(Notice { message: problem.message, next: problem.next }),
                });
                send(EventKind::Accounts { accounts: Vec::new(), file: hands.auth.file(), opencode_offer: false });
            }
        }
    });
}
