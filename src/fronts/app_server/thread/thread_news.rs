//! Converts events of a session into the protocol's notifications.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::Timestamp;
use crate::host::{limit_hold, sentence, why};
use crate::protocol::{
    Approval, ApprovalSubject, CLIENT_TOOLS, CallId, EventKind, Item, ItemOpening, Notice, Problem,
    Question, Todo, TodoState, TurnOutcome, Usage,
};

use super::items::{self, CallShape};
use super::live_turn::{LiveTurn, TextKind};
use super::loaded::Thread;
use super::mcp_servers;
use super::news::News;
use super::turns::{self, ItemsView};
use crate::app_server::request::failure;
use crate::app_server::thread::news::Subject;

impl Thread {
    /// Adds the news about an event that the view has already applied.
    pub fn add_news(&mut self, event: &EventKind, now: Timestamp, news: &mut Vec<News>) {
        match event {
            EventKind::Title(title) => news.push(News::Broadcast(
                "thread/name/updated",
                json!({ "threadId": self.id, "threadName": title }),
            )),
            EventKind::McpServers(servers) => {
                let told = servers.iter().filter_map(|status| {
                    let params = mcp_servers::startup(&self.id, status)?;
                    let is_new = self.told_servers.insert(status.name.to_string(), params.clone());
                    (is_new.as_ref() != Some(&params)).then_some(params)
                });
                let method = "mcpServer/startupStatus/updated";
                news.extend(told.map(|params| News::Notify(method, params)));
            }
            EventKind::Settings(_) | EventKind::SessionMode(_) => {
                let settings = self.settings_json();
                let params = json!({ "threadId": self.id, "threadSettings": settings });
                news.push(News::Notify("thread/settings/updated", params));
            }
            EventKind::Notice(Notice { message, next }) => {
                let problem = Problem {
                    kind: crate::protocol::ProblemKind::Config,
                    message: message.clone(),
                    next: next.clone(),
                };
                let message = sentence(&problem);
                news.push(News::Notify(
                    "warning",
                    json!({ "threadId": self.id, "message": message }),
                ));
            }
            EventKind::Approval(approval) => self.approval(approval, now, news),
            EventKind::Asked { id, call, question } => {
                let subject = Subject::Question(self.session.clone(), *id);
                let params = self.question(call.as_str(), question);
                news.push(News::Request(subject, "item/tool/requestUserInput", params));
            }
            EventKind::AskResolved { id, .. } => {
                news.push(News::Resolved(Subject::Approval(self.session.clone(), *id)));
                news.push(News::Resolved(Subject::Question(self.session.clone(), *id)));
            }
            EventKind::ToolWanted { call, tool, arguments } => {
                news.extend(self.tool_wanted(call, tool, arguments))
            }
            EventKind::WentBack(_) => {
                news.push(News::Notify("thread/reverted", json!({ "threadId": self.id })));
            }
            EventKind::ItemDone(item) => self.item(item, None, now, news),
            EventKind::PromptShown { item, tag } => self.item(item, tag.as_deref(), now, news),
            EventKind::TurnEnded { outcome, .. } => self.ended(outcome, now, news),
            _ => {
                if let Some(live) = &mut self.live {
                    in_turn(live, event, now, news);
                }
            }
        }
        if let EventKind::Usage(usage) = event {
            news.extend(self.usage(*usage));
        }
    }

    /// `name` is what the client calls a prompt.
    fn item(&mut self, item: &Item, name: Option<&str>, now: Timestamp, news: &mut Vec<News>) {
        let whole = items::whole(item, name);
        let Some(live) = &mut self.live else { return };
        match whole {
            Some(whole) => {
                let is_prompt = live.turn.items.is_empty();
                live.finish(&item.id, whole, now, news);
                if let Some(begins) = turns::entered(&live.turn).filter(|_| is_prompt) {
                    live.add(begins, now, news);
                }
            }
            None => live.drop_text(&item.id),
        }
    }

