//! Words of a scenario as inputs, and effects as words.

use std::time::Duration;

use crate::protocol::*;
use crate::session::{Effect, Errand, Guard, Input, UndoneFiles};

pub(super) fn input(line: &str) -> Input {
    let words: Vec<&str> = line.split(' ').collect();
    let rest = |n: usize| words[n.min(words.len())..].join(" ");
    let sample = || SampleId(words[1].parse().unwrap());
    let call = || CallId::from(words[1]);
    match words[0] {
        "submit" => Input::Command(TurnCommand::Submit(rest(1).into())),
        "interrupt" => Input::Command(TurnCommand::Interrupt),
        "unqueue" => Input::Command(TurnCommand::Unqueue),
        "compact" => Input::Command(TurnCommand::Compact),
        "undo" | "redo" => Input::Command(TurnCommand::PreviewUndo {
            direction: direction(words[0]),
            turn: words.get(1).map(|turn| TurnId(turn.parse().unwrap())),
        }),
        "skip" => Input::Command(TurnCommand::SkipUndo(TurnId(words[1].parse().unwrap()))),
        "previewed" => Input::UndoPreviewed {
            preview: UndoPreview {
                direction: direction(words[1]),
                turn: TurnId(words[2].parse().unwrap()),
                prompt: String::new(),
                steps: words[3..].iter().map(|word| previewed(word)).collect(),
                turns: Vec::new(),
            },
            chosen: false,
        },
        "choose" => Input::Command(TurnCommand::Undo {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            steps: words[3..].iter().map(|file| ChosenStep { path: format!("/f/{file}").into(), seen: None }).collect(),
        }),
        "prepared" => Input::UndoPrepared {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            changes: words[3..].iter().map(|file| change(file)).collect(),
        },
        "undone" => Input::Undone(UndoneFiles {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            changes: words[3..].iter().map(|file| change(file)).collect(),
            files: words[3..].iter().map(|file| (*file).to_owned()).collect(),
            kept: Vec::new(),
        }),
        "changed" => Input::Changed {
            turn: TurnId(words[1].parse().unwrap()),
            id: String::new(),
            files: words[2..].iter().map(|file| change(file)).collect(),
        },
        "mode" => Input::Settings(SettingsCommand::Mode(Mode::named(words[1]).unwrap())),
        "agent" => Input::Settings(SettingsCommand::Agent(if words[1] == "plan" { Agent::Plan } else { Agent::Build })),
        "decide" => {
            let decision = match words[2] {
                "once" => Decision::Once,
                "always" => Decision::Always,
                "always-here" => Decision::AlwaysHere,
                "open" => Decision::Open,
                "no" => Decision::No,
                "nobody" => Decision::Nobody,
                _ => Decision::NoBecause(rest(3)),
            };
            Input::Command(TurnCommand::Decide { call: call(), decision })
        }
        "answer" => Input::Command(TurnCommand::Answer { call: call(), text: rest(2) }),
        "own" => {
            let own = ToolCall { id: "x".into(), name: "shell".into(), arguments: rest(1) };
            Input::Own { line: rest(1), call: own }
        }
        "surveyed" => Input::Surveyed(rest(1)),
        "understood-removing" => {
            Input::Understood { call: call(), deed: deed("command", &words[3..].join(" ")), uncovered: Some(words[2].into()) }
        }
        "understood" => Input::Understood { call: call(), deed: deed(words[2], &rest(3)), uncovered: None },
        "progress" => Input::Progress { call: call(), tail: rest(2) },
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
        "end" => Input::SampleEnded(sample(), end(&words[2..])),
        "fail" => Input::SampleFailed(sample(), failure(words[2], &rest(3))),
        "ran" => Input::Ran { call: call(), ran: CallOutput::text("", rest(2)).into() },
        "unreached" => {
            let unreached = words[2..].iter().map(|host| AllowedHost::parse(host).unwrap()).collect();
            let ran =
                Ran { output: CallOutput::refusal("", "it failed"), blocked: Some("It asked in vain".into()), unreached, notice: None };
            Input::Ran { call: call(), ran }
        }
        "blocked" => {
            let ran = Ran { output: CallOutput::refusal("", "it failed"), blocked: Some(rest(2)), unreached: Vec::new(), notice: None };
            Input::Ran { call: call(), ran }
        }
        "alarm" => Input::Alarm(AlarmId(words[1].parse().unwrap())),
        "renewed" => Input::Renewed(sample()),
        "not-renewed" => Input::NotRenewed(sample(), problem(&rest(2))),
        other => panic!("no such input: {other}"),
    }
}

