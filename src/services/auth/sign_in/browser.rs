//! The browser way: an authorize page, and a loopback listener or a pasted address for its answer
//! (RFC 8252, RFC 7636). Keeps no tokens.

use std::future::Future;
use std::io;
use std::pin::pin;

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::auth::endpoint::AuthorizationCode;
use crate::auth::{AuthContext, OAuthTokens};
use crate::base::text::sentence;
use crate::base::{Advice, Clock, Secret, Timestamp};
use crate::protocol::{BrowserLaunch, PortHolder, Problem, ProblemKind, SignInStep};

use super::authorization_server::{AuthorizationServer, OpenAi};
use super::callback::{self, Callback, Stray};
use super::error::{PortFault, SignInError};
use super::exchange::{StepSink, retrying};
use super::holder;
use super::listener::{Arrival, CallbackListener, Ports};
use super::opener::Opener;
use super::pace::SignInPace;
use super::pages::{CallbackPage, PageLook, Status};
use super::pkce::Pkce;

/// So many browser tabs may wait for one exchange; a further one is told that it is late.
const WAITING_LIMIT: usize = 8;

/// Signs in with the browser: listens, tells the address to approve at, and waits for the callback
/// or for a paste of it, 10 minutes long.
///
/// Everything runs inside the future that is returned: dropping it closes the listener, and the
/// port is free at once. `pasted` may be closed early; then the listener alone counts.
///
/// # Errors
///
/// No port is free, the person denied the sign-in, the time is over, or the code could not be
/// exchanged.
pub async fn browser(
    context: &AuthContext,
    ports: Ports,
    open: Opener,
    pasted: mpsc::UnboundedReceiver<String>,
    report: StepSink<'_>,
) -> Result<OAuthTokens, SignInError> {
    at_pace(context, ports, open, pasted, report, SignInPace::REAL).await
}

pub(super) async fn at_pace(
    context: &AuthContext,
    ports: Ports,
    open: Opener,
    pasted: mpsc::UnboundedReceiver<String>,
    report: StepSink<'_>,
    pace: SignInPace,
) -> Result<OAuthTokens, SignInError> {
    approve(&context.clock, &OpenAi(context), (ports, open), pasted, report, pace).await
}

/// The same with any server.
///
/// # Errors
///
/// As above, and where the server does not take this program as its client.
pub async fn approve<S: AuthorizationServer>(
    clock: &Clock,
    server: &S,
    (ports, open): (Ports, Opener),
    mut pasted: mpsc::UnboundedReceiver<String>,
    report: StepSink<'_>,
    pace: SignInPace,
) -> Result<S::Tokens, SignInError> {
    let pkce = Pkce::new().map_err(|source| SignInError::Random { source })?;
    let (listener, busy, deaf) = match listen(ports, pace).await {
        Ok((listener, busy)) => (Some(listener), busy, None),
        // Approving goes without: the address that the browser ends on can be pasted.
        Err(error) => (None, None, Some(error)),
    };
    let port = listener.as_ref().map_or(ports.first, CallbackListener::port);
    let redirect = format!("http://localhost:{port}{}", callback::PATH);
    let flow = BrowserFlow {
        client: server.register(&redirect).await?,
        server,
        pace,
        report,
        port,
        busy,
        deaf: deaf.map(|error| {
            let problem = Problem::new(error.kind(), sentence(&error.to_string()).into_owned());
            let paste = "Approve all the same, then paste the address that the browser ends on";
            problem.with_next(format!("{paste}{}", S::OTHER_WAY))
        }),
        redirect,
        deadline: Instant::now() + pace.browser,
        expires: clock.now() + pace.browser,
        pkce,
    };
    let (arriving, mut arrivals) = mpsc::unbounded_channel();
    let Some(listener) = listener else { return flow.run(&open, &mut arrivals, &mut pasted).await };
    tokio::select! {
        never = listener.serve(&arriving) => match never {},
        ended = flow.run(&open, &mut arrivals, &mut pasted) => ended,
    }
}

