//! Skills (agentskills.io): folders with a `SKILL.md`, found in the project and in the home, and
//! checked against what the standard asks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::is_secret;
use crate::base::text::{clean, clean_line};

use super::commands::one_line;
use super::frontmatter::Document;
use super::places::{Bringer, ExtensionPlaces, Place};

/// Below each folder of a project.
const IN_FOLDERS: [&str; 6] = [
    ".codling/skills",
    ".agents/skills",
    ".claude/skills",
    ".opencode/skill",
    ".opencode/skills",
    ".codex/skills",
];
/// Below codling's own folder.
const IN_CONFIG: [&str; 1] = ["skills"];
/// Below the home.
const IN_HOME: [&str; 5] = [
    ".agents/skills",
    ".claude/skills",
    ".config/opencode/skill",
    ".config/opencode/skills",
    ".codex/skills",
];
const FILE: &str = "SKILL.md";

const MOST: usize = 200;
const LONGEST_NAME: usize = 64;
const LONGEST_DESCRIPTION: usize = 1024;
const LONGEST_COMPATIBILITY: usize = 500;
/// Entries of one skill's folder.
const MOST_ENTRIES: usize = 200;
const DEEPEST: usize = 5;

/// A skill that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// The name, as it is called.
    pub name: String,
    /// One line that says when to use it; empty where the file has none.
    pub description: String,
    /// Its folder, without links.
    pub folder: PathBuf,
    /// Its file, as people know it.
    pub origin: String,
    /// Who brought it.
    pub bringer: Bringer,
    /// Whether the model is told of it; a person can always call it.
    pub is_offered: bool,
    /// Sentences without a full stop about what is wrong with it.
    pub problems: Vec<String>,
    body: String,
}

/// All skills, and files that hold none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skills {
    /// Each name once, sorted.
    pub list: Vec<Skill>,
    /// Files that cannot be used, as people know them, and why, without a full stop.
    pub broken: Vec<(String, String)>,
}

/// Reads all skills, and says of those whose folder commands cannot read why that is. Blocks.
pub fn skills_for_people(places: &ExtensionPlaces) -> Skills {
    read_all(places, |place, skill, folder| {
        if place.bringer == Bringer::Person {
            skill.problems.extend(hindrance(place, folder).map(str::to_owned));
        }
    })
}

/// Reads all skills. Blocks.
pub fn skills(places: &ExtensionPlaces) -> Skills {
    read_all(places, |_, _, _| ())
}

fn read_all(places: &ExtensionPlaces, check: impl Fn(&Place, &mut Skill, &Path)) -> Skills {
    let mut all = Skills::default();
    for place in places.all(&IN_FOLDERS, &IN_CONFIG, &IN_HOME) {
        for path in place.find(|path| path.file_name().is_some_and(|name| name == FILE)) {
            if all.list.len() + all.broken.len() >= MOST {
                break;
            }
            match read(places, &place, &path) {
                Ok(mut skill) => match all.list.iter_mut().find(|it| it.name == skill.name) {
                    Some(nearer) => nearer
                        .problems
                        .push(format!("`{}` has the same name and is not used", skill.origin)),
                    None => {
                        check(&place, &mut skill, path.parent().unwrap_or(&path));
                        all.list.push(skill);
                    }
                },
                Err(why) => all.broken.push((places.shown(&path), why)),
            }
        }
    }
    all.list.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// The folders with skills, found by their names alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkillFolders {
    /// Whether there is any skill.
    pub has_skills: bool,
    /// Folders of the person's own skills that commands may read.
    pub own: Vec<PathBuf>,
}

/// Looks for skills without reading their files. Blocks.
pub fn skill_folders(places: &ExtensionPlaces) -> SkillFolders {
    let mut found = SkillFolders::default();
    for place in places.all(&IN_FOLDERS, &IN_CONFIG, &IN_HOME) {
        let files = place.find(|path| path.ends_with(FILE));
        found.has_skills |= !files.is_empty();
        let folders = files.iter().take(MOST).filter_map(|file| file.parent());
        let open = folders.filter(|folder| hindrance(&place, folder).is_none());
        found.own.extend(open.filter_map(|folder| folder.canonicalize().ok()));
    }
    found
}

