//! Why a call did not get what it asked for, in words that let the model ask better. Not an error
//! of ours: the loop goes on.

use std::io;

use serde_json::Value;

use crate::base::files::FileError;
use crate::base::phrases::shorten;
use crate::base::text::sentence;
use crate::base::{Advice, cause};
use crate::net::VisitError;
use crate::tools::pictures::pixels::Flaw;

#[derive(Debug, thiserror::Error)]
pub enum ToolRefusal {
    #[error("`{url}` cannot be fetched: {reason}")]
    Address { url: String, reason: &'static str },
    #[error("`{shown}` is already there. Change it with {}", .with)]
    AlreadyThere { shown: String, with: &'static str },
    #[error(
        "`oldString` stands more than once in `{shown}`: at {}. Give more of the lines around the one that is meant, or set `replaceAll`",
        numbers(.lines)
    )]
    Ambiguous { shown: String, lines: Vec<usize> },
    #[error("The arguments are not a JSON object: {reason}")]
    Arguments { reason: String },
    #[error("`{shown}` is a binary file ({size}), which cannot be read as text")]
    Binary { shown: String, size: String },
    #[error("`{shown}` is a binary file, and only text can be changed")]
    BinaryChange { shown: String },
    #[error(
        "`{shown}` has unsaved changes in the editor, and a command has changed it on the disk: one of both would be lost. Ask the person to save it or to reload it in the editor"
    )]
    Crossed { shown: String },
    #[error(
        "`{shown}` is not a regular file (a device, a pipe, a socket or a file of the kernel's), and is not read"
    )]
    Device { shown: String },
    #[error("`{shown}` is not written in UTF-8 ({found}), and only UTF-8 can be changed")]
    Encoding { shown: String, found: String },
    #[error("`{shown}` is a file, not a folder: read it instead")]
    File { shown: String },
    #[error("`{shown}` belongs to git, and no tool changes it. Use `git` itself")]
    Git { shown: String },
    #[error("The glob `{pattern}` is not valid: {reason}")]
    Glob { pattern: String, reason: String },
    #[error("Hunk {hunk} of `{shown}` {reason}. No file was changed{near}")]
    Hunk { shown: String, hunk: usize, reason: String, near: String },
    #[error(
        "`{shown}` is {size}, more than the {limit} that can be read. `grep` with this `path` finds lines in it"
    )]
    Huge { shown: String, size: String, limit: String },
    #[error("`{shown}` cannot be read: {}", reason(.source))]
    Io { shown: String, source: io::Error },
    #[error("The editor would not save `{shown}`: {reason}. No file was changed")]
    EditorRefusal { shown: String, reason: String },
    #[error("`{shown}` is {size}, more than the {limit} that can be changed")]
    LargeChange { shown: String, size: String, limit: String },
    #[error("The picture `{shown}` {flaw}")]
    BrokenPicture { shown: String, flaw: Flaw },
    #[error("The picture `{shown}` is {size}, more than the {limit} that can be shown")]
    LargeImage { shown: String, size: String, limit: String },
    #[error("`{shown}` is a link to another file. Name that file instead")]
    Link { shown: String },
    #[error("The call took too long and was ended")]
    Late,
    #[error("`{shown}` is not there{}", suggest(.near))]
    Missing { shown: String, near: Vec<String> },
    #[error("The parameter `{name}` is missing")]
    MissingArgument { name: &'static str },
    #[error("There is no session {id}. {}", running_jobs(.running))]
    NoJob { id: u64, running: Vec<(u64, String)> },
    #[error("There is no terminal for it: {reason}. Run it without `tty`")]
    NoPseudoTerminal { reason: String },
    #[error(
        "Session {id} has no terminal, so nothing can be typed into it. Start the command with `tty: true` to type into it"
    )]
    NoTerminal { id: u64 },
    #[error("No thread could be started for it: {reason}")]
    NoThread { reason: String },
    #[error(
        "The program took only {taken} of {all} bytes: it does not read its input now. Wait for its output first"
    )]
    NotTyped { taken: usize, all: usize },
    #[error("`{shown}` is not a file that can be written. Give the path of a file")]
    NotAFile { shown: String },
    #[error("`oldString` is not in `{shown}`.{near}")]
    NotFound { shown: String, near: String },
    #[error("Nothing would change: the text is already as it would become")]
    NothingChanges,
    #[error("`{shown}` has not been read yet: `read` it first")]
    NotRead { shown: String },
    #[error("`{path}` has control characters in its name. Choose another name")]
    OddName { path: String },
    #[error("`{path}` is outside of the folder `{folder}`, and only what is inside can be changed")]
    OutsideChange { path: String, folder: String },
    #[error("Line {line} of the patch {reason}. No file was changed")]
    Patch { line: usize, reason: String },
    #[error(
        "`{path}` is outside of the folder `{folder}`. Where it is needed, give its absolute path: the user may allow it"
    )]
    Outside { path: String, folder: String },
    #[error(
        "`{shown}` ({size}) is not a PNG, JPEG, GIF or WebP picture, and nothing else can be shown"
    )]
    NoPicture { shown: String, size: String },
    #[error("There is no skill `{name}`. The skills are: {known}")]
    NoSkill { name: String, known: String },
    #[error("`{url}` is {kind} ({size}), which is not text")]
    NoText { url: String, kind: String, size: String },
    #[error("The page is too long for an answer, and could not be kept: {source}")]
    NotKept { source: FileError },
    #[error("`{shown}` has {lines}, so there is no line {offset}")]
    PastTheEnd { shown: String, lines: String, offset: u64 },
    #[error("`{path}` is hidden from this conversation")]
    Hidden { path: String },
    #[error("`{shown}` holds credentials, and is not read")]
    Private { shown: String },
    #[error("`{shown}` holds credentials, and no tool changes it")]
    PrivateChange { shown: String },
    #[error("`{shown}` is read-only. Ask the person before you make it writable")]
    ReadOnly { shown: String },
    #[error(
        "`{pattern}` is not a valid regular expression: {reason}. Characters such as `( ) [ ] {{ }} . * + ? |` need a backslash to stand for themselves"
    )]
    Regex { pattern: String, reason: String },
    #[error("`oldString` and `newString` are the same, so nothing would change")]
    SameText,
    #[error("`{shown}` was changed since it was last read: read it again")]
    Stale { shown: String },
    #[error(
        "The editor did not answer within {seconds} seconds about `{shown}`. Nothing was done: what it has not saved there is not known"
    )]
    SilentEditor { shown: String, seconds: u64 },
    #[error(
        "The editor could not tell what it shows of `{shown}` ({why}). Nothing was done: what it has not saved there is not known"
    )]
    EditorFailed { shown: String, why: String },
    #[error(
        "The editor did not say whether it saved `{shown}`, and the disk does not hold it. It may come to it yet: read the file before you go on"
    )]
    SilentSave { shown: String },
    #[error("The call was ended before it was done")]
    Stopped,
    #[error("The files of this call are more than {limit} together. Make several calls of it")]
    TooMuch { limit: String },
    #[error("`{shown}` could not be written ({reason}), and these files were changed before and could not be put back: {}", quoted(.left))]
    Torn { shown: String, reason: String, left: Vec<String> },
    #[error("{most} commands are running, and no more can run at a time. {}", running_jobs(.running))]
    TooManyJobs { most: usize, running: Vec<(u64, String)> },
    #[error(
        "`{shown}` has unsaved changes in the editor, which takes no text for it. Ask the person to save it first"
    )]
    Unsaved { shown: String },
    #[error("There is no parameter `{name}`")]
    UnknownArgument { name: String },
    #[error("`{shown}` could not be written: {reason}. No file was changed")]
    Unwritten { shown: String, reason: String },
    #[error("{}", advised(.source))]
    Visit { source: VisitError },
    #[error("The parameter `{name}` has to be {wanted}, not {found}")]
    WrongArgument { name: &'static str, wanted: &'static str, found: String },
}

