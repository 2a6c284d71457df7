//! Patches as the model writes them: a folder before, a patch, the folder after, or the reason why
//! not.

use proptest::prelude::*;
use serde_json::json;

use crate::base::text::says;
use crate::protocol::{ActionKind, Confinement, DiffKind, Grant, ToolFace, ToolResult};
use crate::tools::CallSurroundings;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::files::diff::diff;
use crate::tools::tests::fixture::{Fixture, call};

use super::parse::sections;

fn patch(body: &str) -> String {
    format!("*** Begin Patch\n{body}\n*** End Patch\n")
}

/// The file `a` after one section about it.
fn updated(before: &str, hunks: &str) -> Result<String, String> {
    let text = patch(&format!("*** Update File: a\n{hunks}"));
    let sections = sections(&text).map_err(|refusal| refusal.to_string())?;
    let super::SectionAction::Update { hunks, .. } = &sections[0].action else {
        panic!("{sections:?}")
    };
    let applied = super::apply(before, hunks).map(|patched| patched.text);
    applied.map_err(|error| format!("{}: {}", error.hunk, error.reason))
}

#[test]
fn hunks_go_where_their_context_stands() {
    let abc = "a\nb\nc\nd\ne\n";
    let twice = "fn one() {\n    go();\n}\nfn two() {\n    go();\n}\n";
    let nested = "mod a {\n  fn f() {\n    x\n  }\n}\nmod b {\n  fn f() {\n    x\n  }\n  fn g() {\n    x\n  }\n}\n";
    for (before, hunks, after) in [
        // Plain.
        (abc, "@@\n b\n-c\n+C\n d", "a\nb\nC\nd\ne\n"),
        (abc, " b\n-c\n+C\n d", "a\nb\nC\nd\ne\n"),
        (abc, "-a\n+A", "A\nb\nc\nd\ne\n"),
        (abc, "-e", "a\nb\nc\nd\n"),
        (abc, " e\n+f", "a\nb\nc\nd\ne\nf\n"),
        (abc, "+0\n a", "0\na\nb\nc\nd\ne\n"),
        (abc, "-a\n-b\n-c\n-d\n-e", ""),
        (abc, "@@\n-a\n+A\n@@\n-e\n+E", "A\nb\nc\nd\nE\n"),
        (abc, "@@\n-b\n+B\n c\n@@\n-d\n+D", "a\nB\nc\nD\ne\n"),
        ("a\n\nb\n", " a\n\n-b\n+c", "a\n\nc\n"),
        ("a\nb\n", "\n-a\n+c\n\n", "c\nb\n"),
        ("a\nb\n", "@@\n-a\n+c\n\n@@\n-b\n+d", "c\nd\n"),
        // Anchors.
        (
            twice,
            "@@ fn two() {\n-    go();\n+    stop();",
            "fn one() {\n    go();\n}\nfn two() {\n    stop();\n}\n",
        ),
        (
            twice,
            "@@ fn one() {\n-    go();\n+    stop();",
            "fn one() {\n    stop();\n}\nfn two() {\n    go();\n}\n",
        ),
        (
            twice,
            "@@ fn one() {\n+    first();",
            "fn one() {\n    first();\n    go();\n}\nfn two() {\n    go();\n}\n",
        ),
        (
            nested,
            "@@ mod b {\n@@ fn f() {\n-    x\n+    y",
            "mod a {\n  fn f() {\n    x\n  }\n}\nmod b {\n  fn f() {\n    y\n  }\n  fn g() {\n    x\n  }\n}\n",
        ),
        (
            nested,
            "@@ mod b {\n@@   fn g() {\n-    x\n+    y",
            "mod a {\n  fn f() {\n    x\n  }\n}\nmod b {\n  fn f() {\n    x\n  }\n  fn g() {\n    y\n  }\n}\n",
        ),
        (
            twice,
            "@@ fn one() {\n-    go();\n+    a();\n@@ fn two() {\n-    go();\n+    b();",
            "fn one() {\n    a();\n}\nfn two() {\n    b();\n}\n",
        ),
        // A hunk above leaves one place only.
        ("x\na\ny\na\n", "@@\n-y\n+Y\n@@\n-a\n+b", "x\na\nY\nb\n"),
        // The end of the file.
        ("a\nb\na\n", "-a\n+c\n*** End of File", "a\nb\nc\n"),
        ("a\nb\na\n\n", "-a\n+c\n*** End of File", "a\nb\nc\n\n"),
        ("a\n", "+b\n*** End of File", "a\nb\n"),
        ("", "+a\n+b", "a\nb\n"),
        // Lines that say nothing of their place go to the end.
        ("a\nb\n", "+c\n+d", "a\nb\nc\nd\n"),
        ("a\nb\n", "@@\n+c", "a\nb\nc\n"),
        ("a\nb", "+c", "a\nb\nc"),
        ("a\r\nb\r\n", "+c", "a\r\nb\r\nc\r\n"),
        ("a\nb\n", "@@\n-a\n+A\n@@\n+c", "A\nb\nc\n"),
        // Among mixed ends a line keeps the one it had, and one more ends as the line before it.
        ("a\nb\r\nc\nd\n", " a\n-b\n+B", "a\nB\r\nc\nd\n"),
        ("a\r\nb\nc\r\n", " a\n-b\n+B\n+C", "a\r\nB\nC\nc\r\n"),
        ("a\nb\r\nc\n", " b\n+x\n-c\n+C", "a\nb\r\nx\r\nC\n"),
        ("a\nb\r\nc\r\nd\n", "-b\n-c\n+B\n+C\n d", "a\nB\r\nC\r\nd\n"),
        // Ends of lines and of files stay.
        ("a\r\nb\r\n", " a\n-b\n+c\n+d", "a\r\nc\r\nd\r\n"),
        ("a\nb", " a\n-b\n+c", "a\nc"),
        ("a\nb", " b\n+c", "a\nb\nc"),
        ("a\nb", "-b", "a"),
        ("a\r\nb\nc\r\n", " a\n b\n-c\n+d", "a\r\nb\nd\r\n"),
        ("a\n", "@@ -1,1 +1,1 @@\n-a\n+b\n\\ No newline at end of file", "b\n"),
        // Remembered nearly so: lines that stay keep what they hold, new ones follow the file.
        ("a  \nb\n", " a\n-b\n+c", "a  \nc\n"),
        ("    a\n    b\n", " a\n-b\n+c", "    a\n    c\n"),
        (
            "\tif x {\n\t\ty\n\t}\n",
            "     if x {\n-        y\n+        z\n     }",
            "\tif x {\n\t\tz\n\t}\n",
        ),
        ("a\n  b\n", "   a\n-b\n+c", "a\nc\n"),
        // Old lines without indentation beside new lines that have it.
        ("    a\n    b\n", " a\n-b\n+    c", "    a\n    c\n"),
        (
            "    a\n    b\n",
            "-b\n+    if b {\n+        c\n+    }",
            "    a\n    if b {\n        c\n    }\n",
        ),
        ("\ta\n\tb\n", "-b\n+\tc\n+\n+\t\td", "\ta\n\tc\n\n\t\td\n"),
        ("  a\n\n  b\n", " a\n  \n-b\n+  c", "  a\n\n  c\n"),
        ("\ta\n\tb\n", "-b\n+    c", "\ta\n    c\n"),
        ("    a\n    b\n", "-b\n+  c", "    a\n      c\n"),
        ("    a\n    b\n", "-b\n+if b {\n+    c\n+}", "    a\n    if b {\n        c\n    }\n"),
        ("  def f():\n    y\n", " def f():\n+  x", "  def f():\n    x\n    y\n"),
        ("  def f():\n    y\n", " def f():\n+    x", "  def f():\n    x\n    y\n"),
        ("say(“a”)\nb\n", " say(\"a\")\n-b\n+c", "say(“a”)\nc\n"),
        // One letter as one character, or with its accent as another.
        ("caf\u{e9}\nb\n", " cafe\u{301}\n-b\n+c", "caf\u{e9}\nc\n"),
        ("cafe\u{301}\nb\n", " caf\u{e9}\n-b\n+c", "cafe\u{301}\nc\n"),
        ("  cafe\u{301}\n  b\n", "-caf\u{e9}\n+tea", "  tea\n  b\n"),
        // Other tools write numbers at the head of a hunk: they choose between places.
        ("a\nx\na\n", "@@ -3,1 +3,1 @@\n-a\n+b", "a\nx\nb\n"),
        ("a\nx\na\n", "@@ -1 +1 @@ fn main\n-a\n+b", "b\nx\na\n"),
    ] {
        assert_eq!(updated(before, hunks).as_deref(), Ok(after), "{before:?}\n{hunks}");
    }
}

