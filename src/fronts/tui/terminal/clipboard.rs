//! Copying through the terminal itself (OSC 52), which works over SSH.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The environment variables that tell what stands between us and the terminal.
#[derive(Clone, Debug, Default)]
pub struct CopyEnv {
    /// `STY`: set by screen.
    pub sty: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// `TMUX`: set by tmux.
    pub tmux: Option<String>,
}

/// The outcome of a copy; whether the terminal accepted it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Sent to the terminal.
    Sent,
    SentThroughScreen,
    SentThroughTmux,
    /// Longer than terminals accept; nothing was sent.
    TooLong {
        bytes: usize,
        most: usize,
    },
}

/// The limit in bytes for the base64 text in the strictest terminals.
const MOST_ENCODED: usize = 74_994;

/// The largest piece in bytes that screen passes on.
const SCREEN_PIECE: usize = 252;

/// Asks the terminal to put text on the clipboard. Call it only between frames.
///
/// # Errors
///
/// Any failure to write.
pub fn copy(text: &str, env: &CopyEnv, out: &mut impl Write) -> io::Result<Copied> {
    let most = MOST_ENCODED / 4 * 3;
    if text.len() > most {
        return Ok(Copied::TooLong { bytes: text.len(), most });
    }
    let request = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    let set =
        |variable: &Option<String>| variable.as_deref().is_some_and(|value| !value.is_empty());
    let (sequence, copied) = if set(&env.tmux) {
        // tmux accepts the plain request if `set-clipboard` allows it, and passes the wrapped one
        // on if `allow-passthrough` does.
        (format!("{request}{}", through_tmux(&request)), Copied::SentThroughTmux)
    } else if set(&env.sty) || env.term.as_deref().is_some_and(|term| term.starts_with("screen")) {
        (through_screen(&request), Copied::SentThroughScreen)
    } else {
        (request, Copied::Sent)
    };
    out.write_all(sequence.as_bytes())?;
    out.flush()?;
    Ok(copied)
}

fn through_tmux(request: &str) -> String {
    format!("\x1bPtmux;{}\x1b\\", request.replace('\x1b', "\x1b\x1b"))
}

fn through_screen(request: &str) -> String {
    let pieces: Vec<&str> = (0..request.len())
        .step_by(SCREEN_PIECE)
        .map(|at| &request[at..(at + SCREEN_PIECE).min(request.len())])
        .collect();
    pieces.into_iter().map(|piece| format!("\x1bP{piece}\x1b\\")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str, env: &CopyEnv) -> (Copied, String) {
        let mut out = Vec::new();
        let copied = copy(text, env, &mut out).unwrap();
        (copied, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_request_reaches_the_terminal_whatever_stands_between() {
        let tmux = CopyEnv {
            tmux: Some("/tmp/tmux-0/default,1,0".into()),
            term: Some("screen-256color".into()),
            ..CopyEnv::default()
        };
        let screen = CopyEnv { sty: Some("1.pts".into()), ..CopyEnv::default() };
        let cases = [
            (CopyEnv::default(), Copied::Sent, "\x1b]52;c;aGk=\x07"),
            (
                tmux,
                Copied::SentThroughTmux,
                "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\",
            ),
            (screen, Copied::SentThroughScreen, "\x1bP\x1b]52;c;aGk=\x07\x1b\\"),
        ];
        for (env, expected, bytes) in cases {
            assert_eq!(copied("hi", &env), (expected, bytes.to_owned()));
        }
    }

    #[test]
    fn screen_gets_pieces_it_can_swallow() {
        let screen = CopyEnv { term: Some("screen".into()), ..CopyEnv::default() };
        let (_, bytes) = copied(&"x".repeat(3000), &screen);
        assert!(bytes.split("\x1b\\").all(|piece| piece.len() <= SCREEN_PIECE + 2));
        assert_eq!(
            bytes.replace("\x1bP", "").replace("\x1b\\", ""),
            format!("\x1b]52;c;{}\x07", STANDARD.encode("x".repeat(3000)))
        );
    }

    #[test]
    fn too_much_is_not_sent_at_all() {
        let (copied, bytes) = copied(&"x".repeat(60_000), &CopyEnv::default());
        assert_eq!(copied, Copied::TooLong { bytes: 60_000, most: 56_244 });
        assert_eq!(bytes, "");
    }
}
