//! Documents of one page, as PDF 1.4.

use core::fmt::Write as _;

/// A page with these lines of text. Characters beyond ASCII are shown as question marks.
pub(super) fn page(lines: &[String]) -> Vec<u8> {
    let mut text = String::from("BT /F1 11 Tf 60 780 Td 18 TL");
    for line in lines {
        // Writing to a text cannot fail.
        let _ = write!(text, " ({}) Tj T*", escaped(line));
    }
    text.push_str(" ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut places = String::new();
    for (number, object) in (1_usize..).zip(&objects) {
        let _ = writeln!(places, "{:010} 00000 n ", out.len());
        let _ = writeln!(out, "{number} 0 obj{object}endobj");
    }
    let (start, count) = (out.len(), objects.len().saturating_add(1));
    let _ = write!(
        out,
        "xref\n0 {count}\n0000000000 65535 f \n{places}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

/// A text in the parentheses of a PDF.
fn escaped(line: &str) -> String {
    let mut out = String::new();
    for c in line.chars() {
        match c {
            '(' | ')' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_a_page_names_the_place_of_each_object() {
        let page = String::from_utf8(page(&["A (1) \\ é".to_owned(), "B".to_owned()])).unwrap();
        assert!(page.contains("(A \\(1\\) \\\\ ?) Tj"), "{page}");
        let start: usize = page.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        let table = page.get(start..).unwrap();
        assert!(table.starts_with("xref\n0 6\n"));
        for (number, line) in (1_usize..).zip(table.lines().skip(3).take(5)) {
            let place: usize = line.get(..10).unwrap().parse().unwrap();
            assert!(page.get(place..).unwrap().starts_with(&format!("{number} 0 obj")), "{number}");
            assert_eq!(line.len(), 19);
        }
        let length: usize = page.split("/Length ").nth(1).unwrap().split('>').next().unwrap().parse().unwrap();
        let stream = page.split("stream\n").nth(1).unwrap().split("\nend").next().unwrap();
        assert_eq!(stream.len(), length);
    }
}
