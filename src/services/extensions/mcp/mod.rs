//! MCP servers as files describe them: codling's and Codex's `config.toml`, opencode's
//! `opencode.json`, and `.mcp.json`. One form comes out of all. Starts nothing.

mod entry;
pub(super) mod value;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::base::phrases::shorten;
use crate::base::text::clean_line;
use crate::protocol::{McpOwner, McpServer, Notice};

use entry::Entry;

/// Bytes of a file that is read, and servers that one may describe.
const LARGEST: u64 = 1 << 20;
const SERVERS: usize = 100;

/// The person's own files that may describe servers. A missing one is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpFiles {
    /// codling's `config.toml`.
    pub own: PathBuf,
    /// Codex's `config.toml`.
    pub codex: PathBuf,
    /// opencode's settings, each stronger than those before it.
    pub opencode: Vec<PathBuf>,
}

/// The servers of a session, and what was wrong on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedServers {
    /// By name.
    pub servers: Vec<McpServer>,
    /// One sentence each: nothing of it keeps another server from being used.
    pub notices: Vec<Notice>,
}

/// How a file writes its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `.mcp.json`, as Claude Code and Cursor have it.
    Claude,
    /// Codex's words, in TOML.
    Codex,
    /// opencode's.
    Opencode,
}

/// One of the files.
struct Source {
    path: PathBuf,
    style: Style,
    /// The table that holds the servers.
    table: &'static str,
    is_project: bool,
}

/// The value of a variable of the environment, if it is set.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads all files that describe servers for a session about `folder`. Blocks on the disk.
///
/// The person's own servers are stronger than the folder's; among a folder's, the nearest is.
pub fn load(files: &McpFiles, folder: &Path, variables: Variables<'_>) -> LoadedServers {
    let mut found: BTreeMap<String, McpServer> = BTreeMap::new();
    let mut notices = Vec::new();
    for source in sources(files, folder) {
        let entries = match source.entries() {
            Ok(entries) => entries,
            Err(why) => {
                notices.push(source.notice(&why));
                continue;
            }
        };
        for (name, value) in entries {
            let mut unknown = Vec::new();
            let entry = Entry { name: &name, value: &value, style: source.style, variables };
            match entry.server(source.owner(), &mut unknown) {
                Ok(Some(server)) => match found.get(&name) {
                    Some(before) if before.owner.is_project() != source.is_project => {
                        let why = format!(
                            "its MCP server `{name}` is left out: your own settings have one of \
                             that name"
                        );
                        notices.push(source.notice(&why));
                    }
                    _ => drop(found.insert(name.clone(), server)),
                },
                // A folder does not switch on what its person switched off.
                Ok(None) => entry.switch(
                    found.get_mut(&name).filter(|it| it.owner.is_project() == source.is_project),
                ),
                Err(why) => {
                    let name = shorten(&clean_line(&name), 60);
                    notices.push(
                        source.notice(&format!("its MCP server `{name}` is left out: {why}")),
                    );
                }
            }
            if !unknown.is_empty() {
                let fields = unknown.join("`, `");
                let why =
                    format!("its MCP server `{name}` has fields that are not known: `{fields}`");
                notices.push(source.notice(&why));
            }
        }
    }
    LoadedServers { servers: found.into_values().collect(), notices }
}

/// The weakest first.
fn sources(files: &McpFiles, folder: &Path) -> Vec<Source> {
    let own =
        |path: &Path, style, table| Source { path: path.into(), style, table, is_project: false };
    let mut all = vec![own(&files.codex, Style::Codex, "mcp_servers")];
    all.extend(files.opencode.iter().map(|path| own(path, Style::Opencode, "mcp")));
    all.push(own(&files.own, Style::Codex, "mcp_servers"));
    all.push(own(&files.own, Style::Codex, "mcp"));
    let depth = folder.ancestors().position(|above| above.join(".git").exists()).unwrap_or(0);
    let mut folders: Vec<_> = folder.ancestors().take(depth + 1).collect();
    folders.reverse();
    for folder in folders {
        for (name, style, table) in PROJECT {
            all.push(Source { path: folder.join(name), style, table, is_project: true });
        }
    }
    all.retain(|source| !source.path.as_os_str().is_empty());
    all
}

/// The files of a project, the weakest first.
const PROJECT: [(&str, Style, &str); 5] = [
    (".codex/config.toml", Style::Codex, "mcp_servers"),
    ("opencode.json", Style::Opencode, "mcp"),
    ("opencode.jsonc", Style::Opencode, "mcp"),
    (".mcp.json", Style::Claude, "mcpServers"),
    (".codling/config.toml", Style::Codex, "mcp"),
];

impl Source {
    fn owner(&self) -> McpOwner {
        match self.is_project {
            true => McpOwner::Project(self.path.clone()),
            false => McpOwner::Settings(self.path.clone()),
        }
    }

    /// The entries of its table; none where there is no file or no table.
    fn entries(&self) -> Result<Map<String, Value>, String> {
        let Some(text) = self.read().map_err(|error| error.to_string())? else {
            return Ok(Map::new());
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let table = match self.style {
            Style::Codex => value::toml(text, self.table),
            Style::Claude | Style::Opencode => value::jsonc(text, self.table),
        };
        match table? {
            None => Ok(Map::new()),
            Some(Value::Object(entries)) if entries.len() > SERVERS => {
                Err(format!("it describes more than {SERVERS} MCP servers, and none is used"))
            }
            Some(Value::Object(entries)) => Ok(entries),
            Some(_) => Err(format!("`{}` is not a table", self.table)),
        }
    }

    fn read(&self) -> io::Result<Option<String>> {
        let file = match File::open(&self.path) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            file => file?,
        };
        let found = file.metadata()?;
        if !found.is_file() || found.len() > LARGEST {
            return Err(io::Error::other("it is no file of at most 1 MB"));
        }
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    fn notice(&self, why: &str) -> Notice {
        let message = format!("`{}`: {why}", self.path.display());
        Notice { message, next: None }
    }
}

#[cfg(test)]
mod tests;
