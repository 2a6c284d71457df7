//! The first screen in all sizes.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{models, plus, start, user};
use super::sessions::summary;
use crate::protocol::{
    Agent, ApprovalMode, Command, EventKind, Notice, Problem, ProblemKind, Sandbox, SessionCommand,
    SessionPlace, SessionSelector, SessionView, Surroundings, TurnCommand,
};
use crate::tui::StartInfo;
use crate::tui::messages::Msg;

#[test]
fn the_first_frame_is_whole_before_the_engine_has_said_anything() {
    assert_snapshot!("first_frame_80x24", Fixture::new(80, 24).picture());
}

#[test]
fn the_first_start_says_how_to_sign_in_at_every_size() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        assert_snapshot!(
            format!("first_start_{width}x{height}"),
            Fixture::not_connected(width, height).picture()
        );
    }
}

#[test]
fn below_the_least_size_a_line_says_so_and_the_program_runs_on() {
    let mut fixture = Fixture::not_connected(59, 30);
    assert_eq!(fixture.picture().lines().next(), Some(sentences::BELOW_LEAST_SIZE));
    fixture.text("kept");
    fixture.msg(Msg::Resize { width: 80, height: 24 });
    assert!(fixture.shows("│ kept"));
    for (width, height) in [(1, 1), (0, 0), (80, 1), (5, 40)] {
        fixture.msg(Msg::Resize { width, height });
        fixture.picture();
    }
}

#[test]
fn every_size_up_to_300x100_can_be_drawn_with_every_dialog() {
    for (width, height) in [(60, 18), (61, 19), (80, 24), (120, 40), (200, 50), (300, 100)] {
        let mut fixture = Fixture::connected(width, height);
        for command in ["/connect", "/models", "/status", "/help"] {
            fixture.enter(command);
            assert!(fixture.shows("esc"), "{command} at {width}x{height}");
            fixture.press(KeyCode::Esc);
        }
    }
}

#[test]
fn a_stand_in_is_named_on_every_screen() {
    let start = StartInfo { banner: Some("demo: a stand-in, not OpenAI".into()), ..start() };
    let mut fixture = Fixture::with(start, 80, 24);
    fixture.accounts(Vec::new());
    assert_snapshot!("banner", fixture.picture());
    for keys in ["/connect", "/help"] {
        fixture.enter(keys);
        assert!(fixture.shows(sentences::DEMO), "{keys}");
        fixture.press(KeyCode::Esc);
    }
}

#[test]
fn without_an_engine_the_screen_says_what_failed_and_what_to_do() {
    let mut fixture = Fixture::new(80, 24);
    let problem = Problem::new(ProblemKind::Config, "The settings could not be read")
        .with_next("Mend `config.toml`");
    fixture.msg(Msg::EngineFailed(problem));
    assert!(fixture.shows("not be read") && fixture.shows("Mend `config.toml`"));
}

#[test]
fn a_notice_of_the_program_is_told_beside_the_first_screen_and_over_a_dialog() {
    let notice = Notice {
        message: "No browser could be opened".into(),
        next: Some("Copy the link with `u`".into()),
    };
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.event(EventKind::Notice(notice.clone()));
    fixture.assert_shows([sentences::NO_BROWSER_WITH_ADVICE, sentences::FIRST_SCREEN]);
    fixture.after(Duration::from_secs(12));
    assert!(!fixture.shows("No browser"));
    fixture.enter("/help");
    fixture.event(EventKind::Notice(notice));
    assert!(fixture.shows(sentences::NO_BROWSER) && fixture.shows("─ Help · "));
}

