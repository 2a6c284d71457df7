//! Two clients by others, over a pipe and over a websocket: `peers PROGRAM FOLDER`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use codex_app_server_sdk::api::{Codex, ThreadOptions, TurnOptions};
use codex_app_server_sdk::{ClientOptions, StdioConfig, WsConfig};
use codex_codes::{AppServerBuilder, Notification, ServerMessage, SyncClient};
use serde_json::{Value, json};

type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> Done {
    let words: Vec<String> = std::env::args().collect();
    let [_, program, folder] = &words[..] else { return Err("peers PROGRAM FOLDER".into()) };
    // `codex-codes` starts `PROGRAM app-server …`, which is the program with the stand-in behind
    // it.
    let script = format!("#!/bin/sh\nexec '{program}' demo '{folder}' \"$@\"\n");
    let wrapper = format!("{folder}/codling-demo");
    std::fs::write(&wrapper, script)?;
    Command::new("chmod").args(["+x", &wrapper]).status()?;
    typed(&wrapper, folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(high_level(program))?;
    Ok(())
}

/// `codex-codes`: generated types, which fail on a message of another shape.
fn typed(program: &str, folder: &str) -> Done {
    let mut client = SyncClient::start_with(AppServerBuilder::new().command(program))?;
    let options = json!({ "approvalPolicy": "untrusted", "sandbox": "workspace-write" });
    let thread = client.thread_start(&serde_json::from_value(options)?)?.thread.id;
    let input = |text: &str| json!([{ "type": "text", "text": text, "text_elements": [] }]);
    let start = json!({ "threadId": thread, "input": input("run `touch made-by-a-peer`") });
    client.turn_start(&serde_json::from_value(start)?)?;
    let mut asked = 0;
    while let Some(message) = client.next_message()? {
        match message {
            ServerMessage::Request { id, .. } => {
                asked += 1;
                client.respond(id, &json!({ "decision": "accept" }))?;
            }
            ServerMessage::Notification(Notification::TurnCompleted(_)) => break,
            ServerMessage::Notification(_) => {}
        }
    }
    assert_eq!(asked, 1);
    assert!(std::path::Path::new(folder).join("made-by-a-peer").exists());
    let turns = json!({ "threadId": thread });
    let turns = client.thread_turns_list(&serde_json::from_value(turns)?)?.data;
    assert_eq!(turns.len(), 1);
    let fork = json!({ "threadId": thread });
    let copy = client.thread_fork(&serde_json::from_value(fork)?)?.thread;
    assert_ne!(copy.id, thread);
    let ran: Value = client.request("command/exec", &json!({ "command": ["echo", "hello"] }))?;
    assert_eq!(ran["stdout"], "hello\n");
    let providers: Value = client.request("modelProvider/list", &json!({}))?;
    assert_eq!(providers["defaultProviderId"], "openai");
    client.shutdown()?;
    Ok(())
}

/// `codex-app-server-sdk`: conversations over both transports.
async fn high_level(program: &str) -> Done {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let config = StdioConfig {
        codex_binary: program.to_owned(),
        args: words(&["demo", "app-server"]),
        ..StdioConfig::default()
    };
    converse(Codex::spawn_stdio(config).await?).await?;
    let mut server = Command::new(program)
        .args(["demo", "app-server", "--listen", "ws://127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()?;
    let said = BufReader::new(server.stderr.take().ok_or("no words")?).lines();
    let address = said
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on: ").map(str::to_owned))
        .ok_or("no address")?;
    let config = WsConfig::new(address, Default::default(), ClientOptions::default());
    let spoken = match Codex::connect_ws(config).await {
        Ok(codex) => converse(codex).await,
        Err(error) => Err(error.into()),
    };
    server.kill()?;
    server.wait()?;
    spoken
}

async fn converse(codex: Codex) -> Done {
    let mut thread = codex.start_thread(ThreadOptions::builder().skip_git_repo_check(true).build());
    let turn = thread.run("hello", TurnOptions::default()).await?;
    assert!(turn.final_response.contains("demo model"), "{}", turn.final_response);
    let again = thread.run("and now?", TurnOptions::default()).await?;
    assert!(!again.items.is_empty());
    Ok(())
}
