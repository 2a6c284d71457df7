//! An ask in words, with all that the screen shows of it: for people as rows of text, for programs
//! as JSON.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::literal;
use crate::base::text::clean_line;
use crate::engine::live::ListedAsk;
use crate::protocol::{
    Approval, ApprovalSubject, Ask, Completeness, Confinement, FileDiff, Question, Selection,
};

use super::commands::short;

/// The rows of an ask, the first with its name.
pub(super) fn rows(asked: &ListedAsk, home: Option<&Path>) -> Vec<String> {
    let (question, facts) = match &asked.ask {
        Ask::Approval(approval) => (approval.subject.question(), approval_rows(approval)),
        Ask::Question { question, .. } => ("A question".to_owned(), question_rows(question)),
    };
    let folder = short(Path::new(&asked.folder), home);
    let title = Some(&asked.title).filter(|title| !title.is_empty());
    let title = title.map(|title| format!(" · {title}")).unwrap_or_default();
    let head = format!("{}  {question}  {folder}{title}", asked.name);
    let facts = facts.iter().map(|row| format!("    {row}").trim_end().to_owned());
    std::iter::once(head).chain(facts).collect()
}

fn approval_rows(approval: &Approval) -> Vec<String> {
    let mut rows = subject_rows(&approval.subject);
    let is_read = matches!(approval.subject, ApprovalSubject::Look(_));
    if let Some(place) = approval.place.as_ref().filter(|_| !is_read) {
        rows.push(format!("Where: {}", literal(&place.replace('\n', " "))));
    }
    rows.push(format!("Why: {}", literal(&approval.why.replace('\n', " "))));
    if let Some(reason) = &approval.reason {
        rows.push(format!("The model says: “{}”", clean_line(reason.trim())));
    }
    rows.extend(approval.subject.warnings().iter().map(|warning| format!("Beware: {warning}")));
    rows.extend(approval.hazard_notes());
    if approval.trusts {
        rows.push(
            "A yes is kept for good, so it is given on a screen alone: `codling attach`".into(),
        );
    }
    rows
}

fn subject_rows(subject: &ApprovalSubject) -> Vec<String> {
    match subject {
        ApprovalSubject::Change(files) => files.iter().flat_map(file_rows).collect(),
        ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => {
            marked("$ ", "> ", line.trim_end_matches('\n'))
        }
        ApprovalSubject::External { server, tool, arguments } => {
            let call = literal(&format!("{server}: {tool}").replace('\n', " "));
            std::iter::once(call).chain(marked("  ", "  ", arguments.trim())).collect()
        }
        ApprovalSubject::Fetch(address) => marked("", "", address),
        ApprovalSubject::Input { command, text } => {
            let typed = text.strip_suffix('\n').unwrap_or(text);
            let command = marked("$ ", "$ ", command);
            command.into_iter().chain(marked("> ", "> ", typed)).collect()
        }
        ApprovalSubject::Look(paths) => {
            paths.iter().flat_map(|path| marked("", "", path)).collect()
        }
    }
}

fn file_rows(file: &FileDiff) -> Vec<String> {
    let FileDiff { path, added, removed, hunks, completeness, .. } = file;
    let mut rows = vec![format!("{} (+{added} −{removed})", literal(&path.replace('\n', " ")))];
    rows.extend(hunks.lines().map(literal));
    if *completeness == Completeness::Truncated {
        rows.push("(There is more of it than is shown)".to_owned());
    }
    rows
}

/// The lines of a text, literally: nothing is hidden in them.
fn marked(first: &str, others: &str, text: &str) -> Vec<String> {
    let mark = |at| if at == 0 { first } else { others };
    let lines = text.split('\n').enumerate();
    lines.map(|(at, line)| format!("{}{}", mark(at), literal(line))).collect()
}

fn question_rows(question: &Question) -> Vec<String> {
    let Question { asker, text, options, selection, next, .. } = question;
    let mut rows: Vec<String> = marked("", "", text.trim());
    rows.extend(asker.as_ref().map(|asker| format!("Asked by: {}", clean_line(asker))));
    for option in options {
        let about = Some(clean_line(&option.description)).filter(|about| !about.is_empty());
        let about = about.map(|about| format!(": {about}")).unwrap_or_default();
        rows.push(format!("- {}{about}", clean_line(&option.label)));
    }
    if *selection == Selection::Any && !options.is_empty() {
        rows.push("Several may be chosen, with commas between them".to_owned());
    }
    if !next.is_empty() {
        rows.push(format!("Questions that follow it: {}", next.len()));
    }
    rows
}

