//! Our grammar beside another program's: if ours understands a line, both must agree. If only the
//! other understands it, ours asks.

use brush_parser::ast::{
    AndOr, Command, CommandPrefixOrSuffixItem, CompoundCommand, CompoundList, IoFileRedirectKind,
    IoFileRedirectTarget, IoRedirect, Pipeline, RedirectList, SimpleCommand, Word,
};
use brush_parser::word::{self, BraceExpressionOrText, WordPiece, WordPieceWithSource};
use brush_parser::{Parser, ParserOptions, SourceInfo, unquote_str};
use proptest::prelude::*;

use super::properties::{cases, line, noise};
use crate::policy::shell::{
    Compound, Node, Redirect, RedirectKind, ShellOperator, ShellStep, ShellWord, Simple, parse,
};

/// In what the two differ.
type Same = Result<(), String>;

/// Hand-picked lines; `↵` is a line end, `⇥` a tab.
const NASTY: &str = include_str!("grammar.txt");

/// The other program's reading of a word.
#[derive(Debug, Default)]
struct Reading {
    text: String,
    /// Something else may stand there when it runs.
    expands: bool,
    /// It does not say what stands there.
    unsaid: bool,
    nested: Vec<String>,
    /// There may be command lines that it does not name.
    hides: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    Double,
    None,
}

/// As in a shell that nobody sits at.
fn options() -> ParserOptions {
    ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() }
}

fn differ(ours: &impl std::fmt::Debug, theirs: &impl std::fmt::Debug) -> Same {
    Err(format!("ours: {ours:?}\ntheirs: {theirs:?}"))
}

/// Compares a line, and says whether there was something to compare.
fn compare(line: &str) -> Result<bool, String> {
    let Ok(ours) = parse(line) else { return Ok(false) };
    let Some(theirs) = program(line) else { return Ok(false) };
    same_list(&ours, &theirs).map(|()| true)
}

/// Its steps, each with whether it runs only after the one before succeeded; none if the other
/// program does not understand it.
fn program(line: &str) -> Option<Vec<(ShellOperator, Pipeline)>> {
    let program =
        Parser::new(line.as_bytes(), &options(), &SourceInfo::default()).parse_program().ok()?;
    Some(program.complete_commands.iter().flat_map(steps).collect())
}

fn steps(list: &CompoundList) -> Vec<(ShellOperator, Pipeline)> {
    let mut steps = Vec::new();
    for item in &list.0 {
        steps.push((ShellOperator::Other, item.0.first.clone()));
        steps.extend(item.0.additional.iter().map(|next| match next {
            AndOr::And(pipeline) => (ShellOperator::And, pipeline.clone()),
            AndOr::Or(pipeline) => (ShellOperator::Other, pipeline.clone()),
        }));
    }
    steps
}

fn same_list(ours: &[ShellStep], theirs: &[(ShellOperator, Pipeline)]) -> Same {
    if ours.len() != theirs.len() {
        return differ(&ours, &theirs);
    }
    for (our, (link, pipeline)) in ours.iter().zip(theirs) {
        let parts = match &our.node {
            Node::Pipe(parts) => parts.as_slice(),
            node => std::slice::from_ref(node),
        };
        if our.link != *link || parts.len() != pipeline.seq.len() {
            return differ(our, pipeline);
        }
        parts.iter().zip(&pipeline.seq).try_for_each(|(our, their)| same_command(our, their))?;
    }
    Ok(())
}

fn same_command(ours: &Node, theirs: &Command) -> Same {
    match (ours, theirs) {
        (Node::Simple(ours), Command::Simple(theirs)) => same_simple(ours, theirs),
        (Node::Compound { kind, words, bodies, redirects, .. }, Command::Compound(block, more)) => {
            let (their_kind, their_words, their_bodies) = block_of(block);
            if *kind != their_kind {
                return differ(ours, theirs);
            }
            same_words(words, &their_words)?;
            if bodies.len() != their_bodies.len() {
                return differ(ours, theirs);
            }
            for (our, their) in bodies.iter().zip(&their_bodies) {
                same_list(our, &their.map(steps).unwrap_or_default())?;
            }
            same_redirects(redirects, &redirections(more.as_ref()))
        }
        // The operands of a comparison are taken apart differently.
        (
            Node::Compound { kind: Compound::Group, bodies, redirects, .. },
            Command::ExtendedTest(_),
        ) if bodies.is_empty() => same_redirects(redirects, &[]),
        _ => differ(ours, theirs),
    }
}

type Block<'a> = (Compound, Vec<&'a Word>, Vec<Option<&'a CompoundList>>);