#[test]
fn a_hunk_that_could_mean_two_places_or_none_is_refused() {
    for (before, hunks, words) in [
        ("a\nb\na\n", "-a\n+c", "1: … lines 1 and 3"),
        ("f {\n x\n}\nf {\n x\n}\n", "@@ f {\n-  x\n+  y", "1: … lines 2 and 5"),
        ("x\ny\nx\n", "@@ x\n+z", "1: … lines 1 and 3"),
        ("a\nb\n", " a\n-c\n+d", "1: … not fit … `a`"),
        ("a\nb\n", "@@\n-a\n+c\n@@\n-x\n+y", "2: … not fit … `x`"),
        ("a\nb\n", "@@\n-b\n+c\n@@\n-a\n+d", "2: … line 1 … above the hunk"),
        ("a\nb\n", "@@ gone\n-a\n+c", "1: … `@@` … not in … `gone`"),
        ("a\nb\n", "@@ b\n-a\n+c", "1: … line 1 … above its `@@`"),
        ("a\nb\n", "-a\n+c\n*** End of File", "1: … line 1 … not the end"),
        ("a\n", "@@\n-a\n+b\n@@\n-a\n+c", "2: … line 1 … above the hunk"),
        ("a\n", " a", "Line 3 … removes nothing"),
        ("a\n", "@@ a", "Line 3 … removes nothing"),
        ("a\n", "", "Line 2 … no change"),
        ("a\n", "-a\nb", "Line 4 … `b` … neither"),
        ("a\n", "-a\n+b\n*** Rename File: x", "Line 5 … `*** Rename File: x`"),
    ] {
        let reason = updated(before, hunks).unwrap_err();
        assert!(says(&reason, words), "{before:?}\n{hunks}\n{reason}");
    }
}

