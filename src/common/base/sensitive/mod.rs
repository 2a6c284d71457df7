//! Names of files and folders that hold secrets: the one list for tools, policy and sandbox. Does
//! not read the files.

mod places;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const NAMES: [&str; 37] = [
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
    "mcp-auth.json",
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
/// Folders in which nearly all files are secrets, anywhere.
const FOLDERS: [&str; 6] = [".ssh", ".gnupg", ".aws", ".azure", ".password-store", "gcloud"];
/// Prefixes of private keys' names.
const KEYS: [&str; 4] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
/// Base names of secret lists; each has one of these endings.
const LISTS: [&str; 3] = ["secret", "secrets", "credentials"];
const LIST_ENDINGS: [&str; 7] = ["yml", "yaml", "json", "toml", "ini", "txt", "properties"];
/// Endings of sample files.
const SAMPLES: [&str; 9] =
    ["example", "sample", "template", "dist", "defaults", "schema", "tpl", "tmpl", "d.ts"];
/// Start-up files of shells. Reading them reveals no secret, but a sandboxed shell would set again
/// the variables that were taken from it.
const START_FILES: &str = ".bash_login .bash_profile .bashrc .kshrc .mkshrc .profile .zlogin .zprofile \
    .zshenv .zshrc .config/fish";
/// Code that ends in `.env` and is no file.
const CODE: [&str; 6] = ["process.env", "meta.env", "deno.env", "bun.env", "std.env", "nitro.env"];

/// Places in a home that sandboxed commands must not read unless the person allows it. Places that
/// contain `folder`, where the command works, are left out.
pub fn secret_places(home: Option<&Path>, folder: &Path) -> Vec<PathBuf> {
    let all = || places::hidden().chain(START_FILES.split(' '));
    let places = home.into_iter().flat_map(|home| all().map(move |place| home.join(place)));
    places.filter(|place| !folder.starts_with(place)).collect()
}

/// Globs that match every path for which [`is_secret`] holds, and some more (`.env.example`). `*`
/// matches any text with `/`; case is ignored. There are few, because git tries each for each file.
pub fn secret_patterns() -> impl Iterator<Item = String> {
    let (dotted, plain): (Vec<&str>, Vec<&str>) =
        NAMES.into_iter().partition(|name| name.starts_with('.'));
    let plain = plain.into_iter().chain([".env.*"]);
    let plain = plain.flat_map(|name| [name.to_owned(), format!("*/{name}")]);
    let keys =
        KEYS.into_iter().flat_map(|key| ["", "_*", "-*", ".*"].map(|end| format!("*{key}{end}")));
    let lists = LISTS
        .into_iter()
        .flat_map(|stem| LIST_ENDINGS.into_iter().map(move |ending| format!("*{stem}.{ending}")));
    let endings = ENDINGS.into_iter().map(|ending| format!("*.{ending}"));
    // A glob cannot tell a file from a folder.
    let places: BTreeSet<&str> =
        dotted.into_iter().chain(FOLDERS).chain(places::anywhere()).collect();
    let places = places.into_iter().flat_map(|place| [format!("*{place}"), format!("*{place}/*")]);
    plain.chain(keys).chain(lists).chain(endings).chain(places)
}

/// Whether a file's name says that it holds secrets (`.env`, keys, credentials). Samples such as
/// `.env.example` do not.
pub fn is_secret(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase().replace('\\', "/");
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    let Some(name) = parts.last() else { return false };
    let goes_on = |ending: &&str| name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'));
    if name.ends_with(".pub") || SAMPLES.iter().any(goes_on) {
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
        || places::holds(&parts)
        || (parts.first() == Some(&"proc") && ["environ", "mem"].contains(name))
}

fn is_key(name: &str) -> bool {
    let rest = KEYS.iter().find_map(|key| name.strip_prefix(key));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.']))
}

fn is_list_of_secrets(name: &str) -> bool {
    let Some((stem, ending)) = name.split_once('.') else { return false };
    LISTS.contains(&stem) && LIST_ENDINGS.contains(&ending)
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
        let places = secret_places(Some(Path::new("/home/a")), Path::new("/w"));
        let starts = |place: &Path| START_FILES.split(' ').any(|file| place.ends_with(file));
        for place in places.iter().filter(|place| !starts(place)) {
            assert!(is_secret(place) || is_secret(&place.join("x")), "{}", place.display());
        }
        for hidden in [".bashrc", ".profile", ".zshenv"] {
            assert!(places.contains(&Path::new("/home/a").join(hidden)), "{hidden}");
        }
        let places = secret_places(Some(Path::new("/h")), Path::new("/h/.ssh/tools"));
        assert!(!places.contains(&"/h/.ssh".into()) && places.contains(&"/h/.aws".into()));
        assert!(secret_places(None, Path::new("/w")).is_empty());
    }

    /// Sign-ins, keys and histories of well-known tools in a home.
    const SIGN_INS: &str = ".aws/credentials .aws/sso/cache/a.json .azure/msal_token_cache.json \
         .config/gcloud/access_tokens.db .boto .config/doctl/config.yaml .oci/oci_api_key.pem \
         .fly/config.yml .netrc .local/share/heroku/x .local/share/com.vercel.cli/auth.json \
         .vercel/auth.json .config/netlify/config.json .railway/config.json \
         .wrangler/config/default.toml .config/.wrangler/config/default.toml \
         .cloudflared/cert.pem .ngrok2/ngrok.yml .config/ngrok/ngrok.yml \
         .config/stripe/config.toml .sentryclirc .databrickscfg .snowsql/config \
         .config/configstore/firebase-tools.json .s3cfg .mc/config.json \
         .config/rclone/rclone.conf .kube/config .docker/config.json \
         .config/containers/auth.json .config/helm/registry/config.json .config/argocd/config \
         .rancher/cli2.json .terraform.d/credentials.tfrc.json .terraformrc \
         .pulumi/credentials.json .ansible/galaxy_token .vault-token .vault_pass \
         .config/op/config .chef/me.pem .git-credentials .config/git/credentials \
         .config/gh/hosts.yml .config/glab-cli/config.yml .config/hub .config/tea/config.yml \
         .subversion/auth/svn.simple/x .hgrc .gitlab-runner/config.toml .npmrc .yarnrc \
         .yarnrc.yml .pypirc .config/pypoetry/auth.toml .local/share/uv/credentials/x \
         .config/pip/pip.conf .pip/pip.conf .condarc .cargo/credentials \
         .cargo/credentials.toml .gem/credentials .bundle/config .composer/auth.json \
         .config/composer/auth.json .nuget/NuGet/NuGet.Config .config/NuGet/NuGet.Config \
         .m2/settings.xml .m2/settings-security.xml .gradle/gradle.properties .hex/hex.config \
         .stack/upload/x .pub-cache/credentials.json .ssh/id_ed25519 .ssh/work \
         .gnupg/private-keys-v1.d/x.key .age/key.txt .config/sops/age/keys.txt \
         .password-store/a.gpg .local/share/keyrings/login.keyring .pgpass .my.cnf \
         .mylogin.cnf .authinfo .kaggle/kaggle.json .cache/huggingface/token .config/openai/x \
         .anthropic/x .codex/auth.json .claude/.credentials.json .claude.json \
         .gemini/oauth_creds.json .local/share/opencode/auth.json .aider.conf.yml \
         .continue/config.json .cursor/x .config/github-copilot/hosts.json .copilot/x \
         .codeium/config.json .modal.toml .jupyter/jupyter_server_config.json \
         .local/share/jupyter/runtime/kernel-1.json .Renviron .mozilla/firefox/a/logins.json \
         .config/google-chrome/Default/Cookies .config/chromium/x .thunderbird/x \
         .config/Slack/Cookies .config/discord/x .config/Signal/x .weechat/sec.conf \
         .irssi/config .muttrc .msmtprc .mbsyncrc .offlineimaprc .wireguard/wg0.conf \
         .config/NetworkManager/x .openvpn/x .config/filezilla/sitemanager.xml .vnc/passwd \
         .curlrc .wgetrc .bash_history .zsh_history .local/share/fish/fish_history \
         .python_history .node_repl_history .irb_history .psql_history .mysql_history \
         .rediscli_history .sqlite_history .mongosh/mongosh_repl_history .dbshell .lesshst \
         .viminfo";

    #[test]
    fn places_where_tools_keep_sign_ins_are_known_in_a_home() {
        assert!(SIGN_INS.split(' ').count() > 108);
        for place in SIGN_INS.split(' ') {
            for home in ["/home/a", "/root", "~", "/Users/a"] {
                let path = Path::new(home).join(place);
                assert!(is_secret(&path), "{}", path.display());
            }
        }
        // Projects have folders of the same names with other files.
        for path in
            [".vercel/project.json", "app/.yarnrc.yml", ".bundle/config", ".cursor/rules/a.mdc"]
        {
            assert!(!is_secret(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn every_name_that_is_a_secret_fits_a_pattern_for_git() {
        let fits = |path: &str| {
            secret_patterns()
                .any(|pattern| glob_fits(&pattern.to_lowercase(), &path.to_lowercase()))
        };
        for path in [
            ".env",
            "a/.ENV",
            "conf/prod.env",
            ".env.local",
            "x/.npmrc",
            "id_rsa",
            "keys/id_ed25519_work",
            "a/server.PEM",
            "secrets.yml",
            "x/credentials.json",
            ".ssh/config2",
            "deep/.ssh/work/key",
            ".aws/credentials",
            ".config/gh/hosts.yml",
            "dots/.config/gh/hosts.yml",
            ".docker/config.json",
            ".kube/config",
            "infra/terraform.tfstate",
            "auth.json",
        ] {
            assert!(is_secret(Path::new(path)) && fits(path), "{path}");
        }
        for path in [
            "src/main.rs",
            "oauth.json",
            "environment.ts",
            "README.md",
            "src/keys.rs",
            "credentials.py",
        ] {
            assert!(!is_secret(Path::new(path)) && !fits(path), "{path}");
        }
    }

    fn glob_fits(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
                (0..=text.len()).any(|at| text.is_char_boundary(at) && glob_fits(rest, &text[at..]))
            }),
        }
    }
}
