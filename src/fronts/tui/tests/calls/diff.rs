//! The diff viewer: its page, its keys, and what is said where there is nothing to show.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    ChangedFile, Completeness, DiffBase, DiffKind, FileDiff, FolderDiff, Problem, ProblemKind,
    Reply, TurnCommand,
};
use crate::tui::messages::{Asked, Cmd};
use crate::tui::overlay::Overlay;
use crate::tui::tests::Fixture;

fn file(path: &str, kind: DiffKind, hunks: &str, note: Option<&str>) -> ChangedFile {
    let count = |sign: char| hunks.lines().filter(|line| line.starts_with(sign)).count() as u32;
    let diff = FileDiff {
        path: path.into(),
        kind,
        added: count('+'),
        removed: count('-'),
        hunks: hunks.into(),
        completeness: Completeness::Complete,
    };
    ChangedFile { diff, note: note.map(str::to_owned) }
}

fn files() -> Vec<ChangedFile> {
    let main = "@@ -7,9 +7,10 @@ use std::path::Path;\n \n /// Reads the settings.\n fn read(path: &Path) -> Settings {\n-    let text = fs::read_to_string(path).unwrap();\n-    parse(&text)\n+    let text = fs::read_to_string(path)?;\n+    let settings = parse(&text)?;\n+    Ok(settings.with_defaults_of_the_person_and_of_the_project_and_of_the_system_as_well())\n }\n \n fn main() {\n@@ -40,3 +41,2 @@ fn main() {\n     run();\n-    println!(\"done\");\n }\n";
    let wide = "@@ -1,3 +1,3 @@\n # 春の予定\n-花見は四月一日です。\r\n+花見は四月二日です。\r\n end\n\\ No newline at end of file\n";
    vec![
        file(".env", DiffKind::Updated, "", Some("may hold secrets: not shown")),
        file("assets/logo.png", DiffKind::Added, "", Some("not text: not shown")),
        file("docs/plan.md", DiffKind::Updated, wide, None),
        file("notes\u{1b}[2J.txt", DiffKind::Added, "@@ -0,0 +1 @@\n+a\u{1b}[31m\ttab\n", None),
        file("src/gone.rs", DiffKind::Deleted, "@@ -1,2 +0,0 @@\n-mod a;\n-mod b;\n", None),
        file("src/main.rs", DiffKind::Updated, main, Some("now executable")),
        file("src/new.rs", DiffKind::Moved { from: "src/old.rs".into() }, "", None),
    ]
}

fn diff(base: DiffBase, files: Vec<ChangedFile>) -> FolderDiff {
    FolderDiff { base, has_repository: true, files, more: 0 }
}

/// The state that was asked for since the last look, if any.
fn asked(fixture: &mut Fixture) -> Option<DiffBase> {
    let diff = |turn| if let TurnCommand::Diff(base) = turn { Some(base) } else { None };
    fixture.turns().into_iter().find_map(diff)
}

fn know(fixture: &mut Fixture, base: DiffBase, answer: Result<FolderDiff, Problem>) {
    let asked = Asked::Diff(fixture.app.talk.id().clone(), base);
    fixture.answered(asked, answer.map(Reply::Diff));
}

fn typed(width: u16, height: u16, words: &str) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.cmds();
    fixture.enter(words);
    fixture
}

fn opened(width: u16, height: u16) -> Fixture {
    let mut fixture = typed(width, height, "/diff");
    assert_eq!(asked(&mut fixture), Some(DiffBase::Head));
    know(&mut fixture, DiffBase::Head, Ok(diff(DiffBase::Head, files())));
    fixture
}

#[test]
fn the_page_lists_files_and_shows_their_hunks() {
    let mut fixture = opened(80, 24);
    assert_snapshot!("diff_80x24_list", fixture.picture());
    fixture.text("nnnnnn");
    assert_snapshot!("diff_80x24_file", fixture.picture());
    let mut fixture = opened(60, 18);
    assert_snapshot!("diff_60x18_list", fixture.picture());
    fixture.text("]]]]");
    assert_snapshot!("diff_60x18_hunk", fixture.picture());
}

#[test]
fn two_columns_are_offered_where_there_is_room_for_them() {
    let mut fixture = opened(120, 40);
    fixture.text("n");
    assert_snapshot!("diff_120x40_unified", fixture.picture());
    fixture.text("v");
    assert_snapshot!("diff_120x40_side_by_side", fixture.picture());
    let mut fixture = opened(119, 24);
    let before = fixture.picture();
    assert!(!before.contains("side by side"), "{before}");
    fixture.text("v");
    assert!(fixture.shows("120 columns"));
    fixture.press(KeyCode::Down);
    assert!(!fixture.shows("120 columns"));
}

#[test]
fn many_files_are_listed_in_columns_and_those_left_out_are_counted() {
    let mut fixture = typed(80, 24, "/diff");
    let new =
        |at: usize| file(&format!("src/part{at}.rs"), DiffKind::Added, "@@ -0,0 +1 @@\n+a\n", None);
    let many = FolderDiff { more: 32, ..diff(DiffBase::Head, (0..40).map(new).collect()) };
    know(&mut fixture, DiffBase::Head, Ok(many));
    assert_snapshot!("diff_80x24_many", fixture.picture());
}

