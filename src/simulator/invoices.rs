//! Invoices: how they add up, how they are shown, listed, made and changed.

use serde_json::{Map, Value, json};

use super::amount::{self, Cents, Fine, money};
use super::api::Context;
use super::company::Company;
use super::errors::{self, Invalid};
use super::random::Uuid;
use super::{Response, wire};
use crate::time::{Date, Timestamp};

/// Which side of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `ACCREC`: what a customer owes.
    Sale,
    /// `ACCPAY`: what a supplier is owed.
    Bill,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "ACCREC",
            Self::Bill => "ACCPAY",
        }
    }

    /// The row of the country's tax table that holds the usual tax.
    pub(super) const fn tax_row(self) -> usize {
        match self {
            Self::Sale => 0,
            Self::Bill => 1,
        }
    }
}

/// How far an invoice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Draft,
    Submitted,
    Authorised,
    Paid,
    Voided,
    Deleted,
}

impl Status {
    const ALL: [Self; 6] = [Self::Draft, Self::Submitted, Self::Authorised, Self::Paid, Self::Voided, Self::Deleted];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Authorised => "AUTHORISED",
            Self::Paid => "PAID",
            Self::Voided => "VOIDED",
            Self::Deleted => "DELETED",
        }
    }

    /// Whether a client may move an invoice from here to `next`. Payment alone makes it `PAID`.
    const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Draft | Self::Submitted => {
                matches!(next, Self::Draft | Self::Submitted | Self::Authorised | Self::Deleted)
            }
            Self::Authorised => matches!(next, Self::Authorised | Self::Voided),
            Self::Paid | Self::Voided | Self::Deleted => false,
        }
    }
}

/// Whether line amounts hold tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineAmounts {
    Exclusive,
    Inclusive,
    NoTax,
}

impl LineAmounts {
    const ALL: [Self; 3] = [Self::Exclusive, Self::Inclusive, Self::NoTax];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Inclusive => "Inclusive",
            Self::NoTax => "NoTax",
        }
    }

    /// The tax of a line at `rate` hundredths of a percent.
    pub(super) fn tax(self, line: Cents, rate: i64) -> Cents {
        match self {
            Self::Exclusive => amount::scaled(line, rate, 10_000),
            Self::Inclusive => amount::scaled(line, rate, rate.saturating_add(10_000)),
            Self::NoTax => 0,
        }
    }
}

/// A line of an invoice.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: Uuid,
    pub(super) description: String,
    pub(super) quantity: Fine,
    pub(super) unit: Fine,
    pub(super) account: Option<String>,
    pub(super) item: Option<String>,
    pub(super) tax_type: String,
    pub(super) tax: Cents,
    pub(super) amount: Cents,
}

/// A sales invoice or a bill.
#[derive(Clone, Debug)]
pub(super) struct Invoice {
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) kind: Kind,
    /// A row of the contacts.
    pub(super) contact: usize,
    pub(super) date: Date,
    pub(super) due: Option<Date>,
    pub(super) status: Status,
    pub(super) reference: String,
    pub(super) line_amounts: LineAmounts,
    pub(super) lines: Vec<Line>,
    pub(super) payments: Vec<(Uuid, Date, Cents)>,
    pub(super) sent: bool,
    pub(super) updated: Timestamp,
}

/// What an invoice comes to.
pub(super) struct Totals {
    pub(super) sub_total: Cents,
    pub(super) tax: Cents,
    pub(super) total: Cents,
    pub(super) paid: Cents,
    pub(super) due: Cents,
}

