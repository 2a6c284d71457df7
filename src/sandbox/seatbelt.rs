//! The same rules in the language of macOS's sandbox. Starts nothing, so that it can be tested anywhere.

use std::path::{Path, PathBuf};

use crate::protocol::Confinement;

use super::child_spec::ChildSpec;

/// By its whole path: another program of that name would keep nothing in.
#[cfg_attr(
    not(target_os = "macos"),
    expect(dead_code, reason = "only macOS has it; the profile is tested everywhere")
)]
pub const PROGRAM: &str = "/usr/bin/sandbox-exec";

/// Devices that hold nothing, the command's own pipes, and its own terminal: it is in a session of its own, and has no other by that name.
const SINKS: [&str; 6] =
    ["/dev/null", "/dev/zero", "/dev/dtracehelper", "/dev/stdout", "/dev/stderr", "/dev/tty"];

/// `None` for a command that is free.
pub fn profile(terms: &ChildSpec) -> Option<String> {
    let folders = match terms.confinement {
        Confinement::Free => return None,
        Confinement::Folder => [&terms.folder, &terms.temporary]
            .into_iter()
            .chain(&terms.opened)
            .map(PathBuf::as_path)
            .collect(),
        Confinement::ReadOnly => vec![terms.temporary.as_path()],
    };
    let mut rules = vec![
        "(version 1)".to_owned(),
        "(allow default)".to_owned(),
        "(deny network*)".to_owned(),
        "(deny file-write*)".to_owned(),
        "(deny mach-register)".to_owned(),
        "(deny appleevent-send)".to_owned(),
        "(deny job-creation)".to_owned(),
        "(deny system-socket)".to_owned(),
        "(deny signal (target others))".to_owned(),
        "(deny process-info* (target others))".to_owned(),
    ];
    rules.extend(
        folders.iter().map(|folder| format!("(allow file-write* (subpath {}))", quoted(folder))),
    );
    rules.extend(
        SINKS
            .iter()
            .map(|sink| format!("(allow file-write* (literal {}))", quoted(Path::new(sink)))),
    );
    // The last rule that fits counts.
    for hidden in &terms.hidden {
        rules.push(format!("(deny file-read* file-write* (subpath {}))", quoted(hidden)));
        if let Ok(led) = std::fs::canonicalize(hidden)
            && led != *hidden
        {
            rules.push(format!("(deny file-read* file-write* (subpath {}))", quoted(&led)));
        }
    }
    rules.extend(
        terms.shown.iter().map(|shown| format!("(allow file-read* (subpath {}))", quoted(shown))),
    );
    rules.push(String::new());
    Some(rules.join("\n"))
}

/// A path as a string of the profile's language.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::super::child_spec::{Network, Tracing};
    use super::*;

    fn of(confinement: Confinement, folder: &str) -> Option<String> {
        let (hidden, command) = (vec!["/h/auth.json".into()], vec!["sh".into()]);
        let (folder, temporary) = (folder.into(), "/private/tmp/t".into());
        profile(&ChildSpec {
            confinement,
            sandbox: crate::protocol::Sandbox::Seatbelt,
            kept: Vec::new(),
            folder,
            temporary,
            hidden,
            shown: vec!["/h/shown".into()],
            opened: vec!["/o".into()],
            network: Network::Closed,
            tracing: Tracing::Off,
            command,
        })
    }

    #[test]
    fn writing_is_allowed_where_it_was_and_nowhere_else() {
        assert_eq!(of(Confinement::Free, "/w"), None);
        let folder = of(Confinement::Folder, "/w").unwrap();
        let reading = of(Confinement::ReadOnly, "/w").unwrap();
        for profile in [&folder, &reading] {
            assert!(profile.contains("(deny network*)") && profile.contains("(deny file-write*)"));
            assert!(profile.contains("(subpath \"/private/tmp/t\")"));
            let end = "(deny file-read* file-write* (subpath \"/h/auth.json\"))\n(allow file-read* (subpath \"/h/shown\"))\n";
            assert!(profile.ends_with(end), "{profile}");
        }
        for place in ["/w", "/o"] {
            assert!(
                folder.contains(&format!("(allow file-write* (subpath \"{place}\"))"))
                    && !reading.contains(&format!("\"{place}\""))
            );
        }
    }

    #[test]
    fn a_folder_cannot_be_called_like_a_rule() {
        let profile = of(Confinement::Folder, "/a\"))\n(allow network*) \\").unwrap();
        assert!(profile.contains("(subpath \"/a\\\"))\n(allow network*) \\\\\")"), "{profile}");
    }
}
