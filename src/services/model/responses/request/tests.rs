//! Request bodies and headers, held against what the endpoints take. Sends none of them.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::{
    CallId, Effort, ItemId, ModelRef, Picture, ProviderId, RequestPurpose, SentCredential,
    SessionId, ToolAudience, ToolCall, ToolEffects, Tuning, Wire,
};

use super::*;
use crate::model::describe;

const CHATGPT: AccessKind = AccessKind::ChatGpt { account: None, residency: None };

fn read() -> ToolDefinition {
    ToolDefinition {
        name: "read".into(),
        description: "Reads a file".into(),
        parameters: r#"{"type":"object","properties":{"n":{"maximum":1e3}}}"#.into(),
        grammar: None,
        effects: ToolEffects::Looks,
        audience: ToolAudience::Everyone,
    }
}

fn body(
    request: &ModelRequest,
    kind: &AccessKind,
    conceded: &[Concession],
) -> serde_json::Result<String> {
    let model = &describe(&request.model);
    super::body(request, BodyTerms { kind, model, conceded })
}

fn prompt(
    model: &str,
    effort: Option<&str>,
    items: Vec<Item>,
    tools: &[ToolDefinition],
) -> ModelRequest {
    let items = items.into_iter().map(Arc::new).collect();
    ModelRequest {
        effort: effort.map(|effort| Effort(effort.into())),
        patches: family::patches(model),
        instructions: "Be brief".into(),
        tools: tools.into(),
        ..ModelRequest::plain(SessionId::new("ses_1"), ModelRef::openai(model), items)
    }
}

fn ours(kind: ItemKind) -> Item {
    Item { id: ItemId::new("i"), kind, wire: None }
}

fn theirs(kind: ItemKind, wire: &str) -> Item {
    Item { id: ItemId::new("i"), kind, wire: Some(written(wire, WireSource::openai())) }
}

fn written(text: &str, source: WireSource) -> Wire {
    Wire { text: Arc::from(text), source }
}

fn user(text: &str) -> Item {
    ours(ItemKind::user(text))
}

fn call(id: &str) -> ItemKind {
    ItemKind::Call(ToolCall { id: CallId::new(id), name: "read".into(), arguments: "{}".into() })
}

fn output(id: &str, output: CallOutput) -> Item {
    ours(ItemKind::Output { call: CallId::new(id), output })
}

fn input(kind: &AccessKind, model: &str, items: Vec<Item>) -> Value {
    let body = body(&prompt(model, None, items, &[]), kind, &[]).unwrap();
    serde_json::from_str::<Value>(&body).unwrap()["input"].take()
}

