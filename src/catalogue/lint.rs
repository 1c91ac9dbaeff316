//! Checks of every row, so that an edit of the JSON files cannot break a promise of the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::time::Date;

fn scope(name: &str) -> ScopeId {
    ScopeId::named(name).unwrap_or_else(|| panic!("no scope {name}"))
}

fn base(operation: &Operation) -> &'static str {
    operation.api.row().expect("its API").base
}

fn operations_with_facts() -> impl Iterator<Item = (&'static Operation, &'static OperationFacts)> {
    OPERATIONS.iter().zip(OPERATION_FACTS)
}

fn scopes_with_facts() -> impl Iterator<Item = (ScopeId, &'static Scope, &'static ScopeFacts)> {
    (0..).map(ScopeId).zip(SCOPES).zip(SCOPE_FACTS).map(|((id, scope), facts)| (id, scope, facts))
}

/// The number of operations that a scope opens.
fn opens(id: ScopeId) -> usize {
    OPERATIONS.iter().filter(|operation| operation.needs().any().contains(id)).count()
}

/// Every text of the catalogue, with the row it belongs to.
fn texts() -> Vec<(String, &'static str)> {
    let mut texts = vec![("version".to_owned(), VERSION)];
    for source in SOURCES {
        texts
            .extend([source.key, source.title, source.url.unwrap_or("-"), source.date].map(|t| (source.key.into(), t)));
    }
    for api in APIS {
        texts.extend([api.name, api.title, api.base].map(|text| (api.name.to_owned(), text)));
    }
    for (_, scope, facts) in scopes_with_facts() {
        let dates = facts.dates.iter().flat_map(|&(label, date)| [label, date]);
        let lists = facts.resources.iter().chain(facts.restrictions).copied();
        let own = [scope.name, facts.api, facts.description, facts.note, facts.checked];
        texts.extend(own.into_iter().chain(lists).chain(dates).map(|text| (scope.name.to_owned(), text)));
    }
    for (operation, facts) in operations_with_facts() {
        let own = [operation.path(), operation.id(), facts.note, facts.answers, facts.checked];
        let lists = facts.required_query.iter().copied();
        texts.extend(own.into_iter().chain(lists).map(|text| (operation.key(), text)));
    }
    for rule in RULES {
        texts.extend([rule.text, rule.more, rule.checked].map(|text| (rule.id.to_owned(), text)));
    }
    for alias in ALIASES {
        texts.extend([alias.path, alias.means, alias.checked].map(|text| (alias.path.to_owned(), text)));
    }
    for gone in WITHDRAWN {
        let own = [gone.path, gone.id, gone.last, gone.note, gone.checked];
        texts.extend(own.map(|text| (gone.path.to_owned(), text)));
    }
    texts.extend(MISNOMERS.iter().map(|&(name, _)| (name.to_owned(), name)));
    texts
}

#[test]
fn the_tables_are_whole() {
    assert_eq!(SCOPES.len(), 71);
    assert_eq!(SCOPE_FACTS.len(), SCOPES.len());
    assert_eq!(OPERATIONS.len(), 484);
    assert_eq!(OPERATION_FACTS.len(), OPERATIONS.len());
    assert_eq!(APIS.len(), 14);
    assert_eq!(ALIASES.len(), 2);
    assert_eq!(WITHDRAWN.len(), 11);
    assert_eq!(MISNOMERS.len(), 19);
    assert!(SCOPES.len() <= 128, "a mask has 128 bits");
    assert!(Date::parse(VERSION).is_some(), "{VERSION}");

    let rules: Vec<String> = (1..=46).map(|number| format!("R{number}")).collect();
    assert!(RULES.iter().map(|rule| rule.id).eq(rules.iter().map(String::as_str)));
}

#[test]
fn every_api_has_its_operations() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in OPERATIONS.iter() {
        *counts.entry(operation.api.row().expect("its API").name).or_default() += 1;
    }
    let expected = [
        ("accounting", 235),
        ("app-store", 4),
        ("assets", 6),
        ("bankfeeds", 7),
        ("bankfeeds-v2", 5),
        ("einvoicing", 2),
        ("files", 18),
        ("finance", 8),
        ("identity", 2),
        ("payroll-au", 32),
        ("payroll-au-v2", 9),
        ("payroll-nz", 71),
        ("payroll-uk", 69),
        ("projects", 16),
    ];
    assert!(counts.into_iter().eq(expected));
    assert!(APIS.iter().map(|api| api.name).eq(expected.iter().map(|&(name, _)| name)));
}

