use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::super::caller_key::key_of;
use super::super::places::Places;
use super::*;
use crate::probe;

fn cache() -> (TreeCache, Arc<Budget>, Arc<Places>) {
    let limits = Arc::new(ServerLimits { expanded_bytes: u64::MAX, ..ServerLimits::default() });
    let budget = Budget::new(limits.in_flight_bytes, 0);
    (TreeCache::new(limits, budget.clone()), budget, Places::new(9))
}

fn place(places: &Arc<Places>, key: &str) -> Arc<Place> {
    Arc::new(places.take(&key_of(key)).unwrap())
}

/// Starts or joins the job of an archive, and returns it with its source.
fn job(source: TreeSource) -> (Arc<UnpackJob>, &'static str) {
    match source {
        TreeSource::Known(_) => panic!("it is not cached"),
        TreeSource::Joined(job) => (job, "joined"),
        TreeSource::New(job) => (job, "new"),
    }
}

/// The begin of an archive with a file of that many mebibytes in a folder that nobody reads.
fn begin_of_file(mebibytes: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(".git/x").unwrap();
    header.set_size(mebibytes << 20);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// Packs bytes as a member of an archive, and that many mebibytes of zeros behind them.
fn pack(bytes: &[u8], mebibytes: usize) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    let mebibyte = vec![0; 1 << 20];
    (0..mebibytes).for_each(|_| packed.write_all(&mebibyte).unwrap());
    packed.finish().unwrap().into()
}

/// An archive that begins with 60 mebibytes of zeros.
fn zeros() -> Bytes {
    pack(&begin_of_file(500), 60)
}

/// Waits until something is true.
async fn wait_until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpacking_that_stalls_or_does_not_end_gives_another_key_a_turn() {
    for is_endless in [false, true] {
        let (cache, _, places) = cache();
        let feeders: Vec<_> = (0..2)
            .map(|number| {
                let (job, _) = job(cache.find_tree(&[number; 32], "x", &place(&places, "slow")));
                tokio::spawn(async move {
                    let begin = pack(&begin_of_file(8000), 0);
                    job.feed_once(0, &begin).await;
                    if !is_endless {
                        std::future::pending::<()>().await;
                    }
                    let (mut offset, zeros) = (begin.len() as u64, pack(&[], 1));
                    loop {
                        job.feed_once(offset, &zeros).await;
                        offset += zeros.len() as u64;
                    }
                })
            })
            .collect();
        wait_until(|| cache.unpacks.taken() == 2).await;
        let packed = Bytes::from(probe::pack_fleet().unwrap());
        let digest: Digest = Sha256::digest(&packed).into();
        let honest = place(&places, "honest");
        let (honest, _) = job(cache.find_tree(&digest, "sites/probe", &honest));
        honest.feed_once(0, &packed).await;
        assert!(honest.await_tree(packed.len() as u64).await.is_ok(), "{is_endless}");
        feeders.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test]
async fn one_key_shares_an_unpacking_and_all_keys_the_tree() {
    let (cache, budget, places) = cache();
    let packed = Bytes::from(probe::pack_fleet().unwrap());
    let digest: Digest = Sha256::digest(&packed).into();
    let [one, other] = ["one", "other"].map(|key| place(&places, key));
    let (first, from) = job(cache.find_tree(&digest, "sites/probe", &one));
    assert_eq!(from, "new");
    let (same, from) = job(cache.find_tree(&digest, "sites/probe", &one));
    assert_eq!((Arc::ptr_eq(&first, &same), from), (true, "joined"));
    // Another key may send other bytes under the same digest.
    let (squatter, from) = job(cache.find_tree(&digest, "sites/probe", &other));
    assert_eq!(from, "new");
    squatter.feed_once(0, &Bytes::from_static(b"other bytes")).await;
    first.feed_once(0, &packed).await;
    let tree = first.await_tree(packed.len() as u64).await.unwrap();
    assert!(budget.held_bytes() >= tree.bytes, "a call uses it");
    assert!(squatter.await_tree(packed.len() as u64).await.is_err());
    drop((squatter, cache.cache_tree(&digest, tree)));
    for caller in [&one, &other] {
        assert!(matches!(cache.find_tree(&digest, "sites/probe", caller), TreeSource::Known(_)));
    }
    wait_until(|| budget.held_bytes() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cancelled_calls_have_sent_is_not_unpacked() {
    let (cache, budget, places) = cache();
    let packed = zeros();
    for at in 0..200_u8 {
        // Each call goes away with its place, which its job holds until it has ended.
        wait_until(|| places.taken() < places.limit()).await;
        let (job, _) = job(cache.find_tree(&[at; 32], ".", &place(&places, "many")));
        job.feed_once(0, &packed).await;
    }
    wait_until(|| budget.held_bytes() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_holds_a_place_until_it_has_ended() {
    let (cache, _, places) = cache();
    let call = place(&places, "one");
    let (job, _) = job(cache.find_tree(&[1; 32], ".", &call));
    drop(call);
    assert_eq!(places.taken(), 1);
    drop(job);
    wait_until(|| places.taken() == 0).await;
}
