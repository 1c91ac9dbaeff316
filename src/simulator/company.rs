//! The demo company: an organisation in one of the four countries, its contacts and its invoices, made from the seed.

use serde_json::{Value, json};

use super::amount;
use super::config::SimulatorConfig;
use super::demo::{
    AUSTRALIA, Article, Books, CUSTOMERS, City, NEW_ZEALAND, PEOPLE, PURCHASES, SALES, SUPPLIERS, UNITED_KINGDOM,
    UNITED_STATES,
};
use super::formats;
use super::invoice::{Invoice, InvoiceKind, InvoiceLine, InvoiceStatus, LineAmounts};
use super::random::{Random, Uuid};
use crate::catalogue::Country;
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

/// A customer or a supplier.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) id: Uuid,
    pub(super) name: String,
    number: String,
    person: (&'static str, &'static str),
    city: City,
    street: u64,
    phone: u64,
    pub(super) is_supplier: bool,
    pub(super) is_customer: bool,
    pub(super) updated: Timestamp,
}

/// The books of one organisation.
#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) id: Uuid,
    pub(super) name: String,
    short_code: String,
    pub(super) created: Timestamp,
    pub(super) books: &'static Books,
    pub(super) contacts: Vec<Contact>,
    /// In the order of their creation; none is ever removed.
    pub(super) invoices: Vec<Invoice>,
    next_number: u64,
    pub(super) random: Random,
}

impl Company {
    /// The company number `place` of a local Xero.
    pub(super) fn of(config: &SimulatorConfig, place: usize, name: &str) -> Self {
        let number = u64::try_from(place).unwrap_or(u64::MAX);
        let seed = if number == 0 { config.seed } else { Random::new(config.seed, number.saturating_add(100)).whole() };
        Self::new(seed, name, config.country, config.today, config.invoices)
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
            contacts: Vec::new(),
            invoices: Vec::with_capacity(invoices),
            next_number: 1,
            random,
        };
        for name in CUSTOMERS {
            company.add_contact(name, true, created);
        }
        for name in SUPPLIERS {
            company.add_contact(name, false, created);
        }
        for place in 0..invoices {
            company.add_demo_invoice(place, invoices, today);
        }
        company
    }

    /// Adds a contact and returns its row.
    pub(super) fn add_contact(&mut self, name: &str, is_customer: bool, at: Timestamp) -> usize {
        let row = self.contacts.len();
        let random = &mut self.random;
        self.contacts.push(Contact {
            id: random.uuid(),
            name: name.to_owned(),
            number: format!("C{:04}", row.saturating_add(1)),
            person: random.pick(PEOPLE).copied().unwrap_or_default(),
            city: random.pick(self.books.cities).copied().unwrap_or_default(),
            street: random.below(240).saturating_add(1),
            phone: random.below(9_000_000).saturating_add(1_000_000),
            is_supplier: !is_customer,
            is_customer,
            updated: at,
        });
        row
    }

    /// The next free number of a sales invoice.
    pub(super) fn next_number(&mut self) -> String {
        loop {
            let number = format!("INV-{:04}", self.next_number);
            self.next_number = self.next_number.saturating_add(1);
            if !self.invoices.iter().any(|invoice| invoice.kind == InvoiceKind::Sale && invoice.number == number) {
                return number;
            }
        }
    }

    /// Adds the invoice number `place` of `count`. The dates are spread evenly from 18 months ago to `today`.
    fn add_demo_invoice(&mut self, place: usize, count: usize, today: Date) {
        const DAYS: u64 = 540;
        let share = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(DAYS);
        let age = DAYS.saturating_sub(share(place).checked_div(u64::try_from(count).unwrap_or(1)).unwrap_or(0));
        let date = day(today.days().saturating_sub(age));
        let kind = if self.random.chance(70) { InvoiceKind::Sale } else { InvoiceKind::Bill };
        let (first, many, table) = match kind {
            InvoiceKind::Sale => (0, CUSTOMERS.len(), SALES),
            InvoiceKind::Bill => (CUSTOMERS.len(), SUPPLIERS.len(), PURCHASES),
        };
        let drawn = self.random.below(u64::try_from(many).unwrap_or(1));
        let contact = usize::try_from(drawn).unwrap_or(0).saturating_add(first);
        // Demo invoices are made first, so their numbers are always free.
        let number = if kind == InvoiceKind::Sale {
            let number = format!("INV-{:04}", self.next_number);
            self.next_number = self.next_number.saturating_add(1);
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
            updated: date.start().plus(random.below(86_400_000)),
        };
        for _ in 0..lines {
            invoice.lines.extend(demo_line(random, table, line_amounts, kind, self.books));
        }
        set_status(&mut invoice, random, today);
        self.invoices.push(invoice);
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

    /// A contact as the API shows it.
    pub(super) fn contact(&self, contact: &Contact) -> Value {
        let (first, last) = contact.person;
        let (city, region, code) = contact.city;
        let host: String = contact.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        json!({
            "ContactID": contact.id.to_string(),
            "ContactNumber": contact.number,
            "ContactStatus": "ACTIVE",
            "Name": contact.name,
            "FirstName": first,
            "LastName": last,
            "EmailAddress": format!("{}@{host}.example", first.to_lowercase()),
            "BankAccountDetails": "",
            "Addresses": [{
                "AddressType": "STREET",
                "AddressLine1": format!("{} High Street", contact.street),
                "City": city,
                "Region": region,
                "PostalCode": code,
                "Country": self.books.country
            }],
            "Phones": [{
                "PhoneType": "DEFAULT",
                "PhoneNumber": contact.phone.to_string(),
                "PhoneAreaCode": "",
                "PhoneCountryCode": self.books.dial
            }],
            "UpdatedDateUTC": formats::ms_date(contact.updated),
            "ContactGroups": [],
            "ContactPersons": [],
            "IsSupplier": contact.is_supplier,
            "IsCustomer": contact.is_customer,
            "HasAttachments": false,
            "HasValidationErrors": false
        })
    }

    /// The contact that a path names by its id or its number.
    pub(super) fn find_contact(&self, name: &str) -> Option<&Contact> {
        let id = Uuid::parse(name);
        self.contacts.iter().find(|contact| id.map_or(contact.number == name, |id| contact.id == id))
    }

    /// The row of the invoice that a path names by its id or its number.
    pub(super) fn find_invoice(&self, name: &str) -> Option<usize> {
        let id = Uuid::parse(name);
        self.invoices.iter().position(|invoice| id.map_or(invoice.number == name, |id| invoice.id == id))
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
        account: Some(account.to_owned()),
        item: None,
        tax_type: tax_type.to_owned(),
        tax: line_amounts.tax(amount, rate),
        amount,
    })
}

/// Gives an invoice a status that fits its age: most old ones are paid, some new ones are drafts.
fn set_status(invoice: &mut Invoice, random: &mut Random, today: Date) {
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
        invoice.updated = pay_on.start().plus(random.below(86_400_000));
    }
    // All changes in the books are from yesterday or before.
    invoice.updated = Timestamp::from_ms(invoice.updated.as_ms().min(today.start().as_ms()));
}

/// The day `days` after 1970-01-01.
fn day(days: u64) -> Date {
    Timestamp::from_ms(days.saturating_mul(86_400_000)).date()
}
