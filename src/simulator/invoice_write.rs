//! Making and changing invoices.

use serde_json::{Map, Value, json};

use super::amount;
use super::company::Company;
use super::context::CallContext;
use super::errors::{self, Invalid};
use super::formats;
use super::http::HttpResponse;
use super::invoice::{Invoice, InvoiceKind, InvoiceLine, InvoiceStatus, LineAmounts};
use super::random::Uuid;
use crate::time::{Date, Timestamp};

/// The operations that write invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// `PUT /Invoices`: makes new ones.
    Create,
    /// `POST /Invoices`: changes those that exist, makes the others.
    CreateOrUpdate,
    /// `POST /Invoices/{InvoiceID}`: changes this one.
    Update,
}

/// Makes and changes invoices: all or none, or each on its own with `summarizeErrors=false`.
pub(super) fn write(context: &mut CallContext<'_>, write: Write) -> HttpResponse {
    let given = match elements(context) {
        Ok(given) => given,
        Err(message) => return errors::invalid(Invalid::PostData, message, Vec::new()),
    };
    let path_row = match write {
        Write::Update => match context.company.find_invoice(&context.parameter()) {
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
                    let saved = company.invoices.get(*row).map(|invoice| invoice.to_json(company, true));
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
fn elements(context: &CallContext<'_>) -> Result<Vec<Map<String, Value>>, &'static str> {
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

/// The invoice that was sent, with its errors.
fn with_errors(element: &Map<String, Value>, messages: &[String]) -> Value {
    let mut shown = element.clone();
    shown.entry("InvoiceID").or_insert_with(|| Uuid::NIL.to_string().into());
    let list = messages.iter().map(|message| json!({ "Message": message })).collect();
    shown.insert("ValidationErrors".to_owned(), Value::Array(list));
    Value::Object(shown)
}

/// Saves one invoice and returns its row, or its errors.
fn save(
    company: &mut Company,
    element: &Map<String, Value>,
    write: Write,
    path_row: Option<usize>,
    now: Timestamp,
) -> Result<usize, Vec<String>> {
    let named = find(company, element, write, path_row)?;
    let current = named.and_then(|row| company.invoices.get(row)).cloned();
    let is_new = current.is_none();
    let draft = current.unwrap_or_else(|| blank(now));
    let mut form = InvoiceForm { company, element, invoice: draft, is_new, wrong: Vec::new(), new_contact: None };
    form.read();
    let InvoiceForm { mut invoice, wrong, new_contact, .. } = form;
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(name) = new_contact {
        invoice.contact = company.add_contact(&name, invoice.kind == InvoiceKind::Sale, now);
    }
    if let Some(contact) = company.contacts.get_mut(invoice.contact) {
        contact.is_customer |= invoice.kind == InvoiceKind::Sale;
        contact.is_supplier |= invoice.kind == InvoiceKind::Bill;
    }
    invoice.updated = now;
    if let (false, Some(row)) = (is_new, named) {
        if let Some(place) = company.invoices.get_mut(row) {
            *place = invoice;
        }
        return Ok(row);
    }
    invoice.id = company.random.uuid();
    if invoice.number.is_empty() && invoice.kind == InvoiceKind::Sale {
        invoice.number = company.next_number();
    }
    company.invoices.push(invoice);
    Ok(company.invoices.len().saturating_sub(1))
}

/// Returns the row of the invoice that an element of the body changes; `None` if it makes a new one.
fn find(
    company: &Company,
    element: &Map<String, Value>,
    write: Write,
    path_row: Option<usize>,
) -> Result<Option<usize>, Vec<String>> {
    if path_row.is_some() || write != Write::CreateOrUpdate {
        return Ok(path_row);
    }
    let text = |name: &str| element.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(id) = text("InvoiceID") {
        let id = Uuid::parse(id);
        let row = company.invoices.iter().position(|invoice| Some(invoice.id) == id);
        return row.map(Some).ok_or_else(|| vec!["There is no invoice with this InvoiceID.".to_owned()]);
    }
    if text("Type") == Some("ACCPAY") {
        return Ok(None);
    }
    let number = text("InvoiceNumber");
    let has_number = |own: &Invoice| own.kind == InvoiceKind::Sale && Some(own.number.as_str()) == number;
    Ok(company.invoices.iter().position(has_number))
}

/// The draft that a new invoice starts as.
const fn blank(now: Timestamp) -> Invoice {
    Invoice {
        id: Uuid::NIL,
        number: String::new(),
        kind: InvoiceKind::Sale,
        contact: usize::MAX,
        date: now.date(),
        due: None,
        status: InvoiceStatus::Draft,
        reference: String::new(),
        line_amounts: LineAmounts::Exclusive,
        lines: Vec::new(),
        payments: Vec::new(),
        sent: false,
        updated: now,
    }
}

/// One invoice of the request body while it is read.
struct InvoiceForm<'a> {
    company: &'a mut Company,
    element: &'a Map<String, Value>,
    invoice: Invoice,
    is_new: bool,
    wrong: Vec<String>,
    new_contact: Option<String>,
}

impl InvoiceForm<'_> {
    fn read(&mut self) {
        let before = self.invoice.status;
        if !before.may_become(before) {
            self.refuse(format!("An invoice that is {} cannot be changed.", before.as_str()));
            return;
        }
        let editable = matches!(before, InvoiceStatus::Draft | InvoiceStatus::Submitted);
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
        match self.one_of("Type", [InvoiceKind::Sale, InvoiceKind::Bill], InvoiceKind::as_str) {
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
        let taken = |other: &Invoice| other.kind == InvoiceKind::Sale && other.number == number && other.id != own;
        if self.invoice.kind == InvoiceKind::Sale && self.company.invoices.iter().any(taken) {
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

    fn line(&mut self, item: &Value) -> Result<InvoiceLine, String> {
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
        Ok(InvoiceLine {
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

    fn read_status(&mut self, before: InvoiceStatus) {
        let Some(next) = self.one_of("Status", InvoiceStatus::ALL, InvoiceStatus::as_str) else {
            return;
        };
        if before.may_become(next)
            && !(before == InvoiceStatus::Authorised && next == InvoiceStatus::Voided && self.has_payments())
        {
            self.invoice.status = next;
        } else {
            self.refuse(format!("An invoice that is {} cannot become {}.", before.as_str(), next.as_str()));
        }
    }

    fn has_payments(&self) -> bool {
        !self.invoice.payments.is_empty()
    }

    /// Checks the invoice as a whole: an authorised one needs more than a draft.
    fn check(&mut self) {
        if self.invoice.status != InvoiceStatus::Authorised {
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
        let date = formats::read_date(&text);
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
