//! Rules, error codes, scopes and operations are explained by any of their names; for other texts the nearest names are suggested.
#![cfg(not(target_arch = "wasm32"))]

use xero_m2m::catalogue::{RULES, SCOPES};
use xero_m2m::error::Code;
use xero_m2m::policy::{Entry, explain};

#[test]
fn every_known_name_is_explained_with_its_sources() {
    for rule in RULES {
        let found = explain(&format!(" {} ", rule.id.to_lowercase()));
        assert_eq!((found.rules.len(), found.nearest.len()), (1, 0), "{}", rule.id);
        assert_eq!(found.rules[0].id, rule.id);
        assert!(!found.sources.is_empty(), "{}", rule.id);
    }
    for code in Code::ALL {
        let found = explain(code.as_str());
        assert_eq!(found.errors.len(), 1, "{}", code.as_str());
        assert!(found.errors[0].advice.ends_with('.') && found.errors[0].meaning.ends_with('.'), "{}", code.as_str());
    }
    for scope in SCOPES {
        let found = explain(scope.name);
        assert_eq!(found.scopes.len(), 1, "{}", scope.name);
        assert!(!found.sources.is_empty(), "{}", scope.name);
    }
    for entry in Entry::all() {
        let key = entry.operation().key();
        let found = explain(&key);
        assert_eq!(found.operations.len(), 1, "{key}");
        assert_eq!(found.operations[0].key, key);
    }
}

#[test]
fn an_operation_is_found_by_its_call_its_path_and_its_id() {
    let keys =
        |text: &str| -> Vec<String> { explain(text).operations.into_iter().map(|operation| operation.key).collect() };
    assert_eq!(keys("POST /Invoices"), ["accounting.updateOrCreateInvoices"]);
    assert_eq!(keys("post   https://api.xero.com/api.xro/2.0/Invoices?page=1"), ["accounting.updateOrCreateInvoices"]);
    assert_eq!(keys("getinvoices"), ["accounting.getInvoices"]);
    assert_eq!(
        keys("/Invoices"),
        ["accounting.getInvoices", "accounting.createInvoices", "accounting.updateOrCreateInvoices"]
    );
    let scope = &explain("accounting.invoices").scopes[0];
    assert!(scope.opens.iter().any(|call| call == "POST /api.xro/2.0/Invoices"), "{:?}", scope.opens);
    assert!(!explain("GET /Employees").operations.is_empty());
    // As `check` answers about it.
    let inferred = explain("POST /Receipts");
    assert_eq!(inferred.operations[0].key, "accounting.createReceipt");
    assert!(inferred.inferred.is_some_and(|why| why.text.contains("Xero's specification has no POST /Receipts")));
    assert_eq!(explain("PUT /Receipts").inferred, None);
}

#[test]
fn the_nearest_names_are_suggested() {
    for (text, first) in [
        ("R4Z", "R4"),
        ("invalid_scop", "invalid_scope"),
        ("acounting.invoices", "accounting.invoices"),
        ("accounting.invoices.write", "accounting.invoices"),
        ("POST /Invocies", "POST /Invoices"),
        ("/Invocies", "GET /Invoices"),
    ] {
        let found = explain(text);
        assert_eq!(found.nearest.first().map(String::as_str), Some(first), "{text}: {:?}", found.nearest);
        assert!(found.nearest.len() <= 6);
    }
    for text in ["", "  ", "xyzzy plugh", &"invoices".repeat(1_000)] {
        let found = explain(text);
        assert!(found.nearest.is_empty() && found.operations.is_empty(), "{text}: {:?}", found.nearest);
    }
    // A word that several names contain.
    assert!(explain("invoices").nearest.iter().all(|name| name.contains("nvoices")));
}
