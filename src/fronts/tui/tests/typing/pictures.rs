//! Pictures in a prompt: how they come in, their chips, and what is sent.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::*;
use crate::tui::composer::ChipId;
use crate::tui::messages::{Cmd, Msg, PictureFailure, PictureSource};
use crate::tui::terminal::NoPicture;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{unqueued, user};

/// The pictures that are to be read since the last look.
fn reads(fixture: &mut Fixture) -> Vec<(ChipId, PictureSource)> {
    let read = |cmd| if let Cmd::ReadPicture(id, source) = cmd { Some((id, source)) } else { None };
    fixture.cmds().into_iter().filter_map(read).collect()
}

fn sized(data: &str) -> SizedPicture {
    let picture = Picture { mime: "image/png", data: data.into() };
    SizedPicture { picture, width: 640, height: 480 }
}

/// Attaches a picture by a paste of its path; it is read.
fn attach(fixture: &mut Fixture, path: &str) {
    fixture.msg(Msg::Paste(path.into()));
    for (id, _) in reads(fixture) {
        fixture.msg(Msg::PictureRead(id, Ok(sized("AAAA"))));
    }
}

fn refuse(fixture: &mut Fixture, id: ChipId) {
    let problem = Problem::new(ProblemKind::Config, "`a.png` cannot be read");
    fixture.msg(Msg::PictureRead(id, Err(PictureFailure::Problem(problem))));
}

/// The texts of prompts that were sent since the last look, with the number of their pictures.
fn prompts(fixture: &mut Fixture) -> Vec<(String, usize)> {
    let prompt = |command| match command {
        TurnCommand::Submit(prompt) => Some((prompt.text, prompt.images.len())),
        _ => None,
    };
    fixture.turns().into_iter().filter_map(prompt).collect()
}

#[test]
fn a_pasted_path_is_a_chip_that_says_when_it_is_read() {
    for (width, height) in [(80, 24), (60, 18)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.text("compare ");
        fixture.msg(Msg::Paste("'/tmp/a b.png' /tmp/中文.jpg".into()));
        let read = reads(&mut fixture);
        let folder = || "/home/me/project".into();
        let file = |path: &str| PictureSource::File { folder: folder(), path: path.into() };
        let sources: Vec<_> = read.iter().map(|(_, source)| source.clone()).collect();
        assert_eq!(sources, [file("/tmp/a b.png"), file("/tmp/中文.jpg")]);
        fixture.msg(Msg::PictureRead(read[0].0, Ok(sized("AAAA"))));
        fixture.text("please");
        assert_snapshot!(format!("chips_{width}x{height}"), fixture.picture());
        fixture.msg(Msg::PictureRead(read[1].0, Ok(sized("BBBB"))));
        fixture.press(KeyCode::Enter);
        let text = "compare [picture a b.png 640×480] [picture 中文.jpg 640×480] please";
        assert_eq!(prompts(&mut fixture), [(text.to_owned(), 2)]);
        let images = vec![sized("AAAA").picture, sized("BBBB").picture];
        let item =
            Item { id: "u".into(), kind: ItemKind::User { text: text.into(), images }, wire: None };
        fixture.event(EventKind::PromptShown { item, tag: None });
        assert_snapshot!(format!("chips_sent_{width}x{height}"), fixture.picture());
    }
}

#[test]
fn one_key_deletes_a_chip_and_the_caret_steps_over_it() {
    for (keys, left) in [
        (vec![KeyCode::Backspace, KeyCode::Backspace], "see "),
        (vec![KeyCode::Left, KeyCode::Left, KeyCode::Delete], "see  "),
        (vec![KeyCode::Left, KeyCode::Left, KeyCode::Char('x')], "see x[picture a.png 640×480] "),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.text("see ");
        attach(&mut fixture, "/tmp/a.png");
        fixture.presses(keys.clone());
        assert_eq!(fixture.app.prompt.composer.text(), left, "{keys:?}");
    }
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("see ");
    attach(&mut fixture, "/tmp/a.png");
    fixture.ctrl('w');
    assert_eq!(fixture.app.prompt.composer.text(), "see ");
    fixture.ctrl('y');
    fixture.press(KeyCode::Enter);
    assert_eq!(prompts(&mut fixture), [("see [picture a.png 640×480] ".to_owned(), 1)]);
}

