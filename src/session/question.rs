//! Questions of the model's: a call asks them one after the other, and is answered when all are.

use super::approval::resolved;
use super::calls::{CallPhase, Called};
use super::effect::EffectQueue;
use super::{IdSource, Session};
use crate::protocol::{
    ApprovalResponse, AskId, CallOutput, EventKind, Question, Reply, ReplyResult, Requester,
    UserReply,
};

/// How answers to questions with names are told.
pub(super) type Form = fn(&[(String, String)]) -> String;

/// A call that asks.
#[derive(Debug)]
pub(super) struct QuestionCall {
    /// What is asked now, and what comes after it.
    question: Question,
    /// What was answered before, in order.
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

    /// What a person says who answers none of the questions that are left.
    pub(super) fn declined(self, decision: ApprovalResponse, form: Form) -> CallOutput {
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

    /// The end that comes before all is answered; what was answered by then is not lost.
    pub(super) fn ended(self, reply: UserReply, form: Form) -> CallOutput {
        let output = CallOutput::reply(self.question.text, reply);
        if self.answers.is_empty() {
            return output;
        }
        let text = format!("{} Answered before: {}", output.text, form(&named(&self.answers)));
        CallOutput { text, ..output }
    }

    /// Takes an answer. The call's output, where it was the last.
    fn answer(&mut self, words: String, form: Form) -> Option<CallOutput> {
        let mut question = std::mem::take(&mut self.question);
        let mut next = std::mem::take(&mut question.next).into_iter();
        self.answers.push(Answer { question, words });
        if let Some(asked) = next.next() {
            self.question = Question { next: next.collect(), ..asked };
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

/// Puts what a call asks now before a person.
pub(super) fn ask(
    names: &mut IdSource,
    called: &mut Called,
    asked: QuestionCall,
    effects: &mut EffectQueue,
) {
    let id = names.ask();
    called.ask = Some(id);
    effects.tell(EventKind::Asked {
        id,
        call: called.call.id.clone(),
        question: asked.question.clone(),
    });
    called.state = CallPhase::Question(Box::new(asked));
}

impl Session {
    pub(super) fn answer_question(
        &mut self,
        id: AskId,
        asker: Option<Requester>,
        text: String,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        let mut result = Err(resolved());
        self.with_calls(effects, |session, _, calls, effects| {
            let Some(at) = calls.asking(id) else { return };
            let called = &mut calls.calls[at];
            let mut asked = match std::mem::replace(&mut called.state, CallPhase::Waiting) {
                CallPhase::Question(asked) => asked,
                other => return called.state = other,
            };
            result = Ok(Reply::Done);
            called.resolve(asker.map(|asker| asker.client), effects);
            match asked.answer(text, session.config.answers) {
                Some(output) => called.end(output, effects),
                None => ask(&mut session.names, called, *asked, effects),
            }
        });
        result
    }
}
