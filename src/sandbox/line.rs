//! The line between a warden and its cell, at the cell's standard input: what the command reads, where its calls are shown, and how it ended. Decides nothing.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType, recvmsg, sendmsg, socketpair,
};

use super::end::How;

/// One end. Messages stay apart, and when the other process has ended, this is heard.
#[derive(Debug)]
pub struct Line(OwnedFd);

#[derive(Debug)]
pub enum Message {
    /// From the cell: the command has ended, by an exit code or a signal.
    Ended(How),
    /// From the warden: what the command reads, instead of nothing.
    Input(OwnedFd),
    /// From the cell: where connections from its network arrive.
    Door(OwnedFd),
    /// From the cell: where the calls of the command's processes are shown.
    Listener(OwnedFd),
}

#[derive(Debug)]
pub enum Heard {
    Gone,
    Message(Message),
    Nothing,
}

const DOOR: u8 = b'd';
const EXIT: u8 = b'e';
const INPUT: u8 = b'i';
const LISTENER: u8 = b'l';
const SIGNAL: u8 = b's';
/// The word and a number.
const LENGTH: usize = 5;

impl Line {
    /// The warden's end, and what becomes the cell's standard input.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The cell's end, which no command inherits.
    pub fn own() -> io::Result<Self> {
        Ok(Self(io::stdin().as_fd().try_clone_to_owned()?))
    }

    pub fn send(&self, message: Message) -> io::Result<()> {
        let (word, number, shown) = match message {
            Message::Ended(How::Exit(code)) => (EXIT, code, None),
            Message::Ended(How::Signal(number)) => (SIGNAL, number, None),
            Message::Ended(_) => return Err(io::ErrorKind::InvalidInput.into()),
            Message::Door(door) => (DOOR, 0, Some(door)),
            Message::Input(input) => (INPUT, 0, Some(input)),
            Message::Listener(listener) => (LISTENER, 0, Some(listener)),
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

    /// What was said by now; waits for nothing.
    pub fn hear(&self) -> io::Result<Heard> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [0; LENGTH];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let length = loop {
            match recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Heard::Nothing),
                Err(Errno::CONNRESET) => return Ok(Heard::Gone),
                received => break received?.bytes,
            }
        };
        let shown = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut shown) => shown.next(),
            _ => None,
        });
        let number = i32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        Ok(match (length, bytes[0], shown) {
            (0, ..) => Heard::Gone,
            (LENGTH, EXIT, None) => Heard::Message(Message::Ended(How::Exit(number))),
            (LENGTH, SIGNAL, None) => Heard::Message(Message::Ended(How::Signal(number))),
            (LENGTH, DOOR, Some(door)) => Heard::Message(Message::Door(door)),
            (LENGTH, INPUT, Some(input)) => Heard::Message(Message::Input(input)),
            (LENGTH, LISTENER, Some(listener)) => Heard::Message(Message::Listener(listener)),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_in_order_and_the_end_too() {
        let (ours, theirs) = Line::pair().unwrap();
        let theirs = Line(theirs);
        assert!(matches!(ours.hear().unwrap(), Heard::Nothing));
        for how in [How::Exit(255), How::Signal(9)] {
            theirs.send(Message::Ended(how)).unwrap();
        }
        theirs.send(Message::Listener(std::fs::File::open("/dev/null").unwrap().into())).unwrap();
        assert!(theirs.send(Message::Ended(How::Late)).is_err());
        drop(theirs);
        assert!(matches!(ours.hear().unwrap(), Heard::Message(Message::Ended(How::Exit(255)))));
        assert!(matches!(ours.hear().unwrap(), Heard::Message(Message::Ended(How::Signal(9)))));
        assert!(matches!(ours.hear().unwrap(), Heard::Message(Message::Listener(_))));
        assert!(matches!(ours.hear().unwrap(), Heard::Gone));
    }
}
