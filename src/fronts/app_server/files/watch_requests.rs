//! `fs/watch`: a client is notified when a file, or the content of a folder, changes. Watches
//! belong to a connection, and end with it.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use crate::app_server::outside::Outside;
use crate::app_server::request::failure;
use crate::app_server::transport::connection::Asker;
use crate::host::Machine;
use crate::protocol::{Command, FilesCommand};

use super::forward::Forward;
use super::requests::whole;
use super::watches::Watches;

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

/// Answers once changes are noticed. A path that does not exist is reported when it appears.
pub fn watch(watches: &mut Watches, outside: &mut Outside, asker: Asker, params: Watch) {
    let Watch { path, watch_id: name } = params;
    let owner = asker.connection;
    let checked = whole(&path).and_then(|()| watches.check(owner, &name));
    let Some((asker, ())) = outside.accept(asker, checked) else { return };
    let Some(connection) = outside.connections.get(&owner) else { return };
    // Removes a slash at the end.
    let path: PathBuf = path.components().collect();
    let (sender, events) = unbounded_channel();
    let forward = Forward { path: path.clone(), id: name.clone(), clock: outside.clock.clone() };
    tokio::spawn(forward.run(events, connection.listener()));
    let id = watches.keep(owner, &name, sender);
    let command = Command::Files(FilesCommand::Watch { id, path: path.clone() });
    Watches::ask(outside, command, move |watches, outside, reply| {
        let result = reply.map(|_done| json!({ "path": path })).map_err(|problem| {
            watches.remove_if(outside, owner, &name, id);
            failure::fault(&problem)
        });
        outside.answer(asker, result);
    });
}

/// Ends a watch; ignores an unknown id.
pub fn unwatch(watches: &mut Watches, outside: &mut Outside, asker: Asker, params: Unwatch) {
    watches.remove(outside, asker.connection, &params.watch_id);
    outside.answer(asker, Ok(json!({})));
}
