//! Runs a scenario: lines that begin with `> ` happen, the lines below each are the effects it must have, no more and no fewer.

use std::fmt::Write as _;
use std::time::Duration;

use crate::protocol::{
    AlarmId, Audience, CallId, CallOutput, Delta, EventKind, Failure, Item, ItemId, ItemKind, ItemOpening, Outcome, Problem, ProblemKind,
    Prompt, Record, Retry, SampleEnd, SampleId, SessionSettings, ToolCall, ToolSort, ToolSpec, TurnCommand, Wire,
};
use crate::session::{Charter, Effect, Input, Session};

/// Without what is kept: that is what [`check_log`] is for.
pub(super) fn check(scenario: &str) {
    check_with_steps(50, scenario);
}

pub(super) fn check_with_steps(max_steps: u32, scenario: &str) {
    play(Session::new(charter(max_steps), settings()), scenario, |effect| !matches!(effect, Effect::Append(_)));
}

/// With all that is kept, of a session that goes on with what a log holds.
pub(super) fn check_log(records: &[Record], scenario: &str) {
    play(Session::resume(charter(50), settings(), records), scenario, |_| true);
}

pub(super) fn settings() -> SessionSettings {
    SessionSettings { model: "m".into(), effort: None, context: None }
}

fn charter(max_steps: u32) -> Charter {
    Charter {
        id: "ses_1".into(),
        instructions: "BASE".into(),
        tools: [ToolSpec {
            name: "read",
            description: "",
            parameters: "{}",
            grammar: None,
            sort: ToolSort::Looks,
            audience: Audience::Everyone,
        }]
        .into(),
        max_steps,
    }
}

fn play(mut session: Session, scenario: &str, is_told: impl Fn(&Effect) -> bool) {
    let expected: Vec<&str> = scenario.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut actual = String::new();
    for line in expected.iter().filter(|line| line.starts_with("> ")) {
        writeln!(actual, "{line}").unwrap();
        for effect in session.handle(input(&line[2..])).into_iter().filter(&is_told) {
            writeln!(actual, "{}", shown(&effect)).unwrap();
        }
    }
    assert_eq!(actual.trim_end(), expected.join("\n"), "\n--- what was done:\n{actual}");
}

fn input(line: &str) -> Input {
    let words: Vec<&str> = line.split(' ').collect();
    let rest = |n: usize| words[n.min(words.len())..].join(" ");
    let sample = || SampleId(words[1].parse().unwrap());
    match words[0] {
        "submit" => Input::Command(TurnCommand::Submit(rest(1).into())),
        "interrupt" => Input::Command(TurnCommand::Interrupt),
        "opened" => {
            let opening = match words[3] {
                "assistant" => ItemOpening::Assistant,
                "reasoning" => ItemOpening::Reasoning,
                name => ItemOpening::Call { name: name.into() },
            };
            Input::Delta(sample(), Delta::Opened { item: words[2].into(), opening })
        }
        "text" => Input::Delta(sample(), Delta::Text { item: words[2].into(), text: rest(3) }),
        "reasoning" => Input::Delta(sample(), Delta::Reasoning { item: words[2].into(), text: rest(3) }),
        "state" => Input::Delta(sample(), Delta::TurnState(rest(2))),
        "item" => Input::Delta(sample(), Delta::Item(item(words[3], words[2], &words[4..]))),
        "end" => Input::SampleEnded(sample(), SampleEnd { usage: None, end_turn: (rest(2) == "more").then_some(false) }),
        "fail" => {
            let retry = match words[2] {
                "never" => Retry::Never,
                "backoff" => Retry::Backoff,
                "credential" => Retry::Credential,
                seconds => Retry::After(Duration::from_secs(seconds.parse().unwrap())),
            };
            Input::SampleFailed(sample(), Failure { problem: problem(&rest(3)), retry })
        }
        "ran" => Input::Ran { call: CallId::from(words[1]), output: CallOutput::text("", rest(2)) },
        "alarm" => Input::Alarm(AlarmId(words[1].parse().unwrap())),
        "renewed" => Input::Renewed(sample()),
        "not-renewed" => Input::NotRenewed(sample(), problem(&rest(2))),
        other => panic!("no such input: {other}"),
    }
}

fn problem(text: &str) -> Problem {
    Problem::new(ProblemKind::Overloaded, text)
}

