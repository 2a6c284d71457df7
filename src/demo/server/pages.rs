//! The pages a browser sees: they say plainly that this is a stand-in, escape everything and load
//! nothing.

use crate::demo::accounts::jwt::Person;
use crate::demo::answer::ScriptedAnswer;

const PAGE: &str = codling_assets::demo::PAGE;
const AUTHORIZE: &str = codling_assets::demo::AUTHORIZE;
const DEVICE: &str = codling_assets::demo::DEVICE;
const MESSAGE: &str = codling_assets::demo::MESSAGE;

/// Approve or deny; `query` comes back with the button.
pub fn authorize(query: &str, person: &Person) -> ScriptedAnswer {
    let email = person.email.as_deref().unwrap_or("nobody in particular");
    page(200, "Sign in to codling", &fill(AUTHORIZE, &[("request", query), ("email", email)]))
}

/// Where the user code is typed.
pub fn device() -> ScriptedAnswer {
    page(200, "Enter the code", DEVICE)
}

pub fn message(status: u16, title: &str, text: &str) -> ScriptedAnswer {
    page(status, title, &fill(MESSAGE, &[("title", title), ("text", text)]))
}

fn page(status: u16, title: &str, content: &str) -> ScriptedAnswer {
    // The content is put in last and as it is: it was filled and escaped before.
    let page = fill(PAGE, &[("title", title)]).replace("{{content}}", content);
    let mut answer = ScriptedAnswer::html(page)
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
        .header("cache-control", "no-store")
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff");
    answer.status = status;
    answer
}

fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |page, (name, value)| {
        page.replace(&format!("{{{{{name}}}}}"), &escape(value))
    })
}

/// Braces too: a value can then never be taken for a place to fill.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '{' => escaped.push_str("&#123;"),
            '}' => escaped.push_str("&#125;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_put_into_a_page_can_become_markup() {
        let filled = fill("<b>{{a}}</b>{{b}}", &[("a", "<script>\"'&{{b}}"), ("b", "x")]);
        assert_eq!(filled, "<b>&lt;script&gt;&quot;&#39;&amp;&#123;&#123;b&#125;&#125;</b>x");
    }
}
