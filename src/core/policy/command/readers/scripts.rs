//! Scripts of `sed` and `awk` that only print. Does not run them, and understands nothing else.

use super::super::super::shell::{ShellWord, WordForm};

/// The files that a `sed` reads which writes and runs nothing.
///
/// # Errors
///
/// Fails with a sentence for people if an option, the script or a file name is not known to only
/// print.
pub fn sed(args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    let why = || "`sed` may do more than print here".to_owned();
    let (mut scripts, mut files): (Vec<&ShellWord>, Vec<&ShellWord>) = (Vec::new(), Vec::new());
    let mut given = false;
    let mut rest = args;
    while let [word, more @ ..] = rest {
        rest = more;
        match word.text.as_str() {
            _ if word.form > WordForm::Glob => return Err(why()),
            "-e" | "--expression" => {
                scripts.push(more.first().ok_or_else(why)?);
                given = true;
                rest = &more[1..];
            }
            "--quiet" | "--silent" | "--regexp-extended" | "--separate" | "--unbuffered"
            | "--null-data" | "--posix" | "--debug" | "--sandbox" => {}
            text if text.starts_with("--") => return Err(why()),
            text if text.len() > 1 && text.starts_with('-') => {
                if !text[1..].chars().all(|c| "nErsuz".contains(c)) {
                    return Err(why());
                }
            }
            _ => files.push(word),
        }
    }
    if !given {
        scripts.extend((!files.is_empty()).then(|| files.remove(0)));
    }
    let fine = !scripts.is_empty()
        && scripts.iter().all(|script| prints(&script.text))
        && files.iter().all(|word| !word.text.starts_with('*'));
    if fine { Ok(files.into_iter().cloned().collect()) } else { Err(why()) }
}

/// Whether no command of a script writes, reads other files, or runs anything.
fn prints(script: &str) -> bool {
    let mut letters = script.chars().peekable();
    loop {
        while letters.next_if(|c| c.is_whitespace() || *c == ';').is_some() {}
        if letters.peek().is_none() {
            return true;
        }
        if !skip_address(&mut letters) {
            return false;
        }
        while letters.next_if(|c| *c == ' ' || *c == '!').is_some() {}
        match letters.next() {
            Some('p' | 'd' | 'D' | 'P' | 'n' | 'N' | 'h' | 'H' | 'g' | 'G' | 'x' | '=' | 'l') => {}
            Some('q' | 'Q') => while letters.next_if(char::is_ascii_digit).is_some() {},
            Some('s') => {
                let Some(mark) = letters
                    .next()
                    .filter(|c| !c.is_alphanumeric() && !c.is_whitespace() && *c != '\\')
                else {
                    return false;
                };
                if !skip_to(&mut letters, mark) || !skip_to(&mut letters, mark) {
                    return false;
                }
                while letters.next_if(|c| "gpIi0123456789mM".contains(*c)).is_some() {}
            }
            _ => return false,
        }
        while letters.next_if(|c| *c == ' ').is_some() {}
        if letters.peek().is_some_and(|c| !matches!(c, ';' | '\n')) {
            return false;
        }
    }
}

fn skip_address(letters: &mut std::iter::Peekable<std::str::Chars>) -> bool {
    loop {
        match letters.peek() {
            Some('/') => {
                letters.next();
                if !skip_to(letters, '/') {
                    return false;
                }
                while letters.next_if(|c| *c == 'I' || *c == 'M').is_some() {}
            }
            Some(c) if c.is_ascii_digit() || "$~+".contains(*c) => {
                letters.next();
            }
            Some(',') | Some(' ') => {
                letters.next();
            }
            _ => return true,
        }
    }
}

/// Past the next mark that no backslash and no bracket takes the meaning from.
fn skip_to(letters: &mut std::iter::Peekable<std::str::Chars>, mark: char) -> bool {
    while let Some(c) = letters.next() {
        match c {
            '\\' => {
                letters.next();
            }
            // In brackets a mark may or may not end it, depending on the program.
            '[' => {
                let inside: String = letters.clone().take_while(|c| *c != ']').collect();
                if inside.contains(mark) || inside.contains('\\') && mark == ']' {
                    return false;
                }
            }
            '\n' => return false,
            c if c == mark => return true,
            _ => {}
        }
    }
    false
}

