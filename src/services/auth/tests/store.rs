//! auth.json: what survives a change, letter for letter.

use std::fs;

use super::*;
use crate::auth::auth_json::json_layout::lay_out;
use crate::base::files::Lock;
use crate::protocol::ProviderId;

/// Shapes met in the wild and made up to be nasty. None has the entry `new`.
const SHAPES: [&str; 24] = [
    "{}",
    r#"{"openai":{"type":"oauth","refresh":"rt","access":"a.b.c","expires":4102444800000,"accountId":"1111"}}"#,
    r#"{"github-copilot":{"type":"oauth","refresh":"gho","access":"gho","expires":0,"enterpriseUrl":"ghe.example.com"}}"#,
    r#"{"anthropic":{"type":"api","key":"sk-ant"},"openrouter":{"type":"api","key":""}}"#,
    r#"{"azure":{"type":"api","key":"k","metadata":{"resourceName":"my-resource","z":"1","a":"2"}}}"#,
    r#"{"https://ai.corp.example.com":{"type":"wellknown","key":"CORP_AI_TOKEN","token":"t"}}"#,
    r#"{"Provider With Spaces":{"type":"api","key":"1"},"UPPER.case_id":{"type":"api","key":"2"},"工作":{"type":"api","key":"3"}}"#,
    r#"{"\u5de5\u4f5c":{"type":"\u0061pi","key":"\ud83d\ude00 \/ \n"}}"#,
    r#"{"openai":{"type":"oauth","access":"at","refresh":"rt","expires":1,"id_token":"made.up.jwt","scopes":["openid"],"note":"hand"}}"#,
    r#"{"future":{"type":"keychain","ref":"item-1"},"no-type":{"key":"x"},"capital":{"type":"API","key":"x"}}"#,
    r#"{"string":"sk-x","null":null,"number":7,"array":[1],"true":true,"empty":{}}"#,
    r#"{"float":{"type":"oauth","refresh":"r","access":"a","expires":1700000000000.5}}"#,
    r#"{"text":{"type":"oauth","refresh":"r","access":"a","expires":"1700000000000"},"less":{"type":"oauth","refresh":"r","access":"a","expires":-1}}"#,
    r#"{"null-account":{"type":"oauth","refresh":"r","access":"a","expires":1,"accountId":null}}"#,
    r#"{"bad-metadata":{"type":"api","key":"k","metadata":{"n":1}}}"#,
    r#"{"odd":[1e400,-0,0.10,1E+2,123456789012345678901234567890,0.1000000000000000055511151231257827]}"#,
    r#"{"10":{"type":"api","key":"ten"},"9":{"type":"api","key":"nine"},"a":1,"1":2}"#,
    r#"{"twice":{"type":"api","key":"1"},"other":1,"twice":{"type":"api","key":"2","key":"3"}}"#,
    r#"{"half":"\ud800","\udc00":{"type":"api","key":"k"}}"#,
    r#"{"":{"type":"api","key":"nameless"}," ":1}"#,
    r#"{"__proto__":{"type":"api","key":"k"},"constructor":1}"#,
    r#"{"slash/":{"type":"api","key":"k"},"https://x//":{"type":"api","key":"k"}}"#,
    r#"{"deep":[[[[[[[[[[{"a":[{}]}]]]]]]]]]]}"#,
    r#"{"quotes":"\"{}[],:\\","tabs":"a\tb"}"#,
];

struct Place {
    _folder: TempDir,
    store: AuthStore,
}

impl Place {
    fn with(text: &[u8]) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("auth.json");
        fs::write(&file, text).unwrap();
        Self { _folder: folder, store: AuthStore::new(file) }
    }

    fn change(&self, change: impl FnOnce(&mut AuthFile) -> AuthChange) {
        let lock = Lock::take(self.store.path()).unwrap();
        self.store.change(&lock, Damaged::Refuse, change).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.store.path()).unwrap()
    }
}

fn key(key: &str) -> Credential {
    Credential::Api { key: Secret::new(key), origin: None }
}

fn provider(name: &str) -> ProviderId {
    ProviderId::new(name)
}

