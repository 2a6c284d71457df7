//! Permission rules that a person kept for one folder with "always, from now on": `allowed.toml`
//! among their own files. Judges no call.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Document, DocumentMut, Item, Table, TomlError};

use crate::base::files::Lock;
use crate::protocol::{Rule, Ruling};

use super::auth_file_choice::quote;
use super::{ConfigError, Paths, Whence, permission};

/// A file larger than this was not written here.
const LIMIT: u64 = 1 << 20;
const HEADER: &str = "\
# What you allowed in a folder from now on. Delete an entry, and codling asks again.
";
const ENTRY: &str = "a table with `folder` and one of `edit`, `shell`, `read`, `webfetch`, `tool`, `external_directory`, `doom_loop`";

/// The rules of one folder.
#[derive(Clone, Debug)]
pub struct AllowedRules {
    path: PathBuf,
    /// With every link on the way to it followed.
    folder: PathBuf,
}

impl AllowedRules {
    /// Those of `folder`, with every link on the way to it followed.
    pub fn of(paths: &Paths, folder: PathBuf) -> Self {
        Self { path: paths.allowed_file(), folder }
    }

    /// The file in which the rules of all folders stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// In the order they were kept; none where there is no file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds something else than is written here: it may have been
    /// edited by hand.
    pub fn read(&self) -> Result<Vec<Rule>, ConfigError> {
        self.parse(&self.text()?)
    }

