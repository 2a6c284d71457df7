//! The plan of a call before it runs. Starts no command: `tests/shell.rs` does.

use crate::protocol::{ActionKind, CallId, Location, RequestedConfinement, ToolCall};

use super::super::Toolbox;
use super::*;

fn call(arguments: &str) -> ToolCall {
    ToolCall {
        id: CallId::from("call_1"),
        name: "shell".to_owned(),
        arguments: arguments.to_owned(),
    }
}

#[tokio::test]
async fn a_call_is_understood_before_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    let toolbox = Toolbox::of(dir.path(), Vec::new());
    let real = dir.path().canonicalize().unwrap();
    for (arguments, line, title, reason, folder, side, wanted) in [
        (
            r#"{"command":"ls -l"}"#,
            "ls -l",
            "ls -l",
            None,
            "",
            Location::Inside,
            RequestedConfinement::AsUsual,
        ),
        (
            r#"{"command":"\n\n a\u001bb \nc"}"#,
            "\n\n a\u{1b}b \nc",
            "a b",
            None,
            "",
            Location::Inside,
            RequestedConfinement::AsUsual,
        ),
        (
            r#"{"command":"ls","workdir":"sub","reason":" to look "}"#,
            "ls",
            "ls",
            Some("to look"),
            "sub",
            Location::Inside,
            RequestedConfinement::AsUsual,
        ),
        (
            r#"{"command":"ls","workdir":"/","unconfined":true}"#,
            "ls",
            "ls",
            None,
            "/",
            Location::Outside,
            RequestedConfinement::Unconfined,
        ),
    ] {
        let action = toolbox.preview(&call(arguments)).await.unwrap();
        assert_eq!((action.title.as_str(), action.reason.as_deref()), (title, reason));
        let ActionKind::Command { line: found, folder: at, wanted: asked } = action.kind else {
            panic!("{arguments}")
        };
        let place = if folder.is_empty() { real.clone() } else { real.join(folder) };
        assert_eq!((found.as_str(), at.path, at.location, asked), (line, place, side, wanted));
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_meant_so_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let toolbox = Toolbox::of(dir.path(), Vec::new());
    for (arguments, says) in [
        ("{}", "`command` is missing"),
        (r#"{"command":""}"#, "`command` is missing"),
        (r#"{"command":"ls","timeout":-1}"#, "`timeout` has to be"),
        (r#"{"command":"ls","unconfined":"maybe"}"#, "`unconfined` has to be `true` or `false`"),
        (r#"{"command":"ls","folder":"/"}"#, "no parameter `folder`"),
    ] {
        let output = toolbox.preview(&call(arguments)).await.unwrap_err();
        assert!(!output.ok && output.text.contains(says), "{arguments}: {}", output.text);
    }
    for (workdir, says) in [
        ("missing", "is not there"),
        ("file", "is a file"),
        ("/", "is outside"),
        ("..", "is outside"),
    ] {
        let output =
            toolbox.answer(&call(&format!(r#"{{"command":"ls","workdir":"{workdir}"}}"#))).await;
        assert!(!output.ok && output.text.contains(says), "{workdir}: {}", output.text);
    }
}

#[test]
fn a_typed_line_arrives_as_it_is() {
    for line in ["ls", "echo \"a\\b\" 'c'\n\u{1b}[31m\0 ö"] {
        let call = shell_call(CallId::from("typed_1"), line);
        let requested =
            RequestedCommand::of(&mut Arguments::parse(&call.arguments).unwrap()).unwrap();
        assert_eq!((requested.line.as_str(), requested.limit), (line, LIMIT));
    }
}

#[test]
fn a_limit_is_kept_within_bounds() {
    for (timeout, limit) in
        [("1", 1), ("\"1500\"", 1500), ("0", 120_000), ("999999999", 600_000), ("null", 120_000)]
    {
        let mut arguments =
            Arguments::parse(&format!(r#"{{"command":"ls","timeout":{timeout}}}"#)).unwrap();
        assert_eq!(
            RequestedCommand::of(&mut arguments).unwrap().limit,
            Duration::from_millis(limit),
            "{timeout}"
        );
    }
}
