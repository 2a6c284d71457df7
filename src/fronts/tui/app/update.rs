//! The effects of each action.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::base::text;
use crate::engine::review::{ReviewAnswer, ReviewTarget};
use crate::protocol::{
    AccountCommand, CatalogueUse, Command, DiffBase, Direction, Effort, ExportTo, KeepFrom,
    ListDepth, ModelName, OpenOptions, Picture, PromptTiming, SessionCommand, SessionId,
    SettingsCommand, TurnCommand, UserPrompt,
};
use crate::tui::app::opening::{self, DueChoice, EarlyChoice};
use crate::tui::app::toast::{Note, Tone};
use crate::tui::app::{App, layout};
use crate::tui::ask::AskStep;
use crate::tui::commands::slash_command::{self, SlashCommand, TypedAction};
use crate::tui::commands::{KeyAction, search_keys};
use crate::tui::conversation::Conversation;
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::{
    ChoiceDialog, Connect, ContextDialog, DiffDialog, GuideDialog, Help, JobsDialog, McpDialog,
    ModelDialog, ModesDialog, Overlay, Palette, QueueDialog, RewindDialog, SessionsDialog,
    StatusDialog, add_guidance, copy_code,
};
use crate::tui::program_facts::Connection;
use crate::tui::requests::{self, Request};
use crate::tui::start::{ScreenEnd, screen_options};
use crate::tui::transcript::{Below, Details};
use crate::tui::wording;

/// The prompt of `/init`.
const INIT: &str = codling_assets::prompts::INIT;

const WHY_AGAIN: &str = "OpenAI no longer accepts this sign-in: sign in again; your prompt is kept";
const WHY_CONNECTING: &str = "Connect the provider of this model to send this; your prompt is kept";
const WHY_SENDING: &str = "Sign in to send this; your prompt is kept";

