//! Needs that the sandbox does not meet: the network, other users, files outside.

use super::super::shell::ShellWord;
use super::{AskReason, ReasonKind, has_letter, hosts, operands};

const NETWORK: [&str; 52] = [
    "ansible",
    "apk",
    "apt",
    "apt-get",
    "aptitude",
    "aria2c",
    "aws",
    "az",
    "brew",
    "bunx",
    "certbot",
    "curl",
    "dig",
    "dnf",
    "doctl",
    "flatpak",
    "flyctl",
    "ftp",
    "gcloud",
    "gh",
    "glab",
    "helm",
    "heroku",
    "host",
    "http",
    "https",
    "kubectl",
    "lynx",
    "nc",
    "ncat",
    "netcat",
    "netlify",
    "nix",
    "npx",
    "nslookup",
    "pacman",
    "ping",
    "pipx",
    "port",
    "rustup",
    "scp",
    "sftp",
    "snap",
    "socat",
    "ssh",
    "telnet",
    "terraform",
    "vercel",
    "wget",
    "whois",
    "yum",
    "zypper",
];
/// Subcommands that load something.
const LOADING: [(&str, &[&str]); 20] = [
    ("bun", &["a", "add", "i", "install", "update", "upgrade", "x", "create", "publish", "pm"]),
    ("bundle", &["install", "update", "add"]),
    (
        "cargo",
        &[
            "add",
            "fetch",
            "install",
            "login",
            "logout",
            "owner",
            "publish",
            "search",
            "update",
            "yank",
            "generate-lockfile",
            "info",
        ],
    ),
    ("composer", &["install", "update", "require", "create-project"]),
    ("deno", &["install", "add", "upgrade", "publish"]),
    ("dotnet", &["restore", "add", "nuget"]),
    ("gem", &["install", "update", "push", "fetch"]),
    ("go", &["get", "install", "mod"]),
    ("mix", &["deps.get", "local.hex"]),
    ("pip", &["install", "download", "wheel", "index", "search"]),
    ("pip3", &["install", "download", "wheel", "index", "search"]),
    (
        "pnpm",
        &["add", "dlx", "i", "install", "update", "up", "publish", "create", "fetch", "audit"],
    ),
    ("poetry", &["add", "install", "lock", "publish", "update", "self"]),
    ("uv", &["add", "lock", "pip", "publish", "python", "sync", "tool"]),
    (
        "npm",
        &[
            "add", "audit", "ci", "create", "exec", "i", "init", "install", "it", "login",
            "outdated", "publish", "up", "update", "view", "x",
        ],
    ),
    ("conda", &["install", "create", "update"]),
    ("mamba", &["install", "create", "update"]),
    ("swift", &["package"]),
    ("yarn", &["add", "create", "dlx", "install", "publish", "up", "upgrade"]),
    ("mvn", &["deploy", "install"]),
];
const SERVICE_MANAGERS: [&str; 6] =
    ["docker", "docker-compose", "podman", "nerdctl", "lxc", "systemctl"];

/// Why a command needs more than a sandbox gives.
pub fn of(name: &str, words: &[ShellWord]) -> Option<AskReason> {
    let args = &words[1..];
    let sub = operands(args).next().map_or("", |word| word.text.as_str());
    let network = |what: &str| {
        Some(AskReason::new(
            ReasonKind::Network(hosts::of(name, args)),
            format!("It may use the network (`{what}`)"),
        ))
    };
    let other = |why: String| Some(AskReason::new(ReasonKind::Need, why));
    if hosts::is_on_loopback(name, args) {
        let why = format!("It may use the network (`{name}`)");
        return Some(AskReason::new(ReasonKind::Loopback, why));
    }
    if NETWORK.contains(&name) || name == "uvx" || name == "xh" {
        return network(name);
    }
    if SERVICE_MANAGERS.contains(&name) {
        return other(format!("It works through a service outside any sandbox (`{name}`)"));
    }
    // An option before the subcommand may take the next word for its value.
    let mut named = operands(args).take(2).map(|word| word.text.as_str());
    if let Some((_, subs)) = LOADING.iter().find(|(tool, _)| *tool == name)
        && let Some(found) = named.find(|sub| subs.contains(sub))
    {
        return network(&format!("{name} {found}"));
    }
    match name {
        "yarn" if args.is_empty() => network("yarn"),
        "rsync" if operands(args).any(|word| word.text.contains(':')) => network("rsync"),
        "python" | "python3" if args.iter().any(|word| word.text == "pip") => network("pip"),
        "git-lfs" => network(name),
        "systemd-run" | "at" | "batch" | "launchctl" | "tmux" | "screen" => {
            other(format!("It starts something outside any sandbox (`{name}`)"))
        }
        "mount" | "umount" | "chroot" | "unshare" | "nsenter" | "useradd" | "passwd"
        | "iptables" | "modprobe" | "sysctl" => {
            other(format!("It changes the system (`{name} {sub}`)"))
        }
        _ => None,
    }
}

