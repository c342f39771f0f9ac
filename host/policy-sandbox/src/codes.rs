//! The findings of this crate.

site_render::catalog! {
    POLICY_BAD_JSON: Error, Policies, "policy/bad-json",
        "The policy returned a text that must be JSON and is not: an edit's value, a manifest or its settings schema.",
        "Fix the policy. A string needs its quotes: `\"\\\"yes\\\"\"` is the string yes.";
    POLICY_CACHE_FOLDER: Error, Policies, "policy/cache-folder",
        "The folder for compiled policies does not belong to this user alone, is below a link or a folder in which another user could replace it, or cannot be created or read.",
        "Set `--cache-dir` or `SITE_CMP_CACHE` to a folder of this user with mode 0700, or to one that does not exist yet, below folders that only root and this user can write to. A folder that all can write to needs the sticky bit, as /tmp has, or must be a volume of its own.";
    POLICY_COMPILE: Error, Policies, "policy/compile",
        "The artifact is valid WASM, but the compiler rejects it or fails on it.",
        "Build the policy again with `cmp policy build`, and report the message if it stays.";
    POLICY_COMPILE_MEMORY: Error, Policies, "policy/compile-memory",
        "Compiling the policy exceeds the memory limit of the compiling process.",
        "Make the policy smaller, or let the operator raise `compileMemoryBytes` in the limits file.";
    POLICY_COMPILE_SIZE: Error, Policies, "policy/compile-size",
        "The policy's compiled code exceeds its size limit.",
        "Make the policy smaller, or let the operator raise `codeBytes` in the limits file.";
    POLICY_COMPILE_TIME: Error, Policies, "policy/compile-time",
        "Compiling the policy exceeds the limit on CPU time.",
        "Make the policy smaller, or let the operator raise `compileSeconds` in the limits file.";
    POLICY_COMPILER: Error, Policies, "policy/compiler",
        "The process that compiles policies could not be started, was killed, or did not finish.",
        "Check that the program can start itself, and that the container's limits on memory and processes leave room for the compiler.";
    POLICY_COMPILING: Error, Policies, "policy/compiling",
        "A policy of the site is still being compiled, which happens once for each new version of a policy.",
        "Refresh the application: the next call finds the policy compiled.";
    POLICY_CONTRACT_VERSION: Error, Policies, "policy/contract-version",
        "The artifact exports no version of the contract, or another version than this program supports.",
        "Build the policy with the SDK of this release, or upgrade site-cmp.";
    POLICY_CONTROL_CHARACTERS: Error, Policies, "policy/control-characters",
        "A text of the policy contains a control character or a mark that reorders text, which could forge a line or repaint a terminal.",
        "Return one line of visible text, without escape sequences and line ends.";
    POLICY_CORE_MODULE: Error, Policies, "policy/core-module",
        "The artifact is a WASM core module, not a component.",
        "Build it with `cmp policy build`, which wraps a core module into a component.";
    POLICY_ENGINE: Error, Policies, "policy/engine",
        "The WebAssembly engine could not be set up, usually because it cannot reserve address space.",
        "Check the sizes in the limits file and the limit on address space (`ulimit -v`).";
    POLICY_FUEL: Error, Policies, "policy/fuel",
        "The policy executed more instructions than one call may.",
        "Look for a loop that does not end, or let the operator raise `fuel` in the limits file. Fuel is deterministic: the same inputs use the same fuel on every system.";
    POLICY_IMPORT: Error, Policies, "policy/import",
        "The artifact imports an interface or function that no policy has, such as WASI, or it cannot be linked.",
        "Build it for `wasm32-unknown-unknown` with the SDK; a policy may import `site-cmp:policy/documents` only.";
    POLICY_INSTANCES: Error, Policies, "policy/instances",
        "The artifact contains more core instances, or needs more memory for their tables, than a policy may have.",
        "Simplify the component, or let the operator raise `coreInstances`, `coreInstanceBytes` or `instanceBytes`, or choose `tier: wide`, in the limits file.";
    POLICY_INVALID: Error, Policies, "policy/invalid",
        "The artifact is not valid WASM.",
        "Build the policy again, and check that the file was not changed on its way (a Git filter, an incomplete copy).";
    POLICY_MEMORY: Error, Policies, "policy/memory",
        "The policy requested more linear memory than a call may have, or has more than one memory.",
        "Use less memory, or let the operator raise `memoryBytes` in the limits file.";
    POLICY_MODULE_SIZE: Error, Policies, "policy/module-size",
        "The artifact is larger than the limit.",
        "Build it for size, or let the operator raise `moduleBytes` or choose `tier: wide` in the limits file.";
    POLICY_NO_REASON: Error, Policies, "policy/no-reason",
        "The policy returned an empty text for a field that users read, such as the reason of an edit.",
        "Give every edit and manifest a reason, and every finding a message.";
    POLICY_NOT_ALLOWED: Error, Policies, "policy/not-allowed",
        "The operator's limits file does not allow this policy: its digest is not in `allowedDigests`, or the Argo CD project may not use it.",
        "Add the digest to `allowedDigests`, or the policy to the project under `projects`, in the limits file.";
    POLICY_NOT_WASM: Error, Policies, "policy/not-wasm",
        "The artifact is not a WASM file.",
        "If the file is a Git LFS pointer, fetch the object; otherwise build the policy with `cmp policy build`.";
    POLICY_PAGE_SCAN: Note, Policies, "policy/page-scan",
        "The server logs at start how it cleans the memory of a finished call, which depends on whether the system swaps.",
        "This is information; no action is needed.";
    POLICY_READS: Error, Policies, "policy/reads",
        "The policy made more reads of its documents, or read more bytes, than one call may.",
        "Read each path once, or let the operator raise `reads` or `readBytes` in the limits file.";
    POLICY_ROLE: Error, Policies, "policy/role",
        "A policy with the role `check` returned edits, manifests or a configuration.",
        "Return findings only, or set the role to `transform` in the policy's description.";
    POLICY_SANDBOX_BUG: Error, Policies, "policy/sandbox-bug",
        "The sandbox failed in a way that should be impossible.",
        "Report it with the message and, if you can, the artifact.";
    POLICY_STACK: Error, Policies, "policy/stack",
        "The policy's calls are nested deeper than its stack allows.",
        "Look for a recursion that does not end, or let the operator raise `stackBytes` in the limits file.";
    POLICY_TABLES: Error, Policies, "policy/tables",
        "The policy has more tables, or larger ones, than a call may have.",
        "Let the operator raise `tables` or `tableElements` in the limits file.";
    POLICY_TIME: Error, Policies, "policy/time",
        "The call exceeded the limit on wall-clock time. Fuel usually ends a long call first, so the system is probably overloaded.",
        "Try again, check the load, or let the operator raise `milliseconds` in the limits file.";
    POLICY_TOO_LARGE: Error, Policies, "policy/too-large",
        "The policy returned more or larger items than its limits allow.",
        "Return less, or let the operator raise the limit that the message names.";
    POLICY_TRAP: Error, Policies, "policy/trap",
        "The policy crashed: a panic, an unreachable instruction, an access outside its memory, or a violation of the component model.",
        "Fix the policy. The message names the functions on the stack; its unit tests run natively, where a debugger works.";
    POLICY_TRUNCATED: Error, Policies, "policy/truncated",
        "The artifact ends before it is complete.",
        "Copy or build it again.";
    POLICY_WATCHDOG: Error, Policies, "policy/watchdog",
        "The thread that enforces time limits could not be started.",
        "Check the container's limit on processes and threads.";
}

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static site_render::finding::Code> {
    ALL.iter().copied()
}
