//! How a job ended, and what it says about the render.

use policy_sandbox::WantedCode;
use site_render::finding::Stage;
use worker_process::WorkerExit;

use crate::render_worker::protocol::Answer;
use crate::serve::render_lane::Lane;

/// How a job ended.
#[derive(Debug)]
pub(in crate::serve) enum JobEnd {
    /// The worker answered.
    Answered(Answer),
    /// Policies must be compiled first.
    Wanted(Vec<WantedCode>),
    /// It needs the slow lane.
    TurnOver,
    /// It passed the time of a render or of its call.
    Late {
        /// The stage in which it was.
        stage: Stage,
        /// Whether it computed for most of that time. Otherwise others had the processors.
        computed: bool,
    },
    /// The worker ended in this stage.
    Ended(WorkerExit, Stage),
    /// No worker could be started.
    NoWorker(String),
}

impl JobEnd {
    /// Returns whether the pool lost a worker, which all jobs of the slow lane start for themselves.
    pub(in crate::serve) fn lost_worker(&self, lane: Lane) -> bool {
        lane == Lane::Fast
            && !matches!(self, Self::Answered(_) | Self::Wanted(_) | Self::NoWorker(_))
    }

    /// Returns whether the render is slow or lost its worker by its own fault.
    pub(in crate::serve) fn is_expensive(&self) -> bool {
        match self {
            Self::TurnOver | Self::Late { computed: true, .. } => true,
            Self::Ended(exit, _) => !matches!(exit, WorkerExit::Environment(_)),
            Self::Answered(_) | Self::Wanted(_) | Self::Late { .. } | Self::NoWorker(_) => false,
        }
    }

    /// Returns the reason why its worker does not return to the pool, as a metric's label.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::TurnOver => "turn",
            Self::Answered(_) | Self::Wanted(_) => "slow",
            Self::Late { .. } | Self::Ended(WorkerExit::Time, _) => "time",
            Self::Ended(WorkerExit::Memory | WorkerExit::Stack, _) => "memory",
            Self::Ended(WorkerExit::Crashed(_) | WorkerExit::Environment(_), _)
            | Self::NoWorker(_) => "failed",
        }
    }
}
