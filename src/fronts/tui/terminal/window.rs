//! Telling a person who looks elsewhere: the bell and notifications, the window's title, and its
//! progress. A terminal that is not known for a sequence is not sent it.

use crate::base::text::{clean_line, cut};
use crate::base::{Multiplexer, NoticeForm, TerminalKind};
use crate::protocol::Activity;

/// Columns of a notification, and of a title.
const LONGEST: usize = 120;

/// The window of the screen: the parts of it that others see while they look elsewhere.
#[derive(Clone, Debug)]
pub struct Window {
    kind: TerminalKind,
    /// The name for its title; `None` where the title is left alone.
    name: Option<String>,
    has_unicode: bool,
    /// The activity that it shows.
    shown: Option<Activity>,
}

/// The changes of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowNews {
    /// The whole title.
    pub title: Option<String>,
    /// Whether it shows that something runs.
    pub progress: Option<bool>,
}

impl Window {
    /// A window that shows nothing yet. `folder` goes into the title; `None` leaves the title
    /// alone, as do terminals that have none or could not be given it back.
    pub fn new(kind: TerminalKind, term: &str, folder: Option<&str>, has_unicode: bool) -> Self {
        let has_title = !matches!(term, "" | "dumb" | "linux" | "cons25" | "vt52")
            && kind.multiplexer != Some(Multiplexer::Screen);
        let name = folder.filter(|_| has_title).map(|folder| {
            let dot = if has_unicode { '·' } else { '-' };
            cut(&clean_line(&format!("codling {dot} {folder}")), LONGEST).into_owned()
        });
        Self { kind, name, has_unicode, shown: None }
    }

    /// The changes since the last ones; `None` where there are none.
    pub fn turn_to(&mut self, activity: Activity) -> Option<WindowNews> {
        let before = self.shown.replace(activity);
        if before == Some(activity) {
            return None;
        }
        let is_running = activity == Activity::Running;
        let was_running = before == Some(Activity::Running);
        let sign = match activity {
            Activity::Running if self.has_unicode => "● ",
            Activity::Running => "* ",
            Activity::Idle => "",
            Activity::AwaitsApproval | Activity::AwaitsAnswer | Activity::AwaitsLimit => "? ",
        };
        let progress = self.kind.has_progress && is_running != was_running;
        Some(WindowNews {
            title: self.name.as_ref().map(|name| format!("{sign}{name}")),
            progress: progress.then_some(is_running),
        })
    }

    /// Forgets it, after the window was given back.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The bell, and the notification in the form that the terminal knows. The terminal around
    /// tmux is not known, so the form that most terminals know is tried inside it.
    pub fn notification(&self, words: &str) -> String {
        let words = cut(&clean_line(words), LONGEST).into_owned();
        let notice = match self.kind.multiplexer {
            Some(Multiplexer::Screen) => String::new(),
            Some(Multiplexer::Tmux) => {
                let form = self.kind.notice.unwrap_or(NoticeForm::Osc9);
                format!("\x1bPtmux;{}\x1b\\", sequence(form, &words).replace('\x1b', "\x1b\x1b"))
            }
            None => self.kind.notice.map(|form| sequence(form, &words)).unwrap_or_default(),
        };
        format!("\x07{notice}")
    }
}

/// The words begin with our name: a number in their place would be read as another command.
fn sequence(form: NoticeForm, words: &str) -> String {
    match form {
        NoticeForm::Osc9 => format!("\x1b]9;codling: {words}\x07"),
        NoticeForm::Osc99 => {
            format!("\x1b]99;i=codling:d=0;codling\x1b\\\x1b]99;i=codling:p=body;{words}\x1b\\")
        }
        NoticeForm::Osc777 => format!("\x1b]777;notify;codling;{words}\x1b\\"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(multiplexer: Option<Multiplexer>, notice: Option<NoticeForm>) -> Window {
        let kind = TerminalKind { multiplexer, notice, has_progress: multiplexer.is_none() };
        Window::new(kind, "xterm", Some("project"), true)
    }

    #[test]
    fn each_terminal_is_rung_and_told_in_the_form_it_is_known_for() {
        use Multiplexer::{Screen, Tmux};
        use NoticeForm::{Osc9, Osc99, Osc777};
        for (multiplexer, notice, bytes) in [
            (None, None, "\x07"),
            (None, Some(Osc9), "\x07\x1b]9;codling: done\x07"),
            (None, Some(Osc777), "\x07\x1b]777;notify;codling;done\x1b\\"),
            (
                None,
                Some(Osc99),
                "\x07\x1b]99;i=codling:d=0;codling\x1b\\\x1b]99;i=codling:p=body;done\x1b\\",
            ),
            (Some(Screen), Some(Osc9), "\x07"),
            (Some(Tmux), None, "\x07\x1bPtmux;\x1b\x1b]9;codling: done\x07\x1b\\"),
            (
                Some(Tmux),
                Some(Osc777),
                "\x07\x1bPtmux;\x1b\x1b]777;notify;codling;done\x1b\x1b\\\x1b\\",
            ),
        ] {
            assert_eq!(window(multiplexer, notice).notification("done"), bytes);
        }
    }

    #[test]
    fn a_notification_and_a_title_cannot_be_broken_out_of() {
        let hostile = "done\x07\x1b]0;title\x1b\\\n2";
        let told = window(None, Some(NoticeForm::Osc9)).notification(hostile);
        assert_eq!(told, "\x07\x1b]9;codling: done␇␛]0;title␛\\ 2\x07");
        let mut window = Window::new(TerminalKind::default(), "xterm", Some(hostile), true);
        let title = window.turn_to(Activity::Idle).and_then(|news| news.title).unwrap();
        assert!(!title.contains(char::is_control), "{title:?}");
    }

    #[test]
    fn a_window_changes_only_with_the_activity() {
        let mut window = window(None, None);
        let title = |title: &str| Some(title.to_owned());
        for (activity, expected) in [
            (Activity::Idle, Some((title("codling · project"), None))),
            (Activity::Idle, None),
            (Activity::Running, Some((title("● codling · project"), Some(true)))),
            (Activity::Running, None),
            (Activity::AwaitsApproval, Some((title("? codling · project"), Some(false)))),
            (Activity::Running, Some((title("● codling · project"), Some(true)))),
            (Activity::Idle, Some((title("codling · project"), Some(false)))),
        ] {
            let news = window.turn_to(activity).map(|news| (news.title, news.progress));
            assert_eq!(news, expected, "{activity:?}");
        }
    }

    #[test]
    fn a_title_that_could_not_be_given_back_is_left_alone() {
        let screen =
            TerminalKind { multiplexer: Some(Multiplexer::Screen), ..TerminalKind::default() };
        for (kind, term) in [(screen, "screen"), (TerminalKind::default(), "linux")] {
            let mut window = Window::new(kind, term, Some("project"), true);
            assert_eq!(window.turn_to(Activity::Running), Some(WindowNews::default()));
        }
    }
}
