//! Lists that Xero splits into pages.

use crate::catalogue::{Operation, Paging};

/// The query parameters that select a part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The parameter that counts: `page` from 1, or `offset`, which takes the number of the last record received.
    pub by: &'static str,
    /// The parameter for the size of a page and its largest value; `None` if the size cannot be chosen.
    pub size: Option<(&'static str, u32)>,
}

/// Returns the parameters for the pages of the list that `operation` returns; `None` if it has no pages.
///
/// Pages of 1,000 are documented for the accounting API alone; elsewhere the API's own default holds.
pub fn pages(operation: &Operation) -> Option<Pages> {
    let accounting = operation.api.row().is_some_and(|api| api.name == "accounting");
    Some(match operation.paging {
        Paging::None => return None,
        Paging::Offset => Pages { by: "offset", size: None },
        Paging::PageSize if accounting => Pages { by: "page", size: Some(("pageSize", 1_000)) },
        Paging::Page | Paging::PageSize | Paging::PagesizeLower => Pages { by: "page", size: None },
    })
}
