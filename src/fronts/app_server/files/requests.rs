//! Methods on files, for clients that run elsewhere: they act for the person, without approvals.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app_server::outside::Outside;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::base::Timestamp;
use crate::protocol::{Command, FileWork, FilesCommand, FolderEntry, Reply, SessionCommand};

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

/// Refuses a path that is not absolute.
pub fn whole(path: &Path) -> Result<(), Fault> {
    if path.is_absolute() {
        return Ok(());
    }
    let why = format!("AbsolutePathBuf deserialized without a base path: {}", path.display());
    Err(Fault::unreadable(why))
}

/// Asks the engine for work on files; answers with what `shown` makes of the reply. Refuses a path
/// that is not absolute.
fn work(
    outside: &mut Outside,
    asker: Asker,
    paths: &[&Path],
    work: FileWork,
    shown: fn(Reply) -> Value,
) {
    let checked = paths.iter().try_for_each(|path| whole(path));
    let Some((asker, ())) = outside.accept(asker, checked) else { return };
    outside.ask(Command::Files(FilesCommand::Work(work)), move |outside, reply| {
        let result = reply.map(shown).map_err(Fault::from);
        outside.answer(asker, result);
    });
}

fn done(_: Reply) -> Value {
    json!({})
}

pub fn read_file(outside: &mut Outside, asker: Asker, params: OnePath) {
    let checked = whole(&params.path);
    let Some((asker, ())) = outside.accept(asker, checked) else { return };
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
    outside.beside(turn, move |outside, turn| {
        let read = FileWork::Read(params.path);
        outside.ask(Command::Files(FilesCommand::Work(read)), move |outside, reply| {
            let encoded = async move {
                let encoded = tokio::task::spawn_blocking(move || reply.map(encoded));
                // The permit is held until the answer has been queued.
                (encoded.await, turn)
            };
            outside.beside(encoded, move |outside, (encoded, _turn)| {
                let result = match encoded {
                    Ok(result) => result.map_err(Fault::from),
                    Err(_panic) => Err(Fault::internal("the files could not be worked on")),
                };
                outside.answer(asker, result);
            });
        });
    });
}

fn encoded(reply: Reply) -> Value {
    let Reply::FileContent(content) = reply else { return json!({}) };
    json!({ "dataBase64": STANDARD.encode(content) })
}

pub fn write_file(outside: &mut Outside, asker: Asker, params: WriteFile) {
    let WriteFile { path, data_base64 } = params;
    let Ok(content) = STANDARD.decode(data_base64) else {
        return outside.refuse(asker, "fs/writeFile requires valid base64 dataBase64");
    };
    work(outside, asker, &[&path.clone()], FileWork::Write { path, content }, done);
}

pub fn create_directory(outside: &mut Outside, asker: Asker, params: CreateDirectory) {
    let CreateDirectory { path, recursive } = params;
    let recursive = recursive.unwrap_or(true);
    work(outside, asker, &[&path.clone()], FileWork::CreateFolder { path, recursive }, done);
}

pub fn metadata(outside: &mut Outside, asker: Asker, params: OnePath) {
    let inspect = FileWork::Inspect(params.path.clone());
    work(outside, asker, &[&params.path], inspect, |reply| {
        let Reply::FileFacts(facts) = reply else { return json!({}) };
        let millis = |time: Option<Timestamp>| time.map_or(0, |time| time.0);
        json!({
            "isFile": facts.is_file, "isDirectory": facts.is_folder, "isSymlink": facts.is_link,
            "createdAtMs": millis(facts.created), "modifiedAtMs": millis(facts.changed),
        })
    });
}

pub fn read_directory(outside: &mut Outside, asker: Asker, params: OnePath) {
    let list = FileWork::List(params.path.clone());
    work(outside, asker, &[&params.path], list, |reply| {
        let Reply::FolderEntries(entries) = reply else { return json!({}) };
        let entries = entries.into_iter().map(|FolderEntry { name, is_folder, is_file }| {
            json!({ "fileName": name, "isDirectory": is_folder, "isFile": is_file })
        });
        json!({ "entries": entries.collect::<Vec<_>>() })
    });
}

pub fn remove(outside: &mut Outside, asker: Asker, params: Remove) {
    let Remove { path, recursive, force } = params;
    let (recursive, force) = (recursive.unwrap_or(true), force.unwrap_or(true));
    work(outside, asker, &[&path.clone()], FileWork::Remove { path, recursive, force }, done);
}

pub fn copy(outside: &mut Outside, asker: Asker, params: Copy) {
    let Copy { source_path: from, destination_path: to, recursive } = params;
    let paths = [&*from.clone(), &*to.clone()];
    work(outside, asker, &paths, FileWork::Copy { from, to, recursive }, done);
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
