//! `command/exec`: what clients run outside of all threads.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{Client, LIMIT};
use super::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::{Account, until};

fn free(command: &[&str]) -> Value {
    json!({ "command": command, "sandboxPolicy": { "type": "dangerFullAccess" } })
}

fn named(process: &str, params: Value, more: &Value) -> Value {
    let mut params = params;
    params["processId"] = json!(process);
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

/// Returns the output of a running command, up to these words.
fn heard(client: &mut Client, process: &str, stream: &str, words: &str) -> String {
    let mut all = String::new();
    while !all.contains(words) {
        let piece = client.until(words, |it| {
            it["method"] == "command/exec/outputDelta"
                && it["params"]["processId"] == process
                && it["params"]["stream"] == stream
        });
        let bytes = STANDARD.decode(piece["params"]["deltaBase64"].as_str().unwrap()).unwrap();
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    all
}

fn write(client: &mut Client, process: &str, text: &str) {
    let params = json!({ "processId": process, "deltaBase64": STANDARD.encode(text) });
    assert_eq!(client.request("command/exec/write", params), json!({}));
}

#[test]
fn a_command_is_answered_once_it_has_ended() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let line = "echo out; echo err >&2; echo $WORD; pwd; echo ${LANG:+language}; exit 3";
        let mut params = free(&["sh", "-c", line]);
        params["env"] = json!({ "WORD": "a b", "LANG": null });
        let ran = scene.client.request("command/exec", params);
        let folder = scene.folder();
        let out = format!("out\na b\n{}\n\n", folder.display());
        assert_eq!(ran, json!({ "exitCode": 3, "stdout": out, "stderr": "err\n" }));

        let mut params = free(&["sh", "-c", "echo 123456789; echo abc >&2"]);
        params["outputBytesCap"] = json!(4);
        let cut = scene.client.request("command/exec", params);
        assert_eq!(cut, json!({ "exitCode": 0, "stdout": "1234", "stderr": "abc\n" }));

        let mut params = free(&["sleep", "1000"]);
        params["timeoutMs"] = json!(50);
        assert_eq!(scene.client.request("command/exec", params)["exitCode"], 124);

        let none = scene.client.request("command/exec", free(&["no-such-program"]));
        assert_eq!((&none["exitCode"], &none["stdout"]), (&json!(127), &json!("")));
        assert!(none["stderr"].as_str().unwrap().contains("was not run"), "{none}");
    });
}

