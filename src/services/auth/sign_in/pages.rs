//! The pages a browser is shown at the end of its way: ours alone, escaped, with nothing from
//! elsewhere.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const PAGE: &str = codling_assets::pages::PAGE;
const STYLE: &str = codling_assets::pages::STYLE;
/// Takes the spent code out of the address bar and the history.
const SCRIPT: &str = codling_assets::pages::SCRIPT;

/// Lets the browser use this page's own style and script, known by their hashes, and fetch nothing.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// The text of a page, without markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallbackPage {
    pub status: Status,
    pub look: PageLook,
    pub title: String,
    pub text: String,
    pub next: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageLook {
    Bad,
    Good,
    Plain,
}

/// The statuses that the listener answers with (RFC 9110, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    BadGateway,
    BadRequest,
    Conflict,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Ok,
    TooLarge,
}

impl CallbackPage {
    pub fn new(
        status: Status,
        look: PageLook,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self { status, look, title: title.into(), text: text.into(), next: String::new() }
    }

    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// The whole HTTP/1.1 response.
    pub fn response(&self) -> Vec<u8> {
        let body = self.html();
        let mut response = String::with_capacity(body.len() + 600);
        // Writing to a String cannot fail.
        let _written = write!(
            response,
            "HTTP/1.1 {}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\n\
             Content-Security-Policy: {}\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             X-Frame-Options: DENY\r\n\
             Cache-Control: no-store\r\n\
             Connection: close\r\n\r\n{body}",
            self.status.line(),
            body.len(),
            *POLICY,
        );
        response.into_bytes()
    }

    fn html(&self) -> String {
        fill(|name| match name {
            "look" => self.look.class().to_owned(),
            "next" => sentence(&self.next),
            "script" => SCRIPT.to_owned(),
            "style" => STYLE.to_owned(),
            "text" => sentence(&self.text),
            "title" => escape(&self.title),
            _ => String::new(),
        })
    }
}

impl PageLook {
    fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Plain => "plain",
        }
    }
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::BadGateway => "502 Bad Gateway",
            Self::BadRequest => "400 Bad Request",
            Self::Conflict => "409 Conflict",
            Self::Forbidden => "403 Forbidden",
            Self::MethodNotAllowed => "405 Method Not Allowed\r\nAllow: GET",
            Self::NotFound => "404 Not Found",
            Self::Ok => "200 OK",
            Self::TooLarge => "431 Request Header Fields Too Large",
        }
    }
}

/// Puts a value in for each `{{name}}` of the page; values are never searched for names again.
fn fill(value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(PAGE.len() + STYLE.len() + 1024);
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(&value(name));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// On a page, unlike in a terminal line, a sentence ends with a full stop. Backticks become code.
fn sentence(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 {
            out.push_str("<code>");
            out.push_str(&escape(part));
            out.push_str("</code>");
        } else {
            out.push_str(&escape(part));
        }
    }
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_put_in_can_become_markup() {
        let evil = "<script>alert('1')</script> \"&\" {{style}}\u{1b}[31m";
        let page = CallbackPage::new(Status::Ok, PageLook::Bad, evil, evil).with_next(evil);
        let html = String::from_utf8(page.response()).unwrap();
        assert_eq!(html.matches("<script>").count(), 1, "only our own");
        assert_eq!(html.matches("<style>").count(), 1);
        assert_eq!(html.matches("{{style}}").count(), 4, "a name in a value is text");
        assert_eq!(
            html.matches("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;&quot;")
                .count(),
            4
        );
        assert!(!html.contains('\u{1b}'));
    }

    #[test]
    fn a_page_fetches_nothing_and_tells_no_one_where_it_was() {
        let response = String::from_utf8(
            CallbackPage::new(Status::NotFound, PageLook::Plain, "t", "x `y`").response(),
        )
        .unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        for line in [
            "HTTP/1.1 404 Not Found",
            "Referrer-Policy: no-referrer",
            "Cache-Control: no-store",
            "Connection: close",
        ] {
            assert!(head.lines().any(|found| found == line), "{line} in {head}");
        }
        assert!(head.contains("default-src 'none'") && !head.contains("unsafe"));
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        assert!(body.contains("x <code>y</code>.") && body.contains("class=\"plain\""));
        for outside in ["http://", "https://", "src=", "url(", "@import", "<link"] {
            assert!(!body.contains(outside), "{outside}");
        }
        assert!(!head.contains("Location"));
    }

    #[test]
    fn the_policy_names_the_very_style_and_script_of_the_page() {
        let response =
            String::from_utf8(CallbackPage::new(Status::Ok, PageLook::Good, "t", "x").response())
                .unwrap();
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let inner = response.split_once(open).unwrap().1.split_once(close).unwrap().0;
            let hash = STANDARD.encode(Sha256::digest(inner.as_bytes()));
            assert!(response.contains(&format!("'sha256-{hash}'")), "{open}");
        }
    }
}
