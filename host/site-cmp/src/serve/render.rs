//! From what a call sent to its answer: the site's request, and the one `render()`.
//!
//! Rendering stands on threads that may wait, as many as the operator allows. A call whose
//! policy is not compiled yet gives its thread back and waits beside.

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
use super::deadline::Step;
use super::policies;
use super::proto::repository::ParameterAnnouncement;
use super::receive::Received;
use super::refusal::Refused;
use super::service::Server;
use crate::codes;
use crate::parameters;

/// The longest word of a caller that gets into the log, in characters.
const WORD: usize = 200;

/// The documents of a call's site, a line of JSON each.
pub(super) async fn manifests(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<Vec<String>, Refused> {
    on_a_thread(server, received, call, |server, asked, call| {
        let rendered = site_render::render(&asked.fleet, &asked.request)?;
        let documents = emit::json_lines(&rendered);
        call.record(|record| {
            record.environment = rendered.environment.to_string();
            record.component = rendered.component.to_string();
            record.output = site_render::sha256(documents.concat().as_bytes());
            record.manifests = documents.len();
            record.usage = usage(&rendered);
        });
        Ok(fits(documents, server.answer_bytes))
    })
    .await?
}

/// What Argo CD's interface shows of a site's parameters.
pub(super) async fn announcements(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
) -> Result<Vec<ParameterAnnouncement>, Refused> {
    on_a_thread(server, received, call, |_, Asked { fleet, request }, _| {
        // What is wrong with the site is announced; that a policy is not ready is waited for.
        Ok(announce::announce(fleet, request)?.into_iter().map(announcement).collect())
    })
    .await
}

fn announcement(told: Announcement) -> ParameterAnnouncement {
    ParameterAnnouncement {
        name: told.name,
        title: told.title,
        tooltip: told.tooltip,
        required: told.required,
        item_type: told.item_type.to_owned(),
        collection_type: told.collection_type.to_owned(),
        string: told.string,
        array: told.array,
        map: told.map.into_iter().collect(),
    }
}

/// A fleet, and what was asked of it.
struct Asked {
    fleet: Arc<Fleet>,
    request: Request,
}

/// Does the work of a call as soon as there is a thread for it and its policies are ready.
async fn on_a_thread<T: Send + 'static>(
    server: &Arc<Server>,
    received: Received,
    call: &Arc<Call>,
    work: fn(&Server, &Asked, &Call) -> Result<T, Problems>,
) -> Result<T, Refused> {
    let received = Arc::new(received);
    loop {
        call.enter(Step::Queue);
        let turn = server.admission.render().await?;
        call.enter(Step::Render);
        let compiled = server.arrivals.count();
        let (on_server, on_received, on_call) = (server.clone(), received.clone(), call.clone());
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let _inside = on_call.span.clone().entered();
            let asked = asked(&on_server, &on_received, &on_call)?;
            let done = work(&on_server, &asked, &on_call);
            on_server.trees.weigh(&on_received.digest, &on_received.tree);
            done
        });
        match task.await.map_err(panicked)? {
            Err(problems) if policies::is_waiting(&problems) => {
                call.enter(Step::Compile);
                server.arrivals.next(compiled).await;
            }
            done => return done.map_err(Refused::from),
        }
    }
}

/// The request that a call's variables stand for.
fn asked(server: &Arc<Server>, received: &Received, call: &Call) -> Result<Asked, Problems> {
    let variable = |name: &str| received.variables.get(name).cloned();
    call.record(|record| {
        record.application = word(variable("ARGOCD_APP_NAME"));
        record.revision = word(variable("ARGOCD_APP_REVISION"));
    });
    let parameters = parameters::read_parameters(received.variables.clone())?;
    let project = &parameters.project;
    let arrivals = &server.arrivals;
    let builder = parameters.builder();
    let open = |tree| {
        let policies = arrivals.of_project(project);
        builder.open_tree(Arc::new(tree), policies, server.jsonnet.clone())
    };
    let (fleet, below) = received.tree.fleet(&received.folder, arrivals.kept_for(project), open)?;
    let request = parameters.request(&below)?;
    call.record(|record| {
        record.site = word(Some(request.subject.site().to_owned()));
        record.target = request.target.name();
        fleet.lock_digest().clone_into(&mut record.lock);
    });
    Ok(Asked { fleet, request })
}

/// The answer, unless gRPC would refuse to carry it.
fn fits(documents: Vec<String>, limit: usize) -> Result<Vec<String>, Refused> {
    // Each has a tag and a length of at most ten bytes.
    let bytes: usize = documents.iter().map(|document| document.len() + 11).sum();
    if bytes <= limit {
        return Ok(documents);
    }
    let message = format!("the manifests have {bytes} bytes, and an answer may have {limit}");
    Err(Refused::over(&codes::EMIT_TOO_LARGE, message, "ARGOCD_GRPC_MAX_SIZE_MB"))
}

/// What the policies of a render took: all their fuel, the memory of the dearest.
fn usage(rendered: &Rendered) -> Usage {
    let Outcome::Open(trace) = &rendered.outcome else {
        return Usage::default();
    };
    trace.answers.iter().fold(Usage::default(), |sum, answer| Usage {
        fuel: sum.fuel + answer.usage.fuel,
        memory: sum.memory.max(answer.usage.memory),
        time: sum.time + answer.usage.time,
    })
}

fn panicked(error: tokio::task::JoinError) -> Refused {
    match error.try_into_panic() {
        Ok(panic) => Refused::bug(last_words(&*panic)),
        Err(_cancelled) => Refused::bug("its thread has gone"),
    }
}

/// What a panic said.
pub(super) fn last_words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave up")
}

fn word(value: Option<String>) -> String {
    value.unwrap_or_default().chars().take(WORD).collect()
}

#[cfg(test)]
mod tests;
