//! Code of all languages, with and without an SDK: what it calls, and that nothing of Xero's is passed over in silence.
#![cfg(test)]
#![expect(clippy::string_slice, reason = "texts of a test are small")]

mod support;

use std::fmt::Write as _;

use serde::Deserialize;
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::{OPERATIONS, Operation};
use xero_m2m::resolve::{Assumed, Resolved, Text, Why, resolve, resolve_all};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    group: String,
    name: String,
    text: String,
    /// The name of its file, where that matters.
    file: Option<String>,
    /// The operations by key, in alphabetical order: these and no others.
    calls: Vec<String>,
    /// True if the answer must list something unread or unknown; absent if both answers are right.
    unresolved: Option<bool>,
    /// True if listing something as unread is right as well, as long as no wrong call is found.
    #[serde(default)]
    or_said: bool,
    /// True if the method has to be read, and not only assumed.
    #[serde(default)]
    sure: bool,
}

/// Cases with another answer than the right one. The catalogue has timesheets of Australian payroll at this path as well,
/// and a call that may be several operations is all of them.
const ANSWERED_OTHERWISE: [(&str, &str); 1] = [("payroll base", "payroll-au-v2.createTimesheet")];

#[test]
fn code_is_read_as_the_vectors_say() {
    let all =
        [include_str!("vectors/reader.json"), include_str!("vectors/code.json"), include_str!("vectors/tools.json")];
    let cases: Vec<Case> = all.iter().flat_map(|text| serde_json::from_str::<Vec<Case>>(text).unwrap()).collect();
    assert!(cases.len() >= 1_500);
    let mut wrong = String::new();
    for Case { group, name, text, file, mut calls, unresolved, or_said, sure } in cases {
        let found = resolve_all([Text { name: file.as_deref(), text: &text, is_found: false }]);
        let is_said = !found.unresolved.is_empty();
        if let Some((_, more)) = ANSWERED_OTHERWISE.iter().find(|(own, _)| *own == name) {
            calls.push((*more).to_owned());
            calls.sort_unstable();
        }
        let read = keys(&found);
        let is_sure = found.calls.iter().all(|call| call.assumed.is_none());
        let is_right = read == calls && unresolved.is_none_or(|right| right == is_said) && (is_sure || !sure)
            || or_said && is_said && read.iter().all(|key| calls.contains(key));
        if !is_right {
            writeln!(wrong, "{group}: {name}\n{text}\n  expected {calls:?} {unresolved:?}\n  found    {found:?}")
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A project of several files.
#[derive(Deserialize)]
struct Folder {
    name: String,
    /// The name and the text of each.
    files: Vec<(String, String)>,
    calls: Vec<String>,
    unresolved: Option<bool>,
    #[serde(default)]
    sure: bool,
}

#[test]
fn projects_are_read_as_the_vectors_say() {
    let cases: Vec<Folder> = serde_json::from_str(include_str!("vectors/projects.json")).unwrap();
    let mut wrong = String::new();
    for Folder { name, files, calls, unresolved, sure } in cases {
        let texts = files.iter().map(|(name, text)| Text { name: Some(name), text, is_found: true });
        let found = resolve_all(texts);
        let is_said = !found.unresolved.is_empty();
        let is_sure = found.calls.iter().all(|call| call.assumed.is_none());
        if keys(&found) != calls || unresolved.is_some_and(|right| right != is_said) || sure && !is_sure {
            writeln!(wrong, "{name}\n  expected {calls:?} {unresolved:?}").unwrap();
            for call in &found.calls {
                writeln!(
                    wrong,
                    "  found {:?} {:?} {:?} {}:{}",
                    call.rows.iter().map(|row| OPERATIONS[usize::from(*row)].key()).collect::<Vec<_>>(),
                    call.assumed,
                    call.text,
                    files[call.input].0,
                    call.line
                )
                .unwrap();
            }
            for entry in &found.unresolved {
                writeln!(
                    wrong,
                    "  unresolved {:?} {:?} {:?} {}:{}",
                    entry.why, entry.method, entry.text, files[entry.input].0, entry.line
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The operations that were found, each once, in alphabetical order.
fn keys(found: &Resolved) -> Vec<String> {
    let mut keys: Vec<String> = found.rows().map(|row| OPERATIONS[usize::from(row)].key()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[test]
fn what_one_file_defines_is_known_in_the_others() {
    let config = ("src/config.ts", "export const XERO_API = 'https://api.xero.com/api.xro/2.0';");
    let client = (
        "src/client.ts",
        "import { XERO_API } from './config';\nexport async function send(method, path, body) {\n  return fetch(`${XERO_API}${path}`, { method, body });\n}",
    );
    let uses = (
        "src/sync.ts",
        "import { send } from './client';\nawait send('PUT', '/Payments', p);\nawait send('GET', '/Items');",
    );
    let found = resolve_all([config, client, uses]);
    assert_eq!(keys(&found), ["accounting.createPayments", "accounting.getItems"], "{found:?}");
    assert!(found.calls.iter().all(|call| call.assumed.is_none()), "{found:?}");
    let constant = ("api.py", "r = requests.put(XERO_API + '/Contacts', json=c)");
    let found = resolve_all([config, constant]);
    assert_eq!(keys(&found), ["accounting.createContacts"], "{found:?}");
    assert_eq!(found.unresolved, [], "the base is used by the other file");
}

#[test]
fn what_is_of_xero_and_not_read_is_said() {
    for (text, why) in [
        ("const BASE = 'https://api.xero.com/api.xro/2.0';", Why::NoCall),
        ("import { XeroClient } from 'xero-node';\nconst xero = new XeroClient(config);", Why::NoCall),
        ("from xero_python.accounting import AccountingApi", Why::NoCall),
        ("using Xero.NetStandard.OAuth2.Api;", Why::NoCall),
        ("require 'xeroizer'\nclient = make(Xeroizer)", Why::LibraryNotRead),
        ("use XeroPHP\\Application;", Why::LibraryNotRead),
        (
            "const api = axios.create({ baseURL: 'https://api.xero.com/api.xro/2.0' });\nawait api.get(path);",
            Why::UnknownPath,
        ),
        ("await fetch(`https://api.xero.com/api.xro/2.0/${resource}`);", Why::UnknownPath),
        ("await xero.accountingApi[name](tenant);", Why::UnknownMethod),
        ("await xero.accountingApi.getUnicorns(tenant);", Why::UnknownMethod),
        ("requests.put('https://api.xero.com/api.xro/2.0/Unicorns', json=u)", Why::NoOperation),
    ] {
        let found = resolve(text);
        assert_eq!(keys(&found), Vec::<String>::new(), "{text}: {found:?}");
        assert!(found.unresolved.iter().any(|entry| entry.why == why), "{text}: {found:?}");
    }
}

#[test]
fn writes_are_never_read_as_reads_for_sure() {
    // The text after a URL determines its method. If that cannot be read, `GET` is assumed and not found.
    for text in [
        "const method = pick();\nawait fetch('https://api.xero.com/api.xro/2.0/Invoices', { method });",
        "await axios({ url: 'https://api.xero.com/api.xro/2.0/Invoices', ...options });",
        "await fetch('https://api.xero.com/api.xro/2.0/Invoices', options);",
        "client.dispatch(new Thing('https://api.xero.com/api.xro/2.0/Invoices'));",
        "const url = 'https://api.xero.com/api.xro/2.0/Invoices';",
        "curl -X \"$METHOD\" https://api.xero.com/api.xro/2.0/Invoices",
        "call(verb, 'https://api.xero.com/api.xro/2.0/Invoices')",
        "const http = axios.create({ baseURL: 'https://api.xero.com/api.xro/2.0' });\nhttp.interceptors.request.use((config) => {\n  if (config.data) config.method = 'PUT';\n  return config;\n});\nawait http.get('/Payments');",
        "curl \"${options[@]}\" https://api.xero.com/api.xro/2.0/Invoices",
        "const cfg = { method: 'get', url: 'https://api.xero.com/api.xro/2.0/Invoices' };\nObject.assign(cfg, extra);\nawait axios(cfg);",
        "cfg = {'method': 'get', 'url': 'https://api.xero.com/api.xro/2.0/Invoices'}\ncfg.update(extra)\nrequests.request(**cfg)",
        "m=GET\nread -r m\ncurl -X $m https://api.xero.com/api.xro/2.0/Invoices",
        "requests.request(url='https://api.xero.com/api.xro/2.0/Invoices', **extra)",
    ] {
        let found = resolve(text);
        assert!(found.calls.iter().all(|call| call.assumed == Some(Assumed::Get)), "{text}: {found:?}");
        assert!(!found.calls.is_empty() || !found.unresolved.is_empty(), "{text}: {found:?}");
    }
}

/// The calls of each example and of each document for users, without those that are assumed.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn examples_and_documents_of_this_package_are_read() {
    for (file, calls) in [
        (
            "docs/scopes.md",
            "accounting.createPayments accounting.getContacts accounting.getOrganisations accounting.updateOrCreateInvoices",
        ),
        ("README.md", "accounting.getInvoices accounting.getOrganisations"),
        ("docs/calls.md", "accounting.getInvoices accounting.getOrganisations"),
        ("docs/errors.md", "accounting.getJournals"),
        ("docs/writes.md", "accounting.getInvoices accounting.updateOrCreateInvoices"),
        ("examples/bun/index.ts", "accounting.getContacts"),
        ("examples/cloudflare-worker/worker.js", "accounting.getInvoices"),
        ("examples/deno/main.ts", "accounting.getContacts"),
        ("examples/next/app/api/edge/route.js", "accounting.getOrganisations"),
        ("examples/next/app/api/node/route.js", "accounting.getOrganisations"),
        ("examples/node-script/script.js", "accounting.updateOrCreateInvoices"),
        ("examples/node-service/service.js", "accounting.getInvoices"),
        ("examples/openapi-fetch/main.ts", "accounting.getInvoices"),
        ("examples/vercel-edge/api/organisation.js", "accounting.getOrganisations"),
        ("examples/xero-node/migrate.js", "accounting.getOrganisations"),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let mut found = resolve_all([(file, text.as_str())]);
        assert_eq!(found.unresolved, [], "{file}");
        found.calls.retain(|call| call.assumed.is_none());
        assert_eq!(keys(&found).join(" "), calls, "{file}");
    }
}

/// A way to write a request. `M` stands for the method as it is, `m` in lower case, `P` with a capital, `B` for the base,
/// `R` for the path below it, `I` for that without its slash, and `«v»` for where a value is put into a text.
struct Style {
    template: &'static str,
    /// The form of a value inside a text of the language.
    value: &'static str,
}

const fn style(value: &'static str, template: &'static str) -> Style {
    Style { template, value }
}

#[rustfmt::skip]
const STYLES: [Style; 36] = [
    style("${id}", "await axios.%m(`%B%R`, body);"),
    style("${id}", "await axios.%m(\n  `%B%R`,\n  body,\n  { headers },\n);"),
    style("${id}", "const res = await fetch(`%B%R`, {\n  headers: { a: 'b' },\n  method: '%M',\n});"),
    style("${id}", "const BASE = '%B';\nconst res = await fetch(BASE + `%R`, { method: '%M' });"),
    style("${id}", "const BASE = '%B';\nawait axios({ url: `${BASE}%R`, method: '%m', data });"),
    style("${id}", "const client = axios.create({ baseURL: '%B' });\nawait client.%m(`%R`, body);"),
    style("${id}", "const api = ky.create({ prefixUrl: '%B' });\nawait api.%m(`%I`, { json });"),
    style("${id}", "function send(method, path, body) {\n  return fetch('%B' + path, { method, body });\n}\nawait send('%M', `%R`, b);"),
    style("${id}", "class Client {\n  base = '%B';\n  request(method, path) { return axios({ method, url: this.base + path }); }\n  run(id) { return this.request('%M', `%R`); }\n}"),
    style("${id}", "const options = { method: '%M', body };\nconst r = await fetch(`%B%R`, options);"),
    style("${id}", "const url = `%B%R`;\nlog(url);\nconst r = await axios.%m(url, b);"),
    style("${id}", "await xero.json('%M', `%R`, body);"),
    style("${id}", "request.%m({ url: `%B%R`, json: b }, done);"),
    style("${id}", "xhr.open('%M', `%B%R`, true);"),
    style("{id}", "requests.%m(f\"%B%R\", json=body)"),
    style("{id}", "requests.%m(\n    f\"%B%R\",\n    headers=headers,\n    json=body,\n)"),
    style("{id}", "BASE = \"%B\"\nsession.request(\"%M\", BASE + f\"%R\", json=b)"),
    style("{id}", "client = httpx.Client(base_url=\"%B\")\nclient.%m(f\"%R\")"),
    style("{id}", "def call(method, path):\n    return requests.request(method, f\"%B{path}\")\n\n\ncall(\"%M\", f\"%R\")"),
    style("{id}", "url = f\"%B%R\"\npayload = {\"a\": 1}\nr = session.%m(url, json=payload)"),
    style("{id}", "class Xero:\n    base = \"%B\"\n\n    def send(self, method, path):\n        return self.http.request(method, self.base + path)\n\n    def run(self, id):\n        return self.send(\"%M\", f\"%R\")"),
    style("%s", "req, err := http.NewRequest(\"%M\", fmt.Sprintf(\"%B%R\", id, id, id), body)"),
    style("%s", "const base = \"%B\"\nreq, err := http.NewRequestWithContext(ctx, http.Method%P, base+fmt.Sprintf(\"%R\", id, id, id), nil)"),
    style("\" + id + \"", "HttpRequest r = HttpRequest.newBuilder()\n    .uri(URI.create(\"%B%R\"))\n    .method(\"%M\", body)\n    .build();"),
    style("\" + id + \"", "restTemplate.exchange(\"%B%R\", HttpMethod.%M, entity, String.class);"),
    style("\" + id + \"", "Request r = new Request.Builder()\n    .url(\"%B%R\")\n    .method(\"%M\", body)\n    .build();"),
    style("{id}", "await client.SendAsync(new HttpRequestMessage(HttpMethod.%P, $\"%B%R\"));"),
    style("{id}", "var m = new HttpRequestMessage {\n  RequestUri = new Uri($\"%B%R\"),\n  Method = HttpMethod.%P,\n};"),
    style("{$id}", "$client->request('%M', \"%B%R\", ['json' => $b]);"),
    style("{$id}", "$ch = curl_init(\"%B%R\");\ncurl_setopt($ch, CURLOPT_CUSTOMREQUEST, '%M');\ncurl_exec($ch);"),
    style("{$id}", "Http::withToken($t)->%m(\"%B%R\", $b);"),
    style("#{id}", "RestClient.%m \"%B%R\", payload"),
    style("#{id}", "conn = Faraday.new(url: '%B')\nconn.%m(\"%I\")"),
    style("{id}", "let r = client.request(Method::%M, format!(\"%B%R\")).send().await?;"),
    style("\\(id)", "var request = URLRequest(url: URL(string: \"%B%R\")!)\nrequest.httpMethod = \"%M\""),
    style("$ID", "curl -sS -X %M \"%B%R\" -H \"Authorization: Bearer $T\""),
];

/// Code that has nothing of Xero's.
#[rustfmt::skip]
const AROUND: [&str; 14] = [
    "const total = items.reduce((a, b) => a + b, 0);", "localStorage.getItem('cart');", "if (user.isAdmin) { redirect('/users'); }",
    "// the next lines send what was saved", "for (const row of rows) { await save(row); }", "await fetch('/api/todos', { method: 'POST' });",
    "logger.info('done', { count: 3 });", "app.get('/Invoices', list);", "const user = await getUser(id);", "queue.createTask(job);",
    "x = a / b; y = c / d", "print(\"it's done\")", "<Contacts rows={rows} />", "await axios.post('https://example.com/hook', event);",
];

fn written(style: &Style, operation: &Operation) -> String {
    let api = operation.api.row().unwrap();
    let path: Vec<&str> = operation
        .path()
        .split('/')
        .map(|segment| if segment.starts_with('{') { style.value } else { segment })
        .collect();
    let path = path.join("/");
    let method = operation.method.as_str();
    let lower = method.to_lowercase();
    let capital = format!("{}{}", &method[..1], &lower[1..]);
    style
        .template
        .replace("%B", &format!("https://api.xero.com{}", api.base))
        .replace("%R", &path)
        .replace("%I", path.trim_start_matches('/'))
        .replace("%M", method)
        .replace("%m", &lower)
        .replace("%P", &capital)
}

#[test]
fn every_way_to_write_a_request_is_found_with_its_method_whatever_is_around_it() {
    let mut random = Random::seeded();
    let draws = if cfg!(target_arch = "wasm32") { 300 } else { 3_000 };
    let mut wrong = String::new();
    let mut count = 0;
    for draw in 0..draws {
        let style = &STYLES[draw % STYLES.len()];
        let operation = &OPERATIONS[random.index(OPERATIONS.len())];
        let base = operation.api.row().unwrap().base;
        // Without a base, a path is the accounting API's.
        let is_plain = style.template.contains("%B") || base == "/api.xro/2.0";
        if base.is_empty() || !is_plain {
            continue;
        }
        let mut lines: Vec<String> = (0..random.below(4)).map(|_| random.pick(&AROUND).to_owned()).collect();
        let place = random.index(lines.len() + 1);
        lines.insert(place, written(style, operation));
        let text = lines.join("\n");
        let found = resolve(&text);
        let fits = |row: &u16| {
            let own = &OPERATIONS[usize::from(*row)];
            own.method == operation.method && own.needs() == operation.needs()
        };
        let is_right = if operation.id_only() {
            // What fills the place may be a name as well, and then it is another operation.
            let [open] = &found.unresolved[..] else { panic!("{text}\n{found:?}") };
            let may_be = open.candidates.iter().any(|row| OPERATIONS[usize::from(*row)].key() == operation.key());
            found.calls.is_empty() && open.why == Why::UnknownPath && may_be
        } else {
            found.calls.len() == 1
                && found.calls[0].rows.iter().all(fits)
                && found.calls[0].assumed.is_none()
                && found.unresolved.is_empty()
        };
        count += 1;
        if !is_right && wrong.len() < 20_000 {
            writeln!(wrong, "{}\n{text}\n  found {found:?}\n", operation.key()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > draws / 2, "{count} of {draws}: too tame");
}

#[test]
fn code_without_xero_gives_nothing() {
    let mut random = Random::seeded();
    for _ in 0..if cfg!(target_arch = "wasm32") { 200 } else { 2_000 } {
        let lines: Vec<&str> = (0..=random.below(9)).map(|_| random.pick(&AROUND)).collect();
        let found = resolve(&lines.join("\n"));
        assert!(found.calls.is_empty() && found.unresolved.is_empty(), "{lines:?}: {found:?}");
    }
}

#[test]
fn a_method_that_a_merge_may_replace_is_assumed() {
    const URL: &str = "https://api.xero.com/api.xro/2.0/Items";
    for text in [
        format!("fetch(\"{URL}\", {{ method: \"GET\", ...opts }})"),
        format!("axios({{ method: \"get\", url: \"{URL}\", ...config }})"),
        format!("requests.request(**{{\"method\": \"GET\", \"url\": \"{URL}\", **extra}})"),
        format!("fetch(\"{URL}\", Object.assign({{ method: \"GET\" }}, opts))"),
    ] {
        let found = resolve(&text);
        assert!(!found.calls.is_empty() && found.calls.iter().all(|call| call.assumed.is_some()), "{text}: {found:?}");
    }
    let written = format!("fetch(\"{URL}\", {{ method: \"GET\", ...(signal && {{ signal }}) }})");
    assert_eq!(resolve(&written).calls[0].assumed, None, "the members that are merged are written there");
    let replaced = format!("fetch(\"{URL}\", Object.assign({{ method: \"GET\" }}, {{ method: \"PUT\" }}))");
    assert!(resolve(&replaced).calls[0].assumed.is_some(), "the later object has a method too");
    // An object that is an argument beside its own name is read to an end.
    assert_ne!(resolve(&format!("assign(a = {{ method: 'GET', url: '{URL}' }}, a)")).calls, []);
}
