//! One call: a store, an instance, the limits, one question; then all of it is dropped.
//!
//! No instance is ever asked twice. A second question would see the memory of the first,
//! and after a trap nothing in it can be relied on.

use std::time::{Duration, Instant};

use site_render::policy::{
    Description, DocumentName, Documents, Evaluation, Failure, PolicyRequest, Role, Scope, Usage,
};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

use crate::bindings::{Policy as Instance, PolicyPre, documents, types as wit};
use crate::codes;
use crate::documents::{CallState, handle};
use crate::lift::Lift;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::slots::Slots;
use crate::trap;
use crate::watchdog::Watchdog;

/// What there is once per process.
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    linker: Linker<CallState>,
    slots: Slots,
    watchdog: Watchdog,
}

/// What there is once per policy.
pub(crate) struct Ready {
    instance: PolicyPre<CallState>,
    pub(crate) description: Description,
}

/// An answer and what it took.
struct Answer<T> {
    given: T,
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

    /// Links the component and asks it what it is.
    pub(crate) fn prepare(&self, name: &str, component: &Component) -> Result<Ready, Refusal> {
        let instance = self
            .linker
            .instantiate_pre(component)
            .and_then(PolicyPre::new)
            .map_err(|e| trap::misfit(&e, &self.limits))?;
        let state = CallState::new(&self.limits, None, false);
        let answer = self.ask(&instance, state, |policy, store| {
            policy.site_cmp_policy_evaluation().call_describe(store)
        })?;
        Ok(Ready { description: self.lift(name).description(answer.given)?, instance })
    }

    /// Asks for a plan.
    pub(crate) fn evaluate(
        &self,
        name: &str,
        ready: &Ready,
        request: &PolicyRequest,
    ) -> Result<Result<Evaluation, Failure>, Refusal> {
        let state = self.state(&request.documents, request.record_reads);
        let question = question(request);
        let answer = self.ask(&ready.instance, state, |policy, store| {
            policy.site_cmp_policy_evaluation().call_evaluate(store, &question)
        })?;
        let lift = self.lift(name);
        let plan = match answer.given {
            Ok(plan) => plan,
            Err(failure) => return lift.failure(failure).map(Err),
        };
        let only_findings =
            plan.edits.is_empty() && plan.manifests.is_empty() && plan.config.is_none();
        if ready.description.role == Role::Check && !only_findings {
            return Err(Refusal::input(
                &codes::POLICY_ROLE,
                "it is a check and returned more than findings",
            )
            .hint("what changes values has to be a transform"));
        }
        Ok(Ok(Evaluation {
            plan: lift.plan(plan)?,
            reads: answer.state.into_reads(),
            usage: answer.usage,
        }))
    }

    fn ask<T>(
        &self,
        policy: &PolicyPre<CallState>,
        state: CallState,
        question: impl FnOnce(&Instance, &mut Store<CallState>) -> wasmtime::Result<T>,
    ) -> Result<Answer<T>, Refusal> {
        let _slot = self.slots.take();
        let _watched = self.watchdog.watch()?;
        let started = Instant::now();
        let mut store = Store::new(&self.engine, state);
        let given = self
            .limit(&mut store)
            .and_then(|()| policy.instantiate(&mut store))
            .and_then(|instance| question(&instance, &mut store))
            .map_err(|e| trap::refusal(&e, &self.limits))?;
        let left = store.get_fuel().unwrap_or_default();
        let state = store.into_data();
        Ok(Answer { given, usage: self.usage(left, &state, started.elapsed()), state })
    }

    fn limit(&self, store: &mut Store<CallState>) -> wasmtime::Result<()> {
        store.limiter(|state| state);
        store.set_epoch_deadline(self.watchdog.ticks());
        store.set_hostcall_fuel(usize::try_from(self.limits.plan_bytes).unwrap_or(usize::MAX));
        store.set_fuel(self.limits.fuel)
    }

    fn usage(&self, fuel_left: u64, state: &CallState, time: Duration) -> Usage {
        Usage { fuel: self.limits.fuel.saturating_sub(fuel_left), memory: state.memory(), time }
    }

    fn state(&self, documents: &Documents, record: bool) -> CallState {
        CallState::new(&self.limits, Some(documents.clone()), record)
    }

    fn lift<'a>(&'a self, policy: &'a str) -> Lift<'a> {
        Lift { policy, limits: &self.limits }
    }
}

fn question(request: &PolicyRequest) -> wit::Request {
    wit::Request {
        scope: match request.scope {
            Scope::Site => wit::Scope::Site,
            Scope::Global => wit::Scope::Global,
        },
        site: request.site.to_string(),
        environment: request.environment.to_string(),
        profile: handle(DocumentName::Profile),
        values: handle(DocumentName::Values),
        settings: handle(DocumentName::Settings),
        fleet: handle(DocumentName::Fleet),
        cluster: handle(DocumentName::Cluster),
    }
}
