//! A provider of one's own: what it is sent, what of OpenAI's it is not, and how it says no.

use crate::base::Advice;
use crate::base::text::says;
use crate::protocol::{
    BaseUrl, KeyVariable, RetryAdvice, SentCredential, ToolAudience, ToolDefinition, ToolEffects,
    WireSource,
};

use super::*;

fn acme(fixture: &Fixture, path: &str) -> Api {
    let base = BaseUrl::parse(&format!("{}{path}", fixture.server.origin())).unwrap();
    let provider = Provider {
        name: "Acme".into(),
        headers: [("X-Team".to_owned(), Secret::new("tools-secret"))].into(),
        ..Provider::new("acme".into(), base, "responses".into())
    };
    fixture.api.clone().with_providers([provider].into())
}

fn access(token: &str, credential: SentCredential) -> Access {
    let kind = AccessKind::Provider { id: "acme".into(), credential };
    Access { token: Secret::new(token), kind }
}

fn with_key() -> Access {
    access("key-1", SentCredential::Key { place: "`ACME_KEY`".into() })
}

fn large() -> ModelRequest {
    ModelRequest { model: ModelRef::new("acme".into(), "large"), ..prompt(Some("st0")) }
}

#[tokio::test]
async fn it_is_sent_its_key_and_headers_and_nothing_that_is_openais() {
    let head = stream_head("x-codex-primary-used-percent: 50\r\nx-codex-turn-state: st1\r\n");
    let fixture =
        Fixture::new([vec![head, piece(&sse(&[done("hi"), completed()])), stream_end()]]).await;
    let mut deltas = Vec::new();
    let api = acme(&fixture, "/v1");
    api.request(&large(), &with_key(), |delta| deltas.push(delta)).await.unwrap();
    let request = &fixture.server.requests()[0];
    assert_eq!(request.line, "POST /v1/responses HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer key-1"));
    assert_eq!(request.header("x-team"), Some("tools-secret"));
    for name in ["originator", "session-id", "chatgpt-account-id", "x-codex-turn-state"] {
        assert_eq!(request.header(name), None, "{name}");
    }
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["model"], "large");
    for field in ["include", "reasoning", "parallel_tool_calls"] {
        assert_eq!(body.get(field), None, "{field}");
    }
    let [ModelDelta::Item(item)] = &deltas[..] else { panic!("{deltas:?}") };
    let source = WireSource { provider: "acme".into(), ..WireSource::openai() };
    assert_eq!(item.wire.as_ref().unwrap().source, source);
    assert!(!format!("{:?} {:?}", api.providers, with_key()).contains("secret"));
}

