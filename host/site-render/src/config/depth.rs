//! How deep a layer nests, counted before it is parsed.
//!
//! A parser that calls itself is killed by a text that nests without end, and the process
//! with it. Brackets, blocks and operators in a row all make a tree deeper; a text in which
//! they could make it deeper than any configuration is refused.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use crate::codes;
use crate::finding::Finding;
use crate::origin::SourceFile;

/// The greatest depth, in brackets, blocks and operators. Python itself stops at 200 brackets and
/// 100 blocks; a parse of this many takes a small part of a thread's 2 MiB of stack.
const DEEPEST: u32 = 200;

/// An open bracket or block: what is always in it, and what came since the last comma.
#[derive(Clone, Copy, Default)]
struct NestingLevel {
    base: u32,
    /// Lambdas since the line began: a comma among their parameters does not end them.
    lambdas: u32,
    since: u32,
}

/// Refuses a text that nests too deep.
pub(super) fn check_depth(file: &SourceFile) -> Result<(), Box<Finding>> {
    let mut lexer = lexer::lex(&file.text, Mode::Module);
    let mut levels = vec![NestingLevel::default()];
    // The sum of all levels.
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
                // What follows may call or index what ends here, and so hold it.
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

fn add_level(levels: &mut [NestingLevel], depth: &mut u32, by_one: impl FnOnce(&mut NestingLevel)) {
    if let Some(level) = levels.last_mut() {
        by_one(level);
        *depth += 1;
    }
}

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

fn too_deep(file: &SourceFile, statement: usize) -> Finding {
    let name = &file.name;
    let message = format!("{name} nests more than {DEEPEST} deep, in statement {statement}");
    codes::CONFIG_TOO_DEEP
        .finding(message)
        .hint("brackets, blocks and operators in a row count; take it apart")
}
