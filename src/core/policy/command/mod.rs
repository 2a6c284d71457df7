//! The effects of a command line: one [`CommandPart`] for each simple command in it, however deeply
//! it is wrapped.

mod danger;
mod deletions;
mod git;
mod hosts;
mod invoke;
mod leave_out;
mod look;
mod losses;
mod needs;
mod pattern;
mod readers;
mod settings;
mod walk;
mod wrappers;

use std::ops::Range;
use std::path::{Path, PathBuf};

pub use git::keeps_history;
pub use look::look;
pub use losses::losses;
pub use walk::{line_edits, parts};

use super::shell::ShellWord;

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandPart {
    /// As rules see it: the outermost wrapper first, itself last.
    pub texts: Vec<CommandText>,
    /// The same with each name that a variable in it stands for, for rules that forbid.
    pub spelled: Vec<CommandText>,
    /// Why it may not just run; a command that only reads inside the folder has none.
    pub reasons: Vec<AskReason>,
    /// Paths and other words of it that rules about reading may forbid.
    pub mentions: Vec<String>,
    /// Files in the folder that it writes to by its own words, besides its output.
    pub edits: Vec<NamedFiles>,
    /// Files in the folder whose contents it may destroy.
    pub loses: Vec<NamedFiles>,
    pub learnable: LearnableRule,
    /// Names of what it deletes by its own words, for people.
    pub deletes: Vec<String>,
    /// Where it stands in the line, in letters, where that is known.
    pub at: Option<Range<usize>>,
}

/// Files that a command names by its own words, relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedFiles {
    /// Whatever fits this, with all below it.
    Glob(String),
    /// This, with all below it.
    Tree(PathBuf),
}

impl NamedFiles {
    /// Whether a file of the folder is among them.
    pub fn covers(&self, path: &Path) -> bool {
        match self {
            Self::Glob(pattern) => {
                path.ancestors().any(|above| super::glob::fits(pattern, &above.to_string_lossy()))
            }
            Self::Tree(tree) => path.starts_with(tree),
        }
    }
}

/// Words with one blank in between; assignments before them left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandText {
    /// Words that hold blanks or quotes, and empty ones, stand in single quotes.
    pub quoted: String,
    /// The same without those quotes, and also without the system folder before the command: for
    /// rules that forbid.
    pub also: [String; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskReason {
    pub kind: ReasonKind,
    /// For people: one sentence without a full stop.
    pub why: String,
}

/// The kinds of reasons, the mildest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonKind {
    /// It only reads, where nothing can keep it from what may be secret.
    Unguarded,
    /// It only reads, unless settings of the folder make it run something: harmless in a sandbox.
    Configured,
    /// It is not known to only read.
    Other,
    /// It reads outside of the folder, from that place where it is known, or may.
    ReadsOutside(Option<PathBuf>),
    /// It may throw work away or run more than it seems: rules learned from gentler uses do not
    /// count.
    Care,
    /// It sets what changes other commands.
    Setting,
    /// Its output goes to a file inside the folder.
    Write(PathBuf),
    /// It throws away what nothing brings back: also where it is kept in.
    Loss,
    /// It needs more than the sandbox gives.
    Need,
    /// It reaches ports on the loopback device, as far as its words tell: a command in the sandbox
    /// has one there that leads nowhere else.
    Loopback,
    /// It uses the network: these hosts, as settings name them; none where it is not known which.
    Network(Vec<String>),
    /// It writes outside of the folder by its own words, to that place where it is known.
    Beyond(Option<PathBuf>),
    /// Its output goes to a file outside of the folder, in the same way.
    Escape(Option<PathBuf>),
    Unclear,
    /// It names a file that may hold secrets.
    Secret(String),
    Danger,
}

/// The rule that "always" would learn from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LearnableRule {
    Exactly(String),
    #[default]
    Nothing,
    /// Whatever begins with this.
    Prefix(String),
}

impl ReasonKind {
    /// Whether it is of no matter where a command is kept in.
    pub fn is_harmless_inside(&self) -> bool {
        matches!(
            self,
            Self::Other | Self::ReadsOutside(_) | Self::Care | Self::Setting | Self::Write(_)
        )
    }
}

impl AskReason {
    pub fn new(kind: ReasonKind, why: impl Into<String>) -> Self {
        Self { kind, why: why.into() }
    }
}

impl CommandText {
    pub fn of(words: &[ShellWord]) -> Self {
        let join = |texts: Vec<String>| texts.join(" ");
        let plain: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
        let mut named = plain.clone();
        if let Some(first) = named.first_mut() {
            *first = command_name(first).to_owned();
        }
        Self {
            quoted: join(words.iter().map(|word| quote(&word.text)).collect()),
            also: [join(plain), join(named)],
        }
    }
}

fn quote(text: &str) -> String {
    let odd =
        text.is_empty() || text.contains(|c: char| c.is_whitespace() || matches!(c, '\'' | '"'));
    if odd { format!("'{}'", text.replace('\'', r"'\''")) } else { text.to_owned() }
}

/// The name of a command, without a folder that every system has.
fn command_name(text: &str) -> &str {
    let folders =
        ["/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/", "/opt/homebrew/bin/"];
    let rest = folders
        .iter()
        .find_map(|folder| text.strip_prefix(folder))
        .filter(|rest| !rest.contains('/'));
    rest.unwrap_or(text)
}

/// Whether short options (`-rf`) hold a letter. Letters after it may be its value, so this says yes
/// rather too often.
fn has_letter(words: &[ShellWord], letters: &str) -> bool {
    let options = words.iter().map(|word| word.text.as_str()).take_while(|text| *text != "--");
    options
        .filter(|text| text.starts_with('-') && !text.starts_with("--"))
        .any(|text| text.contains(|c| letters.contains(c)))
}

/// Whether a long option is there, or a text that may be its beginning: GNU takes any unambiguous
/// one.
fn has_option(words: &[ShellWord], names: &[&str]) -> bool {
    let options = words.iter().map(|word| word.text.as_str()).take_while(|text| *text != "--");
    options.filter(|text| text.starts_with("--")).any(|text| {
        let given = text.split('=').next().unwrap_or(text);
        names.iter().any(|name| name.starts_with(given) && given.len() > 2)
    })
}

/// Words that are no options.
fn operands(words: &[ShellWord]) -> impl Iterator<Item = &ShellWord> {
    let mut all = false;
    words.iter().filter(move |word| {
        let was = all;
        all |= word.text == "--";
        was || !(word.text.starts_with('-') && word.text.len() > 1)
    })
}
