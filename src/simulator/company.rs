//! The demo company: an organisation in one of the four countries, its contacts and its invoices, made from the seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::amount;
use super::books::attachments::Attachment;
use super::books::history::HistoryNote;
use super::books::journals::JournalLog;
use super::books::json::members_of;
use super::books::members::MemberTable;
use super::books::record::{DemoPayment, Record, RecordBody};
use super::books::resource::{ACCOUNTS, CONTACTS, INVOICES, PAYMENTS, Resource};
use super::books::store::RecordStore;
use super::books::{load, start, write};
use super::config::SimulatorConfig;
use super::demo::{
    AUSTRALIA, Article, Books, CUSTOMERS, NEW_ZEALAND, PEOPLE, PURCHASES, SALES, SUPPLIERS, UNITED_KINGDOM,
    UNITED_STATES,
};
use super::formats;
use super::invoice::{Invoice, InvoiceKind, InvoiceLine, InvoiceStatus, LineAmounts};
use super::others;
use super::payroll;
use super::random::{Random, Uuid};
use crate::catalogue::Country;
use crate::error::Error;
use crate::time::{Date, Timestamp};

impl Country {
    /// The data of the demo company in this country.
    pub(super) const fn books(self) -> &'static Books {
        match self {
            Self::Australia => &AUSTRALIA,
            Self::NewZealand => &NEW_ZEALAND,
            Self::UnitedKingdom => &UNITED_KINGDOM,
            Self::UnitedStates => &UNITED_STATES,
        }
    }
}

/// The books of one organisation.
#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) id: Uuid,
    pub(super) name: String,
    short_code: String,
    pub(super) created: Timestamp,
    pub(super) books: &'static Books,
    pub(super) store: RecordStore,
    pub(super) attachments: Vec<Attachment>,
    pub(super) history: Vec<HistoryNote>,
    /// The ids of the records that clients have made.
    pub(super) made_by_app: BTreeSet<Uuid>,
    /// The next number of each prefix.
    pub(super) next_numbers: BTreeMap<String, u64>,
    next_contact: u64,
    pub(super) random: Random,
    /// The accounts of the demo company by their codes, which lines of its invoices name.
    pub(super) demo_accounts: Arc<BTreeMap<String, Uuid>>,
    /// The journals that were read so far.
    pub(super) journals: JournalLog,
}

impl Company {
    /// The company number `place` of a local Xero. The first has the books of the option `company`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`](crate::error::Code::InvalidOption) if these cannot be read.
    pub(super) fn of(config: &SimulatorConfig, table: &MemberTable, place: usize, name: &str) -> Result<Self, Error> {
        let number = u64::try_from(place).unwrap_or(u64::MAX);
        let seed = if number == 0 { config.seed } else { Random::new(config.seed, number.saturating_add(100)).whole() };
        match config.company.as_ref().filter(|_| place == 0) {
            None => Ok(Self::new(seed, name, config.country, config.today, config.invoices)),
            Some(text) => {
                let mut company = Self::new(seed, name, config.country, config.today, 0);
                load::load(&mut company, table, text, config.today.start())?;
                Ok(company)
            }
        }
    }

    /// A company with `invoices` sales invoices and bills over the 18 months that end on `today`.
    fn new(seed: u64, name: &str, country: Country, today: Date, invoices: usize) -> Self {
        let mut random = Random::new(seed, 1);
        let created = day(today.days().saturating_sub(3 * 365)).start();
        let mut company = Self {
            id: random.uuid(),
            name: name.to_owned(),
            short_code: format!("!{:05X}", random.below(0x10_0000)),
            created,
            books: country.books(),
            store: RecordStore::default(),
            attachments: Vec::new(),
            history: Vec::new(),
            made_by_app: BTreeSet::new(),
            next_numbers: BTreeMap::new(),
            next_contact: 1,
            random,
            demo_accounts: Arc::default(),
            journals: JournalLog::default(),
        };
        let customers: Vec<Uuid> = CUSTOMERS.iter().map(|name| company.add_demo_contact(name, "IsCustomer")).collect();
        let suppliers: Vec<Uuid> = SUPPLIERS.iter().map(|name| company.add_demo_contact(name, "IsSupplier")).collect();
        start::add_settings(&mut company, seed);
        start::add_budget(&mut company, seed, today);
        payroll::add_demo(&mut company, seed, today);
        others::add_inbox(&mut company, seed);
        let accounts = company.store.all(&ACCOUNTS).iter();
        let codes = accounts.filter_map(|own| Some((own.text("Code")?.into_owned(), own.id))).collect();
        company.demo_accounts = Arc::new(codes);
        for place in 0..invoices {
            company.add_demo_invoice(place, invoices, today, [&customers, &suppliers]);
        }
        company
    }

