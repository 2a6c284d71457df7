//! The lexical rules of each language.

/// How a language is highlighted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Language {
    Code(&'static LanguageRules),
    Diff,
    /// Lines of keys and values; comments begin with the mark.
    Keys(&'static str),
    Tags,
}

/// The parts of a programming language. Words are separated by spaces.
#[derive(Debug)]
pub(super) struct LanguageRules {
    pub names: &'static str,
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Longer marks first.
    pub quotes: &'static [Quote],
    pub keywords: &'static str,
    pub constants: &'static str,
    pub types: &'static str,
    pub case: KeywordCase,
    pub strings_before_colon: KeyStyle,
}

#[derive(Debug)]
pub(super) struct Quote {
    pub mark: &'static str,
    pub reach: CommentReach,
    pub escape: Escape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommentReach {
    Line,
    Lines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    Backslash,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeywordCase {
    /// Keywords match in any case.
    Any,
    /// A word that begins with a capital is a type.
    CapitalsAreTypes,
    Exact,
}

/// Whether a string before a colon is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyStyle {
    Are,
    AreNot,
}

pub(super) fn find(name: &str) -> Option<Language> {
    match name {
        "diff" | "patch" | "udiff" => return Some(Language::Diff),
        "toml" | "yaml" | "yml" | "ini" | "conf" | "properties" | "env" | "dotenv" => {
            return Some(Language::Keys("#"));
        }
        "html" | "xml" | "svg" | "vue" | "svelte" | "xhtml" | "plist" => {
            return Some(Language::Tags);
        }
        _ => {}
    }
    let rules = LANGUAGES.iter().find(|rules| rules.names.split(' ').any(|known| known == name))?;
    Some(Language::Code(rules))
}

const fn quote(mark: &'static str, reach: CommentReach, escape: Escape) -> Quote {
    Quote { mark, reach, escape }
}

const DOUBLE: Quote = quote("\"", CommentReach::Line, Escape::Backslash);
const SINGLE: Quote = quote("'", CommentReach::Line, Escape::Backslash);
const C_LIKE: LanguageRules = LanguageRules {
    names: "",
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[DOUBLE, SINGLE],
    keywords: "",
    constants: "true false null",
    types: "",
    case: KeywordCase::CapitalsAreTypes,
    strings_before_colon: KeyStyle::AreNot,
};
const HASHED: LanguageRules =
    LanguageRules { line_comments: &["#"], block_comment: None, ..C_LIKE };

static LANGUAGES: [LanguageRules; 22] = [
    LanguageRules {
        names: "rust rs",
        quotes: &[quote("\"", CommentReach::Lines, Escape::Backslash)],
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct super trait type union unsafe use where while yield",
        constants: "true false self Self None Some Ok Err",
        types: "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize",
        ..C_LIKE
    },
    LanguageRules {
        names: "js javascript jsx ts typescript tsx mjs cjs",
        quotes: &[DOUBLE, SINGLE, quote("`", CommentReach::Lines, Escape::Backslash)],
        keywords: "abstract as async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in instanceof interface is keyof let namespace new of private protected public readonly return satisfies set static super switch throw try type typeof var void while with yield",
        constants: "true false null undefined this NaN Infinity",
        types: "any bigint boolean never number object string symbol unknown",
        ..C_LIKE
    },
    LanguageRules {
        names: "python py python3 pyi",
        quotes: &[
            quote("\"\"\"", CommentReach::Lines, Escape::Backslash),
            quote("'''", CommentReach::Lines, Escape::Backslash),
            DOUBLE,
            SINGLE,
        ],
        keywords: "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
        constants: "True False None self cls",
        types: "bool bytes dict float int list object set str tuple",
        ..HASHED
    },
    LanguageRules {
        names: "go golang",
        quotes: &[DOUBLE, SINGLE, quote("`", CommentReach::Lines, Escape::None)],
        keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
        constants: "true false nil iota",
        types: "any bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr",
        ..C_LIKE
    },
    LanguageRules {
        names: "c h cpp c++ cc hpp cxx objc arduino cuda glsl hlsl wgsl",
        keywords: "alignas alignof asm auto break case catch class concept const consteval constexpr continue co_await co_return co_yield decltype default define delete do else endif enum explicit export extern final for friend goto if ifdef ifndef include inline mutable namespace new noexcept operator override pragma private protected public register requires return sizeof static static_assert static_cast struct switch template thread_local throw try typedef typename undef union using virtual volatile while",
        constants: "true false NULL nullptr this",
        types: "bool char double float int int8_t int16_t int32_t int64_t long ptrdiff_t short signed size_t ssize_t uint8_t uint16_t uint32_t uint64_t unsigned void wchar_t",
        case: KeywordCase::Exact,
        ..C_LIKE
    },
    LanguageRules {
        names: "cs c# csharp",
        keywords: "abstract as async await base break case catch checked class const continue default delegate do else enum event explicit extern finally fixed for foreach get if implicit in init interface internal is lock namespace new operator out override params partial private protected public readonly record ref required return sealed set sizeof static struct switch throw try typeof unsafe using value var virtual when where while with yield",
        constants: "true false null this",
        types: "bool byte char decimal double dynamic float int long nint object sbyte short string uint ulong ushort void",
        ..C_LIKE
    },
    LanguageRules {
        names: "java groovy gradle scala",
        quotes: &[quote("\"\"\"", CommentReach::Lines, Escape::Backslash), DOUBLE, SINGLE],
        keywords: "abstract assert break case catch class continue def default do else enum extends final finally for if implements import instanceof interface native new object override package permits private protected public record return sealed static super switch synchronized throw throws trait transient try val var volatile when while with yield",
        constants: "true false null this",
        types: "boolean byte char double float int long short void",
        ..C_LIKE
    },
    LanguageRules {
        names: "kotlin kt kts",
        quotes: &[quote("\"\"\"", CommentReach::Lines, Escape::None), DOUBLE, SINGLE],
        keywords: "abstract actual as break by catch class companion const constructor continue data do else enum expect external final finally for fun if import in infix init inline inner interface internal is lateinit object open operator out override package private protected public reified return sealed suspend super tailrec throw try typealias val var vararg when where while",
        constants: "true false null this it",
        ..C_LIKE
    },
    LanguageRules {
        names: "swift",
        quotes: &[quote("\"\"\"", CommentReach::Lines, Escape::Backslash), DOUBLE],
        keywords: "actor as associatedtype async await break case catch class continue convenience default defer deinit do else enum extension fallthrough fileprivate final for func get guard if import in indirect init inout internal is lazy let mutating open operator override private protocol public repeat required rethrows return set some static struct subscript super switch throw throws try typealias unowned var weak where while",
        constants: "true false nil self Self",
        ..C_LIKE
    },
    LanguageRules {
        names: "dart",
        keywords: "abstract as assert async await break case catch class const continue covariant default deferred do dynamic else enum export extends extension external factory final finally for get if implements import in interface is late library mixin new on operator part required rethrow return sealed set show static super switch sync throw try typedef var void while with yield",
        constants: "true false null this",
        types: "bool double int num",
        ..C_LIKE
    },
    LanguageRules {
        names: "php",
        line_comments: &["//", "#"],
        keywords: "abstract and array as break callable case catch class clone const continue declare default do echo else elseif empty enum extends final finally fn for foreach function global goto if implements include instanceof interface isset list match namespace new or print private protected public readonly require require_once return static switch throw trait try unset use var while yield",
        constants: "true false null TRUE FALSE NULL",
        types: "bool float int iterable mixed object string void",
        ..C_LIKE
    },
    LanguageRules {
        names: "zig",
        block_comment: None,
        keywords: "align allowzero and anyframe anytype asm async await break callconv catch comptime const continue defer else enum errdefer error export extern fn for if inline noalias nosuspend or orelse packed pub resume return struct suspend switch test threadlocal try union unreachable usingnamespace var volatile while",
        constants: "true false null undefined",
        types: "anyerror bool c_int comptime_int f32 f64 i8 i16 i32 i64 isize noreturn type u8 u16 u32 u64 usize void",
        ..C_LIKE
    },
    LanguageRules {
        names: "sh bash zsh shell fish ksh console shellscript",
        quotes: &[
            quote("\"", CommentReach::Lines, Escape::Backslash),
            quote("'", CommentReach::Lines, Escape::None),
        ],
        keywords: "alias break case cd continue declare do done echo elif else end esac eval exec exit export fi for function if in local read readonly return set shift source then trap unset until while",
        constants: "true false",
        case: KeywordCase::Exact,
        ..HASHED
    },
    LanguageRules {
        names: "ruby rb elixir ex exs crystal",
        keywords: "alias and attr_accessor attr_reader begin break case class def defmodule defp do else elsif end ensure extend fn for if import in include loop module next not or private protected public raise redo require require_relative rescue retry return super then undef unless until use when while with yield",
        constants: "true false nil self",
        ..HASHED
    },
    LanguageRules {
        names: "lua",
        line_comments: &["--"],
        block_comment: Some(("--[[", "]]")),
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
        constants: "true false nil self",
        ..C_LIKE
    },
    LanguageRules {
        names: "sql postgresql postgres mysql sqlite plsql",
        line_comments: &["--"],
        quotes: &[
            quote("'", CommentReach::Lines, Escape::None),
            quote("\"", CommentReach::Line, Escape::None),
        ],
        keywords: "add all alter and any as asc begin between by cascade case check column commit conflict constraint create cross database declare default delete desc distinct do drop else end except exists explain foreign from full function grant group having if in index inner insert intersect into is join key left like limit not nothing offset on or order outer over partition primary procedure references returning revoke right rollback select set table then transaction trigger truncate union unique update using values view when where window with",
        constants: "true false null current_timestamp",
        types: "bigint blob boolean bytea char date decimal double float int integer json jsonb numeric real serial smallint text time timestamp timestamptz uuid varchar",
        case: KeywordCase::Any,
        ..C_LIKE
    },
    LanguageRules {
        names: "json jsonc json5 jsonl ndjson",
        constants: "true false null",
        case: KeywordCase::Exact,
        strings_before_colon: KeyStyle::Are,
        ..C_LIKE
    },
    LanguageRules {
        names: "css scss less sass",
        keywords: "and charset extend font-face from import important include keyframes layer media mixin not only or supports to use",
        constants: "auto none inherit initial unset",
        case: KeywordCase::Exact,
        ..C_LIKE
    },
    LanguageRules {
        names: "dockerfile docker containerfile",
        keywords: "add arg as cmd copy entrypoint env expose from healthcheck label maintainer onbuild run shell stopsignal user volume workdir",
        case: KeywordCase::Any,
        ..HASHED
    },
    LanguageRules {
        names: "make makefile mk cmake",
        keywords: "define else endef endif export if ifdef ifeq ifndef ifneq include override unexport endforeach foreach function endfunction set",
        case: KeywordCase::Exact,
        ..HASHED
    },
    LanguageRules {
        names: "haskell hs elm",
        line_comments: &["--"],
        block_comment: Some(("{-", "-}")),
        quotes: &[DOUBLE],
        keywords: "as case class data deriving do else family forall hiding if import in infix infixl infixr instance let module newtype of qualified then type where",
        constants: "True False Nothing",
        ..C_LIKE
    },
    LanguageRules {
        names: "hcl terraform tf nix r perl pl powershell ps1 graphql proto protobuf",
        keywords: "data else enum extend for foreach function if import in inherit input interface let library local locals message module my mutation next option our output package param print provider query rec repeated require resource return rpc schema service source sub subscription syntax terraform then type union use variable while with",
        constants: "true false null TRUE FALSE NULL undef",
        types: "bool bytes double float int32 int64 number string uint32 uint64",
        line_comments: &["#", "//"],
        ..C_LIKE
    },
];
