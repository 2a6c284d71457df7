//! Variables that a line sets.

use super::super::shell::{ShellWord, WordForm};
use super::{AskReason, ReasonKind};

/// Change nothing but how something looks, or how much it tells.
const HARMLESS: [&str; 20] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LINES",
    "NO_COLOR",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "TERM",
    "TZ",
    "CARGO_TERM_COLOR",
    "PYTHONUNBUFFERED",
];

/// Parts of names of variables that make one program run another, or that send it elsewhere.
const GRAVE: [&str; 38] = [
    "ALIASES",
    "ASKPASS",
    "BASHOPTS",
    "BASH_",
    "BROWSER",
    "BUILD_RUSTC",
    "CDPATH",
    "CLASSPATH",
    "COMMAND",
    "DYLD_",
    "EDITOR",
    "EXINIT",
    "FIGNORE",
    "GCONV",
    "GIT_",
    "GREP_OPTIONS",
    "HOME",
    "IFS",
    "JAVA_",
    "JDK_",
    "LD_",
    "LINKER",
    "LOCPATH",
    "MAKEFLAGS",
    "NODE_OPTIONS",
    "NPM_CONFIG",
    "PAGER",
    "PATH",
    "PERL",
    "PRELOAD",
    "PROMPT",
    "PROXY",
    "PYTHON",
    "RUBY",
    "RUNNER",
    "RUSTC",
    "SHELL",
    "WRAPPER",
];

/// Lower-case names that a shell takes a meaning from.
const SPECIAL: [&str; 14] = [
    "argv",
    "cdpath",
    "fignore",
    "fpath",
    "histchars",
    "mailpath",
    "manpath",
    "module_path",
    "options",
    "path",
    "precmd",
    "prompt",
    "aliases",
    "functions",
];

/// Whether a shell may take a meaning from a name in lower case.
pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}

/// Why setting a variable may not just happen.
pub fn setting_reason(name: &str, value: &ShellWord) -> Option<AskReason> {
    let upper = name.to_uppercase();
    let shown = format!("It sets `{name}`, which may change what runs");
    if HARMLESS.contains(&name) {
        return None;
    }
    if SPECIAL.contains(&name)
        || GRAVE.iter().any(|part| upper.contains(part))
        || ["ENV", "LESS", "LESSOPEN", "LESSCLOSE", "PS1", "PS4", "VISUAL"].contains(&name)
    {
        return Some(AskReason::new(ReasonKind::Setting, shown));
    }
    if value.nested.is_empty() && computes(&value.text) {
        return Some(AskReason::new(ReasonKind::Setting, shown));
    }
    name.contains(|c: char| c.is_ascii_uppercase())
        .then(|| AskReason::new(ReasonKind::Other, shown))
}

/// Whether a shell that takes a text for a number would run what is in it.
pub fn computes(text: &str) -> bool {
    text.contains('[') && text.contains(['`', '$']) || text.contains("$(")
}

/// Whether a condition compares numbers that are not written out, or looks for a variable whose
/// name is not. The shell takes them for expressions, and runs commands in the index of an array: a
/// file may be named so.
pub fn condition_computes(words: &[ShellWord]) -> bool {
    let is_number = |word: Option<&ShellWord>| {
        word.is_some_and(|word| {
            let digits = word.text.strip_prefix('-').unwrap_or(&word.text);
            matches!(word.text.as_str(), "$?" | "$#")
                || !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    words.iter().enumerate().any(|(at, word)| match word.text.as_str() {
        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
            at == 0 || !is_number(words.get(at - 1)) || !is_number(words.get(at + 1))
        }
        "-v" | "-R" => words.get(at + 1).is_none_or(|name| name.form == WordForm::Unknown),
        _ => false,
    })
}
