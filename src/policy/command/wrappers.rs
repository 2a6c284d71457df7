//! Commands that run other commands. Does not know whether those may run.

use super::super::shell::{Form, Redirect, Root, Way, Word};
use super::walk::Told;
use super::{Kind, Reason, has_letter, has_option, readers, settings};

/// What a wrapper runs.
pub struct Inside {
    pub commands: Vec<Vec<Word>>,
    pub scripts: Vec<String>,
    /// What the wrapper itself does.
    pub reasons: Vec<Reason>,
    /// What it reads.
    pub paths: Vec<Word>,
    pub told: Told,
    /// Where it runs it.
    pub folder: Option<Word>,
}

pub const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "mksh"];

/// What is inside of a command, where it is one that runs others.
pub fn inside(name: &str, words: &[Word], redirects: &[Redirect]) -> Option<Inside> {
    let args = &words[1..];
    match name {
        "env" => Some(env(args)),
        "nice" => Some(after_options(args, "n", 0)),
        "ionice" => Some(after_options(args, "cnp", 0)),
        "nohup" | "setsid" | "builtin" | "time" | "noglob" | "unbuffer" => Some(after_options(args, "fo", 0)),
        "exec" => Some(after_options(args, "a", 0)),
        "stdbuf" => Some(after_options(args, "ioe", 0)),
        "timeout" | "gtimeout" => Some(after_options(args, "ks", 1)),
        "command" if !has_letter(&args[..args.len().min(1)], "vV") => Some(after_options(args, "", 0)),
        "sudo" | "doas" => {
            let mut inside = after_options(args, "ugpCrtTDRh", 0);
            inside.told = Told::Wrapped;
            inside.reasons.push(Reason::new(Kind::Need, format!("It runs as another user (`{name}`)")));
            Some(inside)
        }
        "su" | "runuser" | "pkexec" => {
            let mut inside = Inside::own(Reason::new(Kind::Need, format!("It runs as another user (`{name}`)")));
            inside.scripts.extend(text_after(args, "-c"));
            Some(inside)
        }
        "xargs" | "gxargs" => Some(xargs(args)),
        "find" | "gfind" => find(args),
        "fd" | "fdfind" if has_letter(args, "xX") || has_option(args, &["--exec", "--exec-batch"]) => Some(fd(args)),
        "eval" => Some(eval(args)),
        "trap" => Some(eval(&args[..args.len().min(1)])),
        name if SHELLS.contains(&name) => Some(shell(name, args, redirects)),
        _ => None,
    }
}

impl Inside {
    fn none() -> Self {
        let (commands, scripts, reasons, paths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { commands, scripts, reasons, paths, told: Told::Plainly, folder: None }
    }

    /// It does something itself.
    fn own(reason: Reason) -> Self {
        Self { reasons: vec![reason], told: Told::Wrapped, ..Self::none() }
    }

    fn unknown(what: &str) -> Self {
        Self::own(Reason::new(Kind::Other, format!("It is not clear in advance what it runs: `{what}`")))
    }
}

/// The command after options, of which `valued` take the next word, and after some operands.
fn after_options(args: &[Word], valued: &str, operands: usize) -> Inside {
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
            return Inside::unknown(text);
        }
        // The value of an option stands apart where the option is its last letter, or is written out without `=`.
        let long = ["--signal", "--kill-after", "--adjustment", "--user", "--group", "--chdir", "--input", "--output", "--error"];
        let short = !text.starts_with("--") && text.chars().next_back().is_some_and(|c| valued.contains(c));
        let takes = short && !text[1..text.len() - 1].contains(|c| valued.contains(c)) || long.contains(&text);
        rest = if takes { more.get(1..).unwrap_or_default() } else { more };
    }
    let command = rest.get(operands..).unwrap_or_default();
    match command {
        [] => Inside::own(Reason::new(Kind::Other, "It is not known to only read")),
        command => Inside { commands: vec![command.to_vec()], ..Inside::none() },
    }
}

fn env(args: &[Word]) -> Inside {
    let mut rest = args;
    let mut found = Inside::none();
    while let [word, more @ ..] = rest {
        let text = word.text.as_str();
        rest = match text {
            "-i" | "-" | "-0" | "--ignore-environment" | "--null" | "-v" | "--debug" => more,
            "-u" | "--unset" => more.get(1..).unwrap_or_default(),
            "-C" | "--chdir" => {
                found.folder = Some(more.first().cloned().unwrap_or_default());
                // What is without a path reads there.
                found.paths.extend(more.first().cloned());
                more.get(1..).unwrap_or_default()
            }
            text if text.starts_with("--unset=") => more,
            text if text.starts_with('-') => return Inside::unknown(text),
            text => match text.split_once('=') {
                Some((name, value)) => {
                    let value = Word { text: value.to_owned(), ..word.clone() };
                    found.reasons.extend(settings::weigh(name, &value));
                    more
                }
                None => break,
            },
        };
    }
    match rest {
        [] => Inside::own(Reason::new(Kind::Other, readers::SHOWS_VARIABLES)),
        command => Inside { commands: vec![command.to_vec()], ..found },
    }
}

