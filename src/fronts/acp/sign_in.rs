//! `authenticate` and `logout`. A sign-in by device code goes on while the client is asked to show
//! where the code is typed; whichever ends first, the request is answered once.

use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    AuthenticateRequest, AuthenticateResponse, CompleteElicitationNotification,
    CreateElicitationRequest, CreateElicitationResponse, ElicitationAction,
    ElicitationRequestScope, ElicitationUrlMode, LogoutRequest, LogoutResponse,
};
use agent_client_protocol::{Error, ErrorCode, RequestCancellationHandle};
use serde_json::json;
use uuid::Uuid;

use crate::base::{Clock, Timestamp, phrases};
use crate::protocol::{
    AccountCommand, AccountKind, BrowserLaunch, Command, CredentialStanding, KeyCheck, Problem,
    ProblemKind, ProviderId, Reply, ReplyResult, SignInId, SignInLifetime, SignInStep, SignInWay,
};

use super::agent::{AcpAgent, Watch};
use super::auth_methods::{API_KEY, CHATGPT, DEVICE_CODE, TERMINAL};
use super::failure;

/// A sign-in that is under way, and the request that waits for it.
pub struct SignIn {
    attempt: SignInId,
    method: &'static str,
    responder: Responder<AuthenticateResponse>,
    shown: Option<ShownAddress>,
    _watch: Watch,
}

/// An address that the client was asked to show.
struct ShownAddress {
    id: String,
    request: RequestCancellationHandle,
    state: ShownState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShownState {
    Asked,
    /// The person agreed to open it, which is not to have signed in.
    Accepted,
    /// The person or the client would not.
    Refused,
}

/// What somebody is signed in with, as far as requests to OpenAI use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignedInWith {
    ApiKey,
    ChatGpt,
    Nothing,
}

pub fn authenticate(
    agent: &mut AcpAgent,
    request: AuthenticateRequest,
    responder: Responder<AuthenticateResponse>,
) {
    let id = &*request.method_id.0;
    let (method, way, with) = match id {
        API_KEY if agent.offers(id) => (API_KEY, None, SignedInWith::ApiKey),
        CHATGPT if agent.offers(id) => (CHATGPT, Some(SignInWay::Browser), SignedInWith::ChatGpt),
        DEVICE_CODE if agent.offers(id) => {
            (DEVICE_CODE, Some(SignInWay::Headless), SignedInWith::ChatGpt)
        }
        DEVICE_CODE if !agent.shows_addresses() => {
            let message = "`chatgpt-device-code` needs a client that takes URL elicitations";
            let refusal = Error::new(ErrorCode::INVALID_REQUEST, message);
            return agent.answer(responder, Err(refusal));
        }
        TERMINAL => {
            let message = "`chatgpt-terminal` is run in a terminal, not authenticated with";
            return agent.answer(responder, Err(failure::invalid(message)));
        }
        _ => {
            let known: Vec<String> =
                agent.auth_methods().iter().map(|method| format!("`{}`", method.id())).collect();
            let message =
                format!("`{id}` is no way to sign in here: use {}", phrases::list(&known));
            return agent.answer(responder, Err(failure::invalid(message)));
        }
    };
    agent.ask(Command::Account(AccountCommand::List), move |agent, reply| {
        match (signed_in_with(reply), way) {
            (Ok(now), _) if now == with => agent.answer(responder, Ok(AuthenticateResponse::new())),
            (Ok(_), Some(way)) => agent.begin_sign_in(method, way, responder),
            (Ok(now), None) => {
                let message = match now {
                    SignedInWith::ChatGpt => "A ChatGPT sign-in goes before the API key: log out first",
                    SignedInWith::ApiKey | SignedInWith::Nothing => {
                        "There is no API key: set `OPENAI_API_KEY` in codling's environment and start it again, or run `codling auth login --api-key`"
                    }
                };
                agent.answer(responder, Err(not_completed(message, method)));
            }
            (Err(problem), _) => {
                let error = failure::error(&problem, &agent.auth_methods());
                agent.answer(responder, Err(error));
            }
        }
    });
}

pub fn logout(agent: &mut AcpAgent, _: LogoutRequest, responder: Responder<LogoutResponse>) {
    agent.give_up_sign_in();
    let sign_out = AccountCommand::SignOut(ProviderId::openai());
    agent.ask(Command::Account(sign_out), move |agent, reply| {
        let signed_out = match reply {
            // Whoever was not signed in is signed out, too.
            Ok(_) => Ok(LogoutResponse::new()),
            Err(Problem { kind: ProblemKind::NotSignedIn, .. }) => Ok(LogoutResponse::new()),
            Err(problem) => Err(failure::error(&problem, &agent.auth_methods())),
        };
        agent.answer(responder, signed_out);
    });
}

