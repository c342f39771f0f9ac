use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::super::caller_key::key_of as key;
use super::*;

/// Calls of a test that wait, each with its key, and those that were answered.
#[derive(Default)]
struct Calls {
    waiting: Vec<(String, BoxFuture<'static, Result<Permit, Full>>)>,
}

impl Calls {
    /// Lets a call of that key enter the queue.
    fn enter(&mut self, queue: &Arc<FairQueue>, name: &str) {
        let (queue, key) = (queue.clone(), key(name));
        let call = async move { queue.acquire(&key).await }.boxed();
        self.waiting.push((name.to_owned(), call));
        // The first poll is what enters the queue.
        let (_, call) = self.waiting.last_mut().unwrap();
        if let Some(answer) = call.now_or_never() {
            self.waiting.pop();
            assert!(answer.is_err(), "every slot is taken");
        }
    }

    /// Returns the calls that were answered since, and forgets them.
    fn answered(&mut self) -> Vec<(String, Result<Permit, Full>)> {
        let mut answered = Vec::new();
        let mut waiting = Vec::new();
        for (name, mut call) in std::mem::take(&mut self.waiting) {
            match (&mut call).now_or_never() {
                Some(answer) => answered.push((name, answer)),
                None => waiting.push((name, call)),
            }
        }
        self.waiting = waiting;
        answered
    }

