//! Several fronts on one engine: they get the same events, answer for each other, and may come
//! late.

use std::sync::Arc;

use codling::demo::{
    Options, ScriptedAnswer, completed, created, function_call, gate, item_done, text,
};
use codling::protocol::{
    AccountCommand, ApprovalMode, ApprovalResponse, Ask, Command, Event, EventKind, ForkPoint,
    GoBackPart, KeyCheck, LeftPrompt, OpenOptions, ProblemKind, Reply, ReplyResult, SessionCommand,
    SessionId, SessionSelector, SessionView, SettingsCommand, SignInLifetime, SignInStep,
    SignInWay, TurnCommand, TurnId, TurnOutcome, Usage, WhenHeld,
};

use super::front::Front;
use super::scene::Scene;

fn usage() -> Usage {
    Usage { input: 100, cached: 0, output: 10, reasoning: 0, cost: None }
}

fn join(front: &Front, session: &SessionId) {
    let which = SessionSelector::Named(session.as_str().to_owned());
    let resume = SessionCommand::Resume {
        which,
        when_held: WhenHeld::Copy("ses_fork".into()),
        options: OpenOptions::default(),
    };
    assert_eq!(front.request(Command::Session(resume)), Ok(Reply::Opened(session.clone())));
}

fn snapshot(front: &Front) -> Arc<SessionView> {
    front.wait("a snapshot", |event| match event {
        EventKind::Snapshot(view) => Some(Arc::clone(view)),
        _ => None,
    })
}

fn outcome(front: &Front) -> TurnOutcome {
    front.wait("the end of the turn", |event| match event {
        EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
        _ => None,
    })
}

/// The view folded from all events.
fn folded(events: &[Event]) -> SessionView {
    let mut view = SessionView::new("nothing".into());
    for event in events {
        view.apply(&event.kind);
    }
    view
}

#[test]
fn the_second_front_answers_what_the_first_one_shows_and_both_hear_it_all() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("I shall write."),
            item_done(),
            function_call("c1", "write", r#"{"filePath":"pears.txt","content":"two"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::says("Written."),
    ]);
    scene.submit("Go");
    let ask = scene.wait("the question", |event| match event {
        EventKind::Approval(approval) => Some(approval.id),
        _ => None,
    });

    let second = scene.another();
    join(&second, &scene.session());
    let view = snapshot(&second);
    assert!(matches!(view.asks.as_slice(), [Ask::Approval(approval)] if approval.id == ask));
    let decide = |decision| Command::Turn(scene.session(), TurnCommand::Decide { ask, decision });
    assert_eq!(second.request(decide(ApprovalResponse::Once)), Ok(Reply::Done));
    assert_eq!((outcome(&second), scene.outcome()), (TurnOutcome::Done, TurnOutcome::Done));
    for front in [&second, &*scene] {
        let by = front.seen(|event| match event {
            EventKind::AskResolved { id, by } if *id == ask => Some(*by),
            _ => None,
        });
        assert_eq!(by, [Some(second.client.id())]);
    }
    let late = scene.request(decide(ApprovalResponse::No)).unwrap_err();
    assert_eq!(late.kind, ProblemKind::Resolved);
    let (first, second) =
        (folded(&scene.events(&scene.session())), folded(&second.events(&scene.session())));
    assert_eq!(first, second);
    assert_eq!(std::fs::read_to_string(scene.folder.path().join("pears.txt")).unwrap(), "two");
    assert_eq!(first.changed.len(), 1, "{:?}", first.changed);
    scene.end();
}

#[test]
fn whoever_joins_in_the_middle_of_an_answer_shows_what_the_others_show() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([ScriptedAnswer::sse([
        created(),
        text("The first half, "),
        gate("half"),
        text("and the second."),
        item_done(),
        completed(usage()),
    ])]);
    scene.submit("Go");
    scene.wait("the first half", |event| match event {
        EventKind::TextDelta { .. } => Some(()),
        _ => None,
    });
    let second = scene.another();
    join(&second, &scene.session());
    let view = snapshot(&second);
    assert!(view.turn.is_some() && format!("{:?}", view.transcript).contains("The first half, "));
    scene.stand.open("half");
    assert_eq!((outcome(&second), scene.outcome()), (TurnOutcome::Done, TurnOutcome::Done));
    assert_eq!(folded(&scene.events(&scene.session())), folded(&second.events(&scene.session())));
    scene.end();
}