    /// Adds what is not there yet, at the end; what stands before it stays as it is.
    ///
    /// # Errors
    ///
    /// The folder's name is not UTF-8, or the file cannot be read, understood or written.
    pub fn keep(&self, rules: &[Rule]) -> Result<(), ConfigError> {
        let Some(folder) = self.folder.to_str() else {
            return Err(ConfigError::FolderName { path: self.folder.clone() });
        };
        let lock = Lock::take(&self.path).map_err(|source| ConfigError::Write { source })?;
        let mut text = self.text()?;
        let known = self.parse(&text)?;
        if text.is_empty() {
            text.push_str(HEADER);
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        for rule in
            rules.iter().filter(|rule| rule.ruling == Ruling::Allow && !known.contains(rule))
        {
            let (folder, pattern) = (quote(folder), quote(&rule.pattern));
            text.push_str(&format!(
                "\n[[allow]]\nfolder = {folder}\n{} = {pattern}\n",
                quote_key(rule.subject.as_str())
            ));
        }
        lock.replace(text.as_bytes()).map_err(|source| ConfigError::Write { source })
    }

    /// Takes these out again; whatever else is in the file stays as it is.
    ///
    /// # Errors
    ///
    /// The file cannot be read, understood or written.
    pub fn forget(&self, rules: &[Rule]) -> Result<(), ConfigError> {
        let lock = Lock::take(&self.path).map_err(|source| ConfigError::Write { source })?;
        let text = self.text()?;
        // A file that is not understood is an error, and left alone.
        self.parse(&text)?;
        let mut document: DocumentMut =
            text.parse().map_err(|error| self.malformed(&text, &error))?;
        let Some(entries) = document.get_mut("allow").and_then(Item::as_array_of_tables_mut) else {
            return Ok(());
        };
        entries.retain(|entry| {
            !read_entry(entry).is_some_and(|(folder, rule)| {
                Path::new(folder) == self.folder && rules.contains(&rule)
            })
        });
        let mut after = document.to_string();
        // The words at the top belong to the first entry.
        if text.starts_with(HEADER) && !after.starts_with(HEADER) {
            after = format!("{HEADER}{}{after}", if after.starts_with('\n') { "" } else { "\n" });
        }
        lock.replace(after.as_bytes()).map_err(|source| ConfigError::Write { source })
    }

    fn text(&self) -> Result<String, ConfigError> {
        let path = || self.path.clone();
        match fs::metadata(&self.path) {
            Ok(found) if found.len() > LIMIT => {
                return Err(ConfigError::TooLarge { path: path(), limit: LIMIT });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            Err(source) => return Err(ConfigError::Read { path: path(), source }),
        }
        fs::read_to_string(&self.path).map_err(|source| ConfigError::Read { path: path(), source })
    }

    fn malformed(&self, text: &str, error: &TomlError) -> ConfigError {
        ConfigError::Malformed {
            whence: Whence::at(&self.path, text, error.span().map_or(0, |span| span.start)),
            detail: error.message().lines().collect::<Vec<_>>().join(", "),
        }
    }

    fn parse(&self, text: &str) -> Result<Vec<Rule>, ConfigError> {
        let document = Document::parse(text).map_err(|error| self.malformed(text, &error))?;
        let Some(entries) = document.as_table().get("allow") else { return Ok(Vec::new()) };
        let wrong = |span: Option<std::ops::Range<usize>>| ConfigError::Value {
            whence: Whence::at(&self.path, text, span.map_or(0, |span| span.start)),
            key: "allow".into(),
            expected: ENTRY.into(),
            found: "something else".into(),
        };
        let entries = entries.as_array_of_tables().ok_or_else(|| wrong(entries.span()))?;
        let mut rules = Vec::new();
        for entry in entries {
            let (folder, rule) = read_entry(entry).ok_or_else(|| wrong(entry.span()))?;
            if Path::new(folder) == self.folder {
                rules.push(rule);
            }
        }
        Ok(rules)
    }
}

fn read_entry(entry: &Table) -> Option<(&str, Rule)> {
    let folder = entry.get("folder").and_then(Item::as_str)?;
    let mut others = entry.iter().filter(|(key, _)| *key != "folder");
    let (Some((key, item)), None) = (others.next(), others.next()) else { return None };
    let rule = permission::rule(permission::subject(key)?, item.as_str()?, Ruling::Allow, None)?;
    Some((folder, rule))
}

/// `*` needs quotes, words do not.
fn quote_key(key: &str) -> String {
    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        key.to_owned()
    } else {
        quote(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RuleSubject;

    fn rule(subject: RuleSubject, pattern: &str) -> Rule {
        Rule::new(subject, pattern, Ruling::Allow)
    }

    fn rules_of(home: &Path, folder: &str) -> AllowedRules {
        AllowedRules::of(&Paths::under(home).unwrap(), folder.into())
    }

    #[test]
    fn a_rule_that_is_kept_is_there_the_next_time_in_this_folder_alone() {
        let home = tempfile::tempdir().unwrap();
        let here = rules_of(home.path(), "/srv/\"odd\" one");
        assert_eq!(here.read().unwrap(), []);
        let first = [
            rule(RuleSubject::Shell, "cargo test *"),
            rule(RuleSubject::Edit, "*"),
            rule(RuleSubject::Any, "*"),
        ];
        here.keep(&first).unwrap();
        here.keep(&[first[0].clone(), rule(RuleSubject::Outside, "/srv/b\\c")]).unwrap();
        assert_eq!(
            here.read().unwrap(),
            [&first[..], &[rule(RuleSubject::Outside, "/srv/b\\c")]].concat()
        );
        assert_eq!(rules_of(home.path(), "/srv").read().unwrap(), []);
        rules_of(home.path(), "/srv").keep(&[rule(RuleSubject::Read, "x")]).unwrap();
        assert_eq!(
            (here.read().unwrap().len(), rules_of(home.path(), "/srv").read().unwrap().len()),
            (4, 1)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(here.path()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_rule_that_is_taken_back_is_gone_here_and_nothing_else_is() {
        let home = tempfile::tempdir().unwrap();
        let (here, other) = (rules_of(home.path(), "/srv"), rules_of(home.path(), "/other"));
        let rules = ["cargo *", "ls", "make"].map(|pattern| rule(RuleSubject::Shell, pattern));
        here.keep(&rules).unwrap();
        other.keep(&rules).unwrap();
        let before = fs::read_to_string(here.path()).unwrap();
        fs::write(here.path(), before.replace("\"ls\"", "\"ls\" # mine")).unwrap();
        here.forget(&rules[..1]).unwrap();
        assert_eq!(
            (here.read().unwrap(), other.read().unwrap()),
            (rules[1..].into(), rules.into())
        );
        let after = fs::read_to_string(here.path()).unwrap();
        assert!(after.starts_with(HEADER) && after.contains("\"ls\" # mine"), "{after}");
        here.forget(&here.read().unwrap()).unwrap();
        other.forget(&other.read().unwrap()).unwrap();
        assert_eq!((here.read().unwrap(), other.read().unwrap()), (vec![], vec![]));
        here.forget(&[rule(RuleSubject::Shell, "ls")]).unwrap();
        here.keep(&[rule(RuleSubject::Shell, "ls")]).unwrap();
        assert_eq!(here.read().unwrap().len(), 1);
    }

    #[test]
    fn what_a_person_wrote_beside_it_stays() {
        let home = tempfile::tempdir().unwrap();
        let here = rules_of(home.path(), "/srv");
        here.keep(&[rule(RuleSubject::Shell, "ls")]).unwrap();
        let before =
            fs::read_to_string(here.path()).unwrap().replace("[[allow]]", "# mine\n[[allow]]");
        fs::write(here.path(), before.trim_end()).unwrap();
        here.keep(&[rule(RuleSubject::Shell, "pwd")]).unwrap();
        let after = fs::read_to_string(here.path()).unwrap();
        assert!(after.starts_with(before.trim_end()) && here.read().unwrap().len() == 2, "{after}");
    }

    #[test]
    fn a_file_that_is_not_understood_is_told_and_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let here = rules_of(home.path(), "/srv");
        fs::create_dir_all(here.path().parent().unwrap()).unwrap();
        for text in [
            "allow = 3\n",
            "[[allow]]\nfolder = '/srv'\n",
            "[[allow]]\nshell = 'ls'\n",
            "[[allow]]\nfolder = '/srv'\nshell = 'ls'\nedit = '*'\n",
            "[[allow]]\nfolder = '/srv'\nsing = 'ls'\n",
            "allow = \n",
        ] {
            fs::write(here.path(), text).unwrap();
            assert!(
                here.read().is_err() && here.keep(&[rule(RuleSubject::Shell, "ls")]).is_err(),
                "{text}"
            );
            assert_eq!(fs::read_to_string(here.path()).unwrap(), text);
        }
    }
}
