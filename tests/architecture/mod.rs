//! The map in `src/lib.rs` is the law: what it does not allow fails here.

mod ceilings;
mod comments;
mod documents;
mod law;
mod modules;
mod source;
mod tokens;
mod types;
mod used;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use law::Law;
use source::{CRATES, Source};

/// The only entries that may stand at the top of the repository.
const TOP: [&str; 19] = [
    ".cargo",
    ".ci",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "assets",
    "auth.example.json",
    "clippy.toml",
    "deny.toml",
    "packaging",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src",
    "tests",
];

/// The bench prints its table, and cargo reads a build script; everything else writes to a stream it
/// was given.
const MAY_PRINT: [&str; 2] = ["src/services/build.rs", "tests/bench/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn law() -> Law {
    Law::parse(&fs::read_to_string(root().join("src/lib.rs")).unwrap())
}

/// Every Rust file below `src` or `tests`, read once for all tests.
fn sources(folder: &str) -> &'static [Source] {
    static SRC: LazyLock<Vec<Source>> = LazyLock::new(|| read_sources("src"));
    static TESTS: LazyLock<Vec<Source>> = LazyLock::new(|| read_sources("tests"));
    match folder {
        "src" => &SRC,
        _ => &TESTS,
    }
}

/// The repositories of evaluation tasks, to which the rules do not apply.
const TASKS: &str = "tests/eval/benchmark";

/// Every Rust file below a folder, relative to the repository.
fn read_sources(folder: &str) -> Vec<Source> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with(TASKS) => {}
                true => folders.push(path),
                false if path.extension().is_some_and(|end| end == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    let relative = |path: &Path| {
        path.strip_prefix(root())
            .unwrap()
            .iter()
            .map(|part| part.to_str().unwrap())
            .collect::<Vec<_>>()
            .join("/")
    };
    files
        .iter()
        .map(|path| Source::parse(&relative(path), &fs::read_to_string(path).unwrap()))
        .collect()
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "\n  {}\n", found.join("\n  "));
}

#[test]
fn rooms_use_only_the_rooms_and_crates_that_the_map_allows() {
    let law = law();
    let files = sources("src");
    assert!(files.len() > 40, "the sources were not found");
    assert_none(&files.iter().flat_map(|file| law.judge(file)).collect::<Vec<_>>());
}

#[test]
fn every_room_is_on_the_map_and_every_room_of_the_map_is_there() {
    let law = law();
    let folders = |place: &Path| -> Vec<String> {
        let entries = fs::read_dir(place).unwrap().map(|entry| entry.unwrap());
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    let src = root().join("src");
    let own = folders(&src).into_iter().filter(|name| !CRATES.contains(&name.as_str()));
    let own = own.map(|room| (src.clone(), room));
    let others = CRATES.map(|name| src.join(name));
    let others = others
        .iter()
        .flat_map(|place| folders(place).into_iter().map(|room| (place.clone(), room)));
    let rooms: Vec<(PathBuf, String)> = own.chain(others).collect();
    let names: BTreeSet<&str> = rooms.iter().map(|(_, room)| room.as_str()).collect();
    assert_eq!(names.len(), rooms.len(), "two rooms have one name: {rooms:?}");
    assert_eq!(names, law.rooms().collect());
    for (place, room) in rooms {
        let file = place.join("lib.rs");
        let text = fs::read_to_string(&file).unwrap();
        let is_declared =
            ["mod", "pub mod"].iter().any(|word| text.contains(&format!("\n{word} {room};\n")));
        assert!(is_declared, "`{room}` is not declared in {}", file.display());
    }
}

#[test]
fn no_public_name_of_a_crate_is_left_over() {
    assert_none(&used::unused(sources("src")));
}

#[test]
fn every_crate_keeps_the_lints() {
    for name in CRATES {
        let manifest = root().join("src").join(name).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains("\n[lints]\nworkspace = true\n"), "{}", manifest.display());
    }
}

#[test]
fn the_map_has_no_circles() {
    assert_none(&law().circles());
}

