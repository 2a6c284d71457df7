//! Words of a scenario as inputs, and effects as words.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::*;
use crate::session::sentences;
use crate::session::{SessionEffect, SessionInput, SnapshotScope, ToolRun, UndoneFiles};

/// Where nothing asks.
pub(super) fn input(line: &str) -> SessionInput {
    input_where(line, &HashMap::new())
}

/// `asks`: what each call asks now.
pub(super) fn input_where(line: &str, asks: &HashMap<CallId, AskId>) -> SessionInput {
    let words: Vec<&str> = line.split(' ').collect();
    let rest = |n: usize| words[n.min(words.len())..].join(" ");
    let request = || ModelRequestId(words[1].parse().unwrap());
    let call = || CallId::from(words[1]);
    // One that asks nothing has a name that nothing has.
    let ask = || asks.get(&call()).copied().unwrap_or(AskId(0));
    match words[0] {
        "submit" => command(TurnCommand::Submit(rest(1).into())),
        "review" | "later_review" => {
            let (what, instruction) = ("changes".into(), "review them".into());
            let review = Some(ReviewRequest { what, instruction });
            let timing = match words[0] {
                "later_review" => PromptTiming::NextTurn,
                _ => PromptTiming::Steer,
            };
            command(TurnCommand::Submit(UserPrompt { review, timing, ..rest(1).into() }))
        }
        "slash" | "project_slash" => {
            let untrusted = (words[0] == "project_slash").then(|| UntrustedCommand {
                name: "/fix 1".into(),
                text: "ls".into(),
                why: "It is new".into(),
            });
            let arguments = "x".into();
            let call = ToolCall { id: CallId::from("x"), name: "shell".into(), arguments };
            let shell = vec![PromptShell { call, line: "see".into(), at: 9, untrusted }];
            let expansion = Some(Box::new(PromptExpansion { note: "(fix it: )".into(), shell }));
            command(TurnCommand::Submit(UserPrompt { expansion, ..rest(1).into() }))
        }
        "interrupt" => command(TurnCommand::Interrupt),
        "later" => {
            let timing = PromptTiming::NextTurn;
            command(TurnCommand::Submit(UserPrompt { timing, ..rest(1).into() }))
        }
        "queue" => {
            let prompt = PromptId(words[2].parse().unwrap());
            command(TurnCommand::Queue(match words[1] {
                "drop" => QueueCommand::Drop(prompt),
                "earlier" => QueueCommand::Earlier(prompt),
                "later" => QueueCommand::Later(prompt),
                "steer" => QueueCommand::Steer(prompt),
                "back" => QueueCommand::TakeBack(prompt),
                other => panic!("{other}"),
            }))
        }
        "compact" => command(TurnCommand::Compact { focus: rest(1) }),
        "context" => command(TurnCommand::Context),
        "undo" | "redo" => command(TurnCommand::PreviewUndo {
            direction: direction(words[0]),
            turn: words.get(1).map(|turn| TurnId(turn.parse().unwrap())),
        }),
        "skip" => command(TurnCommand::SkipUndo(TurnId(words[1].parse().unwrap()))),
        "look" => command(TurnCommand::PreviewGoBack(TurnId(words[1].parse().unwrap()))),
        "back" => command(TurnCommand::GoBack {
            before: TurnId(words[1].parse().unwrap()),
            part: match words[2] {
                "words" => GoBackPart::Words,
                "files" => GoBackPart::Files(chosen(&words[3..])),
                _ => GoBackPart::Both(chosen(&words[3..])),
            },
        }),
        "unread" => SessionInput::LookedBack {
            before: TurnId(words[1].parse().unwrap()),
            records: Err(problem("It cannot be read")),
        },
        "previewed" => SessionInput::UndoPreviewed {
            preview: UndoPreview {
                direction: direction(words[1]),
                turn: TurnId(words[2].parse().unwrap()),
                prompt: String::new(),
                steps: words[3..].iter().map(|word| previewed(word)).collect(),
                turns: Vec::new(),
            },
            chosen: false,
        },
        "choose" => command(TurnCommand::Undo {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            steps: chosen(&words[3..]),
        }),
        "prepared" => SessionInput::UndoPrepared {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            changes: words[3..].iter().map(|file| change(file)).collect(),
        },
        "undone_but" => SessionInput::Undone(UndoneFiles {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            changes: words[4..].iter().map(|file| change(file)).collect(),
            files: words[4..].iter().map(|file| (*file).to_owned()).collect(),
            kept: vec![(words[3].to_owned(), "it was changed meanwhile".into())],
        }),
        "undone" => SessionInput::Undone(UndoneFiles {
            direction: direction(words[1]),
            turn: TurnId(words[2].parse().unwrap()),
            changes: words[3..].iter().map(|file| change(file)).collect(),
            files: words[3..].iter().map(|file| (*file).to_owned()).collect(),
            kept: Vec::new(),
        }),
        "changed" => SessionInput::Changed {
            turn: TurnId(words[1].parse().unwrap()),
            id: String::new(),
            files: words[2..].iter().map(|file| change(file)).collect(),
        },
        "mode" => {
            SessionInput::Settings(SettingsCommand::Mode(ApprovalMode::named(words[1]).unwrap()))
        }
        "close" => SessionInput::Settings(SettingsCommand::Close(SandboxOpening::Host(
            AllowedHost::parse(words[1]).unwrap(),
        ))),
        "revoke" => SessionInput::Settings(SettingsCommand::Revoke(KnownRule {
            rule: Rule::new(RuleSubject::Shell, words[1..].join(" "), Ruling::Allow),
            source: RuleSource::Conversation,
        })),
        "not-kept" => SessionInput::RulesNotKept(vec![Rule::new(
            RuleSubject::Shell,
            words[1..].join(" "),
            Ruling::Allow,
        )]),
        "model" => SessionInput::Settings(SettingsCommand::Model {
            model: ModelName::parse(words[1]),
            effort: None,
        }),
        "presence" => {
            let presence = match words[1] {
                "attended" => Presence::Attended,
                _ => Presence::Unattended,
            };
            SessionInput::Settings(SettingsCommand::Presence(presence))
        }
        "agent" => SessionInput::Settings(SettingsCommand::Agent(if words[1] == "plan" {
            Agent::Plan
        } else {
            Agent::Build
        })),
        "decide" => {
            let decision = match words[2] {
                "once" => ApprovalResponse::Once,
                "always" => ApprovalResponse::Always,
                "always-here" => ApprovalResponse::AlwaysHere,
                "open" => ApprovalResponse::Open,
                "no" => ApprovalResponse::No,
                "nobody" => ApprovalResponse::Nobody,
                _ => ApprovalResponse::NoBecause(rest(3)),
            };
            command(TurnCommand::Decide { ask: ask(), decision })
        }
        "answer" => command(TurnCommand::Answer { ask: ask(), text: rest(2) }),
        "own" => {
            let own = ToolCall { id: "x".into(), name: "shell".into(), arguments: rest(1) };
            SessionInput::OwnCommand {
                asker: Some(ASKER),
                line: rest(1),
                call: own,
                action: PlannedAction::new(rest(1), action("command", &rest(1)).unwrap().kind),
            }
        }
        "tools" => {
            SessionInput::ToolsChanged(words[1..].iter().map(|name| external(name)).collect())
        }
        "described" => SessionInput::EnvironmentDescribed(rest(1)),
        "understood" => {
            SessionInput::Previewed { call: call(), action: action(words[2], &rest(3)) }
        }
        "copies" => SessionInput::CopiesLookedAt { call: call(), uncovered: rest(2) },
        "progress" => SessionInput::Progress { call: call(), tail: rest(2) },
        "opened" => {
            let opening = match words[3] {
                "assistant" => ItemOpening::Assistant,
                "reasoning" => ItemOpening::Reasoning,
                name => ItemOpening::Call { name: name.into() },
            };
            SessionInput::Delta(request(), ModelDelta::Opened { item: words[2].into(), opening })
        }
        "text" => SessionInput::Delta(
            request(),
            ModelDelta::Text { item: words[2].into(), text: rest(3) },
        ),
        "reasoning" => SessionInput::Delta(
            request(),
            ModelDelta::Reasoning { item: words[2].into(), text: rest(3) },
        ),
        "state" => SessionInput::Delta(request(), ModelDelta::TurnState(rest(2))),
        "item" => {
            SessionInput::Delta(request(), ModelDelta::Item(item(words[3], words[2], &words[4..])))
        }
        "end" => SessionInput::ModelRequestEnded(request(), end(&words[2..])),
        "fail" => SessionInput::ModelRequestFailed(request(), failure(words[2], &rest(3))),
        "ran" => SessionInput::CallEnded {
            call: call(),
            call_result: CallOutput::text("", rest(2)).into(),
        },
        "unreached" => {
            let unreached =
                words[2..].iter().map(|host| AllowedHost::parse(host).unwrap()).collect();
            let call_result = CallResult {
                blocked: Some("It asked in vain".into()),
                unreached,
                ..CallOutput::refusal("", "it failed").into()
            };
            SessionInput::CallEnded { call: call(), call_result }
        }
        "blocked" => {
            let call_result = CallResult {
                blocked: Some(rest(2)),
                ..CallOutput::refusal("", "it failed").into()
            };
            SessionInput::CallEnded { call: call(), call_result }
        }
        "folder-rules" => SessionInput::FolderRules(
            words[1..]
                .iter()
                .map(|pattern| {
                    Rule::new(RuleSubject::Shell, pattern.replace('_', " "), Ruling::Allow)
                })
                .collect(),
        ),
        "elicited" => {
            let question = Question { id: Some("q".into()), text: rest(2), ..Question::default() };
            SessionInput::Elicited { call: call(), question }
        }
        "waits" => SessionInput::LossAsked { call: call(), why: rest(2) },
        "settled" => SessionInput::LossSettled(call()),
        "loses" => {
            let call_result = CallResult {
                loses: Some(rest(2)),
                ..CallOutput::refusal("", "it was ended").into()
            };
            SessionInput::CallEnded { call: call(), call_result }
        }
        "timer" => SessionInput::TimerFired(TimerId(words[1].parse().unwrap())),
        "renewed" => SessionInput::Renewed(request()),
        "not-renewed" => SessionInput::NotRenewed(request(), failure(words[2], &rest(3))),
        other => panic!("no such input: {other}"),
    }
}

