//! Records as the accounting API shows them: with the parts that follow from other records.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{self, RecordMembers, cents, list, object, set};
use super::record::Record;
use super::resource::{
    BATCH_PAYMENTS, BUDGETS, CONTACT_GROUPS, CONTACTS, CREDIT_NOTES, INVOICES, LINKED_TRANSACTIONS, OVERPAYMENTS,
    PAYMENTS, PREPAYMENTS, Resource, TRACKING_CATEGORIES, USERS,
};
use super::rules::{document, linked_transaction};
use crate::simulator::amount::{self, Cents, fine, money};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;

/// The extent to which a record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Detail {
    /// Without the members that are costly to count.
    Summary,
    /// As in a list: without lines.
    List,
    /// As on a page of a list: with lines.
    Page,
    /// Alone: with all of its contact.
    Alone,
}

/// Shows the records of a company.
pub(in crate::simulator) struct Shower<'a> {
    company: &'a Company,
    detail: Detail,
    four_decimals: bool,
    /// The open amounts of each contact, if they are shown: receivable and payable, outstanding and overdue.
    balances: BTreeMap<Uuid, [Cents; 4]>,
}

/// The four types of phones, and the two of addresses.
const PHONES: [&str; 4] = ["DDI", "DEFAULT", "FAX", "MOBILE"];
const ADDRESSES: [&str; 2] = ["STREET", "POBOX"];

impl<'a> Shower<'a> {
    /// Shows records of this kind in this detail; `today` decides on overdue amounts.
    pub(in crate::simulator) fn new(
        company: &'a Company,
        resource: &Resource,
        detail: Detail,
        four_decimals: bool,
        today: crate::time::Date,
    ) -> Self {
        let has_balances = resource.name == CONTACTS.name && detail != Detail::Summary;
        let balances = if has_balances { balances(company, today) } else { BTreeMap::new() };
        Self { company, detail, four_decimals, balances }
    }

    /// A record as the API shows it.
    pub(in crate::simulator) fn show(&self, resource: &Resource, record: &Record) -> Value {
        let mut members = record.members(self.company);
        set(&mut members, resource.id, record.id.to_string());
        if document::is_document(resource) {
            self.document(resource, record, &mut members);
        } else if resource.name == CONTACTS.name {
            self.contact(record, &mut members);
        } else if resource.name == CONTACT_GROUPS.name {
            self.group(&mut members);
        } else if resource.name == PAYMENTS.name {
            self.payment(&mut members);
        } else if resource.name == BATCH_PAYMENTS.name {
            if let Some(date) = json::text(&members, "Date").and_then(formats::read_date) {
                set(&mut members, "DateString", date.to_string());
            }
        } else if resource.name == LINKED_TRANSACTIONS.name {
            let status = linked_transaction::status(self.company, &members);
            set(&mut members, "Status", status);
        } else if resource.name == BUDGETS.name {
            // A list has budgets without their lines.
            set(&mut members, "BudgetLines", json!([]));
        } else if resource.name == TRACKING_CATEGORIES.name {
            members.entry("Options").or_insert_with(|| json!([]));
        } else if resource.id == "TaxRateID" || resource.id == "CurrencyID" {
            members.remove(resource.id);
            return Value::Object(members);
        }
        if resource.name != TRACKING_CATEGORIES.name && resource.name != CONTACT_GROUPS.name && resource.written {
            set(&mut members, "UpdatedDateUTC", formats::ms_date(record.updated));
        }
        if [&USERS, &PREPAYMENTS, &OVERPAYMENTS, &BUDGETS].iter().any(|own| own.name == resource.name) {
            set(&mut members, "UpdatedDateUTC", formats::ms_date(record.updated));
        }
        Value::Object(members)
    }

    fn has_attachments(&self, id: Uuid) -> bool {
        self.company.attachments.iter().any(|attachment| attachment.owner == id)
    }

