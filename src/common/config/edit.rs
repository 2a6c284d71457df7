//! Changes of the person's own `config.toml` that leave every other letter as it is: comments,
//! order, and line ends.

use sha2::{Digest, Sha256};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::base::text::hex;
use crate::protocol::{ConfigEdit, ConfigMerge, ConfigValue};

/// The version of a text: a hash of it.
pub fn version(text: &str) -> String {
    format!("sha256:{}", hex(&Sha256::digest(text)))
}

/// The text after these changes. Fails with a sentence if the text is no TOML, or if a key leads
/// through a value that is no table.
pub fn edited(text: &str, edits: &[ConfigEdit]) -> Result<String, String> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Without this, a new line would stand behind a last one that has no end.
    let is_ended = bare.is_empty() || bare.ends_with('\n');
    let ended = if is_ended { bare.to_owned() } else { format!("{bare}\n") };
    let bare = ended.as_str();
    let mut document: DocumentMut =
        bare.parse().map_err(|error: toml_edit::TomlError| error.message().replace('\n', ", "))?;
    for edit in edits {
        apply(document.as_table_mut(), &edit.path, edit.value.as_ref(), edit.merge)?;
    }
    Ok(with_its_own_lines(bare, &document.to_string()))
}

fn apply(
    table: &mut dyn TableLike,
    path: &[String],
    given: Option<&ConfigValue>,
    merge: ConfigMerge,
) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [key] => {
            put(table, key, given, merge);
            Ok(())
        }
        [key, rest @ ..] => {
            // A table need not be made for a key that is to be removed.
            if given.is_none() && !table.contains_key(key) {
                return Ok(());
            }
            let inner = table.entry(key).or_insert_with(|| Item::Table(implicit()));
            let inner = inner.as_table_like_mut();
            let inner = inner.ok_or_else(|| format!("`{key}` is no table of settings"))?;
            apply(inner, rest, given, merge)
        }
    }
}

fn put(table: &mut dyn TableLike, key: &str, given: Option<&ConfigValue>, merge: ConfigMerge) {
    let Some(given) = given else {
        table.remove(key);
        return;
    };
    if let (ConfigValue::Table(entries), ConfigMerge::Upsert) = (given, merge)
        && let Some(there) = table.get_mut(key).and_then(Item::as_table_like_mut)
    {
        return entries.iter().for_each(|(key, given)| put(there, key, Some(given), merge));
    }
    match (given, table.get_mut(key)) {
        (ConfigValue::Table(entries), None) => drop(table.insert(key, section(entries))),
        // The comment behind it stays.
        (_, Some(Item::Value(there))) => {
            let around = there.decor().clone();
            *there = plain(given);
            *there.decor_mut() = around;
        }
        (ConfigValue::Table(entries), Some(there)) => *there = section(entries),
        (_, Some(there)) => *there = value(plain(given)),
        (_, None) => drop(table.insert(key, value(plain(given)))),
    }
}

/// A table that has no line of its own while there is nothing in it.
fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

fn section(entries: &[(String, ConfigValue)]) -> Item {
    let mut table = Table::new();
    for (key, given) in entries {
        put(&mut table, key, Some(given), ConfigMerge::Replace);
    }
    Item::Table(table)
}

fn plain(given: &ConfigValue) -> Value {
    match given {
        ConfigValue::Flag(is) => (*is).into(),
        ConfigValue::Float(number) => (*number).into(),
        ConfigValue::List(list) => list.iter().map(plain).collect::<Array>().into(),
        ConfigValue::Number(number) => (*number).into(),
        ConfigValue::Table(entries) => {
            let entries = entries.iter().map(|(key, given)| (key.as_str(), plain(given)));
            entries.collect::<InlineTable>().into()
        }
        ConfigValue::Text(text) => text.as_str().into(),
    }
}

/// The lines of `after`: those that were there before keep their line ends, new ones get the most
/// frequent one.
fn with_its_own_lines(before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let is_same = |(old, new): &(&&str, &&str)| bare(old) == bare(new);
    let first = old.iter().zip(&new).take_while(is_same).count();
    let rest = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(is_same).count();
    let returns = old.iter().filter(|line| line.ends_with("\r\n")).count();
    let end = if returns * 2 > old.len() { "\r\n" } else { "\n" };
    let middle = new[first..new.len() - last].iter().map(|line| match line.ends_with('\n') {
        true => format!("{}{end}", bare(line)),
        false => (*line).to_owned(),
    });
    let kept = |lines: &[&str]| lines.concat();
    let middle: String = middle.collect();
    format!("{}{middle}{}", kept(&old[..first]), kept(&old[old.len() - last..]))
}

fn bare(line: &str) -> &str {
    line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    fn edit(path: &str, given: impl Into<Option<ConfigValue>>, merge: ConfigMerge) -> ConfigEdit {
        let path = path.split('.').map(str::to_owned).collect();
        ConfigEdit { path, value: given.into(), merge }
    }

    fn text(text: &str) -> ConfigValue {
        ConfigValue::Text(text.into())
    }

    #[test]
    fn only_what_is_meant_changes() {
        let acme = ConfigValue::Table(vec![("name".into(), text("Acme"))]);
        let port = ConfigValue::Table(vec![("b".into(), ConfigValue::Number(2))]);
        let (replace, upsert) = (ConfigMerge::Replace, ConfigMerge::Upsert);
        for (before, edit, after) in [
            ("", edit("model", text("m"), replace), "model = \"m\"\n"),
            (
                "# mine\nmodel='m' # good\n\n[origins] # where\nauth = 'a'\n",
                edit("model", text("n"), replace),
                "# mine\nmodel=\"n\" # good\n\n[origins] # where\nauth = 'a'\n",
            ),
            (
                "[origins]\nauth = 'a'\n",
                edit("effort", text("low"), replace),
                "effort = \"low\"\n[origins]\nauth = 'a'\n",
            ),
            (
                "a = 1\r\n# two\r\nb = 2\r\nc = 3\r\n",
                edit("b", ConfigValue::Number(4), replace),
                "a = 1\r\n# two\r\nb = 4\r\nc = 3\r\n",
            ),
            ("a = 1\r\n", edit("b", ConfigValue::Flag(true), replace), "a = 1\r\nb = true\r\n"),
            ("a = 1\nb = 2\n", edit("a", None, replace), "b = 2\n"),
            ("a = 1\n", edit("b.c", None, replace), "a = 1\n"),
            (
                "a = 1\n",
                edit("provider.acme", acme, upsert),
                "a = 1\n\n[provider.acme]\nname = \"Acme\"\n",
            ),
            ("[t]\na = 1 # one\n", edit("t", port.clone(), upsert), "[t]\na = 1 # one\nb = 2\n"),
            ("[t]\na = 1\n", edit("t", port.clone(), replace), "[t]\nb = 2\n"),
            ("t = { a = 1 } # t\n", edit("t", port, upsert), "t = { a = 1 , b = 2 } # t\n"),
        ] {
            assert_eq!(
                edited(before, std::slice::from_ref(&edit)).unwrap(),
                after,
                "{before:?} {edit:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_changed_is_told() {
        let through = edit("a.b", text("c"), ConfigMerge::Replace);
        assert!(says(&edited("a = 1\n", &[through]).unwrap_err(), "`a` … no table"));
        assert!(edited("a = \n", &[]).is_err());
    }

    #[test]
    fn a_version_is_another_one_for_every_text() {
        assert_ne!(version("a = 1\n"), version("a = 1\r\n"));
        assert_eq!(version("").len(), "sha256:".len() + 64);
    }
}
