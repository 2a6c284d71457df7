//! Tools of a source that come and go while a session is open: offered in a stable order, approved
//! and called.

use std::sync::Arc;

use codling::demo::{Options, ScriptedAnswer};
use codling::protocol::{ApprovalResponse, ApprovalSubject, CallOutput, EventKind, TurnOutcome};
use codling::tools::{SourceAnswer, SourceCall, SourceTool, SourceTools, ToolSource};
use serde_json::json;
use tokio::sync::watch;

use super::scene::Scene;

#[derive(Debug)]
struct Acme(watch::Sender<Arc<[SourceTool]>>);

impl Acme {
    fn new(names: &[&str]) -> Arc<Self> {
        Arc::new(Self(watch::channel(all(names)).0))
    }
}

fn all(names: &[&str]) -> Arc<[SourceTool]> {
    let tool = |name: &&str| SourceTool {
        name: (*name).into(),
        description: "Does something elsewhere".into(),
        parameters: r#"{"type":"object"}"#.into(),
        read_only: false,
    };
    names.iter().map(tool).collect()
}

impl ToolSource for Acme {
    fn name(&self) -> &str {
        "acme"
    }

    fn tools(&self) -> SourceTools {
        self.0.subscribe()
    }

    fn call<'a>(&'a self, call: SourceCall<'a>) -> SourceAnswer<'a> {
        let SourceCall { tool, arguments, .. } = call;
        Box::pin(async move { CallOutput::text(tool, format!("acme did {tool} {arguments}")) })
    }
}

/// The names of the tools in the last request; the provider's own search has none.
fn offered(scene: &Scene) -> Vec<String> {
    let request = scene.stand.responses().pop().unwrap().json();
    let tools = request["tools"].as_array().unwrap().clone();
    tools.iter().filter_map(|tool| Some(tool["name"].as_str()?.to_owned())).collect()
}

#[test]
fn a_tool_that_comes_is_offered_behind_the_others_asked_about_and_called() {
    let acme = Acme::new(&["send"]);
    let scene =
        Scene::with_tools(Options::default(), vec![Arc::clone(&acme) as Arc<dyn ToolSource>]);
    scene.home.sign_in(&scene.stand.issue()).unwrap();
    scene.stand.script([ScriptedAnswer::says("Ready.")]);
    scene.ask("Hello");
    let before = offered(&scene);
    assert_eq!(before.last().unwrap(), "mcp__acme__send");

    acme.0.send_replace(all(&["send", "find-all"]));
    // It arrives beside the loop, so one of the next requests has it.
    let is_there = (0..100).any(|_| {
        scene.stand.script([ScriptedAnswer::says("Ready.")]);
        scene.ask("And now?");
        offered(&scene).contains(&"mcp__acme__find_all".to_owned())
    });
    assert!(is_there);
    let after = offered(&scene);
    let built_in = before.len() - 1;
    assert_eq!(after[..built_in], before[..built_in], "what was there keeps its place");
    assert_eq!(after[built_in..], ["mcp__acme__find_all", "mcp__acme__send"]);

    scene.stand.script([
        ScriptedAnswer::calls("c", "mcp__acme__find_all", &json!({"q": "pears"})),
        ScriptedAnswer::says("Found."),
    ]);
    scene.submit("Find");
    let approval = scene.wait("an approval", |event| match event {
        EventKind::Approval(approval) => Some(approval.clone()),
        _ => None,
    });
    let ApprovalSubject::External { server, tool, arguments } = &approval.subject else {
        panic!("{approval:?}")
    };
    assert_eq!((server.as_str(), tool.as_str()), ("acme", "find-all"));
    assert!(arguments.contains("pears"), "{arguments}");
    scene.decide(approval.id, ApprovalResponse::Once);
    assert_eq!(scene.outcome(), TurnOutcome::Done);
    let input = scene.stand.responses().pop().unwrap().input();
    let output = input.iter().find_map(|item| item["output"].as_str()).unwrap();
    assert!(output.starts_with("acme did find-all") && output.contains("pears"), "{output}");
    scene.end_quietly();
}
