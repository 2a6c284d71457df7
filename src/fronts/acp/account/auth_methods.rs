//! The ways to sign in that a client is offered: those it can carry out, and the settings allow.

use agent_client_protocol::v1::schema::{
    AuthMethod, AuthMethodAgent, AuthMethodTerminal, ClientCapabilities,
};

use crate::protocol::SignInMethod;

use crate::acp::outside::Outside;
use crate::acp::setup::{AcpSetup, BrowserUse};

/// Uses the key in the environment of this program.
pub const API_KEY: &str = "api-key";
/// Opens a browser on this machine, which comes back to one of its ports.
pub const CHATGPT: &str = "chatgpt";
/// Uses a code that is typed on any device; the client shows where.
pub const DEVICE_CODE: &str = "chatgpt-device-code";
/// Uses such a code in a terminal that the client opens.
pub const TERMINAL: &str = "chatgpt-terminal";

impl Outside {
    /// Whether the client shows a person an address that it is sent.
    pub fn shows_addresses(&self) -> bool {
        shows_addresses(&self.client)
    }

    pub fn auth_methods(&self) -> Vec<AuthMethod> {
        offered(&self.setup, &self.client)
    }

    pub fn offers(&self, id: &str) -> bool {
        self.auth_methods().iter().any(|method| *method.id().0 == *id)
    }
}

fn shows_addresses(client: &ClientCapabilities) -> bool {
    client.elicitation.as_ref().is_some_and(|elicitation| elicitation.url.is_some())
}

/// Returns the ways to sign in that the client can carry out and the settings allow.
pub fn offered(setup: &AcpSetup, client: &ClientCapabilities) -> Vec<AuthMethod> {
    let rule = setup.sign_in_rule.method;
    let mut methods = Vec::new();
    if rule != Some(SignInMethod::ChatGpt) {
        let method = AuthMethodAgent::new(API_KEY, "API key")
            .description("Uses `OPENAI_API_KEY` of codling's environment".to_owned());
        methods.push(AuthMethod::Agent(method));
    }
    if rule == Some(SignInMethod::ApiKey) {
        return methods;
    }
    if setup.browser == BrowserUse::Near {
        let method = AuthMethodAgent::new(CHATGPT, "ChatGPT")
            .description("Opens a browser on the machine that codling runs on".to_owned());
        methods.push(AuthMethod::Agent(method));
    }
    if shows_addresses(client) {
        let method = AuthMethodAgent::new(DEVICE_CODE, "ChatGPT with a code")
            .description("A code to type in any browser, for remote projects".to_owned());
        methods.push(AuthMethod::Agent(method));
    }
    if client.auth.terminal && !setup.terminal_sign_in.is_empty() {
        let method = AuthMethodTerminal::new(TERMINAL, "ChatGPT with a code, in a terminal")
            .description("A code to type in any browser, for remote projects".to_owned())
            .args(setup.terminal_sign_in.clone());
        methods.push(AuthMethod::Terminal(method));
    }
    methods
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_client_protocol::v1::schema::{
        AuthCapabilities, ElicitationCapabilities, ElicitationFormCapabilities,
        ElicitationUrlCapabilities,
    };

    use super::*;
    use crate::protocol::SignInRule;

    fn setup(browser: BrowserUse, method: Option<SignInMethod>) -> AcpSetup {
        AcpSetup {
            model: None,
            mode: None,
            providers: Arc::default(),
            sign_in_rule: SignInRule { method, workspaces: Arc::default() },
            browser,
            terminal_sign_in: vec!["auth".into(), "login".into(), "--device".into()],
        }
    }

    fn ids(setup: &AcpSetup, client: &ClientCapabilities) -> Vec<String> {
        offered(setup, client).iter().map(|method| method.id().to_string()).collect()
    }

    #[test]
    fn a_client_is_offered_what_it_can_carry_out() {
        let plain = ClientCapabilities::new();
        let none = ElicitationCapabilities::new();
        let form = none.clone().form(ElicitationFormCapabilities::new());
        let url = none.clone().url(ElicitationUrlCapabilities::new());
        let remote = setup(BrowserUse::Never, None);
        assert_eq!(ids(&remote, &plain), [API_KEY]);
        assert_eq!(ids(&remote, &plain.clone().elicitation(none)), [API_KEY]);
        assert_eq!(ids(&remote, &plain.clone().elicitation(form)), [API_KEY]);
        let with_url = plain.clone().elicitation(url);
        assert_eq!(ids(&remote, &with_url), [API_KEY, DEVICE_CODE]);
        let terminal = plain.clone().auth(AuthCapabilities::new().terminal(true));
        assert_eq!(ids(&remote, &terminal), [API_KEY, TERMINAL]);
        let near = setup(BrowserUse::Near, None);
        assert_eq!(ids(&near, &plain), [API_KEY, CHATGPT]);
    }

    #[test]
    fn a_way_that_the_settings_forbid_is_not_offered() {
        let url = ElicitationCapabilities::new().url(ElicitationUrlCapabilities::new());
        let client = ClientCapabilities::new().elicitation(url);
        let keys = setup(BrowserUse::Near, Some(SignInMethod::ApiKey));
        assert_eq!(ids(&keys, &client), [API_KEY]);
        let accounts = setup(BrowserUse::Near, Some(SignInMethod::ChatGpt));
        assert_eq!(ids(&accounts, &client), [CHATGPT, DEVICE_CODE]);
    }
}
