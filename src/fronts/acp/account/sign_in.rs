//! `authenticate` and `logout`. A sign-in by device code goes on while the client is asked to show
//! where the code is typed; whichever ends first, the request is answered once.

use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    AuthenticateRequest, AuthenticateResponse, CompleteElicitationNotification,
    CreateElicitationRequest, CreateElicitationResponse, ElicitationAction,
    ElicitationRequestScope, ElicitationUrlMode, LogoutRequest, LogoutResponse,
};
use agent_client_protocol::{Error, ErrorCode};
use serde_json::json;
use uuid::Uuid;

use crate::base::{Clock, Timestamp, phrases};
use crate::protocol::{
    AccountCommand, AccountKind, BrowserLaunch, Command, KeyCheck, Problem, ProblemKind,
    ProviderId, Reply, ReplyResult, SignInId, SignInLifetime, SignInStep, SignInWay,
};

use super::auth_methods::{API_KEY, CHATGPT, DEVICE_CODE, TERMINAL};
use super::pending_sign_in::{ShownAddress, ShownState, SignIn, SignIns};
use crate::acp::failure;
use crate::acp::machines::Machines;
use crate::acp::outside::Outside;
use crate::acp::setup::AcpSetup;
use crate::host::Machine;

/// The credential that requests to OpenAI carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignedInWith {
    ApiKey,
    ChatGpt,
    Nothing,
}

pub fn authenticate(
    _sign_ins: &mut SignIns,
    outside: &mut Outside,
    request: AuthenticateRequest,
    responder: Responder<AuthenticateResponse>,
) {
    let id = &*request.method_id.0;
    let (method, way, with) = match id {
        API_KEY if outside.offers(id) => (API_KEY, None, SignedInWith::ApiKey),
        CHATGPT if outside.offers(id) => (CHATGPT, Some(SignInWay::Browser), SignedInWith::ChatGpt),
        DEVICE_CODE if outside.offers(id) => {
            (DEVICE_CODE, Some(SignInWay::Headless), SignedInWith::ChatGpt)
        }
        DEVICE_CODE if !outside.shows_addresses() => {
            let message = "`chatgpt-device-code` needs a client that takes URL elicitations";
            let refusal = Error::new(ErrorCode::INVALID_REQUEST, message);
            return outside.answer(responder, Err(refusal));
        }
        TERMINAL => {
            let message = "`chatgpt-terminal` is run in a terminal, not authenticated with";
            return outside.answer(responder, Err(failure::invalid(message)));
        }
        _ => {
            let known: Vec<String> =
                outside.auth_methods().iter().map(|method| format!("`{}`", method.id())).collect();
            let message =
                format!("`{id}` is no way to sign in here: use {}", phrases::list(&known));
            return outside.answer(responder, Err(failure::invalid(message)));
        }
    };
    let list = Command::Account(AccountCommand::List);
    SignIns::ask(outside, list, move |sign_ins, outside, reply| {
        match (signed_in_with(reply), way) {
            (Ok(now), _) if now == with => {
                outside.answer(responder, Ok(AuthenticateResponse::new()))
            }
            (Ok(_), Some(way)) => sign_ins.begin_sign_in(outside, method, way, responder),
            (Ok(now), None) => {
                let message = match now {
                    SignedInWith::ChatGpt => {
                        "A ChatGPT sign-in goes before the API key: log out first"
                    }
                    SignedInWith::ApiKey | SignedInWith::Nothing => {
                        "There is no API key: set `OPENAI_API_KEY` in codling's environment and start it again, or run `codling auth login --api-key`"
                    }
                };
                outside.answer(responder, Err(failure::not_completed(message, method)));
            }
            (Err(problem), _) => outside.answer(responder, Err(outside.error(&problem))),
        }
    });
}

