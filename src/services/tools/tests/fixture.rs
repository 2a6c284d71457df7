//! For tests of tools that change files: a folder, one session's toolbox, and calls that are
//! understood before they run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::protocol::{
    ActionKind, CallId, CallOutput, Confinement, FileDiff, Grant, PlannedAction, ToolCall,
    ToolResult,
};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::{CallSurroundings, Toolbox};

pub struct Fixture {
    dir: tempfile::TempDir,
    pub toolbox: Toolbox,
    runtime: tokio::runtime::Runtime,
}

impl Fixture {
    /// With files, in a folder `in` of a folder of its own.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("in")).unwrap();
        let private = vec![dir.path().join("in/auth.json")];
        let toolbox = Toolbox::of(dir.path().join("in"), private);
        let fixture = Self {
            dir,
            toolbox,
            runtime: tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap(),
        };
        for (path, text) in files {
            fixture.put(path, text);
        }
        fixture
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("in").join(path)
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    pub fn get(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Every file, also hidden ones, and every empty folder.
    pub fn tree(&self) -> Vec<String> {
        let root = self.path("");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let entries: Vec<PathBuf> =
                fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            let shown =
                |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if entries.is_empty() && folder != root {
                found.push(format!("{}/", shown(&folder)));
            }
            for path in entries {
                if fs::symlink_metadata(&path).unwrap().is_dir() {
                    folders.push(path)
                } else {
                    found.push(shown(&path))
                }
            }
        }
        found.sort();
        found
    }

    pub fn read(&self, path: &str) -> &Self {
        let output = self.runtime.block_on(
            self.toolbox.answer(&call("read", serde_json::json!({ "filePath": path }).to_string())),
        );
        assert!(output.ok, "{}", output.text);
        self
    }

    pub fn understand(&self, call: &ToolCall) -> Result<PlannedAction, CallOutput> {
        self.runtime.block_on(self.toolbox.preview(call))
    }

    pub fn run(&self, call: &ToolCall, grant: Grant) -> CallOutput {
        self.runtime
            .block_on(self.toolbox.run(call, grant, Arc::new(drop), CallSurroundings::default()))
            .output
    }

    /// Allowed within the folder, and run like that.
    pub fn run_with(&self, call: &ToolCall, surroundings: CallSurroundings) -> CallOutput {
        let grant = Grant::within(Confinement::Folder);
        self.runtime.block_on(self.toolbox.run(call, grant, Arc::new(drop), surroundings)).output
    }

    /// Understood, allowed within the folder, and run: what was reviewed has to be what was done.
    pub fn act(&self, name: &str, arguments: impl ToString) -> CallOutput {
        let call = call(name, arguments);
        let action = match self.understand(&call) {
            Ok(action) => action,
            Err(refusal) => {
                assert!(
                    !refusal.ok && self.run(&call, Grant::within(Confinement::Folder)) == refusal,
                    "{}",
                    refusal.text
                );
                return refusal;
            }
        };
        let output = self.run(&call, Grant::within(Confinement::Folder));
        if output.ok {
            assert_eq!(ToolResult::Edits(diffs(&action).to_vec()), output.result);
        }
        output
    }

    pub fn ok(&self, name: &str, arguments: impl ToString) -> String {
        let output = self.act(name, arguments.to_string());
        assert!(output.ok, "{name} {}: {}", arguments.to_string(), output.text);
        output.text
    }

    /// Why a call is refused; it leaves every file as it was.
    pub fn refusal(&self, name: &str, arguments: impl ToString) -> ToolRefusal {
        let before = self.tree();
        let call = call(name, arguments);
        let (toolbox, asked) = (self.toolbox.clone(), call.clone());
        let refused = move || toolbox.refusal(&asked, Grant::within(Confinement::Folder));
        // On a thread that may block: an editor is waited for.
        let refusal = self.runtime.block_on(async { tokio::task::spawn_blocking(refused).await });
        assert_eq!(self.tree(), before, "a refused call leaves nothing");
        refusal.unwrap().unwrap_or_else(|| panic!("{call:?} was not refused"))
    }

    pub fn refused(&self, name: &str, arguments: impl ToString) -> String {
        let before = self.tree();
        let output = self.act(name, arguments.to_string());
        assert!(!output.ok, "{name} {}: {}", arguments.to_string(), output.text);
        assert_eq!(self.tree(), before, "a refused call leaves nothing");
        output.text
    }
}

pub fn call(name: &str, arguments: impl ToString) -> ToolCall {
    ToolCall { id: CallId::from("call_1"), name: name.to_owned(), arguments: arguments.to_string() }
}

pub fn diffs(action: &PlannedAction) -> &[FileDiff] {
    match &action.kind {
        ActionKind::Change { diffs, .. } => diffs,
        other => panic!("{other:?}"),
    }
}

/// Asserts on the kind of a refusal; its sentence is asserted in `call/refusal/tests.rs`.
macro_rules! assert_kind {
    ($refusal:expr, $kind:pat) => {{
        let refusal = $refusal;
        assert!(matches!(refusal, $kind), "{refusal:?}");
    }};
}
pub(crate) use assert_kind;
