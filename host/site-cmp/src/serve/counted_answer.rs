//! Counts an answer until its caller has read it: a caller that reads nothing would otherwise keep
//! its answer in memory without any limit.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::BodyExt as _;
use tonic::Response;
use tonic::body::Body;
use tonic::codegen::http;

use super::budget::{Budget, SMALL_BYTES};
use super::caller_key::CallerKey;
use super::counted_chunk::count_chunk;
use super::fair_queue::Permit;

/// The bytes of an answer in the budget, on their way to its body.
#[derive(Clone)]
struct AnswerPermit(Arc<Mutex<Option<Permit>>>);

/// Returns the answer once there is room for its bytes, which it takes until they were sent.
pub(super) async fn count_answer<T>(
    answer: T,
    bytes: u64,
    budget: &Budget,
    key: &CallerKey,
) -> Response<T> {
    let mut response = Response::new(answer);
    if bytes > SMALL_BYTES {
        let permit = budget.messages().acquire_up_to(key, bytes).await.ok();
        response.extensions_mut().insert(AnswerPermit(Arc::new(Mutex::new(permit))));
    }
    response
}

/// Attaches the bytes of a counted answer to its message, which HTTP/2 keeps until it is sent.
pub(super) fn attach_permit(mut response: http::Response<Body>) -> http::Response<Body> {
    let Some(AnswerPermit(permit)) = response.extensions_mut().remove() else { return response };
    response.map(|body| {
        let mut permit = permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        Body::new(
            body.map_frame(move |frame| frame.map_data(|data| count_chunk(data, permit.take()))),
        )
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::caller_key::key_of;
    use super::*;

    #[tokio::test]
    async fn an_answer_is_counted_until_its_message_is_gone() {
        let budget = Budget::new(1 << 20, 0);
        let counted = count_answer((), 100_000, &budget, &key_of("a")).await;
        assert_eq!(budget.held_bytes(), 100_000);
        let (_, (), extensions) = counted.into_parts();
        let body = http_body_util::Full::new(Bytes::from_static(b"message"));
        let mut response = http::Response::new(Body::new(body));
        *response.extensions_mut() = extensions;
        let mut body = attach_permit(response).into_body();
        let message = body.frame().await.unwrap().unwrap().into_data().unwrap();
        drop(body);
        assert_eq!(budget.held_bytes(), 100_000, "HTTP/2 still has it");
        drop(message);
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn a_small_answer_is_not_counted() {
        let budget = Budget::new(1 << 20, 0);
        let _counted = count_answer((), 1000, &budget, &key_of("a")).await;
        assert_eq!(budget.held_bytes(), 0);
    }
}
