//! Searching the conversation on screen.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use ratatui::style::Modifier;

use crate::protocol::{
    EventKind, Item, ItemKind, Record, SaveState, SessionView, TurnId, TurnOutcome,
};
use crate::tui::ask::Room;
use crate::tui::messages::{Cmd, Msg};
use crate::tui::tests::Fixture;
use crate::tui::tests::asks::approvals::command;
use crate::tui::tests::fixture::{answer, call, called, delta, reasoning, user};
use crate::tui::transcript::Standing;

/// Ten turns, each with a thought, a folded output and an answer.
fn talk(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("Where are the apples?");
    for number in 0..10 {
        fixture.event(reasoning(
            &format!("r{number}"),
            &format!("**Looking around**\n\nThere may be a hidden pear {number}."),
        ));
        let id = format!("c{number}");
        fixture.event(call(&id, "grep", r#"{"pattern":"fruit"}"#));
        fixture.event(called(&id, "fruit", &format!("a.txt:1:plum {number}\nb.txt:2:quince\n")));
        fixture.event(answer(
            &format!("a{number}"),
            &format!("The **apple** number {number} lies in the basket."),
        ));
        fixture.event(user(&format!("And after {number}?")));
    }
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    fixture.sent();
    fixture
}

/// The marked parts of the screen, row by row; the hit that one is at stands in brackets.
fn marks(fixture: &mut Fixture) -> Vec<String> {
    let width = usize::from(fixture.app.size.0);
    let cells: Vec<_> = fixture.cells().collect();
    let mut marks = Vec::new();
    for row in cells.chunks(width).take(cells.len() / width - 4) {
        let kind = |at: usize| {
            let modifier = row[at].modifier;
            modifier
                .contains(Modifier::REVERSED)
                .then(|| modifier.contains(Modifier::BOLD | Modifier::UNDERLINED))
        };
        for run in (0..width).collect::<Vec<_>>().chunk_by(|one, other| kind(*one) == kind(*other))
        {
            let text: String = run.iter().map(|at| row[*at].symbol()).collect();
            match kind(run[0]) {
                Some(true) => marks.push(format!("[{text}]")),
                Some(false) => marks.push(text),
                None => {}
            }
        }
    }
    marks
}

fn find(fixture: &mut Fixture, words: &str) {
    fixture.ctrl('f');
    fixture.text(words);
}

fn top(fixture: &mut Fixture) -> String {
    fixture.picture().lines().next().unwrap().to_owned()
}

#[test]
fn a_search_has_the_composers_place_at_every_size() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = talk(width, height);
        fixture.ctrl('f');
        assert_snapshot!(format!("search_empty_{width}x{height}"), fixture.picture());
        fixture.text("apple");
        assert_snapshot!(format!("search_typed_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Enter);
        assert_snapshot!(format!("search_kept_{width}x{height}"), fixture.picture());
        fixture.ctrl('f');
        fixture.text(" juice");
        assert_snapshot!(format!("search_nothing_{width}x{height}"), fixture.picture());
    }
}

#[test]
fn hits_are_marked_and_the_one_that_one_is_at_more_strongly() {
    let mut fixture = talk(80, 24);
    find(&mut fixture, "apple number 9");
    assert_eq!(marks(&mut fixture), ["[apple number 9]"]);
    fixture.ctrl('w');
    fixture.assert_shows([" 10/10 "]);
    fixture.press(KeyCode::Up);
    fixture.assert_shows([" 9/10 "]);
    let marked = marks(&mut fixture);
    let current = marked.iter().filter(|mark| mark.starts_with('[')).count();
    assert!(current == 1 && marked.len() > 1, "{marked:?}");
    fixture.press(KeyCode::Down);
    fixture.press(KeyCode::Down);
    assert!(fixture.shows(" 1/10 "), "round at the end: {}", fixture.picture());
    assert!(marks(&mut fixture).contains(&"[apple number ]".to_owned()));
}

#[test]
fn n_and_shift_n_go_on_while_the_search_stands_and_esc_ends_it() {
    let mut fixture = talk(80, 24);
    find(&mut fixture, "basket");
    fixture.press(KeyCode::Enter);
    fixture.press(KeyCode::Char('N'));
    fixture.assert_shows([" 9/10 "]);
    fixture.press(KeyCode::Char('n'));
    assert!(fixture.shows(" 10/10 "));
    let reading = top(&mut fixture);
    // Anything else that is typed is a prompt, in which n is a letter.
    fixture.text("Plan");
    fixture.assert_shows(["│ Plan", "search: 10/10"]);
    fixture.ctrl('c');
    assert!(fixture.shows("n next"));
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("n next") && marks(&mut fixture).is_empty());
    assert_eq!(top(&mut fixture), reading);
    assert!(fixture.sent().is_empty());
}

#[test]
fn esc_in_the_field_goes_back_to_where_one_read() {
    let mut fixture = talk(80, 24);
    let following = fixture.picture();
    find(&mut fixture, "number 0");
    assert_ne!(top(&mut fixture), following.lines().next().unwrap());
    fixture.press(KeyCode::Esc);
    assert_eq!(fixture.picture(), following);
    fixture.presses([KeyCode::PageUp; 3]);
    let reading = fixture.picture();
    for leave in [KeyCode::Esc, KeyCode::Enter] {
        find(&mut fixture, "number 0");
        fixture.press(KeyCode::Char('x'));
        fixture.press(KeyCode::Enter);
        assert!(fixture.shows("nothing found") && fixture.shows("enter stay here"));
        fixture.press(KeyCode::Backspace);
        assert!(fixture.shows(" 1/1 "));
        if leave == KeyCode::Enter {
            fixture.ctrl('u');
        }
        fixture.press(leave);
        assert_eq!(fixture.picture(), reading);
    }
}

#[test]
fn a_hit_in_a_fold_opens_it_and_the_fold_closes_when_the_search_moves_on() {
    let mut fixture = talk(80, 24);
    find(&mut fixture, "hidden pear 7");
    fixture.assert_shows(["There may be a hidden pear 7."]);
    assert_snapshot!("search_in_a_fold", fixture.picture());
    fixture.ctrl('u');
    fixture.text("plum");
    fixture.assert_shows(["│ a.txt:1:plum 9"]);
    assert!(!fixture.shows("There may be"));
    fixture.press(KeyCode::Up);
    assert!(fixture.shows("│ a.txt:1:plum 8") && !fixture.shows("plum 9"));
    fixture.presses([KeyCode::Enter, KeyCode::Esc]);
    fixture.assert_hides(["a.txt:1:plum"]);
}

#[test]
fn a_hit_beyond_the_right_edge_or_the_last_row_of_an_output_is_shown() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("Go");
    let long = format!("{}needle\n{}last straw\n", "hay ".repeat(60), "row\n".repeat(500));
    fixture.event(call("c", "grep", r#"{"pattern":"x"}"#));
    fixture.event(called("c", "x", &long));
    fixture.event(answer("a", "Done."));
    find(&mut fixture, "needle");
    assert_eq!(marks(&mut fixture), ["[needle]"]);
    fixture.ctrl('u');
    fixture.text("last straw");
    assert_eq!(marks(&mut fixture), ["[last straw]"]);
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("straw") && fixture.shows("Done."));
}

#[test]
fn a_long_prompt_opens_at_a_hit() {
    let mut fixture = Fixture::connected(80, 24);
    let paste: Vec<_> = (0..60).map(|number| format!("line {number} of it")).collect();
    fixture.ask("Go");
    fixture.event(user(&paste.join("\n")));
    find(&mut fixture, "line 41");
    assert_eq!(marks(&mut fixture), ["[line 41]"]);
    assert!(fixture.shows(" 1/1 "));
}

#[test]
fn words_are_no_pattern_and_marks_of_markdown_are_no_text() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("Go");
    fixture
        .event(answer("a", "Use `.*[(` in **bold words**.\n\n日本語 e\u{301} 👩\u{200d}💻 Ωmega"));
    for (words, count) in [
        (".*[(", "1/1"),
        ("bold words", "1/1"),
        ("**", "nothing found"),
        ("日本", "1/1"),
        ("ω", "1/1"),
        ("Ω", "1/1"),
        ("👩\u{200d}💻", "1/1"),
        ("Bold", "nothing found"),
        ("\\", "nothing found"),
    ] {
        fixture.ctrl('f');
        fixture.msg(Msg::Paste(words.into()));
        assert!(fixture.shows(count), "{words}: {}", fixture.picture());
        fixture.press(KeyCode::Esc);
    }
}

