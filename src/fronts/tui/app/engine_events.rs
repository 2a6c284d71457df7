//! Handling of the engine's events and replies.

use std::sync::Arc;

use crate::base::text;
use crate::protocol::{
    AccountCommand, ClientAct, Command, Direction, Event, EventKind, GoBackPart, LeftPrompt,
    Notice, OfferedExtensions, OpenElsewhere, Problem, ProblemKind, PromptPlace, Reply,
    ReplyResult, SessionCommand, SessionId, SignInId, SignInStep, TimelineTurn, TurnCommand,
    TurnOutcome, UndoPreview, UnqueueReason, unnamed_pictures,
};
use crate::tui::app::App;
use crate::tui::app::opening::{Awaited, EarlyChoice};
use crate::tui::app::toast::Tone;
use crate::tui::conversation::{Conversation, TurnState, Watched};
use crate::tui::messages::{Asked, Cmd};
use crate::tui::overlay::{GoBackWay, Overlay, RewindDialog, UndoDialog};
use crate::tui::start::{Beginning, ScreenEnd};
use crate::tui::terminal::Copied;
use crate::tui::wording;

impl App {
    pub(in crate::tui) fn engine(&mut self, event: Event) -> Vec<Cmd> {
        if let (Some(session), EventKind::Released) = (&event.session, &event.kind) {
            return self.released(session);
        }
        if event.session.as_ref().is_some_and(|session| session != self.talk.id()) {
            // It belongs to a conversation that is closed.
            return Vec::new();
        }
        self.facts.learn(&event.kind);
        if let (None, EventKind::Notice(Notice { message, next })) = (&event.session, &event.kind) {
            // It concerns the program, not this conversation, and a dialog would hide the
            // conversation.
            return self.only_say(Tone::Warn, with_next(message, next.as_deref()));
        }
        if event.session.is_some() {
            self.talk.take(&event.kind, self.facts.now);
        }
        match event.kind {
            EventKind::Accounts(_)
            | EventKind::ModelMarks(_)
            | EventKind::Models(_)
            | EventKind::ProviderOffers(_)
            | EventKind::Providers(_) => self.refresh(),
            EventKind::Approval(_) => {
                if !self.prompt.composer.is_empty() {
                    self.talk.asks.unmark();
                }
                return self.call("waiting for your approval");
            }
            EventKind::Asked { .. } => {
                return self.call("the model has a question for you");
            }
            EventKind::LimitHold(Some(hold)) if hold.offer().is_some() => {
                return self.call("your plan's usage limit is reached");
            }
            EventKind::McpServers(_) | EventKind::Snapshot(_) => {
                self.prompt.know_servers(&self.talk.session.mcp);
            }
            EventKind::Acted { by, act } => {
                let by = text::clean_line(&by);
                let did = match act {
                    ClientAct::Answered => "answered",
                    ClientAct::Interrupted => "interrupted the turn",
                    ClientAct::Prompted => "sent a prompt",
                };
                self.say(Tone::Plain, format!("{by} {did}"));
            }
            EventKind::TakenOver { by } => {
                let words = format!("Taken over from {}", text::clean_line(&by));
                return vec![Cmd::Leave(ScreenEnd::TakenOver, Some(words))];
            }
            EventKind::Sessions(_) => return self.glimpse(),
            EventKind::SignIn { attempt, step } => return self.sign_in(&attempt, &step),
            EventKind::SignedOut(provider) => {
                self.refresh();
                self.say(
                    Tone::Good,
                    format!("Signed out of {}", self.facts.provider_name(&provider)),
                )
            }
            EventKind::TurnEnded { outcome, .. } => return self.turn_ended(&outcome),
            EventKind::Unqueued { prompts, why: UnqueueReason::TurnEnded } => {
                // Each is put in front of those behind it.
                prompts.iter().rev().for_each(|prompt| self.prompt.give_back(&prompt.text));
            }
            _ => {}
        }
        Vec::new()
    }

    /// Takes the commands and skills of files, for which an enter may have waited.
    fn know_extensions(&mut self, list: Arc<OfferedExtensions>) -> Vec<Cmd> {
        self.prompt.know_extensions(list);
        if self.prompt.take_awaited_enter() { self.submit() } else { Vec::new() }
    }

