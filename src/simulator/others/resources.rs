//! The kinds of records of the other APIs.

use crate::simulator::books::resource::{PLAIN, Resource};
use crate::simulator::payroll::PAYROLL;

pub(in crate::simulator) static PROJECTS: Resource =
    Resource { name: "Projects", one: "Project", id: "projectId", ..PLAIN };

pub(in crate::simulator) static TASKS: Resource = Resource { name: "Tasks", one: "Task", id: "taskId", ..PLAIN };

pub(in crate::simulator) static TIME_ENTRIES: Resource =
    Resource { name: "Time", one: "TimeEntry", id: "timeEntryId", ..PLAIN };

pub(in crate::simulator) static ASSETS: Resource = Resource { name: "Assets", one: "Asset", id: "assetId", ..PLAIN };

pub(in crate::simulator) static ASSET_TYPES: Resource =
    Resource { name: "AssetTypes", one: "AssetType", id: "assetTypeId", ..PLAIN };

/// All of them, in the order in which a dump has them.
pub(in crate::simulator) static OTHERS: [&Resource; 6] =
    [&PROJECTS, &TASKS, &TIME_ENTRIES, &ASSETS, &ASSET_TYPES, &PAYROLL];
