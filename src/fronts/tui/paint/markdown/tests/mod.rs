//! Markdown in, lines out, for any division of the text.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::base::text;
use crate::tui::paint::{Emphasis, LaidOutLines, Role};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]
    #[test]
    fn any_text_streams_to_the_rows_it_has_at_once(pieces in prop::collection::vec(prop::sample::select(vec![
        "word ", "中文 ", "**", "*", "`", "```", "```rust", "~~~", "\n", "\n\n", "\n", "- ", "  - ", "1. ", "2) ", "    ", "> ", "# ", "## ", "| a | b |",
        "|---|---|", "---", "===", "[x](y)", "\n\n[x]: y\n\n", "<div>", "</div>", "\\", "- [ ] ", "\t", "\r\n", "+ ", "<!--", "-->", "a",
    ]), 0..40), step in 1_usize..9) {
        let sample = pieces.concat();
        let mut streamed = Markdown::new();
        for end in (0..sample.len()).step_by(step).filter(|end| sample.is_char_boundary(*end)) {
            streamed.update(&sample[..end], 30, DocumentEnd::Open);
        }
        streamed.update(&sample, 30, DocumentEnd::Complete);
        prop_assert_eq!(inked(streamed.lines()), inked(once(&sample, 30).lines()), "{:?}", sample);
    }
}

/// A sample of every construct.
const SAMPLE: &str = include_str!("sample.md");

fn once(source: &str, width: u16) -> Markdown {
    let mut markdown = Markdown::new();
    markdown.update(source, width, DocumentEnd::Complete);
    markdown
}

fn shown(source: &str, width: u16) -> String {
    once(source, width).lines().to_text()
}

