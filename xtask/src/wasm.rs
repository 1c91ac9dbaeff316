//! A module of the npm package: Rust to wasm, its JavaScript glue, the wasm shrunk and as text.

use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{root, run, stamp, tools};

/// The folder of the glue, from which the TypeScript imports it.
pub const GLUE: &str = "pkg/src/glue";

/// One wasm module of the package.
pub struct Module {
    pub name: &'static str,
    /// The entry of the package that it is for: pkg/src/entry/ENTRY.ts.
    pub entry: &'static str,
    pub feature: &'static str,
    /// Its exports take and return numbers alone, so that it needs no glue: `pkg/src/shared/plain.ts` calls them.
    pub plain: bool,
    pub form: Form,
}

/// The form in which the bytes of a module travel, beside its file for platforms that import it.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// One character for each byte, in the ES module.
    Characters,
    /// DEFLATE and pairs of characters, in the ES module.
    Pairs,
    /// A file alone, by DEFLATE: no ES module and no platform has it.
    File,
}

/// The modules: for services, for scope policy, for connections of users and apps, for the recorder, and for tests and the demo. All are
/// optimised for size.
pub const MODULES: [Module; 5] = [
    Module { name: "core", entry: "index", feature: "wasm", plain: true, form: Form::Characters },
    Module { name: "policy", entry: "policy", feature: "wasm-policy", plain: false, form: Form::Pairs },
    Module { name: "shared", entry: "user", feature: "wasm-shared", plain: true, form: Form::Characters },
    Module { name: "record", entry: "record", feature: "wasm-record", plain: true, form: Form::File },
    Module { name: "simulator", entry: "simulator", feature: "wasm-simulator", plain: false, form: Form::Pairs },
];

/// The modules with entries that find them.
pub fn of_entries() -> impl Iterator<Item = &'static Module> {
    MODULES.iter().filter(|module| module.form != Form::File)
}

/// Never `--all-features`: it makes modules that no current runtime accepts.
///
/// Nothing is below the address 1,024 but the end of the stack, so that no address with an offset wraps around. And a function that is
/// called once stays one. Together they make the client's module 0.3 kB smaller, compressed, and that of the policy 7 kB.
const WASM_OPT: [&str; 12] = [
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=0",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
];

/// Builds all modules. The policy's takes as long as the others together and is compiled beside them; these follow one another,
/// because they share the standard library and most crates.
pub fn build() -> Result<()> {
    let (alone, others): (Vec<_>, Vec<_>) = MODULES.iter().partition(|module| module.name == "policy");
    thread::scope(|scope| {
        let lanes = [("target/wasm/policy", alone), ("target/wasm", others)];
        let all = lanes
            .map(|(target, modules)| scope.spawn(move || modules.into_iter().try_for_each(|it| it.compile(target))));
        all.into_iter().try_for_each(|one| one.join().unwrap_or_else(|_| bail!("a compilation panicked")))
    })?;
    MODULES.iter().try_for_each(Module::join)
}

impl Module {
    /// The module as the compiler writes it.
    fn compiled(&self) -> PathBuf {
        root().join("target/wasm").join(format!("{}.wasm", self.name))
    }

