//! `review/start`: a turn that looks at changes and reports problems in them, in the thread of the
//! request.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Command, PromptPlace, Reply, ReviewRequest, TurnCommand, UserPrompt};

use super::loaded_threads::Threads;
use super::steering::beginning;
use crate::fronts::app_server::outside::Outside;
use crate::fronts::app_server::request::failure;
use crate::fronts::app_server::request::params::Params;
use crate::fronts::app_server::thread::turns::{ItemsView, Turn};
use crate::fronts::app_server::transport::connection::Asker;
use crate::fronts::app_server::transport::wire::Fault;
use crate::fronts::host::Machine;

const PROMPT: &str = include_str!("../../../../assets/prompts/review.md");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartReview {
    thread_id: String,
    target: Target,
    /// Accepted and ignored: there is only one way.
    #[serde(default, rename = "delivery")]
    _delivery: Option<Delivery>,
}

impl Params for StartReview {}

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

impl Target {
    /// Returns a short description for people, and the instruction for the model.
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
                let what = title.map_or_else(|| format!("commit {short}"), |title| format!("commit {short}: {title}"));
                (what, format!("the changes that the commit {sha} made: `git show {sha}`"))
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
    /// The sentence that is shown as the prompt.
    fn sentence(&self, what: &str) -> String {
        match self {
            Self::UncommittedChanges => format!("Review the {what}"),
            Self::BaseBranch { .. } | Self::Commit { .. } => format!("Review {what}"),
            Self::Custom { .. } => what.to_owned(),
        }
    }
}

/// Whether git accepts the name as a revision, and a shell as one word.
fn is_revision(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_./-@+#=".contains(c);
    !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain)
}

pub fn start(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: StartReview) {
    let words = beginning(threads, outside, &params.thread_id)
        .and_then(|session| Ok((session, params.target.words()?)));
    let Some((asker, (session, (what, target)))) = outside.accept(asker, words) else { return };
    let instruction = format!("{}{target}", PROMPT.trim_end_matches('\n'));
    let review = Some(ReviewRequest { what: what.clone(), instruction });
    let prompt = UserPrompt { review, ..params.target.sentence(&what).into() };
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
            Err(problem) => Err(failure::fault(&problem)),
        };
        outside.answer(asker, result);
    });
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
