//! What git's settings say, read without git: whether they could have it run something. Knows no place.

use std::collections::BTreeMap;

use super::Content;

/// Whether settings differ only in what branches follow, which runs nothing: `git switch` writes that.
pub(super) fn is_tracking(before: &Content, now: &Content) -> bool {
    let (Content::File { bytes: before, mode }, Content::File { bytes: now, mode: now_mode }) = (before, now) else { return false };
    let (Ok(before), Ok(now)) = (std::str::from_utf8(before), std::str::from_utf8(now)) else { return false };
    let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
    before.lines().for_each(|line| *lines.entry(line).or_default() -= 1);
    now.lines().for_each(|line| *lines.entry(line).or_default() += 1);
    mode == now_mode && lines.iter().filter(|(_, count)| **count != 0).all(|(line, _)| is_about_a_branch(line))
}

/// `[branch "a"]`, `remote = origin`, `merge = refs/heads/a`: nothing in it that could go on in the next line, or begin another setting.
fn is_about_a_branch(line: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._/-".contains(c));
    let line = line.trim();
    if let Some(name) = line.strip_prefix("[branch \"").and_then(|rest| rest.strip_suffix("\"]")) {
        return plain(name);
    }
    line.split_once(" = ").is_some_and(|(key, value)| ["merge", "rebase", "remote"].contains(&key) && plain(value))
}