    fn ended(&mut self, outcome: &TurnOutcome, now: Timestamp, news: &mut Vec<News>) {
        let Some(mut live) = self.live.take() else { return };
        live.cut_off(now, news);
        if let Some(ends) = turns::exited(&live.turn) {
            live.add(ends, now, news);
        }
        if let TurnOutcome::Failed(problem) = outcome {
            let params = json!({ "error": failure::turn_error(problem), "willRetry": false });
            news.push(News::Notify("error", live.about(params)));
        }
        let mut turn = live.turn;
        turn.outcome = Some(outcome.clone());
        turn.ended = Some(now);
        let params = json!({ "threadId": self.id, "turn": turn.json(ItemsView::Summary) });
        news.push(News::Notify("turn/completed", params));
        self.turns.push(Arc::new(turn));
    }

    /// The token counts, reported for the running turn or else for the last one.
    pub fn usage(&self, last: Usage) -> Option<News> {
        let turn = self.all_turns().last()?.id.clone();
        let window = self.view.settings.as_ref().and_then(|settings| settings.context);
        let params = json!({
            "threadId": self.id, "turnId": turn,
            "tokenUsage": {
                "last": tokens(last), "total": tokens(self.view.spent), "modelContextWindow": window,
            },
        });
        Some(News::Notify("thread/tokenUsage/updated", params))
    }

    fn approval(&self, approval: &Approval, now: Timestamp, news: &mut Vec<News>) {
        let Some(live) = &self.live else { return };
        let open = live.open_call(&approval.call);
        let started = open.map_or(now, |(.., started)| started);
        let subject = Subject::Approval(self.session.clone(), approval.id);
        let about = json!({
            "itemId": approval.call.as_str(), "startedAtMs": started.0, "reason": why(approval, None),
        });
        let mut params = live.about(about);
        let shape = CallShape::of(open.and_then(|(_, action, _)| action));
        if shape == CallShape::FileChange {
            params["grantRoot"] = Value::Null;
            return news.push(News::Request(subject, "item/fileChange/requestApproval", params));
        }
        let (line, command) = line(approval);
        let always = !approval.learn.is_empty();
        let decisions =
            [("accept", true), ("acceptForSession", always), ("decline", true), ("cancel", true)];
        let decisions: Vec<&str> =
            decisions.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
        params["kind"] = json!("command");
        params["command"] = json!(command);
        params["cwd"] = json!(self.folder());
        params["commandActions"] = json!([{ "type": "unknown", "command": line }]);
        params["availableDecisions"] = json!(decisions);
        news.push(News::Request(subject, "item/commandExecution/requestApproval", params));
    }

    /// The request to run a client's tool that the model called.
    fn tool_wanted(&self, call: &CallId, tool: &str, arguments: &str) -> Option<News> {
        let (namespace, name) = items::client_tool(CLIENT_TOOLS, tool)?;
        let arguments: Value =
            serde_json::from_str(arguments).unwrap_or_else(|_broken| json!(arguments));
        let params = self.live.as_ref()?.about(json!({
            "callId": call.as_str(), "tool": name, "namespace": namespace, "arguments": arguments,
        }));
        let subject = Subject::Tool(self.session.clone(), call.clone());
        Some(News::Request(subject, "item/tool/call", params))
    }

    fn question(&self, call: &str, question: &Question) -> Value {
        let options: Vec<Value> = question
            .options
            .iter()
            .map(|option| {
                json!({
                    "label": option.label,
                    "description": option.description,
                })
            })
            .collect();
        let asked = json!({
            "id": "answer", "header": "Question", "question": question.text,
            "isOther": true, "isSecret": false,
            "options": if options.is_empty() { Value::Null } else { json!(options) },
        });
        let params = json!({ "itemId": call, "isBlocking": true, "questions": [asked] });
        match &self.live {
            Some(live) => live.about(params),
            None => params,
        }
    }
}

