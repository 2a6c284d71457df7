//! Changes on the disk, told as what happens to files: all or none, and as they were found.

use std::fs;

use serde_json::json;

use crate::protocol::{ActionKind, Confinement, DiffKind, Grant, Location, ToolResult};
use crate::tools::workbench::{Workbench, call, diffs};

fn edit(path: &str, old: &str, new: &str) -> serde_json::Value {
    json!({ "filePath": path, "oldString": old, "newString": new })
}

fn within() -> Grant {
    Grant::within(Confinement::Folder)
}

#[test]
fn an_edit_is_told_and_then_done() {
    let bench = Workbench::new(&[("src/a.rs", "one\ntwo\nthree\n")]);
    bench.read("src/a.rs");
    let requested = call("edit", edit("src/a.rs", "two", "2"));
    let action = bench.understand(&requested).unwrap();
    assert_eq!(
        (action.title.as_str(), bench.get("src/a.rs").as_str()),
        ("src/a.rs", "one\ntwo\nthree\n"),
        "nothing is changed yet"
    );
    let ActionKind::Change { targets, diffs } = &action.kind else { panic!("{action:?}") };
    assert_eq!(
        (targets.len(), targets[0].shown.as_str(), targets[0].location),
        (1, "src/a.rs", Location::Inside)
    );
    assert_eq!(
        (&*diffs[0].hunks, &diffs[0].kind),
        ("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n", &DiffKind::Updated)
    );
    let output = bench.run(&requested, within());
    assert_eq!(output.result, ToolResult::Edits(diffs.clone()));
    assert_eq!(output.text, "Changed `src/a.rs`. Its lines are now:\n1\tone\n2\t2\n3\tthree");
    assert_eq!(
        (bench.get("src/a.rs").as_str(), bench.tree()),
        ("one\n2\nthree\n", vec!["src/a.rs".to_owned()])
    );
}

#[test]
fn what_a_tool_wrote_needs_no_reading_and_what_somebody_changed_does() {
    let bench = Workbench::new(&[("a", "one\n"), ("b", "b\n")]);
    assert_eq!(
        bench.refused("edit", edit("a", "one", "two")),
        "`a` has not been read yet: `read` it first"
    );
    assert_eq!(
        bench.refused("write", json!({"filePath": "a", "content": "x"})),
        "`a` has not been read yet: `read` it first"
    );
    bench.read("a").ok("edit", edit("a", "one", "two"));
    bench.ok("edit", edit("a", "two", "three"));
    bench.put("a", "three and more\n");
    let stale = "`a` was changed since it was last read: read it again";
    assert_eq!(bench.refused("edit", edit("a", "three", "four")), stale);
    assert_eq!(bench.refused("write", json!({"filePath": "a", "content": "x"})), stale);
    assert_eq!(
        bench.refused("apply_patch", "*** Begin Patch\n*** Delete File: a\n*** End Patch\n"),
        stale
    );
    bench.read("a").ok("edit", edit("a", "three", "four"));
    bench.ok("write", json!({"filePath": "new/c", "content": "c\n"}));
    bench.ok("edit", edit("new/c", "c", "d"));
    assert_eq!((bench.get("a").as_str(), bench.get("new/c").as_str()), ("four and more\n", "d\n"));
}

#[test]
fn a_file_that_was_written_and_never_read_can_be_patched_once_it_is_told_that_it_changed() {
    let bench = Workbench::new(&[]);
    let patch = |from: &str, to: &str| {
        format!("*** Begin Patch\n*** Update File: a\n-{from}\n+{to}\n*** End Patch\n")
    };
    bench.ok("apply_patch", "*** Begin Patch\n*** Add File: a\n+one\n*** End Patch\n");
    bench.ok("apply_patch", patch("one", "two"));
    bench.put("a", "two, and more\n");
    let stale = "`a` was changed since it was last read: read it again";
    let refused = bench.understand(&call("apply_patch", patch("two, and more", "three")));
    assert_eq!(refused.unwrap_err().text, stale);
    bench.ok("apply_patch", patch("two, and more", "three"));
    assert_eq!(bench.get("a"), "three\n");
}

