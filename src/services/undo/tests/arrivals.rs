//! Files that a command brought into the folder are older than the turn; an undo moves them back or
//! stays; it is never removed.

use super::moves::wait_for_a_tick;
use super::*;

/// Files outside, all older than the command that comes.
fn outside(fixture: &Fixture, files: &[(&str, &str)]) -> PathBuf {
    let outside = fixture.outside().join("outside");
    for (file, text) in files {
        let path = outside.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    fs::create_dir_all(&outside).unwrap();
    let last = fixture.outside().join("last");
    fs::write(&last, "").unwrap();
    wait_for_a_tick(&last);
    outside
}

/// A command that is known to have renamed these, from outside to a name in the folder.
fn moving(fixture: &Fixture, names: &[(&Path, &str)], line: &str) -> Changes {
    let both = names.iter().flat_map(|(from, to)| [from.to_path_buf(), fixture.path(to)]);
    let renamed: BTreeSet<PathBuf> = both.collect();
    let touched = Touched { paths: renamed.clone(), renamed, complete: true, ..Touched::default() };
    fixture.with_trace(Some(&touched), || fixture.sh(line))
}

#[test]
fn a_folder_goes_back_as_it_was_with_links_modes_and_empty_folders() {
    let fixture = Fixture::new();
    let pkg = fixture.outside().join("outside/pkg");
    outside(&fixture, &[("pkg/p", "one"), ("pkg/in/q", "two")]);
    fixture.sh("cd ../outside/pkg && ln -s p l && ln p twin && mkdir empty && chmod 700 empty in && chmod 750 .");
    wait_for_a_tick(&pkg.join("empty"));
    let first = picture(&pkg);
    let changes = moving(&fixture, &[(&pkg, "pkg")], "mv ../outside/pkg .");
    assert_eq!(fixture.described(&changes.files), [format!("move pkg to {}", pkg.display())]);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((picture(&pkg), fixture.path("pkg").exists()), (first, false));
    assert_eq!(mode_of(&fs::metadata(&pkg).unwrap()), 0o750);
}

#[test]
fn links_folders_and_further_names_go_back_too() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("h", "shared"), ("alone", "shared too")]);
    fixture.sh("cd ../outside && ln h h2 && ln alone ../elsewhere && ln -s nowhere l && mkdir d");
    wait_for_a_tick(&outside.join("d"));
    let first = picture(&outside);
    let names = ["h", "h2", "alone", "l", "d"].map(|name| (outside.join(name), name));
    let names: Vec<_> = names.iter().map(|(path, name)| (path.as_path(), *name)).collect();
    let line = "cd ../outside; mv h h2 alone l d ../fixture";
    let changes = moving(&fixture, &names, line);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((picture(&outside), fixture.all()), (first, Vec::new()));
}

#[test]
fn a_further_name_of_a_file_from_elsewhere_is_removed_while_the_other_stays() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("h", "shared")]);
    let touched = Touched {
        paths: [fixture.path("h"), outside.join("h")].into(),
        complete: true,
        ..Touched::default()
    };
    let changes = fixture.with_trace(Some(&touched), || fixture.sh("ln ../outside/h ."));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("h"), None);
    assert_eq!(fs::read_to_string(outside.join("h")).unwrap(), "shared");
}

#[test]
fn what_nobody_traced_stays_whatever_it_is() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("h", "shared"), ("pkg/p", "one")]);
    fixture.sh("cd ../outside && ln h h2 && ln -s nowhere l");
    wait_for_a_tick(&outside.join("l"));
    let changes = fixture.with_trace(None, || fixture.sh("mv ../outside/* ."));
    let then = fixture.all();
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.all(), then);
}

#[test]
fn one_that_was_moved_and_then_written_to_goes_back_as_it_is() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "only\n")]);
    let file = outside.join("file");
    let changes = moving(&fixture, &[(&file, "file")], "mv ../outside/file . && echo more >> file");
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_to_string(&file).unwrap(), "only\nmore\n");
    assert_eq!(fixture.read("file"), None);
}