#[test]
fn keys_go_to_the_next_hunk_and_file_and_back() {
    let mut fixture = opened(80, 24);
    let place = |fixture: &mut Fixture| fixture.picture().lines().nth(1).unwrap().trim().to_owned();
    let seen: Vec<String> = "nnnnnnnn"
        .chars()
        .map(|key| {
            fixture.press(KeyCode::Char(key));
            place(&mut fixture).split(' ').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(seen, ["1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7", "7/7"]);
    fixture.text("[");
    assert!(place(&mut fixture).starts_with("6/7"));
    assert!(fixture.shows("@@ -40,3"));
    fixture.text("[[");
    assert!(place(&mut fixture).starts_with("5/7"));
    fixture.text("p");
    assert!(place(&mut fixture).starts_with("5/7"), "the beginning of the same file");
    fixture.press(KeyCode::Up);
    assert!(place(&mut fixture).starts_with("4/7"));
    fixture.text("pppppppp");
    assert!(place(&mut fixture).starts_with("7 files"));
    fixture.press(KeyCode::End);
    fixture.press(KeyCode::Home);
    assert!(place(&mut fixture).starts_with("7 files"));
}

#[test]
fn the_other_comparison_is_asked_for_once_and_kept() {
    let mut fixture = opened(80, 24);
    fixture.text("t");
    assert_eq!(asked(&mut fixture), Some(DiffBase::Start));
    assert_snapshot!("diff_80x24_waiting", fixture.picture());
    let own = vec![file("a.txt", DiffKind::Added, "@@ -0,0 +1 @@\n+only this\n", None)];
    know(&mut fixture, DiffBase::Start, Ok(diff(DiffBase::Start, own)));
    assert!(fixture.shows("only this"));
    fixture.press(KeyCode::Tab);
    assert!(!fixture.shows("only this"));
    fixture.text("t");
    assert!(fixture.shows("only this"));
    assert_eq!(asked(&mut fixture), None);
    fixture.press(KeyCode::Esc);
    assert!(fixture.app.dialogs.is_empty());
}

#[test]
fn without_a_repository_there_is_only_the_conversation() {
    let mut fixture = typed(80, 24, "/diff head");
    assert_eq!(asked(&mut fixture), Some(DiffBase::Head));
    let empty = FolderDiff { has_repository: false, ..diff(DiffBase::Start, Vec::new()) };
    know(&mut fixture, DiffBase::Head, Ok(empty));
    assert_snapshot!("diff_80x24_no_repository", fixture.picture());
    fixture.text("t");
    assert_eq!(asked(&mut fixture), None);
    assert!(fixture.shows("No git repository"));
}

#[test]
fn a_failure_is_said_on_the_page_and_the_other_comparison_stays_open() {
    let mut fixture = typed(80, 24, "/diff");
    asked(&mut fixture);
    let slow = Problem::new(ProblemKind::Internal, "git took longer than 5 seconds")
        .with_next("`t` shows the conversation's own changes");
    know(&mut fixture, DiffBase::Head, Err(slow));
    assert_snapshot!("diff_80x24_failed", fixture.picture());
    fixture.text("t");
    assert_eq!(asked(&mut fixture), Some(DiffBase::Start));
}

#[test]
fn an_argument_chooses_and_another_is_refused() {
    let mut fixture = typed(80, 24, "/diff START");
    assert_eq!(asked(&mut fixture), Some(DiffBase::Start));
    let mut fixture = typed(80, 24, "/diff main");
    assert_eq!(asked(&mut fixture), None);
    assert!(fixture.app.dialogs.is_empty());
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/diff ");
    assert!(fixture.shows("head") && fixture.shows("start"));
}

#[test]
fn a_file_is_copied_as_a_patch_and_the_list_copies_all() {
    let copied = |fixture: &mut Fixture| {
        fixture.cmds().into_iter().find_map(|cmd| match cmd {
            Cmd::Copy(text) => Some(text),
            _ => None,
        })
    };
    let mut fixture = opened(80, 24);
    fixture.text("y");
    let all = copied(&mut fixture).unwrap();
    assert_eq!(all.matches("\n+++ ").count() + usize::from(all.starts_with("+++")), 4);
    fixture.text("ny");
    assert_eq!(copied(&mut fixture), None);
    assert!(fixture.shows("nothing to copy"));
    fixture.text("nnnny");
    let patch = copied(&mut fixture).unwrap();
    assert_eq!(patch, "--- a/src/gone.rs\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-mod a;\n-mod b;\n");
}

#[test]
fn an_answer_for_another_conversation_is_dropped() {
    let mut fixture = typed(80, 24, "/diff");
    let other = Asked::Diff("other".into(), DiffBase::Head);
    fixture.answered(other, Ok(Reply::Diff(diff(DiffBase::Head, files()))));
    assert!(!fixture.shows("src/main.rs"));
    assert!(matches!(fixture.app.dialogs.top(), Some(Overlay::Diff(_))));
}