/// The reason why commands may not read the folder of a skill, without a full stop; `None` where
/// they may, or where the project brings it. Only the very folder is opened, without links, and
/// only where no file in it may hold secrets.
fn hindrance(place: &Place, folder: &Path) -> Option<&'static str> {
    let of_place = || {
        let inner = folder.strip_prefix(&place.folder).ok()?;
        Some(place.folder.canonicalize().ok()?.join(inner))
    };
    if place.bringer == Bringer::Project {
        return Some("the folder of the project is open to commands");
    }
    if folder.canonicalize().ok() != of_place() {
        return Some("commands cannot read its folder, which is a link");
    }
    match entries(folder) {
        None => Some("commands cannot read its folder: it has too many files, or links"),
        Some(files) if files.iter().any(|path| is_secret(path)) => {
            Some("commands cannot read its folder: a file in it may hold secrets")
        }
        Some(_) => None,
    }
}

fn read(places: &ExtensionPlaces, place: &Place, path: &Path) -> Result<Skill, String> {
    let text = place.read(path, &places.root)?;
    let folder = path.parent().unwrap_or(path);
    let real = folder.canonicalize().map_err(|error| crate::base::cause(&error))?;
    let document = Document::parse(&text);
    let folder_name = clean_line(&folder.file_name().unwrap_or_default().to_string_lossy())
        .replace(char::is_whitespace, "-");
    let mut problems: Vec<String> = document.problem.iter().cloned().collect();
    let name = match document.field("name") {
        None => {
            problems.push("it has no `name`, so its folder's is taken".into());
            folder_name
        }
        Some(name) => {
            let name = one_line(name).replace(char::is_whitespace, "-");
            if !is_standard(&name) {
                problems.push(
                    "its `name` must have 1 to 64 lower-case letters, digits and single `-`".into(),
                );
            }
            if name != folder_name {
                problems.push(format!("its `name` differs from its folder's, `{folder_name}`"));
            }
            name
        }
    };
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(['/', '`']) {
        return Err("its name cannot be used".into());
    }
    let is_long = |field, longest| {
        document.field(field).is_some_and(|text: &str| text.chars().count() > longest)
    };
    let description = document.field("description").unwrap_or_default();
    if description.is_empty() {
        problems.push("it has no `description`, which says when to use it".into());
    }
    if is_long("description", LONGEST_DESCRIPTION) {
        problems.push(format!("its `description` is longer than {LONGEST_DESCRIPTION} letters"));
    }
    if is_long("compatibility", LONGEST_COMPATIBILITY) {
        problems
            .push(format!("its `compatibility` is longer than {LONGEST_COMPATIBILITY} letters"));
    }
    let cut: String = description.chars().take(LONGEST_DESCRIPTION).collect();
    Ok(Skill {
        name,
        description: clean_line(&cut).split_whitespace().collect::<Vec<_>>().join(" "),
        folder: real,
        origin: places.shown(path),
        bringer: place.bringer,
        is_offered: document.field("disable-model-invocation") != Some("true"),
        problems,
        body: clean(document.body.trim()).into_owned(),
    })
}

fn is_standard(name: &str) -> bool {
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= LONGEST_NAME
        && name.split('-').all(|part| !part.is_empty() && part.chars().all(is_good))
}

impl Skills {
    /// The skill of a name.
    pub fn named(&self, name: &str) -> Option<&Skill> {
        self.list.iter().find(|skill| skill.name == name)
    }

    /// Skills that a prompt mentions as `$name`, each once.
    pub fn mentioned(&self, prompt: &str) -> Vec<&Skill> {
        let mut found: Vec<&Skill> = Vec::new();
        for (at, _) in prompt.match_indices('$') {
            let rest = &prompt[at + 1..];
            let is_end = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
            let name = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            if let Some(skill) = self.named(name)
                && !found.iter().any(|known| known.name == skill.name)
            {
                found.push(skill);
            }
        }
        found
    }

