//! This process and others as people know them: terminal, machine and process id.

/// The terminal that started this process; `None` if there is none.
#[cfg(unix)]
pub(super) fn terminal_name() -> Option<String> {
    use std::os::fd::AsFd;

    let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let name = |it: std::os::fd::BorrowedFd<'_>| rustix::termios::ttyname(it, Vec::new()).ok();
    let name =
        name(input.as_fd()).or_else(|| name(output.as_fd())).or_else(|| name(errors.as_fd()))?;
    name.into_string().ok()
}

#[cfg(not(unix))]
pub(super) fn terminal_name() -> Option<String> {
    None
}

/// The name of this machine or container.
#[cfg(unix)]
pub(super) fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    (!name.is_empty() && !name.contains('\n')).then_some(name)
}

#[cfg(not(unix))]
pub(super) fn host_name() -> Option<String> {
    None
}

/// Whether a process of this id runs here, under any user.
#[cfg(unix)]
pub(super) fn is_running(process: u32) -> bool {
    let number = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    number.is_some_and(|number| {
        !matches!(
            rustix::process::test_kill_process(number),
            Err(rustix::io::Errno::SRCH | rustix::io::Errno::INVAL)
        )
    })
}

#[cfg(not(unix))]
pub(super) fn is_running(_process: u32) -> bool {
    true
}
