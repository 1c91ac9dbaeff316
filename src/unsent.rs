//! Requests that failed before anything of them was sent.

/// The codes by which runtimes say that no connection was made, so that nothing of a request was sent.
///
/// `ECONNRESET`, `EPIPE` and `UND_ERR_SOCKET` are not among them: they may come after the request.
const UNSENT: &[&str] = &[
    // The system, as Node.js and Deno name its errors.
    "EACCES",
    "EADDRNOTAVAIL",
    "EAI_AGAIN",
    "EAI_FAIL",
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    // Node.js: no connection in time, a certificate that was not accepted.
    "UND_ERR_CONNECT_TIMEOUT",
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_REVOKED",
    "CERT_UNTRUSTED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    // Bun.
    "ConnectionRefused",
    "FailedToOpenSocket",
];

/// The beginning of the driver's own codes for a proxy that refused the tunnel to the host, such as `PROXY_407`.
const TUNNEL: &str = "PROXY_";

/// Checks that the code of a failed request, such as `ECONNREFUSED`, means that nothing was sent.
pub fn is_unsent(code: &str) -> bool {
    UNSENT.contains(&code) || code.starts_with(TUNNEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_connection_sent_nothing_and_a_reset_one_may_have() {
        for code in ["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED", "ConnectionRefused", "PROXY_407"] {
            assert!(is_unsent(code), "{code}");
        }
        for code in ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ETIMEDOUT", ""] {
            assert!(!is_unsent(code), "{code}");
        }
    }
}
