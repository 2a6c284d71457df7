//! Why a person cannot sign in to an MCP server, or its tokens cannot be had. Never holds a secret.

use std::path::PathBuf;

use thiserror::Error;

use crate::auth::EndpointError;
use crate::base::Advice;
use crate::base::files::FileError;

/// One sentence without a full stop for each reason.
#[derive(Debug, Error)]
pub enum ServerFault {
    /// A server named an address that nothing may be sent to.
    #[error("the server leads to an address that is neither https nor allowed from there")]
    Address,
    #[error("another program holds `{}` locked", path.display())]
    Busy { path: PathBuf },
    #[error("`{}` is damaged", path.display())]
    Damaged { path: PathBuf },
    #[error(transparent)]
    File { source: FileError },
    /// The metadata are another server's than they were asked of.
    #[error("the sign-in server says that it is another one than the MCP server named")]
    Issuer,
    #[error("the MCP server does not say where to sign in")]
    NotDescribed,
    #[error("the sign-in server does not take S256 challenges, which keep the sign-in safe")]
    NoPkce,
    #[error("the sign-in server registers no programs, and the settings name no `client_id`")]
    NoRegistration,
    #[error("the sign-in server did not register codling: {source}")]
    Registration { source: EndpointError },
    /// The tokens would be for another server.
    #[error("the MCP server's description is that of another server")]
    Resource,
    #[error("the sign-in could not be renewed: {source}")]
    Renewal { source: EndpointError },
    #[error("the MCP server could not be asked where to sign in: {source}")]
    Unreached { source: EndpointError },
    /// The program is ending.
    #[error("the work on the tokens was stopped")]
    Stopped,
}

impl Advice for ServerFault {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Address | Self::Issuer | Self::NoPkce | Self::Resource => {
                Some("Tell whoever runs that server; nothing was sent there".into())
            }
            Self::Busy { .. } => {
                Some("End the other program, or wait for it, and try again".into())
            }
            Self::Damaged { .. } => Some("Repair it, or move it away and sign in again".into()),
            Self::File { source } => source.next_step(),
            Self::NotDescribed => Some(
                "It may want a token in a header: `bearer_token_env_var` names its variable".into(),
            ),
            Self::NoRegistration | Self::Registration { .. } => Some(
                "Register codling there by hand, with the address \
                 `http://localhost:1455/auth/callback`, and set `oauth.client_id`"
                    .into(),
            ),
            Self::Renewal { source } | Self::Unreached { source } => match source {
                EndpointError::Refused { .. } => Some("Try again later".into()),
                source => source.next_step(),
            },
            Self::Stopped => Some("Try again".into()),
        }
    }
}

impl From<FileError> for ServerFault {
    fn from(source: FileError) -> Self {
        Self::File { source }
    }
}
