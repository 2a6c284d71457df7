//! Committed secrets: which `git` commands show the contents of files, and the words that leave
//! files out that may hold secrets. An unknown subcommand asks. Does not look into any repository.

use std::sync::LazyLock;

use super::super::super::shell::{ShellWord, WordForm};
use super::super::has_option;
use super::Git;
use crate::base::secret_patterns;

/// How much a command may show of files as they were committed.
#[derive(Debug)]
pub enum HistoryAccess {
    /// Their contents, with secrets that cannot be left out: the word that prevents it, and why.
    Asks(String, String),
    /// Names and numbers at the most, once these edits are made.
    Names(Vec<WordEdit>),
    /// Their contents without secrets, once these edits are made.
    LeftOut(Vec<WordEdit>),
}

/// An edit of the words of a command.
#[derive(Debug)]
pub enum WordEdit {
    /// Text behind the word at this place.
    Behind(usize, String),
    /// The same, unless one of its words is the path of something that is there.
    BehindUnlessPath(usize, String, Vec<ShellWord>),
    /// Another word in its place.
    Instead(usize, String),
}

/// Subcommands that show nothing that files held.
const SILENT: &str = "add am apply bisect branch check-attr check-ignore check-mailmap check-ref-format checkout \
    cherry cherry-pick clean clone commit commit-graph commit-tree config count-objects \
    describe fetch fsck for-each-ref gc hash-object help index-pack init interpret-trailers \
    lfs ls-files ls-remote ls-tree maintenance merge merge-base multi-pack-index mv name-rev \
    notes pack-refs patch-id prune pull push read-tree rebase remote repack reset restore \
    rev-list rev-parse revert rm send-email shortlog show-branch show-ref sparse-checkout \
    stage stash status stripspace submodule switch symbolic-ref tag update-index update-ref \
    var verify-commit verify-pack version worktree write-tree";
/// Options of a log that show no differences, and stand there for themselves or before `=`.
const QUIET: &str = "--abbrev --abbrev-commit --after --all --all-match --ancestry-path --author \
    --author-date-order --before --boundary --branches --cached --cherry --cherry-mark \
    --cherry-pick --children --clear-decorations --color --committer --compact-summary \
    --cumulative --date --date-order --decorate --decorate-refs --decorate-refs-exclude \
    --dense --diff-filter --dirstat --exclude --exit-code --find-copies --find-renames \
    --first-parent --follow --format --full-history --glob --graph --grep --invert-grep \
    --left-right --mailmap --max-count --merges --merge-base --name-only --name-status \
    --no-abbrev-commit --no-color --no-decorate --no-ext-diff --no-mailmap --no-merges \
    --no-notes --no-patch --no-renames --no-textconv --no-walk --not --numstat --oneline \
    --parents --pickaxe-all --pickaxe-regex --pretty --quiet --raw --reflog \
    --regexp-ignore-case --relative --relative-date --remotes --reverse --shortstat \
    --show-pulls --simplify-by-decoration --simplify-merges --since --skip --source --sparse \
    --staged --stat --stat-count --stat-width --summary --tags --topo-order --until \
    --use-mailmap --walk-reflogs";
/// Short ones, each a word of its own.
const QUIET_LETTERS: &str = "-E -F -G -M -S -g -i -n -z";
/// Options with which `show` and `diff` show something else than what files held.
const INSTEAD: &str = "--compact-summary --dirstat --name-only --name-status --no-patch --numstat --quiet --raw \
    --shortstat --stat --summary -s";

/// The words behind a command that leave secrets out, each in quotes.
static EXCLUSIONS: LazyLock<String> = LazyLock::new(|| {
    secret_patterns().map(|pattern| format!(" ':(top,exclude,icase){pattern}'")).collect()
});

