//! The async client for Rust programs on wasm, in Node and in a browser: against the local Xero, in place of `fetch`.
#![cfg(all(target_arch = "wasm32", feature = "gloo", feature = "simulator"))]

#[cfg(test)]
mod gloo {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::fmt::Write as _;
    use std::future::{Future as _, poll_fn};
    use std::rc::Rc;
    use std::task::Poll;

    use js_sys::{Array, Date, Error as JsError, Function, Object, Promise, Reflect};
    use serde_json::{Value, json};
    use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
    use wasm_bindgen_futures::{JsFuture, future_to_promise};
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::{AbortSignal, RequestRedirect};
    use xero_m2m::call::{Config, retry};
    use xero_m2m::connection::Options;
    use xero_m2m::error::Code;
    use xero_m2m::limits;
    use xero_m2m::request::BaseUrl;
    use xero_m2m::scope::ScopeSet;
    use xero_m2m::secret::Secret;
    use xero_m2m::simulator::{self, Counts, Reply, Simulator, SimulatorConfig};
    use xero_m2m::time::Timestamp;
    use xero_m2m::token;
    use xero_m2m::wasm::gloo::{self, Client, Request};

    const ID: &str = "0123456789ABCDEF0123456789ABCDEF";
    const SECRET: &str = "s3cret+/ with: odd%chars";
    const HOST: &str = "https://xero.test";
    const EXPIRED: &str = r#"{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired"}"#;

    /// The behaviour of `fetch`, in place of a call to the local Xero.
    enum Play {
        Never,
        Reject(JsValue),
        Resolve(JsValue),
    }

    struct World {
        simulator: Simulator,
        /// The milliseconds by which the common clock is ahead, and by which that of the local Xero is ahead of it.
        ahead_ms: f64,
        xero_ahead_ms: f64,
        plays: VecDeque<Play>,
        sent: Vec<Sent>,
    }

    struct Sent {
        request: simulator::HttpRequest,
        signal: AbortSignal,
    }

    /// The world in place of the host's `fetch` and `Date.now`, until it is dropped.
    struct Stage {
        world: Rc<RefCell<World>>,
        /// An object, a name, and the value that it had.
        before: Vec<(JsValue, &'static str, JsValue)>,
        /// Node takes a test that waits for nothing for the end of the tests, and for a success.
        watchdog: JsValue,
        _fetch: Closure<dyn FnMut(web_sys::Request) -> Promise>,
        _now: Closure<dyn FnMut() -> f64>,
    }

    impl Stage {
        fn set(scopes: &str) -> Self {
            let today = Timestamp::from_js(Date::now()).unwrap().date();
            let config = SimulatorConfig {
                client_id: ID.to_owned(),
                client_secret: Secret::new(SECRET.to_owned()),
                scopes: ScopeSet::from_scope_param(scopes),
                invoices: 10,
                base_url: HOST.to_owned(),
                ..SimulatorConfig::new(7, today)
            };
            let world = Rc::new(RefCell::new(World {
                simulator: Simulator::new(config).unwrap(),
                ahead_ms: 0.0,
                xero_ahead_ms: 0.0,
                plays: VecDeque::new(),
                sent: Vec::new(),
            }));
            let date = Reflect::get(&js_sys::global(), &"Date".into()).unwrap();
            let clock: Function = Reflect::get(&date, &"now".into()).unwrap().unchecked_into();
            let (there, original) = (Rc::clone(&world), clock.clone());
            let now = Closure::<dyn FnMut() -> f64>::new(move || {
                let ahead_ms = there.try_borrow().map_or(0.0, |world| world.ahead_ms);
                original.call0(&JsValue::UNDEFINED).unwrap().as_f64().unwrap() + ahead_ms
            });
            let there = Rc::clone(&world);
            let fetch = Closure::<dyn FnMut(web_sys::Request) -> Promise>::new(move |request| {
                future_to_promise(answer(Rc::clone(&there), request))
            });
            let mut before = Vec::new();
            for (object, name, value) in
                [(date, "now", now.as_ref()), (js_sys::global().into(), "fetch", fetch.as_ref())]
            {
                before.push((object.clone(), name, Reflect::get(&object, &name.into()).unwrap()));
                Reflect::set(&object, &name.into(), value).unwrap();
            }
            let bark = Function::new_no_args("throw new Error('a test does not end')");
            let watchdog = global("setTimeout").call2(&JsValue::UNDEFINED, &bark, &15_000.into()).unwrap();
            Self { world, before, watchdog, _fetch: fetch, _now: now }
        }

