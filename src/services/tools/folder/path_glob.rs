//! Globs as tools take them: without a slash they are about the file's name, with one about the
//! path. Touches no file.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::base::ignore_files;
use crate::base::phrases::shorten;
use crate::tools::call::refusal::ToolRefusal;

/// Characters of a glob.
const LONGEST: usize = 4096;

#[derive(Debug)]
pub struct PathGlob {
    matcher: GlobMatcher,
    about: About,
}

#[derive(Debug)]
enum About {
    Name,
    Path,
}

impl PathGlob {
    /// Reads a pattern. One with a `/` is matched against the path below the folder, any other
    /// against the name.
    ///
    /// # Errors
    ///
    /// Refuses a pattern that is malformed, too long or too deep.
    pub fn parse(pattern: &str) -> Result<Self, ToolRefusal> {
        let refuse = |reason: String| ToolRefusal::Glob { pattern: shorten(pattern, 100), reason };
        if pattern.len() > LONGEST
            || ignore_files::nesting(pattern.as_bytes()) > ignore_files::NESTED
        {
            return Err(refuse("it is too long or too deep".to_owned()));
        }
        let wanted = pattern.trim_start_matches("./").trim_start_matches('/');
        let about =
            if pattern.trim_start_matches("./").contains('/') { About::Path } else { About::Name };
        let glob = GlobBuilder::new(wanted).literal_separator(true).build();
        let glob = glob.map_err(|error| refuse(error.kind().to_string()))?;
        Ok(Self { matcher: glob.compile_matcher(), about })
    }

    /// `path` is relative to where the search began.
    pub fn fits(&self, path: &Path) -> bool {
        match self.about {
            About::Name => path.file_name().is_some_and(|name| self.matcher.is_match(name)),
            About::Path => self.matcher.is_match(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_mean_what_their_writers_mean() {
        for (pattern, fits, misses) in [
            ("*.rs", vec!["a.rs", "src/a.rs"], vec!["a.rst", "a.rs/b"]),
            ("**/*.rs", vec!["a.rs", "src/deep/a.rs"], vec!["a.txt"]),
            ("src/*.rs", vec!["src/a.rs"], vec!["src/b/a.rs", "x/src/a.rs", "a.rs"]),
            ("./src/**", vec!["src/a", "src/b/c"], vec!["a"]),
            ("/*.md", vec!["a.md"], vec!["docs/a.md"]),
            ("*.{ts,tsx}", vec!["x/a.ts", "b.tsx"], vec!["a.tsxx"]),
            ("[ab].txt", vec!["a.txt"], vec!["c.txt"]),
            ("Makefile", vec!["Makefile", "sub/Makefile"], vec!["makefile"]),
        ] {
            let shape = PathGlob::parse(pattern).unwrap();
            for path in fits {
                assert!(shape.fits(Path::new(path)), "{pattern} {path}");
            }
            for path in misses {
                assert!(!shape.fits(Path::new(path)), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_broken_glob_is_named() {
        for pattern in ["[a", "{a,b", "a]{"] {
            assert!(matches!(PathGlob::parse(pattern), Err(ToolRefusal::Glob { .. })), "{pattern}");
        }
    }
}
