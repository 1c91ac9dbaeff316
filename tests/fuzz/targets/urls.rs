//! Any URL goes to Xero's host or nowhere, and is read as a URL parser of the WHATWG reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use xero_m2m::request::{BaseUrl, call};

const BASES: [&str; 3] = ["https://api.xero.com", "http://127.0.0.1:4010/some/prefix", "http://[::1]:81"];

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(base) = BaseUrl::parse(&text) {
        let url = Url::parse(base.as_str()).expect("a base is a URL");
        let own = url.host_str().expect("a host");
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&own)
            || own.ends_with(".localhost")
            || own.starts_with("127.");
        assert!(url.scheme() == "https" || (url.scheme() == "http" && loopback), "{text:?} is {url}");
        assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none(), "{text:?} is {url}");
    }
    for base in BASES {
        let Ok(found) = call(&BaseUrl::parse(base).expect("a base"), "GET", &text) else { continue };
        let url = Url::parse(&found.url).expect("a call has a URL");
        assert_eq!(url.as_str(), found.url, "it is written as a parser writes it");
        assert!(url.as_str().starts_with(&format!("{base}/")), "{text:?} leads to {url}");
        assert!(url.fragment().is_none());
        assert!(found.url.is_ascii());
    }
});
