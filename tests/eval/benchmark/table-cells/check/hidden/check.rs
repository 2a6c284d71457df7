use grid::{width, Align, Grid};

fn one(cell: &str, columns: usize) -> String {
    let mut grid = Grid::new([""]);
    grid.row([cell]);
    grid.render(columns).lines().nth(1).unwrap().to_owned()
}

#[test]
fn cells_are_cut_between_characters() {
    for (cell, columns, want) in [
        ("Müller", 6, "Müller"),
        ("Müllerin", 6, "Mülle…"),
        ("ééééé", 4, "ééé…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("a日本語", 4, "a日…"),
        ("e\u{301}e\u{301}e\u{301}e\u{301}", 4, "e\u{301}e\u{301}e\u{301}e\u{301}"),
        ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", 4, "e\u{301}e\u{301}e\u{301}…"),
        ("😀😀😀", 5, "😀😀…"),
        ("abc\u{200d}d", 4, "abc\u{200d}d"),
        ("aöb", 2, "aöb"),
        ("abcd", 1, "ab…"),
        ("日本", 1, "日…"),
        ("", 5, ""),
    ] {
        assert_eq!(one(cell, columns), want, "{cell} in {columns}");
    }
    for columns in 3..14 {
        for cell in ["日本語テキスト", "ü日ü日ü日ü日", "e\u{301}日e\u{301}日e\u{301}日e\u{301}", "😀 ok 😀 ok 😀"] {
            let got = one(cell, columns);
            assert!(width(&got) <= columns && width(&got) + 2 > columns.min(width(cell)), "{got:?} in {columns}");
            assert!(got == cell || got.ends_with('…'));
        }
    }
}

#[test]
fn columns_line_up() {
    let mut grid = Grid::new(["名前", "größe", "n"]);
    grid.align(1, Align::Right).row(["日本語.txt", "1", "x"]).row(["Größe.txt", "12345678", "y"]).row(["e\u{301}", "ü", ""]);
    assert_eq!(grid.render(80), "\
名前           größe  n
日本語.txt         1  x
Größe.txt   12345678  y
e\u{301}                  ü
");
    assert_eq!(grid.render(20), "\
名前        größe  n
日本語…         1  x
Größe.…  12345678  y
e\u{301}               ü
");
    // The wide character that does not fit is padded, on the side of the padding.
    assert_eq!(grid.render(17), "\
名前     größe  n
日本…        1  x
Größe…  12345…  y
e\u{301}            ü
");
    let mut right = Grid::new(["a", "b"]);
    right.align(0, Align::Right).align(7, Align::Right).row(["日本語日本語", "x"]);
    assert_eq!(right.render(9), "     a  b\n 日本…  x\n");
}

#[test]
fn the_widest_column_gives_first() {
    let mut grid = Grid::new(["aaaaaaaa", "bbbbbb", "cc"]);
    grid.row(["1", "2", "3"]);
    assert_eq!(grid.render(20).lines().next().unwrap(), "aaaaaaaa  bbbbbb  cc");
    assert_eq!(grid.render(19).lines().next().unwrap(), "aaaaaa…  bbbbbb  cc");
    assert_eq!(grid.render(17).lines().next().unwrap(), "aaaa…  bbbbbb  cc");
    assert_eq!(grid.render(16).lines().next().unwrap(), "aaaa…  bbbb…  cc");
    assert_eq!(grid.render(12).lines().next().unwrap(), "aa…  bb…  cc");
    assert_eq!(grid.render(0), "aa…  bb…  cc\n1    2    3\n");
}

#[test]
fn odd_tables_do_not_panic() {
    let none: [&str; 0] = [];
    let mut empty = Grid::new(none);
    empty.row(["x"]);
    assert_eq!(empty.render(10), "\n\n");
    let mut grid = Grid::new(["a", "b"]);
    grid.row(["1"]).row(none).row(["1", "2", "a very long cell that does not count"]);
    assert_eq!(grid.render(40), "a  b\n1\n\n1  2\n");
    let mut control = Grid::new(["a\nb"]);
    control.row(["x\ty\r\n\u{1b}[1mz\u{7f}\u{85}"]);
    assert_eq!(control.render(40), "a b\nx y [1mz\n");
    assert_eq!(Grid::new(["日"]).render(1), "日\n");
}
