//! Texts and pages that the program holds. They are a crate because a published crate has only the
//! files of its own folder.

/// The stand-in's pages and answers.
pub mod demo {
    pub const AUTHORIZE: &str = include_str!("demo/authorize.html");
    pub const DEVICE: &str = include_str!("demo/device.html");
    pub const HELP: &str = include_str!("demo/help.md");
    pub const LOAD: &str = include_str!("demo/load.md");
    pub const MESSAGE: &str = include_str!("demo/message.html");
    pub const PAGE: &str = include_str!("demo/page.html");
    pub const SAMPLE: &str = include_str!("demo/sample.md");
}

/// The guide's pages.
pub mod guide {
    pub const ACP: &str = include_str!("guide/acp.md");
    pub const APP_SERVER: &str = include_str!("guide/app-server.md");
    pub const COMMANDS: &str = include_str!("guide/commands.md");
    pub const CONFIGURATION: &str = include_str!("guide/configuration.md");
    pub const EVAL: &str = include_str!("guide/eval.md");
    pub const EXTENSIONS: &str = include_str!("guide/extensions.md");
    pub const FILES: &str = include_str!("guide/files.md");
    pub const HEADLESS: &str = include_str!("guide/headless.md");
    pub const KEYS: &str = include_str!("guide/keys.md");
    pub const MCP: &str = include_str!("guide/mcp.md");
    pub const PERMISSIONS: &str = include_str!("guide/permissions.md");
    pub const PROVIDERS: &str = include_str!("guide/providers.md");
    pub const SANDBOX: &str = include_str!("guide/sandbox.md");
    pub const SESSIONS: &str = include_str!("guide/sessions.md");
    pub const SIGN_IN: &str = include_str!("guide/sign-in.md");
    pub const TROUBLESHOOTING: &str = include_str!("guide/troubleshooting.md");
    pub const UNDO: &str = include_str!("guide/undo.md");
}

/// The page that a browser shows when a sign-in has ended.
pub mod pages {
    pub const PAGE: &str = include_str!("pages/page.html");
    pub const SCRIPT: &str = include_str!("pages/page.js");
    pub const STYLE: &str = include_str!("pages/style.css");
}

/// Instructions for models.
pub mod prompts {
    pub const BUILD: &str = include_str!("prompts/build.md");
    pub const COMPACT: &str = include_str!("prompts/compact.md");
    pub const INIT: &str = include_str!("prompts/init.md");
    pub const PLAN: &str = include_str!("prompts/plan.md");
    pub const REVIEW: &str = include_str!("prompts/review.md");
    pub const REVIEW_FINDINGS: &str = include_str!("prompts/review-findings.md");
    pub const REVIEW_FINDINGS_SCHEMA: &str = include_str!("prompts/review-findings.json");
    pub const REVIEW_WORDS: &str = include_str!("prompts/review-words.md");
    pub const SUMMARY: &str = include_str!("prompts/summary.md");
    pub const SYSTEM: &str = include_str!("prompts/system.md");
    pub const TITLE: &str = include_str!("prompts/title.md");
}

/// Descriptions of tools.
pub mod tools {
    pub const APPLY_PATCH: &str = include_str!("tools/apply_patch.md");
    pub const APPLY_PATCH_GRAMMAR: &str = include_str!("tools/apply_patch.lark");
    pub const EDIT: &str = include_str!("tools/edit.md");
    pub const EXEC_COMMAND: &str = include_str!("tools/exec_command.md");
    pub const FIND_TOOLS: &str = include_str!("tools/find_tools.md");
    pub const GLOB: &str = include_str!("tools/glob.md");
    pub const GREP: &str = include_str!("tools/grep.md");
    pub const LIST: &str = include_str!("tools/list.md");
    pub const QUESTION: &str = include_str!("tools/question.md");
    pub const READ: &str = include_str!("tools/read.md");
    pub const SHELL: &str = include_str!("tools/shell.md");
    pub const SKILL: &str = include_str!("tools/skill.md");
    pub const TODOS: &str = include_str!("tools/todo.md");
    pub const UPDATE_PLAN: &str = include_str!("tools/update_plan.md");
    pub const VIEW_IMAGE: &str = include_str!("tools/view_image.md");
    pub const WEBFETCH: &str = include_str!("tools/webfetch.md");
    pub const WRITE: &str = include_str!("tools/write.md");
    pub const WRITE_STDIN: &str = include_str!("tools/write_stdin.md");
}
