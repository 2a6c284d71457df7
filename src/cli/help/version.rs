//! `codling --version`, for people and, with `--json`, for programs.

use std::ffi::OsString;

/// The version as people read it: `0.2.0`, with commit and day where a release was built.
pub const VERSION: &str = match option_env!("CODLING_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// The commit that a release was built of, and the day of that commit.
const COMMIT: Option<&str> = option_env!("CODLING_COMMIT");
const DAY: Option<&str> = option_env!("CODLING_DAY");

const LIBC: Option<&str> = if cfg!(target_env = "musl") {
    Some("musl")
} else if cfg!(target_env = "gnu") {
    Some("gnu")
} else {
    None
};

/// The version as one line of JSON, if that is all that is asked for.
pub fn asked_as_json(typed: impl Iterator<Item = OsString>) -> Option<String> {
    let words: Vec<OsString> = typed.skip(1).collect();
    let has = |names: &[&str]| words.iter().any(|word| names.iter().any(|name| word == name));
    let asks = words.len() == 2 && has(&["--version", "-V"]) && has(&["--json"]);
    let fields = [
        ("version", Some(env!("CARGO_PKG_VERSION"))),
        ("commit", COMMIT),
        ("day", DAY),
        ("os", Some(std::env::consts::OS)),
        ("arch", Some(std::env::consts::ARCH)),
        ("libc", LIBC),
    ];
    // None of the values holds a letter that JSON would have to escape.
    let field = |(name, value): (&str, Option<&str>)| match value {
        Some(value) => format!("\"{name}\":\"{value}\""),
        None => format!("\"{name}\":null"),
    };
    asks.then(|| format!("{{{}}}", fields.map(field).join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Option<serde_json::Value> {
        let typed = ["codling"].iter().chain(words).map(OsString::from);
        asked_as_json(typed).map(|line| serde_json::from_str(&line).unwrap())
    }

    #[test]
    fn a_program_is_told_the_version_in_json() {
        for words in [["--version", "--json"], ["--json", "-V"]] {
            let told = asked(&words).unwrap();
            assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
            assert_eq!(told["os"], std::env::consts::OS);
        }
        for words in [&["--version"][..], &["run", "--json"], &["--version", "--json", "run"]] {
            assert_eq!(asked(words), None);
        }
    }
}