#[test]
fn a_command_is_kept_in_as_its_client_or_the_settings_say() {
    let settings = "approvals = \"ask\"\n";
    let mut scene = Scene::with(Transport::Pipe, Account::ApiKey, Default::default(), settings);
    let auth = scene.stage.home.auth_file();
    assert!(scene.auth_file().contains("sk-demo"));
    let line = format!("touch here; touch ../beside; cat {}; env", auth.display());
    let run = |scene: &mut Scene, policy: Value| {
        let params = json!({ "command": ["sh", "-c", line], "sandboxPolicy": policy });
        let ran = scene.client.request("command/exec", params);
        assert!(!ran.to_string().contains("sk-demo"), "the key was told: {ran}");
        let folder = scene.folder();
        (folder.join("here").exists(), folder.join("../beside").exists())
    };
    assert_eq!(run(&mut scene, json!({ "type": "readOnly" })), (false, false));
    // The settings decide if the client says nothing.
    assert_eq!(run(&mut scene, Value::Null), (true, false));
    let root = scene.folder().parent().unwrap().join("other");
    std::fs::create_dir(&root).unwrap();
    let params = json!({
        "command": ["touch", root.join("there")],
        "sandboxPolicy": { "type": "workspaceWrite", "writableRoots": [root] },
    });
    assert_eq!(scene.client.request("command/exec", params)["exitCode"], 0);
    assert!(root.join("there").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_is_kept_from_repositories_and_its_client_hears_what_was_put_right() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    let script = "git init -q nested && cd nested && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m m";
    let made = std::process::Command::new("sh").args(["-c", script]).current_dir(&folder).output();
    assert!(made.unwrap().status.success());
    let settings = std::fs::read(folder.join("nested/.git/config")).unwrap();
    let line = "rm -rf nested/.git/objects; git -C nested config core.fsmonitor ./x; \
        git init -q new && git -C new config core.fsmonitor ./x";
    let policy = json!({ "type": "workspaceWrite" });
    let params =
        json!({ "command": ["sh", "-c", line], "sandboxPolicy": policy, "processId": "p" });
    let id = scene.client.ask("command/exec", params);
    let told = scene.client.until("what was set aside", |it| it["method"] == "warning");
    let message = told["params"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("command/exec \"p\": ") && message.contains("new/.git/config"));
    assert_eq!(scene.client.answer(id)["result"]["exitCode"], 0);
    let git = folder.join("nested/.git");
    assert_eq!(std::fs::read(git.join("config")).unwrap(), settings);
    assert!(!git.join("config.set-aside").exists());
    let sandbox = codling::sandbox::found(env!("CARGO_BIN_EXE_codling").as_ref()).sandbox;
    // Without mounts, objects are not kept.
    assert!(git.join("objects").exists() || !sandbox.has_mounts());
    assert!(folder.join("new/.git/config.set-aside").exists());
}

#[test]
fn a_command_begins_nowhere_that_its_client_could_not_have_it_write() {
    let mut scene = Scene::new();
    let home = scene.stage.home.auth_file().parent().unwrap().to_owned();
    let inner = home.join("inner");
    std::fs::create_dir_all(&inner).unwrap();
    for (folder, policy) in [
        (Path::new("/"), "workspaceWrite"),
        (Path::new("/dev"), "workspaceWrite"),
        (Path::new("/etc"), "workspaceWrite"),
        (&home, "workspaceWrite"),
        (&inner, "workspaceWrite"),
        (&home, "readOnly"),
    ] {
        let params =
            json!({ "command": ["true"], "cwd": folder, "sandboxPolicy": { "type": policy } });
        let (code, why) = scene.client.refusal("command/exec", params);
        let words = format!("`{}` is not opened to commands", folder.display());
        assert!(code == -32600 && why.contains(&words), "{policy}: {code} {why}");
    }
    let params =
        json!({ "command": ["pwd"], "cwd": "/etc", "sandboxPolicy": { "type": "readOnly" } });
    assert_eq!(scene.client.request("command/exec", params)["stdout"], "/etc\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_is_kept_in_has_the_network_where_its_client_says_so() {
    let mut scene = Scene::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let line = format!("touch here; touch ../beside; exec 3<>/dev/tcp/127.0.0.1/{port}");
    let (here, beside) = (scene.folder().join("here"), scene.folder().join("../beside"));
    for (policy, writes, reaches) in [
        (json!({ "type": "readOnly" }), false, false),
        (json!({ "type": "readOnly", "networkAccess": true }), false, true),
        (json!({ "type": "workspaceWrite" }), true, false),
        (json!({ "type": "workspaceWrite", "networkAccess": true }), true, true),
    ] {
        let params = json!({ "command": ["bash", "-c", line], "sandboxPolicy": policy });
        let ran = scene.client.request("command/exec", params);
        assert_eq!(ran["exitCode"] == 0, reaches, "{policy}: {ran}");
        assert_eq!((here.exists(), beside.exists()), (writes, false), "{policy}");
        let _not_made = std::fs::remove_file(&here);
    }
    let profile = |name: &str| json!({ "command": ["touch", "here"], "permissionProfile": name });
    let read_only = scene.client.request("command/exec", profile(":read-only"));
    assert_ne!(read_only["exitCode"], 0);
    assert_eq!(scene.client.request("command/exec", profile(":workspace"))["exitCode"], 0);
    assert!(here.exists());
}

#[test]
fn a_command_that_streams_is_written_to_and_terminated() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let client = &mut scene.client;
        let streams = json!({ "streamStdin": true, "streamStdoutStderr": true });
        let cat = client
            .ask("command/exec", named("cat", free(&["sh", "-c", "cat; echo end >&2"]), &streams));
        write(client, "cat", "one\n");
        assert_eq!(heard(client, "cat", "stdout", "one\n"), "one\n");
        write(client, "cat", "two\n");
        client.request("command/exec/write", json!({ "processId": "cat", "closeStdin": true }));
        assert_eq!(heard(client, "cat", "stdout", "two\n"), "two\n");
        assert_eq!(heard(client, "cat", "stderr", "end\n"), "end\n");
        let ended = client.answer(cat)["result"].clone();
        assert_eq!(ended, json!({ "exitCode": 0, "stdout": "", "stderr": "" }));

        let line = "echo ready; while :; do sleep 1000; done";
        let slow = client.ask("command/exec", named("slow", free(&["sh", "-c", line]), &streams));
        heard(client, "slow", "stdout", "ready\n");
        let again = named("slow", free(&["true"]), &json!({}));
        assert_eq!(
            client.refusal("command/exec", again),
            (-32600, sentences::DUPLICATE_COMMAND.into())
        );
        client.request("command/exec/terminate", json!({ "processId": "slow" }));
        assert_ne!(client.answer(slow)["result"]["exitCode"], 0);
        let gone = client.refusal("command/exec/terminate", json!({ "processId": "slow" }));
        assert_eq!(gone, (-32600, sentences::NO_COMMAND_SLOW.into()));
    });
}

