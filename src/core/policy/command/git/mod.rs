//! The reasons to ask about a `git` command.

mod danger;
mod history;
mod keeping;

use super::super::shell::{PathRoot, ShellWord, WordForm};
use super::{AskReason, ReasonKind, has_letter, has_option, hosts, operands};

pub use danger::danger;
pub use history::{HistoryAccess, WordEdit, history};
pub use keeping::keeps_history;

/// A `git` command, taken apart.
pub struct Git<'a> {
    /// `-C`
    pub folders: Vec<&'a ShellWord>,
    /// An option before the subcommand that may run something or lead elsewhere.
    odd: Option<String>,
    sub: &'a str,
    args: &'a [ShellWord],
    /// Command lines in aliases.
    pub aliases: Vec<String>,
}

pub const READING: [&str; 27] = [
    "status",
    "diff",
    "log",
    "show",
    "blame",
    "annotate",
    "rev-parse",
    "ls-files",
    "ls-tree",
    "describe",
    "shortlog",
    "grep",
    "cat-file",
    "rev-list",
    "merge-base",
    "name-rev",
    "show-ref",
    "for-each-ref",
    "count-objects",
    "whatchanged",
    "check-ignore",
    "check-attr",
    "var",
    "version",
    "cherry",
    "diff-tree",
    "show-branch",
];
const LOADING: [&str; 9] =
    ["push", "pull", "fetch", "clone", "ls-remote", "submodule", "send-email", "lfs", "svn"];

impl<'a> Git<'a> {
    pub fn read(words: &'a [ShellWord]) -> Self {
        let mut git =
            Git { folders: Vec::new(), odd: None, sub: "", args: &[], aliases: Vec::new() };
        let mut rest = words.get(1..).unwrap_or_default();
        while let [word, more @ ..] = rest {
            let text = word.text.as_str();
            rest = match text {
                _ if !word.is_literal() => {
                    git.odd = Some(text.to_owned());
                    return git;
                }
                "-C" => {
                    git.folders.extend(more.first());
                    more.get(1..).unwrap_or_default()
                }
                "--no-pager"
                | "-P"
                | "--no-optional-locks"
                | "--literal-pathspecs"
                | "--no-replace-objects"
                | "--version"
                | "-v" => more,
                "-c" | "--config-env" => {
                    git.odd = Some(text.to_owned());
                    let value = more
                        .first()
                        .and_then(|word| word.text.split_once('='))
                        .map_or("", |(_, value)| value);
                    git.aliases.extend(value.strip_prefix('!').map(str::to_owned));
                    more.get(1..).unwrap_or_default()
                }
                "--git-dir" | "--work-tree" | "--namespace" | "--exec-path"
                    if text != "--exec-path" =>
                {
                    git.odd = Some(text.to_owned());
                    more.get(1..).unwrap_or_default()
                }
                text if text.starts_with('-') => {
                    git.odd = Some(text.to_owned());
                    more
                }
                text => {
                    git.sub = text;
                    git.args = more;
                    break;
                }
            };
        }
        git
    }

    /// The paths it reads, where it does nothing else; or why that is not known.
    ///
    /// # Errors
    ///
    /// Fails with a sentence for people if the command may do more than read, or if its paths
    /// cannot be told in advance.
    pub fn reads(&self) -> Result<Vec<ShellWord>, String> {
        if let Some(odd) = &self.odd {
            return Err(format!("`git` may do anything with `{odd}`"));
        }
        let shown =
            if self.sub.is_empty() { "git".to_owned() } else { format!("git {}", self.sub) };
        let unknown = || Err(format!("`{shown}` is not known to only read"));
        let unsure = |word: &&ShellWord| {
            word.form > WordForm::Glob
                || word.form == WordForm::Glob
                    && word.text.starts_with(['*', '?', '[', '-'])
                    && self.sub != "ls-files"
        };
        if let Some(word) = self.args.iter().find(unsure) {
            return Err(format!(
                "It is not clear in advance what `{}` means to `{shown}`",
                word.text
            ));
        }
        let acts = [
            "--output",
            "--ext-diff",
            "--textconv",
            "--filters",
            "--open-files-in-pager",
            "--exec",
            "--upload-pack",
            "--show-signature",
            "--help",
        ];
        let signs = self
            .args
            .iter()
            .any(|word| word.text.contains("%G") || word.text.contains("%(signature"));
        if has_option(self.args, &acts) && !has_option(self.args, &["--only-matching"])
            || self.sub == "grep" && has_letter(self.args, "O")
            || signs
        {
            return unknown();
        }
        let reads = READING.contains(&self.sub)
            || self.sub.is_empty() && self.args.is_empty()
            || self.lists();
        if !reads {
            return unknown();
        }
        let far = self.args.iter().map(path_of).filter(|word| {
            word.root == PathRoot::Home
                || word.text.starts_with('/')
                || word.text.split('/').any(|part| part == "..")
        });
        Ok(self.folders.iter().map(|word| (*word).clone()).chain(far).collect())
    }

