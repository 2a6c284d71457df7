//! Pictures that the server refuses.

use std::sync::Arc;

use crate::protocol::*;
use crate::session::{Session, SessionConfig, SessionEffect, SessionInput};

use super::super::scenario::{config, settings};
use super::super::words::{input, shown};

fn picture() -> Picture {
    Picture { mime: "image/png", data: "AAAA".into() }
}

/// The effects that can be read, and how many pictures go out with a request.
fn play(session: &mut Session, line: &str) -> Vec<String> {
    effect_lines(session.handle(input(line)))
}

fn effect_lines(effects: Vec<SessionEffect>) -> Vec<String> {
    let words = effects.iter().filter_map(|effect| match effect {
        SessionEffect::RequestModel(_, prompt) => {
            let pictures: usize = prompt.items.iter().map(|item| pictures(&item.kind)).sum();
            Some(format!("{} [{pictures} pictures]", shown(effect)))
        }
        SessionEffect::Append(_)
        | SessionEffect::Emit(EventKind::Notice(_) | EventKind::TurnEnded { .. }) => {
            Some(shown(effect))
        }
        _ => None,
    });
    words.collect()
}

fn pictures(kind: &ItemKind) -> usize {
    match kind {
        ItemKind::User { images, .. } => images.len(),
        ItemKind::Output { output, .. } => output.images.len(),
        _ => 0,
    }
}

fn submit(session: &mut Session, text: &str, images: usize) -> Vec<String> {
    let draft = UserPrompt { images: vec![picture(); images], ..UserPrompt::from(text.to_owned()) };
    let mut effect_lines =
        effect_lines(session.handle(SessionInput::Command(None, TurnCommand::Submit(draft))));
    effect_lines.extend(self::effect_lines(
        session.handle(SessionInput::EnvironmentDescribed(String::new())),
    ));
    effect_lines
}

#[test]
fn a_refused_picture_is_dropped_for_a_note_and_the_request_repeated() {
    let mut session = Session::new(config(50), settings());
    submit(&mut session, "look", 1);
    let effect_lines = play(&mut session, "fail 1 pictures The server refused a picture: no");
    assert_eq!(
        effect_lines,
        [
            "append pictures of own_1 dropped: The server refused a picture: no",
            "emit notice The server refused a picture: no. [goes on without] it",
            "request 2: user look\n\n(A picture was left out here. The server refused a picture: no.) [0 pictures]",
        ]
    );
    let effect_lines = play(&mut session, "fail 2 pictures The server refused a picture: no");
    assert_eq!(
        effect_lines,
        [
            "append turn 1 failed: The server refused a picture: no",
            "emit turn 1 failed: The server refused a picture: no"
        ]
    );
}

#[test]
fn pictures_that_the_server_has_taken_before_stay() {
    let mut session = Session::new(config(50), settings());
    submit(&mut session, "look", 1);
    play(&mut session, "item 1 assistant m Fine");
    play(&mut session, "end 1");
    submit(&mut session, "and these", 2);
    let effect_lines = play(&mut session, "fail 2 pictures no");
    assert_eq!(
        effect_lines.last().unwrap(),
        "request 3: user look / assistant Fine / user and these\n\n(2 pictures were left out here. no.) [1 pictures]"
    );
    // Another model may take none at all.
    let effect_lines = play(&mut session, "fail 3 pictures no");
    assert!(effect_lines.last().unwrap().ends_with("[0 pictures]"), "{effect_lines:?}");
}

#[test]
fn what_was_dropped_stays_dropped_when_the_conversation_goes_on_later() {
    let prompt = Item {
        id: "own_1".into(),
        kind: ItemKind::User { text: "look".into(), images: vec![picture()] },
        wire: None,
    };
    let output = CallOutput { images: vec![picture()], ..CallOutput::text("", "attached") };
    let call = Item {
        id: "f".into(),
        kind: ItemKind::Call(ToolCall {
            id: "c".into(),
            name: "read".into(),
            arguments: "{}".into(),
        }),
        wire: None,
    };
    let output = Item {
        id: "own_2".into(),
        kind: ItemKind::Output { call: "c".into(), output },
        wire: None,
    };
    let dropped = |item: &str| Record::PicturesDropped { item: item.into(), why: "no".into() };
    let records = [
        Record::TurnStarted(TurnId(1)),
        Record::Item(Arc::new(prompt)),
        dropped("own_1"),
        Record::Item(Arc::new(call)),
        Record::Item(Arc::new(output)),
        dropped("own_2"),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
    ];
    let mut session = Session::resume(config(50), settings(), &records);
    let effect_lines = submit(&mut session, "on", 0);
    let expected = "request 1: user look\n\n(A picture was left out here. no.) / call c / output c attached\n\n(A picture was left out here. no.) / user on [0 pictures]";
    assert_eq!(effect_lines.last().unwrap(), expected);
}

#[test]
fn a_model_that_lacks_what_the_conversation_uses_is_told_of_before_it_is_asked() {
    let web = SessionConfig { web_search: Some(WebAccess::Cached), ..config(50) };
    let mut session = Session::new(web, settings());
    let blind = |pictures| Model {
        pictures,
        calls_tools: Some(false),
        ..Model::unknown(ModelRef::new("acme".into(), "large"))
    };
    assert_eq!(session.losses(&blind(Some(false))), None, "nobody was asked yet");
    submit(&mut session, "look", 2);
    play(&mut session, "item 1 assistant m Fine");
    play(&mut session, "end 1");
    let told = session.losses(&blind(Some(false))).unwrap();
    assert!(told.starts_with("`acme/large` calls no tools"), "{told}");
    assert!(told.contains("(2 are left out)") && told.contains("search the web"), "{told}");
    let told = session.losses(&blind(None)).unwrap();
    assert!(!told.contains("pictures"), "{told}");
    let own = Model { pictures: Some(false), ..Model::unknown(settings().model) };
    assert_eq!(session.losses(&own), None, "it is the same model");
}