impl Invoice {
    pub(super) fn totals(&self) -> Totals {
        let sum = |values: &mut dyn Iterator<Item = Cents>| values.fold(0, Cents::saturating_add);
        let lines = sum(&mut self.lines.iter().map(|line| line.amount));
        let tax = sum(&mut self.lines.iter().map(|line| line.tax));
        let (sub_total, total) = match self.line_amounts {
            LineAmounts::Inclusive => (lines.saturating_sub(tax), lines),
            LineAmounts::Exclusive | LineAmounts::NoTax => (lines, lines.saturating_add(tax)),
        };
        let paid = sum(&mut self.payments.iter().map(|payment| payment.2));
        let due = match self.status {
            Status::Voided | Status::Deleted => 0,
            _ => total.saturating_sub(paid),
        };
        Totals { sub_total, tax, total, paid, due }
    }

    /// The invoice as the API shows it; lists leave out the lines unless they are paged.
    fn shown(&self, company: &Company, with_lines: bool) -> Value {
        let totals = self.totals();
        let contact = company.contacts.get(self.contact);
        let mut shown = json!({
            "Type": self.kind.as_str(),
            "InvoiceID": self.id.to_string(),
            "InvoiceNumber": self.number,
            "Reference": self.reference,
            "Contact": {
                "ContactID": contact.map_or(Uuid::NIL, |contact| contact.id).to_string(),
                "Name": contact.map_or("", |contact| &contact.name),
                "Addresses": [],
                "Phones": [],
                "ContactGroups": [],
                "ContactPersons": [],
                "HasValidationErrors": false
            },
            "Date": wire::ms_date(self.date.start()),
            "DateString": wire::date_string(self.date.start()),
            "Status": self.status.as_str(),
            "LineAmountTypes": self.line_amounts.as_str(),
            "LineItems": if with_lines { self.lines.iter().map(Line::shown).collect() } else { Vec::new() },
            "SubTotal": money(totals.sub_total),
            "TotalTax": money(totals.tax),
            "Total": money(totals.total),
            "AmountDue": money(totals.due),
            "AmountPaid": money(totals.paid),
            "AmountCredited": money(0),
            "Payments": self.payments.iter().map(shown_payment).collect::<Vec<_>>(),
            "CreditNotes": [],
            "Prepayments": [],
            "Overpayments": [],
            "CurrencyCode": company.books.currency,
            "CurrencyRate": money(100),
            "UpdatedDateUTC": wire::ms_date(self.updated),
            "UpdatedDateUTCString": format!("{}Z", wire::date_string(self.updated)),
            "SentToContact": self.sent,
            "HasErrors": false,
            "HasAttachments": false,
            "IsDiscounted": false
        });
        if let Some(members) = shown.as_object_mut() {
            if let Some(due) = self.due {
                members.insert("DueDate".to_owned(), wire::ms_date(due.start()).into());
                members.insert("DueDateString".to_owned(), wire::date_string(due.start()).into());
            }
            if let (Status::Paid, Some(last)) = (self.status, self.payments.last()) {
                members.insert("FullyPaidOnDate".to_owned(), wire::ms_date(last.1.start()).into());
            }
        }
        shown
    }
}

impl Line {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "LineItemID": self.id.to_string(),
            "Description": self.description,
            "Quantity": amount::fine(self.quantity),
            "UnitAmount": amount::fine(self.unit),
            "TaxType": self.tax_type,
            "TaxAmount": money(self.tax),
            "LineAmount": money(self.amount),
            "Tracking": []
        });
        if let Some(members) = shown.as_object_mut() {
            for (name, value) in [("AccountCode", &self.account), ("ItemCode", &self.item)] {
                if let Some(value) = value {
                    members.insert(name.to_owned(), value.as_str().into());
                }
            }
        }
        shown
    }
}

fn shown_payment((id, date, amount): &(Uuid, Date, Cents)) -> Value {
    json!({
        "PaymentID": id.to_string(),
        "Date": wire::ms_date(date.start()),
        "Amount": money(*amount),
        "CurrencyRate": money(100),
        "HasAccount": false,
        "HasValidationErrors": false
    })
}