    /// Subcommands that only list with some words, and change things with others.
    fn lists(&self) -> bool {
        let first = self.args.first().map_or("", |word| word.text.as_str());
        let only = |known: &[&str]| {
            self.args.iter().all(|word| {
                known.iter().any(|known| {
                    word.text == *known || known.ends_with('=') && word.text.starts_with(known)
                })
            })
        };
        let shows = [
            "--list",
            "-l",
            "--contains",
            "--no-contains",
            "--merged",
            "--no-merged",
            "--points-at",
        ];
        let asks = self.args.iter().any(|word| shows.contains(&word.text.as_str()));
        match self.sub {
            "branch" => {
                let plain = [
                    "-a",
                    "-r",
                    "-v",
                    "-vv",
                    "-av",
                    "-avv",
                    "-rv",
                    "--all",
                    "--remotes",
                    "--verbose",
                    "--show-current",
                    "--no-color",
                    "--column",
                    "--sort=",
                    "--format=",
                    "--list",
                    "-l",
                ];
                only(&plain)
                    || asks
                        && !has_letter(self.args, "dDmMcCfut")
                        && self.options_are(&[&plain[..], &shows].concat())
            }
            "tag" => {
                let plain = ["-l", "--list", "-n", "-n1", "--sort=", "--format=", "--column"];
                only(&plain)
                    || asks
                        && !has_letter(self.args, "dasumFf")
                        && self.options_are(&[&plain[..], &shows].concat())
            }
            "remote" => self.args.is_empty() || only(&["-v", "--verbose"]) || first == "get-url",
            "stash" => ["list", "show"].contains(&first),
            "worktree" | "notes" => first == "list",
            "bisect" => first == "log",
            "reflog" => self.args.is_empty() || first == "show" || first.starts_with('-'),
            "submodule" => first == "status",
            "config" => {
                let gets = ["--get", "--get-all", "--get-regexp", "--list", "-l", "get", "list"];
                let writes = [
                    "--add",
                    "--unset",
                    "--unset-all",
                    "--replace-all",
                    "--edit",
                    "-e",
                    "--rename-section",
                    "--remove-section",
                ];
                gets.contains(&first)
                    && !self.args.iter().any(|word| writes.contains(&word.text.as_str()))
            }
            _ => false,
        }
    }

    fn options_are(&self, known: &[&str]) -> bool {
        let mut options = self.args.iter().filter(|word| word.text.starts_with('-'));
        options.all(|word| {
            known.iter().any(|known| {
                word.text == *known || known.ends_with('=') && word.text.starts_with(known)
            })
        })
    }

