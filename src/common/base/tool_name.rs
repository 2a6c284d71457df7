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

/// The namespace and the name of the function in it, as OpenAI's tool search has them:
/// `mcp__server` and `tool`. [`joined`] makes one name of the two again.
pub fn split(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix(BEGINNING)?;
    // The end of a long server's name may have been cut off, and all behind it.
    let tool = rest.split_once("__").map_or(rest, |(_, tool)| tool);
    Some((&name[..name.len() - tool.len() - 2], tool))
}

/// The tool that a call in a namespace means. Namespaces of others, such as the server's own around
/// all functions, are no part of a name.
pub fn joined(namespace: &str, name: &str) -> String {
    let is_ours = format!("{namespace}__").starts_with(BEGINNING);
    let is_whole = name.strip_prefix(namespace).is_some_and(|rest| rest.starts_with("__"));
    if is_ours && !is_whole { format!("{namespace}__{name}") } else { name.to_owned() }
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
    fn a_name_in_a_namespace_is_the_same_name() {
        let (long, server) = (distinct(&"x".repeat(80), "tool"), "s".repeat(48));
        for (name, namespace, tool) in [
            ("mcp__every_thing__echo", "mcp__every_thing", "echo"),
            ("mcp__a__b__c", "mcp__a", "b__c"),
            ("mcp____x", "mcp__", "x"),
            ("mcp__a____x", "mcp__a", "__x"),
            (&*long, "mcp", &long[5..]),
            (&*distinct(&server, "x"), &*format!("mcp__{server}"), &distinct(&server, "x")[55..]),
        ] {
            assert_eq!(split(name), Some((namespace, tool)));
            assert_eq!(joined(namespace, tool), name);
            assert_eq!(joined(namespace, name), name, "a model may repeat the namespace");
        }
        assert_eq!(split("read"), None);
        for namespace in ["functions", "read", "", "mc"] {
            assert_eq!(joined(namespace, "read"), "read");
        }
    }

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
