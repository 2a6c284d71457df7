//! Slash commands from files: where they are found, which one a name means, and what one says once
//! its arguments are in.

use std::path::{Path, PathBuf};

use crate::base::text::{clean, clean_line};
use crate::base::{is_secret, is_secret_place, phrases};

use super::frontmatter::Document;
use super::places::{self, Bringer, ExtensionPlaces, Place};
use super::settings_commands;
use super::template::{self, Piece};
use super::trust::{Definition, DefinitionKind};

/// Below each folder of a project.
const IN_FOLDERS: [&str; 5] = [
    ".codling/commands",
    ".codling/command",
    ".opencode/command",
    ".opencode/commands",
    ".claude/commands",
];
/// Below codling's own folder.
const IN_CONFIG: [&str; 2] = ["commands", "command"];
/// Below the home.
const IN_HOME: [&str; 4] =
    [".config/opencode/command", ".config/opencode/commands", ".claude/commands", CODEX];
const CODEX: &str = ".codex/prompts";
/// What Codex writes before the names of its prompts.
const CODEX_PREFIX: &str = "prompts/";

const MOST: usize = 300;
const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 200;
/// More of a file is not put in.
const LONGEST_FILE: u64 = 32 * 1024;
/// All files of one command together.
const MOST_FILES: usize = 10;

/// A slash command that a file defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCommand {
    /// The name without the slash, with `/` between the folders it stands in.
    pub name: String,
    /// One line for a menu; empty where the file has none.
    pub description: String,
    /// The arguments that it takes, as its file words it.
    pub hint: Option<String>,
    /// The file, as people know it.
    pub origin: String,
    /// Who brought it.
    pub bringer: Bringer,
    pub(super) template: String,
}

/// All commands, and what is wrong with files that hold none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCommands {
    /// Each name once, sorted.
    pub list: Vec<FileCommand>,
    /// Sentences without a full stop.
    pub problems: Vec<String>,
}

/// What a command says to the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledCommand {
    /// The text, with files put in, and without its commands of a shell.
    pub text: String,
    /// The commands of a shell that it wants to run first, in their order.
    pub shell: Vec<ShellCommand>,
}

/// A command of a shell in a slash command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// The line, with arguments.
    pub line: String,
    /// The byte of the text at which its output goes in.
    pub at: usize,
    /// What a person has to have said yes to; `None` for a command of the person's own.
    pub definition: Option<Definition>,
}

/// Reads all commands. Blocks.
pub fn commands(places: &ExtensionPlaces) -> FileCommands {
    let mut all = FileCommands::default();
    for place in places.all(&IN_FOLDERS, &IN_CONFIG, &IN_HOME) {
        let is_markdown = |path: &Path| path.extension().is_some_and(|ending| ending == "md");
        for path in place.find(is_markdown) {
            if all.list.len() >= MOST {
                let problem = format!("Only the first {MOST} commands are read");
                if !all.problems.contains(&problem) {
                    all.problems.push(problem);
                }
                break;
            }
            match read(places, &place, &path) {
                Ok(command) if all.list.iter().any(|nearer| nearer.name == command.name) => {}
                Ok(command) => all.list.push(command),
                Err(why) => {
                    all.problems.push(format!("`{}` is no command: {why}", places.shown(&path)))
                }
            }
        }
    }
    for (command, problem) in settings_commands::commands(places) {
        match command {
            Some(command) if all.list.iter().any(|known| known.name == command.name) => {}
            Some(command) if all.list.len() < MOST => all.list.push(command),
            _ => all.problems.extend(problem),
        }
    }
    all.list.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn read(places: &ExtensionPlaces, place: &Place, path: &Path) -> Result<FileCommand, String> {
    let name = path.strip_prefix(&place.folder).map_err(|error| error.to_string())?;
    let name = usable_name(&name.with_extension("").to_string_lossy())?;
    let text = place.read(path, &places.root)?;
    let document = Document::parse(&text);
    let line = |name| document.field(name).map(one_line);
    Ok(FileCommand {
        name,
        description: line("description").unwrap_or_default(),
        hint: line("argument-hint"),
        origin: places.shown(path),
        bringer: place.bringer,
        template: clean(document.body.trim_start_matches(['\r', '\n'])).into_owned(),
    })
}

/// A command's name with `/` between its parts.
///
/// # Errors
///
/// Fails with the reason if it cannot be one.
pub(super) fn usable_name(name: &str) -> Result<String, String> {
    let name = name.replace(':', "/");
    let is_good = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(is_good) {
        return Err(
            "its name is too long, or has other signs than letters, digits, `-` and `_`".into()
        );
    }
    Ok(name)
}

/// Text of a file as one line without control characters, cut where it is long.
pub(super) fn one_line(text: &str) -> String {
    phrases::shorten(&clean_line(text), LONGEST_DESCRIPTION)
}

impl FileCommands {
    /// The command that a prompt begins with, and its arguments.
    pub fn of_prompt<'a>(&self, prompt: &'a str) -> Option<(&FileCommand, &'a str)> {
        let rest = prompt.trim_start().strip_prefix('/')?;
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        Some((self.named(&rest[..end])?, rest[end..].trim()))
    }

    fn named(&self, name: &str) -> Option<&FileCommand> {
        let name = name.replace(':', "/");
        let find = |name: &str| self.list.iter().find(|command| command.name == name);
        let codex = || {
            let found = find(name.strip_prefix(CODEX_PREFIX)?)?;
            found.origin.contains(CODEX).then_some(found)
        };
        find(&name).or_else(codex)
    }

    /// All that a project's commands would run, for a person who trusts all of it.
    pub fn definitions(&self) -> Vec<Definition> {
        self.list.iter().flat_map(FileCommand::definitions).collect()
    }
}

