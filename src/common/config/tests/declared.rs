//! Declarations of settings, and the guide's table and the editors' schema made of them.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::Fixture;
use crate::base::text::{roff::escaped, sentence};
use crate::config::permission::SUBJECTS;
use crate::config::setting::{Given, Kind, SETTINGS, SetBy, Setting, built_in, members, roots};
use crate::config::{Flags, Whence};

fn is_read(setting: &Setting, text: &str) -> bool {
    let (whence, folder) = (&Whence::Flag("test"), Path::new("/"));
    let given = Given { text, whence, folder, home: None, closed: &[] };
    matches!(setting.read(&mut built_in(), &given), Ok(Some(())))
}

/// A value that the setting can have, as a file has it.
fn sample(setting: &Setting) -> String {
    match setting.kind {
        Kind::Word(..) | Kind::Choice(_) => {
            format!("{} = '{}'", setting.key, setting.kind.words()[0])
        }
        Kind::Number { to, .. } => format!("{} = {to}", setting.key),
        Kind::Switch { .. } => format!("{} = true", setting.key),
        Kind::Address(_) => format!("{} = 'https://a.example'", setting.key),
        Kind::List(..) => format!("{} = []", setting.key),
        Kind::Text(..) | Kind::OneOrMore(..) => format!("{} = 'opencode'", setting.key),
        Kind::Permissions | Kind::Providers | Kind::Servers => format!("{} = {{}}", setting.key),
    }
}

#[test]
fn every_value_that_a_setting_names_is_read_and_no_other() {
    for setting in SETTINGS {
        assert!(setting.default.is_empty() || is_read(setting, setting.default), "{setting:?}");
        match setting.kind {
            Kind::Word(..) | Kind::Choice(_) | Kind::Switch { .. } => {
                let words = setting.kind.words();
                assert!(words.iter().all(|word| is_read(setting, word)), "{setting:?}");
                assert!(!is_read(setting, "nothing"), "{setting:?}");
            }
            Kind::Number { from, to, .. } => {
                let reads = [i64::from(from) - 1, from.into(), to.into(), i64::from(to) + 1]
                    .map(|n| is_read(setting, &n.to_string()));
                assert_eq!(reads, [false, true, true, false], "{setting:?}");
                assert!(!setting.default.is_empty(), "a number has no other built-in value");
            }
            _ => {}
        }
        let is_list = matches!(setting.kind, Kind::List(..) | Kind::OneOrMore(..));
        let has_one_source =
            setting.set_by == SetBy::Person && (setting.flag, setting.variable) == (None, None);
        assert!(!is_list || has_one_source, "lists of two sources would be joined: {setting:?}");
    }
    let mut keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), SETTINGS.len(), "a setting is declared once");
}

#[test]
fn each_setting_is_its_owners_alone_to_set() {
    for setting in SETTINGS {
        let text = sample(setting);
        let mine = Fixture::new().user(&text).warnings();
        assert_eq!(mine, Vec::<String>::new(), "{text}");
        let refused = usize::from(setting.set_by == SetBy::Person);
        let theirs = Fixture::new().project(&text).warnings();
        assert_eq!(theirs.len(), refused, "{text}: {theirs:?}");
    }
}

#[test]
fn a_flag_and_a_variable_of_the_table_are_read() {
    for setting in SETTINGS {
        if let Some(variable) = setting.variable.filter(|_| setting.key != "auth_file") {
            let error = Fixture::new().with(variable, "no such value").load().unwrap_err();
            assert_eq!(error.whence(), Some(&Whence::Variable(variable)));
        }
    }
    let bad = || Some("no such value".to_owned());
    let flags = Flags {
        model: bad(),
        effort: bad(),
        verbosity: bad(),
        service_tier: bad(),
        ..Flags::default()
    };
    for setting in SETTINGS.iter().filter(|setting| flags.value(setting.key).is_some()) {
        let (flag, key) = (setting.flag.unwrap(), setting.key);
        let only = |name: &str| bad().filter(|_| key == name);
        let flags = Flags {
            model: only("model"),
            effort: only("effort"),
            verbosity: only("verbosity"),
            service_tier: only("service_tier"),
            ..Flags::default()
        };
        let error = Fixture::new().load_with(&flags).unwrap_err();
        assert_eq!(error.whence(), Some(&Whence::Flag(flag)));
    }
}

/// Compares a part of a file with its text; with `UPDATE_ASSETS` set, writes it there.
fn hold(path: &str, made: &str, part: fn(&str) -> &str) {
    let assets = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets"));
    let path = assets.join(path);
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        let changed = match part(&kept) {
            "" => made.to_owned(),
            old => kept.replace(old, made),
        };
        return fs::write(path, changed).unwrap();
    }
    let path = path.display();
    assert_eq!(part(&kept), made, "run this test with UPDATE_ASSETS=1 to write {path} anew");
}

/// The values that a setting takes, in words.
fn values(setting: &Setting) -> String {
    match setting.kind {
        Kind::Word(..) | Kind::Choice(_) | Kind::Switch { .. } => setting.expected(),
        Kind::Number { from, to, .. } => format!("{from} to {to}"),
        Kind::Text(..) => "text".into(),
        Kind::Address(_) => "address".into(),
        Kind::List(..) => "list".into(),
        Kind::OneOrMore(..) => "text or list".into(),
        Kind::Permissions | Kind::Providers | Kind::Servers => "table".into(),
    }
}