#[test]
fn rows_are_sorted_and_unique() {
    assert!(SCOPES.iter().is_sorted_by(|a, b| a.name < b.name));
    assert!(SOURCES.iter().is_sorted_by(|a, b| a.key < b.key));
    assert!(APIS.iter().is_sorted_by(|a, b| a.name < b.name));
    assert!(MISNOMERS.iter().is_sorted_by(|a, b| a.0 < b.0));
    let place = |o: &'static Operation| (base(o), o.path(), o.method, o.api);
    assert!(OPERATIONS.iter().is_sorted_by(|a, b| place(a) < place(b)));

    let keys: BTreeSet<String> = OPERATIONS.iter().map(Operation::key).collect();
    assert_eq!(keys.len(), OPERATIONS.len());
    let urls: Vec<&str> = SOURCES.iter().filter_map(|source| source.url).collect();
    assert_eq!(urls.iter().collect::<BTreeSet<_>>().len(), urls.len());
    let needs: BTreeSet<_> = tables::NEEDS.iter().map(|n| (n.granular.0, n.broad.0, n.unlisted.0)).collect();
    assert_eq!(needs.len(), tables::NEEDS.len());
}

#[test]
fn every_reference_resolves() {
    for (id, scope, facts) in scopes_with_facts() {
        assert_eq!(ScopeId::named(scope.name), Some(id));
        assert!(scope.replaced_by.iter().all(|id| id.row().is_some()), "{}", scope.name);
        let known = |id: &SourceId| SOURCES.get(usize::from(id.0)).is_some();
        assert!(facts.sources.iter().all(known), "{}", scope.name);
    }
    for (operation, facts) in operations_with_facts() {
        assert!(usize::from(operation.needs) < tables::NEEDS.len(), "{}", operation.key());
        let scopes = operation.needs().any().union(facts.spec_scopes);
        assert!(scopes.iter().all(|id| id.row().is_some()), "{}", operation.key());
    }
    for (name, instead) in MISNOMERS {
        assert_eq!(ScopeId::named(name), None, "{name} is a scope");
        assert!(instead.is_none_or(|id| id.row().is_some()), "{name}");
    }
    assert_eq!(rule("R13").map(|rule| rule.id), Some("R13"));
    assert!(rule("R47").is_none());
}

#[test]
fn every_row_has_sources_and_a_date() {
    let mut used = BTreeSet::new();
    let mut check = |row: &str, sources: &[SourceId], checked: &str| {
        assert!(!sources.is_empty(), "{row}");
        assert!(Date::parse(checked).is_some(), "{row}: {checked}");
        for source in sources {
            assert!(SOURCES.get(usize::from(source.0)).is_some(), "{row}: {source:?}");
            assert_eq!(sources.iter().filter(|other| *other == source).count(), 1, "{row}: {source:?} twice");
        }
        used.extend(sources.iter().copied());
    };
    for (_, scope, facts) in scopes_with_facts() {
        check(scope.name, facts.sources, facts.checked);
    }
    for (operation, facts) in operations_with_facts() {
        check(&operation.key(), facts.sources, facts.checked);
    }
    for alias in ALIASES {
        check(alias.path, alias.sources, alias.checked);
    }
    for gone in WITHDRAWN {
        check(gone.path, gone.sources, gone.checked);
    }
    for rule in RULES {
        check(rule.id, rule.sources, rule.checked);
        if !rule.more_sources.is_empty() {
            assert!(!rule.more.is_empty(), "{}: sources for nothing", rule.id);
            check(rule.id, rule.more_sources, rule.checked);
        }
    }
    assert_eq!(used.len(), SOURCES.len(), "a source without rows");
}

