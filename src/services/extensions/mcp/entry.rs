//! One server's entry in a file, read in the style of that file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::Secret;
use crate::protocol::{
    McpApproval, McpApprovals, McpOwner, McpServer, McpSignIn, McpToolChoice, McpTransport, Origin,
};

use super::{Style, Variables};

const START_LIMIT: Duration = Duration::from_secs(10);
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// The longest limit that may be set.
const LONGEST_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// An entry as it stands there.
pub struct Entry<'a> {
    pub name: &'a str,
    pub value: &'a Value,
    pub style: Style,
    pub variables: Variables<'a>,
}

/// The fields of an entry; each is taken once, so that what is left is unknown.
struct Fields<'a> {
    left: Map<String, Value>,
    variables: Variables<'a>,
    style: Style,
}

impl Entry<'_> {
    /// The server; `None` for an entry that only switches one of another file on or off.
    ///
    /// # Errors
    ///
    /// Fails with the reason, without a full stop, if it cannot be used as it is.
    pub fn server(
        &self,
        owner: McpOwner,
        unknown: &mut Vec<String>,
    ) -> Result<Option<McpServer>, String> {
        McpServer::check_name(self.name)?;
        let Value::Object(left) = self.value.clone() else {
            return Err("it is not a table".into());
        };
        let is_switch = left.len() == 1 && left.contains_key("enabled");
        if is_switch && self.style == Style::Opencode {
            return Ok(None);
        }
        let mut fields = Fields { left, variables: self.variables, style: self.style };
        let transport = match self.style {
            Style::Claude => fields.claude()?,
            Style::Codex => fields.codex()?,
            Style::Opencode => fields.opencode()?,
        };
        let limit = |seconds: Option<f64>, default| match seconds {
            None => Ok(default),
            Some(seconds) if seconds > 0.0 && seconds <= LONGEST_LIMIT.as_secs_f64() => {
                Ok(Duration::from_secs_f64(seconds))
            }
            Some(_) => Err("a time limit is out of range".to_owned()),
        };
        let start = match fields.number("startup_timeout_ms")? {
            Some(milliseconds) => Some(milliseconds / 1000.0),
            None => fields.number("startup_timeout_sec")?,
        };
        let timeout = match self.style {
            Style::Opencode => fields.number("timeout")?.map(|milliseconds| milliseconds / 1000.0),
            Style::Claude | Style::Codex => None,
        };
        let call = fields.number("tool_timeout_sec")?;
        let server = McpServer {
            name: self.name.to_owned(),
            transport,
            owner,
            is_enabled: fields.flag("enabled")?.unwrap_or(true)
                && !fields.flag("disabled")?.unwrap_or(false),
            is_required: fields.flag("required")?.unwrap_or(false),
            start_limit: limit(start.or(timeout), START_LIMIT)?,
            call_limit: limit(call, CALL_LIMIT)?,
            tools: McpToolChoice {
                enabled: fields.optional_list("enabled_tools")?,
                disabled: fields.optional_list("disabled_tools")?.unwrap_or_default(),
            },
            approvals: fields.approvals()?,
            definition: serde_json::to_string_pretty(self.value).unwrap_or_default(),
        };
        // Known to others, and without a meaning here.
        for field in ["supports_parallel_tool_calls", "description", "oauth_resource"] {
            fields.left.remove(field);
        }
        unknown.extend(fields.left.into_iter().map(|(name, _)| name));
        Ok(Some(server))
    }

    /// Switches the server of an earlier file, as opencode's short form does.
    pub fn switch(&self, server: Option<&mut McpServer>) {
        if let (Some(server), Some(is_on)) = (server, self.value["enabled"].as_bool()) {
            server.is_enabled = is_on;
        }
    }
}

