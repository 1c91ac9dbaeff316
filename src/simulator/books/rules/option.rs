//! The options of tracking categories.

use serde_json::{Value, json};

use crate::simulator::books::json::{self, list, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::TRACKING_CATEGORIES;
use crate::simulator::books::write;
use crate::simulator::company::Company;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// Adds an option to a category and returns it, or the reasons to refuse it.
pub(in crate::simulator) fn add(
    company: &mut Company,
    category: Uuid,
    element: &json::RecordMembers,
    now: Timestamp,
) -> Result<Value, Vec<String>> {
    let name = checked_name(company, category, element, None)?;
    let option = json!({ "TrackingOptionID": company.random.uuid().to_string(), "Name": name, "Status": "ACTIVE", "TrackingCategoryID": category.to_string() });
    let added = option.clone();
    change(company, category, now, |options| options.push(added));
    Ok(option)
}

/// Changes the name or the status of an option and returns it, or the reasons to refuse it. `None` if there is no such option.
pub(in crate::simulator) fn update(
    company: &mut Company,
    category: Uuid,
    option: &str,
    element: &json::RecordMembers,
    now: Timestamp,
) -> Option<Result<Value, Vec<String>>> {
    let id = Uuid::parse(option)?.to_string();
    let mut found = find(company, category, &id)?;
    if element.contains_key("Name") {
        match checked_name(company, category, element, Some(&id)) {
            Ok(name) => set(&mut found, "Name", name),
            Err(wrong) => return Some(Err(wrong)),
        }
    }
    match json::text(element, "Status") {
        None => {}
        Some(status @ ("ACTIVE" | "ARCHIVED")) => set(&mut found, "Status", status),
        Some(_) => return Some(Err(vec!["Status is neither ACTIVE nor ARCHIVED.".to_owned()])),
    }
    let changed = Value::Object(found);
    let replaced = changed.clone();
    change(company, category, now, |options| {
        for own in options.iter_mut().filter(|own| is(own, &id)) {
            *own = replaced.clone();
        }
    });
    Some(Ok(changed))
}

/// The refusal to delete a tracking category or an option that documents name.
pub(in crate::simulator) const USED: &str = "You cannot delete tracking that documents use: archive it instead";

/// Removes an option and returns it, or the reason to refuse it. `None` if there is no such option.
pub(in crate::simulator) fn remove(
    company: &mut Company,
    category: Uuid,
    option: &str,
    now: Timestamp,
) -> Option<Result<Value, &'static str>> {
    let id = Uuid::parse(option)?.to_string();
    let mut found = find(company, category, &id)?;
    if write::is_named(company, &TRACKING_CATEGORIES, &id) {
        return Some(Err(USED));
    }
    set(&mut found, "Status", "DELETED");
    change(company, category, now, |options| options.retain(|own| !is(own, &id)));
    Some(Ok(Value::Object(found)))
}

fn is(option: &Value, id: &str) -> bool {
    option.get("TrackingOptionID").and_then(Value::as_str) == Some(id)
}

fn find(company: &Company, category: Uuid, id: &str) -> Option<json::RecordMembers> {
    let members = company.store.get(&TRACKING_CATEGORIES, category)?.members(company);
    list(&members, "Options").iter().find(|own| is(own, id)).and_then(Value::as_object).cloned()
}

fn checked_name(
    company: &Company,
    category: Uuid,
    element: &json::RecordMembers,
    own: Option<&str>,
) -> Result<String, Vec<String>> {
    let Some(name) = json::text(element, "Name").filter(|name| name.chars().count() <= 100) else {
        return Err(vec!["The option name cannot be empty or longer than 100 characters.".to_owned()]);
    };
    let members =
        company.store.get(&TRACKING_CATEGORIES, category).map(|record| record.members(company)).unwrap_or_default();
    let same = |other: &&Value| {
        other.get("Name").and_then(Value::as_str).is_some_and(|other| other.eq_ignore_ascii_case(name))
            && own.is_none_or(|own| !is(other, own))
    };
    match list(&members, "Options").iter().find(same) {
        Some(_) => Err(vec![format!("An option with the name {name} already exists in this category.")]),
        None => Ok(name.to_owned()),
    }
}

fn change(company: &mut Company, category: Uuid, now: Timestamp, change: impl FnOnce(&mut Vec<Value>)) {
    let Some(mut members) = company.store.get(&TRACKING_CATEGORIES, category).map(|record| record.members(company))
    else {
        return;
    };
    let mut options = list(&members, "Options").to_vec();
    change(&mut options);
    set(&mut members, "Options", options);
    company.store.put(&TRACKING_CATEGORIES, Record { id: category, updated: now, body: RecordBody::Members(members) });
}
