//! The operations that the local Xero plays, and its treatment of the others.

use super::books::resource::{
    self, CONTACT_GROUPS, CREDIT_NOTES, INVOICES, OVERPAYMENTS, PREPAYMENTS, Resource, TRACKING_CATEGORIES,
};
use super::books::write::Write;
use super::payroll;
use super::reports::request::ReportKind;
use crate::catalogue::{Method, Operation};

/// The way in which the local Xero answers an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// The answer comes from the books; a write is carried out, or refused as Xero does.
    Played,
    /// A read without data: the answer has the form of the operation, and nothing in it.
    Shaped,
    /// The answer is 501: a write that is not carried out.
    Refused,
}

impl Coverage {
    /// The word in the documentation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Played => "played",
            Self::Shaped => "shaped",
            Self::Refused => "refused",
        }
    }

    /// The coverage of an operation.
    pub fn of(operation: &Operation) -> Self {
        match (play(operation), operation.is_read()) {
            (Some(_), _) => Self::Played,
            (None, true) => Self::Shaped,
            (None, false) => Self::Refused,
        }
    }
}

/// The part that plays an operation.
#[derive(Clone, Copy)]
pub(super) enum Play {
    Organisation,
    List(&'static Resource),
    Get(&'static Resource),
    Pdf(&'static Resource),
    OnlineInvoice,
    Write(&'static Resource, Write),
    Delete(&'static Resource),
    Attachments(&'static Resource),
    Download(&'static Resource),
    Upload(&'static Resource),
    History(&'static Resource),
    AddHistory(&'static Resource),
    Email,
    Projects,
    Assets,
    Files,
    Payroll,
    Report(ReportKind),
    Budget,
    Journals,
    Journal,
    Allocate(&'static Resource),
    EndAllocation(&'static Resource),
    AddOptions,
    UpdateOption,
    DeleteOption,
    AddContacts,
    RemoveContacts,
    RemoveContact,
    /// Played outside of the books of an organisation: by `connections.rs` and `subscriptions.rs`.
    Elsewhere,
}

/// The part that plays an operation. The paths of the accounting API are regular: the name of a list, an id, the name of a part.
pub(super) fn play(operation: &Operation) -> Option<Play> {
    match operation.api.row()?.name {
        "accounting" => of_accounting(operation),
        "identity" | "app-store" => Some(Play::Elsewhere),
        "projects" => Some(Play::Projects),
        "assets" => Some(Play::Assets),
        "files" => Some(Play::Files),
        _ if payroll::is_played(operation) => Some(Play::Payroll),
        _ => None,
    }
}

fn of_accounting(operation: &Operation) -> Option<Play> {
    let segments: Vec<&str> = operation.path().split('/').skip(1).collect();
    if segments == ["Organisation"] {
        return Some(Play::Organisation);
    }
    match segments.as_slice() {
        ["Reports", name] => return ReportKind::named(name).map(Play::Report),
        ["Budgets", _] => return Some(Play::Budget),
        ["Journals"] => return Some(Play::Journals),
        ["Journals", _] => return Some(Play::Journal),
        _ => {}
    }
    let (name, rest) = segments.split_first()?;
    let own = resource::named(name)?;
    let is = |other: &Resource| own.name == other.name;
    let is_credit = [&CREDIT_NOTES, &PREPAYMENTS, &OVERPAYMENTS].into_iter().any(is);
    match (operation.method, rest) {
        (Method::Get, []) => Some(Play::List(own)),
        (Method::Get, [_]) => Some(Play::Get(own)),
        (Method::Get, [_, "pdf"]) => Some(Play::Pdf(own)),
        (Method::Get, [_, "OnlineInvoice"]) => Some(Play::OnlineInvoice),
        (Method::Get, [_, "Attachments"]) => Some(Play::Attachments(own)),
        (Method::Get, [_, "Attachments", _]) => Some(Play::Download(own)),
        (Method::Put | Method::Post, [_, "Attachments", _]) => Some(Play::Upload(own)),
        (Method::Get, [_, "History"]) => Some(Play::History(own)),
        (Method::Put, [_, "History"]) => Some(Play::AddHistory(own)),
        (Method::Post, [_, "Email"]) if is(&INVOICES) => Some(Play::Email),
        (Method::Put, [_, "Allocations"]) if is_credit => Some(Play::Allocate(own)),
        (Method::Delete, [_, "Allocations", _]) if is_credit => Some(Play::EndAllocation(own)),
        (Method::Put, [_, "Options"]) if is(&TRACKING_CATEGORIES) => Some(Play::AddOptions),
        (Method::Post, [_, "Options", _]) if is(&TRACKING_CATEGORIES) => Some(Play::UpdateOption),
        (Method::Delete, [_, "Options", _]) if is(&TRACKING_CATEGORIES) => Some(Play::DeleteOption),
        (Method::Put, [_, "Contacts"]) if is(&CONTACT_GROUPS) => Some(Play::AddContacts),
        (Method::Delete, [_, "Contacts"]) if is(&CONTACT_GROUPS) => Some(Play::RemoveContacts),
        (Method::Delete, [_, "Contacts", _]) if is(&CONTACT_GROUPS) => Some(Play::RemoveContact),
        (Method::Put, []) if own.written => Some(Play::Write(own, Write::Create)),
        (Method::Post, []) if own.written => Some(Play::Write(own, Write::CreateOrUpdate)),
        (Method::Post, [_]) if own.written => Some(Play::Write(own, Write::Update)),
        (Method::Delete, [_]) if own.deletable => Some(Play::Delete(own)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::OPERATIONS;
    use crate::simulator::books::resource::RESOURCES;

    #[test]
    fn the_core_of_the_books_is_played() {
        let played = |path: &str| {
            OPERATIONS.iter().any(|operation| operation.path() == path && Coverage::of(operation) == Coverage::Played)
        };
        for own in RESOURCES {
            assert!(played(&format!("/{}", own.name)), "{}", own.name);
        }
        assert!(!played("/Receipts"));
    }
}