    fn document(&self, resource: &Resource, record: &Record, members: &mut RecordMembers) {
        let is_short = matches!(self.detail, Detail::Summary | Detail::List);
        let with_details = resource.name != INVOICES.name && resource.name != CREDIT_NOTES.name;
        if is_short && !with_details {
            set(members, "LineItems", json!([]));
        } else {
            self.round_lines(members);
        }
        if let Some(contact) = record.contact() {
            set(members, "Contact", self.contact_of_document(contact));
        }
        for name in ["Date", "DueDate", "ExpiryDate", "DeliveryDate", "ExpectedPaymentDate", "PlannedPaymentDate"] {
            if let Some(date) = json::text(members, name).and_then(formats::read_date) {
                set(members, &format!("{name}String"), formats::date_string(date.start()));
            }
        }
        set(members, "UpdatedDateUTCString", format!("{}Z", formats::date_string(record.updated)));
        set(members, "HasAttachments", self.has_attachments(record.id));
        if resource.name == INVOICES.name {
            let discounted = members.contains_key("TotalDiscount");
            set(members, "IsDiscounted", discounted);
            for name in ["Payments", "CreditNotes", "Prepayments", "Overpayments"] {
                members.entry(name).or_insert_with(|| json!([]));
            }
            for (name, value) in [("SentToContact", false), ("HasErrors", false)] {
                members.entry(name).or_insert_with(|| value.into());
            }
        } else {
            set(members, "HasErrors", false);
        }
        if [&CREDIT_NOTES, &PREPAYMENTS, &OVERPAYMENTS].iter().any(|own| own.name == resource.name) {
            members.entry("Allocations").or_insert_with(|| json!([]));
        }
        if self.detail == Detail::Summary {
            for name in
                ["Payments", "CreditNotes", "Prepayments", "Overpayments", "Allocations", "HasAttachments", "LineItems"]
            {
                members.remove(name);
            }
        }
    }

