//! Renders a call in a worker process. A call whose policy is not compiled yet returns its worker
//! and waits.

use std::sync::Arc;

use jsonnet_worker::codes::JSONNET_LIMIT;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use site_render::finding::{Fault, Finding, Stage};
use worker_process::WorkerExit;

use super::admission::RenderPermit;
use super::call::Call;
use super::compile_queue::{Compiled, HeldRoom};
use super::deadline::CallStage;
use super::receive::Received;
use super::render_lane::Lane;
use super::service::Server;
use super::unpack_job::Digest;
use super::worker_pool::{Job, JobEnd};
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;
use crate::proto::plugin::ParametersAnnouncementResponse;
use crate::proto::repository::ParameterAnnouncement;
use crate::render_watch::{memory_error, time_error};
use crate::render_worker::protocol::{Order, Outcome, Product, encode, with_room};
use crate::render_worker::{ProgressFile, panic_message, truncate_word};

/// The most bytes of all variables of a call. Linux starts no plugin with more: a quarter of the
/// usual limit on the stack (execve(2)).
const VARIABLES_BYTES: usize = 2 << 20;

/// How often an order is sent again because its policies were missing or its turn ended.
const ROUNDS: usize = 200;

/// Renders the documents of a call's site, each as one line of JSON. The turn ends once the answer is
/// counted: so few answers are in memory that are not.
pub(super) async fn render_manifests(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<(Vec<String>, RenderPermit), CallRejection> {
    match render(server, received, call, Product::Manifests).await? {
        (Outcome::Manifests(documents), turn) => {
            call.edit_record(|record| record.manifests = documents.len());
            Ok((documents, turn))
        }
        _ => Err(CallRejection::program_bug("a worker sent no manifests")),
    }
}

/// Returns the parameters that Argo CD's interface shows for a site.
pub(super) async fn announce_parameters(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<(Vec<ParameterAnnouncement>, RenderPermit), CallRejection> {
    match render(server, received, call, Product::Parameters).await? {
        (Outcome::Parameters(bytes), turn) => {
            ParametersAnnouncementResponse::decode(bytes.as_slice())
                .map(|response| (response.parameter_announcements, turn))
                .map_err(|error| CallRejection::program_bug(&error.to_string()))
        }
        _ => Err(CallRejection::program_bug("a worker sent no parameters")),
    }
}

/// A call whose order is sent until it is answered.
struct Rendering<'a> {
    server: &'a Arc<Server>,
    call: &'a Arc<Call>,
    received: &'a Received,
    /// The order in its postcard form, and its digest.
    order: Vec<u8>,
    order_digest: Digest,
}

async fn render(
    server: &Arc<Server>,
    mut received: Received,
    call: &Arc<Call>,
    product: Product,
) -> Result<(Outcome, RenderPermit), CallRejection> {
    note_variables(&received, call);
    // The variables are in the order until the call is answered.
    let _charge = received.charge.take();
    check_variables(&received)?;
    let order = Order {
        product,
        digest: received.digest,
        folder: received.folder.clone(),
        variables: std::mem::take(&mut received.variables),
    };
    let order = encode(&order).map_err(|error| CallRejection::program_bug(&error.to_string()))?;
    let order_digest = Sha256::digest(&order).into();
    Rendering { server, call, received: &received, order, order_digest }.answer().await
}

impl Rendering<'_> {
    async fn answer(self) -> Result<(Outcome, RenderPermit), CallRejection> {
        let Self { server, call, received, .. } = self;
        if let Some(known) = server.render_memory.failure_of(&self.order_digest) {
            return Err(known);
        }
        let key = received.place.key();
        let mut lane = server.render_memory.lane_of(key, &received.digest);
        let (mut codes, mut room) = (Vec::new(), None);
        for _ in 0..ROUNDS {
            let bytes = room.as_ref().map_or(0, HeldRoom::bytes);
            let (end, turn) = self.run_once(lane, codes.clone(), bytes).await?;
            match end {
                JobEnd::Answered(answer) => {
                    let known = answer.facts.known;
                    call.edit_record(|record| record.facts = answer.facts);
                    if let Outcome::Rejected(rejection) = answer.outcome {
                        return Err(self.rejected(rejection));
                    }
                    call.note_answer_source(known);
                    return Ok((answer.outcome, turn));
                }
                JobEnd::Wanted(wanted) => {
                    drop(turn);
                    call.enter_stage(CallStage::Compile);
                    let (queue, place) = (&server.compile_queue, &received.place);
                    let compile = queue.compile(key, wanted, room.take());
                    let (compiled, missing) = server.admission.while_placed(place, compile).await?;
                    codes.extend(compiled);
                    let reserve = queue.reserve(key, &missing);
                    room = server.admission.while_placed(place, reserve).await?;
                }
                JobEnd::TurnOver => lane = Lane::Slow,
                failed => return Err(self.failure(failed)),
            }
        }
        Err(CallRejection::program_bug("a worker requested policies too often"))
    }

    /// Remembers the rejection of a call whose Jsonnet exceeded its limit.
    fn rejected(&self, rejection: CallRejection) -> CallRejection {
        if rejection.error_code() == JSONNET_LIMIT.name {
            self.server.render_memory.note_failure(self.order_digest, &rejection);
        }
        rejection
    }

    /// Sends the order to a worker when it is this call's turn.
    async fn run_once(
        &self,
        lane: Lane,
        codes: Vec<(String, Compiled)>,
        room: u64,
    ) -> Result<(JobEnd, RenderPermit), CallRejection> {
        let Self { server, call, received, .. } = self;
        call.enter_stage(CallStage::Queue);
        let mut turn = server.admission.acquire_render(&received.place, lane).await?;
        call.enter_stage(CallStage::Render);
        let job = Job {
            order: with_room(room, &self.order),
            digest: received.digest,
            tree: received.tree.clone(),
            lane,
            until: call.deadline(),
        };
        let (server, watched) = ((*server).clone(), (*call).clone());
        let key = received.place.key().clone();
        // The task goes on if the call ends, so that its worker is not lost.
        let task = tokio::spawn(async move {
            let (workers, digest) = (server.workers.clone(), job.digest);
            let watch = move |progress: &Arc<ProgressFile>| watched.progress.watch(progress);
            let end = workers.clone().run(job, codes, watch).await;
            if end.is_expensive() {
                server.render_memory.note_slow(&key, &digest);
            }
            if end.lost_worker(lane) {
                // The slot is free again when it has a worker.
                let slot = turn.take_slot();
                tokio::spawn(async move {
                    workers.replace_lost().await;
                    drop(slot);
                });
            }
            (end, turn)
        });
        task.await.map_err(join_error)
    }

    /// Returns the error of a render that exceeded a limit, which is remembered, or that has
    /// another reason.
    fn failure(&self, end: JobEnd) -> CallRejection {
        let limits = self.server.workers.limits();
        let exceeded = |finding: Finding| {
            let rejection = CallRejection::new(RejectKind::Input, finding);
            self.server.render_memory.note_failure(self.order_digest, &rejection);
            rejection
        };
        match end {
            JobEnd::Late { .. } if self.call.is_late() => self.call.deadline_error(),
            // On a busy machine the next attempt may succeed.
            JobEnd::Late { stage, computed: false } => {
                CallRejection::new(RejectKind::Input, time_error(limits, stage))
            }
            JobEnd::Late { stage, .. } | JobEnd::Ended(WorkerExit::Time, stage) => {
                exceeded(time_error(limits, stage))
            }
            JobEnd::Ended(WorkerExit::Memory | WorkerExit::Stack, stage) => {
                exceeded(memory_error(limits.memory_bytes, stage))
            }
            JobEnd::Ended(WorkerExit::Crashed(text), stage) => {
                CallRejection::program_bug(&format!("its process crashed in stage {stage}: {text}"))
            }
            JobEnd::Ended(WorkerExit::Environment(why), stage) => worker_error(&why, stage),
            JobEnd::NoWorker(why) => worker_error(&why, Stage::Render),
            JobEnd::Answered(_) | JobEnd::Wanted(_) | JobEnd::TurnOver => {
                CallRejection::program_bug("a render without an answer")
            }
        }
    }
}

