//! File mentions: the word after an `@`, and the files that match it.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use crate::base::{Timestamp, text};
use crate::protocol::Completeness;
use crate::tui::composer::Composer;
use crate::tui::fuzzy;

/// How long a list of files stays valid.
const KEPT: Duration = Duration::from_secs(5);
const SHOWN: usize = 8;
/// A longer word is no typed path.
const LONGEST: usize = 200;

#[derive(Debug, Default)]
pub struct Mention {
    files: Arc<[String]>,
    /// Whether the list contains all files of the folder.
    whole: Option<Completeness>,
    asked: Option<Timestamp>,
    state: State,
    /// The byte offset of the `@` of a path that was chosen, which is told once.
    chosen: Option<(usize, String)>,
}

#[derive(Debug, Default)]
enum State {
    /// Esc closed the menu for the `@` at this byte.
    Left(usize),
    #[default]
    Not,
    Open(Search),
}

#[derive(Debug)]
struct Search {
    /// The byte offset of the `@`.
    from: usize,
    typed: String,
    found: Vec<usize>,
    cursor: usize,
    list: List,
}

/// Whether the list was requested for this mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Known,
    Wanted,
}

impl Mention {
    /// Handles a change of the text.
    pub fn changed(&mut self, composer: &Composer) {
        let Some((from, typed)) = word(composer) else { return self.close() };
        let list = match &self.state {
            State::Left(left) if *left == from => return,
            State::Open(search) if search.from == from => search.list,
            _ => List::Wanted,
        };
        let found = fuzzy::best(&self.files, typed, SHOWN);
        self.state = State::Open(Search { from, typed: typed.to_owned(), found, cursor: 0, list });
    }

    /// Handles a move of the caret, which may have left the word.
    pub fn moved(&mut self, composer: &Composer) {
        if matches!(self.state, State::Open(_)) {
            self.changed(composer);
        }
    }

    pub fn close(&mut self) {
        self.state = State::Not;
    }

    /// Handles a key of the menu; returns whether it was one.
    pub fn key(&mut self, key: &KeyEvent, composer: &mut Composer) -> bool {
        let State::Open(search) = &mut self.state else { return false };
        let count = search.found.len();
        let Some(place) = search.found.get(search.cursor).filter(|_| key.modifiers.is_empty())
        else {
            return false;
        };
        match key.code {
            KeyCode::Up => search.cursor = (search.cursor + count - 1) % count,
            KeyCode::Down => search.cursor = (search.cursor + 1) % count,
            KeyCode::Esc => self.state = State::Left(search.from),
            KeyCode::Tab | KeyCode::Enter => {
                if let Some(path) = self.files.get(*place) {
                    composer.complete(search.from, &format!("@{path} "));
                    self.chosen = Some((search.from, path.clone()));
                }
                self.close();
            }
            _ => return false,
        }
        true
    }

    /// Selects a row of the menu, if there is one.
    pub fn point_at(&mut self, row: usize) {
        if let State::Open(search) = &mut self.state {
            search.cursor = row.min(search.found.len().saturating_sub(1));
        }
    }

    /// The path that the last key chose, and the offset of its `@`.
    pub fn take_chosen(&mut self) -> Option<(usize, String)> {
        self.chosen.take()
    }

    /// The matching paths and the index of the selected one; `None` if there is none.
    pub fn shown(&self) -> Option<(impl Iterator<Item = &str>, usize)> {
        let State::Open(search) = &self.state else { return None };
        let paths = search.found.iter().filter_map(|at| self.files.get(*at)).map(String::as_str);
        (!search.found.is_empty() || self.left_out().is_some()).then_some((paths, search.cursor))
    }

    /// A note for a search in a folder with more files than the list holds.
    pub fn left_out(&self) -> Option<String> {
        let searches = matches!(&self.state, State::Open(search) if !search.typed.is_empty() || !search.found.is_empty());
        (searches && self.whole == Some(Completeness::Truncated))
            .then(|| format!("the first {} files only", text::grouped(self.files.len() as u64)))
    }

    /// Whether to request a list now: once for each mention, and not right after one came.
    pub fn wants_files(&mut self, now: Timestamp) -> bool {
        let State::Open(search) = &mut self.state else { return false };
        if std::mem::replace(&mut search.list, List::Known) == List::Known
            || self.asked.is_some_and(|asked| now.since(asked) < KEPT)
        {
            return false;
        }
        self.asked = Some(now);
        true
    }

    pub fn know(&mut self, files: Arc<[String]>, whole: Completeness) {
        self.files = files;
        self.whole = Some(whole);
        if let State::Open(search) = &mut self.state {
            search.found = fuzzy::best(&self.files, &search.typed, SHOWN);
            search.cursor = 0;
        }
    }
}

/// The text after the last `@` that begins a mention, and the offset of that `@`.
pub fn word(composer: &Composer) -> Option<(usize, &str)> {
    let before = composer.before_caret();
    let start = before
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let begins = |at: usize| before[start..at].chars().next_back().is_none_or(leads_to_mention);
    let from =
        before[start..].rmatch_indices('@').map(|(at, _)| start + at).find(|at| begins(*at))?;
    let typed = Some(&before[from + 1..]).filter(|typed| typed.len() <= LONGEST)?;
    Some((from, typed))
}

/// Whether a mention may follow this character without a blank: after an opening bracket, and in
/// scripts without blanks. Not in an e-mail address.
fn leads_to_mention(before: char) -> bool {
    let mut bytes = [0; 4];
    matches!(before, '(' | '[' | '{' | '"' | '\'' | '`')
        || text::width(before.encode_utf8(&mut bytes)) == 2
}
