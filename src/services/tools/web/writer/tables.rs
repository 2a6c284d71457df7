//! Tables: those of data become rows of Markdown, others only say where things stand. Writes no
//! word.

use super::{DEEPEST, LARGEST, TextForm, TextWriter};

#[derive(Clone, Copy, Debug)]
pub(super) struct HtmlTable {
    pub(super) kind: TableKind,
    pub(super) rows: usize,
    /// The cells of the row that is open.
    pub(super) cells: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableKind {
    /// Its first cell is a head.
    Data,
    /// It only says where things stand.
    Layout,
    Unknown,
}

impl TextWriter {
    pub fn table(&mut self) {
        self.block();
        if self.tables.len() < DEEPEST {
            let kind = if self.is_in_row() { TableKind::Layout } else { TableKind::Unknown };
            self.tables.push(HtmlTable { kind, rows: 0, cells: 0 });
        }
    }

    pub fn end_table(&mut self) {
        self.end_row();
        self.tables.pop();
        self.block();
    }

    pub fn row(&mut self) {
        self.end_row();
        self.line();
    }

    pub fn head_cell(&mut self) {
        self.begin_cell(TableKind::Data);
    }

    pub fn cell(&mut self) {
        self.begin_cell(TableKind::Layout);
    }

    pub fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let (row, kind) = (*table, table.kind);
        table.cells = 0;
        if row.cells == 0 || kind != TableKind::Data {
            return self.line();
        }
        table.rows += 1;
        self.out.push_str(" |");
        self.line();
        if row.rows == 0 && self.form == TextForm::Markdown {
            self.flush();
            self.out.push('|');
            self.out.push_str(&" --- |".repeat(row.cells.min(LARGEST / 64)));
            self.line();
        }
    }

    /// The first cell tells the kind of a table.
    fn begin_cell(&mut self, kind: TableKind) {
        let Some(table) = self.tables.last_mut() else { return self.blank = true };
        if table.kind == TableKind::Unknown {
            table.kind = kind;
        }
        table.cells += 1;
        let row = *table;
        match (row.kind, row.cells) {
            (TableKind::Data, 1) => {
                self.flush();
                self.out.push('|');
            }
            (TableKind::Data, _) => self.out.push_str(" |"),
            _ => {}
        }
        self.blank = true;
    }

    pub(super) fn is_in_row(&self) -> bool {
        self.tables.iter().any(|table| table.kind == TableKind::Data && table.cells > 0)
    }
}
