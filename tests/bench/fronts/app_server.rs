//! The app-server: the delay of its answers and deltas, the throughput of a connection, and the
//! cost of connections.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use crate::ask::Ask;
use crate::scene::milliseconds;
use crate::sessions::{head, write};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::resident;

/// Requests of one run.
const MANY: i64 = 4_000;
/// Idle connections.
const IDLE: usize = 100;
const TIMES: usize = 7;
/// Turns of a long thread, with a question and an answer each: 1.5 MB in all.
const TURNS: usize = 2_020;
const LONG: &str = "ses_long";

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["app-server"]) {
        return;
    }
    first_answer(ask, table);
    let (mut rates, mut memory, mut late) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let stage = Stage::new(Account::ChatGpt);
        let mut server = Server::start(ask, &stage);
        let mut client = server.connect();
        rates.push(rate(&mut client));
        let before = resident(server.child.id());
        let idle: Vec<_> = (1..IDLE).map(|_| server.connect()).collect();
        memory
            .extend(resident(server.child.id()).zip(before).map(|(after, before)| after - before));
        drop(idle);
        for number in 0..TIMES {
            late.push(delta(&stage, &mut client, &format!("gate {number}")));
        }
        server.end();
    }
    table.add(
        "app-server: `model/list` on one connection",
        "per s",
        Target::AtLeast(2_000.0),
        &rates,
    );
    table.add("app-server: 100 idle connections over one", "MiB", Target::AtMost(10.0), &memory);
    table.add("app-server: a delta to a websocket", "ms", Target::AtMost(2.0), &late);
    resume(ask, table);
}

/// A long thread of an earlier program.
fn resume(ask: &Ask, table: &mut Table) {
    let stage = Stage::new(Account::ChatGpt);
    write(&stage, LONG, &long(&stage));
    let (mut wall, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let mut server = Server::start(ask, &stage);
        let mut client = server.connect();
        let before = resident(server.child.id());
        let began = Instant::now();
        let resumed = json!({ "id": 1, "method": "thread/resume", "params": { "threadId": LONG } });
        let resumed = request(&mut client, &resumed);
        wall.push(milliseconds(began.elapsed()));
        let turns = resumed["thread"]["turns"].as_array().map_or(0, Vec::len);
        assert_eq!(turns, TURNS, "{}", resumed["thread"]["id"]);
        memory
            .extend(resident(server.child.id()).zip(before).map(|(after, before)| after - before));
        server.end();
    }
    table.add("app-server: `thread/resume` of 2,020 turns", "ms", Target::AtMost(300.0), &wall);
    table.add("the same: memory of the thread of 1.5 MB", "MiB", Target::AtMost(12.0), &memory);
}

fn long(stage: &Stage) -> String {
    let mut lines = vec![head(LONG, stage.home.path())];
    let answer = include_str!("../../../assets/demo/load.md").chars().take(400).collect::<String>();
    for turn in 1..=TURNS {
        let items = [
            json!({ "type": "turn_started", "at": 1, "turn": turn }),
            json!({ "type": "user", "id": format!("own_{turn}"), "text": "What of the plants?" }),
            json!({ "type": "assistant", "id": format!("msg_{turn}"), "text": answer, "wire": "{}" }),
            json!({ "type": "turn_ended", "at": 2, "turn": turn, "outcome": "done" }),
        ];
        lines.extend(items.iter().map(ToString::to_string));
    }
    lines.join("\n") + "\n"
}

/// The time between the program's start and its first answer over the pipe.
fn first_answer(ask: &Ask, table: &mut Table) {
    let stage = Stage::new(Account::ChatGpt);
    let mut wall = Vec::new();
    for _ in 0..ask.runs * TIMES {
        let mut command = program(ask, &stage);
        let began = Instant::now();
        let mut child = command.spawn().expect("the program");
        let mut input = child.stdin.take().expect("its input");
        writeln!(input, "{}", hello()).expect("a request");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut line).expect("an answer");
        wall.push(milliseconds(began.elapsed()));
        assert!(line.contains("userAgent"), "{line}");
        drop(input);
        child.wait().expect("its end");
    }
    table.add("app-server: start to `initialize`", "ms", Target::AtMost(5.0), &wall);
}

fn program(ask: &Ask, stage: &Stage) -> Command {
    let mut command = stage.command(&ask.program, stage.home.path());
    command.arg("app-server").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn hello() -> Value {
    let client = json!({ "name": "bench", "version": "1" });
    json!({ "id": 0, "method": "initialize", "params": { "clientInfo": client } })
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(ask: &Ask, stage: &Stage) -> Self {
        let mut command = program(ask, stage);
        let mut child =
            command.args(["--listen", "ws://127.0.0.1:0"]).spawn().expect("the program");
        let lines = BufReader::new(child.stderr.take().expect("its messages")).lines();
        let told = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on: ws://").map(str::to_owned));
        Self { child, address: told.expect("its address") }
    }

    fn connect(&self) -> WebSocket<TcpStream> {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let url = format!("ws://{}/", self.address);
        let (mut client, _) = tungstenite::client(url, stream).expect("a websocket");
        request(&mut client, &hello());
        client
    }

    fn end(&mut self) {
        self.child.kill().expect("its end");
        self.child.wait().expect("its end");
    }
}

/// The result of a request.
fn request(client: &mut WebSocket<TcpStream>, message: &Value) -> Value {
    client.send(Message::text(message.to_string())).expect("a request");
    loop {
        let answer = next(client);
        if answer["id"] == message["id"] && answer["method"].is_null() {
            return answer["result"].clone();
        }
    }
}

fn next(client: &mut WebSocket<TcpStream>) -> Value {
    let message = client.read().expect("a message");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

/// Sequential requests per second.
fn rate(client: &mut WebSocket<TcpStream>) -> f64 {
    let list = |id| json!({ "id": id, "method": "model/list", "params": {} });
    request(client, &list(1));
    let began = Instant::now();
    for id in 2..MANY {
        request(client, &list(id));
    }
    MANY as f64 / began.elapsed().as_secs_f64()
}

/// The delay of a delta between the stand-in and the client.
fn delta(stage: &Stage, client: &mut WebSocket<TcpStream>, name: &str) -> f64 {
    let answer = [created(), gate(name), text("x"), completed(Usage::default())];
    stage.stand.script([ScriptedAnswer::sse(answer)]);
    let thread = request(
        client,
        &json!({ "id": "t", "method": "thread/start", "params": { "ephemeral": true } }),
    );
    let input = json!([{ "type": "text", "text": "hello" }]);
    let turn = json!({ "threadId": thread["thread"]["id"], "input": input });
    request(client, &json!({ "id": "u", "method": "turn/start", "params": turn }));
    assert!(stage.stand.wait_reached(name), "the answer was not asked for");
    let began = Instant::now();
    stage.stand.open(name);
    while next(client)["method"] != "item/agentMessage/delta" {}
    let took = milliseconds(began.elapsed());
    while next(client)["method"] != "turn/completed" {}
    took
}
