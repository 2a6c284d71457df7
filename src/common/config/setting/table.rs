//! All settings of `config.toml`, in the order of the guide.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::config::Whence;
use crate::protocol::{
    AllowedHost, ApprovalMode, Compactor, ModelName, MouseUse, OnUsageLimit, ProviderId,
    ServiceTier, SignInMethod, StatusPart, ToolFace, Verbosity,
};

use super::layer::{self, KeepRunning, Layer, ModelSetting, Trust, WebSearchSetting};
use super::{Given, Kind, Setting};

use Kind::{
    Address, Choice, List, Number, OneOrMore, Permissions, Providers, Servers, Switch, Text, Word,
};

const SANDBOX_READ: &str = "a list of files and folders as `/whole/path` or `~/path` that hold no \
    home and nothing of codling's or the system's own; secrets by their whole name, not by a link";
const SANDBOX_WRITE: &str = "a list of folders as `/whole/path` or `~/path` that hold no home, no \
    secrets, and nothing of codling's or the system's own";
const HOSTS: &str = "a list of hosts such as `crates.io`, `*.example.com` or `host:8443`";
const STATUS: &str = "a list of `agent`, `mode`, `model`, `effort`, `jobs`, `context`, `cost`, \
    `limits`, `folder`, `branch` and `command`";
const SECONDS: &str = " of seconds";