fn direction(word: &str) -> Direction {
    if word == "undo" { Direction::Undo } else { Direction::Redo }
}

pub(super) fn change(file: &str) -> FileChange {
    let state = |digest: &str| FileState {
        kind: NodeKind::File { digest: digest.into(), image: Image::Kept },
        mode: 0o644,
        owner: None,
        stamp: None,
    };
    let (before, after) = (Some(state("before")), Some(state("after")));
    FileChange { path: format!("/f/{file}").into(), before, after, author: Author::Call }
}

/// `a`, or `a=` where it is so already.
fn previewed(word: &str) -> UndoStep {
    let (name, state) = match word.strip_suffix('=') {
        Some(name) => (name, ReviewedState::Already),
        None => (word, ReviewedState::AsLeft),
    };
    UndoStep { path: format!("/f/{name}").into(), shown: name.into(), action: UndoAction::Restore, state, seen: None }
}

fn deed(kind: &str, what: &str) -> Result<Deed, CallOutput> {
    let target = |path: &str| Target {
        path: if path.starts_with('/') { path.into() } else { format!("/f/{path}").into() },
        shown: path.into(),
        side: if path.starts_with('/') { Side::Outside } else { Side::Inside },
    };
    let kind = match kind {
        "look" => DeedKind::Look { targets: vec![target(what)] },
        "change" => DeedKind::Change { targets: vec![target(what)], diffs: Vec::new() },
        "command" => {
            let folder = Target { path: "/f".into(), shown: ".".into(), side: Side::Inside };
            DeedKind::Command { line: what.into(), folder, wanted: Wanted::AsUsual }
        }
        "ask" => DeedKind::Ask(Question { text: what.into(), options: Vec::new(), pick: Pick::One }),
        "plan" => DeedKind::Plan(vec![Todo { text: what.into(), state: TodoState::Doing }]),
        _ => return Err(CallOutput::refusal("", what)),
    };
    Ok(Deed { title: what.into(), reason: None, kind })
}

fn end(words: &[&str]) -> SampleEnd {
    let tokens = words.iter().find_map(|word| word.parse().ok());
    SampleEnd { usage: tokens.map(|input| Usage { input, ..Usage::default() }), end_turn: words.contains(&"more").then_some(false) }
}

fn failure(retry: &str, words: &str) -> Failure {
    let retry = match retry {
        "long" => return Failure { problem: Problem::new(ProblemKind::ContextLength, words), retry: Retry::Never },
        "never" => Retry::Never,
        "pictures" => Retry::WithoutPictures,
        "backoff" => Retry::Backoff,
        "credential" => Retry::Credential,
        seconds => Retry::After(Duration::from_secs(seconds.parse().unwrap())),
    };
    Failure { problem: problem(words), retry }
}

const SUMMARY: &str = include_str!("../../../assets/prompts/summary.md");
const REQUEST: &str = include_str!("../../../assets/prompts/compact.md");
const PLAN: &str = include_str!("../../../assets/prompts/plan.md");
const BUILD: &str = include_str!("../../../assets/prompts/build.md");

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

pub(super) fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Append(records) => format!("append {}", records.iter().map(kept).collect::<Vec<_>>().join(" / ")),
        Effect::RenewCredential(sample) => format!("renew after sample {}", sample.0),
        Effect::PerformUndo => "undo what was prepared".into(),
        Effect::PrepareUndo { direction, turn, changes, steps } => {
            format!("prepare: {direction:?} turn {}, {} of {} changes", turn.0, steps.len(), changes.len())
        }
        Effect::PreviewUndo { preview: UndoPreview { direction, turn, prompt, .. }, changes, .. } => {
            format!("preview: {direction:?} turn {} ({prompt}), {} changes", turn.0, changes.len())
        }
        Effect::Run(errand) => ran(errand),
        Effect::Sample(sample, prompt) => format!("sample {}: {}", sample.0, prompted(prompt)),
        Effect::SetAlarm { id, after } => format!("alarm {} in {} ms", id.0, after.as_millis()),
        Effect::StopAlarm(id) => format!("stop alarm {}", id.0),
        Effect::StopCall(call) => format!("stop {call}"),
        Effect::StopSampling(sample) => format!("stop sample {}", sample.0),
        Effect::KeepRules(rules) => {
            format!(
                "keep {}",
                rules.iter().map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern)).collect::<Vec<_>>().join(", ")
            )
        }
        Effect::Survey => "survey".into(),
        Effect::Understand(call) => format!("understand {}", call.id),
        Effect::Tell(event) => format!("tell {}", told(event)),
    }
}