impl App {
    pub(in crate::tui) fn act(&mut self, action: KeyAction) -> Vec<Cmd> {
        if self.talk.watched.is_some() && !action.only_reads() {
            return self.only_say(Tone::Plain, self.talk.read_only());
        }
        match action {
            KeyAction::Agent => return self.choose(EarlyChoice::OtherAgent),
            KeyAction::Approvals => return self.choose(EarlyChoice::ChooseMode),
            KeyAction::Compact => return self.request(Request::Compact { focus: "" }),
            KeyAction::Connect => {
                self.dialogs.open(Overlay::Connect(Box::new(Connect::new(&self.facts))));
                let kept = AccountCommand::ProviderOffers(CatalogueUse::Kept);
                return [AccountCommand::List, AccountCommand::LocalModels, kept]
                    .map(|command| Cmd::Send(Command::Account(command)))
                    .into();
            }
            KeyAction::Context => {
                self.dialogs.open(Overlay::Context(ContextDialog::default()));
                return vec![Cmd::Send(Command::Turn(
                    self.talk.id().clone(),
                    TurnCommand::Context,
                ))];
            }
            KeyAction::Copy => return self.with_last_answer(Cmd::Copy),
            KeyAction::CopyCode => return self.copy_code(None),
            KeyAction::Detach => return vec![Cmd::Leave(ScreenEnd::Detached, None)],
            KeyAction::Details => self.toggle_details(),
            KeyAction::Diff => return self.show_diff(DiffBase::Head),
            KeyAction::Editor => return self.edit(),
            KeyAction::Exit => return vec![Cmd::Leave(ScreenEnd::Asked, None)],
            KeyAction::Export => {
                let to = ExportTo::Folder(self.conversation_folder());
                return self.request(Request::Export(to));
            }
            KeyAction::Help => self.dialogs.open(Overlay::Help(Help::default())),
            KeyAction::Init => return self.send(INIT.trim().into()),
            KeyAction::Jobs => {
                let dialog = JobsDialog::new(self.talk.id().clone(), &self.talk.session.jobs);
                self.dialogs.open(Overlay::Jobs(dialog));
            }
            KeyAction::Logout => return self.log_out(),
            KeyAction::Mcp => {
                let (id, folder) = (self.talk.id().clone(), self.conversation_folder());
                let dialog = McpDialog::new(id, folder, &self.talk.session.mcp);
                self.dialogs.open(Overlay::Mcp(dialog));
            }
            KeyAction::Mode => return self.choose(EarlyChoice::NextMode),
            KeyAction::Models => return self.choose_model(),
            KeyAction::New => return self.new_conversation(),
            KeyAction::Palette => self.dialogs.open(Overlay::Palette(Palette::new())),
            KeyAction::Picture => {
                if self.is_composing() {
                    self.prompt.attach_clipboard();
                }
            }
            KeyAction::Print => return self.with_last_answer(Cmd::Print),
            KeyAction::Queue => return self.queue(),
            KeyAction::Redo => return self.request(Request::UndoPreview(Direction::Redo)),
            KeyAction::Redraw => return vec![Cmd::Redraw],
            KeyAction::Remember => {
                self.say(Tone::Plain, "Type what to remember after it: `/remember use tabs`")
            }
            KeyAction::Review => return self.review(""),
            KeyAction::Fork => {
                let (id, options) = self.fork_of_this();
                return self.request(Request::Fork(id, options));
            }
            KeyAction::Rename => self.prompt.set(&format!("/rename {}", self.talk.session.title)),
            KeyAction::Rewind => return self.request(Request::Timeline),
            KeyAction::Search => search_keys::begin(self, ""),
            KeyAction::Sessions => {
                let mut dialog =
                    SessionsDialog::new(self.talk.id().clone(), self.new_id, &self.facts);
                let glimpse = dialog.glimpse();
                self.dialogs.open(Overlay::Sessions(dialog));
                return std::iter::once(Cmd::Send(Command::Session(SessionCommand::List(
                    ListDepth::Latest,
                ))))
                .chain(glimpse)
                .collect();
            }
            KeyAction::Skills => {
                let page = GuideDialog::of_skills(self.prompt.extensions());
                self.dialogs.open(Overlay::Guide(Box::new(page)));
                return vec![self.list_extensions()];
            }
            KeyAction::Status => {
                self.dialogs.open(Overlay::Status(StatusDialog::default()));
                return vec![Cmd::Send(Command::Account(AccountCommand::List))];
            }
            KeyAction::Suspend => return vec![Cmd::Suspend],
            KeyAction::Take => {
                let take = SessionCommand::Take(self.talk.id().clone());
                return vec![Cmd::Send(Command::Session(take))];
            }
            KeyAction::Undo => return self.request(Request::UndoPreview(Direction::Undo)),
        }
        Vec::new()
    }

    pub(in crate::tui) fn submit(&mut self) -> Vec<Cmd> {
        let text = self.prompt.composer.text();
        match SlashCommand::parse(&text) {
            Some(command) if self.is_of_a_file(&command) => {}
            Some(SlashCommand::Known(entry, name, rest)) => {
                return match TypedAction::parse(entry, name, rest) {
                    Ok(action) => self.run(action),
                    Err(why) => self.only_say(Tone::Warn, why),
                };
            }
            Some(SlashCommand::Unknown(_)) if self.prompt.awaits_commands() => return Vec::new(),
            Some(SlashCommand::Unknown(name)) => {
                return self.only_say(Tone::Warn, slash_command::unknown(name));
            }
            None => {}
        }
        if self.prompt.is_shell() {
            return self.run_line(&text);
        }
        self.send_typed(PromptTiming::Steer)
    }