    fn compile(&self, target: &str) -> Result<()> {
        let Self { name, feature, .. } = self;
        let sources = ["src", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"].map(|name| root().join(name));
        let outputs = [self.compiled()];
        stamp::once(&format!("compile {name}"), include_str!("wasm.rs"), &sources, &outputs, || {
            let mut rustc = run::cargo("rustc", target);
            rustc.args(["--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown", "--release"]);
            rustc.args(["--features", feature]).args(Self::STANDARD_LIBRARY).env("CARGO_ENCODED_RUSTFLAGS", flags());
            rustc.env("RUSTC_BOOTSTRAP", "1");
            if self.plain {
                // Half of the usual stack, which is before the data: their addresses then have three bytes in the code, not four.
                rustc.args(["--", "-Clink-arg=-zstack-size=524288"]);
            }
            run::side_by_side(vec![(format!("compile {name}"), rustc)])?;
            // The modules share what they are built from, and the file: its name does not depend on the features.
            let built = root().join(target).join("wasm32-unknown-unknown/release/xero_m2m.wasm");
            fs::copy(&built, self.compiled()).with_context(|| format!("cannot copy {}", built.display())).map(drop)
        })
    }

    /// Writes NAME_bg.wasm, NAME-wasm.js and NAME-wasm.d.ts into [`GLUE`], and NAME.js and NAME.d.ts unless it is plain.
    fn join(&self) -> Result<()> {
        let Self { name, plain, .. } = self;
        let compiled = self.compiled();
        let glue = root().join(GLUE);
        let file = |suffix: &str| glue.join(format!("{name}{suffix}"));
        let scripts: &[_] = if *plain { &[] } else { &[".js", ".d.ts"] };
        let outputs: Vec<_> = scripts.iter().copied().chain(["_bg.wasm", "-wasm.js", "-wasm.d.ts"]).map(file).collect();
        let inputs = [compiled.clone(), root().join("xtask/Cargo.lock"), root().join("pkg/package-lock.json")];
        stamp::once(&format!("glue of {name}"), include_str!("wasm.rs"), &inputs, &outputs, || {
            run::step(&format!("wasm-bindgen {name}"), || bindgen(&compiled, &glue, name))?;
            if *plain {
                strip(&file("_bg.wasm"))?;
                for suffix in [".js", ".d.ts", "_bg.wasm.d.ts"] {
                    fs::remove_file(file(suffix))?;
                }
            } else {
                for (suffix, patch) in [(".js", script as fn(&str) -> Result<String>), (".d.ts", declarations)] {
                    rewrite(&file(suffix), patch)?;
                }
                shorten(&file("_bg.wasm"), &file(".js"))?;
                // Short names: stacks of the glue are not useful.
                let mut minify = tools::npm_bin("esbuild");
                minify.arg(file(".js")).args(["--minify", "--format=esm", "--target=es2022", "--allow-overwrite"]);
                run::quiet(
                    &format!("esbuild: glue of {name}"),
                    minify.arg(format!("--outfile={}", file(".js").display())),
                )?;
            }
            let wasm = file("_bg.wasm");
            let mut opt = tools::npm_bin("wasm-opt");
            opt.arg("-Oz").args(WASM_OPT).arg(&wasm).arg("-o").arg(&wasm);
            run::quiet(&format!("wasm-opt {name}"), &mut opt)?;
            fs::write(file("-wasm.js"), format!("export default {};\n", self.placeholder()))?;
            fs::write(
                file("-wasm.d.ts"),
                "/** The wasm module as text; `shared/bytes.ts` has the bytes of it. */\ndeclare const wasm: string;\nexport default wasm;\n",
            )?;
            Ok(())
        })
    }

    /// The standard library is compiled with the module, without the texts of panics and for size, which makes sorting small.
    /// The client's file is 3.3 kB smaller for it, compressed. The flags are unstable, so the pinned compiler needs
    /// `RUSTC_BOOTSTRAP` for them; only the modules are built with it.
    const STANDARD_LIBRARY: [&str; 2] = ["-Zbuild-std=std", "-Zbuild-std-features=optimize_for_size"];

    /// The text in the bundles that the module replaces at the end: bundlers would write its characters in other ways.
    fn placeholder(&self) -> String {
        format!("\"the wasm of {}\"", self.name)
    }

    /// The entry for a platform.
    pub fn on(&self, platform: &str) -> String {
        if self.entry == "index" { platform.to_owned() } else { format!("{}-{platform}", self.entry) }
    }

    /// Copies the module itself, under the name by which its entries for platforms import it.
    pub fn copy_into(&self, folder: &Path) -> Result<()> {
        let name = if self.entry == "index" { "xero-m2m" } else { self.entry };
        let wasm = root().join(GLUE).join(format!("{}_bg.wasm", self.name));
        if self.form == Form::File {
            return Ok(fs::write(folder.join(format!("{name}.wasm.deflate")), compressed(&fs::read(wasm)?)?)?);
        }
        fs::copy(&wasm, folder.join(format!("{name}.wasm")))
            .with_context(|| format!("cannot copy {}", wasm.display()))?;
        Ok(())
    }

    /// Puts the text of the module in the place of its placeholder.
    pub fn put_into(&self, bundle: &Path) -> Result<()> {
        let wasm = root().join(GLUE).join(format!("{}_bg.wasm", self.name));
        let text = fs::read_to_string(bundle)?;
        let bytes = fs::read(wasm)?;
        let script =
            if self.form == Form::Pairs { format!("\"{}\"", pairs(&compressed(&bytes)?)) } else { literal(&bytes) };
        fs::write(bundle, replace(&text, &self.placeholder(), &script)?)?;
        Ok(())
    }
}

/// The bytes, compressed by DEFLATE. Zopfli takes some seconds, and its output is 4 % smaller than zlib's; more rounds gain nothing.
fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let options = zopfli::Options { iteration_count: NonZeroU64::MIN, ..zopfli::Options::default() };
    zopfli::compress(options, zopfli::Format::Deflate, bytes, &mut compressed)?;
    Ok(compressed)
}