fn ran(Errand { call, leave, guard, .. }: &Errand) -> String {
    let kept_in = match leave.confinement {
        Confinement::Folder => " [in the folder]",
        Confinement::Free => " [free]",
        Confinement::ReadOnly => " [read-only]",
    };
    let kept_in = if call.name == "shell" { kept_in } else { "" };
    let anywhere = if leave.reach == Reach::Anywhere && call.name != "shell" { " [anywhere]" } else { "" };
    let guarded = match guard {
        Guard::Files(files) => format!(" guarding {}", files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")),
        Guard::Folder => " guarding the folder".into(),
        Guard::None => String::new(),
    };
    format!("run {} {} {}{kept_in}{anywhere}{guarded}", call.id, call.name, call.arguments)
}

fn kept(record: &Record) -> String {
    match record {
        Record::Changed { turn, files, .. } => format!("changed by turn {}: {}", turn.0, files.len()),
        Record::Compacted { summary, .. } => format!("compacted {}", named(summary)),
        Record::Item(item) => named(item),
        Record::PicturesDropped { item, why } => format!("pictures of {item} dropped: {why}"),
        Record::Remark(item) => format!("remark {}", named(item)),
        Record::UndoBegun { turn, direction, files } => format!("{direction:?} of turn {} begun: {}", turn.0, files.len()),
        Record::Undone { turn, direction, files } => format!("{direction:?} of turn {}: {}", turn.0, files.len()),
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
    let schema = if prompt.schema.is_some() { "[schema] " } else { "" };
    let sum_up = if prompt.instructions.len() > "BASE".len() { "[sum up] " } else { "" };
    format!("{state}{tools}{schema}{sum_up}{}", items.join(" / "))
}

fn named(item: &Item) -> String {
    match &item.kind {
        ItemKind::User { text, .. } if text.starts_with(SUMMARY.trim()) => format!("summary {}", text[SUMMARY.trim().len()..].trim()),
        ItemKind::User { text, .. } if text == REQUEST => "please sum up".into(),
        ItemKind::User { text, .. } if text == PLAN => "now plan".into(),
        ItemKind::User { text, .. } if text == BUILD => "now build".into(),
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
        EventKind::Approval(Approval { call, why, learn, opens, confinement, .. }) => {
            let learn: Vec<String> = learn.iter().map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern)).collect();
            let learn = if learn.is_empty() { "nothing".into() } else { learn.join(", ") };
            let opens: Vec<String> = opens.iter().map(ToString::to_string).collect();
            let opens = if opens.is_empty() { String::new() } else { format!(", may open {}", opens.join(" ")) };
            format!("{call} asks, {confinement:?}, may learn {learn}{opens}: {why}")
        }
        EventKind::Asked { call, question } => format!("{call} asks: {}", question.text),
        EventKind::CallProgress { call, tail } => format!("{call} so far: {tail}"),
        EventKind::CallRunning { call, title } => format!("{call} runs: {title}"),
        EventKind::Compacted(None) => "not summed up".into(),
        EventKind::Compacted(Some(Compaction { before, .. })) => format!("summed up from {before} tokens"),
        EventKind::Compacting => "summing up".into(),
        EventKind::ContextUsed(tokens) => format!("{tokens} tokens"),
        EventKind::Notice(notice) => format!("notice {}", notice.message),
        EventKind::UndoPreview(None) => "nothing to undo".into(),
        EventKind::UndoPreview(Some(UndoPreview { direction, turn, steps, .. })) => {
            format!("{direction:?} of turn {} would change {}", turn.0, steps.iter().map(|step| &*step.shown).collect::<Vec<_>>().join(" "))
        }
        EventKind::Undone { direction, turn, files, .. } => format!("{direction:?} turn {}: {}", turn.0, files.join(" ")),
        EventKind::Stance(stance) => format!("{}, {}", stance.agent.as_str(), stance.mode.as_str()),
        EventKind::Todos(todos) => format!("{} steps", todos.len()),
        EventKind::Usage(usage) => format!("{} tokens used", usage.input),
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
