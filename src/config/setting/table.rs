//! All settings of `config.toml`.

use std::time::Duration;

use crate::config::Whence;
use crate::protocol::{AllowedHost, ApprovalMode, ModelName, ProviderId, ServiceTier, Verbosity};

use super::layer::{self, Layer, ModelSetting};
use super::{Given, Kind, Setting};

const SANDBOX_READ: &str = "a list of files and folders as `/whole/path` or `~/path` that hold no \
    home and nothing of codling's or the system's own; secrets by their whole name, not by a link";
const SANDBOX_WRITE: &str = "a list of folders as `/whole/path` or `~/path` that hold no home, no \
    secrets, and nothing of codling's or the system's own";

/// Every setting, in the order of the guide.
pub const SETTINGS: [Setting; 28] = [
    Setting::new(
        "model",
        Kind::Text("a model's id such as `gpt-5.3-codex`, or `provider/id`", model),
        "",
        "the model that answers; left out, your plan's own default",
    )
    .anyone()
    .flag("--model"),
    Setting::new(
        "effort",
        Kind::Text("a word such as `low`, `medium` or `high`", |layer, given| {
            put(&mut layer.effort, layer::effort(given.text))
        }),
        "",
        "how much the model reasons, in a word that it offers: `minimal`, `low`, `xhigh`, ...",
    )
    .anyone()
    .flag("--effort"),
    Setting::new(
        "verbosity",
        Kind::Word(&["low", "medium", "high"], |layer, given| {
            put(&mut layer.verbosity, Verbosity::named(given.text.trim()))
        }),
        "",
        "how much it writes; left out, as OpenAI's list of models says",
    )
    .anyone()
    .flag("--verbosity"),
    Setting::new(
        "service_tier",
        Kind::Word(&["fast", "standard"], |layer, given| {
            put(&mut layer.service_tier, ServiceTier::named(given.text.trim()))
        }),
        "",
        "`fast` answers sooner and uses up more of a ChatGPT plan",
    )
    .flag("--service-tier"),
    Setting::new(
        "max_steps",
        number(1, 10_000, "", |layer, steps| put(&mut layer.max_steps, u32::try_from(steps).ok())),
        "50",
        "requests to the model in one turn, at the most",
    )
    .anyone(),
    Setting::new(
        "reconnect_seconds",
        number(0, 3600, " of seconds", |layer, limit| {
            put(&mut layer.reconnect_limit, seconds(limit))
        }),
        "60",
        "how long a server that cannot be reached is tried again; 0: not at all",
    )
    .anyone(),
    Setting::new(
        "idle_limit_seconds",
        number(1, 86_400, " of seconds", |layer, limit| put(&mut layer.idle_limit, seconds(limit))),
        "300",
        "after this long without a sign of the model, an answer counts as broken off",
    )
    .anyone(),
    Setting::new(
        "auth_file",
        Kind::Text("a path, or the word `opencode`", |layer, given| {
            put(&mut layer.auth_file, layer::auth_file(given.text, given.folder, given.home))
        }),
        "",
        "the file of your sign-ins: `opencode` shares opencode's; left out, codling keeps its own",
    )
    .variable("CODLING_AUTH_FILE"),
    Setting::new(
        "log",
        Kind::Word(&["off", "error", "warn", "info", "debug", "trace"], |layer, given| {
            put(&mut layer.log, layer::log(given.text))
        }),
        "off",
        "how much is written to the log file",
    )
    .variable("CODLING_LOG"),
    Setting::new(
        "approvals",
        Kind::Word(&["read-only", "ask", "auto"], |layer, given| {
            let mode = ApprovalMode::named(given.text.trim());
            put(&mut layer.approvals, mode.filter(|mode| *mode != ApprovalMode::Full))
        }),
        "ask",
        "the approval mode in which conversations open; `full` only per start or conversation",
    )
    .flag("--approval-mode"),
    Setting::new(
        "tool_face",
        Kind::Word(&["auto", "codex", "own"], |layer, given| {
            put(&mut layer.tool_face, layer::tool_face(given.text))
        }),
        "auto",
        "the tools a model gets: those it was taught with (`auto`), Codex's, or codling's own",
    ),
    Setting::new(
        "web_search",
        Kind::Word(&["live", "cached", "off"], |layer, given| {
            put(&mut layer.web_search, layer::web_search(given.text))
        }),
        "",
        "OpenAI's own web search, see below",
    ),
    Setting::new(
        "forced_login_method",
        Kind::Word(&["chatgpt", "api"], |layer, given| {
            put(&mut layer.sign_in_method, layer::sign_in_method(given.text))
        }),
        "",
        "the one way to sign in to OpenAI",
    ),
    Setting::new(
        "forced_chatgpt_workspace_id",
        Kind::OneOrMore("the id of a ChatGPT workspace, or a list of such ids", |layer, given| {
            push(&mut layer.workspaces, layer::workspace(given.text))
        }),
        "",
        "the ChatGPT workspaces that may be used",
    ),
    Setting::new(
        "compact_at",
        number(10, 95, " of percent", |layer, percent| {
            put(&mut layer.compact_at, u8::try_from(percent).ok())
        }),
        "85",
        "how full the model's context gets before the conversation is summed up",
    ),
    Setting::new(
        "compaction",
        Kind::Word(&["model", "server"], |layer, given| {
            put(&mut layer.compactor, layer::compactor(given.text))
        }),
        "model",
        "who sums it up: the model, in words, or OpenAI's server, in a form only it can read",
    ),
    Setting::new(
        "sandbox_network",
        Kind::List(
            "a list of hosts such as `crates.io`, `*.example.com` or `host:8443`",
            |layer, given| push(&mut layer.sandbox_network, AllowedHost::parse(given.text)),
        ),
        "",
        "hosts that commands in `auto` may reach through a proxy; port 443 unless written",
    ),
    Setting::new(
        "sandbox_read",
        Kind::List(SANDBOX_READ, |layer, given| {
            let path = layer::sandbox_read(given.text, given.home, given.closed);
            push(&mut layer.sandbox_read, path)
        }),
        "",
        "hidden files and folders that commands in the sandbox may read all the same",
    ),
    Setting::new(
        "sandbox_write",
        Kind::List(SANDBOX_WRITE, |layer, given| {
            let path = layer::sandbox_write(given.text, given.home, given.closed);
            push(&mut layer.sandbox_write, path)
        }),
        "",
        "folders that commands in `auto` may write to as well",
    ),
    Setting::new(
        "opencode_permissions",
        Kind::Word(&["strict", "all"], |layer, given| {
            put(&mut layer.opencode_permissions, layer::opencode_permissions(given.text))
        }),
        "strict",
        "the rules of opencode's settings that count: those that ask or deny, or all",
    ),
    Setting::new("permission", Kind::Permissions, "", "rules about calls, see the example"),
    Setting::new("provider", Kind::Providers, "", "providers of your own, see `providers`"),
    Setting::new("mcp", Kind::Servers, "", "MCP servers, in opencode's form").anyone(),
    Setting::new("mcp_servers", Kind::Servers, "", "MCP servers, in Codex's form").anyone(),
    Setting::new(
        "origins.auth",
        Kind::Address(|layer| &mut layer.auth_origin),
        "https://auth.openai.com",
        "the server that signs you in",
    )
    .variable("CODLING_AUTH_ORIGIN"),
    Setting::new(
        "origins.chatgpt",
        Kind::Address(|layer| &mut layer.chatgpt_origin),
        "https://chatgpt.com",
        "the server that answers with a ChatGPT plan",
    )
    .variable("CODLING_CHATGPT_ORIGIN"),
    Setting::new(
        "origins.api",
        Kind::Address(|layer| &mut layer.api_origin),
        "https://api.openai.com",
        "the server that answers with an API key",
    )
    .variable("CODLING_API_ORIGIN"),
    Setting::new(
        "origins.models",
        Kind::Address(|layer| &mut layer.models_origin),
        "https://models.dev",
        "the public catalogue of models",
    )
    .variable("CODLING_MODELS_ORIGIN"),
];

const fn number(
    from: i64,
    to: i64,
    unit: &'static str,
    read: fn(&mut Layer, i64) -> Option<()>,
) -> Kind {
    Kind::Number { from, to, unit, read }
}

/// In a file a bare id is always OpenAI's; a typed one is of the provider in use.
fn model(layer: &mut Layer, given: &Given<'_>) -> Option<()> {
    let mut name = layer::model(given.text)?;
    if let Whence::File { .. } = given.whence {
        name = ModelName::from(name.of(&ProviderId::openai()));
    }
    layer.model = Some(ModelSetting { name, whence: given.whence.clone() });
    Some(())
}

fn put<T, S: From<T>>(place: &mut S, value: Option<T>) -> Option<()> {
    *place = S::from(value?);
    Some(())
}

fn push<T>(list: &mut Vec<T>, value: Option<T>) -> Option<()> {
    list.push(value?);
    Some(())
}

fn seconds(number: i64) -> Option<Duration> {
    u64::try_from(number).ok().map(Duration::from_secs)
}
