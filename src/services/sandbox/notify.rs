//! Seccomp user notification: a process asks for its system calls to be shown to another one, which
//! lets each of them go on. The only file here with unsafe code.
#![expect(
    unsafe_code,
    reason = "no library that is kept up offers seccomp's notifications without the C library"
)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use libc::{
    c_int, c_uint, seccomp_data, seccomp_notif, seccomp_notif_resp, seccomp_notif_sizes,
    sock_filter, sock_fprog,
};

/// Wakes the one who waits on the same processor, which is what two processes that take turns want.
const SYNC_WAKE_UP: u64 = 1;

/// A call that waits to be let go on.
#[derive(Clone, Copy, Debug)]
pub struct Notification {
    id: u64,
    /// The thread, as this process sees it; 0 where it does not.
    pub pid: i32,
    pub call: libc::c_long,
    pub arguments: [u64; 6],
}

/// The end at which calls are shown. When it is closed, they fail as if the system did not have
/// them.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// Has the calls that the filter picks out shown at the listener from now on, for this thread and
/// all that it starts.
///
/// # Errors
///
/// Fails if the kernel does not have this, if it is not allowed, or if there is a listener already;
/// nothing has changed then.
pub fn install(filter: &[sock_filter]) -> io::Result<OwnedFd> {
    check_sizes()?;
    let len = filter.len().try_into().map_err(io::Error::other)?;
    let program = sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // Older systems do not know the last one.
    let least = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    match seccomp(least | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program) {
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => seccomp(least, &program),
        installed => installed,
    }
}

fn seccomp(flags: libc::c_ulong, program: &sock_fprog) -> io::Result<OwnedFd> {
    let program: *const sock_fprog = program;
    // SAFETY: the program points to instructions that outlive the call, with their true number; the
    // kernel only reads them.
    let made =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, program) };
    let descriptor = c_int::try_from(made)
        .ok()
        .filter(|made| *made >= 0)
        .ok_or_else(io::Error::last_os_error)?;
    // SAFETY: with NEW_LISTENER, the answer is a new descriptor that nothing else knows.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// A kernel whose notifications are larger than ours could not be answered, and every call would
/// wait for ever.
fn check_sizes() -> io::Result<()> {
    let mut sizes =
        seccomp_notif_sizes { seccomp_notif: 0, seccomp_notif_resp: 0, seccomp_data: 0 };
    let none: c_uint = 0;
    // SAFETY: the kernel writes three numbers of 16 bits each, which is what this is.
    let result = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_NOTIF_SIZES, none, &raw mut sizes)
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    let ours = (size_of::<seccomp_notif>(), size_of::<seccomp_notif_resp>());
    match (usize::from(sizes.seccomp_notif), usize::from(sizes.seccomp_notif_resp)) == ours {
        true => Ok(()),
        false => Err(io::ErrorKind::Unsupported.into()),
    }
}

impl Listener {
    /// The listener that [`install`] made, wherever it was sent in the meantime.
    pub fn new(descriptor: OwnedFd) -> Self {
        // SAFETY: this request takes a number, not a pointer. Systems that do not know it say so,
        // and are only slower.
        let _slower = unsafe {
            libc::ioctl(descriptor.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP)
        };
        Self(descriptor)
    }

    /// Waits for the next call. `NotFound` when the one that was to be shown is gone, or all are.
    ///
    /// # Errors
    ///
    /// Fails with `NotFound` if the call that was to be shown is gone, or if all processes are.
    pub fn receive(&self) -> io::Result<Notification> {
        let data = seccomp_data { nr: 0, arch: 0, instruction_pointer: 0, args: [0; 6] };
        let mut shown = seccomp_notif { id: 0, pid: 0, flags: 0, data };
        // SAFETY: the request's number holds the size of what it is given, and a kernel that would
        // write more does not know that number.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut shown)
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        let seccomp_data { nr, args, .. } = shown.data;
        Ok(Notification {
            id: shown.id,
            pid: i32::try_from(shown.pid).unwrap_or(0),
            call: nr.into(),
            arguments: args,
        })
    }

    /// Whether the call still waits: its process may have been ended.
    pub fn is_waiting(&self, notification: &Notification) -> bool {
        let id = notification.id;
        // SAFETY: the kernel reads a number of the size that the request's number holds.
        let known = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw const id)
        };
        known == 0
    }

    /// Lets the call be carried out as it was made. It may be gone by now.
    pub fn let_go_on(&self, notification: &Notification) {
        let flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
        let mut answer = seccomp_notif_resp { id: notification.id, val: 0, error: 0, flags };
        // SAFETY: the kernel reads an answer of the size that the request's number holds.
        let _gone = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer)
        };
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
