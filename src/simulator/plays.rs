//! The operations that the local Xero plays, and its treatment of the others.

use super::invoice_write::Write;
use crate::catalogue::Operation;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Play {
    Organisation,
    Contacts,
    Contact,
    Invoices,
    Invoice,
    WriteInvoices(Write),
    /// Played outside of the books of an organisation: by `connections.rs` and `subscriptions.rs`.
    Elsewhere,
}

/// The operations that are played. All others are shaped or refused.
const PLAYS: &[(&str, Play)] = &[
    ("accounting.getOrganisations", Play::Organisation),
    ("accounting.getContacts", Play::Contacts),
    ("accounting.getContact", Play::Contact),
    ("accounting.getContactByContactNumber", Play::Contact),
    ("accounting.getInvoices", Play::Invoices),
    ("accounting.getInvoice", Play::Invoice),
    ("accounting.getInvoiceAsPdf", Play::Invoice),
    ("accounting.createInvoices", Play::WriteInvoices(Write::Create)),
    ("accounting.updateOrCreateInvoices", Play::WriteInvoices(Write::CreateOrUpdate)),
    ("accounting.updateInvoice", Play::WriteInvoices(Write::Update)),
    ("identity.getConnections", Play::Elsewhere),
    ("identity.deleteConnection", Play::Elsewhere),
    ("app-store.getSubscription", Play::Elsewhere),
    ("app-store.getUsageRecords", Play::Elsewhere),
    ("app-store.postUsageRecords", Play::Elsewhere),
    ("app-store.putUsageRecords", Play::Elsewhere),
];

/// The part that plays an operation.
pub(super) fn play(operation: &Operation) -> Option<Play> {
    let key = operation.key();
    PLAYS.iter().find(|(own, _)| *own == key).map(|(_, play)| *play)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::OPERATIONS;

    #[test]
    fn every_played_operation_is_one_of_the_catalogue_and_is_listed_once() {
        for (key, _) in PLAYS {
            assert!(OPERATIONS.iter().any(|operation| operation.key() == *key), "{key}");
            assert_eq!(PLAYS.iter().filter(|(own, _)| own == key).count(), 1, "{key}");
        }
    }
}
