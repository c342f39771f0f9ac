use futures_util::FutureExt as _;

use super::super::caller_key::key_of as key;
use super::*;

fn is_withdrawn(place: &Place) -> bool {
    place.withdrawn().now_or_never().is_some()
}

#[test]
fn a_caller_with_few_places_gets_the_newest_of_the_caller_with_the_most() {
    let places = Places::new(4);
    let many = [(); 4].map(|()| places.take(&key("many")).unwrap());
    assert_eq!(places.take(&key("many")).unwrap_err(), NoPlace, "it has the most itself");
    let one = places.take(&key("one")).unwrap();
    let two = places.take(&key("one")).unwrap();
    assert_eq!(places.take(&key("one")).unwrap_err(), NoPlace, "both have as many");
    assert_eq!(many.each_ref().map(is_withdrawn), [false, false, true, true]);
    assert!(!is_withdrawn(&one) && !is_withdrawn(&two));
    drop(many);
    // A withdrawn place was returned when it was withdrawn, and not again.
    assert_eq!(places.taken(), 2);
    let _more = [(); 2].map(|()| places.take(&key("many")).unwrap());
    assert!(places.take(&key("many")).is_err());
    drop((one, two));
    assert_eq!(places.taken(), 2);
}

#[test]
fn the_newest_places_of_a_key_are_withdrawn_unless_they_render() {
    let places = Places::new(9);
    let many = [(); 4].map(|()| Arc::new(places.take(&key("many")).unwrap()));
    let one = places.take(&key("one")).unwrap();
    let kept = many[3].keep().unwrap();
    places.withdraw_newest_of(&key("many"), 2);
    assert_eq!(many.each_ref().map(|place| is_withdrawn(place)), [false, true, true, false]);
    assert!(!is_withdrawn(&one));
    assert_eq!(places.taken(), 3);
    places.withdraw_newest_of(&key("many"), 9);
    assert_eq!(places.taken(), 2);
    drop((kept, many));
    assert_eq!(places.taken(), 1);
}

#[test]
fn when_all_have_one_place_a_newcomer_gets_that_of_a_stalled_call() {
    let places = Places::new(3);
    let names = ["works", "stalls", "pauses"];
    let held = names.map(|name| Arc::new(places.take(&key(name)).unwrap()));
    let wait = |place: &Place, time| place.shared.lock_waits().ended += time;
    assert_eq!(places.take(&key("new")).unwrap_err(), NoPlace, "none of them stalls");
    wait(&held[1], STALLED * 2);
    wait(&held[2], STALLED);
    drop(held.each_ref().map(|place| place.wait_for_bytes()));
    assert_eq!(places.take(&key("works")).unwrap_err(), NoPlace, "it has one");
    let _new = places.take(&key("new")).unwrap();
    assert_eq!(held.each_ref().map(|place| is_withdrawn(place)), [false, true, false]);
    let kept = held[2].keep().unwrap();
    assert_eq!(places.take(&key("newer")).unwrap_err(), NoPlace, "it renders");
    drop(kept);
    let _newer = places.take(&key("newer")).unwrap();
    assert!(is_withdrawn(&held[2]));
    drop(held);
    assert_eq!(places.taken(), 2);
}

#[test]
fn a_call_that_renders_keeps_its_place() {
    let places = Places::new(3);
    let many = [(); 3].map(|()| Arc::new(places.take(&key("many")).unwrap()));
    let kept = many[2].keep().unwrap();
    let _one = places.take(&key("one")).unwrap();
    assert!(!is_withdrawn(&many[2]));
    assert!(is_withdrawn(&many[1]));
    assert_eq!(many[1].keep().map(drop).unwrap_err(), NoPlace, "another caller has it");
    drop(kept);
    // It waits again, for a policy.
    let _two = places.take(&key("two")).unwrap();
    assert!(is_withdrawn(&many[2]));
    assert!(places.take(&key("three")).is_err(), "no caller has two");
    drop(many);
    assert_eq!(places.taken(), 2);
    assert_eq!(places.lock_state().keys.len(), 2, "idle keys are forgotten");
}
