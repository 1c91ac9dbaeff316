//! The form in which an [`Admission`](super::Admission) is saved: a name, a version, numbers and a checksum, separated by
//! blanks.
//!
//! Each struct lists its fields once ([`plain`]); writing and reading both follow that list.

use crate::random::SplitMix64;
use crate::time::Timestamp;

/// The version of the list of numbers. A change of any field that is saved needs another one.
const VERSION: u64 = 1;

/// The longest snapshot that is read. The longest one that is written, with 64 calls in flight, is shorter.
pub const MAX_SNAPSHOT_BYTES: usize = 16_384;

/// The reason why a snapshot was not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// The text has another format: it is of another version, or no snapshot at all.
    Format,
    /// The text was changed or cut after it was written.
    Damaged,
}

/// Values that are written as numbers and read back.
pub(crate) trait Plain: Sized {
    fn write(&self, to: &mut NumberWriter);
    fn read(from: &mut NumberReader<'_>) -> Option<Self>;
}

/// Implements [`Plain`] for a struct, field by field.
macro_rules! plain {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::limits::snapshot::Plain for $name {
            fn write(&self, to: &mut $crate::limits::snapshot::NumberWriter) {
                $($crate::limits::snapshot::Plain::write(&self.$field, to);)+
            }

            fn read(from: &mut $crate::limits::snapshot::NumberReader<'_>) -> Option<Self> {
                Some(Self { $($field: $crate::limits::snapshot::Plain::read(from)?),+ })
            }
        }
    };
}
pub(crate) use plain;

/// A text of numbers under way.
pub(crate) struct NumberWriter(String);

/// The numbers of a text that are not read yet.
pub(crate) struct NumberReader<'a>(core::str::Split<'a, char>);

/// The text of a snapshot of `value`. Its name begins with a letter, so that no store takes the text for a number or for JSON.
pub(crate) fn write(name: &str, value: &impl Plain) -> String {
    let mut to = NumberWriter(String::from(name));
    VERSION.write(&mut to);
    value.write(&mut to);
    let sum = checksum(&to.0);
    sum.write(&mut to);
    to.0
}

/// Reads the text of a snapshot.
pub(crate) fn read<T: Plain>(name: &str, text: &str) -> Result<T, SnapshotError> {
    let rest = text.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')).ok_or(SnapshotError::Format)?;
    let mut from = NumberReader(rest.split(' '));
    if u64::read(&mut from) != Some(VERSION) {
        return Err(SnapshotError::Format);
    }
    if text.len() > MAX_SNAPSHOT_BYTES {
        return Err(SnapshotError::Damaged);
    }
    let (summed, sum) = text.rsplit_once(' ').ok_or(SnapshotError::Damaged)?;
    let value = T::read(&mut from).ok_or(SnapshotError::Damaged)?;
    let complete = from.0.next() == Some(sum) && from.0.next().is_none();
    if complete && sum == checksum(summed).to_string() { Ok(value) } else { Err(SnapshotError::Damaged) }
}

/// The 32-bit checksum FNV-1a, which changes with every single byte.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Plain for u64 {
    fn write(&self, to: &mut NumberWriter) {
        to.0.push(' ');
        to.0.push_str(&self.to_string());
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        let digits = from.0.next()?;
        // `parse` would also take a sign.
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }
}

impl Plain for u32 {
    fn write(&self, to: &mut NumberWriter) {
        u64::from(*self).write(to);
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Plain for bool {
    fn write(&self, to: &mut NumberWriter) {
        u64::from(*self).write(to);
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        match u64::read(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Plain for Timestamp {
    fn write(&self, to: &mut NumberWriter) {
        self.as_ms().write(to);
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        let ms = u64::read(from)?;
        (ms <= Self::LAST.as_ms()).then_some(Self::from_ms(ms))
    }
}

impl Plain for SplitMix64 {
    fn write(&self, to: &mut NumberWriter) {
        self.state().write(to);
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        u64::read(from).map(Self::new)
    }
}

impl<T: Plain> Plain for Option<T> {
    fn write(&self, to: &mut NumberWriter) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Some(None) }
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn write(&self, to: &mut NumberWriter) {
        (self.len() as u64).write(to);
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        // The text ends before a wrong number of values takes memory.
        (0..u64::read(from)?).map(|_| T::read(from)).collect()
    }
}

impl<T: Plain> Plain for [T; 3] {
    fn write(&self, to: &mut NumberWriter) {
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        Some([T::read(from)?, T::read(from)?, T::read(from)?])
    }
}