#[test]
fn a_request_with_a_chatgpt_account_has_every_field_in_order() {
    let prompt = prompt("gpt-6.1-sol", Some("low"), vec![user("hi \"there\"\u{1f44d}")], &[read()]);
    insta::assert_snapshot!(body(&prompt, &CHATGPT, &[]).unwrap(), @r#"{"model":"gpt-6.1-sol","instructions":"Be brief","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi \"there\"👍"}]}],"tools":[{"type":"function","name":"read","description":"Reads a file","strict":false,"parameters":{"type":"object","properties":{"n":{"maximum":1e3}}}}],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"low","summary":"auto"},"store":false,"stream":true,"include":["reasoning.encrypted_content"],"prompt_cache_key":"ses_1"}"#);
}

#[test]
fn codlings_notes_are_the_developers_words_to_openai_and_the_users_elsewhere() {
    let note = Item { id: ItemId::new("own_1"), ..user("Nobody can be asked") };
    let mut prompt = prompt("gpt-5.5", None, vec![note, user("hi")], &[]);
    prompt.notes.insert(ItemId::new("own_1"));
    let roles = |prompt: &ModelRequest, kind: &AccessKind| {
        let body: Value = serde_json::from_str(&body(prompt, kind, &[]).unwrap()).unwrap();
        [0, 1].map(|at| body["input"][at]["role"].as_str().unwrap().to_owned())
    };
    assert_eq!(roles(&prompt, &CHATGPT), ["developer", "user"]);
    assert_eq!(roles(&prompt, &AccessKind::ApiKey), ["developer", "user"]);
    prompt.model = ModelRef::new("acme".into(), "large");
    let own = AccessKind::Provider { id: "acme".into(), credential: SentCredential::None };
    assert_eq!(roles(&prompt, &own), ["user", "user"]);
}

#[test]
fn a_request_with_an_api_key_asks_for_reasoning_of_models_that_reason_alone() {
    let of = |model: &str, kind: &AccessKind, effort: Option<&str>| -> Value {
        serde_json::from_str(&body(&prompt(model, effort, vec![], &[read()]), kind, &[]).unwrap())
            .unwrap()
    };
    let encrypted = json!(["reasoning.encrypted_content"]);
    let table = [
        (
            "gpt-5.5",
            &AccessKind::ApiKey,
            Some("high"),
            json!({"effort": "high", "summary": "auto"}),
            encrypted.clone(),
        ),
        ("o3", &AccessKind::ApiKey, None, json!({"summary": "auto"}), encrypted.clone()),
        ("gpt-4.1", &AccessKind::ApiKey, Some("high"), Value::Null, Value::Null),
        ("gpt-5-chat-latest", &AccessKind::ApiKey, None, Value::Null, Value::Null),
        ("codling-demo", &CHATGPT, None, Value::Null, encrypted.clone()),
        (
            "codling-demo",
            &CHATGPT,
            Some("low"),
            json!({"effort": "low", "summary": "auto"}),
            encrypted,
        ),
    ];
    for (model, kind, effort, reasoning, include) in table {
        let body = of(model, kind, effort);
        assert_eq!((&body["reasoning"], &body["include"]), (&reasoning, &include), "{model}");
    }
    assert_eq!(of("gpt-4.1", &AccessKind::ApiKey, None)["parallel_tool_calls"], true);
    assert_eq!(of("o3-mini", &AccessKind::ApiKey, None).get("parallel_tool_calls"), None);
}

#[test]
fn the_servers_own_search_is_the_last_tool_and_asked_of_openai_alone() {
    let provider = AccessKind::Provider {
        id: ProviderId::new("acme"),
        credential: SentCredential::OpenAi(Box::new(CHATGPT)),
    };
    let of = |model: &str, kind: &AccessKind, effort, web_search, tools: &[ToolDefinition]| {
        let request = ModelRequest { web_search, ..prompt(model, effort, vec![], tools) };
        let body = body(&request, kind, &[]).unwrap();
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let (cached, live) = (Some(WebAccess::Cached), Some(WebAccess::Live));
    let tool = |live: bool| Some(json!({"type": "web_search", "external_web_access": live}));
    for (model, kind, effort, access, expected) in [
        ("gpt-5.5", &CHATGPT, None, live, tool(true)),
        ("gpt-5.5", &CHATGPT, None, cached, tool(false)),
        ("codling-demo", &CHATGPT, None, cached, tool(false)),
        ("gpt-5.5", &CHATGPT, None, None, None),
        ("gpt-5", &CHATGPT, Some("minimal"), live, None),
        ("gpt-5.5", &AccessKind::ApiKey, Some("low"), live, tool(true)),
        ("codex-mini-latest", &AccessKind::ApiKey, None, live, tool(true)),
        ("gpt-4", &AccessKind::ApiKey, None, live, None),
        ("o3", &AccessKind::ApiKey, None, live, None),
        ("gpt-5.5", &provider, None, live, None),
    ] {
        let body = of(model, kind, effort, access, &[read()]);
        let tools = body["tools"].as_array().unwrap();
        assert_eq!(tools[0]["name"], "read");
        assert_eq!(tools.get(1), expected.as_ref(), "{model} {kind:?} {effort:?} {access:?}");
        assert!(tools.len() < 3);
    }
    let alone = of("gpt-5.5", &CHATGPT, None, cached, &[]);
    assert_eq!(
        (alone["tools"].as_array().unwrap().len(), &alone["tool_choice"]),
        (1, &json!("auto"))
    );
}

#[test]
fn a_summary_can_be_done_without() {
    let text = body(
        &prompt("gpt-5.5", Some("low"), vec![], &[]),
        &AccessKind::ApiKey,
        &[Concession::ReasoningSummary],
    )
    .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap()["reasoning"],
        json!({"effort": "low"})
    );
}

#[test]
fn without_tools_nothing_is_said_of_them() {
    let text = body(&prompt("gpt-5.5", None, vec![], &[]), &CHATGPT, &[]).unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    for field in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert_eq!(body.get(field), None);
    }
}

