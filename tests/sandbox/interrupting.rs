//! Interrupts of commands without a terminal: what ctrl-c does at one.

use codling::protocol::Confinement;
use codling::sandbox::{ExitKind, kill_switch};

use super::fixture::Fixture;

const ALL: [Confinement; 3] = [Confinement::Folder, Confinement::ReadOnly, Confinement::Free];

/// Runs a line in bash that says `ready` when it may be interrupted; `go on` in what it says lets
/// go of it.
fn interrupted(fixture: &Fixture, confinement: Confinement, line: &str) -> (ExitKind, String) {
    let (held, switch) = kill_switch().unwrap();
    let (mut held, mut is_interrupted, mut text) = (Some(held), false, String::new());
    let mut order = fixture.order(confinement, line);
    order.command[0] = "/bin/bash".into();
    let end = order.run(&fixture.program, switch, &mut |heard| {
        text.push_str(&String::from_utf8_lossy(heard));
        if text.contains("ready\n") && !is_interrupted {
            held.as_ref().unwrap().interrupt();
            is_interrupted = true;
        }
        if text.contains("go on\n") {
            held.take();
        }
    });
    (end.how, text)
}

#[test]
fn an_interrupt_runs_a_trap_and_the_exit_code_is_told() {
    Fixture::each(|fixture| {
        for confinement in ALL {
            let line = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done";
            let (how, text) = interrupted(fixture, confinement, line);
            let seen = format!("{:?} {confinement:?}: {text}", fixture.sandbox);
            assert_eq!(how, ExitKind::Exit(5), "{seen}");
            assert_eq!(text.matches("caught").count(), 1, "{seen}");
        }
    });
}

#[test]
fn an_interrupt_reaches_each_process_of_the_group_once_and_those_apart_never() {
    Fixture::each(|fixture| {
        for confinement in ALL {
            let apart = "setsid bash -c \"trap 'echo apart' INT; while :; do sleep 0.05; done\" &";
            let line = format!(
                "trap 'echo above' INT; {apart} bash -c 'echo ready; sleep 600'; echo $?; exit 3"
            );
            let (how, text) = interrupted(fixture, confinement, &line);
            let seen = format!("{:?} {confinement:?}: {text}", fixture.sandbox);
            assert_eq!(how, ExitKind::Exit(3), "{seen}");
            assert_eq!(text.matches("above").count(), 1, "{seen}");
            assert!(text.contains("130\n") && !text.contains("apart"), "{seen}");
        }
    });
}

#[test]
fn one_that_goes_on_is_ended_by_letting_go() {
    Fixture::each(|fixture| {
        let line = "trap 'echo go on' INT; echo ready; while :; do sleep 0.05; done";
        let (how, text) = interrupted(fixture, Confinement::Folder, line);
        assert_eq!(how, ExitKind::Stopped, "{:?}: {text}", fixture.sandbox);
    });
}

#[test]
fn an_interrupt_before_the_command_has_begun_waits_for_it() {
    Fixture::each(|fixture| {
        let (held, switch) = kill_switch().unwrap();
        held.interrupt();
        // No shell: one that is just starting may miss it, as at a terminal.
        let mut order = fixture.order(Confinement::Folder, "");
        order.command = ["sleep", "600"].map(Into::into).into();
        let end = order.run(&fixture.program, switch, &mut |_| {});
        assert_eq!(end.how, ExitKind::Signal(2), "{:?}", fixture.sandbox);
    });
}
