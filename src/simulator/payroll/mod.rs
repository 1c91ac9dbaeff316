//! The payroll APIs of Australia, New Zealand and the United Kingdom: records that are kept as they were sent, and no pay.
//!
//! Every kind of record is a row of `parts.rs`, and its members are those of Xero's specification (`schemas.txt`, generated).
//! All kinds are in one table of the store, by the path of their API. An organisation has the payroll API of its own country;
//! calls to another's are answered with 501, because Xero's answer is not known. These choices are made where sources are silent:
//!
//! - Amounts of pay, tax and leave are never counted. Pay runs of the demo company have the amounts of a table; the pay slips
//!   of a pay run that a client makes have none. Such a pay run stays a draft, and pay slips cannot be written.
//! - Leave has the periods that were sent. Balances of leave are those of the demo company, and do not change.
//! - Timesheets of Australia's two APIs are kept apart.
//! - Pay items with an id change these items, those without are added, and those that are not sent stay.
//! - A change of a record keeps the members that are not sent.

mod answer;
mod demo;
mod parts;
mod rules;
mod schemas;
mod special;
mod stored;

pub(super) use answer::{answer, is_played};
pub(super) use demo::add_demo;
pub(super) use stored::PAYROLL;
