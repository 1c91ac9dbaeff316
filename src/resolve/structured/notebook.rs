//! Notebooks: their cells of code are one program, which goes on from cell to cell.

use super::tree::Id;
use super::walk::{Around, Walk};
use crate::resolve::code;
use crate::resolve::ledger::{Embedded, Ledger, Outcome};

/// Takes the calls of all cells: those of code together, each of the others by itself.
pub(super) fn take(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>) -> Outcome {
    let tree = walk.tree;
    let cells = tree.member(tree.root, "cells").into_iter().flat_map(|cells| tree.children(cells));
    let mut outcome = Outcome::Other;
    let mut program = String::new();
    // The line that each cell begins on, and where that is in the whole.
    let mut starts = Vec::new();
    let mut line = 1_usize;
    for cell in cells {
        let kind = tree.text_member(cell, "cell_type");
        let Some(source) = tree.member(cell, "source").filter(|_| kind.is_none_or(|kind| kind == "code")) else {
            outcome = outcome.max(walk.node(ledger, cell, Around::default()));
            continue;
        };
        let first = tree.children(source).next().unwrap_or(source);
        starts.push((line, walk.at(tree.start(first))));
        let text = source_of(walk, source);
        line = line.saturating_add(text.matches('\n').count()).saturating_add(1);
        program.push_str(&text);
        program.push('\n');
    }
    let found = !program.is_empty() && ledger.inside(&program, Embedded::Pieces(&starts), code::read);
    outcome.max(if found { Outcome::Call } else { Outcome::Other })
}

/// The text of a cell, which is one text or a list of lines.
fn source_of(walk: &Walk<'_, '_>, source: Id) -> String {
    let tree = walk.tree;
    match tree.text_of(source) {
        Some(text) => text.into_owned(),
        None => tree.children(source).filter_map(|line| tree.text_of(line)).collect(),
    }
}
