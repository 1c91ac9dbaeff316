//! Random connections: their scopes, their facts and the days of answers about them.
#![cfg(test)]

use xero_m2m::catalogue::{AppKind, SCOPES};
use xero_m2m::policy::{ConnectionFacts, Region};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Date;

use super::support::Random;

/// The day that `text` names.
pub(crate) fn date(text: &str) -> Date {
    Date::parse(text).unwrap_or_else(|| panic!("no date {text}"))
}

/// A random set of scopes, unknown names among them.
pub(crate) fn some_scopes(random: &mut Random) -> ScopeSet {
    let mut set = ScopeSet::default();
    for _ in 0..random.index(9) {
        let row = random.index(SCOPES.len());
        set.insert(if random.one_in(12) { "new.scope" } else { SCOPES[row].name });
    }
    // Broad scopes and journals, of which there are few.
    for name in ["accounting.transactions", "accounting.reports.read", "accounting.journals.read"] {
        if random.one_in(4) {
            set.insert(name);
        }
    }
    set
}

/// Random facts about a connection.
pub(crate) fn some_connection(random: &mut Random) -> ConnectionFacts {
    let dates = ["2020-02-29", "2026-03-01", "2026-03-02", "2026-04-28", "2026-04-29", "2026-04-30"].map(date);
    let regions = [Region::Au, Region::Nz, Region::Uk, Region::Us, Region::Other];
    ConnectionFacts {
        app: if random.one_in(2) { AppKind::Custom } else { random.pick(&AppKind::ALL) },
        created_on: (!random.one_in(4)).then(|| random.pick(&dates)),
        region: random.one_in(2).then(|| random.pick(&regions)),
        demo: random.one_in(2).then(|| random.one_in(2)),
        organisations: random.one_in(2).then(|| u32::try_from(random.below(4)).expect("few")),
        authorising_user: random.one_in(2).then(|| "ann_lee@example.com\n# Heading".to_owned()),
    }
}

/// A random day, near one on which a rule begins or ends.
pub(crate) fn some_day(random: &mut Random) -> Date {
    let days = [
        "2026-04-28",
        "2026-04-29",
        "2026-11-24",
        "2027-08-31",
        "2027-09-01",
        "2027-09-13",
        "2027-09-30",
        "2027-10-01",
    ];
    date(random.pick(&days))
}