#[test]
fn only_what_is_meant_to_stands_at_the_top() {
    let tracked = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let tracked =
        tracked.ok().filter(|output| output.status.success() && !output.stdout.is_empty());
    let names: BTreeSet<String> = match tracked {
        Some(output) => String::from_utf8(output.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(|path| path.split('/').next().unwrap().to_owned())
            .collect(),
        // Without git, as in an unpacked archive, everything but what building makes.
        None => fs::read_dir(root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !["target", ".git"].contains(&name.as_str()))
            .collect(),
    };
    assert!(names.contains("Cargo.toml"), "{names:?}");
    assert_none(
        &names.into_iter().filter(|name| !TOP.contains(&name.as_str())).collect::<Vec<_>>(),
    );
}

#[test]
fn every_file_says_what_it_is_for_and_leaves_nothing_undone() {
    let found: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(sources)
        .flat_map(|file| file.blemishes(&MAY_PRINT))
        .collect();
    assert_none(&found);
}

#[test]
fn texts_in_assets_leave_nothing_undone() {
    let mut folders: Vec<PathBuf> = vec![root().join("assets")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                assert_eq!(source::undone(&text), None, "{}", path.display());
            }
        }
    }
}

/// The one file that may hold unsafe code.
const UNSAFE: &str = "src/services/sandbox/notify.rs";

#[test]
fn no_other_file_lifts_the_ban_on_unsafe_code() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("\nunsafe_code = \"deny\"\n"), "it is not forbidden any more");
    let lint = ["unsafe", "_code"].concat();
    let lifts: Vec<&str> = ["src", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|file| file.text.contains(&lint))
        .map(|file| file.path.as_str())
        .filter(|path| *path != "tests/architecture/mod.rs")
        .collect();
    assert_eq!(lifts, [UNSAFE]);
    let guide = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    assert!(
        guide.contains(&format!("`unsafe` but in `{UNSAFE}`")),
        "CONTRIBUTING.md does not say so"
    );
}

#[test]
fn every_path_that_the_documents_name_is_there() {
    let mut missing = Vec::new();
    for document in ["CONTRIBUTING.md", "README.md", "assets/guide/sandbox.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let paths = documents::paths(&text);
        assert!(!paths.is_empty(), "{document} names no path of the sources");
        missing.extend(
            paths
                .iter()
                .filter(|path| !root().join(path).exists())
                .map(|path| format!("{document}: `{path}` is not there")),
        );
    }
    assert_none(&missing);
}

#[test]
fn every_word_of_the_glossary_stands_in_the_file_it_names() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let rows = documents::glossary(&text);
    assert!(rows.len() >= 15, "the glossary was not found");
    let wrong = |row: &documents::Row| {
        let Some(path) = &row.path else { return Some(format!("`{}` names no file", row.word)) };
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        let missing = row.names.iter().find(|name| !documents::holds(&text, name))?;
        Some(format!("`{}`: there is no `{missing}` in {path}", row.word))
    };
    assert_none(&rows.iter().filter_map(wrong).collect::<Vec<_>>());
}

#[test]
fn no_folder_struct_or_knot_of_files_grows_over_its_ceiling() {
    assert_none(&ceilings::wrong_ceilings(sources("src"), sources("tests")));
}

#[test]
fn the_file_of_a_module_with_a_folder_stands_in_it() {
    let files = || ["src", "tests"].into_iter().flat_map(sources).map(|file| file.path.as_str());
    let folders: BTreeSet<&str> = files()
        .flat_map(|path| Path::new(path).ancestors().skip(1))
        .filter_map(Path::to_str)
        .collect();
    let beside = |path: &&str| folders.contains(path.trim_end_matches(".rs"));
    let found = files().filter(beside).map(|path| format!("{path} is to be the folder's `mod.rs`"));
    assert_none(&found.collect::<Vec<_>>());
}

#[test]
fn comments_of_clean_folders_say_at_once_who_does_what() {
    let files = sources("src").iter().chain(sources("tests"));
    assert_none(&files.flat_map(comments::wrong_comments).collect::<Vec<_>>());
}

#[test]
fn public_functions_say_when_they_fail() {
    let files = sources("src").iter();
    assert_none(&files.flat_map(comments::missing_errors).collect::<Vec<_>>());
}
