//! After a kill: what a command had done is known, and what an undo left half done too.

use std::collections::HashSet;

use super::*;

#[test]
fn what_a_command_had_changed_when_the_program_was_killed_is_found_and_taken_back() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("gone", "x");
    let first = fixture.all();
    let before = fixture.before();
    let trace = before.trace().unwrap();
    fixture.write("a", "two");
    fixture.write("made", "x");
    fixture.remove("gone");
    // The end of the call is never reported.
    std::mem::forget(before);
    let fixture = fixture.restart();
    fixture.write("mine", "after the kill");
    let read = |path: &Path| {
        assert_eq!(path, trace);
        let touched = ["a", "made", "gone"].map(|name| fixture.path(name));
        Some(Touched { paths: touched.into(), complete: true, ..Touched::default() })
    };
    let cut_off = fixture.store.cut_off(&HashSet::new(), &read, &|_| Vec::new());
    assert_eq!(cut_off.len(), 1);
    assert_eq!(
        fixture.described(&cut_off[0].changes.files),
        ["restore a", "create gone", "remove made", "remove mine (perhaps yours)"]
    );
    fixture.undo(&cut_off[0].changes.files, Pick::Offered);
    fixture.remove("mine");
    assert_eq!(fixture.all(), first);
    assert!(
        fixture.store.cut_off(&HashSet::new(), &read, &|_| Vec::new()).is_empty(),
        "it is told once"
    );
}

#[test]
fn a_call_that_is_on_record_is_not_told_again() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let changes = fixture.command(|| fixture.write("a", "two"));
    let fixture = fixture.restart();
    assert!(
        fixture.store.cut_off(&HashSet::from([changes.id]), &|_| None, &|_| Vec::new()).is_empty()
    );
}

#[test]
fn an_edit_that_was_cut_off_is_known_too() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let before = fixture.store.before(TurnId(4), &[fixture.path("a"), fixture.path("new/b")]);
    fixture.write("a", "two");
    fixture.write("new/b", "two");
    fixture.write("other", "by hand");
    std::mem::forget(before);
    let fixture = fixture.restart();
    let cut_off = fixture.store.cut_off(&HashSet::new(), &|_| None, &|_| Vec::new());
    assert_eq!(cut_off[0].turn, TurnId(4));
    assert_eq!(
        fixture.described(&cut_off[0].changes.files),
        ["restore a", "remove new", "remove new/b"]
    );
}

#[test]
fn a_program_that_lives_is_left_alone() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let before = fixture.before();
    fixture.write("a", "two");
    let (_snapshots, other) = Fixture::open(&fixture.outside());
    assert!(other.cut_off(&HashSet::new(), &|_| None, &|_| Vec::new()).is_empty());
    assert_eq!(
        fixture.described(&fixture.store.after_alone(before, None).files),
        ["restore a (perhaps yours)"]
    );
}

#[test]
fn an_undo_that_was_cut_off_is_known_by_what_it_did() {
    let fixture = Fixture::new();
    for name in ["a", "b", "c"] {
        fixture.write(name, "one");
    }
    let changes = fixture.command(|| {
        fixture.write("a", "two");
        fixture.write("b", "two");
        fixture.rename("c", "d");
    });
    let steps = fixture.preview(&changes.files);
    let chosen: Vec<_> =
        steps.iter().map(|step| ChosenStep { path: step.path.clone(), seen: step.seen }).collect();
    let planned = fixture.store.prepare_undo(ANY, &changes.files, &chosen).changes();
    // As far as it came.
    fixture.write("a", "one");
    fixture.rename("d", "c");
    let made: Vec<String> =
        fixture.store.made(&planned).iter().map(|change| fixture.shown(&change.path)).collect();
    assert_eq!(made, ["a", "d", "c"]);
    assert_eq!(
        fixture.described(&changes.files),
        ["restore a (already)", "restore b", "create c (already)", "remove d (already)"]
    );
}

#[test]
fn files_on_their_way_that_a_killed_undo_left_are_cleared_away_and_no_others() {
    let fixture = Fixture::new();
    fixture.write("sub/a", "one");
    let changes = fixture.command(|| fixture.write("sub/a", "two"));
    let steps = fixture.preview(&changes.files);
    let chosen: Vec<_> =
        steps.iter().map(|step| ChosenStep { path: step.path.clone(), seen: step.seen }).collect();
    let prepared = fixture.store.prepare_undo(ANY, &changes.files, &chosen);
    let places: Vec<PathBuf> = fs::read_dir(fixture.outside().join("data/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    std::mem::forget(crate::undo::store::leftovers::note(&places[0], &prepared.folders()));
    fixture.write("sub/.codling.0123456789abcdef.tmp", "half");
    fixture.write("sub/.codling.notes-on-my-work.tmp", "mine");
    // The one who wrote the note lives.
    fixture.store.clear_leftovers();
    assert!(fixture.path("sub/.codling.0123456789abcdef.tmp").exists());
    for entry in fs::read_dir(&places[0]).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "lock")
            && path.to_string_lossy().contains("undo-")
        {
            // As if it had ended: another file holds no lock.
            fs::remove_file(path).unwrap();
        }
    }
    fixture.store.clear_leftovers();
    assert!(
        !fixture.path("sub/.codling.0123456789abcdef.tmp").exists()
            && fixture.path("sub/.codling.notes-on-my-work.tmp").exists()
    );
}
