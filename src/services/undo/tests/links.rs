//! Links of both kinds, modes and owners.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use super::*;
use crate::base::Attributes;

#[test]
fn symbolic_links_come_back_as_they_were() {
    let fixture = Fixture::new();
    fixture.write("a", "a");
    fixture.write("plain", "was a file");
    fixture.sh("ln -s a kept; ln -s a turned; ln -s a gone; ln -s a replaced");
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.sh("ln -s b new; ln -sfn nowhere turned; rm gone; rm replaced; echo file > replaced; rm plain; ln -s a plain");
    });
    assert_eq!(
        fixture.described(&changes.files),
        ["create gone", "remove new", "restore plain", "restore replaced", "restore turned"]
    );
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn hard_links_come_back_as_links() {
    let fixture = Fixture::new();
    fixture.write("one", "shared");
    fixture.write("sub/x", "x");
    fixture.sh("ln one two; ln one three");
    let node = |path: &str| fs::metadata(fixture.path(path)).unwrap().ino();
    let changes = fixture.command(|| fixture.sh("rm two; echo more >> one"));
    assert_eq!(fixture.described(&changes.files), ["restore one", "restore three", "create two"]);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (
            fixture.read("one").unwrap(),
            fixture.read("two").unwrap(),
            fixture.read("three").unwrap()
        ),
        ("shared".into(), "shared".into(), "shared".into())
    );
    assert_eq!(
        node("one"),
        node("three"),
        "it is written through, so that its other names hold the same"
    );
    let changes = fixture.command(|| fixture.sh("rm three"));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(node("one"), node("three"), "another name of the same file");
}

#[test]
fn all_twelve_bits_of_a_mode_come_back() {
    let fixture = Fixture::new();
    fixture.write("run.sh", "#!/bin/sh");
    fixture.write("tool", "x");
    fs::create_dir(fixture.path("folder")).unwrap();
    set_mode(&fixture.path("run.sh"), 0o640);
    set_mode(&fixture.path("tool"), 0o4755);
    let first = fixture.all();
    let changes = fixture.command(|| {
        set_mode(&fixture.path("run.sh"), 0o755);
        set_mode(&fixture.path("tool"), 0o755);
        set_mode(&fixture.path("folder"), 0o700);
    });
    assert_eq!(
        fixture.described(&changes.files),
        ["restore folder", "restore run.sh", "restore tool"]
    );
    fixture.there_and_back(&changes.files, &first);
}

#[test]
#[ignore = "needs root; `.ci/run` runs it there"]
fn an_owner_comes_back_where_root_may_give_it() {
    let fixture = Fixture::new();
    fixture.write("a", "a");
    let given = std::os::unix::fs::chown(fixture.path("a"), Some(12), Some(12));
    given.expect("only root gives files away");
    let owner = || fs::metadata(fixture.path("a")).map(|about| (about.uid(), about.gid())).unwrap();
    let changes = fixture.command(|| {
        std::os::unix::fs::chown(fixture.path("a"), Some(0), Some(0)).unwrap();
        fixture.write("a", "b");
    });
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((owner(), fixture.read("a").unwrap()), ((12, 12), "a".into()));
}

#[test]
#[ignore = "needs an ordinary user; `.ci/run` runs it there"]
fn what_belongs_to_another_group_comes_back_to_an_ordinary_user_who_may_not_give_it_away() {
    let fixture = Fixture::new();
    fixture.write("a", "a");
    let changes = fixture.command(|| fixture.write("a", "b"));
    let mut files = changes.files;
    // As where a folder of another group was handed to a person: nobody but root gives a file away
    // to it.
    let given = std::os::unix::fs::chown(fixture.path("a"), None, Some(4_000_000));
    given.expect_err("an ordinary user gives nothing away");
    files[0].before.as_mut().unwrap().owner = Some([4_000_000, 4_000_000]);
    let (done, kept) = fixture.undo_steps(&files, &fixture.preview(&files), Pick::All);
    assert_eq!((done.len(), fixture.read("a").unwrap()), (1, "a".into()));
    assert!(kept[0].starts_with("a: it is back, but its owner cannot be given back"), "{kept:?}");
}

