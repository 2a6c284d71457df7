//! Child sessions: how their parent shows them, and how they end.

use codling::demo::{Options, ScriptedAnswer, completed, created, function_call};
#[cfg(unix)]
use codling::engine::live::{self, AskAnswer};
use codling::protocol::{
    ApprovalResponse, Ask, ChildNews, Command, EventKind, OpenOptions, Parent, Reply,
    SessionCommand, SessionId, SessionView, TurnCommand, TurnOutcome, Usage,
};

use super::front::Front;
use super::scene::Scene;

fn usage() -> Usage {
    Usage { input: 100, cached: 40, output: 10, reasoning: 2, cost: None }
}

/// Opens a child of the fixture's session.
fn open(scene: &Scene, front: &Front, id: &str) -> SessionId {
    let parent = Parent { session: scene.session(), name: "review".into() };
    let open = SessionCommand::Open {
        id: id.into(),
        folder: scene.folder.path().to_owned(),
        options: OpenOptions { parent: Some(parent), ..OpenOptions::default() },
    };
    assert_eq!(front.request(Command::Session(open)), Ok(Reply::Opened(id.into())));
    id.into()
}

/// The parent's view, folded from the first front's events.
fn view(scene: &Scene) -> SessionView {
    let mut view = SessionView::new("nothing".into());
    for event in scene.events(&scene.session()) {
        view.apply(&event.kind);
    }
    view
}

fn writes(name: &str) -> ScriptedAnswer {
    let arguments = format!(r#"{{"filePath":"{name}","content":"x"}}"#);
    ScriptedAnswer::sse([created(), function_call("c1", "write", arguments), completed(usage())])
}

#[test]
fn what_a_child_asks_is_shown_by_its_parent_with_its_name_and_answered_in_the_child() {
    let scene = Scene::signed_in(Options::default());
    let worker = scene.another();
    let child = open(&scene, &worker, "ses_child");
    scene.stand.script([writes("new.txt"), ScriptedAnswer::says("Written.")]);
    let submit = TurnCommand::Submit("Write it".into());
    assert!(worker.request(Command::Turn(child.clone(), submit)).is_ok());

    let (asker, name, ask) = scene.wait("the child's question", |event| match event {
        EventKind::Child { session, name, news: ChildNews::Ask(ask) } => {
            Some((session.clone(), name.clone(), ask.clone()))
        }
        _ => None,
    });
    assert_eq!((&asker, name.as_str()), (&child, "review"));
    let waiting = view(&scene).children;
    assert_eq!((waiting.len(), waiting[0].asks.as_slice()), (1, &[ask.clone()][..]));
    let Ask::Approval(approval) = &*ask else { panic!("{ask:?}") };
    let decide = TurnCommand::Decide { ask: approval.id, decision: ApprovalResponse::Once };
    scene.send(Command::Turn(asker, decide));
    let outcome = worker.wait("the end of the turn", |event| match event {
        EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome, TurnOutcome::Done);
    assert!(scene.folder.path().join("new.txt").exists());

    // Its tokens count for the parent too.
    scene.ask("hello");
    let parent = view(&scene);
    assert!(parent.children[0].asks.is_empty());
    let own = scene.seen(|event| match event {
        EventKind::Usage(usage) => Some(*usage),
        _ => None,
    });
    let of_child = worker.seen(|event| match event {
        EventKind::Usage(usage) => Some(*usage),
        _ => None,
    });
    let mut spent = Usage::default();
    own.iter().chain(&of_child).for_each(|usage| spent.add(*usage));
    assert_eq!((of_child.len(), parent.spent), (2, spent));
    scene.end();
}

#[test]
#[cfg(unix)]
fn what_a_child_asks_is_listed_once_and_answered_from_another_shell() {
    let scene = Scene::signed_in(Options::default());
    scene.ask("hello");
    let worker = scene.another();
    let child = open(&scene, &worker, "ses_child");
    scene.stand.script([writes("new.txt"), ScriptedAnswer::says("Written.")]);
    let submit = TurnCommand::Submit("Write it".into());
    assert!(worker.request(Command::Turn(child.clone(), submit)).is_ok());
    scene.wait("the child's question", |event| match event {
        EventKind::Child { news: ChildNews::Ask(_), .. } => Some(()),
        _ => None,
    });
    let state = scene.home.path().join("state");
    let told = live::asks(&state).unwrap();
    let [asked] = &told.answered[..] else { panic!("{told:?}") };
    assert_eq!((&asked.held, &asked.session), (&scene.session(), &child));
    live::answer(&state, asked, AskAnswer::Once, "pts/9").unwrap();
    worker.wait("the end of the turn", |event| {
        matches!(event, EventKind::TurnEnded { outcome: TurnOutcome::Done, .. }).then_some(())
    });
    assert!(scene.folder.path().join("new.txt").exists());
    assert_eq!(live::asks(&state).unwrap().answered, []);
    let late = live::answer(&state, asked, AskAnswer::Once, "pts/9");
    assert!(late.is_err(), "it waits no more");
    scene.end();
}

#[test]
fn a_child_ends_with_its_parent_and_needs_one_that_is_open() {
    let scene = Scene::signed_in(Options::default());
    let worker = scene.another();
    let child = open(&scene, &worker, "ses_child");
    assert_eq!(view(&scene).children.len(), 0, "it is heard of with the next look");
    scene.wait("the child", |event| match event {
        EventKind::Child { news: ChildNews::Opened, .. } => Some(()),
        _ => None,
    });
    assert_eq!(view(&scene).children[0].name, "review");
    scene.stand.script([writes("new.txt")]);
    let submit = Command::Turn(child.clone(), TurnCommand::Submit("Write it".into()));
    assert!(worker.request(submit.clone()).is_ok());
    worker.wait("its question", |event| match event {
        EventKind::Approval(_) => Some(()),
        _ => None,
    });
    scene.send(Command::Session(SessionCommand::Close(scene.session())));
    let outcome = worker.wait("the end of its turn", |event| match event {
        EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome, TurnOutcome::Interrupted);
    assert!(worker.request(submit).is_err(), "it is let go of");

    let parent = Parent { session: scene.session(), name: "late".into() };
    let late = SessionCommand::Open {
        id: "ses_late".into(),
        folder: scene.folder.path().to_owned(),
        options: OpenOptions { parent: Some(parent), ..OpenOptions::default() },
    };
    assert!(worker.request(Command::Session(late)).is_err(), "nobody is there to work for");
    scene.end();
}
