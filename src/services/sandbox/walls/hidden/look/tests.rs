//! Folders with something to hide in them, and what is found there.

use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

fn folder(names: &[&str]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    for name in names {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    (dir, root)
}

fn names(hidden: &Hidden, root: &Path) -> (Vec<String>, Vec<String>) {
    let Beside::Names(beside) = &hidden.beside else { panic!("{:?}", hidden.beside) };
    let inner = |path: &Path| path.strip_prefix(root).ok().map(|path| path.display().to_string());
    let mut beside: Vec<_> = beside.iter().filter_map(|path| inner(path)).collect();
    beside.sort();
    (hidden.existing.iter().filter_map(|(path, _)| inner(path)).collect(), beside)
}

#[test]
fn all_but_the_hidden_file_and_its_copies_is_named() {
    let all = [
        "beside",
        "data/beside",
        "data/codling/auth.json",
        "data/codling/.auth.json.x.tmp",
        "data/codling/other",
    ];
    let (_dir, root) = folder(&all);
    symlink("data", root.join("link")).unwrap();
    symlink("data/codling/auth.json", root.join("alias")).unwrap();
    let hidden = Hidden::look(&[root.join("alias")], Homes::default());
    let (existing, beside) = names(&hidden, &root);
    assert_eq!(existing, ["alias", "data/codling/.auth.json.x.tmp", "data/codling/auth.json"]);
    assert_eq!(beside, ["beside", "data/beside", "data/codling/other"]);
    let Beside::Names(all) = &hidden.beside else { panic!("{hidden:?}") };
    assert!(all.iter().all(|path| !root.starts_with(path)));
}

#[test]
fn a_place_is_found_through_links_and_dots_and_with_what_holds_it_before_it() {
    let (_dir, root) = folder(&["real/deep/key", "real/deep/kept", "real/other", "plain"]);
    symlink("real", root.join("way")).unwrap();
    symlink(root.join("way/deep"), root.join("far")).unwrap();
    for path in ["way/deep/key", "far/key", "real/../way/deep/key", "./real/deep/key"] {
        let (existing, beside) = names(
            &Hidden::look(
                &[root.join(path), root.join("not/there"), root.join("plain/file")],
                Homes::default(),
            ),
            &root,
        );
        assert_eq!(existing, ["real/deep/key"], "{path}");
        assert_eq!(beside, ["plain", "real/deep/kept", "real/other"], "{path}");
    }
    let both =
        Hidden::look(&[root.join("real/deep/key"), root.join("real/deep")], Homes::default());
    assert_eq!(
        names(&both, &root),
        (
            vec!["real/deep".into(), "real/deep/key".into()],
            vec!["plain".into(), "real/other".into()]
        )
    );
    assert_eq!(both.existing[0].1, Kind::Folder);
}

#[test]
fn a_name_fits_by_its_beginning_whatever_lies_between() {
    let places: Vec<PathBuf> = ["a", "ab", "ab.c", "abd", "b.x", "key"]
        .iter()
        .map(|name| Path::new("/d").join(name))
        .collect();
    let at = Names::by_folder(&places);
    let names = &at[OsStr::new("/d")];
    for (name, fits_file, fits_folder) in [
        ("a", true, true),
        ("ab.cd", true, true),
        ("abc", true, false),
        ("abd", true, true),
        ("abz", true, false),
        ("ab2", true, true),
        ("a-old", true, true),
        ("aé", true, false),
        (".ab", true, true),
        (".abz", true, false),
        ("..ab", false, false),
        ("b", false, false),
        ("b.x2", true, true),
        ("c", false, false),
        ("ke", false, false),
        ("key", true, true),
    ] {
        let fit = |kind| names.fit(OsStr::new(name), kind);
        assert_eq!((fit(Kind::Other), fit(Kind::Folder)), (fits_file, fits_folder), "{name}");
    }
}

#[test]
fn the_folder_of_another_program_is_not_hidden_with_one_whose_name_it_begins_with() {
    let (_dir, root) = folder(&[".op/config", ".op.old/config", ".opam/bin/ocaml", ".opam.key"]);
    let hidden = Hidden::look(&[root.join(".op")], Homes::default());
    let (existing, beside) = names(&hidden, &root);
    assert_eq!(existing, [".op", ".op.old", ".opam.key"]);
    assert_eq!(beside, [".opam"]);
}

#[test]
fn in_a_folder_that_may_not_be_listed_names_are_tried() {
    let (_dir, root) = folder(&["auth.json", "auth.json.old", "beside"]);
    let places = ["auth.json", "auth.json.old", "gone"].map(|name| root.join(name));
    let found = existing(
        &places,
        &Names::by_folder(&places),
        &mut Listings(HashMap::from([(root.clone().into(), None)])),
    );
    assert_eq!(
        found,
        [(root.join("auth.json"), Kind::Other), (root.join("auth.json.old"), Kind::Other)]
    );
}

#[test]
fn a_folder_that_one_may_not_look_into_stays_closed() {
    let (_dir, root) = folder(&["closed/deep/key", "open/file"]);
    let closed = root.join("closed");
    let look = || {
        // Root would see it; this is of this thread alone.
        if rustix::process::geteuid().is_root() {
            let nobody = rustix::process::Uid::from_raw(65534);
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
        Hidden::look(&[closed.join("deep/key"), root.join("open/none/key")], Homes::default())
    };
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let hidden = std::thread::scope(|threads| threads.spawn(look).join().unwrap());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(names(&hidden, &root), (Vec::new(), vec!["open".to_owned()]));
}

#[test]
fn nothing_to_hide_is_everything_and_too_much_beside_it_is_said() {
    assert_eq!(Hidden::look(&[], Homes::default()).beside, Beside::Everything);
    assert_eq!(
        Hidden::look(&["/not/there/auth.json".into()], Homes::default()).beside,
        Beside::Everything
    );
    let (_dir, root) = folder(&[]);
    // Names of one file are made sooner than files.
    fs::write(root.join("first"), "").unwrap();
    for number in 0..=MOST {
        fs::hard_link(root.join("first"), root.join(number.to_string())).unwrap();
    }
    let (_other, other) = folder(&["auth.json"]);
    for paths in [vec![root.join("auth.json")], vec![other.join("auth.json"), root.join("key")]] {
        assert_eq!(
            Hidden::look(&paths, Homes::default()).beside,
            Beside::TooMany { folder: root.clone() },
            "one of them alone is not hidden either"
        );
    }
}
