//! The socket of a session that this program holds: others join through it, and ask what goes on.
//!
//! The first line says which. `join WIRE SCREEN` is answered by `codling WIRE VERSION`, and frames
//! follow. `asks WIRE` is answered so, too, and by a frame with the asks that wait for a person;
//! `answer WIRE NAME` and a frame with a person's answer to one of them, by a frame.
//!
//! Programs of any version may ask the rest: `state` is answered by a line `KEY VALUE` for each
//! fact (`live_text.rs`), `interrupt` by `interrupted` or `idle`, `list` by a line `NUMBER SECONDS
//! COMMAND` for each job, `ports` by a line `NUMBER PORT PORT …` for each job that listens on any,
//! and `stop NUMBER` by `stopped` or `ended`. Only the socket's owner may use it; no command that
//! is kept in can reach it.

#[cfg(unix)]
pub(crate) use socket::LiveSocket;

#[cfg(not(unix))]
pub(crate) use elsewhere::LiveSocket;

#[cfg(unix)]
mod socket {
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::{Duration, Instant};
    use std::{fs, io};

    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::oneshot;
    use tokio::task::JoinSet;
    use tokio::time::timeout;

    use crate::base::text;
    use crate::engine::link::session_handle::SessionHandle;
    use crate::engine::remote::frames::{self, LONGEST_ASK, LONGEST_NEWS};
    use crate::engine::remote::words::{LiveOrder, LiveQuestion, WIRE};
    use crate::engine::remote::{connection, live_text, rendezvous};
    use crate::engine::work::blocking;
    use crate::engine::work::owned_work::Work;
    use crate::protocol::{
        Activity, EventKind, Job, JobId, JobPorts, LiveState, Notice, SessionId, TurnCommand,
    };
    use crate::session::SessionInput;

    /// Bytes of a first line.
    const LONGEST: u64 = 256;

    /// For a program that is slow to say what it wants, or to read a short answer.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// For a program that is slow to read what may be long.
    const STALL: Duration = Duration::from_secs(10);

    /// Connections at a time.
    const CONNECTIONS: usize = 32;

    type Shown = Arc<Mutex<Vec<(JobId, String, Instant)>>>;

    /// The name on the disk, once it is there: its device and number.
    type Bound = Arc<Mutex<Option<(u64, u64)>>>;

    /// The socket of a session, for as long as it lives.
    pub(crate) struct LiveSocket {
        path: PathBuf,
        bound: Bound,
        shown: Shown,
        _serving: Work,
    }

    impl LiveSocket {
        /// Listens, away from the loop, for whoever has the log's lock. Where that cannot be done,
        /// nobody joins, and the log says why.
        pub(crate) fn open(folder: &Path, id: &SessionId, link: SessionHandle) -> Self {
            let path = folder.join(rendezvous::name(id));
            let (shown, bound) = (Shown::default(), Bound::default());
            let session = Served { id: id.clone(), shown: Arc::clone(&shown), link };
            let serving = serve(folder.to_owned(), Arc::clone(&bound), session);
            Self { path, bound, shown, _serving: Work::start(serving) }
        }

        /// Shows the jobs that run, and since when.
        pub(crate) fn show(&self, jobs: &[Job], began: impl Fn(JobId) -> Option<Instant>) {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.retain(|(id, ..)| jobs.iter().any(|job| job.id == *id));
            for job in jobs {
                if !shown.iter().any(|(id, ..)| *id == job.id) {
                    let title = text::clean_line(&job.title).into_owned();
                    let since = began(job.id).unwrap_or_else(Instant::now);
                    shown.push((job.id, title, since));
                }
            }
        }
    }

    impl Drop for LiveSocket {
        /// Takes the name away, if it is still this one's. Touches the disk.
        fn drop(&mut self) {
            let bound = *self.bound.lock().unwrap_or_else(PoisonError::into_inner);
            if bound.is_some() && node(&self.path).ok() == bound {
                let _gone_already = fs::remove_file(&self.path);
            }
        }
    }

    fn node(path: &Path) -> io::Result<(u64, u64)> {
        let about = fs::symlink_metadata(path)?;
        Ok((about.dev(), about.ino()))
    }

    #[derive(Clone)]
    struct Served {
        id: SessionId,
        shown: Shown,
        link: SessionHandle,
    }

