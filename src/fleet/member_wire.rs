//! Events, actions and options of the machine of the limits as they cross to a driver in another language: see
//! [`crossing`](crate::crossing).
//!
//! A test generates `pkg/src/vault/member-actions.ts` from this description.

use super::share::{MemberAction, MemberConfig, MemberEvent};
use super::wire::{found, notice, swap};
use crate::crossing::{Given, Taken, saturated, whole};
use crate::error::Error;
use crate::limits::{Allowance, Headers, LimitsConfig, Load, Reading, WaitReason};
use crate::time::{Now, Timestamp};

/// The names of the events, by their numbers, as their member `on` has them.
pub const EVENTS: &[&str] = &["load", "begun", "answered", "lost", "close", "found", "away", "tick"];

/// The names of the actions, by their numbers, as their member `do` has them. The last is the bindings' own.
pub const ACTIONS: &[&str] = &["allow", "swap", "tell", "leased", "wake"];

const WAKE: u8 = 4;

/// Reads the event of this number, which happened at `now`.
///
/// # Errors
/// `invalid_option` for an instant that is none.
pub fn event<'a>(on: u8, given: &impl Given<'a>, now: Now) -> Result<MemberEvent<'a>, Error> {
    let ticket = || u16::try_from(whole(given, "ticket")).unwrap_or(u16::MAX);
    let call = || whole(given, "call");
    Ok(match on {
        0 => MemberEvent::Load(Load {
            sends: saturated(given.number("sends")),
            in_flight: whole(given, "inFlight"),
            normal: whole(given, "normal"),
            high: whole(given, "high"),
            repeatable: given.flag("repeatable"),
        }),
        1 => MemberEvent::Begun { call: call() },
        2 => {
            let call = call();
            let status = u16::try_from(whole(given, "status")).unwrap_or_default();
            MemberEvent::Ended { call, reading: Some(Reading::new(status, &Headers::given(given), now.clock)) }
        }
        3 => MemberEvent::Ended { call: call(), reading: None },
        4 => MemberEvent::Close,
        5 => MemberEvent::Found { ticket: ticket(), found: found(given)? },
        6 => MemberEvent::Away { ticket: ticket(), why: given.optional_text("message") },
        _ => MemberEvent::Tick,
    })
}

/// The options of a member.
pub struct MemberOptions {
    /// The numbers.
    pub config: MemberConfig,
    /// A random number of the process.
    pub owner: u32,
    /// Feeds the jitter of the pauses.
    pub random: u64,
}

/// Reads the options of a member.
pub fn options<'a>(given: &impl Given<'a>) -> MemberOptions {
    let [in_flight, minute_reserve, day_reserve] =
        ["inFlight", "minuteReserve", "dayReserve"].map(|name| whole(given, name));
    let limits = LimitsConfig { in_flight, minute_reserve, day_reserve, ..LimitsConfig::default() };
    let config = MemberConfig {
        limits,
        timeout_ms: saturated(given.number("timeoutMs")),
        members: whole(given, "members"),
        ..MemberConfig::default()
    };
    MemberOptions { config, owner: whole(given, "owner"), random: saturated(given.number("random")) }
}

/// Writes an action: its number, then its members.
pub fn action(action: &MemberAction, out: &mut impl Taken) {
    match action {
        MemberAction::Allow(allowance) => {
            let Allowance { up_to, places, until, alone, careful, why, pause, day_over } = *allowance;
            out.action(0);
            out.number("upTo", Timestamp::from_ms(up_to).as_js());
            out.number("places", places.into());
            out.number("until", until.as_js());
            out.flag("alone", alone);
            out.flag("careful", careful);
            let why = WaitReason::ALL.iter().position(|reason| *reason == why).unwrap_or(1);
            out.number("why", u32::try_from(why).unwrap_or(1).into());
            out.optional_number("pause", pause.map(Timestamp::as_js));
            out.flag("reserved", day_over.is_some_and(|day| day.reserved));
            out.optional_number("dayOver", day_over.map(|day| day.until.as_js()));
        }
        MemberAction::Swap(wanted) => {
            out.action(1);
            swap(wanted, out);
        }
        MemberAction::Tell(told) => {
            out.action(2);
            notice(told, out);
        }
        MemberAction::Leased { calls, until } => {
            out.action(3);
            out.number("calls", (*calls).into());
            out.number("until", until.as_js());
        }
    }
}

/// Writes the last action of a list: the instant for the timer of the driver, and whether something is under way.
pub fn wake(at: Option<Timestamp>, is_busy: bool, out: &mut impl Taken) {
    out.action(WAKE);
    out.optional_number("at", at.map(Timestamp::as_js));
    out.flag("busy", is_busy);
}
