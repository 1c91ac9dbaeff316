//! Amounts in the currency of the organisation.

use serde_json::Value;

use crate::simulator::amount::{self, Cents};
use crate::simulator::books::json::RecordMembers;

/// The units of a rate: eight decimals.
const UNITS: i64 = 100_000_000;

/// The rate of a document: units of its currency for one of the organisation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct ExchangeRate(i64);

impl ExchangeRate {
    /// One for one.
    pub(in crate::simulator) const ONE: Self = Self(UNITS);

    /// The member `CurrencyRate`; one if there is none.
    pub(in crate::simulator) fn of(members: &RecordMembers) -> Self {
        let rate = members.get("CurrencyRate").and_then(Value::as_f64).filter(|rate| (0.000_001..1e9).contains(rate));
        let units = rate.and_then(|rate| format!("{rate:.8}").replace('.', "").parse().ok());
        units.filter(|units| *units > 0).map_or(Self::ONE, Self)
    }

    /// An amount of this currency in that of the organisation.
    pub(in crate::simulator) fn base(self, amount: Cents) -> Cents {
        amount::scaled(amount, UNITS, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::books::json::members_of;
    use serde_json::json;

    #[test]
    fn an_amount_is_divided_by_its_rate() {
        let rate = |value: Value| ExchangeRate::of(&members_of(json!({ "CurrencyRate": value })));
        assert_eq!(rate(json!(0.8)).base(10_000), 12_500);
        assert_eq!(rate(json!(2)).base(-101), -51);
        for none in [json!(null), json!(0), json!(-1), json!(1e300), json!("x")] {
            assert_eq!(rate(none).base(77), 77);
        }
    }
}
