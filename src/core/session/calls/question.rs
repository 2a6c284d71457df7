//! Questions of the model's: a call asks them one after the other, and is answered when all are.

use crate::protocol::{ApprovalResponse, AskId, CallOutput, EventKind, Question, UserReply};

use super::super::context::AnswerForm;
use super::super::effect::EffectQueue;
use super::called::{CallPhase, Called};

/// A call that asks.
#[derive(Debug)]
pub(super) struct QuestionCall {
    /// The question that is asked now, and those that come after it.
    question: Question,
    /// The answers before it, in order.
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    question: Question,
    words: String,
}

impl QuestionCall {
    pub(super) fn new(question: Question) -> Self {
        Self { question, answers: Vec::new() }
    }

    /// The output where a person answers none of the questions that are left.
    pub(super) fn declined(self, decision: ApprovalResponse, form: AnswerForm) -> CallOutput {
        let reply = match decision {
            ApprovalResponse::NoBecause(why) => UserReply::Declined(Some(why)),
            ApprovalResponse::Nobody => UserReply::NotAsked(None),
            ApprovalResponse::Always
            | ApprovalResponse::AlwaysHere
            | ApprovalResponse::No
            | ApprovalResponse::Once
            | ApprovalResponse::Open => UserReply::Declined(None),
        };
        self.ended(reply, form)
    }

    /// The output where the end comes before all is answered, with the answers so far.
    pub(super) fn ended(self, reply: UserReply, form: AnswerForm) -> CallOutput {
        let output = CallOutput::reply(self.question.text, reply);
        if self.answers.is_empty() {
            return output;
        }
        let text = format!("{} Answered before: {}", output.text, form(&named(&self.answers)));
        CallOutput { text, ..output }
    }

    /// The question that is asked now.
    pub(super) fn question(&self) -> &Question {
        &self.question
    }

    /// The answers so far, by the ids of their questions.
    pub(super) fn answers(&self) -> Vec<(String, String)> {
        named(&self.answers)
    }

    /// Takes an answer, and goes on to the next question. Returns whether it was the last.
    pub(super) fn take_answer(&mut self, words: String) -> bool {
        let mut question = std::mem::take(&mut self.question);
        let mut next = std::mem::take(&mut question.next).into_iter();
        self.answers.push(Answer { question, words });
        let Some(asked) = next.next() else { return true };
        self.question = Question { next: next.collect(), ..asked };
        false
    }

    /// Takes an answer. Returns the call's output if it was the last.
    pub(super) fn answer(&mut self, words: String, form: AnswerForm) -> Option<CallOutput> {
        if !self.take_answer(words) {
            return None;
        }
        let words: Vec<&str> = self.answers.iter().map(|answer| answer.words.trim()).collect();
        let first = self.answers.first().map(|answer| answer.question.text.clone());
        let title = match (first.unwrap_or_default(), self.answers.len()) {
            (first, 0 | 1) => first,
            (first, count) => format!("{first} (and {} more)", count - 1),
        };
        let output = CallOutput::reply(title, UserReply::Answered(words.join("; ")));
        let is_plain = self.answers.iter().all(|answer| answer.question.id.is_none());
        Some(if is_plain {
            output
        } else {
            CallOutput { text: form(&named(&self.answers)), ..output }
        })
    }
}

fn named(answers: &[Answer]) -> Vec<(String, String)> {
    let answers = answers.iter().enumerate();
    let named = answers.map(|(at, Answer { question, words })| {
        let name = question.id.clone().unwrap_or_else(|| (at + 1).to_string());
        (name, words.trim().to_owned())
    });
    named.collect()
}

/// Puts the next question of a call before a person.
pub(super) fn ask(id: AskId, called: &mut Called, asked: QuestionCall, effects: &mut EffectQueue) {
    called.ask = Some(id);
    let (call, question) = (called.call.id.clone(), asked.question.clone());
    effects.emit(EventKind::Asked { id, call, question });
    called.phase = CallPhase::Question(Box::new(asked));
}