#[test]
fn the_servers_items_go_back_letter_for_letter_and_in_order() {
    let words = [
        r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"g\u0041=="}"#,
        r#"{ "type":"message","id":"m", "odd": 1.50, "content":[] }"#,
        r#"{"type":"function_call","call_id":"c","name":"read","arguments":"{\"a\": 1}"}"#,
        r#"{"type":"tomorrow","n":12345678901234567890123}"#,
    ];
    let items = vec![
        theirs(ItemKind::Reasoning { summary: "s".into() }, words[0]),
        theirs(ItemKind::assistant("t"), words[1]),
        theirs(call("c"), words[2]),
        theirs(ItemKind::Unknown { kind: "tomorrow".into() }, words[3]),
        output("c", CallOutput::text("a", "1\n2")),
    ];
    let text = body(&prompt("gpt-5.5", None, items, &[]), &CHATGPT, &[]).unwrap();
    let expected = format!(
        r#""input":[{},{{"type":"function_call_output","call_id":"c","output":"1\n2"}}],"#,
        words.join(",")
    );
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn what_another_server_or_dialect_wrote_is_told_in_ours_and_its_sealed_reasoning_not_at_all() {
    let patch = ItemKind::Call(ToolCall {
        id: CallId::new("p"),
        name: "apply_patch".into(),
        arguments: "*** Begin\n\"x\"".into(),
    });
    let others = [
        WireSource { provider: "acme".into(), ..WireSource::openai() },
        WireSource { dialect: "lines".into(), ..WireSource::openai() },
    ];
    for other in others {
        let wire =
            |wire: &str, kind| Item { wire: Some(written(wire, other.clone())), ..ours(kind) };
        let items = vec![
            wire(
                r#"{"type":"reasoning","encrypted_content":"x"}"#,
                ItemKind::Reasoning { summary: "s".into() },
            ),
            wire(r#"{"type":"message","id":"theirs"}"#, ItemKind::assistant("said")),
            wire(r#"{"type":"custom_tool_call","call_id":"p"}"#, patch.clone()),
            output("p", CallOutput::text("a", "done")),
            wire(r#"{"type":"function_call","call_id":"c"}"#, call("c")),
            wire(r#"{"type":"tomorrow"}"#, ItemKind::Unknown { kind: "tomorrow".into() }),
        ];
        assert_eq!(
            input(&CHATGPT, "gpt-5.5", items),
            json!([
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "said"}]},
                {"type": "function_call", "call_id": "p", "name": "apply_patch", "arguments": json!({"input": "*** Begin\n\"x\""}).to_string()},
                {"type": "function_call_output", "call_id": "p", "output": "done"},
                {"type": "function_call", "call_id": "c", "name": "read", "arguments": "{}"},
            ]),
            "{other:?}"
        );
    }
}

#[test]
fn an_output_answers_in_the_form_of_its_call() {
    let image = Picture { mime: "image/png", data: "aGk=".into() };
    let with_image = CallOutput { images: vec![image.clone()], ..CallOutput::text("a", "see") };
    let image_alone = CallOutput { images: vec![image], ..CallOutput::text("a", "") };
    let items = vec![
        theirs(call("x"), r#"{"type":"custom_tool_call","call_id":"x","name":"p","input":""}"#),
        output("x", CallOutput::refusal("p", "no")),
        output("y", with_image),
        output("z", image_alone),
    ];
    let picture = json!({"type": "input_image", "image_url": "data:image/png;base64,aGk="});
    assert_eq!(
        input(&CHATGPT, "gpt-5.5", items),
        json!([
            {"type": "custom_tool_call", "call_id": "x", "name": "p", "input": ""},
            {"type": "custom_tool_call_output", "call_id": "x", "output": "no"},
            {"type": "function_call_output", "call_id": "y", "output": [{"type": "input_text", "text": "see"}, picture]},
            {"type": "function_call_output", "call_id": "z", "output": [picture]},
        ])
    );
}

#[test]
fn reasoning_goes_back_only_sealed_and_only_to_a_model_that_reasons() {
    let sealed = r#"{"type":"reasoning","summary":[],"encrypted_content":"x"}"#;
    let items = || {
        let reasoning = ItemKind::Reasoning { summary: "s".into() };
        vec![
            theirs(reasoning.clone(), sealed),
            theirs(
                reasoning.clone(),
                r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null}"#,
            ),
            ours(reasoning),
        ]
    };
    let expected: Value = serde_json::from_str(&format!("[{sealed}]")).unwrap();
    assert_eq!(input(&AccessKind::ApiKey, "gpt-5.5", items()), expected);
    assert_eq!(input(&CHATGPT, "codling-demo", items()), expected);
    assert_eq!(input(&AccessKind::ApiKey, "gpt-4.1", items()), json!([]));
}

#[test]
fn items_whose_words_are_lost_or_damaged_are_told_in_ours() {
    let items = vec![
        ours(ItemKind::assistant("said")),
        ours(ItemKind::assistant(String::new())),
        theirs(call("c"), r#"{"type":"function_ca"#),
        theirs(ItemKind::Unknown { kind: "x".into() }, "{"),
    ];
    assert_eq!(
        input(&CHATGPT, "gpt-5.5", items),
        json!([
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "said"}]},
            {"type": "function_call", "call_id": "c", "name": "read", "arguments": "{}"},
        ])
    );
}

