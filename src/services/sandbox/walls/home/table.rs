//! The places of a home that tools and builds need to run, as data: everything else in a home that
//! begins with a dot, or stands in its `.config`, `.local/share` or `Library`, is hidden from
//! commands that are kept in. Looks at no disk.

/// The needs of one tool, or of a family; every field holds paths below the home, with blanks
/// between them. A last star stands for any ending.
#[derive(Debug)]
pub struct NeedsOfTool {
    /// Programs and libraries, which are read.
    pub programs: &'static str,
    /// Caches, which tools write to as well.
    pub caches: &'static str,
    /// Settings, which are shown without the secrets in them.
    pub settings: &'static str,
    /// The variable by which the tool is told of another cache, where it fails without one that it
    /// can write to, and does not only run more slowly.
    pub told_by: Option<&'static str>,
}

const fn needs(
    programs: &'static str,
    caches: &'static str,
    settings: &'static str,
) -> NeedsOfTool {
    NeedsOfTool { programs, caches, settings, told_by: None }
}

/// Caches of a tool that fails where it cannot write to them.
const fn writes(told_by: &'static str, caches: &'static str) -> NeedsOfTool {
    NeedsOfTool { programs: "", caches, settings: "", told_by: Some(told_by) }
}

pub const TOOLS: &[NeedsOfTool] = &[
    // cargo, rustup
    needs(
        ".cargo/bin .cargo/env .rustup/toolchains .rustup/settings.toml .rustup/update-hashes",
        ".cargo/registry/index .cargo/registry/cache .cargo/registry/src .cargo/git",
        ".cargo/config .cargo/config.toml",
    ),
    // npm
    needs(
        ".npm-global/bin .npm-global/lib .npm-global/share .cache/node",
        ".npm/_cacache .npm/_npx",
        ".npmrc",
    ),
    // nvm, fnm, volta, n
    needs(
        ".nvm/versions .nvm/alias .nvm/nvm.sh .nvm/bash_completion .fnm .local/share/fnm .local/state/fnm_multishells .volta/bin .volta/tools .n",
        "",
        "",
    ),
    // pnpm, yarn, bun, deno
    needs(
        ".local/share/pnpm .bun/bin .deno/bin Library/pnpm",
        ".cache/pnpm .cache/yarn .cache/deno .yarn/berry .bun/install/cache",
        ".config/pnpm/rc .yarnrc .yarnrc.yml .bunfig.toml",
    ),
    // pyenv, pip
    needs(
        ".pyenv/bin .pyenv/libexec .pyenv/completions .pyenv/shims .pyenv/versions .pyenv/version .pyenv/plugins .pyenv/pyenv.d .local/bin .local/lib .virtualenvs Library/Python",
        ".cache/pip .cache/virtualenv",
        ".config/pip/pip.conf .pip/pip.conf",
    ),
    // uv, pipx, poetry
    needs(
        ".local/share/uv/python .local/share/uv/tools .local/share/pipx/venvs .local/share/pypoetry .cache/pypoetry/virtualenvs",
        ".cache/pypoetry",
        ".config/uv/uv.toml .config/pypoetry/config.toml",
    ),
    writes("UV_CACHE_DIR", ".cache/uv Library/Caches/uv"),
    // conda
    needs(".conda/envs", ".conda/pkgs", ".condarc"),
    // ruby
    needs(
        ".rbenv/bin .rbenv/libexec .rbenv/shims .rbenv/versions .rbenv/version .rbenv/plugins .rbenv/rbenv.d .rvm/bin .rvm/scripts .rvm/rubies .rvm/gems .rvm/environments .rvm/wrappers .gem/ruby .local/share/gem/ruby",
        ".bundle/cache",
        ".gemrc .bundle/config",
    ),
    // go
    needs("", "go/pkg/mod", ".config/go/env"),
    writes("GOCACHE", ".cache/go-build Library/Caches/go-build"),
    // java
    needs(
        ".sdkman/bin .sdkman/src .sdkman/etc .sdkman/candidates .jdks .m2/wrapper .m2/toolchains.xml .gradle/wrapper .gradle/jdks .gradle/native .konan Library/Java",
        ".m2/repository .gradle/caches .gradle/daemon .gradle/notifications",
        ".m2/settings.xml .gradle/gradle.properties .mavenrc",
    ),
    // .NET
    needs(
        ".dotnet/dotnet .dotnet/host .dotnet/metadata .dotnet/packs .dotnet/sdk .dotnet/sdk-manifests .dotnet/shared .dotnet/templates .dotnet/tools",
        ".nuget/packages .local/share/NuGet/v3-cache .local/share/NuGet/http-cache",
        ".nuget/NuGet/NuGet.Config .config/NuGet/NuGet.Config",
    ),
    // php
    needs(
        ".composer/vendor .config/composer/vendor",
        ".cache/composer .composer/cache",
        ".composer/config.json .config/composer/config.json",
    ),
    // asdf, mise, elixir
    needs(
        ".asdf/bin .asdf/shims .asdf/installs .asdf/plugins .asdf/lib .asdf/libexec .asdf/asdf.sh .local/share/mise/installs .local/share/mise/shims .local/share/mise/plugins .mix",
        ".hex/packages .cache/rebar3",
        ".tool-versions .config/mise/config.toml",
    ),
    // haskell, ocaml
    needs(
        ".ghcup .cabal/bin .cabal/store .local/state/cabal/store .stack/programs .stack/snapshots .opam",
        ".cabal/packages .cache/cabal .cache/dune .stack/pantry",
        ".cabal/config .stack/config.yaml",
    ),
    // swift, zig, dart, android
    needs(
        ".local/share/swiftly .zvm .pub-cache/bin Library/Android/sdk",
        ".cache/org.swift.swiftpm .swiftpm/cache .pub-cache/hosted .pub-cache/git",
        "",
    ),
    writes("ZIG_GLOBAL_CACHE_DIR", ".cache/zig Library/Caches/zig"),
    // nix, brew
    needs(".nix-profile .local/state/nix/profiles .linuxbrew", ".cache/nix", ""),
    // git
    needs("", "", ".gitconfig .config/git/config .config/git/ignore .config/git/attributes"),
    // ccache, sccache, pre-commit
    needs("", ".cache/sccache .cache/pre-commit", ".config/ccache/ccache.conf"),
    writes("CCACHE_DIR", ".cache/ccache .ccache Library/Caches/ccache"),
    // browsers for tests
    needs(
        ".cache/ms-playwright .cache/Cypress .cache/puppeteer .cache/selenium .cache/electron",
        "",
        "",
    ),
    // docker
    needs(".docker/cli-plugins", "", ""),
    // data of models
    needs("", ".cache/huggingface/hub .cache/huggingface/datasets .cache/torch", ""),
    // found by looking upward from a project
    needs(
        "",
        "",
        ".editorconfig .clang-format .clang-tidy .eslintrc* .prettierrc* .rustfmt.toml .python-version .ruby-version .java-version .node-version .nvmrc",
    ),
    // fonts, terminals
    needs(".fonts .local/share/fonts .terminfo", "", ".inputrc"),
    // caches of macOS
    needs(
        "",
        "Library/Caches/pip Library/Caches/pnpm Library/Caches/Yarn Library/Caches/deno Library/Caches/org.swift.swiftpm Library/Caches/pypoetry Library/Caches/Cypress Library/Caches/ms-playwright",
        "",
    ),
];

