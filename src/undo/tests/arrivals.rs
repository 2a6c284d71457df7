//! What a command brought into the folder from elsewhere is older than the turn, and goes back or stays; it is never removed.

use super::moves::wait_for_a_tick;
use super::*;

/// Files outside, all older than the command that comes.
fn outside(garden: &Garden, files: &[(&str, &str)]) -> PathBuf {
    let outside = garden.outside().join("outside");
    for (file, text) in files {
        let path = outside.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    fs::create_dir_all(&outside).unwrap();
    let last = garden.outside().join("last");
    fs::write(&last, "").unwrap();
    wait_for_a_tick(&last);
    outside
}

/// A command that is known to have renamed these, from outside to a name in the folder.
fn moving(garden: &Garden, names: &[(&Path, &str)], line: &str) -> Changes {
    let both = names.iter().flat_map(|(from, to)| [from.to_path_buf(), garden.path(to)]);
    let renamed: BTreeSet<PathBuf> = both.collect();
    let touched = Touched { paths: renamed.clone(), renamed, complete: true, ..Touched::default() };
    garden.with_trace(Some(&touched), || garden.sh(line))
}

#[test]
fn a_folder_goes_back_as_it_was_with_links_modes_and_empty_folders() {
    let garden = Garden::new();
    let pkg = garden.outside().join("outside/pkg");
    outside(&garden, &[("pkg/p", "one"), ("pkg/in/q", "two")]);
    garden.sh("cd ../outside/pkg && ln -s p l && ln p twin && mkdir empty && chmod 700 empty in && chmod 750 .");
    wait_for_a_tick(&pkg.join("empty"));
    let first = picture(&pkg);
    let changes = moving(&garden, &[(&pkg, "pkg")], "mv ../outside/pkg .");
    assert_eq!(garden.told(&changes.files), [format!("move pkg to {}", pkg.display())]);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!((picture(&pkg), garden.path("pkg").exists()), (first, false));
    assert_eq!(mode_of(&fs::metadata(&pkg).unwrap()), 0o750);
}

#[test]
fn links_folders_and_further_names_go_back_too() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("h", "shared"), ("alone", "shared too")]);
    garden.sh("cd ../outside && ln h h2 && ln alone ../elsewhere && ln -s nowhere l && mkdir d");
    wait_for_a_tick(&outside.join("d"));
    let first = picture(&outside);
    let names = ["h", "h2", "alone", "l", "d"].map(|name| (outside.join(name), name));
    let names: Vec<_> = names.iter().map(|(path, name)| (path.as_path(), *name)).collect();
    let line = "cd ../outside; mv h h2 alone l d ../garden";
    let changes = moving(&garden, &names, line);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!((picture(&outside), garden.all()), (first, Vec::new()));
}

#[test]
fn a_further_name_of_a_file_from_elsewhere_is_removed_while_the_other_stays() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("h", "shared")]);
    let touched = Touched {
        paths: [garden.path("h"), outside.join("h")].into(),
        complete: true,
        ..Touched::default()
    };
    let changes = garden.with_trace(Some(&touched), || garden.sh("ln ../outside/h ."));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("h"), None);
    assert_eq!(fs::read_to_string(outside.join("h")).unwrap(), "shared");
}

#[test]
fn what_nobody_traced_stays_whatever_it_is() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("h", "shared"), ("pkg/p", "one")]);
    garden.sh("cd ../outside && ln h h2 && ln -s nowhere l");
    wait_for_a_tick(&outside.join("l"));
    let changes = garden.with_trace(None, || garden.sh("mv ../outside/* ."));
    let then = garden.all();
    garden.undo(&changes.files, Pick::All);
    assert_eq!(garden.all(), then);
}

#[test]
fn one_that_was_moved_and_then_written_to_goes_back_as_it_is() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "only\n")]);
    let file = outside.join("file");
    let changes = moving(&garden, &[(&file, "file")], "mv ../outside/file . && echo more >> file");
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_to_string(&file).unwrap(), "only\nmore\n");
    assert_eq!(garden.read("file"), None);
}

