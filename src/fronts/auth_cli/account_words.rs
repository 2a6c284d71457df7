//! Accounts, times and places as text for people.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::base::{Timestamp, text};
use crate::protocol::{Account, AccountKind, CredentialSource, ProviderId};

use super::CredentialFile;

/// The provider's display name; its id if it has none.
pub fn provider(id: &ProviderId) -> &str {
    if *id == ProviderId::openai() { "OpenAI" } else { id.as_str() }
}

/// The kind of a credential as text.
pub fn kind(kind: &AccountKind) -> String {
    match kind {
        AccountKind::ApiKey => "API key".into(),
        AccountKind::ChatGpt { .. } => "ChatGPT".into(),
        AccountKind::OAuth => "OAuth".into(),
        AccountKind::Unknown { kind } if kind.is_empty() => "unknown".into(),
        AccountKind::Unknown { kind } => format!("unknown ({kind})"),
        AccountKind::WellKnown => "well-known".into(),
    }
}

/// The e-mail address, else the account's id; `None` if neither is known.
pub fn holder(kind: &AccountKind) -> Option<&str> {
    match kind {
        AccountKind::ChatGpt { account, email, .. } => email.as_deref().or(account.as_deref()),
        AccountKind::ApiKey
        | AccountKind::OAuth
        | AccountKind::Unknown { .. }
        | AccountKind::WellKnown => None,
    }
}

/// The plan's display name: `Plus` for `plus`.
pub fn plan(kind: &AccountKind) -> Option<String> {
    let AccountKind::ChatGpt { plan: Some(plan), .. } = kind else { return None };
    let mut letters = plan.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

/// The account, as far as it is known: `m@example.com (ChatGPT Plus)`.
pub fn who(account: &Account) -> String {
    let way = match plan(&account.kind) {
        Some(plan) => format!("ChatGPT {plan}"),
        None => kind(&account.kind),
    };
    match holder(&account.kind) {
        Some(holder) => format!("{} ({way})", text::clean_line(holder)),
        None => way,
    }
}

/// `as m@example.com (ChatGPT Plus)`, or `with an API key` if no account is known.
pub fn as_whom(account: &Account) -> String {
    match (&account.kind, holder(&account.kind)) {
        (_, Some(_)) => format!("as {}", who(account)),
        (AccountKind::ApiKey, None) => "with an API key".into(),
        (_, None) => format!("with {}", who(account)),
    }
}

/// The source of a credential: its file, its variable, or a client.
pub fn source(source: &CredentialSource, home: Option<&Path>) -> String {
    match source {
        CredentialSource::Client => "a client of the app-server".into(),
        CredentialSource::Environment(name) => name.clone(),
        CredentialSource::File(path) => match home.and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        },
    }
}

/// The time until the credential expires: `in 6 days (Fri 27 Nov, 14:02)`. An expired ChatGPT token
/// is renewed at its next use.
pub fn expiry(account: &Account, place: &CredentialFile) -> Option<String> {
    let expires = account.expires?;
    let now = place.clock.now();
    let local = local(expires, now, &place.zone);
    Some(match (expires > now, &account.kind) {
        (true, _) => format!("in {} ({local})", span(expires.since(now))),
        (false, AccountKind::ChatGpt { .. }) => {
            format!("{} ago, renewed at the next use", span(now.since(expires)))
        }
        (false, _) => format!("{} ago ({local})", span(now.since(expires))),
    })
}

/// A duration in its largest unit, rounded: `59 minutes`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let nearest = |unit: u64| (seconds + unit / 2) / unit;
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3570 => (nearest(60), "minute"),
        3570..84_600 => (nearest(3600), "hour"),
        _ => (nearest(86_400), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A time on this machine's clock, with the day and the year only if they differ from today's.
pub fn local(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let zoned = |at: Timestamp| {
        jiff::Timestamp::from_millisecond(at.0).ok().map(|at| at.to_zoned(zone.clone()))
    };
    match (zoned(at), zoned(now)) {
        (Some(at), Some(now)) if at.date() == now.date() => at.strftime("%H:%M").to_string(),
        (Some(at), Some(now)) if at.year() == now.year() => {
            at.strftime("%a %-d %b, %H:%M").to_string()
        }
        (Some(at), _) => at.strftime("%-d %b %Y, %H:%M").to_string(),
        (None, _) => "at an unknown time".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CredentialStanding;

    #[test]
    fn an_address_out_of_a_token_says_nothing_to_a_terminal_or_a_program() {
        let kind = AccountKind::ChatGpt {
            account: None,
            email: Some("a\u{1b}]0;x\u{7}\n@b.c".into()),
            plan: None,
        };
        let account = Account {
            provider: ProviderId::openai(),
            kind,
            source: CredentialSource::Environment("X".into()),
            standing: CredentialStanding::Shadowed,
            expires: None,
        };
        assert_eq!(who(&account), "a␛]0;x␇ @b.c (ChatGPT)");
        assert_eq!(as_whom(&account), "as a␛]0;x␇ @b.c (ChatGPT)");
    }
}