#[test]
fn one_that_a_later_command_of_the_turn_renamed_goes_all_the_way_back() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "only"), ("pkg/p", "one")]);
    let (file, pkg) = (outside.join("file"), outside.join("pkg"));
    let first = picture(&outside);
    let mut changes =
        moving(&fixture, &[(&file, "file"), (&pkg, "pkg")], "mv ../outside/* .").files;
    changes.extend(fixture.command(|| fixture.sh("mv file name; mv pkg other")).files);
    fixture.undo(&changes, Pick::Offered);
    assert_eq!((picture(&outside), fixture.all()), (first, Vec::new()));
}

#[test]
fn one_that_came_over_another_goes_back_and_the_other_comes_back() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "theirs")]);
    let file = outside.join("file");
    fixture.write("file", "mine");
    let changes = moving(&fixture, &[(&file, "file")], "mv -f ../outside/file .");
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("file").unwrap(), "mine");
    assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
}

#[test]
fn one_that_came_over_another_stays_while_something_else_is_where_it_was() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "theirs")]);
    let file = outside.join("file");
    fixture.write("file", "mine");
    let changes = moving(&fixture, &[(&file, "file")], "mv -f ../outside/file .");
    fs::write(&file, "new by hand").unwrap();
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("file").unwrap(), "theirs");
    assert_eq!(fs::read_to_string(&file).unwrap(), "new by hand");
}

#[test]
fn one_whose_place_is_taken_meanwhile_is_not_removed() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "theirs")]);
    let file = outside.join("file");
    let changes = moving(&fixture, &[(&file, "file")], "mv ../outside/file .");
    fs::write(&file, "new by hand").unwrap();
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("file").unwrap(), "theirs");
    assert_eq!(fs::read_to_string(&file).unwrap(), "new by hand");
}

/// Between disks, moving is copying and removing: the new file is the only one.
#[test]
fn one_that_came_from_another_disk_is_not_removed() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "only"), ("pkg/p", "one")]);
    let (file, pkg) = (outside.join("file"), outside.join("pkg"));
    let changes = moving(
        &fixture,
        &[(&file, "file"), (&pkg, "pkg")],
        "cp ../outside/file . && cp -r ../outside/pkg . && rm -r ../outside/*",
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_to_string(&file).unwrap(), "only");
    assert_eq!(fs::read_to_string(pkg.join("p")).unwrap(), "one");
    assert_eq!(fixture.all(), Vec::new());
}

#[test]
fn what_the_command_itself_made_elsewhere_is_removed() {
    let fixture = Fixture::new();
    let made = outside(&fixture, &[]).join("made");
    let both: BTreeSet<PathBuf> = [made.clone(), fixture.path("made")].into();
    let touched =
        Touched { paths: both.clone(), renamed: both, absent: [made].into(), complete: true };
    let changes = fixture.with_trace(Some(&touched), || {
        fixture.sh("echo x > ../outside/made; mv ../outside/made .");
    });
    assert_eq!(fixture.described(&changes.files), ["remove made"]);
}

/// Written in one call of the turn, where no copy was kept, and moved in by the next.
#[test]
fn one_that_the_turn_had_only_written_to_is_not_removed() {
    let fixture = Fixture::new();
    let outside = outside(&fixture, &[("file", "only\n")]);
    let file = outside.join("file");
    let touched = Touched { paths: [file.clone()].into(), complete: true, ..Touched::default() };
    let mut changes =
        fixture.with_trace(Some(&touched), || fixture.sh("echo more >> ../outside/file")).files;
    changes.extend(moving(&fixture, &[(&file, "file")], "mv ../outside/file .").files);
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.read("file").unwrap(), "only\nmore\n");
}

#[test]
fn what_is_left_of_a_file_without_a_copy_is_not_removed() {
    let fixture = Fixture::new();
    let large = fs::File::create(fixture.path("large")).unwrap();
    large.set_len(64 << 20).unwrap();
    let changes = fixture.command(|| fixture.sh("mv large other; echo more >> other"));
    fixture.undo(&changes.files, Pick::Offered);
    assert!(fixture.path("other").exists());
}