impl FileCommand {
    /// Its commands of a shell, if it is the project's.
    fn definitions(&self) -> Vec<Definition> {
        if self.bringer == Bringer::Person {
            return Vec::new();
        }
        let define = |(at, text)| Definition {
            kind: DefinitionKind::ShellInCommand,
            name: format!("/{} {}", self.name, at + 1),
            text,
        };
        template::shell_lines(&self.template).into_iter().enumerate().map(define).collect()
    }

    /// Puts arguments and files in. Blocks.
    pub fn fill(&self, arguments: &str, places: &ExtensionPlaces) -> FilledCommand {
        let mut filled = FilledCommand::default();
        let mut definitions = self.definitions().into_iter();
        let mut files = Vec::new();
        for piece in template::fill(&self.template, arguments) {
            match piece {
                Piece::Text(text) => filled.text.push_str(&text),
                Piece::Shell { line, .. } => {
                    let (at, definition) = (filled.text.len(), definitions.next());
                    filled.shell.push(ShellCommand { line, at, definition });
                }
                Piece::File(path) => {
                    filled.text.push_str(&format!("`{path}`"));
                    let is_new = !files.iter().any(|(known, _)| *known == path);
                    if let Some(text) = included(&path, places).filter(|_| is_new) {
                        files.push((path, text));
                    }
                }
            }
        }
        for (path, text) in files.iter().take(MOST_FILES) {
            let end = if text.len() as u64 >= LONGEST_FILE { "\n(cut here)" } else { "" };
            let text = text.trim_end();
            filled.text.push_str(&format!("\n\n<file path=\"{path}\">\n{text}{end}\n</file>"));
        }
        filled
    }
}