#[test]
fn what_was_recorded_and_cut_anywhere_is_the_whole_again_from_the_snapshot_and_the_rest() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("Let me look."),
            item_done(),
            function_call("c1", "read", r#"{"filePath":"README.md"}"#),
            function_call("c2", "write", r#"{"filePath":"new.txt","content":"x"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::sse([created(), text("Half a sen"), codling::demo::cut()]),
        ScriptedAnswer::says("A whole sentence."),
    ]);
    scene.submit("Go");
    let ask = scene.wait("the question", |event| match event {
        EventKind::Approval(approval) => Some(approval.id),
        _ => None,
    });
    scene.submit("and this");
    scene.decide(ask, ApprovalResponse::Once);
    scene.outcome();
    let events = scene.events(&scene.session());
    let whole = folded(&events);
    assert!(events.len() > 20 && whole.transcript.entries().len() > 5, "{events:#?}");
    let mut view = SessionView::new("nothing".into());
    for cut in 0..events.len() {
        view.apply(&events[cut].kind);
        let seq = events[cut].seq;
        let snapshot = Event {
            session: events[cut].session.clone(),
            seq,
            kind: EventKind::Snapshot(Arc::new(view.clone())),
        };
        let rest: Vec<Event> =
            std::iter::once(snapshot).chain(events[cut + 1..].iter().cloned()).collect();
        assert_eq!(folded(&rest), whole, "cut behind {:?}", events[cut]);
    }
    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    scene.end();
}

#[test]
fn one_that_does_not_look_slows_nobody_and_catches_up_by_a_snapshot() {
    let scene = Scene::signed_in(Options::default());
    let slow = scene.another();
    join(&slow, &scene.session());
    // More than a front may lag behind: each is an event of its own.
    for mode in [ApprovalMode::Auto, ApprovalMode::Ask].into_iter().cycle().take(5_000) {
        scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(mode)));
    }
    scene.ask("hello");
    slow.wait("the end of the turn", |event| {
        matches!(event, EventKind::TurnEnded { .. }).then_some(())
    });
    let heard = slow.events(&scene.session());
    assert!(heard.len() < 5_000, "{}", heard.len());
    assert!(matches!(heard[0].kind, EventKind::Snapshot(_)));
    assert_eq!(folded(&heard), folded(&scene.events(&scene.session())));
    scene.end();
}

#[test]
fn a_session_lives_as_long_as_somebody_listens_and_longer_where_he_is_only_gone() {
    let scene = Scene::signed_in(Options::default());
    let second = scene.another();
    join(&second, &scene.session());
    scene.send(Command::Session(SessionCommand::Close(scene.session())));
    let submit = Command::Turn(scene.session(), TurnCommand::Submit("hello".into()));
    assert!(second.request(submit.clone()).is_ok());
    assert_eq!(outcome(&second), TurnOutcome::Done);
    // A dropped connection ends nothing.
    second.leave();
    let third = scene.another();
    join(&third, &scene.session());
    assert!(third.request(submit).is_ok());
    assert_eq!(outcome(&third), TurnOutcome::Done);
    assert_eq!(
        third.request(Command::Session(SessionCommand::Close(scene.session()))),
        Ok(Reply::Done)
    );
    // It is closed and comes back from the disk.
    join(&third, &scene.session());
    scene.end();
}

#[test]
fn two_that_open_one_conversation_at_once_have_it_together_and_not_a_copy() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    scene.send(Command::Session(SessionCommand::Close(scene.session())));
    let which = || SessionSelector::Named(scene.session().as_str().to_owned());
    let resume = |fork: &str| {
        let (which, when_held) = (which(), WhenHeld::Copy(fork.into()));
        let options = OpenOptions::default();
        Command::Session(SessionCommand::Resume { which, when_held, options })
    };
    let second = scene.another();
    let first = resume("ses_one");
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(|| second.request(first));
        let two = scene.request(resume("ses_two"));
        (one.join().unwrap(), two)
    });
    assert_eq!((&one, &two), (&Ok(Reply::Opened(scene.session())), &two));
    assert_eq!(one, two);
    scene.end();
}

