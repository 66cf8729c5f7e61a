//! A bounded pool whose callers wait in their threads until somebody returns an item.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) struct Pool<T> {
    size: usize,
    state: Mutex<State<T>>,
    returned: Condvar,
}

struct State<T> {
    /// Last in, first out: the item that was used last has its memory in the processor's caches.
    idle: Vec<T>,
    /// Places that are taken.
    busy: usize,
    /// Callers that wait for one.
    waiting: usize,
}

impl<T> Pool<T> {
    pub(crate) fn new(size: usize) -> Self {
        let size = size.max(1);
        let state = State { idle: Vec::with_capacity(size), busy: 0, waiting: 0 };
        Self { size, state: Mutex::new(state), returned: Condvar::new() }
    }

    /// Takes a place, waiting until one is free, but no longer than `patience`: the caller's thread waits too, and others
    /// may need it. The place holds an idle item, or none: then the caller makes one.
    pub(crate) fn take(&self, patience: Duration) -> Option<Place<'_, T>> {
        let mut state = self.lock();
        if state.busy >= self.size {
            let begun = Instant::now();
            while state.busy >= self.size {
                let left = patience.checked_sub(begun.elapsed()).filter(|left| !left.is_zero())?;
                state.waiting += 1;
                (state, _) = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
            }
        }
        state.busy += 1;
        Some(Place { pool: self, item: state.idle.pop() })
    }

    /// Takes all idle items out, without waiting for the others.
    pub(crate) fn drain(&self) -> Vec<Place<'_, T>> {
        let mut state = self.lock();
        let items = mem::take(&mut state.idle);
        state.busy += items.len();
        items.into_iter().map(|item| Place { pool: self, item: Some(item) }).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the pool. What it holds when it is dropped is idle again.
pub(crate) struct Place<'a, T> {
    pool: &'a Pool<T>,
    pub(crate) item: Option<T>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.idle.extend(self.item.take());
        state.busy -= 1;
        // Waking nobody is a system call all the same, and as a rule nobody waits.
        let awaited = state.waiting > 0;
        drop(state);
        if awaited {
            self.pool.returned.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn whoever_has_waited_long_enough_gets_nothing_and_spoils_nothing() {
        let pool = Pool::<u32>::new(1);
        let place = pool.take(LONG).unwrap();
        let begun = Instant::now();
        assert!(pool.take(Duration::from_millis(20)).is_none());
        assert!(pool.take(Duration::ZERO).is_none());
        assert!((Duration::from_millis(20)..LONG / 6).contains(&begun.elapsed()));
        drop(place);
        assert!(pool.take(Duration::ZERO).is_some());
        let state = pool.lock();
        assert_eq!((state.busy, state.waiting), (0, 0));
    }

    /// Comes back once so many callers wait.
    fn until_waiting(pool: &Pool<u32>, count: usize) {
        while pool.lock().waiting < count {
            thread::yield_now();
        }
    }

    #[test]
    fn whoever_waits_is_woken_by_the_place_that_becomes_free() {
        let pool = Pool::new(1);
        thread::scope(|scope| {
            let place = pool.take(LONG).unwrap();
            for _ in 0..3 {
                scope.spawn(|| drop(pool.take(LONG).unwrap()));
            }
            until_waiting(&pool, 3);
            drop(place);
        });
        let state = pool.lock();
        assert_eq!((state.busy, state.waiting), (0, 0));
    }

    #[test]
    fn as_many_are_taken_as_there_are_places_and_everybody_has_a_turn() {
        let (pool, taken, most) = (Pool::<u32>::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let place = pool.take(LONG).unwrap();
                        most.fetch_max(taken.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        taken.fetch_sub(1, Ordering::SeqCst);
                        drop(place);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        let state = pool.lock();
        assert_eq!((state.busy, state.waiting), (0, 0));
    }
}