    async fn serve(folder: PathBuf, bound: Bound, session: Served) {
        let (id, place) = (session.id.clone(), folder.clone());
        let listening = blocking(move || {
            // Held until the name is told of: the owner may end meanwhile.
            let mut bound = bound.lock().unwrap_or_else(PoisonError::into_inner);
            let listener = rendezvous::listen(&folder, &id)?;
            *bound = node(&folder.join(rendezvous::name(&id))).ok();
            UnixListener::from_std(listener)
        });
        let listener = match listening.await.map_err(io::Error::other).flatten() {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "other programs cannot join the conversation");
                if error.kind() == io::ErrorKind::PermissionDenied {
                    session.link.emit(EventKind::Notice(not_ours(&place, &error)));
                }
                return;
            }
        };
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            while connections.try_join_next().is_some() {}
            let is_ours = stream
                .peer_cred()
                .is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw());
            if is_ours && connections.len() < CONNECTIONS {
                connections.spawn(answer(stream, session.clone()));
            }
        }
    }

    fn not_ours(folder: &Path, error: &io::Error) -> Notice {
        let folder = folder.display();
        Notice {
            message: format!("No other codling can join this conversation: `{folder}`: {error}"),
            next: Some(format!("`ls -ld '{folder}'` shows whose it is")),
        }
    }

    async fn answer(stream: UnixStream, session: Served) {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let mut line = String::new();
        let mut first = (&mut reader).take(LONGEST);
        match timeout(PATIENCE, first.read_line(&mut line)).await {
            Ok(Ok(_)) if line.ends_with('\n') => {}
            _ => return,
        }
        match line.trim_end().split_once(' ') {
            Some(("answer", rest)) => {
                // As above: who is slow or gone is let go of.
                drop(take_answer(reader, writer, rest, session).await);
            }
            Some(("asks", wire)) => drop(tell_asks(writer, wire, session).await),
            Some(("join", rest)) => join(reader, writer, rest, session).await,
            question => {
                let answer = match line.trim_end() {
                    "interrupt" => session.interrupt().await,
                    "ports" => session.ports().await,
                    "state" => session.state().await.map(|it| live_text::write(&it)),
                    line => Some(session.about_jobs(line, question)),
                };
                let answer = answer.unwrap_or_default();
                let said = async {
                    writer.write_all(answer.as_bytes()).await?;
                    writer.shutdown().await
                };
                let _slow_or_gone = timeout(PATIENCE, said).await;
            }
        }
    }

    async fn join(
        reader: BufReader<OwnedReadHalf>,
        mut writer: OwnedWriteHalf,
        rest: &str,
        session: Served,
    ) {
        let (wire, screen) = rest.split_once(' ').unwrap_or((rest, ""));
        if welcome(&mut writer, wire).await.is_err() {
            return;
        }
        let screen = text::clean_line(screen).into_owned();
        let sender = session.link.sender().clone();
        let ended = connection::serve(reader, writer, session.id, &screen, sender).await;
        if let Err(error) = ended {
            tracing::debug!(%error, "a program that had joined is gone");
        }
    }

    /// Another wire is told this one's number, and leaves by itself.
    async fn welcome(writer: &mut OwnedWriteHalf, wire: &str) -> io::Result<()> {
        timeout(PATIENCE, writer.write_all(rendezvous::welcome().as_bytes())).await??;
        match wire.parse() {
            Ok(WIRE) => Ok(()),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    async fn tell_asks(mut writer: OwnedWriteHalf, wire: &str, session: Served) -> io::Result<()> {
        welcome(&mut writer, wire).await?;
        let (sender, asks) = oneshot::channel();
        session.link.question(LiveQuestion::Asks(sender));
        let asks = asks.await.map_err(io::Error::other)?;
        let frame = frames::encode(&asks, LONGEST_NEWS)?;
        timeout(STALL, frames::write(&mut writer, &frame)).await?
    }

    async fn take_answer(
        mut reader: BufReader<OwnedReadHalf>,
        mut writer: OwnedWriteHalf,
        rest: &str,
        session: Served,
    ) -> io::Result<()> {
        let (wire, name) = rest.split_once(' ').unwrap_or((rest, ""));
        welcome(&mut writer, wire).await?;
        let read = frames::read::<LiveOrder>(&mut reader, LONGEST_ASK);
        let Some(order) = timeout(PATIENCE, read).await?? else { return Ok(()) };
        let (name, sender) = (text::clean_line(name), session.link.sender().clone());
        let answer = connection::request(order.command(), &name, sender).await;
        let frame = frames::encode(&answer, LONGEST_NEWS)?;
        timeout(PATIENCE, frames::write(&mut writer, &frame)).await?
    }

    impl Served {
        /// `None` where the session is being closed.
        async fn state(&self) -> Option<LiveState> {
            let (sender, state) = oneshot::channel();
            self.link.question(LiveQuestion::State(sender));
            state.await.ok()
        }

        async fn interrupt(&self) -> Option<String> {
            if self.state().await?.activity == Activity::Idle {
                return Some("idle\n".to_owned());
            }
            self.link.send(SessionInput::Command(None, TurnCommand::Interrupt));
            Some("interrupted\n".to_owned())
        }

        /// As `state`.
        async fn ports(&self) -> Option<String> {
            let (sender, ports) = oneshot::channel();
            self.link.question(LiveQuestion::Ports(sender));
            let line = |JobPorts { job, ports }: &JobPorts| {
                let ports: String = ports.iter().map(|port| format!(" {port}")).collect();
                format!("{}{ports}\n", job.0)
            };
            Some(ports.await.ok()?.iter().map(line).collect())
        }

        fn about_jobs(&self, line: &str, question: Option<(&str, &str)>) -> String {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            match question {
                None if line == "list" => {
                    let line = |(id, title, since): &(JobId, String, Instant)| {
                        format!("{} {} {title}\n", id.0, since.elapsed().as_secs())
                    };
                    shown.iter().map(line).collect()
                }
                Some(("stop", number)) => {
                    let job = number.parse().ok().map(JobId);
                    match job.filter(|job| shown.iter().any(|(id, ..)| id == job)) {
                        Some(job) => {
                            let stop = SessionInput::Command(None, TurnCommand::StopJob(job));
                            self.link.send(stop);
                            "stopped\n".to_owned()
                        }
                        None => "ended\n".to_owned(),
                    }
                }
                _ => String::new(),
            }
        }
    }
}

/// Where there are no such sockets, a conversation's own program alone shows it.
#[cfg(not(unix))]
mod elsewhere {
    use std::path::Path;
    use std::time::Instant;

    use crate::engine::link::session_handle::SessionHandle;
    use crate::protocol::{Job, JobId, SessionId};

    pub(crate) struct LiveSocket;

    impl LiveSocket {
        pub(crate) fn open(_: &Path, _: &SessionId, _: SessionHandle) -> Self {
            Self
        }

        pub(crate) fn show(&self, _: &[Job], _: impl Fn(JobId) -> Option<Instant>) {}
    }
}
