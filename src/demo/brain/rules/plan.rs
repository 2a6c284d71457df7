//! The rules: from what is intended and what was already done about it to the next step.

use serde_json::json;

use super::job::Visit;
use super::next_step::{Next, answer, call};
use super::{change, job, single_tool};
use crate::demo::brain::intent::Intent;
use crate::demo::brain::seen::conversation::SeenConversation;
use crate::demo::brain::seen::folder;
use crate::demo::brain::seen::folder::SeenFiles;
use crate::demo::brain::seen::{shell_reading, summary};
use crate::demo::brain::words::markdown::code;
use crate::demo::brain::words::replies;

pub fn next(conversation: &SeenConversation) -> Next {
    if let Some(past) = &conversation.past {
        return answer("**Summing up**\n\nWhat was asked, and what was named.", summary::of(past));
    }
    match Intent::read(&conversation.prompt) {
        Intent::Ask { text, options } => single_tool::ask(conversation, &text, &options),
        Intent::Create { path, text } => change::create(conversation, &path, &text),
        Intent::Delete { path } => change::delete(conversation, &path)
            .unwrap_or_else(|| single_tool::run(conversation, &shell("rm", &[&path]))),
        Intent::Fetch { url } => single_tool::fetch(conversation, &url),
        Intent::Move { from, to } => change::move_file(conversation, &from, &to)
            .unwrap_or_else(|| single_tool::run(conversation, &shell("mv", &[&from, &to]))),
        Intent::Plan => single_tool::plan(conversation),
        Intent::Run { command } => single_tool::run(conversation, &command),
        Intent::Start { command } => job::start(conversation, &command),
        Intent::Story { kilobytes } => single_tool::story(kilobytes),
        Intent::Swap { from, to, path } => change::swap(conversation, &from, &to, path.as_deref()),
        Intent::Type { text } => job::visit(conversation, Visit::Type(&text)),
        Intent::Tidy => change::tidy(conversation),
        Intent::Listen => job::visit(conversation, Visit::Listen),
        Intent::Look => look(conversation),
        Intent::Read { path } => read(conversation, &path),
        Intent::Search { pattern, path } => search(conversation, &pattern, path),
        Intent::Sample => {
            answer("**Showing a sample**\n\nThe rules have one at hand.", replies::SAMPLE.into())
        }
        Intent::Wait => job::visit(conversation, Visit::Wait),
        Intent::Web { query } => single_tool::web(conversation, &query),
        Intent::Unknown => answer(
            "**Finding a rule**\n\nNone of the rules fits these words.",
            replies::HELP.into(),
        ),
    }
}

/// A command about files, whatever is in their names.
fn shell(command: &str, paths: &[&str]) -> String {
    let quoted: String =
        paths.iter().map(|path| format!(" {}", shell_reading::quoted(path))).collect();
    format!("{command} --{quoted}")
}

/// `glob`, once more by name where that was cut, then what is worth reading, then the answer.
fn look(conversation: &SeenConversation) -> Next {
    let mut globs = conversation.all("glob");
    let Some(found) = globs.next() else {
        let thought = "**Looking at the folder**\n\nThe names of the files come first.";
        return call(
            conversation,
            thought,
            "I will look at what is in this folder.",
            "glob",
            [json!({ "pattern": "**/*" })],
        );
    };
    let listing = SeenFiles::read(&found.output);
    let named = globs.next().map(|ran| SeenFiles::read(&ran.output));
    if listing.cut && named.is_none() && conversation.offers("glob") {
        let thought = "**Looking for the files that say most**\n\nThere are more than were listed.";
        let say = "There are many files here. I will look for those that say what it is about.";
        return call(conversation, thought, say, "glob", [json!({ "pattern": folder::TELLING })]);
    }
    let chosen =
        named.map_or_else(|| listing.worth_reading(), |named| listing.and(&named).worth_reading());
    if conversation.all("read").next().is_none()
        && !chosen.is_empty()
        && conversation.offers("read")
    {
        let thought = "**Choosing what to read**\n\nA few names say more than the rest.";
        let say = replies::found(&listing, &chosen);
        return call(
            conversation,
            thought,
            &say,
            "read",
            chosen.iter().map(|path| json!({ "filePath": path })),
        );
    }
    let read: Vec<_> = conversation.all("read").collect();
    answer(
        "**Putting it together**\n\nCounting and quoting what came back.",
        replies::folder(found, &listing, &read),
    )
}

fn read(conversation: &SeenConversation, path: &str) -> Next {
    match conversation.last("read") {
        Some(ran) => {
            answer("**Quoting the file**\n\nIts first lines say most.", replies::file(ran))
        }
        None => {
            let thought = "**Reading a file**\n\nA file was named.";
            call(
                conversation,
                thought,
                &format!("I will read {}.", code(path)),
                "read",
                [json!({ "filePath": path })],
            )
        }
    }
}

fn search(conversation: &SeenConversation, pattern: &str, path: Option<String>) -> Next {
    match conversation.last("grep") {
        Some(ran) => {
            answer("**Quoting the matches**\n\nThey speak for themselves.", replies::matches(ran))
        }
        None => {
            let mut arguments = json!({ "pattern": pattern });
            if let Some(path) = path {
                // `in src` names a folder, `in main.rs` the files to look into.
                let field = if folder::ending(&path).is_empty() { "path" } else { "include" };
                arguments[field] = path.into();
            }
            let thought = "**Searching**\n\nA word was given to look for.";
            call(
                conversation,
                thought,
                &format!("I will search for {}.", code(pattern)),
                "grep",
                [arguments],
            )
        }
    }
}
