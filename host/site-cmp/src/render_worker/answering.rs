//! Answers orders: builds the request from a call's variables, and renders it as the other front
//! doors do.

use std::any::Any;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jsonnet_worker::codes::JSONNET_LIMIT;
use policy_sandbox::codes::POLICY_ENGINE;
use policy_sandbox::{CompileError, Sandbox};
use prost::Message as _;
use site_render::announce::{self, Announcement};
use site_render::charts::Charts;
use site_render::deploy_rules::DeployRules;
use site_render::disclosure::clip_text;
use site_render::emit;
use site_render::finding::{Problems, Stage};
use site_render::fleet::Fleet;
use site_render::jsonnet::Jsonnet;
use site_render::known_files::KnownFiles;
use site_render::policy::Policies;
use site_render::progress::Progress as _;
use site_render::rendered::{self, Rendered};
use site_render::request::{Choice, Request};
use worker_process::{MemoryFile, Message};

use super::fleets::Fleets;
use super::known_answers::{AnswerKey, KnownAnswers};
use super::progress::ProgressFile;
use super::protocol::{
    Answer, Facts, NoCode, Order, Outcome, Product, Start, decode, kind, split_room,
};
use super::send;
use crate::archive::FleetTree;
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;
use crate::helm::ChosenBy;
use crate::operator::{Operator, ProjectPolicies};
use crate::parameters::{self, Parameters};
use crate::proto::plugin::ParametersAnnouncementResponse;
use crate::proto::repository::ParameterAnnouncement;

/// The longest text of a repo or a caller in the log, in characters.
const WORD: usize = 200;

/// The most artifacts that are named before an answer.
const WANTED: usize = 32;

/// The bytes of files of earlier revisions that a worker keeps.
const KNOWN_BYTES: u64 = 6 << 20;

/// The state of a worker.
pub(super) struct Renderer {
    start: Start,
    sandbox: Arc<Sandbox>,
    charts: Arc<dyn Charts>,
    jsonnet: Arc<dyn Jsonnet>,
    rules: DeployRules,
    fleets: Fleets,
    answers: KnownAnswers,
    known: KnownFiles,
    progress: Arc<ProgressFile>,
}

/// A fleet and the request to render from it.
struct PreparedRequest {
    fleet: Arc<Fleet>,
    request: Request,
}

impl Renderer {
    /// Sets up the sandbox with the operator's limits.
    pub(super) fn start(message: Message) -> io::Result<Self> {
        let start: Start = decode(&message.bytes)?;
        let progress = message.file.ok_or(io::ErrorKind::InvalidData)?;
        let operator = Operator::for_worker(start.limits.as_ref());
        // The server has read the same limits.
        let operator = operator.map_err(|error| io::Error::other(format!("{error:?}")))?;
        let sandbox = Sandbox::for_worker(operator.limits.clone())
            .map_err(|finding| io::Error::other(finding.message))?;
        let jsonnet = operator.jsonnet().map_err(|error| io::Error::other(format!("{error:?}")))?;
        let (helm, variables) = (start.helm.clone().map(Into::into), start.helm_variables.clone());
        let charts = operator.charts_with(helm, ChosenBy::Repository, variables);
        let charts = charts.map_err(|error| io::Error::other(format!("{error:?}")))?;
        let progress = Arc::new(ProgressFile(MemoryFile::received(progress)));
        let (sandbox, fleets) = (Arc::new(sandbox), Fleets::default());
        let (answers, known) = (KnownAnswers::default(), KnownFiles::with_room(KNOWN_BYTES));
        let rules = operator.deploy;
        Ok(Self { start, sandbox, charts, jsonnet, rules, fleets, answers, known, progress })
    }

    /// Adds compiled code.
    pub(super) fn add_code(&self, message: Message) -> io::Result<()> {
        let file = MemoryFile::received(message.file.ok_or(io::ErrorKind::InvalidData)?);
        let mut code = vec![0; usize::try_from(file.size()?).map_err(io::Error::other)?];
        // Other workers have the same open file, so its position is not used.
        file.read_at(&mut code, 0)?;
        self.sandbox.add_code(decode(&message.bytes)?, Ok(code));
        Ok(())
    }

