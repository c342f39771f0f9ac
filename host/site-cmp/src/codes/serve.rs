//! Findings of the server.

site_render::catalog! {
    CALL_DEADLINE: Error, Sources, "call/deadline",
        "",
        "";
    POLICY_COMPILER_BUSY: Error, Policies, "policy/compiler-busy",
        "",
        "";
    POLICY_COMPILING: Error, Policies, "policy/compiling",
        "",
        "";
    SERVER_HEALTH: Error, Sources, "server/health",
        "",
        "";
    SERVER_IN_FLIGHT_BYTES: Error, Sources, "server/in-flight-bytes",
        "",
        "";
    SERVER_METRICS: Error, Sources, "server/metrics",
        "",
        "";
    SERVER_QUEUE: Error, Sources, "server/queue",
        "",
        "";
    SERVER_REFLECTION: Error, Sources, "server/reflection",
        "",
        "";
    SERVER_SIGNALS: Error, Sources, "server/signals",
        "",
        "";
    SERVER_THREADS: Error, Sources, "server/threads",
        "",
        "";
    SERVER_TRACES: Error, Sources, "server/traces",
        "",
        "";
    SERVER_TRANSPORT: Error, Sources, "server/transport",
        "",
        "";
    SOCKET_BIND: Error, Sources, "socket/bind",
        "",
        "";
    SOCKET_LIVE: Error, Sources, "socket/live",
        "",
        "";
    SOCKET_NAME: Error, Sources, "socket/name",
        "",
        "";
    SOCKET_PATH: Error, Sources, "socket/path",
        "",
        "";
    SOCKET_STALE: Error, Sources, "socket/stale",
        "",
        "";
    SOCKET_TAKEN: Error, Sources, "socket/taken",
        "",
        "";
    STREAM_APP_PATH: Error, Sources, "stream/app-path",
        "",
        "";
    STREAM_ARCHIVE: Error, Sources, "stream/archive",
        "",
        "";
    STREAM_ARCHIVE_BYTES: Error, Sources, "stream/archive-bytes",
        "",
        "";
    STREAM_BROKEN: Error, Sources, "stream/broken",
        "",
        "";
    STREAM_CANCELLED: Error, Sources, "stream/cancelled",
        "",
        "";
    STREAM_CHECKSUM: Error, Sources, "stream/checksum",
        "",
        "";
    STREAM_EMPTY: Error, Sources, "stream/empty",
        "",
        "";
    STREAM_EXPANDED: Error, Sources, "stream/expanded",
        "",
        "";
    STREAM_FILES: Error, Sources, "stream/files",
        "",
        "";
    STREAM_HEADER: Error, Sources, "stream/header",
        "",
        "";
    STREAM_MESSAGE: Error, Sources, "stream/message",
        "",
        "";
    STREAM_MESSAGE_BYTES: Error, Sources, "stream/message-bytes",
        "",
        "";
    STREAM_METADATA: Error, Sources, "stream/metadata",
        "",
        "";
    STREAM_OTHERS_BYTES: Error, Sources, "stream/others-bytes",
        "",
        "";
    STREAM_PATH: Error, Sources, "stream/path",
        "",
        "";
}
