//! The answer at `/`: what this is, for a person who opens the address in a browser or asks with curl.

use super::consent_page::{escaped, html};
use super::http::{HttpRequest, HttpResponse};
use super::local_xero::Simulator;

impl Simulator {
    /// Answers a request for `/`, as HTML or as text by its `Accept`.
    pub(super) fn front_page(&self, request: &HttpRequest) -> HttpResponse {
        let base = &self.config.base_url;
        let names: Vec<_> = self.companies.iter().map(|company| company.name.as_str()).collect();
        let lines = [
            ("Organisations", names.join(", ")),
            ("Tokens", format!("{base}/connect/token")),
            ("Discovery", format!("{base}/.well-known/openid-configuration")),
            ("API", "/api.xro/2.0/… and Xero's other paths, at the address of this page".to_owned()),
            ("State, time and counts", "/simulator".to_owned()),
            ("Help", "npx xero-m2m simulate --help".to_owned()),
        ];
        if request.header("accept").is_some_and(|accept| accept.contains("text/html")) {
            let rows = lines.iter().map(|(name, text)| format!("<p><b>{name}</b><br>{}", escaped(text)));
            return html(200, &["<p>It is not Xero.".to_owned()].into_iter().chain(rows).collect::<String>());
        }
        let rows = lines.iter().map(|(name, text)| format!("{name}: {text}\n"));
        let first =
            "A local imitation of Xero, for tests. It is not Xero, and nothing leaves this machine.\n\n".to_owned();
        HttpResponse::text(200, &[first].into_iter().chain(rows).collect::<String>())
    }
}
