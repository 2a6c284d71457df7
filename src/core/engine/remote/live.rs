//! Open sessions as another program sees them that joins none: each one's socket tells what it
//! does and what waits for a person there, takes an answer, and has it stop.

use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::text::clean_line;
use crate::protocol::{
    Ask, LiveState, Problem, ProblemKind, PromptPlace, Reply, SessionId, Unjoined,
};

#[cfg(unix)]
use super::frames::{self, LONGEST_ASK, LONGEST_NEWS};
use super::live_text;
use super::rendezvous::{self, SUFFIX, folder, name};
#[cfg(unix)]
use super::words::RemoteReply;
use super::words::{HeldAsks, LiveOrder};

/// The answers of programs that have sessions open, by session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAnswers<T> {
    /// The answers of those that did.
    pub answered: Vec<T>,
    /// Sessions whose program did not answer, and why.
    pub silent: Vec<(SessionId, Unjoined)>,
}

impl<T> LiveAnswers<T> {
    fn none() -> Self {
        Self { answered: Vec::new(), silent: Vec::new() }
    }

    /// The same with other answers, less those that are dropped.
    pub(crate) fn filter_map<U>(self, of: impl FnMut(T) -> Option<U>) -> LiveAnswers<U> {
        let answered = self.answered.into_iter().filter_map(of).collect();
        LiveAnswers { answered, silent: self.silent }
    }
}

/// The result of stopping a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its turn is being interrupted.
    Turn,
    /// No turn was in progress.
    Nothing,
}

/// The states of all sessions that programs with this folder for state have open, or of those whose
/// id has this part; those that work for another one are left out. Blocks, two seconds at the most
/// for each.
///
/// # Errors
///
/// The folder cannot be read, or the system has no such sockets.
pub fn sessions(state: &Path, part: Option<&str>) -> io::Result<LiveAnswers<LiveState>> {
    let told = ask_each(state, part, |folder, id| text(folder, id, "state"))?;
    Ok(told.filter_map(|(_, text)| live_text::read(&text).filter(|it| it.parent.is_none())))
}

/// An ask that waits for a person in an open session.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedAsk {
    /// `3f9a01c2:7d21e0`: the end of the session's id, and a mark made of the ask and all that it
    /// shows. Where two asks of one list had the same mark, both have longer ones.
    pub name: String,
    /// The session that is open: the one that asks, or the one that this works for.
    pub held: SessionId,
    /// The session in which it is answered.
    pub session: SessionId,
    /// The title of the open session, in one line; may be empty.
    pub title: String,
    /// Its folder, for people.
    pub folder: String,
    /// The approval or the question.
    pub ask: Ask,
}

/// A person's answer to an ask; none of them holds for more than this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AskAnswer {
    /// The call may run, this once.
    Once,
    /// It may not.
    No,
    /// It may not, with words for the model.
    NoBecause(String),
    /// The answer to a question.
    Words(String),
}

/// The asks that wait in sessions that programs with this folder for state have open. Blocks, two
/// seconds at the most for each.
///
/// # Errors
///
/// The folder cannot be read.
pub fn asks(state: &Path) -> io::Result<LiveAnswers<ListedAsk>> {
    let LiveAnswers { answered, silent } = ask_each(state, None, held_asks)?;
    let answered = answered.into_iter().flat_map(|(held, HeldAsks { title, folder, asks })| {
        asks.into_iter().map(move |(session, ask)| ListedAsk {
            name: String::new(),
            held: held.clone(),
            session,
            title: clean_line(&title).into_owned(),
            folder: clean_line(&folder).into_owned(),
            ask,
        })
    });
    let mut answered: Vec<ListedAsk> = answered.collect();
    let marks = answered.iter().map(|asked| mark(&asked.session, &asked.ask)).collect();
    for (asked, mark) in answered.iter_mut().zip(told_apart(marks)) {
        asked.name = format!("{}:{mark}", last(asked.session.as_str()));
    }
    Ok(LiveAnswers { answered, silent })
}

/// Answers an ask; `screen` names who did. Blocks, two seconds at the most.
///
/// # Errors
///
/// Fails with `ProblemKind::Resolved` where it waits no more, and where its program is not reached.
pub fn answer(
    state: &Path,
    asked: &ListedAsk,
    answer: AskAnswer,
    screen: &str,
) -> Result<(), Problem> {
    let order = LiveOrder::Answer(asked.session.clone(), asked.ask.id(), answer);
    let next = "`codling asks list` shows what waits";
    send(&folder(state), &asked.held, &order, screen, next).map(drop)
}

/// Queues a prompt in an open session for after its running turn; begins a turn where none runs.
/// `screen` names who did. Blocks, two seconds at the most.
///
/// # Errors
///
/// Fails where its program is not reached.
pub fn queue(
    state: &Path,
    session: &SessionId,
    text: String,
    screen: &str,
) -> Result<Option<PromptPlace>, Problem> {
    let order = LiveOrder::Queue(session.clone(), text);
    let next = "`codling sessions list --running` lists the conversations that are open";
    match send(&folder(state), session, &order, screen, next)? {
        Reply::Submitted(place) => Ok(Some(place)),
        _ => Ok(None),
    }
}

/// Letters of a session's id in the name of an ask.
const PART: usize = 8;

/// The last letters of an id, in which sessions of one time differ.
fn last(id: &str) -> &str {
    id.char_indices().rev().nth(PART - 1).map_or(id, |(at, _)| &id[at..])
}

