//! Commands that run other commands.

use super::super::shell::{PathRoot, Redirect, RedirectKind, ShellWord, WordForm};
use super::readers::names::ADDED;
use super::walk::Wrapping;
use super::{AskReason, ReasonKind, has_letter, has_option, readers, settings};

/// The commands that a wrapper runs.
pub struct WrappedCommand {
    pub commands: Vec<Vec<ShellWord>>,
    pub scripts: Vec<String>,
    /// Reasons to ask about the wrapper itself.
    pub reasons: Vec<AskReason>,
    /// Files that it reads.
    pub paths: Vec<ShellWord>,
    pub wrapping: Wrapping,
    /// Where it runs it.
    pub folder: Option<ShellWord>,
}

pub const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "mksh"];

/// The commands inside of a wrapper; `None` for any other command.
pub fn inside(name: &str, words: &[ShellWord], redirects: &[Redirect]) -> Option<WrappedCommand> {
    let args = &words[1..];
    match name {
        "env" => Some(env(args)),
        "nice" => Some(after_options(args, "n", 0)),
        "ionice" => Some(after_options(args, "cnp", 0)),
        "nohup" | "setsid" | "builtin" | "time" | "noglob" | "unbuffer" => {
            Some(after_options(args, "fo", 0))
        }
        "exec" => Some(after_options(args, "a", 0)),
        "stdbuf" => Some(after_options(args, "ioe", 0)),
        "timeout" | "gtimeout" => Some(after_options(args, "ks", 1)),
        "command" if !has_letter(&args[..args.len().min(1)], "vV") => {
            Some(after_options(args, "", 0))
        }
        "sudo" | "doas" => {
            let mut inside = after_options(args, "ugpCrtTDRh", 0);
            inside.wrapping = Wrapping::Wrapped;
            inside.reasons.push(AskReason::new(
                ReasonKind::Need,
                format!("It runs as another user (`{name}`)"),
            ));
            Some(inside)
        }
        "su" | "runuser" | "pkexec" => {
            let mut inside = WrappedCommand::own(AskReason::new(
                ReasonKind::Need,
                format!("It runs as another user (`{name}`)"),
            ));
            inside.scripts.extend(text_after(args, "-c"));
            Some(inside)
        }
        "xargs" | "gxargs" => Some(xargs(args)),
        "find" | "gfind" => find(args),
        "fd" | "fdfind"
            if has_letter(args, "xX") || has_option(args, &["--exec", "--exec-batch"]) =>
        {
            Some(fd(args))
        }
        "eval" => Some(eval(args)),
        "trap" => Some(eval(&args[..args.len().min(1)])),
        name if SHELLS.contains(&name) => Some(shell(name, args, redirects)),
        _ => None,
    }
}

