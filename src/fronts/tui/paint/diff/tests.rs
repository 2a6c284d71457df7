//! Diffs as rows, in the inks of several terminals.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::*;
use crate::tui::paint::{Background, Canvas, Depth, Emphasis, Theme};

fn updated(path: &str, hunks: &str) -> FileDiff {
    let count = |sign| hunks.lines().filter(|line| line.starts_with(sign)).count() as u32;
    FileDiff {
        path: path.into(),
        kind: DiffKind::Updated,
        added: count('+'),
        removed: count('-'),
        hunks: hunks.into(),
        completeness: Completeness::Complete,
    }
}

fn frame(width: u16, rows: usize) -> DiffFrame<'static> {
    DiffFrame { width, inset: 0, rows, hint: "", finish: Finish::Coloured }
}

fn lines(diffs: &[FileDiff], frame: DiffFrame<'_>) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    put(&mut lines, diffs, frame);
    lines
}

fn text(diffs: &[FileDiff], width: u16, rows: usize) -> String {
    lines(diffs, frame(width, rows)).to_text()
}

fn drawn(lines: &LaidOutLines, theme: Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 8));
    lines.draw(0..8, *buffer.area(), &mut Canvas { buffer: &mut buffer, theme });
    buffer
}

const HUNKS: &str = "@@ -9,3 +9,3 @@\n fn main() {\n-    let x = 1;\n+    let x = 2;\n }\n@@ -40,1 +40,2 @@\n a\n+\tb\n";

#[test]
fn a_change_has_a_head_then_numbered_lines_with_signs() {
    let diff = updated("src/main.rs", HUNKS);
    assert_eq!(
        text(&[diff], 40, 20),
        "M src/main.rs +2 −1\n 9   fn main() {\n10 -     let x = 1;\n10 +     let x = 2;\n11   }\n …\n40   a\n41 + →   b\n"
    );
}

#[test]
fn heads_say_what_became_of_the_file_and_keep_the_end_of_its_path() {
    let diff = |kind, path: &str| FileDiff { kind, ..updated(path, "") };
    let moved = DiffKind::Moved { from: "a/very/long/folder/old.rs".into() };
    for (diff, head) in [
        (FileDiff { added: 12, ..diff(DiffKind::Added, "new.rs") }, "A new.rs +12\n"),
        (FileDiff { removed: 3, ..diff(DiffKind::Deleted, "old.rs") }, "D old.rs −3\n"),
        (diff(moved, "new.rs"), "R a/very/long/folder/old.rs → new.rs\n"),
        (
            diff(DiffKind::Moved { from: "x/".repeat(30) }, "y/z.rs"),
            "R …x/x/x/x/x/x/x/x/x/x/x/x/x/x/ → y/z.rs\n",
        ),
        (
            diff(DiffKind::Updated, &format!("{}end.rs", "folder/".repeat(9))),
            "M …er/folder/folder/folder/folder/end.rs\n",
        ),
        (diff(DiffKind::Updated, "a\nb\u{1b}[2J\u{202e}.rs"), "M a␍b␛[2J<U+202E>.rs\n"),
    ] {
        let shown = text(&[diff], 40, 5);
        assert_eq!(shown, head);
    }
}

#[test]
fn what_does_not_fit_is_counted_and_every_file_keeps_its_head() {
    let long = |path| updated(path, &format!("@@ -0,0 +1,30 @@\n{}", "+line\n".repeat(30)));
    assert_eq!(
        text(&[long("a"), long("b")], 40, 5),
        "M a +30\n… 30 more lines\nM b +30\n 1 + line\n… 29 more lines\n"
    );
    assert_eq!(text(&[long("a"), long("b"), long("c")], 40, 2), "M a +30\n… 2 more files\n");
    let short = updated("s", "@@ -1 +1 @@\n-a\n+b\n");
    assert_eq!(
        text(&[long("a"), short], 40, 7),
        "M a +30\n 1 + line\n 2 + line\n… 28 more lines\nM s +1 −1\n 1 - a\n 1 + b\n"
    );
    assert_eq!(text(&[long("a")], 40, 0), "");
    assert_eq!(text(&[long("a")], 40, 31).lines().last(), Some("30 + line"));
    assert_eq!(text(&[long("a")], 40, 30).lines().last(), Some("… 2 more lines"));
    let cut = FileDiff { completeness: Completeness::Truncated, added: 99, ..long("a") };
    assert_eq!(
        text(&[cut], 80, 40).lines().last(),
        Some("… cut off here: 69 more changed lines are not shown")
    );
    let hinted = lines(&[long("a")], DiffFrame { hint: " · ctrl+o shows them", ..frame(40, 3) });
    assert_eq!(hinted.plain(2), "… 29 more lines · ctrl+o shows them");
}

