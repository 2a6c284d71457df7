//! Single hosts and folders of the sandbox: what is offered, and what runs once it is open.

use super::*;
use crate::policy::{kept_in, openings};
use crate::protocol::{AllowedHost, Grant};

fn grant(text: &str) -> Grant {
    if text.starts_with('/') { Grant::Folder(text.into()) } else { Grant::Host(AllowedHost::parse(text).unwrap()) }
}

fn offered(law: &Law, stance: &Stance, line: &str) -> Vec<String> {
    openings(law, &[], stance, &command(line), &[]).iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_line_needs_is_offered_in_auto_and_once_open_it_runs_in_the_sandbox() {
    for (line, opens) in [
        ("curl -sS https://a.org/x", &["a.org"][..]),
        ("curl https://a.org/x > /srv/out/x", &["/srv/out", "a.org"]),
        ("git clone https://github.com/x/y", &["github.com"]),
        ("cargo add serde", &["crates.io", "index.crates.io", "static.crates.io"]),
        ("npm install && cargo test", &["registry.npmjs.org"]),
        ("cp a /srv/out/b", &["/srv/out"]),
        ("cp a /home/ada/b", &[]),
        ("cp a /home/ada/.ssh/b", &[]),
        ("echo a > /etc/cron.d/x", &[]),
        ("cp a /etc/b", &[]),
        ("cp a /usr/local/bin/b", &[]),
        ("cp a /b", &[]),
        ("cp a /srv/b", &[]),
        ("cp a /home/b", &[]),
        ("cp a /home/eve/b", &[]),
        ("cp a /home/ada/bin/b", &[]),
        ("curl http://a.org/x", &[]),
        ("curl https://a.org/x | sudo sh", &[]),
        ("git push https://github.com/x/y", &[]),
        ("rm -rf /srv/out/b && rm -rf ~", &[]),
        ("cat a", &[]),
    ] {
        let mut law = law(&[]);
        let mut found = offered(&law, &stance(Mode::Auto), line);
        found.sort();
        assert_eq!(found, opens, "{line}");
        for mode in [Mode::ReadOnly, Mode::Ask, Mode::Full] {
            assert!(offered(&law, &stance(mode), line).is_empty(), "{mode:?} {line}");
        }
        opens.iter().for_each(|text| law.grants.add(grant(text)));
        if !opens.is_empty() {
            assert_eq!(asked(&law, &[], Mode::Auto, line).0, "run", "{line}");
            assert_ne!(asked(&law, &[], Mode::Ask, line).0, "run", "{line}");
            assert!(offered(&law, &stance(Mode::Auto), line).is_empty());
        }
    }
}

#[test]
fn hosts_are_neither_offered_nor_open_where_a_command_has_no_network_of_its_own() {
    let mut law = law(&[]);
    let line = "curl https://a.org/x";
    for sandbox in Sandbox::ALL {
        let stance = Stance { sandbox, ..stance(Mode::Auto) };
        assert_eq!(!offered(&law, &stance, line).is_empty(), sandbox.has_network(), "{sandbox:?}");
    }
    law.grants.add(grant("a.org"));
    for sandbox in Sandbox::ALL {
        let verdict = judge(&law, &[], &Stance { sandbox, ..stance(Mode::Auto) }, &command(line));
        assert_eq!(word(&verdict), if sandbox.has_network() { "run" } else { "ask" }, "{sandbox:?}");
    }
}

#[test]
fn what_asked_to_be_let_out_is_kept_in_where_what_it_needs_is_opened() {
    let law = law(&[]);
    let wish = Deed {
        kind: match command("make").kind {
            DeedKind::Command { line, folder, .. } => DeedKind::Command { line, folder, wanted: Wanted::Unconfined },
            other => other,
        },
        ..command("make")
    };
    let host = AllowedHost::parse("a.org").unwrap();
    assert_eq!(openings(&law, &[], &stance(Mode::Auto), &wish, std::slice::from_ref(&host)), [Grant::Host(host)]);
    let (deed, leave) = kept_in(&law, &[], &stance(Mode::Auto), &wish).unwrap();
    assert_eq!((deed, leave.confinement), (command("make"), Confinement::Folder));
    assert!(kept_in(&law, &[], &stance(Mode::Ask), &wish).is_none());
}
