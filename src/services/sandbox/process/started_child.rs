//! Starts the sandboxed child: the namespaces around it, the channel to it, its streams and its
//! temporary folder, and what answers for it, a tracer and a proxy. Does not wait for its end.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use rustix::process::Pid;

use crate::base::start;
use crate::protocol::Confinement;
#[cfg(target_os = "linux")]
use crate::protocol::{AllowedHost, Sandbox};

#[cfg(target_os = "linux")]
use super::handed_over::Streams;
use super::interrupt::GroupLeader;
#[cfg(target_os = "linux")]
use super::sandboxed_child::NotSetUp;
#[cfg(target_os = "linux")]
use crate::sandbox::loopback::SharedNetwork;
use crate::sandbox::program::{SANDBOXED_CHILD, program};
#[cfg(target_os = "linux")]
use crate::sandbox::proxy::Proxy;
#[cfg(target_os = "linux")]
use crate::sandbox::spec::child_channel::{ChannelEvent, ChildChannel, ChildMessage};
use crate::sandbox::spec::child_spec::{ChildSpec, Tracing};
#[cfg(target_os = "linux")]
use crate::sandbox::spec::child_spec::{Network, has_processes};
use crate::sandbox::spec::command_end::ExitKind;
use crate::sandbox::spec::output_watch::{OutputWatch, SpecOutput};
use crate::sandbox::spec::spec_transfer;
use crate::sandbox::trace::Unkept;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::hidden::Hidden;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::mounts::MountView;
use crate::sandbox::walls::temporary;
use crate::sandbox::walls::temporary::Temporary;

/// The child of a supervisor, with what it needs for as long as it runs.
pub struct StartedChild {
    pub leader: Pid,
    /// The process that leads the command's group; `None` where it is not known yet.
    pub group: Option<GroupLeader>,
    /// As far as it was told.
    pub stage: Stage,
    /// Processes below the leader that are not the command's.
    pub attending: u32,
    /// Until the child has ended, or has become the command.
    #[cfg(target_os = "linux")]
    pub line: Option<ChildChannel>,
    /// Receives the listener at which the command's calls are shown.
    #[cfg(target_os = "linux")]
    tracer: Option<crate::sandbox::trace::Tracer>,
    /// The proxy in the command's network, where hosts are open to it.
    #[cfg(target_os = "linux")]
    proxy: Option<Proxy>,
    /// Removed when nothing can use it any more.
    _temporary: Option<Temporary>,
}

/// How far the child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The command has begun, or may have.
    Begun,
    #[cfg(target_os = "linux")]
    SettingUp,
}

