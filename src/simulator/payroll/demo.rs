//! The payroll of the demo company: employees, their settings, leave, timesheets, and a pay run with its pay slips.
//!
//! `demo.json` has a row for each record: the letters of its APIs, its kind, its label, the label of its owner, and its members. In
//! these `#label` is the id of another record, or of the account with this code, `@-7` a day before today, `*` a new id, and
//! `$country` the country.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schemas::PayrollReading;
use super::stored::PayrollKind;
use crate::simulator::books::json::members_of;
use crate::simulator::books::resource::ACCOUNTS;
use crate::simulator::company::Company;
use crate::simulator::random::{Random, Uuid};
use crate::time::{Date, Timestamp};

type DemoRow = (String, String, String, String, Value);

struct Demo<'a> {
    company: &'a mut Company,
    random: Random,
    today: Date,
    labels: BTreeMap<String, Uuid>,
}

/// Adds the payroll to a company of a country that has a payroll API.
pub(in crate::simulator) fn add_demo(company: &mut Company, seed: u64, today: Date) {
    let letters: &[char] = match company.books.payroll {
        "payroll-au" => &['a', 't'],
        "payroll-nz" => &['n'],
        "payroll-uk" => &['u'],
        _ => return,
    };
    let rows: Vec<DemoRow> = serde_json::from_str(include_str!("demo.json")).unwrap_or_default();
    let mut demo = Demo { company, random: Random::new(seed, 40), today, labels: BTreeMap::new() };
    for (apis, path, label, owner, members) in rows {
        for kind in letters.iter().filter(|own| apis.contains(**own)).filter_map(|own| PayrollKind::at(*own, &path)) {
            demo.add(kind, &label, &owner, members.clone());
        }
    }
}

impl Demo<'_> {
    fn add(&mut self, kind: PayrollKind, label: &str, owner: &str, mut members: Value) {
        self.fill(&mut members);
        let mut reading =
            PayrollReading { api: kind.api, company: self.company, wrong: Vec::new(), unknown: Vec::new() };
        let record = reading.members(kind.part.schema, &members_of(members), None, kind.part.id);
        let (id, owner) = (self.random.uuid(), self.labels.get(owner).copied());
        let created = self.company.created;
        kind.save(self.company, Some(id), owner, record, created);
        if !label.is_empty() {
            self.labels.insert(label.to_owned(), id);
        }
    }

    /// Replaces the marks of a value.
    fn fill(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.fill(member)),
            Value::String(text) => {
                if let Some(label) = text.strip_prefix('#') {
                    let account = || self.company.store.named(&ACCOUNTS, label).map(|own| own.id);
                    let id = self.labels.get(label).copied().or_else(account);
                    *value = id.map(|id| id.to_string()).into();
                } else if let Some(days) = text.strip_prefix('@') {
                    let (days, rest) = days.split_at(days.find('T').unwrap_or(days.len()));
                    let days = days.parse::<i64>().unwrap_or(0);
                    let ms = self.today.days().saturating_add_signed(days).saturating_mul(86_400_000);
                    *value = format!("{}{rest}", Timestamp::from_ms(ms).date()).into();
                } else if text == "*" {
                    *value = self.random.uuid().to_string().into();
                } else if text == "$country" {
                    *value = self.company.books.country.into();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