    /// Adds the reason why an artifact has no code.
    pub(super) fn add_compile_error(&self, bytes: &[u8]) -> io::Result<()> {
        let NoCode { sha256, error } = decode(bytes)?;
        let error = CompileError::from_message(&error).ok_or(io::ErrorKind::InvalidData)?;
        self.sandbox.add_code(sha256, Err(error));
        Ok(())
    }

    /// Answers an order. A panic is its answer and ends nothing else.
    pub(super) fn answer(&mut self, message: Message, socket: &UnixStream) -> io::Result<()> {
        let (room, order) = split_room(&message.bytes)?;
        let order_bytes = order.len();
        let order: Order = decode(order)?;
        let archive = message.file.ok_or(io::ErrorKind::InvalidData)?;
        self.progress.begin_stage(Stage::Sources);
        let mut facts = Facts::default();
        let run = || self.known_or_rendered(order, order_bytes, archive, &mut facts);
        let done = catch_unwind(AssertUnwindSafe(run));
        self.fleets.trim();
        let outcome = match done {
            Ok(Ok(answer)) => return send(socket, kind::ANSWER, &*answer),
            Ok(Err(problems)) if problems.is_pending() => self.send_wanted(room, socket)?,
            Ok(Err(problems)) => Outcome::Rejected(problems.into()),
            Err(panic) => Outcome::Rejected(CallRejection::program_bug(panic_message(&*panic))),
        };
        if let Outcome::Rejected(rejection) = &outcome {
            match rejection.error_code() {
                // Its memory is used up by earlier renders: it ends as if an allocation had failed,
                // and another worker takes the order.
                code if code == POLICY_ENGINE.name => {
                    return Err(io::Error::other("memory allocation of a policy failed"));
                }
                // The fleet caches the error, but the next evaluation may not exceed its time.
                code if code == JSONNET_LIMIT.name => self.fleets.forget_first(),
                _ => {}
            }
        }
        send(socket, kind::ANSWER, &Answer { facts, outcome })
    }

    /// Returns the kept answer, or renders one and keeps it. Before an error it fills the facts.
    fn known_or_rendered(
        &mut self,
        order: Order,
        order_bytes: usize,
        archive: OwnedFd,
        facts: &mut Facts,
    ) -> Result<Arc<Answer>, Problems> {
        let parameters = parameters::read_parameters(order.variables)?;
        let archive = self.fleets.open_archive(order.digest, archive)?;
        let (tree, below) = archive.find_fleet(&order.folder)?;
        let (id, root) = (archive.id, tree.root().to_owned());
        let key = AnswerKey { root, below, parameters };
        if order.product == Product::Manifests
            && let Some(answer) = self.answers.find(&key, id, &tree, &self.known)
        {
            return Ok(answer);
        }
        let prepared = self.prepare(tree, &key, facts)?;
        let PreparedRequest { fleet, request } = &prepared;
        let render = || self.render(order.product, fleet, request, facts);
        let (outcome, files) = fleet.recorded(render);
        let answer = Arc::new(Answer { outcome: outcome?, facts: std::mem::take(facts) });
        self.answers.keep(key, order_bytes, id, &answer, &files);
        Ok(answer)
    }

    fn render(
        &self,
        product: Product,
        fleet: &Fleet,
        request: &Request,
        facts: &mut Facts,
    ) -> Result<Outcome, Problems> {
        match product {
            Product::Manifests => {
                let rendered = site_render::render(fleet, request)?;
                let documents = emit::json_lines(&rendered);
                note_result(facts, &rendered, &documents);
                Ok(check_answer_size(documents, self.start.answer_bytes))
            }
            Product::Parameters => {
                // Errors of the site are announced as text. A pending policy is an error here, so
                // that the call waits for it.
                let all = announce::announce(fleet, request)?.into_iter().map(to_announcement);
                let response =
                    ParametersAnnouncementResponse { parameter_announcements: all.collect() };
                Ok(Outcome::Parameters(response.encode_to_vec()))
            }
        }
    }

