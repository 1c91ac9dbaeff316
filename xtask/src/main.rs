fn main() {
    println!("{}", wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(["x","--version"]).is_ok());
}
