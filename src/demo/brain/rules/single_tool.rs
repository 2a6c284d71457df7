//! Rules that take one tool: a command, an address, a question, a plan; and a story that takes
//! none.

use serde_json::json;

use super::next_step::{Next, answer, call};
use crate::demo::brain::intent::quoted;
use crate::demo::brain::seen::call_fate::Fate;
use crate::demo::brain::seen::conversation::{PastOutput, SeenConversation};
use crate::demo::brain::words::markdown::code;
use crate::demo::brain::words::replies;

/// How often a command is tried in another way.
const TRIES: usize = 3;

pub fn run(conversation: &SeenConversation, command: &str) -> Next {
    let ran: Vec<&PastOutput> = conversation.all("shell").collect();
    let command = match ran.last() {
        None => command.to_owned(),
        Some(last) => match Fate::of(&last.output) {
            Fate::Refused { reason } => {
                match reason.as_deref().and_then(other_command).filter(|_| ran.len() < TRIES) {
                    Some(other) => other.to_owned(),
                    None => {
                        return answer(
                            "**Stopping there**\n\nIt was refused.",
                            replies::refused(&[last]),
                        );
                    }
                }
            }
            Fate::Done | Fate::Stale => {
                return answer(
                    "**Reading the output**\n\nIts end says most.",
                    replies::command(last.argument("command"), last),
                );
            }
        },
    };
    let say = format!("I will run {}.", code(&command));
    let arguments = json!({ "command": command, "reason": replies::ASKED_FOR });
    call(
        conversation,
        "**Running a command**\n\nIt was given in so many words.",
        &say,
        "shell",
        [arguments],
    )
}

/// A command line in backticks or quotes, or behind `run`.
fn other_command(reason: &str) -> Option<&str> {
    let behind_run = || {
        reason.split_once("run ").map(|(_, command)| command.trim_end_matches(" instead").trim())
    };
    quoted(reason).or_else(behind_run).filter(|command| !command.is_empty())
}

pub fn fetch(conversation: &SeenConversation, url: &str) -> Next {
    match conversation.last("webfetch") {
        Some(ran) if matches!(Fate::of(&ran.output), Fate::Refused { .. }) => {
            answer("**Stopping there**\n\nIt was refused.", replies::refused(&[ran]))
        }
        Some(ran) => {
            answer("**Quoting the page**\n\nIt is what the network says.", replies::page(ran))
        }
        None => {
            let say = format!("I will fetch {}.", code(url));
            call(
                conversation,
                "**Fetching a page**\n\nAn address was named.",
                &say,
                "webfetch",
                [json!({ "url": url })],
            )
        }
    }
}

/// A search, a page of what it found, and a word on that page; all of it made up.
pub fn web(conversation: &SeenConversation, query: &str) -> Next {
    const SITE: &str = "https://web.example";
    if !conversation.offers("web_search") {
        let thought = "**Going without the web**\n\nA search of it is not on offer.";
        return answer(thought, replies::no_tool("web_search"));
    }
    let slug: String = query.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let found = format!("{SITE}/found/{slug}");
    Next::Web {
        thought: "**Searching the web**\n\nIn so many words.",
        actions: vec![
            json!({ "type": "search", "query": query, "queries": [query] }),
            json!({ "type": "open_page", "url": found }),
            json!({ "type": "find_in_page", "url": found, "pattern": query }),
        ],
        text: replies::searched(query),
        pages: vec![
            [format!("All about {query}"), found.clone()],
            ["An index of made-up pages".into(), format!("{SITE}/")],
            ["The same page again".into(), found],
        ],
    }
}

pub fn ask(conversation: &SeenConversation, text: &str, options: &[String]) -> Next {
    if let Some(ran) = conversation.last("question") {
        return answer("**Hearing the answer**\n\nIt is the user's own.", replies::answered(ran));
    }
    let mut arguments = json!({ "question": text });
    if !options.is_empty() {
        arguments["options"] = options.iter().map(|label| json!({ "label": label })).collect();
    }
    call(
        conversation,
        "**Asking**\n\nOnly the user can know.",
        "I have a question.",
        "question",
        [arguments],
    )
}

/// A plan, its first step, and the plan as it stands then.
pub fn plan(conversation: &SeenConversation) -> Next {
    let todo = |states: [&str; 3]| {
        let steps = ["Look at what is here", "Change what is to be changed", "Say what was done"];
        let items: Vec<_> = steps
            .iter()
            .zip(states)
            .map(|(text, state)| json!({ "text": text, "state": state }))
            .collect();
        json!({ "items": items })
    };
    let looked = conversation.last("glob");
    match (conversation.all("todo").count(), looked) {
        (0, _) => {
            let thought = "**Making a plan**\n\nStep by step.";
            call(
                conversation,
                thought,
                "I will write the plan down.",
                "todo",
                [todo(["doing", "open", "open"])],
            )
        }
        (1, None) if conversation.offers("glob") => call(
            conversation,
            "**Taking the first step**\n\nThe names come first.",
            "I will look.",
            "glob",
            [json!({ "pattern": "**/*" })],
        ),
        (1, _) => {
            let thought = "**Crossing a step out**\n\nThe names are there.";
            call(
                conversation,
                thought,
                "That was the first step.",
                "todo",
                [todo(["done", "doing", "open"])],
            )
        }
        _ => answer(
            "**Leaving it there**\n\nThe rest is the user's to start.",
            replies::planned(looked),
        ),
    }
}

pub fn story(kilobytes: usize) -> Next {
    answer("**Telling a story**\n\nA long one.", replies::story(kilobytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_hold_another_command() {
        for (reason, command) in [
            ("use `cargo check` instead", Some("cargo check")),
            ("run ls -l instead", Some("ls -l")),
            ("no", None),
            ("run ", None),
        ] {
            assert_eq!(other_command(reason), command, "{reason}");
        }
    }
}
