//! Startup files: files of a folder that run by themselves later, or that later sessions are told.
//! This is the one table of them, for the policy and for the sandbox.

/// The effect that a change of a file has later, about which nobody is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterEffect {
    /// Something runs it.
    Runs,
    /// It holds settings of codling.
    Settings,
    /// Every later session is told it.
    Told,
}

use LaterEffect::{Runs, Settings, Told};

/// Files and folders, with all that is in them, wherever they stand. A sandboxed command cannot
/// write to those at the top of its folder.
const OF_FOLDERS: [(LaterEffect, &str); 3] = [
    (Settings, ".codling"),
    (
        Told,
        ".agents .clinerules .cursorrules .github/copilot-instructions.md .goosehints .windsurfrules \
         AGENTS.md AGENTS.override.md CLAUDE.local.md CLAUDE.md GEMINI.md",
    ),
    (
        Runs,
        ".cargo/config .cargo/config.toml .claude .codex .cursor .devcontainer .devcontainer.json \
         .envrc .gemini .husky .idea .lefthook.yml .mcp.json .opencode .pre-commit-config.yaml \
         .vscode .zed lefthook.yaml lefthook.yml opencode.json opencode.jsonc",
    ),
];

/// Files with which a shell or a session of a person starts, by their names.
const OF_HOMES: &str = ".bash_aliases .bash_login .bash_logout .bash_profile .bashrc .cshrc .gitconfig .kshrc .login \
     .profile .tcshrc .xinitrc .xprofile .zlogin .zlogout .zprofile .zshenv .zshrc authorized_keys \
     config.fish crontab sudoers";

/// Parts of paths at which the system starts programs.
const OF_SYSTEMS: &str =
    "/etc/cron /etc/profile /etc/rc /etc/systemd /library/launch .config/autostart .config/systemd";

/// Parts of a `.git` that git runs or follows.
const OF_GIT: [&str; 5] = ["hooks", "config", "config.worktree", "modules", "info"];

/// The files and folders at the top of a folder that sandboxed commands cannot write to, `.git`
/// aside.
pub fn startup_files() -> impl Iterator<Item = &'static str> {
    OF_FOLDERS.iter().flat_map(|(_, places)| places.split_whitespace())
}

/// The later effect of changing the file at a path, by its letters alone.
pub fn later_effect(path: &str) -> Option<LaterEffect> {
    let lower = path.to_lowercase();
    let parts: Vec<&str> =
        lower.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let passes = |place: &str| {
        let wanted: Vec<String> = place.to_lowercase().split('/').map(str::to_owned).collect();
        parts.windows(wanted.len()).any(|window| window == wanted)
    };
    let of_folder = OF_FOLDERS.iter().find(|(_, places)| places.split_whitespace().any(passes));
    let git = parts.iter().position(|part| *part == ".git").map(|at| &parts[at + 1..]);
    let is_run = || {
        git.is_some_and(|rest| rest.first().is_none_or(|first| OF_GIT.contains(first)))
            || parts.last().is_some_and(|last| OF_HOMES.split_whitespace().any(|it| it == *last))
            || OF_SYSTEMS.split_whitespace().any(|place| lower.contains(place))
    };
    of_folder.map(|(effect, _)| *effect).or_else(|| is_run().then_some(Runs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_effect_of_a_file_is_known_by_its_path() {
        let known = |effect: Option<LaterEffect>, paths: &str| {
            for path in paths.split_whitespace() {
                assert_eq!(later_effect(path), effect, "{path}");
            }
        };
        known(Some(Settings), ".codling/config.toml sub/.Codling/commands/x.md .codling");
        known(
            Some(Told),
            "AGENTS.md ./sub/agents.md CLAUDE.md .agents/skills/a/SKILL.md \
             .github/copilot-instructions.md .clinerules/a.md",
        );
        known(
            Some(Runs),
            ".git/hooks/pre-commit a/.git/config /home/a/.bashrc ~/.ssh/authorized_keys \
             /etc/cron.d/x .GIT/hooks/x .vscode/tasks.json .husky/pre-commit .claude/settings.json \
             sub/.mcp.json opencode.json .cursor/rules/a.mdc .zed/tasks.json .idea/workspace.xml \
             .cargo/config.toml .codex/config.toml .devcontainer/devcontainer.json lefthook.yml",
        );
        known(
            None,
            ".github/workflows/a.yml .gitignore src/profile.rs hooks/a .git/HEAD .codling.md \
             agents.rs . a/.cargo/registry",
        );
        assert_eq!(later_effect(""), None);
    }

    #[test]
    fn each_place_of_the_table_has_an_effect_there_and_below_it() {
        for place in startup_files() {
            for path in [place.to_owned(), format!("sub/{place}"), format!("{place}/x")] {
                assert!(later_effect(&path).is_some(), "{path}");
            }
        }
    }
}
