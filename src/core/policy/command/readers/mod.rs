//! Commands that only read, and the options with which they do more.

pub(super) mod listers;
pub(super) mod names;
mod scripts;

use super::super::shell::{PathRoot, ShellWord, WordForm};
use super::{has_letter, has_option, operands, settings};

/// The meaning of a command's operands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// One path; a second one would be written to.
    OnePath,
    Paths,
    /// Text first, then paths.
    Pattern,
    Text,
}

struct Reader {
    names: &'static str,
    /// Short and long options that write, or run something.
    letters: &'static str,
    options: &'static [&'static str],
    takes: Takes,
}

const fn reader(
    names: &'static str,
    letters: &'static str,
    options: &'static [&'static str],
    takes: Takes,
) -> Reader {
    Reader { names, letters, options, takes }
}

static READERS: [Reader; 21] = [
    reader(
        "ls cat head tail wc stat du df realpath readlink cut nl tac rev column cmp comm strings cd",
        "",
        &[],
        Takes::Paths,
    ),
    reader(
        "diff hexdump od md5sum sha1sum sha224sum sha256sum sha384sum sha512sum cksum b2sum sum base64 base32",
        "",
        &[],
        Takes::Paths,
    ),
    reader(
        "test [ paste join fold expand unexpand fmt lsof vdir dir tokei",
        "vR",
        &[],
        Takes::Paths,
    ),
    reader("scc", "o", &["--output", "--format-multi"], Takes::Paths),
    reader(
        "dirname basename pwd echo true false : whoami id groups uname tty arch nproc seq sleep expr uptime",
        "",
        &[],
        Takes::Text,
    ),
    reader("printf", "v", &[], Takes::Text),
    reader("which type whereis tr getconf", "", &[], Takes::Text),
    reader("command", "", &[], Takes::Text),
    reader("grep egrep fgrep ggrep", "", &[], Takes::Pattern),
    reader("rg", "z", &["--pre", "--hostname-bin", "--search-zip"], Takes::Pattern),
    reader("fd fdfind", "xX", &["--exec", "--exec-batch"], Takes::Pattern),
    reader(
        "sort",
        "oT",
        &["--output", "--compress-program", "--temporary-directory"],
        Takes::Paths,
    ),
    reader("uniq xxd", "", &[], Takes::OnePath),
    reader("file", "C", &["--compile"], Takes::Paths),
    reader("tree", "oR", &["--output"], Takes::Paths),
    reader("jq", "", &[], Takes::Pattern),
    reader(
        "yq",
        "is",
        &["--inplace", "--in-place", "--split-exp", "--split-exp-file"],
        Takes::Pattern,
    ),
    reader("exit return break continue wait shift", "", &[], Takes::Text),
    reader("ps pgrep", "", &[], Takes::Text),
    // Its settings name a pager, and `cache` is a subcommand.
    reader("bat batcat", "", &["--pager", "--paging", "--config-file"], Takes::Paths),
    reader("hostname", "bF", &["--file", "--boot"], Takes::Text),
];

/// Programs that tell their version, and do nothing else then.
const VERSIONED: [&str; 24] = [
    "bash", "bun", "cargo", "clang", "cmake", "deno", "docker", "gcc", "git", "go", "java", "make",
    "node", "npm", "perl", "php", "pip", "pnpm", "python", "python3", "ruby", "rustc", "rustup",
    "yarn",
];
/// Commands that run something else if settings of the folder say so: hooks and drivers of git,
/// another compiler, another release of themselves.
const HEEDFUL: [&str; 8] = ["bun", "cargo", "git", "go", "npm", "pnpm", "rustc", "yarn"];
pub const SHOWS_VARIABLES: &str = "It shows all variables, which may hold secrets";
const SCREENS: [&str; 14] = [
    "less", "more", "man", "vi", "vim", "nvim", "nano", "emacs", "top", "htop", "pico", "ed",
    "gdb", "tig",
];

