//! Reads from the environment what kind of place the program runs in. Starts nothing and asks no
//! terminal.

use std::net::IpAddr;
use std::path::Path;

use crate::protocol::Surroundings;

use super::Env;

/// Whether a system always has a display to open a browser on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desktop {
    /// macOS and Windows.
    Always,
    /// Elsewhere a variable tells.
    ByVariable,
}

impl Desktop {
    /// That of the system this was built for.
    pub const HERE: Self =
        if cfg!(any(target_os = "macos", windows)) { Self::Always } else { Self::ByVariable };
}

/// Container engines leave one of these files at the root.
const CONTAINER_FILES: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// `exists` looks for a file; tests bring their own.
pub fn detect(env: &Env, desktop: Desktop, exists: impl Fn(&Path) -> bool) -> Surroundings {
    let wsl = env.has("WSL_DISTRO_NAME") || env.has("WSL_INTEROP");
    let tmux = env.has("TMUX");
    Surroundings {
        ssh: ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| env.has(name)),
        ssh_host: ssh_host(env),
        container: env.has("container")
            || env.has("KUBERNETES_SERVICE_HOST")
            || CONTAINER_FILES.iter().any(|file| exists(Path::new(file))),
        browser_named: env.has("BROWSER"),
        display: desktop == Desktop::Always
            || env.has("DISPLAY")
            || env.has("WAYLAND_DISPLAY")
            || wsl,
        utf8: is_utf8(env),
        tmux,
        screen: !tmux
            && (env.has("STY") || env.text("TERM").is_some_and(|term| term.starts_with("screen"))),
    }
}

/// The host from `SSH_CONNECTION`, which is `client port server port` (sshd(8)): the third field is
/// this host as the client dialled it.
fn ssh_host(env: &Env) -> Option<String> {
    let connection = env.text("SSH_CONNECTION")?;
    let host = connection.split_whitespace().nth(2)?;
    host.parse::<IpAddr>().ok().map(|address| address.to_string())
}

/// The first of the three variables that is set decides, as in setlocale(3).
fn is_utf8(env: &Env) -> bool {
    // Where nobody says anything, as in a plain container, the terminal is UTF-8 all the same.
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env.text(name)).is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    fn here(variables: &[(&str, &str)]) -> Surroundings {
        detect(&Env::of(variables.iter().copied()), Desktop::ByVariable, |_| false)
    }

    #[test]
    fn each_sign_is_read_for_what_it_means() {
        let bare = Surroundings { utf8: true, ..Surroundings::default() };
        let plain = Surroundings::default();
        for (variables, expected) in [
            (vec![], bare.clone()),
            (
                vec![("SSH_CONNECTION", "10.0.0.9 51000 192.0.2.7 22")],
                Surroundings { ssh: true, ssh_host: Some("192.0.2.7".into()), ..bare.clone() },
            ),
            (
                vec![("SSH_CONNECTION", "fe80::1 51000 2001:db8::7 22")],
                Surroundings { ssh: true, ssh_host: Some("2001:db8::7".into()), ..bare.clone() },
            ),
            (
                vec![("SSH_CONNECTION", "a b $(reboot) 22")],
                Surroundings { ssh: true, ..bare.clone() },
            ),
            (vec![("SSH_CLIENT", "10.0.0.9 51000 22")], Surroundings { ssh: true, ..bare.clone() }),
            (vec![("SSH_TTY", "/dev/pts/3")], Surroundings { ssh: true, ..bare.clone() }),
            (vec![("SSH_TTY", "")], bare.clone()),
            (vec![("container", "podman")], Surroundings { container: true, ..bare.clone() }),
            (
                vec![("KUBERNETES_SERVICE_HOST", "10.96.0.1")],
                Surroundings { container: true, ..bare.clone() },
            ),
            (vec![("DISPLAY", ":0")], Surroundings { display: true, ..bare.clone() }),
            (
                vec![("WAYLAND_DISPLAY", "wayland-0")],
                Surroundings { display: true, ..bare.clone() },
            ),
            (vec![("WSL_DISTRO_NAME", "Ubuntu")], Surroundings { display: true, ..bare.clone() }),
            (
                vec![("TMUX", "/tmp/tmux-0/default,1,0"), ("TERM", "screen-256color")],
                Surroundings { tmux: true, ..bare.clone() },
            ),
            (vec![("STY", "123.pts-0.host")], Surroundings { screen: true, ..bare.clone() }),
            (
                vec![("TERM", "screen.xterm-256color")],
                Surroundings { screen: true, ..bare.clone() },
            ),
            (vec![("LANG", "en_US.UTF-8")], Surroundings { utf8: true, ..bare.clone() }),
            (vec![("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], plain.clone()),
            (vec![("LANG", "POSIX")], plain),
            (
                vec![("LANG", "C"), ("LC_CTYPE", "C.utf8")],
                Surroundings { utf8: true, ..bare.clone() },
            ),
        ] {
            assert_eq!(here(&variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_container_is_known_by_the_file_its_engine_leaves() {
        for file in CONTAINER_FILES {
            let found =
                detect(&Env::default(), Desktop::ByVariable, |path| path == Path::new(file));
            assert!(found.container && !found.browser_is_near(), "{file}");
        }
    }

    #[test]
    fn a_container_that_names_a_browser_shows_pages_with_it_also_without_a_display() {
        let container = ("container", "toolbox");
        for (variables, reason) in [
            (vec![container], Some("container")),
            (vec![container, ("DISPLAY", ":0")], Some("container")),
            (vec![container, ("BROWSER", "open")], None),
            (vec![container, ("BROWSER", "")], Some("container")),
            (vec![("BROWSER", "open")], Some("display")),
            (vec![container, ("BROWSER", "open"), ("SSH_TTY", "/dev/pts/0")], Some("SSH")),
            (vec![container, ("DISPLAY", ":0"), ("BROWSER", "open")], None),
        ] {
            let found = here(&variables);
            let told = found.reason();
            assert_eq!(told.is_some(), reason.is_some(), "{variables:?}: {told:?}");
            let words = reason.unwrap_or_default();
            assert!(says(told.unwrap_or_default(), words), "{variables:?}: {told:?}");
            assert_eq!(found.browser_is_near(), reason.is_none(), "{variables:?}");
        }
    }

    #[test]
    fn a_desktop_system_has_a_display_and_a_character_set_without_being_told() {
        let found = detect(&Env::default(), Desktop::Always, |_| false);
        assert!(found.display && found.utf8 && found.browser_is_near());
        let over_ssh = detect(&Env::of([("SSH_TTY", "/dev/ttys001")]), Desktop::Always, |_| false);
        assert!(says(over_ssh.reason().unwrap(), "SSH"));
    }
}
