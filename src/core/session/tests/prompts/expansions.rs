//! Prompts that name a slash command: what runs first, what the model is told, and that a project's
//! commands wait for a person in every mode.

use super::super::logs::{call, item, output, user};
use super::super::scenario::{check, check_log};
use crate::protocol::{ContextNoteKind, ItemKind, Record, TurnId};

/// A prompt that runs a command first, up to where it is understood.
fn begun(mode: &str, word: &str) -> String {
    format!(
        "> mode {mode}
        emit Build, {mode}
        > {word} /fix it
        emit turn 1 started
        emit user /fix it
        describe
        > described
        emit own_3 started
        understand own_3
        > understood own_3 command touch it
        "
    )
}

#[test]
fn a_prompt_is_sent_behind_the_words_it_stands_for_once_its_commands_have_run() {
    check(&format!(
        "{}emit own_3 runs: touch it
        run own_3 shell x [in the folder] guarding the folder
        > ran own_3 fine
        emit own_3 ended: fine
        request 1: user (fix it: `see`: fine) / user /fix it",
        begun("auto", "slash")
    ));
}

#[test]
fn a_projects_command_waits_for_a_person_in_every_mode_and_a_yes_is_kept() {
    for (mode, confinement, runs) in
        [("auto", "Folder", "[in the folder]"), ("full", "Free", "[free]")]
    {
        check(&format!(
            "{}emit own_3 asks, {confinement}, may learn nothing: It is new
            > mode full
            emit Build, full
            > decide own_3 once
            trust /fix 1: ls
            emit own_3 runs: touch it
            run own_3 shell x {runs} guarding the folder",
            begun(mode, "project_slash")
        ));
        check(&format!(
            "{}emit own_3 asks, {confinement}, may learn nothing: It is new
            > decide own_3 no
            emit own_3 ended: [refused]
            request 1: user (fix it: `see`: [refused]) / user /fix it",
            begun(mode, "project_slash"),
        ));
    }
}

#[test]
fn a_prompt_whose_command_was_interrupted_is_kept() {
    check_log(
        &[],
        "> project_slash /fix it
        emit turn 1 started
        append turn 1 started
        emit user /fix it
        describe
        > described
        append remark user [commands of the prompt] / call own_3
        emit own_3 started
        understand own_3
        > understood own_3 command touch it
        emit own_3 asks, Free, may learn nothing: It is new
        > interrupt
        emit own_3 ended: [not run]
        append output own_3 [not run] / remark user (fix it: `see`: [not run]) / user /fix it / turn 1 interrupted
        emit turn 1 interrupted",
    );
}

#[test]
fn a_resumed_conversation_holds_the_outputs_once_and_older_logs_stay_as_they_were() {
    let note = |kind, id: &str, text: &str| match item(id, ItemKind::user(text)) {
        Record::Item(item) => Record::ContextNote { kind, item },
        other => other,
    };
    for (kind, sent) in [
        (ContextNoteKind::PromptCommands, ""),
        (ContextNoteKind::OwnCommand, "user ran / call c1 / output c1 it / "),
    ] {
        let records = [
            note(kind, "own_1", "ran"),
            call("c1"),
            output("c1"),
            note(ContextNoteKind::Expansion, "own_2", "fix"),
            user("own_3", "/fix"),
            call("c2"),
            output("c2"),
        ];
        check_log(
            &records,
            &format!(
                "> submit on
                emit turn 1 started
                append turn 1 started
                emit user on
                append user on / settings m
                request 1: {sent}user fix / user /fix / call c2 / output c2 it / user on"
            ),
        );
    }
}

#[test]
fn a_command_of_a_prompt_that_was_cut_off_is_answered_in_the_log_and_not_sent() {
    let Record::Item(item) = item("own_1", ItemKind::user("ran")) else { return };
    let note = Record::ContextNote { kind: ContextNoteKind::PromptCommands, item };
    check_log(
        &[Record::TurnStarted(TurnId(4)), note, call("c1")],
        "> submit on
        emit turn 5 started
        append output c1 [cut off] / turn 4 interrupted / turn 5 started / remark user [cut off before]
        emit user on
        append user on / settings m
        request 1: user [cut off before] / user on",
    );
}
