//! Answers the calls of the payroll APIs: lists, records, writes and deletions of every kind.

use serde_json::{Map, Value, json};

use super::parts::{self, ApiLetter};
use super::rules;
use super::schemas::{self, PayrollReading};
use super::special;
use super::stored::{self, PayrollKind, text};
use crate::catalogue::{Method, Operation};
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::context::{CallContext, PROVIDER};
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::query::Query;
use crate::simulator::random::Uuid;

/// Writes that are not played, because amounts of pay are not counted.
const NOT_PLAYED: [(Method, &str); 2] = [(Method::Put, "PaySlips"), (Method::Post, "Payslip")];

/// The records on a page.
const PAGE_SIZE: usize = 100;

/// Returns whether an operation of a payroll API is played.
pub(in crate::simulator) fn is_played(operation: &Operation) -> bool {
    let Some(api) = operation.api.row().and_then(|row| parts::letter(row.name)) else { return false };
    let (path, _) = parts::path_of(operation);
    !NOT_PLAYED.contains(&(operation.method, path.as_str()))
        && (special::is_one(&path) || parts::at(api, &path).is_some())
}

/// A call: its API, the path of its operation without ids, and the ids.
pub(super) struct PayrollCall {
    pub(super) api: ApiLetter,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) ids: Vec<Uuid>,
    pub(super) operation: &'static Operation,
    ends_with_id: bool,
}

/// Answers a call of a payroll API.
pub(in crate::simulator) fn answer(context: &mut CallContext<'_>, operation: &'static Operation) -> HttpResponse {
    let row = operation.api.row();
    let Some(api) = row.and_then(|row| parts::letter(row.name)) else { return errors::no_such_record() };
    if !row.is_some_and(|row| row.name.starts_with(context.company.books.payroll)) {
        let country = context.company.books.country;
        let message = format!(
            "{} is not an operation of the payroll of an organisation in {country}, and Xero's answer is not known. Give the \
             organisation another country with the option country.",
            operation.key()
        );
        return errors::not_implemented(operation, &message, context.instance);
    }
    let (path, ends_with_id) = parts::path_of(operation);
    let below = context.path.split('/').skip(3);
    let named = operation.path().split('/').skip(1);
    let ids: Option<Vec<Uuid>> =
        below.zip(named).filter(|(_, name)| name.starts_with('{')).map(|(own, _)| Uuid::parse(own)).collect();
    let Some(ids) = ids else { return errors::no_such_record() };
    let call = PayrollCall { api, method: operation.method, path, ids, operation, ends_with_id };
    let answered = special::answer(context, &call).unwrap_or_else(|| perform(context, &call));
    answered.unwrap_or_else(|refused| refused)
}

fn perform(context: &mut CallContext<'_>, call: &PayrollCall) -> Result<HttpResponse, HttpResponse> {
    let kind = PayrollKind::at(call.api, &call.path).ok_or_else(errors::no_such_record)?;
    let (owner, id) = match (call.ids.as_slice(), call.ends_with_id) {
        ([id], true) => (None, Some(*id)),
        ([owner, id, ..], _) => (Some(*owner), Some(*id)),
        ([owner], false) => (Some(*owner), None),
        ([], _) => (None, None),
    };
    if let Some(owner) = owner {
        employee(context, call.api, owner)?;
    }
    if let Some(id) = id {
        let found = kind.get(context.company, id).ok_or_else(errors::no_such_record)?;
        if owner.is_some() && stored::owner_of(found) != owner {
            return Err(errors::no_such_record());
        }
    }
    let is_single = kind.part.list.is_empty() && kind.part.id.is_empty();
    let single = || kind.all(context.company, owner).first().map(|own| own.id);
    let own = if is_single { single() } else { id };
    match (call.method, own) {
        (Method::Get, Some(id)) => Ok(one(context, kind, id)),
        (Method::Get, None) if is_single => Err(errors::no_such_record()),
        (Method::Get, None) => list(context, kind, owner),
        (Method::Delete, Some(id)) => {
            let response = one(context, kind, id);
            context.company.store.remove(&stored::PAYROLL, id);
            // The specification has the answer of another record here.
            let is_pattern = call.path == "Employees/Working-Patterns";
            Ok(if is_pattern { enveloped(context, "", Value::Null, None) } else { response })
        }
        (_, own) => write(context, kind, own, owner),
    }
}

