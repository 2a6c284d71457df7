//! The terminal of this program, as people name it.

/// The path of the terminal that started this process; `None` if there is none.
#[cfg(unix)]
pub fn terminal_path() -> Option<String> {
    use std::os::fd::AsFd;

    let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let name = |it: std::os::fd::BorrowedFd<'_>| rustix::termios::ttyname(it, Vec::new()).ok();
    let name =
        name(input.as_fd()).or_else(|| name(output.as_fd())).or_else(|| name(errors.as_fd()))?;
    name.into_string().ok()
}

/// Other systems have no such paths.
#[cfg(not(unix))]
pub fn terminal_path() -> Option<String> {
    None
}

/// The name of a screen for people at other ones: `pts/3`, or `pts/3, ssh from 192.0.2.7` where
/// `ssh` is what `SSH_CONNECTION` holds (`client port server port`, sshd(8)).
pub fn screen_name(terminal: Option<&str>, ssh: Option<&str>) -> String {
    let terminal = terminal.map(|path| path.trim_start_matches("/dev/").to_owned());
    let client = ssh.and_then(|ssh| ssh.split_whitespace().next());
    let client = client.map(|client| format!("ssh from {client}"));
    let parts: Vec<String> = [terminal, client].into_iter().flatten().collect();
    if parts.is_empty() { format!("process {}", std::process::id()) } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_named_by_its_terminal_and_by_where_the_person_sits() {
        let ssh = Some("192.0.2.7 51000 10.0.0.1 22");
        assert_eq!(screen_name(Some("/dev/pts/3"), None), "pts/3");
        assert_eq!(screen_name(Some("/dev/pts/3"), ssh), "pts/3, ssh from 192.0.2.7");
        assert_eq!(screen_name(None, ssh), "ssh from 192.0.2.7");
        assert!(screen_name(None, Some("")).contains(&std::process::id().to_string()));
    }
}
