//! A verification ends within its calls whatever is answered, and its report has nothing of an answer in it.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use xero_m2m::random::SplitMix64;
use xero_m2m::verify::{
    Ask, AskedService, FactCheck, Heard, MOST_CALLS, QuestionState, Remains, Verification, VerifyOptions, verification,
};

/// Texts that must not be in a report.
const PRIVATE: [&str; 4] = ["Kea Outdoor", "0b7c1f32-5f8a", "s3cret", "kea@example"];

fn options() -> VerifyOptions {
    VerifyOptions { write: true, agreed: false, on: "2026-11-30".to_owned(), is_xero: true }
}

fn heard(id: &str, answer: &Value) -> Heard {
    let mut answer = answer.clone();
    answer["id"] = id.into();
    serde_json::from_value(answer).expect("an answer")
}

/// Answers every request until the report is there.
fn run(options: &VerifyOptions, mut answer: impl FnMut(&Ask) -> Value) -> (Verification, Vec<String>) {
    let (mut options, mut all, mut asked) = (options.clone(), Vec::new(), Vec::new());
    loop {
        let step = verification(&options, &all);
        if let Some(report) = step.report {
            return (report, asked);
        }
        if let Some(confirm) = step.confirm {
            assert!(!options.agreed, "it asks once");
            assert!(confirm.contains("25 calls"), "{confirm}");
            options.agreed = true;
            continue;
        }
        let asks = step.ask.expect("one of the three");
        assert!(!asks.is_empty());
        for ask in asks {
            all.push(heard(&ask.id, &answer(&ask)));
            asked.push(ask.id);
        }
        assert!(all.len() <= MOST_CALLS, "{asked:?}");
    }
}

fn token(scopes: &str) -> Value {
    let list: Vec<&str> = scopes.split(' ').collect();
    json!({
        "status": 200,
        "hasToken": true,
        "body": { "scope": scopes, "token_type": "Bearer" },
        "claims": { "scope": list, "iss": "https://identity.xero.com", "xero_tenant_id": "0b7c1f32-5f8a", "email": "kea@example" }
    })
}

fn organisation() -> Value {
    let body =
        json!({ "Organisations": [{ "Name": "Kea Outdoor", "CountryCode": "GB", "OrganisationID": "0b7c1f32-5f8a" }] });
    json!({ "status": 200, "text": body.to_string(), "body": body })
}

/// The answers that the facts of this package predict.
fn as_expected(ask: &Ask) -> Value {
    const CONFIGURED: &str = "accounting.invoices accounting.reports.taxreports.read accounting.settings.read payroll.employees \
                              payroll.settings.read";
    let body = ask.body.as_deref().unwrap_or_default();
    if ask.service == AskedService::Identity {
        return match body.split_once("scope=") {
            _ if ask.secret.is_some() => json!({ "status": 400, "body": { "error": "invalid_client" } }),
            None => token(CONFIGURED),
            Some((_, "accounting.invoices.read" | "payroll.employees.read")) => {
                json!({ "status": 400, "body": { "error": "invalid_scope", "error_description": "s3cret" } })
            }
            Some((_, scope)) => token(&scope.replace('+', " ")),
        };
    }
    let invoice = |status: &str| {
        json!({ "status": 200, "body": { "Invoices": [{ "InvoiceID": "0b7c1f32-5f8a", "Status": status,
        "Contact": { "ContactID": "0b7c1f32-5f8a" } }] } })
    };
    match (ask.method, ask.path.as_str()) {
        ("GET", "/connections") => {
            json!({ "status": 200, "body": [{ "tenantId": "0b7c1f32-5f8a", "tenantName": "Kea Outdoor" }] })
        }
        ("GET", "/api.xro/2.0/Reports") => json!({ "status": 200, "body": { "Reports": [] } }),
        ("PUT", _) => invoice("DRAFT"),
        ("POST", _) => invoice("DELETED"),
        (_, path) if path.contains("/Invoices") => invoice("PAID"),
        (_, path) if path.contains("00000000") && ask.token != Some("token.single") => json!({ "status": 404 }),
        (_, path) if path.contains("00000000") => {
            json!({ "status": 401, "headers": [["www-authenticate", "insufficient_scope"]] })
        }
        _ if ask.id == "together.6" => json!({ "status": 429, "headers": [["x-rate-limit-problem", "concurrent"]] }),
        _ => organisation(),
    }
}

fn checks(report: &Verification) -> Vec<(u8, Option<FactCheck>)> {
    report.questions.iter().map(|question| (question.number, question.check)).collect()
}

#[test]
fn answers_as_the_facts_predict_confirm_them() {
    let (report, asked) = run(&options(), as_expected);
    let open = [8, 11, 12, 13];
    for (number, check) in checks(&report) {
        let expected = if open.contains(&number) { None } else { Some(FactCheck::Confirmed) };
        assert_eq!(check, expected, "{number}: {:#?}", report.questions[usize::from(number) - 1]);
    }
    assert_eq!(report.draft.as_ref().and_then(|draft| draft.check), Some(FactCheck::Confirmed));
    assert_eq!((report.complete, report.remains, report.calls), (true, Remains::Nothing, asked.len()));
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "each name once");
}

#[test]
fn a_run_that_only_reads_sends_no_write() {
    let reading = VerifyOptions { write: false, ..options() };
    let (report, _) = run(&reading, |ask| {
        assert!(ask.method == "GET" || ask.service == AskedService::Identity, "{ask:?}");
        as_expected(ask)
    });
    assert_eq!(report.draft, None);
}

