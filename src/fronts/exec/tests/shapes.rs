//! Attachments of a prompt, and the form and file of its answer.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::scene::*;
use crate::base::text::says;
use crate::base::{Reader, recording};
use crate::exec::*;
use crate::protocol::*;

/// Runs a turn with these messages and asks for JSON, a file, or both.
fn shaped(
    form: OutputForm,
    schema: Option<&str>,
    file: Option<MessageFile>,
    messages: &[&str],
    outcome: TurnOutcome,
) -> RunOutput {
    let (console, out, err) = recording::console(Reader::Program, Reader::Program);
    let ask = RunRequest {
        schema: schema.map(Into::into),
        last_message: file.map(Arc::new),
        ..ask(form)
    };
    let mut events = vec![];
    for (index, text) in messages.iter().enumerate() {
        let item = format!("m{index}");
        events.extend([started(&item), delta(&item, text), message(&item, text)]);
    }
    events.push(ended(outcome));
    let (exit, commands) = play_on(console, ask, events);
    RunOutput { out: out.text(), err: err.text(), exit, commands }
}

fn opened(path: &Path) -> Option<MessageFile> {
    Some(MessageFile::open(path).unwrap())
}

const SCHEMA: Option<&str> = Some("{}");

#[test]
fn the_mode_goes_with_the_opening_and_pictures_and_the_schema_with_the_prompt() {
    let (console, _, _) = recording::console(Reader::Program, Reader::Program);
    let images = vec![Picture { mime: "image/png", data: "AA==".into() }];
    let ask = RunRequest {
        mode: Some(ApprovalMode::Auto),
        images: images.clone(),
        schema: Some("{}".into()),
        ..ask(OutputForm::Text)
    };
    let (_, sent) = play_answering(console, ask, [], willing);
    let Command::Session(SessionCommand::Open { options, .. }) = &sent[1] else {
        panic!("{sent:?}")
    };
    assert_eq!(options.mode, Some(ApprovalMode::Auto));
    let Command::Turn(_, TurnCommand::Submit(draft)) = &sent[3] else { panic!("{sent:?}") };
    assert_eq!(
        *draft,
        UserPrompt {
            text: "what is this?".into(),
            images,
            schema: Some("{}".into()),
            review: None,
            expansion: None,
            timing: PromptTiming::Steer,
            tag: None
        }
    );
}

#[test]
fn with_a_schema_only_the_final_json_is_on_stdout() {
    let printed = shaped(
        OutputForm::Text,
        SCHEMA,
        None,
        &["Let me look.", " {\"a\": 1}\n"],
        TurnOutcome::Done,
    );
    assert_eq!((printed.out.as_str(), printed.exit), ("{\"a\": 1}\n", Exit::Done));
}

#[test]
fn a_final_answer_that_is_no_json_fails_and_is_quoted() {
    for (messages, said) in [
        (&["{\"a\": 1}", "That was it."][..], "not JSON … column 1): That was it."),
        (&["```json\n{}\n```"], "not JSON … column 1): ```json {} ```"),
        (&["{} {}"], "not JSON"),
        (&[], "without an answer"),
        (&["  "], "without an answer"),
    ] {
        for form in [OutputForm::Text, OutputForm::Json] {
            let printed = shaped(form, SCHEMA, None, messages, TurnOutcome::Done);
            assert!(
                says(&printed.err, said) && printed.err.contains("--output-schema"),
                "{}",
                printed.err
            );
            assert_eq!(printed.exit, Exit::Failed);
            let end = printed.out.lines().last().unwrap_or_default();
            assert_eq!(
                form == OutputForm::Json,
                end.contains(r#""outcome":"failed","exit":1,"problem":{"kind":"answer""#),
                "{end}"
            );
        }
    }
}

#[test]
fn the_last_message_is_left_in_the_file_whatever_the_form() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("last");
    for form in [OutputForm::Text, OutputForm::Json] {
        fs::write(&path, "old").unwrap();
        let printed = shaped(
            form,
            None,
            opened(&path),
            &["Let me look.", "It is *this*."],
            TurnOutcome::Done,
        );
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), printed.exit),
            ("It is *this*.", Exit::Done)
        );
        assert_eq!(printed.err, "");
    }
}

#[test]
fn without_a_last_message_an_old_file_stays_and_stderr_says_so() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("last");
    fs::write(&path, "old").unwrap();
    let failed = TurnOutcome::Failed(Problem::new(ProblemKind::Quota, "It broke"));
    for (messages, outcome, exit) in [
        (&[][..], TurnOutcome::Done, Exit::Done),
        (&[][..], TurnOutcome::MaxSteps, Exit::Done),
        (&["Half"], failed, Exit::Failed),
        (&["Half"], TurnOutcome::Interrupted, Exit::Interrupted),
    ] {
        let printed = shaped(OutputForm::Json, None, opened(&path), messages, outcome);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), printed.exit), ("old", exit));
        assert!(says(&printed.err, "no last message … `/ … not written"), "{}", printed.err);
    }
    let printed = shaped(OutputForm::Text, SCHEMA, opened(&path), &["no json"], TurnOutcome::Done);
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), printed.exit), ("old", Exit::Failed));
}

#[test]
fn a_last_message_that_cannot_be_written_is_a_failure() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("gone");
    fs::create_dir(&folder).unwrap();
    let file = opened(&folder.join("last"));
    fs::remove_dir(&folder).unwrap();
    let printed = shaped(OutputForm::Text, None, file, &["Hello"], TurnOutcome::Done);
    assert_eq!((printed.out.as_str(), printed.exit), ("Hello\n", Exit::Failed));
    assert!(says(&printed.err, "last message … saved"), "{}", printed.err);
}
