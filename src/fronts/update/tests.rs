//! Updates from a server on loopback, whose release is signed with a key that only exists here.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::base::Reader;
use crate::net::NetSettings;

use super::*;

/// The key of the fixtures, and another one.
const KEY: &str = "RWRB5lzMOZyYymn0BQYi3IfbFj7VN/Ee7cs0Uc3rhPs63i/7Kv/ATWeX";
const OTHER_KEY: &str = "RWRTCU3NtZofrRFNA1bUvmY0ufQrjpW0J5P0MMwQ8TdavTDw34zDBX8i";
const TARGET: &str = "x86_64-unknown-linux-musl";
const ARCHIVE: &str = "/v9.0.0/codling-9.0.0-x86_64-unknown-linux-musl.tar.gz";
const SUMS: &str = "/v9.0.0/SHA256SUMS";
const SIGNATURE: &str = "/v9.0.0/SHA256SUMS.minisig";
const OLD: &str = "#!/bin/sh\necho codling 0.1.0\nread line\n";

/// The files of a server, and whether an answer ends too early.
type Files = HashMap<&'static str, Vec<u8>>;

fn release() -> Files {
    let archive = include_bytes!("fixtures/codling-9.0.0-x86_64-unknown-linux-musl.tar.gz");
    HashMap::from([
        ("/latest", b"9.0.0\n".to_vec()),
        (ARCHIVE, archive.to_vec()),
        (SUMS, include_bytes!("fixtures/SHA256SUMS").to_vec()),
        (SIGNATURE, include_bytes!("fixtures/SHA256SUMS.minisig").to_vec()),
    ])
}

/// Serves files on loopback for as long as the tests run; returns the address. `torn` names one
/// whose connection ends in the middle.
fn serve(files: Files, torn: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
            let Some(body) = files.get(path) else {
                let none =
                    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _gone = stream.write_all(none);
                continue;
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let sent = if torn == Some(path) { &body[..body.len() / 2] } else { body };
            let _gone = stream.write_all(&[head.as_bytes(), sent].concat());
        }
    });
    address
}

struct Fixture {
    folder: TempDir,
    request: UpdateRequest,
}

impl Fixture {
    fn new(downloads: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("codling");
        fs::write(&program, OLD).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let request = UpdateRequest {
            net: Net::new(NetSettings::default()),
            source: UpdateSource {
                downloads: Some(downloads.into()),
                public_key: Some(KEY.into()),
            },
            program,
            owner: Owner::This,
            here: "0.1.0".into(),
            to: None,
            action: UpdateAction::Install,
            target: Some(TARGET),
        };
        Self { folder, request }
    }

    fn program(&self) -> String {
        fs::read_to_string(self.folder.path().join("codling")).unwrap()
    }

    /// Asks for the update; returns what was printed, or the error. Only the program may be left
    /// in its folder.
    fn update(&self) -> Result<Exit, String> {
        let sink = || Box::new(std::io::sink());
        let mut console = Console::new(sink(), Reader::Program, sink(), Reader::Program);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let updated = runtime.block_on(perform(&self.request, &mut console));
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 1, "nothing is left behind");
        updated.map_err(|error| error.to_string())
    }

    #[track_caller]
    fn is_refused(&self, why: &str) {
        let error = self.update().unwrap_err();
        assert!(error.contains(why), "{error}");
        assert_eq!(self.program(), OLD);
    }
}

#[test]
fn a_release_takes_the_place_of_the_program_and_running_ones_keep_theirs() {
    let fixture = Fixture::new(&serve(release(), None));
    let mut running = Command::new(&fixture.request.program);
    let mut running = running.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let before = fs::metadata(&fixture.request.program).unwrap();
    assert_eq!(fixture.update(), Ok(Exit::Done));
    assert!(fixture.program().contains("9.0.0"));
    let after = fs::metadata(&fixture.request.program).unwrap();
    assert_eq!(after.mode(), before.mode());
    assert_ne!(after.ino(), before.ino(), "the old file is left to those who run it");
    drop(running.stdin.take());
    running.wait().unwrap();
}

