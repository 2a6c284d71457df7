//! The laws every conversation must keep, checked over all the requests that came.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::backend::TURN_STATE;
use super::offer;
use super::record::SeenRequest;
use super::tool_search;
use crate::demo::accounts::issuer::Issuer;
use crate::demo::options::Options;

/// One sentence for each law that a request broke.
pub fn violations(requests: &[SeenRequest], issuer: &Issuer, options: &Options) -> Vec<String> {
    let mut found = issuer.violations().to_vec();
    let mut secrets: HashSet<&str> =
        issuer.secrets().chain(options.keys.iter().map(String::as_str)).collect();
    secrets.extend(requests.iter().filter_map(SeenRequest::bearer));
    secrets.retain(|secret| !secret.is_empty());
    for request in requests {
        let name = format!("request {} ({} {})", request.number, request.method, request.path);
        if secrets
            .iter()
            .any(|secret| request.query.contains(secret) || request.path.contains(secret))
        {
            found.push(format!("{name} has a token or a key in its address"));
        }
        found.extend(
            credential_out_of_place(request, issuer).map(|what| format!("{name} carries {what}")),
        );
        if request.is_responses() {
            if secrets.iter().any(|secret| request.body.contains(secret)) {
                found.push(format!("{name} has a token or a key in its body"));
            }
            let (input, body) = (request.input(), request.json());
            let laws = [
                calls_have_outputs(&input),
                tool_search::is_well_formed(&body),
                outputs_keep_the_order(&input),
                compactions_are_asked_for_as_such(request, &input),
                offer::well_formed(&body),
                offer::fits_the_model(&body, options.catalogue),
            ];
            found.extend(
                laws.into_iter().filter_map(Result::err).map(|what| format!("{name}: {what}")),
            );
        }
    }
    found.extend(sessions(requests));
    found.extend(turn_states(requests));
    found
}

/// Each call has exactly one output, after it, and each output a call, before it. A name may come
/// again once its call was answered.
///
/// # Errors
///
/// Fails with OpenAI's sentence about the first call or output that has no counterpart.
pub fn calls_have_outputs(input: &[Value]) -> Result<(), String> {
    let mut open = Vec::new();
    let mut answered = HashSet::new();
    for item in input {
        let kind = item["type"].as_str().unwrap_or_default();
        let call = item["call_id"].as_str().unwrap_or_default();
        match kind {
            "function_call" | "custom_tool_call" | "tool_search_call" => {
                if open.contains(&(call, kind)) {
                    return Err(format!("Duplicate function call {call}"));
                }
                open.push((call, kind));
            }
            "function_call_output" | "custom_tool_call_output" | "tool_search_output" => {
                let wanted = match kind {
                    "tool_search_output" => (call, "tool_search_call"),
                    _ => (call, kind.trim_end_matches("_output")),
                };
                let Some(at) = open.iter().position(|known| *known == wanted) else {
                    return Err(match answered.contains(call) {
                        true => format!("More than one tool output for function call {call}"),
                        false => format!(
                            "No tool call found for function call output with call_id {call}"
                        ),
                    });
                };
                open.remove(at);
                answered.insert(call);
            }
            _ => {}
        }
    }
    match open.first() {
        Some((call, _)) => Err(format!("No tool output found for function call {call}")),
        None => Ok(()),
    }
}

