//! Changes of files: what is to be found and read first, the change itself, and what a refusal
//! makes of it.

use serde_json::{Value, json};

use super::hunks::Rewrite;
use super::next_step::{Next, answer, call};
use super::small_fixes;
use crate::demo::brain::intent::orders::is_file;
use crate::demo::brain::seen::call_fate::{Fate, Heed};
use crate::demo::brain::seen::conversation::{PastOutput, RequestInput, SeenConversation};
use crate::demo::brain::seen::folder;
use crate::demo::brain::seen::folder::SeenFiles;
use crate::demo::brain::seen::tool_sets::NextCall;
use crate::demo::brain::words::markdown::code;
use crate::demo::brain::words::replies;

/// Files changed at once, at the most.
const FILES: usize = 8;
/// Files looked over when nothing was named.
const TIDIED: usize = 3;
/// Calls that came to nothing in one turn, at the most.
const FAILED: usize = 12;
/// A line as long as this was cut by the tool that read it.
const LONGEST: usize = 2_000;

/// The changes of a file: the number of a line, and the lines that take its place.
type Edits = Vec<(usize, Vec<String>)>;

pub fn swap(conversation: &SeenConversation, from: &str, to: &str, path: Option<&str>) -> Next {
    let paths = match (path, conversation.last("grep")) {
        (Some(path), _) => vec![path.to_owned()],
        (None, Some(ran)) => found(&ran.output),
        (None, None) => {
            let say = format!("I will look for {} first.", code(from));
            let thought = "**Finding every place**\n\nA name may be in many files.";
            return call(
                conversation,
                thought,
                &say,
                "grep",
                [json!({ "pattern": literal(from) })],
            );
        }
    };
    rewrite(conversation, &paths, |_, lines, heed| {
        let to = heed.word.as_deref().unwrap_or(to);
        let at = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.contains(from) && line.len() < LONGEST);
        at.map(|(at, line)| (at, vec![line.replace(from, to)])).collect()
    })
}

pub fn tidy(conversation: &SeenConversation) -> Next {
    let Some(ran) = conversation.last("glob") else {
        let thought = "**Looking for something to mend**\n\nText files come first.";
        return call(
            conversation,
            thought,
            "I will look at the text files here.",
            "glob",
            [json!({ "pattern": "**/*" })],
        );
    };
    let paths = small_fixes::choose(&SeenFiles::read(&ran.output), TIDIED);
    rewrite(conversation, &paths, |path, lines, _| small_fixes::edits(path, lines))
}

pub fn create(conversation: &SeenConversation, path: &str, text: &str) -> Next {
    let (mut path, mut text) = (path.to_owned(), text.to_owned());
    if let Some(next) = settled(conversation, &[&path]) {
        return next;
    }
    if let Some(word) = Heed::of(changes(conversation), &[&path]).word {
        if is_file(&word) { path = word } else { text = word }
    }
    let say = format!("I will make {}.", code(&path));
    let added = text.lines().map(|line| format!("+{line}\n")).collect::<String>();
    let calls = match conversation.input("apply_patch") {
        Some(input) => vec![patch(input, &format!("*** Add File: {path}\n{added}"))],
        None => vec![NextCall {
            tool: "write",
            arguments: json!({ "filePath": path, "content": format!("{}\n", text.trim_end()) }),
        }],
    };
    make(conversation, say, calls)
}

/// Only where there is a tool that deletes; the shell is asked else.
pub fn delete(conversation: &SeenConversation, path: &str) -> Option<Next> {
    let say = format!("I will delete {}.", code(path));
    by_patch(conversation, path, say, &format!("*** Delete File: {path}\n"))
}

/// As `delete`.
pub fn move_file(conversation: &SeenConversation, from: &str, to: &str) -> Option<Next> {
    let say = format!("I will call {} {}.", code(from), code(to));
    by_patch(conversation, from, say, &format!("*** Update File: {from}\n*** Move to: {to}\n"))
}

fn by_patch(conversation: &SeenConversation, path: &str, say: String, files: &str) -> Option<Next> {
    let input = conversation.input("apply_patch")?;
    // Whatever the reason asks for, there is no other way to do this.
    let latest: Vec<&PastOutput> = conversation.latest().filter(|ran| is_change(ran)).collect();
    if latest.iter().any(|ran| matches!(Fate::of(&ran.output), Fate::Refused { .. })) {
        return Some(stopped(&latest));
    }
    let next = settled(conversation, &[path]);
    Some(next.unwrap_or_else(|| make(conversation, say, vec![patch(input, files)])))
}

