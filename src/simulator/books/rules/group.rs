//! Contact groups: the contacts that are in them.

use serde_json::{Value, json};

use crate::simulator::books::json::{self, list, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{CONTACT_GROUPS, CONTACTS};
use crate::simulator::company::Company;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// Adds contacts to a group, or returns the reason to refuse it.
pub(in crate::simulator) fn add(
    company: &mut Company,
    group: Uuid,
    elements: &[json::RecordMembers],
    now: Timestamp,
) -> Result<(), String> {
    if company.store.get(&CONTACT_GROUPS, group).and_then(|own| own.text("Status")).as_deref() == Some("DELETED") {
        return Err("The contact group is DELETED: it takes no contacts.".to_owned());
    }
    let named = |element: &json::RecordMembers| {
        json::text(element, "ContactID").and_then(|id| company.store.named(&CONTACTS, id))
    };
    let ids: Option<Vec<Uuid>> = elements.iter().map(|element| named(element).map(|contact| contact.id)).collect();
    let Some(ids) = ids else { return Err("There is no contact with this ContactID.".to_owned()) };
    change(company, group, now, |contacts| {
        for id in ids {
            contacts.retain(|own| !is(own, id));
            contacts.push(json!({ "ContactID": id.to_string() }));
        }
    });
    Ok(())
}

/// Removes one contact from a group, or all. Returns false if it is not in the group.
pub(in crate::simulator) fn remove(company: &mut Company, group: Uuid, contact: Option<Uuid>, now: Timestamp) -> bool {
    let mut found = contact.is_none();
    change(company, group, now, |contacts| {
        contacts.retain(|own| {
            let goes = contact.is_none_or(|id| is(own, id));
            found |= goes;
            !goes
        });
    });
    found
}

fn is(own: &Value, id: Uuid) -> bool {
    own.get("ContactID").and_then(Value::as_str).and_then(Uuid::parse) == Some(id)
}

fn change(company: &mut Company, group: Uuid, now: Timestamp, change: impl FnOnce(&mut Vec<Value>)) {
    let Some(mut members) = company.store.get(&CONTACT_GROUPS, group).map(|record| record.members(company)) else {
        return;
    };
    let mut contacts = list(&members, "Contacts").to_vec();
    change(&mut contacts);
    set(&mut members, "Contacts", contacts);
    company.store.put(&CONTACT_GROUPS, Record { id: group, updated: now, body: RecordBody::Members(members) });
}
