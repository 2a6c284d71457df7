//! Copying one code block of the last answer.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::answer;

const THREE: &str = "First:\n\n```rust\nfn main() {\n    run();\n}\n```\n\nThen:\n\n```sh\n\tcargo run -- --a-very-long-option=\"with a value that goes on and on\" and more and more and more\n```\n\n- and\n\n  ```\n  plain \u{1b}[31m\n  ```\n";

fn answered(text: &str, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("Go");
    fixture.event(answer("a", text));
    fixture.cmds();
    fixture
}

fn chord(fixture: &mut Fixture) {
    fixture.ctrl('x');
    fixture.press(KeyCode::Char('k'));
}

#[test]
fn the_only_code_block_is_copied_at_once() {
    let mut fixture = answered("Run\n\n```sh\ncargo test\n\ncargo run\n```\nthen", 80, 24);
    chord(&mut fixture);
    assert_eq!(fixture.copied(), ["cargo test\n\ncargo run"]);
    assert!(fixture.app.dialogs.is_empty());
    fixture.enter("/copy code");
    assert_eq!(fixture.copied(), ["cargo test\n\ncargo run"]);
    assert!(fixture.app.prompt.composer.is_empty());
}

#[test]
fn of_several_one_is_chosen_the_newest_first() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = answered(THREE, width, height);
        chord(&mut fixture);
        assert_snapshot!(format!("code_blocks_{width}x{height}"), fixture.picture());
        assert!(fixture.copied().is_empty());
        fixture.press(KeyCode::Enter);
        assert_eq!(fixture.copied(), ["plain \u{1b}[31m"]);
        chord(&mut fixture);
        fixture.enter("main");
        assert_eq!(fixture.copied(), ["fn main() {\n    run();\n}"]);
        assert!(fixture.app.dialogs.is_empty());
        chord(&mut fixture);
        fixture.press(KeyCode::Esc);
        assert!(fixture.copied().is_empty() && fixture.app.dialogs.is_empty());
    }
}

#[test]
fn a_number_is_counted_from_the_newest_and_no_block_is_said() {
    let mut fixture = answered(THREE, 80, 24);
    fixture.enter("/copy 3");
    assert_eq!(fixture.copied(), ["fn main() {\n    run();\n}"]);
    for (typed, is_kept) in [("/copy 4", false), ("/copy 0", true), ("/copy it all", true)] {
        let mut fixture = answered(THREE, 80, 24);
        fixture.enter(typed);
        assert!(fixture.copied().is_empty() && fixture.app.toasts.shown().is_some());
        assert_eq!(!fixture.app.prompt.composer.is_empty(), is_kept, "{typed}");
    }
    let mut fixture = answered("Only `words` here.", 80, 24);
    chord(&mut fixture);
    assert!(fixture.copied().is_empty() && fixture.app.dialogs.is_empty());
    fixture.assert_shows(["no code block: `ctrl+x y`"]);
}
