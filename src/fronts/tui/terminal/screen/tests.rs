//! Frames, and the content of a terminal that gets their bytes.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::style::{Modifier, Style as Look};

use super::super::link::{LINK, LINK_MORE};
use super::*;
use crate::tui::paint::put;

/// A terminal that receives the screen's output.
struct Fixture {
    screen: TerminalScreen<Vec<u8>>,
    terminal: vt100::Parser,
    columns: u16,
    rows: u16,
}

impl Fixture {
    fn new(columns: u16, rows: u16) -> Self {
        let terminal = vt100::Parser::new(
            NonZeroU16::new(rows).unwrap(),
            NonZeroU16::new(columns).unwrap(),
            0,
        );
        Self { screen: TerminalScreen::new(Vec::new(), columns, rows), terminal, columns, rows }
    }

    /// Draws a frame and returns its bytes.
    fn frame(&mut self, caret: Option<Position>, paint: impl FnOnce(&mut Buffer)) -> Vec<u8> {
        let mut drawn = Buffer::empty(Rect::ZERO);
        let count = self.screen.draw(|buffer, links| {
            paint(buffer);
            links.read(buffer);
            drawn = buffer.clone();
            caret
        });
        let bytes = std::mem::take(self.screen.out());
        assert_eq!(count.unwrap(), bytes.len());
        self.terminal.process(&bytes);
        self.check(&drawn, caret, &bytes);
        bytes
    }

    fn rows(&mut self, rows: &[&str]) -> Vec<u8> {
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        self.frame(Some(Position::ORIGIN), |buffer| write_rows(buffer, &rows))
    }

    fn check(&self, drawn: &Buffer, caret: Option<Position>, bytes: &[u8]) {
        for y in 0..self.rows {
            let row: Vec<Cell> = (0..self.columns).map(|x| drawn[(x, y)].clone()).collect();
            let mut x = 0;
            while x < row.len() {
                let cell = self.terminal.screen().cell(y, u16::try_from(x).unwrap()).unwrap();
                let contents = if cell.contents().is_empty() { " " } else { cell.contents() };
                assert_eq!(
                    contents,
                    shown_symbol(&row, x),
                    "at {x},{y} after {:?}",
                    String::from_utf8_lossy(bytes)
                );
                let style = CellStyle::of(&row[x]);
                assert_eq!(
                    cell.bgcolor(),
                    color(style.bg),
                    "background at {x},{y} after {:?}",
                    String::from_utf8_lossy(bytes)
                );
                if contents != " " {
                    assert_eq!(
                        cell.fgcolor(),
                        color(style.fg),
                        "foreground at {x},{y} after {:?}",
                        String::from_utf8_lossy(bytes)
                    );
                    assert_eq!(
                        cell.bold(),
                        style.modifier.contains(Modifier::BOLD),
                        "bold at {x},{y} after {:?}",
                        String::from_utf8_lossy(bytes)
                    );
                    assert_eq!(cell.underline(), style.modifier.contains(Modifier::UNDERLINED));
                    assert_eq!(cell.inverse(), style.modifier.contains(Modifier::REVERSED));
                    assert_eq!(cell.italic(), style.modifier.contains(Modifier::ITALIC));
                }
                x += columns(&row, x);
            }
        }
        if let Some(at) = caret {
            assert_eq!(self.terminal.screen().cursor_position(), (at.y, at.x));
        }
        assert_eq!(self.terminal.screen().hide_cursor(), caret.is_none());
    }
}

fn write_rows(buffer: &mut Buffer, rows: &[String]) {
    let right = buffer.area().right();
    for (y, row) in rows.iter().enumerate() {
        put(buffer, (0, u16::try_from(y).unwrap()), right, row, Look::new());
    }
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Red => vt100::Color::Idx(1),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        _ => vt100::Color::Default,
    }
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    let mut fixture = Fixture::new(20, 4);
    fixture.rows(&["one", "two"]);
    assert_eq!(fixture.rows(&["one", "two"]), b"");
}

#[test]
fn a_typed_letter_costs_one_byte() {
    let mut fixture = Fixture::new(20, 4);
    fixture.frame(Some(Position::new(2, 1)), |buffer| {
        write_rows(buffer, &["one".into(), "tw".into()])
    });
    let bytes = fixture.frame(Some(Position::new(3, 1)), |buffer| {
        write_rows(buffer, &["one".into(), "two".into()])
    });
    assert_eq!(bytes, b"o");
}

