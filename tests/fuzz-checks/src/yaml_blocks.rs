//! Every form of a block scalar: each header, with each kind of content and each end of the file.

const HEADERS: &[&str] =
    &["|", "|-", "|+", ">", ">-", ">+", "|1", "|2", ">1", ">2", "|2-", "|-2", "|+1", ">2+"];

/// Lines below a key in the first column.
const CONTENTS: &[&str] = &[
    "",
    "  x\n",
    "\n  x\n",
    "  x\n\n  y\n",
    "  x\n   y\n  z\n",
    "   \n  x\n",
    "\tx\n",
    "  \tx\n",
    "  # x\n",
    "  x\n# y\n",
];

const ENDS: &[&str] = &["", "\n", "\n\n", "  \n", "b: 1\n"];

/// Returns all forms.
pub(super) fn forms() -> impl Iterator<Item = String> {
    HEADERS.iter().flat_map(|header| {
        CONTENTS.iter().flat_map(move |content| {
            ENDS.iter().map(move |end| {
                let text = format!("a: {header}\n{content}{end}");
                // The first end is a file without a last line break.
                if end.is_empty() { text.trim_end_matches('\n').to_owned() } else { text }
            })
        })
    })
}
