//! The agent between an editor, a folder and the stand-in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codling::demo::Options;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::editor::{Editor, LIMIT};
use crate::stage::{Account, Ending, Stage};

/// The agent ends before its home and its folder are removed: fields are dropped in this order.
pub struct Scene {
    pub agent: Ending,
    pub editor: Editor,
    pub stage: Stage,
    root: TempDir,
}

impl Scene {
    /// Returns a scene with an API key and a client without capabilities.
    pub fn new() -> Self {
        Self::with(Account::ApiKey, Options::default(), &[], json!({}))
    }

    /// Returns a scene with these variables and a client with these capabilities.
    pub fn with(
        account: Account,
        options: Options,
        variables: &[(&str, &str)],
        capabilities: Value,
    ) -> Self {
        let mut scene = Self::silent(account, options, variables, "");
        scene.editor.initialize(capabilities);
        scene
    }

    /// Returns a scene whose client has not said hello.
    pub fn silent(
        account: Account,
        options: Options,
        variables: &[(&str, &str)],
        settings: &str,
    ) -> Self {
        let stage = Stage::with(account, options);
        let config = stage.home.path().join("config");
        fs::create_dir_all(&config).unwrap();
        fs::write(config.join("config.toml"), settings).unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        let (agent, editor) = start(&stage, root.path(), variables);
        Self { agent, editor, stage, root }
    }

    /// Returns the folder that sessions work in.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work").canonicalize().unwrap()
    }

    /// Returns the parameters of `session/new` and similar requests.
    pub fn place(&self) -> Value {
        json!({ "cwd": self.folder(), "mcpServers": [] })
    }

    /// Returns the same parameters for an earlier session.
    pub fn place_of(&self, session: &str) -> Value {
        json!({ "sessionId": session, "cwd": self.folder(), "mcpServers": [] })
    }

    pub fn session(&mut self) -> String {
        let place = self.place();
        let new = self.editor.request("session/new", place);
        new["sessionId"].as_str().unwrap().to_owned()
    }

    /// Ends the agent, and begins another on the same home.
    pub fn again(&mut self) {
        self.again_with(json!({}));
    }

    /// Does the same with a client of these capabilities.
    pub fn again_with(&mut self, capabilities: Value) {
        self.editor.hang_up();
        assert_eq!(self.ended(), Some(0));
        (self.agent, self.editor) = start(&self.stage, self.root.path(), &[]);
        self.editor.initialize(capabilities);
    }

    /// Starts a second agent on the same home.
    pub fn another(&self) -> (Ending, Editor) {
        let (agent, mut editor) = start(&self.stage, self.root.path(), &[]);
        editor.initialize(json!({}));
        (agent, editor)
    }

    /// Returns the text of auth.json; empty if there is none.
    pub fn auth_file(&self) -> String {
        fs::read_to_string(self.stage.home.auth_file()).unwrap_or_default()
    }

    /// Waits for the agent to end by itself; returns its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.agent.ended(LIMIT)
    }
}

/// Returns the program, not started yet.
pub fn program(stage: &Stage, root: &Path) -> Command {
    let mut command = stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), &root.join("work"));
    command.env("CODLING_CALLBACK_PORTS", "0,0").env("CODLING_LOG", "trace").arg("acp");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(stage: &Stage, root: &Path, variables: &[(&str, &str)]) -> (Ending, Editor) {
    let mut command = program(stage, root);
    command.envs(variables.iter().copied());
    let mut agent = Ending(command.spawn().unwrap());
    let input = agent.0.stdin.take().unwrap();
    let editor = Editor::new(input, agent.0.stdout.take().unwrap());
    (agent, editor)
}
