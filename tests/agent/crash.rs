//! The program is killed in the middle: what it ran dies with it, and the next start tells so. Knows nothing of how logs are written.

use codling::demo::Answer;

use super::scene::{Person, Place, wait_dead};

#[test]
fn what_runs_dies_with_the_program_and_is_not_run_again() {
    let place = Place::new();
    let line = "echo once >> runs; sleep 1000 & a=$!; sleep 1000 & echo $$ $a $! > pids.tmp; mv pids.tmp pids; wait";
    place.script([Answer::runs("c1", line)]);
    let terminal = place.open(&["--approval-mode", "auto"]);
    terminal.ask("wait a while");
    let pids = place.wait_for("pids", |text| text.ends_with('\n'));
    terminal.signal("KILL");
    terminal.wait_exit();
    wait_dead(pids.split_whitespace());

    place.script([Answer::says("It was cut off.")]);
    let terminal = place.open(&["--continue"]);
    terminal.shows(&["wait a while", "■ Interrupted"]);
    terminal.rests();
    terminal.ask("what happened?");
    terminal.wait_for("It was cut off.");
    assert_eq!(place.read("runs").unwrap(), "once\n");
    let (body, output) = (place.last().body, place.output("c1"));
    assert!(body.contains("was cut off: codling ended"), "{body}");
    assert!(output.contains("Interrupted: codling ended before this finished"), "{output}");
    terminal.rests();
    place.leave(&terminal);
}
