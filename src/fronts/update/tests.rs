//! Updates from a server on loopback, whose release is signed with a key that only exists here.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::base::Reader;
use crate::net::NetSettings;

use super::*;

/// The key of the fixtures, and another one.
const KEY: &str = "RWTRLSgHVWekDtrGi3h9c2kKTMWU4N26ZDWS9vqGR4tcqcLCSRP9gIPD";
const OTHER_KEY: &str = "RWRTCU3NtZofrRFNA1bUvmY0ufQrjpW0J5P0MMwQ8TdavTDw34zDBX8i";
const TARGET: &str = "x86_64-unknown-linux-musl";
const LATEST: &str = "/latest";
const LATEST_SIGNATURE: &str = "/latest.minisig";
const ARCHIVE: &str = "/v9.0.0/codling-9.0.0-x86_64-unknown-linux-musl.tar.gz";
const SUMS: &str = "/v9.0.0/SHA256SUMS";
const SIGNATURE: &str = "/v9.0.0/SHA256SUMS.minisig";
const OLD: &str = "#!/bin/sh\necho codling 0.1.0\nread line\n";

/// The files of a server, and whether an answer ends too early.
type Files = HashMap<&'static str, Vec<u8>>;

fn release() -> Files {
    let archive = include_bytes!("fixtures/codling-9.0.0-x86_64-unknown-linux-musl.tar.gz");
    HashMap::from([
        (LATEST, include_bytes!("fixtures/latest").to_vec()),
        (LATEST_SIGNATURE, include_bytes!("fixtures/latest.minisig").to_vec()),
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
    /// Standard error.
    notes: File,
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
            today: jiff::civil::date(2026, 11, 30),
            to: None,
            action: UpdateAction::Install,
            target: Some(TARGET),
        };
        Self { folder, request, notes: tempfile::tempfile().unwrap() }
    }

    fn program(&self) -> String {
        fs::read_to_string(self.folder.path().join("codling")).unwrap()
    }

    /// Asks for the update; returns what was printed, or the error. Only the program may be left
    /// in its folder.
    fn update(&self) -> Result<Exit, String> {
        let (lines, notes) = (std::io::sink(), self.notes.try_clone().unwrap());
        let mut console =
            Console::new(Box::new(lines), Reader::Program, Box::new(notes), Reader::Program);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let updated = runtime.block_on(perform(&self.request, &mut console));
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 1, "nothing is left behind");
        updated.map_err(|error| error.to_string())
    }

    /// Standard error so far.
    fn notes(&self) -> String {
        (&self.notes).rewind().unwrap();
        std::io::read_to_string(&self.notes).unwrap()
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
fn checksums_with_a_wrong_or_missing_signature_are_refused() {
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
    fixture.request.to = Some("9.0.0".into());
    fixture.is_refused("the signature of SHA256SUMS is wrong");
}

#[test]
fn the_latest_version_is_believed_only_where_it_is_signed() {
    let mut files = release();
    files.remove(LATEST_SIGNATURE);
    Fixture::new(&serve(files, None)).is_refused("there is no");
    let mut files = release();
    files.insert(LATEST_SIGNATURE, files[SIGNATURE].clone());
    Fixture::new(&serve(files, None)).is_refused("the signature of latest is wrong");
    // An older version, or the same one as if it were said today.
    for changed in ["8.0.0\n2026-11-26\n", "9.0.0\n2026-11-30\n"] {
        let mut files = release();
        files.insert(LATEST, changed.into());
        Fixture::new(&serve(files, None)).is_refused("the signature of latest is wrong");
    }
    let mut fixture = Fixture::new(&serve(release(), None));
    fixture.request.source.public_key = Some(OTHER_KEY.into());
    fixture.is_refused("the signature of latest is wrong");
    // Another file of the same key.
    let mut files = release();
    files.insert(LATEST, files[SUMS].clone());
    files.insert(LATEST_SIGNATURE, files[SIGNATURE].clone());
    Fixture::new(&serve(files, None)).is_refused("does not hold a version and a day");
}

#[test]
fn an_old_word_on_the_latest_version_is_told_and_followed() {
    let said = |today| {
        let mut fixture = Fixture::new(&serve(release(), None));
        fixture.request.today = today;
        assert_eq!(fixture.update(), Ok(Exit::Done));
        assert!(fixture.program().contains("9.0.0"));
        fixture.notes()
    };
    let old = "The word that 9.0.0 is the latest version is from 2026-11-26";
    assert!(!said(jiff::civil::date(2027, 2, 1)).contains(old));
    let warned = said(jiff::civil::date(2027, 3, 1));
    assert!(warned.starts_with(old), "{warned}");
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
    let mut fixture = Fixture::new(&serve(files, None));
    fixture.request.to = Some("9.1.0".into());
    fixture.is_refused("does not name `codling-9.1.0-");
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
