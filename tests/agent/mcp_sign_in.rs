//! Signing in to an MCP server: by the browser, by a pasted address, renewed once, and out again.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::fixture::Fixture;
use crate::stage::sentences;
use crate::stage::visit;

const DESCRIPTION: &str = "/.well-known/oauth-protected-resource/mcp";

struct Scene(Fixture);

impl Scene {
    fn new() -> Self {
        let scene = Self(Fixture::new());
        scene.set("/mcp");
        scene
    }

    /// Has the settings name the stand-in's server at this path.
    fn set(&self, path: &str) {
        let settings = self.0.stage.home.path().join("config/config.toml");
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        let origin = self.0.stage.stand.origin();
        fs::write(settings, format!("[mcp.far]\nurl = '{origin}{path}'\n")).unwrap();
    }

    fn mcp(&self, arguments: &[&str]) -> Child {
        let mut command = self.0.program();
        command.arg("mcp").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn file(&self) -> PathBuf {
        self.0.stage.home.auth_file().with_file_name("mcp-auth.json")
    }

    /// The tools of the server that a prompt's request carries.
    fn tools(&self) -> Vec<String> {
        self.0.script([ScriptedAnswer::says("Hello.")]);
        let output = self.0.run(&["hello"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let mut tools = Fixture::tools(&self.0.last());
        tools.retain(|name| name.starts_with("mcp__far__"));
        tools
    }

    /// Signs in; `ends` gets the address that the browser is sent back to.
    fn login(&self, ends: impl FnOnce(&mut Child, &str)) -> Output {
        let mut child = self.mcp(&["login", "far"]);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let page = lines.find_map(|line| {
            line.unwrap().trim().strip_prefix("http://127.0.0.1").map(str::to_owned)
        });
        let page = visit(&format!("http://localhost{}", page.expect("an address to approve at")));
        let back = page.lines().find_map(|line| line.strip_prefix("location: "));
        ends(&mut child, back.unwrap_or_else(|| panic!("{page}")));
        // It goes on writing.
        std::thread::spawn(move || lines.for_each(drop));
        child.wait_with_output().unwrap()
    }

    fn requests(&self, path: &str) -> usize {
        self.0.stage.stand.requests_to(path).len()
    }
}

#[test]
fn a_browser_signs_in_one_of_many_programs_renews_and_one_signs_out() {
    let scene = Scene::new();
    assert!(scene.tools().is_empty());
    let output = scene.login(|_, back| {
        let page = visit(back);
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    });
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mode = fs::metadata(scene.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(scene.tools().contains(&"mcp__far__echo".to_owned()));

    scene.0.stage.stand.revoke_mcp_tokens();
    scene.0.script((0..4).map(|_| ScriptedAnswer::says("Hello.")));
    let runs: Vec<Child> = (0..4)
        .map(|_| {
            let mut command = scene.0.command(&["hello"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for run in runs {
        assert_eq!(run.wait_with_output().unwrap().status.code(), Some(0));
    }
    assert_eq!(scene.0.stage.stand.mcp_renewals(), 1);
    for request in scene.0.stage.stand.responses().iter().rev().take(4) {
        assert!(Fixture::tools(request).contains(&"mcp__far__echo".to_owned()));
    }

    let output = scene.mcp(&["logout", "far"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(scene.tools().is_empty());
    let output = scene.mcp(&["logout", "far"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    scene.0.stage.stand.check().unwrap();
}

#[test]
fn a_pasted_address_signs_in_and_its_token_goes_to_no_other_address() {
    let scene = Scene::new();
    let output = scene.login(|child, back| {
        writeln!(child.stdin.as_mut().unwrap(), "{back}").unwrap();
    });
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!scene.tools().is_empty());
    scene.set("/mcp?other");
    assert!(scene.tools().is_empty());
    let last = scene.0.stage.stand.requests_to("/mcp").pop().unwrap();
    assert_eq!((last.query.as_str(), last.bearer()), ("other", None));
}

#[test]
fn a_server_that_describes_another_or_leads_elsewhere_is_not_signed_in_to() {
    let elsewhere = json!({ "resource": "https://other.example/mcp" });
    let origin = |scene: &Scene| scene.0.stage.stand.origin().to_string();
    for (what, description) in [
        (
            "another server's",
            Box::new(move |_: &Scene| elsewhere.clone()) as Box<dyn Fn(&Scene) -> _>,
        ),
        (
            "an address without https",
            Box::new(move |scene: &Scene| {
                json!({
                    "resource": format!("{}/mcp", origin(scene)),
                    "authorization_servers": ["http://sign-in.example"],
                })
            }),
        ),
    ] {
        let scene = Scene::new();
        scene.0.stage.stand.fault(DESCRIPTION, ScriptedAnswer::json(&description(&scene)));
        let output = scene.mcp(&["login", "far"]).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{what}: {output:?}");
        assert_eq!(scene.requests("/mcp-auth/register"), 0, "{what}");
        assert!(!scene.file().exists(), "{what}");
    }
    let output = Scene::new().mcp(&["login", "nobody"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn the_dialog_signs_in_the_server_is_ready_by_itself_and_one_signs_out() {
    let scene = Scene::new();
    let terminal = scene.0.open(&[]);
    terminal.type_text("/mcp");
    terminal.press("enter");
    terminal.wait_for(sentences::SERVER_WANTS_SIGN_IN);
    terminal.press("i");
    terminal.wait_for(sentences::OPEN_LINK);
    let link = terminal.copied_link();
    terminal.press("esc");
    terminal.wait_for(sentences::SERVER_WANTS_SIGN_IN);
    terminal.press("i");
    terminal.wait_for(sentences::OPEN_LINK);
    let second = terminal.copied_link();
    assert_ne!(link, second);
    let page = visit(&second.replacen("127.0.0.1", "localhost", 1));
    let back = page.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    terminal.paste(back).press("enter");
    terminal.wait_for("ready, 12 tools");
    terminal.press("x");
    terminal.wait_for(sentences::SERVER_WANTS_SIGN_IN);
    terminal.press("esc");
    terminal.wait_gone("MCP servers");
    scene.0.leave(&terminal);
}
