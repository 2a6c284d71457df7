//! Stories of signing in, over loopback, against a server that does as it is told.

mod browser;
mod exchange;
mod fixture;
mod headless;
mod key;
mod paste;
mod ports;
mod server;

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::{AuthContext, OAuthTokens};
use crate::base::{Clock, Timestamp};
use crate::net::Net;
use crate::protocol::{Origin, Origins, SignInPatience, SignInRule, SignInStep};

use super::error::SignInError;
use super::pace::SignInPace;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A hundredth of the real pace, where waits are part of the story.
const PACE: SignInPace = SignInPace {
    second: Duration::from_millis(10),
    browser: Duration::from_secs(30),
    code_seconds: 900,
    codes: 1,
    patience: SignInPatience::Person,
    request: Duration::from_secs(10),
    connection: Duration::from_secs(5),
};

fn context(origin: &Origin) -> AuthContext {
    let origins = Origins {
        auth: origin.clone(),
        chatgpt: origin.clone(),
        api: origin.clone(),
        models: None,
    };
    AuthContext {
        net: Net::default(),
        origins,
        clock: Clock::standing(NOW),
        user_agent: "codling/0.1.0 (test; test)".into(),
        rule: SignInRule::default(),
    }
}

/// A sign-in under way: what it tells, and what came of it.
struct SignIn {
    steps: mpsc::UnboundedReceiver<SignInStep>,
    running: JoinHandle<Result<OAuthTokens, SignInError>>,
}

impl SignIn {
    async fn step(&mut self) -> SignInStep {
        soon(self.steps.recv()).await.expect("the sign-in reported nothing more")
    }

    /// The outcome, and all that was told and not yet looked at.
    async fn end(mut self) -> (Result<OAuthTokens, SignInError>, Vec<SignInStep>) {
        let ended = soon(self.running).await.expect("the sign-in panicked");
        let mut rest = Vec::new();
        while let Ok(step) = self.steps.try_recv() {
            rest.push(step);
        }
        (ended, rest)
    }

    /// Drops the future, as a cancel does.
    async fn drop_it(self) {
        self.running.abort();
        assert!(soon(self.running).await.is_err_and(|error| error.is_cancelled()));
    }
}

/// With the one generous limit that keeps a broken story from hanging.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it did not happen")
}

fn retries(steps: &[SignInStep]) -> Vec<String> {
    steps
        .iter()
        .filter_map(|step| match step {
            SignInStep::Retrying(problem) => Some(problem.message.clone()),
            _ => None,
        })
        .collect()
}

fn refusal<T: Debug>(ended: Result<T, SignInError>) -> SignInError {
    ended.expect_err("it should have failed")
}