#[test]
fn a_patch_needs_no_reading_because_its_context_proves_enough() {
    let bench = Workbench::new(&[("a", "one\ntwo\n")]);
    let patch = |old: &str, new: &str| {
        format!("*** Begin Patch\n*** Update File: a\n-{old}\n+{new}\n*** End Patch\n")
    };
    bench.ok("apply_patch", patch("one", "1"));
    bench.put("a", "1\nand theirs\ntwo\n").ok("apply_patch", patch("two", "2"));
    assert_eq!(bench.get("a"), "1\nand theirs\n2\n");
    assert!(
        bench.refused("edit", edit("a", "1", "one")).contains("has not been read yet"),
        "to change is not to have seen"
    );
}

#[test]
fn a_file_that_changes_while_a_person_thinks_is_not_touched() {
    for meddle in [
        &(|bench: &Workbench| assert_eq!(bench.put("a", "one\nand theirs\n").tree().len(), 1))
            as &dyn Fn(&Workbench),
        &|bench| fs::remove_file(bench.path("a")).unwrap(),
        #[cfg(unix)]
        &|bench| {
            fs::write(bench.path("../secret"), "one\n").unwrap();
            fs::remove_file(bench.path("a")).unwrap();
            std::os::unix::fs::symlink("../secret", bench.path("a")).unwrap();
        },
        #[cfg(unix)]
        &|bench| {
            bench.put("other", "one\n");
            fs::remove_file(bench.path("a")).unwrap();
            std::os::unix::fs::symlink("other", bench.path("a")).unwrap();
        },
    ] {
        for requested in [
            call("edit", edit("a", "one", "two")),
            call("write", json!({"filePath": "a", "content": "two\n"})),
            call("apply_patch", "*** Begin Patch\n*** Update File: a\n-one\n+two\n*** End Patch"),
        ] {
            let bench = Workbench::new(&[("a", "one\n")]);
            bench.read("a").understand(&requested).unwrap();
            meddle(&bench);
            let files = || {
                bench
                    .tree()
                    .into_iter()
                    .map(|path| fs::read_to_string(bench.path(&path)).unwrap())
                    .collect::<Vec<_>>()
            };
            let before = files();
            let output = bench.run(&requested, within());
            assert!(!output.ok, "{}: {}", requested.name, output.text);
            assert_eq!(files(), before, "{}", requested.name);
        }
    }
    let bench = Workbench::new(&[]);
    let requested = call("write", json!({"filePath": "new", "content": "mine"}));
    bench.understand(&requested).unwrap();
    bench.put("new", "theirs");
    assert!(!bench.run(&requested, within()).ok);
    assert_eq!(bench.get("new"), "theirs");
}

#[test]
fn what_makes_a_file_its_own_is_kept() {
    for (text, old, new, wanted) in [
        ("\u{feff}a\r\nb\r\n", "b", "c\nd", "\u{feff}a\r\nc\r\nd\r\n"),
        ("a\nb", "a", "c", "c\nb"),
        ("a\r\nb\r\nc\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\n"),
    ] {
        let bench = Workbench::new(&[("f", text)]);
        bench.read("f").ok("edit", edit("f", old, new));
        assert_eq!(bench.get("f"), wanted);
        let bench = Workbench::new(&[("f", text)]);
        let old: String =
            text.trim_start_matches('\u{feff}').lines().map(|line| format!("-{line}\n")).collect();
        bench.ok(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: f\n{old}+x\n+y\n*** End Patch\n"),
        );
        let (mark, ends) = (text.starts_with('\u{feff}'), text.ends_with('\n'));
        assert_eq!(
            (
                bench.get("f").starts_with('\u{feff}'),
                bench.get("f").ends_with('\n'),
                bench.get("f").contains("x\r\n")
            ),
            (mark, ends, text.contains('\r'))
        );
    }
    let bench = Workbench::new(&[("f", "\u{feff}a\r\nb\r\n")]);
    bench.read("f").ok("write", json!({"filePath": "f", "content": "x\ny\n"}));
    assert_eq!(bench.get("f"), "\u{feff}x\r\ny\r\n");
}

