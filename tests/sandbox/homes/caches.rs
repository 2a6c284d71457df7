//! Caches in a home: a command writes to them, and the person's own stay unchanged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codling::protocol::Confinement;
use codling::sandbox::{CommandSpec, ExitKind, HomeAccess, kill_switch};

use super::super::fixture::Fixture;
use crate::stage::needs::demand;

/// A home with caches that belongs to the user of the commands.
fn home(fixture: &Fixture) -> PathBuf {
    let home = fixture.folder.parent().unwrap().join("home");
    for name in [".cache/pip/in/a", ".cache/go-build/b", "go/pkg/mod/c", ".ccache/d", ".bashrc"] {
        let path = home.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "known\n").unwrap();
    }
    hand_over(fixture, &home);
    home
}

fn hand_over(fixture: &Fixture, folder: &Path) {
    if fixture.is_of_nobody() {
        let mut chown = Command::new("chown");
        assert!(chown.args(["-hR", "65534:65534"]).arg(folder).status().unwrap().success());
    }
}

fn order(fixture: &Fixture, home: &Path, line: &str) -> CommandSpec {
    let mut order = fixture.order(Confinement::Folder, line);
    order.home = HomeAccess { homes: vec![home.to_owned()], ..HomeAccess::default() };
    order.variables.push(("HOME".into(), Some(home.into())));
    for name in ["XDG_CACHE_HOME", "GOCACHE", "CCACHE_DIR", "UV_CACHE_DIR"] {
        order.variables.push((name.into(), None));
    }
    order
}

fn assert_works(fixture: &Fixture, order: &CommandSpec) {
    let seen = fixture.run_order(order);
    let at = format!("{:?} {:?}: {}", fixture.sandbox, order.command, seen.text);
    assert_eq!(seen.how, ExitKind::Exit(0), "{at}");
}