    /// Says which skills there are, in at most `room` bytes: with descriptions, else as many names
    /// as fit. `None` where none is offered. `is_read_by_path` adds the files to be read.
    pub fn catalogue(&self, room: usize, reading: SkillReading) -> Option<String> {
        let offered: Vec<&Skill> = self.list.iter().filter(|skill| skill.is_offered).collect();
        if offered.is_empty() {
            return None;
        }
        let (how, file): (_, fn(&Skill) -> String) = match reading {
            SkillReading::Tool => ("Load it with the tool `skill`", |_| String::new()),
            SkillReading::Path => ("Read its file with the shell", |skill| {
                format!(" (file: {})", skill.folder.join(FILE).display())
            }),
        };
        let head = format!(
            "\n# Skills\n\nA skill is a folder with instructions for one kind of task. {how} before you begin such \
             a task, or where the user names it; paths in it are relative to its folder.\n\n"
        );
        let lines = offered
            .iter()
            .map(|skill| format!("- {}: {}{}\n", skill.name, skill.description, file(skill)));
        let whole = format!("{head}{}", lines.collect::<String>());
        if whole.len() <= room {
            return Some(whole);
        }
        let mut short = head;
        for (at, skill) in offered.iter().enumerate() {
            let line = format!("- {}{}\n", skill.name, file(skill));
            let left = offered.len() - at;
            if short.len() + line.len() + 20 > room {
                short.push_str(&format!("(and {left} more)\n"));
                break;
            }
            short.push_str(&line);
        }
        Some(short)
    }
}

/// How the model reads a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillReading {
    /// By its path, with commands.
    Path,
    /// With codling's own tool.
    Tool,
}

impl Skill {
    /// Its instructions, its folder and the files in it, for the model. Blocks.
    pub fn text(&self) -> String {
        let files = entries(&self.folder).unwrap_or_default();
        let names: Vec<String> = files
            .iter()
            .filter(|path| !path.ends_with(FILE))
            .filter_map(|path| path.strip_prefix(&self.folder).ok())
            .map(|path| format!("- {}\n", clean_line(&path.display().to_string())))
            .collect();
        let files = match names.as_slice() {
            [] => String::new(),
            names => format!("\nFiles in it:\n{}", names.concat()),
        };
        let folder = clean_line(&self.folder.display().to_string()).into_owned();
        format!("# Skill `{}`\n\nFolder: {folder}\n{files}\n{}\n", self.name, self.body)
    }
}