pub fn logout(
    sign_ins: &mut SignIns,
    outside: &mut Outside,
    _: LogoutRequest,
    responder: Responder<LogoutResponse>,
) {
    sign_ins.give_up_sign_in(outside);
    let sign_out = AccountCommand::SignOut(ProviderId::openai());
    SignIns::ask(outside, Command::Account(sign_out), move |_sign_ins, outside, reply| {
        let signed_out = match reply {
            // Signing out succeeds even if nobody was signed in.
            Ok(_) => Ok(LogoutResponse::new()),
            Err(Problem { kind: ProblemKind::NotSignedIn, .. }) => Ok(LogoutResponse::new()),
            Err(problem) => Err(outside.error(&problem)),
        };
        outside.answer(responder, signed_out);
    });
}

fn signed_in_with(reply: ReplyResult) -> Result<SignedInWith, Problem> {
    let Reply::Accounts(list) = reply? else { return Ok(SignedInWith::Nothing) };
    Ok(match list.in_use().map(|account| &account.kind) {
        Some(AccountKind::ApiKey) => SignedInWith::ApiKey,
        Some(AccountKind::ChatGpt { .. }) => SignedInWith::ChatGpt,
        _ => SignedInWith::Nothing,
    })
}

/// Calls `then` with `Ok`, or with an error if requests need a credential for OpenAI and have none.
pub fn when_signed_in<M: Machine<Front = Machines>>(
    machine: &mut M,
    outside: &mut Outside,
    then: impl FnOnce(&mut M, &mut Outside, Result<(), Error>) + 'static,
) {
    let AcpSetup { model, providers, .. } = &outside.setup;
    if !crate::protocol::needs_openai(model.as_ref(), providers) {
        return then(machine, outside, Ok(()));
    }
    M::ask(outside, Command::Account(AccountCommand::List), move |machine, outside, reply| {
        let signed_in = match signed_in_with(reply) {
            Ok(SignedInWith::Nothing) => {
                Err(failure::auth_required("Nobody is signed in", &outside.auth_methods()))
            }
            Ok(_) => Ok(()),
            Err(problem) => Err(outside.error(&problem)),
        };
        then(machine, outside, signed_in);
    });
}

impl SignIns {
    /// Starts a sign-in; ends the one that is under way, if any, and answers its request first.
    fn begin_sign_in(
        &mut self,
        outside: &mut Outside,
        method: &'static str,
        way: SignInWay,
        responder: Responder<AuthenticateResponse>,
    ) {
        self.end_sign_in(outside, |method| {
            Err(failure::not_completed("Another sign-in took its place", method))
        });
        let attempt = SignInId::new(Uuid::now_v7().to_string());
        let named = attempt.clone();
        let watch = outside.when_cancelled(
            responder.cancellation(),
            move |sign_ins: &mut Self, outside| {
                if sign_ins.is_under_way(&named) {
                    sign_ins.end_sign_in(outside, |_| Err(Error::request_cancelled()));
                }
            },
        );
        let under_way =
            SignIn { attempt: attempt.clone(), method, responder, shown: None, _watch: watch };
        self.under_way = Some(under_way);
        let command = AccountCommand::SignIn {
            attempt: attempt.clone(),
            provider: ProviderId::openai(),
            way,
            check: KeyCheck::Skip,
            lifetime: SignInLifetime::Client,
        };
        SignIns::ask(outside, Command::Account(command), move |sign_ins, outside, reply| {
            if let Err(problem) = reply
                && sign_ins.is_under_way(&attempt)
            {
                sign_ins.settle_sign_in(outside, |method| Err(failure::failed(&problem, method)));
            }
        });
    }

