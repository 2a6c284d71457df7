//! The unread output of a job: its beginning and its end where there is much of it, in bounded
//! memory.

/// Bytes of the beginning, and of the end, that are kept.
const PART: usize = 128 << 10;

/// Bytes that wait for a reader.
#[derive(Debug, Default)]
pub struct Unread {
    head: Vec<u8>,
    /// Behind what is skipped; empty until the head is full.
    tail: Vec<u8>,
    skipped: u64,
}

/// The output that was taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub head: Vec<u8>,
    /// Bytes between the two parts that are not kept.
    pub skipped: u64,
    pub tail: Vec<u8>,
}

impl Unread {
    pub fn push(&mut self, bytes: &[u8]) {
        let room = (PART - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        // Not each time: what is moved up is as much as what has come since.
        if self.tail.len() > 2 * PART {
            let over = self.tail.len() - PART;
            self.tail.drain(..over);
            self.skipped += over as u64;
        }
    }

    /// All of it; it is read from then on.
    pub fn take(&mut self) -> Taken {
        let Self { head, tail, skipped } = std::mem::take(self);
        Taken { head, skipped, tail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_read_once() {
        let mut unread = Unread::default();
        unread.push(b"one ");
        unread.push(b"two");
        let whole = |text: &[u8]| Taken { head: text.to_vec(), skipped: 0, tail: Vec::new() };
        assert_eq!(unread.take(), whole(b"one two"));
        unread.push(b"three");
        assert_eq!((unread.take(), unread.take()), (whole(b"three"), whole(b"")));
    }

    #[test]
    fn of_much_the_beginning_and_the_end_are_kept_and_the_rest_is_counted() {
        for piece in [1_000, PART + 1, 7 * PART] {
            let all: Vec<u8> = (0..).take(5 * PART + 11).map(|at| (at % 251) as u8).collect();
            let mut unread = Unread::default();
            for bytes in all.chunks(piece) {
                unread.push(bytes);
                assert!(unread.head.len() + unread.tail.len() <= 3 * PART);
            }
            let taken = unread.take();
            assert_eq!(taken.head, all[..PART]);
            assert!(taken.tail.len() >= PART && all.ends_with(&taken.tail), "{piece}");
            let kept = (taken.head.len() + taken.tail.len()) as u64;
            assert_eq!(kept + taken.skipped, all.len() as u64);
        }
    }
}
