//! Two programs and one conversation: the second one joins, and takes it up where the first is
//! gone.

use std::sync::Arc;

use codling::demo::{
    Options, ScriptedAnswer, completed, created, function_call, gate, item_done, text,
};
use codling::protocol::{
    Agent, ApprovalMode, ApprovalResponse, ClientAct, Command, DiffBase, EventKind, FolderDiff,
    OpenOptions, ProblemKind, PromptId, QueueCommand, Reply, ReplyResult, SessionCommand,
    SessionSelector, SessionView, SettingsCommand, TurnCommand, TurnOutcome, UnqueueReason, Usage,
    WhenHeld,
};

use super::front::Front;
use super::scene::Scene;

fn usage() -> Usage {
    Usage { input: 100, cached: 0, output: 10, reasoning: 0, cost: None }
}

/// A second program in the same home, with nothing open.
fn second(first: &Scene) -> Scene {
    let second = Scene::beside(Arc::clone(&first.stand), Arc::clone(&first.home));
    second.send(Command::Session(SessionCommand::Close(second.session())));
    second
}

fn resume(front: &Front, scene: &Scene, when_held: WhenHeld) -> ReplyResult {
    let which = SessionSelector::Named(scene.session().as_str().to_owned());
    let options = OpenOptions::default();
    front.request(Command::Session(SessionCommand::Resume { which, when_held, options }))
}

/// Joins, and waits for what the holder shows.
fn join(front: &Front, scene: &Scene) -> Arc<SessionView> {
    assert_eq!(resume(front, scene, WhenHeld::Join), Ok(Reply::Opened(scene.session())));
    front.wait("the holder's snapshot", |event| match event {
        EventKind::Snapshot(view) if view.holder.is_some() => Some(Arc::clone(view)),
        _ => None,
    })
}

fn outcome(front: &Front) -> TurnOutcome {
    front.wait("the end of the turn", |event| match event {
        EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
        _ => None,
    })
}

/// The view folded from what a front has heard, without who holds the session.
fn folded(front: &Front, scene: &Scene) -> SessionView {
    let mut view = SessionView::new(scene.session());
    for event in front.events(&scene.session()) {
        view.apply(&event.kind);
    }
    (view.holder, view.turn_began) = (None, None);
    view
}

/// Waits until a front of another program has heard what this one has heard.
fn same(one: &Front, other: &Front, scene: &Scene) {
    let whole = folded(one, scene);
    let mut view = folded(other, scene);
    while view != whole {
        other.wait("what the holder shows", |_| Some(()));
        view = folded(other, scene);
    }
}

#[test]
fn a_second_program_joins_in_the_middle_of_a_turn_answers_and_shows_the_same() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("I shall write."),
            item_done(),
            function_call("c1", "write", r#"{"filePath":"pears.txt","content":"two"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::sse([
            created(),
            text("The first half, "),
            gate("half"),
            text("and the second."),
            item_done(),
            completed(usage()),
        ]),
    ]);
    scene.submit("Go");
    let ask = scene.wait("the question", |event| match event {
        EventKind::Approval(approval) => Some(approval.id),
        _ => None,
    });
    let other = second(&scene);
    let view = join(&other, &scene);
    assert_eq!(view.holder.as_ref().map(|holder| holder.process), Some(std::process::id()));
    assert_eq!((view.asks.len(), view.turn.is_some()), (1, true));
    let decide = TurnCommand::Decide { ask, decision: ApprovalResponse::Once };
    let decide = Command::Turn(scene.session(), decide);
    assert_eq!(other.request(decide.clone()), Ok(Reply::Done));
    assert_eq!(scene.request(decide).map_err(|it| it.kind), Err(ProblemKind::Resolved));

    // One that comes in the middle of an answer shows what was written before.
    let is_text = |event: &EventKind| matches!(event, EventKind::TextDelta { .. }).then_some(());
    scene.wait("the first half", is_text);
    let late = other.another();
    let view = join(&late, &scene);
    assert!(format!("{:?}", view.transcript).contains("I shall write."));
    let submitted =
        other.request(Command::Turn(scene.session(), TurnCommand::Submit("and then".into())));
    assert!(matches!(submitted, Ok(Reply::Submitted(_))), "{submitted:?}");
    scene.stand.open("half");
    for front in [&*scene, &*other, &late] {
        assert_eq!(outcome(front), TurnOutcome::Done);
    }
    same(&scene, &other, &scene);
    same(&scene, &late, &scene);
    assert_eq!(std::fs::read_to_string(scene.folder.path().join("pears.txt")).unwrap(), "two");
    // The files are the holder's.
    let diff = TurnCommand::Diff(DiffBase::Head);
    let diff = other.request(Command::Turn(scene.session(), diff));
    let Ok(Reply::Diff(FolderDiff { base, files, .. })) = diff else { panic!("{diff:?}") };
    let files: Vec<_> = files.iter().map(|file| (&*file.diff.path, file.diff.added)).collect();
    assert_eq!((base, files), (DiffBase::Start, vec![("pears.txt", 1)]));
    other.end();
    scene.end();
}

