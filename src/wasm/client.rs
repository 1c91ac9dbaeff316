//! The rest of what a service calls: its connections by number, and questions that need no machine.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{memory, table};
use crate::call::{Machine, wire};
use crate::catalogue;
use crate::connection::Connection;
use crate::crossing::{Given as _, Taken as _};
use crate::request;
use crate::token::json;
use crate::unsent::is_unsent as nothing_was_sent;

/// Makes a connection of the options in the input (`CoreOptions` of `pkg/src/client/actions.ts`) and writes its number.
#[wasm_bindgen]
pub fn open(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let (options, config) = wire::options(given)?;
        let seed = options.seed;
        let number = table::put(Machine::new(Connection::new(options)?, config, json::read, seed));
        out.number("number", number.into());
        Ok(())
    })
}

/// Refuses a header that may not be set: its name and its value are in the input. Writes whether it is sent.
#[wasm_bindgen(js_name = checkHeader)]
pub fn check_header(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let (name, value) = (given.text("name"), given.text("value"));
        out.flag("sent", request::check_header(name, value)?);
        Ok(())
    })
}

/// Writes whether the code of a failed request, such as `ECONNREFUSED`, means that nothing was sent.
#[wasm_bindgen(js_name = isUnsent)]
pub fn is_unsent(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        out.flag("unsent", nothing_was_sent(given.text("code")));
        Ok(())
    })
}

/// Writes the way in which the answers to a GET of the path or URL in the input are split: `Paging` of
/// `pkg/src/client/actions.ts`.
#[wasm_bindgen]
pub fn paging(number: u32, length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let input = given.text("input");
        table::with(number, &mut |held| {
            let connection = held.machine.connection();
            let call = connection.read("GET", input)?;
            connection.check(&call)?;
            wire::paging(call.route.operation().and_then(request::pages), out);
            Ok(())
        })
    })
}

/// Writes the version of this crate, which is that of the package, and the version of the catalogue, a day.
#[wasm_bindgen]
pub fn versions() -> u32 {
    memory::answer(0, &mut |_, out| {
        out.text("version", env!("CARGO_PKG_VERSION"));
        out.text("catalogueVersion", catalogue::VERSION);
        Ok(())
    })
}
