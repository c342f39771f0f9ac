use tokio::sync::watch;

use super::super::caller_key::key_of as key;
use super::*;

#[test]
fn accounts_share_one_budget_and_give_back() {
    let budget = Budget::new(10, 0);
    let (mut one, mut other) = (budget.open_account(&key("a")), budget.open_account(&key("a")));
    one.reserve_bytes(6).unwrap();
    assert!(other.reserve_bytes(5).is_err());
    assert!(other.reserve_bytes(u64::MAX).is_err());
    other.reserve_bytes(4).unwrap();
    assert_eq!(budget.held_bytes(), 10);
    drop(one);
    assert_eq!(budget.held_bytes(), 4);
    other.reserve_bytes(6).unwrap();
}

#[tokio::test]
async fn a_caller_within_its_share_waits_for_one_that_has_more() {
    let budget = Budget::new(10, 0);
    let mut many = budget.open_account(&key("many"));
    many.reserve_bytes(9).unwrap();
    let shared = budget.clone();
    let one = tokio::task::spawn_blocking(move || {
        let mut one = shared.open_account(&key("one"));
        one.reserve_bytes(5).map(|()| one)
    });
    while budget.unpacked.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    // While the other waits, one more byte is refused, although it is free.
    let refused = many.reserve_bytes(1).unwrap_err();
    assert_eq!(refused.error_code(), "server/in-flight-bytes");
    drop(many);
    let one = one.await.unwrap().unwrap();
    assert_eq!(budget.held_bytes(), 5);
    drop(one);
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test]
async fn calls_of_a_caller_that_holds_too_much_lose_their_places() {
    let (budget, places) = (Budget::new(10, 0), Places::new(9));
    let mut many = budget.open_account(&key("many"));
    many.reserve_bytes(9).unwrap();
    let taken = [(); 3].map(|()| places.take(&key("many")).unwrap());
    let (sender, interested) = watch::channel(None);
    let mut one =
        budget.open_account(&key("one")).of_job(Interest::new(Arc::new(sender)), places.clone());
    let one = tokio::task::spawn_blocking(move || one.reserve_bytes(5).map(|()| one));
    for place in taken.iter().rev() {
        place.withdrawn().await;
    }
    let held = many.into_charge(4);
    assert!(one.await.unwrap().is_ok());
    drop(held);
    assert_eq!(budget.held_bytes(), 0);
    drop(interested);
}

#[tokio::test]
async fn an_unpacking_that_nobody_wants_does_not_wait() {
    let (budget, places) = (Budget::new(10, 0), Places::new(9));
    let mut many = budget.open_account(&key("many"));
    many.reserve_bytes(9).unwrap();
    let (sender, interested) = watch::channel(None);
    let one = budget.open_account(&key("one")).of_job(Interest::new(Arc::new(sender)), places);
    drop(interested);
    assert!(one.wait_for(5, Duration::MAX).await.is_none());
}

#[test]
fn a_tree_keeps_what_it_takes_and_may_pause_to_be_counted() {
    let budget = Budget::new(10, 0);
    let mut account = budget.open_account(&key("a"));
    account.reserve_bytes(9).unwrap();
    let mut charge = account.into_charge(4);
    assert_eq!(budget.held_bytes(), 4);
    charge.release();
    let mut other = budget.open_account(&key("b"));
    other.reserve_bytes(7).unwrap();
    assert!(!charge.reserve_for(&key("a"), 4));
    drop(other);
    assert!(charge.reserve_for(&key("a"), 4) && charge.reserve_for(&key("a"), 4));
    assert_eq!(budget.held_bytes(), 4);
}

#[tokio::test]
async fn answers_leave_room_for_unpacking_and_the_largest_always_fits() {
    let budget = Budget::new(100, 10);
    assert_eq!(budget.answers().slots(), 36);
    assert_eq!(Budget::new(100, 80).answers().slots(), 80);
    let held = budget.answers().acquire_many(&key("a"), 36).await.unwrap();
    budget.open_account(&key("b")).reserve_bytes(100).unwrap();
    drop(held);
    assert_eq!(budget.held_bytes(), 0);
}
