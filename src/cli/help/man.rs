//! The manual page codling(1), made of the arguments as they are declared: a test writes it and
//! holds that it is up to date. `packaging/build.sh` fills in the version and the day.

use std::fs;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use crate::base::text::roff::escaped as roff;
use crate::cli::args::Args;

const TAIL: &str = "\
.SH FILES
.TP
\\fI~/.config/codling/config.toml\\fR
Your settings; codling\\-config(5) lists them all.
.TP
\\fI~/.local/share/codling/\\fR
Your sign\\-ins, conversations, and what can be undone.
.TP
\\fI~/.local/state/codling/\\fR
Earlier prompts, and the log.
.PP
The command \\fBcodling guide files\\fR says more, and where they are on other systems.
.SH EXIT STATUS
.TP
0
What was asked is done.
.TP
1
The turn, the sign\\-in or the command failed.
.TP
2
The arguments or the settings are wrong.
.TP
3
You are not signed in.
.TP
130
It was interrupted.
.SH SEE ALSO
codling\\-config(5), and \\fBcodling guide\\fR
";

/// The page as roff (groff_man(7)).
fn page() -> String {
    let mut command = Args::command();
    command.build();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut page = String::from(".TH CODLING 1 \"@DAY@\" \"codling @VERSION@\" \"codling\"\n");
    page += &format!(".SH NAME\ncodling \\- {}\n.SH SYNOPSIS\n", roff(&about));
    let usages = ["codling [OPTIONS] [DIR]", "codling [OPTIONS] <COMMAND>"];
    page += &format!("{}\n", usages.map(roff).join("\n.br\n"));
    page += ".SH DESCRIPTION\n";
    page +=
        "It reads the folder you are in, changes files and runs commands, and you see and decide\n";
    page += "what it does. Without a command it opens the terminal UI.\n";
    page += ".SH OPTIONS\n";
    page += &arguments(&command);
    page += &examples(&command);
    page += ".SH COMMANDS\n";
    for sub in visible(&command) {
        section(&mut page, &mut sub.clone(), "codling");
    }
    page + TAIL
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}

/// A command and those below it.
fn section(page: &mut String, command: &mut Command, before: &str) {
    let name = format!("{before} {}", command.get_name());
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    *page += &format!(".SS {}\n", roff(&name));
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        *page += &format!("{}.\n", roff(&about.to_string()));
    }
    for line in usage.lines() {
        *page += &format!(".PP\n{}\n", roff(line.trim()));
    }
    *page += &arguments(command);
    *page += &examples(command);
    let below: Vec<Command> = visible(command).cloned().collect();
    for mut sub in below {
        section(page, &mut sub, &name);
    }
}

/// The options and words that may be typed, each with its meaning.
fn arguments(command: &Command) -> String {
    let shown = |argument: &&Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    command.get_arguments().filter(shown).map(argument).collect()
}

fn argument(argument: &Arg) -> String {
    let values: Vec<String> = argument
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(|name| format!("\\fI{}\\fR", roff(name)))
        .collect();
    let takes_values = argument.get_action().takes_values();
    let values = if takes_values { values.join(" ") } else { String::new() };
    let bold = |flag: String| format!("\\fB{}\\fR", roff(&flag));
    let short = argument.get_short().map(|short| bold(format!("-{short}")));
    let long = argument.get_long().map(|long| bold(format!("--{long}")));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let separator = if flags.is_empty() || values.is_empty() { "" } else { " " };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let help = if help.is_empty() { String::new() } else { format!("{}.\n", roff(&help)) };
    format!(".TP\n{}{separator}{values}\n{help}", flags.join(", "))
}

/// The lines below the options in `--help`, as they stand there.
fn examples(command: &Command) -> String {
    let below = command.get_after_long_help().or(command.get_after_help());
    let Some(below) = below.map(ToString::to_string) else { return String::new() };
    let lines: Vec<String> = below.lines().map(roff).collect();
    format!(".PP\n.nf\n{}\n.fi\n", lines.join("\n"))
}

#[test]
fn the_manual_page_is_made_of_the_declared_arguments() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/man/codling.1");
    let made = page();
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        return fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept == made, "run this test with UPDATE_ASSETS=1 to write {} anew", path.display());
}
