//! The answers, in markdown: counts and quotes of what the tools gave back, and what the model is.
//! Decides nothing.

use super::markdown::{WIDEST, code, fence, language};
use crate::demo::brain::seen::call_fate::Fate;
use crate::demo::brain::seen::conversation::PastOutput;
use crate::demo::brain::seen::folder;
use crate::demo::brain::seen::folder::SeenFiles;
use crate::demo::brain::seen::job_answer::RUNNING;

pub const HELP: &str = codling_assets::demo::HELP;
pub const SAMPLE: &str = codling_assets::demo::SAMPLE;

/// Why a call is made that a person asked for in so many words.
pub const ASKED_FOR: &str = "You asked for it";
/// A search found nothing that is still to be changed.
pub const NOTHING_LEFT: &str = "I found nothing left to change";
/// A listing that failed, or of an empty folder.
pub const NO_FILES: &str = "gave back no files";
/// A file that could not be read, or is empty.
pub const NO_LINES: &str = "gave back no lines";
/// A command that goes on wrote nothing since the last look.
pub const NOTHING_NEW: &str = "It has said nothing new.";

/// Lines quoted of a file.
const QUOTED: usize = 8;
/// Lines quoted of other output.
const ECHOED: usize = 14;

/// Said together with the calls that read.
pub fn found(listing: &SeenFiles, chosen: &[&str]) -> String {
    let folder = shared_folder(listing);
    let names: Vec<String> = chosen.iter().map(|path| code(folder::shown(path, &folder))).collect();
    let count = if listing.cut { format!("More than {}", count(listing)) } else { count(listing) };
    format!("{count} here. I will read {}.", names.join(" and "))
}

/// The reply about a folder: `found` is the call that listed it.
pub fn folder(found: &PastOutput, listing: &SeenFiles, read: &[&PastOutput]) -> String {
    if listing.paths.is_empty() {
        return format!(
            "`{}` {NO_FILES}. It said:\n\n{}\n{OUTLOOK}",
            found.called,
            fence("", found.output.lines(), ECHOED)
        );
    }
    let mut text = match listing.cut {
        true => format!(
            "This folder holds **more than {}**; those that were listed:\n\n",
            count(listing)
        ),
        false => format!("This folder holds **{}**.\n\n", count(listing).to_lowercase()),
    };
    text.push_str("| Kind | Files |\n|:-----|------:|\n");
    for (kind, count) in listing.kinds().iter().take(8) {
        text.push_str(&format!("| {kind} | {count} |\n"));
    }
    let folder = shared_folder(listing);
    for ran in read {
        text.push('\n');
        text.push_str(&section(ran, folder::shown(ran.argument("filePath"), &folder)));
    }
    if read.is_empty() {
        text.push_str(
            "\nNone of them was read: no name among them says that it explains the rest.\n",
        );
    }
    text.push_str(OUTLOOK);
    text
}

/// One file that was asked for by name.
pub fn file(ran: &PastOutput) -> String {
    format!("{}{OUTLOOK}", section(ran, ran.argument("filePath")))
}

/// The reply that quotes `grep`.
pub fn matches(ran: &PastOutput) -> String {
    let pattern = code(ran.argument("pattern"));
    format!(
        "The search for {pattern} answered:\n\n{}{OUTLOOK}",
        fence("", ran.output.lines(), ECHOED)
    )
}

/// The reply that quotes the tools that made a change.
pub fn changed(ran: &[&PastOutput]) -> String {
    format!("It is done, as far as I can tell. The tool said:\n\n{}{OUTLOOK}", outputs(ran))
}

/// The reply to a refusal without a reason that the rules can act on.
pub fn refused(ran: &[&PastOutput]) -> String {
    let what = |ran: &&&PastOutput| match ran.tool.as_str() {
        "shell" => format!("run {}", code(ran.argument("command"))),
        "exec_command" => format!("started {}", code(ran.argument("cmd"))),
        "write_stdin" => "typed that".to_owned(),
        "webfetch" => format!("fetched {}", code(ran.argument("url"))),
        "apply_patch" => "made the change above".to_owned(),
        _ => format!("changed {}", code(ran.argument("filePath"))),
    };
    let refused = ran.iter().filter(|ran| matches!(Fate::of(&ran.output), Fate::Refused { .. }));
    let what: Vec<String> = refused.map(|ran| what(&ran)).collect();
    format!(
        "I would have {}, and stop here, since it was refused. It said:\n\n{}{OUTLOOK}",
        what.join(", "),
        outputs(ran)
    )
}

/// Nothing in these files is to be changed.
pub fn unchanged(paths: &[&str]) -> String {
    let names: Vec<String> = paths.iter().map(|path| code(path)).collect();
    let place = if names.is_empty() { "any file here".to_owned() } else { names.join(", ") };
    format!("{NOTHING_LEFT} in {place}.\n{OUTLOOK}")
}

/// How a command ended or goes on, and its last lines.
pub fn command(line: &str, ran: &PastOutput) -> String {
    let lines: Vec<&str> = ran.output.lines().filter(|line| !line.trim().is_empty()).collect();
    if let Some(session) = lines.first().and_then(|line| line.strip_prefix(RUNNING)) {
        return goes_on(line, session, &lines[1..]);
    }
    let is_end = |line: &&&str| {
        ["exit", "signal", "timed out", "ended after"]
            .iter()
            .any(|word| line.to_lowercase().contains(word))
    };
    let end = lines.first().filter(|line| is_end(line)).or_else(|| lines.last().filter(is_end));
    let ended = end.map_or_else(String::new, |end| format!(" ({})", code(end.trim())));
    let last = lines[lines.len().saturating_sub(QUOTED)..].iter().copied();
    format!(
        "{} has ended{ended}. Its last lines:\n\n{}{OUTLOOK}",
        code(line),
        fence("", last, QUOTED)
    )
}

