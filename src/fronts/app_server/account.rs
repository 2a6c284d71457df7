//! The account: who is signed in, signing out, and what is left of the plan.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    Account, AccountCommand, AccountKind, AccountList, Command, CredentialSource,
    CredentialStanding, Limits, Problem, ProviderId, Reply,
};

use super::connection::Asker;
use super::events::rate_limits as limits_json;
use super::failure;
use super::login::PendingLogin;
use super::methods::{Nothing, Params};
use super::server::Server;
use super::wire::Fault;

/// What the server knows of accounts and sign-ins: they belong to it, not to a connection.
#[derive(Debug, Default)]
pub struct Accounts {
    /// The sign-in that is under way.
    pub pending: Option<PendingLogin>,
    /// What was told last of the plan.
    pub limits: Option<Limits>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadAccount {
    refresh_token: bool,
}

impl Params for ReadAccount {}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthStatus {
    refresh_token: Option<bool>,
}

impl Params for AuthStatus {}

pub fn read(server: &mut Server, asker: Asker, params: ReadAccount) {
    let needs_openai = server.setup.needs_openai();
    list(server, params.refresh_token, move |server, result| {
        let answer = result.map(|account| {
            let account = account.filter(|_| needs_openai).map(|account| account_json(&account));
            json!({
                "account": account, "requiresOpenaiAuth": needs_openai, "userId": null,
                "workspaceRouting": null,
            })
        });
        server.answer(asker, answer.map_err(|problem| failure::fault(&problem)));
    });
}

/// The older way to ask who is signed in. Tokens are told to nobody.
pub fn auth_status(server: &mut Server, asker: Asker, params: AuthStatus) {
    let needs_openai = server.setup.needs_openai();
    list(server, params.refresh_token.unwrap_or_default(), move |server, result| {
        let answer = result.map(|account| {
            json!({
                "authMethod": account.as_ref().map(mode), "authToken": null,
                "requiresOpenaiAuth": needs_openai,
            })
        });
        server.answer(asker, answer.map_err(|problem| failure::fault(&problem)));
    });
}

/// The account that requests to OpenAI use.
fn list(
    server: &mut Server,
    renewed: bool,
    then: impl FnOnce(&mut Server, Result<Option<Account>, Problem>) + 'static,
) {
    let command = if renewed { AccountCommand::Renew } else { AccountCommand::List };
    server.ask(Command::Account(command), move |server, reply| {
        let account = reply.map(|reply| match reply {
            Reply::Accounts(list) => in_use(&list).cloned(),
            _ => None,
        });
        then(server, account);
    });
}

fn in_use(list: &AccountList) -> Option<&Account> {
    list.accounts.iter().find(|account| {
        account.provider.is_openai() && account.standing == CredentialStanding::Wins
    })
}

fn account_json(account: &Account) -> Value {
    match &account.kind {
        AccountKind::ChatGpt { email, .. } => json!({
            "type": "chatgpt", "email": email, "planType": plan(account), "workspaceName": null,
        }),
        _ => json!({ "type": "apiKey" }),
    }
}

/// `apikey`, `chatgpt`, or `chatgptAuthTokens` for tokens that a client owns.
fn mode(account: &Account) -> &'static str {
    match (&account.kind, &account.source) {
        (AccountKind::ChatGpt { .. }, CredentialSource::Client) => "chatgptAuthTokens",
        (AccountKind::ChatGpt { .. }, _) => "chatgpt",
        _ => "apikey",
    }
}

/// The plans that the protocol has words for.
const PLANS: [&str; 19] = [
    "free",
    "go",
    "plus",
    "pro",
    "prolite",
    "promax",
    "team",
    "self_serve_business_prolite",
    "self_serve_business_usage_based",
    "business",
    "ent26",
    "enterprise_cbp_automation",
    "enterprise_cbp_usage_based",
    "enterprise",
    "edu",
    "edu_plus",
    "edu_pro",
    "sci",
    "sci_plus",
];

/// `None` for a key, which has no plan.
fn plan(account: &Account) -> Option<&'static str> {
    let AccountKind::ChatGpt { plan, .. } = &account.kind else { return None };
    let known = PLANS.into_iter().find(|known| plan.as_deref() == Some(known));
    Some(known.unwrap_or("unknown"))
}

impl Server {
    /// Tells everybody who is signed in from now on.
    pub(super) fn account_updated(&mut self, account: Option<&Account>) {
        self.models.forget();
        self.accounts.limits = None;
        let params = json!({ "authMode": account.map(mode), "planType": account.and_then(plan) });
        self.broadcast("account/updated", params);
    }

    /// The same, once the engine has said who that is.
    pub(super) fn tell_account(&mut self) {
        list(self, false, |server, account| {
            server.account_updated(account.ok().flatten().as_ref());
        });
    }
}

pub fn logout(server: &mut Server, asker: Asker, _none: Nothing) {
    server.cancel_pending();
    let command = AccountCommand::SignOut(ProviderId::openai());
    server.ask(Command::Account(command), move |server, reply| match reply {
        Ok(_) => {
            server.answer(asker, Ok(json!({})));
            server.tell_account();
        }
        Err(problem) => {
            let message = format!("logout failed: {}", failure::sentence(&problem));
            server.answer(asker, Err(Fault::internal(message)));
        }
    });
}

/// What the last request told, or what the server is asked now.
pub fn rate_limits(server: &mut Server, asker: Asker, _none: Nothing) {
    list(server, false, move |server, account| {
        let is_chatgpt = matches!(
            account.ok().flatten().map(|account| account.kind),
            Some(AccountKind::ChatGpt { .. })
        );
        let refusal = (!is_chatgpt)
            .then(|| Fault::invalid("chatgpt authentication required to read rate limits"));
        if let Some(fault) = refusal {
            return server.answer(asker, Err(fault));
        }
        server.ask(Command::Account(AccountCommand::Limits), move |server, reply| {
            let result = match reply {
                Ok(Reply::Limits(limits)) => {
                    server.accounts.limits = Some(limits.clone());
                    let limits = limits_json(&limits);
                    Ok(json!({
                        "rateLimits": limits, "rateLimitsByLimitId": { "codex": limits },
                    }))
                }
                Ok(_) => Ok(json!({ "rateLimits": limits_json(&Limits::default()) })),
                Err(problem) => Err(Fault::internal(format!(
                    "failed to fetch codex rate limits: {}",
                    failure::sentence(&problem)
                ))),
            };
            server.answer(asker, result);
        });
    });
}
