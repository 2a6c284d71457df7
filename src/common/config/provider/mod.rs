//! `[provider.NAME]`: a provider of one's own. Only the person's file may have one, since it says
//! where conversations and keys go.

mod known;

use std::sync::Arc;

use toml_edit::{Item, Key, TableLike};

use crate::base::Secret;
use crate::protocol::{
    BaseUrl, DialectId, KeyVariable, ModelId, Provider, ProviderAuth, ProviderId, ProviderSource,
};

use super::parse::{ConfigSource, entries, shown};
use super::{ConfigError, ConfigWarning};
use known::KnownProvider;

pub use known::{key_variables, with_known};

pub const KEYS: [&str; 9] = [
    "name",
    "base_url",
    "dialect",
    "key_env",
    "key_header",
    "query",
    "requires_openai_auth",
    "headers",
    "models",
];
const TABLE: &str = "a table of providers, such as `[provider.acme]`";
const NAME: &str = "called by small letters, digits, `-` and `_`, and not `openai`";
const TITLE: &str = "a name of up to 60 letters";
const ADDRESS: &str = "an address such as `https://host/v1`";
const VARIABLE: &str = "the name of an environment variable";
const KEY_HEADER: &str = "the name of a header, such as `api-key`";
const QUERY: &str = "the query of an address, such as `api-version=2024-10-21`";
const SWITCH: &str = "`true` or `false`";
const ALONE: &str = "left out where `requires_openai_auth` is `true`";
const HEADERS: &str = "a table of header names and texts, without those that codling sets itself";
const MODELS: &str = "a list of model ids";

/// Headers that say what a request is, or that have a setting of their own.
const RESERVED: [&str; 14] = [
    "accept",
    "anthropic-version",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
];

/// All providers of a file, in its order, without the values of their variables.
pub fn providers(
    source: ConfigSource<'_>,
    key: &Key,
    item: &Item,
    warnings: &mut Vec<ConfigWarning>,
) -> Result<Vec<Provider>, ConfigError> {
    let table = item.as_table_like().ok_or_else(|| source.wrong(key, item, TABLE))?;
    entries(table).map(|(key, item)| Entry { source, key }.read(item, warnings)).collect()
}

/// One provider's table.
#[derive(Clone, Copy)]
struct Entry<'a> {
    source: ConfigSource<'a>,
    key: &'a Key,
}

