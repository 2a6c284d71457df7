//! Settings of tools without the secrets in them: a copy that commands may read. What cannot be
//! understood line by line is shown only where nothing in it looks like a secret.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value};

use crate::base::redact;

/// Parts of a name whose value is a secret.
const PARTS: [&str; 8] = ["auth", "cookie", "key", "keys", "pass", "pat", "pw", "pwd"];
/// Words that make a name one of those wherever they stand in it.
const WITHIN: [&str; 10] = [
    "apikey",
    "authorization",
    "credential",
    "extraheader",
    "passphrase",
    "passw",
    "privatekey",
    "secret",
    "smtppass",
    "token",
];
/// Files that are not understood line by line.
const NESTED: [&str; 8] = [".cjs", ".js", ".json", ".json5", ".mjs", ".ts", ".xml", "NuGet.Config"];

/// The text without what looks like a secret; `None` where it cannot be told what of it is one.
pub fn without_secrets(path: &Path, text: &str) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let left = match () {
        () if NESTED.iter().any(|end| name.ends_with(end))
            || text.trim_start().starts_with('{') =>
        {
            if text.lines().all(is_clean) {
                text.to_owned()
            } else {
                return None;
            }
        }
        () if name.ends_with(".toml") => of_toml(text)?,
        () => of_lines(text),
    };
    (!left.contains('\0') && redact(&left) == left).then_some(left)
}

/// Sections and `name = value`, `name: value` or `name value`; what is indented further than a line
/// belongs to it, and so does what follows a backslash.
fn of_lines(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    // How far the line is indented with which what follows is left out, and whether it goes on.
    let mut gone: Option<(usize, bool)> = None;
    let mut is_gone_section = false;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let plain = line.trim();
        if let Some((outer, goes_on)) = gone {
            if goes_on || indent > outer && !plain.is_empty() {
                gone = Some((outer, plain.ends_with('\\')));
                continue;
            }
            gone = None;
        }
        if plain.starts_with('[') {
            is_gone_section = !is_clean(plain);
        }
        let is_comment = plain.starts_with(['#', ';', '!']) || plain.starts_with("//");
        if is_gone_section || is_comment {
            continue;
        }
        if is_clean(plain) {
            left.push_str(line);
        } else {
            gone = Some((indent, plain.ends_with('\\')));
        }
    }
    left
}

/// Whether nothing in a line looks like a secret: no name, no address with a sign-in, no key of a
/// well-known maker.
fn is_clean(line: &str) -> bool {
    !names_secret(line) && is_clean_value(line) && redact(line) == line
}

fn is_clean_value(text: &str) -> bool {
    let is_signed_in = text.match_indices("://").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|c: char| c == '/' || c.is_whitespace() || "\"'<>".contains(c));
        let host = &rest[..end.unwrap_or(rest.len())];
        host.rsplit_once('@').is_some_and(|(user, _)| user != "git")
    });
    // A package server of conda's takes a token as a folder.
    !is_signed_in && !text.contains("/t/")
}

/// Whether a word says that something is a secret: `authToken`, `http.extraHeader`,
/// `proxy-password`; not `author`, `signingKey`.
fn names_secret(text: &str) -> bool {
    let mut parts: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for letter in text.chars() {
        let begins = letter.is_uppercase() && before.is_lowercase();
        if begins || !letter.is_alphanumeric() {
            parts.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.extend(letter.to_lowercase());
        }
        before = letter;
    }
    // Bundler writes a host with two lines for a dot.
    let is_of_host = text
        .strip_prefix("BUNDLE_")
        .and_then(|rest| rest.split(':').next())
        .is_some_and(|name| name.contains("__"));
    let whole = text.to_lowercase();
    // `user.signingKey` is the name of a key, and no key.
    let has_part = parts.iter().enumerate().any(|(at, part)| {
        let is_named = at > 0 && parts[at - 1] == "signing";
        PARTS.contains(&part.as_str()) && !is_named
    });
    is_of_host || has_part || WITHIN.iter().any(|word| whole.contains(word))
}

/// Without comments.
fn of_toml(text: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    table_without_secrets(document.as_table_mut());
    document.set_trailing("");
    Some(document.to_string())
}

fn table_without_secrets(table: &mut Table) {
    table.decor_mut().clear();
    for (mut name, item) in table.iter_mut() {
        name.leaf_decor_mut().clear();
        match item {
            Item::Table(inner) => table_without_secrets(inner),
            Item::ArrayOfTables(all) => all.iter_mut().for_each(table_without_secrets),
            Item::Value(value) => bare(value),
            Item::None => {}
        }
    }
    table.retain(stays);
}

