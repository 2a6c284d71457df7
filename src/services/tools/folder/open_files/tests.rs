//! Calls with a fake editor: they read and change the text that a person typed and has not saved.

use std::collections::HashMap;
use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use super::EditorPatience;
use crate::base::text::says;
use crate::protocol::{
    CallOutput, Confinement, Editor, EditorAccess, EditorAnswer, EditorError, Grant, PathScope,
    ToolAudience,
};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::tests::fixture::{Fixture, assert_kind, call, diffs};
use crate::tools::{CallSurroundings, UnsavedTexts};

/// How the editor treats a text that it is to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Saves,
    /// With a line of its own at the end.
    Formats,
    /// Shows it, and leaves the disk alone.
    Shows,
    Refuses,
    /// Saves it, then says that it did not.
    Lies,
    /// Cannot tell a text.
    Breaks,
    /// Never answers that.
    Stuck,
    /// Never answers at all.
    Silent,
}

#[derive(Debug)]
struct FakeEditor {
    access: EditorAccess,
    manner: Mutex<Manner>,
    shown: Mutex<HashMap<PathBuf, String>>,
    asked: Mutex<Vec<String>>,
    /// Hears of questions that nobody waits for any more.
    left: mpsc::Sender<()>,
}

struct Left(mpsc::Sender<()>);

impl Drop for Left {
    fn drop(&mut self) {
        // The test may have ended.
        let _ended = self.0.send(());
    }
}

impl FakeEditor {
    fn show(&self, path: PathBuf, text: &str) {
        self.shown.lock().unwrap().insert(path, text.to_owned());
    }

    fn shows(&self, path: &Path) -> String {
        self.shown.lock().unwrap()[path].clone()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().drain(..).collect()
    }

    fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn note(&self, what: &str, path: &Path) {
        let name = path.file_name().unwrap().to_str().unwrap();
        self.asked.lock().unwrap().push(format!("{what} {name}"));
    }
}

impl Editor for FakeEditor {
    fn access(&self) -> EditorAccess {
        self.access
    }

    fn read(&self, path: &Path) -> EditorAnswer<String> {
        self.note("read", path);
        if *self.manner.lock().unwrap() == Manner::Silent {
            let left = Left(self.left.clone());
            return Box::pin(async move {
                let _left = left;
                pending().await
            });
        }
        let shown = self.shown.lock().unwrap().get(path).cloned();
        if *self.manner.lock().unwrap() == Manner::Breaks {
            return Box::pin(async { Err(EditorError::Failed("it broke".into())) });
        }
        Box::pin(async move { shown.ok_or(EditorError::NotOpen) })
    }

    fn write(&self, path: &Path, text: String) -> EditorAnswer<()> {
        self.note("write", path);
        let manner = *self.manner.lock().unwrap();
        let text = match manner {
            Manner::Formats => format!("{text}// formatted\n"),
            _ => text,
        };
        if matches!(manner, Manner::Saves | Manner::Formats | Manner::Lies) {
            fs::write(path, &text).unwrap();
        }
        if matches!(manner, Manner::Saves | Manner::Formats | Manner::Lies | Manner::Shows) {
            self.show(path.to_owned(), &text);
        }
        Box::pin(async move {
            match manner {
                Manner::Saves | Manner::Formats | Manner::Shows => Ok(()),
                Manner::Refuses | Manner::Lies => {
                    Err(EditorError::Failed("the file is locked".into()))
                }
                Manner::Breaks | Manner::Stuck | Manner::Silent => pending().await,
            }
        })
    }
}

/// A fixture with an editor that shows some of the files otherwise than the disk holds them.
fn fixture_with(files: &[(&str, &str)], shown: &[(&str, &str)]) -> (Fixture, Arc<FakeEditor>) {
    with_access(EditorAccess::ReadAndWrite, files, shown)
}

