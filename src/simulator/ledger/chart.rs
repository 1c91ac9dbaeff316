//! The accounts, as the ledger needs them.

use std::collections::BTreeMap;

use crate::simulator::books::json::{self, RecordMembers};
use crate::simulator::books::resource::ACCOUNTS;
use crate::simulator::books::rules::account;
use crate::simulator::company::Company;
use crate::simulator::letters;
use crate::simulator::random::Uuid;

/// The name of the account to which lines go whose account is not known.
const SUSPENSE: &str = "Suspense";

/// An account.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct ChartAccount {
    pub(in crate::simulator) id: Uuid,
    pub(in crate::simulator) code: String,
    pub(in crate::simulator) name: String,
    /// `Type`.
    pub(in crate::simulator) kind: String,
    /// `Class`.
    pub(in crate::simulator) class: &'static str,
    /// `SystemAccount`; empty for others.
    system: String,
}

/// A part of profit and loss, in the order of its reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum ProfitGroup {
    Income,
    DirectCosts,
    OtherIncome,
    Expenses,
}

impl ProfitGroup {
    pub(in crate::simulator) const ALL: [Self; 4] =
        [Self::Income, Self::DirectCosts, Self::OtherIncome, Self::Expenses];

    /// The title of its section, and of its total.
    pub(in crate::simulator) const fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Income => ("Income", "Total Income"),
            Self::DirectCosts => ("Less Cost of Sales", "Total Cost of Sales"),
            Self::OtherIncome => ("Plus Other Income", "Total Other Income"),
            Self::Expenses => ("Less Operating Expenses", "Total Operating Expenses"),
        }
    }

    /// The factor that makes a usual amount positive.
    pub(in crate::simulator) const fn sign(self) -> i64 {
        match self {
            Self::Income | Self::OtherIncome => -1,
            Self::DirectCosts | Self::Expenses => 1,
        }
    }
}

impl ChartAccount {
    /// The part of profit and loss that the account belongs to.
    pub(in crate::simulator) fn profit_group(&self) -> Option<ProfitGroup> {
        match (self.class, self.kind.as_str()) {
            ("REVENUE", "OTHERINCOME") => Some(ProfitGroup::OtherIncome),
            ("REVENUE", _) => Some(ProfitGroup::Income),
            ("EXPENSE", "DIRECTCOSTS") => Some(ProfitGroup::DirectCosts),
            ("EXPENSE", _) => Some(ProfitGroup::Expenses),
            _ => None,
        }
    }

    /// Returns whether the account is of income or expense, which start anew each year.
    pub(in crate::simulator) fn is_of_profit(&self) -> bool {
        self.profit_group().is_some()
    }
}

/// All accounts.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Chart {
    accounts: Vec<ChartAccount>,
    by_id: BTreeMap<Uuid, usize>,
    by_code: BTreeMap<String, usize>,
}

impl Chart {
    /// The accounts of a company.
    pub(in crate::simulator) fn of(company: &Company) -> Self {
        let mut chart = Self { accounts: Vec::new(), by_id: BTreeMap::new(), by_code: BTreeMap::new() };
        for record in company.store.all(&ACCOUNTS) {
            let members = record.members(company);
            let text = |name: &str| json::text(&members, name).unwrap_or("").to_owned();
            let kind = text("Type");
            let class = account::class(&kind);
            let place = chart.accounts.len();
            chart.by_id.insert(record.id, place);
            chart.by_code.entry(letters::lower(&text("Code"))).or_insert(place);
            let (code, name, system) = (text("Code"), text("Name"), text("SystemAccount"));
            chart.accounts.push(ChartAccount { id: record.id, code, name, kind, class, system });
        }
        chart
    }

    /// The accounts in the order of their names.
    pub(in crate::simulator) fn sorted(&self) -> Vec<&ChartAccount> {
        let mut sorted: Vec<&ChartAccount> = self.accounts.iter().collect();
        sorted.sort_by(|one, other| (&one.name, &one.code).cmp(&(&other.name, &other.code)));
        sorted
    }

    /// The account with this id.
    pub(in crate::simulator) fn get(&self, id: Uuid) -> Option<&ChartAccount> {
        self.by_id.get(&id).and_then(|place| self.accounts.get(*place))
    }

    /// The account that the system posts to under this name, such as `DEBTORS`. Every company has those of the demo company.
    pub(in crate::simulator) fn system(&self, name: &str) -> Uuid {
        self.accounts.iter().find(|own| own.system == name).map_or(Uuid::NIL, |own| own.id)
    }

    /// The account of lines whose account is not known.
    pub(in crate::simulator) fn suspense(&self) -> Uuid {
        let found = self.accounts.iter().find(|own| own.name.eq_ignore_ascii_case(SUSPENSE));
        found.map_or_else(|| self.system("ROUNDING"), |own| own.id)
    }

    /// The account that an object names by its members with an id or a code.
    pub(in crate::simulator) fn named(&self, members: &RecordMembers, id: &str, code: &str) -> Uuid {
        if let Some(id) = json::id(members, id).filter(|id| self.by_id.contains_key(id)) {
            return id;
        }
        let by_code = json::text(members, code).and_then(|code| self.by_code.get(&letters::lower(code)));
        by_code.and_then(|place| self.accounts.get(*place)).map_or_else(|| self.suspense(), |own| own.id)
    }
}
