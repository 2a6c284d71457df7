//! `fs/watch`: clients that are told of changes to files and folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::client::{Client, LIMIT};
use super::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::{Account, crowd, until};

fn watch(client: &mut Client, id: &str, path: &Path) {
    let answer = client.request("fs/watch", json!({ "watchId": id, "path": path }));
    assert_eq!(answer["path"], json!(path));
}

/// Returns the paths that were told under a watch, up to this path.
fn changed(client: &mut Client, id: &str, last: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    while !all.contains(last) {
        let news = client.until(&format!("{id}: {}", last.display()), |it| {
            it["method"] == "fs/changed" && it["params"]["watchId"] == id
        });
        let paths = news["params"]["changedPaths"].as_array().unwrap().clone();
        all.extend(paths.iter().map(|path| PathBuf::from(path.as_str().unwrap())));
    }
    all
}

/// Returns the changes that are told under all watches until a change made now is told.
fn until_now(client: &mut Client, fence: &Path) -> Vec<Value> {
    fs::write(fence, "now").unwrap();
    changed(client, "fence", fence);
    client.all_news("fs/changed")
}

#[test]
fn a_folder_tells_of_what_stands_in_it_and_of_nothing_else() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let folder = scene.folder();
        fs::create_dir_all(folder.join("in/deep")).unwrap();
        let client = &mut scene.client;
        watch(client, "fence", &folder.join("fence"));
        watch(client, "it", &folder.join("in"));
        let at = |name: &str| folder.join("in").join(name);
        fs::write(folder.join("beside"), "x").unwrap();
        fs::write(at("deep/file"), "x").unwrap();
        assert_eq!(until_now(client, &folder.join("fence")), Vec::<Value>::new());
        fs::write(at("b"), "x").unwrap();
        assert_eq!(changed(client, "it", &at("b")), BTreeSet::from([at("b")]));
        fs::read(at("b")).unwrap();
        fs::read_dir(at("")).unwrap().for_each(drop);
        assert_eq!(until_now(client, &folder.join("fence")), Vec::<Value>::new());
        fs::rename(at("b"), at("a")).unwrap();
        assert_eq!(changed(client, "it", &at("a")), BTreeSet::from([at("a"), at("b")]));
        fs::remove_file(at("a")).unwrap();
        fs::create_dir(at("new")).unwrap();
        assert_eq!(changed(client, "it", &at("new")), BTreeSet::from([at("a"), at("new")]));
    });
}

#[test]
fn a_file_is_watched_by_its_name_whatever_takes_its_place() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    let (file, other) = (folder.join("file"), folder.join("other"));
    fs::write(&file, "1").unwrap();
    let client = &mut scene.client;
    watch(client, "it", &file);
    let own = BTreeSet::from([file.clone()]);
    for round in 0..3 {
        fs::write(&other, format!("{round}")).unwrap();
        fs::rename(&other, &file).unwrap();
        assert_eq!(changed(client, "it", &file), own);
        fs::write(&file, "more").unwrap();
        assert_eq!(changed(client, "it", &file), own);
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(changed(client, "it", &file), own);
    fs::write(&file, "again").unwrap();
    assert_eq!(changed(client, "it", &file), own);
}

#[test]
fn a_path_is_told_of_when_it_comes_and_when_folders_above_it_go() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    let (file, fence) = (folder.join("a/b/file"), folder.join("fence"));
    let client = &mut scene.client;
    watch(client, "fence", &fence);
    watch(client, "it", &file);
    fs::create_dir_all(folder.join("a")).unwrap();
    assert_eq!(until_now(client, &fence), Vec::<Value>::new());
    for _ in 0..2 {
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(&file, "1").unwrap();
        changed(client, "it", &file);
        until_now(client, &fence);
        fs::write(&file, "2").unwrap();
        changed(client, "it", &file);
        fs::rename(folder.join("a"), folder.join("gone")).unwrap();
        changed(client, "it", &file);
        until_now(client, &fence);
        // The path is watched, not the file that once stood there.
        fs::write(folder.join("gone/b/file"), "3").unwrap();
        assert_eq!(until_now(client, &fence), Vec::<Value>::new());
        fs::remove_dir_all(folder.join("gone")).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn links_are_followed_and_names_that_are_no_unicode_are_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let mut scene = Scene::new();
    let folder = scene.folder();
    fs::create_dir_all(folder.join("real")).unwrap();
    fs::write(folder.join("real/file"), "1").unwrap();
    symlink("real/file", folder.join("link")).unwrap();
    symlink("real", folder.join("linked")).unwrap();
    let client = &mut scene.client;
    watch(client, "file", &folder.join("link"));
    watch(client, "folder", &folder.join("linked"));
    watch(client, "same", &folder.join("real"));
    fs::write(folder.join("real/file"), "2").unwrap();
    changed(client, "file", &folder.join("link"));
    changed(client, "folder", &folder.join("linked/file"));
    changed(client, "same", &folder.join("real/file"));
    client.request("fs/unwatch", json!({ "watchId": "same" }));
    fs::write(folder.join("real").join(OsStr::from_bytes(b"\xff")), "1").unwrap();
    changed(client, "folder", &folder.join("linked/\u{fffd}"));
    fs::write(folder.join("new"), "1").unwrap();
    fs::rename(folder.join("new"), folder.join("real/file")).unwrap();
    changed(client, "file", &folder.join("link"));
    fs::remove_file(folder.join("link")).unwrap();
    changed(client, "file", &folder.join("link"));
}

