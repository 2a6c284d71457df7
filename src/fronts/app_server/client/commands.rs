//! The commands that a person can give the client.

use serde_json::{Value, json};

use crate::base::{Console, text};
use crate::protocol::Exit;

use super::answering::Answering;
use super::link::{ClientError, Server};
use super::session::Session;

/// A command for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum ClientCommand {
    /// Any method, with its parameters as JSON.
    Call { method: String, params: Option<String> },
    /// Signs in, and waits until that has ended.
    Login(LoginKind),
    /// All models, one line each.
    Models,
    /// How much of the plan is left.
    Limits,
    /// Sends a prompt; the answer is printed as it comes.
    Send(ClientPrompt),
    /// Earlier threads, one line each, `limit` of them at the most.
    Threads { limit: Option<u32> },
    /// The conversation of a thread, and the rest of its running turn.
    Resume(String),
    /// Every message from the server, until the client is stopped.
    Watch,
}

/// A prompt, and the thread that it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum ClientPrompt {
    /// In a new thread in which every command needs approval.
    Asking(String),
    /// In an earlier thread, by its id.
    In { thread: String, text: String },
    /// In a new thread.
    New(String),
}

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum LoginKind {
    Browser,
    DeviceCode,
}

/// Runs one command to its end.
///
/// # Errors
///
/// Fails if the parameters are not JSON, if the server cannot be reached, or if it refuses or ends.
pub fn run(
    server: &Server,
    token: Option<&str>,
    command: ClientCommand,
    approvals: Answering,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let params = match &command {
        ClientCommand::Call { params: Some(text), .. } => {
            let read = serde_json::from_str(text);
            Some(read.map_err(|source| ClientError::Json { text: text.clone(), source })?)
        }
        _ => None,
    };
    let session = &mut Session::open(server, token)?;
    match command {
        ClientCommand::Call { method, .. } => {
            let result = session.request(&method, params.unwrap_or_else(|| json!({})))?;
            console.line(&serde_json::to_string_pretty(&result).unwrap_or_default());
            Ok(Exit::Done)
        }
        ClientCommand::Login(kind) => login(session, kind, console),
        ClientCommand::Models => models(session, console),
        ClientCommand::Limits => {
            let result = session.request("account/rateLimits/read", json!({}))?;
            console.line(&serde_json::to_string_pretty(&result).unwrap_or_default());
            Ok(Exit::Done)
        }
        ClientCommand::Send(prompt) => send(session, prompt, approvals, console),
        ClientCommand::Threads { limit } => threads(session, limit, console),
        ClientCommand::Resume(thread) => resume(session, &thread, approvals, console),
        ClientCommand::Watch => loop {
            let message = session.next()?;
            console.line(&message.to_string());
            console.flush();
            if console.lost().is_some() {
                return Ok(Exit::Done);
            }
        },
    }
}

fn models(session: &mut Session, console: &mut Console) -> Result<Exit, ClientError> {
    let answer = session.request("model/list", json!({ "limit": 1_000 }))?;
    for model in rows(&answer) {
        let mark = if model["isDefault"] == true { " (default)" } else { "" };
        console.line(&clean(&format!(
            "{}  {}{mark}",
            word(&model["id"]),
            word(&model["displayName"])
        )));
    }
    Ok(Exit::Done)
}

fn threads(
    session: &mut Session,
    limit: Option<u32>,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let answer = session.request("thread/list", json!({ "limit": limit }))?;
    for thread in rows(&answer) {
        let name = thread["name"].as_str().unwrap_or_else(|| word(&thread["preview"]));
        console.line(&clean(&format!("{}  {}  {name}", word(&thread["id"]), word(&thread["cwd"]))));
    }
    Ok(Exit::Done)
}

