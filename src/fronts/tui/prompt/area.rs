//! The composer with its prompt history and its menus.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::{Timestamp, text};
use crate::protocol::{
    Completeness, LeftPrompt, McpStatus, OfferedExtensions, PastPicture, PastPrompt, PromptTiming,
    SizedPicture, picture_labels,
};
use crate::tui::commands::KeyAction;
use crate::tui::commands::arguments::ArgumentValue;
use crate::tui::composer::{
    ChipId, ChipOrigin, ChipSource, Composer, FieldForm, FieldReply, PromptRecall,
};
use crate::tui::messages::{Cmd, PictureSource};
use crate::tui::prompt::command_menu::{MenuEntry, OfferedCommandList};
use crate::tui::prompt::dropped;
use crate::tui::prompt::mention::{self, Mention};
use crate::tui::wording;

/// Bytes of a prompt's pictures in base64. Servers take 32 MB in a request, and another codling
/// that holds the conversation 64 MB in a message.
const MOST_PICTURES: usize = 24 << 20;

pub struct PromptArea {
    pub composer: Composer,
    history: PromptRecall,
    /// Prompts sent before the history was loaded.
    early: Vec<PastPrompt>,
    menu: Menu,
    mention: Mention,
    commands: OfferedCommandList,
    /// Values for the command that is being typed.
    arguments: Vec<ArgumentValue>,
    home: Option<PathBuf>,
    /// How many pictures came from the clipboard: each has a name of its own.
    clipboards: u32,
    /// The text that was sent while a picture of it was being read.
    waiting: Option<(String, PromptTiming)>,
    /// The text that was sent without a sign-in, until it is changed.
    unsigned: Option<String>,
    /// The rows of the open menu at its last drawing, and which of them is the first.
    drawn_menu: Cell<(Rect, usize)>,
}

/// The menu of slash commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Menu {
    /// Closed by esc until the text changes.
    Closed,
    Open {
        cursor: usize,
    },
}

/// The effect of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedPrompt {
    Act(KeyAction),
    Ignored,
    Taken,
    /// Enter with a text to send.
    Submit,
}

/// The effect of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptClick {
    Caret,
    Elsewhere,
    /// A row of the menu is selected, which enter chooses.
    Row,
}

impl PromptArea {
    /// `home` is the person's home, which `~` stands for.
    pub fn new(home: Option<PathBuf>) -> Self {
        let mut composer = Composer::new(FieldForm::Multiline);
        composer.set_placeholder("Ask anything, or type / for commands");
        Self {
            composer,
            history: PromptRecall::new(Vec::new()),
            early: Vec::new(),
            menu: Menu::Closed,
            mention: Mention::default(),
            commands: OfferedCommandList::default(),
            arguments: Vec::new(),
            home,
            clipboards: 0,
            waiting: None,
            unsigned: None,
            drawn_menu: Cell::default(),
        }
    }

    /// Keeps in mind that the text is to be sent once somebody is signed in.
    pub fn await_sign_in(&mut self) {
        self.unsigned = Some(self.composer.text()).filter(|text| !text.trim().is_empty());
    }

    /// Whether the text waits for a sign-in, unchanged.
    pub fn awaits_sign_in(&self) -> bool {
        self.unsigned.as_ref().is_some_and(|text| *text == self.composer.text())
    }

    /// Takes the prompts of earlier starts; those sent since follow them.
    pub fn recall(&mut self, entries: Vec<PastPrompt>) {
        self.history = PromptRecall::new(entries);
        for prompt in self.early.drain(..) {
            self.history.push(prompt);
        }
    }

    pub fn key(&mut self, key: &KeyEvent) -> TypedPrompt {
        if let Some(typed) = self.menu_key(key) {
            return typed;
        }
        if self.mention.key(key, &mut self.composer) {
            self.attach_chosen();
            return TypedPrompt::Taken;
        }
        let ends_a_word = key.code == KeyCode::Char(' ') && key.modifiers.is_empty();
        if ends_a_word && self.attach_mentioned() {
            return TypedPrompt::Taken;
        }
        if key.code == KeyCode::Enter && key.modifiers.is_empty() {
            return if self.composer.text().trim().is_empty() {
                TypedPrompt::Taken
            } else {
                TypedPrompt::Submit
            };
        }
        match self.composer.key_with_history(*key, &mut self.history) {
            FieldReply::Ignored => TypedPrompt::Ignored,
            FieldReply::Moved => {
                self.mention.moved(&self.composer);
                TypedPrompt::Taken
            }
            FieldReply::Changed => {
                self.changed();
                // Up and down continue through the history, so no menu must take them.
                if matches!(key.code, KeyCode::Up | KeyCode::Down) {
                    self.mention.close();
                }
                TypedPrompt::Taken
            }
        }
    }

