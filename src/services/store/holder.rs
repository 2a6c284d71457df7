//! Sessions that are opened to go on with them, and who has them open meanwhile: the lock of a log
//! alone says whether anybody does, the note beside it says who.

use std::fs;

use crate::protocol::{ForkPoint, KeepFrom, OpenElsewhere, SessionId, WhenHeld};

use super::StoreError;
use super::holder_note::{is_locked, read};
use super::session_log::SessionLog;
use super::session_store::{LogOrigin, OpenedSession, SessionStore};

impl SessionStore {
    /// Opens a session to continue it: the session itself, or a copy if another program holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is missing, damaged or newer, or the files cannot be read.
    pub fn resume(
        &self,
        id: &SessionId,
        when_held: &WhenHeld,
    ) -> Result<OpenedSession, StoreError> {
        if let Some((mut log, past)) = SessionLog::open(&self.path(id)?, self.clock.clone())? {
            let past = self.sound(id, past)?;
            log.name_holder();
            return Ok(OpenedSession { id: id.clone(), log, past, origin: LogOrigin::Itself });
        }
        let open = self.held_by(id);
        match when_held {
            WhenHeld::Copy(copy) => {
                let copied = self.fork(id, copy, ForkPoint::End, KeepFrom::Start)?;
                Ok(OpenedSession { origin: LogOrigin::Held(open.holder), ..copied })
            }
            WhenHeld::Join | WhenHeld::Refuse => Err(StoreError::OpenElsewhere { open }),
        }
    }

    /// Whether a program has this session open.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the log cannot be opened.
    pub fn is_held(&self, id: &SessionId) -> Result<bool, StoreError> {
        let path = self.path(id)?;
        is_locked(&path).map_err(|source| self.missing(id, path, source))
    }

    /// The size of its log in bytes; `None` if it cannot be read.
    pub fn size(&self, id: &SessionId) -> Option<u64> {
        Some(fs::metadata(self.path(id).ok()?).ok()?.len())
    }

    /// The holder of a session that is open elsewhere.
    pub fn held_by(&self, id: &SessionId) -> OpenElsewhere {
        let holder = self.path(id).ok().and_then(|path| read(&path));
        OpenElsewhere { session: id.clone(), holder, unjoined: None }
    }
}