fn send(
    session: &mut Session,
    prompt: ClientPrompt,
    approvals: Answering,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let (opened, text) = match prompt {
        ClientPrompt::New(text) => (session.request("thread/start", json!({}))?, text),
        ClientPrompt::Asking(text) => {
            let asks = json!({ "approvalPolicy": "untrusted", "sandbox": "workspace-write" });
            (session.request("thread/start", asks)?, text)
        }
        ClientPrompt::In { thread, text } => {
            (session.request("thread/resume", json!({ "threadId": thread }))?, text)
        }
    };
    let thread = word(&opened["thread"]["id"]).to_owned();
    console.note(&format!("thread {thread}"));
    let input = json!([{ "type": "text", "text": text }]);
    let begun = session.request("turn/start", json!({ "threadId": thread, "input": input }))?;
    follow(session, word(&begun["turn"]["id"]), approvals, console)
}

fn resume(
    session: &mut Session,
    thread: &str,
    approvals: Answering,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let resumed = session.request("thread/resume", json!({ "threadId": thread }))?;
    let mut running = None;
    for turn in resumed["thread"]["turns"].as_array().into_iter().flatten() {
        for item in turn["items"].as_array().into_iter().flatten() {
            match item["type"].as_str() {
                Some("userMessage") => {
                    let prompt = word(&item["content"][0]["text"]);
                    console.line(&format!("> {}", text::clean(prompt)));
                }
                Some("agentMessage") => console.line(&text::clean(word(&item["text"]))),
                _ => {}
            }
        }
        if turn["status"] == "inProgress" {
            running = Some(word(&turn["id"]).to_owned());
        }
    }
    console.flush();
    match running {
        Some(turn) => follow(session, &turn, approvals, console),
        None => Ok(Exit::Done),
    }
}

/// Prints messages until the turn ends.
fn follow(
    session: &mut Session,
    turn: &str,
    approvals: Answering,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    loop {
        let message = session.next()?;
        let params = &message["params"];
        if !message["id"].is_null() {
            console.end_line();
            session.answer(&approvals.answer(&message, console))?;
            continue;
        }
        match message["method"].as_str() {
            Some("item/agentMessage/delta") if params["turnId"] == turn => {
                console.print(&text::clean(word(&params["delta"])));
                console.flush();
            }
            Some("item/started") if params["item"]["type"] == "commandExecution" => {
                console.note(&clean(&format!("$ {}", word(&params["item"]["command"]))));
            }
            Some("turn/completed") if params["turn"]["id"] == turn => {
                console.end_line();
                let turn = &params["turn"];
                let error = word(&turn["error"]["message"]);
                return Ok(match turn["status"].as_str() {
                    Some("completed") => Exit::Done,
                    Some("interrupted") => Exit::Interrupted,
                    _ => {
                        console.problem(&clean(error), None);
                        Exit::Failed
                    }
                });
            }
            _ => {}
        }
    }
}

fn login(
    session: &mut Session,
    kind: LoginKind,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let kind = match kind {
        LoginKind::Browser => "chatgpt",
        LoginKind::DeviceCode => "chatgptDeviceCode",
    };
    let begun = session.request("account/login/start", json!({ "type": kind }))?;
    match begun["userCode"].as_str() {
        Some(code) => {
            let page = word(&begun["verificationUrl"]);
            console.line(&clean(&format!("Open {page} and type {code}")));
        }
        None => console.line(&clean(&format!("Open {}", word(&begun["authUrl"])))),
    }
    console.flush();
    loop {
        let message = session.next()?;
        let params = &message["params"];
        let is_end = message["method"] == "account/login/completed";
        if is_end && params["loginId"] == begun["loginId"] {
            if params["success"] == true {
                console.line("Signed in");
                return Ok(Exit::Done);
            }
            console.problem(&clean(word(&params["error"])), Some("Begin the sign-in again"));
            return Ok(Exit::Failed);
        }
    }
}

fn rows(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["data"].as_array().into_iter().flatten()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Removes control characters, since a server's text may hold anything.
fn clean(line: &str) -> String {
    text::clean_line(line).into_owned()
}
