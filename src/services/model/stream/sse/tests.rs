//! Event streams in every chunking, the broken ones too.

use std::convert::Infallible;

use futures_util::{FutureExt, StreamExt, stream};
use proptest::prelude::*;

use super::*;

type Read = Vec<Result<String, SseError<Infallible>>>;

fn read(chunks: Vec<Bytes>, limit: usize) -> Read {
    let chunks = stream::iter(chunks.into_iter().map(Ok));
    Events::with_limit(chunks, limit).collect().now_or_never().unwrap()
}

fn whole(bytes: &[u8]) -> Read {
    read(vec![Bytes::copy_from_slice(bytes)], bounds::EVENT)
}

fn split(bytes: &[u8], cuts: &[usize]) -> Vec<Bytes> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| Bytes::copy_from_slice(&bytes[pair[0]..pair[1]])).collect()
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) {
    let expected: Read = expected.iter().map(|data| Ok((*data).to_owned())).collect();
    assert_eq!(whole(bytes), expected, "in one chunk: {:?}", String::from_utf8_lossy(bytes));
    for size in 1..=bytes.len().min(8) {
        let chunks = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        assert_eq!(
            read(chunks, bounds::EVENT),
            expected,
            "in chunks of {size}: {:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn every_kind_of_line_end_ends_a_line() {
    check(b"data: a\n\ndata: b\n\n", &["a", "b"]);
    check(b"data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
    check(b"data: a\r\rdata: b\r\r", &["a", "b"]);
    check(b"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", &["a", "b", "c"]);
}

#[test]
fn a_byte_order_mark_is_cut_at_the_begin_alone() {
    check(b"\xEF\xBB\xBFdata: a\n\n", &["a"]);
    check(b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n\ndata: b\n\n", &["b"]);
    check(b"data: \xEF\xBB\xBFa\n\n\xEF\xBB\xBFdata: b\n\n", &["\u{feff}a"]);
    check(b"\xEF\xBB\xBF\r\ndata: a\r\n\r\n", &["a"]);
}

#[test]
fn an_invalid_byte_costs_no_event() {
    check(b"data: a\xFFb\n\ndata: c\n\n", &["a\u{fffd}b", "c"]);
    check(b"data: \xF0\x9F\x91\n\ndata: \xF0\x9F\x91\x8D\n\n", &["\u{fffd}", "👍"]);
    check(b"\xFFdata: a\n\ndata: b\n\n", &["b"]);
}

#[test]
fn only_data_counts_and_only_of_events_that_end() {
    check(b": ping\nevent: x\nid: 1\nretry: 5\ndata: a\n\n: ping\n\nevent: y\n\ndata: cut", &["a"]);
    check(b"data: a\ndata\ndata:  b\n\n", &["a\n\n b"]);
    check(b"data: a\n", &[]);
    check(b"data: \0\n\n", &["\0"]);
    check(b"", &[]);
}

#[test]
fn an_oversized_event_is_an_error_after_the_events_before_it() {
    let long_line =
        [b"data: ok\n\ndata: ".as_slice(), &[b'x'; 40], b"\n\ndata: never\n\n"].concat();
    let many_lines =
        [b"data: ok\n\n".to_vec(), b"data: 12345\n".repeat(5), b"\n".to_vec()].concat();
    for bytes in [long_line, many_lines] {
        for size in [1, 7, 1000] {
            let got = read(bytes.chunks(size).map(Bytes::copy_from_slice).collect(), 32);
            assert_eq!(got, [Ok("ok".to_owned()), Err(SseError::Oversized { limit: 32 })]);
        }
    }
}

#[test]
fn pings_never_add_up_to_an_oversized_event() {
    let bytes = [b"data: a\n".to_vec(), b": ping\n".repeat(100), b"\n".to_vec()].concat();
    assert_eq!(read(vec![Bytes::from(bytes)], 32), [Ok("a".to_owned())]);
}

#[test]
fn what_breaks_the_transport_ends_the_stream() {
    let chunks =
        stream::iter([Ok(Bytes::from("data: a\n\ndata: b")), Err("cut"), Ok(Bytes::from("\n\n"))]);
    let got: Vec<_> = Events::new(chunks).collect().now_or_never().unwrap();
    assert_eq!(got, [Ok("a".to_owned()), Err(SseError::Transport { source: "cut" })]);
}

/// Bytes that are likely to mean something to the decoder.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data: ".to_vec()),
        Just(b"data".to_vec()),
        Just(b":".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just("é👍".as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_in_any_split_are_the_same_events(bytes in bytes(), cuts in proptest::collection::vec(any::<usize>(), 0..30), limit in 8..200_usize) {
        let unsplit = read(vec![Bytes::from(bytes.clone())], limit);
        prop_assert_eq!(read(split(&bytes, &cuts), limit), unsplit);
    }

    #[test]
    fn a_long_line_is_read_as_a_short_one_is(bytes in bytes(), long in 0..20_usize) {
        let chunks = || stream::iter([Ok(Bytes::from(bytes.clone()))]);
        let events = Events::with_long_lines(chunks(), bounds::EVENT, long);
        let read: Read = events.collect().now_or_never().unwrap();
        let short = Events::with_long_lines(chunks(), bounds::EVENT, usize::MAX);
        prop_assert_eq!(read, short.collect::<Read>().now_or_never().unwrap());
    }

    #[test]
    fn noise_does_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let unsplit = whole(&bytes);
        prop_assert_eq!(read(bytes.chunks(1).map(Bytes::copy_from_slice).collect(), bounds::EVENT), unsplit);
    }
}
