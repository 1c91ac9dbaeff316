//! The local Xero through its public API: tokens of every grant, refusals, every operation, the books, limits, states, keys and
//! faults.
#![cfg(feature = "simulator")]

mod support;

#[cfg(test)]
#[path = "simulator/access.rs"]
mod access;
#[cfg(test)]
#[path = "simulator/behaviours.rs"]
mod behaviours;
#[cfg(test)]
#[path = "simulator/books.rs"]
mod books;
#[cfg(test)]
#[path = "simulator/changes.rs"]
mod changes;
#[cfg(test)]
#[path = "simulator/connections.rs"]
mod connections;
#[cfg(test)]
#[path = "simulator/consent.rs"]
mod consent;
#[cfg(test)]
#[path = "simulator/coverage.rs"]
mod coverage;
#[cfg(test)]
#[path = "simulator/documents.rs"]
mod documents;
#[cfg(test)]
#[path = "simulator/explain.rs"]
mod explain;
#[cfg(test)]
#[path = "simulator/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "simulator/files.rs"]
mod files;
#[cfg(test)]
#[path = "simulator/helpers.rs"]
mod helpers;
#[cfg(test)]
#[path = "simulator/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "simulator/ledger.rs"]
mod ledger;
#[cfg(test)]
#[path = "simulator/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "simulator/members.rs"]
mod members;
#[cfg(test)]
#[path = "simulator/mistakes.rs"]
mod mistakes;
#[cfg(test)]
#[path = "simulator/options.rs"]
mod options;
#[cfg(test)]
#[path = "simulator/parameters.rs"]
mod parameters;
#[cfg(test)]
#[path = "simulator/payroll.rs"]
mod payroll;
#[cfg(test)]
#[path = "simulator/projects.rs"]
mod projects;
#[cfg(test)]
#[path = "simulator/queries.rs"]
mod queries;
#[cfg(test)]
#[path = "simulator/refresh.rs"]
mod refresh;
#[cfg(test)]
#[path = "simulator/reports.rs"]
mod reports;
#[cfg(test)]
#[path = "simulator/schemas.rs"]
mod schemas;
#[cfg(test)]
#[path = "simulator/settings.rs"]
mod settings;
#[cfg(test)]
#[path = "simulator/state.rs"]
mod state;
#[cfg(test)]
#[path = "simulator/states.rs"]
mod states;
#[cfg(test)]
#[path = "simulator/tokens.rs"]
mod tokens;
#[cfg(test)]
#[path = "simulator/users.rs"]
mod users;
#[cfg(test)]
#[path = "simulator/webhooks.rs"]
mod webhooks;
#[cfg(test)]
#[path = "simulator/writes.rs"]
mod writes;
#[cfg(test)]
#[path = "simulator/year.rs"]
mod year;
