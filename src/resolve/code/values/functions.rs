//! Functions and methods by what they make of a text.

/// `this`, `self` and the like.
pub(in crate::resolve::code) fn is_self(name: &str) -> bool {
    matches!(
        name.trim_start_matches('$'),
        "this" | "self" | "Self" | "cls" | "static" | "parent" | "super" | "base" | "me" | "it"
    )
}

/// Returns whether a function makes an object.
pub(super) fn is_constructor(name: &str) -> bool {
    matches!(name, "constructor" | "__init__" | "initialize" | "__construct" | "init")
}

/// The effect of a function or a method, by its name, on the text that it is given or belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A function whose value is its argument.
    Wraps,
    /// A method whose value is another text or URL.
    Changes,
    /// Either; the value is the text itself.
    Keeps,
    /// Any other effect.
    Other,
}

fn role(name: &str) -> Role {
    match name {
        "encodeURI" | "encodeURIComponent" | "String" | "str" | "string" | "as_ref" | "Trim" | "rtrim" | "ltrim"
        | "removeprefix" | "expect" | "parse" | "URL" | "HttpUrl" | "url" | "build" | "Url" | "strings" | "esc_url"
        | "esc_url_raw" | "untrailingslashit" | "trailingslashit" | "NSURL" | "quote" | "from" | "href"
        | "fromHttpUrl" | "fromUriString" | "fromUri" | "toUriString" | "buildAndExpand" | "expand" | "unwrap_or"
        | "unwrap_or_default" | "GetLeftPart" | "absoluteString" | "set_query" | "query" | "asString" | "to_str"
        | "URIBuilder" | "UriBuilder" | "StringBuilder" | "TrimPrefix" | "TrimSuffix" | "TrimLeft" | "TrimRight"
        | "TrimSpace" => Role::Wraps,
        "format"
        | "formatted"
        | "Format"
        | "concat"
        | "plus"
        | "append"
        | "resolve"
        | "appendingPathComponent"
        | "appending"
        | "addPathSegment"
        | "addPathSegments"
        | "addEncodedPathSegments"
        | "joinpath"
        | "join"
        | "JoinPath"
        | "AppendPathSegment"
        | "AppendPathSegments"
        | "appendPathSegment"
        | "pathSegment"
        | "segment"
        | "with_path"
        | "appendPath"
        | "child"
        | "path"
        | "replace"
        | "replaceAll"
        | "Replace"
        | "gsub"
        | "sub"
        | "values"
        | "items"
        | "replacingOccurrences" => Role::Changes,
        "toString" | "ToString" | "to_string" | "to_owned" | "into" | "as_str" | "trim" | "TrimEnd" | "TrimStart"
        | "trimEnd" | "rstrip" | "lstrip" | "strip" | "chomp" | "removesuffix" | "unwrap" | "clone" | "freeze"
        | "toURI" | "toURL" | "toUri" | "toHttpUrl" | "toHttpUrlOrNull" | "newBuilder" | "toLowerCase" | "lower"
        | "to_s" | "Append" | "stripSuffix" | "trimStart" | "trim_start_matches" | "trim_end_matches" => Role::Keeps,
        _ => Role::Other,
    }
}

/// Functions and methods whose value is that of their argument, or of what they belong to.
pub(super) fn is_wrapper(name: &str) -> bool {
    matches!(role(name), Role::Wraps | Role::Keeps)
}

/// Methods that make another text of a text or a URL.
pub(super) fn is_method_of_text(name: &str) -> bool {
    matches!(role(name), Role::Changes | Role::Keeps)
}

/// Modules whose functions have such names.
pub(super) fn is_module(name: &str) -> bool {
    matches!(
        name,
        "url"
            | "path"
            | "posixpath"
            | "Path"
            | "URI"
            | "File"
            | "fmt"
            | "String"
            | "string"
            | "util"
            | "os"
            | "Object"
            | "JSON"
            | "Uri"
            | "Url"
            | "urllib"
            | "parse"
            | "strings"
            | "filepath"
            | "Addressable"
            | "HttpUrl"
            | "re"
            | "Array"
    )
}

/// Members that give a URL or the path of it.
pub(super) fn is_whole_of_url(name: &str) -> bool {
    matches!(
        name,
        "request_uri"
            | "path"
            | "pathname"
            | "href"
            | "PathAndQuery"
            | "AbsoluteUri"
            | "AbsolutePath"
            | "OriginalString"
            | "RequestURI"
            | "absoluteString"
            | "rawPath"
    )
}
