//! A policy with nothing in its way.

use site_render::json;
use site_render::policy::{DocumentName, Documents, PolicyRequest};
use site_render::value::{Kind, Node};
use wasmtime::component::{Component, HasSelf, Linker, Resource};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result, Store,
};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../plugin/wit/v1",
        world: "policy",
        with: { "site-cmp:policy/documents.document": super::Handle },
    });
}

use bindings::PolicyPre;
use bindings::site_cmp::policy::{documents, types};

/// The name of a document is all that a handle holds.
#[expect(unreachable_pub, reason = "the generated code hands it on")]
pub struct Handle;

struct State(Documents);

/// A linked policy on an engine that limits nothing.
pub(crate) struct Bare {
    engine: Engine,
    policy: PolicyPre<State>,
}

impl Bare {
    pub(crate) fn new(artifact: &[u8]) -> Self {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_memories(4).linear_memory_keep_resident(4 << 20).pagemap_scan(Enabled::Auto);
        let mut config = Config::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config).expect("an engine");
        let component = Component::new(&engine, artifact).expect("a component");
        let mut linker = Linker::new(&engine);
        documents::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)
            .expect("a linker");
        let policy = linker.instantiate_pre(&component).and_then(PolicyPre::new).expect("a policy");
        Self { engine, policy }
    }

    /// The plan as the bindings give it, unchecked.
    pub(crate) fn evaluate(&self, request: &PolicyRequest) -> types::Plan {
        let mut store = Store::new(&self.engine, State(request.documents.clone()));
        let instance = self.policy.instantiate(&mut store).expect("an instance");
        let question = types::Request {
            scope: types::Scope::Site,
            site: request.site.to_string(),
            environment: request.environment.to_string(),
            profile: handle(DocumentName::Profile),
            values: handle(DocumentName::Values),
            settings: handle(DocumentName::Settings),
            fleet: handle(DocumentName::Fleet),
            cluster: handle(DocumentName::Cluster),
        };
        instance
            .site_cmp_policy_evaluation()
            .call_evaluate(&mut store, &question)
            .expect("a call")
            .expect("a plan")
    }
}

const NAMES: [DocumentName; 5] = [
    DocumentName::Profile,
    DocumentName::Values,
    DocumentName::Settings,
    DocumentName::Fleet,
    DocumentName::Cluster,
];

fn handle(name: DocumentName) -> Resource<Handle> {
    let at = NAMES.iter().position(|known| *known == name).expect("a document");
    Resource::new_own(u32::try_from(at).expect("five documents"))
}

impl State {
    fn at(&self, handle: &Resource<Handle>, path: &str) -> Option<&Node> {
        self.0.named(NAMES[handle.rep() as usize]).pointer(path)
    }
}

impl documents::Host for State {}

impl documents::HostDocument for State {
    fn get(&mut self, handle: Resource<Handle>, path: String) -> Option<String> {
        self.at(&handle, &path).map(|node| json::to_string(&node.value))
    }

    fn text(&mut self, handle: Resource<Handle>, path: String) -> Option<String> {
        self.at(&handle, &path)?.scalar().map(str::to_owned)
    }

    fn keys(&mut self, handle: Resource<Handle>, path: String) -> Vec<String> {
        self.at(&handle, &path)
            .map(|node| node.keys().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    fn size(&mut self, handle: Resource<Handle>, path: String) -> u32 {
        self.at(&handle, &path).map_or(0, |node| u32::try_from(node.len()).unwrap_or(u32::MAX))
    }

    fn kind(&mut self, handle: Resource<Handle>, path: String) -> documents::Kind {
        match self.at(&handle, &path).map(|node| node.value.kind()) {
            None => documents::Kind::Missing,
            Some(Kind::Null) => documents::Kind::Null,
            Some(Kind::Boolean) => documents::Kind::Boolean,
            Some(Kind::Number) => documents::Kind::Number,
            Some(Kind::Text) => documents::Kind::Text,
            Some(Kind::Sequence) => documents::Kind::Sequence,
            Some(Kind::Mapping) => documents::Kind::Mapping,
        }
    }

    fn drop(&mut self, _: Resource<Handle>) -> Result<()> {
        Ok(())
    }
}
