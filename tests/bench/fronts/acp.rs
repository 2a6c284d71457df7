//! The agent of an editor: the delay of its answers, deltas and cancels, and the cost of open
//! sessions.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::scene::milliseconds;
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::resident;

const TIMES: usize = 7;
const SESSIONS: usize = 10;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["acp"]) {
        return;
    }
    let (mut first, mut late, mut stopped, mut memory) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let stage = Stage::new(Account::ChatGpt);
        for _ in 0..TIMES {
            let began = Instant::now();
            let agent = Agent::start(ask, &stage);
            first.push(milliseconds(began.elapsed()));
            agent.end();
        }
        let mut agent = Agent::start(ask, &stage);
        for number in 0..TIMES {
            let (delta, cancel) = agent.turn(&stage, &format!("gate {number}"));
            late.push(delta);
            stopped.push(cancel);
        }
        agent.end();
        let mut agent = Agent::start(ask, &stage);
        for _ in 0..SESSIONS {
            agent.session(&stage);
        }
        memory.extend(resident(agent.child.id()));
        agent.end();
    }
    table.add("acp: start to `initialize`", "ms", Target::AtMost(10.0), &first);
    table.add("acp: a delta to `session/update`", "ms", Target::AtMost(2.0), &late);
    table.add("acp: `session/cancel` to `cancelled`", "ms", Target::AtMost(100.0), &stopped);
    table.add("acp: ten sessions open", "MiB", Target::AtMost(25.0), &memory);
}

struct Agent {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: i64,
}

impl Agent {
    /// The time until it has answered.
    fn start(ask: &Ask, stage: &Stage) -> Self {
        let mut command: Command = stage.command(&ask.program, stage.home.path());
        command.arg("acp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut agent = Self { child, input, output, last: 0 };
        let hello = agent.request("initialize", json!({ "protocolVersion": 1 }));
        assert_eq!(hello["protocolVersion"], 1);
        agent
    }

    fn end(mut self) {
        drop(self.input);
        self.child.wait().expect("its end");
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("a message");
    }

    fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.until(|it| it["id"] == id && it["method"].is_null())["result"].clone()
    }

    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("a message");
            let message = serde_json::from_str(&line).expect("JSON");
            if fits(&message) {
                return message;
            }
        }
    }

    fn session(&mut self, stage: &Stage) -> String {
        let place = json!({ "cwd": stage.home.path(), "mcpServers": [] });
        let new = self.request("session/new", place);
        new["sessionId"].as_str().expect("a session").to_owned()
    }

    /// The delay of a delta from the stand-in to the client, and of a cancel to its answer.
    fn turn(&mut self, stage: &Stage, name: &str) -> (f64, f64) {
        let never = format!("{name} never");
        let answer = [created(), gate(name), text("x"), gate(&never), completed(Usage::default())];
        stage.stand.script([ScriptedAnswer::sse(answer)]);
        let session = self.session(stage);
        let prompt = json!([{ "type": "text", "text": "hello" }]);
        let id = self.ask("session/prompt", json!({ "sessionId": session, "prompt": prompt }));
        assert!(stage.stand.wait_reached(name), "the answer was not asked for");
        let began = Instant::now();
        stage.stand.open(name);
        self.until(|it| it["params"]["update"]["sessionUpdate"] == "agent_message_chunk");
        let delta = milliseconds(began.elapsed());
        let began = Instant::now();
        let params = json!({ "sessionId": session });
        self.send(&json!({ "jsonrpc": "2.0", "method": "session/cancel", "params": params }));
        let answer = self.until(|it| it["id"] == id);
        assert_eq!(answer["result"]["stopReason"], "cancelled");
        (delta, milliseconds(began.elapsed()))
    }
}