/// `GET /Invoices`: filtered by `IDs`, `InvoiceNumbers`, `ContactIDs`, `Statuses` and `If-Modified-Since`, in pages.
pub(super) fn list(context: &mut Context<'_>) -> Response {
    let since = match context.modified_since() {
        Ok(since) => since,
        Err(response) => return response,
    };
    if let Some(response) = context.unsupported(&["where", "order", "searchTerm", "createdByMyApp"]) {
        return response;
    }
    let with_lines = context.query("page").is_some() && !context.is_true("summaryOnly");
    let [ids, numbers, contacts, statuses] =
        ["IDs", "InvoiceNumbers", "ContactIDs", "Statuses"].map(|name| context.listed(name));
    let company = &*context.company;
    let among = |list: &Option<Vec<String>>, value: &str| {
        list.as_ref().is_none_or(|list| list.iter().any(|item| item.eq_ignore_ascii_case(value)))
    };
    let chosen: Vec<&Invoice> = company
        .invoices
        .iter()
        .filter(|invoice| {
            let contact = company.contacts.get(invoice.contact);
            since.is_none_or(|since| invoice.updated.as_ms() / 1_000 > since.as_ms() / 1_000)
                && among(&ids, &invoice.id.to_string())
                && among(&numbers, &invoice.number)
                && among(&contacts, &contact.map_or(Uuid::NIL, |contact| contact.id).to_string())
                && among(&statuses, invoice.status.as_str())
        })
        .collect();
    let page = context.page(chosen.len());
    let shown = chosen.get(page.range.clone()).unwrap_or_default();
    let shown = shown.iter().map(|invoice| invoice.shown(company, with_lines)).collect();
    context.answer("Invoices", shown, Some(page.pagination))
}

/// `GET /Invoices/{InvoiceID}`, by id or by number. With `Accept: application/pdf` a document instead.
pub(super) fn get(context: &mut Context<'_>) -> Response {
    let Some(row) = find(context.company, &context.parameter()) else {
        return errors::no_such_record();
    };
    if context.wants_pdf() {
        return Response::of(200, "application/pdf", super::shapes::BLANK_PDF.as_bytes().to_vec());
    }
    let shown = context.company.invoices.get(row).map(|invoice| invoice.shown(context.company, true));
    context.answer("Invoices", shown.into_iter().collect(), None)
}

/// The row of the invoice that a path names by its id or its number.
fn find(company: &Company, name: &str) -> Option<usize> {
    let id = Uuid::parse(name);
    company.invoices.iter().position(|invoice| id.map_or(invoice.number == name, |id| invoice.id == id))
}

/// What a write may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// `PUT /Invoices`: make new ones.
    Create,
    /// `POST /Invoices`: change those that are named, make the others.
    CreateOrUpdate,
    /// `POST /Invoices/{InvoiceID}`: change this one.
    Update,
}

/// Makes and changes invoices. All or none, unless `summarizeErrors=false` asks for each on its own.
pub(super) fn write(context: &mut Context<'_>, write: Write) -> Response {
    let given = match elements(context) {
        Ok(given) => given,
        Err(message) => return errors::invalid(Invalid::PostData, message, Vec::new()),
    };
    let path_row = match write {
        Write::Update => match find(context.company, &context.parameter()) {
            Some(row) => Some(row),
            None => return errors::no_such_record(),
        },
        _ => None,
    };
    if path_row.is_some() && given.len() != 1 {
        return errors::invalid(Invalid::PostData, "Exactly one invoice is expected here.", Vec::new());
    }
    let each = context.query("summarizeErrors").is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let now = context.now;
    let company = &mut *context.company;
    let before = company.clone();
    let outcomes: Vec<Result<usize, Vec<String>>> =
        given.iter().map(|element| save(company, element, write, path_row, now)).collect();
    let failed = outcomes.iter().any(Result::is_err);
    if failed && !each {
        *company = before;
        let refused = given
            .iter()
            .zip(&outcomes)
            .filter_map(|(element, outcome)| outcome.as_ref().err().map(|messages| with_errors(element, messages)));
        return errors::invalid(Invalid::Validation, "A validation exception occurred", refused.collect());
    }
    let shown = given
        .iter()
        .zip(&outcomes)
        .map(|(element, outcome)| {
            let (mut value, status) = match outcome {
                Ok(row) => {
                    let saved = company.invoices.get(*row).map(|invoice| invoice.shown(company, true));
                    (saved.unwrap_or_default(), "OK")
                }
                Err(messages) => (with_errors(element, messages), "ERROR"),
            };
            if let Some(members) = value.as_object_mut() {
                members.insert("StatusAttributeString".to_owned(), status.into());
            }
            value
        })
        .collect();
    context.answer("Invoices", shown, None)
}

