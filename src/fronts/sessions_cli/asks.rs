//! Asks that wait for a person in living codlings, listed and answered from another shell.

use std::path::Path;

use crate::base::{Console, text};
use crate::engine::live::{self, AskAnswer, ListedAsk, LiveAnswers};
use crate::protocol::{Ask, Exit, ProblemKind};

use super::ask_words::{as_json, rows};
use super::running::{ListForm, report_silent, unreadable};

/// Prints the asks that wait, each with all that a person has to know before they answer.
pub fn list_asks(state: &Path, home: Option<&Path>, form: ListForm, console: &mut Console) -> Exit {
    let LiveAnswers { answered: all, silent } = match live::asks(state) {
        Ok(all) => all,
        Err(error) => return unreadable(&error, console),
    };
    report_silent(&silent, console);
    match form {
        ListForm::Json => {
            let all = all.iter().map(as_json).collect();
            console.line(&format!("{:#}", serde_json::Value::Array(all)));
        }
        ListForm::Text if all.is_empty() && silent.is_empty() => {
            console.note("Nothing waits for you")
        }
        ListForm::Text => {
            for asked in &all {
                for row in rows(asked, home) {
                    console.line(&row);
                }
            }
        }
    }
    console.flush();
    Exit::Done
}

/// Answers an ask by its name in the list. `screen` names the person's terminal for the others.
pub fn answer_ask(
    state: &Path,
    (name, words): (&str, &str),
    screen: &str,
    console: &mut Console,
) -> Exit {
    let words = words.trim();
    if words.is_empty() {
        console.problem("The answer is empty", Some("Say `yes`, `no`, or why not"));
        return Exit::Usage;
    }
    let LiveAnswers { answered: all, silent } = match live::asks(state) {
        Ok(all) => all,
        Err(error) => return unreadable(&error, console),
    };
    let found: Vec<&ListedAsk> = all.iter().filter(|asked| is_named(&asked.name, name)).collect();
    let asked = match found[..] {
        [asked] => asked,
        [] => {
            report_silent(&silent, console);
            let what = format!("`{}` does not wait, or waits no more", text::clean_line(name));
            console.problem(&what, Some(LISTS_THEM));
            return Exit::Failed;
        }
        [..] => {
            let what = format!("Several requests are called `{}`", text::clean_line(name));
            console.problem(&what, Some("Say its whole name, as `codling asks list` shows it"));
            return Exit::Usage;
        }
    };
    let answer = meaning(&asked.ask, words);
    if answer == AskAnswer::Once && keeps_a_yes(&asked.ask) {
        let what = "A yes to this command of the project is kept for good";
        console.problem(what, Some("Give it on a screen: `codling attach` brings you there"));
        return Exit::Failed;
    }
    let done = match &answer {
        AskAnswer::Once => "Allowed, this once",
        AskAnswer::No => "Refused",
        AskAnswer::NoBecause(_) => "Refused, and the model is told why",
        AskAnswer::Words(_) => "Answered",
    };
    match live::answer(state, asked, answer, screen) {
        Ok(()) => {
            console.note(done);
            Exit::Done
        }
        Err(problem) => {
            console.problem(&problem.message, problem.next.as_deref().or(Some(LISTS_THEM)));
            match problem.kind {
                ProblemKind::Resolved => Exit::Failed,
                kind => Exit::after(&kind),
            }
        }
    }
}

const LISTS_THEM: &str = "`codling asks list` shows what waits";

/// Whether a name as it was typed means this one: all of it, or its second part.
fn is_named(name: &str, typed: &str) -> bool {
    let mark = name.split_once(':').map_or(name, |(_, mark)| mark);
    typed == name || typed == mark
}

/// Whether a yes to it would hold for more than this one time.
fn keeps_a_yes(ask: &Ask) -> bool {
    matches!(ask, Ask::Approval(approval) if approval.trusts)
}

/// The answer that is meant by these words.
fn meaning(ask: &Ask, words: &str) -> AskAnswer {
    let is = |options: [&str; 2]| options.iter().any(|option| words.eq_ignore_ascii_case(option));
    match ask {
        Ask::Question { .. } => AskAnswer::Words(words.to_owned()),
        Ask::Approval(_) if is(["yes", "y"]) => AskAnswer::Once,
        Ask::Approval(_) if is(["no", "n"]) => AskAnswer::No,
        Ask::Approval(_) => AskAnswer::NoBecause(words.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions_cli::ask_words::stand_ins::{command, question};

    #[test]
    fn only_a_plain_yes_allows_and_a_question_takes_any_words() {
        let allow = ["yes", "YES", "y"];
        for words in allow {
            assert_eq!(meaning(&command("ls"), words), AskAnswer::Once, "{words}");
        }
        assert_eq!(meaning(&command("ls"), "No"), AskAnswer::No);
        for words in ["yes, always", "always", "ok", "yes yes"] {
            let refused = AskAnswer::NoBecause(words.to_owned());
            assert_eq!(meaning(&command("ls"), words), refused, "{words}");
        }
        for words in ["yes", "no", "tea"] {
            let answer = AskAnswer::Words(words.to_owned());
            assert_eq!(meaning(&question("Tea?"), words), answer, "{words}");
        }
    }

    #[test]
    fn an_ask_is_named_whole_or_by_its_mark() {
        let name = "3f9a01c2:7d21e0";
        assert!(is_named(name, name) && is_named(name, "7d21e0"));
        for typed in ["3f9a01c2", "7d21", "", ":7d21e0", "x:7d21e0"] {
            assert!(!is_named(name, typed), "{typed}");
        }
    }
}