/// An ask for programs. Texts are as they are, control characters included.
pub(super) fn as_json(asked: &ListedAsk) -> Value {
    let ListedAsk { name, held, session, title, folder, ask } = asked;
    let about = match ask {
        Ask::Approval(approval) => json!({
            "type": "approval",
            "question": approval.subject.question(),
            "subject": subject_json(&approval.subject),
            "place": approval.place,
            "why": approval.why,
            "reason": approval.reason,
            "warnings": approval.subject.warnings(),
            "notes": approval.hazard_notes(),
            "sandboxed": approval.confinement != Confinement::Free,
            "trusts": approval.trusts,
        }),
        Ask::Question { question, .. } => json!({
            "type": "question",
            "question": question.text,
            "asker": question.asker,
            "options": question.options.iter().map(|it| json!({
                "label": it.label,
                "description": it.description,
            })).collect::<Vec<_>>(),
            "several": question.selection == Selection::Any,
        }),
    };
    let mut whole = json!({
        "name": name,
        "session": held.as_str(),
        "asker": session.as_str(),
        "title": title,
        "folder": folder,
    });
    if let (Value::Object(whole), Value::Object(about)) = (&mut whole, about) {
        whole.insert("ask".to_owned(), Value::Object(about));
    }
    whole
}

fn subject_json(subject: &ApprovalSubject) -> Value {
    match subject {
        ApprovalSubject::Change(files) => json!({
            "change": files.iter().map(|file| json!({
                "path": file.path,
                "hunks": &*file.hunks,
                "whole": file.completeness == Completeness::Complete,
            })).collect::<Vec<_>>(),
        }),
        ApprovalSubject::Command(line) => json!({ "command": line }),
        ApprovalSubject::External { server, tool, arguments } => {
            json!({ "server": server, "tool": tool, "arguments": arguments })
        }
        ApprovalSubject::Fetch(address) => json!({ "address": address }),
        ApprovalSubject::Input { command, text } => json!({ "into": command, "text": text }),
        ApprovalSubject::Look(paths) => json!({ "paths": paths }),
        ApprovalSubject::Loss(line) => json!({ "running": line }),
    }
}

#[cfg(test)]
pub(super) mod stand_ins {
    use super::*;
    use crate::protocol::{AskId, Hazard};

    pub(crate) fn command(line: &str) -> Ask {
        let hazards = line.find("rm").map(|at| Hazard { at: at..line.len(), deletes: vec![] });
        Ask::Approval(Approval {
            id: AskId(1),
            call: "c1".into(),
            tool: "shell".into(),
            title: line.into(),
            subject: ApprovalSubject::Command(line.into()),
            place: Some("/srv/plants".into()),
            why: "`rm` deletes files".into(),
            reason: Some("to tidy up\u{1b}[2J".into()),
            learn: [].into(),
            opens: [].into(),
            passes_in: None,
            confinement: Confinement::Free,
            trusts: false,
            hazards: hazards.into_iter().collect(),
        })
    }

    pub(crate) fn question(text: &str) -> Ask {
        let question = Question { text: text.into(), ..Question::default() };
        Ask::Question { id: AskId(2), call: "c2".into(), question }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(ask: Ask) -> ListedAsk {
        ListedAsk {
            name: "3f9a01c2:7d21e0".into(),
            held: "ses_1".into(),
            session: "ses_1".into(),
            title: "tidy up".into(),
            folder: "/home/me/plants".into(),
            ask,
        }
    }

    #[test]
    fn a_command_is_shown_with_all_that_the_screen_shows() {
        let line = format!("cd a{}\nrm -rf build", " ".repeat(99));
        let shown = rows(&listed(stand_ins::command(&line)), Some(Path::new("/home/me")));
        assert_eq!(
            shown,
            [
                "3f9a01c2:7d21e0  Run this command?  ~/plants · tidy up",
                "    $ cd a <99 blanks>",
                "    > rm -rf build",
                "    Where: /srv/plants",
                "    Why: `rm` deletes files",
                "    The model says: “to tidy up␛[2J”",
                "    Look at `rm -rf build`",
                "    Runs without a sandbox: it can do anything you can",
            ]
        );
    }

    #[test]
    fn programs_are_told_the_same() {
        let told = as_json(&listed(stand_ins::command("rm -rf build")));
        assert_eq!(told["name"], "3f9a01c2:7d21e0");
        assert_eq!(told["ask"]["subject"]["command"], "rm -rf build");
        assert_eq!(told["ask"]["sandboxed"], false);
        let told = as_json(&listed(stand_ins::question("Tea?")));
        assert_eq!(
            (&told["ask"]["type"], &told["ask"]["question"]),
            (&"question".into(), &"Tea?".into())
        );
    }
}