    /// Returns the one call that was served since, with its permit.
    fn served(&mut self) -> (String, Permit) {
        let mut answered = self.answered();
        assert_eq!(answered.len(), 1, "one slot serves one call");
        let (name, permit) = answered.pop().unwrap();
        (name, permit.unwrap())
    }
}

fn take(queue: &Arc<FairQueue>, name: &str) -> Permit {
    queue.acquire(&key(name)).now_or_never().expect("a slot is free").unwrap()
}

#[test]
fn a_key_with_few_calls_waits_for_one_turn_of_every_other_key() {
    for (slots, keys) in [(1, 2), (1, 5), (2, 3), (4, 4)] {
        let queue = FairQueue::new(slots, usize::MAX);
        let mut held: Vec<_> = (0..slots).map(|_| take(&queue, "0")).collect();
        let mut calls = Calls::default();
        // Key `n` sends 4^(keys - n) calls: the demands are very unequal.
        for n in 0..keys {
            for _ in 0..4_usize.pow(keys - n) {
                calls.enter(&queue, &n.to_string());
            }
        }
        let mut order = Vec::new();
        while !calls.waiting.is_empty() {
            drop(held.remove(0));
            let (name, permit) = calls.served();
            order.push(name);
            held.push(permit);
        }
        let last = (keys - 1).to_string();
        let place = order.iter().position(|name| *name == last).unwrap();
        assert!(place < keys as usize, "{slots} slots: {:?}", &order[..keys as usize]);
        for n in 0..keys {
            let of = order.iter().filter(|name| **name == n.to_string()).count();
            assert_eq!(of, 4_usize.pow(keys - n), "nobody is lost");
        }
        drop(held);
        assert_eq!(queue.lock_state().free, slots);
        assert!(queue.lock_state().keys.is_empty(), "idle keys are forgotten");
    }
}

#[test]
fn a_newcomer_is_served_before_a_key_that_holds_a_slot() {
    let queue = FairQueue::new(2, 10);
    let (first, second) = (take(&queue, "many"), take(&queue, "many"));
    let mut calls = Calls::default();
    calls.enter(&queue, "many");
    calls.enter(&queue, "one");
    drop(first);
    assert_eq!(calls.served().0, "one");
    drop(second);
}

#[test]
fn calls_of_one_key_are_served_in_their_order() {
    let queue = FairQueue::new(1, 10);
    let held = take(&queue, "a");
    let mut calls = Calls::default();
    for _ in 0..3 {
        calls.enter(&queue, "a");
    }
    let second = calls.waiting.remove(1);
    drop(held);
    assert_eq!(calls.served().0, "a");
    assert_eq!(calls.waiting.len(), 1, "the first was served, the second gave up");
    drop(second);
}

#[test]
fn a_full_queue_rejects_the_newest_call_of_the_largest_key() {
    let queue = FairQueue::new(1, 3);
    let held = take(&queue, "many");
    let mut calls = Calls::default();
    for _ in 0..3 {
        calls.enter(&queue, "many");
    }
    calls.enter(&queue, "one");
    let rejected = calls.answered();
    let [(name, answer)] = &rejected[..] else { panic!("one is rejected") };
    assert_eq!((name.as_str(), answer.as_ref().unwrap_err().limit), ("many", 3));
    assert_eq!(queue.waiting(), 3);
    // The next one of the largest key is itself the newest.
    calls.enter(&queue, "many");
    assert_eq!(calls.waiting.len(), 3);
    drop(held);
    drop(calls);
    assert_eq!(queue.waiting(), 0);
}

#[test]
fn a_queue_without_room_rejects_at_once() {
    let queue = FairQueue::new(1, 0);
    let held = take(&queue, "a");
    let full = queue.acquire(&key("b")).now_or_never().expect("it is answered at once");
    assert_eq!(full.unwrap_err(), Full { limit: 0 });
    drop(held);
    take(&queue, "b");
}

#[test]
fn a_call_that_gives_up_leaves_no_hole() {
    let queue = FairQueue::new(1, 10);
    let held = take(&queue, "a");
    let mut calls = Calls::default();
    for name in ["b", "b", "c"] {
        calls.enter(&queue, name);
    }
    // It gives up while it waits.
    drop(calls.waiting.remove(0));
    assert_eq!(queue.waiting(), 2);
    // The next one gives up after it was served, and before it knows.
    drop(held);
    assert_eq!(queue.waiting(), 1);
    drop(calls.waiting.remove(0));
    assert_eq!(calls.served().0, "c");
    assert_eq!(queue.lock_state().free, 1);
    assert!(queue.lock_state().keys.is_empty());
}

#[test]
fn a_call_that_needs_many_slots_lets_as_many_pass_and_then_gets_them() {
    let queue = FairQueue::new(12, usize::MAX);
    let mut held: Vec<_> = (0..12).map(|_| take(&queue, "a")).collect();
    let other = key("b");
    // It is within its share, a third, and is never next to fit.
    let mut large = Box::pin(queue.acquire_many(&other, 4));
    assert!((&mut large).now_or_never().is_none());
    let mut calls = Calls::default();
    for _ in 0..6 {
        calls.enter(&queue, "c");
    }
    let mut passed = 0;
    while (&mut large).now_or_never().is_none() {
        held.pop();
        passed += calls.answered().len();
    }
    assert_eq!(passed, 4, "it was passed by as many as it needs");
    drop(large);
    drop(held);
    assert_eq!(calls.answered().len(), 2);
    assert_eq!(queue.taken(), 0);
}

#[test]
fn a_full_queue_of_equal_keys_rejects_the_one_that_holds_the_most() {
    let queue = FairQueue::new(4, 2);
    let _held = [take(&queue, "a"), take(&queue, "b"), take(&queue, "b"), take(&queue, "b")];
    let mut calls = Calls::default();
    for name in ["a", "b", "newcomer"] {
        calls.enter(&queue, name);
    }
    let rejected: Vec<_> = calls.answered().into_iter().map(|(name, _)| name).collect();
    assert_eq!(rejected, ["b"]);
    assert!(queue.others_wait(&key("b")) && queue.must_give_way(&key("b")));
    assert!(!queue.must_give_way(&key("a")));
}

#[test]
fn a_key_takes_more_than_its_share_only_while_nobody_waits() {
    let queue = FairQueue::new(100, usize::MAX);
    let mut many = queue.try_acquire(&key("many"), 80).unwrap();
    many.merge(queue.try_acquire(&key("many"), 10).unwrap());
    let other = key("one");
    let mut waits = Box::pin(queue.acquire_many(&other, 20));
    assert!((&mut waits).now_or_never().is_none());
    assert!(queue.try_acquire(&key("many"), 5).is_none(), "10 are free, but others wait");
    assert!(queue.is_within_share(&key("two"), 33) && !queue.is_within_share(&key("two"), 34));
    let two = queue.try_acquire(&key("two"), 5).unwrap();
    drop(many);
    let one = (&mut waits).now_or_never().unwrap().unwrap();
    assert_eq!(queue.taken(), 25);
    drop((one, two));
    assert_eq!(queue.taken(), 0);
    assert!(queue.try_acquire(&key("one"), 101).is_none());
}

#[tokio::test]
async fn a_call_of_few_slots_does_not_wait_behind_one_of_many_of_another_key() {
    let queue = FairQueue::new(10, usize::MAX);
    let (many, few) = (key("many"), key("few"));
    let first = queue.acquire_many(&many, 8).await.unwrap();
    let mut next = Box::pin(queue.acquire_many(&many, 8));
    assert!((&mut next).now_or_never().is_none());
    let one = queue.acquire_many(&few, 1).now_or_never();
    assert!(one.is_some(), "two slots are free, and this key holds none");
    drop(first);
    next.await.unwrap();
}

#[tokio::test]
async fn a_call_of_more_than_its_share_does_not_hold_up_those_within_theirs() {
    let queue = FairQueue::new(12, usize::MAX);
    let (large, larger, few) = (key("large"), key("larger"), key("few"));
    let first = queue.acquire_many(&large, 8).await.unwrap();
    // It holds nothing, so it is next, but 9 of 12 are more than a third.
    let mut next = Box::pin(queue.acquire_many(&larger, 9));
    assert!((&mut next).now_or_never().is_none());
    let one = queue.acquire_many(&few, 1).now_or_never();
    assert!(one.is_some());
    drop(first);
    next.await.unwrap();
}

#[tokio::test]
async fn a_call_within_its_share_passes_one_of_more_than_its_share_that_came_before() {
    let queue = FairQueue::new(12, usize::MAX);
    let (large, larger, few) = (key("large"), key("larger"), key("few"));
    let first = queue.acquire_many(&large, 12).await.unwrap();
    let mut next = Box::pin(queue.acquire_many(&larger, 12));
    assert!((&mut next).now_or_never().is_none());
    let mut one = Box::pin(queue.acquire_many(&few, 4));
    assert!((&mut one).now_or_never().is_none());
    drop(first);
    assert!((&mut next).now_or_never().is_none());
    drop(one.await.unwrap());
    next.await.unwrap();
}

#[test]
fn a_full_queue_of_equal_keys_rejects_the_one_that_waits_for_the_most() {
    let queue = FairQueue::new(4, 1);
    let _held = queue.try_acquire(&key("a"), 4).unwrap();
    let (large, few) = (key("large"), key("few"));
    let mut much = Box::pin(queue.acquire_many(&large, 4));
    assert!((&mut much).now_or_never().is_none());
    let mut little = Box::pin(queue.acquire_many(&few, 1));
    assert!((&mut little).now_or_never().is_none());
    assert_eq!(much.now_or_never().unwrap().unwrap_err(), Full { limit: 1 });
}