// A row of a few lines each: key, values, default, sentence, and who may set it besides the person.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    Setting::new("model", Text("a model's id such as `gpt-5.3-codex`, or `provider/id`", model),
        "", "the model that answers; left out, your plan's own default")
        .anyone().flag("--model"),
    Setting::new("small_model", Text("a model's id, or `provider/id`", small_model),
        "", "a cheaper model that gives conversations titles and sums them up; left out: no titles, and the conversation's own sums up"),
    Setting::new("effort", Text("a word such as `low`, `medium` or `high`",
            |layer, given| put(&mut layer.effort, layer::effort(given.text))),
        "", "how much the model reasons, in a word that it offers: `minimal`, `low`, `xhigh`, ...")
        .anyone().flag("--effort"),
    Setting::new("verbosity", Word(&["low", "medium", "high"],
            |layer, given| put(&mut layer.verbosity, Verbosity::named(given.text.trim()))),
        "", "how much it writes; left out, as OpenAI's list of models says")
        .anyone().flag("--verbosity"),
    Setting::new("service_tier", Word(&["fast", "standard"],
            |layer, given| put(&mut layer.service_tier, ServiceTier::named(given.text.trim()))),
        "", "`fast` answers sooner and uses up more of a ChatGPT plan")
        .flag("--service-tier"),
    Setting::new("max_steps", Number { from: 1, to: 10_000, unit: "",
            read: |layer, steps| put(&mut layer.max_steps, Some(steps)) },
        "50", "requests to the model in one turn, at the most")
        .anyone(),
    Setting::new("reconnect_seconds", Number { from: 0, to: 3600, unit: SECONDS,
            read: |layer, limit| put(&mut layer.reconnect_limit, seconds(limit)) },
        "60", "how long a server that cannot be reached is tried again; 0: not at all")
        .anyone(),
    Setting::new("idle_limit_seconds", Number { from: 1, to: 86_400, unit: SECONDS,
            read: |layer, limit| put(&mut layer.idle_limit, seconds(limit)) },
        "300", "after this long without a sign of the model, an answer counts as broken off")
        .anyone(),
    Setting::new("wait_for_limit", Switch {
            on: |layer| layer.on_usage_limit = OnUsageLimit::Wait,
            off: |layer| layer.on_usage_limit = OnUsageLimit::End },
        "false", "whether a turn that hits your plan's usage limit waits for its reset without asking you"),
    Setting::new("keep_running", Choice(&[
            ("turn", |layer| layer.keep_running = KeepRunning::Turn),
            ("off", |layer| layer.keep_running = KeepRunning::Off)]),
        "turn", "what goes on when the terminal is gone: a `turn` and its jobs to their end, or nothing; in GNU screen `auto` takes nothing"),
    Setting::new("notify", List("a command and its arguments, one text each",
            |layer, given| push(&mut layer.notify, Some(given.text.to_owned()).filter(|it| !it.is_empty()))),
        "", "a command that is told in JSON what waits for you and how a turn ended, see below"),
    Setting::new("mouse", Choice(&[
            ("auto", |layer| layer.mouse = MouseUse::Auto),
            ("wheel", |layer| layer.mouse = MouseUse::Wheel),
            ("off", |layer| layer.mouse = MouseUse::Off)]),
        "auto", "what codling takes of the mouse: the wheel and the button that selects and clicks, the `wheel` alone, or nothing"),
    Setting::new("copy_on_select", Switch {
            on: |layer| layer.copy_on_select = true,
            off: |layer| layer.copy_on_select = false },
        "false", "whether text that you select with the mouse is copied as soon as you release the button"),
    Setting::new("notify_after", Number { from: 0, to: 86_400, unit: SECONDS,
            read: |layer, limit| put(&mut layer.notify_after, seconds(limit)) },
        "10", "where the terminal never reports its focus, the bell rings after this long without a key"),
    Setting::new("status", List(STATUS,
            |layer, given| push(&mut layer.status, StatusPart::named(given.text.trim()))),
        "", "the parts of the status line, in order, see below"),
    Setting::new("status_command", List("a command and its arguments, one text each",
            |layer, given| push(&mut layer.status_command, Some(given.text.to_owned()).filter(|it| !it.is_empty()))),
        "", "a command whose first line is shown in the status line, see below"),
    Setting::new("title", Switch {
            on: |layer| layer.has_title = true,
            off: |layer| layer.has_title = false },
        "true", "whether the window's title shows the folder and how far the conversation is"),
    Setting::new("auth_file", Text("a path, or the word `opencode`", |layer, given|
            put(&mut layer.auth_file, layer::auth_file(given.text, given.folder, given.home))),
        "", "the file of your sign-ins: `opencode` shares opencode's; left out, codling's own")
        .variable("CODLING_AUTH_FILE"),
    Setting::new("log", Choice(&[
            ("off", |layer| layer.log = Some(LevelFilter::OFF)),
            ("error", |layer| layer.log = Some(LevelFilter::ERROR)),
            ("warn", |layer| layer.log = Some(LevelFilter::WARN)),
            ("info", |layer| layer.log = Some(LevelFilter::INFO)),
            ("debug", |layer| layer.log = Some(LevelFilter::DEBUG)),
            ("trace", |layer| layer.log = Some(LevelFilter::TRACE))]),
        "off", "how much is written to the log file")
        .variable("CODLING_LOG"),
    Setting::new("approvals", Word(&["read-only", "ask", "auto"], |layer, given| {
            let mode = ApprovalMode::named(given.text.trim());
            put(&mut layer.approvals, mode.filter(|mode| *mode != ApprovalMode::Full)) }),
        "ask", "the approval mode in which conversations open; `full` is chosen for one at a time")
        .flag("--approval-mode"),
    Setting::new("tool_face", Choice(&[
            ("auto", |layer| layer.tool_face = None),
            ("codex", |layer| layer.tool_face = Some(ToolFace::Codex)),
            ("own", |layer| layer.tool_face = Some(ToolFace::Own))]),
        "auto", "the tools a model gets: those it was taught with (`auto`), Codex's, codling's own"),
    Setting::new("web_search", Choice(&[
            ("live", |layer| layer.web_search = Some(WebSearchSetting::Live)),
            ("cached", |layer| layer.web_search = Some(WebSearchSetting::Cached)),
            ("off", |layer| layer.web_search = Some(WebSearchSetting::Off))]),
        "", "OpenAI's own web search, see below"),
    Setting::new("forced_login_method", Choice(&[
            ("chatgpt", |layer| layer.sign_in_method = Some(SignInMethod::ChatGpt)),
            ("api", |layer| layer.sign_in_method = Some(SignInMethod::ApiKey))]),
        "", "the one way to sign in to OpenAI"),
    Setting::new("forced_chatgpt_workspace_id",
        OneOrMore("the id of a ChatGPT workspace, or a list of such ids",
            |layer, given| push(&mut layer.workspaces, layer::workspace(given.text))),
        "", "the ChatGPT workspaces that may be used"),
    Setting::new("compact_at", Number { from: 10, to: 95, unit: " of percent",
            read: |layer, percent| put(&mut layer.compact_at, u8::try_from(percent).ok()) },
        "85", "how full the model's context gets before the conversation is summed up"),
    Setting::new("compaction", Choice(&[
            ("model", |layer| layer.compactor = Compactor::Model),
            ("server", |layer| layer.compactor = Compactor::Server)]),
        "model", "who sums it up: the model, in words, or OpenAI's server, for itself alone"),
    Setting::new("sandbox_network", List(HOSTS,
            |layer, given| push(&mut layer.sandbox_network, AllowedHost::parse(given.text))),
        "", "hosts that commands in `auto` may reach through a proxy, port 443 unless written; `127.0.0.1:5432` is that port of your machine"),
    Setting::new("sandbox_read", List(SANDBOX_READ,
            |layer, given| push(&mut layer.sandbox_read, layer::sandbox_read(given))),
        "", "hidden files and folders that commands in the sandbox may read all the same"),
    Setting::new("sandbox_write", List(SANDBOX_WRITE,
            |layer, given| push(&mut layer.sandbox_write, layer::sandbox_write(given))),
        "", "folders that commands in `auto` may write to as well"),
    Setting::new("opencode_permissions", Choice(&[
            ("strict", |layer| layer.opencode_permissions = Trust::Strict),
            ("all", |layer| layer.opencode_permissions = Trust::All)]),
        "strict", "the rules of opencode's settings that count: those that ask or deny, or all"),
    Setting::new("permission", Permissions, "", "rules about calls, see the example"),
    Setting::new("provider", Providers, "", "providers of your own, see the guide's `providers`"),
    Setting::new("mcp", Servers, "", "MCP servers by name, see the guide's `mcp`").anyone(),
    Setting::new("mcp_servers", Servers, "", "the same, under Codex's name").anyone(),
    Setting::new("origins.auth", Address(|layer| &mut layer.auth_origin),
        "https://auth.openai.com", "the server that signs you in")
        .variable("CODLING_AUTH_ORIGIN"),
    Setting::new("origins.chatgpt", Address(|layer| &mut layer.chatgpt_origin),
        "https://chatgpt.com", "the server that answers with a ChatGPT plan")
        .variable("CODLING_CHATGPT_ORIGIN"),
    Setting::new("origins.api", Address(|layer| &mut layer.api_origin),
        "https://api.openai.com", "the server that answers with an API key")
        .variable("CODLING_API_ORIGIN"),
    Setting::new("origins.models", Address(|layer| &mut layer.models_origin),
        "https://models.dev", "the public catalogue of models")
        .variable("CODLING_MODELS_ORIGIN"),
];

/// In a file a bare id is always OpenAI's; a typed one is of the provider in use.
fn model(layer: &mut Layer, given: &Given<'_>) -> Option<()> {
    put(&mut layer.model, Some(named_model(given)?))
}

fn small_model(layer: &mut Layer, given: &Given<'_>) -> Option<()> {
    put(&mut layer.small_model, Some(named_model(given)?))
}

fn named_model(given: &Given<'_>) -> Option<ModelSetting> {
    let mut name = layer::model(given.text)?;
    if let Whence::File { .. } = given.whence {
        name = ModelName::from(name.of(&ProviderId::openai()));
    }
    Some(ModelSetting { name, whence: given.whence.clone() })
}

fn put<T, S: From<T>>(place: &mut S, value: Option<T>) -> Option<()> {
    *place = S::from(value?);
    Some(())
}

fn push<T>(list: &mut Vec<T>, value: Option<T>) -> Option<()> {
    list.push(value?);
    Some(())
}

fn seconds(number: u32) -> Option<Duration> {
    Some(Duration::from_secs(number.into()))
}
