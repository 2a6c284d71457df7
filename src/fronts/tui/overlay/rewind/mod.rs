//! The timeline: the prompts of the conversation, newest first, and what goes back to before one.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{
    Command, ForkPoint, GoBackPart, OpenOptions, SessionCommand, SessionId, TimelineTurn,
    TurnCommand, TurnId,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::picker::{Picked, Picker, PickerRow};
use crate::tui::program_facts::Facts;
use crate::tui::wording;

/// The largest width in columns.
const WIDTH: u16 = 90;

#[derive(Debug)]
pub struct RewindDialog {
    session: SessionId,
    /// The id and the options of a conversation that begins here.
    fork: (SessionId, OpenOptions),
    turns: Vec<TimelineTurn>,
    picker: Picker<TurnId>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The timeline was asked for, to take the files of this many turns back.
    Coming(usize),
    Timeline,
    /// The turn is chosen, and what goes back is not.
    Choosing(TurnId, Picker<GoBackWay>),
    /// The engine looks at the files.
    Waiting(TurnId, GoBackWay),
}

/// The part of a conversation that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoBackWay {
    Both,
    Files,
    /// Nothing goes back: a new conversation begins at that point.
    Fork,
    Words,
}

impl RewindDialog {
    /// Shows the turns, which are given oldest first.
    pub fn new(
        session: SessionId,
        turns: Vec<TimelineTurn>,
        fork: (SessionId, OpenOptions),
        facts: &Facts,
    ) -> Self {
        let row = |turn: &TimelineTurn| PickerRow {
            note: files(turn.files).unwrap_or_default(),
            tail: turn
                .began
                .map(|began| wording::local(began, facts.now, &facts.zone))
                .unwrap_or_default(),
            ..PickerRow::new(turn.turn, text::clean_line(&turn.prompt))
        };
        let rows = turns.iter().rev().map(row).collect();
        let picker = Picker::new("Search your prompts", rows);
        Self { session, fork, turns, picker, state: State::Timeline }
    }

    /// Takes the files of this many turns back, once it knows the timeline.
    pub fn undoing(
        session: SessionId,
        turns: usize,
        fork: (SessionId, OpenOptions),
        facts: &Facts,
    ) -> Self {
        let state = State::Coming(turns);
        Self { state, ..Self::new(session, Vec::new(), fork, facts) }
    }

    /// Takes the timeline that it waits for and asks for the files. `Err` says why there are none;
    /// `None` if it does not wait for one.
    pub fn know_turns(&mut self, turns: &[TimelineTurn]) -> Option<Result<Vec<Cmd>, String>> {
        let State::Coming(wanted) = self.state else { return None };
        let changed: Vec<_> = turns.iter().rev().filter(|turn| turn.files > 0).collect();
        Some(match (changed.get(wanted - 1), changed.len()) {
            (Some(turn), _) => Ok(self.go(turn.turn, GoBackWay::Files).cmds),
            (None, 0) => Err("There is nothing to undo: no turn has changed files".into()),
            (None, 1) => Err("Only one turn has changed files: `/undo` takes it back".into()),
            (None, many) => Err(format!("Only {many} turns have changed files: `/undo {many}`")),
        })
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match &mut self.state {
            State::Timeline => match (key.code, self.picker.key(key)) {
                (KeyCode::Esc, _) => return DialogReply::close(),
                (_, Picked::Chosen) => {
                    let chosen = self.picker.current().map(|row| row.value);
                    if let Some(turn) = chosen {
                        self.state = State::Choosing(turn, self.ways(turn));
                    }
                }
                _ => {}
            },
            State::Choosing(turn, ways) => match (key.code, ways.key(key)) {
                (KeyCode::Esc, _) => self.state = State::Timeline,
                (_, Picked::Chosen) => {
                    let (turn, way) = (*turn, ways.current().map(|row| row.value));
                    return way.map_or_else(DialogReply::stay, |way| self.go(turn, way));
                }
                _ => {}
            },
            State::Coming(_) | State::Waiting(..) if key.code == KeyCode::Esc => {
                return DialogReply::close();
            }
            State::Coming(_) | State::Waiting(..) => {}
        }
        DialogReply::stay()
    }

