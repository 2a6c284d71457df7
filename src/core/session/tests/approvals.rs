//! Calls that wait for a person, and what the answer makes of them.

use super::scenario::{check, check_log};

/// A turn that has come to the model's call of the shell.
pub(super) const WISH: &str = ">> prompt 1 go
        describe
        > described
        request 1: user go
        >> call 1 c1 shell x
        > end 1
        emit c1 started
        understand c1
        > understood c1 command cargo test
        emit c1 asks, Free, may learn shell: cargo test *: `cargo` is not known to only read here
        ";

fn after_a_wish(then: &str) {
    check(&format!("{WISH}{then}"));
}

/// The same in auto, where the sandbox stopped it.
fn after_a_block(then: &str) {
    after_a_wish(&format!(
        "> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > blocked c1 it has no network
        emit c1 asks, Free, may learn shell: cargo test *: The sandbox got in its way. it has no network
        {then}"
    ));
}

#[test]
fn a_command_asks_and_runs_once_it_is_allowed() {
    after_a_wish(
        "> decide c1 once
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > progress c1 half
        emit c1 so far: half
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine
        >> call 2 c2 shell x
        > end 2
        emit c2 started
        understand c2
        > understood c2 command cargo test
        emit c2 asks, Free, may learn shell: cargo test *: `cargo` is not known to only read here",
    );
}

#[test]
fn a_command_that_was_cut_off_within_a_here_document_is_not_run_in_any_mode() {
    for mode in ["ask", "auto", "full"] {
        let switch = match mode {
            "ask" => String::new(),
            mode => format!("> mode {mode}\n        emit Build, {mode}\n        "),
        };
        check(&format!(
            "{switch}>> prompt 1 go
            describe
            > described
            request 1: user go
            >> call 1 c1 shell x
            > end 1
            emit c1 started
            understand c1
            > understood c1 command cat > a.rs <<'EOF'
            emit c1 ended: [open here-document]
            request 2: user go / call c1 / output c1 [open here-document]"
        ));
    }
}

#[test]
fn always_holds_for_what_fits_the_pattern_until_the_session_ends() {
    after_a_wish(
        "> decide c1 always
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine
        >> call 2 c2 shell y
        > end 2
        emit c2 started
        understand c2
        > understood c2 command cargo test --all
        emit c2 runs: cargo test --all
        run c2 shell y [free] guarding the folder
        > ran c2 fine
        emit c2 ended: fine
        request 3: user go / call c1 / output c1 fine / call c2 / output c2 fine
        >> call 3 c3 shell z
        > end 3
        emit c3 started
        understand c3
        > understood c3 command cargo test && rm a
        emit c3 asks, Free, may learn shell: rm *: `rm` is not known to only read",
    );
}

#[test]
fn what_is_allowed_in_the_folder_from_now_on_is_kept_and_holds_at_once() {
    after_a_wish(
        "> decide c1 always-here
        keep shell: cargo test *
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine
        >> call 2 c2 shell y
        > end 2
        emit c2 started
        understand c2
        > understood c2 command cargo test --all
        emit c2 runs: cargo test --all
        run c2 shell y [free] guarding the folder",
    );
}

#[test]
fn a_refusal_is_an_answer_and_its_reason_reaches_the_model() {
    after_a_wish(
        "> decide c1 because use just instead
        emit c1 ended: [refused]: use just instead
        request 2: user go / call c1 / output c1 [refused]: use just instead
        >> done 2 1",
    );
    after_a_wish(
        "> decide c1 no
        emit c1 ended: [refused]
        request 2: user go / call c1 / output c1 [refused]",
    );
}

#[test]
fn where_nobody_can_be_asked_the_model_is_told_of_no_refusal() {
    after_a_wish(
        "> decide c1 nobody
        emit c1 ended: [not asked: `cargo` is not known to only read here]
        request 2: user go / call c1 / output c1 [not asked: `cargo` is not known to only read here]",
    );
    after_a_block(
        "> decide c1 nobody
        emit c1 ended: it failed
        (Nobody can be asked here whether it may run again without the sandbox.)
        request 2: user go / call c1 / output c1 it failed
        (Nobody can be asked here whether it may run again without the sandbox.)",
    );
}

#[test]
fn a_looser_mode_lets_go_of_what_waits() {
    after_a_wish(
        "> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > decide c1 no
        refuse: Resolved",
    );
}

#[test]
fn what_the_sandbox_stopped_is_offered_again_without_it() {
    after_a_block(
        "> decide c1 once
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine",
    );
    after_a_block(
        "> decide c1 no
        emit c1 ended: it failed
        [stays confined]
        request 2: user go / call c1 / output c1 it failed
        [stays confined]",
    );
}

#[test]
fn an_interrupt_while_somebody_is_asked_answers_the_call() {
    after_a_wish(
        "> interrupt
        emit c1 ended: [not run]
        emit turn 1 interrupted
        > decide c1 once
        refuse: Resolved",
    );
}

