//! Requests of a person to the conversation on screen: the command that each becomes, or the note
//! that says why it cannot be done now.

use crate::base::{phrases, text};
use crate::protocol::{
    Command, Direction, ExportTo, ForkPoint, OpenOptions, SessionCommand, SessionId,
    SessionSelector, TurnCommand,
};
use crate::tui::app::opening::Opening;
use crate::tui::app::toast::Note;
use crate::tui::commands::{self, KeyAction};
use crate::tui::conversation::Conversation;
use crate::tui::paint::markdown::{self, WrittenCode};

#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// Sum the conversation up; the summary must keep the focus.
    Compact {
        focus: &'a str,
    },
    Export(ExportTo),
    /// Open a copy with this id.
    Fork(SessionId, OpenOptions),
    Rename {
        title: &'a str,
    },
    /// Run a shell command of the person.
    Shell {
        line: String,
    },
    /// List the prompts that the conversation can go back to before.
    Timeline,
    /// Preview an undo or redo.
    UndoPreview(Direction),
}

impl Request<'_> {
    /// The command to the engine.
    ///
    /// # Errors
    ///
    /// Says why it cannot be done now.
    pub fn command(self, talk: &Conversation, opening: &Opening) -> Result<Command, Note> {
        let turn = |command| Command::Turn(talk.id().clone(), command);
        Ok(match self {
            Self::Compact { focus } => {
                if !talk.has_begun() {
                    return Err(Note::plain("There is nothing to summarize yet"));
                }
                must_be_free(talk, opening, "summarize")?;
                turn(TurnCommand::Compact { focus: focus.to_owned() })
            }
            Self::Export(to) => {
                if !talk.is_kept() {
                    return Err(Note::plain("There is nothing to export yet"));
                }
                let which = SessionSelector::Named(talk.id().as_str().to_owned());
                Command::Session(SessionCommand::Export { which, to })
            }
            Self::Fork(id, options) => {
                if !talk.is_kept() {
                    return Err(Note::plain("There is nothing to copy yet"));
                }
                must_be_free(talk, opening, "copy the conversation")?;
                let (from, at) = (talk.id().clone(), ForkPoint::End);
                Command::Session(SessionCommand::Fork { from, id, at, options })
            }
            Self::Rename { title } => {
                let title = text::clean_line(title).into_owned();
                Command::Session(SessionCommand::Rename { id: talk.id().clone(), title })
            }
            Self::Shell { line } => {
                must_be_free(talk, opening, "run a command")?;
                turn(TurnCommand::Shell { line })
            }
            Self::Timeline => {
                must_be_free(talk, opening, "go back")?;
                turn(TurnCommand::Timeline)
            }
            Self::UndoPreview(direction) => {
                let what = match direction {
                    Direction::Redo => "redo",
                    Direction::Undo => "undo",
                };
                must_be_free(talk, opening, what)?;
                turn(TurnCommand::PreviewUndo { direction, turn: None })
            }
        })
    }
}

/// Says if the conversation is not open yet, or works.
fn must_be_free(talk: &Conversation, opening: &Opening, what: &str) -> Result<(), Note> {
    if opening.is_pending() {
        let words = format!("The conversation is being opened: wait a moment, then {what}");
        return Err(Note::plain(words));
    }
    if talk.busy().is_some() {
        return Err(Note::warning(format!(
            "Not while a turn is running: wait for it to end, or press `ctrl+c` to interrupt it, then {what}"
        )));
    }
    Ok(())
}

/// The last answer of the conversation.
///
/// # Errors
///
/// Says that there is none yet.
pub fn last_answer(talk: &Conversation) -> Result<&str, Note> {
    talk.session.transcript.last_answer().ok_or_else(|| Note::plain("There is no answer yet"))
}

/// The code block of the last answer with this number (1 is the newest); without a number all of
/// them, the newest first.
///
/// # Errors
///
/// Says that there is no such block.
pub fn code_blocks(talk: &Conversation, number: Option<usize>) -> Result<Vec<WrittenCode>, Note> {
    let mut blocks = markdown::code_blocks(last_answer(talk)?);
    blocks.reverse();
    let count = blocks.len();
    if count == 0 {
        let whole = commands::key_of(KeyAction::Copy);
        return Err(Note::plain(format!(
            "The last answer has no code block: `{whole}` copies the whole answer"
        )));
    }
    let Some(number) = number else { return Ok(blocks) };
    let block = blocks.into_iter().nth(number.saturating_sub(1));
    block.map(|block| vec![block]).ok_or_else(|| {
        let blocks = phrases::count(count as u64, "code block");
        Note::warning(format!("The last answer has {blocks}; 1 is the newest"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::base::text::says;
    use crate::tui::app::opening::EarlyChoice;
    use crate::tui::start::Beginning;

    fn note(request: Request<'_>, talk: &Conversation, opening: &Opening) -> String {
        request.command(talk, opening).map_or_else(|note| note.words, |_| String::new())
    }

    #[test]
    fn a_request_waits_for_the_conversation_to_be_open_and_idle() {
        let mut talk = Conversation::new("ses_1".into());
        let mut opening = Opening::new(&Beginning::New);
        assert_eq!(note(Request::Timeline, &talk, &opening), "");
        opening.keep(EarlyChoice::NextMode);
        let words = note(Request::UndoPreview(Direction::Redo), &talk, &opening);
        assert!(says(&words, "wait … then redo"), "{words}");
        opening.forget();
        talk.sent("fix it".to_owned(), Timestamp(0));
        let words = note(Request::Shell { line: "make".to_owned() }, &talk, &opening);
        assert!(says(&words, "Not while … running"), "{words}");
    }

    #[test]
    fn an_empty_conversation_has_nothing_to_sum_up_to_keep_or_to_copy() {
        let (talk, opening) = (Conversation::new("ses_1".into()), Opening::new(&Beginning::New));
        for (request, words) in [
            (Request::Compact { focus: "" }, "to summarize"),
            (Request::Export(ExportTo::Folder("/".into())), "to export"),
            (Request::Fork("ses_2".into(), OpenOptions::default()), "to copy"),
        ] {
            let note = note(request, &talk, &opening);
            assert!(says(&note, &format!("nothing … {words}")), "{note}");
        }
        assert!(last_answer(&talk).is_err() && code_blocks(&talk, None).is_err());
    }
}
