//! The lines of the files that findings name. A file is split once, however many findings it has.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use site_render::origin::{Location, SourceFile};

/// The lines of files, by the address of the file. Each file is kept, so that no other one gets
/// its address.
#[derive(Default)]
pub(super) struct LineCache(HashMap<*const SourceFile, FileLines>);

/// A file, and where each of its lines begins.
struct FileLines {
    file: Arc<SourceFile>,
    starts: Vec<usize>,
}

impl LineCache {
    /// Returns the bytes of the line of a place without its end, if its file has such a line.
    pub(super) fn get(&mut self, place: &Location) -> Option<Range<usize>> {
        let lines = self.0.entry(Arc::as_ptr(&place.file)).or_insert_with(|| {
            let ends = place.file.text.match_indices('\n').map(|(end, _)| end + 1);
            FileLines { file: place.file.clone(), starts: [0].into_iter().chain(ends).collect() }
        });
        debug_assert!(Arc::ptr_eq(&lines.file, &place.file));
        let index = place.at.line.checked_sub(1)? as usize;
        let start = *lines.starts.get(index)?;
        let end = lines.starts.get(index + 1).map_or(place.file.text.len(), |end| *end);
        let line = place.file.text[start..end].lines().next()?;
        Some(start..start + line.len())
    }
}
