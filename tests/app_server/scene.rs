//! The server between a client, a folder and the stand-in.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codling::demo::Options;
use tempfile::TempDir;

use super::client::{Client, LIMIT};
use crate::stage::{Account, Ending, Stage};

/// How clients reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Pipe,
    WebSocket,
}

/// The server ends before its home and its folder are removed: fields are dropped in this order.
pub struct Scene {
    pub server: Ending,
    pub client: Client,
    pub stage: Stage,
    /// Where a websocket is listened on.
    pub address: Option<String>,
    root: TempDir,
}

impl Scene {
    /// Returns a scene with an API key, over a pipe.
    pub fn new() -> Self {
        Self::over(Transport::Pipe)
    }

    pub fn over(transport: Transport) -> Self {
        Self::with(transport, Account::ApiKey, Options::default(), "")
    }

    /// Returns a scene with settings of the person's.
    pub fn with(transport: Transport, account: Account, options: Options, settings: &str) -> Self {
        let stage = Stage::with(account, options);
        let config = stage.home.path().join("config");
        fs::create_dir_all(&config).unwrap();
        fs::write(config.join("config.toml"), settings).unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        let (server, client, address) = start(&stage, root.path(), transport);
        let mut scene = Self { server, client, stage, address, root };
        scene.client.initialize();
        scene
    }

    /// Returns the folder that threads work in.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work").canonicalize().unwrap()
    }

    /// Connects one more client, which has said hello.
    pub fn another(&self) -> Client {
        let mut client = Client::connect(self.address.as_ref().unwrap());
        client.initialize();
        client
    }

    /// Starts a second server on the same home, over a pipe.
    pub fn second_server(&self) -> (Ending, Client) {
        let (server, mut client, _) = start(&self.stage, self.root.path(), Transport::Pipe);
        client.initialize();
        (server, client)
    }

    /// Returns the text of auth.json; empty if there is none.
    pub fn auth_file(&self) -> String {
        fs::read_to_string(self.stage.home.auth_file()).unwrap_or_default()
    }

    /// Waits for the server to end by itself; returns its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.server.ended(LIMIT)
    }
}

/// Runs the story once over each transport.
pub fn over_both(account: Account, options: &Options, settings: &str, story: impl Fn(&mut Scene)) {
    for transport in [Transport::Pipe, Transport::WebSocket] {
        story(&mut Scene::with(transport, account, options.clone(), settings));
    }
}

/// Returns the program, not started yet.
pub fn program(stage: &Stage, root: &Path) -> Command {
    let mut command = stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), &root.join("work"));
    command.env("CODLING_CALLBACK_PORTS", "0,0").env("CODLING_LOG", "trace").arg("app-server");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Returns the address that the server listens on, as it says on standard error.
pub fn address(server: &mut Ending) -> String {
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let address = lines
        .find_map(|line| line.unwrap().strip_prefix("listening on: ").map(str::to_owned))
        .unwrap();
    // The rest of standard error is read, so that the server can go on writing.
    std::thread::spawn(move || lines.for_each(drop));
    address
}

fn start(stage: &Stage, root: &Path, transport: Transport) -> (Ending, Client, Option<String>) {
    let mut command = program(stage, root);
    if transport == Transport::WebSocket {
        command.args(["--listen", "ws://127.0.0.1:0"]);
    }
    let mut server = Ending(command.spawn().unwrap());
    match transport {
        Transport::Pipe => {
            let input = server.0.stdin.take().unwrap();
            let client = Client::of_pipe(input, server.0.stdout.take().unwrap());
            (server, client, None)
        }
        Transport::WebSocket => {
            let address = address(&mut server).strip_prefix("ws://").unwrap().to_owned();
            (server, Client::connect(&address), Some(address))
        }
    }
}
