//! Names of tools from other sources, as models and permission rules see them.

use sha2::{Digest, Sha256};

/// The longest tool name that model servers accept.
const LONGEST: usize = 64;

/// The tool that finds others, where there are too many for every request.
pub const FIND: &str = "find_tools";
/// The first line of its answer; behind it stands a line for each tool, as [`found`] reads it.
pub const FOUND: &str = "These tools can be called from now on:";
const BEGINNING: &str = "mcp__";

/// Whether it is the name of a tool from another source.
pub fn is_external(name: &str) -> bool {
    name.starts_with(BEGINNING)
}

/// The names in an answer of `find_tools`: `- name: description` each.
pub fn found(answer: &str) -> impl Iterator<Item = &str> {
    let lines = answer.strip_prefix(FOUND).unwrap_or_default().lines();
    lines.filter_map(|line| Some(line.strip_prefix("- ")?.split_once(':')?.0))
}

/// The name for the model: `mcp__server__tool`, with `_` for characters that are not allowed. A
/// name that is too long ends in a part of its hash.
pub fn offered(server: &str, tool: &str) -> String {
    let name = format!("{BEGINNING}{}__{}", plain(server), plain(tool));
    if name.len() <= LONGEST { name } else { distinct(server, tool) }
}

/// The same name with a part of its hash, used if another tool has the name.
pub fn distinct(server: &str, tool: &str) -> String {
    let hash = Sha256::digest(format!("{server}\0{tool}"));
    let end: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut name = format!("{BEGINNING}{}__{}", plain(server), plain(tool));
    // Only ASCII is left, so that any cut is a character boundary.
    name.truncate(LONGEST - end.len() - 1);
    format!("{name}_{end}")
}

/// The name that an allow rule must match: the offered name if no character was replaced in it,
/// else one with a hash, so that no other tool can match.
pub fn canonical(server: &str, tool: &str) -> String {
    let is_plain = |name: &str| plain(name) == name && !name.contains("__");
    let is_whole = is_plain(server) && is_plain(tool) && !server.ends_with('_');
    if is_whole && !tool.starts_with('_') { offered(server, tool) } else { distinct(server, tool) }
}

/// `server_tool`, as opencode's rules name it.
pub fn short(server: &str, tool: &str) -> String {
    format!("{}_{}", plain(server), plain(tool))
}

fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_only_what_servers_take() {
        for (server, tool, expected) in [
            ("every-thing", "get-sum", "mcp__every_thing__get_sum"),
            ("a.b", "é x", "mcp__a_b____x"),
            ("", "", "mcp____"),
        ] {
            assert_eq!(offered(server, tool), expected);
        }
        assert_eq!(short("every-thing", "get-sum"), "every_thing_get_sum");
        assert_eq!(canonical("acme", "find_all"), "mcp__acme__find_all");
        for (server, tool) in [("a-b", "c"), ("a", "b__c"), ("a__b", "c"), ("a_", "c"), ("a", "_c")]
        {
            assert_eq!(canonical(server, tool), distinct(server, tool), "{server} {tool}");
        }
        let (one, other) = ("x".repeat(80), format!("{}y", "x".repeat(80)));
        let names =
            [offered("s", &one), offered("s", &other), distinct("a-b", "c"), distinct("a.b", "c")];
        for (at, name) in names.iter().enumerate() {
            assert!(name.len() <= LONGEST && !names[at + 1..].contains(name), "{name}");
        }
    }
}
