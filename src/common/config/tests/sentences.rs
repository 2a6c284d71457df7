//! The sentences of errors in settings: one table. Other tests assert on places and keys.

use super::providers::ACME;
use super::*;

#[test]
fn every_error_says_where_it_is_what_is_expected_and_what_to_do() {
    let file = "`/home/config/config.toml`";
    let of_person = [
        (
            "model = 3",
            "line 1, column 9: `model` must be a model's id such as `gpt-5.3-codex`, or `provider/id`, and is 3",
        ),
        (
            "model = ''",
            "line 1, column 9: `model` must be a model's id such as `gpt-5.3-codex`, or `provider/id`, and is empty",
        ),
        (
            "verbosity = 'terse'",
            "line 1, column 13: `verbosity` must be `low`, `medium` or `high`, and is `terse`",
        ),
        (
            "service_tier = 'turbo'",
            "line 1, column 16: `service_tier` must be `fast` or `standard`, and is `turbo`",
        ),
        (
            "effort = 'very high'",
            "line 1, column 10: `effort` must be a word such as `low`, `medium` or `high`, and is `very high`",
        ),
        (
            "max_steps = 0",
            "line 1, column 13: `max_steps` must be a whole number from 1 to 10000, and is 0",
        ),
        (
            "max_steps = '7'",
            "line 1, column 13: `max_steps` must be a whole number from 1 to 10000, and is `7`",
        ),
        (
            "max_steps = 1.5",
            "line 1, column 13: `max_steps` must be a whole number from 1 to 10000, and is a float",
        ),
        (
            "idle_limit_seconds = -1",
            "line 1, column 22: `idle_limit_seconds` must be a whole number of seconds from 1 to 86400, and is -1",
        ),
        (
            "reconnect_seconds = 3601",
            "line 1, column 21: `reconnect_seconds` must be a whole number of seconds from 0 to 3600, and is 3601",
        ),
        (
            "log = 'loud'",
            "line 1, column 7: `log` must be `off`, `error`, `warn`, `info`, `debug` or `trace`, and is `loud`",
        ),
        (
            "origins = 'https://x'",
            "line 1, column 11: `origins` must be a table of `auth`, `chatgpt`, `api` and `models`, and is `https://x`",
        ),
        (
            "[[model]]",
            "line 1, column 1: `model` must be a model's id such as `gpt-5.3-codex`, or `provider/id`, and is an array of tables",
        ),
        // Rules.
        (
            "approvals = 'yes'",
            "line 1, column 13: `approvals` must be `read-only`, `ask` or `auto`, and is `yes`",
        ),
        (
            "compact_at = 96",
            "line 1, column 14: `compact_at` must be a whole number of percent from 10 to 95, and is 96",
        ),
        (
            "opencode_permissions = 'no'",
            "line 1, column 24: `opencode_permissions` must be `strict` or `all`, and is `no`",
        ),
        (
            "permission = 'maybe'",
            "line 1, column 14: `permission` must be a table of `edit`, `shell`, `input`, `read`, `webfetch`, `tool`, `external_directory`, `doom_loop`, `*` or names of tools, and is `maybe`",
        ),
        (
            "[permission]\nedit = 'always'",
            "line 2, column 8: `edit` must be `allow`, `ask` or `deny`, and is `always`",
        ),
        (
            "[permission.shell]\n'ls *' = 'yes'",
            "line 2, column 10: `ls *` must be `allow`, `ask` or `deny`, and is `yes`",
        ),
        (
            "[permission.shell]\n'ls *' = ['ask']",
            "line 2, column 10: `ls *` must be `allow`, `ask` or `deny`, and is an array",
        ),
        (
            "[permission.shell]\n'' = 'ask'",
            "line 2, column 1: `permission` must be of patterns with up to 1000 letters, and is ``",
        ),
        (
            "[permission.shell]\n\"a\\u001bb\" = 'ask'",
            "line 2, column 1: `permission` must be of patterns with up to 1000 letters, and is `ab`",
        ),
        // Others.
        (
            "origins.auth = 'https://h/path'",
            "line 1, column 16: `https://h/path` has more than a scheme, a host and a port",
        ),
        (
            "model = 'm'\n[origins]\n  chatgpt = 'http://example.com'",
            "line 3, column 13: `http://example.com` is plain http to a host that is not this machine",
        ),
        (
            "auth_file = ''",
            "line 1, column 13: `auth_file` must be a path, or the word `opencode`, and is empty",
        ),
        (
            "model = 'nope/large'",
            "line 1, column 9: there is no provider `nope` for the model `nope/large`",
        ),
    ];
    for (text, expected) in of_person {
        let fixture = Fixture::new().user(text);
        assert_eq!(fixture.error(), format!("{file}, {expected}"), "{text}");
        assert!(fixture.load().unwrap_err().next_step().is_some(), "{text}");
    }
    for (old, new, expected) in [
        (
            "https://llm.acme.example/v1/",
            "http://llm.acme.example/v1",
            "line 3, column 12: `provider.acme.base_url`: `http://llm.acme.example/v1` is plain http to a host that is not this machine",
        ),
        (
            "https://llm.acme.example/v1/",
            "https://u:p@llm.acme.example",
            "line 3, column 12: `provider.acme.base_url`: `an address with a user name` has more than a scheme, a host, a port and a path",
        ),
        (
            "base_url",
            "base",
            "line 1, column 1: `provider.acme.base_url` must be an address such as `https://host/v1`, and is missing",
        ),
        (
            "'responses'",
            "'morse'",
            "line 4, column 11: `provider.acme.dialect` is `morse`, a wire dialect that codling does not speak: it speaks `responses`, `chat`",
        ),
        (
            "'ACME_KEY'",
            "'$ACME'",
            "line 5, column 11: `provider.acme.key_env` must be the name of an environment variable, and is `$ACME`",
        ),
        (
            "= false",
            "= true",
            "line 5, column 11: `provider.acme.key_env` must be left out where `requires_openai_auth` is `true`, and is `ACME_KEY`",
        ),
        (
            "= false",
            "= 'no'",
            "line 6, column 24: `provider.acme.requires_openai_auth` must be `true` or `false`, and is `no`",
        ),
        (
            "'X-Team'",
            "'Authorization'",
            "line 7, column 11: `provider.acme.headers` must be a table of header names and texts, without those that codling sets itself, and is one of `Authorization`",
        ),
        (
            "'tools-secret'",
            "\"tools\\nsecret\"",
            "line 7, column 11: `provider.acme.headers` must be a table of header names and texts, without those that codling sets itself, and is one of `X-Team`",
        ),
        (
            "['large']",
            "[]",
            "line 8, column 10: `provider.acme.models` must be a list of model ids, and is something else",
        ),
        (
            "[provider.acme]",
            "[provider.openai]",
            "line 1, column 11: `provider` must be called by small letters, digits, `-` and `_`, and not `openai`, and is `openai`",
        ),
        (
            "[provider.acme]",
            "[provider.'a/b']",
            "line 1, column 11: `provider` must be called by small letters, digits, `-` and `_`, and not `openai`, and is `a/b`",
        ),
    ] {
        let fixture = Fixture::new().user(&ACME.replace(old, new));
        let error = fixture.error();
        assert_eq!(error, format!("{file}, {expected}"));
        assert!(fixture.load().unwrap_err().next_step().is_some(), "{error}");
        assert!(!error.contains("tools-secret") && !error.contains("u:p"), "{error}");
    }
    for (name, value, expected) in [
        (
            "CODLING_API_ORIGIN",
            "http://example.com",
            "the environment variable `CODLING_API_ORIGIN`: `http://example.com` is plain http to a host that is not this machine",
        ),
        (
            "CODLING_LOG",
            "1",
            "the environment variable `CODLING_LOG` must be `off`, `error`, `warn`, `info`, `debug` or `trace`, and is `1`",
        ),
    ] {
        assert_eq!(Fixture::new().with(name, value).error(), expected);
    }
    let log = Fixture::new().with("CODLING_LOG", "1").load().unwrap_err();
    assert_eq!(
        log.next_step().unwrap(),
        "Change it in the environment variable `CODLING_LOG`, or remove it there"
    );
    for (model, expected) in [
        (
            "two words",
            "`--model` must be a model's id such as `gpt-5.3-codex`, or `provider/id`, and is `two words`",
        ),
        (
            "nope/large",
            "`--model`: there is no provider `nope` for the model `nope/large`: the providers are `openai`, `acme`",
        ),
    ] {
        let flags = Flags { model: Some(model.into()), ..Flags::default() };
        let error = Fixture::new().user(ACME).load_with(&flags).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let fixture = Fixture::new();
    let path = fixture.write("home/config/config.toml", "");
    fs::write(path, b"model = 'm'\n# \xff\n").unwrap();
    assert_eq!(
        fixture.error(),
        format!("{file}, line 2, column 3 is not valid TOML: it is not UTF-8 there")
    );
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.folder.path().join("home/config/config.toml")).unwrap();
    assert_eq!(
        fixture.error(),
        format!("the settings file {file} cannot be read: it is not a file")
    );
    let fixture = Fixture::new().user(&"# padding\n".repeat(200_000));
    assert_eq!(fixture.error(), format!("the settings file {file} is larger than 1048576 bytes"));
}
