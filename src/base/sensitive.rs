//! Names of files and folders that hold secrets: the one list for tools, policy and sandbox. Never looks inside.

use std::path::{Path, PathBuf};

const NAMES: [&str; 36] = [
    ".bash_history",
    ".boto",
    ".credentials.json",
    ".dockercfg",
    ".env",
    ".envrc",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".python_history",
    ".s3cfg",
    ".terraformrc",
    ".vault-token",
    ".zsh_history",
    "_netrc",
    "auth.json",
    "cookies.sqlite",
    "credentials",
    "credentials.json",
    "credentials.toml",
    "gshadow",
    "key4.db",
    "kubeconfig",
    "login.keychain-db",
    "logins.json",
    "oauth_creds.json",
    "private_key",
    "sa-key.json",
    "secret-service",
    "service-account.json",
    "shadow",
    "token.json",
];
const ENDINGS: [&str; 16] = [
    "env", "gpg", "jks", "kdb", "kdbx", "key", "keystore", "keytab", "ovpn", "p12", "p8", "pem",
    "pfx", "ppk", "tfstate", "tfvars",
];
/// Below a home, what other programs keep keys, passwords, sign-ins and histories in; the gravest first.
const PLACES: [&str; 61] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".netrc",
    ".git-credentials",
    ".password-store",
    ".azure",
    ".kube",
    ".docker/config.json",
    ".vault-token",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".env",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".terraform.d",
    ".terraformrc",
    ".oci",
    ".boto",
    ".s3cfg",
    ".dockercfg",
    ".codex",
    ".claude",
    ".claude.json",
    ".gemini",
    ".local/share/opencode",
    ".config/op",
    ".config/gcloud",
    ".config/gh",
    ".config/glab-cli",
    ".config/hub",
    ".config/git/credentials",
    ".config/rclone",
    ".config/doctl",
    ".config/sops",
    ".config/containers/auth.json",
    ".config/github-copilot",
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware",
    ".config/microsoft-edge",
    ".config/vivaldi",
    ".config/opera",
    ".mozilla",
    ".thunderbird",
    "snap/firefox",
    "snap/chromium",
    ".var/app",
    "Library/Keychains",
    "Library/Application Support/Google/Chrome",
    "Library/Application Support/Firefox",
    "Library/Cookies",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".psql_history",
];
/// Of these, the ones that projects have under the same name, with other things in them.
const ALSO_OF_PROJECTS: [&str; 3] = [".claude", ".codex", ".gemini"];
/// Folders whose files are secrets but for a few, wherever they are.
const FOLDERS: [&str; 6] = [".ssh", ".gnupg", ".aws", ".azure", ".password-store", "gcloud"];
/// Endings of what only shows how the real file would look.
const SAMPLES: [&str; 9] =
    ["example", "sample", "template", "dist", "defaults", "schema", "tpl", "tmpl", "d.ts"];
/// Code that says `….env` and means no file.
const CODE: [&str; 6] = ["process.env", "meta.env", "deno.env", "bun.env", "std.env", "nitro.env"];

/// What of a home commands must not read that nobody let out. What the folder they work in is part of is not kept from them.
pub fn secret_places(home: Option<&Path>, folder: &Path) -> Vec<PathBuf> {
    let places = home.into_iter().flat_map(|home| PLACES.iter().map(move |place| home.join(place)));
    places.filter(|place| !folder.starts_with(place)).collect()
}

/// Whether a file's name says that it holds secrets (`.env`, keys, credentials); `.env.example` and the like do not.
pub fn is_secret(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase().replace('\\', "/");
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    let Some(name) = parts.last() else { return false };
    if name.ends_with(".pub") || SAMPLES.iter().any(|ending| name.ends_with(&format!(".{ending}")))
    {
        return false;
    }
    let marks_sample =
        ["example", "sample", "template"].iter().any(|word| name.contains(&format!(".{word}.")));
    let harmless = ["known_hosts", "config"].contains(name)
        && parts.iter().any(|part| *part == ".ssh" || *part == ".aws");
    if marks_sample || harmless || CODE.iter().any(|code| name.ends_with(code)) {
        return false;
    }
    let within = |folder: &str, file: &str| {
        parts.len() > 1 && parts[parts.len() - 2] == folder && *name == file
    };
    NAMES.contains(name)
        || FOLDERS.iter().any(|folder| parts.contains(folder))
        || name.starts_with(".env.")
        || is_key(name)
        || name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
        || is_list_of_secrets(name)
        || within(".docker", "config.json")
        || within(".kube", "config")
        || is_of_a_place(&parts)
        || (parts.first() == Some(&"proc") && ["environ", "mem"].contains(name))
}

