//! The account: who is signed in, signing out, and how much of the plan is left.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    Account, AccountCommand, AccountKind, Command, CredentialSource, Limit, Limits, Problem,
    ProviderId, Reply,
};

use super::login;
use super::pending_login::Accounts;
use crate::app_server::outside::Outside;
use crate::app_server::request::params::{Nothing, seconds};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::sentence;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadAccount {
    refresh_token: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthStatus {
    refresh_token: Option<bool>,
}

pub fn read(outside: &mut Outside, asker: Asker, params: ReadAccount) {
    let needs_openai = outside.setup.needs_openai();
    list(outside, params.refresh_token, move |outside, result| {
        let answer = result.map(|account| {
            let account = account.filter(|_| needs_openai).map(|account| account_json(&account));
            json!({
                "account": account, "requiresOpenaiAuth": needs_openai, "userId": null,
                "workspaceRouting": null,
            })
        });
        outside.answer(asker, answer.map_err(Fault::from));
    });
}

/// Answers the older request for who is signed in. Tokens are never revealed.
pub fn auth_status(outside: &mut Outside, asker: Asker, params: AuthStatus) {
    let needs_openai = outside.setup.needs_openai();
    list(outside, params.refresh_token.unwrap_or_default(), move |outside, result| {
        let answer = result.map(|account| {
            json!({
                "authMethod": account.as_ref().map(mode), "authToken": null,
                "requiresOpenaiAuth": needs_openai,
            })
        });
        outside.answer(asker, answer.map_err(Fault::from));
    });
}

/// Looks up the account that requests to OpenAI use.
fn list(
    outside: &mut Outside,
    renewed: bool,
    then: impl FnOnce(&mut Outside, Result<Option<Account>, Problem>) + 'static,
) {
    let command = if renewed { AccountCommand::Renew } else { AccountCommand::List };
    outside.ask(Command::Account(command), move |outside, reply| {
        let account = reply.map(|reply| match reply {
            Reply::Accounts(list) => list.in_use().cloned(),
            _ => None,
        });
        then(outside, account);
    });
}

fn account_json(account: &Account) -> Value {
    match &account.kind {
        AccountKind::ChatGpt { email, .. } => json!({
            "type": "chatgpt", "email": email, "planType": plan(account), "workspaceName": null,
        }),
        _ => json!({ "type": "apiKey" }),
    }
}

/// Returns `apikey`, `chatgpt`, or `chatgptAuthTokens` for tokens that a client owns.
fn mode(account: &Account) -> &'static str {
    match (&account.kind, &account.source) {
        (AccountKind::ChatGpt { .. }, CredentialSource::Client) => "chatgptAuthTokens",
        (AccountKind::ChatGpt { .. }, _) => "chatgpt",
        _ => "apikey",
    }
}

/// The plans that the protocol has names for.
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

/// Returns the account's plan; `None` for a key, which has no plan.
fn plan(account: &Account) -> Option<&'static str> {
    let AccountKind::ChatGpt { plan, .. } = &account.kind else { return None };
    let known = PLANS.into_iter().find(|known| plan.as_deref() == Some(known));
    Some(known.unwrap_or("unknown"))
}

/// Tells every client which account is in use from now on.
pub fn updated(outside: &mut Outside, account: Option<&Account>) {
    outside.host.models.forget();
    let params = json!({ "authMode": account.map(mode), "planType": account.and_then(plan) });
    outside.broadcast("account/updated", params);
}

/// Does the same after asking the engine which account that is.
pub fn notify(outside: &mut Outside) {
    list(outside, false, |outside, account| {
        updated(outside, account.ok().flatten().as_ref());
    });
}

pub fn logout(accounts: &mut Accounts, outside: &mut Outside, asker: Asker, _none: Nothing) {
    login::cancel_pending(accounts, outside);
    let command = AccountCommand::SignOut(ProviderId::openai());
    outside.ask(Command::Account(command), move |outside, reply| match reply {
        Ok(_) => {
            outside.answer(asker, Ok(json!({})));
            notify(outside);
        }
        Err(problem) => {
            let message = format!("logout failed: {}", sentence(&problem));
            outside.answer(asker, Err(Fault::internal(message)));
        }
    });
}

/// Answers with the limits that the last request reported, or else asks the provider for them now.
pub fn rate_limits(outside: &mut Outside, asker: Asker, _none: Nothing) {
    list(outside, false, move |outside, account| {
        let is_chatgpt = matches!(
            account.ok().flatten().map(|account| account.kind),
            Some(AccountKind::ChatGpt { .. })
        );
        let refusal = (!is_chatgpt)
            .then(|| Fault::invalid("chatgpt authentication required to read rate limits"));
        if let Some(fault) = refusal {
            return outside.answer(asker, Err(fault));
        }
        outside.ask(Command::Account(AccountCommand::Limits), move |outside, reply| {
            let result = match reply {
                Ok(Reply::Limits(limits)) => {
                    let limits = limits_json(&limits);
                    Ok(json!({
                        "rateLimits": limits, "rateLimitsByLimitId": { "codex": limits },
                    }))
                }
                Ok(_) => Ok(json!({ "rateLimits": limits_json(&Limits::default()) })),
                Err(problem) => Err(Fault::internal(format!(
                    "failed to fetch codex rate limits: {}",
                    sentence(&problem)
                ))),
            };
            outside.answer(asker, result);
        });
    });
}

/// Tells every client how much of the plan is left.
pub fn limits_changed(outside: &Outside, limits: &Limits) {
    let params = json!({ "rateLimits": limits_json(limits) });
    outside.broadcast("account/rateLimits/updated", params);
}

/// The limits of a plan in the protocol's words.
pub fn limits_json(limits: &Limits) -> Value {
    json!({
        "limitId": "codex", "limitName": null, "primary": limits.primary.map(window),
        "secondary": limits.secondary.map(window), "credits": null, "planType": null,
    })
}

fn window(limit: Limit) -> Value {
    json!({
        "usedPercent": limit.used_percent.round() as i64,
        "windowDurationMins": limit.window_minutes, "resetsAt": limit.resets.map(seconds),
    })
}
