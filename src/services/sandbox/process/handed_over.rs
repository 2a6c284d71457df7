//! Descriptors that one process of the sandbox hands over to another: the streams of a command that
//! a person runs as it is, or of its terminal, and networks. Reads none of them.

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

impl Streams {
    /// Waits for the three that [`hand_over`] sends, in this order.
    ///
    /// # Errors
    ///
    /// Fails if the other end closes before all three came.
    pub fn take(from: impl AsFd) -> io::Result<Self> {
        let all: Result<[OwnedFd; 3], _> = take(from).try_into();
        match all {
            Ok([input, output, errors]) => Ok(Self { input, output, errors }),
            Err(_) => Err(io::Error::other("its input and output did not come")),
        }
    }
}

/// Sends descriptors, three at the most, to the other end of a socket.
///
/// # Errors
///
/// Fails if the other end is gone.
pub fn hand_over(to: impl AsFd, all: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(all));
    sendmsg(to, &[IoSlice::new(&[0])], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Waits for what [`hand_over`] sends; none if the other end closes before. No program that this
/// process becomes or starts has them.
pub fn take(from: impl AsFd) -> Vec<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    while let Err(Errno::INTR) =
        recvmsg(&from, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)
    {
    }
    let messages = control.drain().map(|message| match message {
        RecvAncillaryMessage::ScmRights(all) => all.collect(),
        _ => Vec::new(),
    });
    messages.flatten().collect()
}