#[test]
fn the_manual_page_codling_config_is_made_of_the_declared_settings() {
    let mut page = String::from(
        ".TH CODLING\\-CONFIG 5 \"@DAY@\" \"codling @VERSION@\" \"codling\"\n\
         .SH NAME\ncodling\\-config \\- the settings of codling\n.SH SYNOPSIS\n\
         \\fI~/.config/codling/config.toml\\fR\n.br\n\\fI.codling/config.toml\\fR\n\
         .SH DESCRIPTION\n\
         Both files are TOML, and everything in them is optional. The first is yours, the second a\n\
         project\\(aqs. Later wins: built\\-in, your file, the project\\(aqs, the environment, flags.\n\
         \\fBcodling config\\fR opens yours in your editor and checks it.\n\
         .SH SETTINGS\n",
    );
    for setting in SETTINGS {
        let Setting { key, doc, .. } = setting;
        page += &format!(".TP\n\\fB{}\\fR ({})\n", escaped(key), escaped(&values(setting)));
        let doc = sentence(doc);
        let stop = if doc.ends_with('.') { "" } else { "." };
        page += &format!("{}{stop}\n", escaped(&doc));
        if !setting.default.is_empty() {
            page += &format!("Built in: {}.\n", escaped(setting.default));
        }
        let others: Vec<String> =
            setting.flag.into_iter().chain(setting.variable).map(escaped).collect();
        if !others.is_empty() {
            page += &format!("Also set by {}.\n", others.join(" and "));
        }
        if setting.set_by == SetBy::Anyone {
            page += "A project may set it, too.\n";
        }
    }
    page += ".SH SEE ALSO\ncodling(1), and \\fBcodling guide configuration\\fR\n";
    hold("man/codling-config.5", &page, |kept| kept);
}

#[test]
fn the_guides_table_is_the_declared_one() {
    let mut table = String::from("| setting | value | default | set by | meaning |\n");
    table += "|---|---|---|---|---|\n";
    for setting in SETTINGS {
        let value = values(setting);
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let file = match setting.set_by {
            SetBy::Anyone => "you, a project",
            SetBy::Person => "you",
        };
        let others = setting.flag.into_iter().chain(setting.variable);
        let others: String = others.map(|name| format!(", `{name}`")).collect();
        let Setting { key, doc, .. } = setting;
        table += &format!("| `{key}` | {value} | {default} | {file}{others} | {doc} |\n");
    }
    hold("guide/configuration.md", &table, |page| {
        let from = page.find("| setting |").unwrap();
        &page[from..from + page[from..].find("\n\n").unwrap() + 1]
    });
}

#[test]
fn the_schema_for_editors_is_the_declared_one() {
    let mut properties = Map::new();
    for root in roots(SetBy::Person) {
        let schema = match Setting::named(root) {
            Some(setting) => schema(setting),
            None => {
                let inner = members(root).into_iter();
                let inner: Map<_, _> = inner
                    .map(|key| {
                        let setting = Setting::named(&format!("{root}.{key}")).unwrap();
                        (key.to_owned(), schema(setting))
                    })
                    .collect();
                json!({ "type": "object", "properties": inner, "additionalProperties": false })
            }
        };
        properties.insert(root.to_owned(), schema);
    }
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "config.toml of codling",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    let text = serde_json::to_string_pretty(&whole).unwrap() + "\n";
    hold("config.schema.json", &text, |file| file);
}

fn schema(setting: &Setting) -> Value {
    let mut schema = match setting.kind {
        Kind::Switch { .. } => json!({ "type": "boolean" }),
        Kind::Word(..) | Kind::Choice(_) => json!({ "enum": setting.kind.words() }),
        Kind::Number { from, to, .. } => {
            json!({ "type": "integer", "minimum": from, "maximum": to })
        }
        Kind::Text(..) => json!({ "type": "string" }),
        Kind::Address(_) => json!({ "type": "string", "format": "uri" }),
        Kind::List(..) => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::OneOrMore(..) => json!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ] }),
        Kind::Servers => json!({ "type": "object" }),
        Kind::Permissions => permissions(),
        Kind::Providers => json!({ "type": "object", "additionalProperties": provider() }),
    };
    schema["description"] = json!(setting.doc);
    match setting.kind {
        Kind::Number { .. } => schema["default"] = json!(setting.default.parse::<i64>().unwrap()),
        Kind::Switch { .. } => schema["default"] = json!(setting.default == "true"),
        _ if !setting.default.is_empty() => schema["default"] = json!(setting.default),
        _ => {}
    }
    schema
}

fn permissions() -> Value {
    let ruling = json!({ "enum": ["allow", "ask", "deny"] });
    let patterns = json!({ "type": "object", "additionalProperties": ruling });
    let subject = json!({ "anyOf": [ruling, patterns] });
    let subjects: Map<_, _> =
        SUBJECTS.iter().map(|name| ((*name).to_owned(), subject.clone())).collect();
    json!({ "anyOf": [
        ruling,
        { "type": "object", "properties": subjects, "additionalProperties": ruling },
    ] })
}

fn provider() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "object", "additionalProperties": text });
    let schemas = crate::config::provider::KEYS.map(|key| {
        let schema = match key {
            "headers" => texts.clone(),
            "models" => json!({ "type": "array", "items": text, "minItems": 1 }),
            "requires_openai_auth" => json!({ "type": "boolean" }),
            _ => text.clone(),
        };
        (key.to_owned(), schema)
    });
    let properties: Map<_, _> = schemas.into_iter().collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
