//! The methods that clients may call, in the protocol's order, and the routing of requests to them.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::accounts::{account, login, models};
use super::commands::exec;
use super::config::{settings, skills, write};
use super::files::{requests as files, watch_requests};
use super::machines::Machines;
use super::outside::Outside;
use super::request::params::Gated;
use super::threads::{
    fork, library, lifecycle, pages, review, steering, subscriptions, turn_requests,
};
use super::transport::connection::Asker;
use super::transport::wire::Fault;
use super::{absent, handshake};
use crate::host::Machine;

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Clients that said `experimentalApi`.
    Experimental,
    Open,
    /// Every client, even before `initialize`.
    Unready,
}

/// A request that has been read.
pub type Call = Box<dyn FnOnce(&mut Machines, Asker)>;

/// One method: its name, who may call it, and how its parameters are read.
pub struct Method {
    pub name: &'static str,
    pub gate: Gate,
    pub read: fn(Option<Value>) -> Result<Prepared, Fault>,
}

/// A parsed request, ready to run unless it uses a member that its client may not use.
pub struct Prepared {
    call: Call,
    /// The member in use that only clients with `experimentalApi` may use.
    gated: Option<&'static str>,
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
    "thread/start" Open gated lifecycle::start,
    "thread/resume" Open gated lifecycle::resume,
    "thread/fork" Open gated fork::fork,
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
    "turn/start" Open gated turn_requests::start,
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
    "skills/list" Open optional skills::list,
    "mcpServerStatus/list" Open optional settings::mcp_servers,
    "account/login/start" Open gated login::start,
    "account/login/cancel" Open required login::cancel,
    "account/logout" Open optional account::logout,
    "account/rateLimits/read" Open optional account::rate_limits,
    "account/read" Open optional account::read,
    "account/bedrock/checkGovCloudRequirements" Experimental optional absent::gov_cloud,
    "getAuthStatus" Open optional account::auth_status,
    "config/read" Open optional settings::read,
    "config/value/write" Open required write::value,
    "config/batchWrite" Open required write::batch,
    "configRequirements/read" Open optional settings::requirements,
    "command/exec" Open gated exec::exec,
    "command/exec/write" Open required exec::write,
    "command/exec/resize" Open required exec::resize,
    "command/exec/terminate" Open required exec::terminate,
    "fs/readFile" Open required files::read_file,
    "fs/writeFile" Open required files::write_file,
    "fs/createDirectory" Open required files::create_directory,
    "fs/getMetadata" Open required files::metadata,
    "fs/readDirectory" Open required files::read_directory,
    "fs/remove" Open required files::remove,
    "fs/copy" Open required files::copy,
    "fs/watch" Open required watch_requests::watch,
    "fs/unwatch" Open required watch_requests::unwatch,
    "fuzzyFileSearch" Open required files::search,
}

/// A function that carries out a request, either with a machine or with `Outside` alone. `By` says
/// which, so that each type of function has one implementation.
pub trait Handler<P, By>: Copy + 'static {
    fn run(self, machines: &mut Machines, asker: Asker, params: P);
}

impl<P, F: Copy + 'static> Handler<P, Outside> for F
where
    F: Fn(&mut Outside, Asker, P),
{
    fn run(self, machines: &mut Machines, asker: Asker, params: P) {
        self(&mut machines.outside, asker, params);
    }
}

impl<P, M, F: Copy + 'static> Handler<P, (M,)> for F
where
    M: Machine<Front = Machines>,
    F: Fn(&mut M, &mut Outside, Asker, P),
{
    fn run(self, machines: &mut Machines, asker: Asker, params: P) {
        let (machine, outside) = M::of(machines);
        self(machine, outside, asker, params);
    }
}

/// Carries out a request or refuses it. Parameters are parsed before the client's permission is
/// checked.
pub fn call(machines: &mut Machines, asker: Asker, name: &str, params: Option<Value>) {
    let outside = &mut machines.outside;
    let method = METHODS.iter().find(|method| method.name == name);
    let method = method.ok_or_else(|| Fault::unreadable(unknown(name)));
    let allowed = method.and_then(|method| {
        let prepared = (method.read)(params)?;
        allow(outside, &asker, method, prepared.gated).map(|()| prepared)
    });
    let Some((asker, prepared)) = outside.accept(asker, allowed) else { return };
    (prepared.call)(machines, asker);
}

/// Refuses a client that has not introduced itself, or that uses experimental parts without having
/// asked for them.
fn allow(
    outside: &Outside,
    asker: &Asker,
    method: &Method,
    gated: Option<&'static str>,
) -> Result<(), Fault> {
    if method.gate == Gate::Unready {
        return Ok(());
    }
    let connection = outside.connections.get(&asker.connection);
    let Some(client) = connection.and_then(|connection| connection.client.as_ref()) else {
        return Err(Fault::invalid("Not initialized"));
    };
    let gated = match method.gate {
        Gate::Experimental => Some(method.name),
        Gate::Open | Gate::Unready => gated,
    };
    match gated.filter(|_| !client.experimental) {
        Some(what) => Err(Fault::invalid(format!("{what} requires experimentalApi capability"))),
        None => Ok(()),
    }
}

fn unknown(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    format!("unknown variant `{shown}`: codling has no such method")
}

fn required<P: DeserializeOwned + 'static, By>(
    params: Option<Value>,
    run: impl Handler<P, By>,
) -> Result<Prepared, Fault> {
    Ok(ready(read(params)?, None, run))
}

/// Reads the parameters of a method, some of whose members only some clients may use.
fn gated<P: DeserializeOwned + Gated + 'static, By>(
    params: Option<Value>,
    run: impl Handler<P, By>,
) -> Result<Prepared, Fault> {
    let params: P = read(params)?;
    let gated = params.gated();
    Ok(ready(params, gated, run))
}

/// Reads the parameters of a method whose parameters may be left out.
fn optional<P: DeserializeOwned + Default + 'static, By>(
    params: Option<Value>,
    run: impl Handler<P, By>,
) -> Result<Prepared, Fault> {
    match params {
        Some(_) => required(params, run),
        None => Ok(ready(P::default(), None, run)),
    }
}

fn read<P: DeserializeOwned>(params: Option<Value>) -> Result<P, Fault> {
    let params = params.ok_or_else(|| Fault::unreadable("missing field `params`"))?;
    serde_json::from_value(params).map_err(Fault::unreadable)
}

fn ready<P: 'static, By>(
    params: P,
    gated: Option<&'static str>,
    run: impl Handler<P, By>,
) -> Prepared {
    Prepared { call: Box::new(move |machines, asker| run.run(machines, asker, params)), gated }
}
