//! Limits how deep a layer may nest, before it is parsed.
//!
//! The parser is recursive, so unlimited nesting would overflow the stack and abort the process.
//! Brackets, blocks and chained operators all deepen the tree; a text that could exceed the depth
//! of any real configuration is rejected.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use crate::codes;
use crate::finding::Finding;
use crate::origin::SourceFile;

/// The maximum depth, in brackets, blocks and operators. Python itself stops at 200 brackets and
/// 100 blocks; parsing this many uses a small part of a thread's 2 MiB of stack.
const DEEPEST: u32 = 200;

/// An open bracket or block: its fixed depth, and the depth added since the last comma.
#[derive(Clone, Copy, Default)]
struct NestingLevel {
    base: u32,
    /// Lambdas since the line began: a comma between their parameters does not end them.
    lambdas: u32,
    since: u32,
}

/// Rejects a text that nests too deep.
pub(super) fn check_depth(file: &SourceFile) -> Result<(), Box<Finding>> {
    let mut lexer = lexer::lex(&file.text, Mode::Module);
    let mut levels = vec![NestingLevel::default()];
    // The sum over all levels.
    let mut depth = 0;
    let mut statements: usize = 1;
    loop {
        let kind = lexer.next_token();
        statements += usize::from(kind == TokenKind::Newline);
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart
            | TokenKind::Indent => {
                levels.push(NestingLevel { base: 1, ..NestingLevel::default() });
                depth += 1;
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
            | TokenKind::Dedent => {
                // The next token may call or index the closed expression, which then becomes its
                // child.
                if levels.len() > 1 {
                    depth -=
                        levels.pop().map_or(0, |level| level.base + level.lambdas + level.since);
                }
                add_level(&mut levels, &mut depth, |level| level.since += 1);
            }
            TokenKind::Comma | TokenKind::Semi | TokenKind::Newline => {
                if let Some(level) = levels.last_mut() {
                    depth -= std::mem::take(&mut level.since);
                    if kind != TokenKind::Comma {
                        depth -= std::mem::take(&mut level.lambdas);
                    }
                }
            }
            TokenKind::Lambda => add_level(&mut levels, &mut depth, |level| level.lambdas += 1),
            kind if is_leaf(kind) => {}
            _ => add_level(&mut levels, &mut depth, |level| level.since += 1),
        }
        if depth > DEEPEST {
            return Err(Box::new(too_deep(file, statements)));
        }
    }
}

/// Adds one level of depth to the innermost bracket or block.
fn add_level(levels: &mut [NestingLevel], depth: &mut u32, by_one: impl FnOnce(&mut NestingLevel)) {
    if let Some(level) = levels.last_mut() {
        by_one(level);
        *depth += 1;
    }
}

/// Returns whether a token adds no depth.
fn is_leaf(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
    )
}

/// Returns the error for a text that nests too deep.
fn too_deep(file: &SourceFile, statement: usize) -> Finding {
    let name = &file.name;
    let message = format!("{name} nests more than {DEEPEST} deep, in statement {statement}");
    codes::CONFIG_TOO_DEEP.finding(message).hint(
        "split it into several statements: brackets, blocks and chained operators all add depth",
    )
}