/// Whether this user can mount an overlay in namespaces, tried without codling.
fn can_overlay(fixture: &Fixture) -> bool {
    let folder = fixture.folder.display();
    let line = format!(
        "mount -t tmpfs none {folder} && cd {folder} && mkdir l u w m && mount -t overlay none -o lowerdir=$PWD/l,upperdir=$PWD/u,workdir=$PWD/w,userxattr $PWD/m"
    );
    let user: &[&str] = match fixture.is_of_nobody() {
        true => &["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
        false => &[],
    };
    let own = ["unshare", "-Urm", "sh", "-c", &line];
    let words: Vec<&str> = user.iter().chain(&own).copied().collect();
    let tried = Command::new(words[0]).args(&words[1..]).output();
    tried.is_ok_and(|tried| tried.status.success())
}

#[test]
fn a_command_writes_to_caches_and_the_persons_own_stay_as_they_are() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        let line = match fixture.sandbox.tier() == 1 && can_overlay(fixture) {
            true => {
                "cd ~ && for f in .cache/pip/in/a .cache/go-build/b go/pkg/mod/c .ccache/d; do \
                grep -q known $f && echo x >> $f && rm $f && echo new > $f && grep -q new $f || exit 1; done; \
                mv .cache/pip/in/a .cache/pip/moved && rm -r .cache/pip/in && mkdir .cache/other && echo x > .cache/other/x && \
                cat .cache/other/x && [ -z \"$GOCACHE$CCACHE_DIR$UV_CACHE_DIR\" ] && ! echo x > .bashrc && ! mkdir .new"
            }
            false => {
                "cd ~ && for f in .cache/pip/in/a .cache/go-build/b go/pkg/mod/c .ccache/d; do \
                grep -q known $f && ! echo x >> $f && ! rm -f $f || exit 1; done; \
                for f in \"$GOCACHE\" \"$CCACHE_DIR\" \"$UV_CACHE_DIR\"; do mkdir -p \"$f\" && echo x > \"$f/x\" || exit 1; done"
            }
        };
        assert_works(fixture, &order(fixture, &home, line));
        for name in [".cache/pip/in/a", ".cache/go-build/b", "go/pkg/mod/c", ".ccache/d"] {
            assert_eq!(fs::read_to_string(home.join(name)).unwrap(), "known\n", "{name}");
        }
        let caches = fs::read_dir(home.join(".cache")).unwrap().count();
        assert_eq!(caches, 2, "nothing was made there");
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn the_next_command_of_a_folder_finds_what_the_last_one_left_in_caches_that_tools_need() {
    Fixture::each_that(
        |sandbox| sandbox.tier() == 1,
        |fixture| {
            demand(can_overlay(fixture), "overlays in user namespaces: Linux 5.11");
            let home = home(fixture);
            let kept = fixture.folder.parent().unwrap().join("kept");
            let order = |line: &str| {
                let mut order = order(fixture, &home, line);
                order.home.kept_caches = Some(kept.clone());
                order
            };
            // The program that starts commands makes it, and so it normally belongs to their user.
            assert_works(fixture, &order("true"));
            hand_over(fixture, &kept);
            assert_works(
                fixture,
                &order("cd ~/.cache && echo x > go-build/new && rm go-build/b && echo x > pip/new"),
            );
            let left = "cd ~/.cache && grep -q x go-build/new && ! cat go-build/b && ! cat pip/new";
            assert_works(fixture, &order(left));
            // Changes of the person's own files meanwhile are seen.
            fs::write(home.join(".cache/go-build/later"), "later\n").unwrap();
            assert_works(fixture, &order("grep -q later ~/.cache/go-build/later"));
            let fresh = "cd ~/.cache && ! cat go-build/new && grep -q known go-build/b";
            let elsewhere = fixture.folder.join("sub");
            assert_works(fixture, &CommandSpec { folder: elsewhere, ..order(fresh) });
            let reading = CommandSpec { confinement: Confinement::ReadOnly, ..order(fresh) };
            assert_works(fixture, &reading);
            // While one runs, another one starts with a new copy.
            let waiting = order(
                "echo ready; while [ ! -e go ]; do sleep 0.01; done; grep -q x ~/.cache/go-build/new",
            );
            let (_held, switch) = kill_switch().unwrap();
            let mut seen = Vec::new();
            let end = waiting.run(&fixture.program, switch, &mut |heard| {
                let is_first = seen.is_empty() && !heard.is_empty();
                seen.extend_from_slice(heard);
                if is_first {
                    assert_works(fixture, &order(&format!("{fresh} && echo x > go-build/second")));
                    fs::write(fixture.folder.join("go"), "").unwrap();
                }
            });
            assert_eq!(end.how, ExitKind::Exit(0), "{}", String::from_utf8_lossy(&seen));
            assert_works(fixture, &order("! cat ~/.cache/go-build/second"));
            assert_eq!(fs::read_to_string(home.join(".cache/go-build/b")).unwrap(), "known\n");
        },
    );
}

#[test]
fn what_is_hidden_in_a_cache_stays_so_by_every_way_to_it() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        let data = fixture.folder.parent().unwrap().join("data");
        for name in ["uv/vault/key", "uv/key", "uv/plain"] {
            fs::create_dir_all(data.join(name).parent().unwrap()).unwrap();
            fs::write(data.join(name), "A-SECRET\n").unwrap();
        }
        fs::write(data.join("uv/plain"), "known\n").unwrap();
        std::os::unix::fs::symlink(data.join("uv"), home.join(".cache/uv")).unwrap();
        hand_over(fixture, &home);
        hand_over(fixture, &data);
        let mut order = order(
            fixture,
            &home,
            "grep -q known ~/.cache/uv/plain || exit 1; mv ~/.cache/uv/vault ~/.cache/uv/other; \
            cp -r ~/.cache/uv $TMPDIR/copy; cat ~/.cache/uv/key; grep -rhas A- ~/.cache $DATA $TMPDIR; true",
        );
        order.variables.push(("DATA".into(), Some(data.clone().into())));
        order.hidden = ["uv/vault", "uv/key"].map(|name| data.join(name)).into();
        let seen = fixture.run_order(&order);
        assert_eq!(seen.how, ExitKind::Exit(0), "{}", seen.text);
        assert!(!seen.text.contains("A-SECRET"), "{:?}: {}", fixture.sandbox, seen.text);
    });
}
