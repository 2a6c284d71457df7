//! Surroundings: the kind of place the program was started in, and its use of the mouse there.

/// Read once at the start from the environment; decides which way to sign in is offered first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `SSH_CONNECTION`, `SSH_CLIENT` or `SSH_TTY` is set.
    pub ssh: bool,
    /// The address of this host as the SSH client dialled it, for the `ssh -L` line.
    pub ssh_host: Option<String>,
    /// The program runs in a container, by the engine's file or a variable.
    pub container: bool,
    /// `BROWSER` names what opens pages. A container that can have them shown sets it, and needs no
    /// display for that.
    pub browser_named: bool,
    /// There is a display to open a browser on: always on macOS and Windows, elsewhere by DISPLAY,
    /// WAYLAND_DISPLAY or WSL.
    pub display: bool,
    /// The locale's character set is UTF-8.
    pub utf8: bool,
    /// The terminal is tmux, by `TMUX`.
    pub tmux: bool,
    /// The terminal is GNU screen, by `STY` or `TERM`; never together with `tmux`.
    pub screen: bool,
}

/// The part of the mouse that a screen takes; the terminal has the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MouseUse {
    /// The wheel and the left button.
    #[default]
    Auto,
    /// The wheel alone.
    Wheel,
    /// Nothing.
    Off,
}

impl Surroundings {
    /// Whether a browser opened here would be seen by the person.
    pub fn browser_is_near(&self) -> bool {
        self.reason().is_none()
    }

    /// Why a browser here is of no use: one sentence without a full stop; `None` where it is of
    /// use.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self { ssh: true, .. } => Some("You are connected over SSH"),
            Self { container: true, browser_named: false, .. } => Some("This is a container"),
            // The container has none of its own: what `BROWSER` names opens pages outside of it.
            Self { container: true, .. } => None,
            Self { display: false, .. } => Some("This machine has no display"),
            _ => None,
        }
    }
}
