//! Commands that wait before they lose a file, and what the answer makes of them.

use super::approvals::WISH;
use super::scenario::check;

/// A command that runs in auto, and waits before it loses a file.
fn after_a_loss(then: &str) {
    check(&format!(
        "{WISH}> mode auto
        emit Build, auto
        emit c1 runs: cargo test
        run c1 shell x [in the folder] guarding the folder
        > progress c1 half
        emit c1 so far: half
        > waits c1 It destroys `a`
        emit c1 asks, Folder, may learn nothing: It destroys `a`
        {then}"
    ));
}

#[test]
fn a_command_that_waits_before_it_loses_a_file_goes_on_if_that_is_allowed() {
    after_a_loss(
        "> decide c1 once
        loss of c1: Allowed
        emit c1 runs: cargo test
        emit c1 so far: half
        > ran c1 fine
        emit c1 ended: fine
        request 2: user go / call c1 / output c1 fine",
    );
}

#[test]
fn a_command_that_was_not_allowed_to_lose_a_file_is_not_asked_about_again() {
    for (answer, said) in [
        ("no", "(The user did not allow it to go on.)"),
        ("because keep it", "(The user did not allow it to go on, and says: keep it)"),
        ("nobody", "(Nobody can be asked here whether it may go on.)"),
    ] {
        after_a_loss(&format!(
            "> decide c1 {answer}
        loss of c1: Refused
        emit c1 runs: cargo test
        emit c1 so far: half
        > loses c1 It was about to destroy `a`
        emit c1 ended: it was ended\n{said}
        request 2: user go / call c1 / output c1 it was ended\n{said}"
        ));
    }
}

#[test]
fn a_loss_that_is_settled_otherwise_is_not_asked_about_any_more() {
    after_a_loss(
        "> settled c1
        emit c1 runs: cargo test
        emit c1 so far: half
        > settled c1
        > decide c1 once
        refuse: Resolved",
    );
    after_a_loss(
        "> mode full
        emit Build, full
        loss of c1: Allowed
        emit c1 runs: cargo test
        emit c1 so far: half",
    );
    after_a_loss(
        "> interrupt
        stop c1
        emit c1 ended: [stopped] Its last words:
        half
        emit turn 1 interrupted",
    );
}

#[test]
fn what_nobody_can_be_asked_about_is_not_lost() {
    check(
        "> waits c1 It destroys `a`
        loss of c1: Refused",
    );
    check(&format!(
        "{WISH}> waits c1 It destroys `a`
        loss of c1: Refused"
    ));
}
