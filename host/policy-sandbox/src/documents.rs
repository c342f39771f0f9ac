//! The host functions of a call: a policy reads its documents, within its limits.
//!
//! A handle is only the number of a document. wasmtime has a table of handles for each instance, so
//! a policy cannot use one that it did not receive. The request owns every document, so dropping a
//! handle does nothing.

use site_render::json;
use site_render::policy::{DocumentName, Documents, Read};
use site_render::value::{self, Node, Value};
use wasmtime::ResourceLimiter;
use wasmtime::component::Resource;

use crate::bindings::documents::{Host, HostDocument, Kind};
use crate::bindings::types;
use crate::limits::Limits;
use crate::trap::LimitHit;

/// The contract's `document`; has no values, because its handles are numbers.
#[expect(unreachable_pub, reason = "generated code re-exports it with `pub use`")]
pub enum Document {}

/// All names, in the order of their handles' numbers.
const NAMES: [DocumentName; 5] = [
    DocumentName::Profile,
    DocumentName::Values,
    DocumentName::Settings,
    DocumentName::Fleet,
    DocumentName::Cluster,
];

/// Returns a handle for the request.
pub(crate) fn document_handle(name: DocumentName) -> Resource<Document> {
    Resource::new_own(name as u32)
}

/// The state of one call.
pub(crate) struct CallState {
    documents: Option<Documents>,
    recorded: Option<Vec<Read>>,
    reads_left: u64,
    bytes_left: u64,
    memory: u64,
    memory_limit: u64,
    table_limit: u64,
    instance_limit: usize,
}

impl CallState {
    /// The state of a call that may read these documents, or none.
    pub(crate) fn new(limits: &Limits, documents: Option<Documents>, record: bool) -> Self {
        Self {
            documents,
            recorded: record.then(Vec::new),
            reads_left: limits.reads,
            bytes_left: limits.read_bytes,
            memory: 0,
            memory_limit: limits.memory_bytes,
            table_limit: limits.table_elements,
            instance_limit: limits.core_instances as usize,
        }
    }

    /// Peak linear memory so far, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.memory
    }

    /// The recorded reads, in order.
    pub(crate) fn into_reads(self) -> Vec<Read> {
        self.recorded.unwrap_or_default()
    }

    /// Counts a read and returns the node at the path.
    fn read(
        &mut self,
        document: &Resource<Document>,
        path: String,
    ) -> wasmtime::Result<Option<&Node>> {
        self.reads_left = self.reads_left.checked_sub(1).ok_or(LimitHit::Reads)?;
        self.spend(path.len())?;
        let name = NAMES[document.rep() as usize % NAMES.len()];
        let found = match &self.documents {
            Some(documents) => documents.named(name).pointer(&path),
            None => None,
        };
        if let Some(recorded) = &mut self.recorded {
            recorded.push(Read { document: name, path });
        }
        Ok(found)
    }

    /// Returns how many bytes are left for the result of a read of this path.
    fn room_after(&self, path: &str) -> wasmtime::Result<u64> {
        Ok(self.bytes_left.checked_sub(path.len() as u64).ok_or(LimitHit::ReadBytes)?)
    }

    fn spend(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.bytes_left = self.bytes_left.checked_sub(bytes as u64).ok_or(LimitHit::ReadBytes)?;
        Ok(())
    }

    fn answer(&mut self, text: Option<String>) -> wasmtime::Result<Option<String>> {
        self.spend(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }
}

impl types::Host for CallState {}

impl Host for CallState {}

impl HostDocument for CallState {
    fn get(&mut self, this: Resource<Document>, path: String) -> wasmtime::Result<Option<String>> {
        // A document may be much larger than its file, where aliases share values.
        let room = usize::try_from(self.room_after(&path)?).unwrap_or(usize::MAX);
        let text = match self.read(&this, path)? {
            Some(node) => {
                Some(json::to_string_within(&node.value, room).ok_or(LimitHit::ReadBytes)?)
            }
            None => None,
        };
        self.answer(text)
    }

    fn text(&mut self, this: Resource<Document>, path: String) -> wasmtime::Result<Option<String>> {
        let text = match self.read(&this, path)?.map(|node| &node.value) {
            Some(Value::Text(text) | Value::Number(text)) => Some(text.to_string()),
            Some(Value::Bool(value)) => Some(value.to_string()),
            _ => None,
        };
        self.answer(text)
    }

    fn keys(&mut self, this: Resource<Document>, path: String) -> wasmtime::Result<Vec<String>> {
        let room = self.room_after(&path)?;
        let mapping = self.read(&this, path)?.and_then(Node::as_mapping);
        // An empty key costs its place in the list.
        let bytes = mapping.into_iter().flat_map(|mapping| mapping.keys());
        let bytes: usize = bytes.map(|key| key.len() + size_of::<String>()).sum();
        if bytes as u64 > room {
            return Err(LimitHit::ReadBytes.into());
        }
        let keys = mapping.into_iter().flat_map(|mapping| mapping.keys());
        let keys = keys.map(ToString::to_string).collect();
        self.spend(bytes)?;
        Ok(keys)
    }

    fn size(&mut self, this: Resource<Document>, path: String) -> wasmtime::Result<u32> {
        let size = match self.read(&this, path)?.map(|node| &node.value) {
            Some(Value::Sequence(items)) => items.len(),
            Some(Value::Mapping(mapping)) => mapping.len(),
            _ => 0,
        };
        Ok(u32::try_from(size).unwrap_or(u32::MAX))
    }

    fn kind(&mut self, this: Resource<Document>, path: String) -> wasmtime::Result<Kind> {
        let found = self.read(&this, path)?;
        Ok(match found.map(|node| node.value.kind()) {
            None => Kind::Missing,
            Some(value::Kind::Null) => Kind::Null,
            Some(value::Kind::Boolean) => Kind::Boolean,
            Some(value::Kind::Number) => Kind::Number,
            Some(value::Kind::Text) => Kind::Text,
            Some(value::Kind::Sequence) => Kind::Sequence,
            Some(value::Kind::Mapping) => Kind::Mapping,
        })
    }

    fn drop(&mut self, _: Resource<Document>) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// Refused growth ends the call. If a policy could continue with less memory, its plan would depend
/// on the limit.
impl ResourceLimiter for CallState {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let desired = desired as u64;
        if desired > self.memory_limit {
            return Err(LimitHit::Memory(desired).into());
        }
        self.memory = self.memory.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired as u64 > self.table_limit {
            return Err(LimitHit::Table(desired as u64).into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instance_limit
    }
}