/// `words` is the whole command.
pub fn history(git: &Git<'_>, words: &[ShellWord]) -> HistoryAccess {
    use HistoryAccess::{Asks, LeftOut, Names};
    let Some(sub_at) = words.len().checked_sub(git.args.len() + 1).filter(|_| !git.sub.is_empty())
    else {
        return match &git.odd {
            Some(odd) if !words.iter().all(ShellWord::is_literal) => Asks(
                odd.clone(),
                format!("It is not clear in advance which part of history it shows: `{odd}`"),
            ),
            _ => Names(Vec::new()),
        };
    };
    let access = of_subcommand(git, words, sub_at);
    if matches!(&access, Names(edits) if edits.is_empty()) {
        return access;
    }
    let asks = |word: &str, why: &str| Asks(word.to_owned(), format!("{why} (`{word}`)"));
    let leads = ["--literal-pathspecs", "--glob-pathspecs", "--noglob-pathspecs"];
    let before = &words[..sub_at];
    if let Some(word) = before.iter().find(|word| leads.contains(&word.text.as_str())) {
        return asks(&word.text, NOT_LEFT_OUT);
    }
    match access {
        Names(_) | LeftOut(_) => {
            git.args.iter().enumerate().find(|(at, word)| !is_plain(git, *at, word)).map_or(
                access,
                |(_, word)| {
                    Asks(
                        word.text.clone(),
                        format!(
                            "It is not clear in advance which part of history it shows: `{}`",
                            word.text
                        ),
                    )
                },
            )
        }
        Asks(..) => access,
    }
}

const NOT_LEFT_OUT: &str =
    "It shows what was committed, from which secrets cannot be left out then";

/// Whether a word stands for itself, or for names of files where nothing else is expected.
fn is_plain(git: &Git<'_>, at: usize, word: &ShellWord) -> bool {
    let is_behind = git.args[..at].iter().any(|word| word.text == "--");
    match word.form {
        WordForm::Literal => true,
        WordForm::Glob => is_behind || !word.text.starts_with(['*', '?', '[', '-', ':']),
        // Whatever stands behind `--` is a path, and exclusions hold for all of them.
        WordForm::Braces | WordForm::Listed | WordForm::Unknown => is_behind,
    }
}

fn of_subcommand(git: &Git<'_>, words: &[ShellWord], sub_at: usize) -> HistoryAccess {
    use HistoryAccess::{LeftOut, Names};
    let (sub, args) = (git.sub, git.args);
    let first = args.first().map_or("", |word| word.text.as_str());
    let has = |names: &[&str]| args.iter().any(|word| names.contains(&word.text.as_str()));
    let silent = || Names(Vec::new());
    let asks = |word: &str| {
        let shown = if word == sub { word.to_owned() } else { format!("{sub} {word}") };
        HistoryAccess::Asks(word.to_owned(), format!("{NOT_LEFT_OUT} (`git {shown}`)"))
    };
    let asks_at = |word: Option<&str>| word.map_or_else(silent, asks);
    let by_hunk = || option(args, "p", &["--patch", "--interactive"]);
    match sub {
        "reflog" if ["delete", "drop", "exists", "expire", "list"].contains(&first) => silent(),
        "log" | "whatchanged" | "reflog" => {
            if sub != "whatchanged" && is_quiet(args) {
                return silent();
            }
            match undoing(args) {
                Some(word) => asks(word),
                None => LeftOut(edits(words, sub_at, " --full-history --sparse", Vec::new())),
            }
        }
        "show" | "diff" | "diff-tree" | "diff-index" | "diff-files" => {
            if let Some(word) = undoing(args).or_else(|| odd_object(args)) {
                return asks(word);
            }
            let commits = commits(words, sub_at, 0);
            let is_other = args.iter().any(|word| is_among(INSTEAD, name(&word.text)));
            if is_other && is_quiet(args) || has(&["--no-index"]) {
                return Names(commits);
            }
            let options = if sub == "show" { " --sparse" } else { "" };
            LeftOut(edits(words, sub_at, options, commits))
        }
        "grep" => match odd_object(args) {
            Some(word) => asks(word),
            None => {
                let has_pattern = option(args, "ef", &["--file"]).is_none();
                let commits = commits(words, sub_at, usize::from(has_pattern));
                LeftOut(edits(words, sub_at, "", commits))
            }
        },
        "archive" if has(&["--list", "-l"]) => silent(),
        "archive" | "format-patch" | "range-diff" | "fast-export" => match undoing(args) {
            Some(word) => asks(word),
            None => LeftOut(edits(words, sub_at, "", Vec::new())),
        },
        "cat-file" if names_content(args) => silent(),
        "blame" | "annotate" => {
            let unclear = args.iter().find(|word| word.form > WordForm::Literal);
            asks_at(unclear.map(|word| word.text.as_str()))
        }
        "stash" if ["list", "show"].contains(&first) => {
            let is_odd = |word: &&ShellWord| {
                !word.is_literal() || word.text.starts_with('-') && !is_quiet_word(&word.text)
            };
            match args[1..].iter().find(is_odd) {
                Some(word) => asks(&word.text),
                None if first == "list" => silent(),
                None => Names(vec![WordEdit::Behind(0, " -c stash.showPatch=false".to_owned())]),
            }
        }
        "tag" => Names(commits(words, sub_at, 1)),
        "update-ref" if has_option(args, &["--stdin"]) => asks("--stdin"),
        "update-ref" => Names(commits(words, sub_at, 1)),
        "status" => asks_at(option(args, "v", &["--verbose"])),
        "commit" if has_option(args, &["--dry-run"]) => {
            asks_at(option(args, "v", &["--verbose"]).or_else(by_hunk))
        }
        "add" => asks_at(option(args, "ie", &["--edit"]).or_else(by_hunk)),
        "checkout" | "commit" | "reset" | "restore" | "stash" => asks_at(by_hunk()),
        "am" => asks_at(option(args, "", &["--show-current-patch"])),
        "bisect" | "rebase" | "submodule" => {
            let runs = args.iter().find(|word| word.text == "git" || word.text.contains("git "));
            let shows = option(args, "", &["--show-current-patch"]);
            asks_at(shows.or(runs.map(|word| word.text.as_str())))
        }
        "branch" | "for-each-ref" => {
            let raw = args.iter().find(|word| word.text.contains("raw"));
            asks_at(raw.map(|word| word.text.as_str()))
        }
        "fsck" => asks_at(option(args, "", &["--lost-found"])),
        "notes" => asks_at(option(args, "Cc", &["--reuse-message", "--reedit-message"])),
        "update-index" => asks_at(option(args, "", &["--cacheinfo", "--index-info"])),
        sub if is_among(SILENT, sub) => silent(),
        sub => asks(sub),
    }
}

