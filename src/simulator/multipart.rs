//! Bodies of `multipart/form-data` (RFC 7578).

use super::formats::is_media;

/// A part of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormPart<'a> {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) media: Option<String>,
    pub(super) bytes: &'a [u8],
}

impl FormPart<'_> {
    /// The bytes as a text.
    pub(super) fn text(&self) -> Option<String> {
        core::str::from_utf8(self.bytes).ok().map(str::to_owned)
    }
}

/// The parts of a body with this `Content-Type`; `None` if it is another form, or not whole.
pub(super) fn read<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<FormPart<'a>>> {
    is_media(content_type, "multipart/form-data").then_some(())?;
    let delimiter = format!("--{}", parameter(content_type, "boundary")?);
    let (_, mut rest) = split(body, delimiter.as_bytes())?;
    let delimiter = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (_, part) = split(rest, b"\r\n")?;
        let (part, after) = split(part, delimiter.as_bytes())?;
        // A part without headers starts with the empty line that ends them.
        let (head, bytes) =
            part.strip_prefix(b"\r\n").map(|bytes| (&[][..], bytes)).or_else(|| split(part, b"\r\n\r\n"))?;
        parts.push(form_part(core::str::from_utf8(head).ok()?, bytes));
        rest = after;
    }
    Some(parts)
}

fn form_part<'a>(head: &str, bytes: &'a [u8]) -> FormPart<'a> {
    let mut part = FormPart { bytes, ..FormPart::default() };
    for (name, value) in head.split("\r\n").filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-disposition") {
            part.name = parameter(value, "name").unwrap_or_default();
            part.file_name = parameter(value, "filename");
        } else if name.eq_ignore_ascii_case("content-type") {
            part.media = Some(value.trim().to_owned());
        }
    }
    part
}

/// A parameter of a header, with or without quotation marks.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once(';') {
        let (own, value) = after.split_once('=')?;
        let is_own = own.trim().eq_ignore_ascii_case(name);
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => {
                let (text, after) = quoted.split_once('"')?;
                (text.to_owned(), after)
            }
            None => (value.split(';').next().unwrap_or("").trim().to_owned(), value),
        };
        if is_own {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// The bytes before and after the first occurrence of some bytes.
fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = bytes.windows(at.len()).position(|own| own == at)?;
    let (before, after) = bytes.split_at_checked(start)?;
    Some((before, after.strip_prefix(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; charset=utf-8; boundary=\"x y\"";

    #[test]
    fn parts_are_read_with_their_bytes_and_broken_bodies_are_not() {
        let body = b"--x y\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na;b\r\n--x y\r\n\
            content-type: text/plain\r\ncontent-disposition: form-data; name=f; filename=\"a;b.txt\"\r\n\r\n1\r\n\0\xff\r\n--x y--\r\n";
        let parts = read(TYPE, body).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), parts[0].text().as_deref()), ("name", Some("a;b")));
        let file = FormPart {
            name: "f".to_owned(),
            file_name: Some("a;b.txt".to_owned()),
            media: Some("text/plain".to_owned()),
            bytes: b"1\r\n\0\xff",
        };
        assert_eq!(parts[1], file);
        assert_eq!(read(TYPE, b"--x y\r\n\r\n\r\n--x y--").unwrap()[0].bytes, b"");
        assert_eq!(read(TYPE, b"--x y--"), Some(Vec::new()));
        for end in 0..body.len() - 4 {
            assert_eq!(read(TYPE, &body[..end]), None, "{end}");
        }
        for media in ["multipart/form-data", "multipart/mixed; boundary=x", "text/plain; boundary=\"x y\""] {
            assert_eq!(read(media, body), None, "{media}");
        }
    }
}