    /// Adds a contact of the demo company.
    fn add_demo_contact(&mut self, name: &str, role: &str) -> Uuid {
        let random = &mut self.random;
        let id = random.uuid();
        let (first, last) = random.pick(PEOPLE).copied().unwrap_or_default();
        let (city, region, code) = random.pick(self.books.cities).copied().unwrap_or_default();
        let (street, phone) = (random.below(240).saturating_add(1), random.below(9_000_000).saturating_add(1_000_000));
        let host: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let mut members = write::contact_members(name);
        let own = members_of(json!({
            "ContactNumber": format!("C{:04}", self.next_contact),
            "FirstName": first,
            "LastName": last,
            "EmailAddress": format!("{}@{host}.example", first.to_ascii_lowercase()),
            "Addresses": [{
                "AddressType": "STREET",
                "AddressLine1": format!("{street} High Street"),
                "City": city,
                "Region": region,
                "PostalCode": code,
                "Country": self.books.country
            }],
            "Phones": [{
                "PhoneType": "DEFAULT",
                "PhoneNumber": phone.to_string(),
                "PhoneAreaCode": "",
                "PhoneCountryCode": self.books.dial
            }],
            role: true
        }));
        members.extend(own);
        self.next_contact = self.next_contact.saturating_add(1);
        self.store.put(&CONTACTS, Record { id, updated: self.created, body: RecordBody::Members(members) });
        id
    }

    /// The active contact with this name, in any case.
    pub(super) fn contact_named(&self, name: &str) -> Option<Uuid> {
        let fits = |contact: &&Arc<Record>| {
            contact.text("Name").is_some_and(|own| own.eq_ignore_ascii_case(name))
                && contact.text("ContactStatus").as_deref() == Some("ACTIVE")
        };
        self.store.all(&CONTACTS).iter().find(fits).map(|contact| contact.id)
    }

    /// Makes a contact a customer or a supplier.
    pub(super) fn give_role(&mut self, id: Uuid, role: &str) {
        let Some(contact) = self.store.get(&CONTACTS, id) else { return };
        let (updated, mut members) = (contact.updated, contact.members(self));
        if members.get(role) != Some(&Value::Bool(true)) {
            members.insert(role.to_owned(), true.into());
            self.store.put(&CONTACTS, Record { id, updated, body: RecordBody::Members(members) });
        }
    }

    /// The account that the payments of the demo company went to.
    pub(super) fn bank_account(&self) -> Value {
        let account = self.store.all(&ACCOUNTS).first();
        json!({ "AccountID": account.map(|own| own.id.to_string()), "Code": account.and_then(|own| own.text("Code")) })
    }

    /// The next free number with this prefix.
    pub(super) fn next_number(&mut self, resource: &Resource, member: &str, prefix: &str) -> String {
        loop {
            let next = self.next_numbers.entry(prefix.to_owned()).or_insert(1);
            let number = format!("{prefix}{next:04}");
            *next = next.saturating_add(1);
            if !self.store.all(resource).iter().any(|record| record.text(member).as_deref() == Some(&number)) {
                return number;
            }
        }
    }

    /// Adds the invoice number `place` of `count`. The dates are spread evenly from 18 months ago to `today`.
    fn add_demo_invoice(&mut self, place: usize, count: usize, today: Date, contacts: [&[Uuid]; 2]) {
        const DAYS: u64 = 540;
        let share = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(DAYS);
        let age = DAYS.saturating_sub(share(place).checked_div(u64::try_from(count).unwrap_or(1)).unwrap_or(0));
        let date = day(today.days().saturating_sub(age));
        let kind = if self.random.chance(70) { InvoiceKind::Sale } else { InvoiceKind::Bill };
        let [customers, suppliers] = contacts;
        let (many, table) = match kind {
            InvoiceKind::Sale => (customers, SALES),
            InvoiceKind::Bill => (suppliers, PURCHASES),
        };
        let contact = self.random.pick(many).copied().unwrap_or(Uuid::NIL);
        // Demo invoices are made first, so their numbers are always free.
        let number = if kind == InvoiceKind::Sale {
            let next = self.next_numbers.entry("INV-".to_owned()).or_insert(1);
            let number = format!("INV-{next:04}");
            *next = next.saturating_add(1);
            number
        } else {
            format!("{}", self.random.below(90_000).saturating_add(10_000))
        };
        let random = &mut self.random;
        let line_amounts = if random.chance(85) { LineAmounts::Exclusive } else { LineAmounts::Inclusive };
        let reference = match random.below(10) {
            0..4 => format!("PO {}", random.below(9_000).saturating_add(1_000)),
            _ => String::new(),
        };
        let lines = random.below(4).saturating_add(1);
        let terms = [7, 14, 20, 30];
        let due = day(date.days().saturating_add(random.pick(&terms).copied().unwrap_or(14)));
        let mut invoice = Invoice {
            id: random.uuid(),
            number,
            kind,
            contact,
            date,
            due: Some(due),
            status: InvoiceStatus::Authorised,
            reference,
            line_amounts,
            lines: Vec::new(),
            payments: Vec::new(),
            sent: random.chance(80),
        };
        let updated = date.start().plus(random.below(86_400_000));
        for _ in 0..lines {
            invoice.lines.extend(demo_line(random, table, line_amounts, kind, self.books));
        }
        let updated = set_status(&mut invoice, random, today, updated);
        let id = invoice.id;
        for &(payment, date, amount) in &invoice.payments {
            let body = RecordBody::DemoPayment(DemoPayment { invoice: id, date, amount });
            self.store.put(&PAYMENTS, Record { id: payment, updated, body });
        }
        self.store.put(&INVOICES, Record { id, updated, body: RecordBody::Demo(Box::new(invoice)) });
    }

