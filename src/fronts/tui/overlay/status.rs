//! The status page: account, model, mode, limits, versions and paths.

use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::{
    Agent, AllowedHost, Compactor, CredentialSource, CredentialStanding, KnownRule, Limit,
    Provider, ProviderAuth, ProviderId, RuleSource, SandboxOpenings, ServiceTier, WebAccess,
};
use crate::tui::conversation::Conversation;
use crate::tui::overlay::modes;
use crate::tui::overlay::rules;
use crate::tui::overlay::scroll::ScrollText;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span};
use crate::tui::program_facts::{Connection, Facts};
use crate::tui::wording;

const NAME_WIDTH: usize = 12;

#[derive(Debug, Default)]
pub struct StatusDialog {
    pub(super) scroll: ScrollText,
}

impl StatusDialog {
    pub fn draw(&mut self, facts: &Facts, talk: &Conversation, area: Rect, canvas: &mut Canvas) {
        let width = 76.min(area.width.saturating_sub(6));
        let lines = lines(facts, talk, usize::from(width));
        self.scroll.draw("Status", &lines, width, area, canvas);
    }
}

fn lines(facts: &Facts, talk: &Conversation, width: usize) -> LaidOutLines {
    let mut page = Page { lines: LaidOutLines::new(), width };
    page.heading("Account");
    let in_use = talk.settings().map(|settings| &settings.model).or(facts.start.model.as_ref());
    let provider = in_use.map_or_else(ProviderId::openai, |model| model.provider.clone());
    account(&mut page, facts, &provider);
    page.heading("Model");
    model(&mut page, facts, talk);
    if let Some(session_mode) = talk.session_mode() {
        page.heading("What may happen");
        page.row(
            "agent",
            if session_mode.agent == Agent::Plan { "Plan: changes nothing" } else { "Build" },
        );
        page.row(
            "mode",
            &format!(
                "{}: {}",
                session_mode.approval_mode.as_str(),
                modes::meaning(session_mode.approval_mode)
            ),
        );
        page.row("sandbox", &modes::walls(session_mode.sandbox));
        if !talk.session.opened.is_empty() {
            page.row("opened", &opened(&talk.session.opened, facts));
        }
        for (at, known) in talk.session.rules.iter().enumerate() {
            let name = if at == 0 { "rules" } else { "" };
            page.row(name, &rule(known, facts));
        }
        if provider.is_openai() {
            page.row("web", web(talk.session.web_search));
        }
        for (at, why) in talk.session.refused.iter().enumerate() {
            page.row(if at == 0 { "refused" } else { "" }, &text::clean_line(why));
        }
    }
    let has_limits = facts.limits.primary.is_some() || facts.limits.secondary.is_some();
    if has_limits && provider.is_openai() {
        page.heading("Limits");
        for limit in [facts.limits.primary, facts.limits.secondary].into_iter().flatten() {
            page.row(&wording::window(&limit), &share(&limit, facts));
        }
    }
    page.heading("Here");
    page.row("version", &format!("codling {}", facts.start.version));
    page.row("folder", &wording::folder(&facts.start.folder, facts.start.home.as_deref()));
    let named_above = facts.accounts.as_ref().map(|accounts| &accounts.file);
    for (name, path) in facts.start.paths.iter().filter(|(_, path)| Some(path) != named_above) {
        page.row(name, &wording::folder(path, facts.start.home.as_deref()));
    }
    page.lines
}

/// `allow shell: cargo test * · this folder`
fn rule(known: &KnownRule, facts: &Facts) -> String {
    let source = match &known.source {
        RuleSource::Settings(file) => wording::folder(file, facts.start.home.as_deref()),
        RuleSource::Conversation | RuleSource::Folder => rules::source(known).to_owned(),
    };
    format!("{} {} · {source}", rules::ruling(known), rules::name(known))
}

/// Hosts and folders that are opened to sandboxed commands.
fn opened(openings: &SandboxOpenings, facts: &Facts) -> String {
    let home = facts.start.home.as_deref();
    let hosts = openings.hosts.iter().map(AllowedHost::in_words);
    let folders = openings.folders.iter().map(|folder| wording::folder(folder, home));
    let readable = openings.readable.iter();
    let readable = readable.map(|path| format!("{} to read", wording::folder(path, home)));
    hosts.chain(folders).chain(readable).collect::<Vec<_>>().join(" · ")
}

fn web(access: Option<WebAccess>) -> &'static str {
    match access {
        None => "not searched",
        Some(WebAccess::Cached) => "searched by OpenAI, in its own index",
        Some(WebAccess::Live) => "searched by OpenAI, which opens any page the model asks for",
    }
}

