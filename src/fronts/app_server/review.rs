//! `review/start`: a turn that looks at changes and reports what is wrong with them, in the thread it is asked in.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{Command, PromptPlace, Reply, ReviewRequest, TurnCommand, UserPrompt};

use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::server::Server;
use super::turns::{ItemsView, Turn};
use super::wire::Fault;

const ENTERED: &str = "enteredReviewMode";
const EXITED: &str = "exitedReviewMode";
const NO_REPORT: &str = "The review ended without a report.";
const PROMPT: &str = include_str!("../../../assets/prompts/review.md");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartReview {
    thread_id: String,
    target: Target,
    /// There is one way only.
    #[serde(default, rename = "delivery")]
    _delivery: Option<Delivery>,
}

impl Params for StartReview {}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Delivery {
    Inline,
}

/// What is looked at.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Target {
    UncommittedChanges,
    BaseBranch { branch: String },
    Commit { sha: String, title: Option<String> },
    Custom { instructions: String },
}

impl Target {
    /// In a few words, for people; and what the model is told to look at.
    fn words(&self) -> Result<(String, String), Fault> {
        let named = |name: &str, what: &str| match is_revision(name) {
            true => Ok(()),
            false => Err(Fault::invalid(format!("{what} must be the name of one"))),
        };
        Ok(match self {
            Self::UncommittedChanges => (
                "current changes".to_owned(),
                "all changes in the working tree that are not committed: staged, unstaged, and untracked files".to_owned(),
            ),
            Self::BaseBranch { branch } => {
                named(branch, "branch")?;
                let target = format!(
                    "the changes between the branch `{branch}` and the work here, from where they parted: `git diff $(git merge-base HEAD {branch})`"
                );
                (format!("changes against '{branch}'"), target)
            }
            Self::Commit { sha, title } => {
                named(sha, "sha")?;
                let short: String = sha.chars().take(7).collect();
                let title = title.as_deref().map(str::trim).filter(|title| !title.is_empty());
                let told = title.map_or_else(|| format!("commit {short}"), |title| format!("commit {short}: {title}"));
                (told, format!("the changes that the commit {sha} made: `git show {sha}`"))
            }
            Self::Custom { instructions } if instructions.trim().is_empty() => {
                return Err(Fault::invalid("instructions must not be empty"));
            }
            Self::Custom { instructions } => {
                (instructions.trim().to_owned(), instructions.trim().to_owned())
            }
        })
    }
}

impl Target {
    /// What is shown as the prompt.
    fn sentence(&self, told: &str) -> String {
        match self {
            Self::UncommittedChanges => format!("Review the {told}"),
            Self::BaseBranch { .. } | Self::Commit { .. } => format!("Review {told}"),
            Self::Custom { .. } => told.to_owned(),
        }
    }
}

/// Whether git would take it for a revision, and a shell for one word.
fn is_revision(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_./-@+#=".contains(c);
    !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain)
}

pub fn start(server: &mut Server, asker: Asker, params: StartReview) {
    let words = server.beginning(&params.thread_id).and_then(|session| {
        let words = params.target.words()?;
        Ok((session, words))
    });
    let (session, (told, target)) = match words {
        Ok(words) => words,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let instruction = format!("{}{target}", PROMPT.trim_end_matches('\n'));
    let review = Some(ReviewRequest { what: told.clone(), instruction });
    let prompt = UserPrompt { review, ..params.target.sentence(&told).into() };
    let command = Command::Turn(session.clone(), TurnCommand::Submit(prompt));
    server.ask(command, move |server, reply| {
        let result = match reply {
            Ok(Reply::Submitted(PromptPlace::Turn(number))) => {
                // The answer comes before the news that the turn has begun.
                if let Some(thread) = server.threads.get_mut(&session) {
                    thread.review = Some((number, told));
                }
                let turn = Turn::new(&session, number, None).json(ItemsView::NotLoaded);
                Ok(json!({ "turn": turn, "reviewThreadId": params.thread_id }))
            }
            Ok(_) => Err(Fault::internal("the review was not begun")),
            Err(problem) => Err(failure::fault(&problem)),
        };
        server.answer(asker, result);
    });
}

/// The item behind the prompt of a review; `None` for other turns.
pub fn entered(turn: &Turn) -> Option<Value> {
    let id = format!("review_{}_begins", turn.number.0);
    let review = turn.review.as_deref()?;
    Some(json!({ "type": ENTERED, "id": id, "review": review }))
}

/// The item at the end of a review, with the last answer, which is the report, or a sentence that there is none; `None` for other turns.
pub fn exited(turn: &Turn) -> Option<Value> {
    turn.review.as_ref()?;
    let id = format!("review_{}_ends", turn.number.0);
    let mut answers = turn.items.iter().rev().filter(|entry| entry.item["type"] == "agentMessage");
    let report = answers.next().and_then(|entry| entry.item["text"].as_str());
    let report = report.filter(|text| !text.trim().is_empty()).unwrap_or(NO_REPORT);
    Some(json!({ "type": EXITED, "id": id, "review": report }))
}

/// Whether an item is the end of a review.
pub fn is_exit(item: &Value) -> bool {
    item["type"] == EXITED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_one_word_of_a_shell_and_no_option() {
        for (name, is) in [
            ("main", true),
            ("origin/fix-1.2", true),
            ("HEAD@{1}", false),
            ("", false),
            ("--output=x", false),
            ("a b", false),
            ("a;b", false),
            ("$(x)", false),
            ("a`b`", false),
        ] {
            assert_eq!(is_revision(name), is, "{name}");
        }
    }
}
