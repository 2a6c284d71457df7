use fields::{parse, write, ErrorKind};

fn spans(line: &str) -> Vec<String> {
    let show = |start: usize, end: usize| line[start..end].to_owned();
    parse(line)
        .unwrap_or_else(|error| panic!("{line:?}: {error}"))
        .iter()
        .flat_map(|field| {
            assert_eq!(show(field.key_span.start, field.key_span.end), field.key, "{line:?}");
            let value = field.value.as_ref().map(|value| show(value.span.start, value.span.end));
            [field.key.clone(), value.unwrap_or_else(|| "-".into())]
        })
        .collect()
}

fn texts(line: &str) -> Vec<Option<String>> {
    parse(line).unwrap().into_iter().map(|field| field.value.map(|value| value.text)).collect()
}

#[test]
fn spans_are_what_stands_in_the_line() {
    assert_eq!(spans(r#"  a=1	b="x y"  c d= "#), ["a", "1", "b", r#""x y""#, "c", "-", "d", ""]);
    assert_eq!(spans(r#"a="" b="""#), ["a", r#""""#, "b", r#""""#]);
    assert_eq!(spans(r#"ä="ö\"ü" ñ=é=é"#), ["ä", r#""ö\"ü""#, "ñ", "é=é"]);
    assert_eq!(spans("a="), ["a", ""]);
    let empty = parse("a= b").unwrap()[0].value.clone().unwrap();
    assert_eq!((empty.span.start, empty.span.end), (2, 2));
    assert!(spans("").is_empty() && spans(" \t ").is_empty());
}

#[test]
fn texts_are_unescaped() {
    assert_eq!(texts(r#"a="" b="\\" c="\"" d="\n\tß\\n" e="=" f=\n"#), [
        Some("".into()), Some("\\".into()), Some("\"".into()), Some("\n\tß\\n".into()), Some("=".into()), Some("\\n".into()),
    ]);
    assert_eq!(texts(r#"a=""#.trim_end_matches('"')), [Some(String::new())]);
}

#[test]
fn errors_say_where() {
    for (line, kind, column) in [
        ("=1", ErrorKind::NoKey, 1),
        ("ä  =1", ErrorKind::NoKey, 4),
        ("a\"b", ErrorKind::StrayQuote, 2),
        ("éé=ü\"", ErrorKind::StrayQuote, 5),
        ("\"a\"", ErrorKind::StrayQuote, 1),
        ("a=\"", ErrorKind::OpenQuote, 3),
        ("ü=\"x", ErrorKind::OpenQuote, 3),
        ("a=\"x\\", ErrorKind::OpenQuote, 3),
        ("a=\"x\\\"", ErrorKind::OpenQuote, 3),
        ("a=\"\\", ErrorKind::OpenQuote, 3),
        ("ü=\"ö\\x\"", ErrorKind::BadEscape, 5),
        ("a=\"\\é\"", ErrorKind::BadEscape, 4),
        ("ü=\"ö\"x", ErrorKind::NoBlank, 6),
        ("a=\"\"\"", ErrorKind::NoBlank, 5),
        ("a=\"\"=", ErrorKind::NoBlank, 5),
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!((error.kind, error.column), (kind, column), "{line}");
    }
}

#[test]
fn written_lines_are_read_back() {
    for value in ["", "a", "a b", "a\tb", "\t", "a\nb", "\"", "\\", "\\n", "a\\", "a\\ b", "=", "ü\"\\", " ", "x=y"] {
        let line = write([("k", Some(value)), ("z", None)]);
        assert!(!line.contains('\n'), "{line:?}");
        let fields = parse(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(fields[0].value.as_ref().unwrap().text, value, "{line:?}");
        assert_eq!((fields.len(), fields[1].value.is_none()), (2, true), "{line:?}");
    }
    assert_eq!(write([("a", Some("")), ("b", Some("\\n")), ("c", Some("x=y"))]), r"a= b=\n c=x=y");
    assert_eq!(write([("a", Some("\\ \t"))]), r#"a="\\ \t""#);
}
