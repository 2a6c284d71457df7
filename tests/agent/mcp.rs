//! MCP servers of the settings and of a folder, over the real program.

use std::fs;
use std::io::{self, Write};
use std::process::Output;

use codling::demo::{
    ScriptPiece, ScriptedAnswer, SeenRequest, completed, created, function_call, namespaced_call,
    tool_search,
};
use codling::protocol::Usage;
use serde_json::{Value, json};

use super::fixture::{Fixture, Person};

const PROGRAM: &str = env!("CARGO_BIN_EXE_codling");

/// A fixture whose settings know the stand-in's server.
fn served(more: &str) -> Fixture {
    let fixture = Fixture::new();
    let settings = fixture.stage.home.path().join("config/config.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    let server =
        format!("[mcp.stand]\ncommand = {PROGRAM:?}\nargs = ['demo', 'mcp-server']\n{more}");
    fs::write(settings, server).unwrap();
    fixture
}

/// The settings of more servers than a request carries the tools of.
fn three_more() -> String {
    ["two", "three", "four"]
        .map(|name| format!("[mcp.{name}]\ncommand = {PROGRAM:?}\nargs = ['demo', 'mcp-server']\n"))
        .concat()
}

fn acts(piece: ScriptPiece) -> ScriptedAnswer {
    ScriptedAnswer::sse([created(), piece, completed(Usage::default())])
}

fn calls(name: &str, arguments: &serde_json::Value) -> ScriptedAnswer {
    acts(function_call("c1", name, arguments.to_string()))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_server_of_the_settings_is_there_at_the_first_prompt_and_what_only_reads_is_called() {
    let fixture = served("env = { GREETING = 'hello', TOKEN = 'sk-secret' }\n");
    fixture.script([
        calls("mcp__stand__get_sum", &json!({ "a": 2, "b": 40 })),
        calls("mcp__stand__environment", &json!({})),
        ScriptedAnswer::says("42."),
    ]);
    let output = fixture.run(&["--approval-mode", "auto", "add them"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let responses = fixture.stage.stand.responses();
    assert!(Fixture::tools(&responses[0]).contains(&"mcp__stand__echo".to_owned()));
    let outputs: Vec<_> = responses.iter().map(|request| request.json().to_string()).collect();
    assert!(outputs[1].contains("The sum is 42"), "{}", outputs[1]);
    // A server gets what its definition names, and little else.
    let body = responses[2].json();
    let last = body["input"].as_array().unwrap().last().unwrap()["output"].to_string();
    assert!(last.contains("GREETING") && last.contains("TOKEN") && last.contains("HOME"), "{last}");
    for name in ["CODLING", "EDITOR", "sk-secret"] {
        assert!(!last.contains(name), "{name}: {last}");
    }
    fixture.stage.stand.check().unwrap();
}

#[test]
fn many_tools_are_found_before_they_are_called_and_the_request_before_stays_its_beginning() {
    let fixture = served(&three_more());
    fixture.script([
        calls("find_tools", &json!({ "query": "stand add numbers", "limit": 1 })),
        calls("mcp__stand__get_sum", &json!({ "a": 2, "b": 40 })),
        ScriptedAnswer::says("42."),
    ]);
    let output = fixture.run(&["--approval-mode", "auto", "add them"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let responses = fixture.stage.stand.responses();
    let tools: Vec<Vec<String>> = responses.iter().map(Fixture::tools).collect();
    let external = |tools: &[String]| -> Vec<String> {
        tools.iter().filter(|name| name.starts_with("mcp__")).cloned().collect()
    };
    assert!(tools[0].contains(&"find_tools".to_owned()) && external(&tools[0]).is_empty());
    assert_eq!(external(&tools[1]), ["mcp__stand__get_sum"]);
    assert!(tools[1].starts_with(&tools[0]), "what is found comes last");
    assert_eq!(tools[1], tools[2]);
    assert!(responses[2].json().to_string().contains("The sum is 42"));
}

/// The most that tools which wait to be found may add to a request, in bytes.
const WAITING: usize = 1_200;

#[test]
fn codexs_models_search_in_their_own_words_and_other_models_go_on_with_what_was_found() {
    let fixture = served(&three_more());
    let sum = json!({ "a": 2, "b": 40 });
    let run = |arguments: &[&str], script: Vec<ScriptedAnswer>| {
        let before = fixture.stage.stand.responses().len();
        fixture.script(script);
        let output = fixture.run(&[&["--approval-mode", "auto"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let responses = fixture.stage.stand.responses();
        responses[before..].iter().map(SeenRequest::json).collect::<Vec<_>>()
    };
    let search = json!({ "query": "stand add numbers", "limit": 1 });
    let first = run(
        &["-m", "gpt-5.5", "add them"],
        vec![
            acts(tool_search("c1", search)),
            acts(namespaced_call("c2", "mcp__stand", "get_sum", sum.to_string())),
            ScriptedAnswer::says("42."),
        ],
    );
    let tools = first[0]["tools"].as_array().unwrap();
    let offer = tools.iter().find(|tool| tool["type"] == "tool_search").unwrap().to_string();
    writeln!(io::stderr(), "48 tools that wait: {} bytes", offer.len()).unwrap();
    assert!(offer.len() <= WAITING, "{} bytes: {offer}", offer.len());
    assert!(!first[0].to_string().contains("find_tools"));
    assert_eq!(first[0]["tools"], first[1]["tools"]);
    assert_eq!(first[0]["tools"], first[2]["tools"]);
    let found = |body: &Value| {
        let items = body["input"].as_array().unwrap();
        let output = items.iter().find(|item| item["type"] == "tool_search_output").unwrap();
        output["tools"].clone()
    };
    let namespaces = found(&first[1]);
    assert_eq!(namespaces[0]["name"], "mcp__stand");
    assert_eq!(namespaces[0]["tools"].as_array().unwrap().len(), 1);
    assert_eq!(namespaces[0]["tools"][0]["name"], "get_sum");
    assert!(first[2].to_string().contains("The sum is 42"));

    // Another model has no such search: it is listed the tool that was found.
    let other = run(
        &["-c", "-m", "o3", "again"],
        vec![calls("mcp__stand__get_sum", &sum), ScriptedAnswer::says("42 again.")],
    );
    let listed = |body: &Value| {
        let tools = body["tools"].as_array().unwrap().clone();
        let names = tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned));
        names.filter(|name| name.contains("mcp__") || name == "find_tools").collect::<Vec<_>>()
    };
    assert_eq!(listed(&other[0]), ["find_tools", "mcp__stand__get_sum"]);
    assert!(!other[0].to_string().contains("tool_search"), "{}", other[0]);

    // A tool that `find_tools` found is a function for the first model as well.
    let echo = json!({ "query": "stand echo", "limit": 1 });
    run(
        &["-c", "-m", "o3", "echo"],
        vec![calls("find_tools", &echo), ScriptedAnswer::says("There is one.")],
    );
    let last = run(&["-c", "-m", "gpt-5.5", "on"], vec![ScriptedAnswer::says("Done.")]);
    assert_eq!(listed(&last[0]), ["mcp__stand__echo"]);
    assert_eq!(found(&last[0]), namespaces);
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_servers_prompt_is_a_slash_command_and_its_resources_are_read_by_tools() {
    let fixture = served("");
    fixture.script([
        calls("mcp__stand__list_resources", &json!({})),
        calls("mcp__stand__read_resource", &json!({ "uri": "demo://notes" })),
        ScriptedAnswer::says("Hello, Ada."),
    ]);
    let output = fixture.run(&["--approval-mode", "auto", "/mcp:stand:greet Ada Lovelace"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let responses = fixture.stage.stand.responses();
    let bodies: Vec<String> = responses.iter().map(|it| it.json().to_string()).collect();
    assert!(bodies[0].contains("Say hello to Ada Lovelace"), "{}", bodies[0]);
    assert!(bodies[1].contains("demo://notes") && bodies[2].contains("It rains."), "{}", bodies[2]);

    let fixture = served("");
    fixture.script([ScriptedAnswer::says("Which name?")]);
    let output = fixture.run(&["/mcp:stand:greet"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(told(&output).contains("name"), "what is missing is said: {}", told(&output));
    assert!(!fixture.stage.stand.responses()[0].json().to_string().contains("Say hello"));
}

#[test]
fn a_tool_that_changes_something_is_not_called_without_a_person_unless_the_settings_say_so() {
    for (more, written) in [
        ("", false),
        ("default_tools_approval_mode = 'approve'\n", true),
        ("tools.write.approval_mode = 'approve'\n", true),
        ("default_tools_approval_mode = 'approve'\ntools.write.approval_mode = 'prompt'\n", false),
        ("disabled_tools = ['write']\n", false),
    ] {
        let fixture = served(more);
        let path = fixture.folder().join("made.txt");
        fixture.script([
            calls("mcp__stand__write", &json!({ "path": path })),
            ScriptedAnswer::says("Done."),
        ]);
        let output = fixture.run(&["--approval-mode", "auto", "make it"]);
        assert_eq!(path.exists(), written, "{more}: {}", told(&output));
    }
}

#[test]
fn a_folders_server_is_not_started_before_a_person_said_yes_signed_in_or_not() {
    let fixture = Fixture::new();
    let config = json!({ "mcpServers": { "evil": { "command": "touch", "args": ["PWNED"] } } });
    fixture.write(".mcp.json", &config.to_string());
    fixture.script([ScriptedAnswer::says("Nothing.")]);
    let output = fixture.run(&["what is here?"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(told(&output).contains("evil"), "it is said by name: {}", told(&output));
    fs::remove_file(fixture.stage.home.auth_file()).unwrap();
    fixture.run(&["what is here?"]);
    assert_eq!(fixture.read("PWNED"), None);
}

#[test]
fn a_server_that_cannot_start_is_told_and_one_that_is_required_ends_the_run() {
    for (more, code) in [("", 0), ("required = true\n", 2)] {
        let fixture = Fixture::new();
        let settings = fixture.stage.home.path().join("config/config.toml");
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        fs::write(settings, format!("[mcp.gone]\ncommand = '/no/such/program'\n{more}")).unwrap();
        fixture.script([ScriptedAnswer::says("Hello.")]);
        let output = fixture.run(&["hello"]);
        assert_eq!(output.status.code(), Some(code), "{more}: {output:?}");
        assert!(told(&output).contains("gone"), "{more}: {}", told(&output));
    }
}

#[test]
fn a_server_that_ends_in_a_call_answers_that_it_did_and_is_started_again() {
    let fixture = served("default_tools_approval_mode = 'approve'\n");
    fixture.script([calls("mcp__stand__die", &json!({})), ScriptedAnswer::says("It is gone.")]);
    let output = fixture.run(&["--approval-mode", "auto", "end it"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(fixture.output("c1").contains("stand"), "{}", fixture.output("c1"));
}

#[test]
fn an_answer_that_is_too_long_is_on_the_disk_as_a_whole() {
    let fixture = served("");
    fixture.script([calls("mcp__stand__flood", &json!({})), ScriptedAnswer::says("A lot.")]);
    fixture.run(&["--approval-mode", "auto", "flood me"]);
    let answer = fixture.output("c1");
    let path = answer.rsplit(" is in ").next().unwrap().trim_end_matches(')');
    assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 10_000);
    assert!(answer.len() < 40_000);
}

#[test]
fn a_server_asks_the_person_in_the_middle_of_a_call() {
    let fixture = served("");
    fixture.script([calls("mcp__stand__ask", &json!({})), ScriptedAnswer::says("It went there.")]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.type_text("/mcp");
    terminal.press("enter");
    terminal.wait_for("ready, 12 tools");
    terminal.press("esc");
    terminal.wait_gone("MCP servers");
    terminal.ask("send it");
    terminal.wait_for("Where shall it go?");
    terminal.decide("R");
    terminal.type_text("ome");
    terminal.wait_for("› Rome");
    terminal.press("enter");
    terminal.wait_for("Are you sure?");
    terminal.decide("enter");
    terminal.wait_for("It went there.");
    let answer = fixture.output("c1");
    assert!(answer.contains("accept") && answer.contains("Rome"), "{answer}");
    fixture.leave(&terminal);
}

#[test]
fn nobody_is_asked_where_nobody_is_there() {
    let fixture = served("");
    fixture.script([calls("mcp__stand__ask", &json!({})), ScriptedAnswer::says("Not sent.")]);
    fixture.run(&["--approval-mode", "auto", "send it"]);
    assert!(fixture.output("c1").contains("decline"), "{}", fixture.output("c1"));
}

#[test]
fn a_folder_can_be_trusted_as_it_is_and_not_as_it_becomes() {
    let fixture = Fixture::new();
    let config = |more: &str| {
        let arguments = json!(["demo", "mcp-server"]);
        let server = json!({ "command": PROGRAM, "args": arguments, "env": { "MORE": more } });
        json!({ "mcpServers": { "theirs": server } }).to_string()
    };
    let offers = |fixture: &Fixture, arguments: &[&str]| {
        fixture.script([ScriptedAnswer::says("Hello.")]);
        let output = fixture.run(&[arguments, &["hello"]].concat());
        let request = fixture.stage.stand.responses().pop().unwrap();
        (Fixture::tools(&request).contains(&"mcp__theirs__echo".to_owned()), told(&output))
    };
    fixture.write(".mcp.json", &config("one"));
    assert!(!offers(&fixture, &[]).0);
    let (is_offered, said) = offers(&fixture, &["--trust-project"]);
    assert!(is_offered && said.contains("SHA-256"), "{said}");
    assert!(offers(&fixture, &[]).0, "the yes is kept");
    fixture.write(".mcp.json", &config("two"));
    assert!(!offers(&fixture, &[]).0, "the yes was to another definition");
}

#[test]
fn a_folders_server_writes_in_the_folder_alone_wherever_it_begins() {
    let fixture = Fixture::new();
    let server = json!({ "command": PROGRAM, "args": ["demo", "mcp-server"], "cwd": ".." });
    fixture.write(".mcp.json", &json!({ "mcpServers": { "theirs": server } }).to_string());
    let settings = fixture.stage.home.path().join("config/config.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(settings, "[permission]\n'mcp__theirs__*' = 'allow'\n").unwrap();
    for (path, written) in [("work/inside.txt", true), ("outside.txt", false)] {
        fixture.script([
            calls("mcp__theirs__write", &json!({ "path": path })),
            ScriptedAnswer::says("Done."),
        ]);
        let output = fixture.run(&["--trust-project", "--approval-mode", "auto", "write"]);
        let sandboxed = codling::sandbox::found(PROGRAM.as_ref()).sandbox.is_present();
        let is_there = fixture.outside().join(path).exists();
        assert_eq!(is_there, written && sandboxed, "{path}: {}", told(&output));
    }
}