#[test]
fn a_mark_with_a_blank_before_it_is_a_line_of_the_file_where_it_may_be_one() {
    let hunks = "@@\n *** End Patch\n-a\n+b";
    assert_eq!(updated("*** End Patch\na\n", hunks).as_deref(), Ok("*** End Patch\nb\n"));
    assert_eq!(
        updated("*** Add File: x\na\n", " *** Add File: x\n-a\n+b").as_deref(),
        Ok("*** Add File: x\nb\n")
    );
}

#[test]
fn what_is_around_a_patch_is_overlooked_when_one_meaning_is_left() {
    let body = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch";
    for text in [
        body.to_owned(),
        format!("\n\n{body}\n\n"),
        format!("```\n{body}\n```"),
        format!("```diff\n{body}\n```\n"),
        format!("apply_patch <<'EOF'\n{body}\nEOF\n"),
        format!("apply_patch <<\"PATCH\"\n{body}\nPATCH"),
        format!("```bash\ncat <<-EOF\n{body}\nEOF\n```"),
        body.replace('\n', "\r\n"),
        body.replace("Patch", "Patch  "),
        body.replace("\n+x", "\n+x\n\n"),
        // Blanks around the marks.
        body.replace("*** ", "  *** "),
        body.replace("*** End", "\t*** End"),
        body.replace("*** Add File: a", " *** Add File:  a  "),
        format!("apply_patch <<'EOF'\n{}\nEOF", body.replace("*** End", " *** End")),
    ] {
        let sections = sections(&text).unwrap();
        assert_eq!(
            (sections.len(), sections[0].path, &sections[0].action),
            (1, "a", &super::SectionAction::Add("x\n".to_owned())),
            "{text}"
        );
    }
    for (text, words) in [
        ("", "Line 1 … has to be `*** Begin Patch`"),
        ("*** Add File: a\n+x\n*** End Patch", "Line 1 … has to be `*** Begin Patch`"),
        ("*** Begin Patch\n*** Add File: a\n+x", "Line 3 … the last one"),
        ("*** Begin Patch\n*** Add File: a\n+x\n", "Line 3 … the last one"),
        ("```\n*** Begin Patch\n*** Add File: a\n+x\n```", "Line 4 … the last one"),
        ("cat <<EOF\n*** Begin Patch\n*** Add File: a\n+x\nEOF", "cut off"),
        ("*** Begin Patch\n*** Update File: a\n-x\n *** End Patch\n", "cut off"),
        // Line ends that were escaped once too often.
        (
            r"*** Begin Patch\n*** Update File: a\n-x\n+y\n*** End Patch",
            r"Line 1 … `\n` … two characters",
        ),
        (
            r"*** Begin Patch\r\n*** Delete File: a\r\n*** End Patch\r\n",
            r"Line 1 … `\n` … two characters",
        ),
        (
            "*** Begin Patch\n*** Update File: a\\n@@\\n-x\\n+y\\n*** End Patch",
            r"Line 2 … `\n` … two characters",
        ),
        ("*** Begin Patch\n*** Add File: a\\n+x\n*** End Patch", r"Line 2 … `\n` … two characters"),
        ("*** Begin Patch\n*** End Patch", "names no file"),
        ("*** Begin Patch\n", "cut off"),
        (
            "Here it is:\n*** Begin Patch\n*** Delete File: a\n*** End Patch",
            "Line 1 … comes before",
        ),
        ("*** Begin Patch\n*** Delete File: a\n*** End Patch\nrm -rf x", "Line 4 … comes after"),
        (
            "*** Begin Patch\n*** Delete File: a\n*** End Patch\n*** Begin Patch\n*** Delete File: b\n*** End Patch",
            "Line 4 … comes after",
        ),
        ("*** Begin Patch\n*** Delete File:  \n*** End Patch", "Line 2 … names no file"),
        ("*** Begin Patch\n*** Add File: a\nx\n*** End Patch", "Line 3 … not begin … `+`"),
        ("*** Begin Patch\n--- a\n+++ b\n*** End Patch", "Line 2 … `--- a`"),
        (
            "*** Begin Patch\n*** Update File: a\n*** Move to: b\n*** Move to: c\n*** End Patch",
            "a second time",
        ),
    ] {
        let refusal = sections(text).unwrap_err().to_string();
        assert!(says(&refusal, words), "{text}: {refusal}");
    }
}

