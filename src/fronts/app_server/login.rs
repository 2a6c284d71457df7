//! Signing in: with a key, in a browser, with a device code, and with tokens that the client owns. One
//! sign-in may be under way; it belongs to the server, and goes on when the client that began it is gone.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::base::Secret;
use crate::protocol::{
    Account, AccountCommand, ClientTokens, Command, KeyCheck, Problem, ProblemKind, ProviderId,
    SignInId, SignInLifetime, SignInStep, SignInWay,
};

use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::server::Server;
use super::server_request::Subject;
use super::wire::Fault;

/// A sign-in that is under way.
#[derive(Debug)]
pub struct PendingLogin {
    id: SignInId,
    kind: Kind,
    /// Waits for the address or the code; for a key, for the end.
    asker: Option<Asker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ApiKey,
    Browser,
    DeviceCode,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum StartLogin {
    #[serde(rename_all = "camelCase")]
    ApiKey {
        api_key: KeyText,
    },
    Chatgpt,
    ChatgptDeviceCode,
    ChatgptAuthTokens(Tokens),
    AmazonBedrock,
}

/// Keeps a key out of what is printed of its request.
#[derive(Deserialize)]
pub struct KeyText(String);

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyText")
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    access_token: KeyText,
    chatgpt_account_id: String,
    chatgpt_plan_type: Option<String>,
}