#[test]
fn one_that_a_later_command_of_the_turn_renamed_goes_all_the_way_back() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "only"), ("pkg/p", "one")]);
    let (file, pkg) = (outside.join("file"), outside.join("pkg"));
    let first = picture(&outside);
    let mut changes = moving(&garden, &[(&file, "file"), (&pkg, "pkg")], "mv ../outside/* .").files;
    changes.extend(garden.command(|| garden.sh("mv file name; mv pkg other")).files);
    garden.undo(&changes, Pick::Offered);
    assert_eq!((picture(&outside), garden.all()), (first, Vec::new()));
}

#[test]
fn one_that_came_over_another_goes_back_and_the_other_comes_back() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "theirs")]);
    let file = outside.join("file");
    garden.write("file", "mine");
    let changes = moving(&garden, &[(&file, "file")], "mv -f ../outside/file .");
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("file").unwrap(), "mine");
    assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
}

#[test]
fn one_that_came_over_another_stays_while_something_else_is_where_it_was() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "theirs")]);
    let file = outside.join("file");
    garden.write("file", "mine");
    let changes = moving(&garden, &[(&file, "file")], "mv -f ../outside/file .");
    fs::write(&file, "new by hand").unwrap();
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("file").unwrap(), "theirs");
    assert_eq!(fs::read_to_string(&file).unwrap(), "new by hand");
}

#[test]
fn one_whose_place_is_taken_meanwhile_is_not_removed() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "theirs")]);
    let file = outside.join("file");
    let changes = moving(&garden, &[(&file, "file")], "mv ../outside/file .");
    fs::write(&file, "new by hand").unwrap();
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("file").unwrap(), "theirs");
    assert_eq!(fs::read_to_string(&file).unwrap(), "new by hand");
}

/// Between disks, moving is copying and removing: the new file is the only one.
#[test]
fn one_that_came_from_another_disk_is_not_removed() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "only"), ("pkg/p", "one")]);
    let (file, pkg) = (outside.join("file"), outside.join("pkg"));
    let changes = moving(
        &garden,
        &[(&file, "file"), (&pkg, "pkg")],
        "cp ../outside/file . && cp -r ../outside/pkg . && rm -r ../outside/*",
    );
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_to_string(&file).unwrap(), "only");
    assert_eq!(fs::read_to_string(pkg.join("p")).unwrap(), "one");
    assert_eq!(garden.all(), Vec::new());
}

#[test]
fn what_the_command_itself_made_elsewhere_is_removed() {
    let garden = Garden::new();
    let made = outside(&garden, &[]).join("made");
    let both: BTreeSet<PathBuf> = [made.clone(), garden.path("made")].into();
    let touched =
        Touched { paths: both.clone(), renamed: both, absent: [made].into(), complete: true };
    let changes = garden.with_trace(Some(&touched), || {
        garden.sh("echo x > ../outside/made; mv ../outside/made .");
    });
    assert_eq!(garden.told(&changes.files), ["remove made"]);
}

/// Written in one call of the turn, where no copy was kept, and moved in by the next.
#[test]
fn one_that_the_turn_had_only_written_to_is_not_removed() {
    let garden = Garden::new();
    let outside = outside(&garden, &[("file", "only\n")]);
    let file = outside.join("file");
    let touched = Touched { paths: [file.clone()].into(), complete: true, ..Touched::default() };
    let mut changes =
        garden.with_trace(Some(&touched), || garden.sh("echo more >> ../outside/file")).files;
    changes.extend(moving(&garden, &[(&file, "file")], "mv ../outside/file .").files);
    garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.read("file").unwrap(), "only\nmore\n");
}

#[test]
fn what_is_left_of_a_file_without_a_copy_is_not_removed() {
    let garden = Garden::new();
    let large = fs::File::create(garden.path("large")).unwrap();
    large.set_len(64 << 20).unwrap();
    let changes = garden.command(|| garden.sh("mv large other; echo more >> other"));
    garden.undo(&changes.files, Pick::Offered);
    assert!(garden.path("other").exists());
}