    /// Runs a typed command. If it cannot run, says why and leaves it in the composer.
    fn run(&mut self, typed: TypedAction<'_>) -> Vec<Cmd> {
        let may_stay = typed.may_stay();
        if !may_stay {
            self.prompt.clear();
        }
        let cmds = match typed {
            TypedAction::Act(action) => self.act(action),
            TypedAction::Compact { focus } => self.request(Request::Compact { focus }),
            TypedAction::CopyCode(number) => self.copy_code(number),
            TypedAction::Diff(base) => self.show_diff(base),
            TypedAction::Effort(effort) => self.set_effort(effort),
            TypedAction::Export { path } => {
                let (folder, home) = (self.conversation_folder(), &self.facts.start.home);
                let to = slash_command::export_to(path, &folder, home.as_deref());
                self.request(Request::Export(to))
            }
            TypedAction::Guide(words) => {
                match GuideDialog::of(words) {
                    Some(page) => {
                        self.prompt.clear();
                        self.dialogs.open(Overlay::Guide(Box::new(page)));
                    }
                    None => self.say(
                        Tone::Warn,
                        format!(
                            "The guide says nothing about `{words}`: `/help guide` lists its topics"
                        ),
                    ),
                }
                Vec::new()
            }
            TypedAction::Mode(mode) => vec![self.talk.set(SettingsCommand::Mode(mode))],
            TypedAction::Models(words) => match self.facts.named_model(words, &self.provider()) {
                Some((model, effort)) => {
                    vec![self.talk.set(SettingsCommand::Model { model, effort })]
                }
                None => self.search_list(KeyAction::Models, words),
            },
            TypedAction::New(prompt) => {
                let mut cmds = self.new_conversation();
                // Enter would have sent it: where it cannot be, it waits in the composer.
                self.prompt.set(prompt);
                cmds.extend(self.submit());
                cmds
            }
            TypedAction::Queue(prompt) => {
                self.prompt.set(prompt);
                self.act(KeyAction::Queue)
            }
            TypedAction::Remember(line) => {
                let (folder, line) = (self.conversation_folder(), line.to_owned());
                match self.facts.remembers_in {
                    Some(place) => vec![add_guidance(folder, place, line)],
                    None => {
                        let dialog = ChoiceDialog::of_guidance(folder, line);
                        self.dialogs.open(Overlay::Choice(dialog));
                        Vec::new()
                    }
                }
            }
            TypedAction::Rename(title) => self.request(Request::Rename { title }),
            TypedAction::Review(words) => self.review(words),
            TypedAction::Search(words) => {
                search_keys::begin(self, words);
                Vec::new()
            }
            TypedAction::Sessions(words) => self.search_list(KeyAction::Sessions, words),
            TypedAction::Undo(turns) => self.undo_turns(turns),
        };
        if may_stay && !cmds.is_empty() {
            self.prompt.clear();
        }
        cmds
    }

    /// Sets the effort of the model in use.
    fn set_effort(&mut self, effort: &str) -> Vec<Cmd> {
        let Some(settings) = self.talk.settings() else {
            return self
                .only_say(Tone::Plain, "The model in use is not known yet: try again in a moment");
        };
        let model = ModelName::from(settings.model.clone());
        let effort = Some(Effort(effort.to_lowercase()));
        vec![self.talk.set(SettingsCommand::Model { model, effort })]
    }

    /// Makes a choice about the conversation, now or as soon as it is open.
    fn choose(&mut self, choice: EarlyChoice) -> Vec<Cmd> {
        let Some(mode) = self.talk.session_mode() else {
            self.opening.keep(choice);
            return self.only_say(Tone::Plain, opening::KEPT);
        };
        match choice.due(mode) {
            DueChoice::Modes(mode) => {
                let dialog = ModesDialog::new(self.talk.id().clone(), mode);
                self.dialogs.open(Overlay::Modes(dialog));
                Vec::new()
            }
            choice => self.carry_out(choice),
        }
    }

    fn choose_model(&mut self) -> Vec<Cmd> {
        if !self.facts.can_ask_somebody() {
            let why = "Sign in to see the list of models";
            self.dialogs.open(Overlay::Connect(Box::new(Connect::because(why, &self.facts))));
            return Vec::new();
        }
        let dialog = self.model_dialog();
        self.dialogs.open(Overlay::Models(dialog));
        vec![Cmd::Send(Command::Account(AccountCommand::ServerModels))]
    }

