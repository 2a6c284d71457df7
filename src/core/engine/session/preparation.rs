//! Opening a session beside the loop, a new one, an earlier one or a fork:
//! takes its name and its log, and has it made ready.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::protocol::{
    ForkPoint, KeepFrom, Notice, OpenElsewhere, OpenOptions, Presence, Problem, ProblemKind,
    ProviderId, SessionHolder, SessionId, SessionSelector, Tuning, Unjoined, WhenHeld,
};
use crate::store::{OpenedSession, StoreError};

use super::super::link::engine_message::{Asker, EngineSender};
use super::super::problem;
use super::super::remote::rendezvous::{self, HolderStream};
use super::super::services::Services;
use super::held_sessions::{HeldSessions, Hold, Holds};
use super::open_session::{EngineDefaults, OpenSession};
use super::prepared_session::PreparedSession;

/// Which session is to be opened.
#[derive(Clone, Debug)]
pub(crate) enum OpenRequest {
    Fork {
        from: SessionId,
        id: SessionId,
        at: ForkPoint,
    },
    New {
        id: SessionId,
        folder: PathBuf,
    },
    Resume {
        which: SessionSelector,
        when_held: WhenHeld,
    },
    /// Goes on with one whose holder is gone, or lets go of it in a moment.
    TakeUp(SessionId),
}

/// The result of opening one.
pub(crate) enum FetchedSession {
    /// This engine has it open, or is opening or closing it.
    AlreadyOpen {
        id: SessionId,
        hold: Hold,
        when_held: WhenHeld,
        options: OpenOptions,
    },
    /// Another program holds it, and has let this one join.
    Remote {
        id: SessionId,
        stream: HolderStream,
        /// The holder, as far as it said so.
        holder: Option<SessionHolder>,
        /// The options of whoever asked for it, which do not count there.
        wished: Box<OpenOptions>,
    },
    /// The ids that were held for it, to be let go of.
    Failed(Vec<SessionId>, Problem),
    Prepared(Box<PreparedSession>),
}

/// News for the loop of sessions on their way from the disk.
pub(crate) enum OpeningNews {
    /// A session is on its way: commands for it wait.
    Begun(SessionId),
    /// The holder of one that is taken up has not let go of it yet.
    Waits(Notice),
    /// A session came from the disk, or did not, and who asked for it.
    Fetched(Box<FetchedSession>, Asker),
}

/// How long a holder may take to be reached: its socket comes just after its lock, and goes just
/// before.
const JOIN: Duration = Duration::from_secs(2);

/// How long a holder that others go on for may take to let go: it may have been stopped in that.
const TAKE_UP: Duration = Duration::from_secs(60);

/// The pause between two attempts, and once the person was told that it takes long.
const AGAIN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(250);

pub(crate) type OpeningSender = mpsc::UnboundedSender<OpeningNews>;

/// Everything that opening a session takes, besides which one it is.
pub(crate) struct Preparation {
    pub(crate) services: Services,
    pub(crate) held: HeldSessions,
    pub(crate) defaults: EngineDefaults,
    pub(crate) options: OpenOptions,
    pub(crate) presence: Presence,
    /// The client's name for others who have the session open.
    pub(crate) screen: Arc<str>,
    pub(crate) holds: Holds,
    pub(crate) sender: EngineSender,
    pub(crate) news: OpeningSender,
}

impl Preparation {
    /// Opens it and makes it ready. Blocks on the disk for as long as that takes.
    pub(crate) fn open(self, request: OpenRequest) -> FetchedSession {
        match request {
            OpenRequest::New { id, folder } => self.begin(id, folder),
            OpenRequest::Fork { from, id, at } => {
                if self.hold(&id).is_err() {
                    return self.failed(taken(&id));
                }
                let keep_from = self.options.keep_from;
                match self.services.sessions.fork(&from, &id, at, keep_from) {
                    Ok(opened) => FetchedSession::Prepared(Box::new(self.go_on(opened))),
                    Err(error) => self.failed(problem::of_store(&error)),
                }
            }
            OpenRequest::Resume { which, when_held } => self.resume(&which, &when_held, JOIN),
            OpenRequest::TakeUp(id) => {
                let which = SessionSelector::Named(id.as_str().to_owned());
                self.resume(&which, &WhenHeld::Join, TAKE_UP)
            }
        }
    }

    /// Tells the loop that this session is on its way, so that others wait for it. Else how it is
    /// held already.
    fn hold(&self, id: &SessionId) -> Result<(), Hold> {
        self.held.hold(id, || {
            self.holds.add(id);
            let _loop_ended = self.news.send(OpeningNews::Begun(id.clone()));
        })
    }

    fn begin(self, id: SessionId, folder: PathBuf) -> FetchedSession {
        match self.services.sessions.begin(&id, &folder, self.options.keep_from) {
            Ok(log) => {
                let OpenOptions { model, effort, .. } = self.options.clone();
                let real_folder = (self.services.follow_links)(&folder);
                let in_use = self
                    .defaults
                    .model
                    .as_ref()
                    .map_or_else(ProviderId::openai, |model| model.provider.clone());
                let opening = OpenSession {
                    id,
                    folder,
                    real_folder,
                    model: model
                        .map(|model| model.of(&in_use))
                        .or_else(|| self.defaults.model.clone()),
                    effort: effort.or_else(|| self.defaults.effort.clone()),
                    tuning: self.defaults.tuning(Tuning::default()),
                    log,
                    past: None,
                };
                FetchedSession::Prepared(Box::new(PreparedSession::new(self, opening)))
            }
            Err(error) => self.failed(problem::of_store(&error)),
        }
    }

