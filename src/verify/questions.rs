//! The thirteen questions.

use super::calls::{concurrency_problem, concurrency_wait, connections, tenant_absent, tenant_empty};
use super::openers::{leave_by_employees, leave_by_settings, report, reports};
use super::tokens::{
    claim_before, claim_once_authorised, invalid_client, one_scope, read_of_write, scope_claim, several_scopes,
    undescribed, without_scope,
};
use super::transcript::{PartResult, Stop, Transcript};

/// A question about Xero that only a live account settles.
pub(super) struct Question {
    pub(super) number: u8,
    pub(super) text: &'static str,
    pub(super) parts: &'static [Part],
}

/// A part of a question: a fact that this package assumes, and the way to read answers about it.
pub(super) struct Part {
    pub(super) fact: &'static str,
    pub(super) read: fn(Transcript<'_>) -> PartResult,
}

const fn part(fact: &'static str, read: fn(Transcript<'_>) -> PartResult) -> Part {
    Part { fact, read }
}

/// Every question, by number.
pub(super) const QUESTIONS: [Question; 13] = [
    Question {
        number: 1,
        text: "Does a connection with granular scopes give tokens of some of them, of one, and without any named?",
        parts: &[
            part("a token request that names no scope gets a token", without_scope),
            part("one that names a single scope gets that one", one_scope),
            part("one that names some of the scopes gets these", several_scopes),
        ],
    },
    Question {
        number: 2,
        text: "If only a scope that writes is configured, can its .read be asked for?",
        parts: &[part("it is refused as invalid_scope", read_of_write)],
    },
    Question {
        number: 3,
        text: "Which status has invalid_client, and is there an error_description?",
        parts: &[
            part("a wrong secret gets status 400", invalid_client),
            part("it gets no error_description", undescribed),
        ],
    },
    Question {
        number: 4,
        text: "Which claims does a token have before and after authorisation, and is scope ever a text?",
        parts: &[
            part("the claim scope is a list of texts", scope_claim),
            part("once authorised, a token has xero_tenant_id", claim_once_authorised),
            part("before, it has none, and calls are refused with status 403", claim_before),
        ],
    },
    Question {
        number: 5,
        text: "Does /connections list the organisation of a custom connection?",
        parts: &[part("it does; the reports contradict each other", connections)],
    },
    Question {
        number: 6,
        text: "Is xero-tenant-id needed, and may it be empty?",
        parts: &[
            part("a call without it is accepted", tenant_absent),
            part("a call with an empty one is accepted", tenant_empty),
        ],
    },
    Question {
        number: 7,
        text: "What is the daily limit of a custom connection, and how are problems with limits spelt?",
        parts: &[
            part("too many calls at once are refused with the problem concurrent", concurrency_problem),
            part("such a refusal has no Retry-After", concurrency_wait),
            part("the daily limit is 1,000 or 5,000", |_| {
                Err(Stop::Never("it would take a day's calls from the programs of the connection"))
            }),
            part("the problem of an app's minute is spelt appminute", |_| {
                Err(Stop::Never("it would take 10,000 calls in a minute"))
            }),
        ],
    },
    Question {
        number: 8,
        text: "What does a connection that was switched off answer?",
        parts: &[part("tokens are given, and calls are refused with status 403 and no body", |_| {
            Err(Stop::Never(
                "only an edit in Xero's developer portal switches a connection off; run this against such a one, and questions 1, 4 and 6 show its answers",
            ))
        })],
    },
    Question {
        number: 9,
        text: "Which scope opens statutory leave in the United Kingdom?",
        parts: &[
            part("payroll.settings opens it", leave_by_settings),
            part("payroll.employees opens it", leave_by_employees),
        ],
    },
    Question {
        number: 10,
        text: "Which scope opens GET /Reports and GET /Reports/{id}?",
        parts: &[
            part("accounting.reports.taxreports.read, or the broad scope, opens the list", reports),
            part("it opens one report", report),
        ],
    },
    Question {
        number: 11,
        text: "Do Journals of older connections outlive September 2027?",
        parts: &[part("no source states it", |_| Err(Stop::Never("it lies in the future")))],
    },
    Question {
        number: 12,
        text: "What becomes of ExpenseClaims and Receipts?",
        parts: &[part("they end in February 2027 (rule R37)", |_| {
            Err(Stop::Never("it lies in the future, and Xero's changelog announces it"))
        })],
    },
    Question {
        number: 13,
        text: "What differs between the specifications 16.1.0 and 20.1.0?",
        parts: &[part("nothing that the catalogue has, as far as is known", |_| {
            Err(Stop::Never("an account does not show it: the files have to be compared"))
        })],
    },
];