#[tokio::test]
async fn one_that_takes_no_key_is_sent_none() {
    let fixture = Fixture::new([streamed(&[completed()])]).await;
    let none = access("", SentCredential::None);
    acme(&fixture, "").request(&large(), &none, drop).await.unwrap();
    let request = &fixture.server.requests()[0];
    assert_eq!(request.line, "POST /responses HTTP/1.1");
    assert_eq!(request.header("authorization"), None);
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed_with_its_key() {
    let elsewhere = Responder::start([streamed(&[completed()])]).await;
    let moved = format!("307 Temporary\r\nlocation: {}/v1/responses", elsewhere.origin());
    let fixture = Fixture::new([answer(&moved, "")]).await;
    let error = acme(&fixture, "/v1").request(&large(), &with_key(), drop).await.unwrap_err();
    assert!(matches!(error, ModelError::Redirected { .. }), "{error:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_no_is_told_in_its_name_with_where_its_key_is_from() {
    let body = r#"{"error":{"message":"Not today","code":"C"}}"#;
    let plan = r#"{"error":{"message":"Not today","code":"usage_limit_reached"}}"#;
    let lent = |kind| access("token", SentCredential::OpenAi(Box::new(kind)));
    for (status, body, access, expected, retry) in [
        (
            "401 Unauthorized",
            body,
            with_key(),
            "Acme … not accept … `ACME_KEY`",
            RetryAdvice::Never,
        ),
        (
            "401 Unauthorized",
            body,
            access("", SentCredential::None),
            "Acme wants a key",
            RetryAdvice::Never,
        ),
        (
            "401 Unauthorized",
            body,
            lent(AccessKind::ApiKey),
            "Acme … not accept … to OpenAI",
            RetryAdvice::Never,
        ),
        (
            "401 Unauthorized",
            body,
            lent(chatgpt().kind),
            "sign-in … not accepted",
            RetryAdvice::Credential,
        ),
        (
            "403 Forbidden",
            body,
            with_key(),
            "Acme refused the request: Not today",
            RetryAdvice::Never,
        ),
        (
            "429 Too Many",
            plan,
            with_key(),
            "Acme refused the request: Not today",
            RetryAdvice::Never,
        ),
    ] {
        let fixture = Fixture::new([refused(status, "", body)]).await;
        let error = acme(&fixture, "/v1").request(&large(), &access, drop).await.unwrap_err();
        assert!(says(&error.to_string(), expected), "{status}: {error}");
        assert_eq!(error.retry(), retry, "{status}");
        assert!(!error.next_step().unwrap_or_default().contains("chatgpt.com"), "{error}");
    }
}

#[tokio::test]
async fn what_other_servers_say_in_words_of_their_own_is_understood() {
    let error = |code: &str, message: &str| {
        serde_json::json!({ "error": { "code": code, "message": message } }).to_string()
    };
    let deep = r#"{"type":"error","error":{"type":"rate_limit_error","message":"No","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let table: [(&str, &str, String, Check); 9] = [
        ("400 Bad", "", error("", "prompt is too long: 9 tokens > 8 maximum"), is_too_long),
        ("400 Bad", "", error("x", "This exceeds the model's context window"), is_too_long),
        ("400 Bad", "", error("x", "Rate limit of the context window"), |it| !is_too_long(it)),
        ("404 Not Found", "", "<html>".into(), is_wrong_address),
        ("404 Not Found", "", "404 page not found".into(), is_wrong_address),
        ("404 Not Found", "", error("model_not_found", "No such model"), |it| {
            !is_wrong_address(it)
        }),
        // No balance, which waiting does not mend.
        ("429 Too Many", "", error("1113", "Insufficient balance"), is_final),
        ("429 Too Many", "", deep.into(), is_final),
        ("429 Too Many", "\r\nx-should-retry: false", error("", "No"), is_final),
    ];
    for (status, headers, body, expected) in table {
        let fixture = Fixture::new([refused(status, headers, &body)]).await;
        let api = acme(&fixture, "/api");
        let error = api.request(&large(), &with_key(), drop).await.unwrap_err();
        assert!(expected(&error), "{status} {body}: {error:?}");
    }
    let fixture = Fixture::new([refused("404 Not Found", "", "<html>")]).await;
    let error = acme(&fixture, "/api").request(&large(), &with_key(), drop).await.unwrap_err();
    assert!(error.next_step().unwrap().contains("/api/v1`?"), "{error:?}");
}

/// Whether an error is the one that is meant.
type Check = fn(&ModelError) -> bool;

fn is_too_long(error: &ModelError) -> bool {
    matches!(error, ModelError::ContextLength {})
}

fn is_wrong_address(error: &ModelError) -> bool {
    matches!(error, ModelError::WrongAddress { .. })
}

fn is_final(error: &ModelError) -> bool {
    error.retry() == RetryAdvice::Never
}

#[tokio::test]
async fn the_public_catalogue_fills_in_what_a_list_does_not_say_once_a_day_and_gets_no_key() {
    const HOUR: u64 = 3_600;
    let list = || answer("200 OK", r#"{"data":[{"id":"large"}]}"#);
    let catalogue = r#"{"acme":{"models":{"large":{"limit":{"context":64000},"cost":{"input":1,"output":2}}}}}"#;
    let scripts = [
        list(),
        answer("200 OK\r\netag: \"v1\"", catalogue),
        list(),
        list(),
        answer("304 Not Modified", ""),
    ];
    let server = Responder::start(scripts).await;
    let (auth, chatgpt, api, models) =
        (server.origin(), server.origin(), server.origin(), Some(server.origin()));
    let origins = Origins { auth, chatgpt, api, models };
    let fixture = Fixture::at(origins, server, Duration::from_secs(20));
    let api = acme(&fixture, "/v1");
    let usual = KeyVariable { name: "ACME_API_KEY".into(), value: None };
    let mut known = api.providers().to_vec();
    known[0].usual_variable = Some(usual);
    let api = api.with_providers(known.into());
    for hours in [0, 1, 25] {
        let now = NOW + Duration::from_secs(hours * HOUR);
        let api = api.clone().with_time(Clock::standing(now), TimeZone::UTC);
        let models = api.fetch_models(&with_key()).await.unwrap();
        let prices = models[0].prices.map(|prices| (prices.input, prices.output));
        assert_eq!((models[0].context, prices), (Some(64_000), Some((1_000_000, 2_000_000))));
    }
    assert_eq!(fixture.server.left(), 0);
    let asked = fixture.server.requests();
    let of_catalogue: Vec<_> =
        asked.iter().filter(|asked| asked.line.starts_with("GET /api.json ")).collect();
    assert!(of_catalogue.iter().all(|asked| asked.header("authorization").is_none()));
    assert!(of_catalogue.iter().all(|asked| asked.header("x-team").is_none()));
    assert_eq!(of_catalogue[0].header("if-none-match"), None);
    assert_eq!(of_catalogue[1].header("if-none-match"), Some("\"v1\""));
}

#[tokio::test]
async fn an_answer_costs_what_its_model_costs() {
    let list =
        r#"{"data":[{"id":"large","pricing":{"prompt":"0.000001","completion":"0.000002"}}]}"#;
    let events = [
        serde_json::json!({"type": "response.completed", "response": {"usage": {"input_tokens": 1000, "output_tokens": 100}}}),
    ];
    let stream = streamed(&events);
    let fixture = Fixture::new([answer("200 OK", list), stream]).await;
    let api = acme(&fixture, "/v1");
    api.fetch_models(&with_key()).await.unwrap();
    let end = api.request(&large(), &with_key(), drop).await.unwrap();
    assert_eq!(end.usage.unwrap().cost, Some(1_000 + 200));
}

#[tokio::test]
async fn its_models_are_those_of_the_settings_else_those_it_names_and_they_are_kept() {
    let list = r#"{"data":[{"id":"large"},{"id":"gpt-5.5"}]}"#;
    let fixture = Fixture::new([answer("200 OK", list)]).await;
    let api = acme(&fixture, "/v1");
    let kind = with_key().kind;
    assert_eq!(api.known_models(&kind), (Vec::new(), ModelSource::BuiltIn));
    let fetched = api.fetch_models(&with_key()).await.unwrap();
    let names: Vec<_> = fetched.iter().map(|model| model.reference().to_string()).collect();
    assert_eq!(names, ["acme/large", "acme/gpt-5.5"]);
    assert_eq!(fixture.server.requests()[0].line, "GET /v1/models HTTP/1.1");
    assert_eq!(api.known_models(&kind), (fetched, ModelSource::Cache));
    let mut set = api.providers().to_vec();
    set[0].models = Some(["small".into()].into());
    let api = api.with_providers(set.into());
    let names = |models: Vec<Model>| models[0].reference().to_string();
    assert_eq!(names(api.known_models(&kind).0), "acme/small");
    assert_eq!(names(api.fetch_models(&with_key()).await.unwrap()), "acme/small");
    assert_eq!(fixture.server.requests().len(), 1, "it is not asked");
    assert_eq!(api.limits(&with_key()).await.unwrap(), Limits::default());
}

#[tokio::test]
async fn a_call_that_its_server_could_not_read_is_asked_for_once_more() {
    let failed = r#"{"error":{"message":"Failed to call a function","code":"tool_use_failed"}}"#;
    let refusal = || refused("400 Bad Request", "", failed);
    let fixture = Fixture::new([refusal(), streamed(&[completed()])]).await;
    acme(&fixture, "").request(&large(), &with_key(), drop).await.unwrap();
    assert_eq!(fixture.server.requests().len(), 2);
    let fixture = Fixture::new([refusal(), refusal()]).await;
    acme(&fixture, "").request(&large(), &with_key(), drop).await.unwrap_err();
    assert_eq!(fixture.server.requests().len(), 2, "once more, and no more");
}

#[tokio::test]
async fn a_model_that_calls_no_tools_is_sent_none() {
    let tool = ToolDefinition {
        name: "read".into(),
        description: "Reads".into(),
        parameters: r#"{"type":"object"}"#.into(),
        grammar: None,
        effects: ToolEffects::Looks,
        audience: ToolAudience::Everyone,
    };
    let request = ModelRequest { tools: [tool].into(), ..large() };
    for (list, count) in
        [(r#"[{"id":"large","supported_parameters":["stop"]}]"#, 0), (r#"[{"id":"large"}]"#, 1)]
    {
        let fixture = Fixture::new([answer("200 OK", list), streamed(&[completed()])]).await;
        let api = acme(&fixture, "");
        api.fetch_models(&with_key()).await.unwrap();
        api.request(&request, &with_key(), drop).await.unwrap();
        let body: Value = serde_json::from_str(&fixture.server.requests()[1].body).unwrap();
        assert_eq!(body["tools"].as_array().map_or(0, Vec::len), count, "{list}");
    }
}

#[tokio::test]
async fn the_context_of_a_local_model_is_the_one_that_its_server_gives() {
    let list = r#"{"data":[{"id":"qwen"}]}"#;
    let none = || refused("404 Not Found", "", "{}");
    let running = r#"{"models":[{"name":"qwen","context_length":32768}]}"#;
    let shown = r#"{"parameters":"num_ctx 8192","model_info":{"q.context_length":40960}}"#;
    let plain = r#"{"model_info":{"q.context_length":40960}}"#;
    let loaded = r#"{"data":[{"id":"qwen","loaded_context_length":4096,"max_context_length":9}]}"#;
    let props = r#"{"default_generation_settings":{"n_ctx":16384}}"#;
    for (id, answers, expected) in [
        ("ollama", vec![answer("200 OK", running)], Some(32_768)),
        ("ollama", vec![answer("200 OK", "{}"), answer("200 OK", shown)], Some(8_192)),
        ("ollama", vec![none(), answer("200 OK", plain)], Some(4_096)),
        ("ollama", vec![none(), none()], None),
        ("lmstudio", vec![answer("200 OK", loaded)], Some(4_096)),
        ("llama-cpp", vec![answer("200 OK", props)], Some(16_384)),
        ("vllm", vec![], None),
    ] {
        let all = std::iter::once(answer("200 OK", list)).chain(answers);
        let fixture = Fixture::new(all).await;
        let base = BaseUrl::parse(&format!("{}/v1", fixture.server.origin())).unwrap();
        let own = Provider::new(id.into(), base, "chat".into());
        let api = fixture.api.clone().with_providers([own].into());
        let kind = AccessKind::Provider { id: id.into(), credential: SentCredential::None };
        let access = Access { token: Secret::new(""), kind };
        let models = api.fetch_models(&access).await.unwrap();
        assert_eq!(models[0].context, expected, "{id}");
    }
}