#[test]
fn one_that_does_not_look_catches_up_by_a_snapshot_from_another_program_too() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    join(&other, &scene);
    for mode in [ApprovalMode::Auto, ApprovalMode::Ask].into_iter().cycle().take(6_000) {
        scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(mode)));
    }
    scene.ask("more");
    same(&scene, &other, &scene);
    other.end();
    scene.end();
}

#[test]
fn where_the_holder_ends_the_one_that_joined_goes_on_as_it_was() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    scene.send(Command::Settings(scene.session(), SettingsCommand::Agent(Agent::Plan)));
    scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(ApprovalMode::Auto)));
    let other = second(&scene);
    let before = join(&other, &scene);
    let late = other.another();
    join(&late, &scene);
    let (id, folder) = (scene.session(), scene.folder.path().to_owned());
    scene.end();
    for front in [&*other, &late] {
        let view = front.wait("the session again", |event| match event {
            EventKind::Snapshot(view) if view.holder.is_none() => Some(Arc::clone(view)),
            _ => None,
        });
        assert_eq!(view.transcript, before.transcript);
        front.wait("agent and mode as they were", |event| match event {
            EventKind::SessionMode(mode) if mode.agent == Agent::Plan => {
                (mode.approval_mode == ApprovalMode::Auto).then_some(())
            }
            _ => None,
        });
    }
    // Its folder went with the first program's fixture.
    std::fs::create_dir_all(&folder).unwrap();
    let submitted = other.request(Command::Turn(id, TurnCommand::Submit("more".into())));
    assert!(matches!(submitted, Ok(Reply::Submitted(_))), "{submitted:?}");
    assert_eq!((outcome(&other), outcome(&late)), (TurnOutcome::Done, TurnOutcome::Done));
    std::fs::remove_dir_all(&folder).unwrap();
    other.end();
}

#[test]
fn whoever_takes_it_over_has_the_others_leave() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    join(&other, &scene);
    let take = Command::Session(SessionCommand::Take(scene.session()));
    assert_eq!(other.request(take.clone()), Ok(Reply::Done));
    scene.wait("that it is taken over", |event| {
        matches!(event, EventKind::TakenOver { .. }).then_some(())
    });
    // And back.
    assert_eq!(scene.request(take), Ok(Reply::Done));
    other.wait("that it is taken over", |event| {
        matches!(event, EventKind::TakenOver { .. }).then_some(())
    });
    let told = |event: &EventKind| matches!(event, EventKind::TakenOver { .. }).then_some(());
    assert_eq!((scene.seen(told).len(), other.seen(told).len()), (1, 1));
    other.end();
    scene.end();
}

#[test]
fn a_program_that_asks_for_no_more_than_it_is_told_who_has_it() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    let refused = resume(&other, &scene, WhenHeld::Refuse).unwrap_err();
    let ProblemKind::OpenElsewhere(open) = refused.kind else { panic!("{refused:?}") };
    assert_eq!((open.session, open.unjoined), (scene.session(), None));
    // And a copy is a copy, whether or not one could join.
    let copy = resume(&other, &scene, WhenHeld::Copy("ses_copy".into()));
    assert_eq!(copy, Ok(Reply::Opened("ses_copy".into())));
    // Leaving it ends nothing there.
    join(&other, &scene);
    let close = Command::Session(SessionCommand::Close(scene.session()));
    assert_eq!(other.request(close), Ok(Reply::Done));
    scene.ask("more");
    other.end();
    scene.end();
}

#[test]
fn a_prompt_that_waits_goes_back_to_the_screen_that_it_was_written_on() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    join(&other, &scene);
    scene.stand.script([ScriptedAnswer::sse([created(), text("Half"), gate("never")])]);
    scene.submit("go");
    assert!(scene.stand.wait_reached("never"));
    let prompt =
        |text: &str| Command::Turn(scene.session(), TurnCommand::Submit(text.to_owned().into()));
    for front in [&*scene, &*other] {
        let name = if std::ptr::eq(front, &*scene) { "of the first" } else { "of the second" };
        assert!(matches!(front.request(prompt(name)), Ok(Reply::Submitted(_))));
    }
    // One's own comes back, and no other's.
    let take_back = |prompt: u64| {
        let command = QueueCommand::TakeBack(PromptId(prompt));
        Command::Turn(scene.session(), TurnCommand::Queue(command))
    };
    let Ok(Reply::Unqueued(back)) = scene.request(take_back(1)) else { panic!("none came") };
    assert_eq!(back.text, "of the first");
    assert_eq!(scene.request(take_back(2)).map_err(|it| it.kind), Err(ProblemKind::NotNow));
    scene.interrupt();
    let given_back = |event: &EventKind| match event {
        EventKind::Unqueued { prompts, why: UnqueueReason::TurnEnded } => Some(prompts.clone()),
        _ => None,
    };
    let prompts = other.wait("the prompt", given_back);
    assert_eq!(prompts.len(), 1);
    scene.wait("that it is gone from the queue", |event| match event {
        EventKind::Unqueued { prompts, .. } => (prompts[0].text == "of the second").then_some(()),
        _ => None,
    });
    assert!(scene.seen(given_back).is_empty(), "it was written elsewhere");
    let acted = |event: &EventKind| match event {
        EventKind::Acted { act, .. } => Some(*act),
        _ => None,
    };
    // Each is told what the other one did.
    assert_eq!(scene.seen(acted), [ClientAct::Prompted]);
    let told = other.seen(acted);
    assert_eq!(told, [ClientAct::Prompted, ClientAct::Prompted, ClientAct::Interrupted]);
    same(&scene, &other, &scene);
    other.end();
    scene.end();
}