#[test]
fn a_scrolled_transcript_is_scrolled_by_the_terminal() {
    let line = |number: usize| format!("line {number} {}", "of the answer ".repeat(4));
    let mut fixture = Fixture::new(80, 20);
    let page = |from: usize| {
        (from..from + 16)
            .map(line)
            .chain(["---".into(), "composer".into(), "---".into(), "status".into()])
            .collect::<Vec<_>>()
    };
    fixture.frame(Some(Position::new(8, 17)), |buffer| write_rows(buffer, &page(0)));
    let bytes = fixture.frame(Some(Position::new(8, 17)), |buffer| write_rows(buffer, &page(2)));
    assert!(bytes.len() < 180, "{} bytes: {:?}", bytes.len(), String::from_utf8_lossy(&bytes));
    let back = fixture.frame(Some(Position::new(8, 17)), |buffer| write_rows(buffer, &page(1)));
    assert!(back.len() < 120, "{} bytes: {:?}", back.len(), String::from_utf8_lossy(&back));
}

#[test]
fn a_growing_last_line_costs_little_more_than_its_letters() {
    let mut fixture = Fixture::new(120, 40);
    let mut text = vec![String::from("a first line"); 30];
    let caret = Some(Position::new(2, 38));
    fixture.frame(caret, |buffer| write_rows(buffer, &text));
    text[29].push_str(" and more");
    let bytes = fixture.frame(caret, |buffer| write_rows(buffer, &text));
    assert!(bytes.len() <= 9 + 16, "{} bytes: {:?}", bytes.len(), String::from_utf8_lossy(&bytes));
}

#[test]
fn the_caret_is_hidden_and_shown_as_asked() {
    let mut fixture = Fixture::new(10, 2);
    fixture.frame(None, |_| {});
    assert_eq!(fixture.frame(None, |_| {}), b"");
    assert_eq!(fixture.frame(Some(Position::ORIGIN), |_| {}), b"\x1b[?25h");
    fixture.frame(None, |_| {});
}

#[test]
fn a_forgotten_screen_is_painted_anew() {
    let mut fixture = Fixture::new(10, 3);
    fixture.rows(&["one", "two"]);
    fixture.terminal.process(b"\x1b[2;2Hrubbish\x1b[?25l");
    fixture.screen.forget();
    fixture.rows(&["one", "two"]);
}

#[test]
fn wide_characters_leave_no_halves_behind() {
    let mut fixture = Fixture::new(8, 1);
    for row in ["中文中文", "a中文b", "中a文", "ab", "👍x", "x中", "", "文文文文", "a文文文b"]
    {
        fixture.rows(&[row]);
    }
}

#[test]
fn after_a_cluster_that_terminals_measure_differently_the_place_is_named_anew() {
    let mut screen = TerminalScreen::new(Vec::new(), 10, 1);
    screen
        .draw(|buffer, _| Some(Position::new(put(buffer, (0, 0), 10, "👩‍👩‍👧x", Look::new()), 0)))
        .unwrap();
    assert_eq!(String::from_utf8_lossy(screen.out()), "\x1b[m\x1b[H\x1b[2J👩‍👩‍👧\x1b[1;3Hx\x1b[?25h");
}

#[test]
fn an_address_becomes_a_link_to_itself_and_nothing_else_does() {
    let mut fixture = Fixture::new(40, 2);
    let marked = Look::new().underline_color(LINK);
    let bytes = fixture.frame(None, |buffer| {
        put(buffer, (2, 0), 40, "https://example.com/a", marked);
        put(buffer, (2, 1), 40, "javascript:alert(1)", marked);
    });
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.contains("\x1b]8;;https://example.com/a\x1b\\https://example.com/a\x1b]8;;\x1b\\"),
        "{text:?}"
    );
    assert_eq!(text.matches("\x1b]8;").count(), 2);
}

