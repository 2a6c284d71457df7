//! Tools that come and go: their names and order, and what becomes of calls.

use super::stand_in::StandIn;
use super::*;
use crate::base::text::says;
use crate::protocol::{CallId, Confinement, Grant, ToolEffects};
use crate::tools::{CallSurroundings, Toolbox};

fn toolbox(sources: &[&Arc<StandIn>]) -> Toolbox {
    let sources: Vec<Arc<dyn ToolSource>> =
        sources.iter().map(|source| Arc::clone(source) as Arc<dyn ToolSource>).collect();
    Toolbox::of("/nowhere", Vec::new()).with_sources(&sources)
}

fn external(toolbox: &Toolbox) -> Vec<String> {
    let all = toolbox.definitions();
    let built_in = all.iter().take_while(|tool| !tool.name.starts_with("mcp__")).count();
    assert!(built_in > 10, "the built-in ones come first");
    all[built_in..].iter().map(|tool| tool.name.to_string()).collect()
}

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: CallId::new("c"), name: name.into(), arguments: arguments.into() }
}

async fn run(toolbox: &Toolbox, call: &ToolCall) -> CallOutput {
    let grant = Grant::within(Confinement::ReadOnly);
    toolbox.run(call, grant, Arc::new(drop), CallSurroundings::default()).await.output
}

#[test]
fn what_comes_and_goes_leaves_the_order_of_the_others_as_it_is() {
    let (zed, acme) = (StandIn::new("zed", &["b", "a?"]), StandIn::new("acme", &["find-all"]));
    let toolbox = toolbox(&[&zed, &acme]);
    let all = ["mcp__acme__find_all", "mcp__zed__a", "mcp__zed__b"];
    assert_eq!(external(&toolbox), all);
    let effects: Vec<_> =
        toolbox.definitions().iter().rev().take(2).map(|tool| tool.effects).collect();
    assert_eq!(effects, [ToolEffects::Changes, ToolEffects::Looks]);
    zed.set(&["b", "new", "a?"]);
    assert_eq!(
        external(&toolbox),
        ["mcp__acme__find_all", "mcp__zed__a", "mcp__zed__b", "mcp__zed__new"]
    );
    acme.set(&[]);
    zed.set(&["a?", "b"]);
    assert_eq!(external(&toolbox), all[1..]);
}

#[test]
fn names_that_would_be_the_same_are_told_apart_and_what_has_no_schema_is_left_out() {
    let (one, other) = (StandIn::new("a-b", &["c", ""]), StandIn::new("a.b", &["c"]));
    let names = external(&toolbox(&[&one, &other]));
    assert_eq!(names.len(), 2);
    assert!(names[0] == "mcp__a_b__c" && names[1].starts_with("mcp__a_b__c_"), "{names:?}");
}

#[tokio::test]
async fn a_call_reaches_its_source_by_the_name_it_has_there() {
    let acme = StandIn::new("acme", &["get-sum"]);
    let toolbox = toolbox(&[&acme]);
    let sum = call("mcp__acme__get_sum", r#"{"a": 1}"#);
    let action = toolbox.preview(&sum).await.unwrap();
    let (server, tool) = ("acme".to_owned(), "get-sum".to_owned());
    assert_eq!(action.title, "acme: get-sum");
    assert_eq!(action.kind, ActionKind::External { server, tool, read_only: false });
    assert_eq!(run(&toolbox, &sum).await.text, r#"acme get-sum {"a": 1}"#);
    assert_eq!(run(&toolbox, &call("mcp__acme__get_sum", " ")).await.text, "acme get-sum {}");
    for spelling in ["functions.mcp__acme__get_sum", "mcp__acme__get_sum<|channel|>x "] {
        let sum = call(spelling, r#"{"a": 1}"#);
        assert_eq!(toolbox.preview(&sum).await.unwrap(), action, "{spelling}");
        assert_eq!(run(&toolbox, &sum).await.text, r#"acme get-sum {"a": 1}"#);
    }
    for bad in ["[1]", "{", "1"] {
        let refused = toolbox.preview(&call("mcp__acme__get_sum", bad)).await.unwrap_err();
        assert!(refused.text.contains("JSON object"), "{}", refused.text);
    }
}

#[tokio::test]
async fn all_of_a_long_answer_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let acme: Arc<dyn ToolSource> = StandIn::new("acme", &["flood"]);
    let toolbox = Toolbox::of(folder.path(), Vec::new()).with_sources(&[acme]);
    let flood = run(&toolbox, &call("mcp__acme__flood", "{}")).await;
    let file = flood.text.rsplit(" is in ").next().unwrap().trim_end_matches(')');
    assert!(flood.text.len() < 40_000 && std::fs::read_to_string(file).unwrap().len() == 1 << 20);
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_answered_with_those_that_are_offered() {
    let toolbox = Toolbox::of("/not/there", Vec::new());
    let all = toolbox.definitions();
    let is_offered =
        |tool: &&crate::protocol::ToolDefinition| ["shell", "todo"].contains(&&*tool.name);
    let toolbox = toolbox.offering(all.iter().filter(is_offered).cloned().collect());
    let answer = toolbox.preview(&call("frobnicate", "{}")).await.unwrap_err();
    assert!(says(&answer.text, "`frobnicate` … `shell`, `todo`"), "{}", answer.text);
}

#[tokio::test]
async fn a_tool_that_has_gone_is_no_tool_and_the_others_are_named() {
    let acme = StandIn::new("acme", &["stay", "go"]);
    let toolbox = toolbox(&[&acme]);
    let mut news = toolbox.news();
    acme.set(&["stay"]);
    news[0].changed().await.unwrap();
    let gone = toolbox.preview(&call("mcp__acme__go", "{}")).await.unwrap_err();
    assert!(says(&gone.text, "no tool `mcp__acme__go`"), "{}", gone.text);
    assert!(
        gone.text.contains("`mcp__acme__stay`") && gone.text.contains("`read`"),
        "{}",
        gone.text
    );
    assert!(!run(&toolbox, &call("mcp__acme__go", "{}")).await.ok);
}
