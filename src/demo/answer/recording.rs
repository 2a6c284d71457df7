//! A saved session as a script: what the model said, without what belongs to the person.

use serde_json::Value;

use crate::base::redact;
use crate::protocol::{Item, ItemKind, Record, Usage};

use super::script::{Script, ScriptAnswer, ScriptItem};

/// Names shorter than this are words that mean something else as well.
const SHORTEST_NAME: usize = 3;
const SOMEBODY: &str = "somebody@example.com";

/// The words to take out of a recording: the folder, the home, and the names of the person and the
/// accounts.
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    /// Each text with what stands for it, longest first.
    replaced: Vec<(String, &'static str)>,
    /// The names a person has on this machine.
    names: Vec<String>,
}

impl Scrubber {
    /// `folders` are the session's own, as it was named and with links followed: paths in it become
    /// relative.
    pub fn new(folders: &[&str], home: Option<&str>, user: Option<&str>, ids: &[String]) -> Self {
        let mut replaced: Vec<(String, &'static str)> = Vec::new();
        for folder in folders.iter().filter(|folder| folder.len() > 1) {
            replaced.push((format!("{}/", folder.trim_end_matches('/')), ""));
            replaced.push((folder.trim_end_matches('/').to_owned(), "."));
        }
        let home = home.filter(|home| home.len() > 1).map(|home| home.trim_end_matches('/'));
        replaced.extend(home.map(|home| (home.to_owned(), "~")));
        let ids = ids.iter().filter(|id| id.len() >= SHORTEST_NAME);
        replaced.extend(ids.map(|id| (id.clone(), "account")));
        replaced.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let of_home = home.and_then(|home| home.rsplit('/').next());
        let mut names: Vec<String> = Vec::new();
        for name in [user, of_home].into_iter().flatten() {
            if name.len() >= SHORTEST_NAME && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        Self { replaced, names }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (found, instead) in &self.replaced {
            text = text.replace(found, instead);
        }
        for name in &self.names {
            text = without_word(&text, name);
        }
        redact(&without_addresses(&text)).into_owned()
    }

    /// The same for every text in a value, keys and all.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(list) => list.iter().map(|one| self.value(one)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (self.text(key), self.named(key, value))).collect()
            }
            other => other.clone(),
        }
    }

    /// A value whose key says that it is a secret is told by the two together.
    fn named(&self, key: &str, value: &Value) -> Value {
        let Value::String(text) = value else { return self.value(value) };
        let pair = format!("{key}={text}");
        match redact(&pair).strip_prefix(&format!("{key}=")) {
            Some(kept) if kept == text => self.value(value),
            Some(kept) => Value::String(self.text(kept)),
            None => Value::String("[redacted]".into()),
        }
    }

    /// Scrubs a call's arguments: JSON field by field, and anything else as text.
    fn arguments(&self, arguments: &str) -> Value {
        match serde_json::from_str::<Value>(arguments) {
            Ok(value @ Value::Object(_)) => self.value(&value),
            _ => Value::String(self.text(arguments)),
        }
    }
}

impl Script {
    /// The answers of the model in a session's log, in order. Web searches and summaries are left
    /// out.
    pub fn of_records(records: &[Record], scrubber: &Scrubber) -> Self {
        let (mut prompts, mut answers) = (Vec::new(), Vec::<ScriptAnswer>::new());
        // A response begins with its usage, or behind what is not the model's.
        let mut open: Option<ScriptAnswer> = None;
        for record in records {
            match record {
                Record::Usage(Usage { input, cached, output, reasoning, .. }) => {
                    answers.extend(open.take());
                    let usage = Some([*input, *cached, *output, *reasoning]);
                    open = Some(ScriptAnswer { items: Vec::new(), usage });
                }
                Record::Item(item) => {
                    match (scripted(&item.kind, wire(item), scrubber), &item.kind) {
                        (Some(said), _) => open.get_or_insert_default().items.push(said),
                        (None, kind) => {
                            answers.extend(open.take());
                            if let ItemKind::User { text, .. } = kind {
                                prompts.push(scrubber.text(text));
                            }
                        }
                    }
                }
                Record::TurnEnded { .. } | Record::TurnStarted(_) => answers.extend(open.take()),
                _ => {}
            }
        }
        answers.extend(open);
        answers.retain(|answer| !answer.items.is_empty());
        Self::new(prompts, answers)
    }
}

/// The server's own words for an item of the model's.
fn wire(item: &Item) -> Option<&str> {
    item.wire.as_ref().map(|wire| &*wire.text)
}

fn scripted(kind: &ItemKind, wire: Option<&str>, scrubber: &Scrubber) -> Option<ScriptItem> {
    let wire = wire?;
    Some(match kind {
        ItemKind::Assistant { text, .. } => ScriptItem::Text(scrubber.text(text)),
        ItemKind::Reasoning { summary } if !summary.is_empty() => {
            ScriptItem::Reasoning(scrubber.text(summary))
        }
        ItemKind::Call(call) => {
            let name = call.name.clone();
            let is_custom = serde_json::from_str::<Value>(wire)
                .is_ok_and(|wire| wire["type"] == "custom_tool_call");
            match is_custom {
                true => ScriptItem::CustomCall { name, input: scrubber.text(&call.arguments) },
                false => ScriptItem::Call { name, arguments: scrubber.arguments(&call.arguments) },
            }
        }
        _ => return None,
    })
}

