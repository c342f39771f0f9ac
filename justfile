# One verb a chore; CI runs the same commands.

[private]
default:
    @just --list

# Every check of CI that needs no peer.
ci: fmt-check lint measures test doc deny

# Formats the code.
fmt:
    cargo fmt --all

# Fails if `just fmt` would change something.
fmt-check:
    cargo fmt --all --check

# Runs clippy, with warnings as errors.
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Measures of language and shape, and their bounds.
measures:
    tests/measures

# Runs the README's test command.
test:
    cargo test --workspace

# Runs the tests three times beside two busy loops on each core: no test may depend on time.
test-busy:
    #!/usr/bin/env bash
    set -euo pipefail
    trap 'kill $(jobs -p)' EXIT
    for _ in $(seq $((2 * $(nproc)))); do (while :; do :; done) & done
    for _ in 1 2 3; do cargo test --workspace; done

# Builds the API docs, with warnings as errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Checks bans, licences and sources of dependencies.
deny:
    cargo deny check bans licenses sources

# Writes the golden files and the outputs in documents; read the difference before you commit it.
bless:
    UPDATE_CASES=1 cargo test -p site-cmp-tests

# Builds every policy of plugin/policies and pins it.
policies:
    #!/usr/bin/env bash
    set -euo pipefail
    for policy in plugin/policies/*/; do
        name=$(basename "$policy")
        cargo run --release -- policy build "$policy" -o "site-profiles/policies/$name.wasm"
    done
    cargo run --release -- policy lock site-profiles

# Measures the figures of BENCHMARKS.md.
bench:
    cargo bench --workspace

# Builds the peers of the tests, and extracts CRDs from Go modules (Go, some minutes).
peers:
    tests/peers/build

# Fuzzes a target of tests/fuzz for some seconds (cargo-fuzz, a C++ compiler, `just peers`).
fuzz target="yaml" seconds="60":
    #!/usr/bin/env bash
    set -euo pipefail
    cp Cargo.lock tests/fuzz/
    case {{target}} in archive | plan | stream) features=server ;; *) features= ;; esac
    found=tests/fuzz/target/corpus/{{target}}
    mkdir -p "$found"
    cd tests
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none --features "$features" {{target}} \
        "../$found" "fuzz/corpus/{{target}}" -- -max_total_time={{seconds}} -timeout=10

# Compares our answers with those of other programs over many inputs (`just peers`). YAML_TEST_SUITE, YAML_FILES and GO_JSONNET_TESTS name folders of more; docs/differences.md has the figures.
differential documents="100000" seed="0":
    DOCUMENTS={{documents}} STACKS=5000 PAIRS=5000 LISTS=500 SEED={{seed}} cargo test -p site-cmp-tests --test all -- differential --skip repo_server

# Adds to a target's corpus what fuzzing has found, as few and as small inputs as cover the same.
fuzz-keep target:
    #!/usr/bin/env bash
    set -euo pipefail
    case {{target}} in archive | plan | stream) features=server ;; *) features= ;; esac
    cd tests
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none --features "$features" {{target}} \
        fuzz/corpus/{{target}} fuzz/target/corpus/{{target}} -- -merge=1

# Attacks a server beside honest callers, in a memory cgroup (root), and compares the end with its bars.
soak minutes="20":
    cargo build --release -p site-cmp-tests --bins
    target/release/soak --minutes {{minutes}}
