//! Calls as models get them wrong: each is done as it was meant, or refused with what to change.
//! None changes anything else.

use serde_json::json;

use crate::base::text::says;
use crate::protocol::{Confinement, Grant};

use super::fixture::{Fixture, call};

const FILES: [(&str, &str); 6] = [
    ("a.rs", "fn one() {\n    go();\n}\n\nfn two() {\n    go(2);\n}\n"),
    ("crlf.txt", "a\r\nb\r\nc\r\n"),
    ("deep/b.py", "def f(x):\n    return x\n"),
    ("list.txt", "1\n2\n3\n4\n5\n6\n"),
    ("same.txt", "x\ny\nx\n"),
    ("tab.go", "func f() {\n\tif x {\n\t\ty()\n\t}\n}\n"),
];
/// A file that the model has not read.
const UNREAD: (&str, &str) = ("unread.txt", "1\n");

/// A call that came out wrong.
struct Malformed {
    /// The mistake in the call.
    flaw: &'static str,
    tool: &'static str,
    /// `{ROOT}` is the folder.
    arguments: String,
    meant: Meant,
}

/// The expected outcome.
enum Meant {
    /// This file, and no other, has this text then.
    Done(&'static str, &'static str),
    /// Nothing changed, and the answer says this.
    Told(&'static str),
}

use Meant::{Done, Told};

#[derive(Debug, PartialEq)]
enum Outcome {
    Good,
    /// Nothing was changed, but the answer does not help on: what it said.
    Unhelpful(String),
    /// A file changed that was not meant.
    Wrong,
}

fn row(
    flaw: &'static str,
    tool: &'static str,
    arguments: impl ToString,
    meant: Meant,
) -> Malformed {
    Malformed { flaw, tool, arguments: arguments.to_string(), meant }
}

fn edit(flaw: &'static str, path: &str, old: &str, new: &str, meant: Meant) -> Malformed {
    let arguments = json!({ "filePath": path, "oldString": old, "newString": new });
    row(flaw, "edit", arguments, meant)
}

fn patch(flaw: &'static str, text: impl ToString, meant: Meant) -> Malformed {
    row(flaw, "apply_patch", text, meant)
}

/// Around the sections of a patch.
fn whole(sections: &str) -> String {
    format!("*** Begin Patch\n{sections}\n*** End Patch\n")
}

const TWO: &str = "*** Update File: list.txt\n@@\n 1\n-2\n+two\n 3";
const TWO_DONE: Meant = Done("list.txt", "1\ntwo\n3\n4\n5\n6\n");
const NO_JSON: &str = "JSON object";
const TAKES: &str = "The parameters are `filePath` (string, required), `oldString`";

fn arguments() -> Vec<Malformed> {
    vec![
        row("cut in a name", "edit", r#"{"filePath":"list.txt","oldStr"#, Told(NO_JSON)),
        row(
            "cut in a text",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"tw"#,
            Told("EOF while parsing a string"),
        ),
        row(
            "cut before the brace",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two""#,
            Told("EOF while parsing an object"),
        ),
        row(
            "a comma too many",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two",}"#,
            Told("trailing comma"),
        ),
        row(
            "single quotes",
            "edit",
            "{'filePath':'list.txt','oldString':'2','newString':'two'}",
            Told("key must be a string"),
        ),
        row(
            "a fence around it",
            "edit",
            "```json\n{\"filePath\":\"list.txt\",\"oldString\":\"2\",\"newString\":\"two\"}\n```",
            Told(TAKES),
        ),
        row(
            "two calls in one text",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two"}{"filePath":"list.txt","oldString":"3","newString":"three"}"#,
            Told("trailing characters"),
        ),
        row(
            "a bare line end in a text",
            "edit",
            "{\"filePath\":\"list.txt\",\"oldString\":\"1\n2\",\"newString\":\"two\"}",
            Told("control character"),
        ),
        row("a list", "edit", r#"[{"filePath":"list.txt"}]"#, Told("they are a list")),
        row(
            "JSON in a text",
            "edit",
            r#""{\"filePath\":\"list.txt\",\"oldString\":\"2\",\"newString\":\"two\"}""#,
            Told("they are a text"),
        ),
        row("nothing", "edit", "", Told("`filePath` is missing")),
        row(
            "a number for a text",
            "edit",
            r#"{"filePath":"list.txt","oldString":2,"newString":"two"}"#,
            Told("`oldString` … not a number"),
        ),
        row(
            "a list of lines for a text",
            "edit",
            r#"{"filePath":"list.txt","oldString":["1","2"],"newString":"two"}"#,
            Told("`oldString` … not a list"),
        ),
        row(
            "nothing for a text",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":null}"#,
            Told("`newString` is missing"),
        ),
        row(
            "a text for a flag",
            "edit",
            r#"{"filePath":"same.txt","oldString":"x","newString":"z","replaceAll":"true"}"#,
            Done("same.txt", "z\ny\nz\n"),
        ),
        row(
            "a number for a flag",
            "edit",
            r#"{"filePath":"same.txt","oldString":"x","newString":"z","replaceAll":1}"#,
            Told("`replaceAll` has to be `true` or `false`, not a number"),
        ),
        row(
            "names of another harness",
            "edit",
            r#"{"file_path":"list.txt","old_string":"2","new_string":"two"}"#,
            TWO_DONE,
        ),
        row(
            "the tool of another harness",
            "Edit",
            r#"{"file_path":"list.txt","old_string":"2","new_string":"two"}"#,
            TWO_DONE,
        ),
        row(
            "a patch in a command of another harness",
            "exec_command",
            json!({ "cmd": format!("apply_patch <<'EOF'\n{}EOF", whole(TWO)) }),
            TWO_DONE,
        ),
        row(
            "a patch in a list of words",
            "local_shell",
            json!({ "command": ["bash", "-lc", format!("apply_patch <<'EOF'\n{}EOF", whole(TWO))] }),
            TWO_DONE,
        ),
        row(
            "a parameter that there is not",
            "edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two","dryRun":true}"#,
            Told("no parameter `dryRun`"),
        ),
        row(
            "JSON for the text of a file",
            "write",
            r#"{"filePath":"new.json","content":{"a":1}}"#,
            Told("`content` … not an object"),
        ),
        row(
            "the name as a path",
            "functions.edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two"}"#,
            TWO_DONE,
        ),
        row(
            "a mark of the channel behind the name",
            "edit<|channel|>commentary",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two"}"#,
            TWO_DONE,
        ),
        row(
            "blanks behind the name",
            "functions.edit \n",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two"}"#,
            TWO_DONE,
        ),
        row("a hyphen in the name", "apply-patch", whole(TWO), TWO_DONE),
        row(
            "a patch in a command of another harness, its name as a path",
            "functions.exec_command<|channel|>commentary",
            json!({ "cmd": format!("apply_patch <<'EOF'\n{}EOF", whole(TWO)) }),
            TWO_DONE,
        ),
        row("a path that names no tool", "functions.", "{}", Told("no tool `functions.`")),
        row(
            "a path to a tool that there is not",
            "functions.frobnicate",
            "{}",
            Told("no tool `functions.frobnicate`"),
        ),
        row(
            "a mark and nothing before it",
            "<|channel|>edit",
            r#"{"filePath":"list.txt","oldString":"2","newString":"two"}"#,
            Told("no tool"),
        ),
        row(
            "several tools in one call",
            "multi_tool_use.parallel",
            r#"{"tool_uses":[{"recipient_name":"functions.edit","parameters":{"filePath":"list.txt","oldString":"2","newString":"two"}}]}"#,
            Told("The tools are `apply_patch`, `edit`"),
        ),
    ]
}

fn edits() -> Vec<Malformed> {
    vec![
        edit("an absolute path", "{ROOT}/list.txt", "2", "two", TWO_DONE),
        edit("a path from here", "./deep/../list.txt", "2", "two", TWO_DONE),
        edit("an absolute path to the root", "/list.txt", "2", "two", Told("There is `list.txt`")),
        edit("a path above", "../list.txt", "2", "two", Told("There is `list.txt`")),
        edit("a file that was not read", "unread.txt", "1", "2", Told("`read` it first")),
        edit("a name nearly right", "lists.txt", "2", "two", Told("There is `list.txt`")),
        edit(
            "lines that end otherwise",
            "crlf.txt",
            "a\nb",
            "a\nB",
            Done("crlf.txt", "a\r\nB\r\nc\r\n"),
        ),
        edit("lines that end as nowhere", "list.txt", "1\r\n2", "1\r\ntwo", TWO_DONE),
        edit(
            "blanks for tabs",
            "tab.go",
            "    if x {\n        y()\n    }",
            "    if x {\n        z()\n    }",
            Done("tab.go", "func f() {\n\tif x {\n\t\tz()\n\t}\n}\n"),
        ),
        edit("blanks at the ends", "list.txt", "1  \n2  ", "1\ntwo", TWO_DONE),
        edit("escaped twice", "list.txt", "1\\n2", "1\\ntwo", TWO_DONE),
        edit(
            "numbers of lines",
            "list.txt",
            "     2\t2\n     3\t3",
            "     2\ttwo",
            Told("comes nearest"),
        ),
        edit("more than one place", "same.txt", "x", "z", Told("`same.txt` … lines 1 and 3")),
        edit("no change", "list.txt", "2", "2", Told("are the same")),
        edit(
            "other words",
            "a.rs",
            "    go(1);\n}\n\nfn two",
            "    run(1);\n}\n\nfn two",
            Told("nearest … line 2"),
        ),
        edit(
            "no old text for a file that is there",
            "list.txt",
            "",
            "two",
            Told("is already there"),
        ),
    ]
}

fn patches() -> Vec<Malformed> {
    let two = whole(TWO);
    let bare = two.trim_end();
    let through_shell = |command: String| json!({ "command": command }).to_string();
    vec![
        patch("a fence around it", format!("```diff\n{two}```\n"), TWO_DONE),
        patch("a here-document", format!("apply_patch <<'EOF'\n{two}EOF\n"), TWO_DONE),
        patch("a command around it", format!("```bash\ncat <<-EOF\n{two}EOF\n```"), TWO_DONE),
        row(
            "through the shell",
            "shell",
            through_shell(format!("apply_patch <<'PATCH'\n{two}PATCH")),
            TWO_DONE,
        ),
        row(
            "through the shell, in another folder",
            "shell",
            through_shell(format!("cd {{ROOT}} && apply_patch <<'PATCH'\n{two}PATCH")),
            TWO_DONE,
        ),
        row(
            "through another harness's shell",
            "exec_command",
            json!({ "cmd": format!("apply_patch <<'EOF'\n{two}EOF\n") }),
            TWO_DONE,
        ),
        row(
            "through another harness's shell, in another folder",
            "exec_command",
            json!({ "cmd": format!("apply_patch <<'EOF'\n{two}EOF"), "workdir": "{ROOT}" }),
            TWO_DONE,
        ),
        row(
            "as a list of words for a shell",
            "exec_command",
            json!({ "cmd": ["apply_patch", two] }),
            Told("`cmd` … not a list"),
        ),
        patch("in a text of JSON", json!(two), TWO_DONE),
        patch("under another name", json!({ "patch": two }), Told("`input` is missing")),
        patch("as lines", json!({ "input": ["*** Begin Patch"] }), Told("`input` … not a list")),
        patch("two at once", format!("{two}{two}"), Told("one patch")),
        patch(
            "words before it",
            format!("Here it is:\n{two}"),
            Told("Line 1 of the patch comes before `*** Begin Patch`"),
        ),
        patch(
            "line ends escaped once too often",
            two.trim_end().replace('\n', "\\n"),
            Told(r"`\n` … two characters"),
        ),
        patch("cut off", bare.trim_end_matches("\n 3\n*** End Patch"), Told("cut off")),
        patch("an absolute path", two.replace("list.txt", "{ROOT}/list.txt"), TWO_DONE),
        patch(
            "an absolute path elsewhere",
            two.replace("list.txt", "/list.txt"),
            Told("There is `list.txt`"),
        ),
        patch("lines that end otherwise", two.replace('\n', "\r\n"), TWO_DONE),
        patch(
            "a file whose lines end otherwise",
            whole("*** Update File: crlf.txt\n a\n-b\n+B\n c"),
            Done("crlf.txt", "a\r\nB\r\nc\r\n"),
        ),
        patch(
            "blanks for tabs",
            whole("*** Update File: tab.go\n     if x {\n-        y()\n+        z()\n     }"),
            Done("tab.go", "func f() {\n\tif x {\n\t\tz()\n\t}\n}\n"),
        ),
        patch(
            "blanks at the ends",
            two.replace(" 1\n", " 1  \n").replace(" 3\n", " 3 \n"),
            TWO_DONE,
        ),
        patch("numbers of lines that moved", two.replace("@@", "@@ -41,3 +41,3 @@"), TWO_DONE),
        patch(
            "context that moved",
            whole("*** Update File: list.txt\n 0\n 1\n-2\n+two"),
            Told("not fit … from `0` on"),
        ),
        patch(
            "a hunk doubled",
            whole(&format!("{TWO}\n@@\n 1\n-2\n+two\n 3")),
            Told("Hunk 2 of `list.txt`"),
        ),
        patch(
            "hunks in the wrong order",
            whole("*** Update File: list.txt\n@@\n-5\n+five\n@@\n-2\n+two"),
            Told("above the hunk"),
        ),
        patch(
            "more than one place",
            whole("*** Update File: same.txt\n-x\n+z"),
            Told("lines 1 and 3"),
        ),
        patch(
            "context without its blank",
            whole("*** Update File: list.txt\n1\n-2\n+two"),
            Told("Line 3 of the patch is `1`"),
        ),
        patch(
            "new lines without a mark",
            whole("*** Add File: new.txt\nhello"),
            Told("Line 3 … not begin … `+`"),
        ),
        patch(
            "the heads of a diff",
            whole("--- a/list.txt\n+++ b/list.txt\n@@ -1,3 +1,3 @@\n-2\n+two"),
            Told("`*** Update File: PATH`"),
        ),
        patch(
            "a diff of git's",
            "diff --git a/list.txt b/list.txt\n--- a/list.txt\n+++ b/list.txt\n",
            Told("has to be `*** Begin Patch`"),
        ),
        patch(
            "a new file that is there",
            whole("*** Add File: list.txt\n+two"),
            Told("`*** Update File:`"),
        ),
        patch(
            "a name nearly right",
            two.replace("list.txt", "lists.txt"),
            Told("There is `list.txt`"),
        ),
        patch(
            "an anchor that is not there",
            two.replace("@@", "@@ fn three()"),
            Told("`fn three()`"),
        ),
        patch("no change", whole("*** Update File: list.txt\n 1\n 2"), Told("removes nothing")),
    ]
}

/// Makes one call on a folder of its own.
fn outcome(malformed: &Malformed) -> Outcome {
    let fixture = Fixture::new(&FILES);
    for (path, _) in FILES {
        fixture.read(path);
    }
    fixture.put(UNREAD.0, UNREAD.1);
    let root = fixture.path("");
    let arguments =
        malformed.arguments.replace("{ROOT}", root.to_str().unwrap().trim_end_matches('/'));
    // As a session does: what cannot be understood is not run.
    let call = call(malformed.tool, arguments);
    let output = match fixture.understand(&call) {
        Ok(_) => fixture.run(&call, Grant::within(Confinement::Folder)),
        Err(refusal) => refusal,
    };
    let before = FILES.iter().chain([&UNREAD]).map(|(path, text)| (*path, *text));
    let after = |done: Option<(&str, &str)>| {
        let named = |path: &str| done.filter(|(changed, _)| *changed == path);
        let is_as_meant = |(path, text): (&str, &str)| {
            fixture.get(path) == named(path).map_or(text, |(_, text)| text)
        };
        before.clone().all(is_as_meant) && fixture.tree().len() == FILES.len() + 1
    };
    match malformed.meant {
        Done(path, text) if after(Some((path, text))) => Outcome::Good,
        Told(words) if after(None) && !output.ok && says(&output.text, words) => Outcome::Good,
        _ if after(None) => Outcome::Unhelpful(output.text),
        _ => Outcome::Wrong,
    }
}

#[test]
fn of_sixty_malformed_calls_none_edits_wrongly_and_each_is_done_or_answered_with_what_to_change() {
    let calls: Vec<Malformed> = [arguments(), edits(), patches()].into_iter().flatten().collect();
    assert!(calls.len() >= 60, "{}", calls.len());
    let judged: Vec<(&Malformed, Outcome)> =
        calls.iter().map(|call| (call, outcome(call))).collect();
    let of = |wanted: fn(&Outcome) -> bool| -> Vec<String> {
        let found = judged.iter().filter(|(_, outcome)| wanted(outcome));
        found.map(|(call, outcome)| format!("{} ({}): {outcome:?}", call.flaw, call.tool)).collect()
    };
    let wrong = of(|outcome| *outcome == Outcome::Wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unhelpful = of(|outcome| matches!(outcome, Outcome::Unhelpful(_)));
    assert!(unhelpful.is_empty(), "{unhelpful:#?}");
}

/// The decision is made about what is planned: a call that only has another spelling must not be
/// planned as anything milder, and one that means nothing is not planned at all.
#[test]
fn a_call_in_another_spelling_is_planned_as_the_plain_one_and_run_as_it_was_planned() {
    let fixture = Fixture::new(&FILES);
    let out = json!({ "cmd": "rm -rf ../x", "sandbox_permissions": "require_escalated" });
    let patched = whole("*** Delete File: /etc/hosts");
    for (plain, arguments, spellings) in [
        (
            "exec_command",
            out.to_string(),
            &[
                "functions.exec_command",
                "exec_command<|channel|>commentary",
                "functions.exec_command<|channel|>commentary json",
                "exec_command\t ",
                "Exec-Command",
            ][..],
        ),
        ("apply_patch", patched, &["apply-patch", "functions.apply_patch", "apply_patch<|x"]),
        ("read", json!({ "filePath": "../secret" }).to_string(), &["functions.read", "Read "]),
        ("shell", json!({ "command": "sudo x" }).to_string(), &["functions.shell", "bash<|x"]),
    ] {
        let planned = fixture.understand(&call(plain, &arguments));
        for spelling in spellings {
            assert_eq!(fixture.understand(&call(spelling, &arguments)), planned, "{spelling}");
        }
    }
    for nothing in ["functions.", "functions.x", "<|channel|>read", "exec command", "read.x", ""] {
        let refused = fixture.understand(&call(nothing, "{}")).unwrap_err();
        let ran = fixture.run(&call(nothing, "{}"), Grant::within(Confinement::Folder));
        assert!(says(&refused.text, "no tool"), "{}", refused.text);
        assert_eq!(ran, refused);
    }
}

#[test]
fn arguments_of_other_harnesses_that_change_nothing_are_taken() {
    let fixture = Fixture::new(&FILES);
    let understood = |arguments| fixture.understand(&call("exec_command", arguments));
    let plain = understood(json!({ "cmd": "ls" }));
    assert!(plain.is_ok());
    for extra in [
        json!({ "cmd": "ls", "yield_time_ms": 250.5 }),
        json!({ "cmd": "ls", "yield_time_ms": "250", "max_output_tokens": "1000.0" }),
        json!({ "cmd": "ls", "shell": "/bin/sh" }),
        json!({ "cmd": "ls", "shell": "sh" }),
        json!({ "cmd": "ls", "shell": "/bin/bash" }),
    ] {
        assert_eq!(understood(extra.clone()), plain, "{extra}");
    }
    for wrong in [
        json!({ "cmd": "ls", "shell": "./sh" }),
        json!({ "cmd": "ls", "shell": "/tmp/sh" }),
        json!({ "cmd": "ls", "shell": "fish" }),
        json!({ "cmd": "ls", "yield_time_ms": -0.5 }),
    ] {
        assert!(understood(wrong.clone()).is_err(), "{wrong}");
    }
    fixture.put("a.png", crate::tools::pictures::pixels::tests::PNG);
    let look = json!({ "path": "a.png", "detail": "original" });
    let seen = fixture.run(&call("view_image", look), Grant::within(Confinement::Folder));
    assert!(seen.ok && seen.images.len() == 1, "{}", seen.text);
}