#[test]
fn enter_waits_for_a_picture_that_is_being_read() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.msg(Msg::Paste("/tmp/a.png".into()));
    fixture.press(KeyCode::Enter);
    let cmds = fixture.cmds();
    let [Cmd::ReadPicture(id, _)] = cmds[..] else { panic!("{cmds:?}") };
    fixture.msg(Msg::PictureRead(id, Ok(sized("AAAA"))));
    assert_eq!(prompts(&mut fixture).len(), 1);
    // With a change meanwhile, it is another prompt.
    fixture.msg(Msg::Paste("/tmp/a.png".into()));
    fixture.press(KeyCode::Enter);
    fixture.text("and");
    for (id, _) in reads(&mut fixture) {
        fixture.msg(Msg::PictureRead(id, Ok(sized("AAAA"))));
    }
    assert_eq!(prompts(&mut fixture), []);
    // One that cannot be read is a path again, and nothing is sent.
    fixture.app.prompt.clear();
    fixture.msg(Msg::Paste("/tmp/a.png".into()));
    fixture.press(KeyCode::Enter);
    let read = reads(&mut fixture);
    refuse(&mut fixture, read[0].0);
    assert_eq!(fixture.app.prompt.composer.text(), "/tmp/a.png ");
    assert_eq!(prompts(&mut fixture), []);
    assert!(fixture.app.toasts.shown().is_some());
}

#[test]
fn a_prompt_that_waits_for_its_picture_is_queued_where_it_was_to_be() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.cmds();
    fixture.text("see @/tmp/a.png");
    fixture.cmds();
    fixture.ctrl('g');
    let cmds = fixture.cmds();
    let [Cmd::ReadPicture(id, _)] = cmds[..] else { panic!("{cmds:?}") };
    fixture.msg(Msg::PictureRead(id, Ok(sized("AAAA"))));
    let sent = fixture.sent();
    let [Command::Turn(_, TurnCommand::Submit(prompt)), _] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((prompt.timing, prompt.images.len()), (PromptTiming::NextTurn, 1));
}

#[test]
fn a_mentioned_picture_is_attached_by_the_menu_by_a_blank_and_by_enter() {
    let files = || Reply::Files {
        paths: ["README.md", "docs/my pic.png"].into_iter().map(str::to_owned).collect(),
        whole: Completeness::Complete,
    };
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("@");
    fixture.reply(files());
    fixture.text("pic");
    fixture.press(KeyCode::Tab);
    fixture.text("and @/tmp/b.png ");
    fixture.enter("and @~/c.gif");
    let read = reads(&mut fixture);
    let paths: Vec<String> = read
        .iter()
        .map(|(_, source)| match source {
            PictureSource::File { path, .. } => path.to_string_lossy().into_owned(),
            PictureSource::Clipboard => String::new(),
        })
        .collect();
    assert_eq!(paths, ["docs/my pic.png", "/tmp/b.png", "/home/me/c.gif"]);
    for (id, _) in read {
        fixture.msg(Msg::PictureRead(id, Ok(sized("AAAA"))));
    }
    assert_eq!(
        prompts(&mut fixture),
        [(
            "[picture my pic.png 640×480] and [picture b.png 640×480] and [picture c.gif 640×480] "
                .to_owned(),
            3
        )]
    );
    // Another file stays a mention.
    fixture.text("@README.md ");
    assert_eq!(reads(&mut fixture), []);
}

