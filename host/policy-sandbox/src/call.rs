//! One call of a policy: a store, an instance, the limits, one function; then all is dropped.
//!
//! No instance is called twice. A second call would see the memory of the first, and after a trap
//! that memory is unreliable.

use std::time::{Duration, Instant};

use site_render::policy::{
    Description, DocumentName, Documents, Evaluation, Failure, PolicyRequest, Role, Scope, Usage,
};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

use crate::bindings::{Policy as Instance, PolicyPre, documents, types as wit};
use crate::codes;
use crate::decode::Decoder;
use crate::documents::{CallState, document_handle};
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::slots::Slots;
use crate::trap;
use crate::watchdog::Watchdog;

/// State that exists once per process.
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    linker: Linker<CallState>,
    slots: Slots,
    watchdog: Watchdog,
}

/// A linked policy and its description; exists once per policy.
pub(crate) struct PreparedPolicy {
    instance: PolicyPre<CallState>,
    pub(crate) description: Description,
}

/// The value that a call returned, the state of its store (with the recorded reads), and its
/// resource usage.
struct CallResult<T> {
    value: T,
    state: CallState,
    usage: Usage,
}

impl Runtime {
    pub(crate) fn new(engine: Engine, limits: Limits) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        documents::add_to_linker::<CallState, HasSelf<CallState>>(&mut linker, |state| state)?;
        Ok(Self {
            slots: Slots::new(limits.concurrent_calls),
            watchdog: Watchdog::new(&engine, limits.milliseconds),
            linker,
            engine,
            limits,
        })
    }

    /// Links a component and calls its `describe`.
    pub(crate) fn prepare(
        &self,
        name: &str,
        component: &Component,
    ) -> Result<PreparedPolicy, RejectError> {
        let instance = self
            .linker
            .instantiate_pre(component)
            .and_then(PolicyPre::new)
            .map_err(|e| trap::link_error(&e, &self.limits))?;
        let state = CallState::new(&self.limits, None, false);
        let result = self.call(&instance, state, |policy, store| {
            policy.site_cmp_policy_evaluation().call_describe(store)
        })?;
        Ok(PreparedPolicy {
            description: self.decoder(name).decode_description(result.value)?,
            instance,
        })
    }

    /// Calls a policy, and returns its plan or its typed failure. An error of the sandbox, or a
    /// plan that the host rejects, is the outer error.
    pub(crate) fn evaluate(
        &self,
        name: &str,
        ready: &PreparedPolicy,
        request: &PolicyRequest,
    ) -> Result<Result<Evaluation, Failure>, RejectError> {
        let state = self.call_state(&request.documents, request.record_reads);
        let function = to_wit_request(request);
        let result = self.call(&ready.instance, state, |policy, store| {
            policy.site_cmp_policy_evaluation().call_evaluate(store, &function)
        })?;
        let decoder = self.decoder(name);
        let plan = match result.value {
            Ok(plan) => plan,
            Err(failure) => return decoder.decode_failure(failure).map(Err),
        };
        let only_findings =
            plan.edits.is_empty() && plan.manifests.is_empty() && plan.config.is_none();
        if ready.description.role == Role::Check && !only_findings {
            return Err(RejectError::input(
                &codes::POLICY_ROLE,
                "it has role check but returned more than findings",
            )
            .hint("only a transform may change values"));
        }
        Ok(Ok(Evaluation {
            plan: decoder.decode_plan(plan)?,
            reads: result.state.into_reads(),
            usage: result.usage,
        }))
    }

    /// Calls one function of a policy in a new instance, with all limits applied. It waits for a
    /// free slot first.
    fn call<T>(
        &self,
        policy: &PolicyPre<CallState>,
        state: CallState,
        function: impl FnOnce(&Instance, &mut Store<CallState>) -> wasmtime::Result<T>,
    ) -> Result<CallResult<T>, RejectError> {
        let _slot = self.slots.acquire();
        let _watched = self.watchdog.watch_call()?;
        let started = Instant::now();
        let mut store = Store::new(&self.engine, state);
        let value = self
            .apply_limits(&mut store)
            .and_then(|()| policy.instantiate(&mut store))
            .and_then(|instance| function(&instance, &mut store))
            .map_err(|e| trap::call_error(&e, &self.limits))?;
        let left = store.get_fuel().unwrap_or_default();
        let state = store.into_data();
        Ok(CallResult { value, usage: self.measure_usage(left, &state, started.elapsed()), state })
    }

    fn apply_limits(&self, store: &mut Store<CallState>) -> wasmtime::Result<()> {
        store.limiter(|state| state);
        store.set_epoch_deadline(self.watchdog.deadline_ticks());
        store.set_hostcall_fuel(usize::try_from(self.limits.plan_bytes).unwrap_or(usize::MAX));
        store.set_fuel(self.limits.fuel)
    }

    fn measure_usage(&self, fuel_left: u64, state: &CallState, time: Duration) -> Usage {
        Usage { fuel: self.limits.fuel.saturating_sub(fuel_left), memory: state.memory(), time }
    }

    fn call_state(&self, documents: &Documents, record: bool) -> CallState {
        CallState::new(&self.limits, Some(documents.clone()), record)
    }

    fn decoder<'a>(&'a self, policy: &'a str) -> Decoder<'a> {
        Decoder { policy, limits: &self.limits }
    }
}

fn to_wit_request(request: &PolicyRequest) -> wit::Request {
    wit::Request {
        scope: match request.scope {
            Scope::Site => wit::Scope::Site,
            Scope::Global => wit::Scope::Global,
        },
        site: request.site.to_string(),
        environment: request.environment.to_string(),
        profile: document_handle(DocumentName::Profile),
        values: document_handle(DocumentName::Values),
        settings: document_handle(DocumentName::Settings),
        fleet: document_handle(DocumentName::Fleet),
        cluster: document_handle(DocumentName::Cluster),
    }
}
