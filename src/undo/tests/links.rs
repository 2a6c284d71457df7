//! Links of both kinds, modes and owners.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use super::*;
use crate::base::Attributes;

#[test]
fn symbolic_links_come_back_as_they_were() {
    let garden = Garden::new();
    garden.write("a", "a");
    garden.write("plain", "was a file");
    garden.sh("ln -s a kept; ln -s a turned; ln -s a gone; ln -s a replaced");
    let first = garden.all();
    let changes = garden.command(|| {
        garden.sh("ln -s b new; ln -sfn nowhere turned; rm gone; rm replaced; echo file > replaced; rm plain; ln -s a plain");
    });
    assert_eq!(
        garden.told(&changes.files),
        ["create gone", "remove new", "restore plain", "restore replaced", "restore turned"]
    );
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn hard_links_come_back_as_links() {
    let garden = Garden::new();
    garden.write("one", "shared");
    garden.write("sub/x", "x");
    garden.sh("ln one two; ln one three");
    let node = |path: &str| fs::metadata(garden.path(path)).unwrap().ino();
    let changes = garden.command(|| garden.sh("rm two; echo more >> one"));
    assert_eq!(garden.told(&changes.files), ["restore one", "restore three", "create two"]);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (garden.read("one").unwrap(), garden.read("two").unwrap(), garden.read("three").unwrap()),
        ("shared".into(), "shared".into(), "shared".into())
    );
    assert_eq!(
        node("one"),
        node("three"),
        "it is written through, so that its other names hold the same"
    );
    let changes = garden.command(|| garden.sh("rm three"));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(node("one"), node("three"), "another name of the same file");
}

#[test]
fn all_twelve_bits_of_a_mode_come_back() {
    let garden = Garden::new();
    garden.write("run.sh", "#!/bin/sh");
    garden.write("tool", "x");
    fs::create_dir(garden.path("folder")).unwrap();
    set_mode(&garden.path("run.sh"), 0o640);
    set_mode(&garden.path("tool"), 0o4755);
    let first = garden.all();
    let changes = garden.command(|| {
        set_mode(&garden.path("run.sh"), 0o755);
        set_mode(&garden.path("tool"), 0o755);
        set_mode(&garden.path("folder"), 0o700);
    });
    assert_eq!(garden.told(&changes.files), ["restore folder", "restore run.sh", "restore tool"]);
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn an_owner_comes_back_where_one_may_give_it() {
    let garden = Garden::new();
    garden.write("a", "a");
    if std::os::unix::fs::chown(garden.path("a"), Some(12), Some(12)).is_err() {
        // Only root gives files away.
        return;
    }
    let owner = || fs::metadata(garden.path("a")).map(|about| (about.uid(), about.gid())).unwrap();
    let changes = garden.command(|| {
        std::os::unix::fs::chown(garden.path("a"), Some(0), Some(0)).unwrap();
        garden.write("a", "b");
    });
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!((owner(), garden.read("a").unwrap()), ((12, 12), "a".into()));
}

#[test]
fn what_belongs_to_another_group_comes_back_to_whoever_may_not_give_it_away() {
    let garden = Garden::new();
    garden.write("a", "a");
    let changes = garden.command(|| garden.write("a", "b"));
    let mut files = changes.files;
    // As where a folder of another group was handed to a person: nobody but root gives a file away to it.
    if std::os::unix::fs::chown(garden.path("a"), None, Some(4_000_000)).is_ok() {
        return;
    }
    files[0].before.as_mut().unwrap().owner = Some([4_000_000, 4_000_000]);
    let (done, kept) = garden.undo_steps(&files, &garden.preview(&files), Pick::All);
    assert_eq!((done.len(), garden.read("a").unwrap()), (1, "a".into()));
    assert!(kept[0].starts_with("a: it is back, but its owner cannot be given back"), "{kept:?}");
}

#[test]
fn nothing_is_written_through_a_link_that_was_swapped_in() {
    let garden = Garden::new();
    garden.write("sub/a", "one");
    garden.write("b", "one");
    let files = ["sub/a", "b", "sub/new"];
    let changes =
        garden.edit(&files, || files.iter().for_each(|name| garden.write(name, "two"))).files;
    let outside = garden.outside().join("elsewhere");
    fs::create_dir(&outside).unwrap();
    for name in ["a", "new", "b"] {
        fs::write(outside.join(name), "two").unwrap();
    }
    garden.rename("sub", "aside");
    symlink(&outside, garden.path("sub")).unwrap();
    garden.remove("b");
    symlink(outside.join("b"), garden.path("b")).unwrap();
    garden.undo(&changes, Pick::All);
    assert!(
        ["a", "new", "b"]
            .iter()
            .all(|name| fs::read_to_string(outside.join(name)).unwrap() == "two")
    );
}

#[test]
fn pipes_that_came_go_and_pipes_that_went_are_named() {
    let garden = Garden::new();
    garden.sh("mkfifo old");
    let changes = garden.command(|| garden.sh("rm old; mkfifo new"));
    assert_eq!(
        garden.told(&changes.files),
        ["remove new", "cannot old: pipes, sockets and devices cannot be made again"]
    );
    garden.undo(&changes.files, Pick::All);
    assert!(!garden.path("new").exists());
}

#[test]
fn a_name_that_was_written_anew_is_a_name_of_its_file_again() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.sh("mkdir sub; ln a sub/b");
    let first = garden.all();
    let anew = || garden.sh("echo two > draft; mv draft a");
    for by_a_tool in [true, false] {
        let changes =
            if by_a_tool { garden.edit(&["a"], anew) } else { garden.command(anew) }.files;
        assert_eq!(garden.told(&changes), ["restore a"]);
        garden.there_and_back(&changes, &first);
        garden.undo(&changes, Pick::Offered);
    }
}

