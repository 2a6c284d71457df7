//! Warnings about an approval: lookalike letters of other alphabets (homoglyphs) and encoded hosts
//! (Punycode).

use crate::base::text;
use crate::base::{domain_as_read, lookalikes};
use crate::protocol::ApprovalSubject;

use super::literal_lines::code_point;

/// The most letters and hosts that a warning names.
const LETTERS: usize = 4;

/// Warnings about lookalike letters and encoded hosts of a planned action.
pub fn warnings(subject: &ApprovalSubject) -> Vec<String> {
    let texts: &[String] = match subject {
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
        read.into_iter()
            .take(LETTERS)
            .map(|(domain, read)| format!("`{domain}` stands for `{}`", text::clean_line(&read))),
    );
    warnings
}
