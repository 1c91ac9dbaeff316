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

pub(in crate::simulator) static FOLDERS: Resource = Resource { name: "Folders", one: "Folder", id: "Id", ..PLAIN };

/// Their bytes are with the attachments, by the id of the file.
pub(in crate::simulator) static FILES: Resource = Resource { name: "Files", one: "FileObject", id: "Id", ..PLAIN };

pub(in crate::simulator) static ASSOCIATIONS: Resource =
    Resource { name: "Associations", one: "Association", id: "Id", ..PLAIN };

/// All of them, in the order in which a dump has them.
pub(in crate::simulator) static OTHERS: [&Resource; 9] =
    [&PROJECTS, &TASKS, &TIME_ENTRIES, &ASSETS, &ASSET_TYPES, &FOLDERS, &FILES, &ASSOCIATIONS, &PAYROLL];
