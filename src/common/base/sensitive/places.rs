//! Places in a home where programs keep keys, passwords, sign-ins and histories: the one list of
//! them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Secret anywhere, except for those that projects also have.
const ANYWHERE: &str = ".ssh .gnupg .aws .netrc .git-credentials .password-store .azure .kube \
    .docker/config.json .vault-token .pgpass .my.cnf .npmrc .pypirc .env .cargo/credentials \
    .cargo/credentials.toml .gem/credentials .terraform.d .terraformrc .oci .boto .s3cfg \
    .dockercfg .codex .claude .claude.json .gemini .local/share/opencode .config/op \
    .config/gcloud .config/gh .config/glab-cli .config/hub .config/git/credentials \
    .config/rclone .config/doctl .config/sops .config/containers/auth.json \
    .config/github-copilot .config/google-chrome .config/chromium .config/BraveSoftware \
    .config/microsoft-edge .config/vivaldi .config/opera .mozilla .thunderbird snap/firefox \
    snap/chromium .var/app Library/Keychains Library/Cookies .local/share/keyrings \
    .local/share/kwalletd .bash_history .zsh_history .python_history .psql_history";
/// The places among these that projects have too, with other files.
const ALSO_OF_PROJECTS: &str = ".claude .codex .gemini";
/// Secret in a home; projects may have them elsewhere.
const AT_HOME: &str = ".Renviron .Rhistory .age .aider.conf.yml .aliyun .ansible/galaxy_token .anthropic \
    .argocd .aspnet .augment .authinfo .authinfo.gpg .bluemix \
    .cache/huggingface/stored_tokens .cache/huggingface/token .cassandra .chef .cisco \
    .clickhouse-client-history .cline .cloudflared .cocoapods .codeium .cohere \
    .cometml.config .composer/auth.json .config/.jira .config/.wrangler .config/1Password \
    .config/Bitwarden .config/Code .config/Cursor .config/Element .config/Insomnia \
    .config/JetBrains .config/NetworkManager .config/Postman .config/Signal .config/Slack \
    .config/TablePlus .config/VSCodium .config/Yubico .config/act .config/aerc .config/age \
    .config/aichat .config/amp .config/anthropic .config/argocd .config/beekeeper-studio \
    .config/borg .config/claude .config/code-server .config/composer/auth.json \
    .config/configstore/@vercel .config/configstore/firebase-tools.json .config/crush \
    .config/dart .config/discord .config/duplicity .config/evolution .config/fabric \
    .config/filezilla .config/firebase .config/gajim .config/geary .config/goose \
    .config/gopass .config/hcloud .config/helm .config/heroku .config/hexchat .config/hg \
    .config/himalaya .config/httpie .config/insomnia .config/io.datasette.llm \
    .config/isyncrc .config/jira .config/jj/repos .config/k9s .config/keepassxc .config/lab \
    .config/librewolf .config/linear .config/linode-cli .config/litecli .config/litellm \
    .config/llm .config/mods .config/monkeysphere .config/msmtp .config/mullvad .config/mutt \
    .config/mycli .config/neomutt .config/neonctl .config/netlify .config/ngrok .config/nix \
    .config/oc .config/openai .config/packer .config/pgcli .config/planetscale \
    .config/protonmail .config/protonvpn .config/pypoetry/auth.toml .config/railway \
    .config/remmina .config/restic .config/roboflow .config/rstudio .config/scw \
    .config/skypeforlinux .config/slack-term .config/snowflake .config/stripe \
    .config/tabnine .config/tailscale .config/tea .config/teams .config/tigervnc \
    .config/transmission .config/turso .config/twine .config/verdaccio \
    .config/vultr-cli.yaml .config/wandb .config/weechat .config/wireguard .config/wrangler \
    .config/zed .consul-token .continue .copilot .cpanm .curlrc .cursor .databrickscfg \
    .davfs2 .dbeaver4 .dbshell .deta .docker/contexts .duckdb_history .factory .fastlane \
    .fetchmailrc .filezilla .fly .getmail .ghc/ghci_history .gitlab-runner .gsutil \
    .hex/hex.config .histfile .history .httpie .huggingface .ibmcloud .influx_history \
    .ipython/profile_default/history.sqlite .irb_history .irssi .ivy2/.credentials \
    .julia/logs .jupyter .kaggle .kiro .ksh_history .lastpass .lesshst .librewolf \
    .local/share/DBeaverData .local/share/TelegramDesktop .local/share/amp \
    .local/share/atuin .local/share/code-server .local/share/com.vercel.cli \
    .local/share/crush .local/share/evolution .local/share/fish/fish_history \
    .local/share/gajim .local/share/geary .local/share/gem/credentials .local/share/gopass \
    .local/share/heroku .local/share/jupyter/runtime .local/share/mcfly .local/share/remmina \
    .local/share/tailscale .local/share/uv/credentials .local/share/zed \
    .local/share/zsh/history .local/state/bash/history .local/state/ghci \
    .local/state/opencode .local/state/zsh/history .lua_history .m2/settings-security.xml \
    .mariadb_history .mbsyncrc .mc .microsoft/usersecrets .minikube .modal.toml .mongodb \
    .mongorc.js .mongosh .msmtprc .mutt .muttrc .mylogin.cnf .mysql_history .ncftp .neptune \
    .netlify .ngrok2 .node_repl_history .nomad-token .now .offlineimaprc .ollama/id_ed25519 \
    .op .openai .openvpn .pause .pgadmin .php_history .pki .pry_history \
    .pub-cache/credentials.json .pulumi .puppetlabs .purple .putty .qwen .railway .rancher \
    .rediscli_history .render .replicate .roboflow .roo .sbt/.credentials .scala_history \
    .sentryclirc .sh_history .smbcredentials .snowflake .snowsql .sqlite_history \
    .stack/upload .subversion/auth .supabase .tccli .usql_history .vault_pass \
    .vault_pass.txt .vercel .viminfo .vnc .vscode-server/data .vultr-cli.yaml .waterfox \
    .weechat .wget-hsts .wgetrc .windsurf .wireguard .wrangler .zen .zhistory Library/Mail \
    Library/Messages Library/Preferences/netlify Library/Safari";