/// The sender of all commands.
const ASKER: Requester = Requester { client: ClientId(1), request: RequestId(1) };

fn command(command: TurnCommand) -> SessionInput {
    SessionInput::Command(Some(ASKER), command)
}

fn direction(word: &str) -> Direction {
    if word == "undo" { Direction::Undo } else { Direction::Redo }
}

fn chosen(files: &[&str]) -> Vec<ChosenStep> {
    let step = |file: &&str| ChosenStep { path: format!("/f/{file}").into(), seen: None };
    files.iter().map(step).collect()
}

pub(super) fn change(file: &str) -> FileChange {
    let state = |digest: &str| FileState {
        kind: NodeKind::File { digest: digest.into(), image: Image::Kept },
        mode: 0o644,
        owner: None,
        stamp: None,
        attributes: None,
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
    UndoStep {
        path: format!("/f/{name}").into(),
        shown: name.into(),
        action: UndoAction::Restore,
        state,
        seen: None,
    }
}

/// One that ends in `?` only reads.
fn external(name: &str) -> ToolDefinition {
    ToolDefinition {
        name: name.trim_end_matches('?').into(),
        description: "".into(),
        parameters: "{}".into(),
        grammar: None,
        effects: if name.ends_with('?') { ToolEffects::Looks } else { ToolEffects::Changes },
        audience: ToolAudience::Everyone,
    }
}

fn action(kind: &str, what: &str) -> Result<PlannedAction, CallOutput> {
    let target = |path: &str| Target {
        path: if path.starts_with('/') { path.into() } else { format!("/f/{path}").into() },
        shown: path.into(),
        location: if path.starts_with('/') { Location::Outside } else { Location::Inside },
    };
    let kind = match kind {
        "look" => ActionKind::Look { look: Look::Read, targets: vec![target(what)] },
        "change" => ActionKind::Change { targets: vec![target(what)], diffs: Vec::new() },
        "command" => {
            let folder =
                Target { path: "/f".into(), shown: ".".into(), location: Location::Inside };
            ActionKind::Command { line: what.into(), folder, wanted: RequestedConfinement::AsUsual }
        }
        "external" | "external-reading" => ActionKind::External {
            server: "acme".into(),
            tool: what.into(),
            read_only: kind == "external-reading",
        },
        "ask" => ActionKind::Ask(Question { text: what.into(), ..Question::default() }),
        // With names, one after the other.
        "ask-all" => {
            let all = what.split(" / ").enumerate().map(|(at, text)| Question {
                id: Some(format!("q{at}")),
                text: text.into(),
                ..Question::default()
            });
            let mut all: Vec<Question> = all.collect();
            let first = all.remove(0);
            ActionKind::Ask(Question { next: all, ..first })
        }
        "plan" => ActionKind::Plan(vec![Todo { text: what.into(), state: TodoState::Doing }]),
        _ => return Err(CallOutput::refusal("", what)),
    };
    Ok(PlannedAction::new(what, kind))
}

fn end(words: &[&str]) -> ModelRequestEnd {
    let tokens = words.iter().find_map(|word| word.parse().ok());
    ModelRequestEnd {
        usage: tokens.map(|input| Usage { input, ..Usage::default() }),
        end_turn: words.contains(&"more").then_some(false),
    }
}

fn failure(retry: &str, words: &str) -> Failure {
    let (retry, took) = match retry.split_once(':') {
        Some((retry, seconds)) => (retry, Duration::from_secs_f64(seconds.parse().unwrap())),
        None => (retry, Duration::ZERO),
    };
    let retry = match retry {
        "long" => {
            return Failure {
                problem: Problem::new(ProblemKind::ContextLength, words),
                retry: RetryAdvice::Never,
                took: Duration::ZERO,
            };
        }
        "limit" => return limit(None, words),
        other if other.starts_with("limit=") => return limit(other[6..].parse().ok(), words),
        "never" => RetryAdvice::Never,
        "refused" => {
            return Failure {
                problem: Problem::new(ProblemKind::BadRequest, words),
                retry: RetryAdvice::Never,
                took: Duration::ZERO,
            };
        }
        "pictures" => RetryAdvice::WithoutPictures,
        other if other.starts_with("item=") => RetryAdvice::WithoutItem(other[5..].into()),
        "backoff" => RetryAdvice::Backoff,
        "unreachable" => RetryAdvice::Unreachable,
        "credential" => RetryAdvice::Credential,
        seconds => RetryAdvice::After(Duration::from_secs(seconds.parse().unwrap())),
    };
    Failure { problem: problem(words), retry, took }
}

const SUMMARY: &str = include_str!("../../../../assets/prompts/summary.md");
const REQUEST: &str = include_str!("../../../../assets/prompts/compact.md");
const PLAN: &str = include_str!("../../../../assets/prompts/plan.md");
const BUILD: &str = include_str!("../../../../assets/prompts/build.md");

/// A usage limit that resets at this second.
fn limit(second: Option<i64>, words: &str) -> Failure {
    let kind = ProblemKind::UsageLimit { resets: second.map(Timestamp::from_seconds) };
    Failure { problem: Problem::new(kind, words), retry: RetryAdvice::Never, took: Duration::ZERO }
}

fn problem(text: &str) -> Problem {
    Problem::new(ProblemKind::Overloaded, text)
}

fn item(id: &str, kind: &str, rest: &[&str]) -> Item {
    let kind = match kind {
        "assistant" => ItemKind::assistant(rest.join(" ")),
        "reasoning" => ItemKind::Reasoning { summary: rest.join(" ") },
        "call" => ItemKind::Call(ToolCall {
            id: rest[0].into(),
            name: rest[1].into(),
            arguments: rest[2..].join(" "),
        }),
        "compaction" => ItemKind::Compaction,
        other => ItemKind::Unknown { kind: other.into() },
    };
    Item {
        id: ItemId::from(id),
        kind,
        wire: Some(Wire { text: "{}".into(), source: WireSource::openai() }),
    }
}

pub(super) fn shown(effect: &SessionEffect) -> String {
    in_kinds(&described(effect))
}

fn described(effect: &SessionEffect) -> String {
    match effect {
        SessionEffect::AnswerLoss(call, answer) => format!("loss of {call}: {answer:?}"),
        SessionEffect::AnswerElicitation(call, None) => format!("declined for {call}"),
        SessionEffect::AnswerElicitation(call, Some(answers)) => {
            let answers = answers.iter().map(|(name, words)| format!("{name}={words}"));
            format!("answered for {call}: {}", answers.collect::<Vec<_>>().join(" "))
        }
        SessionEffect::Append(records) => {
            format!("append {}", records.iter().map(kept).collect::<Vec<_>>().join(" / "))
        }
        SessionEffect::Reply(_, Err(problem)) if problem.message.starts_with("Another look") => {
            "refuse: looked again".into()
        }
        SessionEffect::Reply(_, Err(problem)) => format!("refuse: {:?}", problem.kind),
        SessionEffect::Reply(_, Ok(Reply::UndoPreview(preview))) => match preview {
            None => "answer: nothing to undo".into(),
            Some(UndoPreview { direction, turn, steps, .. }) => {
                let steps: Vec<&str> = steps.iter().map(|step| &*step.shown).collect();
                format!("answer: {direction:?} of turn {} would change {}", turn.0, steps.join(" "))
            }
        },
        SessionEffect::Reply(_, Ok(Reply::WentBack(left))) => {
            format!("answer: left {:?}, {} pictures", left.text, left.images.len())
        }
        SessionEffect::Reply(_, Ok(reply)) => format!("answer: {reply:?}"),
        SessionEffect::RenewCredential(request) => format!("renew after request {}", request.0),
        SessionEffect::Trust(command) => format!("trust {}: {}", command.name, command.text),
        SessionEffect::StopJob(job) => format!("stop job {}", job.0),
        SessionEffect::LookBack(before) => format!("look back before turn {}", before.0),
        SessionEffect::PerformUndo => "undo what was prepared".into(),
        SessionEffect::PrepareUndo { direction, turn, changes, steps } => {
            format!(
                "prepare: {direction:?} turn {}, {} of {} changes",
                turn.0,
                steps.len(),
                changes.len()
            )
        }
        SessionEffect::PreviewUndo {
            preview: UndoPreview { direction, turn, prompt, .. },
            changes,
            ..
        } => {
            format!("preview: {direction:?} turn {} ({prompt}), {} changes", turn.0, changes.len())
        }
        SessionEffect::Run(run) => run_line(run),
        SessionEffect::RequestModel(request, prompt) => {
            format!("request {}: {}", request.0, prompted(prompt))
        }
        SessionEffect::SetTimer { id, after } => {
            format!("timer {} in {} ms", id.0, after.as_millis())
        }
        SessionEffect::SetAlarm { id, at, slack } => {
            format!("alarm {} at {} s and {} ms", id.0, at.0 / 1000, slack.as_millis())
        }
        SessionEffect::StopTimer(id) => format!("stop timer {}", id.0),
        SessionEffect::StopCall(call) => format!("stop {call}"),
        SessionEffect::StopModelRequest(request) => format!("stop request {}", request.0),
        SessionEffect::ForgetRules(rules) | SessionEffect::KeepRules(rules) => {
            format!(
                "{} {}",
                if matches!(effect, SessionEffect::KeepRules(_)) { "keep" } else { "forget" },
                rules
                    .iter()
                    .map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        SessionEffect::DescribeEnvironment => "describe".into(),
        SessionEffect::LookForCopies { call, removes } if removes.is_empty() => {
            format!("look for copies of all, for {call}")
        }
        SessionEffect::LookForCopies { call, .. } => format!("look for copies for {call}"),
        SessionEffect::Preview(call) => format!("understand {}", call.id),
        SessionEffect::Emit(event) => format!("emit {}", event_text(event)),
    }
}

fn run_line(ToolRun { call, grant, scope: guard, .. }: &ToolRun) -> String {
    let kept_in = match grant.confinement {
        Confinement::Folder if grant.losses == Losses::Allowed => {
            " [in the folder, may lose files]"
        }
        Confinement::Folder => " [in the folder]",
        Confinement::Free => " [free]",
        Confinement::ReadOnly => " [read-only]",
    };
    let kept_in = if call.name == "shell" { kept_in } else { "" };
    let anywhere =
        if grant.paths == PathScope::Anywhere && call.name != "shell" { " [anywhere]" } else { "" };
    let guarded = match guard {
        SnapshotScope::Files(files) => {
            format!(
                " guarding {}",
                files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")
            )
        }
        SnapshotScope::Folder => " guarding the folder".into(),
        SnapshotScope::None => String::new(),
    };
    format!("run {} {} {}{kept_in}{anywhere}{guarded}", call.id, call.name, call.arguments)
}

fn kept(record: &Record) -> String {
    match record {
        Record::Changed { turn, files, .. } => {
            format!("changed by turn {}: {}", turn.0, files.len())
        }
        Record::CallPlanned { call, action } => format!("plan {call}: {}", action.title),
        Record::Compacted { summary, .. } => format!("compacted {}", named(summary)),
        Record::Item(item) => named(item),
        Record::JobEnded(job) => format!("job {} ended", job.0),
        Record::ItemLeftOut { item, why } => format!("{item} left out: {why}"),
        Record::PicturesDropped { item, why } => format!("pictures of {item} dropped: {why}"),
        Record::ContextNote { item, .. } => format!("remark {}", named(item)),
        Record::UndoBegun { turn, direction, files } => {
            format!("{direction:?} of turn {} begun: {}", turn.0, files.len())
        }
        Record::Undone { turn, direction, files } => {
            format!("{direction:?} of turn {}: {}", turn.0, files.len())
        }
        Record::Settings(settings) => format!("settings {}", settings.model),
        Record::Title(title) => format!("title {title}"),
        Record::TurnEnded { turn, outcome } => {
            event_text(&EventKind::TurnEnded { turn: *turn, outcome: outcome.clone() })
        }
        Record::TurnOrigin(TurnOrigin::Queued) => "queued while the turn before ran".into(),
        Record::TurnOrigin(TurnOrigin::Review(what)) => format!("review of {what}"),
        Record::TurnStarted(turn) => format!("turn {} started", turn.0),
        Record::Usage(usage) => format!("usage {}", usage.input + usage.output),
        Record::WentBack(left) => format!("went back before turn {}", left.before.0),
    }
}

fn prompted(prompt: &ModelRequest) -> String {
    let items: Vec<String> = prompt.items.iter().map(|item| named(item)).collect();
    let state =
        prompt.turn_state.as_ref().map(|state| format!("[state {state}] ")).unwrap_or_default();
    let tools = if prompt.tool_choice == ToolChoice::None { "[no tools] " } else { "" };
    // Those of the scenarios are not told, since they never change.
    let external = prompt.tools.iter().filter(|tool| tool.name.starts_with("mcp__"));
    let external: String = external.map(|tool| format!("[{}] ", tool.name)).collect();
    let model = &prompt.model;
    let model = if model.provider.is_openai() { String::new() } else { format!("[{model}] ") };
    let purpose = match prompt.purpose {
        RequestPurpose::Answer => "",
        RequestPurpose::Compaction => "[compact] ",
    };
    let schema = if prompt.schema.is_some() { "[schema] " } else { "" };
    format!("{state}{model}{tools}{external}{schema}{purpose}{}", items.join(" / "))
}

/// Names what is said by its kind: a person's word about a call, and the sentences of the session.
/// They are in `UserReply` and in `session/sentences.rs`.
fn in_kinds(text: &str) -> String {
    let wanting_yes = UserReply::NotAsked(Some("|".into())).told();
    let (before, after) = wanting_yes.split_once('|').unwrap();
    [
        (UserReply::NotRun.told().as_str(), "[not run]"),
        (&UserReply::Stopped(None).told(), "[stopped]"),
        (&UserReply::Refused(None).told(), "[refused]"),
        (UserReply::Refused(Some(String::new())).told().trim_end(), "[refused]:"),
        (&UserReply::Declined(None).told(), "[declined]"),
        (&UserReply::NotAsked(None).told(), "[not asked]"),
        (before, "[not asked: "),
        (after, "]"),
        (sentences::WAS_INTERRUPTED, "[interrupted before]"),
        (sentences::WAS_CUT_OFF, "[cut off before]"),
        (sentences::OWN_COMMAND, "[own command]"),
        (sentences::COMMANDS_OF_PROMPT, "[commands of the prompt]"),
        (sentences::REST_LEFT_OUT, " [rest left out]"),
        (sentences::CALL_CUT_OFF, "[cut off]"),
        (sentences::BROKE_OFF, "[broke off]"),
        (sentences::STEPS_USED_UP, "[steps used up]"),
        (sentences::OPEN_HERE_DOCUMENT, "[open here-document]"),
        (sentences::STOPPED_REPEATING, "[stopped repeating]"),
        (sentences::PLAN_SHOWN, "[plan shown]"),
        (sentences::STAYS_CONFINED, "[stays confined]"),
        (sentences::SAME_AGAIN, "[same again]"),
        (sentences::NOT_BY_SERVER, "[not by the server]"),
        (sentences::NOT_THIS_TIME, "[not this time]"),
        (sentences::SENT_INSTEAD, "[sent instead]"),
        (sentences::WITHOUT_BEGINNING, "[without its beginning]"),
        (sentences::SHRUNK, "[shrunk]"),
        (sentences::GOES_ON_WITHOUT, "[goes on without]"),
        (sentences::NOT_SUMMARIZED, "[not summarized]"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (sentence, kind)| text.replace(sentence, kind))
}

fn named(item: &Item) -> String {
    match &item.kind {
        ItemKind::User { text, .. } if text.starts_with(SUMMARY.trim()) => {
            format!("summary {}", text[SUMMARY.trim().len()..].trim())
        }
        ItemKind::User { text, .. } if text == REQUEST => "please sum up".into(),
        ItemKind::User { text, .. } if text.starts_with(REQUEST) => {
            format!("please sum up and {}", text.lines().last().unwrap())
        }
        ItemKind::User { text, .. } if text == PLAN => "now plan".into(),
        ItemKind::User { text, .. } if text.starts_with("# Permissions") => {
            let mode = text.split('`').nth(1).unwrap();
            format!("permissions {mode}")
        }
        ItemKind::User { text, .. } if text == sentences::LAST_STEP => "last step".into(),
        ItemKind::User { text, .. } if text == BUILD => "now build".into(),
        ItemKind::Assistant { text, .. } if item.wire.is_none() => format!("partial {text}"),
        ItemKind::Assistant { text, .. } => format!("assistant {text}"),
        ItemKind::Call(call) => format!("call {}", call.id),
        ItemKind::Compaction => format!("sealed {}", item.id),
        ItemKind::Output { call, output } => format!("output {call} {}", output.text),
        ItemKind::Reasoning { summary } => format!("reasoning {summary}"),
        ItemKind::Unknown { kind } => format!("unknown {kind}"),
        ItemKind::WebSearch(search) => format!("web {}", search.sentence()),
        ItemKind::User { text, .. } => format!("user {text}"),
    }
}

fn event_text(event: &EventKind) -> String {
    match event {
        EventKind::Approval(Approval { call, why, learn, opens, confinement, .. }) => {
            let learn: Vec<String> = learn
                .iter()
                .map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern))
                .collect();
            let learn = if learn.is_empty() { "nothing".into() } else { learn.join(", ") };
            let opens: Vec<String> = opens.iter().map(ToString::to_string).collect();
            let opens = if opens.is_empty() {
                String::new()
            } else {
                format!(", may open {}", opens.join(" "))
            };
            format!("{call} asks, {confinement:?}, may learn {learn}{opens}: {why}")
        }
        EventKind::Asked { call, question, .. } => format!("{call} asks: {}", question.text),
        EventKind::CallProgress { call, tail } => format!("{call} so far: {tail}"),
        EventKind::CallPlanned { call, action } => format!("{call} would {}", action.title),
        EventKind::CallRunning { call, title } => format!("{call} runs: {title}"),
        EventKind::Compacted(None) => "not summed up".into(),
        EventKind::Compacted(Some(CompactionResult { before, .. })) => {
            format!("summed up from {before} tokens")
        }
        EventKind::Compacting => "summing up".into(),
        EventKind::ContextUsed(tokens) => format!("{tokens} tokens"),
        EventKind::LimitHold(None) => "no longer held".into(),
        EventKind::LimitHold(Some(LimitHold { until, stage, problem })) => {
            let stage = match stage {
                LimitStage::Offered(_) => "offers to wait",
                LimitStage::Waiting => "waits",
            };
            format!("{stage} until {} s: {}", until.0 / 1000, problem.message)
        }
        EventKind::Notice(notice) => format!("notice {}", notice.message),
        EventKind::Undone { direction, turn, files, .. } => {
            format!("{direction:?} turn {}: {}", turn.0, files.join(" "))
        }
        EventKind::SessionMode(session_mode) => {
            format!("{}, {}", session_mode.agent.as_str(), session_mode.approval_mode.as_str())
        }
        EventKind::Rules(rules) => {
            let known = rules.iter().map(|known| {
                let source = match &known.source {
                    RuleSource::Conversation => "here",
                    RuleSource::Folder => "folder",
                    RuleSource::Settings(_) => "settings",
                };
                format!("{} ({source})", known.rule.pattern)
            });
            format!("rules {}", known.collect::<Vec<_>>().join(", ")).trim_end().to_owned()
        }
        EventKind::SandboxOpened(SandboxOpenings { hosts, folders, .. }) => {
            let hosts = hosts.iter().map(ToString::to_string);
            let folders = folders.iter().map(|folder| folder.display().to_string());
            format!("open are {}", hosts.chain(folders).collect::<Vec<_>>().join(" "))
                .trim_end()
                .to_owned()
        }
        EventKind::Todos(todos) => format!("{} steps", todos.len()),
        EventKind::Usage(usage) => format!("{} tokens used", usage.input),
        EventKind::CallEnded { call, output } => {
            format!("{call} ended: {}", output.text)
        }
        EventKind::CallStarted(call) => format!("{} started", call.id),
        EventKind::ItemDone(item) | EventKind::PromptShown { item, .. } => named(item),
        EventKind::ItemDropped(item) => format!("{item} dropped"),
        EventKind::ItemStarted { item, .. } => format!("{item} opened"),
        EventKind::Queued(prompt) => format!("queued {}", prompt.text),
        EventKind::ReasoningDelta { item, text } => format!("{item} reasons {text}"),
        EventKind::Resumed => "resumed".into(),
        EventKind::Retrying(Retry { attempt, of, problem, .. }) => {
            format!("retrying {attempt}/{of}: {}", problem.message)
        }
        EventKind::TextDelta { item, text } => format!("{item} says {text}"),
        EventKind::TurnEnded { turn, outcome } => match outcome {
            TurnOutcome::Done => format!("turn {} done", turn.0),
            TurnOutcome::Failed(problem) => format!("turn {} failed: {}", turn.0, problem.message),
            TurnOutcome::Interrupted => format!("turn {} interrupted", turn.0),
            TurnOutcome::MaxSteps => format!("turn {} out of steps", turn.0),
        },
        EventKind::TurnStarted(turn) => format!("turn {} started", turn.0),
        EventKind::Requeued(prompts) => {
            let texts: Vec<_> = prompts.iter().map(|prompt| prompt.text.as_str()).collect();
            format!("queue is {}", texts.join(" + "))
        }
        EventKind::WentBack(past) => {
            let entries = past.transcript.entries().len();
            format!("went back before turn {}, to {entries} entries", past.before.0)
        }
        EventKind::Unqueued { prompts, why } => {
            let texts: Vec<&str> = prompts.iter().map(|prompt| &*prompt.text).collect();
            format!("unqueued {}, {why:?}", texts.join(" + "))
        }
        EventKind::AskResolved { by, .. } => {
            format!("an ask resolved by {}", by.map_or("nobody".into(), |by| by.0.to_string()))
        }
        other => format!("{other:?}"),
    }
}