/// Refuses an employee that there is not.
pub(super) fn employee(context: &CallContext<'_>, api: ApiLetter, id: Uuid) -> Result<(), HttpResponse> {
    let found = PayrollKind::at(api, "Employees").and_then(|kind| kind.get(context.company, id));
    found.map(|_| ()).ok_or_else(errors::no_such_record)
}

/// The answer with one record.
pub(super) fn one(context: &mut CallContext<'_>, kind: PayrollKind, id: Uuid) -> HttpResponse {
    let Some(record) = kind.get(context.company, id) else { return errors::no_such_record() };
    let shown = Value::Object(special::whole(context, kind, record));
    let is_read = context.request.method.eq_ignore_ascii_case("GET");
    match (kind.api, kind.part.one) {
        // A payslip and a timesheet are read as objects; other records of Australia stand in lists.
        ('a', name) if is_read && !name.is_empty() => HttpResponse::json(200, &json!({ name: shown })),
        ('a', _) => context.answer(kind.part.list, vec![shown], None),
        // The specification has a list here.
        (_, "salaryAndWages") if is_read => enveloped(context, "salaryAndWages", json!([shown]), None),
        (_, name) => enveloped(context, name, shown, None),
    }
}

/// The envelope of the payroll APIs 2.0, with a member if it has a name.
pub(super) fn enveloped(
    context: &mut CallContext<'_>,
    name: &str,
    value: Value,
    pagination: Option<Value>,
) -> HttpResponse {
    let mut body = json!({
        "id": context.random.uuid().to_string(),
        "providerName": PROVIDER,
        "dateTimeUTC": formats::date_string(context.now),
        "httpStatusCode": "OK"
    });
    if let Some(members) = body.as_object_mut() {
        members.extend(pagination.map(|pagination| ("pagination".to_owned(), pagination)));
        if !name.is_empty() {
            members.insert(name.to_owned(), value);
        }
    }
    HttpResponse::json(200, &body)
}

/// A page of a list.
pub(super) fn page_of(context: &mut CallContext<'_>, api: ApiLetter, name: &str, items: &[Value]) -> HttpResponse {
    let page = context.query("page").and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(1).max(1);
    let start = page.saturating_sub(1).saturating_mul(PAGE_SIZE).min(items.len());
    let end = start.saturating_add(PAGE_SIZE).min(items.len());
    let shown = items.get(start..end).unwrap_or_default().to_vec();
    if api == 'a' {
        return context.answer(name, shown, None);
    }
    let count = items.len();
    let pagination =
        json!({ "page": page, "pageSize": PAGE_SIZE, "pageCount": count.div_ceil(PAGE_SIZE), "itemCount": count });
    enveloped(context, name, Value::Array(shown), Some(pagination))
}

/// The records of a kind that the parameters choose.
pub(super) fn list(
    context: &mut CallContext<'_>,
    kind: PayrollKind,
    owner: Option<Uuid>,
) -> Result<HttpResponse, HttpResponse> {
    let owner = match kind.part.path {
        "PaySlips" => {
            let run = context.query("PayRunID").and_then(Uuid::parse);
            Some(run.ok_or_else(|| {
                refused(
                    context,
                    kind.api,
                    &[("PayRunID".to_owned(), "The PayRunID is required.".to_owned())],
                    Vec::new(),
                )
            })?)
        }
        _ => owner,
    };
    let since = if kind.api == 'a' { context.modified_since()? } else { None };
    let rows = kind.all(context.company, owner).into_iter();
    let rows = rows.filter(|own| since.is_none_or(|since| own.updated.as_ms() / 1_000 > since.as_ms() / 1_000));
    let shown: Vec<(usize, Value)> =
        rows.map(|own| Value::Object(special::whole(context, kind, own))).enumerate().collect();
    let values: Vec<Value> = shown.iter().map(|(_, own)| own.clone()).collect();
    let chosen = if kind.api == 'a' { by_query(context, kind, shown)? } else { by_filter(context, kind, &values)? };
    let items: Vec<Value> = chosen.into_iter().filter_map(|place| values.get(place).cloned()).collect();
    Ok(page_of(context, kind.api, kind.part.list, &items))
}

