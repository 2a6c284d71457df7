//! The first screen in all sizes.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::{models, plus, start, user};
use crate::fronts::tui::StartInfo;
use crate::fronts::tui::messages::Msg;
use crate::protocol::{
    EventKind, Notice, Problem, ProblemKind, SessionPlace, SessionView, Surroundings,
};

#[test]
fn the_first_frame_is_whole_before_the_engine_has_said_anything() {
    assert_snapshot!("first_frame_80x24", Desk::new(80, 24).picture());
}

#[test]
fn the_first_start_says_how_to_sign_in_at_every_size() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        assert_snapshot!(
            format!("first_start_{width}x{height}"),
            Desk::not_connected(width, height).picture()
        );
    }
}

#[test]
fn below_the_least_size_a_line_says_so_and_the_program_runs_on() {
    let mut desk = Desk::not_connected(59, 30);
    assert_eq!(
        desk.picture().lines().next(),
        Some("This window is 59x30, codling needs at least 60x18")
    );
    desk.text("kept");
    desk.msg(Msg::Resize { width: 80, height: 24 });
    assert!(desk.shows("│ kept"));
    for (width, height) in [(1, 1), (0, 0), (80, 1), (5, 40)] {
        desk.msg(Msg::Resize { width, height });
        desk.picture();
    }
}

#[test]
fn every_size_up_to_300x100_can_be_drawn_with_every_dialog() {
    for (width, height) in [(60, 18), (61, 19), (80, 24), (120, 40), (200, 50), (300, 100)] {
        let mut desk = Desk::connected(width, height);
        for command in ["/connect", "/models", "/status", "/help"] {
            desk.text(command);
            desk.press(KeyCode::Enter);
            assert!(desk.shows("esc"), "{command} at {width}x{height}");
            desk.press(KeyCode::Esc);
        }
    }
}

#[test]
fn a_stand_in_is_named_on_every_screen() {
    let start = StartInfo { banner: Some("demo: a stand-in, not OpenAI".into()), ..start() };
    let mut desk = Desk::with(start, 80, 24);
    desk.accounts(Vec::new());
    assert_snapshot!("banner", desk.picture());
    for keys in ["/connect", "/help"] {
        desk.text(keys);
        desk.press(KeyCode::Enter);
        assert!(desk.shows("demo: a stand-in, not OpenAI"), "{keys}");
        desk.press(KeyCode::Esc);
    }
}

#[test]
fn without_an_engine_the_screen_says_what_failed_and_what_to_do() {
    let mut desk = Desk::new(80, 24);
    let problem = Problem::new(ProblemKind::Config, "The settings could not be read")
        .with_next("Mend `config.toml`");
    desk.msg(Msg::EngineFailed(problem));
    assert!(desk.shows("The settings could not be read") && desk.shows("Mend `config.toml`"));
}

#[test]
fn a_notice_of_the_program_is_told_beside_the_first_screen_and_over_a_dialog() {
    let notice = Notice {
        message: "No browser could be opened".into(),
        next: Some("Copy the link with `u`".into()),
    };
    let mut desk = Desk::not_connected(80, 24);
    desk.event(EventKind::Notice(notice.clone()));
    assert!(
        desk.shows("! No browser could be opened. Copy the link with `u`")
            && desk.shows("a coding client for your terminal")
    );
    desk.after(Duration::from_secs(12));
    assert!(!desk.shows("No browser"));
    desk.text("/help");
    desk.press(KeyCode::Enter);
    desk.event(EventKind::Notice(notice));
    assert!(desk.shows("! No browser could be opened") && desk.shows("─ Help ─"));
}

#[test]
fn where_the_locale_is_not_utf8_marks_and_borders_are_plain_letters() {
    let surroundings = Surroundings { utf8: false, ..start().surroundings };
    let mut desk = Desk::with(StartInfo { surroundings, ..start() }, 80, 24);
    desk.accounts(vec![plus()]);
    desk.event(models());
    for command in ["/connect", "/models", "/status", "/help"] {
        desk.text(command);
        desk.press(KeyCode::Enter);
        let picture = desk.picture();
        assert!(picture.is_ascii() && picture.contains("+- "), "{picture}");
        desk.press(KeyCode::Esc);
    }
    desk.ask("日本語");
    desk.event(user("日本語"));
    assert!(desk.shows("> 日本語"), "text stays as it is: {}", desk.picture());
}

#[test]
fn what_is_said_before_the_conversation_is_open_stays_when_it_opens() {
    let mut desk = Desk::new(80, 24);
    let problem = Problem::new(ProblemKind::CredentialFile, "`auth.json` is damaged at line 3");
    desk.refuse(problem);
    desk.event(EventKind::Notice(Notice { message: "Read AGENTS.md".into(), next: None }));
    // The engine's view, without the notices that came before.
    let open = |view: &mut SessionView| {
        let place = SessionPlace { folder: "/home/me/project".into(), branch: None };
        *view = SessionView { place: Some(place), ..SessionView::new(view.id.clone()) };
    };
    desk.change(open);
    let picture = desk.picture();
    assert!(picture.contains("is damaged at line 3"), "{picture}");
    assert!(picture.contains("Read AGENTS.md"), "{picture}");
}