    /// Rounds unit amounts to two decimals, unless four are asked for.
    fn round_lines(&self, members: &mut RecordMembers) {
        if self.four_decimals {
            return;
        }
        let Some(lines) = members.get_mut("LineItems").and_then(Value::as_array_mut) else { return };
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            if let Some(unit) = line.get("UnitAmount").and_then(amount::read_fine) {
                set(line, "UnitAmount", fine(amount::scaled(unit, 1, 100).saturating_mul(100)));
            }
        }
    }

    fn contact_of_document(&self, id: Uuid) -> Value {
        let Some(record) = self.company.store.get(&CONTACTS, id) else { return json!({ "ContactID": id.to_string() }) };
        let mut members = record.members(self.company);
        set(&mut members, "ContactID", id.to_string());
        if self.detail == Detail::Alone {
            self.contact(record, &mut members);
            set(&mut members, "UpdatedDateUTC", formats::ms_date(record.updated));
            return Value::Object(members);
        }
        json!({
            "ContactID": id.to_string(),
            "Name": members.remove("Name").unwrap_or_default(),
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
            "ContactPersons": [],
            "HasValidationErrors": false
        })
    }

    fn contact(&self, record: &Record, members: &mut RecordMembers) {
        let phones =
            typed(members, "Phones", "PhoneType", &PHONES, &["PhoneNumber", "PhoneAreaCode", "PhoneCountryCode"]);
        let addresses =
            typed(members, "Addresses", "AddressType", &ADDRESSES, &["City", "Region", "PostalCode", "Country"]);
        set(members, "Phones", phones);
        set(members, "Addresses", addresses);
        set(members, "HasValidationErrors", false);
        if self.detail == Detail::Summary {
            return;
        }
        set(members, "HasAttachments", self.has_attachments(record.id));
        let groups = self.company.store.all(&CONTACT_GROUPS).iter().filter_map(|group| {
            let own = group.members(self.company);
            let is_in = list(&own, "Contacts")
                .iter()
                .filter_map(Value::as_object)
                .any(|one| json::id(one, "ContactID") == Some(record.id));
            let shown =
                json!({ "ContactGroupID": group.id.to_string(), "Name": own.get("Name"), "Status": own.get("Status") });
            (is_in && json::text(&own, "Status") == Some("ACTIVE")).then_some(shown)
        });
        let groups: Vec<Value> = groups.collect();
        set(members, "ContactGroups", groups);
        if let Some([receivable, late, payable, late_payable]) = self.balances.get(&record.id) {
            let balances = json!({
                "AccountsReceivable": { "Outstanding": money(*receivable), "Overdue": money(*late) },
                "AccountsPayable": { "Outstanding": money(*payable), "Overdue": money(*late_payable) }
            });
            set(members, "Balances", balances);
        }
    }

    fn group(&self, members: &mut RecordMembers) {
        let contacts: Vec<Value> = list(members, "Contacts")
            .iter()
            .filter_map(|one| self.company.store.get(&CONTACTS, json::id(one.as_object()?, "ContactID")?))
            .map(|contact| json!({ "ContactID": contact.id.to_string(), "Name": contact.text("Name") }))
            .collect();
        if self.detail == Detail::Alone {
            set(members, "Contacts", contacts);
        } else {
            members.remove("Contacts");
        }
    }

    fn payment(&self, members: &mut RecordMembers) {
        set(members, "HasAccount", true);
        set(members, "HasValidationErrors", false);
        for (member, resource, number) in document::SETTLED {
            let target = object(members, member)
                .and_then(|named| json::id(named, resource.id))
                .and_then(|id| self.company.store.get(resource, id));
            let Some(target) = target else { continue };
            let contact = target.contact().and_then(|id| self.company.store.get(&CONTACTS, id));
            let shown = json!({
                number: target.text(number),
                resource.id: target.id.to_string(),
                "Type": target.text("Type"),
                "Contact": {
                    "ContactID": contact.map_or(Uuid::NIL, |contact| contact.id).to_string(),
                    "Name": contact.and_then(|contact| contact.text("Name")),
                    "ContactGroups": [],
                    "HasValidationErrors": false
                },
                "LineItems": [],
                "IsDiscounted": false,
                "HasErrors": false
            });
            set(members, member, shown);
        }
    }
}

/// The items of a contact's phones or addresses, one of each type; those that were never written are empty.
fn typed(members: &RecordMembers, name: &str, kind: &str, types: &[&str], fields: &[&str]) -> Vec<Value> {
    let own = list(members, name);
    types
        .iter()
        .map(|one| {
            let found = own.iter().find(|item| item.get(kind).and_then(Value::as_str) == Some(one));
            let mut item = found.and_then(Value::as_object).cloned().unwrap_or_default();
            set(&mut item, kind, *one);
            for field in fields {
                item.entry(*field).or_insert_with(|| "".into());
            }
            Value::Object(item)
        })
        .collect()
}

/// The open amounts of each contact that has any.
fn balances(company: &Company, today: crate::time::Date) -> BTreeMap<Uuid, [Cents; 4]> {
    let mut found: BTreeMap<Uuid, [Cents; 4]> = BTreeMap::new();
    for invoice in company.store.all(&INVOICES) {
        if invoice.text("Status").as_deref() != Some("AUTHORISED") {
            continue;
        }
        let Some(contact) = invoice.contact() else { continue };
        let members = invoice.members(company);
        let due = cents(&members, "AmountDue");
        let is_late = json::text(&members, "DueDate").and_then(formats::read_date).is_some_and(|day| day < today);
        let late = if is_late { due } else { 0 };
        let [receivable, late_receivable, payable, late_payable] = found.entry(contact).or_default();
        let (own, own_late) = if json::text(&members, "Type") == Some("ACCREC") {
            (receivable, late_receivable)
        } else {
            (payable, late_payable)
        };
        *own = own.saturating_add(due);
        *own_late = own_late.saturating_add(late);
    }
    found
}
