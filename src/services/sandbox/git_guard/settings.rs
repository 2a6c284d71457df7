//! Git's settings, read without git: whether they could make it run something. Knows no
//! place.

use std::collections::BTreeMap;

use super::content::Content;

/// Whether settings differ only in what branches follow, which runs nothing: `git switch` writes
/// that.
pub(super) fn is_tracking(before: &Content, now: &Content) -> bool {
    let (
        Content::File { bytes: before, mode, .. },
        Content::File { bytes: now, mode: now_mode, .. },
    ) = (before, now)
    else {
        return false;
    };
    let (Ok(before), Ok(now)) = (std::str::from_utf8(before), std::str::from_utf8(now)) else {
        return false;
    };
    let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
    before.lines().for_each(|line| *lines.entry(line).or_default() -= 1);
    now.lines().for_each(|line| *lines.entry(line).or_default() += 1);
    mode == now_mode
        && lines.iter().filter(|(_, count)| **count != 0).all(|(line, _)| is_about_a_branch(line))
}

/// Settings that name no program, whatever their values are: of whole sections, and single ones of
/// others. Git's list of those that do grows.
const SECTIONS: [&str; 15] = [
    "advice",
    "color",
    "commit",
    "extensions",
    "fetch",
    "index",
    "log",
    "maintenance",
    "pack",
    "pull",
    "push",
    "rebase",
    "rerere",
    "status",
    "user",
];
const KEYS: [&str; 36] = [
    "branch.autosetupmerge",
    "branch.autosetuprebase",
    "core.abbrev",
    "core.autocrlf",
    "core.bare",
    "core.bigfilethreshold",
    "core.checkstat",
    "core.commitgraph",
    "core.compression",
    "core.eol",
    "core.filemode",
    "core.fscache",
    "core.hidedotfiles",
    "core.ignorecase",
    "core.ignorestat",
    "core.logallrefupdates",
    "core.longpaths",
    "core.precomposeunicode",
    "core.preloadindex",
    "core.protecthfs",
    "core.protectntfs",
    "core.quotepath",
    "core.repositoryformatversion",
    "core.safecrlf",
    "core.sharedrepository",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "core.symlinks",
    "core.trustctime",
    "core.untrackedcache",
    "core.whitespace",
    "gc.auto",
    "gc.autodetach",
    "init.defaultbranch",
    "lfs.repositoryformatversion",
    "remote.pushdefault",
];
/// As above, in a section that has a name.
const OF_EACH: [(&str, &[&str]); 3] = [
    ("branch", &["description", "merge", "pushremote", "rebase", "remote"]),
    (
        "remote",
        &[
            "fetch",
            "mirror",
            "partialclonefilter",
            "promisor",
            "prune",
            "prunetags",
            "push",
            "pushurl",
            "skipdefaultupdate",
            "skipfetchall",
            "tagopt",
            "url",
        ],
    ),
    ("submodule", &["active", "branch", "fetchrecursesubmodules", "ignore", "shallow", "url"]),
];

/// The values of `core.worktree`, as they are written, of settings that can have git run nothing.
/// What cannot be read line by line could have it run something.
pub(super) fn inert(bytes: &[u8]) -> Option<Vec<&str>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut section = None;
    let mut worktrees = Vec::new();
    for line in text.split('\n').map(|line| line.trim_matches([' ', '\t', '\r'])) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            section = Some(header(line)?);
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let key = key.trim_end_matches([' ', '\t']);
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        // A value that goes on in the next line would make that look like a setting, or a section.
        let is_whole = !line.contains(['\\', '\0', '\r']);
        let key = key.to_ascii_lowercase();
        let section = section.filter(|_| is_key && is_whole)?;
        if key == "worktree" && section.0.eq_ignore_ascii_case("core") && section.1 == Named::No {
            worktrees.push(value.trim_matches([' ', '\t']));
        } else if !is_inert(section, &key) {
            return None;
        }
    }
    Some(worktrees)
}

