//! Changes over several files, with every kind of tool and every kind of answer.

use std::cell::Cell;

use serde_json::Value;

use super::{ran, turn};
use crate::demo::brain::words::replies;

const PATCHER: &[&str] = &["grep", "glob", "read", "apply_patch*", "shell"];
pub(super) const CODEX: &[&str] = &[
    "exec_command",
    "write_stdin",
    "update_plan",
    "request_user_input",
    "apply_patch*",
    "view_image",
    "webfetch",
];
const EDITOR: &[&str] = &["grep", "glob", "read", "edit", "write", "shell"];

/// Two files about apples, and whatever the tools that change say.
fn orchard(tool: &str, arguments: &Value, changed: &str) -> String {
    match (tool, arguments["filePath"].as_str()) {
        ("exec_command", _) => grove(arguments["cmd"].as_str().unwrap(), changed),
        ("grep", _) => "a.md\n  1: apple\n  3: two apple trees\n\nb.txt\n  1: an apple".into(),
        ("glob", _) => "b.txt\na.md\npicture.png".into(),
        ("read", Some("a.md")) => "1\tapple\n2\t\n3\ttwo apple trees\n".into(),
        ("read", Some("b.txt")) => "1\tan apple\n".into(),
        _ => changed.into(),
    }
}

/// The same by way of commands.
fn grove(command: &str, changed: &str) -> String {
    let body = match command {
        "cat -n -- a.md" => "     1\tapple\n     2\t\n     3\ttwo apple trees\n",
        "cat -n -- b.txt" => "     1\tan apple\n",
        _ if command.starts_with("find . ") => "./b.txt\n./a.md\n./picture.png\n",
        _ if command.starts_with("grep -rHnIF ") => {
            "./a.md:1:apple\n./a.md:3:two apple trees\n./b.txt:1:an apple\n"
        }
        _ => return changed.into(),
    };
    ran("Process exited with code 0", body)
}

#[test]
fn a_model_with_a_command_line_reads_by_commands_and_changes_by_a_patch() {
    let texts = turn("rename apple to pear", CODEX, |tool, arguments| {
        orchard(tool, arguments, "Updated a.md and b.txt")
    });
    assert!(
        texts[0].contains(">> exec_command") && texts[0].contains("-e apple -- .\"}"),
        "{}",
        texts[0]
    );
    assert!(
        texts[1].ends_with(
            ">> exec_command {\"cmd\":\"cat -n -- a.md\"}\n>> exec_command {\"cmd\":\"cat -n -- b.txt\"}"
        ),
        "{}",
        texts[1]
    );
    let own = turn("rename apple to pear", PATCHER, |tool, arguments| {
        orchard(tool, arguments, "Updated a.md and b.txt")
    });
    assert_eq!(texts[2..], own[2..], "from there on it is the same");
}

#[test]
fn a_name_is_looked_for_read_and_changed_in_all_files_by_one_patch() {
    let texts = turn("rename apple to pear", PATCHER, |tool, arguments| {
        orchard(tool, arguments, "Updated a.md and b.txt")
    });
    assert!(texts[0].ends_with(">> grep {\"pattern\":\"apple\"}"), "{}", texts[0]);
    assert!(
        texts[1].ends_with(">> read {\"filePath\":\"a.md\"}\n>> read {\"filePath\":\"b.txt\"}"),
        "{}",
        texts[1]
    );
    assert_eq!(
        texts[2],
        "I will change `a.md`, `b.txt`.\n>> apply_patch\n*** Begin Patch\n*** Update File: a.md\n@@\n-apple\n+pear\n \n-two apple trees\n\
         +two pear trees\n*** Update File: b.txt\n@@\n-an apple\n+an pear\n*** End Patch"
    );
    assert!(texts[3].contains("Updated a.md and b.txt"), "{}", texts[3]);
    assert_eq!(texts.len(), 4);
}