#[test]
fn plan_has_no_tool_that_changes_anything() {
    check(
        "> agent plan
        emit Plan, ask
        >> prompt 1 go
        describe
        > described
        request 1: now plan / user go
        >> call 1 c1 edit x
        > end 1
        emit c1 started
        understand c1
        > understood c1 change a
        emit c1 ended: Plan changes nothing: say what you would change
        request 2: now plan / user go / call c1 / output c1 Plan changes nothing: say what you would change
        > agent build
        emit Build, ask
        >> done 2 1
        >> prompt 2 do it
        request 3: now plan / user go / call c1 / output c1 Plan changes nothing: say what you would change / now build / user do it",
    );
}

#[test]
fn what_removes_files_that_undo_could_not_bring_back_is_asked_about_in_auto() {
    check(
        "> mode auto
        emit Build, auto
        >> prompt 1 go
        describe
        > described
        request 1: user go
        >> call 1 c1 shell x
        > end 1
        emit c1 started
        understand c1
        > understood c1 command rm -rf build
        look for copies for c1
        > copies c1 `large` is lost
        emit c1 asks, Folder, may learn nothing: It may destroy files for good: `large` is lost
        > mode ask
        emit Build, ask
        > mode auto
        emit Build, auto
        > decide c1 once
        emit c1 runs: rm -rf build
        run c1 shell x [in the folder, may lose files] guarding the folder",
    );
}

/// A command of this mode that waits for the look for copies.
fn while_looking(mode: &str, look: &str, then: &str) {
    check(&format!(
        "> mode {mode}
        emit Build, {mode}
        >> prompt 1 go
        describe
        > described
        request 1: user go
        >> call 1 c1 shell x
        > end 1
        emit c1 started
        understand c1
        > understood c1 command rm -rf build
        {look}
        {then}"
    ));
}

#[test]
fn a_look_for_copies_that_is_interrupted_leaves_no_plan() {
    for (mode, look) in
        [("ask", "look for copies of all, for c1"), ("auto", "look for copies for c1")]
    {
        while_looking(
            mode,
            look,
            "> interrupt
        stop c1
        emit c1 ended: [not run]
        emit turn 1 interrupted
        > copies c1
        >> prompt 2 plan c1?
        request 2: user go / call c1 / output c1 [not run] / user [interrupted before] / user plan c1?",
        );
    }
}

#[test]
fn a_mode_that_changes_during_the_look_has_other_files_looked_for_or_none() {
    while_looking(
        "auto",
        "look for copies for c1",
        "> mode ask
        emit Build, ask
        > copies c1
        look for copies of all, for c1
        > copies c1 `large` is lost
        emit c1 asks, Free, may learn shell: rm -rf build: It removes whatever is there. `large` is lost",
    );
    while_looking(
        "auto",
        "look for copies for c1",
        "> mode full
        emit Build, full
        > copies c1 `large` is lost
        emit c1 runs: rm -rf build
        run c1 shell x [free] guarding the folder",
    );
}

#[test]
fn a_command_that_a_freer_mode_would_let_run_is_looked_at_before() {
    while_looking(
        "ask",
        "look for copies of all, for c1",
        "> copies c1
        emit c1 asks, Free, may learn shell: rm -rf build: It removes whatever is there
        > mode auto
        emit Build, auto
        look for copies for c1
        > copies c1 `large` is lost
        emit c1 asks, Folder, may learn nothing: It may destroy files for good: `large` is lost",
    );
}

#[test]
fn an_ask_is_told_and_resolved_at_once_where_nobody_is_there() {
    while_looking(
        "ask",
        "look for copies of all, for c1",
        "> presence unattended
        > copies c1
        emit c1 asks, Free, may learn shell: rm -rf build: It removes whatever is there
        emit an ask resolved by nobody
        emit c1 ended: [not asked: It removes whatever is there]
        request 2: user go / call c1 / output c1 [not asked: It removes whatever is there]",
    );
}

#[test]
fn an_ask_that_waits_is_resolved_once_the_person_has_gone() {
    while_looking(
        "ask",
        "look for copies of all, for c1",
        "> copies c1
        emit c1 asks, Free, may learn shell: rm -rf build: It removes whatever is there
        > presence unattended
        emit an ask resolved by nobody
        emit c1 ended: [not asked: It removes whatever is there]
        request 2: user go / call c1 / output c1 [not asked: It removes whatever is there]
        > presence attended
        >> call 2 c2 ask x
        > end 2
        emit c2 started
        understand c2
        > understood c2 ask Tabs or spaces?
        emit c2 asks: Tabs or spaces?",
    );
}

#[test]
fn a_command_that_was_ended_before_it_lost_a_file_runs_again_if_that_is_allowed() {
    after_a_wish(
        "> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > loses c1 It was about to destroy `a`
        emit c1 asks, Folder, may learn nothing: It was about to destroy `a`. It was ended before, and would run again from the start
        > decide c1 once
        emit c1 runs: cargo test
        run c1 shell x [in the folder, may lose files] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine",
    );
}