#[test]
fn a_flood_is_cut_at_the_cap_and_its_last_piece_says_so() {
    let mut scene = Scene::new();
    let more = json!({ "streamStdoutStderr": true, "outputBytesCap": 100_000 });
    let params = named("flood", free(&["sh", "-c", "yes | head -c 3000000"]), &more);
    assert_eq!(scene.client.request("command/exec", params)["exitCode"], 0);
    let pieces = scene.client.all_news("command/exec/outputDelta");
    let bytes: usize = pieces
        .iter()
        .map(|it| STANDARD.decode(it["deltaBase64"].as_str().unwrap()).unwrap().len())
        .sum();
    let cut: Vec<bool> = pieces.iter().map(|it| it["capReached"] == true).collect();
    assert_eq!(bytes, 100_000);
    assert!(cut.iter().rev().skip(1).all(|is| !is) && cut.last() == Some(&true), "{cut:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_the_size_that_its_client_gives_it() {
    let mut scene = Scene::new();
    let client = &mut scene.client;
    let size = json!({ "tty": true, "size": { "rows": 30, "cols": 100 } });
    let line = "stty size; read answer; stty size; echo got $answer";
    let id = client.ask("command/exec", named("tty", free(&["sh", "-c", line]), &size));
    heard(client, "tty", "stdout", "30 100");
    let resized = json!({ "processId": "tty", "size": { "rows": 40, "cols": 120 } });
    client.request("command/exec/resize", resized);
    write(client, "tty", "yes\n");
    let rest = heard(client, "tty", "stdout", "got yes");
    assert!(rest.contains("40 120"), "{rest}");
    assert_eq!(client.answer(id)["result"]["exitCode"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_belongs_to_its_connection_and_ends_with_it() {
    let mut scene = Scene::with(Transport::WebSocket, Account::ApiKey, Default::default(), "");
    let mut other = scene.another();
    let line = "echo pid $$ there; while :; do sleep 1000; done";
    let streams = json!({ "streamStdoutStderr": true, "disableTimeout": true });
    other.ask("command/exec", named("mine", free(&["sh", "-c", line]), &streams));
    let said = heard(&mut other, "mine", "stdout", "there");
    let process = said.split(' ').nth(1).unwrap().to_owned();
    assert!(Path::new("/proc").join(&process).exists());
    let refused = scene.client.refusal("command/exec/terminate", json!({ "processId": "mine" }));
    assert_eq!(refused, (-32600, sentences::NO_COMMAND_MINE.into()));
    other.hang_up();
    until(LIMIT, "the command has ended", || !Path::new("/proc").join(&process).exists());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let mut scene = Scene::new();
    let invalid = -32602;
    for (more, code, words) in [
        (json!({ "command": [] }), -32600, "command must not be empty"),
        (json!({ "size": { "rows": 1, "cols": 1 } }), invalid, "size requires tty: true"),
        (
            json!({ "tty": true, "processId": "p", "size": { "rows": 0, "cols": 1 } }),
            invalid,
            "rows and cols must be greater than 0",
        ),
        (
            json!({ "disableOutputCap": true, "outputBytesCap": 1 }),
            invalid,
            "cannot set both outputBytesCap and disableOutputCap",
        ),
        (
            json!({ "disableTimeout": true, "timeoutMs": 1 }),
            invalid,
            "cannot set both timeoutMs and disableTimeout",
        ),
        (json!({ "timeoutMs": -1 }), invalid, "timeoutMs must be non-negative, got -1"),
        (json!({ "streamStdin": true }), -32600, "requires a client-supplied processId"),
        (json!({ "permissionProfile": "x" }), -32600, "unknown permission profile `x`"),
        (
            json!({ "permissionProfile": "x", "sandboxPolicy": { "type": "readOnly" } }),
            -32600,
            "cannot be combined",
        ),
        (json!({ "sandboxPolicy": { "type": "externalSandbox" } }), -32600, "sandbox around it"),
        (
            json!({ "sandboxPolicy": { "type": "workspaceWrite", "writableRoots": ["/"] } }),
            -32600,
            "`/` is not opened",
        ),
        (json!({ "cwd": "/no/such/folder" }), -32603, "no such folder"),
        (json!({ "command": ["a\u{0}b"] }), -32603, "letters that none"),
    ] {
        let mut params = json!({ "command": ["true"] });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        let (found, why) = scene.client.refusal("command/exec", params);
        assert!(found == code && why.contains(words), "{more}: {found} {why}");
    }
    for (method, params, words) in [
        ("command/exec/write", json!({ "processId": "p" }), "requires deltaBase64 or closeStdin"),
        (
            "command/exec/write",
            json!({ "processId": "p", "deltaBase64": "?" }),
            "invalid deltaBase64",
        ),
        (
            "command/exec/write",
            json!({ "processId": "p", "closeStdin": true }),
            "no active command/exec",
        ),
    ] {
        let (_, why) = scene.client.refusal(method, params);
        assert!(why.contains(words), "{method}: {why}");
    }
    let quiet = json!({ "streamStdoutStderr": true });
    let line = "echo ready; while :; do sleep 1000; done";
    scene.client.ask("command/exec", named("quiet", free(&["sh", "-c", line]), &quiet));
    heard(&mut scene.client, "quiet", "stdout", "ready");
    let write = json!({ "processId": "quiet", "deltaBase64": STANDARD.encode("x") });
    let (_, why) = scene.client.refusal("command/exec/write", write);
    assert_eq!(why, "stdin streaming is not enabled for this command/exec");
    let size = json!({ "processId": "quiet", "size": { "rows": 1, "cols": 1 } });
    let (_, why) = scene.client.refusal("command/exec/resize", size);
    assert!(why.contains("has no terminal"), "{why}");
}
