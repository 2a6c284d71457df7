//! Approvals and rules, of our file and of opencode's.

use super::*;
use crate::config::opencode::{BROKEN, NO_TABLE};
use crate::protocol::{ApprovalMode, Rule};

fn rules(fixture: &Fixture) -> Vec<String> {
    let said =
        |rule: &Rule| format!("{} {} {:?}", rule.subject.as_str(), rule.pattern, rule.ruling);
    fixture.settings().rules.iter().map(said).collect()
}

/// A fixture where opencode's settings lie in its folder.
fn beside_opencode(file: &str, text: &str) -> Fixture {
    let fixture = Fixture::new();
    let config = fixture.folder.path().join("xdg");
    fixture.write(&format!("xdg/opencode/{file}"), text);
    Fixture { env: fixture.env.clone().with("XDG_CONFIG_HOME", config), ..fixture }
}

#[test]
fn without_a_word_it_asks_and_sums_up_at_85_percent() {
    let fixture = Fixture::new();
    let settings = fixture.settings();
    assert_eq!(
        (settings.approvals, settings.compact_at, settings.rules.len()),
        (ApprovalMode::Ask, 85, 0)
    );
    assert_eq!(settings.guidance, fixture.folder.path().join("home/config/AGENTS.md"));
    let settings = Fixture::new().user("approvals = 'auto'\ncompact_at = 10").settings();
    assert_eq!((settings.approvals, settings.compact_at), (ApprovalMode::Auto, 10));
}

#[test]
fn full_is_for_one_start_only() {
    let fixture = Fixture::new().user("\napprovals = 'full'");
    assert_eq!(fixture.settings().approvals, ApprovalMode::Ask);
    assert_eq!(
        fixture.warnings(),
        [format!(
            "`/home/config/config.toml`, line 2, column 13: `approvals` {NOT_FOR_GOOD} | Use `--approval-mode full` where you want it"
        )]
    );
}

#[test]
fn rules_keep_their_order_and_the_words_of_opencode() {
    let fixture = Fixture::new().user(
        "[permission]\n\"*\" = 'ask'\nedit = 'ask'\nexternal_directory = { '~/notes/*' = 'allow' }\nwebfetch = 'deny'\ndoom_loop = 'deny'\n\
         [permission.bash]\n'*' = 'ask'\n'rm *' = 'deny'\n'git push *' = 'ask'\n'~/x' = 'allow'\n[permission.read]\n'$HOME/.ssh/*' = 'deny'\n'~user' = 'deny'",
    );
    assert_eq!(
        rules(&fixture),
        [
            "* * Ask",
            "edit * Ask",
            "external_directory /home/m/notes/* Allow",
            "webfetch * Deny",
            "doom_loop * Deny",
            "shell * Ask",
            "shell rm * Deny",
            "shell git push * Ask",
            "shell ~/x Allow",
            "read /home/m/.ssh/* Deny",
            "read ~user Deny"
        ]
    );
    assert_eq!(rules(&Fixture::new().user("permission = 'deny'")), ["* * Deny"]);
    assert_eq!(
        rules(&Fixture::new().user("permission.shell = { 'ls' = 'allow' }")),
        ["shell ls Allow"]
    );
}

#[test]
fn a_key_that_no_rule_has_is_told_with_the_likely_one() {
    let warnings = Fixture::new().user("[permission]\nedits = 'ask'").warnings();
    assert_eq!(
        warnings,
        [format!(
            "`/home/config/config.toml`, line 2, column 1: `edits` {NOT_A_SETTING} | Did you mean `edit`?"
        )]
    );
}

#[test]
fn a_project_sets_none_of_it() {
    let text = "approvals = 'auto'\ncompact_at = 10\nopencode_permissions = 'all'\n[permission]\n'*' = 'allow'";
    let fixture = Fixture::new().project(text);
    let settings = fixture.settings();
    assert_eq!(
        (settings.approvals, settings.compact_at, settings.rules.len()),
        (ApprovalMode::Ask, 85, 0)
    );
    let warnings = fixture.warnings();
    assert!(
        warnings.len() == 4 && warnings.iter().all(|warning| warning.contains(NOT_A_PROJECTS)),
        "{warnings:?}"
    );
}

