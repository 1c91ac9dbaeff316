//! A fleet: one function that takes every event and returns the actions, and the state of a record for people.

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use super::numbered::Numbered;
use crate::crossing::{Given as _, Taken as _, instant};
use crate::fleet::{Fleet, FleetMember, member_wire, shown, wire};
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
        FLEETS.with(|fleets| {
            fleets.with(number, &mut |fleet| {
                let now = Now { clock: instant(clock)?, measured: instant(measured)? };
                for action in fleet.handle(wire::event(given.byte(), given)?, now) {
                    wire::action(&action, out);
                }
                wire::wake(fleet.wake(now), fleet.is_busy(), out);
                out.end();
                Ok(())
            })
        })
    })
}

/// Forgets a fleet. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeFleet)]
pub fn close_fleet(number: u32) -> u32 {
    memory::answer(0, &mut |_, _| {
        drop(FLEETS.with(|fleets| fleets.end(number)));
        Ok(())
    })
}

/// Writes the state of the record and the parts of the board in the input at an instant of the store's clock: `RecordState`, then
/// `BoardPart[]` of `pkg/src/vault/fleet-shown.ts`.
#[wasm_bindgen(js_name = fleetShown)]
pub fn fleet_shown(length: u32, at: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        let (record, board) = (given.optional_text("record"), given.optional_text("board"));
        shown::record(record, instant(at)?, out);
        shown::board(board, instant(at)?, out);
        out.end();
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
        MEMBERS.with(|members| {
            members.with(number, &mut |member| {
                let now = Now { clock: instant(clock)?, measured: instant(measured)? };
                for action in member.handle(member_wire::event(given.byte(), given, now)?, now) {
                    member_wire::action(&action, out);
                }
                member_wire::wake(member.wake(now), member.is_busy(), out);
                out.end();
                Ok(())
            })
        })
    })
}

/// Forgets a member. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeMember)]
pub fn close_member(number: u32) -> u32 {
    memory::answer(0, &mut |_, _| {
        drop(MEMBERS.with(|members| members.end(number)));
        Ok(())
    })
}
