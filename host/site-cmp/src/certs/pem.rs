//! PEM: the blocks of a text, without the text between them.

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// A block: its label, and its text from the first to the last dash.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'t> {
    pub(super) label: &'t str,
    pub(super) text: &'t str,
}

impl Block<'_> {
    /// Returns whether it contains a private key of any kind.
    pub(super) fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }
}

/// Returns the blocks of a text in order, or the label of a block without an end line.
pub(super) fn parse_blocks(text: &str) -> Result<Vec<Block<'_>>, &str> {
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
        let found = parse_blocks(text).unwrap();
        assert_eq!(found[0].text, "-----BEGIN A-----\nMQ==\n-----END A-----");
        assert!(!found[0].is_key() && found[1].is_key());
        assert_eq!(parse_blocks("nothing").unwrap(), []);
    }

    #[test]
    fn a_block_without_its_end_is_told() {
        assert_eq!(parse_blocks("-----BEGIN A-----\nMQ==\n"), Err("A"));
        assert_eq!(parse_blocks("-----BEGIN A"), Err(""));
    }
}
