//! `codling sandbox`: which tier keeps commands in here, what it lacks, and a command run in it. Asks nobody and signs in nowhere.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::base::{Console, secret_places};
use crate::protocol::Exit;
use crate::sandbox::{self, End, How, Order};

use super::args::Sandbox;

/// A person ends it when it takes too long.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

pub fn show(wish: Sandbox, folder: &Path, console: &mut Console) -> Exit {
    let present = sandbox::present();
    let about = format!("Tier {} of 4 ({}). {}", present.tier(), present.as_str(), present.lacks().unwrap_or("It lacks nothing"));
    if wish.command.is_empty() {
        console.line(&about);
        return Exit::Done;
    }
    if !present.is_present() {
        console.problem(&about, Some("Nothing can be run in a sandbox here"));
        return Exit::Failed;
    }
    console.note(&about);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let order = Order {
        command: wish.command,
        workdir: folder.clone(),
        confinement: wish.mode,
        sandbox: present,
        kept: vec![folder.join(".git")],
        hidden: secret_places(std::env::home_dir().as_deref(), &folder),
        shown: Vec::new(),
        folder,
        limit: LIMIT,
        trace: None,
        variables: Vec::new(),
    };
    let (_leash, tether) = match sandbox::leash() {
        Ok(pair) => pair,
        Err(error) => {
            console.problem(&format!("The command could not be started: {error}"), None);
            return Exit::Failed;
        }
    };
    let mut out = io::stdout();
    // Whoever does not listen any more needs no more of it.
    let end = order.run(&sandbox::program(), tether, &mut |bytes| drop(out.write_all(bytes).and_then(|()| out.flush())));
    exit(&end, console)
}

fn exit(end: &End, console: &mut Console) -> Exit {
    match &end.how {
        How::Exit(0) => Exit::Done,
        How::Signal(number) => Exit::Signal(u8::try_from(*number).unwrap_or_default()),
        How::Exit(code) => {
            console.note(&format!("It ended with exit code {code}"));
            Exit::Failed
        }
        How::Failed(why) => {
            console.problem(why, None);
            Exit::Failed
        }
        How::Late | How::Stopped => Exit::Failed,
    }
}