fn stays(name: &str, item: &mut Item) -> bool {
    let is_clean_item = match item {
        Item::Value(value) => is_clean(&value.to_string()),
        _ => true,
    };
    !names_secret(name) && is_clean_value(name) && is_clean_item
}

/// A comment may stand behind any value, also in a list.
fn bare(value: &mut Value) {
    value.decor_mut().clear();
    if let Value::Array(all) = value {
        all.iter_mut().for_each(bare);
        all.set_trailing("");
        all.decor_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(name: &str, text: &str) -> Option<String> {
        without_secrets(Path::new(name), text)
    }

    #[test]
    fn settings_of_git_keep_who_commits_and_lose_who_signs_in() {
        let text = "[user]\n\tname = A Author\n\temail = a@b.org\n\tsigningKey = ABCD\n\
            [credential \"https://a.org\"]\n\thelper = store\n\tusername = me\n\
            [http]\n\textraHeader = Authorization: x\n\tsslVerify = true\n\
            [url \"https://me:pw1234@a.org/\"]\n\tinsteadOf = https://a.org/\n\
            [sendemail]\n\tsmtpPass = hunter2\n\tsmtpServer = a.org\n\
            [url \"ssh://git@a.org/\"]\n\tinsteadOf = https://b.org/\n\
            # token = 1234\n[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n";
        let left = left(".gitconfig", text).unwrap();
        for kept in ["A Author", "a@b.org", "ABCD", "sslVerify", "smtpServer", "b.org", "git-lfs"] {
            assert!(left.contains(kept), "{kept}: {left}");
        }
        for gone in ["helper", "me\n", "Authorization", "pw1234", "hunter2", "1234"] {
            assert!(!left.contains(gone), "{gone}: {left}");
        }
    }

    #[test]
    fn a_value_goes_with_all_its_lines() {
        for (name, text, wanted) in [
            (
                "pip.conf",
                "[global]\nindex-url = https://u:p@a.org\n    https://b.org\ntimeout = 9\n",
                "[global]\ntimeout = 9\n",
            ),
            (
                "gradle.properties",
                "signing.password=a\\\n  b\\\nc\norg.gradle.daemon=true\n",
                "org.gradle.daemon=true\n",
            ),
            (
                ".yarnrc.yml",
                "npmScopes:\n  a:\n    npmAuthToken: |\n      abc\n      def\n    npmRegistryServer: \"https://a.org\"\n",
                "npmScopes:\n  a:\n    npmRegistryServer: \"https://a.org\"\n",
            ),
            ("config", "BUNDLE_JOBS: \"1\"\nBUNDLE_A__ORG: \"u:p\"\n", "BUNDLE_JOBS: \"1\"\n"),
            (".npmrc", "//a.org/:_authToken=abc\n_auth=abc\nfund=false\n", "fund=false\n"),
            (
                ".condarc",
                "channels:\n  - https://a.org/t/ab-cd/main\n  - main\n",
                "channels:\n  - main\n",
            ),
        ] {
            assert_eq!(left(name, text).as_deref(), Some(wanted), "{name}");
        }
    }

    #[test]
    fn tables_lose_single_keys_and_every_comment() {
        let text = "# old token: abc\n[build]\njobs = 2 # pw: x\nflags = [\n  \"a\", # secret\n  \"b\",\n]\n\
            [registries.own]\nindex = \"sparse+https://a.org\"\ntoken = \"Bearer abc\"\n\
            [http]\nproxy = \"http://u:p@a.org\"\n[net]\nretry = 2\n";
        let left = left("config.toml", text).unwrap();
        for gone in ["token", "Bearer", "u:p", "pw", "secret", "#"] {
            assert!(!left.contains(gone), "{gone}: {left}");
        }
        for kept in ["jobs = 2", "\"b\"", "sparse+https", "retry = 2"] {
            assert!(left.contains(kept), "{kept}: {left}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_shown_only_where_it_is_clean() {
        for (name, text, is_shown) in [
            ("config.toml", "not [ toml", false),
            (
                "settings.xml",
                "<settings><servers><server><password>x</password></server></servers></settings>",
                false,
            ),
            ("settings.xml", "<settings><offline>true</offline></settings>", true),
            (
                "config.json",
                "{\"github-oauth\": {\"github.com\": \"ghp_0123456789abcdef0123456789abcdef0123\"}}",
                false,
            ),
            ("rc", "{\"a\": \"https://u:p@b\"}", false),
            (".eslintrc.json", "{\"rules\": {}}", true),
            (".inputrc", "set completion-ignore-case on\0", false),
        ] {
            assert_eq!(left(name, text).is_some(), is_shown, "{name}: {text}");
        }
    }
}
