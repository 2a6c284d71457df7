//! Homes of all sorts, and what is seen of them.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct Fixture {
    _dir: TempDir,
    root: PathBuf,
    access: HomeAccess,
    around: Surroundings,
}

impl Fixture {
    /// A home at `home`, and files below the folder around it.
    fn new(files: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("home")).unwrap();
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a = 1\n").unwrap();
        }
        let access = HomeAccess { homes: vec![root.join("home")], ..HomeAccess::default() };
        Self { _dir: dir, root, access, around: Surroundings::default() }
    }

    fn link(&self, to: &str, name: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.root.join(to), path).unwrap();
    }

    fn homes(&self) -> Homes {
        look(&self.access, &self.around)
    }

    /// The paths that are seen below the folder around the homes.
    fn seen(&self) -> Vec<String> {
        let homes = self.homes();
        let entries = homes.views.iter().flat_map(|home| &home.entries);
        let mut seen: Vec<String> = entries.map(|entry| self.inner(&entry.path)).collect();
        seen.sort();
        seen
    }

    fn inner(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap().display().to_string()
    }
}

#[test]
fn what_begins_with_a_dot_is_hidden_but_for_the_table() {
    let mut fixture = Fixture::new(&[
        "home/work/a/.env",
        "home/notes.txt",
        "home/id_rsa",
        "home/Library/Keychains/x",
        "home/.flux/config.yml",
        "home/.config/hub",
        "home/.config/git/config",
        "home/.config/git/credentials",
        "home/.cargo/bin/cargo",
        "home/.cargo/credentials.toml",
        "home/.cargo/config.toml",
        "home/.cargo/registry/src/a/lib.rs",
        "home/.local/share/keyrings/login",
        "home/.local/share/uv/python/bin/python",
        "home/.local/share/uv/credentials/x",
        "home/.ssh/id_ed25519",
        "home/.eslintrc.json",
    ]);
    let seen = [
        "home/.cargo/bin",
        "home/.cargo/config.toml",
        "home/.cargo/registry/src",
        "home/.config/git/config",
        "home/.eslintrc.json",
        "home/.local/share/uv/python",
        "home/notes.txt",
        "home/work",
    ];
    assert_eq!(fixture.seen(), seen);
    // A home by another way is the same one.
    fixture.link("home", "alias");
    fixture.access.homes.push(fixture.root.join("alias"));
    fixture.access.homes.push(fixture.root.join("not/there"));
    assert_eq!(fixture.seen(), seen);
}

#[test]
fn variables_move_places_and_never_onto_a_secret_or_all_of_a_home() {
    let mut fixture = Fixture::new(&[
        "home/.elsewhere/cargo/bin/cargo",
        "home/.elsewhere/cargo/config.toml",
        "home/.ssh/bin/id",
        "home/.ssh/config",
        "home/.aws/credentials",
        "home/.other/x",
        "home/.local/share/keyrings/x",
    ]);
    let home = fixture.root.join("home");
    for (from, to) in [
        (".cargo", ".elsewhere/cargo"),
        (".rustup", ".ssh"),
        (".config", ".ssh"),
        (".local/share/pnpm", ""),
        (".cache/uv", ".aws"),
        (".cache/pip", ".local/share"),
        (".cache/go-build", ".aws/credentials"),
        (".cache/deno", ".elsewhere/../.other"),
    ] {
        fixture.access.moved.push((from.into(), home.join(to)));
    }
    let seen = ["home/.elsewhere/cargo/bin", "home/.elsewhere/cargo/config.toml", "home/.other"];
    assert_eq!(fixture.seen(), seen);
}

#[test]
fn the_way_to_programs_opens_their_environment_and_not_what_lies_beside_it() {
    let mut fixture = Fixture::new(&[
        "home/.flux/bin/flyctl",
        "home/.flux/config.yml",
        "home/.tool/lib/x",
        "home/.tool/bin/tool",
        "home/.tool/token",
        "home/.venvs/a/bin/python",
        "home/.venvs/a/lib/x",
        "home/.venvs/a/.env",
        "home/.venvs/b/lib/x",
        "home/.local/share/own/versions/1",
        "home/.local/share/own/login",
        "home/.local/bin/x",
        "home/.ssh/bin/x",
        "home/.lone",
    ]);
    fixture.link("home/.tool/bin/tool", "home/.local/bin/tool");
    fixture.link("home/.local/share/own/versions/1", "home/.local/bin/own");
    fixture.link("home/.ssh/bin/x", "home/.local/bin/key");
    fixture.link("home/.lone", "home/.local/bin/lone");
    let home = fixture.root.join("home");
    let path = [".local/bin", ".flux/bin", ".venvs/a/bin", ".ssh/bin", ".ssh", "", ".config"];
    fixture.access.programs = path.map(|folder| home.join(folder)).into();
    assert_eq!(
        fixture.seen(),
        [
            "home/.flux/bin",
            "home/.local/bin",
            "home/.local/share/own/versions",
            "home/.lone",
            "home/.tool/bin",
            "home/.tool/lib",
            "home/.venvs/a",
        ]
    );
    let covered = fixture.homes().covered;
    assert_eq!(covered, [home.join(".venvs/a/.env")]);
}

