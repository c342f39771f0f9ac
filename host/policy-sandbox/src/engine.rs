//! Configures wasmtime.
//!
//! Parent and compiling child share [`base_config`], so that the parent's engine accepts the child's
//! code. Only the parent has the pool, because it reserves more address space than the child may
//! use.

use std::fs;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig,
    VariableOperatorCost, WasmFeatures,
};

use crate::limits::Limits;

/// Linear memory that a slot keeps mapped between calls, in bytes. Unmapping it costs more than the
/// call, because the pages would be faulted in again.
const WARM_MEMORY: usize = 4 << 20;

/// The same for a slot's tables.
const WARM_TABLE: usize = 64 << 10;

/// One WASM page, in bytes.
const PAGE: u64 = 64 << 10;

/// The largest image of a memory that is made of sparse data, in bytes.
const DENSE_IMAGE_BYTES: u64 = 1 << 20;

/// Returns the settings that affect compiled code. Results are the same on every system: no SIMD, no
/// threads, canonical NaN, fuel for every instruction.
pub(crate) fn base_config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(fuel_costs())
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .shared_memory(false)
        // The default of 16 MiB lets two bytes of data become an image of that size, in the code of
        // a policy that is a few bytes long.
        .memory_guaranteed_dense_image_size(DENSE_IMAGE_BYTES)
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

/// Returns the engine that compiles.
pub(crate) fn compiling_engine() -> wasmtime::Result<Engine> {
    Engine::new(&base_config())
}

/// Returns the engine that runs policies, with a pool of slots sized by the limits.
pub(crate) fn running_engine(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut config = base_config();
    config.max_wasm_stack(to_usize(limits.stack_bytes));
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool_config(limits)));
    Engine::new(&config)
}

/// Returns true if the kernel can report which pages of a slot were written, so that only those are
/// cleared.
///
/// The kernel does not report a written page that was swapped out, so the next policy would see the
/// last one's bytes. This is therefore enabled only without swap.
pub(crate) fn can_scan_pages() -> bool {
    let lines = |path: &str| fs::read_to_string(path).map(|text| text.lines().count());
    // The first line is a heading.
    let no_swap_device = lines("/proc/swaps").is_ok_and(|count| count <= 1);
    let no_swap_for_us =
        fs::read_to_string("/sys/fs/cgroup/memory.swap.max").is_ok_and(|text| text.trim() == "0");
    no_swap_device || no_swap_for_us
}

fn pool_config(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(limits.core_instances))
        .total_memories(calls)
        .total_tables(calls.saturating_mul(limits.tables))
        .max_memories_per_component(1)
        .max_tables_per_component(limits.tables)
        .max_core_instances_per_component(limits.core_instances)
        .max_core_instance_size(to_usize(limits.core_instance_bytes))
        .max_component_instance_size(to_usize(limits.instance_bytes))
        .max_memory_size(to_usize(limits.memory_bytes.next_multiple_of(PAGE)))
        .table_elements(to_usize(limits.table_elements))
        .linear_memory_keep_resident(WARM_MEMORY)
        .table_keep_resident(WARM_TABLE);
    if can_scan_pages() {
        pool.pagemap_scan(Enabled::Auto);
    }
    pool
}

/// Returns wasmtime's default costs, plus a cost for growing memory: by default that is free, although
/// the kernel must clear each page.
fn fuel_costs() -> OperatorCost {
    let variable =
        VariableOperatorCost { memory_grow_per_page: u8::MAX, ..VariableOperatorCost::new() };
    OperatorCost { variable, ..OperatorCost::default() }
}

fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bytes_of_data_far_apart_do_not_become_an_image() {
        let module =
            r#"(module (memory 257) (data (i32.const 0) "a") (data (i32.const 16777210) "b"))"#;
        let module = wat::parse_str(module).unwrap();
        let code = compiling_engine().unwrap().precompile_module(&module).unwrap();
        assert!(code.len() < 100_000, "{} bytes", code.len());
    }
}