    pub(super) fn model_dialog(&self) -> ModelDialog {
        let current = self.talk.settings().cloned();
        ModelDialog::new(self.talk.id().clone(), current, &self.facts)
    }

    /// Opens a list and looks for words in it.
    fn search_list(&mut self, list: KeyAction, words: &str) -> Vec<Cmd> {
        let mut cmds = self.act(list);
        if let Some(dialog @ (Overlay::Models(_) | Overlay::Sessions(_))) = self.dialogs.top_mut() {
            cmds.extend(dialog.paste(words).cmds);
        }
        cmds
    }

    /// Sends the prompt in the composer, which keeps it where it cannot be sent.
    pub(super) fn send_typed(&mut self, timing: PromptTiming) -> Vec<Cmd> {
        self.prompt.attach_mentioned();
        if self.prompt.awaits_pictures(timing) {
            return Vec::new();
        }
        let text = self.prompt.composer.text();
        let images: Vec<Picture> = self.prompt.composer.pictures().flatten().cloned().collect();
        if !images.is_empty()
            && let Some(why) = self.facts.sees_no_pictures(self.talk.model())
        {
            return self.only_say(Tone::Warn, format!("{why}; your prompt is kept"));
        }
        let mut cmds = self.send(UserPrompt { images, timing, ..text.into() });
        if !cmds.is_empty() {
            let text = self.prompt.take();
            cmds.push(Cmd::Send(Command::Session(SessionCommand::Remember(text))));
        }
        cmds
    }

    /// Queues the prompt in the composer for after the running turn; with none, shows the queue.
    fn queue(&mut self) -> Vec<Cmd> {
        let text = self.prompt.composer.text();
        if text.trim().is_empty() {
            self.dialogs.open(Overlay::Queue(QueueDialog::new(&self.talk)));
            return Vec::new();
        }
        let is_prompt = match SlashCommand::parse(&text) {
            Some(command) => self.is_of_a_file(&command),
            None => !self.prompt.is_shell(),
        };
        if !is_prompt {
            return self.only_say(Tone::Warn, "Only a prompt can be queued: enter runs this one");
        }
        self.send_typed(PromptTiming::NextTurn)
    }

    /// Whether a file defines the command: the program's own names come first, their aliases last.
    fn is_of_a_file(&self, command: &SlashCommand<'_>) -> bool {
        match command {
            SlashCommand::Known(entry, name, _) => {
                entry.slash != *name && self.prompt.has_command(name)
            }
            SlashCommand::Unknown(name) => self.prompt.has_command(name),
        }
    }

    /// The list of providers, opened because the model in use cannot be asked.
    pub(super) fn connect_dialog(&self) -> Overlay {
        let provider = self.provider();
        let why = match (self.facts.is_refused(), provider.is_openai()) {
            (true, _) => WHY_AGAIN,
            (false, true) => WHY_SENDING,
            (false, false) => WHY_CONNECTING,
        };
        Overlay::Connect(Box::new(Connect::because(why, &self.facts).at(&provider)))
    }

    /// Sends a prompt if it can be sent; otherwise says what is missing.
    pub(in crate::tui) fn send(&mut self, prompt: UserPrompt) -> Vec<Cmd> {
        if self.connection() == Connection::None {
            self.prompt.await_sign_in();
            let dialog = self.connect_dialog();
            self.dialogs.open(dialog);
            return Vec::new();
        }
        if self.opening.is_pending() {
            return self
                .only_say(Tone::Plain, "The conversation is being opened; your prompt is kept");
        }
        self.toasts.clear();
        self.talk.sent(prompt.text.clone(), self.facts.now);
        vec![Cmd::Send(Command::Turn(self.talk.id().clone(), TurnCommand::Submit(prompt)))]
    }

