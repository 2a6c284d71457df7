//! Runs a scenario: lines that begin with `> ` happen, the lines below each are the effects it must
//! have, no more and no fewer. A line that begins with `>> ` stands for an input and its usual
//! effects ([`expanded`]).

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use crate::policy::PolicyConfig;
use crate::protocol::*;
use crate::session::{
    CompactionConfig, ReconnectConfig, Session, SessionConfig, SessionEffect, SessionInput,
};

use super::words::{input_where, shown};

/// Without what is kept: that is what [`check_log`] is for.
pub(super) fn check(scenario: &str) {
    check_with_steps(50, scenario);
}

pub(super) fn check_with_steps(max_steps: u32, scenario: &str) {
    play(Session::new(config(max_steps), settings()), scenario);
}

/// With a model whose context has a thousand tokens, and so many steps.
pub(super) fn check_with_thousand_tokens(max_steps: u32, scenario: &str) {
    let settings = SessionSettings { context: Some(1000), ..settings() };
    play(Session::new(config(max_steps), settings), scenario);
}

/// With a model of this name, in a context of so many tokens.
pub(super) fn check_with_model(name: &str, context: u64, scenario: &str) {
    let settings = SessionSettings {
        model: ModelRef::openai(name),
        effort: None,
        tuning: Default::default(),
        context: Some(context),
        patches: Patches::Never,
    };
    play(Session::new(config(50), settings), scenario);
}

/// With a server that is asked to sum conversations up.
pub(super) fn check_with_server(records: &[Record], scenario: &str) {
    let mut config = config(50);
    config.compaction.by = Compactor::Server;
    let settings = SessionSettings { context: Some(1000), ..settings() };
    play(Session::resume(config, settings, records), scenario);
}

/// With a small model that sums conversations up, in a context of so many tokens.
pub(super) fn check_with_small_model(context: u64, scenario: &str) {
    let mut config = config(50);
    let model = ModelRef::new(ProviderId::new("acme"), "cheap");
    config.compaction.small_model =
        Some(SessionSettings { model, context: Some(context), ..settings() });
    play(Session::new(config, settings()), scenario);
}

/// With this choice for usage limits.
pub(super) fn check_on_limit(on_usage_limit: OnUsageLimit, scenario: &str) {
    let config = SessionConfig { on_usage_limit, ..config(50) };
    play(Session::new(config, settings()), scenario);
}

/// With all that is kept, of a session that goes on with what a log holds.
pub(super) fn check_log(records: &[Record], scenario: &str) {
    let session = Session::resume(config(50), settings(), records);
    play_with_log(session, Some(records), scenario);
}

pub(super) fn settings() -> SessionSettings {
    SessionSettings {
        model: ModelRef::openai("m"),
        effort: None,
        tuning: Default::default(),
        context: None,
        patches: Patches::Never,
    }
}

pub(super) fn config(max_steps: u32) -> SessionConfig {
    let tool = |name: &str, sort, audience| ToolDefinition {
        name: name.into(),
        description: "".into(),
        parameters: "{}".into(),
        grammar: None,
        effects: sort,
        audience,
    };
    SessionConfig {
        answers: |answers| format!("{answers:?}"),
        web_search: None,
        tool_face: None,
        kept_rules: Vec::new(),
        id: "ses_1".into(),
        instructions: "BASE".into(),
        tools: [
            tool("ask", ToolEffects::Asks, ToolAudience::Everyone),
            tool("edit", ToolEffects::Changes, ToolAudience::Editors),
            tool("patch", ToolEffects::Changes, ToolAudience::Patchers),
            tool("read", ToolEffects::Looks, ToolAudience::Everyone),
            tool("shell", ToolEffects::Runs, ToolAudience::Everyone),
        ]
        .into(),
        max_steps,
        policy: PolicyConfig {
            folder: "/f".into(),
            home: Some("/home/me".into()),
            rules: [].into(),
            rule_files: [].into(),
            grants: Default::default(),
            closed: Vec::new(),
            added: Vec::new(),
            hides: false,
        },
        compaction: CompactionConfig { at: 85, by: Compactor::Model, small_model: None },
        on_usage_limit: OnUsageLimit::End,
        reconnect: ReconnectConfig { limit: Duration::from_secs(60), jitter: 0 },
        session_mode: SessionMode {
            agent: Agent::Build,
            approval_mode: ApprovalMode::Ask,
            sandbox: Sandbox::Namespaces,
        },
        presence: Presence::Attended,
    }
}

/// Runs a scenario, and answers some effects itself where it says nothing of them: the environment
/// has nothing to tell, and calls are looks into the folder. Some news are compared only where the
/// scenario speaks of them: replies, resolved asks, rules, and queued prompts that were sent.
fn play(session: Session, scenario: &str) {
    play_with_log(session, None, scenario);
}