impl Params for StartLogin {
    fn gated(&self) -> Option<&'static str> {
        match self {
            Self::ChatgptAuthTokens(_) => Some("account/login/start.chatgptAuthTokens"),
            Self::AmazonBedrock => Some("account/login/start.amazonBedrock"),
            Self::ApiKey { .. } | Self::Chatgpt | Self::ChatgptDeviceCode => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelLogin {
    login_id: String,
}

impl Params for CancelLogin {}

const EXTERNAL: &str = "External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it.";
const NO_CODES: &str = "device code login is not enabled for this Codex server. Use the browser login or verify the server URL.";
const NOT_COMPLETED: &str = "Login was not completed";

pub fn start(server: &mut Server, asker: Asker, params: StartLogin) {
    match params {
        StartLogin::ApiKey { api_key } => {
            begin(server, asker, Kind::ApiKey, SignInWay::ApiKey(Secret::new(api_key.0)));
        }
        StartLogin::Chatgpt => begin(server, asker, Kind::Browser, SignInWay::Browser),
        StartLogin::ChatgptDeviceCode => {
            begin(server, asker, Kind::DeviceCode, SignInWay::Headless);
        }
        StartLogin::ChatgptAuthTokens(tokens) => hold(server, asker, tokens),
        StartLogin::AmazonBedrock => {
            let message = "unknown variant `amazonBedrock`, expected one of `apiKey`, `chatgpt`, `chatgptDeviceCode`, `chatgptAuthTokens`";
            server.answer(asker, Err(Fault::unreadable(message)));
        }
    }
}

/// Takes the place of a sign-in that is under way, whose end the engine tells.
fn begin(server: &mut Server, asker: Asker, kind: Kind, way: SignInWay) {
    let id = SignInId::new(Uuid::now_v7().to_string());
    let command = AccountCommand::SignIn {
        attempt: id.clone(),
        provider: ProviderId::openai(),
        way,
        check: KeyCheck::Skip,
        lifetime: SignInLifetime::Engine,
    };
    server.ask(Command::Account(command), move |server, reply| match reply {
        Ok(_) => {
            let pending = PendingLogin { id, kind, asker: Some(asker) };
            let earlier = server.accounts.pending.replace(pending);
            if let Some(earlier) = earlier {
                server.not_completed(earlier);
            }
        }
        Err(problem) => server.answer(asker, Err(refusal(&problem))),
    });
}

fn refusal(problem: &Problem) -> Fault {
    match problem.kind {
        ProblemKind::TokensHeld => Fault::invalid(EXTERNAL),
        ProblemKind::SignInForbidden => Fault::invalid(forbidden(problem)),
        _ => failure::fault(problem),
    }
}

/// What the settings forbid, as clients know it.
fn forbidden(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{}. {next}.", problem.message),
        None => format!("{}.", problem.message),
    }
}

fn hold(server: &mut Server, asker: Asker, tokens: Tokens) {
    let command = AccountCommand::HoldTokens(tokens.into());
    server.ask(Command::Account(command), move |server, reply| match reply {
        Ok(_) => {
            server.answer(asker, Ok(json!({ "type": "chatgptAuthTokens" })));
            if let Some(earlier) = server.accounts.pending.take() {
                server.not_completed(earlier);
            }
            server.completed(None, None);
            server.tell_account();
        }
        Err(problem) if problem.kind == ProblemKind::SignInForbidden => {
            server.answer(asker, Err(Fault::invalid(forbidden(&problem))));
        }
        Err(problem) => {
            let message = format!("failed to set external auth: {}", problem.message);
            server.answer(asker, Err(Fault::internal(message)));
        }
    });
}

impl From<Tokens> for ClientTokens {
    fn from(tokens: Tokens) -> Self {
        Self {
            access: Secret::new(tokens.access_token.0),
            account: tokens.chatgpt_account_id,
            plan: tokens.chatgpt_plan_type,
        }
    }
}

pub fn cancel(server: &mut Server, asker: Asker, params: CancelLogin) {
    if Uuid::try_parse(&params.login_id).is_err() {
        let message = format!("invalid login id: {}", params.login_id);
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let is_it = |pending: &mut PendingLogin| pending.id.as_str() == params.login_id;
    match server.accounts.pending.take_if(is_it) {
        Some(pending) => {
            server.engine.send(Command::Account(AccountCommand::CancelSignIn(pending.id.clone())));
            server.answer(asker, Ok(json!({ "status": "canceled" })));
            server.not_completed(pending);
        }
        None => server.answer(asker, Ok(json!({ "status": "notFound" }))),
    }
}

impl Server {
    /// Ends the sign-in that is under way.
    pub(super) fn cancel_pending(&mut self) {
        if let Some(pending) = self.accounts.pending.take() {
            self.engine.send(Command::Account(AccountCommand::CancelSignIn(pending.id.clone())));
            self.not_completed(pending);
        }
    }

    /// Something else took its place, or somebody ended it.
    fn not_completed(&mut self, pending: PendingLogin) {
        let PendingLogin { id, kind, asker } = pending;
        match asker {
            // Whoever began it has not heard of it yet.
            Some(asker) => self.answer(asker, Err(Fault::invalid(NOT_COMPLETED))),
            None => {
                let error = match kind {
                    Kind::Browser => format!("Login server error: {NOT_COMPLETED}"),
                    Kind::ApiKey | Kind::DeviceCode => NOT_COMPLETED.to_owned(),
                };
                self.completed(Some(&id), Some(error));
            }
        }
    }

    /// Tells everybody how a sign-in ended; without an error, well.
    fn completed(&mut self, id: Option<&SignInId>, error: Option<String>) {
        let params = json!({
            "loginId": id.map(SignInId::as_str), "success": error.is_none(), "error": error,
            "onboardingEntrypoint": null,
        });
        self.broadcast("account/login/completed", params);
    }

    /// A sign-in has come further. What is told of others than the one under way is late.
    pub(super) fn sign_in_step(&mut self, attempt: &SignInId, step: SignInStep) {
        let is_it = |pending: &&PendingLogin| pending.id == *attempt;
        if self.accounts.pending.as_ref().filter(is_it).is_none() {
            return;
        }
        match step {
            SignInStep::Browser { url, .. } => {
                let answer =
                    json!({ "type": "chatgpt", "loginId": attempt.as_str(), "authUrl": url });
                self.answer_login(Ok(answer));
            }
            SignInStep::Code { url, code, .. } => {
                let answer = json!({
                    "type": "chatgptDeviceCode", "loginId": attempt.as_str(),
                    "verificationUrl": url, "userCode": code,
                });
                self.answer_login(Ok(answer));
            }
            SignInStep::Completed(account) => self.login_succeeded(&account),
            SignInStep::Failed(problem) | SignInStep::Unchecked(problem) => {
                self.login_failed(&problem);
            }
            SignInStep::Cancelled => {
                if let Some(pending) = self.accounts.pending.take() {
                    self.not_completed(pending);
                }
            }
            SignInStep::Checking
            | SignInStep::Exchanging
            | SignInStep::PasteRefused(_)
            | SignInStep::Reconnected
            | SignInStep::Retrying(_) => {}
        }
    }

    fn answer_login(&mut self, result: Result<Value, Fault>) {
        let asker = self.accounts.pending.as_mut().and_then(|pending| pending.asker.take());
        if let Some(asker) = asker {
            self.answer(asker, result);
        }
    }

    fn login_succeeded(&mut self, account: &Account) {
        let Some(PendingLogin { id, kind, asker }) = self.accounts.pending.take() else { return };
        if let Some(asker) = asker {
            self.answer(asker, Ok(json!({ "type": "apiKey" })));
        }
        let id = (kind != Kind::ApiKey).then_some(id);
        self.completed(id.as_ref(), None);
        self.account_updated(Some(account));
    }

    fn login_failed(&mut self, problem: &Problem) {
        let Some(PendingLogin { id, kind, asker }) = self.accounts.pending.take() else { return };
        let sentence = failure::sentence(problem);
        match (asker, kind) {
            (Some(asker), Kind::DeviceCode) if problem.kind == ProblemKind::NoDeviceCodes => {
                self.answer(asker, Err(Fault::invalid(NO_CODES)));
            }
            (Some(asker), Kind::DeviceCode) => {
                let message = format!("failed to request device code: {}", problem.message);
                self.answer(asker, Err(Fault::internal(message)));
            }
            (Some(asker), Kind::ApiKey) => {
                let message = format!("failed to save api key: {sentence}");
                self.answer(asker, Err(Fault::internal(message)));
            }
            (Some(asker), Kind::Browser) => {
                let message = format!("failed to start login server: {sentence}");
                self.answer(asker, Err(Fault::internal(message)));
            }
            (None, Kind::Browser) => {
                let error = format!("Login server error: {}", problem.message);
                self.completed(Some(&id), Some(error));
            }
            (None, Kind::ApiKey | Kind::DeviceCode) => {
                self.completed(Some(&id), Some(problem.message.clone()));
            }
        }
    }

    /// The engine wants other tokens of the client's: whoever is there is asked.
    pub(super) fn tokens_wanted(&mut self, request: u64, account: Option<&str>) {
        let params = json!({ "reason": "unauthorized", "previousAccountId": account });
        self.request(Subject::Tokens(request), "account/chatgptAuthTokens/refresh", params);
    }

    /// The first answer counts, and an error as much as any.
    pub(super) fn tokens_given(&mut self, request: u64, result: Result<Value, Fault>) {
        let tokens = match result {
            Ok(result) => serde_json::from_value::<Tokens>(result)
                .map(ClientTokens::from)
                .map_err(|_error| "the answer holds no tokens".to_owned()),
            // What the client says of it may hold anything.
            Err(fault) => Err(format!("code={}", fault.code)),
        };
        let command = AccountCommand::GiveTokens { request, tokens };
        self.engine.send(Command::Account(command));
    }
}
