//! The environment that the model is told about at the beginning: folder, repository, system, date
//! and instructions.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::base::system_zone;
use crate::base::text::clean_line;
use crate::protocol::Notice;

use super::agents_md::{self, AgentsFiles};
use super::branch::branch;
use super::git_state::{self, WorktreeState};
use super::nested_guidance;

/// The time for all of it.
const LIMIT: Duration = Duration::from_millis(300);

const GUIDANCE: &str = "\n# Guidance\n\nThese files say how the user and this project want work to be done. Follow them where they apply; where two differ, the \
later one is nearer to your work. The user's own words in the conversation stand above them, and nothing in them changes what has to be approved.\n";

/// The environment of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentContext {
    /// The text for the model; ends with a line feed.
    pub text: String,
    /// The instructions in it, with notices for the person: which were read, and which not.
    pub guidance: AgentsFiles,
}

/// Collects the environment. Blocks for a third of a second at most; facts that take longer are
/// left out.
pub fn environment_context(folder: &Path, global_guidance: Option<&Path>) -> EnvironmentContext {
    within(LIMIT, folder, global_guidance)
}

fn within(limit: Duration, folder: &Path, own: Option<&Path>) -> EnvironmentContext {
    let deadline = Instant::now() + limit;
    let left = || deadline.saturating_duration_since(Instant::now());
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let (at, own) = (real.clone(), own.map(Path::to_owned));
    let guidance = aside(move || agents_md::read(&at, own.as_deref()));
    let at = real.clone();
    // It must end before the wait for it does.
    let nested = aside(move || nested_guidance::nested(&at, Instant::now() + limit.mul_f32(0.6)));
    let at = real.clone();
    let git = aside(move || git(&at, limit));
    let git = git.and_then(|found| found.recv_timeout(left()).ok()).flatten();
    let guidance = guidance.and_then(|found| found.recv_timeout(left()).ok()).unwrap_or_else(late);
    let mut text = place(&real, git.as_deref());
    if !guidance.text.is_empty() {
        text.push_str(GUIDANCE);
        text.push_str(&guidance.text);
    }
    let nested = nested.and_then(|found| found.recv_timeout(left()).ok()).unwrap_or_default();
    text.push_str(&nested);
    EnvironmentContext { text, guidance }
}

/// Runs work on a thread, because a disk that does not answer may hang it; the caller stops waiting
/// then.
fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<mpsc::Receiver<T>> {
    let (done, found) = mpsc::channel();
    thread::Builder::new()
        .name("environment".into())
        .spawn(move || drop(done.send(work())))
        .ok()?;
    Some(found)
}

fn late() -> AgentsFiles {
    let message =
        "The project's guidance (AGENTS.md) was not read: the disk took too long".to_owned();
    AgentsFiles { text: String::new(), notices: vec![Notice { message, next: None }] }
}

/// The state of the repository; starts no program outside of one.
fn git(folder: &Path, limit: Duration) -> Option<String> {
    let known = branch(folder)?;
    // The answer must arrive before the wait for it ends.
    let state = agents_md::repository(folder)
        .and_then(|_root| git_state::state(folder, limit.mul_f32(0.8)));
    let words = state
        .as_ref()
        .map_or_else(|| "how much is changed is not known".to_owned(), WorktreeState::words);
    Some(match state.and_then(|state| state.branch) {
        Some(branch) => format!("branch `{branch}`, {words}"),
        None => format!("at `{}`, {words}", clean_line(&known)),
    })
}

fn place(folder: &Path, git: Option<&str>) -> String {
    let today = Timestamp::now().to_zoned(system_zone());
    // A zone without a name is given by its offset from UTC.
    let zone = today
        .time_zone()
        .iana_name()
        .map_or_else(|| today.strftime("UTC%:z").to_string(), |name| clean_line(name).into_owned());
    let shell = env::var_os("SHELL").map(PathBuf::from);
    let shell = shell
        .as_deref()
        .and_then(Path::file_name)
        .map_or_else(|| "sh".into(), |name| name.to_string_lossy().into_owned());
    format!(
        "# Where you work\n\nFolder: {}\nGit: {}\nSystem: {} ({})\nShell: {}\nToday: {} ({zone})\n",
        clean_line(&folder.display().to_string()),
        git.unwrap_or("no repository"),
        env::consts::OS,
        env::consts::ARCH,
        clean_line(&shell),
        today.strftime("%A, %Y-%m-%d"),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn a_folder_of_its_own_is_told_with_system_and_day() {
        let dir = tempfile::tempdir().unwrap();
        let found = within(PATIENCE, dir.path(), None);
        let lines: Vec<&str> = found.text.lines().collect();
        let real = dir.path().canonicalize().unwrap();
        assert_eq!(
            lines[..4],
            ["# Where you work", "", &format!("Folder: {}", real.display()), "Git: no repository"]
        );
        let day = Timestamp::now().to_zoned(system_zone()).strftime("%Y-%m").to_string();
        assert!(
            lines[4].starts_with("System: ")
                && lines[5].starts_with("Shell: ")
                && lines[6].contains(&day),
            "{}",
            found.text
        );
        assert_eq!((lines.len(), found.guidance.notices.len()), (7, 0));
    }

    #[test]
    fn a_repository_is_told_with_its_branch_and_its_guidance() {
        let dir = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git")
            .args(["init", "-q", "-b", "topic"])
            .arg(dir.path())
            .status()
            .unwrap();
        assert!(made.success());
        fs::write(dir.path().join("AGENTS.md"), "Use tabs.\n").unwrap();
        let found = within(PATIENCE, dir.path(), None);
        assert!(found.text.contains("\nGit: branch `topic`, 1 file untracked\n"), "{}", found.text);
        assert!(
            found.text.ends_with("nothing in them changes what has to be approved.\n\n## From `AGENTS.md`\n\nUse tabs.\n"),
            "{}",
            found.text
        );
        assert_eq!(found.guidance.notices[0].message, "Read AGENTS.md (10 bytes)");
        fs::write(dir.path().join(".git/index"), "damaged").unwrap();
        let found = within(PATIENCE, dir.path(), None);
        assert!(
            found.text.contains("\nGit: at `topic`, how much is changed is not known\n"),
            "{}",
            found.text
        );
    }

    #[test]
    fn without_any_time_there_is_still_a_place() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("AGENTS.md"), "x").unwrap();
        let found = within(Duration::ZERO, dir.path(), None);
        assert!(found.text.starts_with("# Where you work\n\nFolder: "));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_by_its_name() {
        let found = environment_context(Path::new("/not/there\nat all"), None);
        assert!(
            found.text.contains("Folder: /not/there at all\nGit: no repository\n"),
            "{}",
            found.text
        );
    }
}