impl Fields<'_> {
    fn codex(&mut self) -> Result<McpTransport, String> {
        if self.left.contains_key("bearer_token") {
            return Err("a `bearer_token` does not belong in a file; name its variable in `bearer_token_env_var`".into());
        }
        if self.left.contains_key("command") {
            if self.left.contains_key("url") {
                return Err("it has both `command` and `url`".into());
            }
            let mut command = vec![self.text("command")?.unwrap_or_default()];
            command.extend(self.optional_list("args")?.unwrap_or_default());
            let mut variables = self.pairs("env")?;
            for name in self.passed("env_vars")? {
                let value = (self.variables)(&name).ok_or_else(|| unset(&name))?;
                variables.push((name, Secret::new(value)));
            }
            let workdir = self.text("cwd")?.map(Into::into);
            return program(command, variables, workdir);
        }
        let Some(url) = self.text("url")? else {
            return Err("it has neither `command` nor `url`".into());
        };
        let mut headers = self.pairs("http_headers")?;
        for (header, variable) in self.pairs("env_http_headers")? {
            let value =
                (self.variables)(variable.expose()).ok_or_else(|| unset(variable.expose()))?;
            headers.push((header, Secret::new(value)));
        }
        if let Some(variable) = self.text("bearer_token_env_var")? {
            let token = (self.variables)(&variable).ok_or_else(|| unset(&variable))?;
            headers.push(("authorization".into(), Secret::new(format!("Bearer {token}"))));
        }
        let oauth = match self.left.remove("oauth") {
            Some(Value::Object(oauth)) => oauth,
            _ => Map::new(),
        };
        let sign_in = McpSignIn {
            client_id: oauth.get("client_id").and_then(Value::as_str).map(str::to_owned),
            scopes: self.optional_list("scopes")?.unwrap_or_default(),
            resource: self.text("oauth_resource")?,
        };
        address(url, headers, sign_in)
    }

    fn claude(&mut self) -> Result<McpTransport, String> {
        let kind = self.text("type")?.unwrap_or_default();
        if kind == "sse" {
            return Err("it speaks only the old HTTP+SSE transport; use its `http` address".into());
        }
        if self.left.contains_key("command") {
            let mut command = vec![self.text("command")?.unwrap_or_default()];
            command.extend(self.optional_list("args")?.unwrap_or_default());
            let variables = self.pairs("env")?;
            let workdir = self.text("cwd")?.map(Into::into);
            return program(command, variables, workdir);
        }
        let Some(url) = self.text("url")? else {
            return Err("it has neither `command` nor `url`".into());
        };
        let headers = self.pairs("headers")?;
        address(url, headers, McpSignIn::default())
    }

    fn opencode(&mut self) -> Result<McpTransport, String> {
        match self.text("type")?.as_deref() {
            Some("local") => {
                let command = self.optional_list("command")?.unwrap_or_default();
                let variables = self.pairs("environment")?;
                let workdir = self.text("cwd")?.map(Into::into);
                program(command, variables, workdir)
            }
            Some("remote") => {
                let url = self.text("url")?.unwrap_or_default();
                let headers = self.pairs("headers")?;
                let oauth = self.left.remove("oauth").unwrap_or_default();
                let scope = oauth["scope"].as_str().unwrap_or_default();
                let sign_in = McpSignIn {
                    client_id: oauth["clientId"].as_str().map(str::to_owned),
                    scopes: scope.split_whitespace().map(str::to_owned).collect(),
                    resource: None,
                };
                address(url, headers, sign_in)
            }
            _ => Err("its `type` is neither `local` nor `remote`".into()),
        }
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => self.expanded(&text).map(Some),
            Some(_) => Err(format!("its `{name}` is not a text")),
        }
    }

    fn number(&mut self, name: &str) -> Result<Option<f64>, String> {
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                value.as_f64().map(Some).ok_or_else(|| format!("its `{name}` is not a number"))
            }
        }
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| format!("its `{name}` is not true or false")),
        }
    }

    fn optional_list(&mut self, name: &str) -> Result<Option<Vec<String>>, String> {
        let wrong = || format!("its `{name}` is not a list of texts");
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(values)) => {
                let texts = values.into_iter().map(|value| match value {
                    Value::String(text) => self.expanded(&text),
                    _ => Err(wrong()),
                });
                texts.collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Names of variables to pass on, which Codex also writes as `{ name, source }`.
    fn passed(&mut self, name: &str) -> Result<Vec<String>, String> {
        let wrong = || format!("its `{name}` is not a list of names");
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                let named = |value: &Value| {
                    value.as_str().or_else(|| value["name"].as_str()).map(str::to_owned)
                };
                values.iter().map(|value| named(value).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn pairs(&mut self, name: &str) -> Result<Vec<(String, Secret)>, String> {
        let wrong = || format!("its `{name}` is not a table of texts");
        match self.left.remove(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(entries)) => {
                let pairs = entries.into_iter().map(|(name, value)| match value {
                    Value::String(text) => Ok((name, Secret::new(self.expanded(&text)?))),
                    Value::Number(_) | Value::Bool(_) => Ok((name, Secret::new(value.to_string()))),
                    _ => Err(wrong()),
                });
                pairs.collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn approvals(&mut self) -> Result<McpApprovals, String> {
        let default = match self.text("default_tools_approval_mode")? {
            None => McpApproval::default(),
            Some(text) => approval(&text)?,
        };
        let mut tools = BTreeMap::new();
        if let Some(Value::Object(entries)) = self.left.remove("tools") {
            for (tool, value) in entries {
                if let Some(mode) = value["approval_mode"].as_str() {
                    tools.insert(tool, approval(mode)?);
                }
            }
        }
        Ok(McpApprovals { default, tools })
    }

    /// `{env:NAME}` in every file, and `${NAME}` and `${NAME:-otherwise}` in `.mcp.json`.
    fn expanded(&self, text: &str) -> Result<String, String> {
        let forms: &[&str] =
            if self.style == Style::Claude { &["{env:", "${"] } else { &["{env:"] };
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some((at, form)) =
            forms.iter().filter_map(|form| Some((rest.find(form)?, *form))).min()
        {
            let after = &rest[at + form.len()..];
            let Some(end) = after.find('}') else { break };
            let (name, otherwise) = match after[..end].split_once(":-") {
                Some((name, otherwise)) if form == "${" => (name, Some(otherwise.to_owned())),
                _ => (&after[..end], None),
            };
            expanded.push_str(&rest[..at]);
            expanded.push_str(&(self.variables)(name).or(otherwise).ok_or_else(|| unset(name))?);
            rest = &after[end + 1..];
        }
        expanded.push_str(rest);
        Ok(expanded)
    }
}

fn unset(variable: &str) -> String {
    format!("the variable `{variable}` is not set")
}

fn approval(text: &str) -> Result<McpApproval, String> {
    match text {
        "auto" => Ok(McpApproval::Auto),
        "prompt" => Ok(McpApproval::Prompt),
        "writes" => Ok(McpApproval::Writes),
        "approve" => Ok(McpApproval::Approve),
        _ => Err("an approval mode is none of `auto`, `prompt`, `writes` and `approve`".into()),
    }
}

fn program(
    command: Vec<String>,
    variables: Vec<(String, Secret)>,
    workdir: Option<std::path::PathBuf>,
) -> Result<McpTransport, String> {
    match command.first() {
        None => Err("its command is empty".into()),
        Some(program) if program.is_empty() => Err("its command is empty".into()),
        Some(_) if command.iter().any(|word| word.contains('\0')) => {
            Err("its command has a letter that none can have".into())
        }
        Some(_) => Ok(McpTransport::Stdio { command, variables, workdir }),
    }
}

fn address(
    url: String,
    headers: Vec<(String, Secret)>,
    sign_in: McpSignIn,
) -> Result<McpTransport, String> {
    let parsed = url::Url::parse(&url).map_err(|_unusable| "its address is none".to_owned())?;
    if parsed.password().is_some() || !parsed.username().is_empty() {
        return Err("its address has a user name in it; use a header".into());
    }
    Origin::parse(&parsed.origin().ascii_serialization())
        .map_err(|_unusable| "its address is neither https nor http on this machine".to_owned())?;
    Ok(McpTransport::Http { url, headers, sign_in })
}
