//! The records of the books, in tables by the name of their kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::Record;
use super::resource::Resource;
use crate::simulator::random::Uuid;

/// All records. A copy is cheap, because tables and records are shared until they change.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct RecordStore(BTreeMap<&'static str, RecordTable>);

/// The records of a kind, and the row of each id.
#[derive(Clone, Debug, Default)]
struct RecordTable {
    rows: Arc<Vec<Arc<Record>>>,
    places: Arc<BTreeMap<Uuid, usize>>,
}

impl RecordStore {
    /// The records of a kind, in the order of their creation.
    pub(in crate::simulator) fn all(&self, resource: &Resource) -> &[Arc<Record>] {
        self.0.get(resource.name).map_or(&[], |table| table.rows.as_slice())
    }

    /// The record with this id.
    pub(in crate::simulator) fn get(&self, resource: &Resource, id: Uuid) -> Option<&Record> {
        let table = self.0.get(resource.name)?;
        table.places.get(&id).and_then(|place| table.rows.get(*place)).map(AsRef::as_ref)
    }

    /// The record that a path names by its id, with or without hyphens, or by another member that identifies it.
    pub(in crate::simulator) fn named(&self, resource: &Resource, name: &str) -> Option<&Record> {
        if let Some(id) = Uuid::parse(name) {
            return self.get(resource, id);
        }
        let is_named = |record: &Record, key: &str| record.text(key).is_some_and(|own| own.eq_ignore_ascii_case(name));
        let all = self.all(resource);
        resource.keys.iter().find_map(|key| all.iter().find(|record| is_named(record, key)).map(AsRef::as_ref))
    }

    /// The records of a kind that differ from those of an earlier copy; true for those that it did not have.
    pub(in crate::simulator) fn changes(&self, before: &Self, resource: &Resource) -> Vec<(Uuid, bool)> {
        let Some(own) = self.0.get(resource.name) else { return Vec::new() };
        let old = before.0.get(resource.name);
        if old.is_some_and(|old| Arc::ptr_eq(&old.rows, &own.rows)) {
            return Vec::new();
        }
        let changed = |record: &Arc<Record>| {
            let known = old.and_then(|old| old.rows.get(*old.places.get(&record.id)?));
            let is_same = known.is_some_and(|known| Arc::ptr_eq(known, record));
            (!is_same).then_some((record.id, known.is_none()))
        };
        own.rows.iter().filter_map(changed).collect()
    }

    /// Adds a record, or replaces the one with its id.
    pub(in crate::simulator) fn put(&mut self, resource: &Resource, record: Record) {
        let table = self.0.entry(resource.name).or_default();
        if let Some(place) = table.places.get(&record.id) {
            if let Some(own) = Arc::make_mut(&mut table.rows).get_mut(*place) {
                *own = Arc::new(record);
            }
        } else {
            Arc::make_mut(&mut table.places).insert(record.id, table.rows.len());
            Arc::make_mut(&mut table.rows).push(Arc::new(record));
        }
    }

    /// Removes all records of a kind.
    pub(in crate::simulator) fn clear(&mut self, resource: &Resource) {
        self.0.remove(resource.name);
    }

    /// Removes a record.
    pub(in crate::simulator) fn remove(&mut self, resource: &Resource, id: Uuid) {
        let Some(table) = self.0.get_mut(resource.name) else { return };
        let rows = Arc::make_mut(&mut table.rows);
        rows.retain(|record| record.id != id);
        table.places = Arc::new(rows.iter().enumerate().map(|(place, record)| (record.id, place)).collect());
    }
}