    /// Runs a shell command of the person.
    fn run_line(&mut self, text: &str) -> Vec<Cmd> {
        let line = text.strip_prefix('!').unwrap_or(text).trim().to_owned();
        if line.is_empty() {
            return Vec::new();
        }
        let mut cmds = self.request(Request::Shell { line });
        if cmds.is_empty() {
            return cmds;
        }
        let text = self.prompt.take();
        self.toasts.clear();
        self.talk.view.follow();
        cmds.push(Cmd::Send(Command::Session(SessionCommand::Remember(text))));
        cmds
    }

    fn edit(&mut self) -> Vec<Cmd> {
        let Some(editor) = self.facts.start.editor.clone() else {
            return self.only_say(
                Tone::Warn,
                "No editor is set: set `VISUAL` or `EDITOR` and start codling again",
            );
        };
        vec![Cmd::Edit { editor, text: self.prompt.composer.text() }]
    }

    pub(in crate::tui) fn edited(&mut self, edited: Result<String, String>) {
        match edited {
            Ok(text) => self.prompt.set(&text),
            Err(why) => self.say(Tone::Warn, text::sentence(&why).into_owned()),
        }
    }

    /// Has changes reviewed, as the words say which; after the running turn, if there is one.
    pub(in crate::tui) fn review(&mut self, words: &str) -> Vec<Cmd> {
        match ReviewTarget::parse(words).prompt(ReviewAnswer::Words) {
            Ok(prompt) => self.send(UserPrompt { timing: PromptTiming::NextTurn, ..prompt }),
            Err(problem) => {
                self.only_say(Tone::Warn, text::sentence(&problem.message).into_owned())
            }
        }
    }

    /// Makes a request to the conversation, or says why not.
    fn request(&mut self, request: Request<'_>) -> Vec<Cmd> {
        let command = request.command(&self.talk, &self.opening);
        self.run_or_say(command.map(Cmd::Send))
    }

    fn run_or_say(&mut self, cmd: Result<Cmd, Note>) -> Vec<Cmd> {
        match cmd {
            Ok(cmd) => vec![cmd],
            Err(Note { tone, words }) => self.only_say(tone, words),
        }
    }