    /// The answer of `GET /Organisation`.
    pub(super) fn organisation(&self) -> Value {
        let books = self.books;
        json!({
            "OrganisationID": self.id.to_string(),
            "Name": self.name,
            "LegalName": self.name,
            "ShortCode": self.short_code,
            "PaysTax": true,
            "Version": books.version,
            "OrganisationType": "COMPANY",
            "OrganisationEntityType": "COMPANY",
            "OrganisationStatus": "ACTIVE",
            "BaseCurrency": books.currency,
            "CountryCode": books.code,
            "IsDemoCompany": true,
            "TaxNumber": books.tax_number,
            "FinancialYearEndDay": books.year_end.0,
            "FinancialYearEndMonth": books.year_end.1,
            "DefaultSalesTax": "Tax Exclusive",
            "DefaultPurchasesTax": "Tax Exclusive",
            "CreatedDateUTC": formats::ms_date(self.created),
            "Timezone": books.timezone,
            "Edition": "BUSINESS",
            "Class": "DEMO",
            "Addresses": [],
            "Phones": [],
            "ExternalLinks": [],
            "PaymentTerms": {}
        })
    }
}

fn demo_line(
    random: &mut Random,
    table: &[Article],
    line_amounts: LineAmounts,
    kind: InvoiceKind,
    books: &Books,
) -> Option<InvoiceLine> {
    let (description, from, to, account) = *random.pick(table)?;
    let cents = from
        .saturating_mul(100)
        .saturating_add(random.below(to.saturating_sub(from).saturating_mul(100).saturating_add(1)));
    let unit = i64::try_from(cents).unwrap_or(0).saturating_mul(100);
    let halves = if from < 150 { random.below(24).saturating_add(1) } else { 2 };
    let quantity = i64::try_from(halves).unwrap_or(1).saturating_mul(5_000);
    let (tax_type, rate) = books.tax.get(kind.tax_row()).copied().unwrap_or(("NONE", 0));
    let amount = amount::line_amount(quantity, unit);
    Some(InvoiceLine {
        id: random.uuid(),
        description: description.to_owned(),
        quantity,
        unit,
        account: account.to_owned(),
        tax_type: tax_type.to_owned(),
        tax: line_amounts.tax(amount, rate),
        amount,
    })
}

/// Gives an invoice a status that fits its age: most old ones are paid, some new ones are drafts. Returns the instant of its
/// last change.
fn set_status(invoice: &mut Invoice, random: &mut Random, today: Date, mut updated: Timestamp) -> Timestamp {
    let overdue = invoice.due.is_some_and(|due| due < today);
    let luck = random.below(100);
    let total = invoice.totals().total;
    let pay_on = day(invoice
        .date
        .days()
        .saturating_add(random.below(30))
        .min(today.days().saturating_sub(1))
        .max(invoice.date.days()));
    let payment = |random: &mut Random, amount| (random.uuid(), pay_on, amount);
    match (overdue, luck) {
        (true, 0..86) => {
            invoice.status = InvoiceStatus::Paid;
            invoice.payments.push(payment(random, total));
        }
        (_, 86..90) => {
            invoice.payments.push(payment(random, amount::scaled(total, 1, 2)));
        }
        (_, 90..92) => invoice.status = InvoiceStatus::Voided,
        (false, 0..25) => invoice.status = InvoiceStatus::Draft,
        (false, 25..45) => invoice.status = InvoiceStatus::Submitted,
        _ => {}
    }
    if !invoice.payments.is_empty() {
        updated = pay_on.start().plus(random.below(86_400_000));
    }
    // All changes in the books are from yesterday or before.
    Timestamp::from_ms(updated.as_ms().min(today.start().as_ms()))
}

/// The day `days` after 1970-01-01.
fn day(days: u64) -> Date {
    Timestamp::from_ms(days.saturating_mul(86_400_000)).date()
}
