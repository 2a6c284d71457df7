//! The methods that clients may call, in the protocol's order, and how a request finds its own.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::Asker;
use super::server::Server;
use super::wire::Fault;
use super::{
    absent, account, command_exec, config_write, fork, fs_watch, handshake, library, lifecycle,
    login, models, pages, place, review, settings, steering, subscriptions, turn_requests,
};

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Clients that said `experimentalApi`.
    Experimental,
    Open,
    /// Every client, and before `initialize`.
    Unready,
}

/// A request that has been read.
pub type Call = Box<dyn FnOnce(&mut Server, Asker)>;

/// One method: its name, who may call it, and how its parameters are read.
pub struct Method {
    pub name: &'static str,
    pub gate: Gate,
    pub read: fn(Option<Value>) -> Result<Prepared, Fault>,
}

/// A request that may be carried out, unless it takes what its client may not.
pub struct Prepared {
    call: Call,
    /// What of it only clients that said `experimentalApi` may use.
    gated: Option<&'static str>,
}

/// Parameters of a method.
pub trait Params: DeserializeOwned + 'static {
    /// A member that only clients that said `experimentalApi` may use, where it is there.
    fn gated(&self) -> Option<&'static str> {
        None
    }
}

macro_rules! methods {
    ($($name:literal $gate:ident $how:ident $run:path),* $(,)?) => {
        /// All methods there are.
        pub const METHODS: &[Method] = &[$(
            Method { name: $name, gate: Gate::$gate, read: |params| $how(params, $run) }
        ),*];
    };
}

methods! {
    "initialize" Unready required handshake::initialize,
    "thread/start" Open required lifecycle::start,
    "thread/resume" Open required lifecycle::resume,
    "thread/fork" Open required fork::fork,
    "thread/archive" Open required library::archive,
    "thread/delete" Open required library::delete,
    "thread/unsubscribe" Open required subscriptions::unsubscribe,
    "thread/name/set" Open required library::rename,
    "thread/settings/update" Experimental required turn_requests::update_settings,
    "thread/unarchive" Open required library::unarchive,
    "thread/revert" Open required fork::revert,
    "thread/compact/start" Open required steering::compact,
    "thread/shellCommand" Open required steering::shell,
    "thread/list" Open required library::list,
    "thread/search" Experimental required library::search,
    "thread/goal/get" Open required absent::goal,
    "thread/goal/clear" Open required absent::goal_cleared,
    "thread/backgroundTerminals/list" Experimental required absent::terminals,
    "thread/backgroundTerminals/clean" Experimental required absent::cleaned,
    "thread/loaded/list" Open optional library::loaded,
    "thread/read" Open required library::read,
    "thread/turns/list" Open required pages::turns,
    "thread/items/list" Open required pages::items,
    "turn/start" Open required turn_requests::start,
    "review/start" Open required review::start,
    "turn/steer" Open required steering::steer,
    "turn/interrupt" Open required steering::interrupt,
    "model/list" Open optional models::list,
    "modelProvider/list" Open optional models::providers,
    "experimentalFeature/list" Open optional settings::features,
    "permissionProfile/list" Open optional settings::profiles,
    "collaborationMode/list" Experimental optional settings::collaboration_modes,
    "hooks/list" Open optional absent::list,
    "app/list" Open optional absent::page,
    "plugin/list" Open optional absent::plugins,
    "plugin/installed" Open optional absent::plugins,
    "skills/list" Open optional settings::skills,
    "mcpServerStatus/list" Open optional settings::mcp_servers,
    "account/login/start" Open required login::start,
    "account/login/cancel" Open required login::cancel,
    "account/logout" Open optional account::logout,
    "account/rateLimits/read" Open optional account::rate_limits,
    "account/read" Open optional account::read,
    "account/bedrock/checkGovCloudRequirements" Experimental optional absent::gov_cloud,
    "getAuthStatus" Open optional account::auth_status,
    "config/read" Open optional settings::read,
    "config/value/write" Open required config_write::value,
    "config/batchWrite" Open required config_write::batch,
    "configRequirements/read" Open optional settings::requirements,
    "command/exec" Open required command_exec::exec,
    "command/exec/write" Open required command_exec::write,
    "command/exec/resize" Open required command_exec::resize,
    "command/exec/terminate" Open required command_exec::terminate,
    "fs/readFile" Open required place::read_file,
    "fs/writeFile" Open required place::write_file,
    "fs/createDirectory" Open required place::create_directory,
    "fs/getMetadata" Open required place::metadata,
    "fs/readDirectory" Open required place::read_directory,
    "fs/remove" Open required place::remove,
    "fs/copy" Open required place::copy,
    "fs/watch" Open required fs_watch::watch,
    "fs/unwatch" Open required fs_watch::unwatch,
    "fuzzyFileSearch" Open required place::search,
}

/// No members that matter.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Nothing {}

impl Params for Nothing {}

/// Carries a request out, or refuses it. What it asks for is read before it is asked whether its
/// client may.
pub fn call(server: &mut Server, asker: Asker, name: &str, params: Option<Value>) {
    let found = METHODS.iter().find(|method| method.name == name);
    let Some(method) = found else {
        let fault = Fault::unreadable(unknown(name));
        return server.answer(asker, Err(fault));
    };
    let prepared = match (method.read)(params) {
        Ok(prepared) => prepared,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    match refusal(server, &asker, method, prepared.gated) {
        Some(fault) => server.answer(asker, Err(fault)),
        None => (prepared.call)(server, asker),
    }
}

fn refusal(
    server: &Server,
    asker: &Asker,
    method: &Method,
    gated: Option<&'static str>,
) -> Option<Fault> {
    if method.gate == Gate::Unready {
        return None;
    }
    let connection = server.connections.get(&asker.connection);
    let Some(client) = connection.and_then(|connection| connection.client.as_ref()) else {
        return Some(Fault::invalid("Not initialized"));
    };
    let gated = match method.gate {
        Gate::Experimental => Some(method.name),
        Gate::Open | Gate::Unready => gated,
    };
    let what = gated.filter(|_| !client.experimental)?;
    Some(Fault::invalid(format!("{what} requires experimentalApi capability")))
}

fn unknown(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    format!("unknown variant `{shown}`: codling has no such method")
}

fn required<P: Params>(
    params: Option<Value>,
    run: fn(&mut Server, Asker, P),
) -> Result<Prepared, Fault> {
    match params {
        Some(params) => prepared(params, run),
        None => Err(Fault::unreadable("missing field `params`")),
    }
}

/// A method whose parameters may be left out.
fn optional<P: Params + Default>(
    params: Option<Value>,
    run: fn(&mut Server, Asker, P),
) -> Result<Prepared, Fault> {
    match params {
        Some(params) => prepared(params, run),
        None => Ok(ready(P::default(), run)),
    }
}

fn prepared<P: Params>(params: Value, run: fn(&mut Server, Asker, P)) -> Result<Prepared, Fault> {
    serde_json::from_value(params).map(|params| ready(params, run)).map_err(Fault::unreadable)
}

fn ready<P: Params>(params: P, run: fn(&mut Server, Asker, P)) -> Prepared {
    let gated = params.gated();
    Prepared { call: Box::new(move |server, asker| run(server, asker, params)), gated }
}
