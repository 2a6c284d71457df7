//! `codling auth login`: chooses the method, starts the sign-in and follows it to its end.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Hidden, Reader, Secret, text};
use crate::engine::Incoming;
use crate::protocol::{
    AccountCommand, Command, EventKind, Exit, KeyCheck, McpServersCommand, Problem, ProblemKind,
    ProviderId, RequestId, SignInId, SignInLifetime, SignInStep, SignInWay,
};

use super::engine_question::engine_gone;
use super::{EngineQuestion, account_words, steps};

/// The arguments of `login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The provider that is signed in to.
    pub provider: ProviderId,
    /// The sign-in method; `None` asks on the terminal, if there is one.
    pub way: Option<LoginWay>,
    /// Whether a key is tried before it is saved.
    pub check: KeyCheck,
}

/// The ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginWay {
    /// A key that is typed or piped in.
    ApiKey,
    /// The browser of this machine.
    Browser,
    /// A code that is typed on any device.
    Device,
}

/// Lines of standard input.
pub struct LoginInput {
    /// The lines; the channel closes at the end of the input.
    pub lines: UnboundedReceiver<String>,
    /// The other end: a terminal is asked, a program is not.
    pub reader: Reader,
    /// Turns the terminal's echo off while a key is typed.
    pub hide: fn() -> Option<Hidden>,
}

/// Signs in to OpenAI, or saves the key of another provider. The present sign-in stays until the
/// new one is complete; Ctrl-C changes
/// nothing.
pub async fn login(
    mut engine: EngineQuestion<'_>,
    mut input: LoginInput,
    login_request: Login,
) -> Exit {
    let exit = match sign_in(&mut engine, &mut input, login_request).await {
        Ok(exit) | Err(exit) => exit,
    };
    finish(engine, exit)
}

/// Signs in to an MCP server of this folder with the browser.
pub async fn login_to_server(
    mut engine: EngineQuestion<'_>,
    mut input: LoginInput,
    (folder, server, scopes): (PathBuf, String, Vec<String>),
) -> Exit {
    let attempt = SignInId::new("login");
    let command = McpServersCommand::SignIn { attempt: attempt.clone(), folder, server, scopes };
    let request = engine.client.send(Command::McpServers(command));
    let provider = ProviderId::openai();
    let exit = follow(&mut engine, &mut input, (attempt, &provider), request).await;
    finish(engine, exit)
}

fn finish(engine: EngineQuestion<'_>, exit: Exit) -> Exit {
    if exit == Exit::Interrupted {
        engine.console.interrupted();
        engine.console.note("Cancelled; nothing was changed");
    }
    engine.console.flush();
    exit
}

async fn sign_in(
    engine: &mut EngineQuestion<'_>,
    input: &mut LoginInput,
    login_request: Login,
) -> Result<Exit, Exit> {
    let way = match login_request.way {
        Some(way) => way,
        None => choose(engine, input).await?,
    };
    let way = match way {
        LoginWay::ApiKey => SignInWay::ApiKey(key(engine, input).await?),
        LoginWay::Browser => SignInWay::Browser,
        LoginWay::Device => SignInWay::Headless,
    };
    // The program runs one sign-in, so any id is unique.
    let attempt = SignInId::new("login");
    let command = AccountCommand::SignIn {
        attempt: attempt.clone(),
        provider: login_request.provider.clone(),
        way,
        check: login_request.check,
        lifetime: SignInLifetime::Client,
    };
    let request = engine.client.send(Command::Account(command));
    Ok(follow(engine, input, (attempt, &login_request.provider), request).await)
}

/// Asks for one of the three methods; enter takes the most likely one.
async fn choose(engine: &mut EngineQuestion<'_>, input: &mut LoginInput) -> Result<LoginWay, Exit> {
    if input.reader == Reader::Program {
        engine.console.problem(
            "There is no terminal to ask on: say how to sign in",
            Some("Use `codling auth login --device`, `--browser` or `--api-key`"),
        );
        return Err(Exit::Usage);
    }
    let console = &mut *engine.console;
    console.line("Sign in to OpenAI");
    console.line("");
    console.line("  1  ChatGPT Plus/Pro (browser)    opens your browser on this machine");
    console.line("  2  ChatGPT Plus/Pro (headless)   a code for any other device; works over SSH");
    console.line("  3  Manually enter API key        billed by use at api.openai.com");
    console.line("");
    let likeliest = match engine.place.surroundings.reason() {
        Some(reason) => {
            console.line(&format!("{reason}: 2 is the simplest from here."));
            console.line("1 works too: you paste the address that the browser ends on.");
            LoginWay::Device
        }
        None => LoginWay::Browser,
    };
    loop {
        engine.console.flush();
        engine.console.ask(&format!(
            "Choose 1, 2 or 3 [{}]: ",
            if likeliest == LoginWay::Device { 2 } else { 1 }
        ));
        match line(engine, input).await?.as_deref().map(str::trim) {
            Some("") => return Ok(likeliest),
            Some("1") => return Ok(LoginWay::Browser),
            Some("2") => return Ok(LoginWay::Device),
            Some("3") => return Ok(LoginWay::ApiKey),
            Some(_) => {}
            None => return Err(Exit::Interrupted),
        }
    }
}