fn with_access(
    access: EditorAccess,
    files: &[(&str, &str)],
    shown: &[(&str, &str)],
) -> (Fixture, Arc<FakeEditor>) {
    let mut fixture = Fixture::new(files);
    let fake = Arc::new(FakeEditor {
        access,
        manner: Mutex::new(Manner::Saves),
        shown: Mutex::default(),
        asked: Mutex::default(),
        left: mpsc::channel().0,
    });
    for (path, text) in shown {
        fake.show(fixture.path(path), text);
    }
    let brief = Duration::from_millis(20);
    let patience = EditorPatience { reading: brief, saving: brief, grace: brief };
    let editor: Arc<dyn Editor> = Arc::clone(&fake) as _;
    fixture.toolbox = fixture.toolbox.clone().with_editor(Some(editor)).hurrying(patience);
    (fixture, fake)
}

fn surroundings_of(unsaved: &UnsavedTexts) -> CallSurroundings {
    CallSurroundings { unsaved: unsaved.clone(), ..CallSurroundings::default() }
}

fn edit(path: &str, old: &str, new: &str) -> Value {
    json!({ "filePath": path, "oldString": old, "newString": new })
}

fn read(fixture: &Fixture, path: &str) -> CallOutput {
    fixture.run(&call("read", json!({ "filePath": path })), Grant::within(Confinement::Folder))
}

#[test]
fn what_is_unsaved_is_read_and_an_edit_goes_on_from_it() {
    let (fixture, fake) =
        fixture_with(&[("a.rs", "one\ntwo\n")], &[("a.rs", "one\ntwo and typed\n")]);
    let output = read(&fixture, "a.rs");
    assert!(output.text.starts_with("1\tone\n2\ttwo and typed\n"), "{}", output.text);
    assert!(output.text.contains("not saved"), "{}", output.text);
    let requested = call("edit", edit("a.rs", "one", "1"));
    let action = fixture.understand(&requested).unwrap();
    assert_eq!(&*diffs(&action)[0].hunks, "@@ -1,2 +1,2 @@\n-one\n+1\n two and typed\n");
    let output = fixture.run(&requested, Grant::within(Confinement::Folder));
    assert!(output.ok && output.text.contains("saved with this"), "{}", output.text);
    assert_eq!(fixture.get("a.rs"), "1\ntwo and typed\n");
    assert_eq!(fake.shows(&fixture.path("a.rs")), "1\ntwo and typed\n");
    assert_eq!(fake.asked(), ["read a.rs", "read a.rs", "read a.rs", "write a.rs"]);
    // Nothing was typed since: the next one needs no reading.
    let text = fixture.ok("edit", edit("a.rs", "two", "2"));
    assert!(!text.contains("unsaved"), "{text}");
}

#[test]
fn a_call_says_what_was_in_the_editor_alone_before_it_writes_over_it() {
    let (fixture, _) =
        fixture_with(&[("a", "disk\n"), ("b", "b\n")], &[("a", "typed\n"), ("b", "b\n")]);
    let unsaved = UnsavedTexts::default();
    let patch = "*** Begin Patch\n*** Update File: a\n-typed\n+new\n*** Update File: b\n-b\n+c\n*** End Patch\n";
    let output = fixture.run_with(&call("apply_patch", patch), surroundings_of(&unsaved));
    assert!(output.ok, "{}", output.text);
    assert_eq!(unsaved.take(), [(fixture.path("a"), b"typed\n".to_vec())]);
}

#[test]
fn what_was_typed_since_it_was_read_is_not_written_over() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one\n")]);
    fixture.read("a");
    fake.show(fixture.path("a"), "one\nand more\n");
    let stale = ToolRefusal::Stale { shown: "a".to_owned() };
    assert_eq!(fixture.refused("edit", edit("a", "one", "two")), stale.to_string());
    // Nor where it was typed between the review and the run.
    fixture.read("a");
    let requested = call("edit", edit("a", "one", "two"));
    fixture.understand(&requested).unwrap();
    fake.show(fixture.path("a"), "one\nand even more\n");
    let output = fixture.run(&requested, Grant::within(Confinement::Folder));
    assert_eq!((output.ok, output.text), (false, stale.to_string()));
    assert_eq!(
        (fixture.get("a"), fake.shows(&fixture.path("a"))),
        ("one\n".into(), "one\nand even more\n".into())
    );
    // Saving it changes nothing of what the model has seen.
    fixture.read("a");
    fixture.put("a", "one\nand even more\n");
    fixture.ok("edit", edit("a", "one", "two"));
}

