use fields::{parse, write, Span};

#[test]
fn fields_have_keys_values_and_spans() {
    let fields = parse(r#"level=info msg="it \"works\"" done"#).unwrap();
    assert_eq!(fields.len(), 3);
    assert_eq!(fields[1].value.as_ref().unwrap().text, r#"it "works""#);
    assert_eq!(fields[1].key_span, Span { start: 11, end: 14 });
    assert_eq!(fields[2].value, None);
}

#[test]
fn lines_are_written() {
    assert_eq!(write([("a", Some("b c")), ("d", None)]), r#"a="b c" d"#);
}
