//! The client's files: tools read the text that it shows instead of the disk's, and it saves texts.

use std::path::Path;
use std::sync::Arc;

use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    self, ClientCapabilities, ReadTextFileRequest, WriteTextFileRequest,
};
use agent_client_protocol::{Client as AcpClient, Error, ErrorCode};

use crate::protocol::{
    Editor, EditorAccess, EditorAnswer, EditorError, OpenOptions, SessionEditor, SessionId,
};

use crate::acp::ids;
use crate::acp::outside::Outside;

/// The files of one session. Tools ask the client directly: the agent's loop does not wait.
#[derive(Debug)]
struct ClientFiles {
    connection: ConnectionTo<AcpClient>,
    session: schema::SessionId,
    access: EditorAccess,
}

impl Outside {
    /// Returns the options that a session is opened with.
    pub fn open_options(&self, session: &SessionId) -> OpenOptions {
        let editor = access(&self.client).map(|access| {
            let (connection, session) = (self.connection.clone(), ids::shown(session));
            SessionEditor(Arc::new(ClientFiles { connection, session, access }))
        });
        OpenOptions { mode: self.setup.mode, editor, ..OpenOptions::default() }
    }
}

fn access(client: &ClientCapabilities) -> Option<EditorAccess> {
    match (client.fs.read_text_file, client.fs.write_text_file) {
        (true, true) => Some(EditorAccess::ReadAndWrite),
        (true, false) => Some(EditorAccess::Read),
        // A client that only writes could overwrite text that codling cannot read.
        (false, _) => None,
    }
}

impl Editor for ClientFiles {
    fn access(&self) -> EditorAccess {
        self.access
    }

    fn read(&self, path: &Path) -> EditorAnswer<String> {
        let request = ReadTextFileRequest::new(self.session.clone(), path);
        let sent = self.connection.send_request(request);
        Box::pin(async move { sent.block_task().await.map(|it| it.content).map_err(refusal) })
    }

    fn write(&self, path: &Path, text: String) -> EditorAnswer<()> {
        let request = WriteTextFileRequest::new(self.session.clone(), path, text);
        let sent = self.connection.send_request(request);
        Box::pin(async move { sent.block_task().await.map(drop).map_err(refusal) })
    }
}

/// Returns `NotOpen` only if the client says that it does not have the file: after any other error
/// it may hold what a person typed.
fn refusal(error: Error) -> EditorError {
    match error.code == ErrorCode::RESOURCE_NOT_FOUND {
        true => EditorError::NotOpen,
        false => EditorError::Failed(crate::base::text::clean_line(&error.message).into_owned()),
    }
}
