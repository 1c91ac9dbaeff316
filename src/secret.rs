//! Values that must not be printed.

use core::fmt;
use zeroize::Zeroize;

/// Holds a client secret, an access token or a header made from one.
///
/// It has no `Display`, no `Serialize` and no `==`; its `Debug` is redacted; it is overwritten when dropped. Only
/// [`Secret::reveal`] returns the value, so that every use can be found by searching for that name.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Makes a secret of `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let secret = Secret::new(String::from("hunter2"));
        assert!(!format!("{secret:?} {:#?}", secret.clone()).contains("hunter2"));
        assert_eq!(secret.reveal(), "hunter2");
    }
}
