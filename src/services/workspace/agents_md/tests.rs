//! Projects with instructions, some of them hostile.

use super::*;
use crate::base::text::says;

struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    /// A repository with these files, and room for others beside it.
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir_all(project.path("repo/.git")).unwrap();
        fs::create_dir_all(project.path("repo/src/deep")).unwrap();
        for (path, text) in files {
            fs::write(project.path(path), text).unwrap();
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(path)
    }

    fn read(&self, folder: &str) -> AgentsFiles {
        read(&self.path(folder), Some(&self.path("AGENTS.md")))
    }
}

fn messages(guidance: &AgentsFiles) -> Vec<&str> {
    guidance.notices.iter().map(|notice| notice.message.as_str()).collect()
}

#[test]
fn guidance_is_read_from_the_persons_own_down_to_the_folder() {
    let project = Project::new(&[
        ("AGENTS.md", "own\n"),
        ("CLAUDE.md", "not of the repository"),
        ("repo/AGENTS.md", "root\n"),
        ("repo/CLAUDE.md", "not beside the other"),
        ("repo/src/CLAUDE.md", "source\n"),
        ("repo/src/deep/AGENTS.md", "\n \n"),
    ]);
    let found = project.read("repo/src/deep");
    let own = project.path("AGENTS.md").display().to_string();
    assert_eq!(
        found.text,
        format!(
            "\n## From `{own}`\n\nown\n\n## From `AGENTS.md`\n\nroot\n\n## From `src/CLAUDE.md`\n\nsource\n"
        )
    );
    assert_eq!(
        messages(&found),
        [format!("Read {own} (4 bytes), AGENTS.md (5 bytes) and src/CLAUDE.md (7 bytes)")]
    );
    assert_eq!(
        messages(&project.read("repo")),
        [format!("Read {own} (4 bytes) and AGENTS.md (5 bytes)")]
    );
}

#[test]
fn without_a_repository_only_the_folder_itself_counts() {
    let project = Project::new(&[("repo/AGENTS.md", "root")]);
    fs::remove_dir(project.path("repo/.git")).unwrap();
    assert_eq!(project.read("repo/src"), AgentsFiles::default());
    assert_eq!(messages(&project.read("repo")), ["Read AGENTS.md (4 bytes)"]);
}

#[test]
fn what_is_too_long_is_cut_at_a_line_and_the_model_is_told_where_the_rest_is() {
    let long = "a line of words\n".repeat(10_000);
    let project = Project::new(&[("repo/AGENTS.md", &long)]);
    let found = project.read("repo");
    assert!(found.text.len() < ROOM + 300, "{}", found.text.len());
    let (_, note) = found.text.rsplit_once("a line of words\n\n").unwrap();
    let path = project.path("repo/AGENTS.md").display().to_string();
    assert!(note.contains("line 2048;") && note.contains(&format!("`{path}`")), "{note}");
    assert_eq!(
        messages(&found),
        ["Read AGENTS.md (156.2 KB)", "AGENTS.md was cut: there is room for 32.0 KB of guidance"]
    );
    let project = Project::new(&[("repo/AGENTS.md", &"ä".repeat(ROOM))]);
    assert!(project.read("repo").text.len() < ROOM + 300);
}

#[test]
fn the_nearest_guidance_stays_whole_where_there_is_no_room_for_all() {
    let long = "a line of words\n".repeat(6_250);
    let project = Project::new(&[
        ("AGENTS.md", "own\n"),
        ("repo/AGENTS.md", &long),
        ("repo/src/AGENTS.md", "source\n"),
        ("repo/src/deep/AGENTS.md", "nearest\n"),
    ]);
    let found = project.read("repo/src/deep");
    assert!(found.text.ends_with(
        "\n## From `src/AGENTS.md`\n\nsource\n\n## From `src/deep/AGENTS.md`\n\nnearest\n"
    ));
    assert!(found.text.contains("\n\nown\n") && found.text.contains("cut here"));
    assert!(
        messages(&found)[0].ends_with("src/AGENTS.md (7 bytes) and src/deep/AGENTS.md (8 bytes)")
    );

    let project = Project::new(&[
        ("AGENTS.md", &long),
        ("repo/AGENTS.md", "root\n"),
        ("repo/src/AGENTS.md", &long),
    ]);
    let found = project.read("repo/src");
    let root = project.path("repo/AGENTS.md").display().to_string();
    let told = format!(
        "## From `AGENTS.md`\n\n(left out: there is no room for its 5 bytes. Read `{root}`"
    );
    assert!(found.text.contains(&told));
    assert!(found.text.matches("a line of words").count() > 2000 && found.text.len() < ROOM + 1000);
    let own = found.text.find("\n## From `AGENTS.md`").unwrap();
    assert!(own.abs_diff(ROOM / 2) < 500, "{own}");
}

#[cfg(unix)]
#[test]
fn traps_are_told_and_not_stepped_into() {
    use std::os::unix::fs::symlink;
    type Trap<'a> = (&'a str, Box<dyn Fn(&Project, &Path) + 'a>);
    let traps: [Trap<'_>; 7] = [
        (
            "link … out of … project",
            Box::new(|project, at| symlink(project.path("secret"), at).unwrap()),
        ),
        ("link … out of … project", Box::new(|_, at| symlink("/dev/zero", at).unwrap())),
        ("link … out of … project", Box::new(|_, at| symlink("../secret", at).unwrap())),
        ("link … nowhere", Box::new(|_, at| symlink("missing", at).unwrap())),
        ("link … nowhere", Box::new(|_, at| symlink("AGENTS.md", at).unwrap())),
        ("not a regular file", Box::new(|_, at| fs::create_dir(at).unwrap())),
        (
            "not a regular file",
            Box::new(|_, at| {
                assert!(std::process::Command::new("mkfifo").arg(at).status().unwrap().success())
            }),
        ),
    ];
    for (why, set) in &traps {
        let project = Project::new(&[("secret", "secret")]);
        set(&project, &project.path("repo/AGENTS.md"));
        let found = project.read("repo");
        let said = messages(&found);
        assert!(found.text.is_empty() && said.len() == 1, "{said:?}");
        assert!(says(said[0], &format!("AGENTS.md … not read … {why}")), "{said:?}");
    }
    let project = Project::new(&[("repo/src/notes.md", "notes")]);
    symlink("src/notes.md", project.path("repo/AGENTS.md")).unwrap();
    assert_eq!(messages(&project.read("repo")), ["Read AGENTS.md (5 bytes)"]);
}

#[test]
fn odd_bytes_and_hidden_letters_do_not_reach_the_model_as_they_are() {
    let project = Project::new(&[]);
    fs::write(project.path("repo/AGENTS.md"), b"a\xff\x1b[2J\xe2\x80\xaeb\xf3\xa0\x81\x81c")
        .unwrap();
    assert!(project.read("repo").text.ends_with("\n\na\u{fffd}␛[2Jbc\n"));
    let giant = project.path("repo/src/AGENTS.md");
    File::create(&giant).unwrap().set_len(40 << 30).unwrap();
    assert!(
        messages(&project.read("repo/src"))
            .iter()
            .any(|message| message.starts_with("src/AGENTS.md was cut"))
    );
}