fn item(id: &str, kind: &str, rest: &[&str]) -> Item {
    let kind = match kind {
        "assistant" => ItemKind::Assistant { text: rest.join(" ") },
        "reasoning" => ItemKind::Reasoning { summary: rest.join(" ") },
        "call" => ItemKind::Call(ToolCall { id: rest[0].into(), name: rest[1].into(), arguments: rest[2..].join(" ") }),
        other => ItemKind::Unknown { kind: other.into() },
    };
    Item { id: ItemId::from(id), kind, wire: Some(Wire("{}".into())) }
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Append(records) => format!("append {}", records.iter().map(kept).collect::<Vec<_>>().join(" / ")),
        Effect::RenewCredential(sample) => format!("renew after sample {}", sample.0),
        Effect::Run(call) => format!("run {} {} {}", call.id, call.name, call.arguments),
        Effect::Sample(sample, prompt) => format!("sample {}: {}", sample.0, prompted(prompt)),
        Effect::SetAlarm { id, after } => format!("alarm {} in {} ms", id.0, after.as_millis()),
        Effect::StopAlarm(id) => format!("stop alarm {}", id.0),
        Effect::StopCall(call) => format!("stop {call}"),
        Effect::StopSampling(sample) => format!("stop sample {}", sample.0),
        Effect::Tell(event) => format!("tell {}", told(event)),
    }
}

fn kept(record: &Record) -> String {
    match record {
        Record::Changed { turn, files } => format!("changed by turn {}: {}", turn.0, files.len()),
        Record::Compacted { summary, .. } => format!("compacted {}", named(summary)),
        Record::Item(item) => named(item),
        Record::Remark(item) => format!("remark {}", named(item)),
        Record::Retraced { turn, direction } => format!("{direction:?} turn {}", turn.0),
        Record::Settings(settings) => format!("settings {}", settings.model),
        Record::Title(title) => format!("title {title}"),
        Record::TurnEnded { turn, outcome } => told(&EventKind::TurnEnded { turn: *turn, outcome: outcome.clone() }),
        Record::TurnStarted(turn) => format!("turn {} started", turn.0),
        Record::Usage(usage) => format!("usage {}", usage.input + usage.output),
    }
}

fn prompted(prompt: &Prompt) -> String {
    let items: Vec<String> = prompt.items.iter().map(|item| named(item)).collect();
    let state = prompt.turn_state.as_ref().map(|state| format!("[state {state}] ")).unwrap_or_default();
    let tools = if prompt.tools.is_empty() { "[no tools] " } else { "" };
    let sum_up = if prompt.instructions.len() > "BASE".len() { "[sum up] " } else { "" };
    format!("{state}{tools}{sum_up}{}", items.join(" / "))
}

fn named(item: &Item) -> String {
    match &item.kind {
        ItemKind::Assistant { text } if item.wire.is_none() => format!("partial {text}"),
        ItemKind::Assistant { text } => format!("assistant {text}"),
        ItemKind::Call(call) => format!("call {}", call.id),
        ItemKind::Output { call, output } => format!("output {call} {}", output.text),
        ItemKind::Reasoning { summary } => format!("reasoning {summary}"),
        ItemKind::Unknown { kind } => format!("unknown {kind}"),
        ItemKind::User { text, .. } => format!("user {text}"),
    }
}

fn told(event: &EventKind) -> String {
    match event {
        EventKind::CallEnded { call, output } => format!("{call} ended: {}", output.text),
        EventKind::CallStarted(call) => format!("{} started", call.id),
        EventKind::ItemDone(item) => named(item),
        EventKind::ItemDropped(item) => format!("{item} dropped"),
        EventKind::ItemStarted { item, .. } => format!("{item} opened"),
        EventKind::Queued { text } => format!("queued {text}"),
        EventKind::ReasoningDelta { item, text } => format!("{item} reasons {text}"),
        EventKind::Resumed => "resumed".into(),
        EventKind::Retrying { attempt, of, problem, .. } => format!("retrying {attempt}/{of}: {}", problem.message),
        EventKind::TextDelta { item, text } => format!("{item} says {text}"),
        EventKind::TurnEnded { turn, outcome } => match outcome {
            Outcome::Done => format!("turn {} done", turn.0),
            Outcome::Failed(problem) => format!("turn {} failed: {}", turn.0, problem.message),
            Outcome::Interrupted => format!("turn {} interrupted", turn.0),
        },
        EventKind::TurnStarted(turn) => format!("turn {} started", turn.0),
        EventKind::Unqueued { text } => format!("unqueued {text:?}"),
        other => format!("{other:?}"),
    }
}