fn block_of(block: &CompoundCommand) -> Block<'_> {
    match block {
        CompoundCommand::BraceGroup(group) => (Compound::Group, vec![], vec![Some(&group.0)]),
        CompoundCommand::Subshell(shell) => (Compound::Subshell, vec![], vec![Some(&shell.0)]),
        CompoundCommand::ForClause(each) => {
            (Compound::Loop, each.values.iter().flatten().collect(), vec![Some(&each.body.0)])
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            (Compound::Loop, vec![], vec![Some(&clause.0), Some(&clause.1.0)])
        }
        CompoundCommand::IfClause(branch) => {
            let mut bodies = vec![Some(&branch.condition), Some(&branch.then)];
            for other in branch.elses.iter().flatten() {
                bodies.extend(other.condition.as_ref().map(Some));
                bodies.push(Some(&other.body));
            }
            (Compound::Branch, vec![], bodies)
        }
        CompoundCommand::CaseClause(clause) => {
            let patterns = clause.cases.iter().flat_map(|case| &case.patterns);
            let bodies = clause.cases.iter().map(|case| case.cmd.as_ref()).collect();
            (Compound::Branch, std::iter::once(&clause.value).chain(patterns).collect(), bodies)
        }
        CompoundCommand::Arithmetic(_) | CompoundCommand::ArithmeticForClause(_) => {
            (Compound::Loop, vec![], vec![])
        }
    }
}

fn redirections(list: Option<&RedirectList>) -> Vec<&IoRedirect> {
    list.map(|list| list.0.iter().collect()).unwrap_or_default()
}

/// A word, or the line of a process substitution.
#[derive(Debug)]
enum Argument<'a> {
    Process(&'a CompoundList),
    Word(&'a Word),
}

fn same_simple(ours: &Simple, theirs: &SimpleCommand) -> Same {
    let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
    for item in theirs.prefix.iter().flat_map(|prefix| &prefix.0) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect),
            CommandPrefixOrSuffixItem::AssignmentWord(_, word) => assignments.push(word),
            CommandPrefixOrSuffixItem::Word(word) => words.push(Argument::Word(word)),
            CommandPrefixOrSuffixItem::ProcessSubstitution(_, shell) => {
                words.push(Argument::Process(&shell.0))
            }
        }
    }
    words.extend(theirs.word_or_name.iter().map(Argument::Word));
    for item in theirs.suffix.iter().flat_map(|suffix| &suffix.0) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect),
            CommandPrefixOrSuffixItem::AssignmentWord(_, word)
            | CommandPrefixOrSuffixItem::Word(word) => words.push(Argument::Word(word)),
            CommandPrefixOrSuffixItem::ProcessSubstitution(_, shell) => {
                words.push(Argument::Process(&shell.0))
            }
        }
    }
    if (ours.assignments.len(), ours.words.len()) != (assignments.len(), words.len()) {
        return differ(ours, theirs);
    }
    for (our, their) in ours.assignments.iter().zip(assignments) {
        let Some((name, value)) = their.value.split_once('=') else { return differ(our, their) };
        if our.name != name.trim_end_matches('+') {
            return differ(our, their);
        }
        same_word(&our.value, value)?;
    }
    for (our, their) in ours.words.iter().zip(&words) {
        match their {
            Argument::Word(their) => same_word(our, &their.value)?,
            Argument::Process(line) => match our.nested.as_slice() {
                [nested] if our.known().is_none() => same_list(nested, &steps(line))?,
                _ => return differ(our, their),
            },
        }
    }
    same_redirects(&ours.redirects, &redirects)
}

/// Whether it opens nothing. `|&` is one such of the other program's.
fn duplicates(redirect: &IoRedirect) -> bool {
    use IoFileRedirectKind::{DuplicateInput, DuplicateOutput};
    let IoRedirect::File(_, DuplicateInput | DuplicateOutput, target) = redirect else {
        return false;
    };
    match target {
        IoFileRedirectTarget::Fd(_) => true,
        IoFileRedirectTarget::Duplicate(word) | IoFileRedirectTarget::Filename(word) => {
            unquote_str(&word.value).chars().all(|c| c.is_ascii_digit() || c == '-')
        }
        IoFileRedirectTarget::ProcessSubstitution(..) => false,
    }
}