#[test]
fn text_that_comes_in_is_searched_and_moves_nothing() {
    let mut fixture = talk(80, 24);
    find(&mut fixture, "basket");
    fixture.press(KeyCode::Up);
    fixture.press(KeyCode::Enter);
    let rows = |fixture: &mut Fixture| {
        fixture.picture().lines().take(18).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = rows(&mut fixture);
    fixture.event(EventKind::TurnStarted(TurnId(2)));
    fixture.event(delta("s", "Another bas"));
    assert!(fixture.shows(" 9/10 "));
    fixture.event(delta("s", "ket and\n\none more basket"));
    fixture.assert_shows([" 9/12 "]);
    fixture.event(call("late", "grep", r#"{"pattern":"basket"}"#));
    fixture.assert_shows([" 9/13 "]);
    assert_eq!(rows(&mut fixture)[..16], before[..16]);
    fixture.presses([KeyCode::Char('n'); 2]);
    assert!(fixture.shows(" 11/13 ") && fixture.shows("Another basket"));
}

#[test]
fn a_search_survives_resizing_details_and_a_conversation_that_changes() {
    let mut fixture = talk(80, 24);
    find(&mut fixture, "basket");
    fixture.presses([KeyCode::Up; 4]);
    for (width, height) in [(120, 40), (60, 18), (20, 5), (300, 100), (60, 18), (80, 24)] {
        fixture.msg(Msg::Resize { width, height });
        if width > 20 {
            fixture.assert_shows([" 6/10 "]);
            assert!(marks(&mut fixture).contains(&"[basket]".to_owned()), "{width}x{height}");
        }
    }
    fixture.ctrl('o');
    fixture.ctrl('o');
    fixture.assert_shows([" 6/10 "]);
    fixture.press(KeyCode::Enter);
    // Going back leaves fewer turns, and then none.
    let turns = |count: usize| {
        let texts = (0..count).map(|at| format!("The basket {at}."));
        let item =
            |text: String| Item { id: "kept".into(), kind: ItemKind::assistant(&text), wire: None };
        texts.map(|text| Record::Item(item(text).into())).collect::<Vec<_>>()
    };
    let became = |fixture: &mut Fixture, records: &[Record]| {
        fixture.change(|view| {
            let place = view.place.take();
            *view = SessionView { place, ..SessionView::new("ses_test".into()) };
            view.replay(records, SaveState::OnDisk);
        });
    };
    became(&mut fixture, &turns(2));
    fixture.assert_shows(["/2 "]);
    fixture.press(KeyCode::Char('n'));
    assert!(marks(&mut fixture).contains(&"[basket]".to_owned()), "{}", fixture.picture());
    became(&mut fixture, &[]);
    assert!(fixture.app.talk.view.searching().is_none());
    fixture.text("n");
    fixture.assert_shows(["│ n "]);
    fixture.ctrl('c');
    fixture.event(answer("new", "One basket."));
    find(&mut fixture, "basket");
    fixture.assert_shows([" 1/1 "]);
    fixture.press(KeyCode::Esc);
    fixture.enter("/new");
    assert!(fixture.app.talk.view.searching().is_none());
}

#[test]
fn a_running_turn_says_which_key_interrupts_it() {
    let mut fixture = talk(80, 24);
    fixture.event(EventKind::TurnStarted(TurnId(2)));
    find(&mut fixture, "basket");
    fixture.assert_hides(["to interrupt"]);
    fixture.press(KeyCode::Enter);
    fixture.assert_shows(["ctrl+c to interrupt"]);
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("esc to interrupt") && !fixture.shows("esc again"));
}

#[test]
fn ten_thousand_bytes_can_be_pasted_into_the_field() {
    let mut fixture = talk(60, 18);
    fixture.ctrl('f');
    fixture.msg(Msg::Paste("a".repeat(10_000)));
    assert!(fixture.shows("nothing found"));
    fixture.ctrl('u');
    fixture.msg(Msg::Paste("two\nlines \u{1b}[2J".into()));
    assert!(fixture.shows("two lines") && fixture.shows("nothing found"));
    fixture.press(KeyCode::Esc);
    assert!(fixture.app.prompt.composer.is_empty());
}

#[test]
fn slash_find_opens_it_with_the_words() {
    for typed in ["/find basket", "/search basket"] {
        let mut fixture = talk(80, 24);
        fixture.enter(typed);
        fixture.assert_shows(["│ basket", " 10/10 "]);
        fixture.presses([KeyCode::Enter, KeyCode::Esc]);
        assert!(fixture.app.prompt.composer.is_empty() && fixture.sent().is_empty());
    }
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('f');
    assert!(fixture.app.talk.view.searching().is_none() && fixture.app.toasts.shown().is_some());
}

#[test]
fn a_draft_waits_behind_the_field_and_a_prompt_ends_the_search() {
    let mut fixture = talk(80, 24);
    fixture.text("a draft of mine");
    find(&mut fixture, "basket");
    assert!(!fixture.shows("draft"));
    fixture.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
    fixture.ctrl('v');
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("│ a draft of mine") && fixture.shows("search: 10/10"));
    fixture.press(KeyCode::Char('n'));
    assert!(fixture.shows("a draft of minen"));
    fixture.press(KeyCode::Enter);
    assert!(fixture.app.talk.view.searching().is_none());
    assert_eq!(fixture.sent().len(), 2, "the prompt and its place in the history");
    assert!(!fixture.cmds().iter().any(|cmd| matches!(cmd, Cmd::Copy(_))));
}

#[test]
fn an_ask_takes_the_keys_and_the_search_stands_behind_it() {
    let mut fixture = talk(80, 24);
    fixture.event(EventKind::TurnStarted(TurnId(2)));
    fixture.event(call("w", "shell", r#"{"command":"cargo test"}"#));
    find(&mut fixture, "bask");
    fixture.event(EventKind::Approval(command("w", "cargo test")));
    // Typed on in the moment when it came up.
    fixture.text("et");
    assert!(fixture.app.prompt.composer.is_empty());
    assert_snapshot!("search_behind_an_ask", fixture.picture());
    fixture.after(Duration::from_secs(1));
    fixture.ctrl('f');
    let room = |fixture: &Fixture| fixture.app.talk.asks.room();
    assert_eq!(room(&fixture), Room::Screen, "the key shows the whole ask, as ever");
    fixture.ctrl('f');
    assert_eq!(room(&fixture), Room::Panel);
    fixture.press(KeyCode::Char('y'));
    fixture.after(Duration::from_secs(1));
    fixture.assert_shows(["│ basket"]);
    assert!(fixture.shows(" 10/10 "));
}

#[test]
fn no_order_of_keys_and_events_breaks_a_search() {
    for seed in 0..12_u64 {
        let mut fixture = talk(80, 24);
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut done = Vec::new();
        for step in 0..150 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let choice = (state >> 33) % 24;
            done.push(choice);
            let id = format!("s{}", step / 4);
            match choice {
                0 | 1 => fixture.ctrl('f'),
                2 => fixture.text("a"),
                3 => fixture.text("pear"),
                4 => fixture.text("basket"),
                5 => fixture.press(KeyCode::Backspace),
                6 => fixture.ctrl('u'),
                7 => fixture.press(KeyCode::Enter),
                8 => fixture.press(KeyCode::Esc),
                9 | 10 => fixture.press(KeyCode::Up),
                11 => fixture.press(KeyCode::Down),
                12 => fixture.press(KeyCode::Char('n')),
                13 => fixture.press(KeyCode::Char('N')),
                14 => fixture.ctrl('o'),
                15 => fixture.press(KeyCode::PageUp),
                16 => fixture.press(KeyCode::End),
                17 => {
                    fixture.msg(Msg::Resize { width: 60 + (step % 3) * 30, height: 18 + step % 20 })
                }
                18 => fixture.event(delta(&id, "a pear in a basket, and\n\nmore ")),
                19 => fixture.event(reasoning(&format!("t{id}"), "**A**\n\nhidden pear")),
                20 => fixture.event(EventKind::ItemDropped(id.as_str().into())),
                21 => fixture.event(called(&id, "x", "a pear\nb\nc\nd\n")),
                22 => fixture.event(call(&id, "grep", r#"{"pattern":"pear"}"#)),
                _ => fixture.event(EventKind::TurnEnded {
                    turn: TurnId(2),
                    outcome: TurnOutcome::Interrupted,
                }),
            }
            // The composer must not send what was typed without a search.
            fixture.app.prompt.clear();
            fixture.app.dialogs.retain(|_| false);
            fixture.picture();
            let count = fixture.app.talk.view.hit_count();
            assert!(count.is_none_or(|count| count.at <= count.of), "{seed}: {count:?} {done:?}");
            let moved = (9..=11).contains(&choice);
            if moved
                && count.is_some_and(|count| count.at > 0)
                && fixture.app.talk.view.searching() == Some(Standing::Typed)
            {
                let marked = marks(&mut fixture);
                let seen = marked.iter().any(|mark| mark.starts_with('['));
                assert!(seen, "{seed}: {done:?}\n{}", fixture.picture());
            }
        }
        // One ends it in the field, or ends what stands.
        fixture.press(KeyCode::Esc);
        fixture.press(KeyCode::Esc);
        assert!(fixture.app.talk.view.searching().is_none(), "{seed}: {}", fixture.picture());
    }
}
