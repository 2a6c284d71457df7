//! Commands, addresses, questions, plans, long stories, and what sums them up.

use serde_json::{Value, json};

use super::changes::CODEX;
use super::{items, ran, turn};
use crate::demo::brain::words::replies;

#[test]
fn a_command_runs_and_its_end_is_quoted() {
    let texts = turn("run cargo test", &["shell"], |_, arguments| {
        assert_eq!(arguments["command"], "cargo test");
        assert!(arguments["reason"].is_string());
        format!("{}Exit code 101", "line\n".repeat(20))
    });
    assert!(
        texts[1].contains("`cargo test` has ended (`Exit code 101`)")
            && texts[1].matches("\nline").count() == 7,
        "{}",
        texts[1]
    );
}

#[test]
fn a_command_that_reads_is_run_once_when_it_was_asked_for() {
    let texts = turn("run cat -n -- a.md", CODEX, |_, arguments| {
        assert_eq!(
            *arguments,
            json!({ "cmd": "cat -n -- a.md", "justification": replies::ASKED_FOR })
        );
        ran("Process exited with code 0", "     1\tapple\n")
    });
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(
        texts[1].contains("`cat -n -- a.md` has ended (`Process exited with code 0`)"),
        "{}",
        texts[1]
    );
}

#[test]
fn a_refused_command_is_replaced_by_the_one_in_the_reason_or_given_up() {
    let texts =
        turn("run cargo test", &["shell"], |_, arguments| match arguments["command"].as_str() {
            Some("cargo test") => {
                "The user refused this call and said: use `cargo check` instead".into()
            }
            _ => "Exit code 0".into(),
        });
    assert!(
        texts[1].contains(r#""command":"cargo check""#)
            && texts[2].contains("`cargo check` has ended"),
        "{texts:?}"
    );
    let texts = turn("run rm -rf x", &["shell"], |_, _| {
        "The user refused this call and said: never".into()
    });
    assert!(texts[1].contains("I would have run `rm -rf x`"), "{texts:?}");
    let texts = turn("run a", &["shell"], |_, _| {
        "The user refused this call and said: use `b` instead".into()
    });
    assert_eq!(texts.len(), 4, "it does not try for ever: {texts:?}");
}

#[test]
fn addresses_questions_and_plans_have_tools_of_their_own() {
    let texts = turn("fetch https://example.com", &["webfetch"], |_, _| "# Example".into());
    assert!(
        texts[0].contains(r#">> webfetch {"url":"https://example.com"}"#)
            && texts[1].contains("# Example"),
        "{texts:?}"
    );
    let texts = turn("ask me tea or coffee", &["question"], |_, arguments| {
        assert_eq!(arguments["options"], json!([{ "label": "tea" }, { "label": "coffee" }]));
        "The user answered: tea".into()
    });
    assert!(texts[1].contains("The user answered: tea"), "{texts:?}");
    let texts = turn("make a plan", &["todo", "glob"], |_, _| "a.rs\nb.rs".into());
    let states: Vec<bool> = texts.iter().map(|text| text.contains(">> todo")).collect();
    assert_eq!(states, [true, false, true, false], "{texts:?}");
    assert!(
        texts[2].contains(r#""text":"Look at what is here","state":"done""#)
            && texts[3].contains("I found 2 files"),
        "{texts:?}"
    );
    let texts = turn("ask me tea or coffee", CODEX, |tool, arguments| {
        assert_eq!(tool, "request_user_input");
        let options = json!([{ "label": "tea" }, { "label": "coffee" }]);
        assert_eq!(
            *arguments,
            json!({ "questions": [{ "question": "Which one?", "options": options }] })
        );
        "The user answered: tea".into()
    });
    assert!(
        texts[1].contains("The user answered: tea") && texts[1].contains("`Which one?`"),
        "{texts:?}"
    );
    let texts = turn("make a plan", CODEX, |tool, _| match tool {
        "exec_command" => ran("Process exited with code 0", "./a.rs\n./b.rs\n"),
        _ => "The plan is shown".into(),
    });
    let states: Vec<bool> = texts.iter().map(|text| text.contains(">> update_plan")).collect();
    assert_eq!(states, [true, false, true, false], "{texts:?}");
    let plan = r#"[{"step":"Look at what is here","status":"completed"},{"step":"Change what is to be changed","status":"in_progress"},{"step":"Say what was done","status":"pending"}]"#;
    assert!(texts[2].contains(plan) && texts[3].contains("I found 2 files"), "{texts:?}");
}

#[test]
fn a_long_story_is_as_long_as_asked_and_comes_in_few_pieces() {
    let body =
        json!({ "input": [{ "role": "user", "content": "tell me a long story of 200 kB" }] });
    let pieces = crate::demo::brain::answer(&body);
    assert!(pieces.len() < 150, "{}", pieces.len());
    let text = items(&body)[1]["content"][0]["text"].as_str().unwrap().len();
    assert!((200 * 1024..202 * 1024).contains(&text), "{text}");
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

fn said(body: &Value) -> String {
    let items = items(body);
    items.iter().filter_map(|item| item["content"][0]["text"].as_str()).collect()
}

#[test]
fn a_conversation_is_summed_up_when_that_is_asked_without_tools() {
    let past = [
        user("<environment>here</environment>"),
        user("rename apple to pear"),
        json!({ "type": "function_call", "call_id": "c", "name": "read", "arguments": "{\"filePath\":\"a.md\"}" }),
        json!({ "type": "function_call_output", "call_id": "c", "output": "1\tapple" }),
        json!({ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Half done." }] }),
    ];
    let request =
        [&past[..], &[user("Write a summary of this conversation for whoever goes on with it")]]
            .concat();
    let summary = said(&json!({ "input": request }));
    for part in [
        "## Task\n\n- rename apple to pear\n",
        "`a.md`",
        "Half done.",
        "asked for: rename apple to pear",
    ] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    let with_tools = json!({ "input": request, "tools": [{ "type": "function", "name": "glob" }] });
    assert!(!said(&with_tools).contains("## Task"));

    // In the middle of a turn the summary is all that is left of the prompt.
    let after = json!({ "input": [past[0], user(&format!("What went before:\n\n{summary}"))], "tools": [{ "type": "function", "name": "grep" }] });
    assert_eq!(items(&after)[2]["name"], "grep");
}

#[test]
fn an_answer_is_given_in_the_form_that_was_asked_for() {
    let schema = json!({ "type": "object", "properties": { "answer": { "type": "string" } } });
    let body = json!({ "input": [user("hello")], "text": { "format": { "type": "json_schema", "name": "n", "schema": schema } } });
    let answer: Value =
        serde_json::from_str(items(&body)[1]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert!(answer["answer"].as_str().unwrap().contains("demo model"), "{answer}");
}

#[test]
fn a_search_of_the_web_is_made_up_where_it_is_offered_and_cites_its_pages() {
    let said = |tools: Value| {
        items(&json!({ "input": [user("search the web for \"rust 2.0\"")], "tools": tools }))
    };
    let items = said(json!([{ "type": "web_search", "external_web_access": false }]));
    let actions: Vec<&Value> = items.iter().map(|item| &item["action"]["type"]).collect();
    assert_eq!(
        actions,
        [&Value::Null, &json!("search"), &json!("open_page"), &json!("find_in_page"), &Value::Null]
    );
    assert_eq!(items[1]["action"]["query"], "rust 2.0");
    let part = &items[4]["content"][0];
    assert!(part["text"].as_str().unwrap().contains("I searched for `rust 2.0`"), "{part}");
    let urls: Vec<&Value> =
        part["annotations"].as_array().unwrap().iter().map(|cited| &cited["url"]).collect();
    let found = json!("https://web.example/found/rust-2-0");
    assert_eq!(urls, [&found, &json!("https://web.example/"), &found]);
    let without = said(json!([{ "type": "function", "name": "grep", "parameters": {} }]));
    assert!(without.iter().all(|item| item["type"] != "web_search_call"), "{without:?}");
}
