//! The person's own command for the status line (`status_command`): told in JSON how far the
//! conversation is, it prints one line. Reads and changes nothing of the engine.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::base::text::clean_line;
use crate::base::{redact, start};
use crate::protocol::{Limits, SessionView};
use crate::tools::plain;

/// How long the command may take.
const LIMIT: Duration = Duration::from_millis(300);

/// Bytes of its first line; what is longer is cut.
const LONGEST: u64 = 4 << 10;

/// The JSON for the command, on one line, without control characters and what looks like a secret.
/// `cost` is in US dollars; limits tell how much of them is used.
pub fn status_facts(view: &SessionView, limits: &Limits) -> String {
    let shown = |text: &str| redact(&clean_line(text)).into_owned();
    let place = view.place.as_ref();
    let settings = view.settings.as_ref();
    let limits = [limits.primary, limits.secondary].into_iter().flatten().map(
        |limit| json!({ "minutes": limit.window_minutes, "used_percent": limit.used_percent }),
    );
    json!({
        "session": view.id.as_str(),
        "title": shown(&view.title),
        "folder": place.map(|place| shown(&place.folder.display().to_string())),
        "branch": place.and_then(|place| place.branch.as_deref()).map(shown),
        "agent": view.session_mode.map(|mode| mode.agent.as_str()),
        "mode": view.session_mode.map(|mode| mode.approval_mode.as_str()),
        "provider": settings.map(|settings| shown(settings.model.provider.as_str())),
        "model": settings.map(|settings| shown(settings.model.id.as_str())),
        "effort": settings.and_then(|it| it.effort.as_ref()).map(|it| shown(&it.0)),
        "context_percent": view.context_percent(),
        "cost": view.spent.cost.map(|millionths| millionths as f64 / 1e6),
        "limits": limits.collect::<Vec<_>>(),
        "jobs": view.jobs.len(),
        "activity": view.activity().as_str(),
    })
    .to_string()
}

/// Runs the command with these facts on its input and returns its first line, without control
/// characters. Blocks for up to 300 ms.
///
/// # Errors
///
/// A sentence, if it cannot be started, or has printed no line in time.
pub fn status_line(command: &[String], facts: &str) -> Result<String, String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(String::new()) };
    let told = format!("{facts}\n");
    let mut run = Command::new(program);
    let printed = start::answer(run.args(arguments), told.as_bytes(), LIMIT, first_line);
    printed.map(|line| clean_line(line.trim()).into_owned()).map_err(|error| {
        let name = clean_line(program);
        match error.kind() {
            ErrorKind::TimedOut => {
                format!("`{name}` printed no line within {} ms", LIMIT.as_millis())
            }
            _ => format!("`{name}` could not be started: {error}"),
        }
    })
}

fn first_line(output: impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    BufReader::new(output.take(LONGEST)).read_until(b'\n', &mut line)?;
    Ok(plain(&line))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Result<String, String> {
        status_line(&["sh", "-c", script].map(str::to_owned), r#"{"mode":"ask"}"#)
    }

    #[test]
    fn the_first_line_is_shown_without_codes_and_no_longer_than_its_bound() {
        for (script, shown) in [
            ("cat", r#"{"mode":"ask"}"#),
            ("printf ' one\\ntwo\\n'", "one"),
            ("printf '\\033[31mred\\033[0m\\tbell'", "red bell"),
            ("echo there; exec sleep 100", "there"),
            ("exit 3", ""),
        ] {
            assert_eq!(sh(script).as_deref(), Ok(shown), "{script}");
        }
        let long = sh("yes | tr -d '\\n' | head -c 1000000").unwrap();
        assert_eq!(long.len() as u64, LONGEST);
    }

    #[test]
    fn a_command_that_is_late_or_missing_is_told() {
        assert!(sh("sleep 100").unwrap_err().contains("300 ms"));
        let missing = status_line(&["no-such-program-here".to_owned()], "{}").unwrap_err();
        assert!(missing.contains("no-such-program-here"), "{missing}");
    }
}