fn signed_in_with(reply: ReplyResult) -> Result<SignedInWith, Problem> {
    let Reply::Accounts(list) = reply? else { return Ok(SignedInWith::Nothing) };
    let used = list.accounts.iter().find(|account| {
        account.provider.is_openai() && account.standing == CredentialStanding::Wins
    });
    Ok(match used.map(|account| &account.kind) {
        Some(AccountKind::ApiKey) => SignedInWith::ApiKey,
        Some(AccountKind::ChatGpt { .. }) => SignedInWith::ChatGpt,
        _ => SignedInWith::Nothing,
    })
}

/// The sign-in came to nothing, and why.
fn not_completed(message: impl Into<String>, method: &str) -> Error {
    Error::new(ErrorCode::AUTH_REQUIRED, message).data(json!({ "methodId": method }))
}

impl AcpAgent {
    /// Calls with whether requests to OpenAI would carry a credential, where they need one.
    pub fn when_signed_in(&mut self, then: impl FnOnce(&mut Self, Result<(), Error>) + 'static) {
        if !crate::protocol::needs_openai(self.setup.model.as_ref(), &self.setup.providers) {
            return then(self, Ok(()));
        }
        self.ask(Command::Account(AccountCommand::List), move |agent, reply| {
            let methods = agent.auth_methods();
            let signed_in = match signed_in_with(reply) {
                Ok(SignedInWith::Nothing) => {
                    Err(failure::auth_required("Nobody is signed in", &methods))
                }
                Ok(_) => Ok(()),
                Err(problem) => Err(failure::error(&problem, &methods)),
            };
            then(agent, signed_in);
        });
    }

    /// Takes the place of a sign-in that is under way, whose request is answered first.
    fn begin_sign_in(
        &mut self,
        method: &'static str,
        way: SignInWay,
        responder: Responder<AuthenticateResponse>,
    ) {
        self.end_sign_in(|method| Err(not_completed("Another sign-in took its place", method)));
        let attempt = SignInId::new(Uuid::now_v7().to_string());
        let named = attempt.clone();
        let watch = self.when_cancelled(responder.cancellation(), move |agent| {
            if agent.is_under_way(&named) {
                agent.end_sign_in(|_| Err(Error::request_cancelled()));
            }
        });
        let under_way =
            SignIn { attempt: attempt.clone(), method, responder, shown: None, _watch: watch };
        self.sign_in = Some(under_way);
        let command = AccountCommand::SignIn {
            attempt: attempt.clone(),
            provider: ProviderId::openai(),
            way,
            check: KeyCheck::Skip,
            lifetime: SignInLifetime::Client,
        };
        self.ask(Command::Account(command), move |agent, reply| {
            if let Err(problem) = reply
                && agent.is_under_way(&attempt)
            {
                agent.settle_sign_in(|method| Err(failed(&problem, method)));
            }
        });
    }

    fn is_under_way(&self, attempt: &SignInId) -> bool {
        self.sign_in.as_ref().is_some_and(|sign_in| sign_in.attempt == *attempt)
    }

    /// A sign-in has come further. What is told of others than the one under way is late.
    pub fn sign_in_step(&mut self, attempt: &SignInId, step: SignInStep) {
        if !self.is_under_way(attempt) {
            return;
        }
        match step {
            SignInStep::Code { url, code, expires } => self.show_code(url, &code, expires),
            SignInStep::Browser { opened: BrowserLaunch::Started, deaf: None, .. } => {}
            SignInStep::Browser { deaf: Some(problem), .. } => {
                // Its advice is to paste an address, which a client has no place for.
                let way = match self.offers(DEVICE_CODE) {
                    true => "sign in with a code",
                    false => "run `codling auth login`",
                };
                let message =
                    format!("{}. End what holds it and sign in again, or {way}", problem.message);
                self.end_sign_in(|method| Err(not_completed(message, method)));
            }
            SignInStep::Browser { .. } => {
                let message = "No browser could be opened on the machine that codling runs on";
                self.end_sign_in(|method| Err(not_completed(message, method)));
            }
            SignInStep::Completed(_) => {
                self.settle_sign_in(|_| Ok(AuthenticateResponse::new()));
            }
            SignInStep::Failed(problem) | SignInStep::Unchecked(problem) => {
                self.settle_sign_in(|method| Err(failed(&problem, method)));
            }
            SignInStep::Cancelled => {
                self.settle_sign_in(|method| Err(not_completed("The sign-in was ended", method)));
            }
            SignInStep::Checking
            | SignInStep::Exchanging
            | SignInStep::PasteRefused(_)
            | SignInStep::Reconnected
            | SignInStep::Retrying(_) => {}
        }
    }