    /// Why it is graver than other uses of the same subcommand.
    pub fn cares(&self) -> Option<AskReason> {
        let args = self.args;
        let has = |names: &[&str]| args.iter().any(|word| names.contains(&word.text.as_str()));
        let first = args.first().map_or("", |word| word.text.as_str());
        let runs = has_option(
            args,
            &[
                "--upload-pack",
                "--receive-pack",
                "--exec",
                "--extcmd",
                "--config",
                "--template",
                "--tool",
            ],
        ) || args.iter().any(|word| word.text.contains("ext::"))
            || ["rebase", "difftool"].contains(&self.sub) && has_letter(args, "x")
            || self.sub == "clone" && has_letter(args, "uc")
            || self.sub == "bisect" && first == "run"
            || self.sub == "submodule" && first == "foreach";
        let loses = match self.sub {
            "reset" => has_option(args, &["--hard", "--merge", "--keep"]),
            "checkout" | "switch" => {
                has(&["--", "."])
                    || has_letter(args, "fB")
                    || has_option(args, &["--force", "--discard-changes"])
            }
            "restore" | "clean" | "gc" | "prune" => true,
            "branch" | "tag" => {
                has_letter(args, "dDMCf") || has_option(args, &["--delete", "--force"])
            }
            "stash" => ["drop", "clear"].contains(&first),
            "reflog" => ["expire", "delete"].contains(&first),
            "remote" | "worktree" => ["remove", "rm", "set-url"].contains(&first),
            "commit" => has_option(args, &["--amend"]),
            "update-ref" | "rm" => true,
            _ => false,
        };
        // A program that a rule about pushing or fetching never meant.
        let elsewhere = ["push", "pull", "fetch", "clone", "ls-remote", "archive"]
            .contains(&self.sub)
            && (has_option(args, &["--upload-pack", "--receive-pack", "--exec"])
                || args.iter().any(|word| word.text.contains("ext::")));
        // Changes that no commit holds and undo does not cover.
        let for_good = match self.sub {
            "reset" => loses,
            "clean" => has_letter(args, "xX"),
            _ => false,
        };
        let why = match (runs, loses) {
            (true, _) => format!("It may run another program (`git {}`)", self.sub),
            (false, true) => format!("It may throw work away (`git {}`)", self.sub),
            (false, false) => return None,
        };
        let kind = match (elsewhere, for_good) {
            (true, _) => ReasonKind::Danger,
            (false, true) => ReasonKind::Loss,
            (false, false) => ReasonKind::Care,
        };
        Some(AskReason::new(kind, why))
    }

    /// Why it needs more than the sandbox gives.
    pub fn needs(&self) -> Option<AskReason> {
        let first = self.args.first().map_or("", |word| word.text.as_str());
        let loads = LOADING.contains(&self.sub)
            || self.sub == "remote" && ["update", "show", "prune"].contains(&first);
        if loads || has_option(self.args, &["--remote"]) && self.sub == "archive" {
            let reached = if self.sub == "push" { Vec::new() } else { hosts::of("git", self.args) };
            return Some(AskReason::new(
                ReasonKind::Network(reached),
                format!("It may use the network (`git {}`)", self.sub),
            ));
        }
        let leaves_folder = self.sub == "config"
            && self.args.iter().any(|word| ["--global", "--system"].contains(&word.text.as_str()));
        leaves_folder.then(|| {
            AskReason::new(ReasonKind::Need, "It changes settings of git outside of the folder")
        })
    }
}

/// Folders it writes to by its own words.
pub fn written(words: &[ShellWord]) -> Vec<ShellWord> {
    let git = Git::read(words);
    let mut found: Vec<ShellWord> = git.folders.iter().map(|word| (*word).clone()).collect();
    match git.sub {
        "clone" => found.extend(operands(git.args).skip(1).cloned()),
        "init" => found.extend(operands(git.args).cloned()),
        "worktree" => found.extend(operands(git.args).skip(1).take(1).cloned()),
        "rm" | "mv" | "clean" | "checkout" | "restore" => {
            found.extend(operands(git.args).filter(|word| word.text.starts_with('/')).cloned())
        }
        _ => {}
    }
    let names = ["--output=", "--git-dir=", "--work-tree="];
    let attached = words.iter().filter_map(|word| {
        let text = names.iter().find_map(|name| word.text.strip_prefix(name))?;
        Some(ShellWord { text: text.to_owned(), ..word.clone() })
    });
    found.extend(attached);
    found
}

/// The value of an option, or the word itself.
fn path_of(word: &ShellWord) -> ShellWord {
    let value = word
        .text
        .strip_prefix("--")
        .and_then(|text| text.split_once('='))
        .map(|(_, value)| value.to_owned());
    ShellWord { text: value.unwrap_or_else(|| word.text.clone()), ..word.clone() }
}
