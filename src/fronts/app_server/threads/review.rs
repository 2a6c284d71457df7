//! `review/start`: a turn that looks at changes and reports problems in them, in the thread of the
//! request.

use serde::Deserialize;
use serde_json::json;

use crate::engine::review::{ReviewAnswer, ReviewTarget};
use crate::protocol::{Command, PromptPlace, Reply, TurnCommand};

use super::loaded_threads::Threads;
use super::steering::beginning;
use crate::app_server::outside::Outside;
use crate::app_server::thread::turns::{ItemsView, Turn};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::Machine;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartReview {
    thread_id: String,
    target: Target,
    /// Accepted and ignored: there is only one way.
    #[serde(default, rename = "delivery")]
    _delivery: Option<Delivery>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Delivery {
    Inline,
}

/// The changes to review.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Target {
    UncommittedChanges,
    BaseBranch { branch: String },
    Commit { sha: String, title: Option<String> },
    Custom { instructions: String },
}

impl From<Target> for ReviewTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::UncommittedChanges => Self::Uncommitted,
            Target::BaseBranch { branch } => Self::Base(branch),
            Target::Commit { sha, title } => Self::Commit(sha, title),
            Target::Custom { instructions } => Self::Custom(instructions),
        }
    }
}

pub fn start(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: StartReview) {
    let target = ReviewTarget::from(params.target);
    let begun = beginning(threads, outside, &params.thread_id).and_then(|session| {
        let prompt = target.prompt(ReviewAnswer::Words);
        Ok((session, prompt.map_err(|problem| Fault::invalid(problem.message))?))
    });
    let Some((asker, (session, prompt))) = outside.accept(asker, begun) else { return };
    let what = prompt.review.as_ref().map(|review| review.what.clone()).unwrap_or_default();
    let command = Command::Turn(session.clone(), TurnCommand::Submit(prompt));
    Threads::ask(outside, command, move |threads, outside, reply| {
        let result = match reply {
            Ok(Reply::Submitted(PromptPlace::Turn(number))) => {
                // The answer precedes the news that the turn has begun.
                if let Some(thread) = threads.all.get_mut(&session) {
                    thread.review = Some((number, what));
                }
                let turn = Turn::new(&session, number, None);
                let turn = turn.json(ItemsView::NotLoaded);
                Ok(json!({ "turn": turn, "reviewThreadId": params.thread_id }))
            }
            Ok(_) => Err(Fault::internal("the review was not begun")),
            Err(problem) => Err(problem.into()),
        };
        outside.answer(asker, result);
    });
}
