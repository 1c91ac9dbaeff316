//! The reason why a store that processes share gave no answer, without a word of the error that it may have thrown.

use crate::crossing::Given;
use crate::text::words;

/// The kinds of faults, as the member `fault` has them.
const FAULTS: &[&str] = &["late", "senseless", "failed"];

/// The reason why a store gave no answer that can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreFault<'a> {
    /// It did not answer in time.
    #[default]
    Late,
    /// Its answer makes no sense.
    Senseless,
    /// It failed with an error of this code or kind, if it has one that can be shown.
    Failed(Option<&'a str>),
    /// Its adapter knows the mistake, and has words for it.
    Explained(&'a str),
}

impl<'a> StoreFault<'a> {
    /// The fault that a driver reports.
    pub fn given(given: &impl Given<'a>) -> Self {
        let fault = given.optional_word("fault", FAULTS);
        let (cause, message) = (given.optional_text("cause"), given.optional_text("message"));
        match fault {
            Some(1) => Self::Senseless,
            Some(2) => message.map_or(Self::Failed(cause), Self::Explained),
            _ => Self::Late,
        }
    }

    /// The fault in words.
    pub fn in_words(self, store: &str) -> String {
        let (what, cause, end) = match self {
            Self::Late => (" did not answer in time", "", ""),
            Self::Senseless => (" gave an answer that makes no sense", "", ""),
            Self::Failed(cause) => (" failed (", cause.unwrap_or("an error without a code"), ")"),
            Self::Explained(message) => return message.to_owned(),
        };
        words![store, what, cause, end]
    }
}
