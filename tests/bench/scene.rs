//! The fixture: a stand-in, a home with or without a sign-in, a terminal of 120x40.

use std::time::Duration;

use codling::demo::{ScriptPiece, ScriptedAnswer, SeenRequest, Stand, completed, created, text};
use codling::protocol::Usage;

use crate::ask::Ask;
use crate::pty::{Look, Setup, Terminal};
use crate::stage::{Account, Stage};

/// The placeholder of an empty composer; the first frame is complete once it is visible.
pub const INVITATION: &str = "Ask anything";
/// The last words of every answer.
pub const LAST_WORDS: &str = "zqlastwords";
/// A letter that no answer contains, so that it can only come from the keyboard.
pub const TYPED: &str = "zqj";

const LIMIT: Duration = Duration::from_secs(60);
const MARKDOWN: &str = include_str!("../../assets/demo/load.md");
/// Characters of a delta: about five tokens.
const DELTA: usize = 20;

/// Waits for a program to come to rest, as far as its screen tells.
pub fn settle(terminal: &Terminal) {
    let mut mark = terminal.mark();
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(250));
        let now = terminal.mark();
        if now == mark {
            return;
        }
        mark = now;
    }
}

pub struct Scene {
    pub terminal: Terminal,
    stage: Stage,
}

impl Scene {
    /// Starts the program; `terminal.started()` gives the start time.
    pub fn begin(ask: &Ask, account: Account) -> Self {
        Self::begin_with(ask, account, &[])
    }

    /// Starts the program with these settings, and with variables beside or over the usual ones.
    pub fn begin_set(
        ask: &Ask,
        stage: Stage,
        settings: &str,
        variables: &[(&str, String)],
    ) -> Self {
        let folder = stage.home.path().join("config");
        std::fs::create_dir_all(&folder).expect("a folder for the settings");
        std::fs::write(folder.join("config.toml"), settings).expect("the settings");
        Self::begin_in(stage, Setup::new(&ask.program).envs(variables.iter().cloned()))
    }

    /// Starts the program as it is set up, and waits for the end of its start.
    pub fn begin_in(stage: Stage, setup: Setup) -> Self {
        let variables = stage.variables();
        let scene = Self { terminal: setup.envs(variables).size(120, 40).start(), stage };
        scene.terminal.wait_for(INVITATION);
        settle(&scene.terminal);
        scene
    }

    /// Starts the program in a home with 100 skills, 50 slash commands and 5 MCP servers that
    /// cannot be started.
    pub fn begin_extended(ask: &Ask) -> Self {
        let stage = Stage::new(Account::ChatGpt);
        let config = stage.home.path().join("config");
        let write = |path: String, text: String| {
            let path = config.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("an extension");
        };
        for number in 0..100 {
            let head = format!("---\nname: skill-{number}\ndescription: Does a thing\n---\n");
            let text = head + &"Do it like this.\n".repeat(50);
            write(format!("skills/skill-{number}/SKILL.md"), text);
        }
        for number in 0..50 {
            write(format!("commands/command-{number}.md"), "Do $ARGUMENTS.\n".repeat(20));
        }
        let servers = (0..5).map(|at| format!("[mcp.dead-{at}]\ncommand = '/not/there/{at}'\n"));
        write("config.toml".into(), servers.collect());
        Self::begin_on(ask, stage, &[])
    }

    fn begin_with(ask: &Ask, account: Account, arguments: &[&str]) -> Self {
        Self::begin_on(ask, Stage::new(account), arguments)
    }

    fn begin_on(ask: &Ask, stage: Stage, arguments: &[&str]) -> Self {
        let setup = Setup::new(&ask.program)
            .args(arguments.iter().copied())
            .envs(stage.variables())
            .file("README.md", "# A folder\n\nWith one file.\n");
        Self { terminal: setup.size(120, 40).start(), stage }
    }

    pub fn stand(&self) -> &Stand {
        &self.stage.stand
    }

    /// Starts the program and waits for the end of its start.
    pub fn begin_settled(ask: &Ask) -> Self {
        Self::begin_settled_with(ask, &[])
    }

    /// The same with arguments.
    pub fn begin_settled_with(ask: &Ask, arguments: &[&str]) -> Self {
        let scene = Self::begin_with(ask, Account::ChatGpt, arguments);
        scene.terminal.wait_for(INVITATION);
        settle(&scene.terminal);
        scene
    }

    /// Types a prompt; returns the time of enter.
    pub fn ask(&self, prompt: &str) -> std::time::Instant {
        self.terminal.type_text(prompt);
        self.terminal.wait_for(prompt);
        self.terminal.send(b"\r")
    }

    /// Waits until the last words of an answer are on the screen.
    pub fn wait_last_words(&self) -> std::time::Instant {
        let seen = self.terminal.see(|screen| screen.shows(LAST_WORDS), LIMIT);
        seen.unwrap_or_else(|| {
            panic!(
                "the answer did not come to its end:\n{}",
                self.terminal.screen().lines().join("\n")
            )
        })
    }

    /// Waits for a request that asks for a response.
    pub fn wait_request(&self) -> SeenRequest {
        self.stand().wait_for(SeenRequest::is_responses, LIMIT).expect("a request for a response")
    }

    /// Waits until the stand has sent the last byte of its answer.
    pub fn wait_sent(&self) -> SeenRequest {
        self.stand()
            .wait_for(|request| request.is_responses() && request.ended.is_some(), LIMIT)
            .expect("an answer that was sent whole")
    }
}

/// An answer of this many small deltas of Markdown, ending with the last words; in one burst or at
/// a rate per second.
pub fn load(deltas: usize, per_second: Option<u32>) -> ScriptedAnswer {
    let characters: Vec<char> = MARKDOWN.chars().collect();
    let parts: Vec<String> = characters.chunks(DELTA).map(|part| part.iter().collect()).collect();
    let mut pieces: Vec<ScriptPiece> = vec![created()];
    pieces.extend(parts.iter().cycle().take(deltas.saturating_sub(1)).map(text));
    // Closes an open fence, so that the last words are a paragraph.
    pieces.push(text(format!("\n```\n\n{LAST_WORDS}")));
    pieces.push(completed(Usage {
        input: 1_000,
        cached: 0,
        output: deltas as u64 * 5,
        reasoning: 0,
        cost: None,
    }));
    let answer = ScriptedAnswer::sse(pieces);
    match per_second {
        Some(deltas) => answer.per_second(deltas),
        None => answer,
    }
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
