//! `fs/watch`: a client is notified when a file, or the content of a folder, changes. Watches
//! belong to a connection, and end with it.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use crate::fronts::app_server::outside::Outside;
use crate::fronts::app_server::request::params::Params;
use crate::fronts::app_server::transport::connection::Asker;
use crate::fronts::app_server::transport::wire::Fault;
use crate::fronts::host::Machine;

use super::requests::whole;
use super::watches::Watches;
use super::watches::forward::Forward;
use super::watches::watcher::cannot_watch;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    path: PathBuf,
    watch_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unwatch {
    watch_id: String,
}

impl Params for Watch {}
impl Params for Unwatch {}

/// Answers once changes are noticed. A path that does not exist is reported when it appears.
pub fn watch(watches: &mut Watches, outside: &mut Outside, asker: Asker, params: Watch) {
    let Watch { path, watch_id: id } = params;
    let owner = asker.connection;
    let checked = whole(&path).and_then(|()| watches.check(owner, &id));
    let checked = checked.and_then(|()| watches.start(&path));
    let Some((asker, ())) = outside.accept(asker, checked) else { return };
    let Some(connection) = outside.connections.get(&owner) else { return };
    // Removes a slash at the end.
    let path: PathBuf = path.components().collect();
    let (sender, seen) = unbounded_channel();
    let forward = Forward { path: path.clone(), id: id.clone(), clock: outside.clock.clone() };
    let forwarding = tokio::spawn(forward.run(seen, connection.listener())).abort_handle();
    let number = watches.keep(owner, &id, forwarding);
    let Some(added) = watches.add(number, path.clone(), sender) else { return };
    Watches::beside(outside, added, move |watches, outside, added| {
        let result = added.map(|()| json!({ "path": path })).map_err(|error| {
            watches.remove_if(owner, &id, number);
            Fault::internal(cannot_watch(&path, &error))
        });
        outside.answer(asker, result);
    });
}

/// Ends a watch; ignores an unknown id.
pub fn unwatch(watches: &mut Watches, outside: &mut Outside, asker: Asker, params: Unwatch) {
    watches.remove(asker.connection, &params.watch_id);
    outside.answer(asker, Ok(json!({})));
}
