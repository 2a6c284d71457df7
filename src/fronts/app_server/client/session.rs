//! One conversation with a server: requests with their answers, and the messages in between.

use serde_json::{Value, json};

use super::link::{ClientError, Link, Server};

/// A connection that is initialized.
pub struct Session {
    link: Link,
    last: i64,
    /// The messages that came while an answer was awaited.
    waiting: Vec<Value>,
}

impl Session {
    /// Connects to a server and introduces itself with `initialize`.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be reached, or if it refuses `initialize`.
    pub fn open(server: &Server, token: Option<&str>) -> Result<Self, ClientError> {
        let link = Link::open(server, token)?;
        let mut session = Self { link, last: 0, waiting: Vec::new() };
        session.request(
            "initialize",
            json!({
                "clientInfo": {
                    "name": "codling-client", "title": "codling app-server client",
                    "version": env!("CARGO_PKG_VERSION"),
                },
                "capabilities": { "experimentalApi": true },
            }),
        )?;
        session.link.send(&json!({ "method": "initialized" }))?;
        Ok(session)
    }

    /// Sends a request and returns its result.
    ///
    /// # Errors
    ///
    /// Fails with [`ClientError::Refused`] if the server answers with an error, and if it ends
    /// before it answers.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, ClientError> {
        self.last += 1;
        let id = self.last;
        self.link.send(&json!({ "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.link.next()?;
            if message["id"] != id || !message["method"].is_null() {
                self.waiting.push(message);
                continue;
            }
            let error = &message["error"];
            if error.is_null() {
                return Ok(message["result"].clone());
            }
            return Err(ClientError::Refused {
                method: method.to_owned(),
                code: error["code"].as_i64().unwrap_or_default(),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }

    /// The next message that is not an answer.
    ///
    /// # Errors
    ///
    /// Fails if the server has ended.
    pub fn next(&mut self) -> Result<Value, ClientError> {
        match self.waiting.is_empty() {
            true => self.link.next(),
            false => Ok(self.waiting.remove(0)),
        }
    }

    /// Answers a request of the server.
    ///
    /// # Errors
    ///
    /// Fails if the server has ended.
    pub fn answer(&mut self, answer: &Value) -> Result<(), ClientError> {
        self.link.send(answer)
    }
}