/// Reads a key, typed without echo or piped in, and trims it.
async fn key(engine: &mut EngineQuestion<'_>, input: &mut LoginInput) -> Result<Secret, Exit> {
    let mut hidden = None;
    if input.reader == Reader::Terminal {
        hidden = (input.hide)();
        if hidden.is_none() {
            engine.console.note("What you type will be visible on this terminal");
        }
        engine.console.ask("API key: ");
    }
    let typed = loop {
        match line(engine, input).await? {
            Some(line) if line.trim().is_empty() && input.reader == Reader::Program => {}
            Some(line) => break Secret::new(line.trim()),
            None => break Secret::new(""),
        }
    };
    drop(hidden);
    if typed.is_empty() {
        engine.console.problem(
            "No key was given",
            Some("Type it, or pipe it in: `codling auth login --api-key < key.txt`"),
        );
        return Err(Exit::Usage);
    }
    Ok(typed)
}

/// Reads the next line of input; `None` at its end.
async fn line(
    engine: &mut EngineQuestion<'_>,
    input: &mut LoginInput,
) -> Result<Option<String>, Exit> {
    let line = tokio::select! {
        biased;
        Some(()) = engine.stops.recv() => return Err(Exit::Interrupted),
        line = input.lines.recv() => line,
    };
    if line.is_some() {
        engine.console.answered();
    }
    Ok(line)
}

/// Follows the sign-in to its end. A line typed meanwhile is taken for the address on which the
/// browser ended.
async fn follow(
    engine: &mut EngineQuestion<'_>,
    input: &mut LoginInput,
    (attempt, provider): (SignInId, &ProviderId),
    request: RequestId,
) -> Exit {
    let mut takes_paste = Paste::Ignored;
    let mut stops = 0;
    let mut failure = None;
    loop {
        let incoming = tokio::select! {
            biased;
            Some(()) = engine.stops.recv() => {
                stops += 1;
                // The first stop lets the engine close its listener; a second one does not wait.
                if stops > 1 {
                    return Exit::Interrupted;
                }
                engine.client.send(Command::Account(AccountCommand::CancelSignIn(attempt.clone())));
                continue;
            }
            incoming = engine.inbox.next() => incoming,
            Some(line) = input.lines.recv(), if takes_paste == Paste::Taken => {
                if !line.trim().is_empty() {
                    let (attempt, text) = (attempt.clone(), line.trim().to_owned());
                    engine.client.send(Command::Account(AccountCommand::PasteCallback { attempt, text }));
                }
                continue;
            }
        };
        let event = match incoming {
            Some(Incoming::Event(event)) => event.kind,
            Some(Incoming::Reply(answered, Err(problem))) if answered == request => {
                return engine.fail(&problem);
            }
            // The sign-in has begun, or a pasted address came too late.
            Some(Incoming::Reply(..)) => continue,
            None => return engine.fail(&engine_gone()),
        };
        match event {
            EventKind::SignIn { attempt: of, step } if of == attempt => {
                if matches!(step, SignInStep::Browser { .. }) {
                    takes_paste = Paste::Taken;
                }
                let problem = if let SignInStep::Retrying(problem) = &step {
                    Some(problem.clone())
                } else {
                    None
                };
                // Each failed poll reports the same trouble; once is enough.
                let is_news = match &step {
                    SignInStep::Reconnected => failure.is_some(),
                    _ => problem.is_none() || problem != failure,
                };
                if is_news {
                    steps::show(&step, &engine.place, engine.console);
                }
                failure = problem;
                if let Some(exit) = ended(engine, step, provider) {
                    engine.warn();
                    return exit;
                }
            }
            EventKind::Notice(notice) => engine.notice(&notice),
            _ => {}
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Paste {
    Ignored,
    Taken,
}

fn ended(engine: &mut EngineQuestion<'_>, step: SignInStep, provider: &ProviderId) -> Option<Exit> {
    Some(match step {
        SignInStep::Cancelled => Exit::Interrupted,
        SignInStep::Completed(account) => {
            let from = account_words::source(&account.source, engine.place.home.as_deref());
            let whom = account_words::as_whom(&account);
            let line = match account.provider.is_openai() {
                true => format!("Signed in to OpenAI {whom}, kept in {from}"),
                false => format!("Connected {} {whom}, kept in {from}", account.provider),
            };
            engine.console.line(&text::clean_line(&line));
            Exit::Done
        }
        SignInStep::McpSignedIn(server) => {
            let line = format!("Signed in to the MCP server `{server}`");
            engine.console.line(&text::clean_line(&line));
            Exit::Done
        }
        SignInStep::Failed(problem) => engine.fail(&problem),
        SignInStep::Unchecked(problem) => engine.fail(&unchecked(problem, provider)),
        SignInStep::Browser { .. }
        | SignInStep::Checking
        | SignInStep::Code { .. }
        | SignInStep::Exchanging
        | SignInStep::PasteRefused(_)
        | SignInStep::Reconnected
        | SignInStep::Retrying(_) => return None,
    })
}

/// Replaces the advice to save the key unchecked by the option that does it.
fn unchecked(problem: Problem, provider: &ProviderId) -> Problem {
    let whom = if provider.is_openai() { String::new() } else { format!("{provider} ") };
    let step = problem.next.as_deref().unwrap_or("Try again later, or save the key unchecked");
    Problem::new(ProblemKind::SignIn, problem.message).with_next(format!(
        "The key was not saved. {step}: `codling auth login {whom}--api-key --unchecked`"
    ))
}