#[test]
fn a_conversation_goes_back_at_rest_for_all_who_have_it_open() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    scene.ask("more");
    let go_back = |turn| {
        let command = TurnCommand::GoBack { before: TurnId(turn), part: GoBackPart::Words };
        Command::Turn(scene.session(), command)
    };
    let kind = |reply: ReplyResult| reply.map_err(|problem| problem.kind);
    let second = scene.another();
    join(&second, &scene.session());
    scene.stand.script([ScriptedAnswer::sse([created(), text("Half"), gate("shut")])]);
    scene.submit("and more");
    scene.wait("some of the answer", |event| {
        matches!(event, EventKind::TextDelta { .. }).then_some(())
    });
    assert_eq!(kind(scene.request(go_back(2))), Err(ProblemKind::NotNow));
    scene.interrupt();
    assert_eq!(scene.outcome(), TurnOutcome::Interrupted);
    assert_eq!(kind(scene.request(go_back(9))), Err(ProblemKind::Config));
    let left = LeftPrompt { text: "more".into(), images: Vec::new() };
    assert_eq!(second.request(go_back(2)), Ok(Reply::WentBack(left)));
    scene.wait("the conversation as it is now", |event| match event {
        EventKind::WentBack(past) if past.before == TurnId(2) => Some(()),
        _ => None,
    });
    let timeline = scene.request(Command::Turn(scene.session(), TurnCommand::Timeline));
    let Ok(Reply::Timeline(turns)) = timeline else { panic!("{timeline:?}") };
    assert_eq!(turns.iter().map(|turn| turn.turn).collect::<Vec<_>>(), [TurnId(1)]);
    let which = SessionSelector::Named(scene.session().as_str().to_owned());
    let read = scene.request(Command::Session(SessionCommand::Read(which)));
    let Ok(Reply::Read { summary, records }) = read else { panic!("{read:?}") };
    assert_eq!((summary.prompts, summary.branches), (1, 1), "{records:?}");
    scene.ask("once more");
    let left = LeftPrompt { text: "hello".into(), images: Vec::new() };
    assert_eq!(scene.request(go_back(1)), Ok(Reply::WentBack(left)), "nothing is left of it");
    scene.ask("from the beginning");
    scene.end();
}

#[test]
fn a_sign_in_is_told_by_its_name_and_ends_with_the_front_that_began_it() {
    let scene = Scene::new(Options { interval: 1, ..Options::default() });
    let other = scene.another();
    let begin = |attempt: &str, lifetime| {
        Command::Account(AccountCommand::SignIn {
            attempt: attempt.into(),
            provider: codling::protocol::ProviderId::openai(),
            way: SignInWay::Headless,
            check: KeyCheck::First,
            lifetime,
        })
    };
    let code = |front: &Front, named: &str| {
        front.wait("the code", |event| match event {
            EventKind::SignIn { attempt, step: SignInStep::Code { .. } }
                if attempt.as_str() == named =>
            {
                Some(())
            }
            _ => None,
        })
    };
    let cancelled = |named: &str| {
        scene.wait("the end", |event| match event {
            EventKind::SignIn { attempt, step: SignInStep::Cancelled }
                if attempt.as_str() == named =>
            {
                Some(())
            }
            _ => None,
        })
    };
    other.request(begin("theirs", SignInLifetime::Client)).unwrap();
    code(&other, "theirs");
    // Nothing can be ended by an old name.
    let gone = Command::Account(AccountCommand::CancelSignIn("gone".into()));
    assert_eq!(scene.request(gone).unwrap_err().kind, ProblemKind::Resolved);
    scene.request(begin("ours", SignInLifetime::Engine)).unwrap();
    cancelled("theirs");
    code(&scene, "ours");
    other.request(begin("again", SignInLifetime::Client)).unwrap();
    cancelled("ours");
    code(&other, "again");
    other.leave();
    cancelled("again");
    scene.end();
}

#[test]
fn a_copy_under_the_name_of_an_open_conversation_is_refused_and_that_one_goes_on() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([created(), text("One."), item_done(), completed(usage())]),
        ScriptedAnswer::sse([created(), text("Two."), item_done(), completed(usage())]),
    ]);
    scene.ask("Hello");
    let id = scene.session();
    let fork = SessionCommand::Fork {
        from: id.clone(),
        id: id.clone(),
        at: ForkPoint::End,
        options: OpenOptions::default(),
    };
    let refused = scene.request(Command::Session(fork)).unwrap_err();
    assert!(refused.message.contains("open already"), "{refused:?}");
    scene.ask("And now?");
    scene.end();
}
