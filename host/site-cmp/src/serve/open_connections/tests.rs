use std::future::poll_fn;
use std::task::Poll;

use super::*;

/// Returns whether the table has room, as the acceptor asks.
async fn has_room(table: &OpenConnections) -> bool {
    poll_fn(|cx| Poll::Ready(table.has_room(cx, false))).await
}

async fn is_closing(entry: &TableEntry) -> bool {
    poll_fn(|cx| Poll::Ready(entry.handle().is_closing(cx))).await
}

#[tokio::test]
async fn the_connection_that_is_idle_the_longest_is_closed_for_a_new_one() {
    let table = OpenConnections::new(3);
    let busy = table.add();
    let call = busy.handle().begin_call();
    let placed = call.note_placed();
    let older = table.add();
    assert!(has_room(&table).await);
    let fresh = table.add();
    let close_at = |now: Instant| table.lock_state().close_idle(now, 1, false);
    let start = Instant::now();
    close_at(start);
    assert!(!is_closing(&older).await, "it gets the time to send its call");
    close_at(start + FRESH);
    let closing = [is_closing(&busy).await, is_closing(&older).await, is_closing(&fresh).await];
    assert_eq!(closing, [false, true, false]);
    assert!(!has_room(&table).await);
    drop(older);
    assert!(has_room(&table).await);
    drop((placed, call));
    close_at(Instant::now() + FRESH);
    assert!(is_closing(&fresh).await, "it has been idle for longer than the busy one");
    assert!(!is_closing(&busy).await);
}

#[tokio::test]
async fn a_connection_whose_call_has_no_place_is_closed_after_the_idle_ones() {
    let table = OpenConnections::new(3);
    let begun = table.add();
    let call = begun.handle().begin_call();
    let idle = table.add();
    let close_one = || table.lock_state().close_idle(Instant::now() + FRESH, 1, false);
    close_one();
    assert!(is_closing(&idle).await);
    assert!(!is_closing(&begun).await, "the idle one goes first");
    drop(idle);
    close_one();
    assert!(is_closing(&begun).await);
    drop(call);
}

#[tokio::test]
async fn a_call_that_lost_its_place_keeps_no_connection() {
    let table = OpenConnections::new(3);
    let begun = table.add();
    let call = begun.handle().begin_call();
    let close_at = |now: Instant| table.lock_state().close_idle(now, 1, false);
    let placed = [call.note_placed(), call.note_placed()];
    let start = Instant::now();
    for place in placed {
        close_at(start + 2 * FRESH);
        assert!(!is_closing(&begun).await, "it has a place");
        drop(place);
    }
    close_at(start);
    assert!(!is_closing(&begun).await, "its error is on the way");
    close_at(Instant::now() + FRESH);
    assert!(is_closing(&begun).await);
}

#[tokio::test]
async fn a_crowd_replaces_fresh_connections_after_the_others_the_oldest_first() {
    let table = OpenConnections::new(8);
    let older = table.add();
    let begun = older.handle().begin_call();
    let entries: Vec<_> = (0..3).map(|_| table.add()).collect();
    let placed = entries[1].handle().begin_call();
    let place = placed.note_placed();
    let close_one = |crowd| {
        let now = Instant::now();
        table.lock_state().close_idle(now, 1, crowd);
    };
    close_one(false);
    assert!(!is_closing(&older).await, "it is fresh");
    close_one(true);
    assert!(is_closing(&older).await, "it has no place, and is the oldest");
    close_one(true);
    assert!(!is_closing(&entries[0]).await, "one is closing already");
    drop((begun, older));
    close_one(true);
    let closing = [&entries[0], &entries[1], &entries[2]].map(is_closing);
    assert_eq!(futures_util::future::join_all(closing).await, [true, false, false]);
    drop((place, placed));
}