#[test]
fn a_file_that_the_editor_does_not_share_is_the_disks() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[]);
    fixture.read("a").ok("edit", edit("a", "one", "two"));
    fixture.ok("write", json!({ "filePath": "new", "content": "x\n" }));
    assert_eq!((fixture.get("a"), fixture.get("new")), ("two\n".into(), "x\n".into()));
    assert!(fake.asked().iter().all(|asked| !asked.starts_with("write")));
}

#[test]
fn marks_and_line_ends_that_an_editor_keeps_to_itself_are_no_changes() {
    let (fixture, fake) = fixture_with(&[("a", "\u{feff}one\r\ntwo\r\n")], &[("a", "one\ntwo\n")]);
    let output = read(&fixture, "a");
    assert!(!output.text.contains("not saved"), "{}", output.text);
    let text = fixture.ok("edit", edit("a", "one", "1"));
    assert!(!text.contains("unsaved") && !text.contains("other text"), "{text}");
    // It gets what it shows, and would put the rest back on saving.
    assert_eq!(fake.shows(&fixture.path("a")), "1\ntwo\n");
}

#[test]
fn what_an_editor_makes_of_a_text_on_saving_is_told() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one\n")]);
    fake.becomes(Manner::Formats);
    fixture.read("a");
    let requested = call("edit", edit("a", "one", "two"));
    let output = fixture.run(&requested, Grant::within(Confinement::Folder));
    assert!(
        output.ok && output.text.contains("The editor saved `a` with other text"),
        "{}",
        output.text
    );
    assert!(output.text.ends_with("1\ttwo\n2\t// formatted"), "{}", output.text);
    fake.becomes(Manner::Saves);
    fixture.ok("edit", edit("a", "two", "three"));
}

#[test]
fn an_editor_that_does_not_save_fails_the_whole_call_and_loses_nothing() {
    let b = || "b".to_owned();
    let refusal = |reason: &str| ToolRefusal::EditorRefusal { shown: b(), reason: reason.into() };
    for (manner, refusal) in [
        (Manner::Refuses, refusal("the file is locked")),
        (Manner::Shows, refusal("it took the text, and the disk does not hold it")),
        (Manner::Stuck, ToolRefusal::SilentSave { shown: b() }),
    ] {
        let (fixture, fake) = fixture_with(&[("a", "a\n"), ("b", "b\n")], &[("b", "b typed\n")]);
        fixture.read("a").read("b");
        let patch = "*** Begin Patch\n*** Add File: new/c\n+c\n*** Update File: a\n-a\n+A\n*** Update File: b\n-b typed\n+B\n*** End Patch\n";
        let requested = call("apply_patch", patch);
        fixture.understand(&requested).unwrap();
        fake.becomes(manner);
        let unsaved = UnsavedTexts::default();
        let output = fixture.run_with(&requested, surroundings_of(&unsaved));
        assert_eq!((output.ok, output.text), (false, refusal.to_string()));
        assert_eq!(
            (fixture.get("a"), fixture.get("b")),
            ("a\n".into(), "b\n".into()),
            "{manner:?}"
        );
        assert_eq!(fixture.tree(), ["a", "b"], "{manner:?}");
        assert_eq!(fake.shows(&fixture.path("b")), "b typed\n", "{manner:?}");
        assert_eq!(unsaved.take().is_empty(), manner != Manner::Stuck);
    }
}