#[test]
fn links_in_the_table_are_followed_unless_they_lead_to_a_secret() {
    let fixture = Fixture::new(&[
        "data/cargo/bin/cargo",
        "data/cache/pip/x",
        "home/.dotfiles/gitconfig",
        "home/.ssh/npmrc",
        "home/.gnupg/bin/x",
        "home/dots/inputrc",
    ]);
    fixture.link("data/cargo", "home/.cargo");
    fixture.link("data/cache", "home/.cache");
    fixture.link("home/.dotfiles/gitconfig", "home/.gitconfig");
    fixture.link("home/.ssh/npmrc", "home/.npmrc");
    fixture.link("home/.gnupg/bin", "home/.volta/bin");
    fixture.link("home/dots/inputrc", "home/.inputrc");
    fixture.link("home/.ssh", "home/keys");
    assert_eq!(
        fixture.seen(),
        [
            "home/.cache/pip",
            "home/.cargo/bin",
            "home/.gitconfig",
            "home/.inputrc",
            "home/dots",
            "home/keys",
        ]
    );
    let views = fixture.homes().views;
    let source = |name: &str| {
        let path = fixture.root.join(name);
        views[0].entries.iter().find(|entry| entry.path == path).unwrap().source.clone()
    };
    assert!(source("home/.cargo/bin") == HomeSource::Folder(fixture.root.join("data/cargo/bin")));
    assert!(source("home/.gitconfig") == HomeSource::Copy("a = 1\n".into()));
    // It leads to what is not there.
    assert!(matches!(source("home/keys"), HomeSource::Link(_)));
}

#[test]
fn settings_of_git_show_what_they_name() {
    let fixture = Fixture::new(&["home/.gitignore_global", "home/.work.gitconfig", "home/.other"]);
    fs::write(
        fixture.root.join("home/.gitconfig"),
        "[core]\n\texcludesFile = ~/.gitignore_global\n[include]\n\tpath = .work.gitconfig\n[x]\n\ty = ~/.other\n",
    )
    .unwrap();
    assert_eq!(
        fixture.seen(),
        ["home/.gitconfig", "home/.gitignore_global", "home/.work.gitconfig"]
    );
}

#[test]
fn without_copies_settings_are_shown_where_they_are_clean() {
    let mut fixture = Fixture::new(&["home/.gitconfig", "home/.npmrc", "home/.inputrc"]);
    fs::write(fixture.root.join("home/.npmrc"), "//a.org/:_authToken=x\n").unwrap();
    fixture.around.settings = SettingsMode::OnlyClean;
    assert_eq!(fixture.seen(), ["home/.gitconfig", "home/.inputrc"]);
}

#[test]
fn where_one_works_is_seen_and_so_is_what_was_opened() {
    let mut fixture = Fixture::new(&[
        "home/.dotfiles/.git/HEAD",
        "home/.dotfiles/nvim/init.lua",
        "home/.dotfiles/other",
        "home/.ssh/id",
        "home/.aws/config",
        "home/.aws/credentials",
        "home/.config/gh/hosts.yml",
    ]);
    let home = fixture.root.join("home");
    fixture.around.writable = vec![home.join(".dotfiles/nvim")];
    fixture.around.readable =
        vec![home.join(".ssh"), home.join(".aws/config"), home.join(".config")];
    assert_eq!(fixture.seen(), ["home/.aws/config", "home/.config", "home/.dotfiles", "home/.ssh"]);
    // A folder that holds secrets was not opened by their names.
    assert_eq!(fixture.homes().opened, [home.join(".ssh"), home.join(".aws/config")]);
}

#[test]
fn of_a_home_that_is_worked_in_names_are_covered_one_by_one() {
    let mut fixture = Fixture::new(&[
        "home/.git/HEAD",
        "home/.gitignore",
        "home/.bashrc",
        "home/.cargo/bin/cargo",
        "home/.cargo/credentials",
        "home/.config/x/y",
        "home/src/main.rs",
    ]);
    fixture.around.writable = vec![fixture.root.join("home")];
    let homes = fixture.homes();
    assert!(homes.views.is_empty());
    let mut covered: Vec<String> = homes.covered.iter().map(|path| fixture.inner(path)).collect();
    covered.sort();
    assert_eq!(covered, ["home/.bashrc", "home/.cargo/credentials", "home/.config"]);
    // Above it, nothing of it belongs to a project.
    fixture.around.writable = vec![fixture.root.clone()];
    assert_eq!(fixture.homes().covered.len(), 5);
}

#[test]
fn a_home_within_a_home_is_hidden_by_itself() {
    let mut fixture = Fixture::new(&[
        "home/plain/inner/.ssh/id",
        "home/plain/inner/work/a",
        "home/.own/inner/.cargo/bin/cargo",
        "home/.own/x",
    ]);
    for inner in ["home/plain/inner", "home/.own/inner"] {
        fixture.access.homes.push(fixture.root.join(inner));
    }
    let views = fixture.homes().views;
    let names: Vec<String> = views.iter().map(|view| fixture.inner(&view.folder)).collect();
    assert_eq!(names, ["home", "home/.own/inner", "home/plain/inner"]);
    for (path, is_hidden) in [
        ("home/plain/x", false),
        ("home/plain/inner", false),
        ("home/plain/inner/.ssh", true),
        ("home/plain/inner/work/a", false),
        ("home/.own/x", true),
        ("home/.own/inner/.cargo/bin/cargo", false),
        ("home/.own/inner/.cargo/credentials", true),
        ("other", false),
    ] {
        let path = fixture.root.join(path);
        assert_eq!(
            crate::sandbox::walls::home::view::hides(&views, &path),
            is_hidden,
            "{}",
            path.display()
        );
    }
}
