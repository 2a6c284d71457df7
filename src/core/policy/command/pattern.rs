//! The rule that "always" learns from a command.
//!
//! It holds the words that tell what a command does, and ` *`; where they tell nothing (`bash -c`,
//! `python3 -c`), exactly this text, with a backslash before each `*`, `?` and backslash in it.

use super::super::shell::ShellWord;
use super::walk::Wrapping;
use super::wrappers::SHELLS;
use super::{CommandText, LearnableRule};

/// Commands whose second word says what they do.
const FAMILIES: [&str; 27] = [
    "apt", "bundle", "brew", "cargo", "composer", "conda", "deno", "dotnet", "flutter", "gem",
    "gh", "git", "go", "gradle", "just", "make", "mix", "mvn", "npm", "nx", "pip", "pip3", "pnpm",
    "poetry", "rustup", "uv", "yarn",
];
/// Commands whose third word says it when the second is one of these.
const DEEP: [&str; 6] = ["run", "run-script", "exec", "x", "dlx", "workspace"];
const INTERPRETERS: [&str; 11] = [
    "python", "python2", "python3", "node", "ruby", "perl", "php", "bun", "deno", "tsx", "ts-node",
];
/// Commands of which each use is another matter.
const SINGLE: [&str; 44] = [
    ".",
    "at",
    "awk",
    "fd",
    "gawk",
    "rg",
    "sed",
    "sort",
    "tar",
    "tree",
    "uniq",
    "yq",
    "chroot",
    "curl",
    "dd",
    "docker",
    "docker-compose",
    "doas",
    "env",
    "eval",
    "find",
    "kubectl",
    "nc",
    "ncat",
    "osascript",
    "parallel",
    "podman",
    "rsync",
    "scp",
    "sftp",
    "socat",
    "source",
    "ssh",
    "strace",
    "su",
    "sudo",
    "systemctl",
    "terraform",
    "trap",
    "watch",
    "wget",
    "xargs",
    "unshare",
    "script",
];

/// They change how the commands after them are understood.
const STATE: [&str; 14] = [
    "alias", "declare", "enable", "export", "hash", "local", "mapfile", "read", "readonly", "set",
    "shopt", "typeset", "unalias", "unset",
];

pub fn of(
    name: &str,
    words: &[ShellWord],
    texts: &[CommandText],
    wrapping: Wrapping,
) -> LearnableRule {
    let whole = || {
        // The words of a wrapper were taken apart, so only the text as written is known whole.
        let text = texts.first().map_or("", |text| text.quoted.as_str());
        if !text.contains(['$', '`']) && text.len() < 2000 {
            LearnableRule::Exactly(text.to_owned())
        } else {
            LearnableRule::Nothing
        }
    };
    let prefix = |count: usize| {
        let head = &words[..count];
        match head.iter().all(ShellWord::is_literal) {
            true => LearnableRule::Prefix(CommandText::of(head).quoted),
            false => whole(),
        }
    };
    let plain = |at: usize| {
        words.get(at).is_some_and(|word| {
            word.is_literal() && !word.text.starts_with(['-', '+']) && !word.text.is_empty()
        })
    };
    if STATE.contains(&name) {
        return LearnableRule::Nothing;
    }
    if wrapping == Wrapping::Wrapped || SHELLS.contains(&name) || SINGLE.contains(&name) {
        return whole();
    }
    if name == "git"
        && words.get(1).is_some_and(|sub| super::git::READING.contains(&sub.text.as_str()))
    {
        return whole();
    }
    if INTERPRETERS.contains(&name) {
        return match words.get(1).and_then(ShellWord::known) {
            Some("-m") if plain(2) => prefix(3),
            Some("run" | "test") if ["bun", "deno"].contains(&name) && plain(2) => prefix(3),
            _ if plain(1) => prefix(2),
            _ => whole(),
        };
    }
    if ["npx", "bunx", "uvx", "pipx"].contains(&name) {
        return if plain(1) { prefix(2) } else { whole() };
    }
    if FAMILIES.contains(&name) {
        let deep = plain(1)
            && DEEP.contains(&words[1].text.as_str())
            && ["npm", "pnpm", "yarn", "uv", "poetry"].contains(&name);
        return match (deep, plain(1)) {
            (true, _) if plain(2) => prefix(3),
            (true, _) | (false, false) => whole(),
            (false, true) => prefix(2),
        };
    }
    prefix(1)
}