impl StartedChild {
    /// Takes what is hidden from standard input, and before it the network and the streams where
    /// they come there too. Fails where the child cannot be kept in as it is to be. To be called
    /// before there is another thread.
    ///
    /// `waker` wakes the supervisor, where [`StartedChild::unkept`] or [`StartedChild::questions`]
    /// has something to tell.
    ///
    /// # Errors
    ///
    /// Fails if the child cannot be kept in as it is to be, or if a pipe, a thread or the process
    /// cannot be made.
    pub fn start(watch: &OutputWatch, waker: UnixStream) -> io::Result<Self> {
        let temporary = match watch.child.confinement {
            Confinement::Free => None,
            Confinement::Folder | Confinement::ReadOnly => {
                Some(temporary::create(&watch.child.temporary)?)
            }
        };
        // Before there is another thread.
        #[cfg(target_os = "linux")]
        let (is_wrapped, has_own_mounts) = match (watch.child.confinement, watch.child.sandbox) {
            (Confinement::Free, _) => (false, false),
            (_, sandbox) => (
                sandbox == Sandbox::Bubblewrap,
                sandbox != Sandbox::Bubblewrap && sandbox.has_mounts(),
            ),
        };
        #[cfg(target_os = "linux")]
        let shared = match watch.child.network {
            Network::Shared | Network::SharedProxied => Some(SharedNetwork::take(io::stdin())?),
            _ => None,
        };
        #[cfg(target_os = "linux")]
        match &shared {
            Some(shared) => shared.prepare().map_err(NotSetUp::from)?,
            None if has_own_mounts => {
                crate::sandbox::walls::namespaces::prepare().map_err(NotSetUp::from)?;
            }
            None => {}
        }
        #[cfg(not(target_os = "linux"))]
        let network = watch.child.network;
        #[cfg(target_os = "linux")]
        let ((line, input), tracer) = (ChildChannel::pair()?, tracer(watch, waker)?);
        #[cfg(target_os = "linux")]
        let proxy = if watch.hosts.is_empty() {
            None
        } else {
            // Ports of the machine are open in the shared network itself, where they can be closed.
            let leads_out = |host: &&AllowedHost| shared.is_none() || host.on_loopback().is_none();
            Some(Proxy::start(watch.hosts.iter().filter(leads_out).cloned().collect())?)
        };
        // The proxy's thread stays where it can dial: only this one enters, and what it starts.
        #[cfg(target_os = "linux")]
        let network =
            shared.map_or(watch.child.network, |shared| shared.enter(watch.child.network));
        #[cfg(target_os = "linux")]
        if has_own_mounts && watch.child.sandbox.has_processes() {
            crate::sandbox::walls::namespaces::begin_processes().map_err(NotSetUp::from)?;
        }
        #[cfg(target_os = "linux")]
        let tracing = match &watch.trace {
            Some(trace) if trace.is_required() => Tracing::Required,
            _ if tracer.is_some() => Tracing::On,
            _ => Tracing::Off,
        };
        #[cfg(not(target_os = "linux"))]
        let (tracing, _no_call_is_seen) = (Tracing::Off, waker);
        let folder = temporary.as_ref().map(|folder| folder.path().to_owned());
        let spec = ChildSpec {
            temporary: folder.unwrap_or_default(),
            network,
            tracing,
            ..watch.child.clone()
        };
        #[cfg(target_os = "linux")]
        let attending = u32::from(is_wrapped);
        #[cfg(not(target_os = "linux"))]
        let attending = 0;
        #[cfg(target_os = "linux")]
        line.send(ChildMessage::Spec(spec_transfer::in_memory(&spec.words())?))?;
        // They come before what is hidden.
        #[cfg(target_os = "linux")]
        let streams = match watch.output {
            SpecOutput::Captured => None,
            SpecOutput::Terminal | SpecOutput::Untouched => Some(Streams::take(io::stdin())?),
        };
        #[cfg(target_os = "linux")]
        let (mut command, _told) = match watch.child.confinement {
            Confinement::Free => (plain(), Vec::new()),
            _ if is_wrapped => wrapped(&spec, &line)?,
            // The child waits for it itself, when it needs it.
            _ => {
                let hidden = io::stdin().as_fd().try_clone_to_owned()?;
                line.send(ChildMessage::Hidden(hidden))?;
                (plain(), Vec::new())
            }
        };
        #[cfg(not(target_os = "linux"))]
        let mut command = plain();
        #[cfg(not(target_os = "linux"))]
        let (input, request) = io::pipe()?;
        command.stdin(Stdio::from(input));
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        #[cfg(target_os = "linux")]
        match streams {
            None => drop(command.stderr(output)),
            Some(Streams { input, output, errors }) => {
                line.send(match watch.output {
                    SpecOutput::Terminal => ChildMessage::Terminal(input),
                    SpecOutput::Captured | SpecOutput::Untouched => ChildMessage::Input(input),
                })?;
                command.stdout(output).stderr(errors);
            }
        }
        #[cfg(not(target_os = "linux"))]
        match watch.output {
            SpecOutput::Captured | SpecOutput::Terminal => drop(command.stderr(output)),
            SpecOutput::Untouched => return Err(io::ErrorKind::Unsupported.into()),
        }
        if temporary.is_some() {
            command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &spec.temporary)));
        }
        let child = start::start(&mut command)?;
        // A write does not come back: the child alone holds the other end.
        #[cfg(not(target_os = "linux"))]
        drop(command);
        #[cfg(not(target_os = "linux"))]
        io::Write::write_all(&mut &request, &spec_transfer::packed(&spec.words())?)?;
        let leader = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let leader = leader.ok_or_else(|| io::Error::other("a process without a number"))?;
        // In a namespace of processes the first one tells which of them it is.
        #[cfg(target_os = "linux")]
        let is_inside = has_processes(watch.child.confinement, watch.child.sandbox);
        #[cfg(not(target_os = "linux"))]
        let is_inside = false;
        Ok(Self {
            leader,
            group: (!is_inside).then_some(GroupLeader::Child(leader)),
            #[cfg(target_os = "linux")]
            stage: Stage::SettingUp,
            #[cfg(not(target_os = "linux"))]
            stage: Stage::Begun,
            attending,
            #[cfg(target_os = "linux")]
            line: Some(line),
            #[cfg(target_os = "linux")]
            tracer,
            #[cfg(target_os = "linux")]
            proxy,
            _temporary: temporary,
        })
    }

    /// The file that the command was about to destroy and that could not be kept: it waits, and has
    /// to be ended.
    pub fn unkept(&self) -> Option<Unkept> {
        #[cfg(target_os = "linux")]
        return self.tracer.as_ref().and_then(|tracer| tracer.questions().unkept());
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Files that the command is about to destroy; it waits until that is answered.
    #[cfg(target_os = "linux")]
    pub fn questions(&self) -> Option<&crate::sandbox::trace::CallQuestions> {
        self.tracer.as_ref().map(crate::sandbox::trace::Tracer::questions)
    }

    /// Hosts that the proxy did not let the command reach.
    pub fn unreached(&self) -> Vec<String> {
        #[cfg(target_os = "linux")]
        return self.proxy.as_ref().map(Proxy::unreached).unwrap_or_default();
        #[cfg(not(target_os = "linux"))]
        Vec::new()
    }

    /// Reads its messages up to now: how the command ended, if it has said so.
    /// Serves what comes with it on the way.
    #[cfg(target_os = "linux")]
    pub fn receive(&mut self) -> Option<ExitKind> {
        let mut ended = None;
        while let Some(line) = &self.line {
            match line.receive() {
                Ok(ChannelEvent::Message(ChildMessage::Begins)) => self.stage = Stage::Begun,
                Ok(ChannelEvent::Message(ChildMessage::Ended(how))) => ended = Some(how),
                // Its own messages do not come back.
                Ok(ChannelEvent::Message(
                    ChildMessage::Hidden(_)
                    | ChildMessage::Input(_)
                    | ChildMessage::Spec(_)
                    | ChildMessage::Terminal(_),
                )) => {}
                Ok(ChannelEvent::Message(ChildMessage::Door(door))) => {
                    if let Some(proxy) = &self.proxy {
                        proxy.serve(door);
                    }
                }
                Ok(ChannelEvent::Message(ChildMessage::Leader(process))) => {
                    self.group = Some(GroupLeader::Inside(process));
                }
                Ok(ChannelEvent::Message(ChildMessage::Listener(listener))) => {
                    if let Some(tracer) = &self.tracer {
                        tracer.serve(listener);
                    }
                }
                Ok(ChannelEvent::Nothing) => break,
                // It has ended, or become the command.
                Ok(ChannelEvent::Gone) | Err(_) => (self.line, self.stage) = (None, Stage::Begun),
            }
        }
        ended
    }

    #[cfg(not(target_os = "linux"))]
    pub fn receive(&mut self) -> Option<ExitKind> {
        None
    }
}

