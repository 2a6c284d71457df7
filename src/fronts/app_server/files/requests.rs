//! Methods on files, for clients that run elsewhere: they act for the person, without approvals.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{Command, Reply, SessionCommand};

use crate::fronts::app_server::outside::Outside;
use crate::fronts::app_server::request::params::Params;
use crate::fronts::app_server::transport::connection::Asker;
use crate::fronts::app_server::transport::wire::Fault;

/// The largest file that is sent, in bytes.
const LARGEST: u64 = 32 << 20;
/// The largest number of search results.
const FOUND: usize = 50;

#[derive(Debug, Deserialize)]
pub struct OnePath {
    path: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteFile {
    path: PathBuf,
    data_base64: String,
}

#[derive(Debug, Deserialize)]
pub struct CreateDirectory {
    path: PathBuf,
    recursive: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct Remove {
    path: PathBuf,
    recursive: Option<bool>,
    force: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    source_path: PathBuf,
    destination_path: PathBuf,
    #[serde(default)]
    recursive: bool,
}

#[derive(Debug, Deserialize)]
pub struct Search {
    query: String,
    roots: Vec<PathBuf>,
}

impl Params for OnePath {}
impl Params for WriteFile {}
impl Params for CreateDirectory {}
impl Params for Remove {}
impl Params for Copy {}
impl Params for Search {}

/// Refuses a path that is not absolute.
pub fn whole(path: &Path) -> Result<(), Fault> {
    if path.is_absolute() {
        return Ok(());
    }
    let why = format!("AbsolutePathBuf deserialized without a base path: {}", path.display());
    Err(Fault::unreadable(why))
}

/// Runs work on files on a thread of its own. Refuses a path that is not absolute.
fn on_disk(
    outside: &mut Outside,
    asker: Asker,
    paths: &[&Path],
    work: impl FnOnce() -> io::Result<Value> + Send + 'static,
) {
    on_disk_after(outside, asker, paths, std::future::ready(()), work);
}

/// Does the same after other work, whose result is held until the answer has been queued.
fn on_disk_after<T: Send + 'static>(
    outside: &mut Outside,
    asker: Asker,
    paths: &[&Path],
    before: impl Future<Output = T> + Send + 'static,
    work: impl FnOnce() -> io::Result<Value> + Send + 'static,
) {
    let checked = paths.iter().try_for_each(|path| whole(path));
    let Some((asker, ())) = outside.accept(asker, checked) else { return };
    let done = async move {
        let held = before.await;
        (tokio::task::spawn_blocking(work).await, held)
    };
    outside.beside(done, move |outside, (done, _held)| {
        let result = match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Fault::invalid(error.to_string())),
            Err(_panic) => Err(Fault::internal("the files could not be worked on")),
        };
        outside.answer(asker, result);
    });
}

pub fn read_file(outside: &mut Outside, asker: Asker, params: OnePath) {
    let Some(connection) = outside.connections.get(&asker.connection) else { return };
    let (outbox, turns) = (connection.outbox.clone(), Arc::clone(&outside.whole_files));
    let turn = async move {
        loop {
            // A client that leaves its answers unread must not keep other clients waiting.
            outbox.answers_taken().await;
            let turn = Arc::clone(&turns).acquire_owned().await;
            // Other files of the same client may have been read meanwhile.
            if turn.is_err() || outbox.has_taken_answers() {
                return turn;
            }
        }
    };
    let path = params.path.clone();
    on_disk_after(outside, asker, &[&params.path], turn, move || {
        let found = fs::metadata(&path)?;
        if !found.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        if found.len() <= LARGEST {
            File::open(&path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        }
        if found.len() > LARGEST || bytes.len() as u64 > LARGEST {
            return Err(io::Error::other(format!("the file has more than {LARGEST} bytes")));
        }
        Ok(json!({ "dataBase64": STANDARD.encode(bytes) }))
    });
}

/// Fails for pipes, sockets and devices, on which a read or write may never end.
fn regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::other(format!("`{}` is not a regular file", path.display())))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    regular(from)?;
    regular(to)?;
    fs::copy(from, to).map(drop)
}

pub fn write_file(outside: &mut Outside, asker: Asker, params: WriteFile) {
    let WriteFile { path, data_base64 } = params;
    let Ok(bytes) = STANDARD.decode(data_base64) else {
        let message = "fs/writeFile requires valid base64 dataBase64";
        return outside.answer(asker, Err(Fault::invalid(message)));
    };
    let to = path.clone();
    on_disk(outside, asker, &[&path], move || {
        regular(&to)?;
        fs::write(&to, bytes).map(|()| json!({}))
    });
}

