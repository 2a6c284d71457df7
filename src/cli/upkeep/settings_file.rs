//! `codling config`: the person's settings file in their editor, checked afterwards. The editor
//! works on the file itself, so that nothing that was written is lost.

use std::io::{self, BufRead};
use std::path::Path;

use crate::base::{Advice, Console, Reader, files, start, text};
use crate::cli::error::CliError;
use crate::cli::intent::Here;
use crate::config::{ConfigError, ConfigWarning, Env, Flags, Paths, load};
use crate::engine;
use crate::protocol::Exit;

/// The beginning of a file that was not there.
const BEGINNING: &str = "\
# Settings of codling. `codling guide configuration` lists them all.
# A line that begins with # does not count: remove the # to have the setting hold.

# model = \"gpt-5.3-codex\"
# approvals = \"ask\"
# notify = [\"notify-send\", \"codling\"]
";

/// Mistakes in the file.
#[derive(Debug, Default)]
struct Mistakes {
    /// A mistake that keeps the file from being used.
    error: Option<ConfigError>,
    /// Parts that are ignored.
    ignored: Vec<ConfigWarning>,
}

impl Mistakes {
    fn is_none(&self) -> bool {
        self.error.is_none() && self.ignored.is_empty()
    }

    fn report(&self, console: &mut Console) {
        if let Some(error) = &self.error {
            console.problem(&error.to_string(), error.next_step().as_deref());
        }
        for notice in self.ignored.iter().map(ConfigWarning::notice) {
            console.problem(&notice.message, notice.next.as_deref());
        }
    }

    /// The program does not start with an error; what is ignored does no harm.
    fn exit(&self) -> Exit {
        if self.error.is_some() { Exit::Usage } else { Exit::Done }
    }
}

/// Opens the file in the editor, and again as long as it has mistakes and the person wants to.
/// Without an editor or a terminal, prints its path and the mistakes.
///
/// # Errors
///
/// Fails if there is no place for the file, or it cannot be made.
pub fn edit_settings(here: &Here, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let file = Paths::of(env)?.config_file();
    let editor = env.text("VISUAL").or_else(|| env.text("EDITOR"));
    let has_terminal = here.stdin == Reader::Terminal && here.stdout == Reader::Terminal;
    let Some(editor) = editor.filter(|_| has_terminal) else {
        return Ok(show(&file, has_terminal, env, console));
    };
    if !file.exists() {
        let failed = |source| CliError::Config { source: ConfigError::Write { source } };
        files::create_private(&file, BEGINNING.as_bytes()).map_err(failed)?;
    }
    loop {
        let failure = match start::edit(&editor, &file) {
            Ok(status) if status.success() => None,
            Ok(status) => Some(format!("the editor `{editor}` ended with {status}")),
            Err(error) => Some(format!("the editor `{editor}` could not be started: {error}")),
        };
        let mistakes = check(&file, env);
        mistakes.report(console);
        if let Some(failure) = failure {
            let next = format!("Set `VISUAL` or `EDITOR`, or edit `{}` by hand", file.display());
            console.problem(&failure, Some(&next));
            return Ok(Exit::Failed);
        }
        if mistakes.is_none() {
            console.note(&format!("The settings in `{}` can be used", file.display()));
            return Ok(Exit::Done);
        }
        if !wants_again(console) {
            if mistakes.error.is_some() {
                console.note("The file stays as you wrote it; codling does not start with it");
            }
            return Ok(mistakes.exit());
        }
    }
}

fn show(file: &Path, has_terminal: bool, env: &Env, console: &mut Console) -> Exit {
    console.line(&file.display().to_string());
    console.flush();
    let mistakes = check(file, env);
    mistakes.report(console);
    if has_terminal {
        console.note("Set `VISUAL` or `EDITOR` to have `codling config` open it in your editor");
    }
    mistakes.exit()
}

/// Reads the file as a start does. Mistakes elsewhere, as in a variable, are not of this file.
fn check(file: &Path, env: &Env) -> Mistakes {
    match load(env, None, &Flags::default(), &engine::dialects()) {
        Ok(loaded) => Mistakes { error: None, ignored: loaded.warnings },
        Err(error) if error.path() == Some(file) => {
            Mistakes { error: Some(error), ignored: Vec::new() }
        }
        Err(_) => Mistakes::default(),
    }
}

/// Asks; anything but a no, or the end of the input, is a yes.
fn wants_again(console: &mut Console) -> bool {
    console.ask("Edit it again? [Y/n] ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    console.answered();
    let answer = text::clean_line(line.trim()).to_lowercase();
    read.is_ok_and(|bytes| bytes > 0) && !answer.starts_with('n')
}
