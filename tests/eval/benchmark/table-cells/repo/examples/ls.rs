//! Lists a folder: `cargo run --example ls -- FOLDER COLUMNS`.

use grid::{Align, Grid};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    let columns = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(80);
    let mut entries: Vec<(String, u64, bool)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), data.len(), data.is_dir()));
    }
    entries.sort();
    let mut grid = Grid::new(["name", "kind", "size"]);
    grid.align(2, Align::Right);
    for (name, size, is_folder) in &entries {
        let kind = if *is_folder { "folder" } else { "file" };
        grid.row([name.as_str(), kind, &size.to_string()]);
    }
    print!("{}", grid.render(columns));
    Ok(())
}