/// The name of a section, and whether it has another one, of which there are many:
/// `[remote "origin"]`. `None` for whatever else begins like one.
fn header(line: &str) -> Option<(&str, Named)> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    let (section, named) = match inner.split_once(" \"") {
        Some((section, rest)) => (
            section,
            rest.strip_suffix('"')
                .filter(|name| !name.contains(['"', '\\', ']', '\r', '\0']))
                .map(|_| Named::Yes)?,
        ),
        None => (inner, Named::No),
    };
    let is_plain =
        !section.is_empty() && section.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_plain.then_some((section, named))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    No,
    Yes,
}

fn is_inert((section, named): (&str, Named), key: &str) -> bool {
    let section = section.to_ascii_lowercase();
    let each = || OF_EACH.iter().any(|(of, keys)| *of == section && keys.contains(&key));
    match named {
        _ if SECTIONS.contains(&section.as_str()) => true,
        Named::Yes => each(),
        Named::No => KEYS.contains(&format!("{section}.{key}").as_str()),
    }
}

/// `[branch "a"]`, `remote = origin`, `merge = refs/heads/a`: nothing in it that could go on in the
/// next line, or begin another setting.
fn is_about_a_branch(line: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._/-".contains(c))
    };
    let line = line.trim();
    if let Some(name) = line.strip_prefix("[branch \"").and_then(|rest| rest.strip_suffix("\"]")) {
        return plain(name);
    }
    line.split_once(" = ")
        .is_some_and(|(key, value)| ["merge", "rebase", "remote"].contains(&key) && plain(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs_nothing(bytes: &[u8]) -> bool {
        inert(bytes).is_some()
    }

    #[test]
    fn settings_as_git_writes_them_run_nothing() {
        for text in [
            "",
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n",
            "[remote \"origin\"]\r\n\turl = https://a.org/b.git\r\n\tfetch = +refs/heads/*:refs/remotes/origin/*\r\n[branch \"a/b\"]\n\tremote = origin\n",
            "# a word\n; another\n[submodule \"libs/a\"]\n\tactive = true\n\turl = ../a\n[user]\n\tname = A \"B\" C\n\temail = a@b\n",
            "[extensions]\n\tworktreeConfig\n[CORE]\n\tBare=true\n[color \"diff\"]\n\tmeta = red\n",
        ] {
            assert!(runs_nothing(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn settings_that_name_a_program_or_cannot_be_read_line_by_line_may_run_something() {
        for text in [
            "[core]\n\tfsmonitor = ./x\n",
            "[core] fsmonitor = ./x\n",
            "[core]\n\thooksPath = ../hooks\n",
            "[filter \"a\"]\n\tclean = ./x\n",
            "[filter.a]\n\tclean = ./x\n",
            "[include]\n\tpath = more\n",
            "[includeIf \"gitdir:/\"]\n\tpath = more\n",
            "[remote \"a\"]\n\tuploadpack = ./x\n",
            "[submodule \"a\"]\n\tupdate = !./x\n",
            "[gc]\n\trecentObjectsHook = ./x\n",
            "[alias]\n\tst = !./x\n",
            "[user]\n\tname = a\\\n[core]\n\tfsmonitor = ./x\n",
            "[user]\n\tname = a \\\n\temail = b\n",
            "[core \"a\\\"]\n\tbare = true\n",
            "[core] # x\n\tbare = true\n",
            "[core\n",
            "bare = true\n",
            "\u{feff}[core]\n\tfsmonitor = ./x\n",
            "[user]\n\tname = a\r[core]\n",
            "[user]\n\u{a0}x = a\n",
        ] {
            assert!(!runs_nothing(text.as_bytes()), "{text}");
        }
        assert!(!runs_nothing(b"[user]\n\tname = \xff\n"));
    }

    #[test]
    fn where_a_work_tree_is_said_to_be_is_found_however_it_is_written() {
        let text = "[CORE]\n\tWorkTree = ../a \n[core \"x\"]\n\tworktree = b\n";
        assert_eq!(inert(text.as_bytes()), None, "a section with a name is another one");
        let text = "[CORE]\n\tWorkTree = ../a \n\tworktree\n\tbare = false\n";
        assert_eq!(inert(text.as_bytes()), Some(vec!["../a", ""]));
    }
}