/// The paths a command reads, where it does nothing else; or why that is not known.
///
/// # Errors
///
/// Fails with a sentence for people if the command is not known to only read.
pub fn reads(name: &str, args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    if SCREENS.contains(&name) {
        return Err(format!("`{name}` needs a terminal, which it does not get"));
    }
    let only = |word: &str| args.len() == 1 && args[0].known() == Some(word);
    if VERSIONED.contains(&name) && (only("--version") || only("-V") && name != "deno")
        || name == "node" && only("-v")
    {
        return Ok(Vec::new());
    }
    match name {
        "sed" | "gsed" => return scripts::sed(args),
        "awk" | "gawk" | "mawk" | "nawk" => return scripts::awk(args),
        "find" | "gfind" => return find(args),
        "cargo" => return cargo(args),
        "go" if only("version") || only("env") => return Ok(Vec::new()),
        "date" => return date(args),
        "test" | "[" if let Some(file) = asked_about(args) => return Ok(vec![file.clone()]),
        // The commands after it read there.
        "cd" if args.is_empty() => {
            return Ok(vec![ShellWord { root: PathRoot::Home, ..ShellWord::literal("~") }]);
        }
        _ => {}
    }
    let unknown = || Err(format!("`{name}` is not known to only read"));
    let Some(reader) =
        READERS.iter().find(|reader| reader.names.split(' ').any(|known| known == name))
    else {
        return unknown();
    };
    let acts = !reader.letters.is_empty() || !reader.options.is_empty();
    if acts && has_letter(args, reader.letters) || has_option(args, reader.options) {
        return Err(format!("`{name}` may do more than read with these options"));
    }
    if acts && let Some(word) = args.iter().find(|word| may_be_option(word)) {
        return Err(format!("`{}` may turn out to be an option of `{name}`", word.text));
    }
    if let Some(why) = acts_by_words(name, args) {
        return Err(why);
    }
    let paths = |args: &[ShellWord]| args.iter().filter_map(path_of).collect::<Vec<_>>();
    Ok(match reader.takes {
        Takes::Text if name == "hostname" && operands(args).next().is_some() => return unknown(),
        Takes::Text => Vec::new(),
        Takes::Paths => paths(args),
        Takes::Pattern => match pattern_at(name, args) {
            Some(at) if args[at].text != names::ADDED => {
                paths(&[&args[..at], &args[at + 1..]].concat())
            }
            _ => paths(args),
        },
        Takes::OnePath
            if operands(args).count() > 1
                || operands(args).any(|word| word.form > WordForm::Literal) =>
        {
            return Err(format!("`{name}` may write to its second file"));
        }
        Takes::OnePath => paths(args),
    })
}

/// Why a reader does more than read for what its operands say.
fn acts_by_words(name: &str, args: &[ShellWord]) -> Option<String> {
    let says =
        |parts: &[&str]| args.iter().any(|word| parts.iter().any(|part| word.text.contains(part)));
    match name {
        // Some shells take a text for a number, and run what is in it.
        "test" | "[" | "printf"
            if args.iter().any(|word| word.nested.is_empty() && settings::computes(&word.text)) =>
        {
            Some(format!("`{name}` may run what it is given for a number"))
        }
        "jq" if args.iter().any(|word| shows_variables(&word.text)) => {
            Some(SHOWS_VARIABLES.to_owned())
        }
        // A program in a file may do so, too.
        "jq" if has_letter(args, "fL")
            || has_option(args, &["--from-file"])
            || says(&["import", "include"]) && says(&["\""]) =>
        {
            Some("It may read other files (`import`)".to_owned())
        }
        "du" | "sort" | "wc" if has_option(args, &["--files0-from"]) => {
            Some(format!("`{name}` reads files that are named in another one"))
        }
        "strings" if args.iter().any(|word| word.text.starts_with('@')) => {
            Some(format!("`{name}` reads options from a file"))
        }
        "yq" if says(&["env"]) => Some(SHOWS_VARIABLES.to_owned()),
        "yq" if says(&["load"]) => Some("It may read other files (`load`)".to_owned()),
        "ps" if operands(args)
            .any(|word| word.form > WordForm::Literal || word.text.contains('e')) =>
        {
            Some(SHOWS_VARIABLES.to_owned())
        }
        "bat" | "batcat" if operands(args).any(|word| word.text == "cache") => {
            Some(format!("`{name} cache` writes"))
        }
        _ => None,
    }
}

