//! Signing in: with a key, in a browser, with a device code, and with tokens that the client owns.
//! At most one sign-in is under way; it belongs to the server, and continues after the client that
//! began it is gone.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::base::Secret;
use crate::protocol::{
    Account, AccountCommand, ClientTokens, Command, KeyCheck, Problem, ProblemKind, ProviderId,
    SignInId, SignInLifetime, SignInStep, SignInWay,
};

use super::account;
use super::pending_login::{Accounts, LoginKind, PendingLogin};
use crate::app_server::outside::Outside;
use crate::app_server::request::failure;
use crate::app_server::request::params::Gated;
use crate::app_server::thread::news::Subject;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::{Machine, sentence};

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

/// A key that is kept out of debug output.
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

impl Gated for StartLogin {
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

const EXTERNAL: &str = "External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it.";
const NO_CODES: &str = "device code login is not enabled for this Codex server. Use the browser login or verify the server URL.";
const NOT_COMPLETED: &str = "Login was not completed";

pub fn start(outside: &mut Outside, asker: Asker, params: StartLogin) {
    match params {
        StartLogin::ApiKey { api_key } => {
            begin(outside, asker, LoginKind::ApiKey, SignInWay::ApiKey(Secret::new(api_key.0)));
        }
        StartLogin::Chatgpt => begin(outside, asker, LoginKind::Browser, SignInWay::Browser),
        StartLogin::ChatgptDeviceCode => {
            begin(outside, asker, LoginKind::DeviceCode, SignInWay::Headless);
        }
        StartLogin::ChatgptAuthTokens(tokens) => hold(outside, asker, tokens),
        StartLogin::AmazonBedrock => {
            let message = "unknown variant `amazonBedrock`, expected one of `apiKey`, `chatgpt`, `chatgptDeviceCode`, `chatgptAuthTokens`";
            outside.answer(asker, Err(Fault::unreadable(message)));
        }
    }
}

/// Begins a sign-in. One that is already under way is replaced and reported as not completed.
fn begin(outside: &mut Outside, asker: Asker, kind: LoginKind, way: SignInWay) {
    let id = SignInId::new(Uuid::now_v7().to_string());
    let sign_in = AccountCommand::SignIn {
        attempt: id.clone(),
        provider: ProviderId::openai(),
        way,
        check: KeyCheck::Skip,
        lifetime: SignInLifetime::Engine,
    };
    let command = Command::Account(sign_in);
    Accounts::ask(outside, command, move |accounts, outside, reply| match reply {
        Ok(_) => {
            let pending = PendingLogin { id, kind, asker: Some(asker) };
            let earlier = accounts.pending.replace(pending);
            if let Some(earlier) = earlier {
                not_completed(outside, earlier);
            }
        }
        Err(problem) => outside.answer(asker, Err(refusal(&problem))),
    });
}

fn refusal(problem: &Problem) -> Fault {
    match problem.kind {
        ProblemKind::TokensHeld => Fault::invalid(EXTERNAL),
        ProblemKind::SignInForbidden => Fault::invalid(forbidden(problem)),
        _ => failure::fault(problem),
    }
}

/// The settings' prohibition in the words that clients know.
fn forbidden(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{}. {next}.", problem.message),
        None => format!("{}.", problem.message),
    }
}

