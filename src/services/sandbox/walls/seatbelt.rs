//! The same rules in the language of macOS's sandbox. Starts nothing, so that it can be tested
//! anywhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::protocol::Confinement;

use super::home::{HomeEntry, HomeSource, HomeView, Homes};
use crate::sandbox::spec::child_spec::ChildSpec;

/// By its whole path: another program of that name would keep nothing in.
#[cfg_attr(
    not(target_os = "macos"),
    expect(dead_code, reason = "only macOS has it; the profile is tested everywhere")
)]
pub const PROGRAM: &str = "/usr/bin/sandbox-exec";

/// Devices that hold nothing, the command's own pipes, and its own terminal: it is in a session of
/// its own, and has no other by that name.
const SINKS: [&str; 6] =
    ["/dev/null", "/dev/zero", "/dev/dtracehelper", "/dev/stdout", "/dev/stderr", "/dev/tty"];

/// The profile of a command that is kept in. `homes` holds what is seen of the person's homes, by
/// the table that holds on Linux as well.
pub fn profile(spec: &ChildSpec, homes: &Homes) -> String {
    let own = || [&spec.folder, &spec.temporary].into_iter().chain(&spec.opened);
    let folders: Vec<&Path> = match spec.confinement {
        Confinement::Folder | Confinement::Free => own().map(PathBuf::as_path).collect(),
        Confinement::ReadOnly => vec![spec.temporary.as_path()],
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
    rules.extend(homes.views.iter().flat_map(home));
    if !homes.views.is_empty() {
        rules
            .extend(own().map(|folder| format!("(allow file-read* (subpath {}))", quoted(folder))));
    }
    rules.extend(homes.covered.iter().map(|path| closed(path)));
    let is_opened = |path: &Path| homes.opened.iter().any(|place| path.starts_with(place));
    for hidden in spec.hidden.iter().filter(|hidden| !is_opened(hidden)) {
        rules.push(closed(hidden));
        if let Ok(led) = std::fs::canonicalize(hidden)
            && led != *hidden
        {
            rules.push(closed(&led));
        }
    }
    // A folder that was opened as a whole does not open the secrets in it: it is seen with its
    // home.
    let holds = |shown: &Path| spec.hidden.iter().any(|at| at != shown && at.starts_with(shown));
    let shown = spec.shown.iter().filter(|shown| !holds(shown));
    rules.extend(shown.map(|shown| allowed("subpath", shown)));
    rules.push(String::new());
    rules.join("\n")
}

fn closed(path: &Path) -> String {
    format!("(deny file-read* file-write* (subpath {}))", quoted(path))
}

/// A home: nothing in it is read but what is seen. What stands where can be found out, which
/// looking for paths needs, and folders on the way to what is seen can be listed.
fn home(view: &HomeView) -> Vec<String> {
    let mut rules =
        vec![format!("(deny file-read-data file-read-xattr (subpath {}))", quoted(&view.folder))];
    let above = view.entries.iter().flat_map(|entry| entry.path.ancestors().skip(1));
    let inner = above.filter(|folder| folder.starts_with(&view.folder));
    let ways: BTreeSet<&Path> = inner.chain([view.folder.as_path()]).collect();
    rules.extend(ways.into_iter().map(|way| allowed("literal", way)));
    for HomeEntry { path, source } in &view.entries {
        let (how, real) = match source {
            HomeSource::Folder(real) => ("subpath", Some(real)),
            HomeSource::File(real) => ("literal", Some(real)),
            HomeSource::Link(_) => ("literal", None),
            // There is no other file in its place.
            HomeSource::Copy(_) => continue,
        };
        rules.push(allowed(how, path));
        rules.extend(real.filter(|real| *real != path).map(|real| allowed(how, real)));
    }
    rules
}

fn allowed(how: &str, path: &Path) -> String {
    format!("(allow file-read* ({how} {}))", quoted(path))
}

/// A path as a string of the profile's language.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::spec::child_spec::{Network, Tracing};
    use crate::sandbox::walls::home::{HomeAccess, SettingsMode, Surroundings, look};

    fn spec(confinement: Confinement, folder: &str) -> ChildSpec {
        ChildSpec {
            confinement,
            sandbox: crate::protocol::Sandbox::Seatbelt,
            kept: Vec::new(),
            folder: folder.into(),
            temporary: "/private/tmp/t".into(),
            hidden: vec!["/h/auth.json".into()],
            shown: vec!["/h/shown".into()],
            opened: vec!["/o".into()],
            network: Network::Closed,
            tracing: Tracing::Off,
            command: vec!["sh".into()],
        }
    }

    fn of(confinement: Confinement, folder: &str) -> String {
        profile(&spec(confinement, folder), &Homes::default())
    }

    /// Whether a file can be read and written, as macOS reads the rules: the last one
    /// that fits counts.
    fn rights(profile: &str, path: &str) -> (bool, bool) {
        let mut rights = (true, true);
        for rule in profile.lines().filter(|rule| rule.contains("file-")) {
            let fits = match rule.split_once('"') {
                None => true,
                Some((before, rest)) => {
                    let place = Path::new(rest.trim_end_matches([')', '"']));
                    let is_whole = before.contains("(literal");
                    if is_whole {
                        Path::new(path) == place
                    } else {
                        Path::new(path).starts_with(place)
                    }
                }
            };
            let allows = rule.starts_with("(allow");
            if fits && rule.contains("file-read") {
                rights.0 = allows;
            }
            if fits && rule.contains("file-write*") {
                rights.1 = allows;
            }
        }
        rights
    }

    #[test]
    fn writing_is_allowed_where_it_was_and_nowhere_else() {
        let folder = of(Confinement::Folder, "/w");
        let reading = of(Confinement::ReadOnly, "/w");
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
        let profile = of(Confinement::Folder, "/a\"))\n(allow network*) \\");
        assert!(profile.contains("(subpath \"/a\\\"))\n(allow network*) \\\\\")"), "{profile}");
    }

    #[test]
    fn of_every_home_that_is_read_which_the_table_names_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let all = [
            (".fly/config.yml", false),
            (".ssh/id", false),
            (".config/gh/hosts.yml", false),
            (".cargo/credentials.toml", false),
            (".gitconfig", false),
            (".bashrc", false),
            (".opened/x", true),
            (".mixed/x", true),
            (".mixed/key", false),
            (".named/key", true),
            ("Library/Cookies/x", false),
            ("Library/Caches/pip/x", true),
            (".cache/uv/x", true),
            (".cargo/bin/cargo", true),
            (".inputrc", true),
            ("notes.txt", true),
            ("work/x", true),
            ("id_rsa", false),
        ];
        for (home, (name, _)) in ["one", "two"].iter().flat_map(|home| all.map(|one| (home, one))) {
            let path = root.join(home).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "[credential]\n\thelper = x\n").unwrap();
        }
        for home in ["one", "two"] {
            std::fs::write(root.join(home).join(".inputrc"), "set bell-style none\n").unwrap();
        }
        let homes = ["one", "two"].map(|home| root.join(home));
        let mut spec = spec(Confinement::Folder, "/w");
        spec.folder = homes[0].join("work");
        let each = |names: &[&str]| {
            let paths = homes.iter().flat_map(|home| names.iter().map(|name| home.join(name)));
            paths.collect::<Vec<_>>()
        };
        spec.shown = each(&[".opened", ".mixed", ".named/key"]);
        spec.hidden = each(&[".ssh", ".mixed/key", ".named"]);
        let around = Surroundings {
            writable: vec![spec.folder.clone()],
            readable: spec.shown.clone(),
            settings: SettingsMode::OnlyClean,
        };
        let access = HomeAccess { homes: homes.to_vec(), ..HomeAccess::default() };
        let profile = profile(&spec, &look(&access, &around));
        for home in &homes {
            for (name, is_read) in all {
                let path = home.join(name);
                let is_written = path.starts_with(&spec.folder);
                let path = path.to_str().unwrap();
                assert_eq!(rights(&profile, path), (is_read, is_written), "{path}\n{profile}");
            }
            // The way to what is seen can be listed; what comes later on is not seen.
            for (name, is_read) in
                [(".cargo", true), ("", true), (".later", false), (".ssh", false)]
            {
                let path = home.join(name);
                assert_eq!(
                    rights(&profile, path.to_str().unwrap().trim_end_matches('/')).0,
                    is_read,
                    "{path:?}"
                );
            }
        }
        assert_eq!(rights(&profile, "/usr/bin/env"), (true, false));
    }
}