/// `env` and `$ENV` of a `jq` program, and not `.environment`.
fn shows_variables(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("env").any(|(at, found)| {
        !text[..at].ends_with(|c| is_part(c) || c == '.')
            && !text[at + found.len()..].starts_with(is_part)
    }) || text.contains("$ENV")
}

/// Whether settings of the folder can make a reader do more than read.
pub fn heeds_settings(name: &str) -> bool {
    HEEDFUL.contains(&name)
}

/// Whether a command only reads whatever its options are.
pub fn always_reads(name: &str) -> bool {
    let found = READERS.iter().find(|reader| reader.names.split(' ').any(|known| known == name));
    found.is_some_and(|reader| {
        reader.letters.is_empty() && reader.options.is_empty() && reader.takes != Takes::OnePath
    })
}

/// Whether a command is a program that only reads, or a part of the shell that sets no variable.
pub fn sets_nothing(name: &str, args: &[ShellWord]) -> bool {
    let is_reader =
        || READERS.iter().any(|reader| reader.names.split(' ').any(|known| known == name));
    match name {
        "command" => false,
        // `printf -v`, `wait -p` and `test -v` set a variable, or compute.
        "printf" | "wait" if args.first().is_some_and(|word| !word.is_literal()) => false,
        "wait" if args.iter().any(|word| !word.is_literal()) => false,
        "printf" | "wait" | "test" | "[" => !has_letter(args, "vp"),
        "sed" | "awk" | "find" | "git" | "xargs" | "date" => true,
        _ => is_reader(),
    }
}

/// Whether an environment variable that none of its settings is named after can change nothing of
/// what a command does. The shell keeps what is set before its special commands.
pub fn ignores_variables(name: &str) -> bool {
    // And `ps` takes its columns from one.
    let special = [":", "exit", "return", "break", "continue", "wait", "shift", "command", "ps"];
    always_reads(name) && !special.contains(&name)
}

/// Whether a command that is given the names of files, whatever they are, only reads them.
pub fn takes_names(name: &str, args: &[ShellWord]) -> bool {
    let literal = |at: usize| args.get(at).is_some_and(ShellWord::is_literal);
    match name {
        "grep" | "egrep" | "fgrep" | "ggrep" => pattern_at(name, args).is_some_and(literal),
        "test" | "[" => asked_about(args).is_some(),
        // It takes `@name` for a file with options.
        "strings" => false,
        _ => {
            let found =
                READERS.iter().find(|reader| reader.names.split(' ').any(|known| known == name));
            found.is_some_and(|reader| reader.takes == Takes::Paths) && always_reads(name)
        }
    }
}

/// The one file, or text, that a `test` asks about, which it takes for nothing else. A glob may
/// stand for several words, which are an expression then.
fn asked_about(args: &[ShellWord]) -> Option<&ShellWord> {
    let asks = ["-d", "-e", "-f", "-h", "-L", "-n", "-r", "-s", "-w", "-x", "-z"];
    match args {
        [_, file, ..] if file.form == WordForm::Glob => None,
        [how, file] if asks.contains(&how.known()?) => Some(file),
        [how, file, end] if asks.contains(&how.known()?) && end.text == "]" => Some(file),
        _ => None,
    }
}

/// Whether a word of a command is what it searches for, and no file.
pub fn is_pattern(words: &[ShellWord], word: &ShellWord) -> bool {
    let Some(name) = words.first().and_then(ShellWord::known) else { return false };
    let searches = ["grep", "egrep", "fgrep", "ggrep", "rg"].contains(&name);
    searches && pattern_at(name, &words[1..]).is_some_and(|at| std::ptr::eq(&words[at + 1], word))
}