#[test]
fn a_look_changes_nothing_and_a_package_managers_copy_is_left_alone() {
    let mut fixture = Fixture::new(&serve(release(), None));
    fixture.request.action = UpdateAction::Check;
    assert_eq!(fixture.update(), Ok(Exit::Done));
    assert_eq!(fixture.program(), OLD);
    // Nothing listens there: it is not asked.
    let mut fixture = Fixture::new("http://127.0.0.1:9");
    fixture.request.owner = Owner::Npm;
    fixture.is_refused("npm installed this codling");
}

#[test]
fn the_latest_version_is_left_alone_and_an_older_one_is_taken_only_by_name() {
    let server = serve(release(), None);
    let mut fixture = Fixture::new(&server);
    fixture.request.here = "9.0.0".into();
    assert_eq!(fixture.update(), Ok(Exit::Done));
    assert_eq!(fixture.program(), OLD);
    fixture.request.here = "10.0.0".into();
    fixture.is_refused("older than this one");
    fixture.request.to = Some("9.0.0".into());
    assert_eq!(fixture.update(), Ok(Exit::Done));
    assert!(fixture.program().contains("9.0.0"));
    let mut fixture = Fixture::new(&server);
    for (to, why) in [("8.0.0", "there is no"), ("../9.0.0", "is no version")] {
        fixture.request.to = Some(to.into());
        fixture.is_refused(why);
    }
}

#[test]
fn a_wrong_or_missing_signature_is_refused() {
    let mut files = release();
    files.remove(SIGNATURE);
    Fixture::new(&serve(files, None)).is_refused("there is no");
    let mut files = release();
    files.insert(SIGNATURE, b"signed, honestly".to_vec());
    Fixture::new(&serve(files, None)).is_refused("the signature of SHA256SUMS is wrong");
    // Checksums that fit an archive of somebody else's.
    let mut files = release();
    files.get_mut(SUMS).unwrap().push(b'\n');
    Fixture::new(&serve(files, None)).is_refused("the signature of SHA256SUMS is wrong");
    let mut fixture = Fixture::new(&serve(release(), None));
    fixture.request.source.public_key = Some(OTHER_KEY.into());
    fixture.is_refused("the signature of SHA256SUMS is wrong");
}

#[test]
fn a_changed_or_torn_archive_is_refused() {
    let mut files = release();
    files.get_mut(ARCHIVE).unwrap()[40] ^= 1;
    Fixture::new(&serve(files, None)).is_refused("checksum is wrong");
    Fixture::new(&serve(release(), Some(ARCHIVE))).is_refused("cannot be read");
    let mut files = release();
    files.remove(ARCHIVE);
    Fixture::new(&serve(files, None)).is_refused("there is no");
}

#[test]
fn one_release_cannot_be_passed_off_as_another() {
    let mut files = release();
    for (from, to) in [(SUMS, "/v9.1.0/SHA256SUMS"), (SIGNATURE, "/v9.1.0/SHA256SUMS.minisig")] {
        files.insert(to, files[from].clone());
    }
    files.insert("/latest", b"9.1.0".to_vec());
    Fixture::new(&serve(files, None)).is_refused("does not name `codling-9.1.0-");
}

#[test]
fn a_build_without_a_source_or_a_system_without_an_archive_says_so() {
    let mut fixture = Fixture::new("http://127.0.0.1:9");
    fixture.is_refused("cannot be read");
    fixture.request.target = None;
    fixture.is_refused("no archive for this system");
    for downloads in ["http://example.com", "ftp://127.0.0.1"] {
        fixture.request.source.downloads = Some(downloads.into());
        fixture.is_refused("the address of the downloads cannot be used");
    }
    fixture.request.source.public_key = None;
    fixture.is_refused("knows no address");
}

#[test]
fn a_program_that_does_not_start_or_is_another_version_stays_out() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("codling");
    fs::write(&program, OLD).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let version = Version::parse("9.0.0").unwrap();
    for wrong in ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho codling 8.0.0\n", "#!/no/such\n", ""] {
        let error = install::replace(&program, wrong.as_bytes(), &version).unwrap_err();
        assert!(matches!(error, UpdateError::Start { .. }), "{wrong}: {error}");
        assert_eq!(fs::read_to_string(&program).unwrap(), OLD);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    let nowhere = folder.path().join("gone/codling");
    let error = install::replace(&nowhere, b"", &version).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
}
