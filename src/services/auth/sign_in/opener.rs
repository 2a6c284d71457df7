//! Opens an address in this machine's browser, where that can be seen. Never waits long, and never
//! lets a text browser take the terminal.

use std::fmt;
use std::time::Duration;

use tokio::sync::oneshot;
use url::Url;

use crate::protocol::BrowserLaunch;

/// Finding the default browser runs other programs, which may be slow; longer than this nobody
/// waits to see the address.
const PATIENCE: Duration = Duration::from_secs(2);

/// Browsers that would run in our terminal, on top of what is painted there.
const TEXT_BROWSERS: [&str; 12] = [
    "browsh", "carbonyl", "cha", "curl", "elinks", "eww", "links", "links2", "lynx", "netrik",
    "retawq", "w3m",
];

/// The program that opens the authorize page.
#[derive(Clone)]
pub enum Opener {
    /// A function in the place of a browser.
    #[cfg(test)]
    Call(std::sync::Arc<dyn Fn(&str) -> BrowserLaunch + Send + Sync>),
    /// Nothing is opened: the browser would not be seen.
    None,
    /// The system's default browser.
    System,
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(test)]
            Self::Call(_) => "Call",
            Self::None => "None",
            Self::System => "System",
        })
    }
}

impl Opener {
    pub(super) async fn open(&self, url: &str) -> BrowserLaunch {
        match self {
            #[cfg(test)]
            Self::Call(call) => call(url),
            Self::None => BrowserLaunch::NotTried,
            Self::System => open_page(url).await,
        }
    }
}

/// Opens an http or https address in the default browser. `Started` means that a program was
/// started, not that a page came up.
pub async fn open_page(url: &str) -> BrowserLaunch {
    let preferred = std::env::var("BROWSER").unwrap_or_default();
    if !is_page(url) || names_text_browser(&preferred) {
        return BrowserLaunch::Failed;
    }
    let (sender, receiver) = oneshot::channel();
    let url = url.to_owned();
    // A thread of its own, not one of the runtime's: a program that hangs must not hold up the end
    // of ours.
    let started = std::thread::Builder::new().name("open-browser".into()).spawn(move || {
        let opened =
            !default_is_text_browser() && (webbrowser::open(&url).is_ok() || xdg_open(&url));
        // The receiver is gone when it took too long.
        let _late = sender.send(opened);
    });
    if started.is_err() {
        return BrowserLaunch::Failed;
    }
    match tokio::time::timeout(PATIENCE, receiver).await {
        Ok(Ok(true)) => BrowserLaunch::Started,
        Ok(_) => BrowserLaunch::Failed,
        Err(_still_at_it) => {
            tracing::debug!("the browser is slow to start");
            BrowserLaunch::Started
        }
    }
}

fn is_page(url: &str) -> bool {
    Url::parse(url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

/// Whether the desktop's default is one: a desktop file may ask for a terminal, and would get ours.
#[cfg(all(unix, not(target_os = "macos")))]
fn default_is_text_browser() -> bool {
    use std::process::{Command, Stdio};

    use crate::base::start;

    let mut settings = Command::new("xdg-settings");
    settings.args(["get", "default-web-browser"]).stdin(Stdio::null()).stderr(Stdio::null());
    let asked = start::output(&mut settings);
    asked.is_ok_and(|answer| names_text_desktop_file(&String::from_utf8_lossy(&answer.stdout)))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn default_is_text_browser() -> bool {
    false
}

/// The desktop's own way, for where no default browser is named. It is to fall back on browsers
/// with windows alone.
#[cfg(all(unix, not(target_os = "macos")))]
fn xdg_open(url: &str) -> bool {
    use std::process::{Command, Stdio};

    use crate::base::start;

    const WITH_WINDOWS: &str = "x-www-browser:firefox:chromium:chromium-browser:google-chrome:google-chrome-stable:brave-browser:microsoft-edge:epiphany:konqueror";
    let mut command = Command::new("xdg-open");
    if std::env::var_os("BROWSER").is_none_or(|browser| browser.is_empty()) {
        command.env("BROWSER", WITH_WINDOWS);
    }
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    start::run(&mut command).is_ok_and(|status| status.success())
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn xdg_open(_url: &str) -> bool {
    false
}

/// `w3m.desktop`, or with a vendor's prefix: `debian-lynx.desktop`.
#[cfg(any(all(unix, not(target_os = "macos")), test))]
fn names_text_desktop_file(file: &str) -> bool {
    file.trim().strip_suffix(".desktop").is_some_and(|name| {
        name.rsplit('-').next().is_some_and(|last| TEXT_BROWSERS.contains(&last))
    })
}

/// Whether a `$BROWSER` holds one: it is a list parted by colons, each with its arguments.
fn names_text_browser(browser: &str) -> bool {
    browser.split(':').filter_map(|command| command.split_ascii_whitespace().next()).any(
        |program| {
            let name = program.rsplit('/').next().unwrap_or(program);
            TEXT_BROWSERS.contains(&name)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_browser_is_known_wherever_it_stands_in_the_list() {
        for (browser, expected) in [
            ("w3m", true),
            ("/usr/bin/lynx -accept_all_cookies %s", true),
            ("firefox:links", true),
            ("firefox", false),
            ("/opt/google/chrome/chrome --new-window", false),
            ("/home/links/firefox", false),
            ("", false),
        ] {
            assert_eq!(names_text_browser(browser), expected, "{browser}");
        }
    }

    #[test]
    fn a_text_browser_is_known_by_its_desktop_file() {
        for (file, expected) in [
            ("w3m.desktop\n", true),
            ("debian-lynx.desktop", true),
            ("firefox.desktop", false),
            ("links", false),
            ("", false),
        ] {
            assert_eq!(names_text_desktop_file(file), expected, "{file}");
        }
    }

    #[tokio::test]
    async fn what_is_not_a_page_is_not_opened() {
        for url in ["file:///etc/passwd", "javascript:alert(1)", "mailto:a@b", "--help", ""] {
            assert_eq!(open_page(url).await, BrowserLaunch::Failed, "{url}");
        }
        assert_eq!(Opener::None.open("https://example.com").await, BrowserLaunch::NotTried);
    }
}
