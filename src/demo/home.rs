//! A throw-away home: everything codling keeps lies in one temporary folder, which is removed with
//! it. Knows nothing of what is kept there but auth.json.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::demo::accounts::issuer::Tokens;
use crate::demo::server::stand::Stand;

/// A temporary folder for `CODLING_HOME`. Dropping it removes the folder and everything in it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// A fresh, empty home that nobody else may look into (0700).
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be made.
    pub fn create() -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("codling-demo-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Ok(Self { folder: builder.tempdir()? })
    }

    /// For `CODLING_HOME`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where `CODLING_HOME` puts the credentials.
    pub fn auth_file(&self) -> PathBuf {
        self.path().join("data").join("auth.json")
    }

    /// The environment of a codling that lives here and talks to a stand only: what to set, and
    /// (`None`) what must not be set, lest a credential or a setting of the user's gets in.
    pub fn environment(&self, stand: &Stand) -> Vec<(&'static str, Option<String>)> {
        let origin = stand.origin().to_string();
        let elsewhere = self.path().join("elsewhere").display().to_string();
        vec![
            ("CODLING_HOME", Some(self.path().display().to_string())),
            ("CODLING_AUTH_ORIGIN", Some(origin.clone())),
            ("CODLING_CHATGPT_ORIGIN", Some(origin.clone())),
            ("CODLING_API_ORIGIN", Some(origin)),
            // Neither the public catalogue nor servers of this machine.
            ("OPENCODE_DISABLE_MODELS_FETCH", Some("1".into())),
            // Where opencode's auth.json is looked for: here, there is none.
            ("XDG_DATA_HOME", Some(elsewhere)),
            // A proxy cannot know what listens on this machine's loopback.
            ("NO_PROXY", Some("127.0.0.1,localhost,::1".into())),
            ("CODLING_AUTH_FILE", None),
            ("OPENAI_API_KEY", None),
        ]
    }

    /// Signs in with tokens of a stand, as if it had been done through /connect.
    ///
    /// # Errors
    ///
    /// Fails if `auth.json` cannot be written.
    pub fn sign_in(&self, tokens: &Tokens) -> io::Result<()> {
        let mut entry = json!({ "type": "oauth", "refresh": tokens.refresh, "access": tokens.access, "expires": tokens.expires.0 });
        if let Some(account) = &tokens.account {
            entry["accountId"] = Value::from(account.as_str());
        }
        self.save(&json!({ "openai": entry }))
    }

    /// Signs in with an API key.
    ///
    /// # Errors
    ///
    /// Fails if `auth.json` cannot be written.
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
    use crate::demo::Options;

    fn tokens() -> Tokens {
        Tokens {
            id: "i".into(),
            access: "a".into(),
            refresh: "r".into(),
            account: Some("acct".into()),
            expires: Timestamp(7),
        }
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
    fn nothing_of_the_users_gets_into_the_environment() {
        let (home, stand) = (Home::create().unwrap(), Stand::start(Options::default()).unwrap());
        let environment = home.environment(&stand);
        let value =
            |name: &str| environment.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(value("CODLING_API_ORIGIN"), Some(stand.origin().to_string()));
        assert_eq!((value("OPENAI_API_KEY"), value("CODLING_AUTH_FILE")), (None, None));
        assert!(value("CODLING_HOME").is_some_and(|home| {
            value("XDG_DATA_HOME").is_some_and(|data| data.starts_with(&home))
        }));
    }

    #[test]
    fn a_sign_in_is_written_in_the_shape_and_modes_of_a_real_one() {
        let home = Home::create().unwrap();
        home.sign_in(&tokens()).unwrap();
        let entries: Value = serde_json::from_slice(&fs::read(home.auth_file()).unwrap()).unwrap();
        assert_eq!(
            entries,
            json!({ "openai": { "type": "oauth", "refresh": "r", "access": "a", "expires": 7, "accountId": "acct" } })
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(
                (
                    mode(home.path()),
                    mode(home.auth_file().parent().unwrap()),
                    mode(&home.auth_file())
                ),
                (0o700, 0o700, 0o600)
            );
        }
    }
}