#[test]
fn what_is_not_ours_survives_every_change_letter_for_letter() {
    for shape in SHAPES {
        let place = Place::with(shape.as_bytes());
        place.change(|contents| contents.set(&provider("new"), &key("k-1")));
        let laid = lay_out(shape);
        let with_new = match shape {
            "{}" => {
                "{\n  \"new\": {\n    \"type\": \"api\",\n    \"key\": \"k-1\"\n  }\n}".to_string()
            }
            _ => format!(
                "{},\n  \"new\": {{\n    \"type\": \"api\",\n    \"key\": \"k-1\"\n  }}\n}}",
                laid.trim_end_matches("\n}")
            ),
        };
        assert_eq!(place.text(), with_new, "set: {shape}");
        place.change(|contents| contents.set(&provider("new"), &key("k-2")));
        assert_eq!(place.text(), with_new.replace("k-1", "k-2"), "set again: {shape}");
        place.change(|contents| contents.remove(&provider("new")));
        assert_eq!(place.text(), laid, "removed: {shape}");
        place.change(|contents| contents.remove(&provider("new")));
        assert_eq!(place.text(), laid, "nothing to remove: {shape}");
    }
}

#[test]
fn every_entry_is_found_again_under_its_name_and_as_what_it_is() {
    for shape in SHAPES {
        let place = Place::with(shape.as_bytes());
        let before: Vec<_> = place.store.read().unwrap().credentials().collect();
        place.change(|contents| contents.set(&provider("new"), &key("k")));
        let mut after: Vec<_> = place.store.read().unwrap().credentials().collect();
        assert_eq!(after.pop(), Some((provider("new"), key("k"))), "{shape}");
        assert_eq!(after, before, "{shape}");
    }
}

