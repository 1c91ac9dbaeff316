//! The lifecycle of an access token.
