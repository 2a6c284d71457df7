//! Finds the package manager that installed a program, by where the program lies.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::base::start;

use super::version::Version;

/// Who installed a program, and so who updates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// `bun add --global`.
    Bun,
    /// `cargo install` and `cargo binstall`.
    Cargo,
    /// A deb.
    Dpkg,
    /// Homebrew.
    Homebrew,
    /// The Nix store, which never changes.
    Nix,
    /// `npm install --global`.
    Npm,
    /// A package of Arch Linux.
    Pacman,
    /// `pnpm add --global`.
    Pnpm,
    /// An rpm.
    Rpm,
    /// The person: with `install.sh`, or by hand.
    This,
}

/// The facts that the owner is found by.
pub struct OwnerFacts<'a> {
    /// The program, with links resolved.
    pub program: PathBuf,
    /// `CODLING_INSTALLED_BY`, which the launcher of the npm package sets.
    pub installed_by: Option<String>,
    /// Runs a program with arguments, and returns whether it succeeded.
    pub succeeds: &'a dyn Fn(&str, &[&str]) -> bool,
}

/// Runs a program silently; one that is missing has not succeeded.
pub fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    start::run(&mut command).is_ok_and(|status| status.success())
}

impl Owner {
    /// Finds the owner. Package managers of the system are asked by their own commands, from their
    /// own place: a folder in `PATH` may hold others of these names.
    pub fn of(facts: &OwnerFacts<'_>) -> Self {
        let has = |name: &str| facts.program.iter().any(|part| part == name);
        if has("node_modules") {
            // The variable reaches programs that codling starts as well: the path decides first.
            return match facts.installed_by.as_deref() {
                Some("bun") => Self::Bun,
                Some("pnpm") => Self::Pnpm,
                _ if has(".bun") => Self::Bun,
                _ if has(".pnpm") => Self::Pnpm,
                _ => Self::Npm,
            };
        }
        if has("Cellar") {
            return Self::Homebrew;
        }
        if facts.program.starts_with("/nix/store") {
            return Self::Nix;
        }
        if is_of_cargo(&facts.program) {
            return Self::Cargo;
        }
        let path = facts.program.to_string_lossy();
        let asked = [
            (Self::Dpkg, "/usr/bin/dpkg-query", ["-S", &path]),
            (Self::Rpm, "/usr/bin/rpm", ["-qf", &path]),
            (Self::Pacman, "/usr/bin/pacman", ["-Qo", &path]),
        ];
        let owns = |(_, program, arguments): &(Self, &str, [&str; 2])| {
            (facts.succeeds)(program, arguments)
        };
        asked.into_iter().find(owns).map_or(Self::This, |(owner, ..)| owner)
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bun => "bun",
            Self::Cargo => "Cargo",
            Self::Dpkg => "dpkg",
            Self::Homebrew => "Homebrew",
            Self::Nix => "Nix",
            Self::Npm => "npm",
            Self::Pacman => "pacman",
            Self::Pnpm => "pnpm",
            Self::Rpm => "rpm",
            Self::This => "install.sh",
        }
    }

    /// The command that updates the program to a version, or to the latest one; `None` where this
    /// program does so itself.
    pub fn command(self, to: Option<&Version>) -> Option<String> {
        let tag = to.map_or_else(|| "latest".into(), ToString::to_string);
        let in_name = to.map_or_else(|| "VERSION".into(), ToString::to_string);
        let arch = std::env::consts::ARCH;
        Some(match self {
            Self::Bun => format!("bun add --global codling@{tag}"),
            Self::Cargo => {
                let version = to.map(|to| format!(" --version {to}")).unwrap_or_default();
                format!("cargo install codling --locked --profile dist{version}")
            }
            Self::Dpkg => {
                let arch = if arch == "aarch64" { "arm64" } else { "amd64" };
                format!("sudo apt install ./codling_{in_name}_{arch}.deb")
            }
            Self::Homebrew => "brew upgrade codling".into(),
            Self::Nix => "nix profile upgrade codling".into(),
            Self::Npm => format!("npm install --global codling@{tag}"),
            Self::Pacman => "makepkg -si".into(),
            Self::Pnpm => format!("pnpm add --global codling@{tag}"),
            Self::Rpm => format!("sudo rpm -U codling-{in_name}-1.{arch}.rpm"),
            Self::This => return None,
        })
    }
}

/// Whether Cargo lists the program among those it installed: it does so beside the folder `bin`.
fn is_of_cargo(program: &Path) -> bool {
    let list = program.ancestors().nth(2).map(|root| root.join(".crates.toml"));
    let list = list.and_then(|list| std::fs::read_to_string(list).ok()).unwrap_or_default();
    list.lines().any(|line| line.starts_with("\"codling "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(program: &str, installed_by: Option<&str>, asked: &dyn Fn(&str) -> bool) -> Owner {
        Owner::of(&OwnerFacts {
            program: program.into(),
            installed_by: installed_by.map(str::to_owned),
            succeeds: &|program, _| asked(program),
        })
    }

    #[test]
    fn the_path_tells_who_installed_a_program() {
        let alone = |program, by| owner(program, by, &|_| false);
        let npm = "/usr/lib/node_modules/codling/node_modules/codling-linux-x64/bin/codling";
        assert_eq!(alone(npm, Some("npm")), Owner::Npm);
        assert_eq!(alone(npm, Some("bun")), Owner::Bun);
        let pnpm =
            "/home/a/pnpm/global/5/.pnpm/codling@1/node_modules/codling-linux-x64/bin/codling";
        assert_eq!(alone(pnpm, None), Owner::Pnpm);
        assert_eq!(alone("/opt/homebrew/Cellar/codling/0.1.0/bin/codling", None), Owner::Homebrew);
        assert_eq!(alone("/nix/store/abc-codling/bin/codling", None), Owner::Nix);
        // One that npm's codling started has the variable, too.
        assert_eq!(alone("/home/a/.local/bin/codling", Some("npm")), Owner::This);
    }

    #[test]
    fn package_managers_of_the_system_are_asked() {
        for (program, expected) in
            [("dpkg-query", Owner::Dpkg), ("rpm", Owner::Rpm), ("pacman", Owner::Pacman)]
        {
            assert_eq!(
                owner("/usr/bin/codling", None, &|asked| asked.ends_with(program)),
                expected
            );
        }
        assert!(!succeeds("codling-no-such-program", &[]));
    }

    #[test]
    fn cargo_lists_what_it_installed() {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("bin/codling");
        let found = || owner(program.to_str().unwrap(), None, &|_| false);
        assert_eq!(found(), Owner::This, "install.sh may have put it into the same folder");
        let list = "[v1]\n\"codling 0.1.0 (registry+https://x)\" = [\"codling\"]\n";
        std::fs::write(root.path().join(".crates.toml"), list).unwrap();
        assert_eq!(found(), Owner::Cargo);
    }

    #[test]
    fn each_manager_has_a_command_for_a_version() {
        let to = Version::parse("0.2.0").unwrap();
        assert_eq!(Owner::This.command(Some(&to)), None);
        let command = |owner: Owner| owner.command(Some(&to)).unwrap();
        assert_eq!(command(Owner::Npm), "npm install --global codling@0.2.0");
        assert!(command(Owner::Cargo).ends_with("--version 0.2.0"));
        assert!(command(Owner::Rpm).contains("codling-0.2.0-1."));
        assert_eq!(Owner::Pnpm.command(None).unwrap(), "pnpm add --global codling@latest");
    }
}
