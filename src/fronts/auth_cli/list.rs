//! `codling auth list` and `codling auth status`. No secret reaches them.

use crate::base::text;
use crate::protocol::{Account, CredentialStanding, Exit, ProviderId};

use super::{EngineQuestion, account_words};

const HEADS: [&str; 7] = ["PROVIDER", "KIND", "ACCOUNT", "PLAN", "ACCESS EXPIRES", "FROM", "STATE"];

/// Prints a table of all credentials: account, kind, expiry, source, and which one requests use.
pub async fn list(mut engine: EngineQuestion<'_>) -> Exit {
    let listing = match engine.accounts().await {
        Ok(listing) => listing,
        Err(exit) => return exit,
    };
    if listing.accounts.is_empty() {
        engine.console.line("Nobody is signed in");
        engine.console.line("Sign in with `codling auth login`, or set `OPENAI_API_KEY`");
    } else {
        let rows: Vec<_> = listing.accounts.iter().map(|account| row(account, &engine)).collect();
        for line in table(HEADS, &rows) {
            engine.console.line(&line);
        }
    }
    if listing.opencode_offer {
        engine.console.line("opencode is signed in to OpenAI here: `auth_file = \"opencode\"` in config.toml shares its file");
    }
    if listing.codex_offer.is_some() {
        engine.console.line("Codex is signed in to OpenAI here: `/connect` in codling can take that sign-in over, and says what that means for Codex");
    }
    engine.warn();
    engine.console.flush();
    Exit::Done
}

/// Prints one line; scripts read the exit: 0 signed in, 3 not.
pub async fn status(mut engine: EngineQuestion<'_>) -> Exit {
    let listing = match engine.accounts().await {
        Ok(listing) => listing,
        Err(exit) => return exit,
    };
    let openai = ProviderId::openai();
    let winner = listing
        .accounts
        .iter()
        .find(|account| account.provider == openai && account.standing == CredentialStanding::Wins);
    let (line, exit) = match winner {
        Some(account) => {
            let from = account_words::source(&account.source, engine.place.home.as_deref());
            (
                format!("Signed in to OpenAI {}, from {from}", account_words::as_whom(account)),
                Exit::Done,
            )
        }
        None => {
            ("Not signed in to OpenAI; `codling auth login` signs in".into(), Exit::NotSignedIn)
        }
    };
    engine.console.line(&text::clean_line(&line));
    engine.warn();
    engine.console.flush();
    exit
}

fn row(account: &Account, engine: &EngineQuestion<'_>) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let standing = match account.standing {
        CredentialStanding::Shadowed => "shadowed",
        CredentialStanding::Unused => "not used",
        CredentialStanding::Wins => "in use",
    };
    [
        account.provider.to_string(),
        account_words::kind(&account.kind),
        or_dash(account_words::holder(&account.kind).map(str::to_owned)),
        or_dash(account_words::plan(&account.kind)),
        or_dash(account_words::expiry(account, &engine.place)),
        account_words::source(&account.source, engine.place.home.as_deref()),
        standing.into(),
    ]
    .map(|cell| text::clean_line(&cell).into_owned())
}

/// The lines of a table: each column as wide as its widest cell.
pub fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let head = heads.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let widths: [usize; N] =
        std::array::from_fn(|column| all().map(|row| text::width(&row[column])).max().unwrap_or(0));
    all()
        .map(|row| {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| text::pad(cell, width)).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}
