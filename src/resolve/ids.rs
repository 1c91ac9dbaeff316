//! Names of APIs and ids of operations, however their words are joined: `getInvoices`, `get_invoices`, `GetInvoicesAsync`.

use crate::catalogue::{APIS, ApiId, OPERATIONS, Operation};

/// A set of APIs: bit `n` is row `n` of [`APIS`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Apis(pub(super) u16);

impl Apis {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u16::MAX);

    pub(super) fn has(self, operation: &Operation) -> bool {
        self.contains(operation.api)
    }

    pub(super) const fn contains(self, api: ApiId) -> bool {
        self.0.wrapping_shr(api.0 as u32) & 1 == 1
    }

    /// The APIs that an identifier is named after: `accountingApi`, `payroll_nz_api`, `_payrollUkApi`, `accounting`;
    /// [`Apis::ALL`] for `api`, `apiInstance` and `apiClient`.
    pub(super) fn named_by(identifier: &str) -> Option<Self> {
        let mut name = plain(identifier);
        let mut exact = true;
        for suffix in ["apiinstance", "apiclient", "api"] {
            if let Some(stem) = name.strip_suffix(suffix) {
                exact = false;
                name.truncate(stem.len());
                break;
            }
        }
        if name.is_empty() && !exact {
            return Some(Self::ALL);
        }
        let fits = |end: &str| name == end || !exact && name.ends_with(end);
        let rows = |fits: &dyn Fn(&str) -> bool| {
            let bit = |row: usize| 1_u16.wrapping_shl(u32::try_from(row).unwrap_or_default());
            APIS.iter().enumerate().filter(|(_, api)| fits(&plain(api.name))).fold(0, |set, (row, _)| set | bit(row))
        };
        let one = rows(&|api| fits(api) || api.strip_suffix('s').is_some_and(fits));
        let set = if one != 0 || !fits("payroll") { one } else { rows(&|api| api.starts_with("payroll")) };
        (set != 0).then_some(Self(set))
    }
}

/// Finds operations by id, however its words are joined.
#[derive(Default)]
pub(super) struct Ids(Vec<(u32, u16)>);

impl Ids {
    /// The rows whose ids are `name` but for case and underscores.
    pub(super) fn find(&mut self, name: &str) -> Vec<u16> {
        if self.0.is_empty() {
            self.0 = (0_u16..).zip(OPERATIONS.iter()).map(|(row, operation)| (hash(operation.id()), row)).collect();
            self.0.sort_unstable();
        }
        // What SDKs append for other forms of the same call: one of these, or two.
        let suffixes = ["WithHttpInfo", "_with_http_info", "ForHttpResponse", "Async", "_async"];
        let stem = |name: &'_ str| suffixes.into_iter().find_map(|suffix| name.strip_suffix(suffix)).map(str::len);
        let shorter = |length: usize| stem(name.get(..length)?);
        let lengths = core::iter::successors(Some(name.len()), |length| shorter(*length)).take(3);
        lengths
            .map(|length| self.exactly(name.get(..length).unwrap_or_default()))
            .find(|rows| !rows.is_empty())
            .unwrap_or_default()
    }

    fn exactly(&self, name: &str) -> Vec<u16> {
        let key = hash(name);
        let start = self.0.partition_point(|(hash, _)| *hash < key);
        let same = self.0.get(start..).unwrap_or_default().iter().take_while(|(hash, _)| *hash == key);
        let is_it =
            |row: &u16| OPERATIONS.get(usize::from(*row)).is_some_and(|own| letters(own.id()).eq(letters(name)));
        same.map(|(_, row)| *row).filter(is_it).collect()
    }
}

pub(super) fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    letters(name).fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