pub fn create_directory(outside: &mut Outside, asker: Asker, params: CreateDirectory) {
    let CreateDirectory { path, recursive } = params;
    let at = path.clone();
    on_disk(outside, asker, &[&path], move || {
        match recursive.unwrap_or(true) {
            true => fs::create_dir_all(&at)?,
            false => fs::create_dir(&at)?,
        }
        Ok(json!({}))
    });
}

pub fn metadata(outside: &mut Outside, asker: Asker, params: OnePath) {
    let path = params.path.clone();
    on_disk(outside, asker, &[&params.path], move || {
        let (link, found) = (fs::symlink_metadata(&path)?, fs::metadata(&path)?);
        let millis = |time: io::Result<std::time::SystemTime>| {
            let since = time.ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            since.map_or(0, |since| since.as_millis() as u64)
        };
        Ok(json!({
            "isFile": found.is_file(), "isDirectory": found.is_dir(), "isSymlink": link.is_symlink(),
            "createdAtMs": millis(found.created()), "modifiedAtMs": millis(found.modified()),
        }))
    });
}

pub fn read_directory(outside: &mut Outside, asker: Asker, params: OnePath) {
    let path = params.path.clone();
    on_disk(outside, asker, &[&params.path], move || {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let found = fs::metadata(entry.path()).or_else(|_gone| entry.metadata())?;
            entries.push(json!({
                "fileName": entry.file_name().to_string_lossy(),
                "isDirectory": found.is_dir(), "isFile": found.is_file(),
            }));
        }
        entries.sort_by_key(|entry| entry["fileName"].to_string());
        Ok(json!({ "entries": entries }))
    });
}

pub fn remove(outside: &mut Outside, asker: Asker, params: Remove) {
    let Remove { path, recursive, force } = params;
    let at = path.clone();
    on_disk(outside, asker, &[&path], move || {
        let removed = match fs::symlink_metadata(&at) {
            Ok(found) if found.is_dir() && recursive.unwrap_or(true) => fs::remove_dir_all(&at),
            Ok(found) if found.is_dir() => fs::remove_dir(&at),
            Ok(_) => fs::remove_file(&at),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound && force.unwrap_or(true) => {
                Ok(json!({}))
            }
            removed => removed.map(|()| json!({})),
        }
    });
}

pub fn copy(outside: &mut Outside, asker: Asker, params: Copy) {
    let Copy { source_path, destination_path, recursive } = params;
    let (from, to) = (source_path.clone(), destination_path.clone());
    on_disk(outside, asker, &[&source_path, &destination_path], move || {
        match fs::symlink_metadata(&from)?.is_dir() {
            true if recursive => copy_folder(&from, &to)?,
            true => return Err(io::Error::other("a folder is copied with `recursive` alone")),
            false => copy_file(&from, &to)?,
        }
        Ok(json!({}))
    });
}

/// Copies a folder. Refuses to copy it into itself, which would never end.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    let (real, parent) = (from.canonicalize()?, to.parent().unwrap_or(to).canonicalize()?);
    if parent.starts_with(&real) {
        return Err(io::Error::other("a folder cannot be copied into itself"));
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()? {
            kind if kind.is_dir() => copy_folder(&entry.path(), &target)?,
            _ => copy_file(&entry.path(), &target)?,
        }
    }
    Ok(())
}

/// Finds files by some of the letters of their paths, the best match first.
pub fn search(outside: &mut Outside, asker: Asker, params: Search) {
    let Search { query, roots } = params;
    search_in(outside, asker, query, roots, Vec::new());
}

fn search_in(
    outside: &mut Outside,
    asker: Asker,
    query: String,
    mut roots: Vec<PathBuf>,
    mut found: Vec<(u32, Value)>,
) {
    let Some(root) = roots.pop() else {
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        let files: Vec<Value> = found.into_iter().map(|(_, file)| file).take(FOUND).collect();
        return outside.answer(asker, Ok(json!({ "files": files })));
    };
    let files = Command::Session(SessionCommand::Files(root.clone()));
    outside.ask(files, move |outside, reply| {
        if let Ok(Reply::Files { paths, .. }) = reply {
            found.extend(fits(&query, &root, &paths));
        }
        search_in(outside, asker, query, roots, found);
    });
}

fn fits(query: &str, root: &Path, paths: &[String]) -> Vec<(u32, Value)> {
    let wanted =
        Atom::new(query, CaseMatching::Smart, Normalization::Never, AtomKind::Fuzzy, false);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let (mut letters, mut found) = (Vec::new(), Vec::new());
    for path in paths {
        let (text, mut places) = (Utf32Str::new(path, &mut letters), Vec::new());
        let Some(score) = wanted.indices(text, &mut matcher, &mut places) else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        let score = u32::from(score);
        found.push((
            score,
            json!({
                "root": root, "path": path, "match_type": "file", "file_name": name, "score": score,
                "indices": places,
            }),
        ));
    }
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    found.truncate(FOUND);
    found
}