#[test]
fn a_long_line_wraps_behind_its_sign_and_fills_no_more_than_a_quarter() {
    let wide = updated("a", "@@ -1,1 +1,1 @@\n-0123456789abcdefghij0123\n+x\n");
    assert_eq!(text(&[wide], 16, 20), "M a +1 −1\n1 - 0123456789ab\n  - cdefghij0123\n1 + x\n");
    let endless = updated("a", &format!("@@ -1,1 +1,1 @@\n+{}\n+after\n", "x".repeat(60_000)));
    let shown = text(&[endless], 16, 20);
    assert_eq!(shown.lines().count(), 1 + 4 + 1, "{shown}");
    assert!(shown.contains("xx…\n2 + after\n"), "{shown}");
}

#[test]
fn grounds_go_to_the_edge_and_changed_words_stand_out_at_every_depth() {
    let diff = [updated("src/main.rs", HUNKS)];
    let lines = lines(&diff, frame(40, 20));
    for (depth, added, word) in [
        (Depth::True, Some(Color::Rgb(0x16, 0x30, 0x1f)), Some(Color::Rgb(0x1f, 0x58, 0x33))),
        (Depth::Ansi256, Some(Color::Indexed(22)), Some(Color::Indexed(28))),
    ] {
        let buffer = drawn(&lines, Theme::new(depth, Background::Dark));
        assert_eq!((buffer[(3, 3)].bg, buffer[(39, 3)].bg), (added.unwrap(), added.unwrap()));
        assert_eq!((buffer[(17, 3)].symbol(), buffer[(17, 3)].bg), ("2", word.unwrap()));
        assert_eq!((buffer[(39, 1)].bg, buffer[(39, 4)].bg), (Color::Reset, Color::Reset));
        let let_ = Theme::new(depth, Background::Dark).style(Role::SyntaxKeyword).fg;
        assert_eq!(
            (buffer[(9, 3)].symbol(), Some(buffer[(9, 3)].fg)),
            ("l", let_),
            "code keeps its colours"
        );
    }
    let buffer = drawn(&lines, Theme::new(Depth::Ansi16, Background::Light));
    assert_eq!(
        (buffer[(9, 3)].fg, buffer[(9, 2)].fg, buffer[(5, 1)].fg),
        (Color::Green, Color::Red, Color::Reset)
    );
    assert!(buffer[(17, 3)].modifier.contains(Modifier::REVERSED));
    assert_eq!(
        (buffer[(17, 3)].fg, buffer[(17, 3)].bg),
        (Color::Green, Color::Black),
        "black on green, whatever the ground"
    );
    let buffer = drawn(&lines, Theme::new(Depth::Mono, Background::Dark));
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(buffer[(17, 3)].modifier.contains(Modifier::UNDERLINED));
}