#[test]
fn a_tool_with_a_grammar_takes_text_where_the_model_does_and_arguments_elsewhere() {
    let tool = ToolDefinition {
        name: "apply_patch".into(),
        grammar: Some("start: \"*** \" /.+/\n".into()),
        ..read()
    };
    let tools = |model: &str, kind: &AccessKind| {
        let text = body(&prompt(model, None, vec![], &[read(), tool.clone()]), kind, &[]).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["tools"].take()
    };
    let format =
        json!({"type": "grammar", "syntax": "lark", "definition": "start: \"*** \" /.+/\n"});
    let custom = json!({"type": "custom", "name": "apply_patch", "description": "Reads a file", "format": format});
    let parameters: Value = serde_json::from_str(&read().parameters).unwrap();
    let function = |name: &str| json!({"type": "function", "name": name, "description": "Reads a file", "strict": false, "parameters": parameters});
    for (model, kind, form) in [
        ("gpt-6.1-sol", &CHATGPT, &custom),
        ("gpt-5.1-codex", &AccessKind::ApiKey, &custom),
        ("codex-mini-latest", &AccessKind::ApiKey, &custom),
        ("gpt-4.1", &AccessKind::ApiKey, &function("apply_patch")),
        ("o4-mini", &AccessKind::ApiKey, &function("apply_patch")),
        ("codling-demo", &CHATGPT, &function("apply_patch")),
    ] {
        let tools = tools(model, kind);
        assert_eq!((&tools[0], &tools[1]), (&function("read"), form), "{model}");
    }
}

#[test]
fn an_answer_can_be_asked_for_by_a_schema() {
    let with = |schema: &str| {
        let prompt =
            ModelRequest { schema: Some(schema.into()), ..prompt("gpt-5.5", None, vec![], &[]) };
        body(&prompt, &CHATGPT, &[])
    };
    let text = with(r#"{ "type": "object", "maximum": 1e3 }"#).unwrap();
    let format = r#""text":{"format":{"type":"json_schema","name":"codling_output_schema","strict":true,"schema":{ "type": "object", "maximum": 1e3 }}}}"#;
    assert!(text.ends_with(format), "{text}");
    assert!(with("{").is_err());
    let without = body(&prompt("gpt-5.5", None, vec![], &[]), &CHATGPT, &[]).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&without).unwrap().get("text"), None);
}

#[test]
fn pictures_go_with_the_words_of_the_user() {
    let images = vec![
        Picture { mime: "image/png", data: "aGk=".into() },
        Picture { mime: "image/webp", data: "eA==".into() },
    ];
    let words = ours(ItemKind::User { text: "see".into(), images: images.clone() });
    let alone = ours(ItemKind::User { text: String::new(), images: images[..1].to_vec() });
    let only = json!([{"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,aGk="}]}]);
    assert_eq!(input(&CHATGPT, "gpt-5.5", vec![alone]), only);
    assert_eq!(
        input(&CHATGPT, "gpt-5.5", vec![words]),
        json!([{"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "data:image/png;base64,aGk="},
            {"type": "input_image", "image_url": "data:image/webp;base64,eA=="},
        ]}])
    );
}

#[test]
fn a_tool_with_a_broken_schema_is_an_error_and_not_a_broken_request() {
    let tool = ToolDefinition { parameters: "{".into(), ..read() };
    assert!(body(&prompt("gpt-5.5", None, vec![], &[tool]), &CHATGPT, &[]).is_err());
}