/// Starts the tracer of the command. An error where it could not be started and the command must
/// not run without.
#[cfg(target_os = "linux")]
fn tracer(
    watch: &OutputWatch,
    waker: UnixStream,
) -> io::Result<Option<crate::sandbox::trace::Tracer>> {
    let Some(trace) = &watch.trace else { return Ok(None) };
    match crate::sandbox::trace::Tracer::start(trace, &watch.child.folder, waker) {
        Err(error) if trace.is_required() => {
            Err(io::Error::other(format!("what it destroys cannot be kept first: {error}")))
        }
        started => Ok(started.ok()),
    }
}

/// The child.
fn plain() -> Command {
    let mut command = Command::new(program());
    command.arg(SANDBOXED_CHILD);
    command
}

/// The child, started by another program, which reads the file. What is hidden is told to both.
#[cfg(target_os = "linux")]
fn wrapped(spec: &ChildSpec, line: &ChildChannel) -> io::Result<(Command, Vec<std::fs::File>)> {
    let ChildSpec { kept, shown, .. } = spec;
    let hidden = &Hidden::receive(io::stdin())?;
    line.send(ChildMessage::Hidden(spec_transfer::in_memory(&hidden.words())?))?;
    let writable = spec.writable().unwrap_or_default();
    let (command, files) = crate::sandbox::walls::bubblewrap::command(
        &MountView { writable: &writable, kept, hidden, shown, temporary: Some(&spec.temporary) },
        spec.network,
        vec![SANDBOXED_CHILD.into()],
    )?;
    Ok((command, files))
}