impl Entry<'_> {
    fn read(self, item: &Item, warnings: &mut Vec<ConfigWarning>) -> Result<Provider, ConfigError> {
        let id = ProviderId::named(self.key.get()).filter(|id| !id.is_openai());
        let id = id.ok_or_else(|| self.source.badly_named("provider", self.key, NAME))?;
        let known = KnownProvider::named(&id);
        let table = item.as_table_like().ok_or_else(|| self.source.wrong(self.key, item, TABLE))?;
        let unknown = entries(table).filter(|(key, _)| !KEYS.contains(&key.get()));
        warnings.extend(unknown.map(|(key, _)| self.source.unknown(key, &KEYS)));
        Ok(Provider {
            name: self.text(table, "name", TITLE, title)?.unwrap_or_else(|| match known {
                Some(known) => known.name().to_owned(),
                None => id.to_string(),
            }),
            base: self.base(table, item, known)?,
            dialect: self.dialect(table, known)?,
            auth: self.auth(table)?,
            key_header: self
                .text(table, "key_header", KEY_HEADER, key_header)?
                .or_else(|| Some(known?.key_header()?.to_owned())),
            query: self.text(table, "query", QUERY, query)?,
            headers: self.headers(table)?,
            models: self.models(table)?,
            usual_variable: None,
            source: ProviderSource::Settings,
            id,
        })
    }

    /// Where its requests go. The address of a provider that is known need not be said.
    fn base(
        self,
        table: &dyn TableLike,
        whole: &Item,
        known: Option<&KnownProvider>,
    ) -> Result<BaseUrl, ConfigError> {
        let Some((key, item)) = table.get_key_value("base_url") else {
            if let Some(base) = known.and_then(KnownProvider::base) {
                return Ok(base);
            }
            return Err(self.wrong("base_url", self.key, whole, ADDRESS, "missing"));
        };
        let text = item.as_str().ok_or_else(|| self.not("base_url", key, item, ADDRESS))?;
        BaseUrl::parse(text).map_err(|origin| ConfigError::Address {
            whence: self.source.place(key, item),
            key: self.name("base_url"),
            source: origin,
        })
    }

    /// One that nobody speaks would be found out at the first prompt only.
    fn dialect(
        self,
        table: &dyn TableLike,
        known: Option<&KnownProvider>,
    ) -> Result<DialectId, ConfigError> {
        let Some((key, item)) = table.get_key_value("dialect") else {
            return Ok(known.map_or_else(DialectId::responses, KnownProvider::dialect));
        };
        let known = self.source.dialects;
        match item.as_str().filter(|word| known.contains(word)) {
            Some(word) => Ok(DialectId::new(word)),
            None => Err(ConfigError::Dialect {
                whence: self.source.place(key, item),
                key: self.name("dialect"),
                found: item.as_str().map_or_else(|| item.type_name().to_owned(), shown),
                known: known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    fn auth(self, table: &dyn TableLike) -> Result<ProviderAuth, ConfigError> {
        let variable = self.text(table, "key_env", VARIABLE, variable)?;
        let lent = match table.get_key_value("requires_openai_auth") {
            Some((key, item)) => {
                item.as_bool().ok_or_else(|| self.not("requires_openai_auth", key, item, SWITCH))?
            }
            None => false,
        };
        match (lent, table.get_key_value("key_env")) {
            (true, Some((key, item))) => Err(self.not("key_env", key, item, ALONE)),
            (true, None) => Ok(ProviderAuth::OpenAiSignIn),
            (false, _) => {
                Ok(ProviderAuth::Key(variable.map(|name| KeyVariable { name, value: None })))
            }
        }
    }

    /// Reads the headers. An error tells the name of a header, and never its value.
    fn headers(self, table: &dyn TableLike) -> Result<Arc<[(String, Secret)]>, ConfigError> {
        let Some((key, item)) = table.get_key_value("headers") else { return Ok(Arc::new([])) };
        let wrong = |found: &str| self.wrong("headers", key, item, HEADERS, found);
        let headers = item.as_table_like().ok_or_else(|| wrong("something else"))?;
        let read = |(name, value): (&Key, &Item)| {
            let bad = || wrong(&format!("one of `{}`", shown(name.get())));
            let text = value.as_str().filter(|text| is_header_value(text)).ok_or_else(bad)?;
            let name = Some(name.get()).filter(|name| is_header_name(name)).ok_or_else(bad)?;
            Ok((name.to_owned(), Secret::new(text)))
        };
        entries(headers).map(read).collect()
    }

    fn models(self, table: &dyn TableLike) -> Result<Option<Arc<[ModelId]>>, ConfigError> {
        let Some((key, item)) = table.get_key_value("models") else { return Ok(None) };
        let wrong = || self.not("models", key, item, MODELS);
        let list = item.as_array().filter(|list| !list.is_empty()).ok_or_else(wrong)?;
        let models = list.iter().map(|value| value.as_str().and_then(model).ok_or_else(wrong));
        models.collect::<Result<_, _>>().map(Some)
    }

    fn text<T>(
        self,
        table: &dyn TableLike,
        name: &'static str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((key, item)) = table.get_key_value(name) else { return Ok(None) };
        item.as_str().and_then(read).map(Some).ok_or_else(|| self.not(name, key, item, expected))
    }

    fn not(self, name: &str, key: &Key, item: &Item, expected: &'static str) -> ConfigError {
        let found = item
            .as_str()
            .map_or_else(|| "something else".to_owned(), |text| format!("`{}`", shown(text)));
        self.wrong(name, key, item, expected, &found)
    }

    fn wrong(
        self,
        name: &str,
        key: &Key,
        item: &Item,
        expected: &'static str,
        found: &str,
    ) -> ConfigError {
        let whence = self.source.place(key, item);
        ConfigError::Value {
            whence,
            key: self.name(name),
            expected: expected.into(),
            found: found.to_owned(),
        }
    }

    fn name(self, name: &str) -> String {
        format!("provider.{}.{name}", shown(self.key.get()))
    }
}

/// A query without its question mark.
fn query(text: &str) -> Option<String> {
    let text = text.strip_prefix('?').unwrap_or(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~%=&".contains(c);
    (!text.is_empty() && text.len() <= 200 && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// A header that may carry a key: not one that says what a request is.
fn key_header(text: &str) -> Option<String> {
    let name = text.to_ascii_lowercase();
    let is_key = matches!(name.as_str(), "api-key" | "x-api-key" | "authorization");
    (is_key || is_header_name(&name)).then_some(name)
}

fn title(text: &str) -> Option<String> {
    let text = text.trim();
    let good =
        !text.is_empty() && text.chars().count() <= 60 && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

fn variable(text: &str) -> Option<String> {
    let good = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    good.then(|| text.to_owned())
}

fn model(text: &str) -> Option<ModelId> {
    let good = !text.is_empty()
        && text.len() <= 200
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    good.then(|| ModelId::new(text))
}

/// RFC 9110 section 5.1: a token.
fn is_header_name(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty()
        && name.chars().all(is_token)
        && !RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

/// RFC 9110 section 5.5, without what is not ASCII.
fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}
