//! The fixture: a folder to work in, a place outside it, and a person who decides at the screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use codling::demo::{Options, ScriptedAnswer, SeenRequest};
use serde_json::json;
use tempfile::TempDir;

use crate::pty::{Look, Setup, Terminal};
use crate::stage::sentences;
use crate::stage::{Account, Stage, find, until};

/// The limit for any wait on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Selects a model that writes patches; the stand-in's others do not.
pub const PATCHER: [&str; 2] = ["-m", "gpt-5-codling-demo"];

pub struct Fixture {
    pub stage: Stage,
    root: TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        Self::with_key(Options::default())
    }

    pub fn with_key(options: Options) -> Self {
        Self::on(Stage::with(Account::ApiKey, options))
    }

    /// A fixture with a ChatGPT plan, whose models have a context size.
    pub fn with_plan(options: Options) -> Self {
        Self::on(Stage::with(Account::ChatGpt, options))
    }

    pub fn on(stage: Stage) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        Self { stage, root }
    }

    /// The folder to work in.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The folder around the one to work in.
    pub fn outside(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder().join(name), text).unwrap();
    }

    /// The text of a file in the folder; `None` if it is missing.
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder().join(name)).ok()
    }

    /// Waits until a file holds the wanted text.
    pub fn wait_for(&self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        find(LIMIT, name, || self.read(name).filter(|text| wanted(text)))
    }

    /// The names of the tools offered in a request.
    pub fn tools(request: &SeenRequest) -> Vec<String> {
        let body = request.json();
        body["tools"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
            .collect()
    }

    pub fn script(&self, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        self.stage.stand.script(answers.into_iter().collect::<Vec<_>>());
    }

    /// A step that reads a file, which must precede an edit.
    pub fn reads(call: &str, path: &str) -> ScriptedAnswer {
        ScriptedAnswer::calls(call, "read", &json!({ "filePath": path }))
    }

    pub fn open(&self, arguments: &[&str]) -> Terminal {
        self.open_with(arguments, |setup| setup)
    }

    pub fn open_with(&self, arguments: &[&str], adapt: impl FnOnce(Setup) -> Setup) -> Terminal {
        let setup = Setup::codling().envs(self.stage.variables()).folder_at(self.folder());
        let terminal = adapt(setup.args(arguments.iter().copied()).size(100, 40)).start();
        terminal.wait_for("Ask anything");
        terminal
    }

    /// Runs the program without a terminal.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }

    /// The command `codling run`, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program();
        command.arg("run").args(arguments);
        command
    }

    /// The program without arguments and terminal, not started yet.
    pub fn program(&self) -> Command {
        self.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), &self.folder())
    }

    /// The last request for a response.
    pub fn last(&self) -> SeenRequest {
        self.stage.stand.responses().pop().expect("a request")
    }

    /// The output of a call in the last request.
    pub fn output(&self, call: &str) -> String {
        let last = self.last();
        let outputs: Vec<_> = last
            .input()
            .into_iter()
            .filter(|item| item["call_id"] == call && !item["output"].is_null())
            .collect();
        assert_eq!(outputs.len(), 1, "{call}: {:#?}", last.input());
        outputs[0]["output"]
            .as_str()
            .map_or_else(|| outputs[0]["output"].to_string(), str::to_owned)
    }

    /// Leaves, and checks the laws of conversations.
    pub fn leave(&self, terminal: &Terminal) {
        terminal.type_text("/exit").press("enter");
        assert_eq!(terminal.wait_exit().code, 0);
        assert_eq!(terminal.leftovers(), Vec::<String>::new());
        self.stage.stand.check().unwrap();
    }
}

pub trait Person {
    /// Types and sends a prompt.
    fn ask(&self, prompt: &str);
    /// Presses a key once the dialog that opened by itself takes it: the cursor has left the
    /// composer.
    fn confirm(&self, key: &str);
    /// Undoes everything that the undo dialog offers, also if the system does not tell who made the
    /// changes.
    fn take_back(&self);
    /// Presses a key once the ask takes it and shows so by a mark.
    fn decide(&self, key: &str);
    /// Presses esc twice.
    fn interrupt(&self);
    /// Waits until nothing runs and nothing is queued.
    fn rests(&self);
    /// Waits until all words are on the screen at once.
    fn shows(&self, words: &[&str]);
    /// Runs a slash command.
    fn slash(&self, name: &str);
}

impl Person for Terminal {
    fn ask(&self, prompt: &str) {
        self.wait_for("Ask anything");
        self.type_text(prompt);
        self.wait_for(&format!("│ {prompt}"));
        self.press("enter");
    }

    fn confirm(&self, key: &str) {
        self.wait_until("the dialog takes keys", |screen| screen.cursor().is_none());
        self.press(key);
    }

    fn take_back(&self) {
        self.wait_until("the dialog takes keys", |screen| screen.cursor().is_none());
        if !self.screen().contents().contains("perhaps yours") {
            self.press("enter");
            return;
        }
        self.press("a");
        self.wait_until("all are chosen", |screen| !screen.contents().contains("[ ]"));
        self.press("enter");
        self.wait_for(sentences::MAY_BE_YOURS);
        self.press("y");
    }

    fn decide(&self, key: &str) {
        self.wait_until("what is asked takes keys", |screen| {
            screen.lines().iter().any(|line| line.starts_with('│') && line.contains("› "))
        });
        self.press(key);
    }

    fn interrupt(&self) {
        self.press("esc");
        self.wait_for(sentences::INTERRUPT_AGAIN);
        self.press("esc");
    }

    fn rests(&self) {
        self.wait_until("it rests", |screen| {
            !["Working", "Waiting for you", "Reconnecting", "Summarizing", "to interrupt"]
                .iter()
                .any(|word| screen.shows(word))
        });
    }

    fn shows(&self, words: &[&str]) {
        let wanted: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.wait_until(&format!("{words:?} are on the screen"), move |screen| {
            let screen = screen.lines().join("\n").replace('\u{a0}', " ");
            wanted.iter().all(|word| screen.contains(word))
        });
    }

    fn slash(&self, name: &str) {
        self.wait_for("Ask anything");
        self.type_text(&format!("/{name}"));
        self.wait_for(&format!("│ /{name}"));
        self.press("enter");
    }
}

/// Whether a process lives and is no zombie: one that was started in the folder, by its number in
/// its own namespace.
fn is_alive(folder: &Path, pid: &str) -> bool {
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let mut here =
        entries.filter(|entry| fs::read_link(entry.join("cwd")).is_ok_and(|cwd| cwd == folder));
    here.any(|entry| {
        let status = fs::read_to_string(entry.join("status")).unwrap_or_default();
        let of = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        of("NSpid:").split_whitespace().next_back() == Some(pid.trim())
            && !of("State:").starts_with(['Z', 'X'])
    })
}

/// Waits until all of the processes are gone.
pub fn wait_dead<'a>(fixture: &Fixture, pids: impl IntoIterator<Item = &'a str>) {
    let folder = fixture.folder().canonicalize().unwrap();
    for pid in pids {
        until(LIMIT, &format!("{pid} has ended"), || !is_alive(&folder, pid));
    }
}
