//! Renders a call: builds the request from its variables and calls `render()`.
//!
//! Renders run on blocking threads, as many as the operator allows. A call whose policy is not
//! compiled yet returns its thread and waits.

use std::any::Any;
use std::sync::Arc;

use site_render::announce::{self, Announcement};
use site_render::emit;
use site_render::finding::Problems;
use site_render::fleet::Fleet;
use site_render::policy::Usage;
use site_render::rendered::{Outcome, Rendered};
use site_render::request::{Choice, Request};

use super::call::Call;
use super::call_rejection::{CallRejection, RejectKind};
use super::deadline::CallStage;
use super::proto::repository::ParameterAnnouncement;
use super::receive::Received;
use super::service::Server;
use crate::codes;
use crate::parameters;

/// The longest text of a caller in the log, in characters.
const WORD: usize = 200;

/// Renders the documents of a call's site, each as one line of JSON.
pub(super) async fn render_manifests(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<Vec<String>, CallRejection> {
    run_on_thread(server, received, call, |server, prepared, call| {
        let rendered = site_render::render(&prepared.fleet, &prepared.request)?;
        let documents = emit::json_lines(&rendered);
        call.edit_record(|record| {
            record.environment = rendered.environment.to_string();
            record.component = rendered.component.to_string();
            record.output = site_render::sha256(documents.concat().as_bytes());
            record.manifests = documents.len();
            record.usage = policy_usage(&rendered);
        });
        Ok(check_answer_size(documents, server.answer_bytes))
    })
    .await?
}

/// Returns the parameters that Argo CD's interface shows for a site.
pub(super) async fn announce_parameters(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<Vec<ParameterAnnouncement>, CallRejection> {
    run_on_thread(server, received, call, |_, PreparedRequest { fleet, request }, _| {
        // Errors of the site are announced as text. A pending policy is an error here, so that
        // the call waits for it.
        Ok(announce::announce(fleet, request)?.into_iter().map(to_announcement).collect())
    })
    .await
}

fn to_announcement(parameter: Announcement) -> ParameterAnnouncement {
    ParameterAnnouncement {
        name: parameter.name,
        title: parameter.title,
        tooltip: parameter.tooltip,
        required: parameter.required,
        item_type: parameter.item_type.to_owned(),
        collection_type: parameter.collection_type.to_owned(),
        string: parameter.string,
        array: parameter.array,
        map: parameter.map.into_iter().collect(),
    }
}

/// A fleet and the request to render from it.
struct PreparedRequest {
    fleet: Arc<Fleet>,
    request: Request,
}

/// Runs the work of a call as soon as a thread is free and its policies are compiled.
async fn run_on_thread<T: Send + 'static>(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
    work: fn(&Server, &PreparedRequest, &Call) -> Result<T, Problems>,
) -> Result<T, CallRejection> {
    let received = Arc::new(received);
    loop {
        call.enter_stage(CallStage::Queue);
        let turn = server.admission.acquire_render(&received.place).await?;
        call.enter_stage(CallStage::Render);
        let compiled = server.compile_queue.compiled_count();
        let (on_server, on_received, on_call) = (server.clone(), received.clone(), call.clone());
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let _inside = on_call.span.clone().entered();
            let prepared = prepare_request(&on_server, &on_received, &on_call)?;
            let done = work(&on_server, &prepared, &on_call);
            on_server.trees.update_weight(&on_received.digest, &on_received.tree);
            done
        });
        match task.await.map_err(join_error)? {
            Err(problems) if problems.is_pending() => {
                call.enter_stage(CallStage::Compile);
                server.compile_queue.wait_compiled(compiled).await;
            }
            done => return done.map_err(CallRejection::from),
        }
    }
}

/// Builds the request from a call's variables.
fn prepare_request(
    server: &Arc<Server>,
    received: &Received,
    call: &Call,
) -> Result<PreparedRequest, Problems> {
    let variable = |name: &str| received.variables.get(name).cloned();
    call.edit_record(|record| {
        record.application = truncate_word(variable("ARGOCD_APP_NAME"));
        record.revision = truncate_word(variable("ARGOCD_APP_REVISION"));
    });
    let parameters = parameters::read_parameters(received.variables.clone())?;
    let builder = parameters.builder();
    let project = &parameters.project;
    let compile_queue = &server.compile_queue;
    let open = |tree| {
        let policies = compile_queue.policies_of(project);
        builder.open_tree(Arc::new(tree), policies, server.jsonnet.clone())
    };
    let (fleet, below) =
        received.tree.open_fleet(&received.folder, compile_queue.fleet_cache_key(project), open)?;
    let request = parameters.request(&below)?;
    call.edit_record(|record| {
        record.site = truncate_word(Some(request.subject.site().to_owned()));
        record.target = request.target.name();
        fleet.lock_digest().clone_into(&mut record.lock);
    });
    Ok(PreparedRequest { fleet, request })
}

/// Returns the answer, or an error if it is too large for gRPC.
fn check_answer_size(documents: Vec<String>, limit: usize) -> Result<Vec<String>, CallRejection> {
    // In protobuf each document has a tag of one byte and a length of at most ten.
    let bytes: usize = documents.iter().map(|document| document.len() + 11).sum();
    if bytes <= limit {
        return Ok(documents);
    }
    let message =
        format!("the manifests have {bytes} bytes, and the limit of an answer is {limit}");
    let finding = codes::EMIT_TOO_LARGE.finding(message);
    let hint = "raise ARGOCD_GRPC_MAX_SIZE_MB in the plugin's container and in the repo-server";
    Err(CallRejection::new(RejectKind::Busy, finding.hint(hint)))
}

/// Returns the cost of a render's policies: the sum of their fuel and time, and the largest
/// memory.
fn policy_usage(rendered: &Rendered) -> Usage {
    let Outcome::Open(trace) = &rendered.outcome else {
        return Usage::default();
    };
    trace.answers.iter().fold(Usage::default(), |sum, answer| Usage {
        fuel: sum.fuel + answer.usage.fuel,
        memory: sum.memory.max(answer.usage.memory),
        time: sum.time + answer.usage.time,
    })
}

/// Converts the error of a render's thread.
fn join_error(error: tokio::task::JoinError) -> CallRejection {
    match error.try_into_panic() {
        Ok(panic) => CallRejection::program_bug(panic_message(&*panic)),
        Err(_cancelled) => CallRejection::program_bug("its thread was cancelled"),
    }
}

/// Returns the message of a panic.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

/// Cuts a caller's text to the length of the log.
fn truncate_word(value: Option<String>) -> String {
    value.unwrap_or_default().chars().take(WORD).collect()
}

#[cfg(test)]
mod tests;
