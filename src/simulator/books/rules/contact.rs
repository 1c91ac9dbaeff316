//! Contacts: phones and addresses are merged by their type.

use serde_json::Value;

use super::Draft;
use crate::simulator::books::json::{list, set, text};

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    for (name, kind, usual) in [("Phones", "PhoneType", "DEFAULT"), ("Addresses", "AddressType", "STREET")] {
        let mut wrong = Vec::new();
        let before = draft.before.as_ref().map_or(&[][..], |before| list(before, name));
        let mut merged = before.to_vec();
        for item in list(&draft.given, name) {
            let Some(members) = item.as_object() else {
                wrong.push(format!("{name} holds something that is not an object."));
                continue;
            };
            let schema = if name == "Phones" { "Phone" } else { "Address" };
            let mut read = draft.table.read(schema, members, &mut wrong);
            let own = text(&read, kind).unwrap_or(usual).to_owned();
            set(&mut read, kind, own.as_str());
            merged.retain(|other| other.get(kind).and_then(Value::as_str) != Some(&own));
            merged.push(Value::Object(read));
        }
        set(&mut draft.record, name, merged);
        draft.wrong.append(&mut wrong);
    }
    for name in ["IsSupplier", "IsCustomer"] {
        draft.default(name, false);
    }
    draft.default("BankAccountDetails", "");
    draft.default("ContactPersons", Vec::<Value>::new());
}