/// The first of both ports that can be listened on and really answers, and who holds the one before
/// it.
async fn listen(
    ports: Ports,
    pace: SignInPace,
) -> Result<(CallbackListener, Option<PortHolder>), SignInError> {
    let mut faults: Vec<PortFault> = Vec::new();
    for port in [ports.first, ports.second] {
        match CallbackListener::bind(port, pace.connection).await {
            Ok(listener) if answers(&listener).await => {
                return Ok((listener, faults.first().map(PortFault::holder)));
            }
            Ok(_mute) => faults.push(PortFault::Mute { port }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                faults.push(PortFault::Held(holder::of(port).await))
            }
            Err(source) => faults.push(PortFault::Refused { port, source }),
        }
    }
    Err(SignInError::NoPort { faults })
}

async fn answers(listener: &CallbackListener) -> bool {
    let (arriving, _too_early) = mpsc::unbounded_channel();
    tokio::select! {
        never = listener.serve(&arriving) => match never {},
        checked = listener.check() => checked.inspect_err(|error| tracing::warn!(%error, "the sign-in listener does not answer")).is_ok(),
    }
}

struct BrowserFlow<'a, S: AuthorizationServer> {
    server: &'a S,
    client: S::Client,
    pace: SignInPace,
    report: StepSink<'a>,
    port: u16,
    busy: Option<PortHolder>,
    deaf: Option<Problem>,
    redirect: String,
    deadline: Instant,
    expires: Timestamp,
    pkce: Pkce,
}

impl<S: AuthorizationServer> BrowserFlow<'_, S> {
    async fn run(
        &self,
        open: &Opener,
        arrivals: &mut mpsc::UnboundedReceiver<Arrival>,
        pasted: &mut mpsc::UnboundedReceiver<String>,
    ) -> Result<S::Tokens, SignInError> {
        let proof = (self.pkce.challenge(), &self.pkce.state);
        let url = self.server.authorize_url(&self.client, &self.redirect, (&proof.0, proof.1));
        let (code, tab) = self.approval(&url, open.open(&url), arrivals, pasted).await?;
        self.exchange(&code, tab, arrivals).await
    }

    /// Waits for the code, and for the browser tab that brought it, if one did. Nothing without the
    /// right state has a say.
    async fn approval(
        &self,
        url: &str,
        opening: impl Future<Output = BrowserLaunch>,
        arrivals: &mut mpsc::UnboundedReceiver<Arrival>,
        pasted: &mut mpsc::UnboundedReceiver<String>,
    ) -> Result<(Secret, Option<Arrival>), SignInError> {
        let mut opening = pin!(opening);
        let mut shown = false;
        loop {
            tokio::select! {
                biased;
                opened = &mut opening, if !shown => {
                    shown = true;
                    let (port, expires, busy, deaf) = (self.port, self.expires, self.busy.clone(), self.deaf.clone());
                    (self.report)(SignInStep::Browser { url: url.to_owned(), port, opened, expires, busy, deaf });
                }
                () = sleep_until(self.deadline) => return Err(SignInError::TimedOut),
                Some(text) = pasted.recv() => match callback::read_pasted(&text, &self.pkce.state) {
                    Ok(Callback::Code { code, issuer }) => {
                        return self.server.check_issuer(issuer.as_deref()).map(|()| (code, None));
                    }
                    Ok(Callback::Error { error, description }) => return Err(SignInError::of_page(&error, &description)),
                    Err(stray) => (self.report)(SignInStep::PasteRefused(paste_problem(stray))),
                },
                Some(arrival) = arrivals.recv() => match callback::read(&arrival.query, &self.pkce.state) {
                    Ok(Callback::Code { code, issuer }) => {
                        let checked = self.server.check_issuer(issuer.as_deref());
                        let Err(error) = checked else { return Ok((code, Some(arrival))) };
                        self.answer(vec![arrival], &failed(&error)).await;
                        return Err(error);
                    }
                    Ok(Callback::Error { error, description }) => {
                        let error = SignInError::of_page(&error, &description);
                        self.answer(vec![arrival], &failed(&error)).await;
                        return Err(error);
                    }
                    Err(stray) => drop(arrival.answer(refused(stray))),
                },
            }
        }
    }

    /// Fetches the tokens, and only then answers the browser. Another call of the callback
    /// meanwhile waits for the same answer.
    async fn exchange(
        &self,
        code: &Secret,
        tab: Option<Arrival>,
        arrivals: &mut mpsc::UnboundedReceiver<Arrival>,
    ) -> Result<S::Tokens, SignInError> {
        let approval =
            AuthorizationCode { code, verifier: &self.pkce.verifier, redirect: &self.redirect };
        let until = Instant::now() + self.pace.seconds(45);
        let attempt = || self.server.exchange(&self.client, approval);
        let mut exchanging = pin!(retrying(attempt, self.pace, until, self.report));
        let mut waiting = Vec::from_iter(tab);
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut exchanging => break ended,
                Some(arrival) = arrivals.recv() => match callback::read(&arrival.query, &self.pkce.state) {
                    Ok(_again) if waiting.len() < WAITING_LIMIT => waiting.push(arrival),
                    Ok(_again) => drop(arrival.answer(late())),
                    Err(stray) => drop(arrival.answer(refused(stray))),
                },
            }
        };
        let page = match &ended {
            Ok(_tokens) => approved(),
            Err(error) => failed(error),
        };
        self.answer(waiting, &page).await;
        ended
    }

    /// Answers, and sees the pages off before the listener goes.
    async fn answer(&self, waiting: Vec<Arrival>, page: &CallbackPage) {
        let written = waiting.into_iter().map(|arrival| arrival.answer(page.clone()));
        if timeout(self.pace.connection, join_all(written)).await.is_err() {
            tracing::debug!("a browser did not take its page in time");
        }
    }
}