/// Reads the files, changes them, and takes up what a refusal asks for.
fn rewrite(
    conversation: &SeenConversation,
    paths: &[String],
    edits: impl Fn(&str, &[String], &Heed) -> Edits,
) -> Next {
    let paths: Vec<&str> = paths.iter().take(FILES).map(String::as_str).collect();
    let known =
        |path: &str| conversation.all("read").filter(|ran| ran.argument("filePath") == path).last();
    if !paths.is_empty() && paths.iter().all(|path| known(path).is_none()) {
        return read(conversation, &paths);
    }
    if let Some(next) = settled(conversation, &paths) {
        return next;
    }
    let heed = Heed::of(changes(conversation), &paths);
    let is_done = |path: &str| {
        changes(conversation).any(|ran| {
            ran.tool == "edit"
                && ran.argument("filePath") == path
                && Fate::of(&ran.output) == Fate::Done
        })
    };
    let rewrites: Vec<Rewrite> = paths
        .iter()
        .filter(|path| !heed.without.iter().any(|out| out == *path) && !is_done(path))
        .filter_map(|path| {
            let lines: Vec<String> = folder::numbered_lines(&known(path)?.output)
                .into_iter()
                .map(str::to_owned)
                .collect();
            let edits = if lines.is_empty() { Vec::new() } else { edits(path, &lines, &heed) };
            (!edits.is_empty()).then(|| Rewrite { path: (*path).to_owned(), lines, edits })
        })
        .collect();
    if rewrites.is_empty() {
        return answer(
            "**Finding nothing to change**\n\nNothing that was read asks for it.",
            replies::unchanged(&paths),
        );
    }
    let names: Vec<String> = rewrites.iter().map(|rewrite| code(&rewrite.path)).collect();
    let say = match heed == Heed::default() {
        true => format!("I will change {}.", names.join(", ")),
        false => format!("As you said. I will change {} that way.", names.join(", ")),
    };
    let calls = match conversation.input("apply_patch") {
        Some(input) => vec![patch(input, &rewrites.iter().map(Rewrite::patch).collect::<String>())],
        None => rewrites.iter().flat_map(edit_calls).collect(),
    };
    make(conversation, say, calls)
}

/// The next step after a change that was answered; `None` while a change is to be made.
fn settled(conversation: &SeenConversation, paths: &[&str]) -> Option<Next> {
    let latest: Vec<&PastOutput> = conversation.latest().filter(|ran| is_change(ran)).collect();
    let failed = changes(conversation).filter(|ran| Fate::of(&ran.output) != Fate::Done).count();
    let any = |wanted: fn(&Fate) -> bool| latest.iter().any(|ran| wanted(&Fate::of(&ran.output)));
    if latest.is_empty() {
        return None;
    }
    if any(|fate| *fate == Fate::Stale) && failed < FAILED && conversation.offers("read") {
        return Some(read(conversation, paths));
    }
    let heeded = Heed::of(latest.iter().copied(), paths) != Heed::default();
    if heeded && failed < FAILED {
        return None;
    }
    if any(|fate| matches!(fate, Fate::Refused { .. })) {
        return Some(stopped(&latest));
    }
    Some(answer("**Saying what was done**\n\nThe tool has answered.", replies::changed(&latest)))
}

fn stopped(latest: &[&PastOutput]) -> Next {
    answer("**Stopping there**\n\nIt was refused.", replies::refused(latest))
}

fn changes(conversation: &SeenConversation) -> impl Iterator<Item = &PastOutput> {
    conversation.ran.iter().filter(|ran| is_change(ran))
}

fn is_change(ran: &PastOutput) -> bool {
    matches!(ran.tool.as_str(), "apply_patch" | "edit" | "write")
}

fn read(conversation: &SeenConversation, paths: &[&str]) -> Next {
    let names: Vec<String> = paths.iter().map(|path| code(path)).collect();
    let thought = "**Reading before changing**\n\nA change has to fit what is there.";
    call(
        conversation,
        thought,
        &format!("I will read {}.", names.join(", ")),
        "read",
        paths.iter().map(|path| json!({ "filePath": path })),
    )
}

fn make(conversation: &SeenConversation, say: String, calls: Vec<NextCall>) -> Next {
    match calls.iter().find(|call| !conversation.offers(call.tool)) {
        Some(missing) => answer(
            "**Going without tools**\n\nNothing on offer changes files.",
            replies::no_tool(missing.tool),
        ),
        None => Next::Call { thought: "**Making the change**\n\nEvery file at once.", say, calls },
    }
}

/// Text stands for itself in a call that takes text.
fn patch(input: RequestInput, files: &str) -> NextCall {
    let patch = format!("*** Begin Patch\n{files}*** End Patch");
    let arguments = match input {
        RequestInput::Json => json!({ "input": patch }),
        RequestInput::Text => Value::String(patch),
    };
    NextCall { tool: "apply_patch", arguments }
}

fn edit_calls(rewrite: &Rewrite) -> Vec<NextCall> {
    let arguments =
        |(old, new)| json!({ "filePath": rewrite.path, "oldString": old, "newString": new });
    rewrite
        .swaps()
        .into_iter()
        .map(|swap| NextCall { tool: "edit", arguments: arguments(swap) })
        .collect()
}

/// The files that `grep` found something in: lines that are neither indented nor in brackets.
fn found(output: &str) -> Vec<String> {
    let is_file = |lines: &[&str]| !lines[0].starts_with([' ', '(']) && lines[1].starts_with("  ");
    let lines: Vec<&str> = output.lines().collect();
    lines.windows(2).filter(|lines| is_file(lines)).map(|lines| lines[0].to_owned()).collect()
}

fn literal(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            (!c.is_alphanumeric() && c.is_ascii() && !matches!(c, ' ' | '_'))
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}