fn hold(outside: &mut Outside, asker: Asker, tokens: Tokens) {
    let command = Command::Account(AccountCommand::HoldTokens(tokens.into()));
    Accounts::ask(outside, command, move |accounts, outside, reply| match reply {
        Ok(_) => {
            outside.answer(asker, Ok(json!({ "type": "chatgptAuthTokens" })));
            if let Some(earlier) = accounts.pending.take() {
                not_completed(outside, earlier);
            }
            completed(outside, None, None);
            account::notify(outside);
        }
        Err(problem) if problem.kind == ProblemKind::SignInForbidden => {
            outside.answer(asker, Err(Fault::invalid(forbidden(&problem))));
        }
        Err(problem) => {
            let message = format!("failed to set external auth: {}", problem.message);
            outside.answer(asker, Err(Fault::internal(message)));
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

pub fn cancel(accounts: &mut Accounts, outside: &mut Outside, asker: Asker, params: CancelLogin) {
    if Uuid::try_parse(&params.login_id).is_err() {
        let message = format!("invalid login id: {}", params.login_id);
        return outside.refuse(asker, message);
    }
    match accounts.take(&params.login_id) {
        Some(pending) => {
            cancel_sign_in(outside, &pending);
            outside.answer(asker, Ok(json!({ "status": "canceled" })));
            not_completed(outside, pending);
        }
        None => outside.answer(asker, Ok(json!({ "status": "notFound" }))),
    }
}

/// Cancels the sign-in that is under way.
pub fn cancel_pending(accounts: &mut Accounts, outside: &mut Outside) {
    if let Some(pending) = accounts.pending.take() {
        cancel_sign_in(outside, &pending);
        not_completed(outside, pending);
    }
}

fn cancel_sign_in(outside: &Outside, pending: &PendingLogin) {
    outside.send(Command::Account(AccountCommand::CancelSignIn(pending.id.clone())));
}

/// Reports that a sign-in was replaced or cancelled.
fn not_completed(outside: &mut Outside, pending: PendingLogin) {
    let PendingLogin { id, kind, asker } = pending;
    match asker {
        // The client that began it has not been told its id yet.
        Some(asker) => outside.refuse(asker, NOT_COMPLETED),
        None => {
            let error = match kind {
                LoginKind::Browser => format!("Login server error: {NOT_COMPLETED}"),
                LoginKind::ApiKey | LoginKind::DeviceCode => NOT_COMPLETED.to_owned(),
            };
            completed(outside, Some(&id), Some(error));
        }
    }
}

/// Tells every client how a sign-in ended; without an error, it succeeded.
fn completed(outside: &mut Outside, id: Option<&SignInId>, error: Option<String>) {
    let params = json!({
        "loginId": id.map(SignInId::as_str), "success": error.is_none(), "error": error,
        "onboardingEntrypoint": null,
    });
    outside.broadcast("account/login/completed", params);
}

/// Handles a step of the sign-in under way; steps of other sign-ins are late and ignored.
pub fn step(accounts: &mut Accounts, outside: &mut Outside, attempt: &SignInId, step: SignInStep) {
    if !accounts.is_under_way(attempt) {
        return;
    }
    match step {
        SignInStep::Browser { url, .. } => {
            let answer = json!({ "type": "chatgpt", "loginId": attempt.as_str(), "authUrl": url });
            answer_login(accounts, outside, Ok(answer));
        }
        SignInStep::Code { url, code, .. } => {
            let answer = json!({
                "type": "chatgptDeviceCode", "loginId": attempt.as_str(),
                "verificationUrl": url, "userCode": code,
            });
            answer_login(accounts, outside, Ok(answer));
        }
        SignInStep::Completed(account) => login_succeeded(accounts, outside, &account),
        SignInStep::Failed(problem) | SignInStep::Unchecked(problem) => {
            login_failed(accounts, outside, &problem);
        }
        SignInStep::Cancelled => {
            if let Some(pending) = accounts.pending.take() {
                not_completed(outside, pending);
            }
        }
        SignInStep::Checking
        | SignInStep::Exchanging
        | SignInStep::McpSignedIn(_)
        | SignInStep::PasteRefused(_)
        | SignInStep::Reconnected
        | SignInStep::Retrying(_) => {}
    }
}

fn answer_login(accounts: &mut Accounts, outside: &mut Outside, result: Result<Value, Fault>) {
    let asker = accounts.pending.as_mut().and_then(|pending| pending.asker.take());
    if let Some(asker) = asker {
        outside.answer(asker, result);
    }
}

fn login_succeeded(accounts: &mut Accounts, outside: &mut Outside, account: &Account) {
    let Some(PendingLogin { id, kind, asker }) = accounts.pending.take() else { return };
    if let Some(asker) = asker {
        outside.answer(asker, Ok(json!({ "type": "apiKey" })));
    }
    let id = (kind != LoginKind::ApiKey).then_some(id);
    completed(outside, id.as_ref(), None);
    account::updated(outside, Some(account));
}

fn login_failed(accounts: &mut Accounts, outside: &mut Outside, problem: &Problem) {
    let Some(PendingLogin { id, kind, asker }) = accounts.pending.take() else { return };
    let sentence = sentence(problem);
    match (asker, kind) {
        (Some(asker), LoginKind::DeviceCode) if problem.kind == ProblemKind::NoDeviceCodes => {
            outside.refuse(asker, NO_CODES);
        }
        (Some(asker), LoginKind::DeviceCode) => {
            let message = format!("failed to request device code: {}", problem.message);
            outside.answer(asker, Err(Fault::internal(message)));
        }
        (Some(asker), LoginKind::ApiKey) => {
            let message = format!("failed to save api key: {sentence}");
            outside.answer(asker, Err(Fault::internal(message)));
        }
        (Some(asker), LoginKind::Browser) => {
            let message = format!("failed to start login server: {sentence}");
            outside.answer(asker, Err(Fault::internal(message)));
        }
        (None, LoginKind::Browser) => {
            let error = format!("Login server error: {}", problem.message);
            completed(outside, Some(&id), Some(error));
        }
        (None, LoginKind::ApiKey | LoginKind::DeviceCode) => {
            completed(outside, Some(&id), Some(problem.message.clone()));
        }
    }
}

/// Asks every client for tokens other than those that the engine has.
pub fn tokens_wanted(outside: &mut Outside, request: u64, account: Option<&str>) {
    let params = json!({ "reason": "unauthorized", "previousAccountId": account });
    outside.request(
        &outside.clients(),
        Subject::Tokens(request),
        "account/chatgptAuthTokens/refresh",
        params,
    );
}

/// Hands on tokens or an error, whichever answer comes first.
pub fn tokens_given(outside: &mut Outside, request: u64, result: Result<Value, Fault>) {
    let tokens = match result {
        Ok(result) => serde_json::from_value::<Tokens>(result)
            .map(ClientTokens::from)
            .map_err(|_error| "the answer holds no tokens".to_owned()),
        // The client's own text may hold anything.
        Err(fault) => Err(format!("code={}", fault.code)),
    };
    let command = AccountCommand::GiveTokens { request, tokens };
    outside.send(Command::Account(command));
}
