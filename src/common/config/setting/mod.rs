//! The declaration of a setting (config schema): its key, values, default, and who may set it.

pub mod layer;
mod table;

use std::path::{Path, PathBuf};

use crate::protocol::Origin;

use super::{ConfigError, Whence, permission};
use layer::Layer;

pub use table::SETTINGS;

/// One setting, declared once: files, variables and flags are read by it, and the guide's table and
/// the schema for editors are held to it.
#[derive(Debug)]
pub struct Setting {
    /// Its name in `config.toml`; with a dot if it stands in a table.
    pub key: &'static str,
    pub kind: Kind,
    /// The value that holds if nobody sets one; empty for none.
    pub default: &'static str,
    pub set_by: SetBy,
    pub flag: Option<&'static str>,
    pub variable: Option<&'static str>,
    /// A sentence for the guide and for editors.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the guide's table and the schema"))]
    pub doc: &'static str,
}

/// Whose files may have a setting. A project may neither say where credentials are or go, nor widen
/// what may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    Anyone,
    Person,
}

/// Reads a text into its place; `None` if the text is no such value.
pub type Read = fn(&mut Layer, &Given<'_>) -> Option<()>;

/// Sets a value.
pub type Assign = fn(&mut Layer);

/// The values that a setting can have.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of these words; `Read` may know other names of them.
    Word(&'static [&'static str], Read),
    /// One of these words, each of which sets its value.
    Choice(&'static [(&'static str, Assign)]),
    /// `true` or `false`.
    Switch {
        on: Assign,
        off: Assign,
    },
    Text(&'static str, Read),
    Number {
        from: u32,
        to: u32,
        unit: &'static str,
        read: fn(&mut Layer, u32) -> Option<()>,
    },
    Address(fn(&mut Layer) -> &mut Option<Origin>),
    /// A list, each of whose texts is read. Only the person's file can have one, so that no list
    /// adds to another.
    List(&'static str, Read),
    /// One text, or a list that is not empty.
    OneOrMore(&'static str, Read),
    Permissions,
    Providers,
    /// MCP servers: read with those of other files when a conversation begins.
    Servers,
}

/// A text that a setting was given.
pub struct Given<'a> {
    pub text: &'a str,
    pub whence: &'a Whence,
    /// The folder in which relative paths begin.
    pub folder: &'a Path,
    pub home: Option<&'a Path>,
    /// Folders that are never opened to commands.
    pub closed: &'a [PathBuf],
}

impl Kind {
    /// The words of a setting that has only some.
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Word(words, _) => words.to_vec(),
            Self::Choice(words) => words.iter().map(|(word, _)| *word).collect(),
            Self::Switch { .. } => vec!["true", "false"],
            _ => Vec::new(),
        }
    }
}

impl Setting {
    const fn new(key: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Self {
        Self { key, kind, default, set_by: SetBy::Person, flag: None, variable: None, doc }
    }

    const fn anyone(self) -> Self {
        Self { set_by: SetBy::Anyone, ..self }
    }

    const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn variable(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    pub fn named(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The key or table of a file in which it stands.
    pub fn root(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(table, _)| table)
    }

    /// Reads a text into its place; `None` if the text is no such value.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Origin`]: an address cannot be used.
    pub fn read(&self, layer: &mut Layer, given: &Given<'_>) -> Result<Option<()>, ConfigError> {
        Ok(match self.kind {
            Kind::Word(_, read)
            | Kind::Text(_, read)
            | Kind::List(_, read)
            | Kind::OneOrMore(_, read) => read(layer, given),
            Kind::Choice(words) => {
                let is_meant = |word: &str| given.text.trim().eq_ignore_ascii_case(word);
                words.iter().find(|(word, _)| is_meant(word)).map(|(_, set)| set(layer))
            }
            Kind::Switch { on, off } => {
                let set = match given.text {
                    "true" => Some(on),
                    "false" => Some(off),
                    _ => None,
                };
                set.map(|set| set(layer))
            }
            Kind::Number { from, to, read, .. } => {
                let number = given.text.parse().ok().filter(|number| (from..=to).contains(number));
                number.and_then(|number| read(layer, number))
            }
            Kind::Address(place) => {
                *place(layer) = Some(origin(given.text, given.whence)?);
                Some(())
            }
            Kind::Permissions | Kind::Providers | Kind::Servers => None,
        })
    }

    /// The values it can have, in words.
    pub fn expected(&self) -> String {
        match self.kind {
            Kind::Word(..) | Kind::Choice(_) | Kind::Switch { .. } => {
                quoted(&self.kind.words(), "or")
            }
            Kind::Number { from, to, unit, .. } => {
                format!("a whole number{unit} from {from} to {to}")
            }
            Kind::Text(expected, _) | Kind::List(expected, _) | Kind::OneOrMore(expected, _) => {
                expected.into()
            }
            Kind::Address(_) => "an address such as `https://host`".into(),
            Kind::Permissions => permission::TABLE.into(),
            Kind::Servers => "a table of MCP servers".into(),
            Kind::Providers => "a table of providers, such as `[provider.acme]`".into(),
        }
    }
}

/// The keys and tables at the top of a file that `set_by` may have, each once.
pub fn roots(set_by: SetBy) -> Vec<&'static str> {
    let may = |setting: &&Setting| set_by == SetBy::Person || setting.set_by == set_by;
    let mut roots: Vec<_> = SETTINGS.iter().filter(may).map(Setting::root).collect();
    roots.dedup();
    roots
}

/// The keys inside the table `root`.
pub fn members(root: &str) -> Vec<&'static str> {
    let inside = |setting: &Setting| setting.key.strip_prefix(root)?.strip_prefix('.');
    SETTINGS.iter().filter_map(inside).collect()
}

/// The words in backticks, with `last` before the last one.
pub fn quoted(words: &[&str], last: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}

/// # Errors
///
/// [`ConfigError::Origin`]: the address cannot be used.
pub fn origin(text: &str, whence: &Whence) -> Result<Origin, ConfigError> {
    Origin::parse(text).map_err(|source| ConfigError::Origin { whence: whence.clone(), source })
}

/// The built-in settings. Addresses stay open, so that it is known whether somebody set one.
pub fn built_in() -> Layer {
    let mut layer = Layer::default();
    let whence = &Whence::Flag("built-in");
    for setting in SETTINGS {
        if let Kind::Word(..) | Kind::Choice(_) | Kind::Number { .. } | Kind::Switch { .. } =
            setting.kind
        {
            let (text, folder) = (setting.default, Path::new(""));
            let given = Given { text, whence, folder, home: None, closed: &[] };
            // A default that cannot be read leaves zero; a test reads them all.
            drop(setting.read(&mut layer, &given));
        }
    }
    layer
}
