//! Markdown by the metre, for measuring a client under load.

use crate::protocol::Usage;

use super::script_piece;
use super::script_piece::ScriptPiece;

/// A paragraph, a list, a fence and a table; repeated as often as needed.
const SAMPLE: &str = codling_assets::demo::LOAD;

/// Characters of a delta: about five tokens.
const DELTA: usize = 20;

/// A whole answer of so many text deltas.
pub fn pieces(deltas: usize) -> Vec<ScriptPiece> {
    let usage =
        Usage { input: 1_000, cached: 0, output: deltas as u64 * 5, reasoning: 0, cost: None };
    let mut pieces = Vec::with_capacity(deltas + 2);
    pieces.push(script_piece::created());
    pieces.extend(cut(SAMPLE).cycle().take(deltas).map(script_piece::text));
    pieces.push(script_piece::completed(usage));
    pieces
}

fn cut(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(DELTA).map_or(rest.len(), |(at, _)| at);
        let (delta, left) = rest.split_at(end);
        rest = left;
        Some(delta)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_of_the_load_is_about_five_tokens_long() {
        let lengths: Vec<usize> = cut(SAMPLE).map(|delta| delta.chars().count()).collect();
        assert!(lengths.iter().all(|&length| length <= DELTA), "{lengths:?}");
        assert!(lengths.iter().sum::<usize>() / lengths.len() >= 18, "{lengths:?}");
        assert_eq!(cut(SAMPLE).collect::<String>(), SAMPLE);
    }
}
