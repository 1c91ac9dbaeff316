//! The fault rules in force, and the requests that they apply to.

use super::fault::{FaultRule, FaultTarget, InjectedFault};
use super::random::Random;

/// The rules in force. Each has a number, by which it can be removed.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<(u32, FaultRule, u64)>,
    last: u32,
    hits: u64,
    random: Random,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), last: 0, hits: 0, random: Random::new(seed, 5) }
    }

    pub(super) fn add(&mut self, rule: FaultRule) -> u32 {
        self.last = self.last.saturating_add(1);
        self.rules.push((self.last, rule, 0));
        self.last
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.rules.retain(|(own, ..)| *own != number);
    }

    /// The number of requests that failed.
    pub(super) const fn hits(&self) -> u64 {
        self.hits
    }

    /// Returns the fault of a request: the first rule that applies to it decides.
    pub(super) fn decide(&mut self, target: FaultTarget, method: &str, path: &str) -> Option<InjectedFault> {
        for (_, rule, seen) in &mut self.rules {
            if !rule.is_about(target, method, path) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let Some(nth) = seen.checked_sub(rule.after).filter(|&nth| nth > 0) else { continue };
            let in_turn = nth.is_multiple_of(rule.every)
                && rule.first.is_none_or(|first| nth.checked_div(rule.every).unwrap_or(nth) <= first);
            let by_chance = rule.share.is_none_or(|(part, whole)| self.random.below(whole) < part);
            if in_turn && by_chance {
                self.hits = self.hits.saturating_add(1);
                return Some(rule.fault());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_counts_the_requests_that_it_is_about() {
        let which = |rule: &str| -> Vec<usize> {
            let mut faults = Faults::new(1);
            faults.add(FaultRule::parse(rule).expect(rule));
            let hit = |_: &usize| {
                faults.decide(FaultTarget::Rotation, "POST", "/connect/token");
                faults.decide(FaultTarget::Api, "POST", "/api.xro/2.0/Invoices");
                faults.decide(FaultTarget::Api, "GET", "/api.xro/2.0/Invoices").is_some()
            };
            (1..=9).filter(hit).collect()
        };
        assert_eq!(which("api GET /Invoices 503"), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(which("api GET /api.xro/2.0/Inv reset first=2"), [1, 2]);
        assert_eq!(which("api GET 503 after=7"), [8, 9]);
        assert_eq!(which("api GET 503 every=4"), [4, 8]);
        assert_eq!(which("api GET 503 after=1 every=3 first=1"), [4]);
        assert_eq!(which("api GET /Contacts 503"), [0; 0]);
        assert_eq!(which("identity 503"), [0; 0]);
        let some = which("api GET 503 share=1/2").len();
        assert!(some > 0 && some < 9, "{some}");
    }
}
