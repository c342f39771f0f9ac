# One verb a chore; CI runs the same verbs.

[private]
default:
    @just --list

# All that CI holds a change to, but for real peers.
ci: fmt-check lint measures test doc deny

# Writes the code as rustfmt wants it.
fmt:
    cargo fmt --all

# Fails where `just fmt` would change something.
fmt-check:
    cargo fmt --all --check

# Clippy, its warnings as errors.
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Measures of language and shape, and their bounds.
measures:
    tests/measures

# The README's test command.
test:
    cargo test --workspace

# The same beside two busy loops on each core, three times: no test may depend on time.
test-busy:
    #!/usr/bin/env bash
    set -euo pipefail
    trap 'kill $(jobs -p)' EXIT
    for _ in $(seq $((2 * $(nproc)))); do (while :; do :; done) & done
    for _ in 1 2 3; do cargo test --workspace; done

# The docs, their warnings as errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Bans, licences and sources of dependencies; advisories too where their database is at hand.
deny:
    cargo deny check bans licenses sources

# Writes the golden files anew; read the difference before committing it.
bless:
    UPDATE_CASES=1 cargo test -p site-cmp-tests

# Builds the policies of this repo and pins them.
policies:
    #!/usr/bin/env bash
    set -euo pipefail
    for policy in plugin/policies/*/; do
        name=$(basename "$policy")
        cargo run --release -- policy build "$policy" -o "site-profiles/policies/$name.wasm"
    done
    cargo run --release -- policy lock site-profiles

# The figures of BENCHMARKS.md.
bench:
    cargo bench --workspace

# Builds the programs of others that the tests meet, and takes CRDs out of Go modules (Go, some minutes).
peers:
    tests/peers/build

# Throws changed streams and archives at the plugin server for a while (cargo-fuzz, clang's runtime).
fuzz target="archive" seconds="60":
    cd host/site-cmp && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{target}} -- -max_total_time={{seconds}}