/// The text of a file in the project that holds no secret. The model can ask for any other one.
fn included(path: &str, places: &ExtensionPlaces) -> Option<String> {
    let real: PathBuf = places.folder.join(path).canonicalize().ok()?;
    let home = places.home.as_deref();
    let is_free = real.starts_with(&places.root)
        && !is_secret(Path::new(path))
        && !is_secret(&real)
        && !is_secret_place(&real, home);
    let text = places::beginning(&real, LONGEST_FILE).filter(|_| is_free)?;
    Some(clean(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::extensions::tests::Fixture;

    fn names(fixture: &Fixture) -> Vec<String> {
        commands(&fixture.places).list.into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn commands_are_found_where_other_programs_keep_them_and_the_nearest_wins() {
        let fixture = Fixture::new();
        fixture.write("repo/.claude/commands/fix.md", "---\ndescription: far\n---\nfar");
        fixture.write("repo/sub/.opencode/command/fix.md", "---\ndescription: near\n---\nnear");
        fixture.write("repo/.codling/commands/git/commit.md", "commit");
        fixture.write("home/.codex/prompts/plan.md", "plan");
        fixture.write("home/.claude/commands/fix.md", "home");
        fixture.write("config/commands/own.md", "own");
        fixture.write("repo/.claude/commands/notes.txt", "no command");
        assert_eq!(names(&fixture), ["fix", "git/commit", "own", "plan"]);
        let all = commands(&fixture.places);
        let (fix, arguments) = all.of_prompt("/fix  the bug\n").unwrap();
        assert_eq!((&*fix.description, arguments), ("near", "the bug"));
        assert_eq!(fix.origin, "sub/.opencode/command/fix.md");
        for name in ["/git/commit", "/git:commit", "/plan x", "/prompts:plan"] {
            assert!(all.of_prompt(name).is_some(), "{name}");
        }
        for none in ["/prompts:own", "/commit", "fix", "/", "/usr/bin/fix"] {
            assert!(all.of_prompt(none).is_none(), "{none}");
        }
        assert_eq!(all.problems, [""; 0]);
    }

    #[test]
    fn files_that_are_no_commands_are_said_and_block_nothing() {
        let fixture = Fixture::new();
        fixture.write(".claude/commands/good.md", "good");
        fixture.write(".claude/commands/large.md", &"x".repeat(3 << 20));
        fixture.write(".claude/commands/bin\u{7}ary.md", "x");
        fixture.write(".claude/commands/zero.md", "a\0b");
        fixture.write(&format!(".claude/commands/{}.md", "n".repeat(150)), "x");
        fixture.write("../secret.md", "secret");
        let link = fixture.places.folder.join(".claude/commands/link.md");
        std::os::unix::fs::symlink(fixture.places.folder.join("../../../secret.md"), link).unwrap();
        let outside = fixture.places.root.parent().unwrap().join("out.md");
        fs::write(&outside, "secret").unwrap();
        let link = fixture.places.folder.join(".claude/commands/out.md");
        std::os::unix::fs::symlink(&outside, link).unwrap();
        let all = commands(&fixture.places);
        assert_eq!(all.list.len(), 1, "{all:?}");
        assert_eq!(all.problems.len(), 6, "{:?}", all.problems);
        assert!(all.problems.iter().all(|problem| !problem.contains('\u{7}')));
    }

    #[test]
    fn escape_codes_in_a_description_reach_no_screen() {
        let fixture = Fixture::new();
        let text = "---\ndescription: \"a\\e]0;owned\\a\\nb\"\nargument-hint: \u{1b}[31m[x]\n---\n\u{1b}[2J";
        fixture.write(".claude/commands/evil.md", text);
        let all = commands(&fixture.places);
        let evil = format!("{:?}", all.list);
        assert_eq!(all.list.len(), 1);
        assert!(!evil.contains("\\u{1b}") && !evil.contains("\\u{7}"), "{evil}");
    }

    #[test]
    fn thousands_of_commands_are_bounded() {
        let fixture = Fixture::new();
        for number in 0..MOST + 50 {
            fixture.write(&format!(".claude/commands/c{number}.md"), "x");
        }
        let all = commands(&fixture.places);
        assert_eq!((all.list.len(), all.problems.len()), (MOST, 1));
    }

    #[test]
    fn files_of_the_project_are_put_in_and_secrets_and_others_are_not() {
        let fixture = Fixture::new();
        fixture.write("a.txt", "apples @b.txt");
        fixture.write("b.txt", "bananas");
        fixture.write(".env", "TOKEN=plums");
        fixture.write("self.md", "---\n---\nagain @self.md");
        let template = "see @a.txt, @.env and @../../../etc/passwd @missing @/etc/passwd @self.md";
        fixture.write(".claude/commands/see.md", template);
        let all = commands(&fixture.places);
        let (see, _) = all.of_prompt("/see").unwrap();
        let filled = see.fill("", &fixture.places);
        assert!(filled.text.starts_with("see `a.txt`, `.env` and `../../../etc/passwd`"));
        assert_eq!(filled.text.matches("<file path=").count(), 2, "{}", filled.text);
        assert!(filled.text.contains("apples @b.txt\n</file>"), "{}", filled.text);
        for absent in ["bananas", "plums", "root:"] {
            assert!(!filled.text.contains(absent), "{}", filled.text);
        }
    }

    #[test]
    fn shell_commands_of_a_project_need_trust_and_the_persons_own_do_not() {
        let fixture = Fixture::new();
        fixture.write("repo/.claude/commands/a.md", "!`git log $1` and !`ls`");
        fixture.write("home/.claude/commands/b.md", "!`date`");
        let all = commands(&fixture.places);
        let of = |prompt| {
            let (command, arguments) = all.of_prompt(prompt).unwrap();
            command.fill(arguments, &fixture.places)
        };
        let filled = of("/a HEAD");
        assert_eq!(filled.text, " and ");
        let lines: Vec<_> = filled.shell.iter().map(|it| (it.line.as_str(), it.at)).collect();
        assert_eq!(lines, [("git log HEAD", 0), ("ls", 5)]);
        let texts: Vec<_> =
            filled.shell.iter().map(|it| it.definition.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(texts, ["git log $1", "ls"]);
        assert_eq!(all.definitions().len(), 2);
        assert_eq!(of("/b").shell[0].definition, None);
    }
}