    fn resume(
        mut self,
        which: &SessionSelector,
        when_held: &WhenHeld,
        patience: Duration,
    ) -> FetchedSession {
        let sessions = self.services.sessions.clone();
        let (id, listing) = match sessions.find(which) {
            Ok(found) => found,
            Err(error) => return self.failed(problem::of_store(&error)),
        };
        if let Err(hold) = self.hold(&id) {
            let (when_held, options) = (when_held.clone(), self.options);
            return FetchedSession::AlreadyOpen { id, hold, when_held, options };
        }
        // The way that is open is taken at once: the lock is waited for a while.
        if *when_held == WhenHeld::Join
            && sessions.is_held(&id).unwrap_or(false)
            && let Ok(stream) = rendezvous::connect(&self.defaults.live(), &id, &self.screen)
        {
            let holder = sessions.held_by(&id).holder;
            return self.joined(id, stream, holder);
        }
        let opened = sessions.resume(&id, when_held);
        // Without what was learned about the list the next reader learns it again.
        if let Err(error) = listing.keep() {
            tracing::warn!("the list of sessions is not kept: {error}");
        }
        match opened {
            Ok(opened) if opened.id == id => FetchedSession::Prepared(Box::new(self.go_on(opened))),
            Ok(opened) => {
                if self.hold(&opened.id).is_err() {
                    return self.failed(taken(&opened.id));
                }
                self.options.keep_from = KeepFrom::Start;
                let prepared = self.go_on(opened);
                FetchedSession::Prepared(Box::new(PreparedSession {
                    copy_of: Some(id),
                    ..prepared
                }))
            }
            Err(StoreError::OpenElsewhere { open }) if *when_held == WhenHeld::Join => {
                self.join(id, open, patience)
            }
            Err(error) => self.failed(problem::of_store(&error)),
        }
    }

    /// Joins a session that another program holds, or opens it where that lets go of it meanwhile.
    fn join(self, id: SessionId, mut open: OpenElsewhere, patience: Duration) -> FetchedSession {
        let (begun, live) = (Instant::now(), self.defaults.live());
        let mut pause = AGAIN;
        loop {
            let is_near = open.holder.as_ref().is_none_or(|holder| holder.host.is_none());
            let why = match rendezvous::connect(&live, &id, &self.screen) {
                Ok(stream) => {
                    return self.joined(id, stream, open.holder);
                }
                Err(why) => why,
            };
            let waited = begun.elapsed();
            let may_pass = why == Unjoined::Absent || why == Unjoined::Silent && patience > JOIN;
            if !may_pass || !is_near || waited > patience {
                open.unjoined = Some(why);
                return self.failed(problem::of_store(&StoreError::OpenElsewhere { open }));
            }
            if waited > JOIN && pause == AGAIN {
                pause = SELDOM;
                let _loop_ended = self.news.send(OpeningNews::Waits(waits(open.holder.as_ref())));
            }
            thread::sleep(pause);
            match self.services.sessions.resume(&id, &WhenHeld::Refuse) {
                Ok(opened) => return FetchedSession::Prepared(Box::new(self.go_on(opened))),
                Err(StoreError::OpenElsewhere { open: now }) => open = now,
                Err(error) => return self.failed(problem::of_store(&error)),
            }
        }
    }

    /// It is joined as it is.
    fn joined(
        self,
        id: SessionId,
        stream: HolderStream,
        holder: Option<SessionHolder>,
    ) -> FetchedSession {
        FetchedSession::Remote { id, stream, holder, wished: Box::new(self.options) }
    }

    /// The loop lets go of what it held.
    fn failed(&self, problem: Problem) -> FetchedSession {
        FetchedSession::Failed(self.holds.take(), problem)
    }

    /// An earlier conversation, as it was left.
    fn go_on(self, opened: OpenedSession) -> PreparedSession {
        let OpenedSession { id, log, past, origin } = opened;
        let OpenOptions { model, effort, .. } = self.options.clone();
        let left = past.settings();
        let folder = past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default();
        let in_use = left.map_or_else(ProviderId::openai, |left| left.model.provider.clone());
        let model = model.map(|model| model.of(&in_use));
        let opening = OpenSession {
            id,
            real_folder: (self.services.follow_links)(&folder),
            folder,
            // The effort belongs to the model it was chosen for.
            effort: effort.or_else(|| {
                left.filter(|left| model.as_ref().is_none_or(|model| *model == left.model))?
                    .effort
                    .clone()
            }),
            model: model.or_else(|| left.map(|left| left.model.clone())),
            tuning: self.defaults.tuning(left.map(|left| left.tuning).unwrap_or_default()),
            log,
            past: Some((past, origin)),
        };
        PreparedSession::new(self, opening)
    }
}

fn waits(holder: Option<&SessionHolder>) -> Notice {
    let process = holder.map(|holder| holder.process);
    let named = process.map(|process| format!(" (process {process})")).unwrap_or_default();
    let next = process.map(|process| {
        format!("If it was suspended, `kill -CONT {process}` wakes it; `kill -9 {process}` ends it")
    });
    let message = format!(
        "The codling that had this conversation open{named} has not let go of it yet: it goes on \
         here as soon as it does"
    );
    Notice { message, next }
}

/// A name that cannot be used for a new conversation.
pub(crate) fn taken(id: &SessionId) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The conversation `{id}` is open already"))
}
