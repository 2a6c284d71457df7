//! A repository, a home and codling's own folder, for tests.

use std::fs;
use std::path::Path;

use super::{ExtensionPlaces, commands, skills};

pub(super) struct Fixture {
    pub(super) dir: tempfile::TempDir,
    pub(super) places: ExtensionPlaces,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["repo/sub", "home", "config"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        let home = Some(at("home").canonicalize().unwrap());
        let places =
            ExtensionPlaces::new(&at("repo/sub"), &at("repo"), home.as_deref(), &at("config"));
        Self { dir, places }
    }

    /// Writes a file of the session's folder, or of `repo/`, `home/` or `config/`.
    pub(super) fn write(&self, path: &str, text: &str) {
        let is_whole = ["repo/", "home/", "config/"].iter().any(|base| path.starts_with(base));
        let path = match is_whole {
            true => self.dir.path().join(path),
            false => self.dir.path().join("repo/sub").join(path),
        };
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_hundred_skills_and_fifty_commands_are_read_at_once() {
    let fixture = Fixture::new();
    for number in 0..100 {
        let head = format!("---\nname: s{number}\ndescription: {}\n---\n", "word ".repeat(40));
        let text = head + &"body\n".repeat(400);
        fixture.write(&format!("home/.claude/skills/s{number}/SKILL.md"), &text);
        if number < 50 {
            fixture.write(&format!(".claude/commands/c{number}.md"), &text);
        }
    }
    let found = (skills(&fixture.places).list.len(), commands(&fixture.places).list.len());
    assert_eq!(found, (100, 50));
}
