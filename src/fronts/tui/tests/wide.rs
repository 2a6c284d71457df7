//! Wide characters: never half of one beside what covers the other half.

use crossterm::event::KeyCode;

use super::Desk;
use super::desk::answer;
use crate::base::text;

/// A screen full of wide characters, shifted by `shift` columns.
fn full(shift: usize, width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("go");
    let row = format!("{}{}\n\n", "a".repeat(shift), "漢字👍".repeat(40));
    desk.event(answer("a", &row.repeat(30)));
    desk
}

/// Checks that every wide character has both of its cells.
fn assert_whole(desk: &mut Desk, what: &str) {
    let width = usize::from(desk.app.size.0);
    let cells: Vec<_> = desk.cells().collect();
    for (y, row) in cells.chunks(width).enumerate() {
        for (x, cell) in row.iter().enumerate() {
            let is_wide = text::width(cell.symbol()) == 2;
            let next = row.get(x + 1).map(|next| next.symbol());
            assert!(
                !is_wide || next == Some(" "),
                "{what}: {:?} and {next:?} at {x},{y}\n{}",
                cell.symbol(),
                desk.picture()
            );
        }
    }
}

#[test]
fn what_is_drawn_over_wide_characters_leaves_no_half_of_one() {
    for (width, height) in [(60, 18), (61, 18), (80, 24), (81, 24), (120, 40), (121, 41)] {
        for shift in 0..2 {
            let at = format!("{width}x{height}, {shift}");
            let mut desk = full(shift, width, height);
            assert_whole(&mut desk, &at);
            desk.text("/");
            assert_whole(&mut desk, &format!("the menu at {at}"));
            desk.press(KeyCode::Backspace);
            desk.ctrl('x');
            assert_whole(&mut desk, &format!("the keys at {at}"));
            desk.press(KeyCode::Esc);
            for command in ["/status", "/models", "/jobs", "/connect", "/help"] {
                desk.text(command);
                desk.press(KeyCode::Enter);
                assert_whole(&mut desk, &format!("{command} at {at}"));
                desk.press(KeyCode::Esc);
            }
        }
    }
}