#[test]
fn what_the_disk_holds_counts_whatever_the_editor_says() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one\n")]);
    fake.becomes(Manner::Lies);
    fixture.read("a").ok("edit", edit("a", "one", "two"));
    assert_eq!(fixture.get("a"), "two\n");
}

#[test]
fn an_editor_that_never_answers_is_not_waited_for() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[]);
    fixture.read("a");
    fake.becomes(Manner::Silent);
    let path = json!({ "filePath": "a" });
    assert_kind!(fixture.refusal("read", path), ToolRefusal::SilentEditor { .. });
    assert_kind!(
        fixture.refusal("edit", edit("a", "one", "two")),
        ToolRefusal::SilentEditor { .. }
    );
}

#[test]
fn what_an_editor_could_not_tell_is_read_from_the_disk_and_not_written_over() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "typed\n")]);
    fake.becomes(Manner::Breaks);
    assert!(read(&fixture, "a").text.contains("one"));
    let refusal = fixture.refusal("edit", edit("a", "one", "two"));
    assert!(
        matches!(&refusal, ToolRefusal::EditorFailed { why, .. } if why.contains("it broke")),
        "{refusal:?}"
    );
    assert_eq!(fs::read_to_string(fixture.path("a")).unwrap(), "one\n");
    assert_eq!(fake.shows(&fixture.path("a")), "typed\n");
}

#[test]
fn a_call_that_is_ended_waits_for_no_editor() {
    let (mut fixture, _) = fixture_with(&[("a", "one\n")], &[]);
    let (left, has_left) = mpsc::channel();
    let fake = Arc::new(FakeEditor {
        access: EditorAccess::Read,
        manner: Mutex::new(Manner::Silent),
        shown: Mutex::default(),
        asked: Mutex::default(),
        left,
    });
    let editor: Arc<dyn Editor> = Arc::clone(&fake) as _;
    let toolbox = fixture
        .toolbox
        .clone()
        .with_editor(Some(editor))
        .hurrying(EditorPatience { reading: Duration::from_secs(3600), ..EditorPatience::REAL });
    fixture.toolbox = toolbox.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let requested = call("read", json!({ "filePath": "a" }));
        let running = tokio::spawn(async move { toolbox.answer(&requested).await });
        while fake.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        running.abort();
        assert!(running.await.is_err());
    });
    has_left.recv_timeout(Duration::from_secs(20)).unwrap();
}

#[test]
fn an_editor_is_asked_about_nothing_but_texts_of_the_folder() {
    let (fixture, fake) = fixture_with(&[(".env", "KEY=1\n"), ("../out", "out\n")], &[]);
    fixture.put("binary", b"a\0b").put("latin", b"caf\xe9 and more of it\n");
    fixture.put("large", vec![b'x'; 5 << 20]).put("auth.json", "{}");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../out", fixture.path("link")).unwrap();
    let anywhere = Grant { paths: PathScope::Anywhere, ..Grant::within(Confinement::Folder) };
    for path in [".env", "../out", "link", "binary", "latin", "large", "auth.json", "gone"] {
        fixture.run(&call("read", json!({ "filePath": path })), anywhere);
        fixture.run(&call("edit", edit(path, "out", "in")), anywhere);
        let _told = fixture.understand(&call("edit", edit(path, "out", "in")));
        fixture.run(&call("write", json!({ "filePath": path, "content": "x" })), anywhere);
    }
    // A file made meanwhile is one.
    assert_eq!(fake.asked(), [] as [&str; 0]);
    assert_eq!(fs::read_to_string(fixture.path("../out")).unwrap(), "x");
}

#[test]
fn an_editor_that_takes_no_texts_keeps_what_is_unsaved() {
    let files = [("a", "one\n"), ("b", "one\n")];
    let shown = [("a", "one typed\n"), ("b", "one\n")];
    let (fixture, fake) = with_access(EditorAccess::Read, &files, &shown);
    fixture.read("a").read("b");
    let words = "`a` has unsaved changes in the editor, which takes no text for it. Ask the person to save it first";
    let requested = call("edit", edit("a", "one", "two"));
    assert_eq!(fixture.run(&requested, Grant::within(Confinement::Folder)).text, words);
    fixture.ok("edit", edit("b", "one", "two"));
    assert_eq!((fixture.get("a"), fixture.get("b")), ("one\n".into(), "two\n".into()));
    assert_eq!(fake.shows(&fixture.path("a")), "one typed\n");
}

