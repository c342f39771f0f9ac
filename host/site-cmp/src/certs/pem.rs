//! PEM: the blocks of a text, whatever stands between them.

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// A block: its label, and its text from the first to the last dash.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'t> {
    pub(super) label: &'t str,
    pub(super) text: &'t str,
}

impl Block<'_> {
    /// Whether it holds a private key, of whatever kind.
    pub(super) fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }
}

/// The blocks of a text in their order; one that does not end is an error, told by its label.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, &str> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(BEGIN) {
        let block = &rest[begin..];
        let label = &block[BEGIN.len()..];
        let Some(label) = label.find(DASHES).map(|end| &label[..end]) else { return Err("") };
        let end = format!("-----END {label}-----");
        let Some(at) = block.find(&end) else { return Err(label) };
        let (text, after) = block.split_at(at + end.len());
        blocks.push(Block { label, text });
        rest = after;
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text() {
        let text = "subject=a\n-----BEGIN A-----\nMQ==\n-----END A-----\nnext\n-----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY-----";
        let found = blocks(text).unwrap();
        assert_eq!(found[0].text, "-----BEGIN A-----\nMQ==\n-----END A-----");
        assert!(!found[0].is_key() && found[1].is_key());
        assert_eq!(blocks("nothing").unwrap(), []);
    }

    #[test]
    fn a_block_without_its_end_is_told() {
        assert_eq!(blocks("-----BEGIN A-----\nMQ==\n"), Err("A"));
        assert_eq!(blocks("-----BEGIN A"), Err(""));
    }
}
