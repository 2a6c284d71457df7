//! Prompts that name a slash command: what runs first, what the model is told, and that a project's
//! commands wait for a person in every mode.

use super::super::scenario::{check, check_log};

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
        request 1: user [commands of the prompt] / call own_3 / output own_3 fine / user (fix it) / user /fix it",
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
            request 1: user [commands of the prompt] / call own_3 / output own_3 [refused] / user (fix it) / user /fix it",
            begun(mode, "project_slash")
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
        append output own_3 [not run] / remark user (fix it) / user /fix it / turn 1 interrupted
        emit turn 1 interrupted",
    );
}