/// Variables by which a person keeps a place of the table elsewhere, and the place.
pub const MOVES: &[(&str, &str)] = &[
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("BUN_INSTALL", ".bun"),
    ("CABAL_DIR", ".cabal"),
    ("CARGO_HOME", ".cargo"),
    ("CCACHE_DIR", ".cache/ccache"),
    ("DENO_DIR", ".cache/deno"),
    ("DENO_INSTALL", ".deno"),
    ("DOTNET_ROOT", ".dotnet"),
    ("FNM_DIR", ".local/share/fnm"),
    ("GOCACHE", ".cache/go-build"),
    ("GOMODCACHE", "go/pkg/mod"),
    ("GOPATH", "go"),
    ("GRADLE_USER_HOME", ".gradle"),
    ("HF_HOME", ".cache/huggingface"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("NPM_CONFIG_CACHE", ".npm"),
    ("NUGET_PACKAGES", ".nuget/packages"),
    ("NVM_DIR", ".nvm"),
    ("OPAMROOT", ".opam"),
    ("PIPX_HOME", ".local/share/pipx"),
    ("PIP_CACHE_DIR", ".cache/pip"),
    ("PNPM_HOME", ".local/share/pnpm"),
    ("POETRY_CACHE_DIR", ".cache/pypoetry"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
    ("RUSTUP_HOME", ".rustup"),
    ("SDKMAN_DIR", ".sdkman"),
    ("STACK_ROOT", ".stack"),
    ("UV_CACHE_DIR", ".cache/uv"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python"),
    ("UV_TOOL_DIR", ".local/share/uv/tools"),
    ("VOLTA_HOME", ".volta"),
    ("ZIG_GLOBAL_CACHE_DIR", ".cache/zig"),
    ("npm_config_cache", ".npm"),
];

/// Folders that hold the settings and the data of many programs: next to nothing in them is known,
/// so that none of them is opened as a whole.
pub const SHARED_FOLDERS: [&str; 6] =
    [".cache", ".config", ".local", ".local/share", ".local/state", "Library"];

/// Where programs keep their caches, those that the table does not know as well.
pub const CACHES: &str = ".cache";

/// The parts of an environment that programs need, where the whole may hold more.
pub const PARTS_OF_ENVIRONMENT: [&str; 7] =
    ["bin", "lib", "lib64", "libexec", "include", "share", "shims"];

/// Names that belong to a repository whose folder is the home itself.
pub const OF_A_REPOSITORY: [&str; 6] =
    [".git", ".gitattributes", ".github", ".gitignore", ".gitlab-ci.yml", ".gitmodules"];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::base::{is_secret, secret_places};

    use super::*;

    #[test]
    fn nothing_that_is_read_or_written_whole_is_a_secret_or_holds_one() {
        let secrets = secret_places(Some(Path::new("/h")), Path::new("/w"));
        let whole = TOOLS.iter().flat_map(|tool| [tool.programs, tool.caches]);
        for place in whole.flat_map(str::split_whitespace) {
            let path = Path::new("/h").join(place);
            assert!(!is_secret(&path), "{place}");
            for secret in &secrets {
                assert!(!secret.starts_with(&path) && !path.starts_with(secret), "{place}");
            }
        }
    }

    #[test]
    fn a_place_stands_in_the_table_once() {
        let all = TOOLS.iter().flat_map(|tool| [tool.programs, tool.caches, tool.settings]);
        let mut seen = std::collections::BTreeSet::new();
        for place in all.flat_map(str::split_whitespace) {
            assert!(seen.insert(place), "{place}");
        }
        for (_, place) in MOVES {
            assert!(seen.iter().any(|one| Path::new(one).starts_with(place)), "{place}");
        }
    }
}
