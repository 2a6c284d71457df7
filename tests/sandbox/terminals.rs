//! A command's own terminal in each kind of sandbox.

use std::time::{Duration, Instant};

use codling::protocol::Confinement;
use codling::sandbox::{ExitKind, Terminal, kill_switch};

use super::fixture::Fixture;

/// Runs a line in a terminal; types each answer once the text before it is shown.
fn run(
    fixture: &Fixture,
    confinement: Confinement,
    line: &str,
    talk: &[(&str, &str)],
) -> (ExitKind, String) {
    let (_held, switch) = kill_switch().unwrap();
    let (terminal, end) = Terminal::open(24, 80).unwrap();
    let mut text = String::new();
    let mut talk = talk.iter().peekable();
    let mut hear = |bytes: &[u8]| {
        text.push_str(&String::from_utf8_lossy(bytes));
        while let Some((_, answer)) = talk.next_if(|(words, _)| text.contains(words)) {
            let until = Instant::now() + Duration::from_secs(10);
            assert_eq!(terminal.write(answer.as_bytes(), until).unwrap(), answer.len());
        }
    };
    let order = fixture.order(confinement, line);
    let ended = order.run_in_terminal(&fixture.program, switch, (&terminal, end), &mut hear);
    (ended.how, text)
}

const ALL: [Confinement; 3] = [Confinement::Folder, Confinement::ReadOnly, Confinement::Free];

#[test]
fn a_command_sits_at_a_terminal_and_is_typed_into() {
    Fixture::each(|fixture| {
        for confinement in ALL {
            let line = "test -t 0 && test -t 1 && test -t 2 && stty size; printf 'name? '; read name; echo \"hello $name\" > /dev/tty; exit 7";
            let (how, text) = run(fixture, confinement, line, &[("name? ", "Ada\n")]);
            assert_eq!(how, ExitKind::Exit(7), "{confinement:?}: {text}");
            assert!(
                text.contains("24 80") && text.contains("hello Ada"),
                "{confinement:?}: {text}"
            );
        }
    });
}

#[test]
fn keys_of_the_terminal_reach_the_command_and_leave_its_keeper_alone() {
    Fixture::each(|fixture| {
        for confinement in ALL {
            let line = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 1; done";
            let (how, text) = run(fixture, confinement, line, &[("ready", "\u{3}")]);
            assert_eq!(how, ExitKind::Exit(5), "{confinement:?}: {text}");
            assert!(text.contains("caught"), "{confinement:?}: {text}");
        }
    });
}

#[test]
fn what_is_kept_in_is_kept_in_at_a_terminal_too() {
    Fixture::each(|fixture| {
        let line = "echo gone > $OUT/file; echo here > made; echo done";
        let (_, text) = run(fixture, Confinement::Folder, line, &[]);
        assert!(text.contains("done"), "{text}");
        fixture.assert_outside_untouched("a command at a terminal");
        assert!(fixture.folder.join("made").exists(), "{text}");
    });
}