/// The text without a word, where it is not part of a longer one.
fn without_word(text: &str, word: &str) -> String {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let is_part = rest[..at].ends_with(goes_on)
            || at == 0 && kept.ends_with(goes_on)
            || rest[end..].starts_with(goes_on);
        kept.push_str(&rest[..at]);
        kept.push_str(if is_part { word } else { "user" });
        rest = &rest[end..];
    }
    kept + rest
}

/// The text with one address for all addresses of e-mail.
fn without_addresses(text: &str) -> String {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%');
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let name = rest[..at].trim_end_matches(is_letter).len();
        let host = rest[at + 1..].find(|c| !is_letter(c)).map_or(rest.len(), |end| at + 1 + end);
        let domain = rest[at + 1..host].trim_end_matches(['.', '-']);
        let is_address = name < at && domain.contains('.');
        kept.push_str(&rest[..if is_address { name } else { at + 1 }]);
        kept.push_str(if is_address { SOMEBODY } else { "" });
        rest = &rest[if is_address { at + 1 + domain.len() } else { at + 1 }..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::protocol::{CallOutput, ToolCall, TurnId, TurnOutcome, Wire, WireSource};

    use super::*;

    fn scrubber() -> Scrubber {
        let ids = ["acct-7f3e".to_owned(), "jane.doe@corp.example".to_owned()];
        Scrubber::new(&["/home/jdoe/work/pear"], Some("/home/jdoe"), Some("jdoe"), &ids)
    }

    fn theirs(kind: ItemKind, wire: &str) -> Record {
        let wire = Some(Wire { text: wire.into(), source: WireSource::openai() });
        Record::Item(Arc::new(Item { id: "i".into(), kind, wire }))
    }

    fn ours(kind: ItemKind) -> Record {
        Record::Item(Arc::new(Item { id: "i".into(), kind, wire: None }))
    }

    fn call(name: &str, arguments: &str) -> ItemKind {
        ItemKind::Call(ToolCall { id: "c".into(), name: name.into(), arguments: arguments.into() })
    }

    const PLANTED: [&str; 9] = [
        "jdoe",
        "jane",
        "doe@",
        "corp.example",
        "acct-7f3e",
        "/home/",
        "ghp_abcdefghijklmnop1234",
        "hunter2secret",
        "eyJhbGciOiJIUzI1NiJ9",
    ];

    #[test]
    fn nothing_of_the_person_is_left_in_a_recording() {
        let records = [
            Record::TurnStarted(TurnId(1)),
            ours(ItemKind::user(
                "I am jdoe <jane.doe@corp.example>; see /home/jdoe/work/pear/src/a.rs",
            )),
            Record::Usage(Usage { input: 9, cached: 3, output: 2, reasoning: 1, cost: None }),
            theirs(
                ItemKind::Reasoning { summary: "The account acct-7f3e of jdoe".into() },
                r#"{"type":"reasoning","encrypted_content":"eyJhbGciOiJIUzI1NiJ9"}"#,
            ),
            theirs(
                call(
                    "shell",
                    r#"{"command":"cat /home/jdoe/.netrc /home/jdoe/work/pear/b && curl -H 'Authorization: Bearer ghp_abcdefghijklmnop1234' x","workdir":"/home/jdoe/work/pear","password":"hunter2secret"}"#,
                ),
                r#"{"type":"function_call"}"#,
            ),
            theirs(
                call("apply_patch", "*** Begin Patch\n*** Delete File: /home/jdoe/work/pear/a\n"),
                r#"{"type":"custom_tool_call"}"#,
            ),
            ours(ItemKind::Output {
                call: "c".into(),
                output: CallOutput::text("", "hunter2secret of jdoe"),
            }),
            Record::Usage(Usage { input: 12, cached: 9, output: 2, reasoning: 0, cost: None }),
            theirs(
                ItemKind::assistant("Done, jane@corp.example: token=eyJhbGciOiJIUzI1NiJ9.e30.x"),
                r#"{"type":"message"}"#,
            ),
            Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        ];
        let script = Script::of_records(&records, &scrubber());
        let text = script.write().unwrap();
        for planted in PLANTED {
            assert!(!text.contains(planted), "{planted} in {text}");
        }
        let shape: Vec<usize> = script.answers.iter().map(|answer| answer.items.len()).collect();
        assert_eq!((shape, script.prompts.len()), (vec![3, 1], 1), "{text}");
        assert_eq!(script.answers[0].usage, Some([9, 3, 2, 1]));
        let ScriptItem::Call { arguments, .. } = &script.answers[0].items[1] else {
            panic!("{text}")
        };
        assert_eq!(arguments["workdir"], ".");
        assert!(
            arguments["command"].as_str().unwrap().starts_with("cat ~/.netrc b && curl"),
            "{arguments}"
        );
        assert!(matches!(
            &script.answers[0].items[2],
            ScriptItem::CustomCall { input, .. } if input.contains("*** Delete File: a\n")
        ));
        assert_eq!(Script::read(&text).unwrap(), script);
    }

    #[test]
    fn what_only_looks_like_a_name_stays() {
        let scrubber = scrubber();
        for (text, expected) in [
            ("jdoes jdoe_x xjdoe", "jdoes jdoe_x xjdoe"),
            ("a jdoe, b", "a user, b"),
            ("@Override fn a@b @ x", "@Override fn a@b @ x"),
            ("mail x.y@z.org.", "mail somebody@example.com."),
            ("/home/jdoe", "~"),
            ("/home/jdoe/work/pear", "."),
        ] {
            assert_eq!(scrubber.text(text), expected, "{text}");
        }
    }
}
