//! The model's plan as a list of boxes.

use crate::base::text;
use crate::protocol::{Todo, TodoState};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Emphasis, Ink, LaidOutLines, Role, Span};

/// The progress of a plan: `2 of 5 done`.
pub fn progress(todos: &[Todo]) -> String {
    let wanted = todos.iter().filter(|todo| todo.state != TodoState::Dropped).count();
    let done = todos.iter().filter(|todo| todo.state == TodoState::Done).count();
    if todos.is_empty() { "nothing left to do".into() } else { format!("{done} of {wanted} done") }
}

/// A step as it is read: `☑ Write the tests`.
pub fn words(Todo { text, state }: &Todo) -> String {
    let (mark, ..) = look(*state);
    format!("{}{}", mark.trim_start(), text::clean_line(text))
}

/// Adds a box and its text for each step, at most `most`.
pub fn rows(lines: &mut LaidOutLines, todos: &[Todo], most: usize, width: u16, hint: &str) {
    for Todo { text, state } in todos.iter().take(most) {
        let (mark, role, ink) = look(*state);
        let prefix = Prefix::behind(mark, role).keeping(mark.trim_start().len());
        lines.wrap(&[Span::new(text::clean_line(text), ink)], usize::from(width), &prefix);
    }
    match todos.len().saturating_sub(most) {
        0 => {}
        more => {
            lines.push("  ", Role::Dim);
            lines.end_gutter(0);
            lines.push_row(&format!("… {more} more{hint}"), Role::Dim);
        }
    }
}

/// The box of a step, its role, and the ink of the step's words.
fn look(state: TodoState) -> (&'static str, Role, Ink) {
    match state {
        TodoState::Done => ("  ☑ ", Role::Good, Ink::from(Role::Dim)),
        TodoState::Doing => ("  ◐ ", Role::Accent, Ink::from(Role::Text).bold()),
        TodoState::Open => ("  ☐ ", Role::Text, Ink::from(Role::Text)),
        TodoState::Dropped => ("  ☒ ", Role::Dim, Ink::new(Role::Dim, Emphasis::STRIKE)),
    }
}