/// The invoices of a body: `{"Invoices": […]}` or a single one.
fn elements(context: &Context<'_>) -> Result<Vec<Map<String, Value>>, &'static str> {
    let body: Value = serde_json::from_slice(&context.request.body).map_err(|_| "The body is not JSON.")?;
    let Value::Object(mut members) = body else {
        return Err("The body is not a JSON object.");
    };
    let items = match members.remove("Invoices") {
        None => return Ok(vec![members]),
        Some(Value::Array(items)) => items,
        Some(_) => return Err("Invoices is not a list."),
    };
    let items: Option<Vec<_>> = items
        .into_iter()
        .map(|item| match item {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .collect();
    match items {
        Some(items) if !items.is_empty() => Ok(items),
        Some(_) => Err("Invoices is an empty list."),
        None => Err("Invoices holds something that is not an invoice."),
    }
}

/// What was sent, with what is wrong with it.
fn with_errors(element: &Map<String, Value>, messages: &[String]) -> Value {
    let mut shown = element.clone();
    shown.entry("InvoiceID").or_insert_with(|| Uuid::NIL.to_string().into());
    let list = messages.iter().map(|message| json!({ "Message": message })).collect();
    shown.insert("ValidationErrors".to_owned(), Value::Array(list));
    Value::Object(shown)
}

/// Saves one element and says in which row, or what is wrong with it.
fn save(
    company: &mut Company,
    element: &Map<String, Value>,
    write: Write,
    path_row: Option<usize>,
    now: Timestamp,
) -> Result<usize, Vec<String>> {
    let text = |name: &str| element.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let named = match (path_row, text("InvoiceID")) {
        (Some(row), _) => Some(row),
        (None, Some(id)) if write == Write::CreateOrUpdate => {
            let id = Uuid::parse(id);
            let row = company.invoices.iter().position(|invoice| Some(invoice.id) == id);
            Some(row.ok_or_else(|| vec!["There is no invoice with this InvoiceID.".to_owned()])?)
        }
        (None, _) if write == Write::CreateOrUpdate && text("Type") != Some("ACCPAY") => {
            let number = text("InvoiceNumber");
            company.invoices.iter().position(|own| own.kind == Kind::Sale && Some(own.number.as_str()) == number)
        }
        _ => None,
    };
    let current = named.and_then(|row| company.invoices.get(row)).cloned();
    let is_new = current.is_none();
    let draft = current.unwrap_or_else(|| Invoice {
        id: Uuid::NIL,
        number: String::new(),
        kind: Kind::Sale,
        contact: usize::MAX,
        date: now.date(),
        due: None,
        status: Status::Draft,
        reference: String::new(),
        line_amounts: LineAmounts::Exclusive,
        lines: Vec::new(),
        payments: Vec::new(),
        sent: false,
        updated: now,
    });
    let mut form = Form { company, element, invoice: draft, is_new, wrong: Vec::new(), new_contact: None };
    form.read();
    let Form { mut invoice, wrong, new_contact, .. } = form;
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(name) = new_contact {
        invoice.contact = company.add_contact(&name, invoice.kind == Kind::Sale, now);
    }
    if let Some(contact) = company.contacts.get_mut(invoice.contact) {
        contact.is_customer |= invoice.kind == Kind::Sale;
        contact.is_supplier |= invoice.kind == Kind::Bill;
    }
    invoice.updated = now;
    if let (false, Some(row)) = (is_new, named) {
        if let Some(place) = company.invoices.get_mut(row) {
            *place = invoice;
        }
        return Ok(row);
    }
    invoice.id = company.random.uuid();
    if invoice.number.is_empty() && invoice.kind == Kind::Sale {
        invoice.number = company.next_number();
    }
    company.invoices.push(invoice);
    Ok(company.invoices.len().saturating_sub(1))
}

/// One invoice of a body while it is read.
struct Form<'a> {
    company: &'a mut Company,
    element: &'a Map<String, Value>,
    invoice: Invoice,
    is_new: bool,
    wrong: Vec<String>,
    new_contact: Option<String>,
}

impl Form<'_> {
    fn read(&mut self) {
        let before = self.invoice.status;
        if !before.may_become(before) {
            self.refuse(format!("An invoice that is {} cannot be changed.", before.as_str()));
            return;
        }
        let editable = matches!(before, Status::Draft | Status::Submitted);
        if editable {
            self.read_kind();
            self.read_contact();
            self.read_number();
            if let Some(date) = self.date("Date") {
                self.invoice.date = date;
            }
            if let Some(found) = self.one_of("LineAmountTypes", LineAmounts::ALL, LineAmounts::as_str) {
                if found != self.invoice.line_amounts && !self.is_new && !self.element.contains_key("LineItems") {
                    self.refuse("LineAmountTypes can change only together with LineItems.");
                }
                self.invoice.line_amounts = found;
            }
            self.read_lines();
        } else if self.element.contains_key("LineItems") {
            self.refuse(format!("The lines of an invoice that is {} cannot be changed.", before.as_str()));
        }
        if let Some(date) = self.date("DueDate") {
            self.invoice.due = Some(date);
        }
        if let Some(text) = self.text("Reference") {
            self.invoice.reference = text;
        }
        if let Some(sent) = self.element.get("SentToContact").and_then(Value::as_bool) {
            self.invoice.sent = sent;
        }
        self.read_status(before);
        self.check();
    }

    fn read_kind(&mut self) {
        match self.one_of("Type", [Kind::Sale, Kind::Bill], Kind::as_str) {
            Some(kind) if self.is_new || kind == self.invoice.kind => self.invoice.kind = kind,
            Some(_) => self.refuse("The Type of an invoice cannot be changed."),
            None if self.is_new && !self.element.contains_key("Type") => {
                self.refuse("Type is missing: ACCREC or ACCPAY.");
            }
            None => {}
        }
    }

    fn read_contact(&mut self) {
        let contact = self.element.get("Contact");
        let member = |name: &str| {
            contact.and_then(|contact| contact.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty())
        };
        match (member("ContactID"), member("Name")) {
            (Some(id), _) => {
                let id = Uuid::parse(id);
                match self.company.contacts.iter().position(|own| Some(own.id) == id) {
                    Some(row) => self.invoice.contact = row,
                    None => self.refuse("There is no contact with this ContactID."),
                }
            }
            (None, Some(name)) => {
                match self.company.contacts.iter().position(|own| own.name.eq_ignore_ascii_case(name)) {
                    Some(row) => self.invoice.contact = row,
                    None => self.new_contact = Some(name.to_owned()),
                }
            }
            (None, None) if self.is_new => self.refuse("Contact is missing: a ContactID or a Name."),
            (None, None) => {}
        }
    }

    fn read_number(&mut self) {
        let Some(number) = self.text("InvoiceNumber").filter(|number| !number.is_empty()) else {
            return;
        };
        let own = self.invoice.id;
        let taken = |other: &Invoice| other.kind == Kind::Sale && other.number == number && other.id != own;
        if self.invoice.kind == Kind::Sale && self.company.invoices.iter().any(taken) {
            self.refuse("InvoiceNumber is taken: the number of a sales invoice must be unique.");
        } else if number.chars().count() > 255 {
            self.refuse("InvoiceNumber is longer than 255 characters.");
        }
        self.invoice.number = number;
    }

    fn read_lines(&mut self) {
        let items = match self.element.get("LineItems") {
            None => return,
            Some(Value::Array(items)) => items,
            Some(_) => return self.refuse("LineItems is not a list."),
        };
        let mut lines = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match self.line(item) {
                Ok(line) => lines.push(line),
                Err(what) => self.refuse(format!("LineItems, number {}: {what}", place.saturating_add(1))),
            }
        }
        self.invoice.lines = lines;
    }

    fn line(&mut self, item: &Value) -> Result<Line, String> {
        let text =
            |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let number = |name: &str, read: fn(&Value) -> Option<i64>| match item.get(name).filter(|value| !value.is_null())
        {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| format!("{name} is not an amount that can be kept.")),
        };
        let unit = number("UnitAmount", amount::read_fine)?;
        let quantity = number("Quantity", amount::read_fine)?.unwrap_or(10_000);
        let given = number("LineAmount", amount::read_money)?;
        let unit = unit.or_else(|| given.map(|given| amount::scaled(given, 1_000_000, quantity))).unwrap_or(0);
        let line = amount::line_amount(quantity, unit);
        if given.is_some_and(|given| given != line) {
            return Err("LineAmount is not Quantity times UnitAmount.".to_owned());
        }
        let taxes = self.company.books.tax;
        let usual = taxes.get(self.invoice.kind.tax_row()).map_or("NONE", |tax| tax.0);
        let tax_type = text("TaxType").unwrap_or_else(|| usual.to_owned());
        let Some((_, rate)) = taxes.iter().find(|tax| tax.0 == tax_type) else {
            return Err("TaxType is not one of this organisation.".to_owned());
        };
        let counted = self.invoice.line_amounts.tax(line, *rate);
        Ok(Line {
            id: self.company.random.uuid(),
            description: text("Description").ok_or("Description is missing.")?,
            quantity,
            unit,
            account: text("AccountCode"),
            item: text("ItemCode"),
            tax_type,
            tax: number("TaxAmount", amount::read_money)?.unwrap_or(counted),
            amount: line,
        })
    }

    fn read_status(&mut self, before: Status) {
        let Some(next) = self.one_of("Status", Status::ALL, Status::as_str) else {
            return;
        };
        if before.may_become(next) && !(before == Status::Authorised && next == Status::Voided && self.has_payments()) {
            self.invoice.status = next;
        } else {
            self.refuse(format!("An invoice that is {} cannot become {}.", before.as_str(), next.as_str()));
        }
    }

    fn has_payments(&self) -> bool {
        !self.invoice.payments.is_empty()
    }

    /// What an invoice needs as a whole before it is authorised.
    fn check(&mut self) {
        if self.invoice.status != Status::Authorised {
            return;
        }
        if self.invoice.due.is_none() {
            self.refuse("DueDate is missing.");
        }
        if self.invoice.lines.is_empty() {
            self.refuse("LineItems is missing.");
        }
        if self.invoice.lines.iter().any(|line| line.account.is_none()) {
            self.refuse("AccountCode is missing on a line.");
        }
        if self.invoice.totals().total < 0 {
            self.refuse("The total is negative.");
        }
    }

    fn refuse(&mut self, message: impl Into<String>) {
        self.wrong.push(message.into());
    }

    fn text(&self, name: &str) -> Option<String> {
        self.element.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.text(name)?;
        let date = wire::read_date(&text);
        if date.is_none() {
            self.refuse(format!("{name} is not a date: YYYY-MM-DD."));
        }
        date
    }

    fn one_of<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        values: [T; N],
        written: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(name).filter(|text| !text.is_empty())?;
        let found = values.into_iter().find(|value| written(*value) == text);
        if found.is_none() {
            self.refuse(format!("{name} is none of {}.", values.map(written).join(", ")));
        }
        found
    }
}