#[test]
fn verbosity_and_tier_go_where_they_are_known() {
    let tuning = Tuning { verbosity: Some(Verbosity::Low), tier: ServiceTier::Fast };
    let prompt = ModelRequest { tuning, ..prompt("gpt-5.5", None, vec![], &[]) };
    let own = AccessKind::Provider { id: "acme".into(), credential: SentCredential::None };
    for (kind, tier, text) in [
        (&CHATGPT, json!("priority"), json!({ "verbosity": "low" })),
        // Who pays by use is not made to pay more.
        (&AccessKind::ApiKey, Value::Null, json!({ "verbosity": "low" })),
        (&own, Value::Null, Value::Null),
    ] {
        let body = body(&prompt, kind, &[]).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&body["service_tier"], &body["text"]), (&tier, &text), "{kind:?}");
    }
}

#[test]
fn a_compaction_is_asked_for_by_the_last_item_and_goes_back_as_it_came() {
    let wire = r#"{"type":"compaction","id":"cmp_1","encrypted_content":"sealed"}"#;
    let items = vec![theirs(ItemKind::Compaction, wire), ours(ItemKind::user("on"))];
    let input = |purpose| {
        let request = ModelRequest { purpose, ..prompt("gpt-5.5", None, items.clone(), &[]) };
        let body = body(&request, &CHATGPT, &[]).unwrap();
        assert!(body.contains(wire), "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["input"].as_array().unwrap().clone()
    };
    let asked = input(RequestPurpose::Compaction);
    assert_eq!((asked.len(), &asked[2]), (3, &json!({"type": "compaction_trigger"})));
    assert_eq!(input(RequestPurpose::Answer), asked[..2]);
}

/// The tools of a request of Codex's face, two of a server's among them that were found.
fn searched_tools() -> Vec<ToolDefinition> {
    let parameters =
        r#"{"type":"object","properties":{"query":{"type":"string"},"limit":{"type":"integer"}}}"#;
    let tool = |name: &str| ToolDefinition { name: name.into(), ..read() };
    vec![
        ToolDefinition { audience: ToolAudience::CodexTrained, ..tool("exec_command") },
        ToolDefinition { parameters: parameters.into(), ..tool("find_tools") },
        tool("mcp__every_thing__get_sum"),
        tool("mcp__every_thing__echo"),
    ]
}

const SEARCH: &str = r#"{"id":"tsc_1","type":"tool_search_call","status":"completed","arguments":{"query":"sum","limit":8},"call_id":"c1","execution":"client"}"#;
const NAMESPACED: &str = r#"{"type":"function_call","id":"fc_1","name":"get_sum","namespace":"mcp__every_thing","arguments":"{\"a\":2}","call_id":"c2"}"#;

/// A conversation in which the first tool was found by `tool_search` and called.
fn searched_items(found: &str) -> Vec<Item> {
    let called = |id: &str, name: &str, arguments: &str| {
        let (id, name) = (CallId::new(id), name.to_owned());
        ItemKind::Call(ToolCall { id, name, arguments: arguments.to_owned() })
    };
    vec![
        theirs(called("c1", "find_tools", r#"{"query":"sum","limit":8}"#), SEARCH),
        output("c1", CallOutput::text("sum", found)),
        theirs(called("c2", "mcp__every_thing__get_sum", r#"{"a":2}"#), NAMESPACED),
        output("c2", CallOutput::text("", "2")),
    ]
}

fn found_list(names: &[&str]) -> String {
    let lines = names.iter().map(|name| format!("\n- {name}: Reads a file"));
    format!("{}\n{}", tool_name::FOUND, lines.collect::<String>())
}

fn searching(
    model: &str,
    kind: &AccessKind,
    conceded: &[Concession],
    items: Vec<Item>,
    tools: &[ToolDefinition],
) -> Value {
    let body = body(&prompt(model, None, items, tools), kind, conceded).unwrap();
    serde_json::from_str(&body).unwrap()
}

#[test]
fn tools_are_searched_for_in_codexs_words_and_come_with_the_answer() {
    let items = searched_items(&found_list(&["mcp__every_thing__get_sum"]));
    let tools = searched_tools();
    let text = body(&prompt("gpt-5.5", None, items, &tools[..3]), &CHATGPT, &[]).unwrap();
    let answer = r#"{"type":"tool_search_output","call_id":"c1","status":"completed","execution":"client","tools":[{"type":"namespace","name":"mcp__every_thing","description":"Tools of the MCP server every_thing","tools":[{"type":"function","name":"get_sum","description":"Reads a file","strict":false,"defer_loading":true,"parameters":{"type":"object","properties":{"n":{"maximum":1e3}}}}]}]}"#;
    assert!(text.contains(&format!("[{SEARCH},{answer},{NAMESPACED},")), "{text}");
    let offer = r#"{"type":"tool_search","execution":"client","description":"Reads a file","parameters":{"type":"object","properties":{"query":{"type":"string"},"limit":{"type":"integer"}}}}"#;
    assert!(text.contains(&format!(",{offer}],\"tool_choice\"")), "the list stays: {text}");
}

#[test]
fn who_does_not_know_tool_search_gets_the_same_conversation_in_functions() {
    let own = AccessKind::Provider { id: "acme".into(), credential: SentCredential::None };
    let conceded = [Concession::ToolSearch];
    let plain: Vec<_> = searched_tools()
        .into_iter()
        .map(|tool| ToolDefinition { audience: ToolAudience::Everyone, ..tool })
        .collect();
    let few: Vec<_> =
        searched_tools().into_iter().filter(|tool| *tool.name != *tool_name::FIND).collect();
    for (model, kind, conceded, tools) in [
        ("gpt-5.1-codex", &CHATGPT, &[][..], searched_tools()),
        ("gpt-5.5", &own, &[], searched_tools()),
        ("gpt-5.5", &AccessKind::ApiKey, &conceded, searched_tools()),
        ("gpt-5.5", &CHATGPT, &[], plain),
        ("gpt-5.5", &CHATGPT, &[], few),
    ] {
        let items = searched_items(&found_list(&["mcp__every_thing__get_sum"]));
        let body = searching(model, kind, conceded, items, &tools);
        let listed: Vec<_> =
            body["tools"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
        assert_eq!(listed, tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>());
        let input = &body["input"];
        assert_eq!(
            input[0],
            json!({"type": "function_call", "call_id": "c1", "name": "find_tools", "arguments": r#"{"query":"sum","limit":8}"#})
        );
        assert_eq!(
            (&input[1]["type"], &input[1]["call_id"]),
            (&json!("function_call_output"), &json!("c1"))
        );
        assert_eq!(
            input[2],
            json!({"type": "function_call", "call_id": "c2", "name": "mcp__every_thing__get_sum", "arguments": r#"{"a":2}"#})
        );
    }
}

#[test]
fn a_tool_that_find_tools_found_stays_a_function_and_one_that_is_gone_is_called_by_its_whole_name()
{
    // Another server's search, and a search of ours for the same tool and another.
    let mut items = vec![
        ours(ItemKind::Call(ToolCall {
            id: CallId::new("c0"),
            name: "find_tools".into(),
            arguments: r#"{"query":"echo"}"#.into(),
        })),
        output("c0", CallOutput::text("", found_list(&["mcp__every_thing__echo"]))),
    ];
    let both = ["mcp__every_thing__get_sum", "mcp__every_thing__echo"];
    items.extend(searched_items(&found_list(&both)));
    let of = |tools: &[ToolDefinition]| searching("gpt-5.5", &CHATGPT, &[], items.clone(), tools);
    let body = of(&searched_tools());
    assert_eq!(body["tools"].as_array().unwrap().len(), 3);
    assert_eq!(body["tools"][2]["name"], "mcp__every_thing__echo");
    assert_eq!(body["input"][1]["type"], "function_call_output");
    let found = &body["input"][3]["tools"];
    assert_eq!(
        (found.as_array().unwrap().len(), &found[0]["tools"][1]["name"]),
        (1, &json!("echo"))
    );

    let body = of(&searched_tools()[..2]);
    assert_eq!(body["tools"].as_array().unwrap().len(), 2);
    assert_eq!(body["input"][3]["tools"], json!([]));
    assert_eq!(body["input"][4]["name"], "mcp__every_thing__get_sum");
    let failed = searching("gpt-5.5", &CHATGPT, &[], searched_items("Wrong"), &searched_tools());
    assert_eq!(failed["input"][1]["tools"], json!([]), "a refused search found nothing");
}
