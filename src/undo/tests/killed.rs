//! After a kill: what a command had done is known, and what an undo left half done too.

use std::collections::HashSet;

use super::*;

#[test]
fn what_a_command_had_changed_when_the_program_was_killed_is_found_and_taken_back() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("gone", "x");
    let first = garden.all();
    let before = garden.before();
    let trace = before.trace().unwrap();
    garden.write("a", "two");
    garden.write("made", "x");
    garden.remove("gone");
    // Nobody comes to hear of its end.
    std::mem::forget(before);
    let garden = garden.restart();
    garden.write("mine", "after the kill");
    let read = |path: &Path| {
        assert_eq!(path, trace);
        let touched = ["a", "made", "gone"].map(|name| garden.path(name));
        Some(Touched { paths: touched.into(), complete: true, ..Touched::default() })
    };
    let cut_off = garden.store.cut_off(&HashSet::new(), &read, &|_| Vec::new());
    assert_eq!(cut_off.len(), 1);
    assert_eq!(
        garden.told(&cut_off[0].changes.files),
        ["restore a", "create gone", "remove made", "remove mine (perhaps yours)"]
    );
    garden.undo(&cut_off[0].changes.files, Pick::Offered);
    garden.remove("mine");
    assert_eq!(garden.all(), first);
    assert!(
        garden.store.cut_off(&HashSet::new(), &read, &|_| Vec::new()).is_empty(),
        "it is told once"
    );
}

#[test]
fn a_call_that_is_on_record_is_not_told_again() {
    let garden = Garden::new();
    garden.write("a", "one");
    let changes = garden.command(|| garden.write("a", "two"));
    let garden = garden.restart();
    assert!(
        garden.store.cut_off(&HashSet::from([changes.id]), &|_| None, &|_| Vec::new()).is_empty()
    );
}

#[test]
fn an_edit_that_was_cut_off_is_known_too() {
    let garden = Garden::new();
    garden.write("a", "one");
    let before = garden.store.before(TurnId(4), &[garden.path("a"), garden.path("new/b")]);
    garden.write("a", "two");
    garden.write("new/b", "two");
    garden.write("other", "by hand");
    std::mem::forget(before);
    let garden = garden.restart();
    let cut_off = garden.store.cut_off(&HashSet::new(), &|_| None, &|_| Vec::new());
    assert_eq!(cut_off[0].turn, TurnId(4));
    assert_eq!(garden.told(&cut_off[0].changes.files), ["restore a", "remove new", "remove new/b"]);
}

#[test]
fn a_program_that_lives_is_left_alone() {
    let garden = Garden::new();
    garden.write("a", "one");
    let before = garden.before();
    garden.write("a", "two");
    let (_snapshots, other) = Garden::open(&garden.outside());
    assert!(other.cut_off(&HashSet::new(), &|_| None, &|_| Vec::new()).is_empty());
    assert_eq!(
        garden.told(&garden.store.after_alone(before, None).files),
        ["restore a (perhaps yours)"]
    );
}

#[test]
fn an_undo_that_was_cut_off_is_known_by_what_it_did() {
    let garden = Garden::new();
    for name in ["a", "b", "c"] {
        garden.write(name, "one");
    }
    let changes = garden.command(|| {
        garden.write("a", "two");
        garden.write("b", "two");
        garden.rename("c", "d");
    });
    let steps = garden.preview(&changes.files);
    let chosen: Vec<_> =
        steps.iter().map(|step| ChosenStep { path: step.path.clone(), seen: step.seen }).collect();
    let planned = garden.store.prepare_undo(ANY, &changes.files, &chosen).changes();
    // As far as it came.
    garden.write("a", "one");
    garden.rename("d", "c");
    let made: Vec<String> =
        garden.store.made(&planned).iter().map(|change| garden.shown(&change.path)).collect();
    assert_eq!(made, ["a", "d", "c"]);
    assert_eq!(
        garden.told(&changes.files),
        ["restore a (already)", "restore b", "create c (already)", "remove d (already)"]
    );
}

#[test]
fn files_on_their_way_that_a_killed_undo_left_are_cleared_away_and_no_others() {
    let garden = Garden::new();
    garden.write("sub/a", "one");
    let changes = garden.command(|| garden.write("sub/a", "two"));
    let steps = garden.preview(&changes.files);
    let chosen: Vec<_> =
        steps.iter().map(|step| ChosenStep { path: step.path.clone(), seen: step.seen }).collect();
    let prepared = garden.store.prepare_undo(ANY, &changes.files, &chosen);
    let places: Vec<PathBuf> = fs::read_dir(garden.outside().join("data/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    std::mem::forget(crate::undo::leftovers::note(&places[0], &prepared.folders()));
    garden.write("sub/.codling.0123456789abcdef.tmp", "half");
    garden.write("sub/.codling.notes-on-my-work.tmp", "mine");
    // The one who wrote the note lives.
    garden.store.clear_leftovers();
    assert!(garden.path("sub/.codling.0123456789abcdef.tmp").exists());
    for entry in fs::read_dir(&places[0]).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "lock")
            && path.to_string_lossy().contains("undo-")
        {
            // As if it had ended: another file holds no lock.
            fs::remove_file(path).unwrap();
        }
    }
    garden.store.clear_leftovers();
    assert!(
        !garden.path("sub/.codling.0123456789abcdef.tmp").exists()
            && garden.path("sub/.codling.notes-on-my-work.tmp").exists()
    );
}
