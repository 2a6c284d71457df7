//! Findings about the place: proxies, certificates, the terminal, the sandbox, and the
//! conversations that are open.

use url::Url;

use crate::base::Multiplexer;
use crate::base::text::phrases;
use crate::protocol::{LiveState, Sandbox};

use super::facts::DoctorFacts;
use super::findings::{Finding, Mark};

/// Columns and rows that every page fits into.
const LEAST: (u16, u16) = (60, 18);

/// Only hosts are shown: the address of a proxy may hold a password.
pub fn proxies(facts: &DoctorFacts) -> Vec<Finding> {
    let topic = "proxy";
    if facts.proxies.is_empty() {
        return vec![Finding::good(topic, "none", "No proxy is set")];
    }
    let of = |(variable, value): &(String, String)| {
        if variable.eq_ignore_ascii_case("NO_PROXY") {
            let hosts = value.split(',').filter(|host| !host.trim().is_empty()).count() as u64;
            let text = format!("`{variable}` leaves out {}", phrases::count(hosts, "host"));
            return Finding::good(topic, "exceptions", text);
        }
        match proxy_host(value) {
            Some(host) => Finding::good(topic, "set", format!("`{variable}` leads through {host}")),
            None => Finding::doubt(
                topic,
                "not an address",
                format!("`{variable}` is not the address of a proxy"),
                "Set it to an address such as `http://proxy.example:3128`, or unset it",
            ),
        }
    };
    facts.proxies.iter().map(of).collect()
}

/// `proxy.example:3128`, also of an address without a scheme.
fn proxy_host(value: &str) -> Option<String> {
    let value = value.trim();
    let whole = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&whole).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

pub fn certificates(facts: &DoctorFacts) -> Vec<Finding> {
    let topic = "certificates";
    let of = |named: &super::Certificates| {
        let (variable, file) = (named.variable, named.file.display());
        let next = format!("Let `{variable}` name a PEM file that you can read, or unset it");
        let text = || format!("`{variable}` names `{file}`, which is no PEM file that can be read");
        match (named.is_usable, named.is_needed) {
            (true, _) => {
                let text = format!("`{variable}` adds the certificates in `{file}`");
                Finding::good(topic, "added", text)
            }
            (false, true) => Finding::bad(topic, "cannot be used", text(), &next),
            (false, false) => Finding::doubt(topic, "cannot be used", text(), &next),
        }
    };
    facts.certificates.iter().map(of).collect()
}

pub fn terminal(facts: &DoctorFacts) -> Finding {
    let topic = "terminal";
    let terminal = &facts.terminal;
    let next = |next: &str| next.to_owned();
    let name = terminal.program.as_deref().or(terminal.term.as_deref()).unwrap_or("no TERM");
    let behind = match terminal.kind.multiplexer {
        Some(Multiplexer::Tmux) => " in tmux",
        Some(Multiplexer::Screen) => " in screen",
        None => "",
    };
    let far = if facts.surroundings.ssh { " over SSH" } else { "" };
    let size = terminal.size.map(|(columns, rows)| format!(", {columns}x{rows}"));
    let notice = match terminal.kind.notice {
        Some(form) => format!("bell and notifications ({})", form.as_str()),
        None => "the bell alone".to_owned(),
    };
    let progress = if terminal.kind.has_progress { ", progress" } else { "" };
    let text = format!(
        "The terminal is {name}{behind}{far}: {}{}; known for {notice}{progress}",
        terminal.colours,
        size.unwrap_or_default(),
    );
    let advice = match terminal.term.as_deref() {
        None => Some(next("Set `TERM` to the name of your terminal, such as `xterm-256color`")),
        Some("dumb") => {
            Some(next("`codling run` works without a screen; for one choose another `TERM`"))
        }
        Some(_) if !facts.surroundings.utf8 => {
            Some(next("Set `LANG` to one with UTF-8, such as `C.UTF-8`, to see all signs"))
        }
        Some(_)
            if terminal.size.is_some_and(|(columns, rows)| columns < LEAST.0 || rows < LEAST.1) =>
        {
            Some(format!("Make it {}x{} or larger, to see every page whole", LEAST.0, LEAST.1))
        }
        Some(_) => None,
    };
    let mark = if advice.is_some() { Mark::Doubt } else { Mark::Good };
    Finding { mark, next: advice, ..Finding::good(topic, "", text) }
}

pub fn sandbox(facts: &DoctorFacts) -> Finding {
    let topic = "sandbox";
    let kept_by = facts.sandbox.sandbox;
    let state = format!("tier {} of 4 ({})", kept_by.tier(), kept_by.as_str());
    let mut text = format!(
        "The sandbox for commands is {state}. {}",
        kept_by.lacks().unwrap_or("It lacks nothing")
    );
    let refused = &facts.sandbox.refused;
    if !refused.is_empty() {
        text.push_str(&format!(". Refused here: {}", refused.join("; ")));
    }
    let next = "Allow user namespaces here, or install bubblewrap: `codling guide sandbox`";
    match kept_by {
        Sandbox::Namespaces
        | Sandbox::NamespacesBut(_)
        | Sandbox::Bubblewrap
        | Sandbox::Seatbelt => Finding::good(topic, &state, text),
        Sandbox::Landlock | Sandbox::Absent => Finding::doubt(topic, &state, text, next),
    }
}

/// The open conversations, each of which is locked by the program that has it.
pub fn conversations(facts: &DoctorFacts) -> Vec<Finding> {
    let topic = "conversations";
    let open = match &facts.open {
        Ok(open) => open,
        Err(error) => {
            return vec![Finding::doubt(
                topic,
                "cannot be asked",
                format!("The open conversations cannot be asked: {error}"),
                "Make codling's folder for state one that is yours alone",
            )];
        }
    };
    let named = |one: &LiveState| {
        format!("{} (pid {}, {})", one.session, one.process, one.activity.words())
    };
    let all: Vec<String> = open.answered.iter().map(named).collect();
    let count = all.len() as u64;
    let state = format!("{count} open");
    let text = match count {
        0 => "No conversation is open".to_owned(),
        1 => format!("A conversation is open: {}", all.join("")),
        _ => format!("{count} conversations are open: {}", all.join(", ")),
    };
    let silent = open.silent.iter().map(|(session, why)| {
        Finding::doubt(
            topic,
            "one does not answer",
            format!("Another codling has {session} open. {}", why.words()),
            "End that program, where you do not need it any more",
        )
    });
    std::iter::once(Finding::good(topic, &state, text)).chain(silent).collect()
}
