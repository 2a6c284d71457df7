//! Streams of a command, handed over to its supervisor: the program's own for a command
//! that a person runs as it is, or a terminal. Reads none of it.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// The input, output and errors of a command.
#[derive(Debug)]
pub struct Streams {
    pub input: OwnedFd,
    pub output: OwnedFd,
    pub errors: OwnedFd,
}

/// Sends the input, the output and the errors that a command is to have.
///
/// # Errors
///
/// Fails if the other end is gone.
pub fn hand_over(to: impl AsFd, all: [BorrowedFd<'_>; 3]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&all));
    sendmsg(to, &[IoSlice::new(&[0])], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Waits for what [`hand_over`] sends.
///
/// # Errors
///
/// Fails if the other end closes before all three came.
pub fn take(from: impl AsFd) -> io::Result<Streams> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    while let Err(Errno::INTR) =
        recvmsg(&from, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)
    {
    }
    let mut all = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(shown) => shown.collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    match (all.next(), all.next(), all.next()) {
        (Some(input), Some(output), Some(errors)) => Ok(Streams { input, output, errors }),
        _ => Err(io::Error::other("its input and output did not come")),
    }
}