#[test]
fn every_model_has_the_tool_that_sees_what_is_unsaved() {
    let read = |fixture: &Fixture| {
        let tools = fixture.toolbox.definitions();
        tools.iter().find(|tool| &*tool.name == "read").cloned().unwrap()
    };
    let (fixture, _) = fixture_with(&[], &[]);
    assert_eq!(read(&fixture).audience, ToolAudience::Everyone);
    assert!(read(&fixture).description.contains("editor shows"));
    let plain = read(&Fixture::new(&[]));
    assert_eq!(plain.audience, ToolAudience::Others);
    assert!(!plain.description.contains("editor"));
}

#[test]
fn an_editor_that_has_not_noticed_a_change_of_the_disk_is_not_taken_for_a_person() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one\n")]);
    fixture.read("a");
    fixture.put("a", "one of a command\n");
    let output = read(&fixture, "a");
    assert!(output.text.starts_with("1\tone of a command\n(the file ends"), "{}", output.text);
    fixture.ok("edit", edit("a", "one of", "two of"));
    // It is given nothing to save, and sees for itself.
    assert_eq!(
        (fixture.get("a"), fake.shows(&fixture.path("a"))),
        ("two of a command\n".into(), "one\n".into())
    );
    // Text that is typed there after this is the person's.
    fake.show(fixture.path("a"), "two of a command, and typed\n");
    fixture.read("a").ok("edit", edit("a", "typed", "saved"));
    assert_eq!(fixture.get("a"), "two of a command, and saved\n");
    // Back to what was, in the editor alone: also typed.
    fake.show(fixture.path("a"), "two of a command, and typed\n");
    let output = read(&fixture, "a");
    assert!(
        output.text.contains("and typed") && output.text.contains("not saved"),
        "{}",
        output.text
    );
}

#[test]
fn what_a_command_changed_before_anybody_looked_is_known_too() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one\n")]);
    let before = super::digest(b"one\n");
    fixture.put("a", "formatted\n");
    fixture.toolbox.changed_by_command(&fixture.path("a"), &before, None);
    fixture.read("a").ok("edit", edit("a", "formatted", "two"));
    assert_eq!(
        (fixture.get("a"), fake.shows(&fixture.path("a"))),
        ("two\n".into(), "one\n".into())
    );
}

#[test]
fn what_was_typed_and_what_a_command_did_are_not_played_off_against_each_other() {
    let (fixture, fake) = fixture_with(&[("a", "one\n")], &[("a", "one typed\n")]);
    fixture.put("a", "formatted\n");
    let (before, after) = (super::digest(b"one\n"), super::digest(b"formatted\n"));
    fixture.toolbox.changed_by_command(&fixture.path("a"), &before, Some(&after));
    let output = read(&fixture, "a");
    assert!(output.text.contains("one typed") && says(&output.text, "a command … changed"));
    let words = "`a` has unsaved changes in the editor, and a command has changed it on the disk: one of both would be lost. Ask the person to save it or to reload it in the editor";
    assert_eq!(fixture.refused("edit", edit("a", "typed", "x")), words);
    assert_eq!(
        (fixture.get("a"), fake.shows(&fixture.path("a"))),
        ("formatted\n".into(), "one typed\n".into())
    );
    // The person has settled it.
    fake.show(fixture.path("a"), "formatted\n");
    fixture.read("a").ok("edit", edit("a", "formatted", "two"));
    assert_eq!(
        (fixture.get("a"), fake.shows(&fixture.path("a"))),
        ("two\n".into(), "two\n".into())
    );
}
