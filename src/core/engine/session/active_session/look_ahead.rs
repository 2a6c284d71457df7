//! Looks at the folder that run ahead of a prompt or before it: where the conversation takes place,
//! and what a prompt stands for that names a slash command or a skill.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::link::session_handle::SessionHandle;
use crate::engine::session::mcp_servers::McpServers;
use crate::engine::session::session_extensions::SessionExtensions;
use crate::engine::work::blocking;
use crate::engine::work::owned_work::Work;
use crate::protocol::{EventKind, Notice, PromptExpansion, Requester, TurnCommand, UserPrompt};
use crate::session::SessionInput;
use crate::workspace::{AgentsFiles, EnvironmentContext};

/// Looks that were begun.
#[derive(Default)]
pub(super) struct LookAhead {
    /// A look at the folder that was begun while a person was writing, and when.
    pub(super) looked: Option<(Instant, JoinHandle<EnvironmentContext>)>,
    /// The instructions that the person was last told of.
    pub(super) guidance: Arc<Mutex<Option<AgentsFiles>>>,
    /// Prompts that are on their way to the session, which later ones must not overtake.
    waiting: usize,
    line: Option<(mpsc::UnboundedSender<(Requester, UserPrompt)>, Work)>,
}

impl LookAhead {
    /// Takes a prompt that has to be expanded, or that came behind one; else hands it back.
    pub(super) fn take_prompt(
        &mut self,
        (asker, prompt): (Requester, UserPrompt),
        (extensions, mcp): (&SessionExtensions, &McpServers),
        link: &SessionHandle,
    ) -> Option<UserPrompt> {
        if self.waiting == 0 && !SessionExtensions::may_be_named(&prompt) {
            return Some(prompt);
        }
        let start = || start(extensions.clone(), mcp.clone(), link.clone());
        let (line, _worker) = self.line.get_or_insert_with(start);
        self.waiting += 1;
        match line.send((asker, prompt)) {
            Ok(()) => None,
            // The worker is gone only if it broke.
            Err(mpsc::error::SendError((_, prompt))) => {
                self.waiting = 0;
                Some(prompt)
            }
        }
    }

    /// Notes that a prompt reached the session.
    pub(super) fn prompt_arrived(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Lets go of prompts that are on their way: the session ends.
    pub(super) fn end(&mut self) {
        self.line = None;
    }
}

/// Expands prompts one after the other.
fn start(
    extensions: SessionExtensions,
    mcp: McpServers,
    link: SessionHandle,
) -> (mpsc::UnboundedSender<(Requester, UserPrompt)>, Work) {
    let (sender, mut prompts) = mpsc::unbounded_channel::<(Requester, UserPrompt)>();
    let work = Work::start(async move {
        while let Some((asker, prompt)) = prompts.recv().await {
            let prompt = match mcp.expand(&prompt.text).await {
                Some(Ok(note)) => with_note(prompt, note),
                Some(Err(why)) => {
                    let message = format!("The prompt of the MCP server cannot be used. {why}");
                    link.emit(EventKind::Notice(Notice { message: message.clone(), next: None }));
                    with_note(
                        prompt,
                        format!("(The user's next message names a prompt. {message}.)"),
                    )
                }
                None => prompt,
            };
            if prompt.expansion.is_some() {
                link.send(SessionInput::Command(Some(asker), TurnCommand::Submit(prompt)));
                continue;
            }
            let (extensions, as_typed) = (extensions.clone(), prompt.clone());
            let expanded = blocking(move || extensions.expand(prompt)).await;
            let (prompt, notices) = expanded.unwrap_or_else(|error| {
                tracing::error!(%error, "a prompt could not be expanded");
                (as_typed, Vec::new())
            });
            notices.into_iter().for_each(|notice| link.emit(EventKind::Notice(notice)));
            link.send(SessionInput::Command(Some(asker), TurnCommand::Submit(prompt)));
        }
    });
    (sender, work)
}

fn with_note(prompt: UserPrompt, note: String) -> UserPrompt {
    let expansion = Some(Box::new(PromptExpansion { note, shell: Vec::new() }));
    UserPrompt { expansion, ..prompt }
}
