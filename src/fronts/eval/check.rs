//! The check of a task: a command that says whether it is solved. It may run what the model wrote, and so it is kept in the sandbox.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::base::text;

/// Characters of its output that a report keeps.
const TOLD: usize = 2_000;

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckEnd {
    Passed,
    /// With the end of what it put out.
    Failed(String),
    TimedOut,
}

/// Runs it in the folder, by `program`, which is codling itself.
pub async fn check(program: &Path, line: &str, folder: &Path, limit: Duration) -> CheckEnd {
    let child = Command::new(program)
        .args(["sandbox", "--mode", "auto", "--", "sh", "-c", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => return CheckEnd::Failed(format!("the check could not be started: {error}")),
    };
    match timeout(limit, child.wait_with_output()).await {
        Err(_elapsed) => CheckEnd::TimedOut,
        Ok(Err(error)) => CheckEnd::Failed(format!("the check could not be awaited: {error}")),
        Ok(Ok(output)) if output.status.success() => CheckEnd::Passed,
        Ok(Ok(output)) => {
            let said = [output.stdout, output.stderr].concat();
            let said = text::clean(String::from_utf8_lossy(&said).trim()).into_owned();
            let skipped = said.chars().count().saturating_sub(TOLD);
            let end: String = said.chars().skip(skipped).collect();
            CheckEnd::Failed(format!("{}: {end}", output.status))
        }
    }
}