#[test]
fn the_clipboard_is_read_by_its_key_and_by_an_empty_paste() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('v');
    fixture.msg(Msg::Paste(String::new()));
    let read = reads(&mut fixture);
    assert!(read.iter().all(|(_, source)| *source == PictureSource::Clipboard));
    fixture.msg(Msg::PictureRead(read[0].0, Ok(sized("AAAA"))));
    assert!(fixture.shows("[picture clipboard 640×480][picture clipboard 2 …]"));
    let none = Err(PictureFailure::Clipboard(NoPicture::NotThere));
    fixture.msg(Msg::PictureRead(read[1].0, none));
    assert!(!fixture.shows("clipboard 2"));
    assert!(fixture.app.toasts.shown().is_some());
    // A dialog takes neither.
    fixture.press(KeyCode::Esc);
    fixture.ctrl('p');
    fixture.ctrl('v');
    fixture.msg(Msg::Paste(String::new()));
    assert_eq!(reads(&mut fixture), []);
}

#[test]
fn where_no_picture_can_be_had_one_line_says_what_to_do() {
    for why in [NoPicture::NoProgram, NoPicture::NotThere, NoPicture::Late("xclip")] {
        for ssh in [false, true] {
            let surroundings = Surroundings { ssh, ..Surroundings::default() };
            let start =
                crate::tui::StartInfo { surroundings, ..crate::tui::tests::fixture::start() };
            let mut fixture = Fixture::with(start, 80, 24);
            fixture.ctrl('v');
            let read = reads(&mut fixture);
            fixture.msg(Msg::PictureRead(read[0].0, Err(PictureFailure::Clipboard(why))));
            let said = fixture.app.toasts.shown().unwrap().text.clone();
            assert_eq!(said.contains("`scp`"), ssh, "{said}");
            assert!(fixture.app.prompt.composer.is_empty());
        }
    }
}

#[test]
fn a_model_that_sees_none_is_named_at_once_and_the_prompt_is_kept() {
    let mut fixture = Fixture::connected(80, 24);
    attach(&mut fixture, "/tmp/a.png");
    let blind = Model { pictures: Some(false), ..Model::unknown(ModelRef::openai("gpt-6.1-sol")) };
    fixture.event(EventKind::Models(ModelList {
        provider: ProviderId::openai(),
        models: vec![blind],
        source: ModelSource::Server,
    }));
    // It was attached before the model was chosen.
    fixture.press(KeyCode::Enter);
    assert_eq!(prompts(&mut fixture), []);
    assert!(fixture.shows("│ [picture a.png 640×480]"));
    assert!(fixture.app.toasts.shown().is_some_and(|toast| toast.text.contains("gpt-6.1-sol")));
    fixture.ctrl('c');
    fixture.msg(Msg::Paste("/tmp/b.png".into()));
    assert_eq!(reads(&mut fixture), []);
    assert_eq!(fixture.app.prompt.composer.text(), "/tmp/b.png ");
}

#[test]
fn the_history_brings_chips_back_and_says_which_are_gone() {
    let mut fixture = Fixture::connected(80, 24);
    attach(&mut fixture, "/tmp/a.png");
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let remembered = sent.iter().find_map(|command| match command {
        Command::Session(SessionCommand::Remember(prompt)) => Some(prompt.clone()),
        _ => None,
    });
    let remembered = remembered.unwrap();
    fixture.press(KeyCode::Up);
    assert_eq!(reads(&mut fixture), [], "the picture is still here");
    assert!(fixture.shows("│ [picture a.png 640×480]"));

    // At the next start the file is read again; that of the clipboard is gone.
    let mut fixture = Fixture::connected(80, 24);
    let forgotten = |picture: &PastPicture| PastPicture { picture: None, ..picture.clone() };
    let by_file = PastPrompt {
        pictures: remembered.pictures.iter().map(forgotten).collect(),
        ..remembered.clone()
    };
    let pictures = by_file.pictures.iter().map(|it| PastPicture { path: None, ..it.clone() });
    let by_clipboard = PastPrompt { pictures: pictures.collect(), ..by_file.clone() };
    let prompts = vec!["before".into(), by_file, "between".into(), by_clipboard];
    fixture.reply(Reply::History(prompts));
    fixture.press(KeyCode::Up);
    assert_eq!(reads(&mut fixture), []);
    assert!(!fixture.shows("[picture") && fixture.app.toasts.shown().is_some());
    fixture.presses([KeyCode::Up, KeyCode::Up]);
    let read = reads(&mut fixture);
    assert!(fixture.shows("│ [picture a.png …]"));
    refuse(&mut fixture, read[0].0);
    assert_eq!(fixture.app.prompt.composer.text(), "/tmp/a.png ");
    fixture.press(KeyCode::Up);
    assert_eq!(fixture.app.prompt.composer.text(), "before", "the walk goes on");
}