    /// Opens the fleet of a call in the newest archive, and builds the request from the call's
    /// variables.
    fn prepare(
        &mut self,
        tree: FleetTree,
        key: &AnswerKey,
        facts: &mut Facts,
    ) -> Result<PreparedRequest, Problems> {
        let parameters = &key.parameters;
        let mut builder = parameters.builder(&key.below);
        builder.progress = self.progress.clone();
        builder.known = self.known.clone();
        let charts = self.charts.clone();
        let limits = self.sandbox.limits();
        let project = if limits.projects.is_some() { parameters.project.as_str() } else { "" };
        let policies = self.policies_of(parameters);
        let open = || {
            builder.open_tree(Arc::new(tree), policies, self.jsonnet.clone(), charts, &self.rules)
        };
        let fleet = self.fleets.open_fleet(&key.root, project, open)?;
        let request = builder.build(parameters.subject(&key.below)?)?;
        facts.site = truncate_word(request.subject.site());
        request.target.name().clone_into(&mut facts.target);
        fleet.lock_digest().clone_into(&mut facts.lock);
        Ok(PreparedRequest { fleet, request })
    }

    fn policies_of(&self, parameters: &Parameters) -> Arc<dyn Policies> {
        let limits = self.sandbox.limits();
        Arc::new(ProjectPolicies::new(self.sandbox.clone(), limits, &parameters.project))
    }

    /// Names artifacts whose code is missing, and sends as many of them as the server has room for,
    /// in bytes. The others follow when the order comes again.
    fn send_wanted(&self, mut room: u64, socket: &UnixStream) -> io::Result<Outcome> {
        for mut wanted in self.sandbox.take_wanted().into_iter().take(WANTED) {
            match room.checked_sub(wanted.size) {
                Some(rest) => room = rest,
                None => wanted.artifact = None,
            }
            send(socket, kind::WANTED, &wanted)?;
        }
        Ok(Outcome::Pending)
    }
}

fn note_result(facts: &mut Facts, rendered: &Rendered, documents: &[String]) {
    rendered.environment.as_ref().clone_into(&mut facts.environment);
    rendered.component.as_ref().clone_into(&mut facts.component);
    facts.output = site_render::sha256(documents.concat().as_bytes());
    if let rendered::Outcome::Open(trace) = &rendered.outcome {
        facts.fuel = trace.answers.iter().map(|answer| answer.usage.fuel).sum();
        facts.memory = trace.answers.iter().map(|answer| answer.usage.memory).max().unwrap_or(0);
    }
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

/// Returns the answer, or an error if it is too large for gRPC.
fn check_answer_size(documents: Vec<String>, limit: usize) -> Outcome {
    // In protobuf each document has a tag of one byte and a length of at most ten.
    let bytes: usize = documents.iter().map(|document| document.len() + 11).sum();
    if bytes <= limit {
        return Outcome::Manifests(documents);
    }
    let message =
        format!("the manifests have {bytes} bytes, and the limit of an answer is {limit}");
    let finding = codes::EMIT_TOO_LARGE.finding(message);
    let hint = "raise ARGOCD_GRPC_MAX_SIZE_MB in the plugin's container and in the repo-server";
    Outcome::Rejected(CallRejection::new(RejectKind::Busy, finding.hint(hint)))
}

/// Returns the message of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

/// Shortens a text for the log, without its secrets.
pub(crate) fn truncate_word(text: &str) -> String {
    clip_text(text, WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_the_log_has_a_part_of_a_secret() {
        for length in 100..WORD {
            let text = format!("{}/https://user:{}@h", "x".repeat(length), "a1B2".repeat(9));
            assert!(!truncate_word(&text).contains("a1"), "{length}");
        }
    }

    #[test]
    fn an_answer_that_grpc_would_not_carry_names_the_variable() {
        let Outcome::Rejected(rejected) = check_answer_size(vec!["{}".repeat(100)], 100) else {
            panic!("it is too large")
        };
        assert_eq!(rejected.error_code(), "emit/too-large");
        let status = tonic::Status::from(rejected);
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        assert!(status.message().contains("ARGOCD_GRPC_MAX_SIZE_MB"), "{}", status.message());
        assert!(!status.message().contains("limits file"), "{}", status.message());
        assert!(matches!(check_answer_size(vec!["{}".to_owned()], 100), Outcome::Manifests(_)));
    }
}