fn paste_problem(stray: Stray) -> Problem {
    let (message, next) = match stray {
        Stray::Elsewhere => (
            "This is not the address that the sign-in ends on",
            "Approve in the browser, then paste the `localhost` address it ends on, even if that page does not load",
        ),
        Stray::NoCode => (
            "This address holds no code",
            "Copy the whole address from the browser's address bar, to its last character",
        ),
        Stray::NotAnAddress => (
            "This is not an address",
            "Paste the whole address that the browser ends on; it begins with `http://localhost`",
        ),
        Stray::StartingAddress => (
            "This is the address to approve at",
            "Open it in a browser, approve, then paste the address that the browser ends on",
        ),
        Stray::WrongState => (
            "This address belongs to another sign-in, or was cut off",
            "Approve at the link shown now, then paste the whole address that the browser ends on",
        ),
    };
    Problem::new(ProblemKind::SignIn, message).with_next(next)
}

fn approved() -> CallbackPage {
    CallbackPage::new(Status::Ok, PageLook::Good, "Signed in", "codling has what it needs")
        .with_next("You can close this page and return to your terminal")
}

fn failed(error: &SignInError) -> CallbackPage {
    let (status, title) = match error {
        SignInError::Denied | SignInError::Ended { .. } | SignInError::NotEntitled => {
            (Status::Forbidden, "Not signed in")
        }
        _ => (Status::BadGateway, "Sign-in failed"),
    };
    CallbackPage::new(status, PageLook::Bad, title, sentence(&error.to_string()))
        .with_next(error.next_step().unwrap_or_default())
}

fn late() -> CallbackPage {
    CallbackPage::new(
        Status::Conflict,
        PageLook::Plain,
        "Already at it",
        "This sign-in is being completed",
    )
    .with_next("Return to your terminal")
}

fn refused(stray: Stray) -> CallbackPage {
    let text = match stray {
        Stray::NoCode => "This address holds no code to sign in with",
        Stray::Elsewhere | Stray::NotAnAddress | Stray::StartingAddress | Stray::WrongState => {
            "This address belongs to no sign-in that runs now"
        }
    };
    CallbackPage::new(Status::BadRequest, PageLook::Plain, "Not this sign-in", text)
        .with_next("Open the link that your terminal shows")
}
