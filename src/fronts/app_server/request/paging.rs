//! Pages of long answers: a limit, and a cursor that says where the next page begins.

use serde_json::{Value, json};

use crate::app_server::transport::wire::Fault;

/// Rows of a page if the client names no number.
const USUAL: usize = 25;
/// The largest number of rows in a page.
const LARGEST: usize = 1_000;

/// A part of a list.
#[derive(Debug)]
pub struct Page<T = Value> {
    rows: Vec<T>,
    start: usize,
    next: Option<usize>,
}

impl<T> Page<T> {
    /// Returns the page that starts at the cursor.
    ///
    /// # Errors
    ///
    /// Fails if the cursor is not one of the server's.
    pub fn of(rows: Vec<T>, cursor: Option<&str>, limit: Option<usize>) -> Result<Self, Fault> {
        let start = match cursor {
            Some(cursor) => position(cursor)?.min(rows.len()),
            None => 0,
        };
        let limit = limit.unwrap_or(USUAL).clamp(1, LARGEST);
        let end = start.saturating_add(limit).min(rows.len());
        let next = (end < rows.len()).then_some(end);
        let rows = rows.into_iter().skip(start).take(end - start).collect();
        Ok(Self { rows, start, next })
    }

    /// Returns the same page with each row converted to JSON; rows outside the page are not
    /// converted.
    pub fn show(self, shown: impl FnMut(T) -> Value) -> Page {
        let Self { rows, start, next } = self;
        Page { rows: rows.into_iter().map(shown).collect(), start, next }
    }
}

impl Page {
    /// The answer for a list that is only read forwards.
    pub fn forwards(self) -> Value {
        json!({ "data": self.rows, "nextCursor": self.next.map(|at| at.to_string()) })
    }

    /// The answer for a list of `count` rows that can be read in both directions: the backwards
    /// cursor starts at the first row of this page.
    pub fn both_ways(self, count: usize) -> Value {
        let backwards = (!self.rows.is_empty()).then(|| (count - self.start - 1).to_string());
        json!({
            "data": self.rows, "nextCursor": self.next.map(|at| at.to_string()),
            "backwardsCursor": backwards,
        })
    }
}

fn position(cursor: &str) -> Result<usize, Fault> {
    cursor.parse().map_err(|_no_number| Fault::invalid(format!("invalid cursor: {cursor}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rows_of_a_page_are_made_ready() {
        let mut made = Vec::new();
        let page = Page::of((0..100).collect(), Some("7"), Some(3)).unwrap();
        let page = page.show(|row: i32| {
            made.push(row);
            json!(row)
        });
        assert_eq!(page.forwards()["data"], json!(made));
        assert_eq!(made, [7, 8, 9]);
    }

    #[test]
    fn pages_follow_each_other_until_none_is_left() {
        let rows = || (0..5).map(Value::from).collect::<Vec<_>>();
        let (mut cursor, mut all) = (None::<String>, Vec::new());
        loop {
            let page = Page::of(rows(), cursor.as_deref(), Some(2)).unwrap().forwards();
            all.extend(page["data"].as_array().unwrap().clone());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(all, rows());
        let page = Page::of(rows(), Some("2"), Some(2)).unwrap().both_ways(5);
        assert_eq!(
            (page["backwardsCursor"].as_str(), page["nextCursor"].as_str()),
            (Some("2"), Some("4"))
        );
        assert_eq!(Page::of(rows(), Some("zzz"), None).unwrap_err().message, "invalid cursor: zzz");
    }
}
