//! Tracking categories: an organisation has two active ones at most.

use super::Draft;
use crate::simulator::books::resource::TRACKING_CATEGORIES;

/// The most active categories.
const MOST_ACTIVE: usize = 2;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    let (own, resource) = (draft.id, &TRACKING_CATEGORIES);
    let others = draft.company.store.all(resource).iter().filter(|other| other.id != own);
    let active = others.filter(|other| other.text("Status").as_deref() == Some("ACTIVE")).count();
    if draft.text("Status").as_deref() == Some("ACTIVE") && active >= MOST_ACTIVE {
        draft.refuse("An organisation can have two active tracking categories only: archive or delete one first.");
    }
}
