//! `git` commands that destroy what others have, or change what git runs.

use super::super::super::shell::ShellWord;
use super::super::{AskReason, ReasonKind, has_letter, has_option, operands};
use super::Git;

/// Whether it destroys what others have, or changes what git runs.
pub fn danger(words: &[ShellWord]) -> Option<AskReason> {
    let git = Git::read(words);
    let args = git.args;
    let named = |text: &str| args.iter().any(|word| word.text == text);
    if git.sub == "push" {
        let forces = has_option(
            args,
            &[
                "--force",
                "--force-with-lease",
                "--force-if-includes",
                "--mirror",
                "--delete",
                "--prune",
            ],
        ) || has_letter(args, "fd");
        let refs = operands(args).skip(1).find(|word| word.text.starts_with(['+', ':']));
        return (forces || refs.is_some()).then(|| {
            AskReason::new(
                ReasonKind::Danger,
                "It may destroy what others have (`git push` with force)",
            )
        });
    }
    if git.sub == "config" && !named("--get") && !named("--list") && !named("-l") && !named("get") {
        let runs = [
            "alias.",
            "core.askpass",
            "core.editor",
            "core.fsmonitor",
            "core.gitproxy",
            "core.hookspath",
            "core.pager",
            "core.sshcommand",
            "credential.",
            "diff.",
            "difftool.",
            "filter.",
            "gpg.",
            "include",
            "init.templatedir",
            "interactive.",
            "man.",
            "merge.",
            "mergetool.",
            "pager.",
            "protocol.",
            "sequence.",
            "url.",
            "web.",
            "browser.",
        ];
        let key = operands(args)
            .find(|word| runs.iter().any(|key| word.text.to_lowercase().starts_with(key)));
        let edits = named("-e") || named("--edit");
        let what = key.map(|word| word.text.as_str()).or(edits.then_some("--edit"))?;
        return Some(AskReason::new(
            ReasonKind::Danger,
            format!("It changes which programs git runs (`{what}`)"),
        ));
    }
    ["filter-branch", "filter-repo"]
        .contains(&git.sub)
        .then(|| AskReason::new(ReasonKind::Danger, "It rewrites the whole history"))
}
