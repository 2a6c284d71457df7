//! The wire dialect of the app-server protocol: JSON-RPC 2.0 objects without the `jsonrpc` member,
//! read and written as text. Independent of any method.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::base::Timestamp;

/// A message from a client.
#[derive(Debug, PartialEq)]
pub enum Inbound {
    /// A message without an answer.
    Notification,
    /// A request that gets exactly one answer, under its id.
    Request {
        /// The id as the client wrote it.
        id: RequestKey,
        method: String,
        params: Option<Value>,
    },
    /// The answer to a request of the server.
    Response { id: i64, result: Result<Value, Fault> },
}

/// The id of a client's request: a text or a whole number, sent back unchanged.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestKey(Value);

/// An error as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub code: i64,
    pub message: String,
    /// Details for programs.
    pub data: Option<Value>,
}

/// A message on its way to one client or to several.
pub type Outbound = Arc<str>;

/// The request cannot be read, or does not fit the current state. Upstream also uses it for unknown
/// methods and bad parameters.
const INVALID_REQUEST: i64 = -32600;
/// The parameters can be read but make no sense. Upstream uses it only in `command/exec`.
const INVALID_PARAMS: i64 = -32602;
/// The server failed.
const INTERNAL: i64 = -32603;
/// Too many requests wait already.
const OVERLOADED: i64 = -32001;

impl Fault {
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::of(INVALID_REQUEST, message.into())
    }

    pub fn bad_params(message: impl Into<String>) -> Self {
        Self::of(INVALID_PARAMS, message.into())
    }

    /// The fault for a request outside the protocol, with the parser's reason.
    pub fn unreadable(why: impl fmt::Display) -> Self {
        Self::invalid(format!("Invalid request: {why}"))
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::of(INTERNAL, message.into())
    }

    pub fn overloaded() -> Self {
        Self::of(OVERLOADED, "Server overloaded; retry later.".into())
    }

    fn of(code: i64, message: String) -> Self {
        Self { code, message, data: None }
    }

    /// Returns the same fault with details for programs.
    pub fn with(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }
}

/// Parses a message. Returns `None` for messages that get no answer: text that is not a JSON
/// object, or an id that is neither a text nor a whole number.
pub fn read(text: &[u8]) -> Option<Inbound> {
    let mut message: Map<String, Value> = serde_json::from_slice(text).ok()?;
    let method = match message.remove("method") {
        Some(Value::String(method)) => Some(method),
        Some(_) => return None,
        None => None,
    };
    let id = message.remove("id");
    match (method, id) {
        (Some(method), Some(id)) => Some(Inbound::Request {
            id: RequestKey::of(id)?,
            method,
            params: message.remove("params").filter(|params| !params.is_null()),
        }),
        (Some(_), None) => Some(Inbound::Notification),
        (None, Some(id)) => {
            let result = match (message.remove("result"), message.remove("error")) {
                (_, Some(error)) => Err(Fault::of(
                    error["code"].as_i64().unwrap_or(INTERNAL),
                    error["message"].as_str().unwrap_or_default().to_owned(),
                )),
                (Some(result), None) => Ok(result),
                (None, None) => return None,
            };
            Some(Inbound::Response { id: id.as_i64()?, result })
        }
        (None, None) => None,
    }
}

/// The answer to a request that [`read`] rejects, if its id can be read: for example a request that
/// is nested too deeply to parse.
pub fn refusal(text: &[u8]) -> Option<Outbound> {
    // Other members are skipped, however deep they are.
    #[derive(Deserialize)]
    struct Head {
        id: Value,
        #[serde(rename = "method")]
        _method: String,
    }
    let unread = serde_json::from_slice::<Map<String, Value>>(text).err()?;
    let head: Head = serde_json::from_slice(text).ok()?;
    Some(response(&RequestKey::of(head.id)?, Err(Fault::unreadable(unread))))
}

impl RequestKey {
    fn of(id: Value) -> Option<Self> {
        (id.is_string() || id.is_i64()).then_some(Self(id))
    }
}

/// The successful answer to a client's request.
pub fn answer(id: &RequestKey, result: &impl Serialize) -> Outbound {
    #[derive(Serialize)]
    struct Answer<'a, T> {
        id: &'a Value,
        result: &'a T,
    }
    // All field names are texts, so this cannot fail.
    serde_json::to_string(&Answer { id: &id.0, result }).unwrap_or_default().into()
}

/// The answer to a client's request.
pub fn response(id: &RequestKey, result: Result<Value, Fault>) -> Outbound {
    let message = match result {
        Ok(result) => return format!(r#"{{"id":{},"result":{result}}}"#, id.0).into(),
        Err(Fault { code, message, data: None }) => {
            json!({ "error": { "code": code, "message": message }, "id": id.0 })
        }
        Err(Fault { code, message, data }) => {
            json!({ "error": { "code": code, "message": message, "data": data }, "id": id.0 })
        }
    };
    message.to_string().into()
}

/// A notification for clients, with the time it was sent.
pub fn notification(method: &str, params: Value, now: Timestamp) -> Outbound {
    json!({ "method": method, "params": params, "emittedAtMs": now.0 }).to_string().into()
}

/// A request of the server to clients.
pub fn request(id: i64, method: &str, params: Value) -> Outbound {
    json!({ "method": method, "id": id, "params": params }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were_sent() {
        for id in [r#""""#, "0", r#""a""#, "-7", "9007199254740993"] {
            let text = format!(r#"{{"id":{id},"method":"m"}}"#);
            let Some(Inbound::Request { id: key, method, params: None }) = read(text.as_bytes())
            else {
                panic!("{text}")
            };
            assert_eq!(method, "m");
            let answer = response(&key, Ok(json!({})));
            assert_eq!(&*answer, format!(r#"{{"id":{id},"result":{{}}}}"#));
        }
    }

    #[test]
    fn what_cannot_be_answered_is_no_message() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let deep = format!(r#"{{"id":1,"method":"m","params":{deep}}}"#);
        for text in [
            "",
            "not json",
            "[]",
            r#"[{"id":1,"method":"m"}]"#,
            r#"{"id":null,"method":"m"}"#,
            r#"{"id":1.5,"method":"m"}"#,
            r#"{"id":[],"method":"m"}"#,
            r#"{"id":1,"method":7}"#,
            r#"{"id":1}"#,
            "{}",
            "7",
            &deep,
        ] {
            assert_eq!(read(text.as_bytes()), None, "{}", &text[..text.len().min(60)]);
            let is_answered = refusal(text.as_bytes()).is_some();
            assert_eq!(is_answered, text == deep, "{}", &text[..text.len().min(60)]);
        }
        let answer: Value = serde_json::from_str(&refusal(deep.as_bytes()).unwrap()).unwrap();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(INVALID_REQUEST)));
    }

    #[test]
    fn notifications_and_answers_are_told_from_requests() {
        assert_eq!(read(br#"{"method":"initialized"}"#), Some(Inbound::Notification));
        assert_eq!(
            read(br#"{"id":3,"result":{"decision":"accept"}}"#),
            Some(Inbound::Response { id: 3, result: Ok(json!({ "decision": "accept" })) })
        );
        let Some(Inbound::Response { id: 0, result: Err(fault) }) =
            read(br#"{"id":0,"error":{"code":-32000,"message":"no"},"jsonrpc":"2.0"}"#)
        else {
            panic!()
        };
        assert_eq!((fault.code, fault.message.as_str()), (-32000, "no"));
    }
}