/// Adds the custom provider of the current model, and the credential it is sent.
fn own_provider(page: &mut Page, facts: &Facts, own: &Provider) {
    let credential = facts.accounts.as_ref().and_then(|accounts| accounts.of(&own.id));
    let key = match (&own.auth, credential.map(|account| &account.source)) {
        (ProviderAuth::OpenAiSignIn, _) => "with the sign-in to OpenAI".to_owned(),
        (_, Some(CredentialSource::Environment(name))) => format!("key from `{name}`"),
        (_, Some(CredentialSource::File(_))) => format!("key from the entry `{}`", own.id),
        (_, Some(CredentialSource::Client) | None) => "no key".to_owned(),
    };
    let about = format!("{} ({}) at {} · {key}", own.name, own.id, own.base);
    page.row("provider", &text::clean_line(&about));
}

fn account(page: &mut Page, facts: &Facts, provider: &ProviderId) {
    if let Some(own) = facts.own_provider(provider) {
        own_provider(page, facts, own);
    }
    match facts.connection(provider) {
        Connection::NotKnown => page.row("", "The credentials are still being read"),
        Connection::None => page.row("", "Not connected: sign in with `/connect`"),
        Connection::Some => {}
    }
    if let Some(accounts) = &facts.accounts {
        page.row("kept in", &wording::folder(&accounts.file, facts.start.home.as_deref()));
    }
    let own = facts
        .accounts
        .iter()
        .flat_map(|accounts| &accounts.all)
        .filter(|account| account.provider == ProviderId::openai());
    for account in own {
        let use_of = match account.standing {
            CredentialStanding::Wins => "in use",
            CredentialStanding::Shadowed => "not used: the other one takes precedence",
            CredentialStanding::Unused => "not used",
        };
        page.row("OpenAI", &format!("{} · {use_of}", wording::account(account)));
        if let CredentialSource::Environment(name) = &account.source {
            page.row("from", &format!("the environment variable `{}`", text::clean_line(name)));
        }
        if let Some(expires) = account.expires {
            let (at, left) = (
                wording::local(expires, facts.now, &facts.zone),
                wording::relative(expires, facts.now),
            );
            page.row("expires", &format!("{at} ({left}); renewed automatically"));
        }
    }
}

fn model(page: &mut Page, facts: &Facts, talk: &Conversation) {
    let Some(settings) = talk.settings() else {
        page.row("", "Not known before the first sign-in");
        return;
    };
    let id = settings.model.to_string();
    let known =
        facts.model(&settings.model).filter(|model| model.name != settings.model.id.as_str());
    page.row(
        "model",
        &text::clean_line(
            &known.map_or_else(|| id.clone(), |model| format!("{} ({id})", model.name)),
        ),
    );
    if let Some(effort) = &settings.effort {
        page.row("effort", &text::clean_line(&effort.0));
    }
    if let Some(verbosity) = settings.tuning.verbosity {
        page.row("verbosity", verbosity.as_str());
    }
    if settings.tuning.tier == ServiceTier::Fast {
        page.row("speed", "fast: answered sooner, and uses up more of your plan");
    }
    match (talk.session.context_used, settings.context) {
        (Some(used), Some(size)) => page.row(
            "context",
            &format!("{} of {} tokens", wording::tokens(used), wording::tokens(size)),
        ),
        (None, Some(size)) => {
            page.row("context", &format!("0 of {} tokens", wording::tokens(size)))
        }
        (Some(used), None) => {
            page.row("context", &format!("{} tokens used", wording::tokens(used)))
        }
        (None, None) => {}
    }
    if let Some(cost) = talk.session.spent.cost.filter(|cost| *cost > 0) {
        page.row("cost", &wording::cost(cost));
    }
    if settings.model.provider.is_openai() && talk.session.compactor == Compactor::Server {
        page.row("summaries", "by OpenAI's server, readable only by the model that wrote them");
    }
}

fn share(limit: &Limit, facts: &Facts) -> String {
    let used = format!("{:.0}% used", limit.used_percent);
    match limit.resets {
        Some(at) => {
            format!(
                "{used} · resets {} ({})",
                wording::local(at, facts.now, &facts.zone),
                wording::relative(at, facts.now)
            )
        }
        None => used,
    }
}

struct Page {
    lines: LaidOutLines,
    width: usize,
}

impl Page {
    fn heading(&mut self, name: &str) {
        if !self.lines.is_empty() {
            self.lines.end_row();
        }
        self.lines.push_row(name, Role::Heading);
    }

    fn row(&mut self, name: &str, value: &str) {
        let name = Prefix::behind(text::pad(name, NAME_WIDTH), Role::Dim);
        self.lines.wrap(&[Span::new(value, Role::Text)], self.width, &name);
    }
}
