//! Tokens that are not used before they are saved.

use super::config::LifecycleConfig;
use super::event::TokenAction;
use crate::error::Error;
use crate::time::Timestamp;

/// A token that the store has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct UnsavedToken {
    pub(super) generation: u32,
    pub(super) obtained_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The instant at which it is saved again.
    pub(super) again_at: Timestamp,
    /// The number of failures in a row, and the last of them.
    pub(super) failures: u32,
    pub(super) error: Option<Error>,
}

impl UnsavedToken {
    const fn save(&self) -> TokenAction {
        let Self { generation, obtained_at, expires_at, .. } = *self;
        TokenAction::Save { generation, obtained_at, expires_at }
    }
}

/// The tokens that the store has not acknowledged, in the order in which they came. There is one, or there are more if an
/// answer came late.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsaved(Vec<UnsavedToken>);

impl Unsaved {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a token. Returns the action that saves it.
    pub(super) fn add(&mut self, token: UnsavedToken) -> TokenAction {
        let save = token.save();
        self.0.push(token);
        save
    }

    /// The token that is saved again first.
    pub(super) fn first(&self) -> Option<&UnsavedToken> {
        self.0.iter().min_by_key(|token| token.again_at)
    }

    /// The error of a save that failed.
    pub(super) fn error(&self) -> Option<&Error> {
        self.0.iter().find_map(|token| token.error.as_ref())
    }

    /// Takes the token of this generation off the list: it is saved.
    pub(super) fn saved(&mut self, generation: u32) -> Option<UnsavedToken> {
        let at = self.0.iter().position(|token| token.generation == generation)?;
        Some(self.0.remove(at))
    }

    /// The save of this generation failed at `now`. It is repeated after a pause, with the chance drawn from `random`.
    pub(super) fn not_saved(
        &mut self,
        generation: u32,
        error: Error,
        config: &LifecycleConfig,
        random: u64,
        now: Timestamp,
    ) {
        if let Some(token) = self.0.iter_mut().find(|token| token.generation == generation) {
            token.failures = token.failures.saturating_add(1);
            token.again_at = now.plus(config.backoff.pause_ms(token.failures, random));
            token.error = Some(error);
        }
    }

    /// The saves that are due at `now`: the store has failed, or not reported for `timeout_ms`.
    pub(super) fn due(&mut self, timeout_ms: u64, now: Timestamp) -> Vec<TokenAction> {
        let due = self.0.iter_mut().filter(|token| token.again_at <= now);
        due.map(|token| {
            token.again_at = now.plus(timeout_ms.max(1));
            token.save()
        })
        .collect()
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for token in &mut self.0 {
            for instant in [&mut token.obtained_at, &mut token.expires_at, &mut token.again_at] {
                *instant = instant.minus(ms);
            }
        }
    }
}