#[test]
fn nothing_is_written_through_a_link_that_was_swapped_in() {
    let fixture = Fixture::new();
    fixture.write("sub/a", "one");
    fixture.write("b", "one");
    let files = ["sub/a", "b", "sub/new"];
    let changes =
        fixture.edit(&files, || files.iter().for_each(|name| fixture.write(name, "two"))).files;
    let outside = fixture.outside().join("elsewhere");
    fs::create_dir(&outside).unwrap();
    for name in ["a", "new", "b"] {
        fs::write(outside.join(name), "two").unwrap();
    }
    fixture.rename("sub", "aside");
    symlink(&outside, fixture.path("sub")).unwrap();
    fixture.remove("b");
    symlink(outside.join("b"), fixture.path("b")).unwrap();
    fixture.undo(&changes, Pick::All);
    assert!(
        ["a", "new", "b"]
            .iter()
            .all(|name| fs::read_to_string(outside.join(name)).unwrap() == "two")
    );
}

#[test]
fn pipes_that_came_go_and_pipes_that_went_are_named() {
    let fixture = Fixture::new();
    fixture.sh("mkfifo old");
    let changes = fixture.command(|| fixture.sh("rm old; mkfifo new"));
    assert_eq!(fixture.described(&changes.files), ["remove new", cannot("old", SPECIAL).as_str()]);
    fixture.undo(&changes.files, Pick::All);
    assert!(!fixture.path("new").exists());
}

#[test]
fn a_name_that_was_written_anew_is_a_name_of_its_file_again() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.sh("mkdir sub; ln a sub/b");
    let first = fixture.all();
    let anew = || fixture.sh("echo two > draft; mv draft a");
    for by_a_tool in [true, false] {
        let changes =
            if by_a_tool { fixture.edit(&["a"], anew) } else { fixture.command(anew) }.files;
        assert_eq!(fixture.described(&changes), ["restore a"]);
        fixture.there_and_back(&changes, &first);
        fixture.undo(&changes, Pick::Offered);
    }
}

#[test]
fn names_that_became_one_file_do_so_again_when_that_is_made_again() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("b", "two");
    let changes = fixture.command(|| fixture.sh("echo three > a; ln -f a b; ln a c")).files;
    let then = fixture.all();
    let undone = fixture.undo(&changes, Pick::Offered);
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(fixture.all(), then);
}

#[test]
fn names_of_a_file_that_was_made_anew_stay_together_when_their_mode_goes_back() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.sh("ln a b; chmod 644 a");
    let first = fixture.all();
    let mode = fixture.command(|| set_mode(&fixture.path("a"), 0o755)).files;
    let gone = fixture.command(|| fixture.sh("rm a b; echo in the way of the number > c")).files;
    fixture.undo(&gone, Pick::Offered);
    fixture.undo(&mode, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

#[test]
fn a_name_that_became_another_files_is_its_own_files_again() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("b", "two");
    fixture.sh("ln b c");
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("echo three > a; ln -f a b")).files;
    assert_eq!(fixture.described(&changes), ["restore a", "restore b"]);
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

#[test]
fn a_name_that_was_replaced_is_linked_again_to_one_that_moved() {
    let fixture = Fixture::new();
    fixture.write("a", "one file");
    std::fs::hard_link(fixture.path("a"), fixture.path("b")).unwrap();
    let first = fixture.all();
    let turn = fixture.command(|| {
        fixture.remove("a");
        fixture.write("a", "another");
        fixture.rename("b", "c");
    });
    fixture.there_and_back(&turn.files, &first);
}

#[test]
fn a_name_of_another_link_is_a_link_of_its_own_again() {
    use std::os::unix::fs::{MetadataExt, lchown};

    let fixture = Fixture::new();
    std::os::unix::fs::symlink("there", fixture.path("a")).unwrap();
    std::os::unix::fs::symlink("there", fixture.path("b")).unwrap();
    // Links have no mode: what tells these two apart is the owner.
    let _root_alone_may = lchown(fixture.path("b"), Some(65534), Some(65534));
    let [a, b] =
        ["a", "b"].map(|name| std::fs::symlink_metadata(fixture.path(name)).unwrap().uid());
    let first = fixture.all();
    let turn = fixture.command(|| {
        fixture.remove("a");
        std::fs::hard_link(fixture.path("b"), fixture.path("a")).unwrap();
    });
    assert_eq!(fixture.described(&turn.files), if a != b { vec!["restore a"] } else { vec![] });
    fixture.undo(&turn.files, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

/// Whether the disk knew what a file was given.
fn give(fixture: &Fixture, name: &str, given: &Attributes) -> bool {
    let file = fs::File::open(fixture.path(name)).unwrap();
    given.give_to(&file).unwrap().is_empty()
}

/// Lets another user write, where the mode alone would let the whole group.
fn access_list() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 6, 1), (4, 4, u32::MAX), (16, 6, u32::MAX), (32, 4, u32::MAX)];
    entries.iter().fold(vec![2, 0, 0, 0], |list, (tag, rights, id)| {
        [&list[..], &tag.to_le_bytes(), &rights.to_le_bytes(), &id.to_le_bytes()].concat()
    })
}

