//! Requests: each one of a session extends the previous one, so that the provider's prompt cache
//! works.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use codling::demo::{
    Options, ScriptedAnswer, SeenRequest, completed, created, function_call, gate, item_done,
    reasoning, text,
};
use codling::protocol::{
    Agent, ApprovalMode, ApprovalResponse, Command, EventKind, ModelName, SettingsCommand,
    TurnOutcome, Usage,
};
use serde_json::Value;

use super::scene::Scene;

fn usage() -> Usage {
    Usage { input: 100, cached: 0, output: 10, reasoning: 0, cost: None }
}

/// Instructions, tools and input exactly as sent, without the bracket that closes the input.
fn parts(request: &SeenRequest) -> [&str; 3] {
    let body = request.body.as_str();
    let between = |begin: &str, end: &str| {
        let from = body.find(begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
        let length = body[from..].find(end).unwrap_or_else(|| panic!("no {end}"));
        &body[from..from + length]
    };
    [
        between("\"instructions\":", ",\"input\":["),
        between(",\"tools\":[", "],\"tool_choice\":"),
        between(",\"input\":[", "],\"tools\":["),
    ]
}

fn settings(scene: &Scene, command: SettingsCommand) {
    scene.send(Command::Settings(scene.session(), command));
}

#[test]
fn each_request_is_the_one_before_it_and_more() {
    let scene = Scene::signed_in(Options::default());
    scene.write("a.txt", "apples\n");
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning("Where to look"),
            item_done(),
            text("Let me \u{1f350} look."),
            item_done(),
            function_call("call_1", "read", r#"{"filePath":"a.txt"}"#),
            function_call("call_2", "shell", r#"{"command":"echo \"\\u001b[1m\""}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::says("Apples."),
        ScriptedAnswer::sse([
            created(),
            function_call(
                "call_3",
                "edit",
                r#"{"filePath":"a.txt","oldString":"a","newString":"b"}"#,
            ),
            completed(usage()),
        ]),
        ScriptedAnswer::says("That would change it."),
        ScriptedAnswer::sse([
            created(),
            function_call("call_4", "write", r#"{"filePath":"b.txt","content":"b"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::says("Then not."),
        ScriptedAnswer::sse([
            created(),
            text("Half an ans"),
            gate("rest"),
            text("wer"),
            completed(usage()),
        ]),
        ScriptedAnswer::says("All of it."),
    ]);
    scene.ask("What is this?");
    settings(&scene, SettingsCommand::Agent(Agent::Plan));
    scene.ask("What would you change?");
    settings(&scene, SettingsCommand::Agent(Agent::Build));
    scene.submit("Do it");
    let ask = scene.wait("the approval", |event| match event {
        EventKind::Approval(approval) => Some(approval.id),
        _ => None,
    });
    scene.decide(ask, ApprovalResponse::NoBecause("not there".into()));
    assert_eq!(scene.outcome(), TurnOutcome::Done);
    settings(&scene, SettingsCommand::Mode(ApprovalMode::Auto));
    scene.submit("And now?");
    scene
        .wait("half an answer", |event| matches!(event, EventKind::TextDelta { .. }).then_some(()));
    scene.interrupt();
    assert_eq!(scene.outcome(), TurnOutcome::Interrupted);
    settings(&scene, SettingsCommand::Mode(ApprovalMode::ReadOnly));
    scene.ask("Go on");

    let requests = scene.stand.responses();
    assert_eq!(requests.len(), 8);
    for pair in requests.windows(2) {
        let [before, after] = [&pair[0], &pair[1]].map(parts);
        assert_eq!(before[..2], after[..2], "the head stays as it is");
        assert!(after[2].starts_with(before[2]), "{}\n\n{}", before[2], after[2]);
        assert!(after[2].len() > before[2].len());
    }
    let last = parts(&requests[7])[2];
    for told in [
        "Approval mode `auto`",
        "switched to Plan",
        "switched to Build",
        "Approval mode `ask`",
        "Approval mode `read-only`",
    ] {
        assert_eq!(last.matches(told).count(), 1, "{told}: {last}");
    }
    scene.end();
}

/// The limit in bytes for instructions and tools as sent.
const MOST: usize = 12_000;

#[test]
fn instructions_and_tools_are_short_and_name_no_other_tools_for_every_model() {
    let scene = Scene::signed_in(Options::default());
    let mut all_names = BTreeSet::new();
    let mut seen = Vec::new();
    for (model, changes_with) in [("gpt-5.5", "apply_patch"), ("o3", "edit")] {
        scene.stand.script([ScriptedAnswer::says("Hello.")]);
        let model = ModelName::parse(model);
        settings(&scene, SettingsCommand::Model { model: model.clone(), effort: None });
        scene.ask("Hello");
        let request = scene.stand.responses().pop().unwrap();
        let [instructions, tools, _] = parts(&request);
        assert!(tools.contains(&format!("\"name\":\"{changes_with}\"")), "{tools}");
        let all = instructions.len() + tools.len();
        let sizes = format!(
            "{}: {} bytes of instructions, {} of tools, {all} in all",
            model.id,
            instructions.len(),
            tools.len()
        );
        writeln!(io::stderr(), "{sizes}").unwrap();
        assert!(all <= MOST, "{sizes}");
        let tools: Vec<Value> = serde_json::from_str(&format!("[{tools}]")).unwrap();
        let names = tools.iter().filter_map(|tool| tool["name"].as_str());
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        all_names.extend(names.clone());
        seen.push((instructions.to_owned(), names));
    }
    for (instructions, offered) in seen {
        let named = instructions.split('`').skip(1).step_by(2);
        let foreign: Vec<&str> =
            named.filter(|name| all_names.contains(*name) && !offered.contains(*name)).collect();
        assert!(foreign.is_empty(), "{foreign:?} of {offered:?}");
    }
    scene.end();
}
