//! Places that commands can write to, with the real kernel.

use std::fs;
use std::path::Path;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::ExitKind;

use super::fixture::Fixture;

#[test]
fn writing_works_in_the_folder_and_in_the_temporary_one() {
    Fixture::each(|fixture| {
        for line in [
            "echo x > new && test -s new && rm new",
            "mkdir -p a/b && mv file a/b/file && mv a/b/file file && rm -r a",
            "ln file hard && ln -s file soft && rm hard soft",
            ": > file && printf kept > file",
            "chmod +x file && chmod -x file",
            "mkfifo pipe && rm pipe",
            "echo x > \"$TMPDIR/x\" && cp \"$TMPDIR/x\" x && rm x",
            "mv \"$(mktemp)\" moved && rm moved",
            "echo x > /dev/null && echo x >&2 && { [ $(id -u) = 65534 ] || echo x > /dev/stderr; }",
            "(echo a | cat) > piped && rm piped",
        ] {
            let seen = fixture.run(Confinement::Folder, line);
            assert_eq!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
        }
    });
}

#[test]
fn writing_fails_everywhere_else_whatever_way_it_takes() {
    Fixture::each(|fixture| {
        std::os::unix::fs::symlink(&fixture.outside, fixture.folder.join("link")).unwrap();
        for line in [
            "echo x > $OUT/new",
            "echo x > $OUT/file",
            "echo x >> $OUT/file",
            ": > $OUT/file",
            "truncate -s 0 $OUT/file",
            "echo x > ../outside/new",
            "echo x > link/new",
            "rm link/file",
            "cd $OUT && touch new",
            "echo x > /proc/self/cwd/../outside/new",
            "echo x > /proc/self/root$OUT/new",
            "exec 3< $OUT/file; echo x > /proc/self/fd/3",
            "ln $OUT/file hard && echo x > hard",
            "ln file $OUT/hard",
            "ln -s x $OUT/soft",
            "mv file $OUT/moved",
            "mv $OUT/file taken",
            "mv $OUT/file $OUT/renamed",
            "rm $OUT/file",
            "rmdir $OUT/sub",
            "mkdir $OUT/made",
            "mkfifo $OUT/pipe",
            "touch $OUT/sub/new",
            "cp file $OUT/sub/copy",
            "(cd / && echo x > tmp/codling-test-escape)",
        ] {
            let seen = fixture.run(Confinement::Folder, line);
            assert_ne!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
            fixture.assert_outside_untouched(line);
            assert_eq!(fs::read_to_string(fixture.folder.join("file")).unwrap(), "kept", "{line}");
            fs::remove_file(fixture.folder.join("hard")).unwrap_or_default();
        }
        assert!(!Path::new("/tmp/codling-test-escape").exists());
        // Shared memory exists, but it is the command's own.
        fixture.run(Confinement::Folder, "cp file /dev/shm/codling-test");
        assert!(!Path::new("/dev/shm/codling-test").exists());
    });
}

#[test]
fn a_command_that_may_only_read_writes_in_its_temporary_folder_alone() {
    Fixture::each(|fixture| {
        for (line, works) in [
            ("cat file", true),
            ("echo x > $TMPDIR/x", true),
            ("echo x > /dev/null", true),
            ("echo x > new", false),
            ("rm file", false),
            (": > file", false),
            ("git init -q .", false),
        ] {
            let seen = fixture.run(Confinement::ReadOnly, line);
            assert_eq!(seen.how == ExitKind::Exit(0), works, "{line}: {}", seen.text);
        }
        assert_eq!(fs::read_dir(&fixture.folder).unwrap().count(), 2);
    });
}

#[test]
fn nothing_about_files_outside_can_be_changed_where_namespaces_keep_a_command_in() {
    Fixture::each(|fixture| {
        std::os::unix::fs::symlink(fixture.outside.join("file"), fixture.folder.join("link"))
            .unwrap();
        let about = || {
            use std::os::unix::fs::MetadataExt;
            let about = fixture.outside.join("file").metadata().unwrap();
            (
                about.mode(),
                about.mtime(),
                about.ctime(),
                about.ctime_nsec(),
                about.uid(),
                about.gid(),
            )
        };
        let before = about();
        for confinement in [Confinement::Folder, Confinement::ReadOnly] {
            for (line, is_bounded) in [
                ("chmod 777 $OUT/file", false),
                ("chmod 777 link", false),
                ("touch -d 2001-01-01 $OUT/file", false),
                ("chown $(id -u) $OUT/file", true),
                ("chgrp $(id -g) $OUT/file", true),
                (
                    "python3 -c 'import os; os.setxattr(os.environ[\"OUT\"] + \"/file\", \"user.a\", b\"b\")'",
                    true,
                ),
                (
                    "python3 -c 'import os; os.fchmod(os.open(os.environ[\"OUT\"] + \"/file\", 0), 0o777)'",
                    false,
                ),
            ] {
                // Landlock does not restrict modes and times: its tier says so.
                if fixture.sandbox.has_mounts() || is_bounded {
                    let seen = fixture.run(confinement, line);
                    assert_ne!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
                    assert_eq!(about(), before, "{line}: {}", seen.text);
                }
            }
        }
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_temporary_folder_holds_so_much_and_no_more() {
    Fixture::each_that(Sandbox::has_mounts, |fixture| {
        for confinement in [Confinement::Folder, Confinement::ReadOnly] {
            // A request over the limit is refused before anything is allocated.
            let line = "echo x > $TMPDIR/a && fallocate -l 5G $TMPDIR/b";
            let seen = fixture.run(confinement, line);
            let is_full = seen.text.contains("No space left on device");
            assert!(is_full && seen.how != ExitKind::Exit(0), "{:?}: {}", seen.how, seen.text);
        }
    });
}