/// The files of a skill, sorted; `None` if there are too many, or links among them.
fn entries(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((at, depth)) = folders.pop() {
        for entry in fs::read_dir(&at).ok()? {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && found.len() < MOST_ENTRIES {
                found.push(entry.path());
            } else {
                return None;
            }
        }
    }
    found.sort();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extensions::tests::Fixture;

    fn skill(name: &str, description: &str) -> String {
        format!("---\nname: {name}\ndescription: {description}\n---\nDo {name}.")
    }

    #[test]
    fn skills_are_found_from_the_folder_up_and_then_in_the_home() {
        let fixture = Fixture::new();
        fixture.write("repo/sub/.codex/skills/near/SKILL.md", &skill("near", "n"));
        fixture.write("repo/.agents/skills/a/b/deep/SKILL.md", &skill("deep", "d"));
        fixture.write("repo/.claude/skills/near/SKILL.md", &skill("near", "far"));
        fixture.write("home/.claude/skills/own/SKILL.md", &skill("own", "o"));
        fixture.write("home/.codex/skills/.system/x/SKILL.md", &skill("x", "x"));
        fixture.write("config/skills/mine/SKILL.md", &skill("mine", "m"));
        let all = skills(&fixture.places);
        let names: Vec<_> = all.list.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["deep", "mine", "near", "own"]);
        assert_eq!(all.named("near").unwrap().description, "n");
        assert_eq!(all.named("near").unwrap().problems.len(), 1);
        assert_eq!(all.broken, []);
    }

    #[test]
    fn what_is_wrong_with_a_skill_is_said_and_it_is_used_where_it_can_be() {
        let fixture = Fixture::new();
        let write = |name: &str, text: &str| {
            fixture.write(&format!(".agents/skills/{name}/SKILL.md"), text);
        };
        write("good", &skill("good", "g"));
        write("other", &skill("differs", "d"));
        write("Upper", &skill("Upper_Case", "u"));
        write("none", "no head at all");
        write("long", &skill("long", &"x".repeat(2_000)));
        write("colon", &skill("colon", "Use when: asked"));
        write("large", &"x".repeat(3 << 20));
        write("binary", "---\nname: binary\n---\n\0");
        write("slash", &skill("a/b", "s"));
        let all = skills(&fixture.places);
        let problems: Vec<_> =
            all.list.iter().map(|it| (it.name.as_str(), it.problems.len())).collect();
        assert_eq!(
            problems,
            [
                ("Upper_Case", 2),
                ("colon", 1),
                ("differs", 1),
                ("good", 0),
                ("long", 1),
                ("none", 2)
            ]
        );
        assert_eq!(all.named("colon").unwrap().description, "Use when: asked");
        assert_eq!(all.broken.len(), 3, "{:?}", all.broken);
    }

    #[test]
    fn the_catalogue_keeps_within_its_room() {
        let fixture = Fixture::new();
        let all = || skills(&fixture.places);
        assert_eq!(all().catalogue(10_000, SkillReading::Tool), None);
        for number in 0..100 {
            let text = skill(&format!("s{number:03}"), &"word ".repeat(50));
            fixture.write(&format!(".agents/skills/s{number:03}/SKILL.md"), &text);
        }
        let hidden = "---\nname: hidden\ndescription: h\ndisable-model-invocation: true\n---\n";
        fixture.write(".agents/skills/hidden/SKILL.md", hidden);
        let whole = all().catalogue(50_000, SkillReading::Tool).unwrap();
        assert!(whole.contains("- s099: word word") && !whole.contains("hidden"));
        let names = all().catalogue(2_000, SkillReading::Tool).unwrap();
        assert!(names.contains("- s099\n") && !names.contains("word"), "{names}");
        let cut = all().catalogue(800, SkillReading::Path).unwrap();
        assert!(cut.len() <= 820 && cut.contains("SKILL.md)") && cut.contains("more)"), "{cut}");
    }

    #[test]
    fn a_prompt_mentions_skills_by_a_dollar() {
        let fixture = Fixture::new();
        fixture.write(".agents/skills/pdf/SKILL.md", &skill("pdf", "p"));
        let all = skills(&fixture.places);
        assert_eq!(all.mentioned("use $pdf, then $pdf and $pdfs or $HOME").len(), 1);
        assert_eq!(all.mentioned("costs $5"), Vec::<&Skill>::new());
    }

    #[test]
    fn folders_with_links_or_secrets_are_not_opened() {
        let fixture = Fixture::new();
        for name in ["good", "link", "moved", "secret"] {
            fixture.write(&format!("home/.claude/skills/{name}/SKILL.md"), &skill(name, "x"));
        }
        fixture.write("home/.claude/skills/good/scripts/a.sh", "echo");
        fixture.write("home/.claude/skills/secret/.env", "TOKEN=x");
        fixture.write("repo/.claude/skills/project/SKILL.md", &skill("project", "x"));
        let home = fixture.places.home.clone().unwrap();
        let home_skills = home.join(".claude/skills");
        std::os::unix::fs::symlink(&home, home_skills.join("link/out")).unwrap();
        let elsewhere = fixture.places.root.parent().unwrap().join("elsewhere");
        std::fs::rename(home_skills.join("moved"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, home_skills.join("moved")).unwrap();
        let found = skill_folders(&fixture.places);
        assert_eq!(found.own, [home_skills.join("good")]);
        let all = skills_for_people(&fixture.places);
        for (name, problems) in
            [("good", 0), ("link", 1), ("moved", 1), ("secret", 1), ("project", 0)]
        {
            assert_eq!(all.named(name).unwrap().problems.len(), problems, "{name}");
        }
        let text = all.named("good").unwrap().text();
        assert!(text.contains("- scripts/a.sh\n") && text.contains("Do good."), "{text}");
    }
}
