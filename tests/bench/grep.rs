//! `grep` in a tree of a hundred thousand files, compared with ripgrep if installed. Calls the tool
//! directly.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use codling::net::{Net, NetSettings};
use codling::protocol::{CallId, Confinement, Grant, ToolCall};
use codling::tools::{CallSurroundings, Toolbox, ToolboxSetup};

use crate::ask::Ask;
use crate::scene::milliseconds;
use crate::table::{Table, Target};
use crate::usage::{peak, resident};

const FOLDERS: usize = 1_000;
const FILES_OF_EACH: usize = 100;
const LINES: usize = 60;
/// A word in one file of a thousand.
const NEEDLE: &str = "zqneedle";
const TIMES: usize = 3;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["grep", "search", "tree"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    plant(dir.path());
    let tools = Toolbox::new(ToolboxSetup {
        withheld: Vec::new(),
        folder: dir.path().to_owned(),
        private: Vec::new(),
        own: Vec::new(),
        hidden: Vec::new(),
        lent: Vec::new(),
        skills: None,
        closed: Vec::new(),
        home: None,
        kept_caches: None,
        outputs: dir.path().join("outputs"),
        net: Net::new(NetSettings { ca_file: None, node_ca_file: None }),
        program: ask.program.clone(),
    });
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = resident(std::process::id());
    // Both run in turns, so that other load affects both.
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..ask.runs * TIMES {
        own.push(runtime.block_on(search(&tools)));
        other.extend(ripgrep(dir.path()));
    }
    let more: Vec<f64> = before
        .zip(peak(std::process::id()))
        .map(|(before, peak)| peak - before)
        .into_iter()
        .collect();
    let figure = "grep over 100,000 files, at most 1.5 times ripgrep's";
    match middle(&mut other) {
        Some(other) => table.add(figure, "ms", Target::AtMost(1.5 * other), &own),
        None => table.skip(figure, "ms", Target::AtMost(1.5), "`rg` is not installed"),
    }
    table.add("the same: peak memory over idle", "MiB", Target::AtMost(30.0), &more);
}

async fn search(tools: &Toolbox) -> f64 {
    let arguments = format!(r#"{{"pattern":"{NEEDLE}"}}"#);
    let call = ToolCall { id: CallId::from("call_1"), name: "grep".to_owned(), arguments };
    let start = Instant::now();
    let ran = tools
        .run(&call, Grant::within(Confinement::Free), Arc::new(drop), CallSurroundings::default())
        .await;
    let time = milliseconds(start.elapsed());
    assert!(ran.output.ok && ran.output.text.contains(NEEDLE), "{}", ran.output.text);
    time
}

fn middle(times: &mut [f64]) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// With line numbers, like the tool.
fn ripgrep(folder: &Path) -> Option<f64> {
    let start = Instant::now();
    let mut command = Command::new("rg");
    let status = command
        .args(["--no-config", "--hidden", "-n", NEEDLE, "."])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .ok()?;
    assert!(status.success(), "`rg` ended with {status}");
    Some(milliseconds(start.elapsed()))
}

fn plant(root: &Path) {
    let text = "    let value = compute(left, right).unwrap_or_default();\n".repeat(LINES);
    for folder in 0..FOLDERS {
        let at = root.join(format!("part{:02}/unit{:02}", folder / 40, folder % 40));
        fs::create_dir_all(&at).expect("a folder");
        for file in 0..FILES_OF_EACH {
            let needle = if (folder * FILES_OF_EACH + file).is_multiple_of(1_000) {
                NEEDLE
            } else {
                "nothing"
            };
            fs::write(at.join(format!("file{file:03}.rs")), format!("{text}// {needle}\n"))
                .expect("a file");
        }
    }
}
