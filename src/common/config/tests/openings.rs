//! Hosts and folders that a person opens of the sandbox.

use super::*;

#[test]
fn hosts_and_folders_are_opened_by_the_persons_own_file_alone() {
    let text = "sandbox_network = ['crates.io', '*.Example.com', 'host:8443']\nsandbox_write = ['~/out', '/srv/not-there/deep']";
    let grants = Fixture::new().user(text).settings().grants;
    let hosts: Vec<String> = grants.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["crates.io", "*.example.com", "host:8443"]);
    assert_eq!(grants.folders, [PathBuf::from("/home/m/out"), "/srv/not-there/deep".into()]);
    assert!(!Path::new("/srv/not-there").exists());

    let fixture = Fixture::new().user("sandbox_network = ['a.org']").project(
        "sandbox_network = ['evil.org']\nsandbox_write = ['/srv']\nsandbox_read = ['/srv']",
    );
    let (grants, warnings) = (fixture.settings().grants, fixture.warnings());
    assert_eq!(
        (grants.hosts.len(), grants.hosts[0].to_string(), grants.folders.len()),
        (1, "a.org".to_owned(), 0)
    );
    assert!(grants.readable.is_empty());
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.contains(NOT_A_PROJECTS)), "{warnings:?}");
    assert!(Fixture::new().settings().grants.is_empty());

    let text = "sandbox_read = ['~/.tool', '~/.ssh', '~/.aws/config', '/srv/x.pem']";
    let readable = Fixture::new().user(text).settings().grants.readable;
    let wanted = ["/home/m/.tool", "/home/m/.ssh", "/home/m/.aws/config", "/srv/x.pem"];
    assert_eq!(readable, wanted.map(PathBuf::from));
}

#[test]
fn what_cannot_be_opened_is_told_with_its_place() {
    for (text, place) in [
        ("sandbox_network = 'a.org'", "column 19: `sandbox_network` must"),
        ("sandbox_network = ['a.org', 'https://b.org/']", "column 29: `sandbox_network` must"),
        ("sandbox_network = ['*']", "and is `*`"),
        ("sandbox_network = [3]", "and is 3"),
        ("sandbox_write = ['out']", "column 18: `sandbox_write` must"),
        ("sandbox_write = ['/']", "and is `/`"),
        ("sandbox_write = ['~/']", "and is `~/`"),
        ("sandbox_write = ['/home']", "and is `/home`"),
        ("sandbox_write = ['~/.ssh']", "and is `~/.ssh`"),
        ("sandbox_write = ['~/.config']", "and is `~/.config`"),
        ("sandbox_write = ['~/x/../.ssh']", "and is `~/x/../.ssh`"),
        ("sandbox_write = ['/etc/hostname']", "and is `/etc/hostname`"),
        ("sandbox_read = ['.tool']", "`sandbox_read` must"),
        ("sandbox_read = ['~/']", "and is `~/`"),
        ("sandbox_read = ['/']", "and is `/`"),
        ("sandbox_read = ['/proc/self']", "and is `/proc/self`"),
        ("sandbox_read = ['~/.x/../.ssh']", "and is `~/.x/../.ssh`"),
    ] {
        let error = Fixture::new().user(text).error();
        assert!(error.contains(place), "{text}: {error}");
    }
}

#[test]
fn what_is_codlings_own_stays_closed_also_behind_a_link() {
    let fixture = Fixture::new();
    let inside = |name: &str| fixture.folder.path().join(name).display().to_string();
    fs::create_dir_all(inside("home/data")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(inside("home/data"), inside("link")).unwrap();
    for closed in ["home", "home/data", "home/config/x", "link", "link/x"] {
        let closed = inside(closed);
        fixture.write("home/config/config.toml", &format!("sandbox_write = ['{closed}']"));
        assert!(fixture.load().is_err(), "{closed}");
        fixture.write("home/config/config.toml", &format!("sandbox_read = ['{closed}']"));
        assert!(fixture.load().is_err(), "{closed}");
    }
    fixture.write(
        "home/config/config.toml",
        &format!("sandbox_write = ['{}']", inside("project/out")),
    );
    assert_eq!(fixture.settings().grants.folders.len(), 1);
}
