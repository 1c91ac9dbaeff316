//! A fleet: one function that takes every event and returns the actions, and the state of a record for people.

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use super::numbered::Numbered;
use crate::crossing::{Given as _, Taken as _, instant};
use crate::error::{Code, Error};
use crate::fleet::{Fleet, FleetMember, member_wire, wire};
use crate::time::Now;

thread_local! {
    static FLEETS: Numbered<Fleet> = const { Numbered::new() };
    static MEMBERS: Numbered<FleetMember> = const { Numbered::new() };
}

/// Makes the part of one process in a fleet of the options in the input (`FleetCoreOptions` of `pkg/src/vault/fleet-actions.ts`) and
/// writes its number.
#[wasm_bindgen(js_name = openFleet)]
pub fn open_fleet(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let wire::FleetOptions { config, name, secrets, owner, random } = wire::options(given);
        let fleet = Fleet::new(config, name, secrets, owner, random);
        out.number("number", FLEETS.with(|fleets| fleets.put(fleet)).into());
        Ok(())
    })
}

/// Takes note of the event in the input (`FleetCoreEvent` of `pkg/src/vault/fleet-actions.ts`) and writes the actions (`FleetAction[]`).
/// `clock` is `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen(js_name = handleFleet)]
pub fn handle_fleet(number: u32, length: u32, clock: f64, measured: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        let Some(mut fleet) = swap(number, None) else {
            return Err(Error::new(Code::Closed, "the client was closed; make a new one"));
        };
        let mut handle = || {
            let now = Now { clock: instant(clock)?, measured: instant(measured)? };
            let event = wire::event(given.byte(), given)?;
            for action in fleet.handle(event, now) {
                wire::action(&action, out);
            }
            wire::wake(fleet.wake(now), fleet.is_busy(), out);
            out.end();
            Ok(())
        };
        let result = handle();
        swap(number, Some(fleet));
        result
    })
}

/// Forgets a fleet. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeFleet)]
pub fn close_fleet(number: u32) -> u32 {
    memory::answer(0, &mut |_, _| {
        drop(swap(number, None));
        Ok(())
    })
}

/// Writes the state of the record in the input at an instant of the store's clock: `RecordState` of `pkg/src/vault/fleet-actions.ts`.
#[wasm_bindgen(js_name = fleetRecord)]
pub fn fleet_record(length: u32, at: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        wire::state(given.optional_text("document"), instant(at)?, out);
        Ok(())
    })
}

/// Makes the part of one process in a fleet that shares the limits, of the options in the input (`MemberCoreOptions` of
/// `pkg/src/vault/member-actions.ts`) and writes its number.
#[wasm_bindgen(js_name = openMember)]
pub fn open_member(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let member_wire::MemberOptions { config, owner, random } = member_wire::options(given);
        let member = FleetMember::new(config, owner, random);
        out.number("number", MEMBERS.with(|members| members.put(member)).into());
        Ok(())
    })
}

/// Takes note of the event in the input (`MemberCoreEvent` of `pkg/src/vault/member-actions.ts`) and writes the actions
/// (`MemberAction[]`). `clock` is `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen(js_name = handleMember)]
pub fn handle_member(number: u32, length: u32, clock: f64, measured: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        let Some(mut member) = MEMBERS.with(|members| members.swap(number, None)) else {
            return Err(Error::new(Code::Closed, "the client was closed; make a new one"));
        };
        let mut handle = || {
            let now = Now { clock: instant(clock)?, measured: instant(measured)? };
            let event = member_wire::event(given.byte(), given, now)?;
            for action in member.handle(event, now) {
                member_wire::action(&action, out);
            }
            member_wire::wake(member.wake(now), member.is_busy(), out);
            out.end();
            Ok(())
        };
        let result = handle();
        MEMBERS.with(|members| members.swap(number, Some(member)));
        result
    })
}

/// Forgets a member. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeMember)]
pub fn close_member(number: u32) -> u32 {
    memory::answer(0, &mut |_, _| {
        drop(MEMBERS.with(|members| members.swap(number, None)));
        Ok(())
    })
}

fn swap(number: u32, fleet: Option<Box<Fleet>>) -> Option<Box<Fleet>> {
    FLEETS.with(|fleets| fleets.swap(number, fleet))
}