/// The option that is one of these letters, alone or among a few, or may be one of these names.
fn option<'a>(args: &'a [ShellWord], letters: &str, names: &[&str]) -> Option<&'a str> {
    let is_cluster = |text: &str| {
        text.len() <= 5
            && text.strip_prefix('-').is_some_and(|rest| {
                rest.chars().all(|c| c.is_ascii_alphabetic())
                    && rest.contains(|c| letters.contains(c))
            })
    };
    let mut options = args.iter().take_while(|word| word.text != "--");
    let is_meant = |word: &&ShellWord| {
        is_cluster(&word.text) || has_option(std::slice::from_ref(*word), names)
    };
    options.find(is_meant).map(|word| word.text.as_str())
}

/// The first word that makes exclusions void, or that leads elsewhere than they were made for.
fn undoing(args: &[ShellWord]) -> Option<&str> {
    let mut options = args.iter().take_while(|word| word.text != "--");
    let undoes = |word: &&ShellWord| {
        let only = std::slice::from_ref(*word);
        word.text.starts_with("-L") || has_option(only, &["--follow", "--full-diff", "--stdin"])
    };
    options.find(undoes).map(|word| word.text.as_str())
}

/// An object that is named as a file's content, or as whatever it may be.
fn odd_object(args: &[ShellWord]) -> Option<&str> {
    let odd = |word: &&ShellWord| {
        ["^{blob}", "^{object}", "^{}"].iter().any(|part| word.text.contains(part))
    };
    args.iter().find(odd).map(|word| word.text.as_str())
}

fn is_quiet(args: &[ShellWord]) -> bool {
    let mut options = args.iter().take_while(|word| word.text != "--");
    options.all(|word| {
        word.form <= WordForm::Glob
            && (!word.text.starts_with('-') || word.is_literal() && is_quiet_word(&word.text))
    })
}

fn is_quiet_word(text: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '%');
    is_among(QUIET, name(text))
        || is_among(QUIET_LETTERS, text)
        || text == "-s"
        || text.starts_with(['-']) && text.len() > 1 && digits(&text[1..])
        || ["-n", "-M"].iter().any(|head| text.strip_prefix(head).is_some_and(digits))
        || ["-S", "-G"].iter().any(|head| text.starts_with(head))
}

