use std::future::poll_fn;
use std::task::Poll;

use super::*;

/// Returns whether the table has room, as the acceptor asks.
async fn has_room(table: &OpenConnections) -> bool {
    poll_fn(|cx| Poll::Ready(table.has_room(cx, false))).await
}

/// Adds a connection whose bytes the server has read.
fn add(table: &Arc<OpenConnections>) -> TableEntry {
    let entry = table.add();
    entry.handle().note_looked_at();
    entry
}

async fn is_closing(entry: &TableEntry) -> bool {
    poll_fn(|cx| Poll::Ready(entry.handle().is_closing(cx))).await
}

#[tokio::test(start_paused = true)]
async fn the_connection_that_is_idle_the_longest_is_closed_for_a_new_one() {
    let table = OpenConnections::new(3);
    let busy = add(&table);
    let call = busy.handle().begin_call();
    let placed = call.note_placed();
    let older = add(&table);
    assert!(has_room(&table).await);
    let fresh = add(&table);
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
    assert!(is_closing(&fresh).await, "it never had a call");
    assert!(!is_closing(&busy).await);
    drop(fresh);
    close_at(Instant::now() + FRESH);
    assert!(is_closing(&busy).await, "its call has ended");
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_call_has_no_place_is_closed_after_the_idle_ones() {
    let table = OpenConnections::new(3);
    let begun = add(&table);
    let call = begun.handle().begin_call();
    let idle = add(&table);
    let close_one = || table.lock_state().close_idle(Instant::now() + FRESH, 1, false);
    close_one();
    assert!(is_closing(&idle).await);
    assert!(!is_closing(&begun).await, "the idle one goes first");
    drop(idle);
    close_one();
    assert!(is_closing(&begun).await);
    drop(call);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_lost_its_place_keeps_no_connection() {
    let table = OpenConnections::new(3);
    let begun = add(&table);
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

#[tokio::test(start_paused = true)]
async fn a_crowd_replaces_fresh_connections_too_those_with_a_call_last() {
    let table = OpenConnections::new(8);
    let begun = add(&table);
    let call = begun.handle().begin_call();
    let busy = add(&table);
    let other_call = busy.handle().begin_call();
    let place = other_call.note_placed();
    let [older, newer] = [add(&table), add(&table)];
    let close_one = |crowd| table.lock_state().close_idle(Instant::now(), 1, crowd);
    close_one(false);
    assert!(!is_closing(&older).await, "it is fresh");
    for closed in [older, newer, begun] {
        close_one(true);
        close_one(true);
        assert!(is_closing(&closed).await);
        let others = table.lock_state().open.values().filter(|handle| handle.is_closed()).count();
        assert_eq!(others, 1, "one is closing already");
    }
    close_one(true);
    assert!(!is_closing(&busy).await, "its call has a place");
    drop((place, other_call, call));
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_not_closed_for_another_before_its_bytes_are_read() {
    let table = OpenConnections::new(1);
    let entry = table.add();
    let close_one = || table.lock_state().close_idle(Instant::now() + FRESH, 1, true);
    close_one();
    assert!(!is_closing(&entry).await, "the server has not looked at it");
    entry.handle().note_looked_at();
    close_one();
    assert!(is_closing(&entry).await && entry.handle().may_read());
    entry.handle().note_read();
    assert!(!is_closing(&entry).await, "it has sent something meanwhile");
    close_one();
    assert!(is_closing(&entry).await && !entry.handle().may_read(), "it is spared only once");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_closed_for_good_is_not_spared() {
    let table = OpenConnections::new(1);
    let entry = add(&table);
    entry.handle().close();
    entry.handle().note_read();
    assert!(is_closing(&entry).await && !entry.handle().may_read());
}