/// Whether a path leads through one of the places, or to it: of a home, or wherever nothing else has its name.
fn is_of_a_place(parts: &[&str]) -> bool {
    PLACES.iter().any(|place| {
        let wanted: Vec<String> = place.split('/').map(str::to_lowercase).collect();
        let at_home = |at: usize| match &parts[..at] {
            ["root" | "~" | "$home" | "${home}"] | ["home" | "users", _] => true,
            _ => !ALSO_OF_PROJECTS.contains(place),
        };
        let mut windows = parts.windows(wanted.len()).enumerate();
        windows.any(|(at, window)| {
            window.iter().zip(&wanted).all(|(part, wanted)| part == wanted) && at_home(at)
        })
    })
}

fn is_key(name: &str) -> bool {
    let rest = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"]
        .iter()
        .find_map(|key| name.strip_prefix(key));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.']))
}

fn is_list_of_secrets(name: &str) -> bool {
    let Some((stem, ending)) = name.split_once('.') else { return false };
    ["secret", "secrets", "credentials"].contains(&stem)
        && ["yml", "yaml", "json", "toml", "ini", "txt", "properties"].contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_holds_secrets() {
        for path in [
            ".env",
            ".env.local",
            ".ENV",
            "config/prod.env",
            ".envrc",
            "/home/a/.ssh/id_rsa",
            "id_ed25519",
            "deploy/id_rsa_old",
            "server.pem",
            "tls/server.KEY",
            ".netrc",
            ".npmrc",
            ".pypirc",
            "~/.aws/credentials",
            "auth.json",
            "credentials.json",
            "secrets.yml",
            "terraform.tfstate",
            "/etc/shadow",
            ".git-credentials",
            "/home/a/.docker/config.json",
            "/home/a/.kube/config",
            "/home/a/.gnupg",
            "/proc/1/environ",
            "/home/a/.codex/auth.json",
            "/home/a/.codex/sessions/x.jsonl",
            "~/.claude/projects/x",
            "/root/.gemini/settings.json",
            "/home/a/.config/op/config",
            "/home/a/.terraform.d/credentials.tfrc.json",
            "/home/a/.my.cnf",
            "/home/a/.config/chromium/Default/History",
            "/home/a/.local/share/keyrings/login.keyring",
            "/Users/a/Library/Keychains/login.keychain-db",
        ] {
            assert!(is_secret(Path::new(path)), "{path}");
        }
        for path in [
            "",
            "/",
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.local.example",
            "env.d.ts",
            "src/env.rs",
            "src/secrets.rs",
            "credentials.py",
            "auth.example.json",
            "id_rsa.pub",
            "/home/a/.ssh/known_hosts",
            "/home/a/.ssh/config",
            "id_generator.rs",
            "process.env",
            "keys.rs",
            "monkey",
            "package.json",
            "README.md",
            "config.json",
            "src/config",
            ".claude/settings.json",
            "/home/a/work/.claude/commands/x.md",
            ".gemini/settings.json",
        ] {
            assert!(!is_secret(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn what_is_hidden_in_a_home_is_a_secret_to_the_tools_too() {
        for place in secret_places(Some(Path::new("/home/a")), Path::new("/w")) {
            assert!(is_secret(&place) || is_secret(&place.join("x")), "{}", place.display());
        }
        let places = secret_places(Some(Path::new("/h")), Path::new("/h/.ssh/tools"));
        assert!(!places.contains(&"/h/.ssh".into()) && places.contains(&"/h/.aws".into()));
        assert!(secret_places(None, Path::new("/w")).is_empty());
    }
}