#[test]
fn of_several_that_had_joined_one_takes_it_up_and_the_others_join_that_one() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let others: Vec<Scene> = (0..6).map(|_| second(&scene)).collect();
    for other in &others {
        join(other, &scene);
    }
    let (id, folder) = (scene.session(), scene.folder.path().to_owned());
    scene.end();
    std::fs::create_dir_all(&folder).unwrap();
    let holders: Vec<bool> = others
        .iter()
        .map(|other| {
            other.wait("the session again", |event| match event {
                EventKind::Snapshot(view) => Some(view.holder.is_none()),
                _ => None,
            })
        })
        .collect();
    assert_eq!(holders.iter().filter(|holds| **holds).count(), 1, "{holders:?}");
    let submitted = others[0].request(Command::Turn(id, TurnCommand::Submit("more".into())));
    assert!(matches!(submitted, Ok(Reply::Submitted(_))), "{submitted:?}");
    for other in &others {
        assert_eq!(outcome(other), TurnOutcome::Done);
    }
    std::fs::remove_dir_all(&folder).unwrap();
    // Those that joined go first: with their holder they would take the session up again.
    let (holder, joined): (Vec<_>, Vec<_>) =
        others.into_iter().zip(holders).partition(|(_, holds)| *holds);
    joined.into_iter().chain(holder).for_each(|(scene, _)| scene.end());
}

/// A socket in the place of a session's own, which hands on to that until it is cut.
#[cfg(unix)]
struct Relay {
    name: std::path::PathBuf,
    real: std::path::PathBuf,
    ends: Arc<std::sync::Mutex<Vec<std::os::unix::net::UnixStream>>>,
}

#[cfg(unix)]
impl Relay {
    fn before(live: &std::path::Path) -> Self {
        use std::os::unix::net::{UnixListener, UnixStream};
        let name = std::fs::read_dir(live).unwrap().next().unwrap().unwrap().path();
        let real = name.with_extension("real");
        std::fs::rename(&name, &real).unwrap();
        let listener = UnixListener::bind(&name).unwrap();
        let relay = Self { name, real, ends: Arc::default() };
        let (ends, to) = (Arc::clone(&relay.ends), relay.real.clone());
        std::thread::spawn(move || {
            let (one, _) = listener.accept().unwrap();
            let other = UnixStream::connect(to).unwrap();
            for (from, to) in [(&one, &other), (&other, &one)] {
                let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
            }
            ends.lock().unwrap().extend([one, other]);
        });
        relay
    }

    /// Takes the name away, and ends the connections behind it.
    fn cut(&self) {
        std::fs::remove_file(&self.name).unwrap();
        for end in self.ends.lock().unwrap().iter() {
            end.shutdown(std::net::Shutdown::Both).unwrap();
        }
    }

    fn mend(&self) {
        std::fs::rename(&self.real, &self.name).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn a_holder_that_is_slow_to_let_go_is_named_and_waited_for() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    let relay = Relay::before(&scene.home.path().join("state/live"));
    join(&other, &scene);
    relay.cut();
    let process = std::process::id().to_string();
    other.wait("who has it still", |event| match event {
        EventKind::Notice(notice) => notice.message.contains(&process).then_some(()),
        _ => None,
    });
    relay.mend();
    // It waits until the conversation is there again.
    let prompt = Command::Turn(scene.session(), TurnCommand::Submit("more".into()));
    assert!(matches!(other.request(prompt), Ok(Reply::Submitted(_))));
    assert_eq!((outcome(&other), outcome(&scene)), (TurnOutcome::Done, TurnOutcome::Done));
    other.end();
    scene.end();
}

#[test]
fn a_mode_that_was_asked_for_and_does_not_count_is_told() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let other = second(&scene);
    let which = SessionSelector::Named(scene.session().as_str().to_owned());
    let options = OpenOptions { mode: Some(ApprovalMode::ReadOnly), ..OpenOptions::default() };
    let resume = SessionCommand::Resume { which, when_held: WhenHeld::Join, options };
    other.request(Command::Session(resume)).unwrap();
    let view = other.wait("the holder's snapshot", |event| match event {
        EventKind::Snapshot(view) if view.holder.is_some() => Some(Arc::clone(view)),
        _ => None,
    });
    assert_eq!(view.session_mode.map(|mode| mode.approval_mode), Some(ApprovalMode::Ask));
    other.wait("that it does not count", |event| {
        matches!(event, EventKind::Notice(_)).then_some(())
    });
    other.end();
    scene.end();
}
