//! Approvals and rules, of our file and of opencode's.

use super::*;
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
        [
            "`/home/config/config.toml`, line 2, column 13: `approvals` cannot be `full` for good, and is ignored | Use `--approval-mode full` where you want it"
        ]
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
fn what_is_wrong_is_named_with_its_place() {
    for (text, expected) in [
        (
            "approvals = 'yes'",
            "line 1, column 13: `approvals` must be `read-only`, `ask` or `auto`, and is `yes`",
        ),
        (
            "compact_at = 96",
            "line 1, column 14: `compact_at` must be a whole number of percent from 10 to 95, and is 96",
        ),
        (
            "opencode_permissions = 'no'",
            "line 1, column 24: `opencode_permissions` must be `strict` or `all`, and is `no`",
        ),
        (
            "permission = 'maybe'",
            "column 14: `permission` must be a table of `edit`, `shell`, `input`, `read`, `webfetch`, `tool`, `external_directory`, `doom_loop`, `*` or names of tools, and is `maybe`",
        ),
        (
            "[permission]\nedit = 'always'",
            "line 2, column 8: `edit` must be `allow`, `ask` or `deny`, and is `always`",
        ),
        (
            "[permission.shell]\n'ls *' = 'yes'",
            "line 2, column 10: `ls *` must be `allow`, `ask` or `deny`, and is `yes`",
        ),
        (
            "[permission.shell]\n'ls *' = ['ask']",
            "line 2, column 10: `ls *` must be `allow`, `ask` or `deny`, and is an array",
        ),
        (
            "[permission.shell]\n'' = 'ask'",
            "line 2, column 1: `permission` must be of patterns with up to 1000 letters, and is ``",
        ),
        (
            "[permission.shell]\n\"a\\u001bb\" = 'ask'",
            "line 2, column 1: `permission` must be of patterns with up to 1000 letters, and is `ab`",
        ),
    ] {
        let error = Fixture::new().user(text).error();
        assert!(error.ends_with(expected), "{error}");
    }
    let warnings = Fixture::new().user("[permission]\nedits = 'ask'").warnings();
    assert_eq!(
        warnings,
        [
            "`/home/config/config.toml`, line 2, column 1: `edits` is not a setting, and is ignored | Did you mean `edit`?"
        ]
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
        warnings.len() == 4
            && warnings.iter().all(|warning| warning.contains("cannot be set by a project")),
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
        ("{\"permission\": 7}", "line 1, column 16", "`permission` is not a table"),
        ("{\"permission\": ", "line 1, column 16", "it is not valid JSON"),
        ("[]", "line 1, column", "it is not valid JSON"),
        (
            "{\"permission\": {\"bash\": \"deny\"} \"a\": 1}",
            "line 1, column",
            "it is not valid JSON",
        ),
        ("{permission: 'deny'}", "line 1, column 2", "it is not valid JSON"),
        ("{\"permission\": \"deny\"} {}", "line 1, column", "it is not valid JSON"),
        ("{\"permission\": \"deny\"} /* no end", "line 1, column", "it is not valid JSON"),
        (&"{\"a\":".repeat(100_000), "line 1, column", "it is not valid JSON"),
        ("", "line 1, column 1", "it is not valid JSON"),
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
    assert!(wrong.contains("`allow`, `ask` or `deny`"), "{wrong}");
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
