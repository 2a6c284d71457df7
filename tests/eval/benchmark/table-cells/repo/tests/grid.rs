use grid::{Align, Grid};

#[test]
fn columns_are_as_wide_as_their_cells() {
    let mut grid = Grid::new(["name", "size"]);
    grid.align(1, Align::Right).row(["notes.txt", "12"]);
    assert_eq!(grid.render(40), "name       size\nnotes.txt    12\n");
}

#[test]
fn wide_cells_are_cut() {
    let mut grid = Grid::new(["name", "size"]);
    grid.row(["notes.txt", "12"]);
    assert_eq!(grid.render(11), "name   size\nnote…  12\n");
}