/// Calls are answered in the order they were made.
fn outputs_keep_the_order(input: &[Value]) -> Result<(), String> {
    let mut open = VecDeque::new();
    for item in input {
        let call = item["call_id"].as_str().unwrap_or_default();
        match item["type"].as_str().unwrap_or_default() {
            "function_call" | "custom_tool_call" | "tool_search_call" => open.push_back(call),
            "function_call_output" | "custom_tool_call_output" | "tool_search_output" => {
                if let Some(due) = open.pop_front().filter(|due| *due != call) {
                    return Err(format!(
                        "the output of {call} comes before that of {due}, which was called first"
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The trigger is the last item, and a request of a ChatGPT account that has to do with compaction
/// says so in its head.
fn compactions_are_asked_for_as_such(request: &SeenRequest, input: &[Value]) -> Result<(), String> {
    let is = |item: &Value, kind: &str| item["type"] == kind;
    if input.iter().rev().skip(1).any(|item| is(item, "compaction_trigger")) {
        return Err("the compaction_trigger is not the last item".into());
    }
    let has_to_do =
        input.iter().any(|item| is(item, "compaction") || is(item, "compaction_trigger"));
    let is_said = request.header("x-codex-beta-features") == Some("remote_compaction_v2");
    if request.path.starts_with("/backend-api/") && has_to_do != is_said {
        return Err(format!(
            "x-codex-beta-features is {:?}",
            request.header("x-codex-beta-features")
        ));
    }
    Ok(())
}

fn credential_out_of_place(request: &SeenRequest, issuer: &Issuer) -> Option<&'static str> {
    let token = request.bearer()?;
    // A JWT begins with the base64 of `{"`.
    let chatgpt = issuer.knows_access(token) || token.starts_with("eyJ");
    if request.path.starts_with("/backend-api/") && !chatgpt {
        return Some("an API key to the ChatGPT origin");
    }
    if request.path.starts_with("/v1/") && chatgpt {
        return Some("a ChatGPT token to the API origin");
    }
    let auth = ["/oauth/", "/api/accounts/", "/codex/"]
        .iter()
        .any(|start| request.path.starts_with(start));
    auth.then_some("a bearer token to the auth origin")
}

/// A request whose conversation continues an earlier one's comes under the same `session-id`, which
/// is also its prompt cache key.
fn sessions(requests: &[SeenRequest]) -> Vec<String> {
    let mut found = Vec::new();
    let mut earlier: Vec<(Vec<Value>, String)> = Vec::new();
    for request in requests.iter().filter(|request| request.is_responses()) {
        let body = request.json();
        let key = body["prompt_cache_key"].as_str();
        let Some(session) = request.header("session-id").or(key) else {
            if request.path.starts_with("/backend-api/") {
                found.push(format!("request {} has no session-id", request.number));
            }
            continue;
        };
        if key.is_some_and(|key| key != session) {
            found.push(format!(
                "request {} has a prompt_cache_key that is not its session-id",
                request.number
            ));
        }
        let input = request.input();
        // Two sessions may begin with the same words: it is enough that one of those continued is
        // of this session.
        let mut continued = earlier
            .iter()
            .filter(|(start, _)| start.len() < input.len() && input.starts_with(start))
            .peekable();
        if continued.peek().is_some() && !continued.any(|(_, known)| known == session) {
            found.push(format!(
                "request {} goes on with a conversation under another session-id",
                request.number
            ));
        }
        if !input.is_empty() {
            earlier.push((input, session.to_owned()));
        }
    }
    found
}

/// A request that brings outputs goes on with a turn, and repeats the state that the turn's answers
/// named.
fn turn_states(requests: &[SeenRequest]) -> Vec<String> {
    let mut found = Vec::new();
    let mut last: HashMap<&str, (usize, Option<&str>)> = HashMap::new();
    for request in requests.iter().filter(|request| request.is_responses()) {
        let Some(session) = request.header("session-id") else { continue };
        let input = request.input();
        let (known, state) = last.get(session).copied().unwrap_or_default();
        let news = input.get(known..).unwrap_or_default();
        let goes_on = news
            .iter()
            .any(|item| item["type"].as_str().is_some_and(|kind| kind.ends_with("_output")));
        let sent = request.header(TURN_STATE);
        if goes_on && state.is_some() && sent != state {
            found.push(format!(
                "request {} does not repeat the {TURN_STATE} of its turn",
                request.number
            ));
        }
        let state = request.answered_header(TURN_STATE).or(if goes_on { state } else { sent });
        last.insert(session, (input.len(), state));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;
    use crate::base::Timestamp;
    use crate::demo::accounts::jwt::Person;

    fn call(id: &str) -> Value {
        json!({ "type": "function_call", "call_id": id })
    }

    fn output(id: &str) -> Value {
        json!({ "type": "function_call_output", "call_id": id })
    }

    #[test]
    fn every_call_has_one_output_after_it() {
        let user = json!({ "role": "user", "content": "hi" });
        let good = [
            vec![],
            vec![user.clone()],
            vec![user, call("a"), call("b"), output("a"), output("b")],
            vec![call("a"), output("a"), call("b"), output("b")],
            vec![call("a"), output("a"), call("a"), output("a")],
        ];
        for input in good {
            assert_eq!(calls_have_outputs(&input), Ok(()), "{input:?}");
        }
        let custom = json!({ "type": "custom_tool_call", "call_id": "a" });
        let bad = [
            vec![call("a")],
            vec![output("a")],
            vec![output("a"), call("a")],
            vec![call("a"), output("a"), output("a")],
            vec![call("a"), call("a"), output("a")],
            vec![call("a"), output("a"), call("a")],
            vec![custom, output("a")],
        ];
        for input in bad {
            assert!(calls_have_outputs(&input).is_err(), "{input:?}");
        }
    }

    fn request(path: &str, query: &str, bearer: &str, session: &str, input: Value) -> SeenRequest {
        SeenRequest {
            number: 0,
            at: Instant::now(),
            method: "POST".into(),
            path: path.into(),
            query: query.into(),
            headers: vec![
                ("authorization".into(), format!("Bearer {bearer}")),
                ("session-id".into(), session.into()),
            ],
            body: json!({ "input": input }).to_string(),
            status: None,
            answered: Vec::new(),
            ended: None,
        }
    }

    #[test]
    fn a_turn_repeats_its_state_and_the_next_turn_begins_anew() {
        let hi = json!({ "role": "user", "content": "hi" });
        let steps = [
            json!([hi]),
            json!([hi, call("a"), output("a")]),
            json!([hi, call("a"), output("a"), hi]),
        ];
        let count = |echoes: [Option<&str>; 3]| {
            let mut requests: Vec<_> = steps
                .iter()
                .map(|input| request("/v1/responses", "", "sk-1", "s", input.clone()))
                .collect();
            requests[0].answered = vec![(TURN_STATE.into(), "one".into())];
            for (request, echo) in requests.iter_mut().zip(echoes) {
                request.headers.extend(echo.map(|echo| (TURN_STATE.to_owned(), echo.to_owned())));
            }
            turn_states(&requests).len()
        };
        assert_eq!(count([None, Some("one"), None]), 0);
        assert_eq!(count([None, None, None]), 1);
        assert_eq!(count([None, Some("two"), None]), 1);
    }

    #[test]
    fn each_broken_law_is_named() {
        let codex = "/backend-api/codex/responses";
        let mut issuer =
            Issuer::new(Person::default(), "http://127.0.0.1:1".into(), Duration::from_secs(60));
        let token = issuer.issue(Timestamp(0)).access;
        let hi = json!([{ "role": "user", "content": "hi" }]);
        let more =
            json!([{ "role": "user", "content": "hi" }, { "role": "user", "content": "more" }]);
        let check = |requests: &[SeenRequest]| {
            violations(requests, &issuer, &Options::default()).join("\n")
        };
        let cases = [
            (
                vec![
                    request(codex, "", &token, "s", hi.clone()),
                    request(codex, "", &token, "s", more.clone()),
                ],
                "",
            ),
            (vec![request(codex, "", "sk-1", "s", hi.clone())], "an API key to the ChatGPT origin"),
            (
                vec![request("/v1/responses", "", &token, "s", hi.clone())],
                "a ChatGPT token to the API origin",
            ),
            (vec![request("/oauth/revoke", "", &token, "s", hi.clone())], "to the auth origin"),
            (vec![request(codex, &token, &token, "s", hi.clone())], "in its address"),
            (vec![request(codex, "", &token, "s", json!([{ "content": token }]))], "in its body"),
            (vec![request(codex, "", &token, "s", json!([call("a")]))], "No tool output found"),
            (
                vec![request(
                    codex,
                    "",
                    &token,
                    "s",
                    json!([call("a"), call("b"), output("b"), output("a")]),
                )],
                "comes before that of a",
            ),
            (
                vec![request(codex, "", &token, "s", hi), request(codex, "", &token, "t", more)],
                "another session-id",
            ),
        ];
        for (requests, said) in cases {
            let found = check(&requests);
            assert!(
                if said.is_empty() { found.is_empty() } else { found.contains(said) },
                "{said:?}: {found:?}"
            );
        }
    }
}