/// The first operand, where nothing before it could have taken it for its value.
fn pattern_at(name: &str, args: &[ShellWord]) -> Option<usize> {
    let flags =
        if name == "jq" || name == "yq" { "rcMCSseanjg" } else { "abcEFGHhiIlLnoPqrRsTUvwxyz0S" };
    let gives = has_option(args, &["--regexp", "--file", "--from-file"]) || has_letter(args, "ef");
    let at = args.iter().position(|word| !word.text.starts_with('-'))?;
    let plain = |word: &ShellWord| match word.text.strip_prefix("--") {
        Some(long) => {
            long.contains('=')
                || [
                    "ignore-case",
                    "recursive",
                    "line-number",
                    "hidden",
                    "count",
                    "raw-output",
                    "no-heading",
                ]
                .contains(&long)
        }
        None => word.text[1..].chars().all(|c| flags.contains(c)),
    };
    let gives = gives && !["jq", "yq"].contains(&name);
    (!gives && args[..at].iter().all(|word| word.is_literal() && plain(word))).then_some(at)
}

/// A word that names a path, or the value of an option that may.
fn path_of(word: &ShellWord) -> Option<ShellWord> {
    let with = |text: &str| Some(ShellWord { text: text.to_owned(), ..word.clone() });
    match word.text.as_str() {
        "" | "]" | "-" => None,
        text if !text.starts_with('-') => Some(word.clone()),
        text if word.form == WordForm::Unknown => with(text),
        text => match (text.split_once('='), text.find('/')) {
            (Some((_, value)), _) if value.contains('/') || value == ".." => with(value),
            (None, Some(at)) => with(&text[at..]),
            _ => None,
        },
    }
}

/// Whether it may stand for an option once it is expanded.
fn may_be_option(word: &ShellWord) -> bool {
    word.form > WordForm::Literal
        && (word.form > WordForm::Glob || word.text.starts_with(['*', '?', '[', '-']))
}

fn find(args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    let acts = [
        "-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint", "-fprint0", "-fprintf", "-fls",
    ];
    if let Some(word) = args.iter().find(|word| acts.contains(&word.text.as_str())) {
        return Err(format!("It may change files (`{}`)", word.text));
    }
    if args.iter().any(|word| word.text == "-files0-from") {
        return Err("It looks into folders that are named in a file (`-files0-from`)".to_owned());
    }
    if let Some(word) = args.iter().find(|word| may_be_option(word)) {
        return Err(format!("`{}` may turn out to be an option of `find`", word.text));
    }
    let named = ["-newer", "-samefile"];
    let files = args
        .windows(2)
        .filter(|pair| named.iter().any(|name| pair[0].text.starts_with(name)))
        .map(|pair| pair[1].clone());
    Ok(args
        .iter()
        .take_while(|word| !word.text.starts_with(['-', '(', '!']))
        .cloned()
        .chain(files)
        .collect())
}

fn cargo(args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    let sub = args.first().and_then(ShellWord::known).unwrap_or_default();
    let sub = if sub.starts_with('+') {
        args.get(1).and_then(ShellWord::known).unwrap_or_default()
    } else {
        sub
    };
    let known = [
        "tree",
        "metadata",
        "version",
        "help",
        "locate-project",
        "pkgid",
        "read-manifest",
        "--list",
    ];
    if !known.contains(&sub)
        || has_option(args, &["--config"])
        || args.iter().any(|word| word.text == "-Z" || may_be_option(word))
    {
        return Err("`cargo` is not known to only read here".to_owned());
    }
    Ok(args.iter().skip(1).filter(|word| word.text.contains('/')).filter_map(path_of).collect())
}

/// With a plain operand it sets the clock.
fn date(args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    let sets = has_letter(args, "s") || has_option(args, &["--set"]);
    let shows = args.iter().enumerate().all(|(at, word)| {
        let after_value =
            at > 0 && ["-d", "--date", "-r", "-f"].contains(&args[at - 1].text.as_str());
        after_value || word.text.starts_with(['+', '-'])
    });
    match shows && !sets {
        true => Ok(operands(args).filter(|word| word.text.starts_with('/')).cloned().collect()),
        false => Err("`date` may set the clock".to_owned()),
    }
}