    /// Has the client show where the code is typed. The code is polled for already.
    fn show_code(&mut self, url: String, code: &str, expires: Timestamp) {
        let Some(sign_in) = &self.sign_in else { return };
        let attempt = sign_in.attempt.clone();
        let id = format!("elicitation_{}", Uuid::now_v7().simple());
        let scope = ElicitationRequestScope::new(sign_in.responder.id().clone());
        let mode = ElicitationUrlMode::new(scope, id.clone(), url);
        let message = instructions(code, expires, Clock::system().now());
        let request = CreateElicitationRequest::new(mode, message);
        let request = self.ask_client(request, move |agent, answer| {
            if agent.is_under_way(&attempt) {
                agent.address_answered(answer);
            }
        });
        if let Some(sign_in) = &mut self.sign_in {
            sign_in.shown = Some(ShownAddress { id, request, state: ShownState::Asked });
        }
    }

    fn address_answered(&mut self, answer: Result<CreateElicitationResponse, Error>) {
        let shown = self.sign_in.as_mut().and_then(|sign_in| sign_in.shown.as_mut());
        let Some(shown) = shown else { return };
        let refusal = match answer.map(|answer| answer.action) {
            Ok(ElicitationAction::Accept(_)) => {
                shown.state = ShownState::Accepted;
                return;
            }
            Ok(ElicitationAction::Decline) => {
                (ErrorCode::AUTH_REQUIRED, "The sign-in was declined")
            }
            Ok(_) => (ErrorCode::AUTH_REQUIRED, "The sign-in was cancelled"),
            // Its own error would read as one about `authenticate`.
            Err(_) => {
                (ErrorCode::INTERNAL_ERROR, "The client could not show where the code is typed")
            }
        };
        shown.state = ShownState::Refused;
        let (code, message) = refusal;
        self.end_sign_in(|method| {
            Err(Error::new(code, message).data(json!({ "methodId": method })))
        });
    }

    /// Ends the sign-in that is under way because nobody waits for it any more.
    pub fn give_up_sign_in(&mut self) {
        self.end_sign_in(|method| Err(not_completed("The sign-in was ended", method)));
    }

    /// Stops the sign-in that is under way, and answers its request.
    fn end_sign_in(&mut self, answer: impl FnOnce(&str) -> Result<AuthenticateResponse, Error>) {
        if let Some(sign_in) = &self.sign_in {
            let cancel = AccountCommand::CancelSignIn(sign_in.attempt.clone());
            self.engine.send(Command::Account(cancel));
        }
        self.settle_sign_in(answer);
    }

    /// Answers the request of a sign-in that has ended, behind the word that its page is done with.
    fn settle_sign_in(&mut self, answer: impl FnOnce(&str) -> Result<AuthenticateResponse, Error>) {
        let Some(SignIn { method, responder, shown, .. }) = self.sign_in.take() else { return };
        if let Some(ShownAddress { id, request, state }) = shown {
            if state == ShownState::Asked {
                // Where the client is gone, there is nothing to withdraw.
                let _client_gone = request.cancel();
            }
            if state != ShownState::Refused {
                self.tell(CompleteElicitationNotification::new(id));
            }
        }
        self.answer(responder, answer(method));
    }
}

/// Why a sign-in failed: a way out of reach is no fault of the person's.
fn failed(problem: &Problem, method: &str) -> Error {
    let code = match problem.kind {
        ProblemKind::Network
        | ProblemKind::Overloaded
        | ProblemKind::BrokenStream
        | ProblemKind::CredentialFile
        | ProblemKind::Internal => ErrorCode::INTERNAL_ERROR,
        _ => ErrorCode::AUTH_REQUIRED,
    };
    Error::new(code, failure::sentence(problem)).data(json!({ "methodId": method }))
}

/// What the person reads beside the address.
fn instructions(code: &str, expires: Timestamp, now: Timestamp) -> String {
    let minutes = expires.since(now).as_secs().div_ceil(60).max(1);
    let time = phrases::count(minutes, "minute");
    format!(
        "To sign codling in to ChatGPT, open the page and type the code {code}. It expires in {time}. Continue only if you started this sign-in yourself, and give the code to nobody"
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_person_reads_the_code_its_time_and_a_warning() {
        let now = Timestamp(1_795_000_000_000);
        let text = instructions("ABCD-12345", now + Duration::from_secs(899), now);
        assert!(text.contains("type the code ABCD-12345. It expires in 15 minutes."), "{text}");
        assert!(text.contains("only if you started this sign-in yourself"), "{text}");
        assert!(instructions("A", now, now).contains("in 1 minute."));
    }

    #[test]
    fn a_network_that_is_down_is_told_from_a_person_who_said_no() {
        for (kind, code) in [
            (ProblemKind::Network, ErrorCode::INTERNAL_ERROR),
            (ProblemKind::SignIn, ErrorCode::AUTH_REQUIRED),
            (ProblemKind::SignInForbidden, ErrorCode::AUTH_REQUIRED),
        ] {
            let error = failed(&Problem::new(kind, "It failed").with_next("Try"), "m");
            assert_eq!((error.code, error.message.as_str()), (code, "It failed. Try"));
            assert_eq!(error.data.unwrap(), json!({ "methodId": "m" }));
        }
    }
}