/// The words of a command that say where it writes.
pub fn written(name: &str, words: &[ShellWord]) -> Vec<ShellWord> {
    let args = &words[1..];
    let all = || operands(args).cloned().collect::<Vec<_>>();
    let last = || operands(args).last().cloned().into_iter().collect::<Vec<_>>();
    let mut found = match name {
        "rm" | "rmdir" | "unlink" | "shred" | "srm" | "mv" | "touch" | "mkdir" | "chmod"
        | "chown" | "chgrp" | "truncate" | "tee" | "mkfifo" | "mknod" | "setfacl" | "trash"
        | "patch" | "gzip" | "gunzip" | "xz" | "bzip2" | "zip" | "sponge" => all(),
        "cp" | "install" | "ln" | "rsync" | "link" => {
            match after(args, &["-t", "--target-directory"]) {
                found if found.is_empty() => last(),
                found => found,
            }
        }
        "dd" => args.iter().filter_map(|word| tail(word, "of=")).collect(),
        "sed" | "gsed" | "perl" if has_letter(args, "i") => {
            operands(args).skip(1).cloned().collect()
        }
        "uniq" | "xxd" => operands(args).skip(1).cloned().collect(),
        "tar" => after(args, &["-C", "--directory", "-f", "--file"]),
        "unzip" => after(args, &["-d"]),
        "curl" | "wget" => {
            after(args, &["-o", "-O", "--output", "--output-document", "-P", "--directory-prefix"])
        }
        "make" | "ninja" | "cmake" => after(args, &["-C", "-B", "--directory"]),
        "cargo" => after(args, &["--target-dir", "-C"]),
        "npm" | "pnpm" | "yarn" => after(args, &["-C", "--prefix", "--cwd", "--dir"]),
        "git" => super::git::written(words),
        "find" | "gfind" => after(args, &["-fprint", "-fprint0", "-fprintf", "-fls"]),
        "sort" | "tree" | "gcc" | "cc" | "clang" | "rustc" | "go" | "ld" => {
            after(args, &["-o", "--output"])
        }
        _ => after(args, &["--output", "--out", "--out-dir", "--output-dir"]),
    };
    if ["find", "gfind"].contains(&name) && args.iter().any(|word| word.text == "-delete") {
        found.extend(
            args.iter().take_while(|word| !word.text.starts_with(['-', '(', '!'])).cloned(),
        );
    }
    found
}

/// The values of options: the next word, or what is attached.
fn after(args: &[ShellWord], options: &[&str]) -> Vec<ShellWord> {
    let mut found = Vec::new();
    for (at, word) in args.iter().enumerate() {
        for option in options {
            let attached =
                if option.starts_with("--") { format!("{option}=") } else { (*option).to_owned() };
            if word.text == *option {
                found.extend(args.get(at + 1).cloned());
            } else if let Some(word) = tail(word, &attached) {
                found.push(word);
            }
        }
    }
    found
}

fn tail(word: &ShellWord, head: &str) -> Option<ShellWord> {
    word.text.strip_prefix(head).map(|text| ShellWord { text: text.to_owned(), ..word.clone() })
}