#[cfg(target_os = "linux")]
#[test]
fn access_lists_and_attributes_come_back_and_go_again() {
    let fixture = Fixture::new();
    let given = Attributes::from([
        ("user.note", b"mine".to_vec()),
        ("system.posix_acl_access", access_list()),
    ]);
    let names = ["changed", "empty", "gone", "moved", "taken"];
    for name in names {
        fixture.write(name, if name == "empty" { "" } else { name });
        let is_given = give(&fixture, name, &given);
        assert!(is_given, "the disk of temporary files keeps no attributes: set TMPDIR");
        assert_eq!(mode_of(&fs::metadata(fixture.path(name)).unwrap()), 0o664);
    }
    fixture.write("plain", "x");
    let first = fixture.all();
    let changes = fixture.command(|| {
        for name in ["changed", "empty"] {
            fixture.write("draft", "other");
            fixture.rename("draft", name);
        }
        fixture.remove("gone");
        fixture.rename("moved", "elsewhere");
        assert!(give(&fixture, "taken", &Attributes::default()));
        assert!(give(&fixture, "plain", &Attributes::from([("user.note", b"theirs".to_vec())])));
    });
    assert_eq!(
        fixture.described(&changes.files).len(),
        6,
        "{:?}",
        fixture.described(&changes.files)
    );
    fixture.there_and_back(&changes.files, &first);
    // Attributes that a person gave since are not removed unasked.
    assert!(give(&fixture, "plain", &Attributes::from([("user.note", b"by hand".to_vec())])));
    let described = fixture.described(&changes.files);
    assert!(described.contains(&"restore plain (changed since)".to_owned()), "{described:?}");
}

/// Exchanges two names in the fixture until it is dropped, with the folder held by its descriptor.
#[cfg(target_os = "linux")]
struct Attacker(
    std::sync::Arc<std::sync::atomic::AtomicBool>,
    Option<std::thread::JoinHandle<u64>>,
);

#[cfg(target_os = "linux")]
impl Attacker {
    fn exchanging(fixture: &Fixture, names: [&'static str; 2]) -> Self {
        use rustix::fs::{RenameFlags, renameat_with};
        let folder = fs::File::open(&fixture.folder).unwrap();
        let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let until = std::sync::Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let mut done = 0;
            while !until.load(std::sync::atomic::Ordering::Relaxed) {
                let [one, other] = names;
                let exchange = RenameFlags::EXCHANGE;
                done += u64::from(renameat_with(&folder, one, &folder, other, exchange).is_ok());
                std::thread::yield_now();
            }
            done
        });
        Self(is_over, Some(thread))
    }

    /// How often it exchanged them.
    fn stop(mut self) -> u64 {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
        self.1.take().unwrap().join().unwrap()
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_exchanged_for_a_link_meanwhile_leads_no_undo_out() {
    const SECRET: &str = "nobody in the fixture may have this";
    let fixture = Fixture::new();
    let outside = fixture.outside().join("theirs");
    for name in ["changed", "made", "moved", "mode", "linked", "folder/in"] {
        let path = outside.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, SECRET).unwrap();
    }
    for name in ["changed", "gone", "first", "mode", "linked"] {
        fixture.write(&format!("sub/{name}"), name);
    }
    let changes = fixture.command(|| {
        fixture.write("sub/changed", "two");
        fixture.write("sub/made", "two");
        fixture.write("sub/folder/in", "two");
        fixture.remove("sub/gone");
        fixture.rename("sub/first", "sub/moved");
        set_mode(&fixture.path("sub/mode"), 0o600);
        fixture.remove("sub/linked");
        std::os::unix::fs::symlink("changed", fixture.path("sub/linked")).unwrap();
    });
    std::os::unix::fs::symlink(&outside, fixture.path("link")).unwrap();
    let before = picture(&outside);
    let attacker = Attacker::exchanging(&fixture, ["sub", "link"]);
    let stolen = Digest::of(SECRET.as_bytes()).digits();
    let mut done = 0;
    for _ in 0..150 {
        let undone = fixture.undo(&changes.files, Pick::All);
        let redone = fixture.undo(&undone, Pick::All);
        done += undone.len() + redone.len();
        for state in undone.iter().chain(&redone).filter_map(|change| change.before.as_ref()) {
            assert_ne!(state.digest(), Some(&*stolen));
        }
        assert_eq!(picture(&outside), before);
    }
    if attacker.stop() > 0 {
        assert!(done > 0, "something can be done between two exchanges");
    }
}
