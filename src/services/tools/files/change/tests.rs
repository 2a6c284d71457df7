//! Changes on the disk, told as what happens to files: all or none, and as they were found.

use std::fs;

use serde_json::json;

use crate::base::text::says;
use crate::protocol::{ActionKind, Confinement, DiffKind, Grant, Location, ToolResult};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::tests::fixture::{Fixture, assert_kind, call, diffs};

fn edit(path: &str, old: &str, new: &str) -> serde_json::Value {
    json!({ "filePath": path, "oldString": old, "newString": new })
}

fn within() -> Grant {
    Grant::within(Confinement::Folder)
}

#[test]
fn an_edit_is_told_and_then_done() {
    let fixture = Fixture::new(&[("src/a.rs", "one\ntwo\nthree\n")]);
    fixture.read("src/a.rs");
    let requested = call("edit", edit("src/a.rs", "two", "2"));
    let action = fixture.understand(&requested).unwrap();
    assert_eq!(
        (action.title.as_str(), fixture.get("src/a.rs").as_str()),
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
    let output = fixture.run(&requested, within());
    assert_eq!(output.result, ToolResult::Edits(diffs.clone()));
    let now = "Changed `src/a.rs` … :\n1\tone\n2\t2\n3\tthree";
    assert!(says(&output.text, now), "{}", output.text);
    assert_eq!(
        (fixture.get("src/a.rs").as_str(), fixture.tree()),
        ("one\n2\nthree\n", vec!["src/a.rs".to_owned()])
    );
}

#[test]
fn what_a_tool_wrote_needs_no_reading_and_what_somebody_changed_does() {
    let fixture = Fixture::new(&[("a", "one\n"), ("b", "b\n")]);
    let whole = || json!({"filePath": "a", "content": "x"});
    assert_kind!(fixture.refusal("edit", edit("a", "one", "two")), ToolRefusal::NotRead { .. });
    assert_kind!(fixture.refusal("write", whole()), ToolRefusal::NotRead { .. });
    fixture.read("a").ok("edit", edit("a", "one", "two"));
    fixture.ok("edit", edit("a", "two", "three"));
    fixture.put("a", "three and more\n");
    assert_kind!(fixture.refusal("edit", edit("a", "three", "four")), ToolRefusal::Stale { .. });
    assert_kind!(fixture.refusal("write", whole()), ToolRefusal::Stale { .. });
    let gone = "*** Begin Patch\n*** Delete File: a\n*** End Patch\n";
    assert_kind!(fixture.refusal("apply_patch", gone), ToolRefusal::Stale { .. });
    fixture.read("a").ok("edit", edit("a", "three", "four"));
    fixture.ok("write", json!({"filePath": "new/c", "content": "c\n"}));
    fixture.ok("edit", edit("new/c", "c", "d"));
    assert_eq!(
        (fixture.get("a").as_str(), fixture.get("new/c").as_str()),
        ("four and more\n", "d\n")
    );
}

#[test]
fn a_file_that_was_written_and_never_read_can_be_patched_once_it_is_told_that_it_changed() {
    let fixture = Fixture::new(&[]);
    let patch = |from: &str, to: &str| {
        format!("*** Begin Patch\n*** Update File: a\n-{from}\n+{to}\n*** End Patch\n")
    };
    fixture.ok("apply_patch", "*** Begin Patch\n*** Add File: a\n+one\n*** End Patch\n");
    fixture.ok("apply_patch", patch("one", "two"));
    fixture.put("a", "two, and more\n");
    let late = patch("two, and more", "three");
    assert_kind!(fixture.refusal("apply_patch", late), ToolRefusal::Stale { .. });
    fixture.ok("apply_patch", patch("two, and more", "three"));
    assert_eq!(fixture.get("a"), "three\n");
}

#[test]
fn a_patch_needs_no_reading_because_its_context_proves_enough() {
    let fixture = Fixture::new(&[("a", "one\ntwo\n")]);
    let patch = |old: &str, new: &str| {
        format!("*** Begin Patch\n*** Update File: a\n-{old}\n+{new}\n*** End Patch\n")
    };
    fixture.ok("apply_patch", patch("one", "1"));
    fixture.put("a", "1\nand theirs\ntwo\n").ok("apply_patch", patch("two", "2"));
    assert_eq!(fixture.get("a"), "1\nand theirs\n2\n");
    // To change is not to have seen.
    assert_kind!(fixture.refusal("edit", edit("a", "1", "one")), ToolRefusal::NotRead { .. });
}

#[test]
fn a_file_that_changes_while_a_person_thinks_is_not_touched() {
    for meddle in [
        &(|fixture: &Fixture| assert_eq!(fixture.put("a", "one\nand theirs\n").tree().len(), 1))
            as &dyn Fn(&Fixture),
        &|fixture| fs::remove_file(fixture.path("a")).unwrap(),
        #[cfg(unix)]
        &|fixture| {
            fs::write(fixture.path("../secret"), "one\n").unwrap();
            fs::remove_file(fixture.path("a")).unwrap();
            std::os::unix::fs::symlink("../secret", fixture.path("a")).unwrap();
        },
        #[cfg(unix)]
        &|fixture| {
            fixture.put("other", "one\n");
            fs::remove_file(fixture.path("a")).unwrap();
            std::os::unix::fs::symlink("other", fixture.path("a")).unwrap();
        },
    ] {
        for requested in [
            call("edit", edit("a", "one", "two")),
            call("write", json!({"filePath": "a", "content": "two\n"})),
            call("apply_patch", "*** Begin Patch\n*** Update File: a\n-one\n+two\n*** End Patch"),
        ] {
            let fixture = Fixture::new(&[("a", "one\n")]);
            fixture.read("a").understand(&requested).unwrap();
            meddle(&fixture);
            let files = || {
                fixture
                    .tree()
                    .into_iter()
                    .map(|path| fs::read_to_string(fixture.path(&path)).unwrap())
                    .collect::<Vec<_>>()
            };
            let before = files();
            let output = fixture.run(&requested, within());
            assert!(!output.ok, "{}: {}", requested.name, output.text);
            assert_eq!(files(), before, "{}", requested.name);
        }
    }
    let fixture = Fixture::new(&[]);
    let requested = call("write", json!({"filePath": "new", "content": "mine"}));
    fixture.understand(&requested).unwrap();
    fixture.put("new", "theirs");
    assert!(!fixture.run(&requested, within()).ok);
    assert_eq!(fixture.get("new"), "theirs");
}

#[test]
fn what_makes_a_file_its_own_is_kept() {
    for (text, old, new, wanted) in [
        ("\u{feff}a\r\nb\r\n", "b", "c\nd", "\u{feff}a\r\nc\r\nd\r\n"),
        ("a\nb", "a", "c", "c\nb"),
        ("a\r\nb\r\nc\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\n"),
    ] {
        let fixture = Fixture::new(&[("f", text)]);
        fixture.read("f").ok("edit", edit("f", old, new));
        assert_eq!(fixture.get("f"), wanted);
        let fixture = Fixture::new(&[("f", text)]);
        let old: String =
            text.trim_start_matches('\u{feff}').lines().map(|line| format!("-{line}\n")).collect();
        fixture.ok(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: f\n{old}+x\n+y\n*** End Patch\n"),
        );
        let (mark, ends) = (text.starts_with('\u{feff}'), text.ends_with('\n'));
        assert_eq!(
            (
                fixture.get("f").starts_with('\u{feff}'),
                fixture.get("f").ends_with('\n'),
                fixture.get("f").contains("x\r\n")
            ),
            (mark, ends, text.contains('\r'))
        );
    }
    let fixture = Fixture::new(&[("f", "\u{feff}a\r\nb\r\n")]);
    fixture.read("f").ok("write", json!({"filePath": "f", "content": "x\ny\n"}));
    assert_eq!(fixture.get("f"), "\u{feff}x\r\ny\r\n");
}

#[cfg(unix)]
#[test]
fn permissions_links_and_other_names_are_respected() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let fixture = Fixture::new(&[
        ("run.sh", "one\n"),
        ("real/a", "one\n"),
        ("first", "one\n"),
        ("locked", "one\n"),
        ("shut/a", "one\n"),
    ]);
    fs::set_permissions(fixture.path("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    fixture.read("run.sh").ok("edit", edit("run.sh", "one", "two"));
    fixture.ok("apply_patch", "*** Begin Patch\n*** Update File: run.sh\n*** Move to: bin/run\n-two\n+three\n*** End Patch");
    assert_eq!(fs::metadata(fixture.path("bin/run")).unwrap().permissions().mode() & 0o777, 0o755);

    symlink("real/a", fixture.path("link")).unwrap();
    fixture.read("link").ok("edit", edit("link", "one", "two"));
    assert!(fs::symlink_metadata(fixture.path("link")).unwrap().is_symlink());
    assert_eq!(fixture.get("real/a"), "two\n");
    for patch in ["*** Delete File: link", "*** Update File: link\n*** Move to: elsewhere"] {
        let patch = format!("*** Begin Patch\n{patch}\n*** End Patch");
        assert_kind!(fixture.refusal("apply_patch", patch), ToolRefusal::Link { .. });
    }

    fs::hard_link(fixture.path("first"), fixture.path("second")).unwrap();
    let text = fixture.read("first").ok("edit", edit("first", "one", "two"));
    assert!(says(&text, "`first` … hard link … old content"), "{text}");
    assert_eq!((fixture.get("first").as_str(), fixture.get("second").as_str()), ("two\n", "one\n"));

    fs::set_permissions(fixture.path("locked"), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(fixture.path("shut"), fs::Permissions::from_mode(0o555)).unwrap();
    fixture.read("locked").read("shut/a");
    for (name, arguments, read_only) in [
        ("edit", edit("locked", "one", "two"), "locked"),
        ("edit", edit("shut/a", "one", "two"), "shut"),
        ("write", json!({"filePath": "shut/new/b", "content": "x"}), "shut"),
    ] {
        let refusal = fixture.refusal(name, arguments);
        let ToolRefusal::ReadOnly { shown } = refusal else { panic!("{refusal:?}") };
        assert_eq!(shown, read_only);
    }
    fs::set_permissions(fixture.path("shut"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn only_text_is_changed() {
    let fixture = Fixture::new(&[]);
    fixture
        .put("bin", b"\x7fELF\0\0")
        .put("latin", b"one\ncaf\xe9 au lait\n")
        .put("wide", b"\xff\xfeo\0n\0e\0")
        .put("big", "x\n".repeat(3 << 20));
    fs::create_dir(fixture.path("dir")).unwrap();
    type IsExpected = fn(&ToolRefusal) -> bool;
    let refusals: [(&str, IsExpected); 6] = [
        ("bin", |refusal| matches!(refusal, ToolRefusal::BinaryChange { .. })),
        (
            "latin",
            |refusal| matches!(refusal, ToolRefusal::Encoding { found, .. } if found == "line 2 is not"),
        ),
        (
            "wide",
            |refusal| matches!(refusal, ToolRefusal::Encoding { found, .. } if found == "it looks like UTF-16"),
        ),
        ("big", |refusal| matches!(refusal, ToolRefusal::LargeChange { .. })),
        ("dir", |refusal| matches!(refusal, ToolRefusal::NotAFile { .. })),
        ("gone", |refusal| matches!(refusal, ToolRefusal::Missing { .. })),
    ];
    for (path, is_expected) in refusals {
        let patch = format!("*** Begin Patch\n*** Update File: {path}\n-one\n+two\n*** End Patch");
        for refusal in [
            fixture.refusal("edit", edit(path, "one", "two")),
            fixture.refusal("apply_patch", patch),
        ] {
            assert!(is_expected(&refusal), "{refusal:?}");
        }
    }
    let write = |path: &str, content: &str| {
        fixture.refusal("write", json!({"filePath": path, "content": content}))
    };
    assert_kind!(write("new", &"x".repeat(5 << 20)), ToolRefusal::LargeChange { .. });
    assert_kind!(write("bin/new", "x"), ToolRefusal::Unwritten { .. });
    assert_kind!(write(&"n".repeat(300), "x"), ToolRefusal::Unwritten { .. });
    fixture.ok("apply_patch", "*** Begin Patch\n*** Delete File: bin\n*** Delete File: big\n*** Delete File: latin\n*** End Patch");
    assert_eq!(fixture.tree(), ["dir/", "wide"]);
}

#[test]
fn edit_and_write_say_what_they_need() {
    let fixture = Fixture::new(&[("a", "one\ntwo\none\n"), ("empty", "")]);
    fixture.read("a").read("empty");
    let refused = |arguments| fixture.refusal("edit", arguments);
    assert_kind!(refused(edit("a", "one", "one")), ToolRefusal::SameText);
    let twice = refused(edit("a", "one", "1"));
    assert!(
        matches!(&twice, ToolRefusal::Ambiguous { lines, .. } if *lines == [1, 3]),
        "{twice:?}"
    );
    let near = refused(edit("a", "two\nthree", "2"));
    assert!(
        matches!(&near, ToolRefusal::NotFound { near, .. } if near.ends_with(":\n2\ttwo\n3\tone")),
        "{near:?}"
    );
    assert_kind!(refused(edit("a", "", "x")), ToolRefusal::AlreadyThere { .. });
    assert_kind!(refused(edit("empty", "", "x")), ToolRefusal::AlreadyThere { .. });
    assert_kind!(
        refused(json!({"filePath": "a", "oldString": "x"})),
        ToolRefusal::MissingArgument { name: "newString" }
    );
    assert_kind!(
        refused(json!({"filePath": "a", "oldString": "x", "newString": "y", "replaceAll": 3})),
        ToolRefusal::WrongArgument { name: "replaceAll", .. }
    );
    let write = |arguments| fixture.refusal("write", arguments);
    let same = json!({"filePath": "a", "content": "one\ntwo\none\n"});
    assert_kind!(write(same), ToolRefusal::NothingChanges);
    let odd = json!({"filePath": "a", "content": "", "mode": 1});
    assert_kind!(write(odd), ToolRefusal::UnknownArgument { .. });
    let text = fixture.ok(
        "edit",
        json!({"filePath": "a", "oldString": "one", "newString": "1", "replaceAll": "true"}),
    );
    assert!(says(&text, "`a` at 2 places … :\n1\t1\n"), "{text}");
    assert!(says(&fixture.ok("edit", edit("deep/er/new", "", "x\n")), "Made … :\n1\tx"));
    let whole = fixture.ok("write", json!({"filePath": "empty", "content": "a\nb\n"}));
    assert!(says(&whole, "Replaced … `empty` … 2 lines"), "{whole}");
    assert_eq!(
        fixture.ok("write", json!({"filePath": "void", "content": ""})),
        "Made `void` (0 lines)"
    );
    assert_eq!((fixture.get("a").as_str(), fixture.get("void").as_str()), ("1\ntwo\n1\n", ""));
}

#[test]
fn what_is_outside_is_changed_only_with_leave_and_never_told_before() {
    let outside = || {
        let fixture = Fixture::new(&[(".outputs/call.txt", "out\n")]);
        fs::write(fixture.path("../there"), "secret\n").unwrap();
        fixture
    };
    for spelling in ["relative", "absolute"] {
        let fixture = outside();
        let there = fixture.path("../there");
        let path = if spelling == "absolute" { there.to_str().unwrap() } else { "../there" };
        let requested = call(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: {path}\n-secret\n+known\n*** End Patch"),
        );
        let wrong = call(
            "apply_patch",
            format!("*** Begin Patch\n*** Update File: {path}\n-secrets\n+known\n*** End Patch"),
        );
        let answer = fixture.understand(&wrong).unwrap_err().text;
        assert!(answer.contains("`secrets` on") && !answer.contains("nearest"), "{answer}");
        let action = fixture.understand(&requested).unwrap();
        assert!(
            matches!(&action.kind, ActionKind::Change { targets, .. } if targets[0].location == Location::Outside)
        );
        let refusal = fixture.toolbox.refusal(&requested, within()).unwrap();
        assert_kind!(refusal, ToolRefusal::OutsideChange { .. });
        fixture.understand(&requested).unwrap();
        let output = fixture.run(&requested, Grant::anywhere(Confinement::Free));
        assert!(
            output.ok && output.result == ToolResult::Edits(diffs(&action).to_vec()),
            "{}",
            output.text
        );
        assert_eq!(fs::read_to_string(&there).unwrap(), "known\n");
        // Blind changes open nothing: still nobody has read it.
        assert!(!fixture.understand(&wrong).unwrap_err().text.contains("nearest"));
    }
    let fixture = outside();
    let lent = call("write", json!({"filePath": ".outputs/new.txt", "content": "x"}));
    let action = fixture.understand(&lent).unwrap();
    assert!(
        matches!(&action.kind, ActionKind::Change { targets, .. } if targets[0].location == Location::Outside),
        "what is lent is for reading"
    );
    assert!(!fixture.run(&lent, within()).ok);
}
