//! The kind of a terminal, as its variables tell: what it is known to understand. A terminal that
//! is not known is sent nothing but what all of them take.

/// The abilities that the terminal of a screen is known for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalKind {
    /// The program between us and the terminal.
    pub multiplexer: Option<Multiplexer>,
    /// How it is told to notify a person; `None` where only the bell is known to work.
    pub notice: Option<NoticeForm>,
    /// Whether it shows progress (OSC 9;4). One that does not may show the numbers as a message.
    pub has_progress: bool,
}

/// A program that draws our screen inside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplexer {
    /// GNU screen.
    Screen,
    /// tmux.
    Tmux,
}

/// A sequence that has a terminal notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeForm {
    /// iTerm2's, which WezTerm, Ghostty and Windows Terminal took over.
    Osc9,
    /// kitty's.
    Osc99,
    /// That of urxvt and foot.
    Osc777,
}

impl NoticeForm {
    /// `OSC 9`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Osc9 => "OSC 9",
            Self::Osc99 => "OSC 99",
            Self::Osc777 => "OSC 777",
        }
    }
}

impl TerminalKind {
    /// The kind by the variables; `variable` gives those that are set and not empty.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let has = |name: &str| variable(name).is_some();
        let text = |name: &str| variable(name).unwrap_or_default();
        let (term, program) = (text("TERM"), text("TERM_PROGRAM"));
        let multiplexer = match (has("TMUX"), has("STY")) {
            (true, _) => Some(Multiplexer::Tmux),
            (_, true) => Some(Multiplexer::Screen),
            _ if term.starts_with("screen") => Some(Multiplexer::Screen),
            _ if term.starts_with("tmux") => Some(Multiplexer::Tmux),
            _ => None,
        };
        let notice = if term.contains("kitty") || has("KITTY_WINDOW_ID") {
            Some(NoticeForm::Osc99)
        } else if term.starts_with("foot") || term.starts_with("rxvt-unicode") {
            Some(NoticeForm::Osc777)
        } else if matches!(&*program, "iTerm.app" | "WezTerm" | "ghostty")
            || term.contains("ghostty")
            || has("WT_SESSION")
        {
            Some(NoticeForm::Osc9)
        } else {
            None
        };
        let at_least = |name: &str, least: (u32, u32)| version(&text(name)) >= least;
        let has_progress = has("WT_SESSION")
            || text("ConEmuANSI") == "ON"
            || program == "WezTerm"
            || program == "ghostty" && at_least("TERM_PROGRAM_VERSION", (1, 2))
            || has_feature(&text("TERM_FEATURES"), 'P')
            || at_least("PTYXIS_VERSION", (48, 0))
            || at_least("KONSOLE_VERSION", (260_400, 0));
        let has_progress = has_progress && multiplexer.is_none() && term != "dumb";
        Self { multiplexer, notice: notice.filter(|_| term != "dumb"), has_progress }
    }
}

/// The first two numbers of a version.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Whether a list of features, each a capital with small letters and digits behind, has this one
/// alone.
fn has_feature(features: &str, name: char) -> bool {
    let mut letters = features.chars().peekable();
    while let Some(letter) = letters.next() {
        let goes_on = letters.peek().is_some_and(char::is_ascii_lowercase);
        if letter == name && !goes_on {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> TerminalKind {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        TerminalKind::of(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_terminal_is_sent_only_what_it_is_known_for() {
        use NoticeForm::{Osc9, Osc99, Osc777};
        for (variables, notice, has_progress) in [
            (vec![("TERM", "xterm-256color")], None, false),
            (vec![("TERM", "xterm-kitty")], Some(Osc99), false),
            (vec![("TERM", "foot")], Some(Osc777), false),
            (vec![("TERM", "rxvt-unicode-256color")], Some(Osc777), false),
            (vec![("TERM_PROGRAM", "WezTerm")], Some(Osc9), true),
            (vec![("TERM_PROGRAM", "iTerm.app")], Some(Osc9), false),
            (vec![("TERM_PROGRAM", "iTerm.app"), ("TERM_FEATURES", "T3CwP")], Some(Osc9), true),
            (vec![("TERM_FEATURES", "T3CwPp")], None, false),
            (
                vec![("TERM_PROGRAM", "ghostty"), ("TERM_PROGRAM_VERSION", "1.1.3")],
                Some(Osc9),
                false,
            ),
            (
                vec![("TERM_PROGRAM", "ghostty"), ("TERM_PROGRAM_VERSION", "1.2.0")],
                Some(Osc9),
                true,
            ),
            (vec![("KONSOLE_VERSION", "250800")], None, false),
            (vec![("KONSOLE_VERSION", "260400")], None, true),
            (vec![("PTYXIS_VERSION", "48.1")], None, true),
            (vec![("WT_SESSION", "a"), ("TERM", "dumb")], None, false),
        ] {
            let kind = of(&variables);
            assert_eq!((kind.notice, kind.has_progress), (notice, has_progress), "{variables:?}");
        }
    }

    #[test]
    fn nothing_behind_a_multiplexer_shows_progress() {
        for (name, value, multiplexer) in [
            ("TMUX", "/tmp/t,1,0", Multiplexer::Tmux),
            ("STY", "1.pts", Multiplexer::Screen),
            ("TERM", "screen-256color", Multiplexer::Screen),
            ("TERM", "tmux-256color", Multiplexer::Tmux),
        ] {
            let kind = of(&[(name, value), ("WT_SESSION", "a")]);
            assert_eq!((kind.multiplexer, kind.has_progress), (Some(multiplexer), false), "{name}");
        }
    }
}