#[cfg(unix)]
#[test]
fn permissions_links_and_other_names_are_respected() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let bench = Workbench::new(&[
        ("run.sh", "one\n"),
        ("real/a", "one\n"),
        ("first", "one\n"),
        ("locked", "one\n"),
        ("shut/a", "one\n"),
    ]);
    fs::set_permissions(bench.path("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    bench.read("run.sh").ok("edit", edit("run.sh", "one", "two"));
    bench.ok("apply_patch", "*** Begin Patch\n*** Update File: run.sh\n*** Move to: bin/run\n-two\n+three\n*** End Patch");
    assert_eq!(fs::metadata(bench.path("bin/run")).unwrap().permissions().mode() & 0o777, 0o755);

    symlink("real/a", bench.path("link")).unwrap();
    bench.read("link").ok("edit", edit("link", "one", "two"));
    assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink());
    assert_eq!(bench.get("real/a"), "two\n");
    for patch in ["*** Delete File: link", "*** Update File: link\n*** Move to: elsewhere"] {
        assert_eq!(
            bench.refused("apply_patch", format!("*** Begin Patch\n{patch}\n*** End Patch")),
            "`link` is a link to another file. Name that file instead"
        );
    }

    fs::hard_link(bench.path("first"), bench.path("second")).unwrap();
    let text = bench.read("first").ok("edit", edit("first", "one", "two"));
    assert!(
        text.contains(
            "`first` had another name on the disk (a hard link), under which the old content stays"
        ),
        "{text}"
    );
    assert_eq!((bench.get("first").as_str(), bench.get("second").as_str()), ("two\n", "one\n"));

    fs::set_permissions(bench.path("locked"), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(bench.path("shut"), fs::Permissions::from_mode(0o555)).unwrap();
    bench.read("locked").read("shut/a");
    let advice = "is read-only. Ask the person before you make it writable";
    assert_eq!(bench.refused("edit", edit("locked", "one", "two")), format!("`locked` {advice}"));
    assert_eq!(bench.refused("edit", edit("shut/a", "one", "two")), format!("`shut` {advice}"));
    assert_eq!(
        bench.refused("write", json!({"filePath": "shut/new/b", "content": "x"})),
        format!("`shut` {advice}")
    );
    fs::set_permissions(bench.path("shut"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn only_text_is_changed() {
    let bench = Workbench::new(&[]);
    bench
        .put("bin", b"\x7fELF\0\0")
        .put("latin", b"one\ncaf\xe9 au lait\n")
        .put("wide", b"\xff\xfeo\0n\0e\0")
        .put("big", "x\n".repeat(3 << 20));
    fs::create_dir(bench.path("dir")).unwrap();
    for (path, says) in [
        ("bin", "`bin` is a binary file, and only text can be changed"),
        ("latin", "`latin` is not written in UTF-8 (line 2 is not), and only UTF-8 can be changed"),
        (
            "wide",
            "`wide` is not written in UTF-8 (it looks like UTF-16), and only UTF-8 can be changed",
        ),
        ("big", "`big` is 6.0 MB, more than the 4.0 MB that can be changed"),
        ("dir", "`dir` is not a file that can be written. Give the path of a file"),
        ("gone", "`gone` is not there"),
    ] {
        assert_eq!(bench.refused("edit", edit(path, "one", "two")), says);
        assert_eq!(
            bench.refused(
                "apply_patch",
                format!("*** Begin Patch\n*** Update File: {path}\n-one\n+two\n*** End Patch")
            ),
            says
        );
    }
    assert!(
        bench
            .refused("write", json!({"filePath": "new", "content": "x".repeat(5 << 20)}))
            .contains("more than the 4.0 MB")
    );
    assert!(
        bench
            .refused("write", json!({"filePath": "bin/new", "content": "x"}))
            .contains("there is a file where a folder has to be")
    );
    assert!(
        bench
            .refused("write", json!({"filePath": "n".repeat(300), "content": "x"}))
            .contains("could not be written: ")
    );
    bench.ok("apply_patch", "*** Begin Patch\n*** Delete File: bin\n*** Delete File: big\n*** Delete File: latin\n*** End Patch");
    assert_eq!(bench.tree(), ["dir/", "wide"]);
}

#[test]
fn edit_and_write_say_what_they_need() {
    let bench = Workbench::new(&[("a", "one\ntwo\none\n"), ("empty", "")]);
    bench.read("a").read("empty");
    for (name, arguments, says) in [
        (
            "edit",
            edit("a", "one", "one"),
            "`oldString` and `newString` are the same, so nothing would change",
        ),
        (
            "edit",
            edit("a", "one", "1"),
            "`oldString` stands more than once in `a`: at lines 1 and 3. Give more of the lines around the one that is meant, or set `replaceAll`",
        ),
        (
            "edit",
            edit("a", "two\nthree", "2"),
            "`oldString` is not in `a`. What comes nearest begins at line 2:\n2\ttwo\n3\tone",
        ),
        (
            "edit",
            edit("a", "", "x"),
            "`a` is already there. Change it with an `oldString` that stands in it",
        ),
        (
            "edit",
            edit("empty", "", "x"),
            "`empty` is already there. Change it with an `oldString` that stands in it",
        ),
        (
            "write",
            json!({"filePath": "a", "content": "one\ntwo\none\n"}),
            "Nothing would change: the text is already as it would become",
        ),
    ] {
        assert_eq!(bench.refused(name, arguments), says);
    }
    assert!(
        bench
            .refused("edit", json!({"filePath": "a", "oldString": "x"}))
            .starts_with("The parameter `newString` is missing. The parameters are `filePath`")
    );
    assert!(
        bench
            .refused(
                "edit",
                json!({"filePath": "a", "oldString": "x", "newString": "y", "replaceAll": 3})
            )
            .contains("`true` or `false`")
    );
    assert!(
        bench
            .refused("write", json!({"filePath": "a", "content": "", "mode": 1}))
            .contains("There is no parameter `mode`")
    );
    let text = bench.ok(
        "edit",
        json!({"filePath": "a", "oldString": "one", "newString": "1", "replaceAll": "true"}),
    );
    assert!(text.starts_with("Changed `a` at 2 places. Its lines are now:\n1\t1\n"), "{text}");
    assert_eq!(
        bench.ok("edit", edit("deep/er/new", "", "x\n")),
        "Made `deep/er/new`. Its lines are now:\n1\tx"
    );
    assert_eq!(
        bench.ok("write", json!({"filePath": "empty", "content": "a\nb\n"})),
        "Replaced the whole text of `empty` (2 lines)"
    );
    assert_eq!(
        bench.ok("write", json!({"filePath": "void", "content": ""})),
        "Made `void` (0 lines)"
    );
    assert_eq!((bench.get("a").as_str(), bench.get("void").as_str()), ("1\ntwo\n1\n", ""));
}

#[test]
fn what_is_outside_is_changed_only_with_leave_and_never_told_before() {
    let outside = || {
        let bench = Workbench::new(&[(".outputs/call.txt", "out\n")]);
        fs::write(bench.path("../there"), "secret\n").unwrap();
        bench
    };
    for spelling in ["relative", "absolute"] {
        let bench = outside();
        let there = bench.path("../there");
        let path = if spelling == "absolute" { there.to_str().unwrap() } else { "../there" };
        let requested = call(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: {path}\n-secret\n+known\n*** End Patch"),
        );
        let wrong = call(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: {path}\n-secrets\n+known\n*** End Patch"),
        );
        let answer = bench.understand(&wrong).unwrap_err().text;
        assert!(answer.contains("`secrets` on") && !answer.contains("nearest"), "{answer}");
        let action = bench.understand(&requested).unwrap();
        assert!(
            matches!(&action.kind, ActionKind::Change { targets, .. } if targets[0].location == Location::Outside)
        );
        assert!(
            bench.run(&requested, within()).text.contains("only what is inside can be changed")
        );
        bench.understand(&requested).unwrap();
        let output = bench.run(&requested, Grant::anywhere(Confinement::Free));
        assert!(
            output.ok && output.result == ToolResult::Edits(diffs(&action).to_vec()),
            "{}",
            output.text
        );
        assert_eq!(fs::read_to_string(&there).unwrap(), "known\n");
        // Blind changes open nothing: still nobody has read it.
        assert!(!bench.understand(&wrong).unwrap_err().text.contains("nearest"));
    }
    let bench = outside();
    let lent = call("write", json!({"filePath": ".outputs/new.txt", "content": "x"}));
    let action = bench.understand(&lent).unwrap();
    assert!(
        matches!(&action.kind, ActionKind::Change { targets, .. } if targets[0].location == Location::Outside),
        "what is lent is for reading"
    );
    assert!(!bench.run(&lent, within()).ok);
}