/// The files that an `awk` reads which only prints.
///
/// # Errors
///
/// Fails with a sentence for people if an option or the program is not known to only print.
pub fn awk(args: &[ShellWord]) -> Result<Vec<ShellWord>, String> {
    let why = || "`awk` may do more than print here".to_owned();
    let mut rest = args;
    while let [word, more @ ..] = rest
        && word.text.starts_with('-')
    {
        rest = match word.text.as_str() {
            _ if word.form != WordForm::Literal => return Err(why()),
            "-F" | "-v" => more.get(1..).unwrap_or_default(),
            "--" => {
                rest = more;
                break;
            }
            text if text.starts_with("-F") && text.len() > 2 => more,
            _ => return Err(why()),
        };
    }
    let [program, files @ ..] = rest else { return Err(why()) };
    let acts =
        ["system", "getline", "@", "ENVIRON", "close", "fflush", "ARG", "PROCINFO", "extension"];
    let known = program
        .known()
        .is_some_and(|text| !acts.iter().any(|act| text.contains(act)) && keeps_output(text));
    if known && files.iter().all(|word| word.form <= WordForm::Glob) {
        Ok(files.to_vec())
    } else {
        Err(why())
    }
}

/// Whether an `awk` program sends its output nowhere else: `|` and `>` stand in it only where they
/// compare. `>=` and `||` always do; `>` does outside of all braces and within round brackets,
/// which can be counted where no text and no pattern may hold one. Those of a `for` may hold a
/// `print` in some awks.
fn keeps_output(program: &str) -> bool {
    let countable = !program.contains(['"', '/', '\\', '#']) && !program.contains("for");
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    let mut letters = program.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            '(' => brackets += 1,
            ')' => brackets = brackets.saturating_sub(1),
            '|' if letters.next_if_eq(&'|').is_none() => return false,
            '>' if letters.next_if_eq(&'=').is_some() => {}
            '>' if letters.peek() == Some(&'>') => return false,
            '>' if countable && (braces == 0 || brackets > 0) => {}
            '>' => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{keeps_output, prints};

    #[test]
    fn an_awk_program_compares_or_is_not_understood() {
        for program in [
            "NR>=1 && NR<=5",
            "NR>5",
            "NR > 5 {print $1}",
            "{ if ($3 > 5 || $1 >= 2) print $1 }",
            "{ print (a > b) }",
        ] {
            assert!(keeps_output(program), "{program}");
        }
        for program in [
            "{print>\"x\"}",
            "{print >> \"x\"}",
            "{print >>= x}",
            "{print > $1}",
            "{print | \"sh\"}",
            "{print ||| \"sh\"}",
            "{print |& \"sh\"}",
            "{x=\"(\"; print > \"f\"}",
            "{if (/(/) print > $1}",
            "function f(x) {print > x}",
            "{ # (\nprint > $1}",
            "(NR==1) {print > $1}",
            "{ for (print $1 > $2; ; ) break }",
        ] {
            assert!(!keeps_output(program), "{program}");
        }
    }

    #[test]
    fn a_sed_script_prints_or_is_not_understood() {
        for script in [
            "p",
            "1,5p",
            "$p",
            "/a/,/b/p",
            "1!d",
            "s/a/b/",
            "s|a|b|gp",
            "5q",
            "1p;3p",
            r"s/a\/b/c/",
            "/x/d\n/y/d",
            "10,20p",
            "s/[0-9]*//g",
        ] {
            assert!(prints(script), "{script}");
        }
        for script in [
            "w out",
            "1w out",
            "s/a/b/w out",
            "s/a/b/e",
            "e",
            "1e ls",
            "r /etc/passwd",
            "R x",
            "W x",
            "{p}",
            "a text",
            "s/a/b",
            "y/a/b/",
            "s/a/b/;e ls",
            "s/[/]/b/w x",
            "/a/{w x\n}",
            "p w",
            "s\nx\ny\nw z",
            "1,5",
        ] {
            assert!(!prints(script), "{script}");
        }
    }
}