#[test]
fn entries_are_read_as_far_as_their_meaning_is_plain() {
    let grant = |expires: Option<i64>| {
        Credential::OAuth(OAuthGrant {
            refresh: Secret::new("r"),
            access: Secret::new("a"),
            expires: expires.map(Timestamp),
            account: None,
            enterprise_url: None,
        })
    };
    let unknown = |kind: &str| Credential::Unknown { kind: kind.into() };
    for (entry, wanted) in [
        (r#"{"type":"api","key":"k"}"#, key("k")),
        (r#"{"type":"api"}"#, unknown("api")),
        (r#"{"type":"API","key":"k"}"#, unknown("API")),
        (r#"{"type":"oauth","refresh":"r","access":"a","expires":5}"#, grant(Some(5))),
        (r#"{"type":"oauth","refresh":"r","access":"a","expires":5.5}"#, grant(Some(5))),
        (r#"{"type":"oauth","refresh":"r","access":"a","expires":"5"}"#, grant(None)),
        (r#"{"type":"oauth","refresh":"r","access":"a","expires":-1}"#, grant(None)),
        (r#"{"type":"oauth","refresh":"r","access":"a","expires":1e20}"#, grant(None)),
        (r#"{"type":"oauth","refresh":"r","access":"a","accountId":null}"#, grant(None)),
        (r#"{"type":"oauth","refresh":"r"}"#, unknown("oauth")),
        (
            r#"{"type":"wellknown","key":"K","token":"t"}"#,
            Credential::WellKnown { key: "K".into(), token: Secret::new("t") },
        ),
        (r#"{"type":7}"#, unknown("")),
        ("null", unknown("")),
        ("[{}]", unknown("")),
    ] {
        let place = Place::with(format!(r#"{{"x":{entry}}}"#).as_bytes());
        assert_eq!(place.store.read().unwrap().credential(&provider("x")), Some(wanted), "{entry}");
    }
}

#[test]
fn setting_an_entry_keeps_its_place_and_the_fields_that_are_not_ours() {
    let place = Place::with(br#"{"a":1,"x":{"n":1e400,"key":"old","label":"work","type":"api","metadata":{"m":"1"}},"b":2}"#);
    place.change(|contents| contents.set(&provider("x"), &key("new")));
    let kept = r#"{"a":1,"x":{"n":1e400,"key":"new","label":"work","type":"api","metadata":{"m":"1"}},"b":2}"#;
    assert_eq!(place.text(), lay_out(kept));
    place.change(|contents| {
        let token = Secret::new("t");
        contents.set(&provider("x"), &Credential::WellKnown { key: "VAR".into(), token })
    });
    assert_eq!(
        place.text(),
        lay_out(
            r#"{"a":1,"x":{"n":1e400,"label":"work","type":"wellknown","key":"VAR","token":"t"},"b":2}"#
        )
    );
}

#[test]
fn final_slashes_are_cut_when_setting_and_both_spellings_go_when_removing() {
    let place = Place::with(br#"{"x/":1,"y":2}"#);
    place.change(|contents| contents.set(&provider("x//"), &key("k")));
    assert_eq!(place.text(), lay_out(r#"{"y":2,"x":{"type":"api","key":"k"}}"#));
    for name in ["x", "x/"] {
        let place = Place::with(br#"{"x/":1,"y":2,"x":3}"#);
        place.change(|contents| contents.remove(&provider(name)));
        assert_eq!(place.text(), lay_out(r#"{"y":2}"#), "{name}");
    }
}

#[test]
fn a_missing_or_blank_file_holds_nothing_and_a_mark_is_forgiven() {
    for text in ["", " \n\t", "\u{feff}", "\u{feff}\n"] {
        let place = Place::with(text.as_bytes());
        assert_eq!(place.store.read().unwrap().credentials().count(), 0, "{text:?}");
        place.change(|contents| contents.set(&provider("x"), &key("k")));
        assert!(place.text().contains("\"x\""));
    }
    assert_eq!(
        AuthStore::new("/nonexistent/folder/auth.json").read().unwrap().credentials().count(),
        0
    );
    let place = Place::with("\u{feff}{\"x\":{\"type\":\"api\",\"key\":\"k\"}}".as_bytes());
    assert_eq!(place.store.read().unwrap().credential(&provider("x")), Some(key("k")));
}

#[test]
fn a_damaged_file_is_kept_and_named_with_its_place() {
    for (text, line, column) in [
        (&b"{\n  \"a\": {\n    \"b"[..], 3, 6),
        (b"[]", 1, 1),
        (b"null", 1, 4),
        (b"{\"a\":1,}", 1, 8),
        (b"{\"a\":1} {\"b\":2}", 1, 9),
        (b"// comment\n{}", 1, 1),
        (b"{\"tab\":\"a\tb\"}", 1, 9),
        (b"{\"bad utf-8\":\"\xff\"}", 1, 15),
        (b"\0\0\0\0", 1, 1),
    ] {
        let place = Place::with(text);
        for _again in 0..2 {
            let error = place.store.read().unwrap_err();
            let AuthError::Damaged {
                kept: Some(copy), line: found_line, column: found_column, ..
            } = &error
            else {
                panic!("{error}")
            };
            assert_eq!((*found_line, *found_column), (line, column), "{}", text.escape_ascii());
            assert_eq!(fs::read(copy).unwrap(), text);
        }
        assert_eq!(
            fs::read_dir(place.store.path().parent().unwrap()).unwrap().count(),
            2,
            "the file and one copy"
        );
    }
}

#[test]
fn a_second_damage_gets_a_copy_of_its_own() {
    let place = Place::with(b"{1");
    let modified = fs::metadata(place.store.path()).unwrap().modified().unwrap();
    place.store.read().unwrap_err();
    fs::write(place.store.path(), b"{2").unwrap();
    fs::File::options()
        .write(true)
        .open(place.store.path())
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let AuthError::Damaged { kept: Some(copy), .. } = place.store.read().unwrap_err() else {
        panic!()
    };
    assert!(copy.to_str().unwrap().ends_with("Z-2"), "{}", copy.display());
    assert_eq!(fs::read(copy).unwrap(), b"{2");
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_damaged_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(b"{");
    let AuthError::Damaged { kept: Some(copy), .. } = place.store.read().unwrap_err() else {
        panic!()
    };
    assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_is_being_written_in_place_is_waited_for() {
    let whole = r#"{"x":{"type":"api","key":"k"}}"#;
    let place = Place::with(b"");
    let mut written = 0;
    let contents = place.store.read_calmly(|| {
        written = (written + 7).min(whole.len());
        fs::write(place.store.path(), &whole[..written]).unwrap();
    });
    assert_eq!(contents.unwrap().credential(&provider("x")), Some(key("k")));
    assert_eq!(
        fs::read_dir(place.store.path().parent().unwrap()).unwrap().count(),
        1,
        "no copy was made of what was on its way"
    );
}

#[test]
fn an_entry_of_ours_beside_codex_names_is_no_file_of_codex() {
    let place =
        Place::with(br#"{"tokens":{"access_token":"a"},"openai":{"type":"api","key":"k"}}"#);
    assert_eq!(place.store.read().unwrap().credential(&provider("openai")), Some(key("k")));
}

#[test]
fn the_example_holds_one_of_each_kind_in_the_form_we_write() {
    let example = include_str!("../../../../auth.example.json");
    assert_eq!(lay_out(example), example.trim_end());
    let place = Place::with(example.as_bytes());
    let kinds: Vec<_> = place
        .store
        .read()
        .unwrap()
        .credentials()
        .map(|(_provider, credential)| credential)
        .collect();
    assert!(
        matches!(
            &kinds[..],
            [
                Credential::OAuth(_),
                Credential::OAuth(_),
                Credential::Api { .. },
                Credential::WellKnown { .. }
            ]
        ),
        "{kinds:?}"
    );
}
