//! Bytes in any division, and the resulting keys, pastes and replies.

use proptest::prelude::*;

use super::*;
use crate::tui::messages::{MouseEvent, MouseKind, Toward};
use crate::tui::paint::Background;

fn parse(chunks: &[&[u8]]) -> Vec<Incoming> {
    let mut parser = InputParser::default();
    let mut seen = Vec::new();
    for chunk in chunks {
        parser.feed(chunk, &mut |incoming| seen.push(incoming));
    }
    parser.settle(&mut |incoming| seen.push(incoming));
    seen
}

fn press(code: KeyCode, modifiers: KeyModifiers) -> Incoming {
    key(code, modifiers)
}

#[test]
fn keys_are_what_terminals_send_for_them() {
    use KeyCode::*;
    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    let cases: [(&[u8], KeyCode, KeyModifiers); 38] = [
        (b"a", Char('a'), NONE),
        (b"A", Char('A'), SHIFT),
        ("é".as_bytes(), Char('é'), NONE),
        ("👍".as_bytes(), Char('👍'), NONE),
        (b"\r", Enter, NONE),
        (b"\n", Char('j'), CTRL),
        (b"\t", Tab, NONE),
        (b"\x7f", Backspace, NONE),
        (b"\x1b\x7f", Backspace, ALT),
        (b"\x03", Char('c'), CTRL),
        (b"\x1f", Char('_'), CTRL),
        (b"\0", Char(' '), CTRL),
        (b"\x1b", Esc, NONE),
        (b"\x1bb", Char('b'), ALT),
        (b"\x1b[", Char('['), ALT),
        (b"\x1b]", Char(']'), ALT),
        (b"\x1bO", Char('O'), ALT | SHIFT),
        (b"\x1b\r", Enter, ALT),
        (b"\x1b[A", Up, NONE),
        (b"\x1bOB", Down, NONE),
        (b"\x1b[1;5C", Right, CTRL),
        (b"\x1b[1;3D", Left, ALT),
        (b"\x1b\x1b[D", Left, ALT),
        (b"\x1b[H", Home, NONE),
        (b"\x1b[4~", End, NONE),
        (b"\x1b[3~", Delete, NONE),
        (b"\x1b[3;5~", Delete, CTRL),
        (b"\x1b[5~", PageUp, NONE),
        (b"\x1b[Z", BackTab, SHIFT),
        (b"\x1bOP", F(1), NONE),
        (b"\x1b[[A", F(1), NONE),
        (b"\x1b[24~", F(12), NONE),
        (b"\x1b[13;2u", Enter, SHIFT),
        (b"\x1b[27u", Esc, NONE),
        (b"\x1b[99;5u", Char('c'), CTRL),
        (b"\x1b[9;2u", BackTab, SHIFT),
        (b"\x1b[27;2;13~", Enter, SHIFT),
        (b"\x1b[57414u", Enter, NONE),
    ];
    for (bytes, code, modifiers) in cases {
        assert_eq!(
            parse(&[bytes]),
            [press(code, modifiers)],
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn replies_are_never_typed() {
    let dark = Incoming::Reply(TerminalReply::Background(Background::Dark));
    let light = Incoming::Reply(TerminalReply::Background(Background::Light));
    let cases: [(&[u8], Vec<Incoming>); 11] = [
        (b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", vec![dark.clone()]),
        (b"\x1b]11;rgb:ff/ff/ff\x07", vec![light]),
        (b"\x1b]11;nonsense\x07", vec![]),
        (b"\x1b]10;rgb:ff/ff/ff\x07", vec![]),
        (b"\x1b[?0u", vec![Incoming::Reply(TerminalReply::KittyKeys)]),
        (b"\x1b[>83;40900;0c", vec![Incoming::Reply(TerminalReply::GnuScreen)]),
        (b"\x1b[>84;0;0c", vec![]),
        (b"\x1b[?62;22c", vec![Incoming::Reply(TerminalReply::Done)]),
        (b"\x1bP>|term 1.2\x1b\\", vec![]),
        (b"\x1b[?2026;2$y", vec![]),
        (b"\x1b[97;1:3u", vec![]),
    ];
    for (bytes, expected) in cases {
        assert_eq!(parse(&[bytes]), expected, "{:?}", String::from_utf8_lossy(bytes));
        let mut around = b"a".to_vec();
        around.extend_from_slice(bytes);
        around.push(b'b');
        let mut all = vec![press(KeyCode::Char('a'), KeyModifiers::NONE)];
        all.extend(expected);
        all.push(press(KeyCode::Char('b'), KeyModifiers::NONE));
        assert_eq!(parse(&[&around]), all);
    }
    assert_eq!(parse(&[b"\x1b]11;rgb:0/0/0"]), []);
    assert_eq!(parse(&[b"\x1b]11;rgb:0000/0000/0000", b"\x1b", b"\\"]), [dark]);
}

#[test]
fn an_answer_of_the_clipboard_in_any_pieces_is_never_typed() {
    let data = "QUJD".repeat(1365);
    let answer = format!(
        "\x1b[?5522;1$y\x1b]5522;type=read:status=OK\x1b\\\
         \x1b]5522;type=read:status=DATA:mime=aW1hZ2UvcG5n;{data}\x1b\\\
         \x1b]5522;type=read:status=DATA:mime=aW1hZ2UvcG5n;{data}\x07\
         \x1b]5522;type=read:status=DONE\x1b\\x"
    );
    let whole = parse(&[answer.as_bytes()]);
    assert_eq!(whole.len(), 6);
    assert_eq!(whole[0], Incoming::Reply(TerminalReply::Clipboard));
    assert!(whole[1..5].iter().all(|incoming| matches!(incoming, Incoming::Clipboard(_))));
    assert_eq!(whole[5], press(KeyCode::Char('x'), KeyModifiers::NONE));
    for size in [1, 7, 1000, 4096] {
        let pieces: Vec<&[u8]> = answer.as_bytes().chunks(size).collect();
        assert_eq!(parse(&pieces), whole, "in pieces of {size}");
    }
    assert_eq!(parse(&[b"\x1b[?5522;0$y\x1b[?5522;4$y\x1b]5522;type=write:status=DONE\x07"]), []);
}

#[test]
fn keys_that_look_like_the_beginning_of_a_reply_do_not_swallow_others() {
    let enter = press(KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(
        parse(&[b"\x1b]a\r"]),
        [character(']', KeyModifiers::ALT), character('a', KeyModifiers::NONE), enter.clone()]
    );
    assert_eq!(parse(&[b"\x1b]1\r"]), [enter]);
    assert_eq!(parse(&[b"\x1bX"]), [character('X', KeyModifiers::ALT)]);
}

#[test]
fn a_paste_is_one_event_and_nothing_in_it_is_a_key() {
    let pasted = |text: &str| Incoming::Paste(text.to_owned());
    assert_eq!(parse(&[b"\x1b[200~one\rtwo\x03\x1b[A\x1b[201~"]), [pasted("one\rtwo\x03\x1b[A")]);
    assert_eq!(parse(&[b"\x1b[200~\x1b[201~\x1b[200~x\x1b[201~"]), [pasted(""), pasted("x")]);
    assert_eq!(
        parse(&[b"\x1b[200~one\x1b[20", b"1~z"]),
        [pasted("one"), press(KeyCode::Char('z'), KeyModifiers::NONE)]
    );
}

#[test]
fn a_paste_whose_end_never_comes_is_what_came_and_keys_work_again() {
    for (lost, text) in [("a\nb", "a\nb"), ("a\x1b[20", "a"), ("a\x1b", "a"), ("é\x1b[201", "é")]
    {
        let mut parser = InputParser::default();
        let mut seen = Vec::new();
        parser.feed(format!("\x1b[200~{lost}").as_bytes(), &mut |incoming| seen.push(incoming));
        assert_eq!((parser.waiting(), seen.len()), (PendingInput::Paste, 0));
        parser.settle(&mut |incoming| seen.push(incoming));
        parser.feed(b"c", &mut |incoming| seen.push(incoming));
        assert_eq!(
            seen,
            [Incoming::Paste(text.into()), press(KeyCode::Char('c'), KeyModifiers::NONE)],
            "{lost:?}"
        );
    }
    assert_eq!(parse(&[b"\x1b[200~"]), []);
}

#[test]
fn a_long_paste_comes_in_pieces_and_whole() {
    let text = "pears and\r\näpples 👍\n".repeat(PIECE / 16);
    let bytes = format!("\x1b[200~{text}\x1b[201~x");
    let mut parser = InputParser::default();
    let mut seen = Vec::new();
    for chunk in bytes.as_bytes().chunks(4096) {
        parser.feed(chunk, &mut |incoming| seen.push(incoming));
        assert!(
            parser.paste.as_ref().is_none_or(|paste| paste.len() <= PIECE),
            "it is not kept beyond its bound"
        );
    }
    assert_eq!(seen.pop(), Some(press(KeyCode::Char('x'), KeyModifiers::NONE)));
    let pieces: Vec<&str> = seen
        .iter()
        .map(
            |incoming| {
                if let Incoming::Paste(text) = incoming { text } else { panic!("{incoming:?}") }
            },
        )
        .map(String::as_str)
        .collect();
    assert!(
        pieces.len() > 1 && pieces.concat() == text && !pieces[1].starts_with('\n'),
        "{}",
        pieces.len()
    );
}

#[test]
fn a_seam_divides_no_character_no_line_break_and_no_end() {
    for (paste, at) in
        [("abcdefgh", 2), ("aé45678", 1), ("a👍45678", 1), ("a\r\n45678", 1), ("ab\x1b[201", 1)]
    {
        assert_eq!(seam(paste.as_bytes()), at, "{paste:?}");
    }
}

#[test]
fn focus_comes_and_goes() {
    assert_eq!(parse(&[b"\x1b[I\x1b[O"]), [Incoming::FocusGained, Incoming::FocusLost]);
}

#[test]
fn the_wheel_and_the_left_button_are_heard_in_both_forms_of_a_report() {
    let (up, down) = (Incoming::Wheel(Toward::Start), Incoming::Wheel(Toward::End));
    let left = |kind, x, y| Incoming::Mouse(MouseEvent { kind, x, y });
    let cases: &[(&[u8], Vec<Incoming>)] = &[
        (b"\x1b[<64;10;5M", vec![up.clone()]),
        (b"\x1b[<65;300;5M", vec![down.clone()]),
        (b"\x1b[<68;10;5M", vec![up.clone()]),
        (
            b"\x1b[<0;10;5M\x1b[<32;300;6M\x1b[<0;300;6m",
            vec![
                left(MouseKind::Press, 9, 4),
                left(MouseKind::Drag, 299, 5),
                left(MouseKind::Release, 299, 5),
            ],
        ),
        // With alt or control; with shift it is the terminal's own.
        (b"\x1b[<8;1;1M\x1b[<16;1;1M", vec![left(MouseKind::Press, 0, 0); 2]),
        (b"\x1b[<4;1;1M", vec![]),
        // The middle and the right button, a motion without a button, and no cell at all.
        (b"\x1b[<1;1;1M\x1b[<2;1;1m\x1b[<34;1;1M\x1b[<35;1;1M", vec![]),
        (b"\x1b[<0;0;5M\x1b[<0;1M\x1b[<0;99999999;1M\x1b[<;;M", vec![]),
        (b"\x1b[<66;1;1M\x1b[<65;1;1m", vec![]),
        (b"\x1b[M`!!", vec![up]),
        (b"\x1b[Ma\xff\xff", vec![down]),
        (
            b"\x1b[M !\"\x1b[M@##\x1b[M##\"",
            vec![
                left(MouseKind::Press, 0, 1),
                left(MouseKind::Drag, 2, 2),
                left(MouseKind::Release, 2, 1),
            ],
        ),
    ];
    for (bytes, expected) in cases {
        let written = String::from_utf8_lossy(bytes);
        assert_eq!(&parse(&[bytes]), expected, "{written:?}");
        let singly: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(&parse(&singly), expected, "{written:?}");
    }
}

#[test]
fn only_a_lone_escape_waits_for_time() {
    let mut parser = InputParser::default();
    for (bytes, waiting) in [
        (&b"\x1b"[..], PendingInput::Escape),
        (b"[", PendingInput::Escape),
        (b"1", PendingInput::Nothing),
        (b";5C", PendingInput::Nothing),
    ] {
        parser.feed(bytes, &mut |_| {});
        assert_eq!(parser.waiting(), waiting);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn splitting_the_bytes_changes_nothing(cuts in prop::collection::vec(0_usize..140, 0..12)) {
        let bytes = "aé\x1b[1;5C\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\👍\x1b[200~pa\x1b[ste\x1b[201~\x1b[?1u\x1b[?62c\x1b[<65;1;1M\x1bOP\x1b\x1b[D\x1bx\x1b[13;2u\r".as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(parse(&chunks), parse(&[bytes]));
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parse(&[&bytes]);
    }
}