#[test]
fn of_opencodes_rules_those_count_that_are_stricter_unless_all_are_wanted() {
    let text = r#"{
        // mine
        "permission": {
            "edit": "allow", "list": "deny", "webfetch": "ask",
            "bash": { "ls *": "allow", "*": "ask", "rm *": "deny", "rm a": "allow", },
            "read": {"~/.ssh/*": "deny"},
        },
    }"#;
    let strict = [
        "webfetch * Ask",
        "shell * Ask",
        "shell rm * Deny",
        "shell rm a Ask",
        "read /home/m/.ssh/* Deny",
    ];
    let fixture = beside_opencode("opencode.jsonc", text);
    assert_eq!(rules(&fixture), strict);
    assert_eq!(fixture.warnings(), Vec::<String>::new());
    let fixture = fixture.user("opencode_permissions = 'all'\npermission.edit = 'deny'");
    assert_eq!(
        rules(&fixture),
        [
            "edit * Allow",
            "webfetch * Ask",
            "shell ls * Allow",
            "shell * Ask",
            "shell rm * Deny",
            "shell rm a Allow",
            "read /home/m/.ssh/* Deny",
            "edit * Deny"
        ]
    );
    assert_eq!(rules(&beside_opencode("config.json", r#"{"permission": "deny"}"#)), ["* * Deny"]);
    // The last of two entries of one name counts, as everywhere in JSON; a byte order mark means
    // nothing.
    let twice = "\u{feff}{\"permission\": \"ask\", \"permission\": \"deny\" /* , } */ }";
    assert_eq!(rules(&beside_opencode("opencode.json", twice)), ["* * Deny"]);
    assert_eq!(
        rules(&beside_opencode("opencode.json", r#"{"permission": "allow"}"#)),
        Vec::<String>::new()
    );
    assert_eq!(rules(&beside_opencode("opencode.json", r#"{"theme": "x"}"#)), Vec::<String>::new());
}

#[test]
fn damage_in_opencodes_file_is_a_warning_with_its_place() {
    for (text, place, said) in [
        (
            "{\"permission\": {\n  \"bash\": \"maybe\"}}",
            "line 2, column 11",
            "what `bash` says about `*` is not understood",
        ),
        (
            "{\"permission\": {\"bash\": {\n/* é */ \"a\": 7}}}",
            "line 2, column",
            "what `bash` says about `a` is not understood",
        ),
        ("{\"permission\": 7}", "line 1, column 16", NO_TABLE),
        ("{\"permission\": ", "line 1, column 16", BROKEN),
        ("[]", "line 1, column", BROKEN),
        ("{\"permission\": {\"bash\": \"deny\"} \"a\": 1}", "line 1, column", BROKEN),
        ("{permission: 'deny'}", "line 1, column 2", BROKEN),
        ("{\"permission\": \"deny\"} {}", "line 1, column", BROKEN),
        ("{\"permission\": \"deny\"} /* no end", "line 1, column", BROKEN),
        (&"{\"a\":".repeat(100_000), "line 1, column", BROKEN),
        ("", "line 1, column 1", BROKEN),
    ] {
        let fixture = beside_opencode("opencode.json", text);
        let warnings = fixture.warnings();
        assert!(
            warnings.len() == 1 && warnings[0].contains(place) && warnings[0].contains(said),
            "{warnings:?}"
        );
        assert_eq!(rules(&fixture), Vec::<String>::new());
    }
    let folder = beside_opencode("opencode.json/inside", "");
    assert!(folder.warnings()[0].contains("it is not a file"), "{:?}", folder.warnings());
}

#[test]
fn tools_from_elsewhere_are_named_as_opencode_names_them() {
    let text = "[permission]\n'mcp__acme__*' = 'allow'\nacme_find = 'deny'\n[permission.tool]\n'mcp__zed__*' = 'ask'";
    let fixture = Fixture::new().user(text);
    assert_eq!(
        rules(&fixture),
        ["tool mcp__acme__* Allow", "tool acme_find Deny", "tool mcp__zed__* Ask"]
    );
    assert_eq!(fixture.warnings(), Vec::<String>::new());
    let wrong = Fixture::new().user("[permission]\n'mcp__acme__*' = { 'x' = 'allow' }").error();
    for word in ["allow", "ask", "deny"] {
        assert!(wrong.contains(&format!("`{word}`")), "{wrong}");
    }
    for (typo, meant) in [("shel", "shell"), ("extrnal_directory", "external_directory")] {
        let fixture = Fixture::new().user(&format!("[permission]\n{typo} = 'deny'"));
        assert!(fixture.warnings()[0].contains(&format!("Did you mean `{meant}`?")), "{typo}");
    }
    let theirs = r#"{"permission": {"acme_*": "deny", "zed_*": "allow", "lsp": "deny"}}"#;
    // An `allow` behind a `deny` counts as an exception that asks.
    assert_eq!(
        rules(&beside_opencode("opencode.json", theirs)),
        ["tool acme_* Deny", "tool zed_* Ask"]
    );
}