fn goes_on(line: &str, session: &str, lines: &[&str]) -> String {
    let said = match lines {
        [] => format!("{NOTHING_NEW}\n"),
        lines => {
            let last = lines[lines.len().saturating_sub(QUOTED)..].iter().copied();
            format!("Its last lines:\n\n{}", fence("", last, QUOTED))
        }
    };
    format!(
        "{} goes on, as session {session}. {said}\nSay `wait for it`, or ``type `TEXT` into it``.\n{OUTLOOK}",
        code(line)
    )
}

/// A command was not started, or could not be visited.
pub fn nothing_came(line: &str, ran: &PastOutput) -> String {
    let said = fence("", ran.output.lines(), ECHOED);
    format!("Nothing came of {}. The tool said:\n\n{said}{OUTLOOK}", code(line))
}

/// There is nothing to type into.
pub fn nothing_runs() -> String {
    format!("Nothing that I started is running. Say `` start `cat` ``.\n{OUTLOOK}")
}

/// The rules want commands that stay, which the request does not offer.
pub fn no_jobs() -> String {
    format!(
        "I would start a command that stays, but this request offers no tool for that. Choose the model `gpt-5-codling-demo` with `/model`, which has one, and ask again.\n{OUTLOOK}"
    )
}

pub fn page(ran: &PastOutput) -> String {
    format!(
        "{} says:\n\n{}{OUTLOOK}",
        code(ran.argument("url")),
        fence("", ran.output.lines(), ECHOED)
    )
}

pub fn searched(query: &str) -> String {
    format!(
        "I searched for {}, and made up what I found: nothing leaves this machine in the demo. The pages below are not there either.\n{OUTLOOK}",
        code(query)
    )
}

pub fn answered(ran: &PastOutput) -> String {
    format!(
        "I asked: {}\n\n{}{OUTLOOK}",
        code(ran.argument("question")),
        fence("", ran.output.lines(), ECHOED)
    )
}

pub fn planned(looked: Option<&PastOutput>) -> String {
    let found = looked.map_or_else(String::new, |ran| {
        format!(" I found {}.", count(&SeenFiles::read(&ran.output)).to_lowercase())
    });
    format!(
        "The plan stands, and its first step is done.{found} Say what is to be changed: `rename X to Y`, or `fix something`.\n{OUTLOOK}"
    )
}

/// So many kilobytes, each chapter with its number.
pub fn story(kilobytes: usize) -> String {
    let mut text = String::new();
    let mut chapter = 1;
    while text.len() < kilobytes * 1024 {
        text.push_str(&format!(
            "## Chapter {chapter}\n\nA codling swam past stone {chapter}, and found it much like the stone before. *\"One more,\"* it said, and swam on: the sea is \
             wide, the current was kind, and nobody had said how long a story has to be before it may end.\n\n"
        ));
        chapter += 1;
    }
    text
}

fn outputs(ran: &[&PastOutput]) -> String {
    fence("", ran.iter().flat_map(|ran| ran.output.lines()), ECHOED)
}

/// The rules want a tool the client did not offer.
pub fn no_tool(tool: &str) -> String {
    format!(
        "I would call `{tool}` for that, but this request offers no such tool, so I cannot do it.\n{OUTLOOK}"
    )
}

const OUTLOOK: &str = "\n*I am codling's built-in demo model: I count and quote, I do not understand. Try `read FILE`, `grep for WORD` or `show me a table`.*\n";

fn section(ran: &PastOutput, name: &str) -> String {
    let lines = folder::numbered_lines(&ran.output);
    if lines.is_empty() {
        let said = fence("", ran.output.lines(), ECHOED);
        return format!(
            "### {}\n\n`{}` {NO_LINES} of it. It said:\n\n{said}",
            code(name),
            ran.called
        );
    }
    let begins = fence(language(name), lines.iter().copied(), QUOTED);
    match heading(name, &lines) {
        Some(heading) => format!(
            "### {}\n\nIts first heading is **{heading}**. It begins:\n\n{begins}",
            code(name)
        ),
        None => format!("### {}\n\nIt begins:\n\n{begins}", code(name)),
    }
}

fn heading(name: &str, lines: &[&str]) -> Option<String> {
    if !matches!(folder::ending(name), "md" | "markdown") {
        return None;
    }
    let heading = lines.iter().find_map(|line| line.trim_start().strip_prefix('#'))?;
    let heading = heading.trim_matches(['#', ' ']).replace(['*', '_', '`', '<', '>', '[', ']'], "");
    (!heading.is_empty()).then(|| heading.chars().take(WIDEST).collect())
}

fn count(listing: &SeenFiles) -> String {
    match listing.paths.len() {
        1 => "One file".into(),
        many => format!("{many} files"),
    }
}

/// The folder that absolute paths have in common; relative ones are shown as they are.
fn shared_folder(listing: &SeenFiles) -> String {
    let Some(first) = listing.paths.first().filter(|path| path.starts_with('/')) else {
        return String::new();
    };
    let mut folder = first.rsplit_once('/').map_or("", |(folder, _)| folder);
    while !folder.is_empty()
        && !listing
            .paths
            .iter()
            .all(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    folder.to_owned()
}