#[test]
fn an_address_over_several_rows_is_one_link() {
    let mut fixture = Fixture::new(20, 4);
    let mark = |mark| Look::new().underline_color(mark);
    let bytes = fixture.frame(None, |buffer| {
        put(buffer, (1, 0), 20, "https://a.example/", mark(LINK));
        put(buffer, (1, 1), 20, "path?and=a&long=er", mark(LINK_MORE));
        put(buffer, (1, 2), 20, "end", mark(LINK_MORE));
        put(buffer, (1, 3), 20, "below", Look::new());
    });
    let text = String::from_utf8(bytes).unwrap();
    let whole = "\x1b]8;id=codling;https://a.example/path?and=a&long=erend\x1b\\";
    assert_eq!((text.matches(whole).count(), text.matches("\x1b]8;").count()), (3, 6), "{text:?}");
    assert!(text.contains(&format!("{whole}end\x1b]8;;")), "{text:?}");
}

#[test]
fn what_is_painted_over_a_link_leaves_the_rest_one_link_to_the_whole() {
    let mut screen = TerminalScreen::new(Vec::new(), 24, 3);
    let paint = |buffer: &mut Buffer, links: &mut Links| {
        let mark = |mark| Look::new().underline_color(mark);
        put(buffer, (1, 0), 24, "https://a.example/", mark(LINK));
        put(buffer, (1, 1), 24, "path", mark(LINK_MORE));
        // A link without its first row leads nowhere.
        put(buffer, (8, 2), 24, "https://b.example/", mark(LINK_MORE));
        links.read(buffer);
        put(buffer, (0, 0), 24, "----------", Look::new().underline_color(Color::Reset));
        None
    };
    screen.draw(paint).unwrap();
    let text = String::from_utf8(screen.out().clone()).unwrap();
    let begins = "\x1b]8;id=codling;https://a.example/path\x1b\\";
    for seen in [".example/", "path"] {
        assert!(text.contains(&format!("{begins}{seen}\x1b]8;;")), "{text:?}");
    }
    assert_eq!(text.matches("\x1b]8;").count(), 4, "{text:?}");
}

#[test]
fn a_control_code_in_a_cell_never_reaches_the_terminal() {
    let mut fixture = Fixture::new(10, 1);
    let bytes = fixture.frame(None, |buffer| {
        buffer[(0, 0)].set_symbol("\x07");
        buffer[(1, 0)].set_symbol("é\u{9b}");
    });
    assert!(!bytes.contains(&7) && !String::from_utf8_lossy(&bytes).contains('\u{9b}'));
}

#[derive(Clone, Debug)]
enum Act {
    Scroll(i32, u16, u16),
    Write(u16, u16, String, usize),
    Resize(u16, u16),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let write = (0_u16..24, 0_u16..10, "[a-c 中👍é─]{1,12}", 0_usize..6)
        .prop_map(|(x, y, text, look)| Act::Write(x, y, text, look));
    let scroll = (-4_i32..5, 0_u16..10, 0_u16..10)
        .prop_map(|(by, one, other)| Act::Scroll(by, one.min(other), one.max(other)));
    let resize = (2_u16..24, 1_u16..10).prop_map(|(columns, rows)| Act::Resize(columns, rows));
    prop::collection::vec(prop_oneof![8 => write, 3 => scroll, 1 => resize], 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn whatever_is_drawn_the_terminal_shows_it(acts in acts()) {
        let looks = [
            Look::new(),
            Look::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            Look::new().bg(Color::Rgb(1, 2, 3)),
            Look::new().fg(Color::Indexed(200)).add_modifier(Modifier::UNDERLINED | Modifier::ITALIC),
            Look::new().add_modifier(Modifier::REVERSED),
            Look::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::ITALIC),
        ];
        let mut fixture = Fixture::new(20, 8);
        let mut picture = Buffer::empty(Rect::new(0, 0, 20, 8));
        for (step, act) in acts.into_iter().enumerate() {
            match act {
                Act::Write(x, y, text, look) => {
                    let right = picture.area().right();
                    if y < picture.area().height && x < right {
                        put(&mut picture, (x, y), right, &text, looks[look]);
                    }
                }
                Act::Scroll(by, top, bottom) => {
                    let bottom = bottom.min(picture.area().height);
                    if by != 0 && top + u16::try_from(by.unsigned_abs()).unwrap() < bottom {
                        scroll::apply(&mut picture, scroll::RowScroll { top, bottom, by });
                    }
                }
                Act::Resize(columns, rows) => {
                    fixture = Fixture::new(columns, rows);
                    picture = Buffer::empty(Rect::new(0, 0, columns, rows));
                }
            }
            let caret = (step % 3 != 0).then(|| Position::new(1, 0));
            fixture.frame(caret, |buffer| *buffer = picture.clone());
        }
    }
}
