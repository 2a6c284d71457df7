//! Pages of long answers: a limit, and a cursor that says where the next page begins.

use serde_json::{Value, json};

use super::wire::Fault;

/// Rows of a page where the client names no number.
const USUAL: usize = 25;
/// Rows of a page at the most.
const LARGEST: usize = 1_000;

/// A part of a list.
#[derive(Debug)]
pub struct Page {
    rows: Vec<Value>,
    start: usize,
    next: Option<usize>,
}

impl Page {
    /// From the cursor on. Fails where the cursor is none of ours.
    pub fn of(rows: Vec<Value>, cursor: Option<&str>, limit: Option<usize>) -> Result<Self, Fault> {
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

    /// A page of a list that is only read forwards.
    pub fn forwards(self) -> Value {
        json!({ "data": self.rows, "nextCursor": self.next.map(|at| at.to_string()) })
    }

    /// A page of a list of `count` rows that may be read in the other direction as well: the cursor
    /// backwards takes in the first row of this page again.
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