fn xargs(args: &[Word]) -> Inside {
    let mut inside = after_options(args, "IiLlnPsdEea", 0);
    for command in &mut inside.commands {
        command.push(Word::unknown("…"));
    }
    if inside.commands.is_empty() {
        inside.reasons.clear();
        inside.commands.push(vec![Word::literal("echo"), Word::unknown("…")]);
    }
    inside.told = Told::Wrapped;
    inside
}

/// Only a `find` that acts on what it finds is a wrapper.
fn find(args: &[Word]) -> Option<Inside> {
    let is_action = |word: &Word| ["-exec", "-execdir", "-ok", "-okdir"].contains(&word.text.as_str());
    args.iter().find(|word| is_action(word))?;
    let roots: Vec<Word> = args.iter().take_while(|word| !word.text.starts_with(['-', '(', '!'])).cloned().collect();
    let mut inside = Inside { told: Told::Wrapped, ..Inside::none() };
    let mut rest = args;
    while let Some(at) = rest.iter().position(is_action) {
        let aside = rest[at].text.ends_with("dir");
        let command: Vec<Word> = rest[at + 1..].iter().take_while(|word| word.text != ";" && word.text != "+").cloned().collect();
        rest = &rest[at + 1 + command.len()..];
        // What is found lies below the roots; which of them does not matter unless they lie on different sides.
        let found = |word: &Word| match (word.text.as_str(), roots.as_slice()) {
            ("{}", []) => Word::literal("./…"),
            ("{}", [root]) if root.form == Form::Literal => Word { text: format!("{}/…", root.text), ..root.clone() },
            (text, _) if text.contains("{}") => Word::unknown(text),
            _ => word.clone(),
        };
        let name = command.first().cloned();
        let mut command: Vec<Word> = command.iter().map(found).collect();
        if let (Some(first), Some(name)) = (command.first_mut(), name) {
            *first = if name.text.contains("{}") { Word::unknown("{}") } else { name };
        }
        if aside {
            inside.folder = Some(Word::unknown("…"));
        }
        if !command.is_empty() {
            inside.commands.push(command);
        }
    }
    let writes = ["-delete", "-fprint", "-fprint0", "-fprintf", "-fls"];
    if let Some(word) = args.iter().find(|word| writes.contains(&word.text.as_str())) {
        inside.reasons.push(Reason::new(Kind::Other, format!("It may change files (`{}`)", word.text)));
    }
    inside.paths = roots;
    Some(inside)
}

fn fd(args: &[Word]) -> Inside {
    let runs = |word: &Word| ["-x", "-X", "--exec", "--exec-batch"].contains(&word.text.as_str());
    match args.iter().position(runs).map(|at| &args[at + 1..]) {
        Some(command) if !command.is_empty() => {
            let mut command: Vec<Word> = command.iter().take_while(|word| word.text != ";").cloned().collect();
            command.push(Word::unknown("…"));
            Inside { commands: vec![command], told: Told::Wrapped, ..Inside::none() }
        }
        _ => Inside::unknown("fd"),
    }
}

fn eval(args: &[Word]) -> Inside {
    match args.iter().map(Word::known).collect::<Option<Vec<_>>>() {
        Some(texts) => Inside { scripts: vec![texts.join(" ")], told: Told::Wrapped, ..Inside::none() },
        None => Inside::unknown("eval"),
    }
}

fn shell(name: &str, args: &[Word], redirects: &[Redirect]) -> Inside {
    let mut rest = args;
    while let [option, more @ ..] = rest {
        let text = option.text.as_str();
        if !text.starts_with(['-', '+']) || text.len() < 2 || option.form != Form::Literal {
            break;
        }
        if text.starts_with("--") {
            if ["--rcfile", "--init-file"].contains(&text) {
                return Inside::unknown(text);
            }
            if ["--version", "--help"].contains(&text) {
                return Inside { commands: vec![vec![Word::literal("true")]], ..Inside::none() };
            }
            rest = more;
        } else if text.contains('c') {
            // Options may follow (`-c -l`), which is rare enough not to be read.
            return match more.first().filter(|word| !word.text.starts_with('-')).and_then(Word::known) {
                Some(line) => Inside { scripts: vec![line.to_owned()], told: Told::Wrapped, ..Inside::none() },
                None => Inside::unknown(name),
            };
        } else {
            rest = if text.ends_with(['o', 'O']) { more.get(1..).unwrap_or_default() } else { more };
        }
    }
    let body = redirects.iter().find_map(|redirect| match redirect.body.get() {
        Some(body) => body.known(),
        None => redirect.target.known().filter(|text| !text.is_empty() && redirect.way == Way::Here),
    });
    match (rest.first(), body) {
        (None, Some(line)) => Inside { scripts: vec![line.to_owned()], told: Told::Wrapped, ..Inside::none() },
        (Some(script), _) if script.root == Root::None => {
            let mut inside = Inside::own(Reason::new(Kind::Other, format!("`{}` is not known to only read", script.text)));
            inside.paths.push(script.clone());
            inside
        }
        _ => Inside::unknown(name),
    }
}

fn text_after(args: &[Word], option: &str) -> Option<String> {
    let at = args.iter().position(|word| word.text == option)?;
    args.get(at + 1).and_then(Word::known).map(str::to_owned)
}