#[test]
fn a_request_that_goes_wrong_leaves_its_question_open_and_the_others_go_on() {
    // With a draft, a request that goes wrong leaves calls for a question that had none.
    let reading = VerifyOptions { write: false, ..options() };
    let (sound, asked) = run(&reading, as_expected);
    let open = |report: &Verification| {
        let parts = report.questions.iter().flat_map(|question| &question.parts);
        parts.filter(|part| part.check != Some(FactCheck::Confirmed)).count()
    };
    for broken in asked.iter().filter(|id| !id.starts_with("together")) {
        for wrong in [
            json!({ "status": 401, "body": { "Detail": "AuthenticationUnsuccessful" } }),
            json!({ "status": 429, "headers": [["x-rate-limit-problem", "minute"]] }),
            json!({ "status": 503, "text": "<html>Kea Outdoor</html>" }),
            json!({ "failed": "timeout" }),
            // Something in between answers in Xero's place.
            json!({ "status": 200, "text": "<html>Sign in</html>" }),
            json!({ "status": 200, "text": "{}", "body": {} }),
            json!({ "status": 200, "text": "{\"status\":\"up\"}", "body": { "status": "up" } }),
            json!({ "status": 204 }),
        ] {
            let (report, _) = run(&reading, |ask| if ask.id == *broken { wrong.clone() } else { as_expected(ask) });
            let parts = report.questions.iter().flat_map(|question| &question.parts);
            assert!(open(&report) > open(&sound), "{broken}, {wrong}: {report:#?}");
            assert!(parts.clone().all(|part| part.check != Some(FactCheck::Differs)), "{broken}, {wrong}: {report:#?}");
            assert!(parts.clone().any(|part| part.state == QuestionState::Failed), "{broken}, {wrong}: {report:#?}");
            assert!(!report.complete, "{broken}, {wrong}");
        }
    }
}

#[test]
fn a_draft_that_may_be_left_is_reported() {
    for (id, wrong, remains) in [
        ("draft.create", json!({ "failed": "timeout" }), Remains::Unknown),
        ("draft.create", json!({ "status": 502 }), Remains::Unknown),
        ("draft.create", json!({ "status": 400 }), Remains::Nothing),
        ("draft.create", json!({ "status": 200, "body": {} }), Remains::Draft),
        ("draft.delete", json!({ "status": 400 }), Remains::Draft),
        ("draft.delete", json!({ "status": 200, "body": { "Invoices": [{ "Status": "DRAFT" }] } }), Remains::Draft),
        ("draft.delete", json!({ "failed": "offline" }), Remains::Unknown),
        ("draft.delete", json!({ "status": 429 }), Remains::Draft),
    ] {
        let (report, _) = run(&options(), |ask| if ask.id == id { wrong.clone() } else { as_expected(ask) });
        assert_eq!(report.remains, remains, "{id} {wrong}");
        assert_eq!(report.complete, remains == Remains::Nothing, "{id} {wrong}");
        assert_ne!(report.draft.expect("it was asked for").check, Some(FactCheck::Confirmed), "{id} {wrong}");
        assert_eq!(report.summary.contains("xero-m2m verify"), remains != Remains::Nothing, "{}", report.summary);
    }
}

/// Any of many answers, to any request.
fn random_answer(random: &mut SplitMix64, ask: &Ask) -> Value {
    let private =
        json!([{ "Name": "Kea Outdoor", "InvoiceID": "0b7c1f32-5f8a", "Contact": { "ContactID": "0b7c1f32-5f8a" } }]);
    let choices = [
        as_expected(ask),
        as_expected(ask),
        as_expected(ask),
        json!({ "failed": "offline" }),
        json!({ "status": 401, "headers": [["www-authenticate", "Kea Outdoor"]], "body": { "Detail": "Kea Outdoor" } }),
        json!({ "status": 403 }),
        json!({ "status": 429, "headers": [["x-rate-limit-problem", "Kea Outdoor"], ["kea@example", "s3cret"]] }),
        json!({ "status": 200, "body": private, "claims": { "s3cret": "kea@example", "scope": "s3cret" }, "hasToken": true }),
        json!({ "status": 200, "body": { "scope": ["s3cret"], "Organisations": private, "Invoices": private }, "hasToken": true }),
        json!({ "status": 400, "body": { "error": "s3cret", "error_description": "kea@example" } }),
        json!({ "status": 999, "text": "Kea Outdoor" }),
    ];
    let number = usize::try_from(random.draw() % 11).expect("small");
    choices[number].clone()
}

#[test]
fn whatever_is_answered_a_run_ends_and_its_report_has_nothing_of_it() {
    for seed in 0..2_000 {
        let mut random = SplitMix64::new(seed);
        let (report, _) = run(&options(), |ask| random_answer(&mut random, ask));
        let text = serde_json::to_string(&report).expect("JSON");
        for private in PRIVATE {
            assert!(!text.contains(private), "{seed}: {private} in {text}");
        }
        assert_eq!(report.questions.len(), 13);
        for part in report.questions.iter().flat_map(|question| &question.parts) {
            let was_asked = matches!(part.state, QuestionState::Asked | QuestionState::Failed);
            assert_eq!((part.check.is_some(), part.seen.is_empty()), (was_asked, !was_asked), "{part:#?}");
            assert!(part.says.len() > 5);
        }
    }
}

#[test]
fn without_an_agreement_only_a_token_and_one_call_are_asked_for() {
    let mut all = Vec::new();
    let confirm = loop {
        let step = verification(&options(), &all);
        if let Some(confirm) = step.confirm {
            break confirm;
        }
        for ask in step.ask.expect("requests") {
            all.push(heard(&ask.id, &as_expected(&ask)));
        }
    };
    let ids: Vec<_> = all.iter().map(|heard| heard.id.as_str()).collect();
    assert_eq!(ids, ["token", "tenant.absent"]);
    assert!(confirm.contains("Kea Outdoor"), "{confirm}");
}
