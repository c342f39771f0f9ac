//! Everything that a repository can make large takes time in proportion to its size.
//!
//! The table lists such inputs, each with a generator. The test renders each at the sizes n, 2n and
//! 4n, and accepts at most 2.3 times the time for each step of the two; quadratic code takes 4
//! times. Both steps are judged as one: other programs evict what the larger sizes keep in the
//! caches of a processor, which makes one step look too long, but not both.
//!
//! The measure is the CPU time of the thread. It is not deterministic, but a count of allocations,
//! which would be, misses the loops that compare and copy without allocating, and containers may
//! not count instructions. Other programs do not add to the time of this thread, and what they
//! slow down they slow down at each size alike. A ratio that is too large is measured again, up to
//! [`ATTEMPTS`] times, and the least time of each size counts: only the code itself exceeds the
//! ratio so often.

mod inputs;

use std::time::Duration;

use inputs::{Input, Run};

/// The most that the two steps from n to 4n may take.
const MOST: f64 = 2.3 * 2.3;

/// How often sizes are measured while a ratio is too large.
const ATTEMPTS: usize = 12;

/// The least CPU time of one measurement; the clock advances by steps of 4 ms. A run that takes
/// less is repeated.
const LEAST: Duration = Duration::from_millis(60);

#[test]
fn every_input_takes_time_in_proportion_to_its_size() {
    // Tests beside this one use the memory that it measures with; at the end they have ended.
    let again: Vec<&Input> = inputs::all().filter(|input| check(input).is_err()).collect();
    let failed: Vec<String> = again.iter().filter_map(|input| check(input).err()).collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn quadratic_code_is_found() {
    let prepare = |n: usize| -> Run {
        Box::new(move || {
            let pairs = (0..n).flat_map(|one| (0..n).map(move |other| one ^ other));
            std::hint::black_box(pairs.sum::<usize>());
            "rendered".to_owned()
        })
    };
    let input = Input { name: "pairs", size: 100, outcome: "rendered", prepare };
    assert!(check(&input).unwrap_err().starts_with("pairs at [100, 200, 400]"));
}

/// Measures an input at three sizes; returns the times if they grow too fast.
fn check(input: &Input) -> Result<(), String> {
    let sizes = [input.size, 2 * input.size, 4 * input.size];
    let runs = sizes.map(|size| (input.prepare)(size));
    let mut least = [Duration::MAX; 3];
    for _ in 0..ATTEMPTS {
        for (run, least) in runs.iter().zip(&mut least) {
            *least =
                time_of(&mut || assert_eq!(run(), input.outcome, "{}", input.name)).min(*least);
        }
        if least[2].as_secs_f64() <= MOST * least[0].as_secs_f64() {
            return Ok(());
        }
    }
    Err(format!("{} at {sizes:?}: {least:?}", input.name))
}

/// Returns the CPU time that this thread spends in a function.
fn time_of(run: &mut dyn FnMut()) -> Duration {
    let before = thread_time();
    for runs in 1.. {
        run();
        let spent = thread_time().saturating_sub(before);
        if spent >= LEAST {
            return spent / runs;
        }
    }
    Duration::MAX
}

/// Returns the CPU time of this thread, as the scheduler of Linux counts it.
#[expect(clippy::disallowed_methods, reason = "the kernel reports it in a file")]
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = text.split(' ').next().unwrap().parse().unwrap();
    Duration::from_nanos(nanoseconds)
}