/// A text with two characters for each 13 bits of the bytes, highest bit first, zeros at the end: see pkg/src/shared/bytes.ts.
fn pairs(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('!'..='~').filter(|letter| !matches!(letter, '"' | '<' | '\\')).collect();
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let groups =
        (0..bytes.len() * 8).step_by(13).map(|start| (start..start + 13).fold(0, |all, at| all << 1 | bit(at)));
    groups.flat_map(|group| [alphabet[group / 91], alphabet[group % 91]]).collect()
}

/// The bytes as a JavaScript string with one character for each: see pkg/src/shared/bytes.ts.
fn literal(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            _ => text.push(char::from(byte)),
        }
    }
    text + "\""
}

/// No text for panics, which cannot happen.
const PANIC: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// The flags that keep this machine's folders out of the module, so that it is the same wherever it is built, and [`PANIC`].
fn flags() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let folders = [(home.join("registry/src"), "crates"), (root().to_owned(), "xero-m2m")];
    let remap = folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    [&remap[..], &PANIC.map(str::to_owned)].concat().join("\u{1f}")
}

fn bindgen(compiled: &Path, glue: &Path, name: &str) -> Result<()> {
    // Functions with several results cost a service some 6 ms when it starts: Node 20 compiles a way in and out for each
    // kind of them. wasm-bindgen makes them if the module lists the feature.
    let single = compiled.with_extension("single.wasm");
    fs::write(&single, without_feature(fs::read(compiled)?, b"multivalue")?)?;
    let (compiled, glue) = (single.as_os_str(), glue.as_os_str());
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args([
        "wasm-bindgen".as_ref(),
        "--target=web".as_ref(),
        "--remove-producers-section".as_ref(),
        // Exports `__wbg_reset_state`: a fresh instance after a trap.
        "--experimental-reset-state-function".as_ref(),
        "--out-name".as_ref(),
        name.as_ref(),
        "--out-dir".as_ref(),
        glue,
        compiled,
    ])
}

/// Removes what wasm-bindgen exports for its glue from a module that needs none.
fn strip(wasm: &Path) -> Result<()> {
    let mut module = walrus::Module::from_file(wasm)?;
    let unused: Vec<_> =
        module.exports.iter().filter(|export| export.name.starts_with("__")).map(|export| export.id()).collect();
    for id in unused {
        module.exports.delete(id);
    }
    walrus::passes::gc::run(&mut module);
    let imports: Vec<_> = module.imports.iter().map(|import| import.name.as_str()).collect();
    ensure!(imports.is_empty(), "a plain module imports {}", imports.join(", "));
    module.emit_wasm_file(wasm)
}

/// Gives the imports of a module short names, in the module and in its script. Their names have hashes, which cannot be
/// compressed.
fn shorten(wasm: &Path, script: &Path) -> Result<()> {
    let mut module = walrus::Module::from_file(wasm)?;
    let mut text = fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
    for (number, import) in module.imports.iter_mut().enumerate() {
        let short = format!("i{number}");
        ensure!(text.matches(&import.name).count() == 1, "{} is not once in the script", import.name);
        text = text.replace(&import.name, &short);
        import.name = short;
    }
    fs::write(script, text).with_context(|| format!("cannot write {}", script.display()))?;
    module.emit_wasm_file(wasm)
}

/// The module, its list of features changed to say that it does not use `feature`: a `-` for the `+` before its name.
fn without_feature(mut module: Vec<u8>, feature: &[u8]) -> Result<Vec<u8>> {
    let length = u8::try_from(feature.len()).context("a short name")?;
    let entry = [b"+", [length].as_slice(), feature].concat();
    let places: Vec<_> = module.windows(entry.len()).enumerate().filter(|(_, found)| *found == entry).collect();
    let &[(at, _)] = places.as_slice() else { bail!("the feature is listed {} times, not once", places.len()) };
    module[at] = b'-';
    Ok(module)
}

