//! How wasmtime is configured; the only place that does it.
//!
//! Parent and compiling child share [`config`], so that the child's code fits the
//! parent's engine; the pool is the parent's alone, because it reserves address space
//! that the child is not given.

use std::fs;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig,
    VariableOperatorCost, WasmFeatures,
};

use crate::limits::Limits;

/// Linear memory that a slot keeps mapped between calls, in bytes. Unmapping it costs
/// more than the call: the pages would be faulted in again.
const WARM_MEMORY: usize = 4 << 20;

/// The same for a slot's tables.
const WARM_TABLE: usize = 64 << 10;

/// One WASM page, in bytes.
const PAGE: u64 = 64 << 10;

/// Whatever decides what the compiled code looks like. Deterministic on every machine:
/// no SIMD, no threads, one form of NaN, fuel at every step.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(cost())
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .shared_memory(false)
        .wasm_features(
            WasmFeatures::THREADS
                | WasmFeatures::EXCEPTIONS
                | WasmFeatures::GC
                | WasmFeatures::FUNCTION_REFERENCES
                | WasmFeatures::WIDE_ARITHMETIC
                | WasmFeatures::CUSTOM_PAGE_SIZES,
            false,
        );
    config
}

/// The engine that compiles; it cannot run anything worth the name.
pub(crate) fn compiling() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// The engine that runs policies, with a pool of slots sized by the limits.
pub(crate) fn running(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut config = config();
    config.max_wasm_stack(size(limits.stack_bytes));
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    Engine::new(&config)
}

/// Whether a slot may be cleaned by asking the kernel which pages were written.
///
/// The kernel does not report a written page that was swapped out: it would keep the
/// last policy's bytes for the next one. So this is on only where nothing is swapped.
pub(crate) fn scans_pages() -> bool {
    let lines = |path: &str| fs::read_to_string(path).map(|text| text.lines().count());
    // One line is the table's heading.
    let no_swap_device = lines("/proc/swaps").is_ok_and(|count| count <= 1);
    let no_swap_for_us =
        fs::read_to_string("/sys/fs/cgroup/memory.swap.max").is_ok_and(|text| text.trim() == "0");
    no_swap_device || no_swap_for_us
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(limits.core_instances))
        .total_memories(calls)
        .total_tables(calls.saturating_mul(limits.tables))
        .max_memories_per_component(1)
        .max_tables_per_component(limits.tables)
        .max_core_instances_per_component(limits.core_instances)
        .max_core_instance_size(size(limits.core_instance_bytes))
        .max_component_instance_size(size(limits.instance_bytes))
        .max_memory_size(size(limits.memory_bytes.next_multiple_of(PAGE)))
        .table_elements(size(limits.table_elements))
        .linear_memory_keep_resident(WARM_MEMORY)
        .table_keep_resident(WARM_TABLE);
    if scans_pages() {
        pool.pagemap_scan(Enabled::Auto);
    }
    pool
}

/// The usual cost, and something for growing a memory, which is free by default though
/// the kernel has to clear each page.
fn cost() -> OperatorCost {
    OperatorCost {
        variable: VariableOperatorCost {
            memory_grow_per_page: u8::MAX,
            ..VariableOperatorCost::new()
        },
        ..OperatorCost::default()
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
