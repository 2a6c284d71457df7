//! Extensions of a folder or a home, read as values: MCP servers, slash commands, skills, and the
//! trust that their programs need. Nothing here runs anything.

#![warn(missing_docs)]

pub mod mcp;

mod commands;
mod frontmatter;
mod places;
mod settings_commands;
mod skills;
mod template;
mod trust;
mod trust_error;

#[cfg(unix)]
#[cfg(test)]
mod tests;

pub use commands::{FileCommand, FileCommands, FilledCommand, ShellCommand, commands};
pub use places::{Bringer, ExtensionPlaces};
pub use skills::{
    Skill, SkillFolders, SkillReading, Skills, skill_folders, skills, skills_for_people,
};
pub use trust::{Definition, DefinitionKind, TrustState, TrustStore};
pub use trust_error::TrustError;