    /// Asks whether to sign out of the provider in use, in the list of providers.
    fn log_out(&mut self) -> Vec<Cmd> {
        let provider = self.provider();
        if self.facts.accounts.as_ref().and_then(|accounts| accounts.of(&provider)).is_none() {
            let name = self.facts.provider_name(&provider);
            return self.only_say(Tone::Plain, format!("Nobody is signed in to {name}"));
        }
        let mut dialog = Connect::new(&self.facts).at(&provider);
        let disconnect = KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL);
        let cmds = dialog.key(&disconnect, &self.facts).cmds;
        self.dialogs.open(Overlay::Connect(Box::new(dialog)));
        cmds
    }

    /// Opens the diff viewer, also while a turn runs.
    pub(in crate::tui) fn show_diff(&mut self, base: DiffBase) -> Vec<Cmd> {
        if self.opening.is_pending() {
            return self
                .only_say(Tone::Plain, "The conversation is being opened: try again in a moment");
        }
        let folder = self.conversation_folder();
        let folder = wording::folder(&folder, self.facts.start.home.as_deref());
        let (dialog, ask) = DiffDialog::new(self.talk.id().clone(), folder, base);
        self.dialogs.open(Overlay::Diff(Box::new(dialog)));
        vec![ask]
    }

    /// Asks for the files of the last turns that changed some.
    pub(in crate::tui) fn undo_turns(&mut self, turns: usize) -> Vec<Cmd> {
        if turns == 1 {
            return self.request(Request::UndoPreview(Direction::Undo));
        }
        let asked = self.request(Request::Timeline);
        if !asked.is_empty() {
            let (id, fork) = (self.talk.id().clone(), self.fork_of_this());
            let dialog = RewindDialog::undoing(id, turns, fork, &self.facts);
            self.dialogs.open(Overlay::Rewind(Box::new(dialog)));
        }
        asked
    }

    /// The id and the options of a copy of the conversation.
    pub(super) fn fork_of_this(&self) -> (SessionId, OpenOptions) {
        let mode = self.talk.session_mode().map(|mode| mode.approval_mode);
        let mode = mode.or(self.facts.start.mode);
        let keep_from = KeepFrom::Start;
        ((self.new_id)(), OpenOptions { mode, keep_from, ..screen_options() })
    }

    /// Handles keys that scroll; returns whether it was one.
    pub(in crate::tui) fn screen_key(&mut self, key: &KeyEvent) -> bool {
        let page = self.page();
        let scrolled_away = self.talk.view.below() != Below::Following;
        match (key.code, key.modifiers) {
            (KeyCode::PageUp, _) => self.scroll(Toward::Start, AskStep::Page),
            (KeyCode::PageDown, _) => self.scroll(Toward::End, AskStep::Page),
            (KeyCode::Home, KeyModifiers::CONTROL) => self.talk.go_to_start(page),
            (KeyCode::End, KeyModifiers::CONTROL) => self.talk.view.follow(),
            (KeyCode::Up, KeyModifiers::NONE)
                if scrolled_away && self.prompt.composer.is_empty() =>
            {
                self.scroll(Toward::Start, AskStep::Rows(1))
            }
            (KeyCode::Down, KeyModifiers::NONE)
                if scrolled_away && self.prompt.composer.is_empty() =>
            {
                self.scroll(Toward::End, AskStep::Rows(1))
            }
            _ => return false,
        }
        true
    }

    /// Scrolls the ask first and then the conversation; backwards in the reverse order.
    pub(in crate::tui) fn scroll(&mut self, toward: Toward, step: AskStep) {
        let reading = toward == Toward::End && self.talk.view.below() != Below::Following;
        if !reading && self.talk.asks.scroll(toward, step) {
            return;
        }
        let rows = match step {
            AskStep::Page => self.page(),
            AskStep::Rows(rows) => rows,
        };
        let height = layout::transcript_area(self).height;
        self.talk.scroll(toward, usize::from(rows), height);
    }

    fn page(&self) -> u16 {
        layout::transcript_area(self).height.saturating_sub(2).max(1)
    }

    /// Shows or hides details; says so only if nothing on screen does.
    fn toggle_details(&mut self) {
        let now = match self.talk.view.toggle_details() {
            Details::Shown | Details::Whole => "Reasoning and tool output will be shown",
            Details::Folded => "Reasoning and tool output will be folded",
        };
        if !self.talk.has_begun() {
            self.say(Tone::Plain, now);
        }
    }

    pub(in crate::tui) fn new_conversation(&mut self) -> Vec<Cmd> {
        let close = SessionCommand::Close(self.talk.id().clone());
        let id = (self.new_id)();
        let open = self.open_session(id.clone());
        self.say_what_ends();
        self.talk = Conversation::new(id);
        vec![Cmd::Send(Command::Session(close)), Cmd::Send(Command::Session(open))]
    }

    /// Warns that running jobs end with their conversation.
    pub(in crate::tui) fn say_what_ends(&mut self) {
        if let Some(jobs) = wording::jobs(&self.talk.session.jobs) {
            self.say(Tone::Warn, format!("Ended with the conversation before: {jobs}"));
        }
    }

    /// Copies a code block of the last answer: the only one, the one with this number (1 is the
    /// newest), or the one that is chosen from a list.
    fn copy_code(&mut self, number: Option<usize>) -> Vec<Cmd> {
        let blocks = requests::code_blocks(&self.talk, number);
        let cmd = match blocks.as_deref() {
            Ok([block]) => Ok(copy_code(block)),
            Ok(blocks) => {
                self.dialogs.open(Overlay::Choice(ChoiceDialog::of_code(blocks)));
                return Vec::new();
            }
            Err(note) => Err(note.clone()),
        };
        self.run_or_say(cmd)
    }

    fn with_last_answer(&mut self, cmd: impl Fn(String) -> Cmd) -> Vec<Cmd> {
        let answer = requests::last_answer(&self.talk).map(str::to_owned);
        self.run_or_say(answer.map(cmd))
    }
}
