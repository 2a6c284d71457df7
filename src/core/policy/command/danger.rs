//! Commands that destroy more than a folder, or hide where code comes from.

use std::path::Path;

use super::super::shell::{Node, PathRoot, ShellStep, ShellWord, Simple, WordForm};
use super::super::shell_path;
use super::wrappers::SHELLS;
use super::{AskReason, ReasonKind, command_name, has_letter, has_option, operands};

const LOADERS: [&str; 8] = ["curl", "wget", "fetch", "aria2c", "http", "https", "xh", "lynx"];
const INTERPRETERS: [&str; 14] = [
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "nodejs",
    "php",
    "deno",
    "bun",
    "source",
    ".",
    "eval",
    "osascript",
];
const PREFIXES: [&str; 12] = [
    "sudo", "env", "nice", "nohup", "doas", "command", "exec", "time", "timeout", "xargs",
    "stdbuf", "builtin",
];

/// Why a command is dangerous wherever it runs.
pub fn of(name: &str, words: &[ShellWord], home: Option<&Path>) -> Option<AskReason> {
    let args = &words[1..];
    let first = operands(args).next().map_or("", |word| word.text.as_str());
    let deep = has_letter(args, "rR") || has_option(args, &["--recursive"]);
    let target = || operands(args).find(|word| is_vast(word, home)).map(|word| word.text.clone());
    let why = match name {
        "rm" | "shred" | "srm" if deep || name != "rm" => format!("It removes `{}`", target()?),
        "chmod" | "chown" | "chgrp" if deep => format!("It changes who may use `{}`", target()?),
        "mv" => format!("It moves `{}` away", target()?),
        "find"
            if args.iter().any(|word| word.text == "-delete" || word.text.starts_with("-exec")) =>
        {
            format!("It changes whatever it finds below `{}`", target()?)
        }
        "mkfs" | "wipefs" | "fdisk" | "sfdisk" | "parted" | "mkswap" | "cryptsetup"
        | "blkdiscard" => {
            format!("It overwrites disks (`{name}`)")
        }
        name if name.starts_with("mkfs.") => format!("It overwrites disks (`{name}`)"),
        "dd" | "cp" | "tee" | "truncate" | "cat" | "install" => {
            let text = |word: &ShellWord| {
                word.text.strip_prefix("of=").map_or_else(|| word.text.clone(), str::to_owned)
            };
            let device = args
                .iter()
                .filter(|word| name != "cat" && !word.text.starts_with("if="))
                .map(text)
                .find(|text| shell_path::is_device(text));
            format!("It writes to a device: `{}`", device?)
        }
        "shutdown" | "reboot" | "halt" | "poweroff" => {
            format!("It shuts the machine down (`{name}`)")
        }
        "init" | "telinit" if ["0", "6"].contains(&first) => {
            "It shuts the machine down (`init`)".to_owned()
        }
        "systemctl" if ["poweroff", "reboot", "halt", "suspend", "kexec"].contains(&first) => {
            format!("It shuts the machine down (`systemctl {first}`)")
        }
        "history" if has_letter(args, "cdw") => {
            "It clears what a person typed (`history`)".to_owned()
        }
        "crontab" if !has_letter(args, "l") => {
            "It changes what runs automatically (`crontab`)".to_owned()
        }
        "kill" if args.iter().skip(usize::from(args.len() > 1)).any(|word| word.text == "-1") => {
            "It kills every program (`kill -1`)".to_owned()
        }
        "git" => return super::git::danger(words),
        _ => return None,
    };
    Some(AskReason::new(ReasonKind::Danger, why))
}

/// Why a use of a command is graver than others of it.
pub fn cares(name: &str, words: &[ShellWord]) -> Option<AskReason> {
    let args = &words[1..];
    let recursive = has_letter(args, "rR")
        || has_option(args, &["--recursive"])
        || args.iter().any(|word| word.form > WordForm::Literal);
    (name == "rm" && recursive)
        .then(|| AskReason::new(ReasonKind::Care, "It removes whatever is there"))
}

/// The whole machine, a person's folder, or a folder that every system has.
fn is_vast(word: &ShellWord, home: Option<&Path>) -> bool {
    let text = word.text.as_str();
    if word.root == PathRoot::Home {
        let rest = text.trim_start_matches(['~', '/', '.']);
        return rest.is_empty() || rest == "*";
    }
    // An expansion that turns out to be empty leaves the root.
    let after = match text.strip_prefix('$') {
        Some(rest) => {
            rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_{}".contains(c))
        }
        None => text,
    };
    if !after.starts_with('/') {
        return false;
    }
    let path = shell_path::normal(Path::new(after));
    let path = if path.ends_with("*") {
        path.parent().map(Path::to_path_buf).unwrap_or_default()
    } else {
        path
    };
    // `/home/*` is as much as `/home`; one folder of it is a person's.
    path.components().count() <= 2
        || home.is_some_and(|home| home.starts_with(&path))
        || path.parent() == Some(Path::new("/home"))
}

/// Whether one part of a pipe loads something, and a later one runs what it is given.
pub fn runs_download(nodes: &[Node]) -> bool {
    let loads = nodes.iter().position(|node| names(node).iter().any(|name| LOADERS.contains(name)));
    loads.is_some_and(|at| {
        nodes[at + 1..].iter().any(|node| names(node).iter().any(|name| runs_text(name)))
    })
}

fn names(node: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    simples(node, &mut found);
    found.iter().flat_map(|simple| programs(simple)).collect()
}

/// `sh -c "$(curl …)"`, `source <(curl …)`
pub fn runs_nested_download(simple: &Simple) -> Option<AskReason> {
    let inner = simple
        .words
        .iter()
        .chain(simple.redirects.iter().map(|redirect| &redirect.target))
        .flat_map(|word| &word.nested);
    let mut found = Vec::new();
    inner.flatten().for_each(|step: &ShellStep| simples(&step.node, &mut found));
    let loads =
        found.iter().flat_map(|simple| programs(simple)).any(|name| LOADERS.contains(&name));
    (loads && programs(simple).iter().any(|name| runs_text(name)))
        .then(|| AskReason::new(ReasonKind::Danger, "It runs what it downloads"))
}

fn runs_text(name: &str) -> bool {
    SHELLS.contains(&name) || INTERPRETERS.contains(&name)
}

/// The commands a simple command may come down to: the first word, and behind a wrapper any.
fn programs(simple: &Simple) -> Vec<&str> {
    let mut names = simple.words.iter().map(|word| command_name(&word.text));
    match names.next() {
        Some(first) if PREFIXES.contains(&first) => names.chain([first]).collect(),
        first => first.into_iter().collect(),
    }
}

/// All simple commands of a node, but for those inside of words.
pub fn simples<'a>(node: &'a Node, found: &mut Vec<&'a Simple>) {
    match node {
        Node::Simple(simple) => found.push(simple),
        Node::Pipe(nodes) => nodes.iter().for_each(|node| simples(node, found)),
        Node::Compound { bodies, .. } => {
            bodies.iter().flatten().for_each(|step| simples(&step.node, found))
        }
    }
}