#[test]
fn names_that_became_one_file_do_so_again_when_that_is_made_again() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "two");
    let changes = garden.command(|| garden.sh("echo three > a; ln -f a b; ln a c")).files;
    let then = garden.all();
    let undone = garden.undo(&changes, Pick::Offered);
    garden.undo(&undone, Pick::Offered);
    assert_eq!(garden.all(), then);
}

#[test]
fn names_of_a_file_that_was_made_anew_stay_together_when_their_mode_goes_back() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.sh("ln a b; chmod 644 a");
    let first = garden.all();
    let mode = garden.command(|| set_mode(&garden.path("a"), 0o755)).files;
    let gone = garden.command(|| garden.sh("rm a b; echo in the way of the number > c")).files;
    garden.undo(&gone, Pick::Offered);
    garden.undo(&mode, Pick::Offered);
    assert_eq!(garden.all(), first);
}

#[test]
fn a_name_that_became_another_files_is_its_own_files_again() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "two");
    garden.sh("ln b c");
    let first = garden.all();
    let changes = garden.command(|| garden.sh("echo three > a; ln -f a b")).files;
    assert_eq!(garden.told(&changes), ["restore a", "restore b"]);
    garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.all(), first);
}

#[test]
fn a_name_that_was_replaced_is_linked_again_to_one_that_moved() {
    let garden = Garden::new();
    garden.write("a", "one file");
    std::fs::hard_link(garden.path("a"), garden.path("b")).unwrap();
    let first = garden.all();
    let turn = garden.command(|| {
        garden.remove("a");
        garden.write("a", "another");
        garden.rename("b", "c");
    });
    garden.there_and_back(&turn.files, &first);
}

