//! Reviews: the changes that a model can be asked to look at, and the prompt that asks for it. All
//! fronts ask alike.

use crate::protocol::{Problem, ProblemKind, ReviewRequest, UserPrompt};

/// The task, without how it is answered.
const TASK: &str = codling_assets::prompts::REVIEW;
const IN_WORDS: &str = codling_assets::prompts::REVIEW_WORDS;
const AS_FINDINGS: &str = codling_assets::prompts::REVIEW_FINDINGS;

/// The changes to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewTarget {
    /// The work here against where it parted from this branch.
    Base(String),
    /// The changes of one commit, with its title if that is known.
    Commit(String, Option<String>),
    /// The changes in these words.
    Custom(String),
    /// The changes that are staged.
    Staged,
    /// All changes that are not committed.
    Uncommitted,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewAnswer {
    /// JSON that a schema describes.
    Findings,
    /// Text for people.
    Words,
}

impl ReviewTarget {
    /// Reads the words behind a command: none, `--staged`, `--base BRANCH`, `--commit SHA`, or what
    /// to look at.
    pub fn parse(words: &str) -> Self {
        let all: Vec<&str> = words.split_whitespace().collect();
        match all[..] {
            [] => Self::Uncommitted,
            ["--staged"] => Self::Staged,
            ["--base", branch] => Self::Base(branch.to_owned()),
            ["--commit", sha] => Self::Commit(sha.to_owned(), None),
            _ => Self::Custom(words.trim().to_owned()),
        }
    }

    /// Whether it is about a git repository.
    pub fn needs_git(&self) -> bool {
        !matches!(self, Self::Custom(_))
    }

    /// The prompt that asks for the review.
    ///
    /// # Errors
    ///
    /// Fails for a branch or a commit whose name is none, and for no words.
    pub fn prompt(&self, answer: ReviewAnswer) -> Result<UserPrompt, Problem> {
        let (what, target) = self.words()?;
        let sentence = match self {
            Self::Uncommitted => format!("Review the {what}"),
            Self::Base(_) | Self::Commit(..) | Self::Staged => format!("Review {what}"),
            Self::Custom(_) => what.clone(),
        };
        let how = match answer {
            ReviewAnswer::Findings => AS_FINDINGS,
            ReviewAnswer::Words => IN_WORDS,
        };
        let instruction = format!("{TASK}\n{how}\nWhat to review: {target}");
        let review = Some(ReviewRequest { what, instruction });
        Ok(UserPrompt { review, ..sentence.into() })
    }

    /// Which changes, in a few words for people, and for the model.
    fn words(&self) -> Result<(String, String), Problem> {
        let refuse = |what: &str| Err(Problem::new(ProblemKind::BadRequest, what));
        Ok(match self {
            Self::Uncommitted => (
                "current changes".to_owned(),
                "all changes in the working tree that are not committed: staged, unstaged, and untracked files".to_owned(),
            ),
            Self::Staged => {
                ("staged changes".to_owned(), "the staged changes: `git diff --cached`".to_owned())
            }
            Self::Base(branch) if !is_revision(branch) => {
                return refuse("branch must be the name of one");
            }
            Self::Commit(sha, _) if !is_revision(sha) => {
                return refuse("sha must be the name of one");
            }
            Self::Base(branch) => {
                let target = format!(
                    "the changes between the branch `{branch}` and the work here, from where they parted: `git diff $(git merge-base HEAD {branch})`"
                );
                (format!("changes against '{branch}'"), target)
            }
            Self::Commit(sha, title) => {
                let short: String = sha.chars().take(7).collect();
                let title = title.as_deref().map(str::trim).filter(|title| !title.is_empty());
                let what = title
                    .map_or_else(|| format!("commit {short}"), |title| format!("commit {short}: {title}"));
                (what, format!("the changes that the commit {sha} made: `git show {sha}`"))
            }
            Self::Custom(words) if words.trim().is_empty() => {
                return refuse("instructions must not be empty");
            }
            Self::Custom(words) => (words.trim().to_owned(), words.trim().to_owned()),
        })
    }
}

/// Whether git accepts the name as a revision, and a shell as one word.
fn is_revision(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_./-@+#=".contains(c);
    !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain)
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
            let target = ReviewTarget::Base(name.to_owned());
            assert_eq!(target.prompt(ReviewAnswer::Words).is_ok(), is, "{name}");
        }
    }

    #[test]
    fn the_words_behind_a_command_say_what_to_look_at() {
        let base = ReviewTarget::Base("main".into());
        for (words, target) in [
            ("", ReviewTarget::Uncommitted),
            (" --staged ", ReviewTarget::Staged),
            ("--base main", base),
            ("--commit 1a2b", ReviewTarget::Commit("1a2b".into(), None)),
            ("the tests of the parser", ReviewTarget::Custom("the tests of the parser".into())),
            ("--base", ReviewTarget::Custom("--base".into())),
        ] {
            assert_eq!(ReviewTarget::parse(words), target, "{words}");
        }
    }
}
