//! Wide characters: never half of one beside what covers the other half.

use crossterm::event::KeyCode;

use super::Fixture;
use super::fixture::answer;
use crate::base::text;

/// A screen full of wide characters, shifted by `shift` columns.
fn full(shift: usize, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("go");
    let row = format!("{}{}\n\n", "a".repeat(shift), "漢字👍".repeat(40));
    fixture.event(answer("a", &row.repeat(30)));
    fixture
}

/// Checks that every wide character has both of its cells.
fn assert_whole(fixture: &mut Fixture, what: &str) {
    let width = usize::from(fixture.app.size.0);
    let cells: Vec<_> = fixture.cells().collect();
    for (y, row) in cells.chunks(width).enumerate() {
        for (x, cell) in row.iter().enumerate() {
            let is_wide = text::width(cell.symbol()) == 2;
            let next = row.get(x + 1).map(|next| next.symbol());
            assert!(
                !is_wide || next == Some(" "),
                "{what}: {:?} and {next:?} at {x},{y}\n{}",
                cell.symbol(),
                fixture.picture()
            );
        }
    }
}

#[test]
fn what_is_drawn_over_wide_characters_leaves_no_half_of_one() {
    for (width, height) in [(60, 18), (61, 18), (80, 24), (81, 24), (120, 40), (121, 41)] {
        for shift in 0..2 {
            let at = format!("{width}x{height}, {shift}");
            let mut fixture = full(shift, width, height);
            assert_whole(&mut fixture, &at);
            fixture.text("/");
            assert_whole(&mut fixture, &format!("the menu at {at}"));
            fixture.press(KeyCode::Backspace);
            fixture.ctrl('x');
            assert_whole(&mut fixture, &format!("the keys at {at}"));
            fixture.press(KeyCode::Esc);
            for command in ["/status", "/models", "/jobs", "/connect", "/help"] {
                fixture.enter(command);
                assert_whole(&mut fixture, &format!("{command} at {at}"));
                fixture.press(KeyCode::Esc);
            }
        }
    }
}
