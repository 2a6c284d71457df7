//! Writes one choice into the person's own `config.toml`, and leaves every other letter of it
//! alone.

use std::fs;
use std::io;
use std::path::Path;

use toml_edit::Document;

use crate::base::files;
use crate::protocol::{ConfigEdit, ConfigMerge, ConfigValue};

use super::edit::edited;
use super::{ConfigError, Paths, Whence};

/// Sets `auth_file` (a path, or the word `opencode`) for this and all later starts. Comments, order
/// and layout stay.
///
/// # Errors
///
/// The file cannot be read or written, or is not TOML ([`ConfigError::Malformed`]); it stays as it
/// is then.
pub fn remember_auth_file(paths: &Paths, choice: &str) -> Result<(), ConfigError> {
    let path = paths.config_file();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ConfigError::Read { path, source }),
    };
    let changed = set(&path, &text, "auth_file", choice)?;
    if changed == text {
        Ok(())
    } else {
        files::replace(&path, changed.as_bytes()).map_err(|source| ConfigError::Write { source })
    }
}

/// The text with a root key set to a string.
fn set(path: &Path, text: &str, key: &str, value: &str) -> Result<String, ConfigError> {
    let value = Some(ConfigValue::Text(value.to_owned()));
    let edit = ConfigEdit { path: vec![key.to_owned()], value, merge: ConfigMerge::Replace };
    edited(text, &[edit]).map_err(|detail| {
        let error = Document::parse(text).err().and_then(|error| error.span());
        let whence = Whence::at(path, text, error.map_or(0, |span| span.start));
        ConfigError::Malformed { whence, detail }
    })
}

/// A basic string of TOML 1.0.
pub(super) fn quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use toml_edit::Item;

    use super::*;

    #[test]
    fn the_choice_lands_among_the_root_keys_and_nothing_else_moves() {
        let path = Path::new("config.toml");
        for (before, after) in [
            ("", "auth_file = \"opencode\"\n"),
            (
                "# mine\nmodel = \"m\" # good\n",
                "# mine\nmodel = \"m\" # good\nauth_file = \"opencode\"\n",
            ),
            ("model = \"m\"", "model = \"m\"\nauth_file = \"opencode\"\n"),
            (
                "auth_file = '/old' # was\nmodel=\"m\"\n",
                "auth_file = \"opencode\" # was\nmodel=\"m\"\n",
            ),
            (
                "model = \"m\"\n\n# where\n[origins]\nauth = \"https://a\"\n",
                "model = \"m\"\nauth_file = \"opencode\"\n\n# where\n[origins]\nauth = \"https://a\"\n",
            ),
            (
                "[origins]\nauth = \"https://a\"\n",
                "auth_file = \"opencode\"\n[origins]\nauth = \"https://a\"\n",
            ),
            (
                "[origins]\nauth_file = \"x\"\n",
                "auth_file = \"opencode\"\n[origins]\nauth_file = \"x\"\n",
            ),
            ("\u{feff}auth_file = 'é'\n", "auth_file = \"opencode\"\n"),
            ("\u{feff}[origins]\n", "auth_file = \"opencode\"\n[origins]\n"),
        ] {
            assert_eq!(set(path, before, "auth_file", "opencode").unwrap(), after, "{before:?}");
        }
    }

    #[test]
    fn a_path_with_odd_letters_is_read_back_as_it_was() {
        let odd = "/a \"b\"\\c\t\u{1}é";
        let text = set(Path::new("config.toml"), "", "auth_file", odd).unwrap();
        assert_eq!(
            Document::parse(&text).unwrap().get("auth_file").and_then(Item::as_str),
            Some(odd)
        );
    }

    #[test]
    fn the_file_is_made_private_in_a_private_folder_and_a_symlink_stays_one() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path()).unwrap();
        remember_auth_file(&paths, "opencode").unwrap();
        assert_eq!(fs::read_to_string(paths.config_file()).unwrap(), "auth_file = \"opencode\"\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&paths.config), mode(&paths.config_file())), (0o700, 0o600));

            let dotfile = home.path().join("dotfile.toml");
            fs::rename(paths.config_file(), &dotfile).unwrap();
            std::os::unix::fs::symlink(&dotfile, paths.config_file()).unwrap();
            remember_auth_file(&paths, "/elsewhere.json").unwrap();
            assert!(fs::symlink_metadata(paths.config_file()).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(dotfile).unwrap(), "auth_file = \"/elsewhere.json\"\n");
        }
    }

    #[test]
    fn a_file_that_is_not_toml_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path()).unwrap();
        fs::create_dir_all(&paths.config).unwrap();
        fs::write(paths.config_file(), "model = \n").unwrap();
        assert!(matches!(
            remember_auth_file(&paths, "opencode"),
            Err(ConfigError::Malformed { .. })
        ));
        assert_eq!(fs::read_to_string(paths.config_file()).unwrap(), "model = \n");
    }
}