#[test]
fn a_model_that_writes_no_patches_edits_file_by_file() {
    let texts =
        turn("rename apple to pear", EDITOR, |tool, arguments| orchard(tool, arguments, "Changed"));
    assert_eq!(texts[2].matches(">> edit").count(), 2, "{}", texts[2]);
    assert!(
        texts[2].contains(r#""filePath":"b.txt","oldString":"an apple","newString":"an pear""#),
        "{}",
        texts[2]
    );
    let json = turn("create n.md with Hello", &["apply_patch"], |_, arguments| {
        arguments["input"].as_str().unwrap().into()
    });
    assert!(
        json[1].contains("*** Begin Patch\n*** Add File: n.md\n+Hello\n*** End Patch"),
        "{json:?}"
    );
    let write = turn("create n.md with Hello", EDITOR, |_, arguments| arguments.to_string());
    assert!(write[0].contains(r#">> write {"filePath":"n.md","content":"Hello\n"}"#), "{write:?}");
}

#[test]
fn a_refusal_with_a_reason_is_taken_up_by_the_next_change() {
    let reasons = [
        ("use the word plum instead", "+two plum trees", "pear"),
        ("leave out b.txt", "*** Update File: a.md", "b.txt"),
        ("only b.txt please", "*** Update File: b.txt", "a.md"),
    ];
    for ((reason, expected, out), tools) in
        [PATCHER, CODEX].iter().flat_map(|tools| reasons.map(|reason| (reason, *tools)))
    {
        let refused = Cell::new(0);
        let texts = turn("rename apple to pear", tools, |tool, arguments| {
            let first = tool == "apply_patch"
                && refused.replace(refused.get() + usize::from(tool == "apply_patch")) == 0;
            let changed = if first {
                format!("The user refused this call and said: {reason}")
            } else {
                "Updated".into()
            };
            orchard(tool, arguments, &changed)
        });
        assert_eq!(texts.len(), 5, "{texts:?}");
        assert!(
            texts[3].starts_with("As you said.")
                && texts[3].contains(expected)
                && !texts[3].contains(out),
            "{}",
            texts[3]
        );
        assert!(texts[4].contains("It is done"), "{}", texts[4]);
    }
}

#[test]
fn a_refusal_that_says_nothing_to_act_on_ends_it_with_what_would_have_been_done() {
    for (tools, calls) in [(PATCHER, 1), (CODEX, 1), (EDITOR, 2)] {
        for said in [
            "The user refused this call. Do not try the same in another way",
            "The user refused this call and said: no thanks",
        ] {
            let texts = turn("rename apple to pear", tools, |tool, arguments| {
                orchard(tool, arguments, said)
            });
            assert_eq!(texts.len(), 4, "{texts:?}");
            assert!(
                texts[3].contains("I would have") && texts[3].contains("it was refused"),
                "{}",
                texts[3]
            );
            assert_eq!(texts[2].matches("\n>> ").count(), calls);
        }
    }
}

#[test]
fn a_deletion_or_a_move_that_was_refused_is_not_asked_for_again() {
    for prompt in ["delete a.md", "move a.md to b.md"] {
        for tools in [PATCHER, CODEX] {
            let texts = turn(prompt, tools, |_, _| {
                "The user refused this call and said: use `ls` instead, leave a.md".into()
            });
            assert_eq!(texts.len(), 2, "{texts:?}");
            assert!(
                texts[0].contains(">> apply_patch") && texts[1].contains("it was refused"),
                "{texts:?}"
            );
        }
    }
}

#[test]
fn reasons_that_never_end_do_not_keep_it_busy_for_ever() {
    let texts = turn("create n.md with Hello", PATCHER, |_, _| {
        "The user refused this call. Nothing else".into()
    });
    assert_eq!(texts.len(), 2);
    let count = Cell::new(0);
    let texts = turn("create n.md with Hello", EDITOR, |_, _| {
        count.set(count.get() + 1);
        let said = if count.get() > 3 {
            "Made"
        } else {
            "The user refused this call and said: use other.md instead"
        };
        said.into()
    });
    assert!(
        texts[1].contains("other.md") && texts.last().unwrap().contains("It is done"),
        "{texts:?}"
    );
}

#[test]
fn a_file_that_changed_meanwhile_is_read_again() {
    for (tools, reads) in [(PATCHER, ">> read"), (CODEX, "cat -n -- b.txt")] {
        let tried = Cell::new(0);
        let texts = turn("replace apple with pear in b.txt", tools, |tool, arguments| {
            if tool == "apply_patch" {
                tried.set(tried.get() + 1);
            }
            let stale = "`b.txt` changed on disk since it was last read: read it again";
            orchard(tool, arguments, if tried.get() == 1 { stale } else { "Updated" })
        });
        assert_eq!(texts.iter().filter(|text| text.contains(reads)).count(), 2, "{texts:?}");
        assert_eq!(tried.get(), 2);
    }
}

#[test]
fn something_can_be_mended_in_any_folder_with_text_files() {
    for tools in [PATCHER, CODEX] {
        let texts =
            turn("fix something", tools, |tool, arguments| orchard(tool, arguments, "Updated"));
        for change in [
            "*** Update File: a.md\n@@\n-apple\n+# a\n+\n+apple\n",
            "*** Update File: b.txt\n@@\n-an apple\n+an apple\n+(Looked over",
        ] {
            assert!(texts[2].contains(change), "{}", texts[2]);
        }
    }
}

#[test]
fn what_cannot_be_changed_is_said() {
    let nothing = turn("rename fig to date", PATCHER, |tool, arguments| match tool {
        "grep" => "No lines match `fig` in `.`".into(),
        _ => orchard(tool, arguments, ""),
    });
    assert!(nothing[1].contains(replies::NOTHING_LEFT), "{nothing:?}");
    let nothing = turn("rename fig to date", CODEX, |_, _| ran("Process exited with code 1", ""));
    assert!(nothing[1].contains(replies::NOTHING_LEFT), "{nothing:?}");
    let plan = turn("rename apple to pear", &["grep", "read"], |tool, arguments| {
        orchard(tool, arguments, "")
    });
    assert!(*plan.last().unwrap() == replies::no_tool("edit"), "{plan:?}");
    let shell = turn("delete it's.txt", EDITOR, |_, _| "Exit code 0".into());
    assert!(shell[0].contains(r#"rm -- 'it'\\''s.txt'"#), "{}", shell[0]);
    let moved = turn("rename a.md to docs/b.md", PATCHER, |_, _| "Moved".into());
    assert!(moved[0].contains("*** Update File: a.md\n*** Move to: docs/b.md\n"), "{}", moved[0]);
    let patch = turn("delete b.txt", PATCHER, |_, _| "Deleted".into());
    assert!(
        patch[0].ends_with("*** Begin Patch\n*** Delete File: b.txt\n*** End Patch"),
        "{}",
        patch[0]
    );
}
