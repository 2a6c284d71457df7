//! An approval in words: its question, and warnings about lookalike letters of other alphabets
//! (homoglyphs) and encoded hosts (Punycode).

use crate::base::text::{self, reveal};
use crate::base::{code_point, domain_as_read, lookalikes};
use crate::protocol::{ApprovalSubject, DiffKind, FileDiff};

/// The most letters and hosts that a warning names.
const LETTERS: usize = 4;

impl ApprovalSubject {
    /// `Run this command?`
    pub fn question(&self) -> String {
        match self {
            Self::Change(files) => match files.as_slice() {
                [file] => {
                    let path =
                        if let DiffKind::Moved { from } = &file.kind { from } else { &file.path };
                    format!("{} {}?", verb(file), reveal(path))
                }
                [first, others @ ..] if others.iter().all(|file| verb(file) == verb(first)) => {
                    format!("{} {} files?", verb(first), files.len())
                }
                files => format!("Change {} files?", files.len()),
            },
            Self::Command(_) => "Run this command?".into(),
            Self::External { .. } => "Call this tool?".into(),
            Self::Fetch(_) => "Fetch this address?".into(),
            Self::Input { .. } => "Type this into a running command?".into(),
            Self::Look(_) => "Look at this?".into(),
            Self::Loss(_) => "Let this command go on?".into(),
        }
    }

    /// Warnings about lookalike letters and encoded hosts of a planned action.
    pub fn warnings(&self) -> Vec<String> {
        let texts: &[String] = match self {
            ApprovalSubject::Change(_) => return Vec::new(),
            ApprovalSubject::Command(text)
            | ApprovalSubject::Fetch(text)
            | ApprovalSubject::Loss(text) => std::slice::from_ref(text),
            ApprovalSubject::External { server, tool, arguments } => {
                &[server.clone(), tool.clone(), arguments.clone()]
            }
            ApprovalSubject::Input { command, text } => &[command.clone(), text.clone()],
            ApprovalSubject::Look(paths) => paths,
        };
        let mut letters: Vec<char> =
            texts.iter().flat_map(|text| lookalikes(text)).map(|(_, letter)| letter).collect();
        letters.sort_unstable();
        letters.dedup();
        let mut warnings = Vec::new();
        if !letters.is_empty() {
            let named: Vec<_> = letters
                .iter()
                .take(LETTERS)
                .map(|letter| format!("{letter} ({})", code_point(*letter)))
                .collect();
            let more = if letters.len() > LETTERS { " and others" } else { "" };
            let what = if letters.len() == 1 {
                "is not the letter it looks like"
            } else {
                "are not the letters they look like"
            };
            warnings.push(format!("{}{more} {what}", named.join(", ")));
        }
        let domains = texts
            .iter()
            .flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.')));
        let mut read: Vec<_> =
            domains.filter_map(|domain| Some((domain, domain_as_read(domain)?))).collect();
        read.dedup();
        warnings.extend(
            read.into_iter().take(LETTERS).map(|(domain, read)| {
                format!("`{domain}` stands for `{}`", text::clean_line(&read))
            }),
        );
        warnings
    }
}

fn verb(file: &FileDiff) -> &'static str {
    match file.kind {
        DiffKind::Added => "Create",
        DiffKind::Deleted => "Delete",
        DiffKind::Moved { .. } => "Move",
        DiffKind::Updated => "Change",
    }
}