#[test]
fn a_source_can_be_opened_or_says_that_it_cannot() {
    for source in SOURCES {
        assert!(!source.date.is_empty(), "{}", source.key);
        assert!(source.key.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')), "{}", source.key);
        if let Some(url) = source.url {
            assert!(url.starts_with("https://"), "{}", source.key);
        } else {
            assert!(source.title.starts_with("third-party report: "), "{}", source.key);
            assert!(source.key.starts_with("report-"), "{}", source.key);
        }
    }
}

#[test]
fn doubt_is_written_down() {
    for (operation, facts) in operations_with_facts() {
        let key = operation.key();
        assert!(!facts.uncertain || !facts.note.is_empty(), "{key}: in doubt about what?");
        assert!(facts.held != Held::Disputed || facts.uncertain, "{key}");
        assert!(facts.basis != Basis::Inferred || !facts.note.is_empty(), "{key}: inferred from what?");
    }
    let uncertain = OPERATION_FACTS.iter().filter(|facts| facts.uncertain).count();
    assert_eq!(uncertain, 39);

    let xero = |id: &SourceId| SOURCES[usize::from(id.0)].key.starts_with("xero-");
    let mut doubtful = Vec::new();
    for (_, scope, facts) in scopes_with_facts() {
        match facts.confidence {
            Confidence::Documented | Confidence::Sdk => assert!(facts.sources.iter().any(xero), "{}", scope.name),
            Confidence::ThirdParty | Confidence::Inferred | Confidence::Conflict => {
                assert!(!facts.restrictions.is_empty() || !facts.note.is_empty(), "{}: no caveat", scope.name);
                doubtful.push(scope.name);
            }
        }
    }
    assert_eq!(
        doubtful,
        ["accounting.classicexpenses", "accounting.classicexpenses.read", "accounting.reports.bankstatement.read"]
    );
    for rule in RULES {
        assert_eq!(rule.confidence, Confidence::Documented, "{}", rule.id);
        assert!(rule.sources.iter().any(xero), "{}", rule.id);
    }
}

#[test]
fn dated_rules_have_the_dates_of_the_sources() {
    assert!(GRANULAR_ONLY_FROM.is_some());
    assert_eq!(rule("R7").and_then(|rule| rule.from), GRANULAR_ONLY_FROM.map(When::Day));
    assert_eq!(GRANULAR_ONLY_FROM_TEXT, "29 April 2026");
    let cutoff = Date::parse("2026-04-29").map(When::Day);
    let from: Vec<&str> = RULES.iter().filter(|rule| rule.from.is_some()).map(|rule| rule.id).collect();
    assert_eq!(from, ["R5", "R7", "R10", "R29", "R38", "R42"]);
    let cutoff_of_apps = Date::parse("2026-03-02").map(When::Day);
    let start = |rule: &Rule| if rule.apps.contains(&AppKind::Custom) { cutoff } else { cutoff_of_apps };
    assert!(RULES.iter().all(|rule| rule.from.is_none() || rule.from == start(rule)));

    let until: Vec<&str> = RULES.iter().filter(|rule| rule.until.is_some()).map(|rule| rule.id).collect();
    assert_eq!(until, ["R13", "R37", "R39"]);
    assert_eq!(
        rule("R39").map(|rule| (rule.until, rule.until_reported)),
        rule("R13").map(|rule| (rule.until, rule.until_reported))
    );
    assert_eq!(rule("R37").and_then(|rule| rule.until), Some(When::Month(2027, 2)));
    let broad_ends = rule("R13").expect("R13");
    assert_eq!(broad_ends.until, Some(When::Month(2027, 9)));
    assert_eq!(broad_ends.until_reported, Date::parse("2027-09-13"));
    for rule in RULES.iter().filter(|rule| rule.until_reported.is_some()) {
        let until = rule.until.and_then(When::first).expect("an end to refine");
        assert!(rule.until_reported >= Some(until), "{}", rule.id);
    }
    // A day that does not exist would have become `None`.
    for when in RULES.iter().flat_map(|rule| [rule.from, rule.until]).flatten() {
        assert!(when.first().is_some());
    }
}

#[test]
fn broad_scopes_have_replacements() {
    for (id, scope, facts) in scopes_with_facts() {
        assert_eq!(scope.family == Family::Broad, !scope.replaced_by.is_empty(), "{}", scope.name);
        assert!(!scope.replaced_by.contains(id), "{}", scope.name);
        for new in scope.replaced_by.iter() {
            let new = new.row().expect("a scope");
            assert_eq!(new.family, Family::Granular, "{}", new.name);
            assert_eq!(new.access, scope.access, "{}", new.name);
        }
        if scope.family == Family::Broad && facts.api == "accounting" {
            assert_eq!((scope.held, scope.status), (Held::LegacyOnly, Status::Deprecated), "{}", scope.name);
        }
    }
    let broad: Vec<&str> =
        SCOPES.iter().filter(|scope| scope.family == Family::Broad).map(|scope| scope.name).collect();
    assert_eq!(
        broad,
        [
            "accounting.reports.read",
            "accounting.transactions",
            "accounting.transactions.read",
            "practicemanager",
            "practicemanager.read"
        ]
    );
    assert_eq!(scope("accounting.reports.read").row().map(|row| row.replaced_by.len()), Some(8));
    assert_eq!(scope("accounting.transactions").row().map(|row| row.replaced_by.len()), Some(4));
}

#[test]
fn what_a_custom_connection_can_call_fits_what_it_can_hold() {
    for (operation, facts) in operations_with_facts() {
        let key = operation.key();
        let needs = operation.needs();
        let held = |mask: Mask, held: Held| mask.iter().any(|id| id.row().is_some_and(|scope| scope.held == held));
        match facts.held {
            Held::Yes => assert!(held(needs.granular, Held::Yes), "{key}"),
            Held::LegacyOnly => {
                assert!(held(needs.granular.union(needs.broad), Held::LegacyOnly), "{key}");
                assert!(!held(needs.any(), Held::Yes), "{key}");
            }
            Held::PartnerOnly => assert!(held(needs.granular, Held::PartnerOnly), "{key}"),
            Held::No => assert!(needs.any().iter().all(|id| id.row().is_some_and(|s| s.held == Held::No)), "{key}"),
            Held::Disputed => assert_eq!(needs, Needs::NOTHING, "{key}"),
            Held::Unknown | Held::PremiumOnly => panic!("{key}: say what is known of custom connections"),
        }
    }
}

#[test]
fn the_app_of_a_user_can_hold_what_a_custom_connection_can() {
    for (_, scope, facts) in scopes_with_facts() {
        let expected = match (scope.family, scope.held) {
            (Family::User, _) => Held::Yes,
            (Family::App, _) => Held::No,
            _ if scope.name == "accounting.journals.read" => Held::PremiumOnly,
            _ if scope.name.starts_with("practicemanager") => Held::PartnerOnly,
            (_, held) => held,
        };
        assert_eq!(facts.user_held, expected, "{}", scope.name);
        assert_ne!(scope.held, Held::PremiumOnly, "{}: no tier has custom connections", scope.name);
    }
    for rule in RULES {
        assert!(!rule.apps.is_empty(), "{}", rule.id);
        let number: u8 = rule.id.trim_start_matches('R').parse().expect("a number");
        assert_eq!(rule.apps.contains(&AppKind::Custom), number <= 37, "{}", rule.id);
    }
}

#[test]
fn each_kind_of_scope_is_in_its_own_column() {
    for operation in OPERATIONS.iter() {
        let (key, needs) = (operation.key(), operation.needs());
        assert!(!needs.granular.intersects(needs.broad.union(needs.unlisted)), "{key}");
        assert!(!needs.broad.intersects(needs.unlisted), "{key}");
        let all = |mask: Mask, test: fn(&Scope) -> bool| mask.iter().all(|id| id.row().is_some_and(test));
        assert!(all(needs.granular, |s| s.family != Family::Broad && s.status != Status::Unlisted), "{key}");
        assert!(all(needs.broad, |s| s.family == Family::Broad), "{key}");
        assert!(all(needs.unlisted, |s| s.status == Status::Unlisted), "{key}");
        assert!(all(needs.any(), |s| s.access != Access::None), "{key}");
    }
}

#[test]
fn scopes_open_as_many_operations_as_counted() {
    for (name, count) in [
        ("accounting.attachments", 55),
        ("accounting.banktransactions", 14),
        ("accounting.contacts", 16),
        ("accounting.invoices", 57),
        ("accounting.invoices.read", 26),
        ("accounting.journals.read", 3),
        ("accounting.manualjournals", 7),
        ("accounting.payments", 26),
        ("accounting.reports.read", 11),
        ("accounting.settings", 37),
        ("accounting.settings.read", 19),
        ("accounting.transactions", 108),
        ("accounting.transactions.read", 50),
        ("assets", 6),
        ("files", 18),
        ("openid", 0),
        ("payroll.employees", 79),
        ("payroll.employees.read", 35),
        ("payroll.settings", 58),
        ("payroll.timesheets", 31),
        ("projects", 16),
    ] {
        assert_eq!(opens(scope(name)), count, "{name}");
    }
}

#[test]
fn whoever_may_write_may_read() {
    for operation in OPERATIONS.iter() {
        let any = operation.needs().any();
        for read in any.iter() {
            let row = read.row().expect("a scope");
            if operation.is_read() {
                let write = row.name.strip_suffix(".read").and_then(ScopeId::named);
                assert!(write.is_none_or(|write| any.contains(write)), "{} without {}", operation.key(), row.name);
            } else {
                assert_ne!(row.access, Access::Read, "{} writes with {}", operation.key(), row.name);
            }
        }
    }
    for scope in SCOPES.iter().filter(|scope| scope.access != Access::None && scope.name != "app.connections") {
        assert_eq!(scope.access == Access::Read, scope.name.strip_suffix(".read").is_some(), "{}", scope.name);
    }
}

#[test]
fn the_readme_lists_the_versions_of_the_specification_that_followed() {
    let readme = include_str!("README.md");
    for version in ["16.2.0", "17.0.0", "18.0.0", "19.0.0", "19.1.0", "20.0.0", "20.0.1", "20.1.0"] {
        assert!(readme.contains(&format!("| {version} |")), "{version}");
    }
    for (id, parameter) in [
        ("createInvoices", "allowBackorders"),
        ("updateOrCreateInvoices", "allowBackorders"),
        ("updateInvoice", "allowBackorders"),
        ("getBankTransactions", "References"),
        ("getPrepayments", "References"),
    ] {
        let found = operations_with_facts().find(|(operation, _)| operation.id() == id);
        assert!(found.is_some_and(|(_, facts)| facts.note.contains(parameter)), "{id}");
    }
}

#[test]
fn the_version_is_the_day_of_the_last_comparison() {
    let checked =
        SCOPE_FACTS.iter().map(|facts| facts.checked).chain(OPERATION_FACTS.iter().map(|facts| facts.checked));
    let checked = checked.chain(RULES.iter().map(|rule| rule.checked)).chain(WITHDRAWN.iter().map(|gone| gone.checked));
    assert_eq!(checked.max(), Some(VERSION));
    assert_eq!(VERSION, "2026-11-29");
}

/// The notes of rows in doubt have the result of the audit of Xero's specification in 2021. The audit is older than the
/// Scopes page, so it makes one scope more likely but does not end the doubt.
#[test]
fn rows_in_doubt_say_what_the_audit_of_the_specification_found() {
    let audit =
        |facts: &OperationFacts| facts.sources.iter().any(|id| SOURCES[usize::from(id.0)].key == "xero-openapi-audit");
    let of = |id: &str| {
        let row = OPERATIONS.iter().position(|operation| operation.id() == id).expect(id);
        (&OPERATIONS[row], &OPERATION_FACTS[row])
    };
    let concerned = operations_with_facts().filter(|(_, facts)| audit(facts));
    // The audit settles nineteen rows in part. For two lists of reports it confirms the broad scope only.
    assert_eq!(concerned.inspect(|(operation, facts)| assert!(facts.uncertain, "{}", operation.key())).count(), 21);
    for (id, founded, confidence) in [
        ("createEmployeeStatutorySickLeave", "payroll.settings", Confidence::Conflict),
        ("getEmployeeStatutorySickLeave", "payroll.settings.read", Confidence::Conflict),
        ("getStatutoryLeaveSummary", "payroll.settings.read", Confidence::Conflict),
        ("createItemHistory", "accounting.settings", Confidence::Conflict),
        ("getContactCISSettings", "accounting.settings.read", Confidence::Sdk),
        ("getReportTenNinetyNine", "accounting.reports.tenninetynine.read", Confidence::Documented),
        ("postSetup", "accounting.settings", Confidence::Sdk),
        ("getSuperannuations", "payroll.settings.read", Confidence::Sdk),
        ("createBenefit", "payroll.settings", Confidence::Sdk),
        ("getQuoteAttachments", "accounting.attachments.read", Confidence::Sdk),
    ] {
        let (operation, facts) = of(id);
        assert!(operation.needs().granular.intersection(facts.spec_scopes).contains(scope(founded)), "{id}");
        assert_eq!((facts.confidence, audit(facts)), (confidence, true), "{id}");
    }
}

#[test]
fn classic_expenses_end_by_a_dated_rule() {
    let ending: Vec<_> = operations_with_facts().filter(|(_, facts)| facts.ends.is_some()).collect();
    assert_eq!(ending.len(), 12);
    for (operation, facts) in ending {
        assert!(operation.path().starts_with("/ExpenseClaims") || operation.path().starts_with("/Receipts"));
        assert_eq!(facts.ends, Some("R37"), "{}", operation.key());
        assert!(operation.needs().granular.is_empty(), "{}: no granular scope is known", operation.key());
    }
}

#[test]
fn nothing_that_was_withdrawn_is_an_operation() {
    let is_same = |gone: &Withdrawn, operation: &Operation| {
        gone.api == operation.api
            && (gone.id == operation.id() || (gone.path, gone.method) == (operation.path(), operation.method))
    };
    for gone in WITHDRAWN {
        assert!(!OPERATIONS.iter().any(|operation| is_same(gone, operation)), "{}", gone.path);
        assert!(!gone.note.is_empty(), "{}: nothing to say", gone.path);
        assert_eq!(gone.id.is_empty(), gone.last.is_empty(), "{}", gone.path);
    }
}

#[test]
fn aliases_begin_like_no_operation_and_mean_one() {
    for alias in ALIASES {
        let starts = |path: &str, with: &str| {
            path.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let own = || OPERATIONS.iter().filter(|operation| operation.api == alias.api);
        assert!(!own().any(|operation| starts(operation.path(), alias.path)), "{}", alias.path);
        assert!(own().any(|operation| starts(operation.path(), alias.means)), "{}", alias.path);
    }
}

/// The path of a report by its id also fits the reports with a name, each of which has its own scope.
#[test]
fn only_the_report_by_its_id_takes_nothing_but_an_id() {
    let keys: Vec<String> = OPERATIONS.iter().filter(|operation| operation.id_only()).map(Operation::key).collect();
    assert_eq!(keys, ["accounting.getReportFromId"]);
}

/// Payroll NZ and UK share a base, and an attachment is addressed by id or by name. The router cannot distinguish such
/// operations. It does not have to, because the same scopes open them.
#[test]
fn paths_of_one_shape_need_the_same_scopes() {
    let shape = |path: &str| -> String {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
        segments.collect::<Vec<_>>().join("/").to_ascii_lowercase()
    };
    let mut groups: BTreeMap<_, Vec<(&Operation, &OperationFacts)>> = BTreeMap::new();
    for (operation, facts) in operations_with_facts() {
        let group = (base(operation), operation.method, shape(operation.path()));
        groups.entry(group).or_default().push((operation, facts));
    }
    let mut shared = 0;
    for (group, members) in &groups {
        let [(first, first_facts), others @ ..] = members.as_slice() else { unreachable!() };
        shared += usize::from(!others.is_empty());
        for (other, facts) in others {
            assert_eq!(first.needs(), other.needs(), "{group:?}: {} and {}", first.key(), other.key());
            assert_eq!(first_facts.held, facts.held, "{group:?}: {} and {}", first.key(), other.key());
        }
    }
    assert_eq!(shared, 70);
}

#[test]
fn paths_are_well_formed() {
    for operation in OPERATIONS.iter() {
        let (key, path) = (operation.key(), operation.path());
        assert!(path.starts_with('/') && !path.ends_with('/'), "{key}: {path}");
        for segment in path.split('/').skip(1) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(segment);
            let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
            assert!(!name.is_empty() && name.chars().all(fine), "{key}: {path}");
        }
        assert!(operation.id().chars().all(|c| c.is_ascii_alphanumeric()), "{key}");
    }
    for api in APIS {
        assert_eq!(api.base.is_empty(), api.name == "identity", "{}", api.name);
        assert!(api.base.is_empty() || api.base.starts_with('/') && !api.base.ends_with('/'), "{}", api.name);
    }
}

#[test]
fn texts_are_fit_to_print() {
    let required = SCOPES.iter().map(|s| s.name).chain(SCOPE_FACTS.iter().map(|f| f.description));
    assert!(required.chain(RULES.iter().map(|rule| rule.text)).all(|text| !text.is_empty()));
    for (row, text) in texts() {
        assert!(text.is_ascii() && !text.contains(|c: char| c.is_control()), "{row}: {text}");
        assert_eq!(text.trim(), text, "{row}");
        for bad in ["index id", "organization", "authorization", "/work/", "/tmp/", "/home/", "example-a", ".md"] {
            assert!(!text.contains(bad), "{row}: {text}");
        }
        // Keys from private notes, such as X2 or G17, mean nothing to a reader.
        let note_key = |word: &&str| {
            let digits = word.strip_prefix(['X', 'T', 'G', 'S', 'U']);
            digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
        };
        assert_eq!(text.split(|c: char| !c.is_ascii_alphanumeric()).find(note_key), None, "{row}: {text}");
    }
    for rule in RULES {
        assert!(rule.text.ends_with('.') && (rule.more.is_empty() || rule.more.ends_with('.')), "{}", rule.id);
    }
}
