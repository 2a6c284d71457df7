//! The line between a supervisor and its child, at the child's standard input: what it is to do,
//! what the command reads, where its calls are shown, and how it ended. Decides nothing.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use super::command_end::ExitKind;

/// One end. Messages stay apart, and when the other process has ended, this is heard.
#[derive(Debug)]
pub struct ChildChannel(OwnedFd);

#[derive(Debug)]
pub enum ChildMessage {
    /// Sent by the child: the command begins, which it starts beside itself.
    Begins,
    /// Sent by the child: the command has ended, by an exit code or a signal.
    Ended(ExitKind),
    /// Sent by the supervisor: the command's input, instead of none.
    Input(OwnedFd),
    /// Sent by the child: the socket where connections from its network arrive.
    Door(OwnedFd),
    /// Sent by the supervisor first: a file that holds the [`super::child_spec::ChildSpec`].
    Spec(OwnedFd),
    /// Sent by the supervisor: where the [`crate::sandbox::walls::hidden::Hidden`] arrives that the
    /// child waits for.
    Hidden(OwnedFd),
    /// Sent by the child: the process that it started beside itself. It leads the command's group.
    Leader(OwnedFd),
    /// Sent by the child: the listener where the calls of the command's processes are shown.
    Listener(OwnedFd),
    /// Sent by the supervisor: the terminal that is to be the command's own, and its input.
    Terminal(OwnedFd),
}

#[derive(Debug)]
pub enum ChannelEvent {
    Gone,
    Message(ChildMessage),
    Nothing,
}

const BEGINS: u8 = b'b';
const DOOR: u8 = b'd';
const EXIT: u8 = b'e';
const HIDDEN: u8 = b'h';
const INPUT: u8 = b'i';
const LEADER: u8 = b'p';
const LISTENER: u8 = b'l';
const SIGNAL: u8 = b's';
const SPEC: u8 = b't';
const TERMINAL: u8 = b'y';
/// The word and a number.
const LENGTH: usize = 5;

impl ChildChannel {
    /// The supervisor's end, and what becomes the child's standard input.
    ///
    /// # Errors
    ///
    /// Fails if the system gives no pair of sockets.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The child's end, which no command inherits.
    ///
    /// # Errors
    ///
    /// Fails if standard input cannot be duplicated.
    pub fn own() -> io::Result<Self> {
        Ok(Self(io::stdin().as_fd().try_clone_to_owned()?))
    }

    /// Sends one message, with its file where it has one.
    ///
    /// # Errors
    ///
    /// Fails if the other end is gone. `InvalidInput` is an end that no command has.
    pub fn send(&self, message: ChildMessage) -> io::Result<()> {
        let (word, number, shown) = match message {
            ChildMessage::Begins => (BEGINS, 0, None),
            ChildMessage::Ended(ExitKind::Exit(code)) => (EXIT, code, None),
            ChildMessage::Ended(ExitKind::Signal(number)) => (SIGNAL, number, None),
            ChildMessage::Ended(_) => return Err(io::ErrorKind::InvalidInput.into()),
            ChildMessage::Door(door) => (DOOR, 0, Some(door)),
            ChildMessage::Hidden(hidden) => (HIDDEN, 0, Some(hidden)),
            ChildMessage::Input(input) => (INPUT, 0, Some(input)),
            ChildMessage::Leader(process) => (LEADER, 0, Some(process)),
            ChildMessage::Listener(listener) => (LISTENER, 0, Some(listener)),
            ChildMessage::Spec(spec) => (SPEC, 0, Some(spec)),
            ChildMessage::Terminal(terminal) => (TERMINAL, 0, Some(terminal)),
        };
        let mut bytes = [word; LENGTH];
        bytes[1..].copy_from_slice(&number.to_le_bytes());
        let shown: Vec<BorrowedFd<'_>> = shown.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !shown.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&shown));
        }
        sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Takes the messages up to now; waits for nothing.
    ///
    /// # Errors
    ///
    /// Fails if the channel cannot be read. The end of the other side is a [`ChannelEvent`].
    pub fn receive(&self) -> io::Result<ChannelEvent> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [0; LENGTH];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let length = loop {
            match recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(ChannelEvent::Nothing),
                Err(Errno::CONNRESET) => return Ok(ChannelEvent::Gone),
                received => break received?.bytes,
            }
        };
        let shown = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut shown) => shown.next(),
            _ => None,
        });
        let number = i32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        Ok(match (length, bytes[0], shown) {
            (0, ..) => ChannelEvent::Gone,
            (LENGTH, BEGINS, None) => ChannelEvent::Message(ChildMessage::Begins),
            (LENGTH, EXIT, None) => {
                ChannelEvent::Message(ChildMessage::Ended(ExitKind::Exit(number)))
            }
            (LENGTH, SIGNAL, None) => {
                ChannelEvent::Message(ChildMessage::Ended(ExitKind::Signal(number)))
            }
            (LENGTH, DOOR, Some(door)) => ChannelEvent::Message(ChildMessage::Door(door)),
            (LENGTH, HIDDEN, Some(hidden)) => ChannelEvent::Message(ChildMessage::Hidden(hidden)),
            (LENGTH, INPUT, Some(input)) => ChannelEvent::Message(ChildMessage::Input(input)),
            (LENGTH, LEADER, Some(process)) => ChannelEvent::Message(ChildMessage::Leader(process)),
            (LENGTH, LISTENER, Some(listener)) => {
                ChannelEvent::Message(ChildMessage::Listener(listener))
            }
            (LENGTH, SPEC, Some(spec)) => ChannelEvent::Message(ChildMessage::Spec(spec)),
            (LENGTH, TERMINAL, Some(terminal)) => {
                ChannelEvent::Message(ChildMessage::Terminal(terminal))
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

impl AsFd for ChildChannel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_in_order_and_the_end_too() {
        let (ours, theirs) = ChildChannel::pair().unwrap();
        let theirs = ChildChannel(theirs);
        assert!(matches!(ours.receive().unwrap(), ChannelEvent::Nothing));
        theirs.send(ChildMessage::Begins).unwrap();
        for how in [ExitKind::Exit(255), ExitKind::Signal(9)] {
            theirs.send(ChildMessage::Ended(how)).unwrap();
        }
        theirs
            .send(ChildMessage::Listener(std::fs::File::open("/dev/null").unwrap().into()))
            .unwrap();
        assert!(theirs.send(ChildMessage::Ended(ExitKind::Late)).is_err());
        drop(theirs);
        assert!(matches!(ours.receive().unwrap(), ChannelEvent::Message(ChildMessage::Begins)));
        assert!(matches!(
            ours.receive().unwrap(),
            ChannelEvent::Message(ChildMessage::Ended(ExitKind::Exit(255)))
        ));
        assert!(matches!(
            ours.receive().unwrap(),
            ChannelEvent::Message(ChildMessage::Ended(ExitKind::Signal(9)))
        ));
        assert!(matches!(
            ours.receive().unwrap(),
            ChannelEvent::Message(ChildMessage::Listener(_))
        ));
        assert!(matches!(ours.receive().unwrap(), ChannelEvent::Gone));
    }
}
