//! Methods of SDKs: on names of an API, on objects of its class, by their name as a text, and on anything else if their
//! name is no common word.
//!
//! | Module | Does |
//! |---|---|
//! | `methods` | finds APIs, and the methods that belong to it |
//! | `dynamic` | reads names of methods that are values |
//! | `doubt` | decides about methods of anything else |

mod doubt;
mod dynamic;
mod methods;

pub(super) use self::methods::Sdk;