#[test]
fn what_the_sandbox_kept_from_a_command_can_be_opened_alone_and_stays_open() {
    after_a_wish(
        "> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > unreached c1 a.org
        emit c1 asks, Free, may learn shell: cargo test *, may open a.org: The sandbox got in its way. It asked in vain
        > decide c1 open
        emit open are a.org
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine
        >> call 2 c2 shell x
        > end 2
        emit c2 started
        understand c2
        > understood c2 command curl https://a.org/x
        emit c2 runs: curl https://a.org/x
        run c2 shell x [in the folder] guarding the folder",
    );
}

#[test]
fn a_port_of_the_machine_is_opened_alone_and_closed_again() {
    after_a_wish(
        "> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > unreached c1 127.0.0.1:5432
        emit c1 asks, Free, may learn shell: cargo test *, may open 127.0.0.1:5432: The sandbox got in its way. It asked in vain
        > decide c1 open
        emit open are 127.0.0.1:5432
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > close 127.0.0.1:5432
        emit open are
        emit notice Closed to commands in the sandbox: `port 5432 of this machine`
        > unreached c1 127.0.0.1:5432
        emit c1 asks, Free, may learn shell: cargo test *, may open 127.0.0.1:5432: The sandbox got in its way. It asked in vain",
    );
}

#[test]
fn a_command_that_only_reads_is_not_guarded_in_any_mode() {
    for (mode, shown, within) in [("full", "full", "free"), ("auto", "auto", "read-only")] {
        check(&format!(
            "> mode {mode}
        emit Build, {shown}
        {}",
            WISH.replace("cargo test", "ls src").replace(
                "emit c1 asks, Free, may learn shell: ls src *: `cargo` is not known to only read here",
                &format!("emit c1 runs: src\n        run c1 shell x [{within}]")
            )
        ));
    }
}

#[test]
fn what_is_to_be_opened_in_a_mode_without_the_sandbox_asks_again() {
    after_a_block(
        "> mode ask
        emit Build, ask
        > decide c1 open
        emit c1 asks, Free, may learn shell: cargo test *: The sandbox got in its way. it has no network",
    );
}

#[test]
fn everybody_hears_who_answered_and_a_late_answer_is_refused() {
    after_a_wish(
        "> decide c1 once
        emit an ask resolved by 1
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > decide c1 no
        refuse: Resolved
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine",
    );
    after_a_wish(
        "> mode auto
        emit Build, auto
        emit an ask resolved by nobody
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder",
    );
    after_a_wish(
        "> interrupt
        emit an ask resolved by nobody
        emit c1 ended: [not run]
        emit turn 1 interrupted",
    );
}

#[test]
fn what_a_call_would_do_is_told_and_kept_before_anybody_is_asked_or_anything_is_done() {
    check_log(
        &[],
        "> submit go
        emit turn 1 started
        append turn 1 started
        emit user go
        describe
        > described
        append user go / settings m
        request 1: user go
        >> call 1 c1 shell x
        > end 1
        append call c1
        emit c1 started
        understand c1
        > understood c1 command cargo test
        append plan c1: cargo test
        emit c1 would cargo test
        emit c1 asks, Free, may learn shell: cargo test *: `cargo` is not known to only read here
        > decide c1 once
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder",
    );
}

#[test]
fn rules_are_told_with_where_they_come_from_and_one_that_is_taken_back_asks_again() {
    let again = |answer: &str, rules: &str, forgets: &str| {
        after_a_wish(&format!(
            "> decide c1 {answer}
            {rules}
            emit c1 runs: cargo test
            run c1 shell x [free] guarding the folder
            > ran c1 fine
            emit c1 ended: fine
            request 2: user go / call c1 / output c1 fine
            > revoke cargo build *
            > revoke cargo test *
            {forgets}
            emit rules
            emit notice Asks again from now on: `shell: cargo test *`
            >> call 2 c2 shell y
            > end 2
            emit c2 started
            understand c2
            > understood c2 command cargo test --all
            emit c2 asks, Free, may learn shell: cargo test *: `cargo` is not known to only read here"
        ));
    };
    again("always", "emit rules cargo test * (here)", "");
    again(
        "always-here",
        "keep shell: cargo test *
            emit rules cargo test * (folder)",
        "forget shell: cargo test *",
    );
}

#[test]
fn a_rule_of_the_folder_that_was_taken_back_elsewhere_does_not_hold_here_either() {
    after_a_wish(
        "> decide c1 always-here
        keep shell: cargo test *
        emit rules cargo test * (folder)
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine
        > folder-rules
        > folder-rules cargo_test_*
        >> call 2 c2 shell y
        > end 2
        emit c2 started
        understand c2
        > folder-rules
        emit rules
        > understood c2 command cargo test --all
        emit c2 asks, Free, may learn shell: cargo test *: `cargo` is not known to only read here",
    );
}

#[test]
fn a_rule_that_could_not_be_written_down_is_one_of_the_conversation() {
    after_a_wish(
        "> decide c1 always-here
        keep shell: cargo test *
        emit rules cargo test * (folder)
        emit c1 runs: cargo test
        run c1 shell x [free] guarding the folder
        > not-kept cargo test *
        emit rules cargo test * (here)",
    );
}
