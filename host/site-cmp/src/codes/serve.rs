//! Findings of the server.

site_render::catalog! {
    CALL_DEADLINE: Error, Render, "call/deadline",
        "The call reached its deadline, which is shortly before its caller would stop waiting.",
        "Read the stage in the message: send a smaller archive for `receive` and `unpack`, add replicas for `queue`, refresh the application for `compile`. For `render`, raise controller.repo.server.timeout.seconds and server.repo.server.timeout.seconds in the ConfigMap argocd-cmd-params-cm.";
    POLICY_COMPILER_BUSY: Error, Policies, "policy/compiler-busy",
        "The call needs a policy that is larger than all policies that wait for the compiler may be together.",
        "Build a smaller policy, or preload it with `cmp serve --preload`.";
    RENDER_LIMIT: Error, Render, "render/limit",
        "The render took more time or memory than the operator allows one render.",
        "Look in the files of the named stage for something that multiplies: references of a schema, aliases, nested lists. Or let the operator raise `render.milliseconds` or `render.memoryBytes` in the limits file.";
    RENDER_WORKER: Error, Render, "render/worker",
        "A process that renders for the plugin server could not be started, or the system killed it.",
        "Check that the program can start itself, and that the container's memory and its limits on processes leave room for the workers.";
    SERVER_HEALTH: Error, Sources, "server/health",
        "The server on the plugin socket did not answer the probe of `cmp health` correctly.",
        "Read the log of `cmp serve`, and run `cmp doctor` in the plugin's container.";
    SERVER_IN_FLIGHT_BYTES: Error, Sources, "server/in-flight-bytes",
        "The archives that the server is unpacking for running calls fill the memory that the operator allows for them.",
        "Send smaller archives, add replicas of the repo-server, or raise `server.inFlightBytes` in the limits file together with the container's memory.";
    SERVER_MEMORY_FILE: Error, Sources, "server/memory-file",
        "The server cannot create the memory file that holds an unpacked archive.",
        "Raise the container's memory or its limit on open files (`ulimit -n`).";
    SERVER_METRICS: Error, Sources, "server/metrics",
        "The server cannot listen on the address of --metrics.",
        "Choose an address of this host and a port that no other program uses.";
    SERVER_QUEUE: Error, Sources, "server/queue",
        "More calls arrived at once than the server may run and queue, and this call belongs to the project, or else the repository, that sent the most.",
        "Add replicas of the repo-server, send smaller archives, or raise `server.queue` in the limits file.";
    SERVER_REFLECTION: Error, Sources, "server/reflection",
        "The server cannot set up gRPC reflection.",
        "This is a bug: report it with the message.";
    SERVER_SIGNALS: Error, Sources, "server/signals",
        "The server cannot register handlers for SIGTERM and SIGINT.",
        "Check the container's security profile (seccomp): it must allow signal handlers.";
    SERVER_THREADS: Error, Sources, "server/threads",
        "The server cannot start its threads.",
        "Raise the limit on processes of the container (`pids` of its cgroup, or `ulimit -u`).";
    SERVER_TRACES: Error, Sources, "server/traces",
        "The exporter of traces that OTEL_EXPORTER_OTLP_ENDPOINT selects cannot be built.",
        "Correct the OTEL_EXPORTER_OTLP_* variables, or unset OTEL_EXPORTER_OTLP_ENDPOINT to serve without traces.";
    SERVER_TRANSPORT: Error, Sources, "server/transport",
        "The gRPC server on the plugin socket ended with an error.",
        "Read the message for the cause; Kubernetes restarts the container.";
    SOCKET_BIND: Error, Sources, "socket/bind",
        "The server cannot create the plugin socket in its folder.",
        "Mount the volume of plugin sockets there, writable for the server's user.";
    SOCKET_LIVE: Error, Sources, "socket/live",
        "Another server already answers on the plugin socket.",
        "Give each plugin a name of its own with --name.";
    SOCKET_NAME: Error, Sources, "socket/name",
        "The repo-server cannot call a plugin with this name.",
        "Use letters, digits, `-`, `.` and `_`, and an `@` before the version, such as site-cmp@v1.";
    SOCKET_PATH: Error, Sources, "socket/path",
        "The path of the plugin socket is longer than a Unix socket's path may be.",
        "Choose a shorter folder (--socket-dir) or name (--name).";
    SOCKET_STALE: Error, Sources, "socket/stale",
        "A socket that an earlier server left behind cannot be removed.",
        "Remove the file, or run the server as a user who may write to the folder.";
    SOCKET_TAKEN: Error, Sources, "socket/taken",
        "The path of the plugin socket exists, and the server must not replace it.",
        "Remove the file, or choose another name with --name.";
    STREAM_APP_PATH: Error, Sources, "stream/app-path",
        "The path of the Application leads outside the archive that was sent.",
        "Set `spec.source.path` to a folder of the repository, without `..` that leaves it.";
    STREAM_ARCHIVE: Error, Sources, "stream/archive",
        "The archive that the repo-server sent is not a valid gzipped tar.",
        "Refresh the application. If it happens again, check what sits between the repo-server and the plugin socket.";
    STREAM_ARCHIVE_BYTES: Error, Sources, "stream/archive-bytes",
        "The compressed archive is larger than the operator allows.",
        "Send less (`cmp doctor --repo` shows how), or raise `server.archiveBytes` in the limits file.";
    STREAM_BROKEN: Error, Sources, "stream/broken",
        "The gRPC stream from the repo-server ended with an error.",
        "Refresh the application, and read the repo-server's log for the same moment.";
    STREAM_CANCELLED: Error, Sources, "stream/cancelled",
        "The repo-server cancelled the call or closed the connection before it was answered.",
        "Nothing needs fixing if it is rare. If it is frequent, raise the repo-server timeouts of Argo CD or send smaller archives.";
    STREAM_CHECKSUM: Error, Sources, "stream/checksum",
        "The archive does not have the SHA-256 that its metadata names.",
        "Refresh the application. If it happens again, report it with the versions of Argo CD and site-cmp.";
    STREAM_EMPTY: Error, Sources, "stream/empty",
        "The call ended without a single message.",
        "Check that the caller is a repo-server of Argo CD 3.";
    STREAM_EXPANDED: Error, Sources, "stream/expanded",
        "The archive is larger than the operator allows once it is unpacked.",
        "Send less (`cmp doctor --repo` shows how), or raise `server.expandedBytes` in the limits file.";
    STREAM_FILES: Error, Sources, "stream/files",
        "The archive has more entries than the operator allows.",
        "Send less (`cmp doctor --repo` shows how), or raise `server.files` in the limits file.";
    STREAM_HEADER: Error, Sources, "stream/header",
        "The headers of an archive entry are larger than any valid path needs.",
        "Find the entry with an extremely long name or extended attributes, and remove it from the repository.";
    STREAM_MESSAGE: Error, Sources, "stream/message",
        "The stream contains a message that is neither its first metadata nor a chunk of the archive.",
        "Check that the caller is a repo-server of Argo CD 3.";
    STREAM_MESSAGE_BYTES: Error, Sources, "stream/message-bytes",
        "One gRPC message of the stream is larger than the server accepts.",
        "Set ARGOCD_GRPC_MAX_SIZE_MB to the repo-server's value, or lower the repo-server's ARGOCD_CMP_CHUNK_SIZE.";
    STREAM_METADATA: Error, Sources, "stream/metadata",
        "The stream does not begin with the Application's metadata.",
        "Check that the caller is a repo-server of Argo CD 3.";
    STREAM_OTHERS_BYTES: Error, Sources, "stream/others-bytes",
        "Another call sent different bytes under the same checksum, so the shared unpacking failed.",
        "Refresh the application. If it happens again, find out who else can connect to the plugin socket.";
    STREAM_PATH: Error, Sources, "stream/path",
        "The archive contains an entry whose path is not allowed.",
        "Rename or remove the entry: paths stay inside the archive, have at most 4,096 bytes and 128 folders.";
    STREAM_STALLED: Error, Sources, "stream/stalled",
        "The caller opened a stream and then sent nothing for longer than the operator allows.",
        "Refresh the application, and read the repo-server's log for the same moment. If its node is overloaded, raise `server.stallMilliseconds` in the limits file.";
}