fn same_redirects(ours: &[Redirect], theirs: &[&IoRedirect]) -> Same {
    let ours: Vec<_> =
        ours.iter().filter(|redirect| redirect.way != RedirectKind::Duplicate).collect();
    let theirs: Vec<_> = theirs.iter().filter(|redirect| !duplicates(redirect)).collect();
    if ours.len() != theirs.len() {
        return differ(&ours, &theirs);
    }
    for (our, their) in ours.into_iter().zip(theirs) {
        let (way, target) = match their {
            IoRedirect::File(_, kind, target) => {
                let way = match kind {
                    IoFileRedirectKind::Read => RedirectKind::Read,
                    _ => RedirectKind::Write,
                };
                let target = match target {
                    IoFileRedirectTarget::Filename(word)
                    | IoFileRedirectTarget::Duplicate(word) => Some(word),
                    IoFileRedirectTarget::Fd(_) | IoFileRedirectTarget::ProcessSubstitution(..) => {
                        None
                    }
                };
                (way, target)
            }
            IoRedirect::HereDocument(_, document) => {
                let Some(body) = our.body.get() else { return differ(our, their) };
                if !document.requires_expansion && body.text != document.doc.value {
                    return differ(our, their);
                }
                (RedirectKind::Here, None)
            }
            IoRedirect::HereString(_, word) => (RedirectKind::Here, Some(word)),
            IoRedirect::OutputAndError(word, _) => (RedirectKind::Write, Some(word)),
        };
        if our.way != way {
            return differ(our, their);
        }
        target.map_or(Ok(()), |target| same_word(&our.target, &target.value))?;
    }
    Ok(())
}

fn same_words(ours: &[ShellWord], theirs: &[&Word]) -> Same {
    if ours.len() != theirs.len() {
        return differ(&ours, &theirs);
    }
    ours.iter().zip(theirs).try_for_each(|(our, their)| same_word(our, &their.value))
}

fn same_word(ours: &ShellWord, written: &str) -> Same {
    let Ok(pieces) = word::parse(written, &options()) else { return Ok(()) };
    let mut reading = Reading::default();
    reading.take(&pieces, Quotes::None);
    if let Ok(Some(parts)) = word::parse_brace_expansions(written, &options()) {
        reading.expands |= parts.iter().any(|part| matches!(part, BraceExpressionOrText::Expr(_)));
    }
    let says_otherwise = |known: &str| reading.expands || known != reading.text;
    if !reading.unsaid && reading.text != "[" && ours.known().is_some_and(says_otherwise) {
        return differ(ours, &(written, reading));
    }
    let lines: Option<Vec<_>> = reading.nested.iter().map(|line| program(line)).collect();
    let Some(lines) = lines.filter(|_| !reading.hides) else { return Ok(()) };
    if ours.nested.len() != lines.len() {
        return differ(ours, &(written, lines));
    }
    ours.nested.iter().zip(&lines).try_for_each(|(our, their)| same_list(our, their))
}

impl Reading {
    fn take(&mut self, pieces: &[WordPieceWithSource], quotes: Quotes) {
        for piece in pieces {
            match &piece.piece {
                WordPiece::Text(text) => {
                    self.expands |= quotes == Quotes::None && text.contains(['*', '?', '[']);
                    self.text.push_str(text);
                }
                WordPiece::SingleQuotedText(text) => self.text.push_str(text),
                WordPiece::AnsiCQuotedText(text) => {
                    self.unsaid |= text.contains('\\');
                    self.text.push_str(text);
                }
                WordPiece::DoubleQuotedSequence(pieces)
                | WordPiece::GettextDoubleQuotedSequence(pieces) => {
                    self.take(pieces, Quotes::Double)
                }
                WordPiece::EscapeSequence(text) => {
                    self.text.extend(text.strip_prefix('\\').filter(|text| *text != "\n"))
                }
                WordPiece::TildePrefix(_) => self.expands = true,
                WordPiece::CommandSubstitution(line) => {
                    self.expands = true;
                    self.nested.push(line.clone());
                }
                WordPiece::BackquotedCommandSubstitution(line) => {
                    self.expands = true;
                    self.hides |= line.contains('\\');
                    self.nested.push(line.clone());
                }
                WordPiece::ParameterExpansion(_) | WordPiece::ArithmeticExpression(_) => {
                    self.expands = true;
                    self.hides |= piece.end_index - piece.start_index > 2 + self.text.len();
                }
            }
        }
    }
}