/// Returns the error of a worker that cannot be started or was killed.
fn worker_error(why: &str, stage: Stage) -> CallRejection {
    let message = format!("the process that renders failed in stage {stage}: {why}");
    let finding: Finding = codes::RENDER_WORKER.finding(message).blame(Fault::Environment);
    CallRejection::new(RejectKind::Environment, finding.stage(stage))
}

/// Notes the Application for the log.
fn note_variables(received: &Received, call: &Call) {
    let word = |name: &str| received.variables.get(name).map(|text| truncate_word(text));
    call.edit_record(|record| {
        record.application = word("ARGOCD_APP_NAME").unwrap_or_default();
        record.revision = word("ARGOCD_APP_REVISION").unwrap_or_default();
    });
}

/// Rejects a call with more variables than a process could get.
fn check_variables(received: &Received) -> Result<(), CallRejection> {
    let bytes = received.variables.iter().map(|(name, value)| name.len() + value.len() + 2);
    let bytes: usize = bytes.sum();
    if bytes <= VARIABLES_BYTES {
        return Ok(());
    }
    let message = format!(
        "the variables of the call have {bytes} bytes, more than the {VARIABLES_BYTES} that a \
         plugin gets"
    );
    let finding = codes::ARGOCD_PARAMETER.finding(message);
    let hint = "remove variables from plugin.env of the Application's source";
    Err(CallRejection::new(RejectKind::Input, finding.hint(hint)))
}

/// Converts the error of a render's task.
fn join_error(error: tokio::task::JoinError) -> CallRejection {
    match error.try_into_panic() {
        Ok(panic) => CallRejection::program_bug(panic_message(&*panic)),
        Err(_cancelled) => CallRejection::program_bug("its task was cancelled"),
    }
}

#[cfg(test)]
mod tests;
