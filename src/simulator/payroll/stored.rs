//! The records of the payroll APIs in the store: one table, in which a record has its kind and its owner.

use std::borrow::Cow;

use serde_json::Value;

use super::parts::{self, ApiLetter, PayrollPart};
use super::schemas;
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{ACCOUNTS, PLAIN, Resource};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

pub(in crate::simulator) static PAYROLL: Resource =
    Resource { name: "Payroll", one: "Payroll", id: "LocalXeroID", ..PLAIN };

/// The members of a stored record that no answer shows: its kind, such as `n/Employees/Leave`, and the record that it is of.
const KIND: &str = "LocalXeroKind";
const OWNER: &str = "LocalXeroOwner";

/// A kind of record of one API.
#[derive(Clone, Copy)]
pub(super) struct PayrollKind {
    pub(super) api: ApiLetter,
    pub(super) part: &'static PayrollPart,
}

impl PayrollKind {
    /// The kind with this path.
    pub(super) fn at(api: ApiLetter, path: &str) -> Option<Self> {
        parts::at(api, path).map(|part| Self { api, part })
    }

    fn word(self) -> String {
        format!("{}/{}", self.api, self.part.path)
    }

    /// The records of this kind, of an owner if one is given, in the order of their creation.
    pub(super) fn all(self, company: &Company, owner: Option<Uuid>) -> Vec<&Record> {
        let word = self.word();
        let fits = |own: &&Record| {
            own.text(KIND).as_deref() == Some(&word) && owner.is_none_or(|id| owner_of(own) == Some(id))
        };
        company.store.all(&PAYROLL).iter().map(AsRef::as_ref).filter(fits).collect()
    }

    /// The record of this kind with this id.
    pub(super) fn get(self, company: &Company, id: Uuid) -> Option<&Record> {
        company.store.get(&PAYROLL, id).filter(|own| own.text(KIND).as_deref() == Some(&self.word()))
    }

    /// Saves a record and returns its id.
    pub(super) fn save(
        self,
        company: &mut Company,
        id: Option<Uuid>,
        owner: Option<Uuid>,
        mut members: RecordMembers,
        now: Timestamp,
    ) -> Uuid {
        let id = id.unwrap_or_else(|| company.random.uuid());
        set(&mut members, KIND, self.word());
        if let Some(owner) = owner {
            set(&mut members, OWNER, owner.to_string());
        }
        company.store.put(&PAYROLL, Record { id, updated: now, body: RecordBody::Members(members) });
        id
    }

    /// A record as answers show it.
    pub(super) fn show(self, company: &Company, record: &Record) -> RecordMembers {
        let mut shown = record.members(company);
        for name in [KIND, OWNER] {
            shown.remove(name);
        }
        if !self.part.id.is_empty() {
            set(&mut shown, self.part.id, record.id.to_string());
        }
        let updated = if self.api == 'a' { "UpdatedDateUTC" } else { "updatedDateUTC" };
        if schemas::has(self.api, self.part.schema, updated) {
            let is_au = self.api == 'a';
            let at = if is_au { formats::ms_date(record.updated) } else { formats::date_string(record.updated) };
            set(&mut shown, updated, at);
        }
        shown
    }
}

/// The record that a record is of, such as the employee of a leave.
pub(super) fn owner_of(record: &Record) -> Option<Uuid> {
    record.text(OWNER).as_deref().and_then(Uuid::parse)
}

/// The members that name a record of another kind, in lower case, and the ends of its path.
const REFERENCES: [(&str, &[&str]); 8] = [
    ("employeeid", &["/Employees"]),
    ("payrollcalendarid", &["/PayRunCalendars", "/PayrollCalendars"]),
    ("payruncalendarid", &["/PayRunCalendars"]),
    ("earningsrateid", &["/EarningsRates", "/PayItems/EarningsRates"]),
    ("ordinaryearningsrateid", &["/PayItems/EarningsRates"]),
    ("leavetypeid", &["/LeaveTypes", "/PayItems/LeaveTypes"]),
    ("deductiontypeid", &["/PayItems/DeductionTypes"]),
    ("superfundid", &["/Superfunds"]),
];

/// Returns whether a member that names another record names one that there is.
pub(super) fn is_known(company: &Company, name: &str, id: Uuid) -> bool {
    let name = name.to_ascii_lowercase();
    if name.ends_with("accountid") {
        return company.store.get(&ACCOUNTS, id).is_some();
    }
    let Some((_, ends)) = REFERENCES.iter().find(|(own, _)| *own == name) else { return true };
    let kind = company.store.get(&PAYROLL, id).and_then(|own| own.text(KIND).map(Cow::into_owned));
    kind.is_some_and(|kind| ends.iter().any(|end| kind.get(1..) == Some(end)))
}

/// The value of a member as a text; empty if it is none.
pub(super) fn text<'a>(members: &'a RecordMembers, name: &str) -> &'a str {
    json::text(members, name).unwrap_or("")
}

/// A list of values from records.
pub(super) fn shown(company: &Company, kind: PayrollKind, owner: Option<Uuid>) -> Vec<Value> {
    kind.all(company, owner).into_iter().map(|own| Value::Object(kind.show(company, own))).collect()
}