        /// From now on no timer of the host goes off.
        fn stop_timers(&mut self) {
            self.before.push((js_sys::global().into(), "setTimeout", global("setTimeout").into()));
            Reflect::set(&js_sys::global(), &"setTimeout".into(), &Function::new_no_args("")).unwrap();
        }

        fn play(&self, play: Play) {
            self.world.borrow_mut().plays.push_back(play);
        }

        fn counts(&self) -> (u64, u64) {
            let Counts { token_requests, api_requests, .. } = self.world.borrow().simulator.counts();
            (token_requests, api_requests)
        }

        fn sent(&self) -> usize {
            self.world.borrow().sent.len()
        }

        fn last_signal(&self) -> AbortSignal {
            self.world.borrow().sent.last().unwrap().signal.clone()
        }
    }

    /// Options with which nothing ends by itself within the time of a test.
    fn options() -> Options {
        let here = BaseUrl::parse(HOST).unwrap();
        let lifecycle = token::LifecycleConfig {
            timeout_ms: 600_000,
            lease_ms: 600_000,
            prepare_ms: 600_000,
            ..token::LifecycleConfig::default()
        };
        Options { identity_url: here.clone(), api_url: here, lifecycle, ..gloo::options(ID).unwrap() }
    }

    /// Callers get the first failure, which comes soon.
    fn impatient() -> Options {
        let lifecycle = token::LifecycleConfig {
            timeout_ms: 30,
            lease_ms: 30,
            prepare_ms: 30,
            patience: 1,
            ..token::LifecycleConfig::default()
        };
        Options { lifecycle, ..options() }
    }

    fn client_with(secret: &str, options: Options) -> Client {
        Client::new(options, Secret::new(secret.to_owned())).unwrap()
    }

    fn client() -> Client {
        client_with(SECRET, options())
    }

    /// A client that sends no call again, so that one failure is the result.
    fn client_without_retries() -> Client {
        let config =
            Config { retry: retry::RetryConfig { again: 0, ..retry::RetryConfig::default() }, ..Config::default() };
        Client::with_config(options(), config, Secret::new(SECRET.to_owned())).unwrap()
    }

    impl Drop for Stage {
        fn drop(&mut self) {
            for (object, name, value) in self.before.drain(..) {
                Reflect::set(&object, &name.into(), &value).unwrap();
            }
            global("clearTimeout").call1(&JsValue::UNDEFINED, &self.watchdog).unwrap();
        }
    }

    /// A function of the host.
    fn global(name: &str) -> Function {
        Reflect::get(&js_sys::global(), &name.into()).unwrap().unchecked_into()
    }

    async fn answer(world: Rc<RefCell<World>>, raw: web_sys::Request) -> Result<JsValue, JsValue> {
        assert_eq!(raw.redirect(), RequestRedirect::Manual);
        let signal = raw.signal();
        let request = gloo_net::http::Request::from(raw);
        let request = simulator::HttpRequest {
            method: request.method().to_string(),
            target: request.url(),
            headers: request.headers().entries().collect(),
            body: request.binary().await.unwrap(),
        };
        world.borrow_mut().sent.push(Sent { request: request.clone(), signal });
        let play = world.borrow_mut().plays.pop_front();
        match play {
            Some(Play::Never) => std::future::pending().await,
            Some(Play::Reject(reason)) => Err(reason),
            Some(Play::Resolve(value)) => Ok(value),
            None => {
                let now = Date::now();
                let world = &mut *world.borrow_mut();
                let now = Timestamp::from_js(now + world.xero_ahead_ms).unwrap();
                let mut reply = world.simulator.handle(&request, now);
                if let Reply::Sign { ticket, .. } = reply {
                    reply = world.simulator.signed(ticket, &format!("c2lnbmVk{ticket:04}"));
                }
                let Reply::Respond(response) = reply else { panic!("neither a fault nor an ID token is asked for") };
                Ok(response_of(response.status, &response.headers, response.body))
            }
        }
    }