    /// Records where the rows of the open menu are drawn, and which of them is the first.
    pub fn menu_drawn(&self, rows: Rect, first: usize) {
        self.drawn_menu.set((rows, first));
    }

    /// Selects the row of the open menu in a cell of the screen, or puts the caret there.
    pub fn click(&mut self, at: Position) -> PromptClick {
        let (rows, first) = self.drawn_menu.get();
        let row = first + usize::from(at.y.saturating_sub(rows.y));
        if self.has_menu() && rows.contains(at) {
            if let Menu::Open { cursor } = &mut self.menu {
                *cursor = row;
            }
            self.mention.point_at(row);
            return PromptClick::Row;
        }
        if self.composer.click(at) {
            self.mention.moved(&self.composer);
            return PromptClick::Caret;
        }
        PromptClick::Elsewhere
    }

    /// Takes a paste. Paths of pictures become pictures.
    pub fn paste(&mut self, text: &str) {
        let found = match self.is_shell() {
            true => Vec::new(),
            false => dropped::pictures(text, self.home.as_deref()),
        };
        if found.is_empty() {
            self.composer.paste(text);
        }
        for it in found {
            self.composer.attach(self.composer.caret(), ChipSource::file(&it.path, it.pasted));
        }
        self.changed();
    }

    /// Puts a picture in that will be read from the clipboard.
    pub fn attach_clipboard(&mut self) {
        self.clipboards += 1;
        let name = match self.clipboards {
            1 => "clipboard".into(),
            count => format!("clipboard {count}"),
        };
        let source = ChipSource { name, origin: ChipOrigin::Clipboard, instead: String::new() };
        self.composer.attach(self.composer.caret(), source);
        self.changed();
    }

    /// Makes a picture of the mention that the caret stands behind; `false` where it is none.
    pub fn attach_mentioned(&mut self) -> bool {
        let Some((from, path)) = mention::word(&self.composer) else { return false };
        let path = path.to_owned();
        !self.is_shell() && self.attach_mention(from, &path)
    }

    /// Makes a picture of the path that was chosen in the menu.
    fn attach_chosen(&mut self) {
        if let Some((from, path)) = self.mention.take_chosen() {
            self.attach_mention(from, &path);
        }
    }

    fn attach_mention(&mut self, from: usize, path: &str) -> bool {
        if !dropped::is_picture(path) {
            return false;
        }
        let file = dropped::at_home(path, self.home.as_deref());
        self.composer.attach(from, ChipSource::file(&file, format!("@{path}")));
        self.mention.close();
        true
    }

    /// Has pictures read that were attached since, files of a relative path in this folder. Where
    /// `blind` says why the model sees none, they are refused.
    pub fn read_pictures(
        &mut self,
        folder: &Path,
        blind: impl Fn() -> Option<String>,
    ) -> (Vec<Cmd>, Option<String>) {
        let (mut reads, mut refusal) = (Vec::new(), None);
        for (id, ChipSource { origin, .. }) in self.composer.take_unread() {
            let source = match (blind(), origin) {
                (Some(why), _) => Err(why),
                (None, ChipOrigin::Clipboard) => Ok(PictureSource::Clipboard),
                (None, ChipOrigin::File(path)) => {
                    Ok(PictureSource::File { folder: folder.to_owned(), path })
                }
                (None, ChipOrigin::Gone) => Err(wording::GONE_PICTURE.to_owned()),
            };
            match source {
                Ok(source) => reads.push(Cmd::ReadPicture(id, source)),
                Err(why) => refusal = self.refuse(id, &why).or(refusal),
            }
        }
        (reads, refusal)
    }

    /// Takes a picture that was read, or why it was not. Returns when to send the prompt if it
    /// waited for this picture alone.
    ///
    /// # Errors
    ///
    /// Says why the picture is not in the prompt any more.
    pub fn take_picture(
        &mut self,
        id: ChipId,
        read: Result<SizedPicture, String>,
    ) -> Result<Option<PromptTiming>, String> {
        let refusal = match read {
            Ok(picture) => {
                if !self.composer.fill(id, picture) {
                    return Ok(None);
                }
                let pictures = self.composer.pictures().flatten();
                if pictures.map(|picture| picture.data.len()).sum::<usize>() <= MOST_PICTURES {
                    return Ok(self.take_enter_for_pictures());
                }
                self.refuse(id, wording::TOO_MANY_PICTURES)
            }
            Err(why) => self.refuse(id, &why),
        };
        refusal.map_or(Ok(None), Err)
    }