/// More places in a home, with blanks in their names.
const WITH_BLANKS: [&str; 15] = [
    ".config/Bitwarden CLI",
    "Library/Application Support/1Password",
    "Library/Application Support/Arc",
    "Library/Application Support/BraveSoftware",
    "Library/Application Support/Claude",
    "Library/Application Support/Code",
    "Library/Application Support/Cursor",
    "Library/Application Support/Firefox",
    "Library/Application Support/Google/Chrome",
    "Library/Application Support/Microsoft Edge",
    "Library/Application Support/Signal",
    "Library/Application Support/Slack",
    "Library/Application Support/com.vercel.cli",
    "Library/Application Support/discord",
    "Library/Group Containers",
];
/// Settings that builds need and in which people also write passwords. They are secrets to a
/// reader, but the sandbox does not hide them.
const SETTINGS: &str = ".bundle/config .condarc .config/NuGet/NuGet.Config .config/pip/pip.conf .gemrc \
    .gradle/gradle.properties .hgrc .m2/settings.xml .nuget/NuGet/NuGet.Config .pip/pip.conf \
    .yarnrc .yarnrc.yml";

/// Where a place is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Anywhere,
    AtHome,
}

/// The parts of a place after its first, and where it is secret.
type Rest = (Vec<String>, Reach);

/// Places by their first part, in lower case.
static BY_FIRST: LazyLock<HashMap<String, Vec<Rest>>> = LazyLock::new(|| {
    let mut by_first: HashMap<String, Vec<Rest>> = HashMap::new();
    for place in hidden().chain(SETTINGS.split(' ')) {
        let is_anywhere = anywhere().any(|known| known == place);
        let reach = if is_anywhere { Reach::Anywhere } else { Reach::AtHome };
        let lower = place.to_lowercase();
        let mut parts = lower.split('/').map(str::to_owned);
        let first = parts.next().unwrap_or_default();
        by_first.entry(first).or_default().push((parts.collect(), reach));
    }
    by_first
});

/// All places that sandboxed commands must not read, relative to the home.
pub fn hidden() -> impl Iterator<Item = &'static str> {
    ANYWHERE.split(' ').chain(AT_HOME.split(' ')).chain(WITH_BLANKS)
}

/// Places that are secret in any folder.
pub fn anywhere() -> impl Iterator<Item = &'static str> {
    let of_projects = |place: &&str| ALSO_OF_PROJECTS.split(' ').any(|known| known == *place);
    ANYWHERE.split(' ').filter(move |place| !of_projects(place))
}

/// Whether a path, given as parts in lower case, is or passes through one of the places.
pub fn holds(parts: &[&str]) -> bool {
    let is_home = |above: &[&str]| {
        matches!(above, ["root" | "~" | "$home" | "${home}"] | ["home" | "users", _])
    };
    parts.iter().enumerate().any(|(at, first)| {
        BY_FIRST.get(*first).into_iter().flatten().any(|(rest, reach)| {
            let below = &parts[at + 1..];
            below.len() >= rest.len()
                && below.iter().zip(rest).all(|(part, wanted)| part == wanted)
                && (*reach == Reach::Anywhere || is_home(&parts[..at]))
        })
    })
}
