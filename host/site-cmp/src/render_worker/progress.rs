//! The stage of a render in a file that the server shares. It says where a killed worker was.

use site_render::finding::Stage;
use site_render::progress::Progress;
use worker_process::MemoryFile;

/// The stages by their numbers in the file.
const STAGES: [Stage; 11] = [
    Stage::Sources,
    Stage::Profile,
    Stage::Gate,
    Stage::Inputs,
    Stage::Policies,
    Stage::Overlay,
    Stage::Merge,
    Stage::Resources,
    Stage::Validate,
    Stage::Emit,
    Stage::Render,
];

/// A file of one byte: the stage of the render.
#[derive(Debug)]
pub(crate) struct ProgressFile(pub(crate) MemoryFile);

impl Progress for ProgressFile {
    fn begin_stage(&self, stage: Stage) {
        let number = STAGES.iter().position(|known| *known == stage).unwrap_or_default();
        // The stage is for messages only.
        let _ = self.0.write_at(&[u8::try_from(number).unwrap_or_default()], 0);
    }
}

impl ProgressFile {
    /// Returns the stage.
    pub(crate) fn stage(&self) -> Stage {
        let mut number = [0];
        let read = self.0.read_at(&mut number, 0);
        read.ok()
            .and_then(|()| STAGES.get(usize::from(number[0])))
            .copied()
            .unwrap_or(Stage::Sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_is_read_as_it_was_written() {
        let file = ProgressFile(MemoryFile::create("test").unwrap());
        assert_eq!(file.stage(), Stage::Sources);
        for stage in STAGES {
            file.begin_stage(stage);
            assert_eq!(file.stage(), stage);
        }
    }
}
