//! Tools from elsewhere that come and go: what is offered, what asks, and what Plan never does.

use super::scenario::check;

/// A turn with the tools of a source, and a call of one of them that was understood.
fn called(mode: &str, action: &str, then: &str) {
    check(&format!(
        "> tools mcp__acme__find? mcp__acme__send
        {mode}
        > submit go
        tell turn 1 started
        tell user go
        describe
        > described
        sample 1: {}user go
        > item 1 call f1 c1 mcp__acme__send {{}}
        tell call c1
        > end 1
        tell c1 started
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
        > submit go
        tell turn 1 started
        tell user go
        describe
        > described
        sample 1: [mcp__acme__find] user go
        > tools mcp__acme__find? mcp__acme__send
        > item 1 call f1 c1 read x
        tell call c1
        > tools mcp__acme__send
        > end 1
        tell c1 started
        understand c1
        > understood c1 look a
        tell c1 runs: a
        run c1 read x
        > ran c1 text
        tell c1 ended: text
        sample 2: [mcp__acme__send] user go / call c1 / output c1 text",
    );
}

#[test]
fn a_tool_from_elsewhere_asks_and_always_names_that_tool_alone() {
    called(
        "> mode ask
        tell Build, ask",
        "external send",
        "tell c1 asks, ReadOnly, may learn tool: mcp__acme__send: It calls a tool of `acme`
        > decide c1 once
        tell c1 runs: send
        run c1 mcp__acme__send {} guarding the folder",
    );
}

#[test]
fn in_auto_only_what_says_that_it_reads_passes_unasked() {
    let auto = "> mode auto
        tell Build, auto";
    called(
        auto,
        "external-reading find",
        "tell c1 runs: find
        run c1 mcp__acme__send {}",
    );
    called(
        auto,
        "external send",
        "tell c1 asks, ReadOnly, may learn tool: mcp__acme__send: It calls a tool of `acme`",
    );
}