/// Rows with their inks, to compare more than the text.
fn inked(lines: &LaidOutLines) -> String {
    let mut text = String::new();
    for row in 0..lines.len() {
        for (piece, ink) in lines.row(row) {
            let _ = write!(text, "{piece:?} {ink:?} ");
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_construct_has_its_picture() {
    insta::assert_snapshot!("sample_80", shown(SAMPLE, 80));
    insta::assert_snapshot!("sample_40", shown(SAMPLE, 40));
}

#[test]
fn letter_by_letter_ends_in_the_same_rows_as_at_once() {
    let samples = [
        SAMPLE,
        "",
        "\n\n",
        "text\n```\nopen fence\n\nwith a blank",
        "1. one\n2. two\n\n   more\n\n3. three\n\n\nend",
        "1. one\n1. two\n1. three\n- x\n- y\n* z\n",
        "para\n-\n- a\n  - b\n\n\n- c\nlazy\n\n    code?\n",
        "[a]: http://x\n\ntext [a]\n\n[b]: http://y",
        "| a | b |\n|---|---|\n| 1 | 2 |\npara\n",
        "> q\n> - i\n\n> r\n```rust\nfn a() {}\n```\n~~~~\n```\n~~~~\nz",
        "a\r\nb\r\n\r\n- c\r\n- d\r\n\r\n```\r\ncode\r\n```\r\nend",
        "setext\n======\nother\n---\n***\n",
        "<div>\nhtml\n</div>\n\n<b>x</b> y",
        "- ```sh\n  ls\n  ```\n- b\n\n  ```\n  c\n  ```\n",
        "    indented\n\n    code\n\ntext",
        "#\n# \n#x\n# y\n",
    ];
    for sample in samples {
        for width in [80, 23, 6] {
            let expected = once(sample, width);
            for step in [1, 3, 17] {
                let mut streamed = Markdown::new();
                let mut at = 0;
                while at < sample.len() {
                    at = (at + step).min(sample.len());
                    while !sample.is_char_boundary(at) {
                        at += 1;
                    }
                    streamed.update(&sample[..at], width, DocumentEnd::Open);
                }
                streamed.update(sample, width, DocumentEnd::Complete);
                let (streamed, expected) = (inked(streamed.lines()), inked(expected.lines()));
                for (row, (streamed, expected)) in
                    streamed.lines().zip(expected.lines()).enumerate()
                {
                    assert_eq!(streamed, expected, "row {row} of {sample:?} at {width} by {step}");
                }
                assert_eq!(
                    streamed.lines().count(),
                    expected.lines().count(),
                    "{sample:?} at {width} by {step}"
                );
            }
        }
    }
}

#[test]
fn rows_above_the_unfinished_end_never_change() {
    let mut markdown = Markdown::new();
    let mut before: Vec<String> = Vec::new();
    for (at, _) in SAMPLE.char_indices().skip(1) {
        let first = markdown.update(&SAMPLE[..at], 40, DocumentEnd::Open);
        let rows: Vec<String> =
            (0..markdown.height()).map(|row| markdown.lines().plain(row).to_owned()).collect();
        assert!(first <= before.len());
        assert_eq!(rows[..first.min(rows.len())], before[..first.min(rows.len())], "at {at}");
        before = rows;
    }
}

#[test]
fn no_row_is_wider_than_the_width() {
    for width in [8, 13, 40, 80, 120] {
        let markdown = once(SAMPLE, width);
        for row in 0..markdown.height() {
            let columns = markdown.lines().width(row);
            assert!(
                columns <= usize::from(width),
                "{columns} columns at {width}: {:?}",
                markdown.lines().plain(row)
            );
        }
    }
}

#[test]
fn half_open_marks_look_as_if_they_were_closed() {
    let cases = [
        ("some **bo", "some bo\n"),
        ("some **", "some\n"),
        ("text\n-", "text\n"),
        ("text\n\n```", "text\n"),
        ("text\n\n```rust\nlet", "text\n\n  rust\n  let\n"),
        ("```\ncode\n``", "  code\n"),
        ("| a | b |", "a │ b\n──┼──\n"),
        ("[text](https://exa", "text\n"),
    ];
    for (source, expected) in cases {
        let mut markdown = Markdown::new();
        markdown.update(source, 40, DocumentEnd::Open);
        assert_eq!(markdown.lines().to_text(), expected, "{source:?}");
    }
    let mut markdown = Markdown::new();
    markdown.update("some **bo", 40, DocumentEnd::Open);
    let bold = markdown.lines().row(0).find(|(piece, _)| *piece == "bo").unwrap().1;
    assert_eq!(bold.emphasis, Emphasis::BOLD);
}

#[test]
fn replaced_text_is_laid_out_anew_and_so_is_another_width() {
    let mut markdown = Markdown::new();
    markdown.update("one two three\n\nfour", 40, DocumentEnd::Open);
    assert_eq!(markdown.update("one two three\n\nfour", 40, DocumentEnd::Open), markdown.height());
    assert_eq!(markdown.update("other\n\ntext", 40, DocumentEnd::Open), 0);
    assert_eq!(markdown.lines().to_text(), "other\n\ntext\n");
    markdown.update("other\n\ntext and more", 7, DocumentEnd::Complete);
    assert_eq!(markdown.lines().to_text(), "other\n\ntext\nand\nmore\n");
}

#[test]
fn nothing_from_the_source_can_steer_the_terminal() {
    let rows = shown(
        "# \x1b[31mx\n\n```\x1b]0;t\x07\n\x1b[2Jcode\u{202e}\n```\n\n`\u{9b}` [a\x07](http://x\x1b)\n\n| \x1b |\n|---|\n<b\x1b>\n",
        60,
    );
    assert!(!rows.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{rows:?}");
}

#[test]
fn wide_characters_stay_in_their_columns() {
    insta::assert_snapshot!(shown("| 名前 | count | 👍 |\n|:--|--:|:-:|\n| 中文字 | 7 | ok |\n| é | 1234 | 👩‍👩‍👧 |\n", 40), @r"
    名前   │ count │ 👍
    ───────┼───────┼───
    中文字 │     7 │ ok
    é      │  1234 │ 👩‍👩‍👧
    ");
}

#[test]
fn a_table_that_is_too_wide_wraps_its_cells_and_then_stacks_its_rows() {
    let table = "| Name | What it does |\n|---|---|\n| read | reads a file with line numbers |\n| grep | searches |\n";
    insta::assert_snapshot!(shown(table, 26), @r"
    Name │ What it does
    ─────┼────────────────────
    read │ reads a file with
         │ line numbers
    ─────┼────────────────────
    grep │ searches
    ");
    insta::assert_snapshot!(shown(table, 11), @r"
    Name: read
    What it
    does: reads
    a file with
    line
    numbers
    ───────────
    Name: grep
    What it
    does:
    searches
    ");
}

#[test]
fn a_long_line_of_code_is_marked_where_it_goes_on() {
    assert_eq!(
        shown("```\nlet a = \"one two three\";\n```", 14),
        "  let a = \"one\n»  two three\";\n"
    );
}

/// An answer of about a hundred thousand tokens.
fn long_answer() -> String {
    SAMPLE.repeat(400_000 / SAMPLE.len() + 1)
}

#[test]
fn a_long_answer_takes_little_memory() {
    let answer = long_answer();
    let markdown = once(&answer, 80);
    let bytes = markdown.heap_bytes();
    assert!(bytes < 3 << 20, "{bytes} bytes for {}", answer.len());
}

#[test]
fn an_update_costs_what_was_added_whatever_came_before() {
    let items: String = (0..1000).map(|at| format!("- item {at} with some words\n")).collect();
    let code = format!("```rust\n{}", "    let value = compute(1, 2, 3);\n".repeat(1000));
    let answer = SAMPLE.repeat(100_000 / SAMPLE.len());
    for text in [answer, items, code, "words without an end ".repeat(4000)] {
        let started = std::time::Instant::now();
        let mut markdown = Markdown::new();
        let mut at = 0;
        while at < text.len() {
            at = (at + 100).min(text.len());
            while !text.is_char_boundary(at) {
                at += 1;
            }
            markdown.update(&text[..at], 80, DocumentEnd::Open);
        }
        // Thousands of updates: any work in proportion to the text would take minutes without
        // optimisation.
        let spent = started.elapsed();
        assert!(spent < std::time::Duration::from_secs(60), "{spent:?} for {} bytes", text.len());
    }
}

#[test]
fn plain_rows_measure_as_they_are_drawn() {
    let markdown = once(SAMPLE, 60);
    assert!(
        (0..markdown.height())
            .all(|row| text::width(markdown.lines().plain(row)) == markdown.lines().width(row))
    );
    assert_eq!(markdown.lines().row(0).next().unwrap().1.role, Role::Heading);
}

#[test]
fn highlights_ink_the_rows_and_move_none() {
    use crate::tui::paint::highlight::highlight;

    let source = "before\n\n```rust\nfn a() {\n\n    let text = \"中文 and a long line that must be broken\";\n}\n```\n\n> 1. ```json\n>    {\"a\": 1}\n>    ```\n\nafter **bold**";
    for width in [60, 20, 9] {
        let mut markdown = once(source, width);
        let plain = markdown.lines().to_text();
        let wanted = markdown.wanted_highlights(0..markdown.height());
        assert_eq!(
            wanted.iter().map(|wanted| wanted.language.as_str()).collect::<Vec<_>>(),
            ["rust", "json"]
        );
        assert_eq!(markdown.wanted_highlights(0..markdown.height()), []);
        for wanted in &wanted {
            markdown.set_highlight(wanted.id, highlight(&wanted.language, &wanted.code).as_ref());
        }
        assert_eq!(markdown.lines().to_text(), plain);
        let inks = |role: Role| -> String {
            let rows = 0..markdown.height();
            rows.flat_map(|row| {
                markdown
                    .lines()
                    .row(row)
                    .filter(|(_, ink)| ink.role == role)
                    .map(|(piece, _)| piece.to_owned())
                    .collect::<Vec<_>>()
            })
            .collect()
        };
        assert_eq!(inks(Role::SyntaxKeyword), "fnlet", "at {width}");
        assert!(
            inks(Role::SyntaxString).contains("中文 and a long line that must be broken"),
            "at {width}: {:?}",
            inks(Role::SyntaxString)
        );
        let bold: String = markdown
            .lines()
            .row(markdown.height() - 1)
            .filter(|(_, ink)| ink.emphasis == Emphasis::BOLD)
            .map(|(piece, _)| piece)
            .collect();
        assert_eq!(bold, "bold", "at {width}");
    }
}

#[test]
fn only_code_in_sight_is_wanted_and_only_when_it_is_finished() {
    let mut markdown = Markdown::new();
    markdown.update("```rust\nfn a() {}\n", 40, DocumentEnd::Open);
    assert_eq!(markdown.wanted_highlights(0..100), []);
    let block = "```rust\nfn a() {}\n```\n\n";
    markdown.update(&block.repeat(10), 40, DocumentEnd::Complete);
    assert_eq!(markdown.wanted_highlights(0..5).len(), 2);
    assert_eq!(markdown.wanted_highlights(0..markdown.height()).len(), 8);
}