    /// Handles the engine's reply to a request.
    pub(in crate::tui) fn replied(&mut self, asked: Asked, result: ReplyResult) -> Vec<Cmd> {
        let reply = match (&asked, result) {
            (
                Asked::GoBack(session)
                | Asked::GoBackPreview(session)
                | Asked::Timeline(session)
                | Asked::UndoPreview(session, _),
                _,
            ) if session != self.talk.id() => {
                // It belongs to a conversation that is closed.
                return Vec::new();
            }
            (Asked::Diff(session, base), result) => {
                let diff = match result {
                    Ok(Reply::Diff(diff)) => Ok(diff),
                    Ok(_) => return Vec::new(),
                    Err(problem) => Err(problem),
                };
                for dialog in self.dialogs.each() {
                    if let Overlay::Diff(dialog) = dialog {
                        dialog.know(session, *base, diff.clone());
                    }
                }
                return Vec::new();
            }
            (Asked::JobPorts(session), result) => {
                let ports = match result {
                    Ok(Reply::JobPorts(ports)) => ports,
                    // The row without ports says it well enough.
                    _ => Vec::new(),
                };
                for dialog in self.dialogs.each() {
                    if let Overlay::Jobs(dialog) = dialog {
                        dialog.know_ports(session, ports.clone(), self.facts.now);
                    }
                }
                return Vec::new();
            }
            (Asked::Watch(id), Ok(_)) => return self.watch(id.clone()),
            (_, Ok(reply)) => reply,
            (Asked::Prompt(session), Err(problem)) => {
                if session == self.talk.id() {
                    self.give_prompt_back(&problem);
                }
                self.failed(problem);
                return Vec::new();
            }
            (Asked::Resume, Err(Problem { kind: ProblemKind::OpenElsewhere(open), .. })) => {
                return self.open_elsewhere(*open);
            }
            (Asked::Copy | Asked::Resume, Err(problem)) => return self.not_resumed(problem),
            (Asked::Write, Err(problem)) => {
                self.not_written(&problem.message);
                return Vec::new();
            }
            (Asked::Open, Err(problem)) => {
                self.opening.end();
                self.opening.forget();
                self.failed(problem);
                return Vec::new();
            }
            // The sign-in had already ended, or the conversation has.
            (Asked::Cancel, Err(_)) => return Vec::new(),
            (Asked::Extensions, Err(_)) => return self.know_extensions(Arc::default()),
            (_, Err(problem)) => {
                if let Asked::GoBackPreview(_) = asked {
                    self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Rewind(_)));
                }
                self.talk.chosen_mode = None;
                self.failed(problem);
                return Vec::new();
            }
        };
        self.facts.heed(&reply);
        match reply {
            Reply::Accounts(_) | Reply::Config(_) | Reply::Models(_) => self.refresh(),
            Reply::ConfigRefused(refusal) => self.not_written(&refusal.message),
            Reply::Context(report) => {
                if let Some(Overlay::Context(dialog)) = self.dialogs.top_mut() {
                    dialog.know(report);
                }
            }
            Reply::Exported { path: Some(path), .. } => {
                let path = wording::folder(&path, self.facts.start.home.as_deref());
                self.say(
                    Tone::Good,
                    format!("Written to `{path}`; what looks like a secret was left out"),
                );
            }
            Reply::Extensions(list) => {
                if let Some(Overlay::Guide(page)) = self.dialogs.top_mut() {
                    page.know_skills(&list);
                }
                return self.know_extensions(list);
            }
            Reply::Files { paths, whole } => self.prompt.know_files(paths, whole),
            Reply::GuidanceAdded { path, .. } => {
                let path = wording::folder(&path, self.facts.start.home.as_deref());
                let told = "the next conversation is told";
                self.say(Tone::Good, format!("Remembered in `{path}`: {told}"));
            }
            Reply::History(entries) => self.prompt.recall(entries),
            // It was left before it came.
            Reply::Opened(id) if asked == Asked::Open && id != *self.talk.id() => {
                return vec![Cmd::Send(Command::Session(SessionCommand::Close(id)))];
            }
            Reply::Opened(id) => {
                if asked == Asked::Copy {
                    self.say(Tone::Good, "This is the copy; the other conversation stays as it is");
                }
                let takes = self.takes(&asked).then(|| SessionCommand::Take(id.clone()));
                let mut cmds = self.opened(id);
                cmds.extend(takes.map(|take| Cmd::Send(Command::Session(take))));
                return cmds;
            }
            Reply::Branches { id, branches } => {
                if let Some(Overlay::Sessions(dialog)) = self.dialogs.top_mut() {
                    dialog.know_branches(&id, &branches, &self.facts);
                }
            }
            Reply::Timeline(turns) => return self.show_timeline(turns),
            Reply::UndoPreview(preview) if matches!(asked, Asked::GoBackPreview(_)) => {
                return self.preview_going_back(preview);
            }
            Reply::WentBack(left) => self.went_back(left),
            Reply::Sessions(_) if asked == Asked::Rename && self.dialogs.is_empty() => {
                self.say(Tone::Good, "Renamed");
            }
            Reply::Sessions(_) => return self.glimpse(),
            Reply::Done if asked == Asked::Rename => self.say(Tone::Good, "Renamed"),
            Reply::UndoPreview(preview) => self.preview_undo(&asked, preview),
            Reply::Submitted(PromptPlace::Queued(prompt)) => self.talk.queued_here(prompt),
            Reply::Unqueued(prompt) => self.prompt.give_back(&prompt.text),
            _ => {}
        }
        Vec::new()
    }

    /// Whether the conversation that was asked for at the start is to be here alone.
    fn takes(&self, asked: &Asked) -> bool {
        let begin = &self.facts.start.begin;
        *asked == Asked::Resume
            && self.opening.awaited() == Awaited::Conversation
            && matches!(begin, Beginning::Resume { takes: true, .. })
    }

    /// Says in the dialog that asked for it why the settings were not written.
    fn not_written(&mut self, message: &str) {
        if let Some(Overlay::Connect(dialog)) = self.dialogs.top_mut() {
            dialog.not_written(message);
        }
    }

    /// Updates open dialogs with new facts.
    fn refresh(&mut self) {
        self.dialogs.each().for_each(|dialog| dialog.refresh(&self.facts));
    }

    pub(in crate::tui) fn engine_failed(&mut self, problem: Problem) {
        let notice = Notice { message: problem.message, next: problem.next };
        self.talk.stop_waiting();
        // No conversation will open.
        self.opening.forget();
        self.talk.take(&EventKind::Notice(notice), self.facts.now);
    }

    /// Says what was tried to copy; the terminal does not tell whether it worked.
    pub(in crate::tui) fn copied(&mut self, copied: Copied) {
        let way = match copied {
            Copied::Sent => "to your terminal",
            Copied::SentThroughScreen => "to your terminal through screen",
            Copied::SentThroughTmux => "to your terminal through tmux",
            Copied::TooLong { bytes, most } => {
                self.say(
                    Tone::Warn,
                    format!("Not copied: it has {bytes} bytes, and terminals take at most {most}. `ctrl+x t` prints the answer"),
                );
                return;
            }
        };
        let otherwise =
            if self.dialogs.is_empty() { "`ctrl+x t` prints the answer" } else { "Select it here" };
        self.say(Tone::Plain, format!("Sent {way} (OSC 52). Nothing to paste? {otherwise}"));
    }

    fn sign_in(&mut self, attempt: &SignInId, step: &SignInStep) -> Vec<Cmd> {
        let SignInStep::Completed(account) = step else {
            self.toasts.clear();
            if let SignInStep::McpSignedIn(server) = step {
                let server = text::clean_line(server);
                self.say(Tone::Good, format!("Signed in to the MCP server {server}"));
            }
            if let Some(dialog) = self.dialogs.top_mut() {
                dialog.sign_in(attempt, step, &self.facts);
            }
            return Vec::new();
        };
        self.facts.refused = None;
        self.say(
            Tone::Good,
            format!(
                "Signed in to {} · {}",
                self.facts.provider_name(&account.provider),
                wording::account(account)
            ),
        );
        if matches!(self.dialogs.top(), Some(Overlay::Connect(dialog)) if dialog.is_signing_in()) {
            self.dialogs.close();
            self.facts.forget_models();
            let dialog = self.model_dialog().after_connecting(account.provider.clone());
            self.dialogs.intrude(Overlay::Models(dialog), self.facts.now);
        }
        [AccountCommand::List, AccountCommand::Models]
            .map(|command| Cmd::Send(Command::Account(command)))
            .into()
    }

    /// Returns a prompt that began no turn to the composer. Without a sign-in, that is said first.
    fn give_prompt_back(&mut self, problem: &Problem) {
        if problem.kind == ProblemKind::NotSignedIn {
            return;
        }
        if self.talk.session.turn.is_none() {
            self.talk.stop_waiting();
        }
        if let Some(prompt) = self.talk.take_prompt() {
            self.prompt.give_back(&prompt);
        }
    }

    /// Reports a command that failed.
    fn failed(&mut self, problem: Problem) {
        if problem.kind == ProblemKind::NotSignedIn && self.talk.turn() != TurnState::Idle {
            self.talk.stop_waiting();
            self.ask_for_sign_in();
            return;
        }
        if problem.kind == ProblemKind::CredentialFile {
            // The trouble lasts until the person acts, so the notice stays too.
            let notice = Notice { message: problem.message, next: problem.next };
            self.talk.take(&EventKind::Notice(notice), self.facts.now);
            return;
        }
        self.say(Tone::Warn, with_next(&problem.message, problem.next.as_deref()));
    }

    /// Returns the prompt to the composer and opens the list of providers with the reason above it.
    fn ask_for_sign_in(&mut self) {
        let is_openai = self.provider().is_openai();
        self.facts.refused = self.facts.account().filter(|_| is_openai).cloned();
        if let Some(prompt) = self.talk.take_prompt() {
            self.prompt.give_back(&prompt);
            self.prompt.await_sign_in();
        }
        if self.dialogs.is_empty() {
            let dialog = self.connect_dialog();
            self.dialogs.intrude(dialog, self.facts.now);
        }
    }

    fn turn_ended(&mut self, outcome: &TurnOutcome) -> Vec<Cmd> {
        let words = match outcome {
            TurnOutcome::Done => "the answer is ready",
            TurnOutcome::Failed(_) => "the turn failed",
            TurnOutcome::Interrupted => "interrupted",
            TurnOutcome::MaxSteps => "the steps of the turn are used up",
        };
        if let TurnOutcome::Failed(Problem { kind: ProblemKind::NotSignedIn, .. }) = outcome {
            self.ask_for_sign_in();
        }
        if let TurnOutcome::Failed(Problem { kind: ProblemKind::NoModel, .. }) = outcome
            && self.dialogs.is_empty()
        {
            // The sentence stands in the conversation.
            let dialog = self.model_dialog();
            self.dialogs.intrude(Overlay::Models(dialog), self.facts.now);
            let models = Cmd::Send(Command::Account(AccountCommand::ServerModels));
            return self.call(words).into_iter().chain([models]).collect();
        }
        self.call(words)
    }

    /// Notifies a person who looks elsewhere, and names the conversation.
    fn call(&self, words: &str) -> Vec<Cmd> {
        if !self.attention.is_elsewhere(self.facts.now) {
            return Vec::new();
        }
        let title = text::clean_line(&self.talk.session.title);
        vec![Cmd::Notify(match title.trim() {
            "" => words.to_owned(),
            title => format!("{words} · {title}"),
        })]
    }

    /// Opens the preview of an undo or redo, if it would change anything.
    fn preview_undo(&mut self, asked: &Asked, preview: Option<UndoPreview>) {
        match preview.filter(|preview| !preview.steps.is_empty()) {
            Some(preview) => {
                let dialog = Overlay::Undo(UndoDialog::new(self.talk.id().clone(), preview));
                self.dialogs.intrude(dialog, self.facts.now);
            }
            None => self.say(
                Tone::Plain,
                match asked {
                    Asked::UndoPreview(_, Direction::Redo) => "There is nothing to redo",
                    _ => "There is nothing to undo: no turn is known to have changed files",
                },
            ),
        }
    }

    /// Opens the timeline, if there is a prompt to go back to before, or gives it to the undo of
    /// several turns that waits for it.
    fn show_timeline(&mut self, turns: Vec<TimelineTurn>) -> Vec<Cmd> {
        if let Some(Overlay::Rewind(dialog)) = self.dialogs.top_mut()
            && let Some(known) = dialog.know_turns(&turns)
        {
            return known.unwrap_or_else(|why| {
                self.dialogs.close();
                self.only_say(Tone::Plain, why)
            });
        }
        if turns.is_empty() {
            return self.only_say(Tone::Plain, "There is no prompt to go back to before");
        }
        let session = self.talk.id().clone();
        let dialog = RewindDialog::new(session, turns, self.fork_of_this(), &self.facts);
        self.dialogs.intrude(Overlay::Rewind(Box::new(dialog)), self.facts.now);
        Vec::new()
    }

    /// Shows the files that would go back; without any, the conversation goes back at once where
    /// that was asked for. Without a timeline it was asked for in the list of an undo.
    fn preview_going_back(&mut self, preview: Option<UndoPreview>) -> Vec<Cmd> {
        let turn = preview.as_ref().map(|preview| preview.turn);
        let waiting = match self.dialogs.top() {
            Some(Overlay::Rewind(dialog)) => dialog.waits_for(),
            _ => turn.map(|turn| (turn, GoBackWay::Both)),
        };
        // It was closed meanwhile.
        let Some((before, way)) = waiting else { return Vec::new() };
        self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Rewind(_)));
        let session = self.talk.id().clone();
        match preview {
            Some(preview) if !preview.steps.is_empty() => {
                let dialog = UndoDialog::going_back(session, preview, way);
                self.dialogs.intrude(Overlay::Undo(dialog), self.facts.now);
            }
            _ if way == GoBackWay::Both => {
                let go_back = TurnCommand::GoBack { before, part: GoBackPart::Words };
                return vec![Cmd::Send(Command::Turn(session, go_back))];
            }
            _ => self.say(Tone::Plain, "No file is to be taken back"),
        }
        Vec::new()
    }

    /// Returns the prompt of a turn that was left to the composer. Pictures that have no label in
    /// it came from another client, and have no place there.
    fn went_back(&mut self, left: LeftPrompt) {
        let unnamed = unnamed_pictures(&left.text, left.images.len());
        self.prompt.give_back_left(left);
        match unnamed {
            0 => {}
            1 => self.say(Tone::Plain, "Its picture does not come back: attach it again"),
            _ => self.say(Tone::Plain, "Its pictures do not come back: attach them again"),
        }
    }

    /// Shows the opened conversation in place of the one on screen.
    fn opened(&mut self, id: SessionId) -> Vec<Cmd> {
        let awaited = self.opening.end();
        self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Elsewhere(_)));
        if id == *self.talk.id() && self.talk.watched.is_none() {
            return Vec::new();
        }
        if awaited == Awaited::Nothing {
            // It was chosen for the conversation that is left.
            self.opening.forget();
        }
        if self.dialogs.each().any(|dialog| matches!(dialog, Overlay::Modes(_))) {
            // It shows the modes of the conversation that is left: it comes up again with those of
            // the other one.
            self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Modes(_)));
            self.opening.keep(EarlyChoice::ChooseMode);
        }
        self.dialogs.each().for_each(|dialog| dialog.turn_to(&id));
        self.say_what_ends();
        self.show(Conversation::new(id))
    }

    /// Shows a conversation in place of the one on screen, which is closed.
    fn show(&mut self, talk: Conversation) -> Vec<Cmd> {
        let before = std::mem::replace(&mut self.talk, talk);
        let close = || Cmd::Send(Command::Session(SessionCommand::Close(before.id().clone())));
        let is_left = before.is_open() && before.id() != self.talk.id();
        is_left.then(close).into_iter().collect()
    }

    /// Handles that the requested conversation is open in another program.
    fn open_elsewhere(&mut self, open: OpenElsewhere) -> Vec<Cmd> {
        if let Some(Overlay::Elsewhere(dialog)) = self.dialogs.top_mut()
            && dialog.waits_for(&open.session)
        {
            return vec![dialog.held_again(open)];
        }
        let dialog = self.elsewhere_dialog(open.clone());
        self.opening.found_elsewhere(open);
        // While nothing is being typed, a key is meant for the dialog.
        if self.prompt.composer.is_empty() {
            self.dialogs.open(dialog);
        } else {
            self.dialogs.intrude(dialog, self.facts.now);
        }
        Vec::new()
    }

    /// Shows a conversation that another program writes, from now on.
    fn watch(&mut self, id: SessionId) -> Vec<Cmd> {
        let watched = Some(Watched::There(self.opening.watch(&id)));
        if *self.talk.id() == id {
            self.talk.watched = watched;
            return Vec::new();
        }
        let mut watching = Conversation::new(id);
        watching.watched = watched;
        self.show(watching)
    }

    /// Handles that no other program has this conversation open any more.
    fn released(&mut self, session: &SessionId) -> Vec<Cmd> {
        if let Some(Overlay::Elsewhere(dialog)) = self.dialogs.top()
            && dialog.waits_for(session)
        {
            return vec![dialog.take_over()];
        }
        if self.talk.id() == session && self.talk.watched.is_some() {
            self.talk.watched = Some(Watched::Ended);
        }
        Vec::new()
    }

    /// At the start, begins a new conversation instead of the one that could not be resumed.
    fn not_resumed(&mut self, problem: Problem) -> Vec<Cmd> {
        self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Elsewhere(_)));
        let awaited = self.opening.end();
        self.failed(problem);
        match awaited {
            Awaited::Conversation => {
                vec![Cmd::Send(Command::Session(self.open_session(self.talk.id().clone())))]
            }
            Awaited::Nothing => Vec::new(),
        }
    }

    /// Requests the preview of the selected conversation, which a new list may have changed.
    fn glimpse(&mut self) -> Vec<Cmd> {
        self.refresh();
        match self.dialogs.top_mut() {
            Some(Overlay::Sessions(dialog)) => dialog.glimpse().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// The problem and its advice in one line.
fn with_next(message: &str, next: Option<&str>) -> String {
    let advice = next.map(|next| format!(". {next}")).unwrap_or_default();
    text::clean_line(&format!("{message}{advice}")).into_owned()
}