#[test]
fn lines_that_are_nothing_like_each_other_have_no_marked_words() {
    let changed = |hunks: &str| {
        let lines = lines(&[updated("a.rs", hunks)], frame(60, 20));
        let marked = |ink: Ink| ink == Ink::new(ink.role, ink.emphasis.with(Emphasis::CHANGED));
        (0..lines.len())
            .flat_map(|row| lines.row(row))
            .filter(|(_, ink)| marked(*ink))
            .map(|(piece, _)| piece.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(changed("@@ -1 +1 @@\n-let one = 1;\n+let one = 2;\n"), ["1", "2"]);
    assert_eq!(changed("@@ -1 +1 @@\n-let one = 1;\n+struct Unlike { it: u8 }\n"), [""; 0]);
    assert_eq!(
        changed(
            "@@ -1 +1 @@\n-a b c\n\\ No newline at end of file\n+a b d\n\\ No newline at end of file\n"
        ),
        ["c", "d"]
    );
}

#[test]
fn changes_made_to_be_slow_are_laid_out_before_anybody_waits() {
    let signs = (0..800)
        .map(|n| format!("-{}\n", ".,".repeat(50 + n % 9)))
        .chain((0..800).map(|n| format!("+{}\n", ",.".repeat(50 + n % 9))));
    for (what, hunks) in [
        ("unlike signs", format!("@@ -1,800 +1,800 @@\n{}", signs.collect::<String>())),
        ("one line of marks", format!("@@ -1 +1 @@\n+a{}\n", "\u{301}".repeat(200_000))),
        ("many hunks", "@@ -1 +1 @@\n+a\n".repeat(20_000)),
        ("many lines", format!("@@ -1 +1 @@\n{}", "+\n".repeat(200_000))),
    ] {
        let begun = Instant::now();
        let diff = updated("a.rs", &hunks);
        for rows in [20, 2_000] {
            assert!(lines(std::slice::from_ref(&diff), frame(80, rows)).len() <= rows, "{what}");
        }
        // Generous for a debug build on a busy machine.
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} took {:?}", begun.elapsed());
    }
}

proptest! {
    #[test]
    fn colours_never_change_the_rows(hunks in "(@@ -1,2 [+]7 @@\n)?([-+ ][ab .é(\t\r\u{1b}中\u{301}👩\u{200d}]{0,30}\n){0,12}", width in 1_u16..60, rows in 0_usize..20) {
        let diffs = [updated("a.rs", &hunks), updated("b.txt", &hunks)];
        let coloured = lines(&diffs, frame(width, rows));
        let plain = lines(&diffs, DiffFrame { finish: Finish::Plain, ..frame(width, rows) });
        prop_assert_eq!(coloured.to_text(), plain.to_text());
        prop_assert!(coloured.len() <= rows);
    }
}

mod page {
    use proptest::prelude::*;

    use super::updated;
    use crate::protocol::{ChangedFile, DiffKind, FileDiff};
    use crate::tui::paint::diff::page::{DiffForm, DiffPage};

    fn page(files: &[(&str, &str)], width: u16, form: DiffForm) -> DiffPage {
        let file =
            |(path, hunks): &(&str, &str)| ChangedFile { diff: updated(path, hunks), note: None };
        let mut page = DiffPage::new(files.iter().map(file).collect(), 0);
        page.fit(width, form);
        page
    }

    /// Lines that were removed, then as many that were added, more than are looked at together.
    fn long() -> String {
        let lines = |sign: char, word: &str| {
            (0..3_000).map(|at| format!("{sign}let line{at} = {word};\n")).collect::<String>()
        };
        format!("@@ -1,3000 +1,3000 @@\n{}{}", lines('-', "old"), lines('+', "new"))
    }

    #[test]
    fn only_the_wanted_rows_are_laid_out_wherever_they_are() {
        let long = long();
        for (form, rows) in [(DiffForm::Unified, 6_002), (DiffForm::SideBySide, 3_002)] {
            let page = page(&[("a.rs", &long)], 121, form);
            assert_eq!(page.rows(), rows);
            for top in [0, 1, 2, 1_500, 2_990, rows - 20, rows - 1] {
                let seen = page.window(top, 20);
                assert_eq!(seen.len(), 20.min(rows - top), "{form:?} {top}");
                let one = page.window(top, 1);
                assert_eq!(one.plain(0), seen.plain(0));
            }
        }
        let seen = page(&[("a.rs", &long)], 121, DiffForm::SideBySide).window(1_002, 1);
        let row = seen.plain(0);
        assert!(row.contains("1001 - let line1000 = old;"), "{row}");
        assert!(row.contains("│ 1001 + let line1000 = new;"), "{row}");
    }

    #[test]
    fn a_place_is_found_again_in_another_form() {
        let hunks = "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n@@ -9,2 +9,3 @@ fn x\n e\n+f\n g\n";
        let mut page = page(&[("a", hunks), ("b", hunks)], 130, DiffForm::Unified);
        let second = page.hunk_rows().nth(3).unwrap();
        for row in [second, second + 2] {
            page.fit(130, DiffForm::Unified);
            let (place, shown) = (page.place(row), page.window(row, 1).plain(0).to_owned());
            page.fit(125, DiffForm::SideBySide);
            let again = page.row(place);
            assert_ne!(again, row);
            assert_eq!(page.file_at(again), Some(1));
            let seen = page.window(again, 1);
            let words = shown.trim_start_matches([' ', '0', '1', '9', '+']);
            assert!(seen.plain(0).contains(words), "{} and {shown}", seen.plain(0));
        }
    }

    #[test]
    fn a_file_with_one_side_takes_the_whole_width() {
        let added = FileDiff {
            kind: DiffKind::Added,
            ..updated("a", "@@ -0,0 +1 @@\n+a line of some length that needs more than a half\n")
        };
        let mut page = DiffPage::new(vec![ChangedFile { diff: added, note: None }], 0);
        page.fit(60, DiffForm::SideBySide);
        assert!(page.window(2, 1).plain(0).starts_with("1 + a line of some length"));
        assert_eq!(page.rows(), 3);
    }

    proptest! {
        #[test]
        fn rows_are_counted_as_they_are_drawn(hunks in "(@@ -1,2 [+]7 @@\n([-+ \\\\][ab .é(\t\r\u{1b}中\u{301}👩\u{200d}]{0,60}\n){0,9}){0,3}", width in 8_u16..70, top in 0_usize..30, wide in any::<bool>()) {
            let form = if wide { DiffForm::SideBySide } else { DiffForm::Unified };
            let page = page(&[("a.rs", &hunks), ("b.txt", &hunks)], width, form);
            let all = page.window(0, page.rows());
            prop_assert_eq!(all.len(), page.rows());
            let seen = page.window(top, 7);
            for row in 0..seen.len() {
                prop_assert_eq!(seen.plain(row), all.plain(top + row));
            }
            let drawn: Vec<usize> = (0..all.len()).filter(|row| all.plain(*row).starts_with("@@")).collect();
            prop_assert_eq!(drawn, page.hunk_rows().collect::<Vec<_>>());
        }
    }
}
