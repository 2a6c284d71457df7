//! The tools that a model is offered, also those from elsewhere that come and go: which of them
//! ask, and which Plan never runs.

use crate::protocol::{Agent, ApprovalMode, Patches, Presence, SessionSettings, SettingsCommand};
use crate::session::{Session, SessionConfig, SessionInput};

use super::scenario::{check, config, settings};

/// A turn with the tools of a source, and a call of one of them that was understood.
fn called(mode: &str, action: &str, then: &str) {
    check(&format!(
        "> tools mcp__acme__find? mcp__acme__send
        {mode}
        >> prompt 1 go
        describe
        > described
        request 1: {}user go
        >> call 1 c1 mcp__acme__send {{}}
        > end 1
        emit c1 started
        understand c1
        > understood c1 {action}
        {then}",
        if mode.contains("plan") {
            "[mcp__acme__find] now plan / "
        } else if mode.contains("read-only") {
            "[mcp__acme__find] "
        } else {
            "[mcp__acme__find] [mcp__acme__send] "
        }
    ));
}

#[test]
fn other_tools_are_offered_with_the_next_request_and_not_before() {
    check(
        "> tools mcp__acme__find?
        >> prompt 1 go
        describe
        > described
        request 1: [mcp__acme__find] user go
        > tools mcp__acme__find? mcp__acme__send
        >> call 1 c1 read x
        > tools mcp__acme__send
        > end 1
        emit c1 started
        understand c1
        > understood c1 look a
        emit c1 runs: a
        run c1 read x
        > ran c1 text
        emit c1 ended: text
        request 2: [mcp__acme__send] user go / call c1 / output c1 text",
    );
}

#[test]
fn a_tool_from_elsewhere_asks_and_always_names_that_tool_alone() {
    called(
        "> mode ask
        emit Build, ask",
        "external send",
        "emit c1 asks, ReadOnly, may learn tool: mcp__acme__send: It calls a tool of `acme`
        > decide c1 once
        emit c1 runs: send
        run c1 mcp__acme__send {} guarding the folder",
    );
}

#[test]
fn in_auto_only_what_says_that_it_reads_passes_unasked() {
    let auto = "> mode auto
        emit Build, auto";
    called(
        auto,
        "external-reading find",
        "emit c1 runs: find
        run c1 mcp__acme__send {}",
    );
    called(
        auto,
        "external send",
        "emit c1 asks, ReadOnly, may learn tool: mcp__acme__send: It calls a tool of `acme`",
    );
}

#[test]
fn a_model_gets_the_tools_that_it_was_taught_whatever_it_may_do_with_them_now() {
    for (patches, agent, mode, offered) in [
        (Patches::Never, Agent::Build, ApprovalMode::Ask, "ask edit read shell"),
        (Patches::AsText, Agent::Build, ApprovalMode::Auto, "ask patch read shell"),
        (Patches::AsArgument, Agent::Build, ApprovalMode::Full, "ask patch read shell"),
        (Patches::Never, Agent::Plan, ApprovalMode::Ask, "ask edit read shell"),
        (Patches::AsText, Agent::Plan, ApprovalMode::Full, "ask patch read shell"),
        (Patches::AsText, Agent::Build, ApprovalMode::ReadOnly, "ask patch read shell"),
    ] {
        let mut session = Session::new(config(50), settings());
        session.handle(SessionInput::ModelKnown(SessionSettings { patches, ..settings() }));
        session.handle(SessionInput::Settings(SettingsCommand::Agent(agent)));
        session.handle(SessionInput::Settings(SettingsCommand::Mode(mode)));
        let tools = session.context.offered_tools(&[]);
        let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names.join(" "), offered, "{patches:?} {agent:?} {mode:?}");
    }
}

#[test]
fn where_nobody_is_there_nothing_is_offered_that_asks() {
    let session =
        Session::new(SessionConfig { presence: Presence::Unattended, ..config(50) }, settings());
    let tools = session.context.offered_tools(&[]);
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["edit", "read", "shell"]);
}

#[test]
fn a_call_with_words_around_its_name_is_a_call_of_that_tool_from_the_beginning() {
    let refused = "Plan changes nothing: say what you would change";
    check(&format!(
        "> agent plan
        emit Plan, ask
        >> prompt 1 go
        describe
        > described
        request 1: now plan / user go
        >> call 1 c1 functions.read x
        >> call 1 c2 functions.edit<|channel|>commentary x
        > end 1
        emit c1 started
        emit c2 started
        understand c1
        > understood c1 look a
        emit c1 runs: a
        run c1 read x
        > ran c1 text
        emit c1 ended: text
        understand c2
        > understood c2 change a
        emit c2 ended: {refused}
        request 2: now plan / user go / call c1 / call c2 / output c1 text / output c2 {refused}"
    ));
}