    /// Lists what can be done at a turn: files are offered where one was changed in it or since.
    fn ways(&self, turn: TurnId) -> Picker<GoBackWay> {
        let row = |way, title: &str, note: &str| PickerRow {
            note: note.to_owned(),
            ..PickerRow::new(way, title)
        };
        let since = self.turns.iter().filter(|it| it.turn >= turn);
        let has_files = since.map(|it| it.files).sum::<usize>() > 0;
        let mut rows = Vec::new();
        if has_files {
            rows.push(row(GoBackWay::Both, "Conversation and files", "shows the files first"));
        }
        rows.push(row(GoBackWay::Words, "Conversation", "files stay as they are"));
        if has_files {
            rows.push(row(GoBackWay::Files, "Files", "the conversation stays"));
        }
        rows.push(row(GoBackWay::Fork, "New conversation from there", "this one stays as it is"));
        Picker::new("Search", rows)
    }

    fn go(&mut self, before: TurnId, way: GoBackWay) -> DialogReply {
        let send = |command| Cmd::Send(Command::Turn(self.session.clone(), command));
        match way {
            GoBackWay::Both | GoBackWay::Files => {
                let preview = send(TurnCommand::PreviewGoBack(before));
                self.state = State::Waiting(before, way);
                DialogReply::run([preview])
            }
            GoBackWay::Words => {
                let go_back = TurnCommand::GoBack { before, part: GoBackPart::Words };
                DialogReply::finish([send(go_back)])
            }
            GoBackWay::Fork => {
                let (id, options) = self.fork.clone();
                let (from, at) = (self.session.clone(), ForkPoint::Before(before));
                let fork = Command::Session(SessionCommand::Fork { from, id, at, options });
                DialogReply::finish([Cmd::Send(fork)])
            }
        }
    }

    /// The turn and the choice that the engine looks at the files for.
    pub fn waits_for(&self) -> Option<(TurnId, GoBackWay)> {
        if let State::Waiting(turn, way) = self.state { Some((turn, way)) } else { None }
    }

    pub fn paste(&mut self, pasted: &str) {
        if let State::Timeline = self.state {
            self.picker.paste(pasted);
        }
    }

    /// Selects the row in a cell of the screen; `true` if it is to be chosen, too: what a
    /// conversation goes back with is chosen by a key.
    pub fn click(&mut self, at: Position) -> bool {
        match &mut self.state {
            State::Timeline => self.picker.click(at),
            State::Choosing(_, ways) => {
                ways.click(at);
                false
            }
            State::Coming(_) | State::Waiting(..) => false,
        }
    }

    pub fn wheel(&mut self, toward: Toward) {
        match &mut self.state {
            State::Timeline => self.picker.jump(toward.step()),
            State::Choosing(_, ways) => ways.jump(toward.step()),
            State::Coming(_) | State::Waiting(..) => {}
        }
    }

    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let width = WIDTH.min(area.width.saturating_sub(6));
        let (title, hint, height) = match &self.state {
            State::Timeline => {
                ("Go back to before a prompt", "esc close", self.picker.height() + 2)
            }
            State::Choosing(_, ways) => ("What goes back?", "esc back", ways.height() + 4),
            State::Coming(_) | State::Waiting(..) => ("Looking at the files", "esc close", 2),
        };
        let room = panel::dialog(title, hint, (width, height), area, canvas);
        match &self.state {
            State::Timeline => {
                let keys = panel::keys(&[("enter", "choose"), ("esc", "close")]);
                let list = panel::footer(&keys, room, canvas);
                let list = Rect { height: list.height.saturating_sub(1), ..list };
                self.picker.draw(list, canvas)
            }
            State::Choosing(turn, ways) => {
                let keys = panel::keys(&[("enter", "go back"), ("esc", "back")]);
                let rest = panel::footer(&keys, room, canvas);
                let columns = usize::from(room.width);
                let prompt = self.turns.iter().find(|it| it.turn == *turn);
                let prompt = prompt.map(|it| text::clean_line(&it.prompt)).unwrap_or_default();
                let quoted = format!("“{}”", text::cut(&prompt, columns.saturating_sub(2)));
                panel::write(&[Span::new(quoted, Role::User)], rest, rest.y, canvas);
                let list = Rect { y: rest.y + 2, height: rest.height.saturating_sub(3), ..rest };
                ways.draw(list, canvas)
            }
            State::Coming(_) | State::Waiting(..) => room.as_position(),
        }
    }
}

/// `2 files`; `None` for none.
fn files(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 file".into()),
        many => Some(format!("{many} files")),
    }
}
