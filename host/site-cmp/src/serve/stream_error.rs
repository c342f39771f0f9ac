//! The errors of a stream that broke off.

use tonic::{Code, Status};

use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;

/// Returns the error of a stream that broke off.
pub(super) fn stream_error(status: Status) -> CallRejection {
    let message = status.message().to_owned();
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => {
            let message = format!("a message of the stream is too large: {message}");
            let finding = codes::STREAM_MESSAGE_BYTES.finding(message);
            let hint = "set ARGOCD_GRPC_MAX_SIZE_MB to the repo-server's value, or lower its ARGOCD_CMP_CHUNK_SIZE";
            CallRejection::new(RejectKind::Busy, finding.hint(hint))
        }
        Code::DeadlineExceeded => {
            let finding = codes::STREAM_STALLED.finding(format!("the stream stalled: {message}"));
            CallRejection::new(RejectKind::Deadline, finding)
        }
        // gRPC has no code for a lost connection.
        Code::Cancelled | Code::Unavailable | Code::Unknown => {
            let finding = codes::STREAM_CANCELLED.finding("the caller closed the connection");
            CallRejection::new(RejectKind::Cancelled, finding)
        }
        _ => CallRejection::malformed_stream(
            &codes::STREAM_BROKEN,
            format!("the stream broke off: {message}"),
        ),
    }
}