/// The same, with what the log holds already, and what is appended to it.
fn play_with_log(mut session: Session, records: Option<&[Record]>, scenario: &str) {
    let mut log = records.unwrap_or_default().to_vec();
    let lines = scenario.lines().map(str::trim).filter(|line| !line.is_empty());
    let expected: Vec<String> = lines.flat_map(expanded).collect();
    let (describes, understands) =
        (scenario.contains("> described"), scenario.contains("> understood"));
    let (resolves, unqueues, replies) = (
        scenario.contains("resolved"),
        scenario.contains("Sent"),
        scenario.contains("answer: Sub"),
    );
    let plans = scenario.contains("plan c");
    let copies = scenario.contains("> copies");
    let looks_back = scenario.contains("> unread");
    let relooks = scenario.contains("looked again");
    let rules = scenario.contains("emit rules");
    let mut asks = HashMap::new();
    let mut actual = String::new();
    for line in expected.iter().filter(|line| line.starts_with("> ")) {
        writeln!(actual, "{line}").unwrap();
        let mut inputs = VecDeque::from([input_where(&line[2..], &asks)]);
        while let Some(input) = inputs.pop_front() {
            for effect in session.handle(input) {
                for record in appended(&effect) {
                    match record {
                        Record::WentBack(left) => go_back(&mut log, left.before),
                        other => log.push(other.clone()),
                    }
                }
                if let SessionEffect::Emit(
                    EventKind::Approval(Approval { id, call, .. })
                    | EventKind::Asked { id, call, .. },
                ) = &effect
                {
                    asks.insert(call.clone(), *id);
                }
                if let SessionEffect::Emit(EventKind::LimitHold(Some(hold))) = &effect
                    && let Some(id) = hold.offer()
                {
                    asks.insert(CallId::from("limit"), id);
                }
                match &effect {
                    SessionEffect::LookBack(before) if !looks_back => {
                        let mut records = log.clone();
                        go_back(&mut records, *before);
                        let (before, records) = (*before, Ok(records));
                        inputs.push_back(SessionInput::LookedBack { before, records })
                    }
                    SessionEffect::DescribeEnvironment if !describes => {
                        inputs.push_back(SessionInput::EnvironmentDescribed(String::new()))
                    }
                    SessionEffect::LookForCopies { call, .. } if !copies => {
                        let (call, uncovered) = (call.clone(), String::new());
                        inputs.push_back(SessionInput::CopiesLookedAt { call, uncovered })
                    }
                    SessionEffect::Preview(call) if !understands => inputs.push_back(looks(call)),
                    SessionEffect::Emit(EventKind::CallRunning { .. }) if !understands => {}
                    SessionEffect::Emit(EventKind::CallPlanned { .. }) if !plans => {}
                    SessionEffect::Append(records)
                        if !plans && matches!(records[..], [Record::CallPlanned { .. }]) => {}
                    SessionEffect::Emit(EventKind::ContextUsed(_) | EventKind::Changed { .. }) => {}
                    SessionEffect::Emit(EventKind::AskResolved { .. }) if !resolves => {}
                    SessionEffect::Emit(EventKind::Rules(_)) if !rules => {}
                    SessionEffect::Emit(EventKind::Unqueued {
                        why: UnqueueReason::Sent, ..
                    }) if !unqueues => {}
                    SessionEffect::Reply(_, Err(problem))
                        if problem.message.starts_with("Another look") && !relooks => {}
                    SessionEffect::Reply(
                        _,
                        Ok(Reply::Done | Reply::Submitted(_) | Reply::Unqueued(_)),
                    ) if !replies => {}
                    SessionEffect::Append(_) if records.is_none() => {}
                    effect => writeln!(actual, "{}", shown(effect).trim_end()).unwrap(),
                }
            }
        }
    }
    assert_eq!(actual.trim_end(), expected.join("\n"), "\n--- what was done:\n{actual}");
}

/// The lines that one line stands for:
///
/// - `>> prompt TURN TEXT`: a prompt that begins a turn;
/// - `>> call REQUEST cN TOOL ARGUMENTS`: a call of the model;
/// - `>> answer REQUEST TEXT`: words of the model;
/// - `>> done REQUEST TURN`: a response that ends its turn.
fn expanded(line: &str) -> Vec<String> {
    let Some(fragment) = line.strip_prefix(">> ") else { return vec![line.into()] };
    let (name, rest) = fragment.split_once(' ').unwrap();
    let (number, rest) = rest.split_once(' ').unwrap();
    match name {
        "prompt" => vec![
            format!("> submit {rest}"),
            format!("emit turn {number} started"),
            format!("emit user {rest}"),
        ],
        "call" => {
            let (call, what) = rest.split_once(' ').unwrap();
            let item = call.replacen('c', "f", 1);
            vec![format!("> item {number} call {item} {call} {what}"), format!("emit call {call}")]
        }
        "answer" => vec![
            format!("> item {number} assistant m{number} {rest}"),
            format!("emit assistant {rest}"),
        ],
        "done" => vec![format!("> end {number}"), format!("emit turn {rest} done")],
        _ => panic!("unknown: {line}"),
    }
}

fn appended(effect: &SessionEffect) -> &[Record] {
    match effect {
        SessionEffect::Append(records) => records,
        _ => &[],
    }
}

fn looks(call: &ToolCall) -> SessionInput {
    let targets =
        vec![Target { path: "/f/a".into(), shown: "a".into(), location: Location::Inside }];
    SessionInput::Previewed {
        call: call.id.clone(),
        action: Ok(PlannedAction::new("a", ActionKind::Look { look: Look::Read, targets })),
    }
}