impl ToolRefusal {
    pub fn io(shown: &str, source: io::Error) -> Self {
        Self::Io { shown: shown.to_owned(), source }
    }

    pub fn unwritten(shown: String, kind: io::ErrorKind, words: String) -> Self {
        let reason = match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "the disk is full".to_owned()
            }
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
            io::ErrorKind::NotADirectory => "there is a file where a folder has to be".to_owned(),
            _ => words,
        };
        Self::Unwritten { shown, reason }
    }

    /// The sentence for the model; where the call itself was wrong, with what the tool takes
    /// (`schema` is its JSON Schema).
    pub fn sentence(&self, schema: &str) -> String {
        match self {
            Self::Arguments { .. }
            | Self::MissingArgument { .. }
            | Self::UnknownArgument { .. }
            | Self::WrongArgument { .. } => {
                format!("{self}. {}", parameters(schema))
            }
            _ => self.to_string(),
        }
    }
}

/// The parameters of a schema in one sentence: "The parameters are `pattern` (string, required),
/// `path` (string)".
fn parameters(schema: &str) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name))
    };
    let Some(properties) = schema["properties"].as_object() else { return String::new() };
    let named: Vec<String> = properties
        .iter()
        .map(|(name, property)| {
            let kind = property["type"].as_str().unwrap_or("any");
            if required(name) {
                format!("`{name}` ({kind}, required)")
            } else {
                format!("`{name}` ({kind})")
            }
        })
        .collect();
    format!("The parameters are {}", named.join(", "))
}

fn advised(error: &VisitError) -> String {
    let message = shorten(&error.to_string(), 2000);
    match error.next_step() {
        Some(next) => format!("{}. {}", sentence(&message), shorten(&next, 1000)),
        None => sentence(&message).into_owned(),
    }
}

/// `Running are 1 (npm run dev) and 2 (python3 -i)`.
fn running_jobs(running: &[(u64, String)]) -> String {
    let named: Vec<String> =
        running.iter().map(|(id, title)| format!("{id} (`{title}`)")).collect();
    match named.as_slice() {
        [] => "None is running".to_owned(),
        [one] => format!("Running is {one}"),
        many => format!("Running are {}", many.join(", ")),
    }
}

fn suggest(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [one] => format!(". There is `{one}`"),
        many => format!(". There are {}", quoted(many)),
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// `lines 3, 8 and 20`.
pub fn numbers(lines: &[usize]) -> String {
    let mut words: Vec<String> = lines.iter().map(usize::to_string).collect();
    match (words.pop(), words.is_empty()) {
        (Some(only), true) => format!("line {only}"),
        (Some(last), false) => format!("lines {} and {last}", words.join(", ")),
        (None, _) => String::new(),
    }
}

/// The system's words differ between systems; the common ones get ours.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => cause(error),
    }
}

#[cfg(test)]
mod tests;
