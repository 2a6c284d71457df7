//! Commands longer than the screen: place, reason, manner, the ends and deletions stay visible.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{Approval, ApprovalResponse, Confinement, Hazard};
use crate::tui::messages::{Msg, Toward};
use crate::tui::tests::Fixture;
use crate::tui::tests::asks::approvals::{asked, command, decided};
use crate::tui::tests::sentences;

const SIZES: [(u16, u16); 4] = [(60, 18), (80, 24), (120, 40), (300, 100)];

/// Lines of which a middle one and the last delete files.
fn lines(count: usize) -> String {
    let line = |at| match at {
        at if at == count / 2 => "rm -rf build".to_owned(),
        at if at == count => "rm -rf ~/precious".to_owned(),
        at => format!("echo step {at}"),
    };
    (1..=count).map(line).collect::<Vec<_>>().join("\n")
}

fn long(line: &str) -> Approval {
    let hazard = |part: &str, what: &str| {
        let at = line.find(part)?;
        Some(Hazard { at: at..at + part.len(), deletes: vec![what.into()] })
    };
    let hazards = [hazard("rm -rf ~/precious", "`~/precious`"), hazard("rm -rf build", "`build`")];
    Approval {
        why: "It asks to run without the sandbox".into(),
        confinement: Confinement::Free,
        trusts: false,
        hazards: hazards.into_iter().flatten().collect(),
        ..command("c", line)
    }
}

#[test]
fn a_long_command_shows_its_ends_and_what_deletes_and_counts_the_rest() {
    for (width, height) in SIZES {
        for count in [34, 400] {
            let mut fixture = asked(vec![long(&lines(count))], width, height);
            let around = ["without a sandbox", "why ", "asks to run", "deletes", "y\u{a0}once"];
            fixture.assert_shows(around);
            fixture.assert_shows(["$ echo step 1", "rm -rf build", "> rm -rf ~/precious"]);
            if count == 34 && width < 300 {
                assert_snapshot!(format!("long_command_{width}x{height}"), fixture.picture());
            }
            if count == 400 {
                fixture.assert_shows([" lines …", "lines left out"]);
            }
            let mut pages = 0;
            let mut before = String::new();
            while fixture.picture() != before {
                before = fixture.picture();
                fixture.press(KeyCode::PageDown);
                fixture.assert_shows(around);
                pages += 1;
                assert!(pages <= count, "the end never comes");
            }
            fixture.assert_shows(["rm -rf ~/precious"]);
            fixture.msg(Msg::Wheel { toward: Toward::Start, rows: 9_999 });
            fixture.assert_shows(["$ echo step 1", "rm -rf build", "> rm -rf ~/precious"]);
        }
    }
}

#[test]
fn one_line_that_takes_many_rows_shows_what_deletes_in_the_middle_of_it() {
    let line = format!("{}rm -rf ~/precious; {}true", "ls; ".repeat(900), "ls; ".repeat(900));
    for (width, height) in SIZES {
        let mut fixture = asked(vec![long(&line)], width, height);
        let picture = fixture.picture().replace("│\n│", "").replace(' ', "");
        assert!(picture.contains("rm-rf~/precious"), "{}", fixture.picture());
    }
}

#[test]
fn everything_around_leaves_room_for_the_command_in_the_smallest_window() {
    let approval = Approval {
        why: "It removes files for good: ".to_owned() + &"a-file-with-a-name.txt, ".repeat(30),
        place: Some("/srv/".to_owned() + &"deep/".repeat(60)),
        reason: Some("it is needed ".repeat(40)),
        ..long(&lines(34))
    };
    let mut fixture = asked(vec![approval], 60, 18);
    fixture.ctrl('c');
    fixture.cmds();
    fixture.assert_shows([
        "$ echo step 1",
        "> rm -rf ~/precious",
        "without a sandbox",
        "why ",
        "where ",
    ]);
    assert_snapshot!("long_everything_60x18", fixture.picture());
    for _ in 0..40 {
        fixture.press(KeyCode::PageDown);
    }
    fixture.assert_shows(["y\u{a0}once", "without a sandbox"]);
    fixture.press(KeyCode::Enter);
    assert_eq!(decided(&mut fixture), [("c".into(), ApprovalResponse::Once)]);
}

#[test]
fn what_was_being_written_stays_in_sight_when_the_composer_gives_its_rows() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.ask("go");
        fixture.text("and then");
        fixture.event(crate::protocol::EventKind::Approval(long(&lines(34))));
        fixture.text(" this");
        fixture.assert_shows(["› and then this", "without a sandbox"]);
        fixture.assert_hides(["no caret"]);
        fixture.after(std::time::Duration::from_secs(1));
        fixture.assert_shows([sentences::CLOSED_WITH_DRAFT, "no caret"]);
    }
}

#[test]
fn the_conversation_does_not_repeat_what_is_asked() {
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    assert_eq!(fixture.picture().matches("cargo test").count(), 2, "once as it is, once as a rule");
    fixture.ctrl('f');
    assert_eq!(fixture.picture().matches("$ cargo test").count(), 1);
}
