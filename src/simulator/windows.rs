//! Xero's limits: fixed windows, each with its own start from the seed, and the number of calls at once.
//!
//! Where Xero's pages are silent (source `xero-limits`), this module makes these choices. The app's minute is checked first and
//! counts every call with a token that was issued here. A call that is refused for its token, tenant, path or scope is not
//! counted for the organisation, and its answer has the app's count only (seen on a 401). Of the organisation's limits, calls
//! at once are checked first, then the day, then the minute. A refused call is not counted. `Retry-After` is rounded up to whole
//! seconds, and is sent for minute and day only. The problem of the app's minute is spelt `appminute`. A local Xero without limits
//! shows the same remaining counts on every answer.

use std::collections::BTreeMap;

use super::apps::App;
use super::http::HttpResponse;
use super::random::Random;
use crate::time::Timestamp;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

/// The limits of the local Xero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most calls of an app at once, to one organisation.
    pub in_flight: u32,
    /// The most calls of an app per minute, to one organisation.
    pub minute: u32,
    /// The most calls of an app per day, to one organisation.
    pub day: u32,
    /// The most calls of an app per minute, to all organisations.
    pub app_minute: u32,
    /// True if answers have the headers with the remaining counts.
    pub headers: bool,
}

impl Default for Limits {
    /// The limits that Xero publishes; of its two daily limits, the larger.
    fn default() -> Self {
        Self { in_flight: 5, minute: 60, day: 5_000, app_minute: 10_000, headers: true }
    }
}

/// A fixed window: its number, and the calls that were counted in it.
#[derive(Clone, Copy, Debug)]
struct FixedWindow {
    length_ms: u64,
    /// The offset of its start; less than the length.
    phase_ms: u64,
    size: u32,
    number: u64,
    used: u32,
}

impl FixedWindow {
    fn new(length_ms: u64, size: u32, random: &mut Random) -> Self {
        Self { length_ms, phase_ms: random.below(length_ms), size, number: 0, used: 0 }
    }

    /// The milliseconds since the first window, which lies before every `now`.
    const fn clock(&self, now: Timestamp) -> u64 {
        now.as_ms().saturating_add(self.length_ms).saturating_sub(self.phase_ms)
    }

    /// Starts the next window if this one has ended, and returns the number of calls that remain.
    fn remaining(&mut self, now: Timestamp) -> u32 {
        let number = self.clock(now).checked_div(self.length_ms).unwrap_or(0);
        if number != self.number {
            self.number = number;
            self.used = 0;
        }
        self.size.saturating_sub(self.used)
    }

    const fn take(&mut self) {
        self.used = self.used.saturating_add(1);
    }

    /// The whole seconds until the window ends, rounded up.
    fn ends_in_s(&self, now: Timestamp) -> u64 {
        let into_ms = self.clock(now).checked_rem(self.length_ms).unwrap_or(0);
        self.length_ms.saturating_sub(into_ms).div_ceil(1_000)
    }
}

/// The limits of one organisation and one app.
#[derive(Clone, Debug)]
struct OrganisationWindows {
    minute: FixedWindow,
    day: FixedWindow,
    /// The calls under way, besides the one that is answered.
    in_flight: u32,
}

/// An app, and the place of an organisation in the list of organisations: each such pair has limits of its own.
pub(super) type AppPlace = (App, usize);

/// The counts of all apps.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    limits: Limits,
    app_minutes: BTreeMap<App, FixedWindow>,
    /// The first is that of the custom connection.
    organisations: Vec<(AppPlace, OrganisationWindows)>,
}

impl Windows {
    pub(super) fn new(limits: Limits, seed: u64, organisations: usize) -> Self {
        let mut windows = Self { limits, app_minutes: BTreeMap::new(), organisations: Vec::new() };
        for (app, stream) in [(App::Custom, 4), (App::Web, 11), (App::Pkce, 12)] {
            let mut random = Random::new(seed, stream);
            for place in 0..if app == App::Custom { 1 } else { organisations } {
                let minute = FixedWindow::new(MINUTE_MS, limits.minute, &mut random);
                let day = FixedWindow::new(DAY_MS, limits.day, &mut random);
                windows.organisations.push(((app, place), OrganisationWindows { minute, day, in_flight: 0 }));
            }
            windows.app_minutes.insert(app, FixedWindow::new(MINUTE_MS, limits.app_minute, &mut random));
        }
        windows
    }

