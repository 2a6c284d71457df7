//! The client's files: what it shows of a file in the place of the disk, and texts that it saves.

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

use super::agent::AcpAgent;
use super::ids;

/// The files of one session. The tools ask here by themselves: the agent's loop does not wait.
#[derive(Debug)]
struct ClientFiles {
    connection: ConnectionTo<AcpClient>,
    session: schema::SessionId,
    access: EditorAccess,
}

impl AcpAgent {
    /// What a session is opened with.
    pub fn open_options(&self, session: &SessionId) -> OpenOptions {
        let editor = access(&self.client).map(|access| {
            let (connection, session) = (self.connection.clone(), ids::told(session));
            SessionEditor(Arc::new(ClientFiles { connection, session, access }))
        });
        OpenOptions { mode: self.setup.mode, editor, ..OpenOptions::default() }
    }
}

fn access(client: &ClientCapabilities) -> Option<EditorAccess> {
    match (client.fs.read_text_file, client.fs.write_text_file) {
        (true, true) => Some(EditorAccess::ReadAndWrite),
        (true, false) => Some(EditorAccess::Read),
        // What would be written over could not be seen.
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

/// Only a file that the client says it does not have is the disk's: after any other error it may hold
/// what a person typed.
fn refusal(error: Error) -> EditorError {
    match error.code == ErrorCode::RESOURCE_NOT_FOUND {
        true => EditorError::NotOpen,
        false => EditorError::Failed(crate::base::text::clean_line(&error.message).into_owned()),
    }
}
