//! Lists that Xero splits into pages.

use crate::catalogue::{Operation, Paging};

/// How to ask for a part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The parameter that counts: `page` from 1, or `offset` by the number of the last record at hand.
    pub by: &'static str,
    /// The parameter for the size of a page and its largest value, where a larger page than usual may be asked for.
    pub size: Option<(&'static str, u32)>,
}

/// How to walk the list that `operation` answers with; `None` if it is not split.
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
