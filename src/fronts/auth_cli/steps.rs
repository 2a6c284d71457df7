//! The steps of a sign-in as text for people. Asks nothing and decides nothing.

use crate::base::{Console, Reader, Timestamp};
use crate::protocol::{BrowserLaunch, PortHolder, SignInStep, in_shell};

use super::{CredentialFile, account_words, qr};

/// Prints a step that does not end the sign-in. Addresses stand unbroken on their own lines, so
/// that they can be selected.
pub fn show(step: &SignInStep, place: &CredentialFile, console: &mut Console) {
    match step {
        SignInStep::Browser { url, port, opened, expires, busy, deaf } => {
            opening(url, *opened, console);
            match deaf {
                Some(problem) => {
                    console.line(&problem.message);
                    console.line(&format!(
                        "Paste the address that the browser ends on here {}",
                        until(*expires, place)
                    ));
                }
                None => listening(*port, *expires, busy.as_ref(), place, console),
            }
            console.line("The last page will not load in a browser on another machine, which is expected: its address is what counts");
        }
        SignInStep::Checking => console.note("Checking the key"),
        SignInStep::Code { url, code, expires } => device(url, code, *expires, place, console),
        SignInStep::Exchanging => console.note("Approved; fetching the tokens"),
        SignInStep::Reconnected => console.note("The server answers again"),
        SignInStep::PasteRefused(problem) | SignInStep::Retrying(problem) => {
            console.note(&match &problem.next {
                Some(next) => format!("{}. {}", problem.message, in_shell(next)),
                None => problem.message.clone(),
            });
        }
        SignInStep::Cancelled
        | SignInStep::Completed(_)
        | SignInStep::Failed(_)
        | SignInStep::McpSignedIn(_)
        | SignInStep::Unchecked(_) => {}
    }
    console.flush();
}

fn opening(url: &str, opened: BrowserLaunch, console: &mut Console) {
    let lead = match opened {
        BrowserLaunch::Started => {
            "A browser was started. If no page comes up, open this address and approve there:"
        }
        BrowserLaunch::Failed => {
            "No browser could be started here. Open this address and approve there:"
        }
        BrowserLaunch::NotTried => "Open this address and approve there:",
    };
    console.line(lead);
    console.line("");
    console.line(url);
    console.line("");
}

fn listening(
    port: u16,
    expires: Timestamp,
    busy: Option<&PortHolder>,
    place: &CredentialFile,
    console: &mut Console,
) {
    if let Some(holder) = busy {
        console.line(&format!(
            "Port {} is in use by {}, so another one is used",
            holder.port,
            name(holder)
        ));
    }
    console.line(&format!("Listening on localhost port {port} {}", until(expires, place)));
    if place.surroundings.ssh {
        let host = place.surroundings.ssh_host.as_deref().unwrap_or("HOST");
        console.line(&format!("To forward that port to the machine in front of you: ssh -N -L {port}:localhost:{port} {host}"));
    }
    console
        .line("Browser on another machine? Approve there, then paste the address it ends on here");
}

fn device(
    url: &str,
    code: &str,
    expires: Timestamp,
    place: &CredentialFile,
    console: &mut Console,
) {
    // The code stands above the text, so that a low terminal scrolls the code away first.
    if let (Reader::Terminal, Some(columns), true) =
        (console.out_reader(), place.columns, place.surroundings.utf8)
        && let Some(lines) = qr::lines(url, columns)
    {
        console.picture(&lines);
        console.line("");
    }
    console.line("On any device:");
    console.line("");
    console.line(&format!("  1  Open   {url}"));
    console.line(&format!("  2  Enter  {code}"));
    console.line("");
    console.line(&format!("Waiting for you to approve {}", until(expires, place)));
    console.line("Continue only if you started this sign-in yourself");
}

fn until(expires: Timestamp, place: &CredentialFile) -> String {
    let now = place.clock.now();
    format!(
        "until {} ({} left)",
        account_words::local(expires, now, &place.zone),
        account_words::span(expires.since(now))
    )
}

fn name(holder: &PortHolder) -> String {
    match (&holder.name, holder.pid) {
        (Some(name), Some(pid)) => format!("{name} (process {pid})"),
        (Some(name), None) => name.clone(),
        (None, Some(pid)) => format!("process {pid}"),
        (None, None) => "another program".into(),
    }
}