    fn response_of(status: u16, headers: &[(String, String)], mut body: Vec<u8>) -> JsValue {
        let builder = gloo_net::http::Response::builder().status(status);
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value));
        web_sys::Response::from(builder.body(Some(body.as_mut_slice())).unwrap()).into()
    }

    fn json_of(status: u16, body: &str) -> JsValue {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        response_of(status, &headers, body.as_bytes().to_vec())
    }

    /// Lets the host do its pending work.
    async fn turn() {
        let timers = global("setTimeout");
        let promise = Promise::new(&mut |resolve, _| drop(timers.call2(&JsValue::UNDEFINED, &resolve, &0.into())));
        JsFuture::from(promise).await.unwrap();
    }

    async fn access_token(client: &Client) -> String {
        client.token().await.unwrap().access_token.reveal().clone()
    }

    #[wasm_bindgen_test]
    async fn id_and_secret_are_enough_for_a_token_and_a_call() {
        let stage = Stage::set("accounting.contacts accounting.settings.read");
        let xero = client();
        let token = xero.token().await.unwrap();
        assert_eq!(token.scopes.unwrap().to_string(), "accounting.contacts accounting.settings.read");
        let life_ms = token.expires_at.as_js() - Date::now();
        assert!((1_700_000.0..=1_800_000.0).contains(&life_ms), "{life_ms}");

        let answer = xero.get("Organisation").await.unwrap();
        assert_eq!((answer.status(), answer.error()), (200, None));
        assert!(answer.header("Xero-Correlation-Id").is_some());
        let body: Value = answer.json().unwrap();
        assert_eq!(body["Organisations"][0]["Name"], "Harbour & Pine (Demo)");
        assert_eq!(answer.json::<Vec<String>>().unwrap_err().code(), Code::MalformedAnswer);
        assert_eq!(stage.counts(), (1, 1));

        let contact = json!({ "Contacts": [{ "Name": "Gannet Point Boatyard", "Total": 3 }] });
        let call = Request::json("put", "/Contacts", &contact).unwrap().header("Idempotency-Key", "1");
        assert_eq!(xero.send(call).await.unwrap().error(), None);
        let world = stage.world.borrow();
        let sent = &world.sent.last().unwrap().request;
        assert_eq!((sent.method.as_str(), sent.target.as_str()), ("PUT", "https://xero.test/api.xro/2.0/Contacts"));
        assert_eq!(serde_json::from_slice::<Value>(&sent.body).unwrap(), contact);
        let mut headers = sent.headers.clone();
        headers.sort();
        let bearer = format!("Bearer {}", token.access_token.reveal());
        let expected = [
            ("accept", "application/json"),
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "1"),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[wasm_bindgen_test]
    async fn fifty_callers_make_one_token_request() {
        let mut stage = Stage::set("accounting.settings.read");
        // What they wait for is the answer.
        stage.stop_timers();
        let xero = client();
        let callers: Array = (0..50)
            .map(|_| {
                let xero = xero.clone();
                future_to_promise(async move { Ok(access_token(&xero).await.into()) })
            })
            .collect();
        let tokens = Array::from(&JsFuture::from(Promise::all(&callers)).await.unwrap());
        assert_eq!(tokens.length(), 50);
        assert!(tokens.iter().all(|token| token == tokens.get(0)));
        assert_eq!(stage.counts(), (1, 0));
    }

    #[wasm_bindgen_test]
    async fn a_token_is_renewed_ahead_and_handed_out_meanwhile() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        let first = access_token(&xero).await;
        stage.world.borrow_mut().ahead_ms = 1_499_000.0;
        assert_eq!(access_token(&xero).await, first);
        assert_eq!(stage.counts(), (1, 0));

        stage.world.borrow_mut().ahead_ms = 1_501_000.0;
        assert_eq!(access_token(&xero).await, first);
        for _ in 0..1_000 {
            if access_token(&xero).await != first {
                break;
            }
            turn().await;
        }
        assert_ne!(access_token(&xero).await, first);
        assert_eq!(stage.counts(), (2, 0));
    }

    #[wasm_bindgen_test]
    async fn an_ended_token_is_replaced_before_a_call() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        stage.world.borrow_mut().ahead_ms = 1_801_000.0;
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        assert_eq!(stage.counts(), (2, 2));
    }

    #[wasm_bindgen_test]
    async fn a_wrong_secret_is_sent_once() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client_with("wrong", options());
        let error = xero.token().await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidClient);
        assert!(error.earliest_retry().is_some());
        assert_eq!(xero.get("/Organisation").await.unwrap_err().code(), Code::InvalidClient);
        assert_eq!(stage.counts(), (1, 0));
    }

    #[wasm_bindgen_test]
    async fn what_no_scope_opens_is_not_sent() {
        let stage = Stage::set("accounting.settings.read");
        let error = client().get("/Invoices").await.unwrap_err();
        assert_eq!(error.code(), Code::ScopeMissing);
        assert!(error.scopes().contains(&"accounting.invoices.read".to_owned()), "{:?}", error.scopes());
        assert_eq!(stage.counts(), (1, 0));

        // With the scopes given, not even a token is asked for.
        let scopes = Some(ScopeSet::from_scope_param("accounting.settings.read"));
        let xero = client_with(SECRET, Options { scopes, ..options() });
        assert_eq!(xero.get("/Invoices").await.unwrap_err().code(), Code::ScopeMissing);
        for (call, code) in [
            (Request::new("GET", "https://example.com/api.xro/2.0/Organisation"), Code::ForeignHost),
            (
                Request::new("GET", "/Organisation").header("xero-tenant-id", "4f6f2f3c-0000-4000-8000-000000000001"),
                Code::InvalidHeader,
            ),
            (Request::new("GET", "/Organisation").body("x"), Code::BodyNotAllowed),
        ] {
            assert_eq!(xero.send(call).await.unwrap_err().code(), code);
        }
        assert_eq!(stage.counts(), (1, 0));

        let xero = client_with(SECRET, Options { preflight: false, ..options() });
        let answer = xero.get("/Invoices").await.unwrap();
        assert_eq!(answer.error().map(xero_m2m::error::Error::code), Some(Code::ScopeMissing));
        assert_eq!(answer.json::<Value>().unwrap_err().code(), Code::ScopeMissing);
    }

    #[wasm_bindgen_test]
    async fn a_fetch_that_never_answers_is_given_up() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client_with(SECRET, impatient());
        stage.play(Play::Never);
        assert_eq!(xero.token().await.unwrap_err().code(), Code::Timeout);
        assert!(stage.last_signal().aborted());

        let xero = client();
        xero.token().await.unwrap();
        stage.play(Play::Never);
        let hasty = xero.clone().with_timeout(30);
        assert_eq!(hasty.get("/Organisation").await.unwrap_err().code(), Code::Timeout);
        assert!(stage.last_signal().aborted());
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);

        // A body that never comes is no better.
        let never = Closure::<dyn FnMut() -> Promise>::new(|| Promise::new(&mut |_, _| ()));
        stage.play(Play::Resolve(stand_in(never.as_ref().unchecked_ref())));
        assert_eq!(hasty.get("/Organisation").await.unwrap_err().code(), Code::Timeout);
    }

    #[wasm_bindgen_test]
    async fn a_call_that_is_dropped_is_ended() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        xero.token().await.unwrap();
        stage.play(Play::Never);
        let mut call = Box::pin(xero.get("/Organisation"));
        for _ in 0..1_000 {
            if stage.sent() == 2 {
                break;
            }
            assert!(poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await);
            turn().await;
        }
        assert!(!stage.last_signal().aborted());
        drop(call);
        assert!(stage.last_signal().aborted());
    }

    #[wasm_bindgen_test]
    async fn a_fetch_that_rejects_is_offline_whatever_it_rejects_with() {
        let stage = Stage::set("accounting.settings.read");
        for reason in [JsError::new("the secret is out").into(), "a text".into(), JsValue::NULL] {
            let xero = client_with(SECRET, impatient());
            stage.play(Play::Reject(reason.clone()));
            let error = xero.token().await.unwrap_err();
            assert_eq!(error.code(), Code::Offline);
            assert!(error.to_string().contains("xero.test") && !error.to_string().contains("secret"), "{error}");

            let xero = client_without_retries();
            xero.token().await.unwrap();
            stage.play(Play::Reject(reason));
            assert_eq!(xero.get("/Organisation").await.unwrap_err().code(), Code::Offline);
        }
    }

    /// Something that is used like a `Response` and is none: that of another realm, or of a stand-in.
    fn stand_in(array_buffer: &Function) -> JsValue {
        let object = Object::new();
        let headers = js_sys::Map::new();
        headers.set(&"content-type".into(), &"application/json".into());
        for (name, value) in [("status", 200.into()), ("headers", headers.into()), ("arrayBuffer", array_buffer.into())]
        {
            Reflect::set(&object, &name.into(), &value).unwrap();
        }
        object.into()
    }

    #[wasm_bindgen_test]
    async fn what_fetch_gives_is_judged_not_trusted() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client_without_retries();
        xero.token().await.unwrap();
        for nothing in [JsValue::UNDEFINED, 7.into(), Object::new().into()] {
            stage.play(Play::Resolve(nothing));
            assert_eq!(xero.get("/Organisation").await.unwrap_err().code(), Code::MalformedAnswer);
        }
        let body =
            Closure::<dyn FnMut() -> JsValue>::new(|| js_sys::Uint8Array::from(&b"{\"a\":1}"[..]).buffer().into());
        stage.play(Play::Resolve(stand_in(body.as_ref().unchecked_ref())));
        assert_eq!(xero.get("/Organisation").await.unwrap().json::<Value>().unwrap(), json!({ "a": 1 }));

        // A redirect, as Node shows it and as a browser does.
        let hidden: Function = Reflect::get(&js_sys::global(), &"Response".into())
            .and_then(|class| Reflect::get(&class, &"error".into()))
            .unwrap()
            .unchecked_into();
        for redirect in [response_of(302, &[], Vec::new()), hidden.call0(&JsValue::UNDEFINED).unwrap()] {
            stage.play(Play::Resolve(redirect));
            let answer = xero.get("/Organisation").await.unwrap();
            assert_eq!(answer.error().map(xero_m2m::error::Error::code), Some(Code::Redirected));
        }

        // No more of a token answer is read than one can have.
        let long = format!(r#"{{"access_token":"t","token_type":"Bearer","more":"{}"}}"#, "x".repeat(300_000));
        let xero = client_with(SECRET, impatient());
        stage.play(Play::Resolve(json_of(200, &long)));
        assert_eq!(xero.token().await.unwrap_err().code(), Code::MalformedToken);
    }

    #[wasm_bindgen_test]
    async fn a_token_that_the_api_calls_expired_is_renewed_once() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        stage.world.borrow_mut().xero_ahead_ms = 1_801_000.0;
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        assert_eq!(stage.counts(), (2, 3));
    }

    #[wasm_bindgen_test]
    async fn an_api_that_calls_every_token_expired_is_not_fed_with_tokens() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        xero.token().await.unwrap();
        stage.play(Play::Resolve(json_of(401, EXPIRED)));
        stage.play(Play::Resolve(json_of(
            200,
            r#"{"access_token":"another","token_type":"Bearer","expires_in":1800,"scope":"accounting.settings.read"}"#,
        )));
        for _ in 0..3 {
            stage.play(Play::Resolve(json_of(401, EXPIRED)));
        }
        for sent in [4, 5, 6] {
            let answer = xero.get("/Organisation").await.unwrap();
            assert_eq!(answer.error().map(xero_m2m::error::Error::code), Some(Code::TokenExpired));
            assert_eq!(stage.sent(), sent);
        }
    }

    fn limited(status: u16, headers: &[(&str, &str)]) -> Play {
        let headers: Vec<_> = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Play::Resolve(response_of(status, &headers, Vec::new()))
    }

    #[wasm_bindgen_test]
    async fn a_read_is_sent_again_after_a_failure_that_passes_and_a_write_without_a_key_is_not() {
        let stage = Stage::set("accounting.contacts accounting.settings.read");
        let xero = client();
        xero.token().await.unwrap();
        stage.play(limited(503, &[]));
        stage.play(Play::Reject("broken".into()));
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        assert_eq!(stage.sent(), 4);

        let contact = json!({ "Contacts": [{ "Name": "Gannet Point Boatyard" }] });
        let write = || Request::json("PUT", "/Contacts", &contact).unwrap();
        stage.play(limited(503, &[]));
        let answer = xero.send(write()).await.unwrap();
        assert!(answer.error().is_some_and(xero_m2m::error::Error::is_outcome_unknown));
        stage.play(Play::Reject("broken".into()));
        assert!(xero.send(write()).await.unwrap_err().is_outcome_unknown());
        assert_eq!(stage.sent(), 6);
        stage.play(Play::Reject("broken".into()));
        let keyed = write().header("Idempotency-Key", "a key");
        assert_eq!(xero.send(keyed).await.unwrap().status(), 200);
        assert_eq!(stage.sent(), 8);
    }

    #[wasm_bindgen_test]
    async fn a_call_that_xero_refused_for_a_limit_waits_and_is_sent_again() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        xero.token().await.unwrap();
        stage.play(limited(429, &[("x-rate-limit-problem", "minute"), ("retry-after", "1")]));
        let before = Date::now();
        assert_eq!(xero.get("/Organisation").await.unwrap().status(), 200);
        assert!(Date::now() - before >= 990.0);
        assert_eq!(stage.sent(), 3);

        // A call that cannot wait as long is not sent.
        stage.play(limited(429, &[("x-rate-limit-problem", "minute"), ("retry-after", "20")]));
        let hasty = xero.clone().with_timeout(2_000);
        assert_eq!(hasty.get("/Organisation").await.unwrap().status(), 429);
        let error = hasty.get("/Organisation").await.unwrap_err();
        assert_eq!((error.code(), stage.sent()), (Code::RateLimited, 4));
        assert!(error.earliest_retry().is_some_and(|at| at.as_js() > Date::now() + 15_000.0), "by the clock");
    }

    #[wasm_bindgen_test]
    async fn no_more_calls_are_sent_at_once_than_may_be_and_one_that_is_dropped_gives_its_place_back() {
        let stage = Stage::set("accounting.settings.read");
        let limits = limits::LimitsConfig { in_flight: 1, ..limits::LimitsConfig::default() };
        let xero = client_with(SECRET, Options { limits: Some(limits), ..options() });
        xero.token().await.unwrap();
        stage.play(Play::Never);
        let mut first = Box::pin(xero.get("/Organisation"));
        let mut second = Box::pin(xero.get("/Organisation"));
        for _ in 0..20 {
            assert!(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
            assert!(poll_fn(|context| Poll::Ready(second.as_mut().poll(context).is_pending())).await);
            turn().await;
        }
        assert_eq!(stage.sent(), 2, "the token and one call");
        drop(first);
        assert_eq!(second.await.unwrap().status(), 200);
        assert_eq!(stage.sent(), 3);
    }

    #[wasm_bindgen_test]
    async fn nothing_that_is_printed_has_the_secret_or_the_token_in_it() {
        let stage = Stage::set("accounting.settings.read");
        let xero = client();
        let token = xero.token().await.unwrap();
        let answer = xero.get("/Organisation").await.unwrap();
        let call = Request::new("POST", "/Invoices?key=hidden").header("x-note", "hidden").body("hidden");
        let mut printed = format!("{xero:?} {xero:#?} {token:?} {token:#?} {answer:?} {answer:#?} {call:?} {call:#?}");
        stage.play(Play::Resolve(json_of(400, &format!("{{\"error\":\"{SECRET}\"}}"))));
        let refused = client().token().await.unwrap_err();
        let empty = Client::new(options(), Secret::new(format!("{SECRET}\n"))).unwrap_err();
        let expired = xero.get("/Nonsense?hidden").await.unwrap();
        for error in [refused, empty, expired.error().unwrap().clone()] {
            write!(printed, " {error} {error:?} {error:#?}").unwrap();
        }
        for hidden in [SECRET, "hidden", "Harbour", "Bearer ", "Basic ", token.access_token.reveal()] {
            assert!(!printed.contains(hidden), "{printed}");
        }
    }
}
