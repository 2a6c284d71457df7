//! The words with which the app-server refuses a request, named by what they mean. Most are Codex's
//! own, which its clients may know: what stands here is promised to them.

// Sign-ins.

pub const KEY_DISABLED: &str = "API key login is disabled. Use ChatGPT login instead.";
pub const CHATGPT_DISABLED: &str = "ChatGPT login is disabled. Use API key login instead.";
pub const EXTERNAL_DISABLED: &str = "External ChatGPT auth is disabled. Use API key login instead.";
pub const NO_DEVICE_CODES: &str = "device code login is not enabled for this Codex server. Use the browser login or verify the server URL.";
pub const NOT_COMPLETED: &str = "Login was not completed";
pub const SERVER_NOT_COMPLETED: &str = "Login server error: Login was not completed";
pub const EXTERNAL_ACTIVE: &str = "External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it.";
pub const REFRESH_FAILED: &str = "auth refresh request failed: code=-32000";
pub const REFRESH_INVALID: &str = "auth refresh returned invalid credentials";
pub const REFRESH_TIMED_OUT: &str = "auth refresh request timed out after 10s";
pub const OTHER_WORKSPACE: &str = "External auth must use one of workspace(s) ";
pub const NO_ID_TOKEN: &str = "failed to set external auth: invalid ID token format";

// Commands.

pub const DUPLICATE_COMMAND: &str = "duplicate active command/exec process id: \"slow\"";
pub const NO_COMMAND_SLOW: &str = "no active command/exec for process id \"slow\"";
pub const NO_COMMAND_MINE: &str = "no active command/exec for process id \"mine\"";

// Connections.

pub const OVERLOADED: &str = "Server overloaded; retry later.";
pub const STARTS_ITS_OWN: &str = "starts a server of its own";
pub const NOT_FROM_SERVE: &str = "was not started with `serve`";
pub const ASKS_FOR_NO_TOKEN: &str = "asks for no token";

// Threads.

pub const NO_TURN_CALLED_NONE: &str = "turn not found: none";
pub const TURN_IN_PROGRESS: &str = "while a turn is in progress";
pub const NO_TURN_TO_STEER: &str = "no active turn to steer";
pub const NO_TURN_TO_INTERRUPT: &str = "no active turn to interrupt";
pub const NOT_MATERIALIZED: &str = "is not materialized yet; thread/turns/list is unavailable";
pub const NO_INSTRUCTIONS: &str = "instructions must not be empty";
pub const RELATIVE_PATH: &str =
    "Invalid request: AbsolutePathBuf deserialized without a base path: src";
