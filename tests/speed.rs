//! The cost of the policy inside wasm, without the crossings: `cargo xtask bench` prints it, and nothing fails.
#![cfg(all(test, target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;

use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use xero_m2m::policy::{ConnectionFacts, Entry, check, least};
use xero_m2m::resolve::{Resolved, resolve};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Date;

/// Microseconds for one `act`, the best of some runs: on a busy machine the others measure the neighbours.
fn micros(mut act: impl FnMut()) -> f64 {
    let once = |act: &mut dyn FnMut(), times: u32| {
        let start = js_sys::Date::now();
        (0..times).for_each(|_| act());
        (js_sys::Date::now() - start) * 1_000.0 / f64::from(times)
    };
    let times = (40_000.0 / once(&mut act, 200).max(1.0)).clamp(5.0, 100_000.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let times = times as u32;
    (0..10).map(|_| once(&mut act, times)).fold(f64::INFINITY, f64::min)
}

#[wasm_bindgen_test]
fn speed() {
    let on = Date::parse("2026-11-24").unwrap();
    let connection = ConnectionFacts { created_on: Date::parse("2025-02-01"), ..ConnectionFacts::default() };
    let resources = ["accounting.getInvoices", "accounting.getContacts", "accounting.createPayment"];
    let usual = Resolved::of_operations(resources.iter().cycle().take(50).map(|key| Entry::named(key).unwrap().row()));
    let varied = Resolved::of_operations((0..450).step_by(9));
    let broad = ScopeSet::from_scope_param("accounting.transactions accounting.contacts accounting.settings");
    let cost = |calls: &Resolved| {
        let copy = micros(|| drop(black_box(calls.clone())));
        micros(|| drop(black_box(check(&broad, calls.clone(), &connection, on)))) - copy
    };
    let all: Vec<Entry> = Entry::all().collect();
    let line = |op: &Entry| {
        let (method, path) = (op.operation().method.as_str(), op.operation().path());
        format!("{method} {}{path}", op.operation().api.row().map_or("", |api| api.base))
    };
    let lines: Vec<String> = all.iter().map(line).collect();
    let text = lines.join("\n");
    console_log!("\n  inside wasm                                                  best");
    for (what, cost) in [
        ("check of 50 calls of three operations", cost(&usual)),
        ("check of 50 calls of as many operations, of all APIs", cost(&varied)),
        ("least over all 484 operations", micros(|| drop(black_box(least(&all))))),
        ("reading all 484 as `GET /path`", micros(|| drop(black_box(resolve(&text))))),
    ] {
        console_log!("  {what:54}{cost:8.1} µs");
    }
}