#[test]
fn a_name_of_another_link_is_a_link_of_its_own_again() {
    use std::os::unix::fs::{MetadataExt, lchown};

    let garden = Garden::new();
    std::os::unix::fs::symlink("there", garden.path("a")).unwrap();
    std::os::unix::fs::symlink("there", garden.path("b")).unwrap();
    // Links have no mode: what tells these two apart is the owner.
    let _root_alone_may = lchown(garden.path("b"), Some(65534), Some(65534));
    let [a, b] = ["a", "b"].map(|name| std::fs::symlink_metadata(garden.path(name)).unwrap().uid());
    let first = garden.all();
    let turn = garden.command(|| {
        garden.remove("a");
        std::fs::hard_link(garden.path("b"), garden.path("a")).unwrap();
    });
    assert_eq!(garden.told(&turn.files), if a != b { vec!["restore a"] } else { vec![] });
    garden.undo(&turn.files, Pick::Offered);
    assert_eq!(garden.all(), first);
}

/// Whether the disk knew what a file was given.
fn give(garden: &Garden, name: &str, given: &Attributes) -> bool {
    let file = fs::File::open(garden.path(name)).unwrap();
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
    let garden = Garden::new();
    let given = Attributes::from([
        ("user.note", b"mine".to_vec()),
        ("system.posix_acl_access", access_list()),
    ]);
    let names = ["changed", "empty", "gone", "moved", "taken"];
    for name in names {
        garden.write(name, if name == "empty" { "" } else { name });
        if !give(&garden, name, &given) {
            // Nothing is lost on a disk that knows none.
            return;
        }
        assert_eq!(mode_of(&fs::metadata(garden.path(name)).unwrap()), 0o664);
    }
    garden.write("plain", "x");
    let first = garden.all();
    let changes = garden.command(|| {
        for name in ["changed", "empty"] {
            garden.write("draft", "other");
            garden.rename("draft", name);
        }
        garden.remove("gone");
        garden.rename("moved", "elsewhere");
        assert!(give(&garden, "taken", &Attributes::default()));
        assert!(give(&garden, "plain", &Attributes::from([("user.note", b"theirs".to_vec())])));
    });
    assert_eq!(garden.told(&changes.files).len(), 6, "{:?}", garden.told(&changes.files));
    garden.there_and_back(&changes.files, &first);
    // What a person gave since is not taken from a file unasked.
    assert!(give(&garden, "plain", &Attributes::from([("user.note", b"by hand".to_vec())])));
    let told = garden.told(&changes.files);
    assert!(told.contains(&"restore plain (changed since)".to_owned()), "{told:?}");
}

/// Exchanges two names in the garden until it is dropped, with the folder held by its descriptor.
#[cfg(target_os = "linux")]
struct Attacker(
    std::sync::Arc<std::sync::atomic::AtomicBool>,
    Option<std::thread::JoinHandle<u64>>,
);

#[cfg(target_os = "linux")]
impl Attacker {
    fn exchanging(garden: &Garden, names: [&'static str; 2]) -> Self {
        use rustix::fs::{RenameFlags, renameat_with};
        let folder = fs::File::open(&garden.folder).unwrap();
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
    const SECRET: &str = "nobody in the garden may have this";
    let garden = Garden::new();
    let outside = garden.outside().join("theirs");
    for name in ["changed", "made", "moved", "mode", "linked", "folder/in"] {
        let path = outside.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, SECRET).unwrap();
    }
    for name in ["changed", "gone", "first", "mode", "linked"] {
        garden.write(&format!("sub/{name}"), name);
    }
    let changes = garden.command(|| {
        garden.write("sub/changed", "two");
        garden.write("sub/made", "two");
        garden.write("sub/folder/in", "two");
        garden.remove("sub/gone");
        garden.rename("sub/first", "sub/moved");
        set_mode(&garden.path("sub/mode"), 0o600);
        garden.remove("sub/linked");
        std::os::unix::fs::symlink("changed", garden.path("sub/linked")).unwrap();
    });
    std::os::unix::fs::symlink(&outside, garden.path("link")).unwrap();
    let before = picture(&outside);
    let attacker = Attacker::exchanging(&garden, ["sub", "link"]);
    let stolen = Digest::of(SECRET.as_bytes()).digits();
    let mut done = 0;
    for _ in 0..150 {
        let undone = garden.undo(&changes.files, Pick::All);
        let redone = garden.undo(&undone, Pick::All);
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