    /// Goes on with the sign-in that is under way; ignores late steps of earlier ones.
    pub fn sign_in_step(&mut self, outside: &mut Outside, attempt: &SignInId, step: SignInStep) {
        if !self.is_under_way(attempt) {
            return;
        }
        match step {
            SignInStep::Code { url, code, expires } => self.show_code(outside, url, &code, expires),
            SignInStep::Browser { opened: BrowserLaunch::Started, deaf: None, .. } => {}
            SignInStep::Browser { deaf: Some(problem), .. } => {
                // The problem's own advice is to paste an address, which a client has no place for.
                let way = match outside.offers(DEVICE_CODE) {
                    true => "sign in with a code",
                    false => "run `codling auth login`",
                };
                let message =
                    format!("{}. End what holds it and sign in again, or {way}", problem.message);
                self.end_sign_in(outside, |method| Err(failure::not_completed(message, method)));
            }
            SignInStep::Browser { .. } => {
                let message = "No browser could be opened on the machine that codling runs on";
                self.end_sign_in(outside, |method| Err(failure::not_completed(message, method)));
            }
            SignInStep::Completed(_) | SignInStep::McpSignedIn(_) => {
                self.settle_sign_in(outside, |_| Ok(AuthenticateResponse::new()));
            }
            SignInStep::Failed(problem) | SignInStep::Unchecked(problem) => {
                self.settle_sign_in(outside, |method| Err(failure::failed(&problem, method)));
            }
            SignInStep::Cancelled => {
                self.settle_sign_in(outside, |method| {
                    Err(failure::not_completed("The sign-in was ended", method))
                });
            }
            SignInStep::Checking
            | SignInStep::Exchanging
            | SignInStep::PasteRefused(_)
            | SignInStep::Reconnected
            | SignInStep::Retrying(_) => {}
        }
    }

    /// Asks the client to show where to type the code. The engine is polling for it already.
    fn show_code(&mut self, outside: &mut Outside, url: String, code: &str, expires: Timestamp) {
        let Some(sign_in) = &self.under_way else { return };
        let attempt = sign_in.attempt.clone();
        let id = format!("elicitation_{}", Uuid::now_v7().simple());
        let scope = ElicitationRequestScope::new(sign_in.responder.id().clone());
        let mode = ElicitationUrlMode::new(scope, id.clone(), url);
        let message = instructions(code, expires, Clock::system().now());
        let request = CreateElicitationRequest::new(mode, message);
        let request =
            outside.ask_client(request, move |sign_ins: &mut SignIns, outside, answer| {
                if sign_ins.is_under_way(&attempt) {
                    sign_ins.address_answered(outside, answer);
                }
            });
        if let Some(sign_in) = &mut self.under_way {
            sign_in.shown = Some(ShownAddress { id, request, state: ShownState::Asked });
        }
    }

    fn address_answered(
        &mut self,
        outside: &mut Outside,
        answer: Result<CreateElicitationResponse, Error>,
    ) {
        let shown = self.under_way.as_mut().and_then(|sign_in| sign_in.shown.as_mut());
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
            // The client's own error would read as one about `authenticate`.
            Err(_) => {
                (ErrorCode::INTERNAL_ERROR, "The client could not show where the code is typed")
            }
        };
        shown.state = ShownState::Refused;
        let (code, message) = refusal;
        self.end_sign_in(outside, |method| {
            Err(Error::new(code, message).data(json!({ "methodId": method })))
        });
    }

    /// Ends the sign-in that is under way because nobody waits for it any more.
    pub fn give_up_sign_in(&mut self, outside: &mut Outside) {
        self.end_sign_in(outside, |method| {
            Err(failure::not_completed("The sign-in was ended", method))
        });
    }

    /// Stops the sign-in that is under way, and answers its request.
    fn end_sign_in(
        &mut self,
        outside: &mut Outside,
        answer: impl FnOnce(&str) -> Result<AuthenticateResponse, Error>,
    ) {
        if let Some(sign_in) = &self.under_way {
            let cancel = AccountCommand::CancelSignIn(sign_in.attempt.clone());
            outside.host.engine.send(Command::Account(cancel));
        }
        self.settle_sign_in(outside, answer);
    }

    /// Answers the request of a sign-in that has ended, after telling the client that its page is
    /// done.
    fn settle_sign_in(
        &mut self,
        outside: &mut Outside,
        answer: impl FnOnce(&str) -> Result<AuthenticateResponse, Error>,
    ) {
        let Some(SignIn { method, responder, shown, .. }) = self.under_way.take() else { return };
        if let Some(ShownAddress { id, request, state }) = shown {
            if state == ShownState::Asked {
                // If the client is gone, there is nothing to withdraw.
                let _client_gone = request.cancel();
            }
            if state != ShownState::Refused {
                outside.notify(CompleteElicitationNotification::new(id));
            }
        }
        outside.answer(responder, answer(method));
    }
}

/// Returns the instructions that the person reads beside the address.
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
}