/// Pieces of lines, parted by `¦`.
const PIECES: &[&str] = &[
    "a¦b ¦ ¦ ¦ c ¦'¦'d e'¦\"¦\"f g\"¦\\¦\\ ¦\\\n¦\n¦;¦ ; ¦ & ¦&¦ && ¦ || ¦ | ¦|¦|&¦#¦",
    " #h¦x=¦y+=1¦$x¦$(i)¦\"$(j k)\"¦`l`¦<¦>¦ >m¦2>&1¦&>n¦>&¦<<<¦ <<E\n¦E\n¦{¦}¦",
    "{ p; }¦(q)¦(¦)¦!¦ ! ¦~¦~/r¦*¦[¦]¦[[ s ]]¦=¦if t; then u; fi¦ then ¦ do ¦nice ¦",
    "${v:-w}¦$'x\\ty'¦$\"z\"¦$¦1¦-¦case a in b) c;; esac¦for i in 1 2; do j; done¦",
    "while k; do l; done¦function ¦[¦é",
];

/// Pieces of which most lines are such as a shell understands.
fn dense() -> impl Strategy<Value = String> {
    let pieces = PIECES.iter().flat_map(|row| row.split_terminator('¦')).collect::<Vec<_>>();
    let piece = prop::sample::select(pieces);
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_ours_understands_another_shell_understands_alike(line in prop_oneof![4 => dense(), 2 => line(), 1 => noise()]) {
        // The other program splits `a<(b)c`, which is one word in bash: the table has those that
        // stand alone.
        prop_assume!(!line.contains("<(") && !line.contains(">("));
        // It takes all after a tilde for a name, also what bash runs or expands there.
        let next = |(at, _)| line[at + 1..].chars().next();
        prop_assume!(line.match_indices('~').filter_map(next).all(|next| "/ \n".contains(next)));
        if let Err(how) = compare(&line) {
            prop_assert!(false, "{line:?}\n{how}");
        }
    }
}

#[test]
fn a_tilde_where_a_value_begins_is_somebodys_home() {
    for line in ["x=~/a", "x=1:~/a b", "a x=~", "dd of=~/a", "a x+=~b", "a x=:~"] {
        let steps = parse(line).unwrap();
        let Node::Simple(simple) = &steps[0].node else { panic!("{line}") };
        let mut words = simple.assignments.iter().map(|given| &given.value).chain(&simple.words);
        assert!(words.any(|word| word.known().is_none()), "{line}: {simple:?}");
    }
    for line in ["a --x=~/a", "a x='~/a'", "a x=b~", "a 'x'=~/a", "a x=\\~/a"] {
        let steps = parse(line).unwrap();
        let Node::Simple(simple) = &steps[0].node else { panic!("{line}") };
        assert!(simple.words.iter().all(|word| word.known().is_some()), "{line}: {simple:?}");
    }
}

#[test]
fn what_is_torn_by_the_end_of_a_line_is_not_taken_for_something_else() {
    for line in [
        "a \"$\\\n(b c)\"",
        "a $\\\nx",
        "a $\\\n'b'",
        "a <<E\n$\\\n(b)\nE\n",
        "!\\\n a",
        "i\\\nf a",
        "1\\\n2>a b c",
    ] {
        assert!(parse(line).is_err(), "{line:?}");
    }
    assert!(parse("a 'b$\\\nc' d\\\ne").is_ok());
}

#[test]
fn a_brace_with_quotes_in_it_stands_for_several_words() {
    let word = |line: &str| {
        let steps = parse(line).unwrap();
        let Node::Simple(simple) = &steps[0].node else { panic!("{line}") };
        simple.words[1].known().map(str::to_owned)
    };
    let long = format!("a {{{},b}}", "c".repeat(300));
    for line in ["a {\"b c\",d}", "a {'b;c',/d}", "a {b\\ c,d}", "a {b,\\\nc}", long.as_str()] {
        assert_eq!(word(line), None, "{line:?}");
    }
    for (line, known) in [("a {}", "{}"), ("a @{u}", "@{u}"), ("a {'b,c'}", "{b,c}")] {
        assert_eq!(word(line).as_deref(), Some(known));
    }
}

#[test]
fn what_sets_a_place_of_a_list_is_no_command() {
    for line in ["a[0]=b rm -rf /", "a[x y]=b c", "a[$i]+=b c", "a['x']=b c", ">d a[1]=b c"] {
        assert!(parse(line).is_err(), "{line}");
    }
    assert!(parse("cat a[0]=b [a]").is_ok());
}

#[test]
fn nasty_lines_are_understood_alike_or_not_at_all() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    let lines: Vec<String> =
        NASTY.lines().map(|line| line.replace('↵', "\n").replace('⇥', "\t")).collect();
    for line in &lines {
        match compare(line) {
            Ok(could) => compared += usize::from(could),
            Err(how) => wrong.push(format!("{line:?}\n{how}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), lines.len(), wrong.join("\n\n"));
    assert!(compared * 2 > lines.len(), "only {compared} of {} were compared", lines.len());
}
