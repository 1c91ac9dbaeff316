//! Values that JavaScript knows by a number.

use std::cell::Cell;

use crate::error::{Code, Error};

/// Values by number, from 1; one that is gone leaves its place empty, so that no number is ever given twice.
pub(super) struct Numbered<T>(Cell<Vec<Option<Box<T>>>>);

impl<T> Numbered<T> {
    pub(super) const fn new() -> Self {
        Self(Cell::new(Vec::new()))
    }

    /// Takes a value in, and gives its number.
    pub(super) fn put(&self, value: T) -> u32 {
        let mut values = self.0.take();
        values.push(Some(Box::new(value)));
        let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
        self.0.set(values);
        number
    }

    /// Does something with the value of a number, which is out of its place meanwhile.
    pub(super) fn with(&self, number: u32, act: &mut dyn FnMut(&mut T) -> Result<(), Error>) -> Result<(), Error> {
        let Some(mut value) = self.swap(number, None) else { return Err(closed()) };
        let result = act(&mut value);
        self.swap(number, Some(value));
        result
    }

    /// Takes the value of a number out for good.
    pub(super) fn end(&self, number: u32) -> Option<Box<T>> {
        self.swap(number, None)
    }

    /// Takes the value of a number out, and puts another, or none, into its place.
    #[inline(never)]
    fn swap(&self, number: u32, value: Option<Box<T>>) -> Option<Box<T>> {
        let mut values = self.0.take();
        let place = usize::try_from(number).ok().and_then(|number| values.get_mut(number.checked_sub(1)?));
        let before = place.and_then(|place| core::mem::replace(place, value));
        self.0.set(values);
        before
    }
}

#[inline(never)]
fn closed() -> Error {
    Error::new(Code::Closed, "the client was closed; make a new one")
}