#[test]
fn the_example_that_the_model_reads_is_a_patch() {
    let text = super::SPEC.description;
    let from = text.find("*** Begin Patch\n").unwrap();
    let to = text.find("*** End Patch\n").unwrap() + "*** End Patch\n".len();
    let sections = sections(&text[from..to]).unwrap();
    let paths: Vec<&str> = sections.iter().map(|section| section.path).collect();
    assert_eq!(paths, ["docs/new.md", "src/main.rs", "src/old.rs"]);
    let fixture = Fixture::new(&[
        (
            "src/main.rs",
            "fn main() {\n    let settings = load();\n    run(settings);\n    finish();\n}\n",
        ),
        ("src/old.rs", ""),
    ]);
    fixture.ok("apply_patch", &text[from..to]);
    assert_eq!(
        fixture.get("src/start.rs"),
        "fn main() {\n    let settings = load();\n    run(settings)?;\n    finish();\n}\n"
    );
}

#[test]
fn several_files_change_together() {
    let fixture =
        Fixture::new(&[("src/a.rs", "a\n"), ("b", "b\n"), ("c", "c\n"), ("d", "d1\nd2\n")]);
    let text = fixture.ok(
        "apply_patch",
        patch(concat!(
            "*** Add File: new/deep/er/n.txt\n+n1\n+\n+n2\n",
            "*** Update File: src/a.rs\n*** Move to: lib/a.rs\n-a\n+A\n",
            "*** Delete File: b\n",
            "*** Update File: c\n*** Move to: moved\n",
            "*** Update File: d\n-d1\n+D1\n",
            "*** Update File: d\n D1\n-d2\n+D2\n",
            "*** Add File: empty",
        )),
    );
    assert_eq!(
        text,
        concat!(
            "Made `new/deep/er/n.txt` (+3)\nMoved `src/a.rs` to `lib/a.rs` (+1 -1)\nDeleted `b`\nMoved `c` to `moved` (+0 -0)\n",
            "Changed `d` (+2 -2)\nMade `empty` (+0)"
        )
    );
    assert_eq!(fixture.tree(), ["d", "empty", "lib/a.rs", "moved", "new/deep/er/n.txt", "src/"]);
    assert_eq!(
        ["d", "empty", "lib/a.rs", "moved", "new/deep/er/n.txt"].map(|path| fixture.get(path)),
        ["D1\nD2\n", "", "A\n", "c\n", "n1\n\nn2\n"]
    );
}