/// Sixteen digits made of the ask and all that it shows.
fn mark(session: &SessionId, ask: &Ask) -> String {
    let bytes = postcard::to_extend(&(session, ask), Vec::new()).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    format!("{:016x}", hasher.finish())
}

/// Digits of a mark, where they tell it from all others.
const DIGITS: usize = 6;

/// The ends of marks: six digits, and all of them where two would be the same.
fn told_apart(marks: Vec<String>) -> Vec<String> {
    let end = |mark: &str| mark.get(mark.len().saturating_sub(DIGITS)..).map(str::to_owned);
    let ends: Vec<Option<String>> = marks.iter().map(|mark| end(mark)).collect();
    let is_alone = |one: &Option<String>| ends.iter().filter(|other| *other == one).count() == 1;
    let told = marks.into_iter().zip(&ends);
    told.map(|(mark, end)| end.clone().filter(|_| is_alone(end)).unwrap_or(mark)).collect()
}

#[cfg(unix)]
fn held_asks(folder: &Path, id: &SessionId) -> Result<HeldAsks, Unjoined> {
    let mut stream = rendezvous::greet(folder, id, &rendezvous::asks_hello())?;
    frames::read_blocking(&mut stream, LONGEST_NEWS).map_err(|error| rendezvous::unjoined(&error))
}

/// Gives an order; `next` advises where its program is not reached.
fn send(
    folder: &Path,
    id: &SessionId,
    order: &LiveOrder,
    screen: &str,
    next: &str,
) -> Result<Reply, Problem> {
    exchange(folder, id, order, screen)
        .unwrap_or_else(|why| Err(Problem::new(ProblemKind::NotNow, why.words()).with_next(next)))
}

#[cfg(unix)]
fn exchange(
    folder: &Path,
    id: &SessionId,
    order: &LiveOrder,
    screen: &str,
) -> Result<Result<Reply, Problem>, Unjoined> {
    use std::io::Write;

    let unjoined = |error: io::Error| rendezvous::unjoined(&error);
    let mut stream = rendezvous::greet(folder, id, &rendezvous::answer_hello(screen))?;
    let frame = frames::encode(order, LONGEST_ASK).map_err(unjoined)?;
    stream.write_all(&frame).map_err(unjoined)?;
    let answer = frames::read_blocking::<Result<RemoteReply, Problem>>(&mut stream, LONGEST_NEWS);
    answer.map(|answer| answer.map(Reply::from)).map_err(unjoined)
}

#[cfg(not(unix))]
fn held_asks(_: &Path, _: &SessionId) -> Result<HeldAsks, Unjoined> {
    Err(Unjoined::Absent)
}

#[cfg(not(unix))]
fn exchange(
    _: &Path,
    _: &SessionId,
    _: &LiveOrder,
    _: &str,
) -> Result<Result<Reply, Problem>, Unjoined> {
    Err(Unjoined::Absent)
}

/// Interrupts the turn of a session. Blocks, two seconds at the most.
///
/// # Errors
///
/// The program that has the session open does not answer.
pub fn stop(state: &Path, session: &SessionId) -> io::Result<Stopped> {
    match ask(&folder(state), &name(session), "interrupt")?.trim() {
        "interrupted" => Ok(Stopped::Turn),
        "idle" => Ok(Stopped::Nothing),
        _ => Err(io::Error::other("the program is an older codling, which cannot be told to")),
    }
}

/// Asks each session's socket, or those whose id has this part; left over sockets are passed over.
pub(crate) fn ask_each<T>(
    state: &Path,
    part: Option<&str>,
    mut ask: impl FnMut(&Path, &SessionId) -> Result<T, Unjoined>,
) -> io::Result<LiveAnswers<(SessionId, T)>> {
    let folder = folder(state);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LiveAnswers::none()),
        entries => entries?,
    };
    let mut all = LiveAnswers::none();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let file = path.file_name().and_then(|file| file.to_str());
        let Some(session) = file.and_then(|file| file.strip_suffix(SUFFIX)) else { continue };
        if part.is_some_and(|part| !session.contains(part)) {
            continue;
        }
        let session = SessionId::from(session);
        match ask(&folder, &session) {
            Ok(answer) => all.answered.push((session, answer)),
            // Closed just now, or left by a program that was killed. It may also be a living one of
            // another machine that shares the folder, so whoever has the session's log removes it.
            Err(Unjoined::Absent) => {}
            Err(why) => all.silent.push((session, why)),
        }
    }
    all.answered.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    all.silent.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    Ok(all)
}

/// Asks a session's socket a question of one line, which is answered by text.
pub(crate) fn text(folder: &Path, id: &SessionId, line: &str) -> Result<String, Unjoined> {
    ask(folder, &name(id), line).map_err(|error| rendezvous::unjoined(&error))
}

/// The same with the error as it came.
#[cfg(unix)]
pub(crate) fn ask(folder: &Path, name: &str, line: &str) -> io::Result<String> {
    use std::io::{Read, Write};

    let mut stream = super::rendezvous::dial(folder, name)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Bytes of an answer in text.
#[cfg(unix)]
const LONGEST_ANSWER: u64 = 1024 * 1024;

#[cfg(not(unix))]
pub(crate) fn ask(_folder: &Path, _name: &str, _line: &str) -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_end_alike_are_told_whole() {
        let marks = ["00000000007d21e0", "11111111117d21e0", "1111111111ffffff"];
        let told = told_apart(marks.map(str::to_owned).into());
        assert_eq!(told, ["00000000007d21e0", "11111111117d21e0", "ffffff"]);
    }
}
