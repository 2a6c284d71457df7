//! A client of the server: over a pipe, or over a websocket.

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use super::schema;
use crate::stage::messages;

/// How long anything may take on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

pub struct Client {
    writer: Writer,
    incoming: Receiver<(Value, String)>,
    /// Messages that have come and that no test has asked for yet.
    waiting: VecDeque<Value>,
    /// The text of every message that ever came.
    pub heard: String,
    last: i64,
    /// The methods and parameters of requests that wait for their answers.
    asked: HashMap<i64, (String, Value)>,
}

enum Writer {
    Pipe(Option<ChildStdin>),
    Socket(Box<WebSocket<TcpStream>>),
}

impl Client {
    /// Returns the client at the other end of the pipe.
    pub fn of_pipe(input: ChildStdin, output: ChildStdout) -> Self {
        Self::new(Writer::Pipe(Some(input)), messages(output))
    }

    /// Connects to a websocket.
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{address}/"), stream).unwrap();
        let reading = socket.get_ref().try_clone().unwrap();
        let mut reader = WebSocket::from_raw_socket(reading, Role::Client, None);
        let (sender, incoming) = channel();
        thread::spawn(move || {
            while let Ok(message) = reader.read() {
                let Message::Text(text) = message else { continue };
                let message = text.parse().unwrap();
                if sender.send((message, text.to_string())).is_err() {
                    return;
                }
            }
        });
        Self::new(Writer::Socket(Box::new(socket)), incoming)
    }

    fn new(writer: Writer, incoming: Receiver<(Value, String)>) -> Self {
        Self {
            writer,
            incoming,
            waiting: VecDeque::new(),
            heard: String::new(),
            last: 0,
            asked: HashMap::new(),
        }
    }

    /// Sends a text as it is.
    pub fn send_text(&mut self, text: &str) {
        match &mut self.writer {
            Writer::Pipe(pipe) => {
                let pipe = pipe.as_mut().unwrap();
                pipe.write_all(format!("{text}\n").as_bytes()).unwrap();
                pipe.flush().unwrap();
            }
            Writer::Socket(socket) => socket.send(Message::text(text)).unwrap(),
        }
    }

    /// Sends bytes in a binary frame; over a pipe, which has no frames, only if they are text.
    pub fn send_binary(&mut self, bytes: Vec<u8>) {
        match &mut self.writer {
            Writer::Socket(socket) => socket.send(Message::binary(bytes)).unwrap(),
            Writer::Pipe(_) => {
                String::from_utf8(bytes).iter().for_each(|text| self.send_text(text))
            }
        }
    }

    pub fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    /// Closes the pipe, or the socket.
    pub fn hang_up(&mut self) {
        match &mut self.writer {
            Writer::Pipe(pipe) => *pipe = None,
            Writer::Socket(socket) => socket.get_ref().shutdown(Shutdown::Both).unwrap(),
        }
    }

    /// Sends a request, and does not wait for its answer.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        self.send(&json!({ "id": self.last, "method": method, "params": params }));
        self.asked.insert(self.last, (method.to_owned(), params));
        self.last
    }

    /// Returns the whole answer to a request, be it an error or a result.
    pub fn answer(&mut self, id: i64) -> Value {
        self.until(&format!("the answer to {id}"), |it| it["id"] == id && it["method"].is_null())
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a request that has to fail; returns the error.
    pub fn refusal(&mut self, method: &str, params: Value) -> (i64, String) {
        let id = self.ask(method, params);
        let error = self.answer(id)["error"].clone();
        let message = error["message"].as_str().unwrap_or_else(|| panic!("{method} was granted"));
        (error["code"].as_i64().unwrap(), message.to_owned())
    }

    /// Returns the parameters of the next notification of this name.
    pub fn news(&mut self, method: &str) -> Value {
        self.until(method, |it| it["method"] == method && it["id"].is_null())["params"].clone()
    }

    /// Returns the server's next request of this name, whole.
    pub fn asked(&mut self, method: &str) -> Value {
        self.until(method, |it| it["method"] == method && !it["id"].is_null())
    }

    pub fn reply(&mut self, request: &Value, result: Value) {
        self.send(&json!({ "id": request["id"], "result": result }));
    }

    /// Returns the first message that fits; keeps those that came before it.
    pub fn until(&mut self, awaited: &str, mut fits: impl FnMut(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&mut fits) {
            return self.waiting.remove(at).unwrap();
        }
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (message, text) = self.incoming.recv_timeout(left).unwrap_or_else(|error| {
                panic!("{awaited} did not come ({error}); heard: {:#?}", self.waiting)
            });
            self.note(&message, &text);
            if fits(&message) {
                return message;
            }
            self.waiting.push_back(message);
        }
    }

    /// Keeps a message, and checks it against the schema.
    fn note(&mut self, message: &Value, text: &str) {
        let method = message["method"].as_str();
        match (method, message["id"].as_i64()) {
            (Some(method), None) => schema::check(method, "Notification", &message["params"]),
            (Some(method), Some(_)) => schema::check(method, "Params", &message["params"]),
            (None, Some(id)) => {
                let asked = self.asked.remove(&id).filter(|_| message["error"].is_null());
                if let Some((method, params)) = asked {
                    schema::check_accepted(&method, &params);
                    schema::check(&method, "Response", &message["result"]);
                }
            }
            (None, None) => {}
        }
        self.heard.push_str(text);
        self.heard.push('\n');
    }

    /// Returns all notifications of this name that came before the server answered a request sent
    /// now.
    pub fn all_news(&mut self, method: &str) -> Vec<Value> {
        self.request("thread/loaded/list", json!({}));
        let all = std::mem::take(&mut self.waiting);
        let (found, others): (VecDeque<_>, VecDeque<_>) =
            all.into_iter().partition(|it: &Value| it["method"] == method);
        self.waiting = others;
        found.into_iter().map(|it| it["params"].clone()).collect()
    }

    /// Says hello as a client that supports everything.
    pub fn initialize(&mut self) -> Value {
        let answer = self.request(
            "initialize",
            json!({
                "clientInfo": { "name": "story", "version": "1.0" },
                "capabilities": { "experimentalApi": true },
            }),
        );
        self.send(&json!({ "method": "initialized" }));
        answer
    }

    /// Starts a thread; returns its id.
    pub fn thread(&mut self, params: Value) -> String {
        self.request("thread/start", params)["thread"]["id"].as_str().unwrap().to_owned()
    }

    /// Sends a prompt; returns the id of its turn.
    pub fn prompt(&mut self, thread: &str, text: &str) -> String {
        let input = json!([{ "type": "text", "text": text }]);
        let answer = self.request("turn/start", json!({ "threadId": thread, "input": input }));
        answer["turn"]["id"].as_str().unwrap().to_owned()
    }

    /// Returns how a turn ended.
    pub fn ended(&mut self, turn: &str) -> Value {
        let ended = self.until("the end of the turn", |it| {
            it["method"] == "turn/completed" && it["params"]["turn"]["id"] == turn
        });
        ended["params"]["turn"].clone()
    }

    /// Returns whether the server closed the connection.
    pub fn is_let_go(&mut self) -> bool {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.incoming.recv_timeout(left) {
                Ok((message, text)) => self.note(&message, &text),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}