fn rewrite(file: &PathBuf, patch: fn(&str) -> Result<String>) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let patched = patch(&text).with_context(|| format!("cannot patch {}", file.display()))?;
    fs::write(file, patched).with_context(|| format!("cannot write {}", file.display()))
}

/// Removes from the generated script the parts that not every runtime and bundler can load.
fn script(glue: &str) -> Result<String> {
    // Loading by address: bundlers would ship a second copy of the wasm, or fail on the address. With it goes
    // everything asynchronous; `initSync` remains.
    let glue = cut(glue, "async function __wbg_load(", "function initSync(")?;
    let glue = cut(&glue, "let __wbg_init_promise;", "export { initSync")?;
    let glue = replace(&glue, "export { initSync, __wbg_init as default };", "export { initSync };")?;
    // A text gets one place in memory, and a place is wiped before the text moves to a larger one: texts are secrets, and a
    // copy that the allocator left behind could not be wiped later.
    let glue = exchange(&glue, "if (offset !== len) {", "WASM_VECTOR_LEN = offset;", WHOLE_TEXT)?;
    // A module compiled in another realm, as edge sandboxes do, is no instance of this realm's class.
    replace(
        &glue,
        "if (!(module instanceof WebAssembly.Module)) {",
        "if (Object.prototype.toString.call(module) !== '[object WebAssembly.Module]') {",
    )
}

/// Copies a text into memory that is not all ASCII: `mem` has the beginning of it at `ptr`, up to `offset`.
const WHOLE_TEXT: &str = "if (offset !== len) {
    mem.fill(0, ptr, ptr + offset);
    const bytes = cachedTextEncoder.encode(arg);
    offset = bytes.length;
    ptr = realloc(ptr, len, offset, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
}
";

/// The declarations, less those of the loader that [`script`] cuts out.
fn declarations(glue: &str) -> Result<String> {
    let glue = cut(glue, "export type InitInput =", "export interface InitOutput")?;
    let tail = "/**\n * If `module_or_path` is {RequestInfo} or {URL}";
    let (glue, rest) = glue.split_once(tail).with_context(|| format!("no {tail:?}"))?;
    ensure!(rest.matches("export ").count() == 1, "more than the default export at the end");
    Ok(glue.trim_end().to_owned() + "\n")
}

/// `text` with the one `old` replaced.
fn replace(text: &str, old: &str, new: &str) -> Result<String> {
    let (before, after) = around(text, old)?;
    Ok(format!("{before}{new}{after}"))
}

/// `text` without what stands from the one `from` up to the one `to`.
fn cut(text: &str, from: &str, to: &str) -> Result<String> {
    exchange(text, from, to, "")
}

/// `text` with `new` for what stands from the one `from` up to the one `to`.
fn exchange(text: &str, from: &str, to: &str, new: &str) -> Result<String> {
    let (before, after) = around(text, from)?;
    let (_, after) = around(after, to)?;
    Ok(format!("{before}{new}{to}{after}"))
}

fn around<'a>(text: &'a str, pattern: &str) -> Result<(&'a str, &'a str)> {
    let found = text.matches(pattern).count();
    ensure!(found == 1, "`{pattern}` is there {found} times, not once: has wasm-bindgen changed?");
    text.split_once(pattern).context("found once")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_must_be_there_once() {
        assert_eq!(replace("a b c", "b", "x").unwrap(), "a x c");
        assert!(replace("a b c", "d", "x").is_err());
        assert!(replace("a b b", "b", "x").is_err());
        assert_eq!(cut("a from b to c", "from", "to").unwrap(), "a to c");
        assert!(cut("a to b from c", "from", "to").is_err());
        assert_eq!(exchange("a from b to c", "from", "to", "x ").unwrap(), "a x to c");
    }

    #[test]
    fn pairs_have_thirteen_bits_and_the_last_is_filled_with_zeros() {
        assert_eq!(pairs(&[]), "");
        assert_eq!(pairs(&[0, 0]), "!!!!");
        // 8191 = 90 * 91 + 1, and 7 = 0b111 before ten zeros: 7168 = 78 * 91 + 70.
        assert_eq!(pairs(&[255, 255]), "~#rj");
        assert!(!pairs(&(0..=255).collect::<Vec<_>>()).contains(['"', '<', '\\', ' ']));
    }

    #[test]
    fn a_literal_escapes_what_would_end_it() {
        assert_eq!(literal(b"\x00a\"\\\n\r\x7f\xff"), "\"\0a\\\"\\\\\\n\\r\x7f\u{ff}\"");
    }
}