#[test]
fn many_changes_at_once_are_told_in_few_words() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    let burst = folder.join("burst");
    fs::create_dir(&burst).unwrap();
    let client = &mut scene.client;
    watch(client, "fence", &folder.join("fence"));
    watch(client, "it", &burst);
    let begun = Instant::now();
    crowd(&burst, 0..6_000);
    let is_all_told = |told: &[Value]| {
        let paths = told.iter().flat_map(|news| news["changedPaths"].as_array().unwrap());
        let all: BTreeSet<&str> = paths.map(|path| path.as_str().unwrap()).collect();
        all.len() == 6_000 || all.contains(burst.to_str().unwrap())
    };
    let mut told = Vec::new();
    until(LIMIT, "all of it is told", || {
        told.extend(until_now(client, &folder.join("fence")));
        is_all_told(&told)
    });
    // Five times a second.
    let most = begun.elapsed().as_millis() / 200 + 1;
    assert!(told.len() as u128 <= most, "{} and not {most}", told.len());
    let paths = |news: &Value| news["changedPaths"].as_array().unwrap().len();
    assert!(told.iter().all(|news| paths(news) <= 1_000));
}

#[test]
fn watches_belong_to_a_connection_and_end_with_it() {
    let mut scene = Scene::with(Transport::WebSocket, Account::ApiKey, Default::default(), "");
    let folder = scene.folder();
    let watchers = {
        let files = PathBuf::from(format!("/proc/{}/fd", scene.server.0.id()));
        move || {
            let all = fs::read_dir(&files).unwrap().flatten();
            let links = all.filter_map(|file| fs::read_link(file.path()).ok());
            links.filter(|link| link.to_string_lossy().contains("inotify")).count()
        }
    };
    let mut other = scene.another();
    watch(&mut scene.client, "fence", &folder.join("fence"));
    watch(&mut other, "it", &folder.join("file"));
    watch(&mut scene.client, "it", &folder.join("else"));
    fs::write(folder.join("file"), "1").unwrap();
    changed(&mut other, "it", &folder.join("file"));
    assert_eq!(until_now(&mut scene.client, &folder.join("fence")), Vec::<Value>::new());
    scene.client.request("fs/unwatch", json!({ "watchId": "it" }));
    fs::write(folder.join("else"), "1").unwrap();
    assert_eq!(until_now(&mut scene.client, &folder.join("fence")), Vec::<Value>::new());
    scene.client.request("fs/unwatch", json!({ "watchId": "fence" }));
    if cfg!(target_os = "linux") {
        assert_eq!(watchers(), 1);
        other.hang_up();
        until(LIMIT, "nothing is watched", || watchers() == 0);
    }
    watch(&mut scene.client, "it", &folder.join("file"));
    fs::write(folder.join("file"), "2").unwrap();
    changed(&mut scene.client, "it", &folder.join("file"));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let mut scene = Scene::over(Transport::WebSocket);
    let folder = scene.folder();
    let client = &mut scene.client;
    let (code, why) = client.refusal("fs/watch", json!({ "watchId": "a", "path": "src" }));
    assert_eq!(code, -32600);
    assert_eq!(why, sentences::RELATIVE_PATH);
    watch(client, "a", &folder);
    let again = client.refusal("fs/watch", json!({ "watchId": "a", "path": folder }));
    assert_eq!(again, (-32600, "watchId already exists: a".into()));
    assert_eq!(client.request("fs/unwatch", json!({ "watchId": "none" })), json!({}));
    for number in 1..128 {
        watch(client, &number.to_string(), &folder);
    }
    let (_, why) = client.refusal("fs/watch", json!({ "watchId": "more", "path": folder }));
    assert!(why.contains("at most 128 paths"), "{why}");
    client.request("fs/unwatch", json!({ "watchId": "1" }));
    watch(client, "more", &folder);
    watch(&mut scene.another(), "a", &folder);
}