    /// Puts text in the place of a picture that cannot be sent; returns the reason for the person,
    /// unless it is gone already.
    fn refuse(&mut self, id: ChipId, why: &str) -> Option<String> {
        let walking = self.history.is_at(self.composer.shown());
        self.waiting = None;
        let was_there = self.composer.refuse(id);
        if walking {
            self.history.settle(self.composer.shown());
        }
        was_there.then(|| text::clean_line(why).into_owned())
    }

    /// Whether the prompt has to wait until its pictures are read.
    pub fn awaits_pictures(&mut self, timing: PromptTiming) -> bool {
        let waits = self.composer.pictures().any(|picture| picture.is_none());
        self.waiting = waits.then(|| (self.composer.shown().to_owned(), timing));
        waits
    }

    /// Whether this prompt waited for pictures, and is sent now.
    fn take_enter_for_pictures(&mut self) -> Option<PromptTiming> {
        if self.composer.pictures().any(|picture| picture.is_none()) {
            return None;
        }
        let (waiting, timing) = self.waiting.take()?;
        (waiting == self.composer.shown()).then_some(timing)
    }

    /// Takes the text and adds it to the history.
    pub fn take(&mut self) -> PastPrompt {
        self.unsigned = None;
        let prompt = self.composer.take();
        self.history.push(prompt.clone());
        self.early.push(prompt.clone());
        self.menu = Menu::Closed;
        self.mention.close();
        prompt
    }

    /// Returns a prompt that was left by going back: its pictures stand where their labels are.
    pub fn give_back_left(&mut self, left: LeftPrompt) {
        let mut prompt = self.history.find(&left.text);
        if prompt.text == left.text && prompt.pictures.iter().all(|it| it.picture.is_none()) {
            let labels = picture_labels(&prompt.text).into_iter().zip(left.images);
            let picture =
                |(label, picture)| PastPicture { label, path: None, picture: Some(picture) };
            prompt.pictures = labels.map(picture).collect();
        }
        self.put_back(&prompt);
    }

    /// Returns a text that could not be sent, with its pictures, in front of anything typed since.
    pub fn give_back(&mut self, text: &str) {
        self.put_back(&self.history.find(text));
    }

    fn put_back(&mut self, prompt: &PastPrompt) {
        if self.composer.text().trim().is_empty() {
            self.composer.set_folded(prompt);
        } else {
            self.composer.put_before(prompt);
        }
    }

    /// Whether it is a shell command of the person, marked by a leading `!`.
    pub fn is_shell(&self) -> bool {
        self.composer.shown().starts_with('!')
    }

    /// Replaces the text, for example by the editor's; labels in it stand for their pictures.
    pub fn set(&mut self, text: &str) {
        self.composer.set_edited(text);
        self.menu = Menu::Closed;
        self.mention.close();
    }

    pub fn clear(&mut self) {
        self.composer.clear();
        self.menu = Menu::Closed;
        self.mention.close();
    }

    /// The commands to show, and the index of the selected one.
    pub fn menu(&self) -> Option<(Vec<MenuEntry<'_>>, usize)> {
        let Menu::Open { cursor } = self.menu else { return None };
        let typed = self.composer.shown().strip_prefix('/')?;
        let found = match typed.split_once(' ') {
            Some((_, typed)) => self.values(typed),
            None if typed.contains(char::is_whitespace) => Vec::new(),
            None => self.commands.matching(typed),
        };
        (!found.is_empty()).then(|| {
            let cursor = cursor.min(found.len() - 1);
            (found, cursor)
        })
    }