/// The rows that `where` and `order` of Australia's API choose.
fn by_query(
    context: &CallContext<'_>,
    kind: PayrollKind,
    shown: Vec<(usize, Value)>,
) -> Result<Vec<usize>, HttpResponse> {
    let wrong = |message: String| errors::invalid(Invalid::Query, &message, Vec::new());
    let [filter, order] = ["where", "order"].map(|name| context.query(name).unwrap_or(""));
    let is_member = |path: &[String]| path.first().is_some_and(|name| schemas::has(kind.api, kind.part.schema, name));
    Query::read(filter, order, &is_member).and_then(|query| query.select(shown)).map_err(wrong)
}

/// The rows that the parameters of the other APIs choose: `filter=name==value,…`, `status`, dates, `ActiveOnly`, `sort`.
fn by_filter(context: &CallContext<'_>, kind: PayrollKind, shown: &[Value]) -> Result<Vec<usize>, HttpResponse> {
    let refuse =
        |name: &str, reason: &str| refused(context, kind.api, &[(name.to_owned(), reason.to_owned())], Vec::new());
    let mut wanted: Vec<(String, String)> = Vec::new();
    for item in context.listed("filter").unwrap_or_default() {
        let (name, value) = item.split_once("==").ok_or_else(|| refuse("filter", "The filter is not name==value."))?;
        wanted.push((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()));
    }
    let status = if kind.part.path == "PayRuns" { "payRunStatus" } else { "status" };
    wanted.extend(context.query("status").filter(|own| !own.is_empty()).map(|own| (status.to_owned(), own.to_owned())));
    if context.is_true("ActiveOnly") {
        wanted.push(("isActive".to_owned(), "true".to_owned()));
    }
    let day = |name: &str| match context.query(name).filter(|own| !own.is_empty()) {
        None => Ok(None),
        Some(text) => formats::read_date(text).map(Some).ok_or_else(|| refuse(name, "The date is not YYYY-MM-DD.")),
    };
    let (from, to) = (day("startDate")?, day("endDate")?);
    let fits = |own: &&Value| {
        let of = |name: &str| {
            own.as_object()?.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let date = |name: &str| of(name).and_then(Value::as_str).and_then(formats::read_date);
        let equal = |name: &str, value: &str| match of(name) {
            Some(Value::String(own)) => own.eq_ignore_ascii_case(value),
            Some(other) => other.to_string().eq_ignore_ascii_case(value),
            None => false,
        };
        wanted.iter().all(|(name, value)| equal(name, value))
            && from.is_none_or(|from| date("startDate").is_none_or(|own| from <= own))
            && to.is_none_or(|to| date("endDate").is_none_or(|own| own <= to))
    };
    let mut chosen: Vec<usize> =
        shown.iter().enumerate().filter(|(_, own)| fits(own)).map(|(place, _)| place).collect();
    if context.query("sort").is_some_and(|own| own.eq_ignore_ascii_case("startDate")) {
        let start = |place: &usize| shown.get(*place).and_then(|own| own.get("startDate")).map(Value::to_string);
        chosen.sort_by_key(|place| core::cmp::Reverse(start(place)));
    }
    Ok(chosen)
}

/// Makes or changes the records of a body, all or none.
fn write(
    context: &mut CallContext<'_>,
    kind: PayrollKind,
    id: Option<Uuid>,
    owner: Option<Uuid>,
) -> Result<HttpResponse, HttpResponse> {
    let given = elements(context, kind)?;
    let is_list = kind.part.one.is_empty() && kind.api != 'a';
    let before = context.company.clone();
    if is_list {
        let old: Vec<Uuid> = kind.all(context.company, owner).iter().map(|own| own.id).collect();
        for id in old {
            context.company.store.remove(&stored::PAYROLL, id);
        }
    }
    let mut made = Vec::new();
    let (mut wrong, mut elements) = (Vec::new(), Vec::new());
    for element in &given {
        match save(context, kind, id, owner, element) {
            Ok(id) => made.push(id),
            Err(reasons) => {
                let messages = reasons.iter().map(|(_, reason)| json!({ "Message": reason }));
                let mut element = element.clone();
                set(&mut element, "ValidationErrors", messages.collect::<Vec<_>>());
                elements.push(Value::Object(element));
                wrong.extend(reasons);
            }
        }
    }
    if !wrong.is_empty() {
        *context.company = before;
        return Err(refused(context, kind.api, &wrong, elements));
    }
    match made.as_slice() {
        [id] if !is_list => Ok(one(context, kind, *id)),
        _ if kind.api == 'a' => {
            let shown = made.iter().filter_map(|id| kind.get(context.company, *id));
            let shown = shown.map(|own| Value::Object(special::whole(context, kind, own))).collect();
            Ok(context.answer(kind.part.list, shown, None))
        }
        _ => {
            let items = stored::shown(context.company, kind, owner);
            Ok(page_of(context, kind.api, kind.part.list, &items))
        }
    }
}

/// The records of a body: one object, or a list. Australia's API also takes the list under its name.
pub(super) fn elements(context: &CallContext<'_>, kind: PayrollKind) -> Result<Vec<RecordMembers>, HttpResponse> {
    let list = match serde_json::from_slice(&context.request.body) {
        Ok(Value::Object(mut own)) if kind.api == 'a' => match own.remove(kind.part.list) {
            Some(Value::Array(items)) => items,
            _ => vec![Value::Object(own)],
        },
        Ok(Value::Array(items)) if kind.api == 'a' || kind.part.one.is_empty() => items,
        Ok(own @ Value::Object(_)) if !kind.part.one.is_empty() => vec![own],
        _ => Vec::new(),
    };
    let objects: Option<Vec<RecordMembers>> = list.into_iter().map(|own| own.as_object().cloned()).collect();
    objects.filter(|own| !own.is_empty() && own.iter().all(|own| !own.is_empty())).ok_or_else(|| {
        refused(context, kind.api, &[("body".to_owned(), format!("The body is no {}.", kind.part.schema))], Vec::new())
    })
}

/// Makes or changes a record; the reasons if it is refused, by member.
pub(super) fn save(
    context: &mut CallContext<'_>,
    kind: PayrollKind,
    id: Option<Uuid>,
    owner: Option<Uuid>,
    given: &RecordMembers,
) -> Result<Uuid, Vec<(String, String)>> {
    let now = context.now;
    let named = || json::id(given, kind.part.id).filter(|id| kind.get(context.company, *id).is_some());
    let id = if kind.api == 'a' { id.or_else(named) } else { id };
    let before = id.and_then(|id| kind.get(context.company, id)).map(|own| own.members(context.company));
    let owner = owner.or_else(|| id.and_then(|id| kind.get(context.company, id)).and_then(stored::owner_of));
    let mut reading =
        PayrollReading { api: kind.api, company: context.company, wrong: Vec::new(), unknown: Vec::new() };
    let mut record = reading.members(kind.part.schema, given, before.as_ref(), kind.part.id);
    for name in &reading.unknown {
        context.lose(name);
    }
    let known = given.keys().any(|name| record.contains_key(name)) || id.is_some();
    if !known && reading.wrong.is_empty() {
        reading.refuse("body", &format!("has no member of {}", kind.part.schema));
    }
    rules::complete(&mut reading, kind, &mut record, id.is_none(), now);
    if !reading.wrong.is_empty() {
        return Err(reading.wrong);
    }
    special::before_save(context, kind, &mut record, owner);
    let is_new = id.is_none();
    let id = kind.save(context.company, id, owner, record, now);
    if is_new && kind.part.path == "PayRuns" {
        rules::add_pay_slips(context.company, kind, id, now);
    }
    Ok(id)
}

/// The refusal of a body or a parameter, in the form of the API.
pub(super) fn refused(
    context: &CallContext<'_>,
    api: ApiLetter,
    wrong: &[(String, String)],
    elements: Vec<Value>,
) -> HttpResponse {
    if api == 'a' {
        return errors::invalid(Invalid::Validation, "A validation exception occurred", elements);
    }
    let fields: Vec<Value> = wrong.iter().map(|(name, reason)| json!({ "name": name, "reason": reason })).collect();
    let mut body = Map::new();
    set(&mut body, "id", context.instance.to_string());
    set(&mut body, "providerName", PROVIDER);
    set(&mut body, "dateTimeUTC", formats::date_string(context.now));
    set(&mut body, "httpStatusCode", "BadRequest");
    let problem = json!({
        "type": "about:blank", "title": "BadRequest", "status": "400", "detail": "Validation error occurred.",
        "instance": context.instance.to_string(), "invalidFields": fields
    });
    set(&mut body, "problem", problem);
    HttpResponse::json(400, &Value::Object(body))
}

/// The status of a record, which several kinds have.
pub(super) fn status_of(members: &RecordMembers) -> &str {
    let own = text(members, "status");
    if own.is_empty() { text(members, "Status") } else { own }
}
