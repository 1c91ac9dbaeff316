//! Explains unknown names of scopes, and suggests the ones that were probably meant.

use serde::Serialize;

use crate::catalogue::{MISNOMERS, SCOPES, ScopeId};

/// The mistake in a name, in the order of trying. All but the first are found in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UnknownReason {
    /// A catalogued name but for upper case: `Accounting.Settings`.
    Case,
    /// The catalogue lists it as a name that people take for a scope: `accounting.journals`.
    Misnomer,
    /// A part has an `s` at its end too many or too few: `accounting.contact`.
    Plural,
    /// One character wrong, too many or too few, or two from 12 characters on: `acounting.setings`.
    NearMiss,
    /// Parts are missing, such as `.read` at the end or `accounting.` at the start: `invoices.read`.
    PartMissing,
    /// One part is too many: `paymentservices.read`, `accounting.contacts.write`.
    PartExtra,
    /// None of these, or not compared: longer than 64 bytes, or after 1,000 other unknown names. It may still be a
    /// scope: Xero adds some.
    NotInCatalogue,
}

/// Words longer than this, in bytes, are not compared with the catalogue, whose longest name is well below.
const COMPARED: usize = 64;

/// The reason why the catalogue does not have `word`, and the name that it has instead.
pub(super) fn explain(word: &str) -> (UnknownReason, Option<&'static str>) {
    if word.len() > COMPARED {
        return (UnknownReason::NotInCatalogue, None);
    }
    let word = word.to_ascii_lowercase();
    if let Some(id) = ScopeId::named(&word) {
        return (UnknownReason::Case, Some(id.name()));
    }
    let misnomer = MISNOMERS.iter().find(|(name, _)| *name == word);
    let mut best = misnomer.map(|(_, meant)| ((UnknownReason::Misnomer, 0), meant.map(ScopeId::name)));
    for scope in SCOPES {
        let Some(fit) = fit(&word, scope.name) else { continue };
        match &mut best {
            Some((same, meant)) if *same == fit => *meant = None,
            Some((better, _)) if *better < fit => {}
            _ => best = Some((fit, Some(scope.name))),
        }
    }
    match best {
        Some(((UnknownReason::Misnomer, _), meant)) => (UnknownReason::Misnomer, meant),
        Some(((reason, _), Some(meant))) => (reason, Some(meant)),
        _ => (UnknownReason::NotInCatalogue, None),
    }
}

/// The mistake that makes `word` of `name`, and the distance between them.
fn fit(word: &str, name: &str) -> Option<(UnknownReason, usize)> {
    let missing = is_within(word, name);
    let extra = is_within(name, word);
    let parts = word.split('.').count().abs_diff(name.split('.').count());
    let bound = if word.len() < 12 { 1 } else { 2 };
    match (missing, extra) {
        (true, true) => Some((UnknownReason::Plural, 0)),
        _ if let Some(distance) = distance(word, name, bound) => Some((UnknownReason::NearMiss, distance)),
        (true, false) => Some((UnknownReason::PartMissing, parts)),
        (false, true) if parts == 1 => Some((UnknownReason::PartExtra, parts)),
        _ => None,
    }
}

/// Returns true if the parts of `short` are in `long` in the same order; singular and plural are the same.
fn is_within(short: &str, long: &str) -> bool {
    let mut parts = long.split('.').map(singular);
    short.split('.').map(singular).all(|part| parts.any(|other| part == other))
}

fn singular(part: &str) -> &str {
    part.strip_suffix('s').unwrap_or(part)
}

/// The edit distance (Levenshtein) of two words, if it is at most `bound`.
pub(crate) fn distance(one: &str, other: &str, bound: usize) -> Option<usize> {
    // What both begin or end with costs nothing: paths share their base.
    let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    let same = same.unwrap_or(one.len().min(other.len()));
    let (one, other) = (one.get(same..).unwrap_or_default(), other.get(same..).unwrap_or_default());
    let alike: usize =
        one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let front = |text: &'_ str| text.len().saturating_sub(alike);
    let (one, other) = (one.get(..front(one)).unwrap_or_default(), other.get(..front(other)).unwrap_or_default());
    if one.chars().count().abs_diff(other.chars().count()) > bound {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (place, c) in one.chars().enumerate() {
        let mut diagonal = place;
        let mut left = place.saturating_add(1);
        let mut least = left;
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, d) in cells.zip(other.chars()) {
            let replaced = diagonal.saturating_add(usize::from(c != d));
            diagonal = *cell;
            left = replaced.min(left.min(*cell).saturating_add(1));
            *cell = left;
            least = least.min(left);
        }
        if least > bound {
            return None;
        }
    }
    row.last().copied().filter(|&distance| distance <= bound)
}
