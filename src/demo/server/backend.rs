//! The endpoints of the ChatGPT and API origins: models, usage, and the model itself.

use serde_json::{Value, json};

use super::check;
use super::misbehave;
use super::offer;
use super::record::SeenRequest;
use super::shared::Shared;
use super::tool_search;
use crate::demo::accounts::issuer::Refused;
use crate::demo::accounts::jwt;
use crate::demo::answer::ScriptedAnswer;
use crate::demo::brain;

/// Minutes of the two windows a plan is limited by.
const WINDOWS: [u64; 2] = [300, 10_080];

/// Set by an answer and echoed by the requests of the same turn.
pub const TURN_STATE: &str = "x-codex-turn-state";

/// `GET /backend-api/codex/models`
pub fn codex_models(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    match chatgpt_only(shared, request) {
        Ok(()) => {
            ScriptedAnswer::json(&shared.options.catalogue.codex_list(shared.options.context))
                .header("etag", "\"stand-in\"")
        }
        Err(refused) => refused.answer(),
    }
}

/// `GET /v1/models`
pub fn api_models(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    match key_only(shared, request) {
        Ok(()) => ScriptedAnswer::json(&shared.options.catalogue.api_list(shared.options.context)),
        Err(refused) => refused.answer(),
    }
}

/// `GET /backend-api/wham/usage`
pub fn usage(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    if let Err(refused) = chatgpt_only(shared, request) {
        return refused.answer();
    }
    let person = &shared.options.person;
    let window = |index: usize| {
        json!({
            "used_percent": shared.options.used_percent[index],
            "limit_window_seconds": WINDOWS[index] * 60,
            "reset_after_seconds": WINDOWS[index] * 30,
            "reset_at": resets(shared, index),
        })
    };
    ScriptedAnswer::json(&json!({
        "user_id": "user-stand-in",
        "account_id": person.account,
        "email": person.email,
        "plan_type": person.plan,
        "rate_limit": { "allowed": true, "limit_reached": false, "primary_window": window(0), "secondary_window": window(1) },
        "additional_rate_limits": [],
        "credits": { "has_credits": false, "unlimited": false, "balance": "0" },
    }))
}

/// `POST /backend-api/codex/responses`
pub fn codex_responses(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let body = request.json();
    let allowed = chatgpt_only(shared, request)
        .and_then(|()| acceptable(&body))
        .and_then(|()| unstored(&body));
    match allowed {
        Ok(()) => {
            with_turn_state(request, with_limits(shared, next_answer(shared, request, &body)))
        }
        Err(refused) => refused.answer(),
    }
}

/// `POST /v1/responses`
pub fn api_responses(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let body = request.json();
    match key_only(shared, request).and_then(|()| acceptable(&body)) {
        Ok(()) => next_answer(shared, request, &body),
        Err(refused) => refused.answer(),
    }
}

/// The script, and once it is through the rule-driven model.
fn next_answer(shared: &Shared, request: &SeenRequest, body: &Value) -> ScriptedAnswer {
    let scripted = shared.state().next_scripted(body);
    let answer = scripted.unwrap_or_else(|| match misbehave::asked_for(body) {
        Some(fault) => shared.write(fault.answer()),
        None => shared.write(ScriptedAnswer::sse(brain::answer(body)).paced(shared.options.pace)),
    });
    answer.header("x-request-id", format!("req_{:06}", request.number))
}

/// Refuses the requests that a server turns down before any model sees them.
fn acceptable(body: &Value) -> Result<(), Refused> {
    let Some(input) = body["input"].as_array() else {
        return bad("The body is not JSON with an `input` array");
    };
    if body["model"].as_str().is_none_or(str::is_empty) {
        return bad("`model` is missing");
    }
    if body["stream"] != true {
        return bad("The stand-in answers with a stream only: set `stream` to true");
    }
    check::calls_have_outputs(input)
        .and_then(|()| offer::well_formed(body))
        .and_then(|()| tool_search::is_well_formed(body))
        .or_else(|reason| bad(&reason))
}

/// A rule of the ChatGPT endpoint only.
fn unstored(body: &Value) -> Result<(), Refused> {
    if body["store"] == false { Ok(()) } else { bad("`store` must be set to false") }
}

fn bad(message: &str) -> Result<(), Refused> {
    Err(Refused { status: 400, code: "invalid_request_error", message: message.into() })
}

fn chatgpt_only(shared: &Shared, request: &SeenRequest) -> Result<(), Refused> {
    let now = shared.now();
    let mut state = shared.state();
    if !request.bearer().is_some_and(|token| state.issuer.is_live(token, now)) {
        let message = "Your authentication token has expired or is not valid".into();
        return Err(Refused { status: 401, code: "token_expired", message });
    }
    if let (Some(sent), Some(own)) =
        (request.header("chatgpt-account-id"), &shared.options.person.account)
        && sent != own
    {
        state.violations.push(format!(
            "request {} ({}) carries another account's id",
            request.number, request.path
        ));
    }
    Ok(())
}

fn key_only(shared: &Shared, request: &SeenRequest) -> Result<(), Refused> {
    let key = request.bearer().unwrap_or_default();
    if key.starts_with("sk-demo") || shared.options.keys.iter().any(|known| known == key) {
        return Ok(());
    }
    Err(Refused {
        status: 401,
        code: "invalid_api_key",
        message: "Incorrect API key provided".into(),
    })
}

fn with_limits(shared: &Shared, answer: ScriptedAnswer) -> ScriptedAnswer {
    let mut answer = answer;
    for (index, name) in ["primary", "secondary"].into_iter().enumerate() {
        let values = [
            ("used-percent", shared.options.used_percent[index].to_string()),
            ("window-minutes", WINDOWS[index].to_string()),
            ("reset-at", resets(shared, index).to_string()),
        ];
        for (field, value) in values {
            let header = format!("x-codex-{name}-{field}");
            // The limits that a script sets itself stand.
            if !answer.headers.iter().any(|(known, _)| *known == header) {
                answer = answer.header(&header, value);
            }
        }
    }
    answer
}

/// A turn's first answer names its state, and the client repeats it until the turn is over.
fn with_turn_state(request: &SeenRequest, answer: ScriptedAnswer) -> ScriptedAnswer {
    if answer.status != 200
        || request.header(TURN_STATE).is_some()
        || answer.headers.iter().any(|(known, _)| known == TURN_STATE)
    {
        return answer;
    }
    answer.header(TURN_STATE, format!("turn_{:04}", request.number))
}

/// When a window ends: epoch seconds, half a window from now.
fn resets(shared: &Shared, index: usize) -> i64 {
    let half = WINDOWS[index] * 30;
    shared.now().0 / 1000 + i64::try_from(half).unwrap_or(0)
}

/// A key the stand accepts, unlike any other.
pub fn key() -> String {
    format!("sk-demo-{}", jwt::random_text(18))
}
