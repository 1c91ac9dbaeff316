//! The rules of each kind of record, and the record while it is written.

pub(in crate::simulator) mod account;
pub(in crate::simulator) mod advance;
pub(in crate::simulator) mod allocation;
pub(in crate::simulator) mod bank;
pub(in crate::simulator) mod batch_payment;
pub(in crate::simulator) mod budget;
pub(in crate::simulator) mod contact;
pub(in crate::simulator) mod currency;
pub(in crate::simulator) mod document;
pub(in crate::simulator) mod group;
pub(in crate::simulator) mod item;
pub(in crate::simulator) mod journal;
pub(in crate::simulator) mod linked_transaction;
pub(in crate::simulator) mod option;
pub(in crate::simulator) mod payment;
mod references;
pub(in crate::simulator) mod tax_rate;
pub(in crate::simulator) mod tracking_category;

use super::json::{self, RecordMembers};
use super::members::MemberTable;
use super::resource::Resource;
use crate::simulator::company::Company;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// A record while it is written.
pub(in crate::simulator) struct Draft<'a> {
    pub(in crate::simulator) company: &'a mut Company,
    pub(in crate::simulator) table: &'a MemberTable,
    pub(in crate::simulator) resource: &'static Resource,
    pub(in crate::simulator) id: Uuid,
    /// The members before the write; `None` for a new record.
    pub(in crate::simulator) before: Option<RecordMembers>,
    /// The element of the body, with the members that a write ignores.
    pub(in crate::simulator) sent: &'a RecordMembers,
    /// The members that were sent and can be written.
    pub(in crate::simulator) given: RecordMembers,
    /// The members after the write.
    pub(in crate::simulator) record: RecordMembers,
    /// The reasons for which the write is refused.
    pub(in crate::simulator) wrong: Vec<String>,
    pub(in crate::simulator) now: Timestamp,
    /// True if unit amounts keep four decimals.
    pub(in crate::simulator) four_decimals: bool,
}

impl Draft<'_> {
    /// Adds a reason to refuse the write.
    pub(in crate::simulator) fn refuse(&mut self, message: impl Into<String>) {
        self.wrong.push(message.into());
    }

    /// A text of the record after the write.
    pub(in crate::simulator) fn text(&self, name: &str) -> Option<String> {
        json::text(&self.record, name).map(str::to_owned)
    }

    /// A text of the record before the write.
    pub(in crate::simulator) fn text_before(&self, name: &str) -> Option<String> {
        self.before.as_ref().and_then(|before| json::text(before, name)).map(str::to_owned)
    }

    /// Sets a member of the record unless it has it.
    pub(in crate::simulator) fn default(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        if !self.record.contains_key(name) {
            json::set(&mut self.record, name, value);
        }
    }
}

/// The kinds that have no rule beside their table.
pub(in crate::simulator) const fn none(_: &mut Draft<'_>) {}
