//! `git` commands that change a repository and lose nothing of it.

use super::super::{AskReason, CommandPart, ReasonKind, readers};

/// Subcommands that change the repository so that all that was committed can still be reached.
const KEEPING: [&str; 14] = [
    "add",
    "apply",
    "branch",
    "checkout",
    "cherry-pick",
    "commit",
    "merge",
    "mv",
    "rebase",
    "restore",
    "revert",
    "stash",
    "switch",
    "tag",
];

/// Whether a line consists of such git commands and others that only read, so that it may write to
/// `.git`. Each part comes with the reasons that count where it is to run.
pub fn keeps_history(parts: &[(&CommandPart, &[AskReason])]) -> bool {
    let keeps = |(part, reasons): &(&CommandPart, &[AskReason])| {
        let [text] = part.texts.as_slice() else { return false };
        let mut words = text.quoted.split(' ');
        match (words.next(), words.next()) {
            (Some("git"), Some(sub)) if KEEPING.contains(&sub) => {
                let harsh = reasons.iter().any(|reason| {
                    !matches!(
                        reason.kind,
                        ReasonKind::Other | ReasonKind::ReadsOutside(_) | ReasonKind::Configured
                    )
                });
                let rest: Vec<&str> = words.collect();
                let drops = sub == "stash"
                    && !matches!(
                        rest.first(),
                        None | Some(&("push" | "apply" | "pop" | "list" | "show" | "-u" | "-m"))
                    );
                let runs = rest.iter().any(|word| {
                    ["-x", "-i", "--exec", "--interactive"]
                        .iter()
                        .any(|name| word.starts_with(name))
                });
                !harsh && !drops && !runs
            }
            (Some("git"), _) => reasons.is_empty(),
            (Some(name), _) => reasons.is_empty() && !readers::heeds_settings(name),
            (None, _) => false,
        }
    };
    let changes = |(_, reasons): &(&CommandPart, &[AskReason])| !reasons.is_empty();
    !parts.is_empty() && parts.iter().any(changes) && parts.iter().all(keeps)
}
