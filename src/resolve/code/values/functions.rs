//! Functions and methods by what they make of a text.

use crate::resolve::scan::among;

/// `this`, `self` and the like.
pub(in crate::resolve::code) fn is_self(name: &str) -> bool {
    among(name.trim_start_matches('$'), "this self Self cls static parent super base me it")
}

/// Returns whether a function makes an object.
pub(super) fn is_constructor(name: &str) -> bool {
    among(name, "constructor __init__ initialize __construct init")
}

/// Functions whose value is their argument.
const WRAPS: &str = "encodeURI encodeURIComponent String str string as_ref Trim rtrim ltrim removeprefix expect parse URL \
    HttpUrl url build Url strings esc_url esc_url_raw untrailingslashit trailingslashit NSURL quote from \
    href fromHttpUrl fromUriString fromUri toUriString buildAndExpand expand unwrap_or unwrap_or_default \
    GetLeftPart absoluteString set_query query asString to_str URIBuilder UriBuilder URLComponents furl \
    StringBuilder TrimPrefix TrimSuffix TrimLeft TrimRight TrimSpace";
/// Methods whose value is another text or URL.
const CHANGES: &str = "format formatted Format concat plus append resolve appendingPathComponent appending addPathSegment \
    addPathSegments addEncodedPathSegments joinpath join JoinPath AppendPathSegment AppendPathSegments \
    appendPathSegment pathSegment segment with_path withPath copy_with append_path appendPath child path \
    replace replaceAll Replace gsub sub values items replacingOccurrences";
/// Functions and methods whose value is the text itself.
const KEEPS: &str = "toString ToString to_string to_owned into as_str trim TrimEnd TrimStart trimEnd rstrip lstrip strip \
    chomp removesuffix unwrap clone freeze toURI toURL toUri toHttpUrl toHttpUrlOrNull newBuilder \
    toLowerCase lower to_s Append stripSuffix trimStart trim_start_matches trim_end_matches";

/// Functions and methods whose value is that of their argument, or of what they belong to.
pub(super) fn is_wrapper(name: &str) -> bool {
    among(name, WRAPS) || among(name, KEEPS)
}

/// Methods that make another text of a text or a URL.
pub(super) fn is_method_of_text(name: &str) -> bool {
    among(name, CHANGES) || among(name, KEEPS)
}

/// Modules whose functions have such names.
pub(super) fn is_module(name: &str) -> bool {
    among(
        name,
        "url path posixpath Path URI File fmt String string util os Object JSON Uri Url urllib parse strings filepath Addressable HttpUrl re Array",
    )
}

/// Members that are the path of a URL, and methods that set it.
pub(in crate::resolve::code) fn is_path_of_url(name: &str) -> bool {
    among(name, "pathname path Path set_path setPath")
}

/// Members that give a URL or the path of it.
pub(super) fn is_whole_of_url(name: &str) -> bool {
    among(
        name,
        "request_uri path pathname Path Uri url href PathAndQuery AbsoluteUri AbsolutePath OriginalString RequestURI absoluteString rawPath",
    )
}