impl WrappedCommand {
    fn none() -> Self {
        let (commands, scripts, reasons, paths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { commands, scripts, reasons, paths, wrapping: Wrapping::Bare, folder: None }
    }

    /// It does something itself.
    fn own(reason: AskReason) -> Self {
        Self { reasons: vec![reason], wrapping: Wrapping::Wrapped, ..Self::none() }
    }

    fn unknown(what: &str) -> Self {
        Self::own(AskReason::new(
            ReasonKind::Other,
            format!("It is not clear in advance what it runs: `{what}`"),
        ))
    }
}

/// The command after options, of which `valued` take the next word, and after some operands.
fn after_options(args: &[ShellWord], valued: &str, operands: usize) -> WrappedCommand {
    let mut rest = args;
    while let [option, more @ ..] = rest {
        let text = option.text.as_str();
        if text == "--" {
            rest = more;
            break;
        }
        if !text.starts_with('-') || text.len() < 2 {
            break;
        }
        if !option.is_literal() {
            return WrappedCommand::unknown(text);
        }
        // The value stands apart if the option is the last letter, or is written out without `=`.
        let long = [
            "--signal",
            "--kill-after",
            "--adjustment",
            "--user",
            "--group",
            "--chdir",
            "--input",
            "--output",
            "--error",
        ];
        let short =
            !text.starts_with("--") && text.chars().next_back().is_some_and(|c| valued.contains(c));
        let takes = short && !text[1..text.len() - 1].contains(|c| valued.contains(c))
            || long.contains(&text);
        rest = if takes { more.get(1..).unwrap_or_default() } else { more };
    }
    let command = rest.get(operands..).unwrap_or_default();
    match command {
        [] => {
            WrappedCommand::own(AskReason::new(ReasonKind::Other, "It is not known to only read"))
        }
        command => WrappedCommand { commands: vec![command.to_vec()], ..WrappedCommand::none() },
    }
}

fn env(args: &[ShellWord]) -> WrappedCommand {
    let mut rest = args;
    let mut found = WrappedCommand::none();
    while let [word, more @ ..] = rest {
        let text = word.text.as_str();
        rest = match text {
            "-i" | "-" | "-0" | "--ignore-environment" | "--null" | "-v" | "--debug" => more,
            "-u" | "--unset" => more.get(1..).unwrap_or_default(),
            "-C" | "--chdir" => {
                found.folder = Some(more.first().cloned().unwrap_or_default());
                // A command without a path reads there.
                found.paths.extend(more.first().cloned());
                more.get(1..).unwrap_or_default()
            }
            text if text.starts_with("--unset=") => more,
            text if text.starts_with('-') => return WrappedCommand::unknown(text),
            text => match text.split_once('=') {
                Some((name, value)) => {
                    let value = ShellWord { text: value.to_owned(), ..word.clone() };
                    found.reasons.extend(settings::setting_reason(name, &value));
                    more
                }
                None => break,
            },
        };
    }
    match rest {
        [] => WrappedCommand::own(AskReason::new(ReasonKind::Other, readers::SHOWS_VARIABLES)),
        command => WrappedCommand { commands: vec![command.to_vec()], ..found },
    }
}

fn xargs(args: &[ShellWord]) -> WrappedCommand {
    let mut inside = after_options(args, "IiJLlnPsdEea", 0);
    let replaced = replaced_by_xargs(args);
    for command in &mut inside.commands {
        for word in command.iter_mut() {
            if replaced.iter().any(|mark| word.text.contains(mark)) {
                *word = ShellWord::unknown(word.text.clone());
            }
        }
        command.push(ShellWord::unknown(ADDED));
    }
    if inside.commands.is_empty() {
        inside.reasons.clear();
        inside.commands.push(vec![ShellWord::literal("echo"), ShellWord::unknown(ADDED)]);
    }
    inside.wrapping = Wrapping::Wrapped;
    inside
}

/// The marks in whose places an `xargs` may put what it reads.
fn replaced_by_xargs(args: &[ShellWord]) -> Vec<&str> {
    let mut marks = Vec::new();
    for (at, word) in args.iter().enumerate().take_while(|(_, word)| word.text != "--") {
        let next = args.get(at + 1).map(|word| word.text.as_str());
        match word.text.as_str() {
            "-I" | "-J" => marks.extend(next),
            text if text.starts_with("-I") || text.starts_with("-J") => marks.push(&text[2..]),
            text if text.starts_with("-i") || text.starts_with("--r") => {
                let mark = text.strip_prefix("-i").or(text.split_once('=').map(|(_, mark)| mark));
                marks.extend(mark.filter(|mark| !mark.is_empty()).or(Some("{}")));
            }
            text if text.starts_with('-') && !text.starts_with("--") && text.contains('I') => {
                marks.extend(text.split_once('I').map(|(_, mark)| mark).filter(|m| !m.is_empty()));
                marks.extend(next);
            }
            _ => {}
        }
    }
    marks
}

/// Only a `find` that acts on what it finds is a wrapper.
fn find(args: &[ShellWord]) -> Option<WrappedCommand> {
    let is_action =
        |word: &ShellWord| ["-exec", "-execdir", "-ok", "-okdir"].contains(&word.text.as_str());
    args.iter().find(|word| is_action(word))?;
    let roots: Vec<ShellWord> =
        args.iter().take_while(|word| !word.text.starts_with(['-', '(', '!'])).cloned().collect();
    let mut inside = WrappedCommand { wrapping: Wrapping::Wrapped, ..WrappedCommand::none() };
    let mut rest = args;
    while let Some(at) = rest.iter().position(is_action) {
        let aside = rest[at].text.ends_with("dir");
        let command: Vec<ShellWord> = rest[at + 1..]
            .iter()
            .take_while(|word| word.text != ";" && word.text != "+")
            .cloned()
            .collect();
        rest = &rest[at + 1 + command.len()..];
        // Matches lie below the roots; which of them matters only if they lie on different sides.
        let found = |word: &ShellWord| match (word.text.as_str(), roots.as_slice()) {
            ("{}", []) => ShellWord::literal("./…"),
            ("{}", [root]) if root.form == WordForm::Literal => {
                ShellWord { text: format!("{}/…", root.text), ..root.clone() }
            }
            (text, _) if text.contains("{}") => ShellWord::unknown(text),
            _ => word.clone(),
        };
        let name = command.first().cloned();
        let mut command: Vec<ShellWord> = command.iter().map(found).collect();
        if let (Some(first), Some(name)) = (command.first_mut(), name) {
            *first = if name.text.contains("{}") { ShellWord::unknown("{}") } else { name };
        }
        if aside {
            inside.folder = Some(ShellWord::unknown("…"));
        }
        if !command.is_empty() {
            inside.commands.push(command);
        }
    }
    let writes = ["-delete", "-fprint", "-fprint0", "-fprintf", "-fls"];
    if let Some(word) = args.iter().find(|word| writes.contains(&word.text.as_str())) {
        inside.reasons.push(AskReason::new(
            ReasonKind::Other,
            format!("It may change files (`{}`)", word.text),
        ));
    }
    inside.paths = roots;
    Some(inside)
}

fn fd(args: &[ShellWord]) -> WrappedCommand {
    let runs =
        |word: &ShellWord| ["-x", "-X", "--exec", "--exec-batch"].contains(&word.text.as_str());
    match args.iter().position(runs).map(|at| &args[at + 1..]) {
        Some(command) if !command.is_empty() => {
            let mut command: Vec<ShellWord> =
                command.iter().take_while(|word| word.text != ";").cloned().collect();
            command.push(ShellWord::unknown(ADDED));
            WrappedCommand {
                commands: vec![command],
                wrapping: Wrapping::Wrapped,
                ..WrappedCommand::none()
            }
        }
        _ => WrappedCommand::unknown("fd"),
    }
}

fn eval(args: &[ShellWord]) -> WrappedCommand {
    match args.iter().map(ShellWord::known).collect::<Option<Vec<_>>>() {
        Some(texts) => WrappedCommand {
            scripts: vec![texts.join(" ")],
            wrapping: Wrapping::Wrapped,
            ..WrappedCommand::none()
        },
        None => WrappedCommand::unknown("eval"),
    }
}

fn shell(name: &str, args: &[ShellWord], redirects: &[Redirect]) -> WrappedCommand {
    let mut rest = args;
    while let [option, more @ ..] = rest {
        let text = option.text.as_str();
        if !text.starts_with(['-', '+']) || text.len() < 2 || option.form != WordForm::Literal {
            break;
        }
        if text.starts_with("--") {
            if ["--rcfile", "--init-file"].contains(&text) {
                return WrappedCommand::unknown(text);
            }
            if ["--version", "--help"].contains(&text) {
                return WrappedCommand {
                    commands: vec![vec![ShellWord::literal("true")]],
                    ..WrappedCommand::none()
                };
            }
            rest = more;
        } else if text.contains('c') {
            // Options may follow (`-c -l`), which is rare enough not to be read.
            return match more
                .first()
                .filter(|word| !word.text.starts_with('-'))
                .and_then(ShellWord::known)
            {
                Some(line) => WrappedCommand {
                    scripts: vec![line.to_owned()],
                    wrapping: Wrapping::Wrapped,
                    ..WrappedCommand::none()
                },
                None => WrappedCommand::unknown(name),
            };
        } else {
            rest =
                if text.ends_with(['o', 'O']) { more.get(1..).unwrap_or_default() } else { more };
        }
    }
    let body = redirects.iter().find_map(|redirect| match redirect.body.get() {
        Some(body) => body.known(),
        None => redirect
            .target
            .known()
            .filter(|text| !text.is_empty() && redirect.way == RedirectKind::Here),
    });
    match (rest.first(), body) {
        (None, Some(line)) => WrappedCommand {
            scripts: vec![line.to_owned()],
            wrapping: Wrapping::Wrapped,
            ..WrappedCommand::none()
        },
        (Some(script), _) if script.root == PathRoot::None => {
            let mut inside = WrappedCommand::own(AskReason::new(
                ReasonKind::Other,
                format!("`{}` is not known to only read", script.text),
            ));
            inside.paths.push(script.clone());
            inside
        }
        _ => WrappedCommand::unknown(name),
    }
}

fn text_after(args: &[ShellWord], option: &str) -> Option<String> {
    let at = args.iter().position(|word| word.text == option)?;
    args.get(at + 1).and_then(ShellWord::known).map(str::to_owned)
}