    /// The number of the limits of this place.
    pub(super) fn number(&self, place: AppPlace) -> Option<usize> {
        self.organisations.iter().position(|(own, _)| *own == place)
    }

    /// Sets the number of calls under way within the limits of this number.
    pub(super) fn set_in_flight(&mut self, number: usize, calls: u32) {
        if let Some((_, organisation)) = self.organisations.get_mut(number) {
            organisation.in_flight = calls;
        }
    }

    fn of(&mut self, place: AppPlace) -> Option<&mut OrganisationWindows> {
        self.organisations.iter_mut().find(|(own, _)| *own == place).map(|(_, organisation)| organisation)
    }

    /// Counts a call in the app's minute, or refuses it.
    pub(super) fn enter_app(&mut self, app: App, now: Timestamp) -> Result<(), HttpResponse> {
        let Some(minute) = self.app_minutes.get_mut(&app) else { return Ok(()) };
        if minute.remaining(now) == 0 {
            return Err(refused("appminute", None));
        }
        minute.take();
        Ok(())
    }

    /// Counts a call in the organisation's limits, or refuses it.
    pub(super) fn enter_organisation(&mut self, place: AppPlace, now: Timestamp) -> Result<(), HttpResponse> {
        let most = self.limits.in_flight;
        let Some(OrganisationWindows { minute, day, in_flight }) = self.of(place) else { return Ok(()) };
        if *in_flight >= most {
            return Err(refused("concurrent", None));
        }
        if day.remaining(now) == 0 {
            return Err(refused("day", Some(day.ends_in_s(now))));
        }
        if minute.remaining(now) == 0 {
            return Err(refused("minute", Some(minute.ends_in_s(now))));
        }
        day.take();
        minute.take();
        Ok(())
    }

    /// Adds the remaining counts of the organisation to an answer.
    pub(super) fn show(&mut self, response: HttpResponse, place: AppPlace, now: Timestamp) -> HttpResponse {
        let shown = self.limits.headers;
        let Some(OrganisationWindows { minute, day, .. }) = self.of(place).filter(|_| shown) else { return response };
        let (day, minute) = (day.remaining(now).to_string(), minute.remaining(now).to_string());
        response.with("X-DayLimit-Remaining", &day).with("X-MinLimit-Remaining", &minute)
    }

    /// Adds the remaining count of the app's minute to an answer.
    pub(super) fn show_app(&mut self, response: HttpResponse, app: App, now: Timestamp) -> HttpResponse {
        match self.app_minutes.get_mut(&app).filter(|_| self.limits.headers) {
            Some(minute) => response.with("X-AppMinLimit-Remaining", &minute.remaining(now).to_string()),
            None => response,
        }
    }
}

/// Adds the remaining counts of the app, and of the organisation if the call came to one, to the answer of a local Xero that
/// counts no calls: the next call always has this many.
pub(super) fn show_uncounted(response: HttpResponse, came_to_organisation: bool) -> HttpResponse {
    let Limits { minute, day, app_minute, .. } = Limits::default();
    let rest = |limit: u32| limit.saturating_sub(1).to_string();
    let response = response.with("X-AppMinLimit-Remaining", &rest(app_minute));
    if came_to_organisation {
        response.with("X-DayLimit-Remaining", &rest(day)).with("X-MinLimit-Remaining", &rest(minute))
    } else {
        response
    }
}

fn refused(problem: &str, retry_after_s: Option<u64>) -> HttpResponse {
    let response = HttpResponse::text(429, "Too many calls for now.").with("X-Rate-Limit-Problem", problem);
    match retry_after_s {
        Some(seconds) => response.with("Retry-After", &seconds.to_string()),
        None => response,
    }
}