#[test]
fn where_the_locale_is_not_utf8_marks_and_borders_are_plain_letters() {
    let surroundings = Surroundings { utf8: false, ..start().surroundings };
    let mut fixture = Fixture::with(StartInfo { surroundings, ..start() }, 80, 24);
    fixture.accounts(vec![plus()]);
    fixture.event(models());
    for command in ["/connect", "/models", "/status", "/help"] {
        fixture.enter(command);
        let picture = fixture.picture();
        assert!(picture.is_ascii() && picture.contains("+- "), "{picture}");
        fixture.press(KeyCode::Esc);
    }
    fixture.ask("日本語");
    fixture.event(user("日本語"));
    assert!(fixture.shows("> 日本語"), "text stays as it is: {}", fixture.picture());
}

#[test]
fn what_is_said_before_the_conversation_is_open_stays_when_it_opens() {
    let mut fixture = Fixture::new(80, 24);
    let problem = Problem::new(ProblemKind::CredentialFile, "`auth.json` is damaged at line 3");
    fixture.refuse(problem);
    fixture.event(EventKind::Notice(Notice { message: "Read AGENTS.md".into(), next: None }));
    // The engine's view, without the notices that came before.
    let open = |view: &mut SessionView| {
        let place = SessionPlace { folder: "/home/me/project".into(), branch: None };
        *view = SessionView { place: Some(place), ..SessionView::new(view.id.clone()) };
    };
    fixture.change(open);
    let picture = fixture.picture();
    assert!(picture.contains("damaged at line 3"), "{picture}");
    assert!(picture.contains("Read AGENTS.md"), "{picture}");
}

fn list() -> EventKind {
    let all = [
        summary("ses_a", "/home/me/project", "Why does the build fail on macOS?", 5),
        summary("ses_p", "/home/me/plants", "When are pears ripe?", 6),
        summary("ses_b", "/home/me/project", "Rename apple to pear", 50),
        summary("ses_c", "/home/me/project", "What is this project?", 100),
        summary("ses_d", "/home/me/project", "A fourth one", 200),
    ];
    EventKind::Sessions(all.into())
}

#[test]
fn the_start_page_offers_the_folders_last_conversations_and_enter_opens_the_chosen_one() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.mode(Agent::Build, ApprovalMode::Ask, Sandbox::Landlock);
        fixture.event(list());
        fixture.presses([KeyCode::Down, KeyCode::Down]);
        assert_snapshot!(format!("start_page_{width}x{height}"), fixture.picture());
        fixture.cmds();
        fixture.press(KeyCode::Enter);
        let sent = fixture.sent();
        assert!(
            matches!(sent.as_slice(), [Command::Session(SessionCommand::Resume { which: SessionSelector::Named(id), .. })] if id == "ses_b"),
            "{sent:?}"
        );
    }
    let mut fixture = Fixture::connected(80, 24);
    fixture.event(list());
    fixture.press(KeyCode::Down);
    fixture.text("a prompt");
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    assert!(matches!(fixture.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(_)))));
}

#[test]
fn without_an_account_enter_leads_to_the_ways_to_sign_in() {
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.press(KeyCode::Enter);
    for way in ["(browser)", "(headless)", "enter API key"] {
        assert!(fixture.shows(way), "{way}");
    }
}

#[test]
fn a_prompt_sent_without_an_account_goes_out_once_somebody_is_signed_in() {
    let prompts = |fixture: &mut Fixture| {
        let sent = fixture.sent();
        let prompt = |it: &Command| matches!(it, Command::Turn(_, TurnCommand::Submit(_)));
        sent.iter().filter(|it| prompt(it)).count()
    };
    for changed in [false, true] {
        let mut fixture = Fixture::not_connected(80, 24);
        fixture.opened("/home/me/project", None);
        fixture.enter("what is this?");
        assert!(fixture.shows("Connect a provider") && prompts(&mut fixture) == 0);
        if changed {
            fixture.press(KeyCode::Esc);
            fixture.text(" no");
        }
        fixture.accounts(vec![plus()]);
        fixture.presses([KeyCode::Esc; 2]);
        assert_eq!(prompts(&mut fixture), usize::from(!changed));
    }
}
