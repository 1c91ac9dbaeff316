//! The other APIs of an organisation that are played: projects, assets and files. Their records have the members of their own
//! specifications, and their refusals the form of their own errors.

mod assets;
mod files;
mod parts;
mod projects;
pub(in crate::simulator) mod resources;
mod tasks;

pub(in crate::simulator) use assets::answer as answer_assets;
pub(in crate::simulator) use files::{add_inbox, answer as answer_files};
pub(in crate::simulator) use projects::answer as answer_projects;