#[test]
fn models_taught_with_codexs_tools_are_answered_as_they_know_it() {
    let fixture = Fixture::new(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n")]);
    let surroundings = CallSurroundings { face: ToolFace::Codex, ..CallSurroundings::default() };
    let body = concat!(
        "*** Delete File: c\n*** Update File: b\n*** Move to: d\n-b\n+B\n",
        "*** Update File: a\n+x\n*** Add File: n/e\n+n",
    );
    let output = fixture.run_with(&call("apply_patch", patch(body)), surroundings);
    let (head, rest) = output.text.split_once("Wall time: ").unwrap();
    let (seconds, rest) = rest.split_once(' ').unwrap();
    assert!(seconds.parse::<f32>().is_ok_and(|seconds| seconds < 60.0), "{seconds}");
    assert_eq!((head, rest.split_once(':').unwrap().0), ("Exit code: 0\n", "seconds\nOutput"));
    let files = "Success … \nA n/e\nM d\nM a\nD c\n … Hunk 1 of `a` … the end … line 2";
    assert!(says(rest, files), "{rest}");
    assert!(output.ok && matches!(output.result, ToolResult::Edits(diffs) if diffs.len() == 4));
}

#[test]
fn an_addition_without_a_place_says_where_it_went() {
    let fixture = Fixture::new(&[("a", "a\nb\n"), ("empty", "")]);
    let ok = |body: &str| fixture.ok("apply_patch", patch(body));
    let answer = ok("*** Update File: a\n@@\n-a\n+A\n+A\n@@ -1,0 +1,1 @@\n+c");
    assert!(says(&answer, "`a` (+3 -1)\n … Hunk 2 of `a` … the end … line 4"), "{answer}");
    for (body, answer) in [
        ("*** Update File: a\n@@ b\n+d", "Changed `a` (+1 -0)"),
        ("*** Update File: a\n+e\n*** End of File", "Changed `a` (+1 -0)"),
        ("*** Update File: empty\n+f", "Changed `empty` (+1 -0)"),
    ] {
        assert_eq!(ok(body), answer, "{body}");
    }
}

#[test]
fn files_may_trade_places_within_one_patch() {
    for (body, wanted) in [
        ("*** Delete File: a\n*** Add File: a\n+new", [("a", "new\n"), ("b", "b\n")].as_slice()),
        (
            "*** Update File: a\n*** Move to: t\n*** Update File: b\n*** Move to: a\n*** Update File: t\n*** Move to: b",
            &[("a", "b\n"), ("b", "a\n")],
        ),
        ("*** Delete File: b\n*** Update File: a\n*** Move to: b\n-a\n+A", &[("b", "A\n")]),
        ("*** Update File: a\n*** Move to: a\n-a\n+A", &[("a", "A\n"), ("b", "b\n")]),
        (
            "*** Add File: c\n+c\n*** Update File: c\n-c\n+d",
            &[("a", "a\n"), ("b", "b\n"), ("c", "d\n")],
        ),
        ("*** Add File: c\n+c\n*** Delete File: c\n*** Delete File: a", &[("b", "b\n")]),
    ] {
        let fixture = Fixture::new(&[("a", "a\n"), ("b", "b\n")]);
        fixture.ok("apply_patch", patch(body));
        let files: Vec<(String, String)> =
            fixture.tree().into_iter().map(|path| (path.clone(), fixture.get(&path))).collect();
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        assert_eq!(files, wanted, "{body}");
    }
}

#[test]
fn one_bad_section_keeps_all_files_as_they_are() {
    macro_rules! is {
        ($kind:pat) => {
            |refusal: &ToolRefusal| matches!(refusal, $kind)
        };
    }
    let outside: fn(&ToolRefusal) -> bool =
        is!(ToolRefusal::Outside { .. } | ToolRefusal::OutsideChange { .. });
    for (body, names, is_kind) in [
        (
            "*** Add File: b\n+x",
            "`b`",
            is!(ToolRefusal::AlreadyThere { with: "`*** Update File:`", .. })
                as fn(&ToolRefusal) -> bool,
        ),
        (
            "*** Update File: b\n*** Move to: c\n-b\n+B",
            "`c`",
            is!(ToolRefusal::AlreadyThere { .. }),
        ),
        ("*** Update File: gone\n-x\n+y", "`gone`", is!(ToolRefusal::Missing { .. })),
        ("*** Delete File: gone", "`gone`", is!(ToolRefusal::Missing { .. })),
        ("*** Delete File: b\n*** Delete File: b", "`b`", is!(ToolRefusal::Missing { .. })),
        ("*** Delete File: b\n*** Update File: b\n-b\n+x", "`b`", is!(ToolRefusal::Missing { .. })),
        ("*** Delete File: dir", "`dir`", is!(ToolRefusal::NotAFile { .. })),
        ("*** Add File: b/below\n+x", "`b/below`", is!(ToolRefusal::Unwritten { .. })),
        ("*** Update File: b\n-x\n+y", "`b`", is!(ToolRefusal::Hunk { hunk: 1, .. })),
        ("*** Add File: ../x\n+x", "x`", outside),
        ("*** Add File: /etc/codling-test\n+x", "codling-test`", outside),
        ("*** Add File: ~/x\n+x", "x`", outside),
        ("*** Update File: b\n*** Move to: ../b\n", "b`", outside),
        ("*** Add File: dir/../../x\n+x", "x`", outside),
        (
            "*** Add File: .git/hooks/pre-commit\n+x",
            "`.git/hooks/pre-commit`",
            is!(ToolRefusal::Git { .. }),
        ),
        (
            "*** Update File: b\n*** Move to: .GIT/config\n",
            "`.GIT/config`",
            is!(ToolRefusal::Git { .. }),
        ),
        ("*** Add File: auth.json\n+x", "`auth.json`", is!(ToolRefusal::PrivateChange { .. })),
        ("*** Add File: x\u{1b}[2J\n+x", "x", is!(ToolRefusal::OddName { .. })),
        ("*** Add File: dir/\n+x", "`dir", is!(ToolRefusal::NotAFile { .. })),
        #[cfg(unix)]
        ("*** Add File: out/x\n+x", "out/x`", outside),
        #[cfg(unix)]
        ("*** Update File: pipe\n-x\n+y", "`pipe`", is!(ToolRefusal::Device { .. })),
    ] {
        let fixture = Fixture::new(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n"), ("dir/d", "d\n")]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("..", fixture.path("out")).unwrap();
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(fixture.path("pipe"))
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let whole = patch(&format!("*** Update File: a\n-a\n+A\n{body}"));
        let refusal = fixture.refusal("apply_patch", &whole);
        assert!(is_kind(&refusal), "{body}: {refusal:?}");
        let told = fixture.refused("apply_patch", whole);
        assert!(told.contains(names), "{body}: {told}");
        assert_eq!(
            ["a", "b", "c", "dir/d"].map(|path| fixture.get(path)),
            ["a\n", "b\n", "c\n", "d\n"],
            "{body}"
        );
    }
}

#[test]
fn a_patch_comes_as_text_or_as_an_argument() {
    let text = patch("*** Update File: a\n-a\n+b");
    for arguments in [text.clone(), json!({ "input": text }).to_string(), json!(text).to_string()] {
        let fixture = Fixture::new(&[("a", "a\n")]);
        fixture.ok("apply_patch", arguments);
        assert_eq!(fixture.get("a"), "b\n");
    }
    let fixture = Fixture::new(&[("a", "first\nlast\n")]);
    assert!(fixture.refused("apply_patch", r#"{"input": "*** Begin"#).contains("JSON object"));
    assert!(fixture.refused("apply_patch", r#"{"patch": "x"}"#).contains("`input` is missing"));
    // Lines of a file that the model has not seen are not told.
    let unseen = fixture.refused("apply_patch", patch("*** Update File: a\n first\n-b\n+c"));
    assert!(says(&unseen, "No file … read it again") && !unseen.contains("last"), "{unseen}");
    fixture.read("a");
    let near = fixture.refused("apply_patch", patch("*** Update File: a\n first\n-b\n+c"));
    let nearest = "Hunk 1 of `a` … not fit … `first` … nearest … line 1:\n1\tfirst\n2\tlast";
    assert!(says(&near, nearest), "{near}");
}

#[test]
fn a_patch_that_was_cut_off_at_the_end_of_a_line_changes_no_file() {
    // Lines that stay and look like what ends a patch, a fence or a here-document.
    const FILES: [(&str, &str); 4] = [
        ("a", "1\n2\n3\n4\n5\n"),
        ("b", "*** End Patch\nx\n"),
        ("c.md", "```\nx\n```\ny\n"),
        ("d", "EOF\nx\n  EOF\n"),
    ];
    let bodies = [
        "*** Update File: a\n@@\n-2\n-3\n-4\n+two\n+three\n+four",
        "*** Update File: a\n 1\n-2\n+two\n 3\n 4\n-5\n+five\n*** End of File",
        "*** Add File: new\n+one\n+\n+two\n\n*** Delete File: a\n*** Update File: c.md\n*** Move to: moved\n",
        "*** Update File: b\n *** End Patch\n-x\n+y",
        "*** Update File: b\n-x\n+y\n*** Update File: c.md\n ```\n-x\n+z\n ```\n-y\n+w",
        "*** Update File: d\n EOF\n-x\n+y\n   EOF\n*** Delete File: a",
    ];
    for body in bodies {
        let whole = patch(body);
        // One for all cuts: each is seen to leave every file as it was.
        let fixture = Fixture::new(&FILES);
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        for (cut, end) in
            (1..lines.len()).flat_map(|cut| ["", "\n", "\r\n", "\n\n"].map(|end| (cut, end)))
        {
            let text = format!("{}{end}", lines[..cut].concat().trim_end_matches('\n'));
            let in_shell =
                |tail: &str| json!({ "command": format!("apply_patch <<'EOF'\n{text}{tail}") });
            for (tool, arguments) in [
                ("apply_patch", text.clone()),
                ("apply_patch", json!({ "input": text }).to_string()),
                ("apply_patch", json!(text).to_string()),
                ("apply_patch", format!("```\n{text}")),
                ("apply_patch", format!("```diff\n{text}\n```\n")),
                ("apply_patch", format!("apply_patch <<'EOF'\n{text}")),
                ("apply_patch", format!("apply_patch <<'EOF'\n{text}\nEOF\n")),
                ("shell", in_shell("").to_string()),
                ("shell", in_shell("\nEOF").to_string()),
            ] {
                // Nothing is run: a shell would not find such a program.
                let call = call(tool, arguments);
                let output = match fixture.understand(&call) {
                    Ok(action) if matches!(action.kind, ActionKind::Command { .. }) => continue,
                    Ok(_) => fixture.run(&call, Grant::within(Confinement::Folder)),
                    Err(refusal) => refusal,
                };
                assert!(!output.ok, "{text}: {}", output.text);
                assert!(
                    says(&output.text, "cut off … Send it again") || text.contains("\n *** End"),
                    "{}",
                    output.text
                );
                assert_eq!(fixture.tree(), FILES.map(|(path, _)| path), "{text}");
                assert_eq!(
                    FILES.map(|(path, _)| fixture.get(path)),
                    FILES.map(|(_, text)| text),
                    "{text}"
                );
            }
        }
        fixture.ok("apply_patch", whole);
    }
}

#[test]
fn hostile_patches_take_no_longer_than_others() {
    let same = "a\n".repeat(100_000);
    let block: String = " a\n".repeat(25_000);
    assert!(updated(&same, &format!("{block}-b\n+c")).is_err());
    assert!(updated(&same, &format!("{}-a\n+c", "@@ a\n".repeat(50))).is_err());
    assert!(updated(&same, &"\n".repeat(100_000)).is_err());
    assert!(sections(&patch(&"*** Delete File: a\n".repeat(2_000))).is_err());
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-c]{0,2}|[ \t]{1,2}[a-z ]{1,6}", 0..40)
}

proptest! {
    #[test]
    fn hunks_of_a_diff_make_the_new_text_of_the_old(old in lines(), new in lines(), ending in prop_oneof!["\n", "\r\n"], cuts in prop::collection::vec((0_usize..40, 0_usize..3), 0..4)) {
        // Some lines of the old text in the new one, so that there is something to stay.
        let mut mixed = old.clone();
        for ((at, gone), line) in cuts.iter().zip(&new) {
            let at = (*at).min(mixed.len());
            let end = (at + gone).min(mixed.len());
            mixed.splice(at..end, [line.clone()]);
        }
        for new in [mixed, new] {
            let text = |lines: &[String]| lines.iter().map(|line| format!("{line}{ending}")).collect::<String>();
            let (before, after) = (text(&old), text(&new));
            let diff = diff("a", DiffKind::Updated, &before, &after);
            if before != after {
                prop_assert_eq!(updated(&before, &diff.hunks).map(|text| text.replace("\r\n", "\n")), Ok(after.replace("\r\n", "\n")));
                let result = updated(&before, &diff.hunks).unwrap();
                prop_assert!(before.is_empty() || result == after);
            }
        }
    }

    #[test]
    fn any_text_is_understood_or_refused(text in ".{0,200}", body in prop::collection::vec(prop_oneof![
        Just("*** Begin Patch"), Just("*** End Patch"), Just("*** Update File: a"), Just("*** Add File: b"), Just("*** Delete File: c"),
        Just("*** Move to: d"), Just("*** End of File"), Just("@@"), Just("@@ x"), Just("@@ -1,2 +3 @@"), Just("@@ -"), Just(" x"), Just("-x"), Just("+y"),
        Just(""), Just("ä"), Just("\\"), Just("```"), Just("<<EOF"), Just("EOF"), Just("\r"),
    ], 0..20)) {
        for text in [text, body.join("\n"), patch(&body.join("\n"))] {
            for section in sections(&text).unwrap_or_default() {
                if let super::SectionAction::Update { hunks, .. } = section.action {
                    let _any = super::apply("x\ny\nx\n", &hunks);
                }
            }
        }
    }
}
