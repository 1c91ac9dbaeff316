//! Which language code is in, as far as its strings and comments depend on it.

/// A family of languages that write strings and comments alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    /// JavaScript and TypeScript.
    Js,
    /// Java, C#, Go, Kotlin, Swift, Dart, Scala and the like.
    C,
    Rust,
    Python,
    Php,
    /// Ruby, Elixir, Perl.
    Ruby,
    /// Shells, YAML, and others with `#` for comments.
    Shell,
    /// SQL, Lua, Haskell.
    Dash,
    /// Visual Basic, with `'` for comments.
    Basic,
    /// HTML, XML, Markdown.
    Markup,
    /// A mixture, or nothing that gives it away.
    Unknown,
}

/// Endings of file names, by family.
#[rustfmt::skip]
const ENDINGS: [(Lang, &[&str]); 10] = [
    (Lang::Js, &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro"]),
    (Lang::C, &["java", "cs", "go", "kt", "kts", "swift", "dart", "scala", "groovy", "gradle", "c", "h", "cpp", "m", "cls", "jsonnet"]),
    (Lang::Rust, &["rs"]),
    (Lang::Python, &["py", "pyi"]),
    (Lang::Php, &["php", "phtml", "tf", "hcl"]),
    (Lang::Ruby, &["rb", "rake", "erb", "ex", "exs", "eex", "heex", "pl", "pm", "cr", "gemspec"]),
    (Lang::Shell, &["sh", "bash", "zsh", "fish", "ps1", "psm1", "yml", "yaml", "toml", "r", "jl", "env", "mk", "nim", "conf"]),
    (Lang::Dash, &["sql", "lua", "hs", "elm"]),
    (Lang::Basic, &["bas", "frm", "vb", "vba", "vbs"]),
    (Lang::Markup, &["md", "html", "htm", "xml", "rst", "txt", "csv"]),
];

impl Lang {
    /// Decides by the ending of a name, else by what the text begins with.
    pub(super) fn of(name: Option<&str>, text: &str) -> Self {
        let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
        let by_name = ending.and_then(|ending| {
            let has = |endings: &[&str]| endings.iter().any(|own| own.eq_ignore_ascii_case(ending));
            ENDINGS.into_iter().find(|(_, endings)| has(endings)).map(|(lang, _)| lang)
        });
        match by_name {
            // Modules of Visual Basic have the ending of Apex's as well.
            Some(Self::Markup) | None => Self::guess(text),
            Some(Self::C) if ending == Some("cls") && is_basic(text) => Self::Basic,
            Some(lang) => lang,
        }
    }

    /// Decides by the words that lines begin and end with.
    fn guess(text: &str) -> Self {
        if is_basic(text) {
            return Self::Basic;
        }
        let (mut python, mut ruby, mut rust, mut shell, mut php, mut slashes) =
            (0_u32, 0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
        for line in text.lines().take(400) {
            let line = line.trim();
            let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
            let ends = |words: &[&str]| words.iter().any(|word| line.ends_with(word));
            let add = |count: &mut u32, fits: bool| *count = count.saturating_add(fits.into());
            add(&mut php, is_variable(line) && (line.ends_with(';') || line.contains("->")) || line.contains("<?php"));
            add(
                &mut python,
                begins(&["def ", "async def ", "class ", "if ", "for ", "with ", "else:", "elif ", "try:"])
                    && line.ends_with(':'),
            );
            add(&mut python, begins(&["import ", "from "]) && !line.ends_with(';') && !line.contains(['"', '\'', '{']));
            add(&mut python, line.contains("self.") && !line.ends_with([';', '{']) && !line.contains("do |"));
            add(&mut python, line.contains("\"\"\"") || line.starts_with("@pytest"));
            add(
                &mut ruby,
                line == "end"
                    || ends(&[" do", "|"]) && line.contains(" do")
                    || begins(&["require '", "require_relative", "defmodule ", "module "]),
            );
            add(
                &mut rust,
                begins(&["fn ", "pub fn ", "let mut ", "use ", "impl ", "async fn ", "pub async fn "])
                    && ends(&["{", ";"])
                    && !line.contains('\\'),
            );
            add(&mut shell, begins(&["#!/", "export ", "echo ", "curl ", "Invoke-", "set -", "fi", "done", "- run:"]));
            add(
                &mut slashes,
                ends(&[";", "{", "};", ");", "=> {", "},"])
                    || begins(&["//", "const ", "let ", "var ", "func ", "package "]),
            );
        }
        let best = [python, ruby, rust, shell, php].into_iter().max().unwrap_or_default();
        match () {
            () if best == 0 && slashes == 0 => Self::Unknown,
            () if php > 0 && php >= best => Self::Php,
            () if rust > 0
                && rust >= best
                && (text.contains("&str") || text.contains("let mut ") || text.contains("fn ")) =>
            {
                Self::Rust
            }
            () if python > 0 && python >= best && python >= slashes => Self::Python,
            () if ruby > 0 && ruby >= best && ruby >= slashes => Self::Ruby,
            () if shell > 0 && shell >= slashes => Self::Shell,
            () => Self::Unknown,
        }
    }

    /// Returns whether `//` and `/* */` are comments.
    pub(super) const fn has_slashes(self) -> bool {
        matches!(self, Self::Js | Self::C | Self::Rust | Self::Php | Self::Unknown)
    }

    /// Returns true if blocks depend on the indentation of lines.
    pub(super) const fn is_indented(self) -> bool {
        matches!(self, Self::Python | Self::Ruby | Self::Shell | Self::Unknown)
    }

    /// Returns whether a text in double quotes may go over several lines.
    pub(super) const fn is_long(self) -> bool {
        matches!(self, Self::Php | Self::Ruby | Self::Shell | Self::Rust | Self::Dash)
    }
}

/// Returns whether a text has lines that only Visual Basic has.
fn is_basic(text: &str) -> bool {
    text.lines().take(400).map(str::trim_start).any(|line| {
        let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
        begins(&["End Sub", "End Function", "Attribute VB_", "Option Explicit"])
            || begins(&["Dim ", "Public Const ", "Private Const ", "Const "]) && line.contains(" As ")
            || line.starts_with("Set ") && line.contains("CreateObject(")
    })
}

/// Returns whether a line begins with a variable of PHP. `$"…"` is a literal of C#.
fn is_variable(line: &str) -> bool {
    line.strip_prefix('$').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}