#[test]
fn prompts_that_come_back_from_the_queue_bring_their_pictures() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    let mut texts = Vec::new();
    for path in ["/tmp/a.png", "/tmp/b.png"] {
        attach(&mut fixture, path);
        fixture.press(KeyCode::Enter);
        texts.extend(prompts(&mut fixture).into_iter().map(|(text, _)| text));
    }
    fixture.text("typed since");
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    fixture.event(unqueued(&texts, UnqueueReason::TurnEnded));
    fixture.press(KeyCode::Enter);
    let sent = prompts(&mut fixture);
    assert_eq!(sent[0].1, 2, "{sent:?}");
    assert!(sent[0].0.ends_with("typed since"), "{sent:?}");
}

#[test]
fn what_an_editor_leaves_of_the_labels_stands_for_the_pictures() {
    let mut fixture = Fixture::connected(80, 24);
    attach(&mut fixture, "/tmp/a.png");
    attach(&mut fixture, "/tmp/b.png");
    let edited = fixture.app.prompt.composer.text().replace("[picture a.png 640×480]", "only");
    fixture.msg(Msg::Edited(Ok(edited)));
    fixture.press(KeyCode::Enter);
    assert_eq!(prompts(&mut fixture), [("only [picture b.png 640×480] ".to_owned(), 1)]);
}

#[test]
fn pictures_that_are_too_large_together_are_refused_one_by_one() {
    let mut fixture = Fixture::connected(80, 24);
    let large = "A".repeat(9 << 20);
    fixture.msg(Msg::Paste("/tmp/a.png /tmp/b.png /tmp/c.png".into()));
    for (id, _) in reads(&mut fixture) {
        fixture.msg(Msg::PictureRead(id, Ok(sized(&large))));
    }
    assert!(fixture.app.toasts.shown().is_some());
    fixture.press(KeyCode::Enter);
    let sent = prompts(&mut fixture);
    assert_eq!(sent[0].1, 2, "{sent:?}");
    assert!(sent[0].0.ends_with("/tmp/c.png "), "{sent:?}");
}

#[test]
fn a_picture_without_a_label_is_counted() {
    let mut fixture = Fixture::connected(80, 24);
    let EventKind::PromptShown { mut item, .. } = user("of a program") else { return };
    item.kind = ItemKind::User { text: "of a program".into(), images: vec![sized("AAAA").picture] };
    fixture.event(EventKind::PromptShown { item, tag: None });
    assert!(fixture.shows("  1 image"));
}

#[test]
fn a_shell_line_keeps_its_paths() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("!file ");
    fixture.msg(Msg::Paste("/tmp/a.png".into()));
    assert_eq!(fixture.app.prompt.composer.text(), "!file /tmp/a.png");
    assert_eq!(reads(&mut fixture), []);
}

#[test]
fn a_new_conversation_begins_with_the_pictures_that_stand_behind_the_command() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/new look at ");
    attach(&mut fixture, "/tmp/a.png");
    fixture.press(KeyCode::Enter);
    assert_eq!(prompts(&mut fixture), [("look at [picture a.png 640×480]".to_owned(), 1)]);
}
