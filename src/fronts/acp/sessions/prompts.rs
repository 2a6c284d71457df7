//! Prompts that wait for the end of their turn. Each is answered once, with the outcome of the turn
//! that it began or joined.

use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::PromptResponse;

use crate::protocol::{PromptId, PromptPlace, QueuedPrompt, SessionView, TurnId, TurnOutcome};

use crate::host::Watch;

/// The prompts of one session that have no answer yet, the oldest first.
#[derive(Default)]
pub struct Prompts {
    waiting: Vec<WaitingPrompt>,
    last: u64,
}

/// The number of a prompt within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptNumber(u64);

struct WaitingPrompt {
    number: PromptNumber,
    responder: Responder<PromptResponse>,
    place: Place,
    _watch: Watch,
}

/// Where a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Its pictures are being decoded.
    Preparing,
    /// It is on its way to the session.
    Sent,
    /// It waits in the session's queue.
    Queued(PromptId),
    /// The next turn begins with it.
    Next,
    Turn(TurnId),
}

impl Prompts {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The number that the next prompt will have.
    pub fn next_number(&mut self) -> PromptNumber {
        self.last += 1;
        PromptNumber(self.last)
    }

    pub fn add(
        &mut self,
        number: PromptNumber,
        responder: Responder<PromptResponse>,
        watch: Watch,
    ) {
        let place = Place::Preparing;
        self.waiting.push(WaitingPrompt { number, responder, place, _watch: watch });
    }

    /// Marks a prompt as sent; returns whether it still had to be.
    pub fn send(&mut self, number: PromptNumber) -> bool {
        let prompt = self.find(number).filter(|prompt| prompt.place == Place::Preparing);
        prompt.map(|prompt| prompt.place = Place::Sent).is_some()
    }

    /// Returns whether a prompt has no answer yet.
    pub fn waits(&self, number: PromptNumber) -> bool {
        self.waiting.iter().any(|prompt| prompt.number == number)
    }

    /// Notes the place that the session gave a prompt.
    pub fn placed(&mut self, number: PromptNumber, place: PromptPlace) {
        if let Some(prompt) = self.find(number) {
            prompt.place = match place {
                PromptPlace::Queued(id) => Place::Queued(id),
                PromptPlace::Turn(turn) => Place::Turn(turn),
            };
        }
    }

    /// Notes that a prompt joined the turn that runs, or that the next turn begins with it.
    pub fn begins(&mut self, number: PromptNumber, turn: Option<TurnId>) {
        if let Some(prompt) = self.find(number) {
            prompt.place = turn.map_or(Place::Next, Place::Turn);
        }
    }

    /// Takes one prompt out, to be answered.
    pub fn take(&mut self, number: PromptNumber) -> Option<Responder<PromptResponse>> {
        let at = self.waiting.iter().position(|prompt| prompt.number == number)?;
        Some(self.waiting.remove(at).responder)
    }

    /// Takes out all that were not sent yet.
    pub fn take_unsent(&mut self) -> Vec<Responder<PromptResponse>> {
        self.extract(|place| place == Place::Preparing)
    }

    /// Takes out all.
    pub fn take_all(&mut self) -> Vec<Responder<PromptResponse>> {
        self.extract(|_| true)
    }

    /// Takes out those whose turn has ended.
    pub fn take_turn(&mut self, turn: TurnId) -> Vec<Responder<PromptResponse>> {
        self.extract(|place| place == Place::Turn(turn))
    }

    /// Takes out those that left the queue without joining a turn.
    pub fn take_queued(&mut self, gone: &[QueuedPrompt]) -> Vec<Responder<PromptResponse>> {
        self.extract(|place| gone.iter().any(|gone| place == Place::Queued(gone.id)))
    }

    /// Notes that these prompts joined the turn that runs, or that the next one begins with them.
    pub fn joined(&mut self, gone: &[QueuedPrompt], turn: Option<TurnId>) {
        for prompt in &mut self.waiting {
            if gone.iter().any(|gone| prompt.place == Place::Queued(gone.id)) {
                prompt.place = turn.map_or(Place::Next, Place::Turn);
            }
        }
    }

    /// Notes that a turn began.
    pub fn began(&mut self, turn: TurnId) {
        for prompt in self.waiting.iter_mut().filter(|prompt| prompt.place == Place::Next) {
            prompt.place = Place::Turn(turn);
        }
    }

    /// Catches up after lost events: takes out the prompts whose turn has ended meanwhile.
    pub fn resync(&mut self, view: &SessionView) -> Vec<Responder<PromptResponse>> {
        let turn = view.turn.map(Place::Turn);
        for prompt in &mut self.waiting {
            let is_queued = |id: PromptId| view.queued.iter().any(|queued| queued.id == id);
            prompt.place = match prompt.place {
                Place::Queued(id) if !is_queued(id) => turn.unwrap_or(Place::Next),
                Place::Next => turn.unwrap_or(Place::Next),
                place => place,
            };
        }
        self.extract(|place| matches!(place, Place::Turn(_) | Place::Next) && Some(place) != turn)
    }

    fn find(&mut self, number: PromptNumber) -> Option<&mut WaitingPrompt> {
        self.waiting.iter_mut().find(|prompt| prompt.number == number)
    }

    fn extract(&mut self, is_it: impl Fn(Place) -> bool) -> Vec<Responder<PromptResponse>> {
        let (found, others) =
            std::mem::take(&mut self.waiting).into_iter().partition(|it| is_it(it.place));
        self.waiting = others;
        let found: Vec<WaitingPrompt> = found;
        found.into_iter().map(|prompt| prompt.responder).collect()
    }
}

/// Returns how the last turn ended, as far as its conversation shows.
pub fn last_outcome(view: &SessionView) -> TurnOutcome {
    use crate::protocol::TranscriptEntry;
    match view.transcript.entries().last().map(|entry| &**entry) {
        Some(TranscriptEntry::Interrupted) => TurnOutcome::Interrupted,
        Some(TranscriptEntry::Problem(problem)) => TurnOutcome::Failed(problem.clone()),
        _ => TurnOutcome::Done,
    }
}