    /// The values that begin with what is typed after the command; if there are none, those that
    /// contain it.
    fn values(&self, typed: &str) -> Vec<MenuEntry<'_>> {
        let typed = typed.to_lowercase();
        let fitting = |fits: &dyn Fn(&str) -> bool| {
            let fits = |value: &&ArgumentValue| fits(&value.value.to_lowercase());
            self.arguments.iter().filter(fits).map(MenuEntry::Value).collect::<Vec<_>>()
        };
        let beginning = fitting(&|value| value.starts_with(&typed));
        if beginning.is_empty() { fitting(&|value| value.contains(&typed)) } else { beginning }
    }

    pub fn know_arguments(&mut self, values: Vec<ArgumentValue>) {
        self.arguments = values;
    }

    /// The files to show, and the index of the selected one.
    pub fn files(&self) -> Option<(impl Iterator<Item = &str>, usize)> {
        self.mention.shown()
    }

    /// A note on files that are missing from the list.
    pub fn files_left_out(&self) -> Option<String> {
        self.mention.left_out()
    }

    /// Whether a menu takes tab.
    pub fn has_menu(&self) -> bool {
        self.menu().is_some() || self.files().is_some()
    }

    /// Whether to request the folder's files now.
    pub fn wants_files(&mut self, now: Timestamp) -> bool {
        self.mention.wants_files(now)
    }

    /// Whether to request the commands of files now.
    pub fn wants_commands(&mut self, now: Timestamp) -> bool {
        self.composer.shown().starts_with('/') && self.commands.is_wanted(now)
    }

    pub fn know_extensions(&mut self, list: Arc<OfferedExtensions>) {
        self.commands.know(list);
    }

    /// Whether enter has to wait for the commands of files.
    pub fn awaits_commands(&mut self) -> bool {
        self.commands.wait(self.composer.text())
    }

    /// Whether enter was pressed on this prompt too early, and counts now.
    pub fn take_awaited_enter(&mut self) -> bool {
        self.commands.take_waiting(&self.composer.text())
    }

    pub fn know_servers(&mut self, servers: &[McpStatus]) {
        self.commands.of_servers = servers.iter().flat_map(McpStatus::commands).collect();
    }

    /// The commands and skills of files, as they were listed last.
    pub fn extensions(&self) -> &OfferedExtensions {
        &self.commands.list
    }

    /// Whether a name is that of a file's command.
    pub fn has_command(&self, name: &str) -> bool {
        self.commands.has(name)
    }

    pub fn know_files(&mut self, files: Arc<[String]>, whole: Completeness) {
        self.mention.know(files, whole);
    }

    fn menu_key(&mut self, key: &KeyEvent) -> Option<TypedPrompt> {
        let (found, cursor) = self.menu()?;
        let count = found.len();
        if let MenuEntry::Value(value) = found[cursor] {
            let value = value.value.clone();
            return self.value_key(key, &value, (cursor, count));
        }
        let (action, name, hint) = match found[cursor] {
            MenuEntry::BuiltIn(entry) => (Some(entry.action), entry.slash.to_owned(), false),
            MenuEntry::Offered(command) => (None, command.name.clone(), command.hint.is_some()),
            MenuEntry::Value(_) => return None,
        };
        match key.code {
            KeyCode::Up => self.menu = Menu::Open { cursor: (cursor + count - 1) % count },
            KeyCode::Down => self.menu = Menu::Open { cursor: (cursor + 1) % count },
            KeyCode::Esc => self.menu = Menu::Closed,
            KeyCode::Tab => {
                self.composer.set(&format!("/{name}"));
                self.menu = Menu::Open { cursor: 0 };
            }
            KeyCode::Enter if key.modifiers.is_empty() => {
                let Some(action) = action else {
                    let is_whole = self.composer.shown() == format!("/{name}");
                    if hint && !is_whole {
                        self.composer.set(&format!("/{name} "));
                        return Some(TypedPrompt::Taken);
                    }
                    self.composer.set(&format!("/{name}"));
                    return Some(TypedPrompt::Submit);
                };
                self.clear();
                return Some(TypedPrompt::Act(action));
            }
            _ => return None,
        }
        Some(TypedPrompt::Taken)
    }

    /// Handles a key while values for a command are shown.
    fn value_key(
        &mut self,
        key: &KeyEvent,
        value: &str,
        (cursor, count): (usize, usize),
    ) -> Option<TypedPrompt> {
        let shown = self.composer.shown();
        let whole = format!("{} {value}", shown.split(' ').next().unwrap_or_default());
        match key.code {
            KeyCode::Up => self.menu = Menu::Open { cursor: (cursor + count - 1) % count },
            KeyCode::Down => self.menu = Menu::Open { cursor: (cursor + 1) % count },
            KeyCode::Esc => self.menu = Menu::Closed,
            KeyCode::Tab => {
                self.composer.set(&format!("{whole} "));
                self.menu = Menu::Open { cursor: 0 };
            }
            KeyCode::Enter if key.modifiers.is_empty() => {
                self.composer.set(&whole);
                return Some(TypedPrompt::Submit);
            }
            _ => return None,
        }
        Some(TypedPrompt::Taken)
    }

    fn changed(&mut self) {
        if self.is_shell() {
            self.mention.close();
        } else {
            self.mention.changed(&self.composer);
        }
        self.menu = if self.composer.shown().starts_with('/') {
            Menu::Open { cursor: 0 }
        } else {
            Menu::Closed
        };
    }
}
