//! A throw-away home: everything codling keeps lies in one temporary folder, which is removed with it. Knows nothing of what is kept there but auth.json.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use super::issuer::Tokens;

/// What `CODLING_HOME` is to be set to. Dropping it removes the folder and all that is in it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// A fresh, empty home that nobody else may look into (0700).
    pub fn create() -> io::Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("codling-demo-").tempdir()? })
    }

    /// For `CODLING_HOME`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where `CODLING_HOME` puts the credentials.
    pub fn auth_file(&self) -> PathBuf {
        self.path().join("data").join("auth.json")
    }

    /// Signs in with tokens of a stand, as if it had been done through /connect.
    pub fn sign_in(&self, tokens: &Tokens) -> io::Result<()> {
        let mut entry = json!({ "type": "oauth", "refresh": tokens.refresh, "access": tokens.access, "expires": tokens.expires.0 });
        if let Some(account) = &tokens.account {
            entry["accountId"] = Value::from(account.as_str());
        }
        self.save(&json!({ "openai": entry }))
    }

    /// Signs in with an API key.
    pub fn sign_in_with_key(&self, key: &str) -> io::Result<()> {
        self.save(&json!({ "openai": { "type": "api", "key": key } }))
    }

    fn save(&self, entries: &Value) -> io::Result<()> {
        let file = self.auth_file();
        let folder = file.parent().unwrap_or(self.path());
        private_folder(folder)?;
        // Made 0600 from the first moment.
        let mut fresh = NamedTempFile::new_in(folder)?;
        fresh.write_all(serde_json::to_string_pretty(entries)?.as_bytes())?;
        fresh.persist(&file).map(drop).map_err(|error| error.error)
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;

    fn tokens() -> Tokens {
        Tokens { id: "i".into(), access: "a".into(), refresh: "r".into(), account: Some("acct".into()), expires: Timestamp(7) }
    }

    #[test]
    fn the_home_is_gone_with_its_holder() {
        let home = Home::create().unwrap();
        home.sign_in(&tokens()).unwrap();
        let path = home.path().to_owned();
        assert!(path.is_dir());
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn a_sign_in_is_written_in_the_shape_and_modes_of_a_real_one() {
        let home = Home::create().unwrap();
        home.sign_in(&tokens()).unwrap();
        let entries: Value = serde_json::from_slice(&fs::read(home.auth_file()).unwrap()).unwrap();
        assert_eq!(entries, json!({ "openai": { "type": "oauth", "refresh": "r", "access": "a", "expires": 7, "accountId": "acct" } }));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(home.path()), mode(home.auth_file().parent().unwrap()), mode(&home.auth_file())), (0o700, 0o700, 0o600));
        }
    }
}