/// Adds the news about an event in a turn.
fn in_turn(live: &mut LiveTurn, event: &EventKind, now: Timestamp, news: &mut Vec<News>) {
    match event {
        EventKind::TurnStarted(_) => {
            let turn = live.turn.json(ItemsView::NotLoaded);
            let mut params = live.about(json!({ "turn": turn }));
            params.as_object_mut().map(|params| params.remove("turnId"));
            news.push(News::Notify("turn/started", params));
        }
        EventKind::ItemStarted { item, opening } => match opening {
            ItemOpening::Assistant => live.open(item, TextKind::Answer, now, news),
            ItemOpening::Reasoning => live.open(item, TextKind::Reasoning, now, news),
            ItemOpening::WebSearch => live.open(item, TextKind::WebSearch, now, news),
            ItemOpening::Call { .. } | ItemOpening::Unknown => {}
        },
        EventKind::TextDelta { item, text } => live.grow(item, TextKind::Answer, text, now, news),
        EventKind::ReasoningDelta { item, text } => {
            live.grow(item, TextKind::Reasoning, text, now, news)
        }
        EventKind::ItemDropped(item) => live.drop_text(item),
        EventKind::CallStarted(call) => live.call(call, now),
        EventKind::CallPlanned { call, action } => live.planned(call, action, news),
        EventKind::CallProgress { call, tail } => live.progress(call, tail, news),
        EventKind::CallEnded { call, output } => live.ended(call, output, now, news),
        EventKind::Compacted(Some(_)) => {
            let id = format!("compaction_{}", live.turn.items.len());
            live.add(items::compaction(&id), now, news);
            news.push(News::Notify("thread/compacted", live.about(json!({}))));
        }
        EventKind::Todos(todos) => {
            let plan: Vec<Value> = todos.iter().filter_map(step).collect();
            let params = live.about(json!({ "explanation": null, "plan": plan }));
            news.push(News::Notify("turn/plan/updated", params));
        }
        EventKind::Retrying(retry) => {
            let mut error = failure::turn_error(&retry.problem);
            error["message"] = json!(format!("Reconnecting... {}/{}", retry.attempt, retry.of));
            error["additionalDetails"] = json!(sentence(&retry.problem));
            let params = live.about(json!({ "error": error, "willRetry": true }));
            news.push(News::Notify("error", params));
        }
        EventKind::LimitHold(Some(hold)) => {
            let mut error = failure::turn_error(&hold.problem);
            error["message"] = json!(limit_hold(hold));
            let params = live.about(json!({ "error": error, "willRetry": true }));
            news.push(News::Notify("error", params));
        }
        _ => {}
    }
}

fn step(todo: &Todo) -> Option<Value> {
    let status = match todo.state {
        TodoState::Open => "pending",
        TodoState::Doing => "inProgress",
        TodoState::Done => "completed",
        TodoState::Dropped => return None,
    };
    Some(json!({ "step": todo.text, "status": status }))
}

fn tokens(usage: Usage) -> Value {
    json!({
        "inputTokens": usage.input, "cachedInputTokens": usage.cached, "cacheWriteInputTokens": 0,
        "outputTokens": usage.output, "reasoningOutputTokens": usage.reasoning,
        "totalTokens": usage.input.saturating_add(usage.output),
    })
}

/// The planned action, as one line and as the words of a command.
fn line(approval: &Approval) -> (String, String) {
    let (verb, what) = match &approval.subject {
        ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => {
            return (line.clone(), items::shell_words(line));
        }
        ApprovalSubject::Input { command, text } => {
            let line = items::typed(command, text);
            return (line.clone(), line);
        }
        ApprovalSubject::Fetch(url) => (approval.tool.clone(), url.clone()),
        ApprovalSubject::Look(paths) => (approval.tool.clone(), paths.join(" ")),
        ApprovalSubject::External { server, tool, arguments } => {
            (format!("{server}:{tool}"), arguments.clone())
        }
        ApprovalSubject::Change(_) => (approval.tool.clone(), approval.title.clone()),
    };
    (format!("{verb} {what}"), format!("{} {}", items::quoted(&verb), items::quoted(&what)))
}