fn is_among(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// An option without its value.
fn name(text: &str) -> &str {
    text.split('=').next().unwrap_or(text)
}

/// Whether `cat-file` shows no content, or that of a file by its name; any object has a number,
/// too.
fn names_content(args: &[ShellWord]) -> bool {
    let texts: Vec<&str> = args.iter().map(|word| word.text.as_str()).collect();
    let is_named = |object: &str| {
        let words = [ShellWord::literal(object)];
        !object.starts_with('-') && odd_object(&words).is_none()
    };
    args.iter().all(ShellWord::is_literal)
        && match texts.as_slice() {
            ["-t" | "-s" | "-e" | "commit" | "tag" | "tree", object] => is_named(object),
            ["-p" | "blob", object] => is_named(object) && !is_id(object),
            _ => false,
        }
}

/// Whether a word may be the number of an object.
fn is_id(text: &str) -> bool {
    text.len() >= 4 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Edits that let numbers of objects name commits only, since a number can also name a file's
/// content. `passed` operands come before them.
fn commits(words: &[ShellWord], sub_at: usize, passed: usize) -> Vec<WordEdit> {
    let takes_value = ["-S", "-G", "-O", "-m"];
    let mut found = Vec::new();
    let mut operands = 0;
    for (at, word) in words.iter().enumerate().skip(sub_at + 1) {
        if word.text == "--" {
            break;
        }
        let is_value = takes_value.contains(&words[at - 1].text.as_str()) && at > sub_at + 1;
        if word.text.starts_with('-') && word.text.len() > 1 || is_value {
            continue;
        }
        operands += 1;
        let ends = |text: &str| is_id(text.trim_start_matches('^'));
        let peeled = |text: &str| {
            if ends(text) { format!("{text}^{{commit}}") } else { text.to_owned() }
        };
        let dots = ["...", ".."].into_iter().find(|dots| word.text.contains(dots));
        let text = match dots.and_then(|dots| Some((dots, word.text.split_once(dots)?))) {
            Some((dots, (from, to))) => format!("{}{dots}{}", peeled(from), peeled(to)),
            None => peeled(&word.text),
        };
        if operands > passed && text != word.text {
            found.push(WordEdit::Instead(at, text));
        }
    }
    found
}

/// Edits that add the exclusions at the end, after a `--` if none of the words is a path, and
/// options behind the subcommand.
fn edits(
    words: &[ShellWord],
    sub_at: usize,
    options: &str,
    mut edits: Vec<WordEdit>,
) -> Vec<WordEdit> {
    let args = &words[sub_at + 1..];
    let dashes = args.iter().position(|word| word.text == "--");
    let last = args.last().map_or("", |word| word.text.as_str());
    let needs_dashes = dashes.is_none()
        && (last.is_empty() || last.starts_with('-') || words[sub_at].text == "range-diff");
    let behind = format!("{}{}", if needs_dashes { " --" } else { "" }, *EXCLUSIONS);
    let has_paths = dashes.is_some_and(|at| at + 1 < args.len());
    let is_log = options.contains("--full-history");
    // The subcommand of a subcommand.
    let shows = words[sub_at].text == "reflog" && args.first().is_some_and(|w| w.text == "show");
    let options_at = sub_at + usize::from(shows);
    if args.len() == options_at - sub_at {
        return vec![WordEdit::Behind(options_at, format!("{options}{behind}"))];
    }
    // A log of some paths leaves out what does not touch them.
    let is_of_paths = is_log && has_paths;
    if !options.is_empty() && !is_of_paths {
        let named = args.iter().take(dashes.unwrap_or(args.len())).skip(usize::from(shows));
        let paths: Vec<ShellWord> = if is_log && dashes.is_none() {
            named.filter(|word| !word.text.starts_with('-')).cloned().collect()
        } else {
            Vec::new()
        };
        edits.insert(0, WordEdit::BehindUnlessPath(options_at, options.to_owned(), paths));
    }
    edits.push(WordEdit::Behind(words.len() - 1, behind));
    edits
}
