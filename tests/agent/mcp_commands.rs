//! `codling mcp`, over the real program.

use std::fs;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::fixture::Fixture;

/// A fixture, and `codling mcp` in its folder.
struct Scene(Fixture);

impl Scene {
    fn new() -> Self {
        Self(Fixture::new())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.0.program();
        command.arg("mcp").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.output().unwrap()
    }

    /// The output of a command that must succeed.
    fn out(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn listed(&self) -> Vec<Value> {
        serde_json::from_str(&self.out(&["list", "--json"])).unwrap()
    }

    fn settings(&self) -> String {
        let file = self.0.stage.home.path().join("config/config.toml");
        fs::read_to_string(file).unwrap_or_default()
    }
}

#[test]
fn a_server_is_added_listed_shown_and_removed() {
    let scene = Scene::new();
    assert!(scene.listed().is_empty());
    scene.out(&[
        "add",
        "docs",
        "--env",
        "TOKEN=sk-secret=1",
        "--",
        "docs-server",
        "--port",
        "4000",
    ]);
    scene.out(&["add", "issues", "--url", "https://mcp.example/mcp"]);
    let listed = scene.listed();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        listed[0]["transport"],
        json!({
            "type": "stdio",
            "command": "docs-server",
            "args": ["--port", "4000"],
            "env": ["TOKEN"],
            "cwd": null,
        })
    );
    assert_eq!(listed[1]["transport"]["url"], "https://mcp.example/mcp");
    for arguments in
        [&["list"][..], &["list", "--json"], &["get", "docs"], &["get", "docs", "--json"]]
    {
        let out = scene.out(arguments);
        assert!(out.contains("docs-server"), "{arguments:?}: {out}");
        assert!(!out.contains("sk-secret"), "{arguments:?}: {out}");
    }
    assert!(scene.out(&["get", "docs"]).contains("TOKEN=*****"));
    assert!(scene.settings().contains("sk-secret=1"), "the value is whole");
    scene.out(&["remove", "docs"]);
    let names: Vec<_> = scene.listed().iter().map(|server| server["name"].clone()).collect();
    assert_eq!(names, ["issues"]);
}

#[test]
fn adding_replaces_and_leaves_the_rest_of_the_settings_as_it_is() {
    let scene = Scene::new();
    let file = scene.0.stage.home.path().join("config/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let own = "# mine\neffort = \"low\"   # kept\n\n[mcp_servers.other]\ncommand = \"x\"\n";
    fs::write(&file, own).unwrap();
    scene.out(&["add", "docs", "--", "one"]);
    scene.out(&["add", "docs", "--", "two"]);
    let settings = scene.settings();
    assert!(settings.starts_with("# mine\neffort = \"low\"   # kept\n"), "{settings}");
    assert!(settings.contains("two") && !settings.contains("one"), "{settings}");
    // Codex's table of the same file counts as well.
    scene.out(&["remove", "other"]);
    scene.out(&["remove", "docs"]);
    assert!(scene.listed().is_empty(), "{}", scene.settings());
}

#[test]
fn what_cannot_be_a_server_is_not_written() {
    let scene = Scene::new();
    for arguments in [
        &["add", "a__b", "--", "x"][..],
        &["add", "a b", "--", "x"],
        &["add", "docs"],
        &["add", "docs", "--", ""],
        &["add", "docs", "--url", "http://far.example/mcp"],
        &["add", "docs", "--url", "nonsense"],
        &["add", "docs", "--url", "https://a.example", "--", "x"],
        &["add", "docs", "--env", "sk-secret", "--", "x"],
        &["add", "docs", "--url", "https://a.example", "--env", "A=b"],
        &["get", "docs"],
        &["remove", "docs"],
    ] {
        let output = scene.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(!told.contains("sk-secret") || told.contains("Usage"), "{arguments:?}: {told}");
        assert_eq!(scene.settings(), "", "{arguments:?}");
    }
}

#[test]
fn a_folders_servers_are_listed_with_whether_they_are_trusted_and_are_not_removed_from_there() {
    let scene = Scene::new();
    let config = json!({ "mcpServers": { "theirs": { "command": "touch", "args": ["PWNED"] } } });
    scene.0.write(".mcp.json", &config.to_string());
    let listed = scene.listed();
    assert_eq!((&listed[0]["name"], &listed[0]["trusted"]), (&json!("theirs"), &json!(false)));
    assert!(scene.out(&["list"]).contains("not trusted"));
    let output = scene.run(&["remove", "theirs"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(".mcp.json"), "{output:?}");
    assert_eq!(scene.0.read("PWNED"), None, "listing starts nothing");
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_listed() {
    let scene = Scene::new();
    scene.out(&["add", "docs", "--", "x"]);
    scene.0.write(".mcp.json", "{");
    let output = scene.run(&["list", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains(".mcp.json"), "{output:?}");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()[0]["name"], "docs");
}
