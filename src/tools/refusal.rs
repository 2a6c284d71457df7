//! Why a call did not get what it asked for, in words that let the model ask better. Not an error of ours: the loop goes on.

use std::io;

use serde_json::Value;

use crate::base::Advice;
use crate::base::text::sentence;
use crate::net::VisitError;

use super::words::shorten;

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("`{url}` cannot be fetched: {reason}")]
    Address { url: String, reason: &'static str },
    #[error("The arguments are not a JSON object: {reason}")]
    Arguments { reason: String },
    #[error("`{shown}` is a binary file ({size}), which cannot be read as text")]
    Binary { shown: String, size: String },
    #[error("`{shown}` is not a regular file (a device, a pipe, a socket or a file of the kernel's), and is not read")]
    Device { shown: String },
    #[error("`{shown}` is a file, not a folder. `read` shows what is in it")]
    File { shown: String },
    #[error("The glob `{pattern}` is not valid: {reason}")]
    Glob { pattern: String, reason: String },
    #[error("`{shown}` is {size}, more than the {limit} that can be read. `grep` with this `path` finds lines in it")]
    Huge { shown: String, size: String, limit: String },
    #[error("`{shown}` cannot be read: {}", reason(.source))]
    Io { shown: String, source: io::Error },
    #[error("The picture `{shown}` is {size}, more than the {limit} that can be shown")]
    LargeImage { shown: String, size: String, limit: String },
    #[error("The call took too long and was ended")]
    Late,
    #[error("`{shown}` is not there{}", suggest(.near))]
    Missing { shown: String, near: Vec<String> },
    #[error("The parameter `{name}` is missing")]
    MissingArgument { name: &'static str },
    #[error("`{path}` is outside of the folder `{folder}`. Where it is needed, give its absolute path: the user may allow it")]
    Outside { path: String, folder: String },
    #[error("`{shown}` ({size}) is no PNG, JPEG, GIF or WebP picture. `read` shows text files")]
    NoPicture { shown: String, size: String },
    #[error("`{url}` is {kind} ({size}), which is no text")]
    NoText { url: String, kind: String, size: String },
    #[error("The page is too long for an answer, and could not be kept: {reason}")]
    NotKept { reason: String },
    #[error("`{shown}` has {lines}, so there is no line {offset}")]
    PastTheEnd { shown: String, lines: String, offset: u64 },
    #[error("`{shown}` holds credentials, and is not read")]
    Private { shown: String },
    #[error(
        "`{pattern}` is not a valid regular expression: {reason}. Characters such as `( ) [ ] {{ }} . * + ? |` need a backslash to stand for themselves"
    )]
    Regex { pattern: String, reason: String },
    #[error("The call was ended before it was done")]
    Stopped,
    #[error("There is no parameter `{name}`")]
    UnknownArgument { name: String },
    #[error("{}", advised(.source))]
    Visit { source: VisitError },
    #[error("The parameter `{name}` has to be {wanted}, not {found}")]
    WrongArgument { name: &'static str, wanted: &'static str, found: String },
}

impl Refusal {
    pub fn io(shown: &str, source: io::Error) -> Self {
        Self::Io { shown: shown.to_owned(), source }
    }

    /// The sentence for the model; where the call itself was wrong, with what the tool takes (`schema` is its JSON Schema).
    pub fn sentence(&self, schema: &str) -> String {
        match self {
            Self::Arguments { .. } | Self::MissingArgument { .. } | Self::UnknownArgument { .. } | Self::WrongArgument { .. } => {
                format!("{self}. {}", parameters(schema))
            }
            _ => self.to_string(),
        }
    }
}

/// The parameters of a schema in one sentence: "The parameters are `pattern` (string, required), `path` (string)".
fn parameters(schema: &str) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
    let Some(properties) = schema["properties"].as_object() else { return String::new() };
    let named: Vec<String> = properties
        .iter()
        .map(|(name, property)| {
            let kind = property["type"].as_str().unwrap_or("any");
            if required(name) { format!("`{name}` ({kind}, required)") } else { format!("`{name}` ({kind})") }
        })
        .collect();
    format!("The parameters are {}", named.join(", "))
}

fn advised(error: &VisitError) -> String {
    let told = shorten(&error.to_string(), 2000);
    match error.next_step() {
        Some(next) => format!("{}. {}", sentence(&told), shorten(&next, 1000)),
        None => sentence(&told).into_owned(),
    }
}

fn suggest(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [one] => format!(". There is `{one}`"),
        many => format!(". There are {}", many.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// The system's words differ between systems and carry numbers; the common ones get ours.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
