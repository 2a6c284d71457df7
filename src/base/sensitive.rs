//! Names of files that hold secrets. Never looks inside.

use std::path::Path;

const NAMES: [&str; 34] = [
    ".bash_history",
    ".boto",
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
    "private_key",
    "sa-key.json",
    "secret-service",
    "service-account.json",
    "shadow",
    "token.json",
];
const ENDINGS: [&str; 16] =
    ["env", "gpg", "jks", "kdb", "kdbx", "key", "keystore", "keytab", "ovpn", "p12", "p8", "pem", "pfx", "ppk", "tfstate", "tfvars"];
/// Folders whose files are secrets but for a few.
const FOLDERS: [&str; 6] = [".ssh", ".gnupg", ".aws", ".azure", ".password-store", "gcloud"];
/// Endings of what only shows how the real file would look.
const SAMPLES: [&str; 9] = ["example", "sample", "template", "dist", "defaults", "schema", "tpl", "tmpl", "d.ts"];
/// Code that says `….env` and means no file.
const CODE: [&str; 6] = ["process.env", "meta.env", "deno.env", "bun.env", "std.env", "nitro.env"];

/// Whether a file's name says that it holds secrets (`.env`, keys, credentials); `.env.example` and the like do not.
pub fn is_secret(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase().replace('\\', "/");
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    let Some(name) = parts.last() else { return false };
    if name.ends_with(".pub") || SAMPLES.iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
        return false;
    }
    let marks_sample = ["example", "sample", "template"].iter().any(|word| name.contains(&format!(".{word}.")));
    let harmless = ["known_hosts", "config"].contains(name) && parts.iter().any(|part| *part == ".ssh" || *part == ".aws");
    if marks_sample || harmless || CODE.iter().any(|code| name.ends_with(code)) {
        return false;
    }
    let within = |folder: &str, file: &str| parts.len() > 1 && parts[parts.len() - 2] == folder && *name == file;
    NAMES.contains(name)
        || FOLDERS.iter().any(|folder| parts.contains(folder))
        || name.starts_with(".env.")
        || is_key(name)
        || name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
        || is_list_of_secrets(name)
        || within(".docker", "config.json")
        || within(".kube", "config")
        || (parts.first() == Some(&"proc") && ["environ", "mem"].contains(name))
}

fn is_key(name: &str) -> bool {
    let rest = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"].iter().find_map(|key| name.strip_prefix(key));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.']))
}

fn is_list_of_secrets(name: &str) -> bool {
    let Some((stem, ending)) = name.split_once('.') else { return false };
    ["secret", "secrets", "credentials"].contains(&stem) && ["yml", "yaml", "json", "toml", "ini", "txt", "properties"].contains(&ending)
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
        ] {
            assert!(!is_secret(Path::new(path)), "{path}");
        }
    }
}
