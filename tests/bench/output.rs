//! A command that prints a gigabyte: the speed of reading it, and the memory it needs. Calls the
//! tool directly.

use std::sync::Arc;
use std::time::Instant;

use codling::net::{Net, NetSettings};
use codling::protocol::{CallId, Confinement, Grant, ToolCall};
use codling::tools::{CallSurroundings, Toolbox, ToolboxSetup};

use crate::ask::Ask;
use crate::table::{Table, Target};
use crate::usage::{peak, resident};

const MEGABYTES: f64 = 1024.0;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["output", "shell"]) {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let own = std::process::id();
    let before = resident(own);
    let speeds: Vec<f64> = (0..ask.runs).map(|_| runtime.block_on(gigabyte(ask))).collect();
    table.add("a command prints 1 GB: read", "MB/s", Target::AtLeast(500.0), &speeds);
    let more: Vec<f64> =
        before.zip(peak(own)).map(|(before, peak)| peak - before).into_iter().collect();
    table.add("the same: peak memory over idle", "MiB", Target::AtMost(30.0), &more);
}

async fn gigabyte(ask: &Ask) -> f64 {
    let dir = tempfile::tempdir().expect("a folder");
    let toolbox = Toolbox::new(ToolboxSetup {
        withheld: Vec::new(),
        folder: dir.path().to_owned(),
        private: Vec::new(),
        own: Vec::new(),
        hidden: Vec::new(),
        outputs: dir.path().join("outputs"),
        lent: Vec::new(),
        skills: None,
        closed: Vec::new(),
        home: None,
        kept_caches: None,
        net: Net::new(NetSettings { ca_file: None, node_ca_file: None }),
        program: ask.program.clone(),
    });
    let arguments = r#"{"command":"yes | head -c 1G"}"#.to_owned();
    let call = ToolCall { id: CallId::from("call_1"), name: "shell".to_owned(), arguments };
    let start = Instant::now();
    let ran = toolbox
        .run(&call, Grant::within(Confinement::Free), Arc::new(drop), CallSurroundings::default())
        .await;
    assert!(ran.output.ok, "{}", ran.output.text);
    MEGABYTES / start.elapsed().as_secs_f64()
}
